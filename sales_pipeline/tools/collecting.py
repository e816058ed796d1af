"""Let Python look for circles of forgotten objects at a better moment."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Make many objects that are all still needed, without Python going through them again and again meanwhile.

    For a second or two: the other threads' circles wait as well.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
