"""What the list of possible duplicates shows of both sides, and its buttons."""

from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.similarity_parts import Reason
from .pipeline_duplicate import MERGED, OPEN

_MOST_REASONS = 4


class PipelineDuplicate(models.Model):
    _inherit = "pipeline.duplicate"

    other_lead_id = fields.Many2one("crm.lead", "Found Lead", compute="_compute_sides", search="_search_other_lead_id")
    partner_id = fields.Many2one("res.partner", "Found Contact", compute="_compute_sides", search="_search_partner_id")
    one_name = fields.Char("Lead Name", compute="_compute_texts")
    one_reach = fields.Char("Reached By", compute="_compute_texts")
    other_name = fields.Char("May Be", compute="_compute_texts")
    other_reach = fields.Char("How to Reach the Found One", compute="_compute_texts")
    one_text = fields.Text("Lead and How to Reach It", compute="_compute_texts")
    other_text = fields.Text("May Be, and How to Reach It", compute="_compute_texts")
    owners = fields.Char("Owned By", compute="_compute_texts")
    reasons_text = fields.Text("Why", compute="_compute_reasons_text")
    last_activity_at = fields.Datetime("Last Activity", compute="_compute_last_activity_at")
    can_link = fields.Boolean(
        "Contact Can Be Linked", compute="_compute_texts",
        help="The lead has no contact yet, and the other side is one.",
    )  # fmt: skip

    # ---- buttons

    def action_open_merge(self) -> dict[str, Any]:
        """Open the comparison of the leads of these pairs."""
        self.check_access("read")
        leads = self.env["crm.lead"].browse({id_ for pair in self for id_ in pair._get_lead_ids()})
        if len(leads) < 2:
            raise UserError(self.env._("Choose pairs of two leads. A contact is linked to its lead instead."))
        return leads.action_open_merge()

    def action_link_partner(self) -> dict[str, Any]:
        """Make the found contact the lead's contact."""
        self.ensure_one()
        self.check_access("read")
        lead = self.lead_id
        lead.check_access("write")
        if not self.partner_id or lead.partner_id:
            raise UserError(self.env._("The lead has a contact already. Open it to choose another one."))
        lead.partner_id = self.partner_id
        self._get_pairs_of(lead, OPEN).filtered(lambda pair: pair.res_model == "res.partner").write({"state": MERGED})
        message = self.env._("%(lead)s belongs to %(contact)s now.", lead=lead.name, contact=self.partner_id.name)
        reload = {"type": "ir.actions.client", "tag": "soft_reload"}
        return {
            "type": "ir.actions.client", "tag": "display_notification",
            "params": {"type": "success", "message": message, "next": reload},
        }  # fmt: skip

    def action_open_lead(self) -> dict[str, Any]:
        """Open the newer lead."""
        self.ensure_one()
        self.check_access("read")
        return self.lead_id.redirect_lead_opportunity_view()

    def action_open_other(self) -> dict[str, Any]:
        """Open the other lead or the contact."""
        self.ensure_one()
        self.check_access("read")
        return (self.other_lead_id or self.partner_id).get_formview_action()

    # ---- what is shown

    @api.depends("res_model", "res_id")
    def _compute_sides(self):
        for pair in self:
            pair.other_lead_id = pair.res_id if pair.res_model == "crm.lead" else False
            pair.partner_id = pair.res_id if pair.res_model == "res.partner" else False

    @api.model
    def _search_other_lead_id(self, operator, value):
        return self._search_side("crm.lead", operator, value)

    @api.model
    def _search_partner_id(self, operator, value):
        return self._search_side("res.partner", operator, value)

    @api.model
    def _search_side(self, model_name: str, operator: str, value: Any) -> Domain:
        if operator not in ("in", "any"):
            return NotImplemented
        domain = Domain("id", "in", value) if operator == "in" else value
        found = self.env[model_name].with_context(active_test=False)._search(domain)
        return Domain("res_model", "=", model_name) & Domain("res_id", "in", found)

    @api.depends("lead_id", "res_model", "res_id")
    def _compute_texts(self):
        # who sees a pair sees both of it; what they are called must not depend on rules of what they are linked to
        for pair in self.sudo():
            other = pair.other_lead_id or pair.partner_id
            pair.one_name, pair.one_reach = self._describe_side(pair.lead_id)
            pair.other_name, pair.other_reach = self._describe_side(other)
            pair.one_text = "\n".join(filter(None, (pair.one_name, pair.one_reach)))
            pair.other_text = "\n".join(filter(None, (pair.other_name, pair.other_reach)))
            owners = [side.user_id.name for side in (pair.lead_id, other) if side.user_id]
            pair.owners = ", ".join(dict.fromkeys(owners))
            pair.can_link = bool(pair.partner_id and not pair.lead_id.partner_id)

    @api.model
    def _describe_side(self, record) -> tuple[str, str]:
        """Return who a lead or contact is, and how it is reached."""
        if record._name == "crm.lead":
            who = [record.contact_name or record.partner_id.name, record.partner_name]
            reach = [record.email_from, record.phone]
        else:
            who, reach = [record.name, record.commercial_company_name], [record.email, record.phone]
        name = ", ".join(dict.fromkeys(filter(None, who)))
        return name or record.display_name, " · ".join(filter(None, reach))

    @api.depends("reasons", "refusal_code", "state")
    @api.depends_context("lang")
    def _compute_reasons_text(self):
        contacts = self.env["pipeline.contact"]
        refusals = dict(self._fields["refusal_code"]._description_selection(self.env))
        for pair in self:
            reasons = contacts._describe_reasons(Reason(*reason) for reason in pair.reasons or [])
            refusal = refusals.get(pair.refusal_code) if pair.state == OPEN else None
            pair.reasons_text = "\n".join(filter(None, (" · ".join(reasons[:_MOST_REASONS]), refusal)))

    @api.depends("lead_id", "res_model", "res_id")
    def _compute_last_activity_at(self):
        """Take the last message on one of the two leads: one query for the page."""
        ids = {id_ for pair in self for id_ in pair._get_lead_ids()}
        last = dict(self.env["mail.message"].sudo()._read_group(
            [("model", "=", "crm.lead"), ("res_id", "in", list(ids))], ["res_id"], ["date:max"]
        ))  # fmt: skip
        for pair in self:
            pair.last_activity_at = max((last[id_] for id_ in pair._get_lead_ids() if last.get(id_)), default=False)
