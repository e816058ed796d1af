"""Vendors on the loopback, with a memory: what they know, what they were asked, and how they shall fail."""

import json
import socket
import struct
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Asked:
    """A request that a fake vendor received."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes = b""
    at: float = field(default_factory=time.monotonic)


@dataclass
class Reply:
    """What a fake vendor answers.

    :param seconds: how long it thinks first
    :param is_reset: close the connection amid the answer instead
    """

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0
    is_reset: bool = False


class FakeVendor:
    """A server on the loopback; a subclass knows the vendor's addresses.

    :ivar asked: every request, in order
    :ivar troubles: replies to give before the honest ones, each to one request
    :ivar seconds: how long every answer takes
    """

    def __init__(self):
        self.asked: list[Asked] = []
        self.troubles: deque[Reply] = deque()
        self.seconds = 0.0
        self._lock = threading.RLock()
        handler = type("Handler", (_Handler,), {"vendor": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.base_url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, asked: Asked) -> Reply:
        """Answer an honest request (for subclasses)."""
        return Reply(404, {"error": "unknown address"})

    def take(self, asked: Asked) -> Reply:
        """Remember a request and answer it; only one is looked at a time."""
        with self._lock:
            self.asked.append(asked)
            return self.troubles.popleft() if self.troubles else self.answer(asked)

    def fail_next(self, times: int = 1, **reply: Any) -> None:
        """Let the next requests fail."""
        with self._lock:
            self.troubles.extend(Reply(**reply) for _time in range(times))

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about clients that went away: tests mean them to."""


class _Handler(BaseHTTPRequestHandler):
    vendor: FakeVendor
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length") or 0))
        reply = self.vendor.take(Asked(self.command, parts.path, query, headers, body))
        time.sleep(reply.seconds or self.vendor.seconds)
        raw = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        try:
            self._send(reply, raw)
        except OSError:
            # Whoever asked has given up.
            self.close_connection = True

    def _send(self, reply: Reply, raw: bytes) -> None:
        self.send_response(reply.status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        if not reply.is_reset:
            self.wfile.write(raw)
            return
        self.wfile.write(raw[: len(raw) // 2])
        self.wfile.flush()
        # Without lingering, closing sends a reset.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True

    def log_message(self, *_args: Any) -> None:
        """Keep quiet."""
