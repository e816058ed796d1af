from itertools import product

import pytest
from odoo.addons.sales_pipeline.tools.onboarding import Progress, get_progress, next_in_turn


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


def test_turn_goes_round():
    turns, last = [], None
    for _turn in range(5):
        last = next_in_turn([9, 4, 7], last)
        turns.append(last)
    assert turns == [4, 7, 9, 4, 7]


@pytest.mark.parametrize(("last", "expected"), [(None, 4), (1, 4), (5, 7), (8, 4)])
def test_turn_survives_the_leaving_of_the_last_one(last, expected):
    assert next_in_turn([4, 7], last) == expected


def test_nobody_has_the_turn_among_nobody():
    assert next_in_turn([], 3) is None
