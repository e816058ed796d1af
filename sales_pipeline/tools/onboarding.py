"""How far an onboarding plan is."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """Where a plan stands: a whole percentage and the word for it."""

    percent: int
    status: str


def get_progress(states: Iterable[str]) -> Progress:
    """Measure a plan by its tasks.

    A task that is not needed counts for nothing. The percentage is rounded down, so only the last task reaches 100.
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
