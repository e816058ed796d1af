"""Tell the processes of scheduled jobs that there is work, without a connection a request.

Odoo's own notice opens a connection to another database and closes it again, while the request still holds the one it
worked on. For a small request that is most of its price, and a crowd of them empties the pool after everything was
stored, so that senders read an error and send again. Here one thread a process gives notice for all who asked.
"""

import logging
import os
import threading
import time

from odoo import sql_db
from odoo.tools import SQL

from odoo.addons.base.models.ir_cron import ODOO_NOTIFY_FUNCTION

_logger = logging.getLogger(__name__)

_QUIET_SECONDS = 30
_RETRY_SECONDS = 0.1
# The first notice goes out at once. Who asks right after it shares the next one, since every notice makes every
# process of jobs look for work.
_PAUSE_SECONDS = 0.2


class _Waker:
    """One thread and one connection, kept as long as there is something to tell."""

    def __init__(self):
        self._pid = os.getpid()
        self._lock = threading.Lock()
        self._asked = threading.Event()
        self._names: set[str] = set()
        self._thread: threading.Thread | None = None

    def wake(self, database: str) -> None:
        """Have the jobs of a database look for work; returns at once."""
        with self._lock:
            self._names.add(database)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="sales_pipeline.wake", daemon=True)
                self._thread.start()
        self._asked.set()

    def _run(self) -> None:
        while True:
            try:
                with sql_db.db_connect("postgres").cursor() as cr:
                    self._serve(cr)
            except Exception as error:
                # A thread that ended would never be missed. What was asked for is kept, and each job looks by itself
                # every minute, whatever happens here.
                _logger.info("The scheduled jobs cannot be told yet: %s", type(error).__name__)
                self._asked.wait(_QUIET_SECONDS)
                time.sleep(_RETRY_SECONDS)
                continue
            with self._lock:
                if not self._names:
                    self._thread = None
                    return

    def _serve(self, cr: sql_db.BaseCursor) -> None:
        """Give notice until nobody has asked for a while."""
        while self._asked.wait(_QUIET_SECONDS):
            self._asked.clear()
            with self._lock:
                names, self._names = self._names, set()
            try:
                for name in names:
                    cr.execute(SQL("SELECT %s('cron_trigger', %s)", SQL.identifier(ODOO_NOTIFY_FUNCTION), name))
                cr.commit()  # pylint: disable=invalid-commit
                time.sleep(_PAUSE_SECONDS)
            except Exception:
                with self._lock:
                    self._names |= names
                self._asked.set()
                raise


_waker = _Waker()


def wake_after_commit(cr: sql_db.BaseCursor) -> None:
    """Wake the jobs of the cursor's database once its transaction is committed."""
    name = cr.dbname

    def wake() -> None:
        global _waker  # noqa: PLW0603  # pylint: disable=global-statement
        if _waker._pid != os.getpid():
            # A process that was forked has the lock and the memory, but not the thread.
            _waker = _Waker()
        _waker.wake(name)

    cr.postcommit.add(wake)
