"""The job that sends webhooks: one thread an endpoint, so that who hangs makes nobody else wait."""

import logging
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue
from random import random
from typing import Any
from uuid import uuid4

from odoo import api, models
from odoo.tools import SQL

from ...providers import pinned
from ...providers.http import read_retry_after
from ...tools.webhook_schedule import get_wait
from ..pipeline_lane_mixin import CONCURRENT_CHANGES
from ..rows import insert_rows
from .webhook_thread import HUNG, Batch, Outcome, Parcel, send_batch

_logger = logging.getLogger(__name__)

_SENDERS = 16
# Those who failed last are asked only while so many threads stay free for the others.
_KEPT_FREE = 8
_LEASE = timedelta(seconds=60)
# How long new messages are taken; one that is on its way may need ten seconds more.
_SLICE_SECONDS = 8.0
_LATE_SECONDS = 1.0
# Who failed last may hang again, and is asked only while there is time to wait for that.
_BRAVE_SECONDS = 1.0
_POLL_SECONDS = 0.2
_MAX_TRIES = 5
_ANSWER_CHARS = 1000


class PipelineWebhookDelivery(models.Model):
    _inherit = "pipeline.webhook.delivery"

    @api.model
    def _cron_send(self) -> None:
        """Send what is due, again and again until the slice is over; then ask for the next one while work remains."""
        self._settle_expired_leases()
        self.env["pipeline.webhook"]._pause_failing()
        with ThreadPoolExecutor(_SENDERS, "sales_pipeline.webhooks") as pool:
            self._send_due(pool)
        wait = self._get_seconds_to_next()
        if wait is not None and wait <= _SLICE_SECONDS:
            self._wake_lane()
        self.env["ir.cron"]._commit_progress()

    @api.model
    def _settle_expired_leases(self) -> None:
        """Send again what was being sent when a process died; the receiver knows it by its id."""
        now = self.env["pipeline.webhook"]._get_now()
        self.env.cr.execute(SQL(
            "UPDATE pipeline_webhook_delivery SET state = 'waiting', next_attempt_at = %s "
            "WHERE state = 'sending' AND lease_until < %s", now, now,
        ))  # fmt: skip
        self.invalidate_model()
        self.env["ir.cron"]._commit_progress()

    # ---- the loop

    def _send_due(self, pool: ThreadPoolExecutor) -> None:
        outcomes: SimpleQueue = SimpleQueue()
        busy: dict[int, bool] = {}
        start = time.monotonic()
        while True:
            spent = time.monotonic() - start
            is_early = spent < _SLICE_SECONDS
            # While somebody is waited for who hangs, the others are served although the slice is over.
            if (is_early or any(busy.values())) and len(busy) < _SENDERS:
                end = max(start + _SLICE_SECONDS, time.monotonic() + _LATE_SECONDS)
                for batch in self._take(busy, end, is_calm=spent > _BRAVE_SECONDS):
                    busy[batch.webhook_id] = is_early
                    pool.submit(send_batch, batch, outcomes)
            if busy:
                self._settle(outcomes, busy)
            elif not self._wait_for_next(_SLICE_SECONDS - spent, is_calm=spent > _BRAVE_SECONDS):
                return

    def _settle(self, outcomes: SimpleQueue, busy: dict[int, bool]) -> None:
        """Record what the threads tell, after a short wait for the first of it."""
        found = _drain(outcomes)
        for one in found:
            if isinstance(one, int):
                del busy[one]
        if told := [one for one in found if isinstance(one, Outcome)]:
            self._record_safely(told)
        # Even with nothing to record: the next look for work must see what was committed meanwhile.
        self.env["ir.cron"]._commit_progress(len(found), remaining=0)

    def _wait_for_next(self, seconds: float, is_calm: bool) -> bool:
        """Wait for what is due very soon, and return whether to look again."""
        self.env["ir.cron"]._commit_progress()
        wait = self._get_seconds_to_next(is_calm)
        if wait is None or wait >= seconds or seconds <= 0:
            return False
        self._sleep(min(max(wait, 0.01), _POLL_SECONDS))
        return True

    @api.model
    def _sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    @api.model
    def _get_seconds_to_next(self, is_calm: bool = False) -> float | None:
        """Return in how many seconds the next message of a free endpoint is due; None: there is none."""
        now = self.env["pipeline.webhook"]._get_now()
        rows = self.env.execute_query(SQL(
            """
            SELECT min(GREATEST(d.next_attempt_at, COALESCE(w.blocked_until, d.next_attempt_at)))
              FROM pipeline_webhook w
              JOIN LATERAL (SELECT next_attempt_at FROM pipeline_webhook_delivery
                             WHERE webhook_id = w.id AND state = 'waiting' ORDER BY next_attempt_at LIMIT 1) d ON TRUE
             WHERE w.state = 'active' AND w.active AND (NOT %s OR w.failing_since IS NULL)
            """,
            is_calm,
        ))  # fmt: skip
        return max((rows[0][0] - now).total_seconds(), 0.0) if rows[0][0] else None

    # ---- taking

    @api.model
    def _take(self, busy: Mapping[int, bool], end: float, is_calm: bool) -> list[Batch]:
        """Claim due messages, commit that, and return them without any tie to the database.

        :param busy: webhooks that are being served
        """
        webhooks = self.env["pipeline.webhook"]
        now = webhooks._get_now()
        try:
            free = max(_SENDERS - _KEPT_FREE - len(busy), 0) if not is_calm else 0
            rows = webhooks._get_waiting_webhooks(now, list(busy), _SENDERS - len(busy), free)
            batches = [self._prepare_batch_of(webhooks.browse(id_), self.browse(ids), end) for id_, ids in rows]
            self.env.flush_all()
            self.env["ir.cron"]._commit_progress()
        except CONCURRENT_CHANGES:
            # Somebody cancelled or resumed in this moment; all is as it was, and is looked at again.
            self.env.cr.rollback()
            return []
        return [batch for batch in batches if batch.parcels]

    def _prepare_batch_of(self, webhook, rows, end: float) -> Batch:
        key, parcels = str(uuid4()), []
        rows.fetch(["body", "attempts", "message_id", "type", "res_model", "res_id", "uuid", "facts", "occurred_at"])
        for row in rows:
            body = row.body or row._render_safely()
            if body is None:
                continue
            if not row.body:
                row.body = body
            parcels.append(Parcel(row.id, row.message_id, row.attempts + 1, body.encode()))
        self.browse(one.id for one in parcels).write({
            "state": "sending", "attempt_key": key, "lease_until": webhook._get_now() + _LEASE,
        })  # fmt: skip
        networks = webhook._get_networks()
        return Batch(
            webhook.id, key, webhook.url, tuple(webhook._get_secrets()),
            None if networks is None else tuple(networks), tuple(parcels), end,
        )  # fmt: skip

    # ---- recording

    def _record_safely(self, outcomes: list[Outcome]) -> None:
        """Record what happened; others may change the same rows meanwhile, but what was sent was sent."""
        for number in range(_MAX_TRIES):
            try:
                self._record(outcomes)
                self.env.flush_all()
                return
            except CONCURRENT_CHANGES:
                self.env.cr.rollback()
                if number + 1 == _MAX_TRIES:
                    # The lease ends, and the messages are sent again: at least once.
                    _logger.warning("%s outcomes of webhooks could not be recorded", len(outcomes))

    def _record(self, outcomes: list[Outcome]) -> None:
        sent = [one for one in outcomes if one.answer]
        now = self.env["pipeline.webhook"]._get_now()
        rows = [_judge(one, now) for one in outcomes]
        columns = list(zip(*rows, strict=True))
        self.env.cr.execute(SQL(
            """
            UPDATE pipeline_webhook_delivery d
               SET state = v.state, attempts = v.attempts, next_attempt_at = COALESCE(v.next_at, d.next_attempt_at),
                   processed_at = v.done_at, error_message = v.error, last_status = COALESCE(v.status, d.last_status),
                   lease_until = NULL
              FROM unnest(%s::int[], %s::text[], %s::text[], %s::int[], %s::timestamp[], %s::timestamp[], %s::text[],
                          %s::int[]) AS v(id, key, state, attempts, next_at, done_at, error, status)
             WHERE d.id = v.id AND d.attempt_key = v.key AND d.state = 'sending'
            """,
            *[list(column) for column in columns],
        ))  # fmt: skip
        insert_rows(self.env, "pipeline_webhook_attempt", [_to_attempt(one) for one in sent])
        self.invalidate_model()
        for webhook_id, answer in _get_last_answers(sent).items():
            webhook = self.env["pipeline.webhook"].browse(webhook_id).exists()
            if webhook and _is_taken(answer):
                webhook._note_success()
            elif webhook:
                webhook._note_failure(answer.status, answer.error in HUNG)


