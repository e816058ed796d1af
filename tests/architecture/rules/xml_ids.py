"""XML ids that say what they name, and data that leaves other addons' records alone."""
from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from .sources import ADDONS, CORE, DOMAINS, files

_VIEW_TYPES = "form|list|kanban|search|graph|pivot|calendar|activity"
_FIXED = {
    "res.groups": "group_<role>",
    "res.groups.privilege": "privilege_<name>",
    "ir.cron": "ir_cron_<verb>_<noun>",
    "mail.template": "mail_template_<moment>",
}
_WORD = r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*"

Record = tuple[str, ElementTree.Element]


def check_xml_ids(root: Path) -> list[str]:
    """Each id follows the naming of its kind of record."""
    breaches = []
    for place, record in _records(root):
        xml_id = record.get("id", "")
        is_leaf = not place.startswith(f"{CORE}/")
        pattern, spelling = _expected(record, _WORD if is_leaf else "|".join(DOMAINS))
        if not re.fullmatch(pattern, xml_id.split(".")[-1]):
            breaches.append(f"{place}: {xml_id} should read {spelling}")
    for addon in ADDONS:
        for path in files(root / addon / "security", ".csv"):
            breaches += _check_access(path, path.relative_to(root))
    return breaches


def check_single_ids(root: Path) -> list[str]:
    """An id is declared once in an addon, lest one overwrite the other; a later file may add other fields."""
    breaches, known = [], {}
    for place, record in _records(root):
        key = Path(place).parts[0], record.get("id", "").split(".")[-1]
        names = {field.get("name") for field in record.findall("field")} or {"everything"}
        first_place, first_names = known.setdefault(key, (place, set()))
        if first_names & (names | {"everything"}) or (first_names and "everything" in names):
            breaches.append(f"{place}: {key[1]} is declared already in {first_place}")
        first_names |= names
    return breaches


def check_foreign_records(root: Path) -> list[str]:
    """A data file edits no record of another addon: the edit would stay when ours leaves. Demo data may."""
    breaches = []
    for place, record in _records(root):
        addon, parts = Path(place).parts[0], record.get("id", "").split(".")
        if len(parts) == 2 and parts[0] != addon and Path(place).parts[1] != "demo":
            breaches.append(f"{place}: edits {record.get('id')}, a record of another addon")
    return breaches


def _records(root: Path) -> Iterator[Record]:
    for addon in ADDONS:
        for path in files(root / addon, ".xml"):
            tree = ElementTree.parse(path).getroot()
            if tree.tag == "odoo" and "static" not in path.relative_to(root).parts:
                for tag in ("record", "template", "menuitem"):
                    yield from ((str(path.relative_to(root)), node) for node in _outermost(tree, tag))


def _outermost(tree: ElementTree.Element, tag: str) -> Iterator[ElementTree.Element]:
    """List nodes that are data, not nodes inside a view's arch."""
    for node in tree:
        if node.tag == tag:
            yield node
            if tag == "menuitem":
                yield from _outermost(node, tag)
        elif node.tag == "data":
            yield from _outermost(node, tag)


def _expected(record: ElementTree.Element, domains: str) -> tuple[str, str]:
    """Return the pattern of a record's id and how a person spells it.

    :param domains: pattern of the words that may end an inherited view; a leaf has no domains and chooses its own
    """
    if record.tag == "template":
        return _WORD, "lower_case_words"
    if record.tag == "menuitem":
        return rf"{_WORD}_menu(?:_{_WORD})?", "<model>_menu"
    model = record.get("model", "")
    if model in _FIXED:
        return _FIXED[model].split("<")[0] + _WORD, _FIXED[model]
    subject = _subject(record)
    if model == "ir.ui.view":
        return _expected_view(record, subject, domains)
    if model == "ir.rule":
        return rf"{subject}_rule_{_WORD}", f"{subject}_rule_<who>"
    if model.startswith("ir.actions."):
        return rf"{subject}_action(?:_{_WORD})?", f"{subject}_action"
    return _WORD, "lower_case_words"


def _expected_view(record: ElementTree.Element, subject: str, domains: str) -> tuple[str, str]:
    if record.find("field[@name='inherit_id']") is None:
        return rf"{subject}_view_(?:{_VIEW_TYPES})(?:_{_WORD})?", f"{subject}_view_<type>"
    return (
        rf"{subject}_view_(?:{_VIEW_TYPES})(?:_{_WORD})?_inherit_(?:{domains})",
        f"{subject}_view_<type>_inherit_<domain>",
    )


def _subject(record: ElementTree.Element) -> str:
    """Return the model a record speaks about, spelled as in an id; any word where the record does not say."""
    for name in ("res_model", "model"):
        field = record.find(f"field[@name='{name}']")
        if field is not None and field.text:
            return re.escape(field.text.strip().replace(".", "_"))
    reference = record.find("field[@name='model_id']")
    if reference is not None and reference.get("ref"):
        return re.escape(reference.get("ref").split(".")[-1].removeprefix("model_"))
    return _WORD


def _check_access(path: Path, place: Path) -> Iterator[str]:
    with path.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            model = row["model_id:id"].split(".")[-1].removeprefix("model_")
            if not re.fullmatch(rf"access_{model}_{_WORD}", row["id"]):
                yield f"{place}: {row['id']} should read access_{model}_<role>"
