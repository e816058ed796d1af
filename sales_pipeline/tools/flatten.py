"""Nested JSON as named values, for senders whose shape nobody told us."""

from collections.abc import Iterator, Mapping
from typing import Any

from .text import one_line

# Senders write a list of questions as pairs; the name of the one tells which question it is.
_NAMES = ("key", "name", "id", "field", "question", "label", "title")
_LABELS = ("label", "question", "title", "name", "key", "field", "id")
_VALUES = ("value", "values", "answer", "answers", "text")
MOST_VALUES = 300


def flatten(data: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    """Return path, label and value of everything in nested data; lists of plain values stay lists.

    >>> flatten({"contact": {"email": "a@b.example"}, "tags": ["x"]})
    [('contact.email', 'email', 'a@b.example'), ('tags', 'tags', ['x'])]
    >>> flatten({"answers": [{"key": "q_1", "label": "Your roof?", "value": "slate"}]})
    [('answers.q_1', 'Your roof?', 'slate')]
    >>> flatten({"items": [{"sku": 1}, {"sku": 2}]})
    [('items.1.sku', 'sku', 1), ('items.2.sku', 'sku', 2)]
    """
    found: dict[str, tuple[str, Any]] = {}
    for path, label, value in _walk("", "", data):
        # Two entries of one name are one question that was answered twice.
        name = path if path not in found else f"{path} ({len(found)})"
        found[name] = (label, value)
        if len(found) >= MOST_VALUES:
            break
    return [(path, label, value) for path, (label, value) in found.items()]


def _walk(path: str, label: str, value: Any) -> Iterator[tuple[str, str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _walk(_join(path, key), key, inner)
    elif isinstance(value, list) and any(isinstance(inner, Mapping | list) for inner in value):
        for number, inner in enumerate(value, 1):
            pair = _read_pair(inner)
            if pair:
                yield from _walk(_join(path, pair[0]), pair[1], pair[2])
            else:
                yield from _walk(_join(path, str(number)), label, inner)
    else:
        yield path, label, value


def _read_pair(value: Any) -> tuple[str, str, Any] | None:
    if not isinstance(value, Mapping):
        return None
    held = next((key for key in _VALUES if key in value), None)
    name, label = (
        next((text for key in keys if (text := one_line(value.get(key)))), None) for keys in (_NAMES, _LABELS)
    )
    return (name, label, value[held]) if held and name and label else None


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
