"""Odoo's own tests, without and with our addons: what only fails, or asks more, with them is a failure of ours."""
from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field

from dev import databases, odoo_config, venv
from dev.common import ROOT, STATE, Fail, digest, step, write_whole
from dev.odoo_package import Odoo, cache
from dev.postgres import Server
from dev.summary import Summary

# what our addons change most is tested each time
QUICK = ("crm", "sale_crm", "sales_team")
LONG = ("sale", "calendar", "portal", "payment", "account_payment")
PLUGIN = databases.INSIDE / "upstream"
# how many more queries a counted block may take with us
MORE = 1.10
Outcomes = dict[str, dict]


@dataclass
class Verdict:
    """What a comparison found: names and reasons."""

    same: int = 0
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def run(odoo: Odoo, server: Server, summary: Summary, everything: bool) -> None:
    """Run the modules' tests with our addons and compare with the runs without.

    :param everything: take also the modules whose tests are slow
    """
    for modules in (QUICK, LONG) if everything else (QUICK,):
        stock = baseline(odoo, server, modules)
        ours = with_addons(odoo, server, modules, stock)
        count(compare(stock, ours), summary)


def count(verdict: Verdict, summary: Summary) -> None:
    """Add a comparison to the closing line."""
    summary.passed += verdict.same
    for text in verdict.failures:
        summary.fail(text)
    summary.complaints += verdict.notes


def baseline(odoo: Odoo, server: Server, modules: tuple[str, ...]) -> Outcomes:
    """Return how the tests end without our addons; kept beside Odoo's package, for every clone of this user."""
    recipe = [(PLUGIN / "outcomes.py").read_bytes(), (ROOT / "dev/requirements.txt").read_bytes()]
    kept = cache() / f"upstream-{digest(databases.base_name(odoo), *modules, *recipe)}.json"
    if kept.exists():
        return json.loads(kept.read_text(encoding="utf-8"))
    name = f"{databases.PREFIX}_db_{os.getpid()}_stock"
    with step(f"Odoo's own tests of {', '.join(modules)} without us, once for this Odoo"):
        databases.copy_base(odoo, server, name)
        try:
            found = run_tests(odoo, server, name, places(odoo, modules))
            found |= retried(odoo, server, name, failing(found))
        finally:
            databases.remove(server, "test", name)
    write_whole(kept, json.dumps(found))
    return found


def with_addons(odoo: Odoo, server: Server, modules: tuple[str, ...], stock: Outcomes) -> Outcomes:
    """Return how the tests end with our addons."""
    name = f"{databases.PREFIX}_db_{os.getpid()}_upstream"
    with step(f"Odoo's own tests of {', '.join(modules)} with us"):
        databases.fresh_copy(odoo, server, name, with_assets=True)
        try:
            odoo_config.shell(odoo, server, "test", name, databases.INSIDE / "as_stock.py")
            found = run_tests(odoo, server, name, places(odoo, modules))
            new = [test for test in failing(found) if test in stock and test not in failing(stock)]
            found |= retried(odoo, server, name, new)
        finally:
            databases.remove(server, "test", name)
    return found


def retried(odoo: Odoo, server: Server, database: str, tests: list[str]) -> Outcomes:
    """Run tests again that failed: a browser may stumble on a busy machine, a defect fails twice."""
    if not tests:
        return {}
    print("asked again:", *tests, sep="\n  ", flush=True)
    return run_tests(odoo, server, database, tests, processes=1)


def places(odoo: Odoo, modules: tuple[str, ...]) -> list[str]:
    """Return where the modules' tests are, relative to Odoo."""
    found = []
    for module in modules:
        homes = [addons / module / "tests" for addons in odoo.addons if (addons / module / "tests").is_dir()]
        if not homes:
            raise Fail(f"this Odoo comes without the tests of {module}")
        found.append(str(homes[0].relative_to(odoo.path)))
    return found


def run_tests(odoo: Odoo, server: Server, database: str, tests: list[str], processes: int = 2) -> Outcomes:
    """Run some of Odoo's tests on the complete registry of a database.

    :param tests: folders or single tests, relative to Odoo
    :raise Fail: when pytest broke down
    """
    told = STATE / f"test/outcomes-{database}.json"
    line = [
        venv.PYTHON, "-m", "pytest", "-c", PLUGIN / "pytest.ini", f"--rootdir={odoo.path}", "-p", "outcomes",
        f"--odoo-config={odoo_config.conf_path('test')}", f"--odoo-database={database}", "--odoo-http",
        "--odoo-log-level=critical", *(["-n2", "--dist=loadfile"] if processes > 1 else []), *tests,
    ]
    env = {**odoo_config.odoo_environment(server, "test"), "PYTHONPATH": str(PLUGIN),
           "SALES_PIPELINE_OUTCOMES": str(told)}
    print(f"--- Odoo's own tests on {database}", flush=True)
    returncode = subprocess.call([str(word) for word in line], cwd=odoo.path, env=env)
    # 1 means that tests failed
    if returncode not in (0, 1) or not told.exists():
        raise Fail(f"pytest of Odoo's own tests ended with status {returncode}")
    found = json.loads(told.read_text(encoding="utf-8"))
    told.unlink()
    return found


def failing(outcomes: Outcomes) -> list[str]:
    """List the tests that failed."""
    return [test for test, end in outcomes.items() if end["outcome"] == "failed"]


def compare(stock: Outcomes, ours: Outcomes) -> Verdict:
    """Judge every test by how it ends without us."""
    verdict = Verdict()
    for test in sorted(stock.keys() | ours.keys()):
        name = test.split("addons/")[-1]
        before, after = (side.get(test, {"outcome": "missing", "queries": []}) for side in (stock, ours))
        if after["outcome"] != before["outcome"]:
            text = f"Odoo's {name}: {before['outcome']} without us, {after['outcome']} with us"
            verdict.failures.append(f"{text}\n{after.get('text', '')}".rstrip())
        elif after["outcome"] == "passed":
            judge_queries(verdict, name, before["queries"], after["queries"])
        else:
            verdict.notes.append(f"{after['outcome']} without us too: Odoo's {name}")
    return verdict


def judge_queries(verdict: Verdict, name: str, before: list[int], after: list[int]) -> None:
    """Hold the counted blocks of a test against the same ones without us."""
    if len(before) != len(after):
        verdict.failures.append(f"Odoo's {name}: {len(before)} counted blocks without us, {len(after)} with us")
        return
    pairs = [(less, more) for less, more in zip(before, after, strict=True) if more != less]
    told = ", ".join(f"{less} queries without us, {more} with us" for less, more in pairs)
    if any(more > less * MORE for less, more in pairs):
        verdict.failures.append(f"Odoo's {name}: {told}")
        return
    verdict.same += 1
    if told:
        verdict.notes.append(f"queries of Odoo's {name}: {told}")
