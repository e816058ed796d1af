"""A browser's websocket without the browser: it listens to Odoo's live bus and notes when messages arrive."""
from __future__ import annotations

import base64
import json
import os
import socket
import struct
import threading
import time
from collections.abc import Callable

from dev.common import Fail

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Listener:
    """One user's connection to the bus; ``hear(type, payload, moment)`` is called for each message.

    :param port: the port on which Odoo serves websockets
    :param cookie: the session's cookie
    :param last: id of the last message that is no news
    """

    def __init__(self, port: int, cookie: str, last: int, hear: Callable[[str, dict, float], None]) -> None:
        self.hear = hear
        self.socket = socket.create_connection(("127.0.0.1", port), 60)
        self.stream = self.socket.makefile("rb")
        host = f"127.0.0.1:{port}"
        lines = [
            "GET /websocket HTTP/1.1", f"Host: {host}", f"Origin: http://{host}", f"Cookie: {cookie}",
            "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}", "", "",
        ]
        self.socket.sendall("\r\n".join(lines).encode())
        status = self.stream.readline()
        if b" 101 " not in status:
            raise Fail(f"the bus answered {status!r}")
        while self.stream.readline().strip():
            pass
        self.send(TEXT, json.dumps({"event_name": "subscribe", "data": {"channels": [], "last": last}}).encode())
        self.socket.settimeout(None)
        threading.Thread(target=self.run, daemon=True).start()

    def send(self, kind: int, body: bytes) -> None:
        """Send one frame, masked as clients must."""
        mask = os.urandom(4)
        size = len(body)
        short, long = (0x80 | size, b"") if size < 126 else (0xFE, struct.pack("!H", size))
        head = struct.pack("!BB", 0x80 | kind, short) + long
        self.socket.sendall(head + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(body)))

    def read(self) -> tuple[int, bytes]:
        """Read one frame."""
        first, second = self.stream.read(2)
        size = second & 0x7F
        if size == 126:
            [size] = struct.unpack("!H", self.stream.read(2))
        elif size == 127:
            [size] = struct.unpack("!Q", self.stream.read(8))
        return first & 0x0F, self.stream.read(size)

    def run(self) -> None:
        """Listen until the connection ends."""
        try:
            while True:
                kind, body = self.read()
                moment = time.monotonic()
                if kind == PING:
                    self.send(PONG, body)
                elif kind == CLOSE:
                    return
                elif kind == TEXT:
                    for one in json.loads(body):
                        self.hear(one["message"]["type"], one["message"]["payload"], moment)
        except (OSError, ValueError):
            return

    def close(self) -> None:
        """End the connection."""
        self.socket.close()
