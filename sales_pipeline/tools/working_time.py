"""Arithmetic on spans of time: when does somebody work.

A span is a pair of naive datetimes in UTC, the end not included. Lists of spans are sorted and disjoint unless a
function says that it takes any.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytz

Span = tuple[datetime, datetime]

_DAY = timedelta(days=1)
_NOON = 12.0


@dataclass(frozen=True)
class Hours:
    """Hours of a week's day, as a resource calendar has them.

    :param weekday: 0 is Monday
    :param start: hours after midnight, local time
    :param end: hours after midnight, up to 24
    :param week: 0 or 1 where two weeks take turns, else None
    """

    weekday: int
    start: float
    end: float
    week: int | None = None


def join_spans(spans: Iterable[Span]) -> list[Span]:
    """Return the same time as sorted, disjoint spans; any spans may come in.

    >>> hour = [datetime(2026, 1, 5, number) for number in range(24)]
    >>> join_spans([(hour[5], hour[7]), (hour[1], hour[3]), (hour[2], hour[4]), (hour[9], hour[9])]) == [
    ...     (hour[1], hour[4]), (hour[5], hour[7])]
    True
    """
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def subtract_spans(spans: Sequence[Span], holes: Iterable[Span]) -> list[Span]:
    """Return what is left of spans without the holes; any holes may come in.

    >>> hour = [datetime(2026, 1, 5, number) for number in range(24)]
    >>> subtract_spans([(hour[8], hour[12]), (hour[13], hour[17])], [(hour[10], hour[14]), (hour[16], hour[20])]) == [
    ...     (hour[8], hour[10]), (hour[14], hour[16])]
    True
    """
    left = list(spans)
    for hole_start, hole_end in join_spans(holes):
        left = [
            part
            for start, end in left
            for part in ((start, min(end, hole_start)), (max(start, hole_end), end))
            if part[0] < part[1]
        ]
    return left


def clip_spans(spans: Iterable[Span], start: datetime, end: datetime) -> list[Span]:
    """Return the part of spans that lies between two moments.

    >>> hour = [datetime(2026, 1, 5, number) for number in range(24)]
    >>> clip_spans([(hour[8], hour[12]), (hour[13], hour[17])], hour[9], hour[13]) == [(hour[9], hour[12])]
    True
    """
    clipped = ((max(start, first), min(end, last)) for first, last in spans)
    return [span for span in clipped if span[0] < span[1]]


def is_within(spans: Iterable[Span], moment: datetime) -> bool:
    """Return whether a moment lies in one of the spans.

    >>> nine, ten = datetime(2026, 1, 5, 9), datetime(2026, 1, 5, 10)
    >>> is_within([(nine, ten)], nine), is_within([(nine, ten)], ten)
    (True, False)
    """
    return any(start <= moment < end for start, end in spans)


def sum_spans(spans: Iterable[Span]) -> timedelta:
    """Return how long disjoint spans are together.

    >>> sum_spans([(datetime(2026, 1, 5, 9), datetime(2026, 1, 5, 10, 30))])
    datetime.timedelta(seconds=5400)
    """
    return sum((end - start for start, end in spans), timedelta())


def get_end_of_work(spans: Sequence[Span], start: datetime, work: timedelta) -> datetime | None:
    """Return when so much work is done that begins at a moment, or nothing where the spans do not reach so far.

    >>> spans = [(datetime(2026, 1, day, 9), datetime(2026, 1, day, 17)) for day in (5, 6)]
    >>> get_end_of_work(spans, datetime(2026, 1, 5, 16, 50), timedelta(minutes=30))
    datetime.datetime(2026, 1, 6, 9, 20)
    """
    for first, last in spans:
        begin = max(first, start)
        if last - begin >= work:
            return begin + work
        work -= max(last - begin, timedelta())
    return None


def lay_out_hours(hours: Iterable[Hours], zone: str, start: datetime, end: datetime) -> list[Span]:
    """Return the hours of a calendar between two moments, as spans.

    A clock that is put forward or back moves the hours with it.

    >>> lay_out_hours([Hours(0, 9, 17.5)], "Europe/Paris", datetime(2026, 1, 5), datetime(2026, 1, 12))
    [(datetime.datetime(2026, 1, 5, 8, 0), datetime.datetime(2026, 1, 5, 16, 30))]
    """
    zone_info = pytz.timezone(zone)
    by_weekday: dict[int, list[Hours]] = {}
    for each in hours:
        by_weekday.setdefault(each.weekday, []).append(each)
    spans = []
    # A day begins up to 14 hours before, or 12 hours after, the same day in UTC.
    day, last = (start - _DAY).date(), (end + _DAY).date()
    while day <= last:
        for each in by_weekday.get(day.weekday(), ()):
            if each.week in (None, get_week_type(day)):
                spans.append((_to_utc(zone_info, day, each.start), _to_utc(zone_info, day, each.end)))
        day += _DAY
    return clip_spans(join_spans(spans), start, end)


def get_week_type(day: date) -> int:
    """Return which of two weeks that take turns a day lies in, counted as Odoo's calendars count.

    >>> get_week_type(date(2026, 1, 5)) != get_week_type(date(2026, 1, 12))
    True
    """
    return (day.toordinal() - 1) // 7 % 2


def get_flexible_hours(hours_a_day: float, hours_a_week: float) -> list[Hours]:
    """Return hours for who has no fixed ones: around noon, from Monday on, until the week's hours are full.

    >>> [(hours.weekday, hours.start, hours.end) for hours in get_flexible_hours(8, 20)]
    [(0, 8.0, 16.0), (1, 8.0, 16.0), (2, 10.0, 14.0)]
    """
    found, left = [], hours_a_week
    for weekday in range(7):
        half = min(hours_a_day, left, 24) / 2
        if half > 0:
            found.append(Hours(weekday, _NOON - half, _NOON + half))
        left -= hours_a_day
    return found


def _to_utc(zone_info, day: date, hour: float) -> datetime:
    local = datetime(day.year, day.month, day.day) + timedelta(hours=hour)
    return zone_info.localize(local).astimezone(pytz.utc).replace(tzinfo=None)
