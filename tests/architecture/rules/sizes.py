"""Nothing so long that it cannot be read in one go."""
from __future__ import annotations

import ast
from pathlib import Path

from .sources import ADDONS, Function, files, parse

_FILE_LINES = 300
_FUNCTION_LINES = 40
_HOMES = (*ADDONS, "dev", "bin", ".ci")


def check_file_sizes(root: Path) -> list[str]:
    """A file of code has at most 300 lines."""
    breaches = []
    for path in _code(root, ".py", ".js", ".scss", ".css", ".sh", ""):
        count = len(path.read_text(encoding="utf-8").splitlines())
        if count > _FILE_LINES:
            breaches.append(f"{path.relative_to(root)}: {count} lines, at most {_FILE_LINES}")
    return breaches


def check_function_sizes(root: Path) -> list[str]:
    """A Python function has at most 40 lines."""
    breaches = []
    for path in _code(root, ".py"):
        for node in ast.walk(parse(path, path.stat().st_mtime_ns)):
            if isinstance(node, Function) and node.end_lineno - node.lineno + 1 > _FUNCTION_LINES:
                place = f"{path.relative_to(root)}:{node.lineno}"
                breaches.append(f"{place}: {node.name} has more than {_FUNCTION_LINES} lines")
    return breaches


def _code(root: Path, *suffixes: str) -> list[Path]:
    return [path for home in _HOMES for path in files(root / home) if path.suffix in suffixes]
