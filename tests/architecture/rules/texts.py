"""What a line of code must not say: SQL glued from strings, prints, eager log lines, somebody's own folders."""
from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from .sources import Source, files, python_sources

_EXECUTORS = {"execute", "executemany", "execute_values"}
_LOG_LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
# a home or scratch folder at the start of a path, not in the middle of one
_MACHINE_PATH = re.compile(r"(?<![\w.:/}$)-])/(?:work|root|tmp|(?:home|Users)/\w+)/[\w.]")
_BINARY = {".png", ".jpg", ".jpeg", ".gif", ".ico", ".webp", ".pdf", ".woff", ".woff2", ".zip", ".xlsx", ".gz"}


def check_sql(root: Path) -> list[str]:
    """A statement is handed to the database as ``SQL(...)`` or as a plain constant; nothing is glued into it."""
    breaches = []
    for source in python_sources(root):
        for call in _calls(source):
            name = _method(call)
            if name in _EXECUTORS and re.search(r"\b(cr|cursor|_cr)$", ast.unparse(call.func.value)):
                if _is_glued(call.args[0], source) or (_is_text(call.args[0]) and len(call.args) > 1):
                    breaches.append(f"{source.at(call)}: wrap the statement in SQL() with its values as arguments")
            elif name == "SQL" and call.args and _is_glued(call.args[0], source):
                breaches.append(f"{source.at(call)}: the text of SQL() must be a constant")
    return breaches


def check_prints(root: Path) -> list[str]:
    """Addons log; only the command line prints."""
    return [
        f"{source.at(call)}: print"
        for source in python_sources(root)
        if source.place[0] != "cli"
        for call in _calls(source)
        if isinstance(call.func, ast.Name) and call.func.id == "print"
    ]


def check_logging(root: Path) -> list[str]:
    """Log lines are put together by the logger, and only if somebody listens."""
    return [
        f"{source.at(call)}: give the values to the logger as arguments"
        for source in python_sources(root)
        for call in _calls(source)
        if _method(call) in _LOG_LEVELS and "logg" in ast.unparse(call.func) and any(map(_is_made, call.args))
    ]


def check_machine_paths(root: Path) -> list[str]:
    """No file names a folder of one person's machine."""
    breaches = []
    for path in files(root):
        if path.suffix in _BINARY:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if found := _MACHINE_PATH.search(line):
                breaches.append(f"{path.relative_to(root)}:{number}: {found.group()}...")
    return breaches


def _calls(source: Source) -> Iterator[ast.Call]:
    return (node for node in ast.walk(source.tree) if isinstance(node, ast.Call))


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_made(node: ast.expr) -> bool:
    """Return whether a text is put together here, by an f-string, an operator or a method of a constant."""
    if isinstance(node, ast.BinOp):
        return any(_is_text(side) or _is_made(side) for side in (node.left, node.right))
    is_method = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_text(node.func.value)
    return isinstance(node, ast.JoinedStr) or (is_method and node.func.attr in ("format", "join"))


def _is_glued(node: ast.expr, source: Source) -> bool:
    """Return whether a statement is put together, here or where the variable gets its value."""
    if not isinstance(node, ast.Name):
        return _is_made(node)
    values = (
        part.value for part in ast.walk(source.tree)
        if isinstance(part, ast.Assign) and node.id in map(ast.unparse, part.targets)
    )  # fmt: skip
    return any(map(_is_made, values))
