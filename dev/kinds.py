"""Tell pure, database and live test files apart by what they import and ask for."""
from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from dev.common import ROOT

PURE, DATABASE, LIVE = KINDS = ("pure", "database", "live")
# fixtures that mean a real server process
LIVE_FIXTURES = {"server", "stock_server", "browser", "page"}
# parts of our addons that speak Python only
PURE_PARTS = re.compile(r"odoo\.addons\.sales_pipeline(_\w+)?\.(tools|providers|const|exceptions)\b")


def kind_of(path: Path, root: Path = ROOT) -> str:
    """Return the kind of a test file."""
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    if asked_fixtures(tree) & LIVE_FIXTURES:
        return LIVE
    return DATABASE if needs_odoo(path, root, set(), whole=True) else PURE


def asked_fixtures(tree: ast.Module) -> set[str]:
    """Collect the fixtures that a file asks for and does not define itself."""
    asked, own = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
            is_fixture = any("fixture" in text for text in decorators if "usefixtures" not in text)
            if is_fixture:
                own.add(node.name)
            if is_fixture or node.name.startswith("test"):
                asked.update(arg.arg for arg in [*node.args.args, *node.args.kwonlyargs])
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("usefixtures"):
            asked.update(arg.value for arg in node.args if isinstance(arg, ast.Constant))
    return asked - own


def needs_odoo(path: Path, root: Path, seen: set[Path], whole: bool) -> bool:
    """Tell whether a file, or a helper below tests/ that it imports, imports Odoo.

    :param whole: look into functions too; a helper may import Odoo late, for the tests that need it
    """
    seen.add(path)
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    for name in imported_names(tree, path, root, whole):
        if name.split(".")[0] == "odoo" and not PURE_PARTS.match(name):
            return True
        helper = helper_file(name, root)
        if helper and helper not in seen and needs_odoo(helper, root, seen, whole=False):
            return True
    return False


def imported_names(tree: ast.Module, path: Path, root: Path, whole: bool) -> Iterator[str]:
    """List what a file imports, each with its full dotted name."""
    for node in ast.walk(tree) if whole else tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                package = path.relative_to(root).parts[: -node.level]
                module = ".".join([*package, *filter(None, [module])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def helper_file(name: str, root: Path) -> Path | None:
    """Find the file below tests/ that a dotted name means."""
    parts = name.split(".")
    if parts[0] != "tests":
        return None
    for size in (len(parts), len(parts) - 1):
        path = root.joinpath(*parts[:size])
        for candidate in (path.with_suffix(".py"), path / "__init__.py"):
            if candidate.is_file() and size > 1:
                return candidate
    return None


def test_files(paths: list[Path]) -> list[Path]:
    """List the test files at or below the paths, in order."""
    found = []
    for path in paths:
        found += sorted(path.rglob("test_*.py")) if path.is_dir() else [path]
    return list(dict.fromkeys(found))
