"""Text from strangers, made fit to be stored and shown."""

import re
import unicodedata
from typing import Any

# PostgreSQL refuses NUL in text and jsonb; a lone surrogate cannot be written as UTF-8.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPACES = re.compile(r"\s+")


def storable(text: str) -> str:
    """Return the text without the characters that a database cannot hold.

    >>> storable("a\\x00b\\ud83d")
    'ab'
    """
    return _UNSTORABLE.sub("", text)


def literal(text: str) -> str:
    """Return a text in which nothing is a wildcard of LIKE.

    >>> literal("100%_\\\\")
    '100\\\\%\\\\_\\\\\\\\'
    """
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def without_controls(text: str) -> str:
    """Return the text without characters that control terminals; a text of these alone breaks Odoo's reader of HTML.

    >>> without_controls("a\\x15\\tb")
    'a\\tb'
    """
    return _CONTROL.sub("", text)


def one_line(value: Any, limit: int = 255) -> str | None:
    """Return a value as one trimmed line of bounded length, or None when nothing is left.

    :param value: anything; None, booleans, lists and mappings carry no line of text and give None
    :param limit: number of characters kept

    >>> one_line("  Dana\\n Example ")
    'Dana Example'
    >>> one_line(40123456789)
    '40123456789'
    >>> one_line(True) is one_line([]) is one_line(" ") is None
    True
    """
    if value is None or isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    if isinstance(value, str) and value.isascii() and value.isprintable() and "  " not in value:
        # Most texts are plain: all that follows would leave them as they are.
        return value.strip()[:limit].rstrip() or None
    text = _SPACES.sub(" ", _CONTROL.sub("", storable(str(value)))).strip()
    return unicodedata.normalize("NFC", text)[:limit].rstrip() or None


def several_lines(value: Any, limit: int = 20_000) -> str | None:
    """Return a value as trimmed text that keeps its line breaks, or None when nothing is left.

    >>> several_lines("one\\r\\ntwo ")
    'one\\ntwo'
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    text = _CONTROL.sub("", storable(str(value)).replace("\r\n", "\n").replace("\r", "\n"))
    return text.strip()[:limit] or None
