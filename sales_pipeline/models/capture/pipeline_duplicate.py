"""Pairs of contacts that may be the same, and what people decided about them."""

from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError

OPEN, DIFFERENT, MERGED = "open", "different", "merged"


class PipelineDuplicate(models.Model):
    """A lead and somebody it may be: another lead, or a contact.

    Of two leads ``lead_id`` is the one with the higher id. ``pipeline_duplicate_note.py`` writes the pairs,
    ``pipeline_duplicate_access.py`` says who sees them.
    """

    _name = "pipeline.duplicate"
    _description = "Possible Duplicate"
    _order = "score desc, id desc"
    _rec_name = "lead_id"
    _log_access = False

    lead_id = fields.Many2one("crm.lead", "Lead", required=True, readonly=True, ondelete="cascade")
    res_model = fields.Selection(
        [("crm.lead", "Lead"), ("res.partner", "Contact")], "Found Among", required=True, readonly=True
    )
    res_id = fields.Integer("Found Record", required=True, readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")
    score = fields.Float(readonly=True, aggregator="max", help="From 0 (strangers) to 1 (the same).")
    kind = fields.Selection([("same", "Same"), ("ask", "Maybe")], required=True, readonly=True)
    reasons = fields.Json(readonly=True, help="Code, bits of evidence and value of each, the weightiest first.")
    state = fields.Selection(
        [(OPEN, "To Decide"), (DIFFERENT, "Not the Same"), (MERGED, "Settled")],
        required=True, readonly=True, default=OPEN,
    )  # fmt: skip
    found_at = fields.Datetime("Found On", readonly=True)
    seen_at = fields.Datetime("Found Again On", readonly=True)
    decided_at = fields.Datetime("Decided On", readonly=True)
    decided_uid = fields.Many2one("res.users", "Decided By", readonly=True, ondelete="set null")

    _pair_unique = models.UniqueIndex("(lead_id, res_model, res_id)")
    _other_idx = models.Index("(res_id, res_model)")
    _open_idx = models.Index("(score DESC, id DESC) WHERE state = 'open'")
    _leads_ordered = models.Constraint(
        "CHECK (res_model <> 'crm.lead' OR lead_id > res_id)", "Of two leads the newer one comes first."
    )

    # ---- use cases

    def action_mark_different(self) -> dict[str, Any]:
        """Say that the two of a pair are not the same; they are not proposed again.

        :return: the client action that offers to take it back
        """
        decided = self._decide(OPEN, DIFFERENT)
        if len(decided) == 1:
            message = self.env._("They are two different people. They are not proposed again.")
        else:
            message = self.env._("%(count)s pairs are not proposed again.", count=len(decided))
        params = {"ids": decided.ids, "message": message}
        return {"type": "ir.actions.client", "tag": "sales_pipeline.pairs_decided", "params": params}

    def action_mark_open(self) -> None:
        """Take the decision back that the two of a pair are not the same."""
        self._decide(DIFFERENT, OPEN)

    def _decide(self, before: str, after: str) -> "PipelineDuplicate":
        self._check_decision()
        pairs = self.sudo().filtered(lambda pair: pair.state == before)
        decided = {"decided_at": fields.Datetime.now(), "decided_uid": self.env.uid} if after == DIFFERENT else {
            "decided_at": False, "decided_uid": False,
        }  # fmt: skip
        pairs.write({"state": after, **decided})
        self.env["crm.lead"].invalidate_model(["open_duplicate_count"])
        return pairs

    def _check_decision(self) -> None:
        """Refuse who may not change a lead of each pair: decisions are for those who work on them."""
        self.check_access("read")
        leads = self.env["crm.lead"].browse({id_ for pair in self for id_ in pair._get_lead_ids()})
        may_write = set(leads._filtered_access("write").ids)
        if not all(may_write.intersection(pair._get_lead_ids()) for pair in self):
            raise AccessError(self.env._(
                "Only somebody who works on one of the two leads can decide whether they are the same."
            ))  # fmt: skip

    def _get_lead_ids(self) -> list[int]:
        """Return the ids of the one or two leads of a pair."""
        self.ensure_one()
        return [self.lead_id.id, *([self.res_id] if self.res_model == "crm.lead" else [])]

    # ---- what happens to a side

    @api.model
    def _close_pairs(self, records) -> None:
        """Take pairs off the list of which a side was merged away, deleted or archived."""
        self._get_pairs_of(records, OPEN).write({"state": MERGED})
        self.env["crm.lead"].invalidate_model(["open_duplicate_count"])

    @api.model
    def _reopen_pairs(self, records) -> None:
        """Put pairs back on the list whose side came back, where the other side is there as well."""
        pairs = self._get_pairs_of(records, MERGED)
        leads = self.env["crm.lead"].sudo().browse({id_ for pair in pairs for id_ in pair._get_lead_ids()}).exists()
        partners = self.env["res.partner"].sudo().browse(
            {pair.res_id for pair in pairs if pair.res_model == "res.partner"}
        ).exists()  # fmt: skip
        there = {("crm.lead", lead.id) for lead in leads if not lead.deleted_at}
        there |= {("res.partner", partner.id) for partner in partners if partner.active}
        # a lead that was given its contact meanwhile needs no other
        pairs.filtered(
            lambda pair: {("crm.lead", pair.lead_id.id), (pair.res_model, pair.res_id)} <= there
            and (pair.res_model == "crm.lead" or not pair.lead_id.partner_id)
        ).write({"state": OPEN})
        self.env["crm.lead"].invalidate_model(["open_duplicate_count"])

    @api.model
    def _forget_pairs(self, records) -> None:
        """Remove the pairs of records that are really deleted, decisions and all."""
        self._get_pairs_of(records).unlink()

    @api.model
    def _get_pairs_of(self, records, state: str | None = None) -> "PipelineDuplicate":
        """Return all pairs of leads or partners, whoever may see them."""
        domain = [("res_model", "=", records._name), ("res_id", "in", records.ids)]
        if records._name == "crm.lead":
            domain = ["|", ("lead_id", "in", records.ids), "&", *domain]
        return self.sudo().search([*([("state", "=", state)] if state else []), *domain])
