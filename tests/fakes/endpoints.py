"""Receivers of webhooks that behave as receivers do: well, slowly, badly, or not at all."""

import json
import socket
import struct
import threading
import time
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Endpoints:
    """One server; what a path does is told by ``behave``: a function of the number of the request there.

    It returns a status, ``(status, headers)``, ``"hang"``, ``"dribble"``, ``"reset"`` or seconds to wait before 200.

    :ivar received: by path: the headers and bodies of all requests
    :ivar arrived: by path: when they came, as time.time() tells
    """

    def __init__(self):
        self.received = defaultdict(list)
        self.arrived = defaultdict(list)
        self.behave = {}
        self._lock = threading.Lock()
        self._may_end = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with outer._lock:
                    seen = outer.received[self.path]
                    seen.append((dict(self.headers), body))
                    outer.arrived[self.path].append(time.time())
                    number = len(seen)
                outer._answer(self, outer.behave.get(self.path, lambda _number: 200)(number))

            def log_message(self, *_args):
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _answer(self, handler, act):
        if act == "hang":
            self._may_end.wait(60)
            handler.close_connection = True
            return
        if act == "reset":
            linger = struct.pack("ii", 1, 0)
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            handler.connection.close()
            handler.close_connection = True
            return
        if act == "dribble":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
            while not self._may_end.wait(0.1):
                handler.wfile.write(b"X-More: 1\r\n")
            return
        status, headers = act if isinstance(act, tuple) else (act, {})
        if isinstance(status, float):
            time.sleep(status)
            status = 200
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(b"thank you")

    def ids(self, path):
        """Return the ids of the messages that a path received, in their order."""
        return [headers["webhook-id"] for headers, _body in self.received[path]]

    def messages(self, path):
        """Return the bodies that a path received."""
        return [json.loads(body) for _headers, body in self.received[path]]

    def close(self):
        """Stop listening."""
        self._may_end.set()
        self._server.shutdown()
        self._server.server_close()
