"""The load that dev/bench sends is a request as browsers write it, at the pace it says."""

import contextlib
import socket
import threading
import time

from dev.benching.load import as_fast_as_it_goes, at_pace, request, send
from dev.ports import free_port


@contextlib.contextmanager
def serving(answer):
    """Answer every connection with the same bytes and keep what was asked."""
    asked = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with contextlib.suppress(OSError):
            while True:
                connection, _address = listener.accept()
                with connection:
                    asked.append(connection.recv(65536))
                    connection.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1], asked
    finally:
        listener.close()


def test_a_request_carries_its_length_and_its_body():
    wire = request("POST", "/here", b'{"a": 1}', {"X-Word": "yes"})
    head, _, body = wire.partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == b"POST /here HTTP/1.1"
    assert b"Content-Length: 8" in head
    assert b"X-Word: yes" in head
    assert body == b'{"a": 1}'


def test_the_status_is_read_and_nobody_there_is_nought():
    with serving(b"HTTP/1.1 503 Busy\r\n\r\n") as (port, asked):
        assert send(port, request("GET", "/")) == 503
        assert asked == [request("GET", "/")]
    assert send(free_port(), b"GET") == 0


def test_requests_are_sent_when_they_are_due_and_timed_from_then():
    with serving(b"HTTP/1.1 200 OK\r\n\r\n") as (port, asked):
        begin = time.monotonic()
        answers = at_pace(port, [b"x"] * 20, 100, 4)
        assert time.monotonic() - begin >= 0.29
    assert [answer.status for answer in answers] == [200] * 20
    assert len(asked) == 20
    assert all(answer.milliseconds > 0 for answer in answers)


def test_only_what_was_taken_counts_for_the_pace():
    with serving(b"HTTP/1.1 500 No\r\n\r\n") as (port, _asked):
        assert as_fast_as_it_goes(port, lambda: b"x", 0.2, 2) == 0
