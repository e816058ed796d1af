from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError

from ... import const
from ...exceptions import VendorError
from ...providers.conversion.base import Conversion

_STATE_BY_OUTBOX = {
    "pending": "waiting", "sending": "waiting", "failed": "failed", "in_doubt": "in_doubt", "done": "sent",
}  # fmt: skip
_OUR_REASONS = {"turned_off", "deleted", "no_consent", "unknown_consent"}


class PipelineConversion(models.Model):
    """One thing that an ad platform is told: this click became a qualified lead, or a won deal.

    A lead tells each stage to each platform once, whatever happens on the way: the unique index keeps the row single,
    the outbox carries it, and the key lets the platform recognise a repetition.
    """

    _name = "pipeline.conversion"
    _description = "Reported Conversion"
    _order = "id desc"
    _rec_name = "lead_id"

    target_id = fields.Many2one(
        "pipeline.conversion.target", "Platform", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    lead_id = fields.Many2one("crm.lead", "Lead", readonly=True, ondelete="set null", index="btree_not_null")
    stage = fields.Selection(const.CONVERSION_STAGES, required=True, readonly=True)
    occurred_at = fields.Datetime("Happened On", required=True, readonly=True)
    value = fields.Monetary(readonly=True, currency_field="currency_id")
    currency_id = fields.Many2one("res.currency", readonly=True)
    click_name = fields.Char("Known By", readonly=True, help="The kind of click id; lead_id is that of a lead form.")
    key = fields.Char("Order or Event Id", required=True, readonly=True)
    outbox_id = fields.Many2one("pipeline.outbox", readonly=True, ondelete="set null", index="btree_not_null")
    times_queued = fields.Integer(readonly=True)
    verdict = fields.Selection([("sent", "Sent"), ("refused", "Refused"), ("held_back", "Held Back")], readonly=True)
    state = fields.Selection(const.CONVERSION_STATES, compute="_compute_state", store=True)
    reason_code = fields.Char(readonly=True)
    vendor_code = fields.Char("Platform's Code", readonly=True)
    reference = fields.Char("Platform's Reference", readonly=True)
    settled_at = fields.Datetime("Answered On", readonly=True)
    reason = fields.Char("Why", compute="_compute_reason")

    _once = models.UniqueIndex("(target_id, lead_id, stage)")
    _key_unique = models.UniqueIndex("(target_id, key)")

    @api.depends("verdict", "outbox_id.state")
    def _compute_state(self):
        for row in self:
            row.state = row.verdict or _STATE_BY_OUTBOX.get(row.outbox_id.state, "waiting")

    @api.depends("reason_code")
    @api.depends_context("lang")
    def _compute_reason(self):
        words = self._get_reasons()
        for row in self:
            row.reason = words.get(row.reason_code, words["refused"]) if row.reason_code else False

    # ---- use case

    @api.model
    def _report(self, leads, stage: str) -> None:
        """Queue, with the caller's transaction, what the platforms are to hear of these leads.

        :param stage: ``qualified`` or ``won``
        """
        targets = self.env["pipeline.conversion.target"].sudo().search([("is_enabled", "=", True)])
        for target in targets.filtered(f"action_{stage}"):
            provider = target._get_provider()
            told = self.sudo().search(
                [("target_id", "=", target.id), ("stage", "=", stage), ("lead_id", "in", leads.ids)]
            ).lead_id
            for lead in (leads.sudo() - told).filtered(lambda lead, of=target: lead._get_ad_company() == of.company_id):
                if provider.is_theirs(lead._prepare_conversion(provider)):
                    self.sudo().create(self._prepare_row_values(lead, target, stage))._queue()

    @api.model
    def _prepare_row_values(self, lead, target, stage: str) -> dict[str, Any]:
        """Return the values of a new row (door)."""
        provider = target._get_provider()
        click = provider.get_click(lead._prepare_conversion(provider))
        return {
            "target_id": target.id, "company_id": target.company_id.id, "lead_id": lead.id, "stage": stage,
            "occurred_at": fields.Datetime.now(), "key": f"{lead.uuid}-{stage}",
            "click_name": click[0] if click else "lead_id",  # Meta's own word for it
            "value": lead._get_won_revenue() if stage == "won" else lead.expected_revenue,
            "currency_id": target.company_id.currency_id.id,
        }  # fmt: skip

    def _queue(self) -> None:
        """Hand a row to the outbox, unless the person does not want it."""
        for row in self:
            refusal = row._get_refusal()
            row.write({
                "verdict": "held_back" if refusal else False, "reason_code": refusal, "vendor_code": False,
                "times_queued": row.times_queued + (not refusal),
            })  # fmt: skip
            if refusal:
                continue
            outbox = self.env["pipeline.outbox"].sudo()
            key = f"conversion:{row.target_id.id}:{row.key}:{row.times_queued}"
            outbox._enqueue("conversion", row, key=key)
            row.outbox_id = outbox.search([("key", "=", key)])

    def _get_refusal(self) -> str | None:
        """Return why this must not be reported, or nothing; asked again right before it is sent."""
        self.ensure_one()
        if not self.target_id.is_enabled:
            return "turned_off"
        if not self.lead_id or self.lead_id.deleted_at:
            return "deleted"
        consent = self.lead_id._get_ad_consent()
        if consent is False:
            return "no_consent"
        return "unknown_consent" if consent is None and self.target_id.needs_consent else None

    def _prepare_message(self, provider) -> Conversion:
        """Return what the platform is told, with people's data as plain text; the provider hashes it."""
        self.ensure_one()
        lead = self.lead_id
        return lead._prepare_conversion(
            provider, key=self.key, stage=self.stage, occurred_at=self.occurred_at, value=self.value or None,
            currency=self.currency_id.name, refusal=self._get_refusal(),
        )  # fmt: skip

    def _note_outcome(self, outcome: dict[str, Any] | Exception) -> None:
        """Keep what came of an attempt.

        :param outcome: fields of an ``Outcome``, or the error for which it is tried again
        """
        if isinstance(outcome, Exception):
            code = outcome.code if isinstance(outcome, VendorError) else "broken"
            vendor_code = outcome.vendor_code if isinstance(outcome, VendorError) else None
            self.write({"reason_code": code, "vendor_code": vendor_code and str(vendor_code)[:64]})
            return
        is_ours = outcome["code"] in _OUR_REASONS and not outcome["vendor_code"]
        self.write({
            "verdict": "held_back" if is_ours else outcome["state"], "reason_code": outcome["code"] or False,
            "vendor_code": outcome["vendor_code"][:64] or False, "reference": outcome["reference"][:128] or False,
            "settled_at": fields.Datetime.now(),
        })  # fmt: skip

    # ---- actions

    def action_send_again(self) -> None:
        """Offer again what was refused, held back or failed, after somebody mended the reason."""
        self.check_access("write")
        for row in self:
            if row.state == "sent" or row.state == "waiting":
                raise UserError(self.env._("Only what was refused, held back or failed can be sent again."))
            row = row.sudo()
            if row.verdict or not row.outbox_id:
                row._queue()
            else:
                row.outbox_id.action_send_again()

    def action_open_lead(self) -> dict:
        """Open the lead of a row."""
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": "crm.lead", "res_id": self.lead_id.id,
                "views": [(False, "form")]}  # fmt: skip
