"""Whom a contact resembles, as a person is shown it: while typing, before saving, on the form of a lead."""

from collections.abc import Mapping, Sequence
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.contact import Contact, make_contact
from ...tools.duplicates import Candidate
from ...tools.similarity import SAME
from .pipeline_duplicate import DIFFERENT

# Who types sees the likeliest; the button shows them all.
_MOST_SHOWN = 5
_MOST_LISTED = 50
_LONGEST = 200
_TEXTS = {
    "email": "email_from", "phone": "phone", "whatsapp": "whatsapp", "name": "contact_name", "company": "partner_name",
    "street": "street", "street2": "street2", "zip": "zip", "city": "city",
}  # fmt: skip


class CrmLead(models.Model):
    _inherit = "crm.lead"

    similar_count = fields.Integer("Similar", compute="_compute_similar_count")

    @api.depends_context("uid")
    def _compute_similar_count(self):
        known = self.filtered(lambda lead: isinstance(lead.id, int))
        found = known._find_undecided() if known else {}
        for lead in self:
            lead.similar_count = len(found.get(lead.id, ()))

    # ---- calls of the web client

    @api.model
    @api.readonly
    def find_duplicates_of_form(self, values: dict[str, Any], lead_id: int | bool = False) -> dict[str, Any]:
        """Return whom the contact in a form resembles: what the user may see, and of others how many there are.

        :param values: what stands in the form, by field name; only what tells contacts apart is read
        :param lead_id: the lead that is edited, which is nobody else
        """
        lead = self.browse(int(lead_id or 0)).exists()
        (lead or self.browse()).check_access("read")
        values = values if isinstance(values, dict) else {}
        company = self._get_typed_company(values.get("company_id"))
        own = lead._get_own_records() if lead else set()
        partner = self._get_typed_partner(values.get("partner_id") or values.get("commercial_partner_id"))
        own |= {("res.partner", id_) for id_ in (partner | partner.commercial_partner_id).ids}
        contact = self._read_typed(values, company)
        [found] = self.env["pipeline.contact"].sudo()._find_duplicates([contact], company, [own])
        found = self._without_other_deals(found, values.get("type") or lead.type, partner)
        return self._describe_similar(lead._without_decided(found) if lead else found, _MOST_SHOWN)

    @api.readonly
    def get_similar(self) -> dict[str, Any]:
        """Return whom this lead resembles, as far as the user may see it."""
        self.ensure_one()
        self.check_access("read")
        return self._describe_similar(self._find_undecided()[self.id], _MOST_LISTED)

    def action_view_similar(self) -> dict[str, Any]:
        """Open the dialog of what this lead resembles."""
        self.ensure_one()
        return {"type": "ir.actions.client", "tag": "sales_pipeline.similar_records", "params": {"lead_id": self.id}}

    def mark_not_same(self, res_model: str, res_id: int) -> None:
        """Say that a record which this lead resembles is somebody else.

        :raise UserError: when the lead does not resemble it, or the user may not see it
        """
        self.ensure_one()
        self.check_access("read")
        answer = self._find_duplicates()[self.id]
        visible = self.env["pipeline.contact"]._get_visible(answer).candidates
        pairs = self.env["pipeline.duplicate"]
        if any((one.res_model, one.res_id) == (res_model, res_id) for one in visible):
            pairs.sudo()._note({self.id: answer})
            pairs = pairs._get_pairs_of(self).filtered(
                lambda pair: (res_model, res_id) in ((pair.res_model, pair.res_id), (self._name, pair.lead_id.id))
            )
        if not pairs:
            raise UserError(self.env._("These two are not alike any more. Reload the page."))
        pairs.with_env(self.env).action_mark_different()

    # ---- what was typed

    @api.model
    def _read_typed(self, values: Mapping[str, Any], company) -> Contact:
        """Return the contact of a form's values; ids that the user may not read say nothing."""
        country = self._get_typed("res.country", values.get("country_id"))
        partner = self._get_typed_partner(values.get("partner_id"))
        texts = {word: _as_text(values.get(name)) for word, name in _TEXTS.items()}
        if partner and not partner.is_company:
            texts["name"] = texts["name"] or partner.name
        texts["company"] = texts["company"] or partner.commercial_company_name
        texts["country"] = country.code
        texts["state"] = self._get_typed("res.country.state", values.get("state_id")).code
        codes = (country.code, partner.country_id.code, company._get_country_code())
        typed = self._read_typed_identifiers(values.get("lead_properties"), company)
        return make_contact(texts, list(dict.fromkeys(filter(None, codes))), typed)

    @api.model
    def _read_typed_identifiers(self, properties: Any, company) -> list[tuple[str, str, Any]]:
        """Return name, kind and value of the declared identifiers among a form's properties."""
        if isinstance(properties, list):
            properties = {one.get("name"): one.get("value") for one in properties if isinstance(one, dict)}
        if not isinstance(properties, dict) or not properties:
            return []
        given = {name: _as_text(value) for name, value in properties.items() if isinstance(value, (str, int, float))}
        identifiers = self.env["pipeline.identifier"]._get_properties()
        return self.env["pipeline.contact"]._read_identifiers(given, company.id, identifiers)

    @api.model
    def _get_typed_company(self, company_id: Any):
        company = self._get_typed("res.company", company_id)
        return company if company in self.env.companies else self.env.company

    @api.model
    def _get_typed_partner(self, partner_id: Any):
        partner = self._get_typed("res.partner", partner_id)
        return partner.sudo() if partner.has_access("read") else partner.browse()

    @api.model
    def _get_typed(self, model_name: str, id_: Any):
        records = self.env[model_name]
        return records.browse(id_).exists() if isinstance(id_, int) and id_ else records

    # ---- what is shown

    def _find_undecided(self) -> dict[int, list[Candidate]]:
        """Return whom each lead resembles, without those of whom a person said that they are others."""
        found = self._find_duplicates()
        return {
            lead.id: lead._without_decided(self._without_other_deals(found[lead.id], lead.type, lead.partner_id))
            for lead in self
        }  # fmt: skip

    @api.model
    def _without_other_deals(self, candidates: Sequence[Candidate], type_: str | bool, partner) -> list[Candidate]:
        """Return the candidates without what is no second spelling of a partner that is chosen: its deals, partners."""
        if not partner:
            return list(candidates)
        ids = [one.res_id for one in candidates if one.res_model == self._name]
        leads = self.sudo().browse(ids).exists() if type_ == "opportunity" else self.browse()
        deals = set(leads.filtered(lambda lead: lead.type == "opportunity" and lead.partner_id == partner).ids)
        return [one for one in candidates if one.res_model == self._name and one.res_id not in deals]

    def _without_decided(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """Return the candidates without those of whom a person said that they are others."""
        self.ensure_one()
        pairs = self.env["pipeline.duplicate"]._get_pairs_of(self, DIFFERENT)
        others = {
            ("crm.lead", pair.lead_id.id) if pair.res_model == self._name and pair.res_id == self.id
            else (pair.res_model, pair.res_id)
            for pair in pairs
        }  # fmt: skip
        return [one for one in candidates if (one.res_model, one.res_id) not in others]

    @api.model
    def _describe_similar(self, candidates: Sequence[Candidate], most: int) -> dict[str, Any]:
        """Return candidates in words, as the user may see them.

        :return: ``records`` with ``res_model``, ``res_id``, ``name``, ``kind``, ``owner``, ``status``, ``reasons``,
            ``is_same`` and ``is_lead``; ``more`` that the user may see too, ``hidden`` that belong to others
        """
        visible = self.env["pipeline.contact"]._get_visible(candidates)
        shown = visible.candidates[:most]
        return {
            "records": [self._describe_candidate(one) for one in shown],
            "more": len(visible.candidates) - len(shown),
            "hidden": visible.hidden_same + visible.hidden_ask,
        }

    @api.model
    def _describe_candidate(self, candidate: Candidate) -> dict[str, Any]:
        # who may read the record may know who looks after it and how far it is
        record = self.env[candidate.res_model].browse(candidate.res_id).sudo()
        kind, status = (
            self._describe_lead(record) if candidate.res_model == self._name
            else (self.env._("Customer") if candidate.customer_id else self.env._("Contact"), "")
        )  # fmt: skip
        reasons = self.env["pipeline.contact"]._describe_reasons(candidate.reasons)
        return {
            "res_model": candidate.res_model, "res_id": candidate.res_id, "is_lead": candidate.res_model == self._name,
            "name": record.display_name, "kind": kind, "status": status, "owner": record.user_id.name or "",
            "reasons": reasons, "is_same": candidate.kind == SAME,
        }  # fmt: skip

    @api.model
    def _describe_lead(self, lead) -> tuple[str, str]:
        """Return in words what a lead is and how far it is."""
        selections = lead._fields["lead_status"]._description_selection(self.env)
        if lead.type == "lead":
            return self.env._("Lead"), dict(selections).get(lead.lead_status, "")
        lost = self.env._("Lost") if lead.won_status == "lost" else lead.stage_id.display_name or ""
        return self.env._("Deal"), lost


def _as_text(value: Any) -> str | None:
    """Return what was typed, no longer than a contact's texts are."""
    return str(value)[:_LONGEST] if value not in (None, False) else None
