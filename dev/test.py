"""bin/test: every check and test, or the part that the arguments name."""
from __future__ import annotations

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from dev import databases, kinds, machine, odoo_config, postgres, upstream, venv
from dev.common import ADDONS, ROOT, STATE, Fail, in_ci, step
from dev.odoo_package import Odoo, find_odoo
from dev.processes import die_with_parent
from dev.summary import Summary

# from this many files on, a second process pays for its start
WORTH_TWO = 4
TWO_PROCESSES = ["-n2", "--dist=loadfile"]
# live files that take minutes; begun last, one of two processes would wait for them
SLOW_FILES = ("tests/live/", "tests/sales_pipeline_whatsapp/")


@dataclass
class Plan:
    """What one call of bin/test runs."""

    lint: bool
    targets: dict[str, list[str]] = field(default_factory=dict)
    pytest_options: list[str] = field(default_factory=list)
    long: bool = False
    upstream: bool = False
    benchmarks: bool = False

    @property
    def needs_databases(self) -> bool:
        """Tell whether anything runs on a database."""
        return self.upstream or self.has(kinds.DATABASE, kinds.LIVE)

    def has(self, *names: str) -> bool:
        """Tell whether tests of a kind are to run."""
        return any(self.targets.get(name) for name in names)


def parse(args: list[str]) -> Plan:
    """Turn the arguments into a plan; options that are not ours go to pytest."""
    parser = argparse.ArgumentParser("bin/test", description="Run the checks and tests, all or those of the paths.")
    parser.add_argument("paths", nargs="*", metavar="PATH", help="test file, folder, or file.py::test")
    parser.add_argument("--long", action="store_true", help="include the tests marked long")
    parser.add_argument("--lint", action="store_true", help="run the linters, also when paths are given")
    parser.add_argument("--upstream", action="store_true", help="run Odoo's own tests, also when paths are given")
    parser.add_argument("-k", metavar="WORDS", help="only tests whose names match, as in pytest")
    parser.add_argument("-x", action="store_true", help="stop a group of tests at its first failure")
    known, others = parser.parse_known_args(args)
    options = (["-k", known.k] if known.k else []) + (["-x"] if known.x else []) + others
    everything = not known.paths and not known.lint and not known.upstream
    plan = Plan(lint=everything or known.lint, pytest_options=options, long=known.long)
    # a choice among our tests is no choice of Odoo's
    plan.upstream = known.upstream or (everything and not options)
    plan.benchmarks = everything and known.long and not options
    chosen = known.paths or (["tests"] if everything else [])
    for target in chosen:
        path, _colons, test = target.partition("::")
        place = Path(path).resolve() if Path(path).exists() else ROOT / path
        if not place.exists():
            raise Fail(f"there is no {path}")
        for file in kinds.test_files([place]):
            name = str(file.relative_to(ROOT)) + (f"::{test}" if test else "")
            plan.targets.setdefault(kinds.kind_of(file), []).append(name)
    return plan


def main(args: list[str]) -> int:
    """Set up what the plan needs, run it and sum it up."""
    plan, summary = parse(args), Summary()
    (STATE / "test").mkdir(parents=True, exist_ok=True)
    odoo = prepare(plan)
    linters = start_linters() if plan.lint else {}
    if plan.has(kinds.PURE):
        pytest(plan, summary, kinds.PURE, ["-p", "no:odoo"], dict(os.environ))
    if plan.needs_databases:
        try:
            with_postgres(plan, summary, odoo, linters)
        except Fail as failure:
            # say it in the count too: without a database many tests did not run
            summary.fail(f"the tests on databases: {failure}")
    if plan.benchmarks:
        # last, when nothing of ours runs beside them
        run_benchmarks(summary)
    finish_linters(linters, summary)
    print()
    for complaint in summary.complaints:
        print(complaint)
    print(summary.line(), flush=True)
    return summary.returncode


def with_postgres(plan: Plan, summary: Summary, odoo: Odoo, linters: dict[str, subprocess.Popen]) -> None:
    """Run the tests that need a database."""
    with postgres.running("test") as server:
        odoo_config.write_conf("test", odoo, server)
        with step("template database") as notes:
            notes.append(databases.prepared(odoo, server))
        finish_linters(linters, summary)
        if plan.has(kinds.DATABASE):
            test_databases(plan, summary, odoo, server)
        if plan.has(kinds.LIVE):
            test_live(plan, summary, odoo, server)
        if plan.upstream:
            upstream.run(odoo, server, summary, everything=plan.long)


