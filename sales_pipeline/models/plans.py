"""Ask PostgreSQL to plan a query another way, where what it knows of an index misleads it."""

from collections.abc import Iterator
from contextlib import contextmanager

from odoo.sql_db import BaseCursor


@contextmanager
def planned_without_bitmaps(cr: BaseCursor, is_wanted: bool = True) -> Iterator[None]:
    """Plan the queries of the block with plain scans of indexes, so never with an index of trigrams.

    Many values at once make the estimate of such an index too low, and the query takes seconds instead of a
    millisecond.
    """
    if not is_wanted:
        yield
        return
    cr.execute("SET LOCAL enable_bitmapscan = off")
    yield
    # after an error the setting goes with the transaction or its savepoint
    cr.execute("SET LOCAL enable_bitmapscan TO DEFAULT")
