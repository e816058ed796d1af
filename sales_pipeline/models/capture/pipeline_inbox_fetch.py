"""Captures that only say that somebody answered: a job asks the vendor what, with no transaction open."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from odoo import api, fields, models

from ...exceptions import VendorBusy, VendorError
from ...providers.http import VendorHttp
from ..locks import key_lock
from ..pipeline_lane_mixin import CONCURRENT_CHANGES
from .pipeline_source_vendor import SOURCE_TROUBLES

_logger = logging.getLogger(__name__)

_BATCH, _CALLERS = 20, 4
_BACKOFF_MINUTES = (1, 5, 15, 60, 240, 720)


class PipelineInbox(models.Model):
    _inherit = "pipeline.inbox"

    # ---- waiting

    @api.model
    def _get_due_domain(self):
        return [*super()._get_due_domain(), ("waits_for", "=", False)]

    def _begin_anew(self) -> None:
        """Put rows back into the lane; those whose answers are not there yet are fetched first."""
        super()._begin_anew()
        incomplete = self.filtered(lambda row: row._is_incomplete())
        incomplete.waits_for = "answers"
        if incomplete:
            self._wake_fetch()

    def _is_incomplete(self) -> bool:
        provider = self.source_id._get_provider()
        return bool(provider and self.payload and provider.must_complete(self.payload))

    def _describe_decision(self) -> str:
        """Return why a row waits, where it does (door)."""
        if self.state == "failed" and self.waits_for == "answers" and self.error_message:
            return self.env._("%(problem)s Once that is mended, replay it.", problem=self._describe_unfetched())
        if self.state != "received" or not self.waits_for:
            return super()._describe_decision()
        if self.waits_for == "rest":
            return self.env._(
                "Somebody began the form and has not sent it off. The rest is added when it arrives; "
                "until then no lead is made, unless you press Take As It Is."
            )
        problem = self._describe_unfetched() or self.source_id.vendor_problem_text
        if problem:
            return self.env._("The answers could not be fetched yet. %(problem)s", problem=problem)
        return self.env._("Waits for the job that fetches the answers from the vendor.")

    def _describe_unfetched(self) -> str:
        """Return what keeps the answers from being fetched, in the reader's language; "" where nothing does."""
        text = self.error_message or ""
        # The name of a fault of ours stays as it is, and so does the sentence that 19.0.1.1 kept instead of a code.
        is_code = text.islower() and text.isidentifier()
        return self.source_id._describe_vendor_code(text) if is_code else text

    def action_take_unfinished(self) -> None:
        """Have unfinished forms worked off as they are."""
        self.check_access("write")
        rows = self.filtered(lambda row: row.state == "received" and row.waits_for == "rest")
        rows.write({"waits_for": False, "next_attempt_at": fields.Datetime.now()})
        if rows:
            self._wake_lane()

    # ---- the job

    @api.model
    def _cron_fetch(self) -> None:
        """Fetch what people answered, until nothing is due or the job's slice is over."""
        cron = self.env["ir.cron"]
        while rows := self._take_unfetched(_BATCH):
            rows._fetch()
            more = bool(self._take_unfetched(1))
            if more:
                self._wake_fetch()
            if not cron._commit_progress(len(rows), remaining=int(more)):
                return

    @api.model
    def _take_unfetched(self, limit: int):
        domain = [
            ("state", "=", "received"), ("waits_for", "=", "answers"), ("next_attempt_at", "<=", fields.Datetime.now()),
        ]  # fmt: skip
        return self.search(domain, order="next_attempt_at, id", limit=limit)

    @api.model
    def _fetch_now(self, sources) -> None:
        """Have everything fetched now that waits for the answers of these sources."""
        rows = self.sudo().search([
            ("state", "=", "received"), ("waits_for", "=", "answers"), ("source_id", "in", sources.ids),
        ])  # fmt: skip
        rows.write({"next_attempt_at": fields.Datetime.now()})
        if rows:
            self._wake_fetch()

    def _fetch(self) -> None:
        """Ask for the answers of these rows, and book what came.

        Asking changes nothing at the vendor, so nothing is claimed first: who dies here leaves rows that are due.
        """
        rows = self._without_waiting_sources()
        calls = [_Call(row.id, row.source_id.id, row.source_id._get_provider(), row.payload or {}) for row in rows]
        self.env.cr.commit()  # pylint: disable=invalid-commit
        outcomes = _make_calls(calls)
        try:
            key_lock(self.env, "lane:pipeline.inbox.fetch")
            waiting = rows.exists().filtered(lambda row: row.state == "received" and row.waits_for == "answers")
            # The troubles last, so that a success beside one does not hide it.
            for row in waiting.sorted(lambda row: isinstance(outcomes.get(row.id), Exception)):
                if row.id in outcomes:
                    row._book_fetched(outcomes[row.id])
            self.env.flush_all()
        except CONCURRENT_CHANGES as error:
            _logger.info("A batch of %s is fetched again: %s", len(self), type(error).__name__)
            self.env.cr.rollback()

    def _without_waiting_sources(self):
        """Return the rows whose vendor may be asked; the others come again when it may."""
        now = fields.Datetime.now()
        free = self.browse()
        for source, rows in self.grouped("source_id").items():
            if source.vendor_wait_until and source.vendor_wait_until > now:
                rows.write({"next_attempt_at": source.vendor_wait_until})
            else:
                free += rows
        return free

    def _book_fetched(self, outcome: dict[str, Any] | Exception) -> None:
        if isinstance(outcome, Exception):
            self._book_unfetched(outcome)
            return
        self.write({
            "payload": outcome, "waits_for": False, "attempts": 0, "error_message": False,
            "next_attempt_at": fields.Datetime.now(),
        })  # fmt: skip
        self.source_id._note_vendor_success()
        self._wake_lane()

    def _book_unfetched(self, error: Exception) -> None:
        source = self.source_id
        if not isinstance(error, VendorError):
            # A fault of ours: the lane's own backoff, and its words in the log.
            self._book_failure(error)
            return
        _logger.info("Capture %s of source %s was not fetched: %s", self.id, source.id, error.code)
        if error.code in SOURCE_TROUBLES or isinstance(error, VendorBusy):
            source._note_vendor_error(error)
        if error.code in SOURCE_TROUBLES or error.code == "throttled":
            # Not this lead's fault, so it costs none of its attempts.
            self.write({"next_attempt_at": source.vendor_wait_until})
            return
        attempts = self.attempts + 1
        values = {"attempts": attempts, "error_message": error.code}
        if not isinstance(error, VendorBusy) or attempts > len(_BACKOFF_MINUTES):
            self.write({**values, "state": "failed"})
            return
        wait = max(timedelta(seconds=error.retry_after or 0), timedelta(minutes=_BACKOFF_MINUTES[attempts - 1]))
        self.write({**values, "next_attempt_at": fields.Datetime.now() + wait})


class _Call:
    """A row's question to its vendor: plain Python, made while no transaction is open."""

    def __init__(self, row_id: int, source_id: int, provider, payload: dict[str, Any]):
        self.row_id = row_id
        self.source_id = source_id
        self._provider = provider
        self._payload = payload

    def make(self) -> dict[str, Any] | Exception:
        """Return the payload with the answers, or what went wrong."""
        try:
            with VendorHttp() as http:
                return self._provider.complete(self._payload, http)
        except Exception as error:
            return error


def _make_calls(calls: list[_Call]) -> dict[int, dict[str, Any] | Exception]:
    """Return the outcome by row; once a vendor says that it will not go on, its other rows are left as they are."""
    stopped: set[int] = set()

    def make(call: _Call) -> tuple[int, dict[str, Any] | Exception | None]:
        if call.source_id in stopped:
            return call.row_id, None
        outcome = call.make()
        if isinstance(outcome, VendorBusy) or getattr(outcome, "code", None) in SOURCE_TROUBLES:
            stopped.add(call.source_id)
        return call.row_id, outcome

    with ThreadPoolExecutor(_CALLERS) as pool:
        return {row_id: outcome for row_id, outcome in pool.map(make, calls) if outcome is not None}
