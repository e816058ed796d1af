from itertools import product

import pytest

from odoo.addons.sales_pipeline.tools.onboarding import Progress, get_progress


@pytest.mark.parametrize(
    ("states", "percent", "status"),
    [
        ([], 0, "pending"),
        (["todo"], 0, "pending"),
        (["todo", "skipped"], 0, "pending"),
        (["skipped", "skipped"], 100, "completed"),
        (["done", "todo"], 50, "in_progress"),
        (["done", "todo", "todo"], 33, "in_progress"),
        (["done", "done", "todo", "skipped"], 66, "in_progress"),
        (["done"], 100, "completed"),
        (["done", "skipped"], 100, "completed"),
    ],
)
def test_progress_follows_the_tasks(states, percent, status):
    assert get_progress(states) == Progress(percent, status)


def test_hundred_percent_means_completed_and_nothing_else_does():
    for states in product(("todo", "done", "skipped"), repeat=5):
        progress = get_progress(states)
        assert (progress.percent == 100) == (progress.status == "completed") == ("todo" not in states)
        assert (progress.percent == 0) == (progress.status == "pending")


def test_a_long_plan_is_not_completed_by_rounding():
    assert get_progress(["done"] * 999 + ["todo"]) == Progress(99, "in_progress")


def test_order_of_the_tasks_is_of_no_matter():
    assert get_progress(["todo", "done"]) == get_progress(iter(["done", "todo"]))
