"""Masks for what must not reach a log or a stored request."""

import re
from collections.abc import Mapping
from typing import Any

_SECRET_NAME = re.compile(r"secret|token|passw|authori[sz]ation|signature|cookie|api.?key|_key$|^key$", re.IGNORECASE)
MASK = "***"


def is_secret_name(name: str) -> bool:
    """Tell whether a field or header of that name usually holds a secret.

    >>> is_secret_name("google_key"), is_secret_name("X-Pipeline-Secret"), is_secret_name("keyword")
    (True, True, False)
    """
    return bool(_SECRET_NAME.search(name))


def without_secrets(data: Any) -> Any:
    """Return a copy of nested data in which every value under a secret's name is masked.

    >>> without_secrets({"google_key": "k", "ids": [{"token": "t", "n": 1}]})
    {'google_key': '***', 'ids': [{'token': '***', 'n': 1}]}
    """
    if isinstance(data, Mapping):
        return {key: MASK if is_secret_name(str(key)) else without_secrets(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [without_secrets(value) for value in data]
    return data


def mask_token(token: str | None) -> str:
    """Return just enough of a token to tell two apart in a log.

    >>> mask_token("abcdefghijkl")
    'abcd***'
    """
    return f"{token[:4]}{MASK}" if token and len(token) > 8 else MASK
