"""How far an onboarding plan is, and whose turn it is to look after the next customer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """Where a plan stands: a whole percentage and the word for it."""

    percent: int
    status: str


def get_progress(states: Iterable[str]) -> Progress:
    """Measure a plan by its tasks.

    A task that is not needed counts for nothing. The percentage is rounded down, so 100 is reached by the last task only.
    A plan without tasks has not begun; one whose last tasks turn out to be needless is completed.

    :param states: the state of each task: ``todo``, ``done`` or ``skipped``
    :return: ``pending`` while nothing is done, ``completed`` when nothing is left to do, else ``in_progress``

    >>> get_progress(["done", "todo", "skipped", "todo"])
    Progress(percent=33, status='in_progress')
    """
    states = list(states)
    done = states.count("done")
    needed = done + states.count("todo")
    if states and done == needed:
        return Progress(100, "completed")
    if not done:
        return Progress(0, "pending")
    return Progress(100 * done // needed, "in_progress")


def next_in_turn(candidates: Sequence[int], last: int | None) -> int | None:
    """Return the candidate that follows the last one chosen, going round in ascending order.

    The last one need not be a candidate any more: the turn then goes to the next higher number.

    >>> next_in_turn([4, 7, 9], 7), next_in_turn([4, 7, 9], 9), next_in_turn([4, 9], 7)
    (9, 4, 9)
    """
    ordered = sorted(candidates)
    if not ordered:
        return None
    return next((candidate for candidate in ordered if last is not None and candidate > last), ordered[0])
