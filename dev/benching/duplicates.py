"""How well and how fast duplicates are found."""
from __future__ import annotations

import dataclasses
import json
import os
import re
from pathlib import Path

from dev import databases, odoo_config, postgres
from dev.benching import labelled, rows
from dev.benching.compare import percentile
from dev.common import ROOT, STATE, step
from dev.odoo_package import Odoo
from dev.postgres import Server

CHECKS = 300


def measure_labelled(odoo: Odoo, path: Path) -> dict[str, object]:
    """Make each row of a list a lead, ask of each who else it is, and print what was found of each class of error.

    :return: recall and precision of all that a person would be told of
    """
    known = labelled.read(path)
    with postgres.running("test") as server:
        odoo_config.write_conf("test", odoo, server)
        with step(f"{len(known)} leads made and asked about"):
            found, met = ask(odoo, server, known)
    every = labelled.judge(known, {frozenset(pair) for *pair, _kind in found})
    nightly = labelled.judge(known, {frozenset(pair) for *pair, _kind in met})
    sure = labelled.judge(known, {frozenset(pair) for *pair, kind in found if kind == "same"})
    for kind, (recall, total) in every.classes.items():
        print(f"  {kind}: recall={recall:.4f} of {total}")
    print(f"  taken as the same without asking: recall={sure.recall:.4f} precision={sure.precision:.4f}")
    print(f"  found by the nightly search: recall={nightly.recall:.4f} precision={nightly.precision:.4f}")
    return {"recall": f"{every.recall:.4f}", "precision": f"{every.precision:.4f}"}


def ask(odoo: Odoo, server: Server, known: list[labelled.Row]) -> tuple[list[list[str]], list[list[str]]]:
    """Return pairs of labels with the answer: those found by asking of each, and those found by the search over all.

    It all happens in a database that is dropped afterwards.
    """
    name = f"{databases.PREFIX}_{os.getpid()}_labelled"
    given, answer = STATE / f"{name}.rows.json", STATE / f"{name}.pairs.json"
    given.write_text(json.dumps([dataclasses.asdict(row) for row in known]), encoding="utf-8")
    try:
        databases.fresh_copy(odoo, server, name)
        odoo_config.shell(odoo, server, "test", name, databases.INSIDE / "find_labelled.py",
                          root=ROOT, rows=given, pairs=answer)
        told = json.loads(answer.read_text(encoding="utf-8"))
        return told["asked"], told["nightly"]
    finally:
        databases.remove(server, "test", name)
        given.unlink(missing_ok=True)
        answer.unlink(missing_ok=True)


def measure_speed(odoo: Odoo, server: Server, size: str, checks: int | None = None) -> dict[str, object]:
    """Time our check and Odoo's exact one on the same leads, and the nightly search over all; one process each."""
    figures: dict[str, object] = {"bench": "duplicates", "mode": "one process", "checks": checks or CHECKS}
    times = {}
    for side, database in (("ours", rows.our_name(size)), ("stock", rows.stock_name(size))):
        told = odoo_config.shell(odoo, server, rows.KIND, database, databases.INSIDE / "check_duplicates.py",
                                 checks=checks or CHECKS)
        found = json.loads(re.search(r"measured (.*)", told).group(1))
        times[side] = found["times"]
        figures |= {f"{side}_p50_ms": f"{percentile(times[side], 0.5):.1f}",
                    f"{side}_p95_ms": f"{percentile(times[side], 0.95):.1f}", f"{side}_found": found["found"]}
    told = odoo_config.shell(odoo, server, rows.KIND, rows.our_name(size), databases.INSIDE / "search_base.py")
    figures |= json.loads(re.search(r"measured (.*)", told).group(1))
    return {**figures, "ratio": f"{percentile(times['ours'], 0.5) / percentile(times['stock'], 0.5):.2f}"}
