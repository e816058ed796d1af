"""The JSON of a stranger, read with limits."""

import json
import math
import re
from typing import Any

from ..exceptions import MalformedBody
from .text import storable

MAX_DEPTH = 16
MAX_KEYS = 2_000
# Ids of 64 bits have 19 digits; converting a very long integer takes quadratic time.
_MAX_DIGITS = 40
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BRACKET = re.compile(rb"[\[\]{}]")


def read_object(raw: bytes, max_depth: int = MAX_DEPTH, max_keys: int = MAX_KEYS) -> dict[str, Any]:
    """Return the one JSON object that a body holds.

    Refused are other encodings than UTF-8, objects nested too deep or with too many keys, a key
    given twice (two readers would see two different requests), and numbers that JSON does not know.

    :raise MalformedBody: the reason in words for the sender, without any of the body in it
    """
    _check_depth(raw, max_depth)
    reader = _Reader(max_keys)
    try:
        found = json.loads(
            raw.decode("utf-8-sig"),
            object_pairs_hook=reader.read_pairs,
            parse_constant=reader.refuse_constant,
            parse_int=reader.read_integer,
            parse_float=reader.read_number,
        )
    except MalformedBody:
        raise
    except (ValueError, RecursionError) as error:
        raise MalformedBody("The body is not valid JSON.") from error
    if not isinstance(found, dict):
        raise MalformedBody("The body must be a JSON object.")
    return _without_unstorable(found)


def _check_depth(raw: bytes, max_depth: int) -> None:
    depth = 0
    for bracket in _BRACKET.finditer(_STRING.sub(b"", raw)):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > max_depth:
            raise MalformedBody("The body is nested too deep.")


def _without_unstorable(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(key): _without_unstorable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_unstorable(item) for item in value]
    return value


class _Reader:
    """Hooks of the JSON parser that count and refuse."""

    def __init__(self, max_keys: int):
        self.keys_left = max_keys

    def read_pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        self.keys_left -= len(pairs)
        if self.keys_left < 0:
            raise MalformedBody("The body has too many keys.")
        found = dict(pairs)
        if len(found) < len(pairs):
            raise MalformedBody("The body has a key twice.")
        return found

    def refuse_constant(self, name: str) -> Any:
        raise MalformedBody("The body holds a number that JSON does not know.")

    def read_integer(self, text: str) -> int:
        if len(text) > _MAX_DIGITS:
            raise MalformedBody("The body holds a number that is too long.")
        return int(text)

    def read_number(self, text: str) -> float:
        if not math.isfinite(number := float(text)):
            raise MalformedBody("The body holds a number that is too large.")
        return number
