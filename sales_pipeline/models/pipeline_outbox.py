"""Effects that leave a transaction: stored with it, carried out after its commit."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, Protocol
from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..exceptions import VendorError
from .locks import key_lock

_logger = logging.getLogger(__name__)

_LEASE = timedelta(minutes=5)
_SENDERS = 4
_ALLOWED_MOVES = {
    "pending": {"sending", "done", "failed"},
    "sending": {"done", "failed", "pending", "in_doubt"},
    "in_doubt": {"pending", "done", "failed"},
    "failed": {"pending", "done"},
    "done": set(),
}


class Contact(Protocol):
    """A call to the outside world: plain Python, made while no transaction is open."""

    is_repeatable: bool  # the receiver recognises a second delivery, so a lost answer may be sent again

    def __call__(self) -> dict[str, Any]:
        """Make the call and return facts to record; raise to fail."""


Call = tuple[list[int], Callable[[], list[dict[str, Any] | Exception]]]


class PipelineOutbox(models.Model):
    _name = "pipeline.outbox"
    _inherit = "pipeline.lane.mixin"
    _description = "Outgoing Effect"
    _order = "id desc"
    _lane_cron = "sales_pipeline.ir_cron_drain_outbox"
    _lane_batch = 20

    kind = fields.Selection([], required=True, readonly=True)
    state = fields.Selection(
        [
            ("pending", "Waiting"), ("sending", "Sending"), ("done", "Done"), ("in_doubt", "In Doubt"),
            ("failed", "Failed"),
        ],
        default="pending", required=True,
    )  # fmt: skip
    key = fields.Char(required=True, readonly=True, help="The same effect asked for twice happens once.")
    res_model = fields.Char("Model", readonly=True)
    res_id = fields.Many2oneReference("Record Id", model_field="res_model", readonly=True)
    payload = fields.Json(readonly=True)
    result = fields.Json(readonly=True)
    attempt_key = fields.Char(readonly=True)
    lease_until = fields.Datetime("Held Until", readonly=True)

    _key_unique = models.UniqueIndex("(key)")
    _due_idx = models.Index("(next_attempt_at, id) WHERE state = 'pending'")
    _leased_idx = models.Index("(lease_until) WHERE state = 'sending'")

    # ---- use case

    @api.model
    def _enqueue(self, kind: str, record, key: str | None = None, payload: dict | None = None) -> None:
        """Store an effect with the caller's transaction; a rollback leaves nothing to do.

        :param kind: a value of ``kind``
        :param record: what the effect is about; its company is the effect's company
        :param key: what makes the effect unique; default: kind and record
        :param payload: small JSON facts that the effect needs
        """
        key = key or f"{kind}:{record._name},{record.id}"
        company = record.company_id if "company_id" in record._fields else self.env.company
        if self.sudo().search_count([("key", "=", key)], limit=1):
            return
        self.sudo().create({
            "kind": kind, "key": key, "res_model": record._name, "res_id": record.id, "payload": payload or {},
            "company_id": (company or self.env.company).id,
        })  # fmt: skip
        self._wake_lane()

    # ---- doors

    def _perform(self) -> None:
        """Carry out one row whose effect stays inside the database (a rendered mail, a task)."""
        raise NotImplementedError(self.kind)

    def _get_contact(self) -> Contact | None:
        """Return the call to make for a row whose effect leaves the database, or nothing for the others."""
        return None

    def _get_calls(self, contacts: dict[int, Contact]) -> list[Call]:
        """Return the calls that carry out these contacts; where one call serves several rows, they share it.

        :param contacts: by the id of their row
        :return: pairs of row ids and a function without database that returns one outcome for each, in order
        """
        return [([row_id], lambda contact=contact: [contact()]) for row_id, contact in contacts.items()]

    def _on_settled(self, outcome: dict[str, Any] | Exception) -> None:
        """React to what came of the call of one row."""

    # ---- lane

    @api.model
    def _cron_drain(self) -> None:
        """Settle what a crash left behind, then carry out what is due."""
        self._settle_expired_leases()
        self._run_lane()

    def _process_batch(self, prepared: Any = None) -> None:
        contacts = {row.id: contact for row in self if (contact := row._get_contact())}
        for row in self.filtered(lambda row: row.id not in contacts):
            row._attempt()
        if contacts:
            self.browse(contacts)._send(contacts)

    def _process_row(self) -> None:
        self._perform()

    def _send(self, contacts: dict[int, Contact]) -> None:
        """Contact the outside with no transaction open: claim, commit, call, record, commit."""
        for row in self:
            row._set_state("sending", attempt_key=str(uuid4()), lease_until=fields.Datetime.now() + _LEASE)
        self.env.cr.commit()  # pylint: disable=invalid-commit
        calls = self._get_calls(contacts)
        with ThreadPoolExecutor(_SENDERS) as pool:
            answers = list(pool.map(_call_safely, calls))
        outcomes = {id_: outcome for found in answers for id_, outcome in found.items()}
        key_lock(self.env, f"lane:{self._name}")
        for row in self.exists().filtered(lambda row: row.state == "sending"):
            row._record(outcomes[row.id])
        self.env.cr.commit()  # pylint: disable=invalid-commit

    def _record(self, outcome: dict[str, Any] | Exception) -> None:
        if isinstance(outcome, Exception):
            self._set_state("pending", lease_until=False)
            self._book_failure(outcome)
            self._wait_as_asked(outcome)
        else:
            self._set_state(
                "done", result=outcome, processed_at=fields.Datetime.now(), lease_until=False, error_message=False
            )
        self._on_settled(outcome)

    def _wait_as_asked(self, error: Exception) -> None:
        """Come back no earlier than the vendor asked."""
        if self.state == "pending" and isinstance(error, VendorError) and error.retry_after:
            asked = fields.Datetime.now() + timedelta(seconds=error.retry_after)
            self.next_attempt_at = max(self.next_attempt_at, asked)

    @api.model
    def _settle_expired_leases(self) -> None:
        """Decide about rows that were being sent when a process died: repeat what may be repeated, show the rest."""
        expired = self.search([("state", "=", "sending"), ("lease_until", "<", fields.Datetime.now())])
        for row in expired:
            contact = row._get_contact()
            row._set_state("pending" if contact and contact.is_repeatable else "in_doubt", lease_until=False)
        self.env["ir.cron"]._commit_progress()

    # ---- state

    def _set_state(self, state: str, **values) -> None:
        """Move one row; a repeated move is a no-op, an impossible one is refused and logged."""
        self.ensure_one()
        if self.state == state:
            return
        if state not in _ALLOWED_MOVES[self.state]:
            _logger.warning("Outbox row %s cannot go from %s to %s", self.id, self.state, state)
            raise UserError(self.env._("This effect is %(state)s and cannot be changed any more.", state=self.state))
        self.write({"state": state, **values})

    def action_send_again(self) -> None:
        """Let a person decide that a doubtful or failed effect is carried out again."""
        for row in self:
            row._set_state("pending", attempts=0, next_attempt_at=fields.Datetime.now())
        self._wake_lane()

    def action_mark_sent(self) -> None:
        """Let a person decide that a doubtful effect did happen."""
        for row in self:
            row._set_state("done", processed_at=fields.Datetime.now())

    @api.autovacuum
    def _gc_done(self) -> None:
        """Forget effects carried out more than 90 days ago."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM pipeline_outbox WHERE state = 'done' "
                "AND processed_at < now() AT TIME ZONE 'UTC' - interval '90 days'"
            )
        )


def _call_safely(call: Call) -> dict[int, dict[str, Any] | Exception]:
    row_ids, act = call
    try:
        return dict(zip(row_ids, act(), strict=True))
    except Exception as error:
        return dict.fromkeys(row_ids, error)
