"""SQL that brings the inbox of an earlier version into the words of this one."""

from odoo import sql_db
from odoo.sql_db import BaseCursor
from odoo.tools import SQL

_BATCH = 100_000


def translate_settled_rows(database: str) -> int:
    """Put settled rows of 19.0.1.0 into the present states while a server of that version goes on; harmless when run
    twice.

    It has a connection of its own, which sees what that server commits, and ends a transaction a batch: inside the
    update's transaction each row that was changed meanwhile would end the update. It makes no columns and no indexes:
    the update, whose picture of the database is older, would not see them. What still waits is left to that
    server; what it leaves behind is adopted by the job of this version (``adopt_old_rows``).

    :return: how many rows were translated
    """
    with sql_db.db_connect(database).cursor() as cr:
        total = 0
        while True:
            cr.execute(SQL("SET TRANSACTION ISOLATION LEVEL READ COMMITTED"))
            count = adopt_old_rows(cr, SQL("state IN ('done', 'refused', 'test')"))
            cr.commit()  # pylint: disable=invalid-commit
            if not count:
                return total
            total += count


def adopt_old_rows(cr: BaseCursor, condition: SQL | None = None, limit: int = _BATCH) -> int:
    """Translate a batch of rows of the old version and return their number; without any, an empty index says so."""
    cr.execute(
        SQL(
            """
            WITH old AS (
                SELECT id FROM pipeline_inbox WHERE state IN ('pending', 'done', 'refused', 'test') AND %s
                 ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
            )
            UPDATE pipeline_inbox i
               SET state = CASE WHEN i.state = 'pending' THEN 'received'
                                WHEN i.state = 'refused' THEN 'rejected'
                                WHEN i.result = 'duplicate' THEN 'duplicate'
                                ELSE 'processed' END,
                   is_test = coalesce(i.is_test, false) OR i.state = 'test'
              FROM old WHERE i.id = old.id
            """,
            condition or SQL("TRUE"), limit,
        )
    )  # fmt: skip
    return cr.rowcount
