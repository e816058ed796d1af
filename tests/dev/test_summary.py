"""The closing line counts what every runner did."""
import pytest

from dev.summary import Summary

REPORT = """<testsuites><testsuite>
<testcase classname="a" name="good"/>
<testcase classname="a" name="bad"><failure message="no"/></testcase>
<testcase classname="a" name="broken"><error message="no"/></testcase>
<testcase classname="a" name="missing"><skipped type="pytest.skip" message="no chromium"/></testcase>
<testcase classname="a" name="known"><skipped type="pytest.xfail" message="known"/></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def report(tmp_path):
    """Write a report of pytest."""
    path = tmp_path / "report.xml"
    path.write_text(REPORT, encoding="utf-8")
    return path


def test_failures_errors_and_skips_are_told_apart(report):
    summary = Summary()
    summary.read(report, "pytest", 1, strict=False)
    assert summary.line() == "2 passed, 2 failed, 1 skipped"


def test_a_skip_is_a_failure_where_nothing_may_be_missing(report):
    summary = Summary()
    summary.read(report, "pytest", 1, strict=True)
    assert summary.line() == "2 passed, 3 failed, 0 skipped"
    assert "FAILED a.missing (skipped: no chromium)" in summary.complaints


@pytest.mark.parametrize("returncode", [2, 3, 4, -9])
def test_a_runner_that_breaks_down_without_a_report_is_a_failure(tmp_path, returncode):
    summary = Summary()
    summary.read(tmp_path / "none.xml", "pytest", returncode, strict=False)
    assert (summary.failed, summary.returncode) == (1, 1)


def test_no_test_at_all_is_a_failure_of_the_whole():
    assert Summary().returncode == 1


def test_each_linter_counts_as_one():
    summary = Summary()
    summary.check("ruff", True)
    summary.check("pylint", False)
    assert (summary.line(), summary.returncode) == ("1 passed, 1 failed, 0 skipped", 1)
