"""Whose turn is it."""

from collections.abc import Sequence


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