def _drain(outcomes: SimpleQueue) -> list[Any]:
    """Return what the threads told, after waiting a little for the first of it."""
    found = []
    try:
        found.append(outcomes.get(timeout=_POLL_SECONDS))
        while True:
            found.append(outcomes.get_nowait())
    except Empty:
        return found


def _judge(outcome: Outcome, now: datetime) -> tuple:
    """Return the columns of a row after its outcome, in the order of the statement that writes them."""
    parcel, answer = outcome.parcel, outcome.answer
    head = (parcel.id, outcome.batch.key)
    if answer is None:
        return (*head, "waiting", parcel.number - 1, None, None, None, None)
    if _is_taken(answer):
        return (*head, "delivered", parcel.number, None, now, None, answer.status)
    retry_after = read_retry_after(answer.headers.get("retry-after"))
    wait = get_wait(parcel.number, random(), answer.status, retry_after)
    words = answer.error or f"HTTP {answer.status}"
    if wait is None or answer.status == 410:
        return (*head, "failed", parcel.number, None, now, words, answer.status)
    return (*head, "waiting", parcel.number, now + timedelta(seconds=wait), None, words, answer.status)


def _to_attempt(outcome: Outcome) -> dict[str, Any]:
    answer = outcome.answer
    lines = (f"{name}: {value}" for name, value in outcome.headers.items())
    text = answer.body.decode("utf-8", "replace").replace("\x00", "")[:_ANSWER_CHARS]
    return {
        "delivery_id": outcome.parcel.id, "number": outcome.parcel.number, "at": outcome.at,
        "milliseconds": outcome.milliseconds, "status": answer.status, "error_code": answer.error,
        "request_headers": "\n".join(lines), "answer": text,
    }  # fmt: skip


def _get_last_answers(sent: list[Outcome]) -> dict[int, pinned.PinnedAnswer]:
    """Return by webhook the answer that says most: 410, then what was taken, else the last."""
    found: dict[int, pinned.PinnedAnswer] = {}
    for one in sorted(sent, key=lambda one: (one.answer.status == 410, _is_taken(one.answer))):
        found[one.batch.webhook_id] = one.answer
    return found


def _is_taken(answer: pinned.PinnedAnswer) -> bool:
    return answer.status is not None and 200 <= answer.status < 300
