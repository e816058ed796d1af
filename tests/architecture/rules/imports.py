"""Who may import whom: rings point down, the leaves know only the core, the domains do not know each other."""
from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from .sources import ADDONS, CORE, DOMAINS, Source, python_sources

# Words and errors lie under everything; what a folder above may use, it may use from every folder below.
_RINGS = {"const": 0, "exceptions": 0, "tools": 1, "providers": 2, "hooks_sql": 3, "hooks_sql_inbox": 3, "models": 3}
_EDGE = 4
_LAST_PURE = _RINGS["providers"]
_HTTP_CLIENTS = {"requests", "httpx", "aiohttp", "urllib3", "urllib.request", "http.client"}
_HTTP_FILES = (("providers", "http"), ("providers", "pinned"))

Import = tuple[ast.AST, tuple[str, ...]]


def check_rings(root: Path) -> list[str]:
    """Imports inside an addon, and from leaf to core, point down; pure rings know no Odoo."""
    breaches = []
    for source in python_sources(root):
        ring = _ring(source.place)
        for node, name in imports(source):
            addon, place = _ours(name)
            if addon and place and _ring(place) > ring:
                breaches.append(f"{source.at(node)}: {source.place[0]} imports {'.'.join(place)}, which lies above it")
            elif name[0] == "odoo" and ring <= _LAST_PURE and not (addon and place):
                breaches.append(f"{source.at(node)}: {source.place[0]} speaks Python only but imports {'.'.join(name)}")
    return breaches


def check_http_clients(root: Path) -> list[str]:
    """One file speaks HTTP to vendors, and one to addresses that people choose."""
    breaches = []
    for source in python_sources(root):
        for node, name in imports(source):
            used = _HTTP_CLIENTS & {".".join(name[:size]) for size in range(1, len(name) + 1)}
            if used and source.place not in _HTTP_FILES:
                breaches.append(f"{source.at(node)}: {used.pop()} belongs to providers/http.py")
    return breaches


def check_addons(root: Path) -> list[str]:
    """A leaf may import the core; the core imports no leaf, and the leaves never meet."""
    breaches = []
    for source in python_sources(root):
        for node, name in imports(source):
            addon, _place = _ours(name)
            if addon not in (None, CORE, source.addon):
                breaches.append(f"{source.at(node)}: {source.addon} imports {addon}")
    for addon in ADDONS:
        manifest = root / addon / "__manifest__.py"
        depends = ast.literal_eval(manifest.read_text(encoding="utf-8"))["depends"] if manifest.exists() else []
        breaches += [f"{addon}: depends on {other}" for other in depends if other in ADDONS and other != CORE]
    return breaches


def check_domains(root: Path) -> list[str]:
    """A domain may import spine files, never another domain; a spine file imports no domain."""
    breaches = []
    for source in python_sources(root):
        if source.place[0] != "models" or source.place == ("models", "__init__"):
            continue
        for node, name in imports(source):
            addon, place = _ours(name)
            other = place[1] if addon and place[:1] == ("models",) and len(place) > 1 else None
            if other in DOMAINS and other != source.domain:
                breaches.append(f"{source.at(node)}: {source.domain or 'a spine file'} imports the domain {other}")
    return breaches


def imports(source: Source) -> Iterator[Import]:
    """List what a file imports, also inside functions, each as a full dotted name."""
    package = ("odoo", "addons", source.addon, *source.place[:-1])
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from ((node, tuple(alias.name.split("."))) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = tuple(node.module.split(".")) if node.module else ()
            yield from ((node, (*base, *module, alias.name)) for alias in node.names)


def _ours(name: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]]:
    """Return the addon and the place in it that a name means, if it is one of ours."""
    if name[:2] == ("odoo", "addons") and len(name) > 2 and name[2] in ADDONS:
        return name[2], name[3:]
    return None, ()


def _ring(place: tuple[str, ...]) -> int:
    return _RINGS.get(place[0], _EDGE)
