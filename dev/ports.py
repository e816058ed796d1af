"""Loopback ports: which are free, and what to say about those that are not."""
from __future__ import annotations

import socket

from dev.common import Fail


def is_free(port: int) -> bool:
    """Tell whether a server could listen on a loopback port."""
    with socket.socket() as probe:
        # as servers do: a port whose last connection has just ended is free
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def require_free(port: int, purpose: str, option: str) -> None:
    """Refuse to begin with a port that another program holds."""
    if not 0 < port < 65536:
        raise Fail(f"{option} {port} is not a port number")
    if not is_free(port):
        raise Fail(f"port {port}, wanted for {purpose}, is taken: stop the program that holds it, or add {option} N")
