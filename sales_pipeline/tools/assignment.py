"""Whose turn is it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

# One turn of a member with weight 1. Every weight up to 16 divides it without a rest, and a double adds such numbers
# exactly up to 12 billion turns.
LAP = 720720
MAX_WEIGHT = 100


@dataclass
class Seat:
    """A member of a pool while leads are handed out.

    :param weight: 1 to ``MAX_WEIGHT``; who has 2 gets twice as many leads as who has 1
    :param turn: where on the track this member stands, 0 for somebody new; the one furthest behind is next
    :param is_in: works now
    :param room: how many leads may still be taken, None for any number
    """

    user_id: int
    weight: int = 1
    turn: float = 0
    is_in: bool = True
    room: int | None = None
    taken: int = 0

    @property
    def stride(self) -> int:
        """How far one lead takes this member along the track."""
        return round(LAP / self.weight)

    @property
    def is_full(self) -> bool:
        """Whether this member can take no more."""
        return self.room is not None and self.taken >= self.room


@dataclass(frozen=True)
class Turn:
    """Who takes one lead, and why.

    :param user_id: None where nobody can take it now
    :param absent: those who did not work
    :param full: those who had no room
    :param is_anyway: nobody worked, so it was given to the next
    :param is_made_up: the member was passed over before and gets the share now
    """

    user_id: int | None = None
    place: int = 0
    count: int = 0
    absent: tuple[int, ...] = ()
    full: tuple[int, ...] = ()
    is_anyway: bool = False
    is_made_up: bool = False


@dataclass
class Decision:
    """Whose a lead becomes: ``why`` is what the reason is worded from, ``pool_id`` the pool that decided."""

    user_id: int | bool = False
    why: dict[str, Any] = field(default_factory=dict)
    pool_id: int | bool = False
    team_id: int | bool = False
    waits: bool = False


def hand_out(seats: Sequence[Seat], count: int, made_up: int = 3, is_patient: bool = False) -> list[Turn]:
    """Give out leads one by one, and move the seats along.

    Each lead takes its receiver along a track, the shorter the heavier the weight; whoever is furthest behind is next.
    So members of the same weight who all work never differ by more than one lead, however the leads are batched. Who
    does not work stays where he is, and gets the leads that passed by first when back: at most ``made_up`` of them
    beside the regular turn, so that nobody comes back to a flood. Who is full is moved along with the others.

    >>> ann, bob = Seat(1), Seat(2, is_in=False)
    >>> [turn.user_id for turn in hand_out([ann, bob], 4)]
    [1, 1, 1, 1]
    >>> bob.is_in = True
    >>> [turn.user_id for turn in hand_out([ann, bob], 6)]
    [2, 2, 2, 1, 2, 1]
    >>> [turn.user_id for turn in hand_out([Seat(1, weight=2), Seat(2)], 6)]
    [1, 2, 1, 1, 2, 1]

    :param seats: their ``turn`` and ``taken`` are changed
    :param made_up: how many missed leads somebody gets back
    :param is_patient: nobody gets a lead while nobody works, instead of the next one
    """
    return [_hand_out_one(seats, made_up, is_patient) for _lead in range(count)]


def _hand_out_one(seats: Sequence[Seat], made_up: int, is_patient: bool) -> Turn:
    able = [seat for seat in seats if not seat.is_full]
    present = [seat for seat in able if seat.is_in]
    full = tuple(seat.user_id for seat in seats if seat.is_full)
    absent = tuple(seat.user_id for seat in able if not seat.is_in)
    is_anyway = not present and bool(able) and not is_patient
    chosen_from = able if is_anyway else present
    if not chosen_from:
        return Turn(None, 0, len(seats), absent, full)
    level = _get_level(chosen_from)
    for seat in seats:
        seat.turn = seat.turn or level
    chosen = min(chosen_from, key=lambda each: (each.turn + each.stride / 2, each.user_id))
    is_made_up = chosen.turn + chosen.stride <= level
    chosen.turn += chosen.stride
    chosen.taken += 1
    level = _get_level(chosen_from)
    for seat in seats:
        if seat.is_full:
            seat.turn = max(seat.turn, level)
        elif not seat.is_in and not is_anyway:
            seat.turn = max(seat.turn, level - made_up * seat.stride)
    place = 1 + sorted(each.user_id for each in seats).index(chosen.user_id)
    return Turn(chosen.user_id, place, len(seats), absent, full, is_anyway, is_made_up)


def _get_level(seats: Iterable[Seat]) -> float:
    """Return where on the track the pool is: where somebody new begins, and nobody who missed turns holds it back."""
    known = [seat for seat in seats if seat.turn]
    if not known:
        return LAP
    return max(min(seat.turn for seat in known), *(seat.turn - seat.stride for seat in known))


def take_turns(members: Sequence[int], last: int | None, count: int) -> list[int]:
    """Return the members who take the next turns.

    Members take turns in ascending order; the turn after the last one goes to the first. ``last`` need not be a
    member any more: the turn then goes to the next higher one, so nobody is skipped or served twice when people come
    and go.

    >>> take_turns([3, 1, 2], last=2, count=4)
    [3, 1, 2, 3]
    >>> take_turns([1, 4], last=3, count=1)
    [4]
    >>> take_turns([], last=None, count=2)
    []

    :param members: ids of those who take part, in any order
    :param last: id of the one who had the last turn
    :param count: how many turns to give out
    :return: ``count`` ids, or none when nobody takes part
    """
    ring = sorted(set(members))
    if not ring:
        return []
    start = next((index for index, member in enumerate(ring) if last is not None and member > last), 0)
    return [ring[(start + turn) % len(ring)] for turn in range(count)]
