"""What an addon loads and what stands in its folders are the same."""
from __future__ import annotations

import ast
from pathlib import Path

from .sources import ADDONS, files

_LOADED_FOLDERS = ("security", "data", "views", "report", "wizards", "demo")


def check_manifests(root: Path) -> list[str]:
    """Every data file is in its manifest once, every entry of a manifest exists."""
    breaches = []
    for addon, manifest in _manifests(root):
        entries = [*manifest.get("data", []), *manifest.get("demo", [])]
        breaches += [f"{addon}: {entry} does not exist" for entry in entries if not (root / addon / entry).is_file()]
        breaches += [f"{addon}: {entry} is loaded twice" for entry in set(entries) if entries.count(entry) > 1]
        for folder in _LOADED_FOLDERS:
            for path in files(root / addon / folder, ".xml", ".csv"):
                place = path.relative_to(root / addon).as_posix()
                listed = manifest.get("demo" if folder == "demo" else "data", [])
                if place not in listed:
                    breaches.append(f"{addon}: {place} is not in the manifest")
    return breaches


def check_assets(root: Path) -> list[str]:
    """Every source file of the browser is in a bundle, every pattern of a bundle finds files."""
    breaches = []
    for addon, manifest in _manifests(root):
        bundled = set()
        for entries in manifest.get("assets", {}).values():
            for pattern in (entry if isinstance(entry, str) else entry[-1] for entry in entries):
                found = set(root.glob(pattern)) if pattern.split("/")[0] == addon else set()
                bundled |= found
                if not found and pattern.startswith(f"{addon}/"):
                    breaches.append(f"{addon}: the bundle entry {pattern} finds nothing")
        for folder in ("static/src", "static/tests"):
            for path in files(root / addon / folder, ".js", ".xml", ".scss", ".css"):
                if path not in bundled:
                    breaches.append(f"{path.relative_to(root)} is in no bundle")
    return breaches


def _manifests(root: Path) -> list[tuple[str, dict]]:
    paths = [(addon, root / addon / "__manifest__.py") for addon in ADDONS]
    return [(addon, ast.literal_eval(path.read_text(encoding="utf-8"))) for addon, path in paths if path.exists()]
