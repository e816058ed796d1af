"""SQL that brings the inbox of an earlier version into the words of this one."""

from odoo.sql_db import BaseCursor
from odoo.tools import SQL

# What 19.0.1.0 wrote into "state".
OLD_STATES = ("pending", "done", "refused", "test")
_BATCH = 20_000


def translate_inbox_states(cr: BaseCursor) -> int:
    """Put rows that still carry a state of 19.0.1.0 into the present states; harmless when run twice.

    A server of the old version may write such rows until it is stopped, so the job asks again; an index of nothing but
    these rows makes that free.

    :return: how many rows were translated
    """
    cr.execute(SQL("""
        ALTER TABLE pipeline_inbox ADD COLUMN IF NOT EXISTS refused_code varchar;
        CREATE INDEX IF NOT EXISTS pipeline_inbox_old_state_idx ON pipeline_inbox (id)
            WHERE state IN ('pending', 'done', 'refused', 'test');
    """))
    total = 0
    while count := adopt_old_rows(cr):
        total += count
    return total


def adopt_old_rows(cr: BaseCursor, limit: int = _BATCH) -> int:
    """Translate a batch of rows of the old version and return their number."""
    cr.execute(
        SQL(
            """
            WITH old AS (
                SELECT id FROM pipeline_inbox WHERE state IN ('pending', 'done', 'refused', 'test')
                 ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED
            )
            UPDATE pipeline_inbox i
               SET state = CASE WHEN i.state = 'pending' THEN 'received'
                                WHEN i.state = 'refused' THEN 'rejected'
                                WHEN i.result = 'duplicate' THEN 'duplicate'
                                ELSE 'processed' END,
                   is_test = coalesce(i.is_test, false) OR i.state = 'test',
                   refused_code = CASE WHEN i.state = 'refused' THEN
                                       CASE WHEN i.error_message LIKE '%%cannot be used%%' THEN 'invalid'
                                            ELSE 'missing' END END,
                   error_message = CASE WHEN i.state = 'refused' THEN NULL ELSE i.error_message END
              FROM old WHERE i.id = old.id
            """,
            limit,
        )
    )
    return cr.rowcount
