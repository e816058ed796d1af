"""Prepare the next piece of work while the present one waits for the database."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Piece = TypeVar("Piece")
# seconds; the system makes some fifty microseconds of it
_REST = 1e-6


def one_ahead(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Yield what an iterator yields, which works in a thread of its own, one piece ahead; it must know no record."""
    nothing = object()
    with ThreadPoolExecutor(1, "one_ahead") as pool:
        coming = pool.submit(next, pieces, nothing)
        while (piece := coming.result()) is not nothing:
            coming = pool.submit(next, pieces, nothing)
            yield piece


def give_way() -> None:
    """Let the thread that waits for pieces go on at once when the database has answered it.

    Who never sleeps may keep it waiting for five milliseconds after each of its statements; ``sleep(0)`` gives
    nothing up.
    """
    time.sleep(_REST)


class Stopwatch:
    """Tell how long it took since it was asked last."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    def lap(self) -> float:
        """Return the seconds since the last lap."""
        before, self._since = self._since, time.monotonic()
        return self._since - before
