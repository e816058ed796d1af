"""Odoo's own tests are judged by how they end without our addons."""
import pytest

from dev import test as command
from dev import upstream
from dev.summary import Summary


def end(outcome="passed", *queries):
    return {"outcome": outcome, "queries": list(queries), "text": "why"}


def judge(before, after, test="odoo/addons/crm/tests/test_a.py::A::test_b"):
    """Compare one test that both sides ran."""
    return upstream.compare({test: before}, {test: after})


def test_what_passes_on_both_sides_is_counted():
    verdict = judge(end(), end())
    assert (verdict.same, verdict.failures, verdict.notes) == (1, [], [])


@pytest.mark.parametrize("outcome", ["failed", "skipped"])
def test_what_ends_otherwise_with_us_is_a_failure_and_shows_why(outcome):
    verdict = judge(end(), end(outcome))
    assert verdict.same == 0
    assert verdict.failures == [f"Odoo's crm/tests/test_a.py::A::test_b: passed without us, {outcome} with us\nwhy"]


def test_what_passes_only_with_us_differs_too():
    assert judge(end("failed"), end()).failures


@pytest.mark.parametrize("missing", ["stock", "ours"])
def test_what_ran_on_one_side_only_is_a_failure(missing):
    sides = {"stock": {"a": end()}, "ours": {"a": end()}, missing: {}}
    assert len(upstream.compare(**sides).failures) == 1


@pytest.mark.parametrize("outcome", ["failed", "skipped"])
def test_what_fails_without_us_too_is_told_and_not_counted(outcome):
    verdict = judge(end(outcome), end(outcome))
    assert (verdict.same, verdict.failures) == (0, [])
    assert verdict.notes == [f"{outcome} without us too: Odoo's crm/tests/test_a.py::A::test_b"]


@pytest.mark.parametrize(("before", "after", "good"), [
    (100, 110, True), (100, 111, False), (100, 90, True), (0, 0, True), (0, 1, False), (9, 10, False),
])
def test_a_tenth_more_queries_is_allowed_and_told_with_both_figures(before, after, good):
    verdict = judge(end("passed", 3, before), end("passed", 3, after))
    assert (verdict.same, len(verdict.failures)) == ((1, 0) if good else (0, 1))
    told = verdict.notes + verdict.failures
    assert all(f"{before} queries without us, {after} with us" in text for text in told)
    assert bool(told) == (before != after)


def test_a_counted_block_that_was_not_reached_is_a_failure():
    assert judge(end("passed", 1, 2), end("passed", 1)).failures


def test_the_closing_line_counts_the_differences():
    summary = Summary()
    upstream.count(upstream.Verdict(5, ["crm: x"], ["y"]), summary)
    assert summary.line() == "5 passed, 1 failed, 0 skipped"
    assert summary.complaints == ["FAILED crm: x", "y"]


@pytest.fixture
def asked(monkeypatch):
    """Note which modules are compared instead of running their tests."""
    modules = []
    monkeypatch.setattr(upstream, "baseline", lambda _odoo, _server, group: modules.extend(group) or {})
    monkeypatch.setattr(upstream, "with_addons", lambda *_: {})
    return modules


@pytest.mark.parametrize(("args", "count"), [((), 3), (("--long",), 8), (("--upstream",), 3)])
def test_the_quick_modules_run_each_time_and_all_with_long(asked, args, count):
    plan = command.parse(list(args))
    assert plan.upstream
    upstream.run(None, None, Summary(), everything=plan.long)
    assert asked[:3] == ["crm", "sale_crm", "sales_team"]
    assert len(asked) == count


@pytest.mark.parametrize("args", [("tests/dev",), ("--lint",), ("-k", "lead"), ("-x",)])
def test_a_choice_among_our_tests_leaves_odoos_out(args):
    assert not command.parse(list(args)).upstream


def test_odoos_tests_alone():
    plan = command.parse(["--upstream"])
    assert (plan.lint, plan.targets, plan.needs_databases) == (False, {}, True)
