"""Pools: fair whatever the batches, weights, absences and limits."""

import random
from collections import Counter
from itertools import groupby

from odoo.addons.sales_pipeline.tools.assignment import Seat, hand_out


def draw_batches(generator, total):
    """Split a number into batches of any size."""
    left = total
    while left:
        size = generator.randint(1, min(left, 17))
        left -= size
        yield size


def restart(seats):
    """Return seats as a new process reads them: in another order, and knowing only where everybody stands."""
    return [Seat(seat.user_id, seat.weight, float(seat.turn), seat.is_in) for seat in reversed(seats)]


def test_equal_members_never_differ_by_more_than_one_at_any_moment():
    generator = random.Random(1)
    for _round in range(150):
        seats, counts = [Seat(id_) for id_ in generator.sample(range(1, 99), generator.randint(1, 12))], Counter()
        for size in draw_batches(generator, generator.randint(1, 120)):
            for turn in hand_out(seats, size):
                counts[turn.user_id] += 1
                shares = [counts[seat.user_id] for seat in seats]
                assert max(shares) - min(shares) <= 1
            seats = restart(seats)


def test_batches_change_nothing():
    generator = random.Random(2)
    for _round in range(50):
        weights = [generator.randint(1, 9) for _seat in range(generator.randint(1, 8))]
        whole = [Seat(number, weight) for number, weight in enumerate(weights, 1)]
        parts = [Seat(number, weight) for number, weight in enumerate(weights, 1)]
        expected = [turn.user_id for turn in hand_out(whole, 100)]
        given = []
        for size in draw_batches(generator, 100):
            given += [turn.user_id for turn in hand_out(parts, size)]
            parts = restart(parts)
        assert given == expected


def test_shares_follow_the_weights_all_along():
    generator = random.Random(3)
    for _round in range(100):
        weights = {number: generator.randint(1, 10) for number in range(1, generator.randint(2, 9))}
        seats, counts, total = [Seat(*pair) for pair in weights.items()], Counter(), sum(weights.values())
        for number, turn in enumerate(hand_out(seats, 300), 1):
            counts[turn.user_id] += 1
            for user_id, weight in weights.items():
                assert abs(counts[user_id] - number * weight / total) < 2
        whole = Counter(turn.user_id for turn in hand_out([Seat(*pair) for pair in weights.items()], total * 5))
        assert whole == {user_id: weight * 5 for user_id, weight in weights.items()}


def test_a_heavy_member_does_not_get_a_row_of_leads():
    order = [turn.user_id for turn in hand_out([Seat(1, 5), Seat(2, 1), Seat(3, 1)], 7)]
    assert Counter(order) == {1: 5, 2: 1, 3: 1}
    assert order[:2] == [1, 1]
    assert order[-2:] == [1, 1]


def test_who_was_away_catches_up_but_is_not_flooded():
    for missed in range(60):
        for made_up in range(5):
            ann, bob, cem = seats = [Seat(1), Seat(2), Seat(3)]
            bob.is_in = False
            hand_out(seats, missed, made_up)
            bob.is_in = True
            after = [turn.user_id for turn in hand_out(seats, 40, made_up)]
            in_a_row = max(len(list(run)) for user_id, run in groupby(after) if user_id == 2)
            assert in_a_row <= made_up + 1
            # The missed ones are made up for up to the bound; then all are equal again.
            surplus = after.count(2) - (after.count(1) + after.count(3)) / 2
            assert min(missed // 2, made_up) - 1 <= surplus <= made_up + 1
            tail = after[made_up * 2 + 4 :]
            assert max(map(tail.count, (1, 2, 3))) - min(map(tail.count, (1, 2, 3))) <= 1
            assert (ann.taken + bob.taken + cem.taken) == missed + 40


def test_who_just_missed_one_has_as_many_as_the_others_in_the_end():
    seats = [Seat(1), Seat(2), Seat(3)]
    seats[1].is_in = False
    given = [turn.user_id for turn in hand_out(seats, 4)]
    seats[1].is_in = True
    later = hand_out(seats, 8)
    assert Counter(given + [turn.user_id for turn in later]) == {1: 4, 2: 4, 3: 4}
    assert [turn.is_made_up for turn in later[:2]] == [True, False]


def test_who_is_full_is_passed_by_and_owed_nothing():
    seats = [Seat(1), Seat(2, room=2), Seat(3)]
    turns = hand_out(seats, 12)
    assert Counter(turn.user_id for turn in turns) == {1: 5, 2: 2, 3: 5}
    assert turns[-1].full == (2,)
    seats[1].room = None
    assert Counter(turn.user_id for turn in hand_out(seats, 9)) == {1: 3, 2: 3, 3: 3}


def test_who_comes_new_begins_where_the_others_are():
    seats = [Seat(1), Seat(2)]
    hand_out(seats, 1001)
    seats.append(Seat(3))
    counts = Counter(turn.user_id for turn in hand_out(seats, 30))
    assert max(counts.values()) - min(counts.values()) <= 1


def test_when_nobody_works_the_next_one_gets_it_or_it_waits():
    seats = [Seat(1, is_in=False), Seat(2, is_in=False)]
    anyway = hand_out(seats, 3)
    assert [turn.user_id for turn in anyway] == [1, 2, 1]
    assert all(turn.is_anyway for turn in anyway)
    waiting = hand_out(seats, 2, is_patient=True)
    assert [turn.user_id for turn in waiting] == [None, None]
    assert waiting[0].absent == (1, 2)


def test_a_pool_without_room_or_people_gives_nothing():
    assert [turn.user_id for turn in hand_out([Seat(1, room=0)], 2)] == [None, None]
    assert [turn.user_id for turn in hand_out([], 2)] == [None, None]
