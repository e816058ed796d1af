"""Messages to addresses that people choose: never where only this machine reaches, and never elsewhere than checked.

Beside ``http.py``, whose addresses are the vendors': here the other side may be anybody, and may want anything of us.
"""

import http.client
import logging
import socket
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

from requests import certs

from ..tools.addresses import check_address, check_url, is_in

_logger = logging.getLogger(__name__)

_MAX_BYTES = 64 * 1024
_TOTAL_SECONDS = 10.0


@dataclass(frozen=True)
class PinnedAnswer:
    """What came of a message to an address of somebody's choice.

    :param headers: names in lower case
    :param body: at most 64 kB
    :param error: why there is no answer: ``timeout``, ``refused``, ``reset``, ``tls``, ``unreachable``, ``malformed``,
        or what ``check_url`` and ``check_address`` say
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    error: str | None = None


def deliver(url: str, body: bytes, headers: Mapping[str, str], allowed: Sequence[str] | None = None) -> PinnedAnswer:
    """Send a message to an address that somebody chose, if it may be sent there.

    :param allowed: private networks that an administrator opened to it, as CIDR; None: none, and https only
    """
    if problem := check_url(url, allowed is not None):
        return PinnedAnswer(error=problem)
    parts, start = urlsplit(url), time.monotonic()
    addresses = resolve(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
    if not addresses:
        return PinnedAnswer(error="unknown_host")
    for address in addresses:
        # One bad address spoils the name: who mixes them wants us to choose wrongly.
        if problem := check_address(address, allowed or ()):
            return PinnedAnswer(error=problem)
        if parts.scheme == "http" and not is_in(address, allowed or ()):
            return PinnedAnswer(error="insecure")
    left = _TOTAL_SECONDS - (time.monotonic() - start)
    return post_pinned(url, body, headers, addresses=addresses, total_seconds=left)


def resolve(host: str, port: int, seconds: float = 4) -> list[str]:
    """Return the addresses of a host, or none; name servers of the other side may be slow on purpose."""
    told: SimpleQueue = SimpleQueue()
    # The system's resolver knows no limit of ours, so it is left behind in a thread that ends by itself.
    threading.Thread(target=_look_up, args=(host, port, told), daemon=True).start()
    try:
        return told.get(timeout=seconds)
    except Empty:
        return []


def _look_up(host: str, port: int, told: SimpleQueue) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        found = []
    told.put(list(dict.fromkeys(str(each[4][0]) for each in found)))


def post_pinned(
    url: str, body: bytes, headers: Mapping[str, str], *, addresses: list[str], connect_seconds: float = 5,
    total_seconds: float = _TOTAL_SECONDS,
) -> PinnedAnswer:  # fmt: skip
    """Send bytes to exactly these addresses, without redirects and proxies; certificates must be of the URL's host.

    :param addresses: checked by the caller; a name could mean another machine when it is looked up again
    :param total_seconds: the connection is cut after this time, whatever the other side dribbles
    """
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    end = time.monotonic() + total_seconds
    cut: list[socket.socket] = []
    watch = threading.Timer(total_seconds, lambda: [_cut_off(each) for each in cut])
    watch.daemon = True
    watch.start()
    try:
        connection = http.client.HTTPConnection(parts.hostname or "", port, timeout=total_seconds)
        connection.sock = _connect(parts.hostname or "", parts.scheme, addresses, port, connect_seconds, cut)
        connection.sock.settimeout(max(end - time.monotonic(), 0.1))
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body=body, headers=dict(headers))
        response = connection.getresponse()
        found = response.read(_MAX_BYTES)
        sent = {name.lower(): value for name, value in response.getheaders()}
        if time.monotonic() >= end:
            # Cut in the middle of its headers an answer looks like one that ends there.
            return PinnedAnswer(error="timeout")
        return PinnedAnswer(response.status, sent, found)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return PinnedAnswer(error="timeout" if time.monotonic() >= end else _name_error(error))
    finally:
        watch.cancel()
        for each in cut:
            each.close()


def _connect(
    host: str, scheme: str, addresses: list[str], port: int, seconds: float, opened: list[socket.socket]
) -> socket.socket:
    raw, error = None, OSError("no address")
    for address in addresses[:2]:
        try:
            raw = socket.create_connection((address, port), timeout=seconds)
            break
        except OSError as found:
            error = found
    if raw is None:
        raise error
    opened.append(raw)
    if scheme != "https":
        return raw
    context = ssl.create_default_context()
    context.load_verify_locations(certs.where())
    # The handshake is done below, so that the one who watches the time can cut it.
    secured = context.wrap_socket(raw, server_hostname=host, do_handshake_on_connect=False)
    opened.append(secured)
    secured.do_handshake()
    return secured


def _cut_off(connected: socket.socket) -> None:
    try:
        # Not the method of the encrypted socket, which would take its engine from under the thread that reads.
        socket.socket.shutdown(connected, socket.SHUT_RDWR)
    except OSError:
        _logger.debug("A connection was closed before it was cut")


def _name_error(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ssl.SSLError):
        return "tls"
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if isinstance(error, ConnectionError):
        return "reset"
    return "unreachable" if isinstance(error, OSError) else "malformed"
