"""What bin/test is asked for is what it runs, and its closing line counts it."""
import pytest

from dev import kinds
from dev import test as command
from dev.summary import Summary


@pytest.fixture
def called(monkeypatch, tmp_path):
    """Catch the calls of pytest instead of making them; each writes a report of one test that passed."""
    calls = []

    def call(line, cwd, env):
        calls.append(({str(part) for part in line}, env))
        [report] = [str(part).partition("=")[2] for part in line if str(part).startswith("--junitxml=")]
        with open(report, "w", encoding="utf-8") as file:
            file.write('<testsuites><testsuite><testcase classname="a" name="b"/></testsuite></testsuites>')
        return 0

    monkeypatch.setattr(command.subprocess, "call", call)
    monkeypatch.setattr(command, "STATE", tmp_path)
    (tmp_path / "test").mkdir()
    return calls


def run(*args):
    """Run the pure tests of a plan and return the sum."""
    plan, summary = command.parse(list(args)), Summary()
    command.pytest(plan, summary, kinds.PURE, [], {})
    return summary


def test_what_takes_long_is_left_out_unless_asked_for(called):
    assert run("tests/dev").line() == "1 passed, 0 failed, 0 skipped"
    [(line, env)] = called
    assert "not long" in line
    assert env["SALES_PIPELINE_LONG"] == ""


def test_long_runs_both_with_time_enough(called):
    run("tests/dev", "--long")
    [(line, env)] = called
    assert "not long" not in line
    assert "--timeout=3600" in line
    assert env["SALES_PIPELINE_LONG"] == "1"


@pytest.mark.parametrize("args", [(), ("--long",)])
def test_everything_is_planned_when_nothing_is_named(args):
    plan = command.parse(list(args))
    assert plan.lint
    assert set(plan.targets) == set(kinds.KINDS)
    assert "tests/dev/test_plan.py" in plan.targets[kinds.PURE]
    assert plan.long == bool(args)
    assert plan.benchmarks == bool(args)


def test_the_linters_alone_need_no_tests():
    plan = command.parse(["--lint"])
    assert (plan.lint, plan.targets) == (True, {})


def test_a_part_is_tested_without_the_linters_and_with_pytests_own_options(called):
    plan = command.parse(["tests/dev/test_plan.py::test_x", "-k", "words", "-x", "--durations=3"])
    assert not plan.lint
    assert plan.targets == {kinds.PURE: ["tests/dev/test_plan.py::test_x"]}
    assert plan.pytest_options == ["-k", "words", "-x", "--durations=3"]


def test_the_benchmarks_belong_to_the_long_run_of_everything_only():
    assert not command.parse(["tests/dev", "--long"]).benchmarks
    assert not command.parse(["--long", "-k", "words"]).benchmarks


@pytest.mark.parametrize(("status", "counts"), [(0, (2, 0)), (1, (0, 2))])
def test_a_benchmark_that_breaks_is_a_failure(monkeypatch, status, counts):
    asked = []
    monkeypatch.setattr(command.subprocess, "call", lambda call, cwd: asked.append(call[2:]) or status)
    summary = Summary()
    command.run_benchmarks(summary)
    assert asked == [["bench", "all", "--size", "1m"], ["bench", "install", "--size", "1m"]]
    assert (summary.passed, summary.failed) == counts
