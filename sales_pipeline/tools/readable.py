"""Nested data as a person reads it: one line a value, the keys as labels."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .redact import without_secrets
from .text import several_lines

# Vendors send questions as lists of pairs; the name of the one is the label of the other.
_NAMES = ("label", "column_name", "title", "question", "name", "column_id", "key", "field")
_VALUES = ("value", "string_value", "values", "answer", "text")
_MOST_LINES = 300


def to_lines(data: Any) -> list[tuple[str, str]]:
    """Return nested data as labels and texts, without what stands under a secret's name.

    >>> to_lines({"first_name": "Ada", "tags": ["a", "b"], "utm": {"source": "google"}, "api_key": "k", "fax": ""})
    [('First name', 'Ada'), ('Tags', 'a, b'), ('Utm › source', 'google'), ('Api key', '***')]
    >>> to_lines({"data": [{"column_id": "FULL_NAME", "string_value": "Ada"}]})
    [('Full name', 'Ada')]
    """
    lines = []
    for path, value in _walk((), without_secrets(data)):
        if text := several_lines(_word(value)):
            lines.append((_label(path), text))
    return lines[:_MOST_LINES]


def _walk(path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _walk((*path, str(key)), inner)
    elif _is_list(value):
        if all(not isinstance(inner, Mapping) and not _is_list(inner) for inner in value):
            yield path, ", ".join(str(_word(inner)) for inner in value)
            return
        for number, inner in enumerate(value, 1):
            pair = _read_pair(inner)
            yield from _walk((pair[0],), pair[1]) if pair else _walk((*path, str(number)), inner)
    else:
        yield path, value


def _read_pair(value: Any) -> tuple[str, Any] | None:
    if not isinstance(value, Mapping):
        return None
    name = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), None)
    held = next((value[key] for key in _VALUES if key in value), None)
    return (name, held) if name and held is not None else None


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _word(value: Any) -> Any:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def _label(path: tuple[str, ...]) -> str:
    words = " › ".join(part.replace("_", " ").strip() for part in path)
    words = words.lower() if words.isupper() else words
    return words[:1].upper() + words[1:]
