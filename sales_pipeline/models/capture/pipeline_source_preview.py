"""The lead that a received capture would become, before anything is saved."""

from collections.abc import Mapping
from typing import Any

from odoo import models
from odoo.tools import html_sanitize

from ...exceptions import MalformedBody
from ...tools.capture_draft import CaptureDraft

# What a lead shows of whom it is about, in the order of its form; empty ones are left out.
_SHOWN = (
    "contact_name", "partner_name", "function", "email_from", "phone", "whatsapp", "street", "city", "zip",
    "prospective_type", "temperature", "expected_revenue",
)  # fmt: skip
_ORIGIN = ("source_id", "medium_id", "campaign_id", "utm_term", "utm_content", "landing_page_url", "referrer_url")


class PipelineSource(models.Model):
    _inherit = "pipeline.source"

    def _preview(self, payload: Mapping[str, Any], external_id: str, mapping: dict[str, str] | None) -> dict[str, Any]:
        """Return what a payload would become under a mapping; nothing is written.

        :param mapping: our word by question, None for the saved one
        :return: ``decision`` (code), ``message``, ``title``, ``rows`` and ``origin`` (label and text), ``description``
            (safe HTML), ``owner`` (text), ``consent`` (text)
        """
        self.ensure_one()
        provider = self._get_provider(mapping)
        try:
            captured = provider.parse(payload, external_id)
        except (MalformedBody, AttributeError, KeyError, TypeError, ValueError):
            return {"decision": "unreadable", "message": self.env._("This capture cannot be read.")}
        lead = self.env["crm.lead"].sudo().with_company(self.company_id)
        draft = CaptureDraft(captured, 0, self.default_country_id.code or self.company_id.country_id.code or None)
        values = lead._prepare_captured_values(draft, self.sudo(), self._get_team(), False, lambda _model, text: text)
        decision, message = self._preview_decision(lead, draft)
        return {
            "decision": decision,
            "message": message,
            "title": values.get("name") or "",
            "rows": [*self._label_values(values, (*_SHOWN, *captured.own)), *self._preview_names(draft)],
            "origin": self._label_values({**values, "click_ids": ""}, _ORIGIN)
            + [(name, value) for name, value in captured.attribution.click_ids.items()],
            "description": html_sanitize(values.get("description") or ""),
            "owner": self._describe_owner(lead, draft),
            "consent": captured.consent.get("text") or self.consent_text or "",
        }

    def _preview_decision(self, lead, draft) -> tuple[str, str]:
        refusal = draft.get_refusal(self.sudo())
        if refusal and refusal.outcome == "test":
            return "test", self.env._("The sender marked it as a test: no lead is made.")
        if refusal:
            if refusal.code == "spam":
                return "refused", self.env._("Rejected: it looks like the work of a robot.")
            field = refusal.field
            if refusal.code == "invalid":
                return "refused", self.env._("Rejected: the value of “%(field)s” cannot be used.", field=field)
            return "refused", self.env._(
                "Rejected: “%(field)s” is missing. Give one of the questions this field.", field=field
            )
        known = lead._find_exact([draft], self.company_id)
        found = next((known[key] for key in draft.keys if key in known), None)
        if found:
            return "known", self.env._("Known contact: it adds a touch to “%(lead)s”.", lead=found.display_name)
        if not draft.keys:
            return "contactless", self.env._("A new lead, though nobody can be reached on it.")
        return "new", self.env._("A new lead.")

    def _label_values(self, values: Mapping[str, Any], names) -> list[tuple[str, str]]:
        """Return the labels and texts of those values of a lead that are not empty."""
        lead = self.env["crm.lead"]
        found = []
        for name in names:
            value = values.get(name)
            if name not in lead._fields or value in (None, False, "", 0):
                continue
            field = lead._fields[name]
            options = dict(field._description_selection(self.env)) if field.type == "selection" else {}
            text = f"{value:.2f}" if isinstance(value, float) else options.get(value, str(value))
            text = self.env._("yes") if value is True else text
            found.append((field._description_string(self.env), text))
        return found

    def _preview_names(self, draft) -> list[tuple[str, str]]:
        """Return the country and the tags, which would be looked up or made."""
        country = self.env["res.country"].search([("code", "=", draft.country_code)], limit=1)
        tags = ", ".join([*self.tag_ids.mapped("name"), *draft.captured.tags])
        labelled = [(self.env._("Country"), country.name), (self.env._("Tags"), tags)]
        return [(label, text) for label, text in labelled if text]

    def _describe_owner(self, lead, draft) -> str:
        if self.owner_rule == "nobody":
            return self.env._("Nobody, until somebody takes it")
        if self.owner_rule == "fixed":
            return self.user_id.name or self.env._("Nobody: choose the person in the source")
        known = lead._find_known_owners([draft], self.company_id) if self.owner_rule == "known" else {}
        owner = next((known[key] for key in draft.keys if key in known), None)
        if owner:
            return self.env["res.users"].sudo().browse(owner).name
        places = self.env["pipeline.capture.lookup"]._find_places([draft])
        values = lead._prepare_captured_values(draft, self.sudo(), self._get_team(), False, places)
        [decision] = lead._decide_by_rules(self.company_id, [values], is_trial=True)
        if decision:
            return lead._word_reason(decision.why, lead._get_names_in([decision.why]))
        team = self._get_team()
        return self.env._("A member of %(team)s, in turn", team=team.name) if team else self.env._("Nobody: no team")
