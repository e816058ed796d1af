"""Origins of web pages (scheme, host and port), and which of them may send to us."""

from collections.abc import Iterable
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}


def to_origin(text: str | None) -> str | None:
    """Return the origin of an address as browsers write it, or None where there is none.

    A host without a scheme is taken as https, as people type it.

    >>> to_origin("https://WWW.example.com:443/contact"), to_origin("shop.example.com"), to_origin("null")
    ('https://www.example.com', 'https://shop.example.com', None)
    """
    text = (text or "").strip()
    if not text or text == "null":
        return None
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host or parts.scheme not in _DEFAULT_PORTS:
        return None
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + (f":{port}" if port and port != _DEFAULT_PORTS[parts.scheme] else "")


def is_allowed(origin: str | None, allowed: Iterable[str]) -> bool:
    """Tell whether an origin is one of the allowed addresses; ``*.`` before a host stands for every subdomain of it.

    >>> is_allowed("https://shop.example.com", ["https://*.example.com"])
    True
    >>> is_allowed("https://evilexample.com", ["https://*.example.com"]) or is_allowed("null", ["https://example.com"])
    False
    """
    given = to_origin(origin)
    return given is not None and any(_matches(given, to_origin(entry)) for entry in allowed)


def _matches(given: str, entry: str | None) -> bool:
    if entry is None or "://*." not in entry:
        return given == entry
    start, _star, end = entry.partition("*")
    return given.startswith(start) and given.endswith(end) and len(given) > len(start) + len(end)
