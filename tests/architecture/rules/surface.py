"""What the addons offer to callers from outside: routes, and model methods that RPC reaches."""
from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from .sources import Function, Source, model_classes, python_sources


def find_routes(root: Path) -> dict[str, str]:
    """Return each route of the addons, as the table names it, and where it stands."""
    found = {}
    for source in python_sources(root):
        for holder in ast.walk(source.tree):
            if isinstance(holder, ast.ClassDef):
                found |= {entry: source.at(node) for entry, node in _routes(source, holder)}
    return found


def find_public_methods(root: Path) -> dict[str, str]:
    """Return each method of our model classes that RPC reaches, as the table names it, and where it stands."""
    found = {}
    for source in python_sources(root):
        for model, _is_declared, class_node in model_classes(source):
            for node in class_node.body:
                found |= {f"{source.addon}: {model}.{name}": source.at(node) for name in _public_names(node)}
    return found


def _routes(source: Source, holder: ast.ClassDef) -> Iterator[tuple[str, ast.AST]]:
    """List the routes of a class: where they lead and who may come; those without an address extend Odoo's."""
    for method in holder.body:
        for mark in getattr(method, "decorator_list", ()):
            if isinstance(mark, ast.Call) and ast.unparse(mark.func).split(".")[-1] == "route":
                terms = {keyword.arg: ast.unparse(keyword.value) for keyword in mark.keywords}
                address = terms.pop("route", None) or (ast.unparse(mark.args[0]) if mark.args else None)
                kept = [f"{name}={terms[name]}" for name in ("auth", "methods", "csrf", "readonly") if name in terms]
                subject = address.strip("'\"") if address else f"{holder.name}.{method.name}"
                yield " ".join([f"{source.addon}: {subject}", *kept]), method


def _public_names(node: ast.AST) -> list[str]:
    """Return the names under which RPC reaches what a line of a class defines."""
    if isinstance(node, Function):
        is_private = any(ast.unparse(mark).endswith("api.private") for mark in node.decorator_list)
        names = [] if is_private else [node.name]
    elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda | ast.Name | ast.Attribute):
        names = [target.id for target in node.targets if isinstance(target, ast.Name)]
    else:
        names = []
    return [name for name in names if not name.startswith("_")]
