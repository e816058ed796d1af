"""How well a customer relation stands, from facts that can be looked up."""

from dataclasses import dataclass

PERFECT = 100

# (points lost by each, points lost at most): one unpaid invoice weighs more than one late task, and no single kind of
# trouble alone may bring the score to zero.
_OVERDUE_TASK = (10, 40)
_OVERDUE_INVOICE = (15, 45)
# An invoice this late is no slip any more.
_VERY_LATE_DAYS = 30
_VERY_LATE = 15


@dataclass(frozen=True)
class HealthFacts:
    """What the score is made of."""

    overdue_tasks: int = 0
    overdue_invoices: int = 0
    most_days_overdue: int = 0


def get_health_score(facts: HealthFacts) -> int:
    """Return the health of a customer, 0 (lost) to 100 (nothing to worry about).

    100, less 10 for each overdue onboarding task (40 at most), less 15 for each overdue invoice (45 at most), less 15
    more when an invoice has been due for over 30 days.

    >>> get_health_score(HealthFacts(overdue_tasks=1, overdue_invoices=1))
    75
    """
    lost = _get_loss(facts.overdue_tasks, *_OVERDUE_TASK) + _get_loss(facts.overdue_invoices, *_OVERDUE_INVOICE)
    if facts.overdue_invoices and facts.most_days_overdue > _VERY_LATE_DAYS:
        lost += _VERY_LATE
    return max(0, PERFECT - lost)


def _get_loss(count: int, each: int, at_most: int) -> int:
    return min(max(count, 0) * each, at_most)