def run_benchmarks(summary: Summary) -> None:
    """Print every figure at a million leads; a benchmark that cannot be measured is a failure, a slow one is not."""
    for name in ("all", "install"):
        print(f"--- dev/bench {name} --size 1m", flush=True)
        returncode = subprocess.call([sys.executable, ROOT / "dev", "bench", name, "--size", "1m"], cwd=ROOT)
        summary.check(f"dev/bench {name} --size 1m", returncode == 0)


def prepare(plan: Plan) -> Odoo | None:
    """Get the programs, Odoo and its libraries, as far as the plan needs them."""
    if not plan.needs_databases and venv.is_complete():
        return None
    with step("programs of the machine") as notes:
        notes += machine.install_missing(server=not postgres.foreign(), browser=plan.needs_databases)
    if postgres.foreign():
        # before minutes of downloads
        postgres.foreign_server()
    with step("Odoo") as notes:
        odoo = find_odoo()
        notes.append(odoo.label)
    with step("libraries"):
        venv.ensure(odoo)
    return odoo


def start_linters() -> dict[str, subprocess.Popen]:
    """Start ruff and pylint beside what comes next: making the template database leaves a processor idle."""
    ruff = [venv.HOME / "bin/ruff", "check", "--quiet", "--output-format=concise"]
    lines = {
        "ruff": [*ruff, "--config", "dev/ruff.toml", "."],
        "pylint": [venv.PYTHON, "-m", "pylint", "--rcfile=setup.cfg", "--score=no", *ADDONS],
    }
    return {
        name: subprocess.Popen(
            line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=die_with_parent
        )
        for name, line in lines.items()
    }


def finish_linters(linters: dict[str, subprocess.Popen], summary: Summary) -> None:
    """Wait for the linters, show what they say, and count each as one test."""
    for name in list(linters):
        process = linters.pop(name)
        with step(f"waited for {name}"):
            print(process.communicate()[0], end="", flush=True)
        summary.check(name, process.returncode == 0)


def pytest(plan: Plan, summary: Summary, kind: str, options: list[str], env: dict[str, str]) -> None:
    """Run pytest over the files of a kind and read its report."""
    report = STATE / f"test/{kind}-{os.getpid()}.xml"
    marks = ["--timeout=3600"] if plan.long else ["-m", "not long"]
    env = {**env, "SALES_PIPELINE_TEST_KIND": kind, "SALES_PIPELINE_LONG": "1" if plan.long else ""}
    line = [venv.PYTHON, "-m", "pytest", f"--junitxml={report}", *options, *marks, *plan.pytest_options]
    print(f"--- {kind} tests", flush=True)
    try:
        returncode = subprocess.call([*line, *plan.targets[kind]], cwd=ROOT, env=env)
        summary.read(report, f"pytest of the {kind} tests", returncode, strict=in_ci())
    finally:
        report.unlink(missing_ok=True)


def test_databases(plan: Plan, summary: Summary, odoo: Odoo, server: postgres.Server) -> None:
    """Run the database tests on a copy of the template."""
    name = f"{databases.PREFIX}_db_{os.getpid()}"
    with step("test database"):
        # made for live tests anyway, compiled scripts spare each test of a page its own compilation
        databases.fresh_copy(odoo, server, name, with_assets=plan.has(kinds.LIVE))
    options = [f"--odoo-config={odoo_config.conf_path('test')}", f"--odoo-database={name}", "--odoo-http",
               "--odoo-log-level=warn", *shared(plan, kinds.DATABASE)]
    try:
        pytest(plan, summary, kinds.DATABASE, options, odoo_config.odoo_environment(server, "test"))
    finally:
        databases.remove(server, "test", name)


def shared(plan: Plan, kind: str, *others: str) -> list[str]:
    """Return the options that share the files of a kind between two processes, where that pays."""
    files = {target.partition("::")[0] for target in plan.targets[kind]}
    return [*TWO_PROCESSES, *others] if len(files) >= WORTH_TWO else []


def test_live(plan: Plan, summary: Summary, odoo: Odoo, server: postgres.Server) -> None:
    """Run the live tests; each file copies a database that has its scripts and styles ready for browsers."""
    name = f"{databases.PREFIX}_source_{os.getpid()}"
    with step("database for live tests"):
        databases.fresh_copy(odoo, server, name, with_assets=True)
    env = {**odoo_config.odoo_environment(server, "test"), "SALES_PIPELINE_TEMPLATE": name}
    plan.targets[kinds.LIVE].sort(key=lambda target: not target.startswith(SLOW_FILES))
    try:
        # a test waits for the server more than it works, and each file has a server of its own
        pytest(plan, summary, kinds.LIVE, ["-p", "no:odoo", *shared(plan, kinds.LIVE, "--no-loadscope-reorder")], env)
    finally:
        databases.remove(server, "test", name)
