import threading
import time

import pytest

from odoo.addons.sales_pipeline.providers import pinned
from tests.fakes.endpoints import Endpoints

LOOPBACK = ["127.0.0.0/8"]


@pytest.fixture
def endpoints():
    found = Endpoints()
    yield found
    found.close()


def test_a_message_arrives_with_its_headers(endpoints):
    answer = pinned.deliver(f"{endpoints.url}/hook?a=1", b"{}", {"webhook-id": "msg_1"}, LOOPBACK)

    assert (answer.status, answer.body, answer.error) == (200, b"thank you", None)
    (headers, body), = endpoints.received["/hook?a=1"]
    assert (headers["webhook-id"], body) == ("msg_1", b"{}")
    assert headers["Host"] == endpoints.url.removeprefix("http://")


def test_without_leave_nothing_reaches_this_machine(endpoints):
    for url in (endpoints.url, endpoints.url.replace("127.0.0.1", "localhost")):
        assert pinned.deliver(url, b"{}", {}).error in ("insecure", "private_address")
    assert pinned.deliver(endpoints.url, b"{}", {}, ["10.0.0.0/8"]).error == "private_address"
    assert not endpoints.received


@pytest.mark.parametrize("addresses", [
    ["127.0.0.1"], ["::ffff:127.0.0.1"], ["169.254.169.254"], ["93.184.216.34", "127.0.0.1"], ["::1"]
])  # fmt: skip
def test_a_name_that_means_a_private_address_is_refused(monkeypatch, addresses):
    monkeypatch.setattr(pinned, "resolve", lambda _host, _port: addresses)
    monkeypatch.setattr(pinned, "post_pinned", lambda *_args, **_more: pytest.fail("it was sent"))

    assert pinned.deliver("https://inside.example/", b"{}", {}).error == "private_address"


def test_a_name_is_looked_up_once_and_the_checked_address_is_the_one_connected_to(monkeypatch):
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])
    connected = []
    monkeypatch.setattr(pinned, "resolve", lambda _host, _port: next(answers))

    def connect(address, timeout):
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(pinned.socket, "create_connection", connect)

    assert pinned.deliver("https://rebinding.example/", b"{}", {}).error == "refused"
    assert connected == [("93.184.216.34", 443)]


def test_a_redirect_is_an_answer_like_any_other(endpoints):
    endpoints.behave["/from"] = lambda _number: (302, {"Location": f"{endpoints.url}/to"})

    assert pinned.deliver(f"{endpoints.url}/from", b"{}", {}, LOOPBACK).status == 302
    assert "/to" not in endpoints.received


@pytest.mark.parametrize(("act", "error"), [("hang", "timeout"), ("dribble", "timeout"), ("reset", "reset")])
def test_who_does_not_answer_is_left_in_time(endpoints, act, error):
    endpoints.behave["/"] = lambda _number: act
    start = time.monotonic()

    answer = pinned.post_pinned(
        f"{endpoints.url}/", b"{}", {}, addresses=["127.0.0.1"], connect_seconds=1, total_seconds=0.5
    )

    assert (answer.status, answer.error) == (None, error)
    assert time.monotonic() - start < 2


def test_an_endpoint_without_encryption_is_not_taken_for_one_with_it(endpoints):
    url = endpoints.url.replace("http:", "https:")

    assert pinned.deliver(url, b"{}", {}, LOOPBACK).error == "tls"
    assert not endpoints.received


@pytest.mark.parametrize("host", [
    "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "0.0.0.0", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[::1]", "localhost", "localhost.",
])  # fmt: skip
def test_however_this_machine_is_spelled_nothing_reaches_it(endpoints, host):
    port = endpoints.url.rsplit(":", 1)[1]

    assert pinned.deliver(f"https://{host}:{port}/", b"{}", {}).error in ("private_address", "unknown_host", "address")
    assert pinned.deliver(f"http://{host}:{port}/", b"{}", {}).error == "insecure"
    assert not endpoints.received


def test_an_open_network_opens_no_other_and_nothing_else_of_this_machine(monkeypatch):
    monkeypatch.setattr(pinned, "resolve", lambda _host, _port: ["169.254.169.254"])
    monkeypatch.setattr(pinned, "post_pinned", lambda *_args, **_more: pytest.fail("it was sent"))

    assert pinned.deliver("http://metadata.example/", b"{}", {}, LOOPBACK).error == "private_address"
    monkeypatch.setattr(pinned, "resolve", lambda _host, _port: ["93.184.216.34"])
    assert pinned.deliver("http://public.example/", b"{}", {}, LOOPBACK).error == "insecure"


def test_a_name_server_that_keeps_one_waiting_is_not_waited_for(monkeypatch):
    may_end = threading.Event()
    monkeypatch.setattr(pinned.socket, "getaddrinfo", lambda *_args, **_more: may_end.wait(20) and [])
    start = time.monotonic()

    found = pinned.resolve("slow.example", 443, seconds=0.2)
    may_end.set()

    assert found == []
    assert time.monotonic() - start < 2
