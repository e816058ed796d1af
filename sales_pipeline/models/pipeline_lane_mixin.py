"""A lane: a table of work that one scheduled job drains, row by row, restartable at any moment."""

import logging
import time
from datetime import timedelta
from typing import Any

import psycopg2
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .locks import key_lock
from .wake import wake_after_commit

_logger = logging.getLogger(__name__)

# Another transaction was faster; the work is right and only has to begin anew.
CONCURRENT_CHANGES = (
    psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected, psycopg2.errors.LockNotAvailable,
)  # fmt: skip
_BACKOFF_MINUTES = (1, 5, 30, 120, 720)


class PipelineLaneMixin(models.AbstractModel):
    """Rows that a job works off.

    The mixin knows the loop, the backoff and the bookkeeping; a model says what a row does in ``_process_row``. It has
    a ``state`` of its own words, among them ``_lane_waiting``, ``_lane_done`` and ``failed``.
    """

    _name = "pipeline.lane.mixin"
    _description = "Work Drained by a Job"

    _lane_cron = ""  # xml id of the job
    _lane_batch = 100
    _lane_linger_seconds = 0.0
    _lane_waiting = "pending"
    _lane_done = "done"

    attempts = fields.Integer(readonly=True)
    next_attempt_at = fields.Datetime(
        "Next Attempt On", readonly=True, default=lambda self: self.env.cr.now().replace(tzinfo=None)
    )
    processed_at = fields.Datetime("Worked Off On", readonly=True)
    error_message = fields.Char(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")

    # ---- doors

    def _process_row(self) -> None:
        """Do the work of one row; an exception means a later attempt."""
        raise NotImplementedError

    def _prepare_batch(self) -> tuple[list[str], Any]:
        """Return the keys that must not be worked on elsewhere while these rows are, and what is worth reading once.

        The rows may change until the locks are taken; the second value is handed to ``_process_batch``.
        """
        return [], None

    def _process_batch(self, prepared: Any = None) -> None:
        """Work off rows that were locked together; override where a batch is cheaper than its rows."""
        for row in self:
            row._attempt()

    # ---- the loop

    @api.model
    def _wake_lane(self) -> None:
        """Ask for the job after this transaction's commit."""
        self._wake_job(self._lane_cron)

    @api.model
    def _wake_job(self, cron: str) -> None:
        """Ask for a job, by its xml id, after this transaction's commit."""
        self.env.cr.execute(self._get_wake_statement(cron, SQL("TRUE")))
        wake_after_commit(self.env.cr)

    @api.model
    def _get_wake_statement(self, cron: str, condition: SQL) -> SQL:
        """Return the statement that has a job run as soon as possible if a condition holds.

        It does what ``ir.cron._trigger`` does, which reads the job and its user first and connects once more.
        """
        cron_id = self.env["ir.model.data"]._xmlid_to_res_id(cron)
        return SQL(
            """
            INSERT INTO ir_cron_trigger (cron_id, call_at, create_uid, write_uid, create_date, write_date)
                 SELECT id, now() AT TIME ZONE 'UTC', %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC',
                        now() AT TIME ZONE 'UTC'
                   FROM ir_cron WHERE id = %(id)s AND active AND %(condition)s
            """,
            uid=self.env.uid or api.SUPERUSER_ID, id=cron_id, condition=condition,
        )  # fmt: skip

    @api.model
    def _run_lane(self) -> None:
        """Drain due rows until none is left or the job's slice is over."""
        cron, may_linger = self.env["ir.cron"], False
        while True:
            rows = self._take_due()
            if not rows and not may_linger:
                return
            if rows:
                rows._work()
                more = bool(self._take_due(limit=1))
                if more:
                    # A slice lasts about ten seconds; without a trigger the rest would wait for the next minute.
                    self._wake_lane()
                if not cron._commit_progress(len(rows), remaining=int(more)):
                    return
            may_linger = 0 < len(rows) < self._lane_batch
            if may_linger and self._lane_linger_seconds:
                # The first is served at once; who comes right behind is gathered: ten together cost little more than
                # one, and leave the processor to the requests that bring them. The commit above ended the transaction.
                time.sleep(self._lane_linger_seconds)

    def _work(self) -> None:
        try:
            keys, prepared = self._prepare_batch()
            key_lock(self.env, f"lane:{self._name}", *keys)
            self.exists().filtered(lambda row: row.state == self._lane_waiting)._process_batch(prepared)
            self.env["pipeline.moments.mixin"]._flush_moments()
        except CONCURRENT_CHANGES as error:
            # Nothing is lost: the rows are still pending and due.
            _logger.info("%s: a batch of %s is tried again: %s", self._name, len(self), type(error).__name__)
            self.env.cr.rollback()

    @api.model
    def _take_due(self, limit: int | None = None):
        return self.search(self._get_due_domain(), order="next_attempt_at, id", limit=limit or self._lane_batch)

    @api.model
    def _get_due_domain(self):
        return [("state", "=", self._lane_waiting), ("next_attempt_at", "<=", fields.Datetime.now())]

    def _attempt(self) -> None:
        """Process one row in a savepoint and book the outcome."""
        self.ensure_one()
        row = self.with_company(self.company_id) if self.company_id else self
        try:
            with self.env.cr.savepoint():
                row._process_row()
                self.env.flush_all()
        except CONCURRENT_CHANGES:
            raise
        except Exception as error:
            self._book_failure(error)
        else:
            self._book_success()

    def _book_success(self) -> None:
        now = fields.Datetime.now()
        self.write({"state": self._lane_done, "processed_at": now, "error_message": False})

    def _book_failure(self, error: Exception) -> None:
        attempts = self.attempts + 1
        final = attempts > len(_BACKOFF_MINUTES)
        log = _logger.error if final else _logger.info
        log("%s %s failed (attempt %s): %s", self._name, self.id, attempts, type(error).__name__, exc_info=final)
        values = {"attempts": attempts, "error_message": self._describe_error(error)}
        if final:
            values["state"] = "failed"
        else:
            values["next_attempt_at"] = fields.Datetime.now() + timedelta(minutes=_BACKOFF_MINUTES[attempts - 1])
        self.write(values)

    @api.model
    def _describe_error(self, error: Exception) -> str:
        """Return one line for the screen; vendor texts and values stay out of it."""
        text = error.args[0] if error.args and isinstance(error, UserError) else type(error).__name__
        return str(text)[:200]

    def action_retry(self) -> None:
        """Put failed rows back into the lane."""
        rows = self.filtered(lambda row: row.state == "failed")
        if rows:
            rows._begin_anew()

    def _begin_anew(self) -> None:
        """Put rows back into the lane as if nothing had been tried."""
        self.write({
            "state": self._lane_waiting, "attempts": 0, "next_attempt_at": fields.Datetime.now(),
            "processed_at": False, "error_message": False,
        })  # fmt: skip
        self._wake_lane()

    @api.model
    def _get_oldest_waiting_seconds(self) -> int:
        """Return the age in seconds of the oldest due row, 0 when the lane is empty."""
        self.env.cr.execute(
            SQL(
                """
                SELECT extract(epoch FROM (now() AT TIME ZONE 'UTC') - min(next_attempt_at)) FROM %s WHERE state = %s
                """,
                SQL.identifier(self._table),
                self._lane_waiting,
            )
        )
        return max(int(self.env.cr.fetchone()[0] or 0), 0)
