"""How many requests a caller may send in a while."""

import logging
import math
import threading
import time
from dataclasses import dataclass

import psycopg2
from odoo.tools import SQL

from ..models.primary import primary_cursor
from .call import Caller

_logger = logging.getLogger(__name__)

# Those who show no token share what their address has.
_ADDRESS_QUOTA, _ADDRESS_SECONDS = 100, 10
_USE_NOTED_SECONDS = 60
_COMPLAINT_SECONDS = 60
_MOST_KEPT = 10_000


@dataclass(frozen=True)
class LimitState:
    """What a caller has left of its window."""

    quota: int
    left: int
    window_seconds: int
    reset_seconds: int
    is_refused: bool


class _Memory:
    """What one process remembers: when it noted a use, and the windows while the database cannot keep them."""

    def __init__(self):
        self._lock = threading.Lock()
        self._noted: dict[tuple[str, int], float] = {}
        self._windows: dict[tuple[str, str], tuple[float, int]] = {}
        self.failed_at: float | None = None

    def is_due(self, key: tuple[str, int]) -> bool:
        """Tell whether this process has not noted the use of a token lately; noted now."""
        now = time.monotonic()
        with self._lock:
            if now - self._noted.get(key, -math.inf) < _USE_NOTED_SECONDS:
                return False
            if len(self._noted) >= _MOST_KEPT:
                self._noted.clear()
            self._noted[key] = now
            return True

    def count(self, key: tuple[str, str], seconds: int) -> tuple[int, float]:
        """Return how often a caller asked in its window, and the seconds until its end."""
        now = time.monotonic()
        with self._lock:
            start, used = self._windows.get(key, (now, 0))
            if now >= start + seconds:
                start, used = now, 0
            if len(self._windows) >= _MOST_KEPT:
                self._windows.clear()
            self._windows[key] = start, used + 1
            return used + 1, start + seconds - now

    def complain(self, error: Exception) -> None:
        """Log once a minute that the database does not count."""
        now = time.monotonic()
        with self._lock:
            is_new = self.failed_at is None or now - self.failed_at > _COMPLAINT_SECONDS
            self.failed_at = now if is_new else self.failed_at
        if is_new:
            _logger.warning("Requests are counted in memory, because the database cannot: %s", type(error).__name__)


_memory = _Memory()


def count_request(dbname: str, caller: Caller) -> LimitState | None:
    """Count one request, in a transaction of its own; None: there is no limit.

    A window begins with its first request. When the database cannot count, this process does: a limit protects the
    server, and is no reason to answer nobody.
    """
    quota, seconds = caller.quota, caller.window_seconds
    if caller.key.startswith("ip:") and not quota:
        quota, seconds = _ADDRESS_QUOTA, _ADDRESS_SECONDS
    token_id = caller.token_id if caller.token_id and _memory.is_due((dbname, caller.token_id)) else None
    if not quota and not token_id:
        return None
    try:
        with primary_cursor(dbname) as cr:
            if token_id:
                _note_use(cr, token_id)
            used, left_seconds = _count(cr, caller.key, seconds) if quota else (0, 0.0)
    except psycopg2.Error as error:
        _memory.complain(error)
        used, left_seconds = _memory.count((dbname, caller.key), seconds)
    if not quota:
        return None
    reset = max(math.ceil(left_seconds), 0)
    return LimitState(quota, max(quota - used, 0), seconds, reset, used > quota)


def is_degraded() -> bool:
    """Tell whether this process could not count in the database lately."""
    return _memory.failed_at is not None and time.monotonic() - _memory.failed_at < 2 * _COMPLAINT_SECONDS


def _count(cr, key: str, seconds: int) -> tuple[int, float]:
    # now() is the start of the transaction: one moment for all places of the statement.
    cr.execute(
        SQL(
            """
            SET LOCAL synchronous_commit = off; SET LOCAL lock_timeout = '2s';
            INSERT INTO pipeline_api_window AS present (caller, started, used) VALUES (%(key)s, now(), 1)
            ON CONFLICT (caller) DO UPDATE SET
                started = CASE WHEN present.started <= now() - %(span)s * interval '1 second'
                               THEN now() ELSE present.started END,
                used = CASE WHEN present.started <= now() - %(span)s * interval '1 second'
                            THEN 1 ELSE least(present.used, 1000000000) + 1 END
            RETURNING used, EXTRACT(EPOCH FROM started - now()) + %(span)s
            """,
            key=key,
            span=seconds,
        ),
        log_exceptions=False,
    )
    used, left_seconds = cr.fetchone()
    return used, float(left_seconds)


def _note_use(cr, token_id: int) -> None:
    cr.execute(
        SQL(
            """
            UPDATE pipeline_api_token SET last_used_at = date_trunc('second', now() AT TIME ZONE 'utc')
             WHERE id = (SELECT id FROM pipeline_api_token WHERE id = %s
                            AND COALESCE(last_used_at, '-infinity') < now() AT TIME ZONE 'utc' - interval '50 seconds'
                            FOR UPDATE SKIP LOCKED)
            """,
            token_id,
        ),
        log_exceptions=False,
    )
