import random
from datetime import datetime, timedelta
from itertools import pairwise

from odoo.addons.sales_pipeline.tools.working_time import (
    Hours,
    get_end_of_work,
    get_flexible_hours,
    is_within,
    join_spans,
    lay_out_hours,
    subtract_spans,
    sum_spans,
)

DAY = datetime(2026, 3, 2)
WEEK = [Hours(weekday, start, end) for weekday in range(5) for start, end in ((9, 12), (13, 17))]


def draw_spans(generator, count):
    starts = [generator.randrange(500) for _span in range(count)]
    return [(DAY + timedelta(minutes=start), DAY + timedelta(minutes=start + generator.randrange(60)))
            for start in starts]  # fmt: skip


def minutes(spans):
    return {minute for minute in range(600) if is_within(spans, DAY + timedelta(minutes=minute))}


def test_spans_are_sets_of_minutes():
    generator = random.Random(5)
    for _round in range(200):
        spans, holes = draw_spans(generator, 6), draw_spans(generator, 6)
        joined = join_spans(spans)
        assert minutes(joined) == minutes(spans)
        assert all(first[1] < second[0] for first, second in pairwise(joined))
        left = subtract_spans(joined, holes)
        assert minutes(left) == minutes(spans) - minutes(holes)
        assert sum_spans(left) == timedelta(minutes=len(minutes(left)))


def test_a_week_has_its_hours():
    spans = lay_out_hours(WEEK, "UTC", DAY, DAY + timedelta(days=7))
    assert sum_spans(spans) == timedelta(hours=35)
    assert spans[0] == (DAY + timedelta(hours=9), DAY + timedelta(hours=12))


def test_hours_move_with_the_clock_of_their_zone():
    monday, later = datetime(2026, 3, 23), datetime(2026, 3, 30)
    for zone, before, after in (("Europe/Paris", 8, 7), ("Asia/Kolkata", 3.5, 3.5), ("America/New_York", 13, 13)):
        spans = lay_out_hours([Hours(0, 9, 12)], zone, monday, later + timedelta(days=1))
        assert spans[0][0] == monday + timedelta(hours=before)
        assert spans[1][0] == later + timedelta(hours=after)


def test_a_night_shift_of_the_day_before_still_counts():
    spans = lay_out_hours([Hours(6, 20, 24)], "America/Los_Angeles", DAY, DAY + timedelta(days=1))
    assert spans == [(DAY + timedelta(hours=4), DAY + timedelta(hours=8))]


def test_two_weeks_take_turns():
    hours = [Hours(0, 9, 10, 0), Hours(0, 14, 15, 1)]
    spans = lay_out_hours(hours, "UTC", DAY, DAY + timedelta(days=28))
    assert len(spans) == 4
    assert spans[0][0].hour != spans[1][0].hour
    assert spans[0][0].hour == spans[2][0].hour


def test_work_goes_on_the_next_morning_and_after_lunch():
    spans = lay_out_hours(WEEK, "UTC", DAY, DAY + timedelta(days=7))
    assert get_end_of_work(spans, DAY + timedelta(hours=11), timedelta(hours=2)) == DAY + timedelta(hours=14)
    assert get_end_of_work(spans, DAY + timedelta(hours=18), timedelta(hours=1)) == DAY + timedelta(days=1, hours=10)
    assert get_end_of_work(spans, DAY, timedelta(hours=36)) is None


def test_who_has_no_fixed_hours_works_no_more_than_the_week():
    assert sum(hours.end - hours.start for hours in get_flexible_hours(7.6, 38)) == 38
    assert get_flexible_hours(0, 40) == []
