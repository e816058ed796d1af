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

    The key of a pair of key and value is a name, not a secret; what its value is, the name tells.

    >>> without_secrets({"google_key": "k", "ids": [{"token": "t", "n": 1}]})
    {'google_key': '***', 'ids': [{'token': '***', 'n': 1}]}
    >>> without_secrets([{"key": "q_1", "value": "red"}, {"key": "api_key", "value": "k"}])
    [{'key': 'q_1', 'value': 'red'}, {'key': 'api_key', 'value': '***'}]
    """
    if isinstance(data, Mapping):
        if isinstance(data.get("key"), str) and "value" in data:
            rest = {name: value for name, value in data.items() if name not in ("key", "value")}
            value = MASK if is_secret_name(data["key"]) else without_secrets(data["value"])
            return {"key": data["key"], **without_secrets(rest), "value": value}
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
