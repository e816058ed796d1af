"""Manual entry: the form's own use case ends where every capture ends."""

from typing import Any

from odoo import api, models
from odoo.exceptions import UserError

from ...tools.capture_draft import CaptureDraft
from ..locks import key_lock


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def web_save(self, vals, specification, next_id=None):
        if self or not self._is_lead_entry(vals):
            return super().web_save(vals, specification, next_id=next_id)
        lead = self._enter_manually(vals)
        return lead.with_context(bin_size=True).web_read(specification)

    @api.model
    def _is_lead_entry(self, vals: dict[str, Any]) -> bool:
        """Return whether a new record of the form is a lead, rather than a deal put on the board."""
        return (vals.get("type") or self.default_get(["type"]).get("type")) == "lead"

    @api.model
    def _enter_manually(self, vals: dict[str, Any]):
        """Create the lead that a person typed, unless the contact is known: then add a touch to the known lead.

        :param vals: values of the form
        :return: the new lead, or the known one
        :raise AccessError: when the user may not make leads, or not in that company
        :raise UserError: when the known lead belongs to somebody whose leads the user does not see
        """
        company = self.env["res.company"].browse(vals.get("company_id")) or self.env.company
        # Asked before the look-up with sudo, whose answer would tell a stranger who is known here.
        self.browse().check_access("create")
        company.check_access("read")
        draft = self._read_entry(vals)
        team = self.env["crm.team"].browse(vals.get("team_id"))
        key_lock(self.env, *[f"contact:{company.id}:{key}" for key in draft.keys], team._get_turn_key())
        known = self.sudo()._find_exact([draft], company)
        lead = next((known[key] for key in draft.keys if key in known), None)
        if lead is None:
            return self._create_entry(vals, team)
        return self._meet_known(lead, vals)

    @api.model
    def _read_entry(self, vals: dict[str, Any]) -> CaptureDraft:
        country = self.env["res.country"].browse(vals.get("country_id")) or self.env.company.country_id
        return CaptureDraft.from_contact(vals.get("email_from"), vals.get("phone"), country.code)

    @api.model
    def _create_entry(self, vals: dict[str, Any], team):
        # The form sends an empty channel when nobody chose one.
        vals = {**vals, "capture_channel": vals.get("capture_channel") or "manual"}
        if not vals.get("user_id") and team:
            turns = team._take_turns(1) if self._may_hand_out(vals, team) else [self.env.uid]
            vals["user_id"] = turns[0] if turns else False
        lead = self.create(vals)
        self.env["pipeline.touch"].sudo().create(
            {"lead_id": lead.id, "capture_channel": lead.capture_channel, "company_id": lead.company_id.id}
        )
        lead.sudo()._on_entered()
        return lead

    @api.model
    def _may_hand_out(self, vals: dict[str, Any], team) -> bool:
        """Return whether the user may make a lead for any member of the team; who may not keeps what is typed."""
        rules = self.env["ir.rule"]._compute_domain(self._name, "create")
        model = self.sudo()
        return all(
            model.new({**vals, "user_id": user_id}).filtered_domain(rules) for user_id in team._get_turn_member_ids()
        )

    @api.model
    def _meet_known(self, known, vals: dict[str, Any]):
        lead = known.with_env(self.env)
        if not lead.has_access("read"):
            raise UserError(self.env._(
                "This contact is with %(owner)s already. Ask them, or your manager, before you write to it.",
                owner=known.user_id.name or self.env._("another team"),
            ))  # fmt: skip
        self.env["pipeline.touch"].sudo().create(
            {"lead_id": lead.id, "capture_channel": "manual", "company_id": lead.company_id.id}
        )
        if vals.get("description"):
            known.message_post(body=vals["description"])
        self.env["pipeline.event"].sudo()._append(
            [{"kind": "duplicate", "record": known, "channel": "manual", "direction": "in"}]
        )
        self.env.user._bus_send("simple_notification", {
            "type": "info", "title": self.env._("Already known"),
            "message": self.env._("This contact is an open lead. Here it is; your entry was added to it."),
        })  # fmt: skip
        return lead

    # ---- moment (door)

    def _on_entered(self) -> None:
        """React to a lead that a person typed."""
        self.env["pipeline.event"]._append(
            [{"kind": "captured", "record": lead, "channel": lead.capture_channel, "direction": "in"} for lead in self]
        )
