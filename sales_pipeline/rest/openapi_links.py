"""Where an answer leads: the operations that take the id of what was answered (links of OpenAPI)."""

import re
from collections.abc import Iterable
from typing import Any

from .api import Operation

_PLACE = re.compile(r"<(?:\w+(?:\(([^)]*)\))?:)?(\w+)>")
_ID, _FIRST = "$response.body#/id", "$response.body#/data/0/id"


def make_links(routes: Iterable[tuple[Any, str, Operation]]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the links of every list, and of every operation that makes or changes something, by rule and method.

    A link leads to what can be asked about the answered record: below the address of the list of its kind.
    """
    routes = list(routes)
    lists = _find_lists(routes)
    found = {}
    for rule, method, operation in routes:
        answer = operation.answer or ""
        is_list = answer.startswith("List[")
        address = lists.get(answer[5:-1] if is_list else answer)
        if address is None or (method == "GET" and not is_list):
            continue
        given = _names(rule.rule)
        if not set(_names(address)) <= set(given):
            continue
        links = {}
        for target, _method, _operation in routes:
            parameters = _fill(target.rule, address, _FIRST if is_list else _ID)
            if parameters is not None:
                name = target.endpoint.func.__name__
                links[name] = {"operationId": name, "parameters": parameters}
        found[rule.rule, method] = links
    return found


def _find_lists(routes: list) -> dict[str, str]:
    """Return the shortest address under which the records of a schema are listed or made, by schema."""
    found: dict[str, str] = {}
    for rule, method, operation in sorted(routes, key=lambda route: len(_names(route[0].rule))):
        answer = operation.answer or ""
        if method == "GET" and answer.startswith("List["):
            found.setdefault(answer[5:-1], rule.rule)
        elif method == "POST" and operation.status == 201 and not _names(rule.rule):
            found.setdefault(answer, rule.rule)
    return found


def _fill(target: str, address: str, id_: str) -> dict[str, str] | None:
    """Return the values that lead from a record of a list to an address, or None where it is not below the record."""
    wanted, parts = target.strip("/").split("/"), address.strip("/").split("/")
    if len(wanted) <= len(parts):
        return None
    values = {}
    for part, own in zip(wanted, parts, strict=False):
        place, fixed = _PLACE.fullmatch(part), not _PLACE.fullmatch(own)
        if part == own:
            values |= {name: f"$request.path.{name}" for name in _names(part)}
        elif place and fixed and own in _split(place[1]):
            values[place[2]] = own
        else:
            return None
    last = _PLACE.fullmatch(wanted[len(parts)])
    if not last or len(_names(target)) > len(values) + 1:
        return None
    return values | {last[2]: id_}


def _split(choices: str | None) -> list[str]:
    return [choice.strip() for choice in (choices or "").split(",")]


def _names(path: str) -> list[str]:
    return [name for _choices, name in _PLACE.findall(path)]
