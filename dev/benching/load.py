"""Requests at a given pace, each over a connection of its own, as strangers' browsers and vendors send them."""
from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

TIMEOUT = 60


@dataclass(frozen=True)
class Answer:
    """What became of one request: the status (0 without an answer) and the milliseconds from when it was due."""

    status: int
    milliseconds: float


def request(method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
    """Write a request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def send(port: int, wire: bytes) -> int:
    """Send a request, read the whole answer, and return its status."""
    try:
        with socket.create_connection(("127.0.0.1", port), TIMEOUT) as connection:
            connection.sendall(wire)
            answer = b""
            while chunk := connection.recv(65536):
                answer += chunk
        return int(answer.split(b" ", 2)[1])
    except (OSError, IndexError, ValueError):
        return 0


def at_pace(port: int, wires: list[bytes], per_second: float, senders: int) -> list[Answer]:
    """Send each request when it is due, whether the earlier ones are answered or not."""
    begin = time.monotonic() + 0.1

    def one(number: int) -> Answer:
        due = begin + number / per_second
        time.sleep(max(due - time.monotonic(), 0))
        status = send(port, wires[number])
        return Answer(status, (time.monotonic() - due) * 1000)

    with ThreadPoolExecutor(senders) as pool:
        return list(pool.map(one, range(len(wires))))


def side_by_side(acts: list[Callable[[], list[Answer]]]) -> list[list[Answer]]:
    """Do things at the same time."""
    with ThreadPoolExecutor(len(acts)) as pool:
        return [done.result() for done in [pool.submit(act) for act in acts]]


def as_fast_as_it_goes(port: int, make: Callable[[], bytes], seconds: float, senders: int) -> float:
    """Send one request after the other from several senders and return the successes a second."""
    end, lock, count = time.monotonic() + seconds, threading.Lock(), 0

    def one() -> None:
        nonlocal count
        while time.monotonic() < end:
            if 200 <= send(port, make()) < 300:
                with lock:
                    count += 1

    begin = time.monotonic()
    threads = [threading.Thread(target=one) for _sender in range(senders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return count / (time.monotonic() - begin)
