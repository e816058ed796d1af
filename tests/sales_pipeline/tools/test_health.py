import pytest

from odoo.addons.sales_pipeline.tools.health import HealthFacts, get_health_score


@pytest.mark.parametrize(
    ("facts", "score"),
    [
        (HealthFacts(), 100),
        (HealthFacts(overdue_tasks=1), 90),
        (HealthFacts(overdue_tasks=4), 60),
        (HealthFacts(overdue_tasks=50), 60),
        (HealthFacts(overdue_invoices=1, most_days_overdue=1), 85),
        (HealthFacts(overdue_invoices=1, most_days_overdue=30), 85),
        (HealthFacts(overdue_invoices=1, most_days_overdue=31), 70),
        (HealthFacts(overdue_invoices=9, most_days_overdue=2), 55),
        (HealthFacts(overdue_tasks=9, overdue_invoices=9, most_days_overdue=90), 0),
    ],
)
def test_each_trouble_costs_its_points(facts, score):
    assert get_health_score(facts) == score


def test_late_days_without_an_invoice_cost_nothing():
    assert get_health_score(HealthFacts(most_days_overdue=400)) == 100


def test_more_trouble_never_raises_the_score():
    for tasks in range(6):
        for invoices in range(6):
            score = get_health_score(HealthFacts(tasks, invoices, 40))
            assert get_health_score(HealthFacts(tasks + 1, invoices, 40)) <= score
            assert get_health_score(HealthFacts(tasks, invoices + 1, 40)) <= score
