"""Manual entry: the form's own use case ends where every capture ends."""

from collections.abc import Mapping, Sequence
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...providers.capture.lead import CapturedLead
from ...tools.capture_draft import CaptureDraft
from ...tools.similarity import SAME
from ..locks import key_lock

_MOST_ASKED = 3


class CrmLead(models.Model):
    _inherit = "crm.lead"

    # What a person answered who was asked about leads that are alike: nobody of them, or one of them.
    is_other_contact = fields.Boolean("Somebody Else", store=False)
    same_as_lead_id = fields.Many2one("crm.lead", store=False)

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

        :param vals: values of the form; ``is_other_contact`` and ``same_as_lead_id`` are what the person answered who
            was asked about leads that are spelt otherwise, and open no other door: who is known exactly is met all the
            same, and only a lead that was asked about can be chosen
        :return: the new lead, or the known one
        :raise AccessError: when the user may not make leads, or not in that company
        :raise UserError: when the known lead belongs to somebody whose leads the user does not see, and where the
            person has to be asked
        """
        company = self.env["res.company"].browse(vals.get("company_id")) or self.env.company
        # Asked before the look-up with sudo, whose answer would tell a stranger who is known here.
        self.browse().check_access("create")
        company.check_access("read")
        answers = {name: vals.get(name) for name in ("is_other_contact", "same_as_lead_id")}
        vals = {name: value for name, value in vals.items() if name not in answers}
        draft = self._read_entry(vals, company)
        team = self.env["crm.team"].browse(vals.get("team_id"))
        keys = [*self._get_contact_locks([draft], company), *self._get_assignment_keys(company)]
        key_lock(self.env, *keys, team._get_turn_key())
        _fresh, again = self.sudo()._pass_gate([draft], company)
        if again and not draft.match:
            return self._meet_known(again[0][0], vals)
        likely = self._get_likely(draft, company)
        if chosen := likely.filtered(lambda lead: lead.id == answers["same_as_lead_id"]):
            return self._meet_known(chosen, vals)
        if likely and not answers["is_other_contact"]:
            raise self._make_question(draft, likely)
        lead = self._create_entry(vals, team)
        draft.lead_id = lead.id
        self._note_similar([draft])
        return lead

    @api.model
    def _read_entry(self, vals: dict[str, Any], company) -> CaptureDraft:
        country = self.env["res.country"].browse(vals.get("country_id"))
        captured = CapturedLead(
            channel="manual", name=vals.get("contact_name"), email=vals.get("email_from") or None,
            phone=vals.get("phone") or None, whatsapp=vals.get("whatsapp") or None,
        )  # fmt: skip
        draft = CaptureDraft(captured, 0, country.code or company.country_id.code or None)
        draft.contact = self._read_typed(vals, company)
        return draft

    @api.model
    def _get_likely(self, draft: CaptureDraft, company):
        """Return the open leads and deals, whoever may see them, that are the same by their score."""
        same = {one.res_id for one in draft.similar if one.res_model == self._name and one.kind == SAME}
        return self.sudo().search(self._get_open_domain(same, company))

    @api.model
    def _make_question(self, draft: CaptureDraft, likely) -> UserError:
        """Return the error that leaves the decision to a person, since a machine might be wrong.

        Its context holds what the form needs to ask.
        """
        alike = [one for one in draft.similar if one.res_model == self._name and one.res_id in likely.ids]
        found = self._describe_similar(alike, _MOST_ASKED)
        names = [record["name"] for record in found["records"]]
        error = UserError(
            self.env._("This contact looks like “%(name)s”. Open that lead instead of making it twice.", name=names[0])
            if names else self.env._("This contact looks like a lead that belongs to somebody else. Ask your manager.")
        )  # fmt: skip
        error.context = {"pipeline_similar": found}
        return error

    @api.model
    def _create_entry(self, vals: dict[str, Any], team):
        # The form sends an empty channel when nobody chose one.
        vals = {**vals, "capture_channel": vals.get("capture_channel") or "manual"}
        vals.update(self._prepare_entry_owner(vals, team))
        lead = self.create(vals)
        self.env["pipeline.touch"].sudo().create(
            {"lead_id": lead.id, "capture_channel": lead.capture_channel, "company_id": lead.company_id.id}
        )
        lead.sudo()._on_entered()
        return lead

    @api.model
    def _may_hand_out(self, vals: Mapping[str, Any], user_ids: Sequence[int | bool]) -> bool:
        """Return whether the user may make a lead for any of these users; who may not keeps what is typed."""
        rules = self.env["ir.rule"]._compute_domain(self._name, "create")
        model = self.sudo()
        return all(model.new({**vals, "user_id": user_id}).filtered_domain(rules) for user_id in user_ids)

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
