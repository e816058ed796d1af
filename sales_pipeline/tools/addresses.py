"""Where messages may be sent: not into networks that only this machine reaches."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

MAX_URL = 2000
# Doors of other protocols, which would take our bytes for their own.
_CLOSED_PORTS = {22, 23, 25, 53, 110, 143, 445, 465, 587, 993, 3306, 5432, 6379, 9200, 11211, 27017}
_NAT64 = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))
# Python calls some of these global.
_NEVER = tuple(map(ip_network, (
    "0.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4",
    "::/96", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10",
)))  # fmt: skip


def check_address(address: str, allowed: Sequence[str] = ()) -> str | None:
    """Return why nothing is sent to an address, or None if it may be.

    :param allowed: networks that an administrator opened, as CIDR

    >>> check_address("93.184.216.34"), check_address("::ffff:127.0.0.1"), check_address("127.0.0.1", ["127.0.0.0/8"])
    (None, 'private_address', None)
    """
    try:
        found = _unwrap(ip_address(address.split("%")[0]))
    except ValueError:
        return "address"
    if is_in(str(found), allowed):
        return None
    is_refused = not found.is_global or found.is_multicast or found.is_reserved or is_in(str(found), _NEVER)
    return "private_address" if is_refused else None


def is_in(address: str, networks: Sequence) -> bool:
    """Return whether an address lies in one of some networks."""
    found = _unwrap(ip_address(address.split("%")[0]))
    known = (ip_network(one) if isinstance(one, str) else one for one in networks)
    return any(found.version == network.version and found in network for network in known)


def _unwrap(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 address stands for, or the address itself."""
    if address.version == 4:
        return address
    if any(address in network for network in _NAT64):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)


def read_networks(text: str | None) -> list[str]:
    """Return the networks of a list separated by commas or spaces.

    :raise ValueError: for what is no network
    """
    return [str(ip_network(part)) for part in (text or "").replace(",", " ").split()]


def check_url(url: str, is_private_allowed: bool = False) -> str | None:
    """Return why nothing is sent to a URL, as far as its spelling tells; its addresses are checked when they are known.

    :param is_private_allowed: private networks may be reached, and without encryption

    >>> check_url("https://shop.example/hooks"), check_url("http://shop.example/"), check_url("https://a:b@c.example/")
    (None, 'insecure', 'credentials')
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "address"
    if not host or len(url) > MAX_URL or not url.isascii() or any(char <= " " or char == "\x7f" for char in url):
        return "address"
    if parts.scheme not in ("https", "http"):
        return "address"
    if parts.username is not None or parts.password is not None:
        return "credentials"
    if parts.fragment:
        return "fragment"
    if port == 0 or port in _CLOSED_PORTS:
        return "port"
    if is_private_allowed:
        return None
    return "insecure" if parts.scheme == "http" else _check_literal(host)


def _check_literal(host: str) -> str | None:
    """Return why an address written out is refused; names are asked for later."""
    try:
        ip_address(host)
    except ValueError:
        # 2130706433, 0x7f.1 and 127.1 are names to us and addresses to the resolver, which is checked as well.
        return "private_address" if host == "localhost" or host.endswith(".localhost") else None
    return check_address(host)
