"""Serialise work by key before a transaction takes its snapshot.

Odoo runs REPEATABLE READ: a transaction that waits for a row or a lock and then reads still sees the world from
before the wait. So the lock is taken on a second connection first, and only then does the main cursor begin its
snapshot.
"""

import hashlib
import threading
from contextlib import suppress
from functools import lru_cache

from odoo import sql_db
from odoo.api import Environment
from odoo.tools import SQL, config
from psycopg2 import InterfaceError

_HOLDER = "sales_pipeline.key_lock"
# Odoo retries a request on LockNotAvailable, so a queue this long becomes a retry instead of a hung worker.
_LOCK_SECONDS = 10
# A request that waits would hold two connections: a crowd of them must not empty the pool that everybody else needs.
_SLOTS = threading.BoundedSemaphore(max(config["db_maxconn"] // 8, 1))


class _Holder:
    """Keep the keys of one main cursor locked until that cursor ends its transaction."""

    def __init__(self, cr: sql_db.BaseCursor):
        self.keys: set[str] = set()
        self._lock_cr = None
        if not _SLOTS.acquire(timeout=_LOCK_SECONDS):
            cr.execute(SQL("DO 'BEGIN RAISE lock_not_available; END'"), log_exceptions=False)
        self._has_slot = True
        try:
            self._lock_cr = sql_db.db_connect(cr.dbname).cursor()
        except Exception:
            self.release()
            raise

    def acquire(self, keys: set[str]) -> None:
        """Take the locks in one global order, so that two holders never wait for each other."""
        self.keys |= keys
        self._lock_cr.rollback()
        self._lock_cr.execute(SQL("SELECT set_config('lock_timeout', %s, true)", f"{_LOCK_SECONDS}s"))
        _take(self._lock_cr, self.keys)

    def release(self) -> None:
        """End the lock transaction and give the connection back."""
        if not self._has_slot:
            return
        self._has_slot = False
        try:
            with suppress(InterfaceError):
                if self._lock_cr:
                    self._lock_cr.close()
        finally:
            _SLOTS.release()


@lru_cache(maxsize=8192)
def _number(key: str) -> int:
    """Return the signed 64-bit number that stands for a key in PostgreSQL's advisory lock space."""
    # Kept, because each key is asked for twice: before and after the wait.
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big", signed=True)


def _take(cr: sql_db.BaseCursor, keys: set[str]) -> None:
    numbers = sorted(_number(key) for key in keys)
    # One statement for all, because a batch has a thousand keys; unnest keeps their order. A wait that is too long is
    # tried again by the caller: no error to log.
    cr.execute(
        SQL("SELECT count(pg_advisory_xact_lock(number)) FROM unnest(%s::bigint[]) number", numbers),
        log_exceptions=False,
    )


def _take_if_written(cr: sql_db.BaseCursor, keys: set[str]) -> bool:
    """Take the locks when the transaction has written something, and return whether it has: one query for both."""
    numbers = sorted(_number(key) for key in keys)
    cr.execute(
        SQL(
            """
            SELECT written, CASE WHEN written THEN (
                SELECT count(pg_advisory_xact_lock(number)) FROM unnest(%s::bigint[]) number) END
              FROM (SELECT pg_current_xact_id_if_assigned() IS NOT NULL AS written) now
            """,
            numbers,
        ),
        log_exceptions=False,
    )
    return cr.fetchone()[0]


def key_lock(env: Environment, *keys: str) -> bool:
    """Let one transaction at a time work on each of the keys.

    Before the transaction has written anything its snapshot is renewed after the wait, so it sees what the former
    holder committed. Once something was written that is impossible: the lock is still taken (until the end of the
    transaction), but rows of the former holder may stay unseen.

    :param env: environment whose cursor does the work
    :param keys: any texts, for instance ``email:ann@example.com``; empty ones are ignored
    :return: whether the snapshot is newer than the lock
    :raise psycopg2.errors.LockNotAvailable: after 10 seconds of waiting; Odoo retries the request
    """
    wanted = {key for key in keys if key}
    if not wanted:
        return True
    cr = env.cr
    env.flush_all()
    if _take_if_written(cr, wanted):
        return False
    former = cr.cache.get(_HOLDER)
    keys_to_take = wanted | (former.keys if former else set())
    cr.rollback()  # ends the old snapshot, and the former holder with it
    holder = _Holder(cr)
    try:
        holder.acquire(keys_to_take)
    except Exception:
        holder.release()
        raise
    cr.cache[_HOLDER] = holder

    def release() -> None:
        holder.release()
        if cr.cache.get(_HOLDER) is holder:
            del cr.cache[_HOLDER]

    cr.postcommit.add(release)
    cr.postrollback.add(release)
    return True
