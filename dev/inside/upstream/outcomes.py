"""A pytest plugin: keep what became of each of Odoo's own tests, and how many queries the counted ones took."""
import contextlib
import json
import os
from pathlib import Path

import pytest

# The limits in Odoo's tests were measured with other modules around; what counts is what a test takes without us.
UNLIMITED = 10**9
WORSE = {"passed": 0, "skipped": 1, "failed": 2}
counts = []
outcomes = {}


def pytest_configure():
    """Count the queries of Odoo's counted blocks instead of judging them."""
    from odoo.tests.common import BaseCase

    original = BaseCase.assertQueryCount

    @contextlib.contextmanager
    def counted(self, _default=0, flush=True, **_limits):
        with original(self, UNLIMITED, flush):
            before = self.cr.sql_log_count
            yield
            if self.warm:
                if flush:
                    self.env.flush_all()
                    self.env.cr.flush()
                counts.append(self.cr.sql_log_count - before)

    BaseCase.assertQueryCount = counted


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_call(item):
    """Send the counts along with the report: with several processes another one writes them down."""
    counts.clear()
    yield
    item.user_properties.append(("queries", list(counts)))


def pytest_runtest_logreport(report):
    """Keep the worst of a test's parts."""
    kept = outcomes.setdefault(report.nodeid, {"outcome": "passed", "queries": [], "text": ""})
    if WORSE[report.outcome] > WORSE[kept["outcome"]]:
        kept["outcome"] = report.outcome
    if report.failed:
        kept["text"] += report.longreprtext + "\n"
    kept["queries"] = dict(report.user_properties).get("queries", kept["queries"])


def pytest_collectreport(report):
    """A file that cannot be read is a failure under its own name."""
    if report.failed:
        outcomes[report.nodeid] = {"outcome": "failed", "queries": [], "text": report.longreprtext}


def pytest_sessionfinish(session):
    """Write everything down, once."""
    if not hasattr(session.config, "workerinput"):
        Path(os.environ["SALES_PIPELINE_OUTCOMES"]).write_text(json.dumps(outcomes), encoding="utf-8")
