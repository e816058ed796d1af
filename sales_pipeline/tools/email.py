"""E-mail addresses as strangers write them, brought to one spelling."""

import re
from functools import lru_cache

# RFC 5321, 4.5.3.1: 64 octets before the @, 254 in all.
_LONGEST = 254
_LONGEST_LOCAL = 64
_LOCAL = re.compile(r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]+")
_LABEL = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?", re.UNICODE)


@lru_cache(maxsize=8192)
def normalise_email(text: str | None) -> str | None:
    """Return the first e-mail address of a text in lower case.

    Dots and ``+tag`` stay as typed: only some providers ignore them.

    :param text: an address, an address with a display name, or several parted by comma or semicolon
    :return: the address, or None when the text holds none that mail could be sent to

    >>> normalise_email(' "Dana, Example" <Dana.Example@Example.COM> ')
    'dana.example@example.com'
    >>> normalise_email("dana@example") is None
    True
    """
    # A batch asks for the same address several times on its way.
    # A line break inside an address is an attempt to smuggle in a mail header.
    if not text or re.search(r"[\r\n\x00]", text.strip()):
        return None
    for part in _parts(text.strip()):
        address = part.strip().rstrip(".,;").removeprefix("mailto:").strip()
        if _is_address(address):
            return address.lower()
    return None


def _parts(text: str) -> list[str]:
    bracketed = re.findall(r"<([^<>]*)>", text)
    if bracketed:
        return bracketed
    return re.split(r"[,;\s]+", text.replace("mailto: ", "mailto:"))


def _is_address(address: str) -> bool:
    local, at, domain = address.rpartition("@")
    if not at or len(address.encode()) > _LONGEST or len(local.encode()) > _LONGEST_LOCAL:
        return False
    if not _LOCAL.fullmatch(local) or local.startswith(".") or local.endswith(".") or ".." in local:
        return False
    labels = domain.split(".")
    return len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdecimal()
