"""The files that the rules read.

Every rule takes a root folder, so that a planted breach can stand in for the repository.
"""
from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CORE = "sales_pipeline"
LEAVES = (f"{CORE}_whatsapp", f"{CORE}_voip")
ADDONS = (CORE, *LEAVES)
DOMAINS = ("capture", "engagement", "pipeline", "quoting", "customer", "automation", "privacy")

_FOREIGN = {"__pycache__", "node_modules", "lib"}
Function = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Source:
    """One Python file of an addon.

    :param place: path inside the addon, without ``.py``
    """

    root: Path
    path: Path
    addon: str
    place: tuple[str, ...]

    @property
    def tree(self) -> ast.Module:
        return parse(self.path, self.path.stat().st_mtime_ns)

    @property
    def domain(self) -> str | None:
        """The domain of a model file, or nothing for a spine file and for other folders."""
        is_split = self.place[0] == "models" and len(self.place) > 2
        return self.place[1] if is_split else None

    def at(self, node: ast.AST) -> str:
        """Return where a node stands, as a complaint begins."""
        return f"{self.path.relative_to(self.root)}:{node.lineno}"


@cache
def parse(path: Path, _changed: int) -> ast.Module:
    """Return the syntax tree of a file, read once."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def files(folder: Path, *suffixes: str) -> Iterator[Path]:
    """List the files of ours below a folder: no caches, nothing vendored, nothing hidden but the checks of ``.ci``."""
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name == ".ci" or not (name in _FOREIGN or name.startswith(".")))
        # in a worktree of git, .git is a file that names a folder of the machine
        paths = (Path(here, name) for name in sorted(names) if name != ".git")
        yield from (path for path in paths if path.is_file() and (not suffixes or path.suffix in suffixes))


def python_sources(root: Path) -> Iterator[Source]:
    """List the Python files of the addons."""
    for addon in ADDONS:
        for path in files(root / addon, ".py"):
            if path.name != "__manifest__.py":
                yield Source(root, path, addon, path.relative_to(root / addon).with_suffix("").parts)


def model_classes(source: Source) -> Iterator[tuple[str, bool, ast.ClassDef]]:
    """List the classes of a file that speak about a model: its name, whether the class declares it, the class."""
    for node in source.tree.body:
        if not isinstance(node, ast.ClassDef):
            continue
        name, inherited = _attribute(node, "_name"), _attribute(node, "_inherit")
        parents = [inherited] if isinstance(inherited, str) else list(inherited or [])
        model = name or (parents[0] if len(parents) == 1 else None)
        if model:
            yield model, bool(name) and model not in parents, node


def _attribute(node: ast.ClassDef, name: str) -> str | list[str] | None:
    for statement in node.body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == name:
            return ast.literal_eval(statement.value)
    return None


def declared_models(root: Path, addon: str) -> set[str]:
    """Return the names of the models that an addon declares itself."""
    own = (source for source in python_sources(root) if source.addon == addon)
    return {model for source in own for model, is_declared, _node in model_classes(source) if is_declared}
