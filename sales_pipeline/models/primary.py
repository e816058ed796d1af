"""Short transactions on the primary database, beside the one of the request."""

from collections.abc import Iterator
from contextlib import contextmanager

from odoo import sql_db
from odoo.tools import SQL


@contextmanager
def primary_cursor(dbname: str) -> Iterator[sql_db.BaseCursor]:
    """Open a transaction of its own that sees whatever is committed, and commit it at the end of the block.

    A request that reads may run on a replica or inside a snapshot; what counts requests, claims keys and notes the
    last use must neither wait for nor fail with it.
    """
    with sql_db.db_connect(dbname).cursor() as cr:
        # Odoo's own transactions keep one snapshot: rows of others would collide instead of being seen.
        cr.execute(SQL("SET TRANSACTION ISOLATION LEVEL READ COMMITTED"))
        yield cr
