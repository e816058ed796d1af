"""What a model file may define: ORM verbs in spines only, each thing of a model in one place."""
from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from .sources import ADDONS, Function, Source, declared_models, model_classes, python_sources

_VERBS = {"create", "write", "unlink"}
_DOOR_PREFIXES = ("_prepare_", "_get_", "_on_")
_TABLE_OBJECTS = {"models.Constraint", "models.Index", "models.UniqueIndex"}


def check_orm_verbs(root: Path) -> list[str]:
    """Only spine files, and models of the addon itself, override create, write and unlink."""
    breaches = []
    for source in python_sources(root):
        if source.place[0] == "models" and source.domain is None:
            continue
        own = declared_models(root, source.addon)
        for model, _is_declared, node in model_classes(source):
            verbs = [part for part in node.body if isinstance(part, Function) and part.name in _VERBS]
            if model not in own:
                breaches += [f"{source.at(verb)}: overrides {verb.name} of {model} outside its spine" for verb in verbs]
    return breaches


def check_single_definitions(root: Path) -> list[str]:
    """A method, field or constraint of a model has one place in an addon; doors are there to be extended.

    A registry's ``selection_add`` is a door as well.
    """
    breaches = []
    for addon in ADDONS:
        places, doors = defaultdict(list), set()
        for source in python_sources(root):
            if source.addon == addon:
                for model, node, name, is_door in _definitions(source):
                    places[model, name].append(source.at(node))
                    doors |= {(model, name)} if is_door else set()
        breaches += [
            f"{where[0]}: {model}.{name} is defined again at {', '.join(where[1:])}"
            for (model, name), where in places.items()
            if len(where) > 1 and (model, name) not in doors
        ]
    return breaches


def _definitions(source: Source) -> Iterator[tuple[str, ast.AST, str, bool]]:
    """List what the classes of a file define: model, node, name, and whether it is a door."""
    lines = source.path.read_text(encoding="utf-8").splitlines()
    for model, _is_declared, class_node in model_classes(source):
        for node in class_node.body:
            if isinstance(node, Function):
                yield model, node, node.name, _is_door(node, lines)
            elif isinstance(node, ast.Assign) and _is_field_or_constraint(node.value):
                is_added = any(keyword.arg == "selection_add" for keyword in node.value.keywords)
                yield model, node, ast.unparse(node.targets[0]), is_added


def _is_field_or_constraint(value: ast.expr) -> bool:
    maker = ast.unparse(value.func) if isinstance(value, ast.Call) else ""
    return maker.startswith("fields.") or maker in _TABLE_OBJECTS


def _is_door(node: ast.FunctionDef, lines: list[str]) -> bool:
    """Return whether a method is meant to be extended: by its name, its docstring, or the section it stands in."""
    if node.name.startswith(_DOOR_PREFIXES) or "(door)" in (ast.get_docstring(node) or ""):
        return True
    sections = (line for line in reversed(lines[: node.lineno]) if line.strip().startswith(("# ----", "class ")))
    return "door" in next(sections, "")
