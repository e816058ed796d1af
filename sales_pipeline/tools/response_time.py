"""The time that counts: seconds inside somebody's working hours."""

from collections.abc import Sequence
from datetime import datetime, timedelta

Span = tuple[datetime, datetime]


def add_working_seconds(spans: Sequence[Span], start: datetime, seconds: float) -> datetime | None:
    """Return the moment at which so many working seconds have passed since ``start``.

    >>> nine, twelve, one = (datetime(2026, 1, 5, hour) for hour in (9, 12, 13))
    >>> spans = [(nine, twelve), (one, datetime(2026, 1, 5, 17))]
    >>> add_working_seconds(spans, datetime(2026, 1, 5, 11, 58), 300)
    datetime.datetime(2026, 1, 5, 13, 3)
    >>> add_working_seconds(spans, datetime(2026, 1, 5, 7), 60)
    datetime.datetime(2026, 1, 5, 9, 1)
    >>> add_working_seconds([], nine, 60) is None
    True

    :param spans: sorted, disjoint
    :return: nothing where the spans end before
    """
    left = timedelta(seconds=seconds)
    for begin, end in spans:
        begin = max(begin, start)
        if begin >= end:
            continue
        if end - begin >= left:
            return begin + left
        left -= end - begin
    return None


def count_working_seconds(spans: Sequence[Span], start: datetime, end: datetime) -> int:
    """Return how many seconds between two moments lie inside the spans.

    >>> spans = [(datetime(2026, 1, 5, 9), datetime(2026, 1, 5, 12))]
    >>> count_working_seconds(spans, datetime(2026, 1, 5, 8, 30), datetime(2026, 1, 5, 9, 1, 30))
    90
    >>> count_working_seconds(spans, datetime(2026, 1, 5, 20), datetime(2026, 1, 5, 21))
    0
    """
    inside = sum(
        ((min(stop, end) - max(begin, start)) for begin, stop in spans if begin < end and stop > start), timedelta()
    )
    return int(inside.total_seconds())
