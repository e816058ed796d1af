"""What the API makes of leads: enter them, change them, turn them into deals."""

from collections.abc import Mapping, Sequence
from typing import Any

from odoo import models
from odoo.tools import plaintext2html
from pydantic import BaseModel

from ..models.capture.api_entry import ApiEntry, EntryResult
from ..rest.problems import ApiProblem, invalid
from ..tools.attribution import Attribution
from ..tools.email import normalise_email
from ..tools.phone import to_e164
from ..tools.text import literal
from .base import Mode
from .leads import PLAIN, STREET
from .parts import check_currency, read_contact, read_notes, read_properties, read_tags, refuse

_CONTACT = {"email": "email_from", "phone": "phone", "whatsapp": "whatsapp"}
_USE_CONVERT = "A lead becomes a deal by POST /api/leads/{id}/convert."
_USE_CLOSE = "A deal is won or lost by POST /api/opportunities/{id}/close."


class PipelineApiLead(models.AbstractModel):
    _inherit = "pipeline.api.lead"

    # ---- enter

    def _enter(self, body: BaseModel, on_duplicate: str):
        """Make a lead of a body, unless it is known.

        :return: the lead, and whether it is new
        :raise ApiProblem: 409 with the candidates that the caller may see, 422
        """
        result = self.env["crm.lead"]._enter_by_api(self._make_entry(body), self.env.company, on_duplicate)
        self._finish_entry(result, body)
        return result.lead, result.outcome == "created"

    def _make_entry(self, body: BaseModel) -> ApiEntry:
        sent = body.attribution
        attribution = Attribution(**{name: value or None for name, value in sent.model_dump().items()} | {
            "click_ids": dict(sent.click_ids)}) if sent else Attribution()  # fmt: skip
        return ApiEntry(self._prepare_values(body), attribution, tuple(body.tags))

    def _finish_entry(self, result: EntryResult, body: BaseModel) -> None:
        """Bring a new lead to its status, and refuse what was a duplicate.

        :raise ApiProblem: 409
        """
        if result.outcome == "duplicate":
            raise ApiProblem(
                409, "duplicate",
                "The contact is known already. Send on_duplicate=attach to add to that lead, or on_duplicate=create.",
                candidates=list(result.candidates), hidden=result.hidden,
            )  # fmt: skip
        if result.error:
            raise result.error
        if result.outcome == "created" and body.status != "new":
            self._move(result.lead, body.status, body.lost_reason)

    # ---- change

    def _change(self, lead, body: BaseModel, mode: Mode) -> None:
        """Bring a lead to what a body says."""
        self._check_read_only(lead)
        present = self._represent(lead)[0]
        values = self._prepare_values(body, lead, mode)
        # Handed on last: afterwards the lead may be out of the caller's reach.
        owner = {"user_id": values.pop("user_id")} if "user_id" in values else {}
        if values:
            lead.write(values)
        sent = _get_sent(body, mode, present)
        status = sent.get("status")
        # A PUT without a status leaves a deal what it is, and every other lead as a new one.
        if lead.date_conversion and "status" not in body.model_fields_set:
            status = None
        if status or "lost_reason" in sent:
            self._move(lead, status or present["status"], sent.get("lost_reason", present["lost_reason"]))
        if owner:
            lead.write(owner)
        self.env["pipeline.moments.mixin"]._flush_moments()

    def _move(self, lead, status: str, lost_reason: str | None) -> None:
        if status == "converted" and not lead.date_conversion:
            raise refuse("use-convert", "/status", _USE_CONVERT)
        if status == "disqualified":
            reason = self._find_lost_reason(lost_reason)
            if lead.won_status != "lost":
                lead.action_set_lost(lost_reason_id=reason)
            else:
                lead.lost_reason_id = reason
            return
        if lost_reason and lost_reason != lead.lost_reason_id.name:
            raise invalid("/lost_reason", "read-only", "Only a disqualified lead has a lost_reason.")
        lead._set_lead_status(status)

    def _find_lost_reason(self, name: str | None) -> int | bool:
        if not name:
            return False
        reasons = self.env["crm.lost.reason"]
        found = reasons.search([("name", "=ilike", literal(name))])
        if not found and self.env["crm.lead"]._is_pipeline_manager():
            found = reasons.sudo().create({"name": name})
        if not found:
            raise invalid("/lost_reason", "unknown", f"There is no reason {name}. A manager can add it.")
        return found[:1].id

    # ---- values

    def _prepare_values(self, body: BaseModel, record=None, mode: Mode = "create") -> dict[str, Any]:
        lead = self.env["crm.lead"] if record is None else record
        present = self._represent(lead)[0] if lead else {}
        sent = _get_sent(body, mode, present)
        values = {PLAIN[key]: sent[key] or False for key in PLAIN if key in sent}
        if "name" in sent:
            values["name"] = sent["name"]
        if "expected_revenue" in sent:
            values["expected_revenue"] = float(sent["expected_revenue"] or 0)
        values |= self._read_address(body, sent, present, mode, lead)
        if "contact_info" in sent:
            values |= self._read_contact_info(body, present, mode, values, lead)
        if "owner_id" in sent and (mode != "create" or "owner_id" in body.model_fields_set):
            values["user_id"] = (sent["owner_id"] and self.env["pipeline.api.user"]._find_user(
                sent["owner_id"], "/owner_id"
            ).id) or False  # fmt: skip
        own = present.get("properties") or {}
        if "properties" in sent and (sent["properties"] or own):
            team = lead.team_id or self.env["crm.lead"]._get_fallback_team(self.env.company)
            properties = read_properties(sent["properties"], own, team, mode == "patch")
            values |= {} if properties is None else {"lead_properties": properties}
        return values | (self._prepare_new(body, sent) if not lead else self._prepare_words(body, lead, sent, mode))

    def _prepare_new(self, body: BaseModel, sent: Mapping[str, Any]) -> dict[str, Any]:
        company = self.env.company
        if body.currency is not None:
            check_currency(body.currency, company.currency_id)
        if body.status == "converted":
            raise refuse("use-convert", "/status", _USE_CONVERT)
        return {
            "contact_name": sent["contact_name"] or sent["name"], "type": "lead", "company_id": company.id,
            "capture_channel": body.source, "captured_at": self.env.cr.now(),
            "description": plaintext2html(body.notes) if body.notes else False,
        }  # fmt: skip

    def _prepare_words(self, body: BaseModel, lead, sent: Mapping[str, Any], mode: Mode) -> dict[str, Any]:
        values = {}
        if "notes" in sent and (notes := read_notes(sent["notes"], lead.description)) is not None:
            values["description"] = notes
        removed = getattr(body, "remove_tags", None)
        if "tags" in sent or removed:
            names = lead.sudo().tag_ids.mapped("name")
            tags = read_tags(self.env, names, sent.get("tags"), removed, mode == "patch")
            values |= {} if tags is None else {"tag_ids": tags}
        return values

    def _read_contact_info(
        self, body: BaseModel, present: Mapping[str, Any], mode: Mode, values: Mapping[str, Any], lead
    ) -> dict[str, Any]:
        country = self.env["res.country"].browse(values.get("country_id")) or lead.country_id
        code = country.code or self.env.company._get_country_code()
        found = read_contact(body.contact_info, present.get("contact_info") or {}, mode == "patch", code)
        read = {"email": normalise_email, "phone": lambda text: to_e164(text, code)}
        return {
            _CONTACT[key]: (value and read.get(key, read["phone"])(value)) or False for key, value in found.items()
        }  # fmt: skip

    def _read_address(
        self, body: BaseModel, sent: Mapping[str, Any], present: Mapping[str, Any], mode: Mode, lead
    ) -> dict[str, Any]:
        if "address" not in sent:
            return {}
        address = body.address
        names = address.model_fields_set if address and mode == "patch" else {*STREET, "region", "country"}
        values = {STREET[name]: getattr(address, name, None) or False for name in STREET if name in names}
        country = lead.country_id
        if "country" in names:
            code = address.country.upper() if address and address.country else None
            country = self.env["res.country"].search([("code", "=", code)], limit=1) if code else country.browse()
            if code and not country:
                raise invalid("/address/country", "unknown", f"There is no country {code}. Use codes such as DE.")
            values["country_id"] = country.id
        if "region" in names:
            values["state_id"] = self._find_state(address.region if address else None, country)
        elif country != lead.country_id:
            values["state_id"] = False
        return values

    def _find_state(self, region: str | None, country) -> int | bool:
        if not region:
            return False
        country = country or self.env.company.country_id
        found = self.env["pipeline.capture.lookup"]._find_states({(country.code, region)})
        if not found:
            name = country.code or "the country"
            raise invalid("/address/region", "unknown", f"There is no region {region} in {name}. Send its country too.")
        return next(iter(found.values()))

    # ---- convert

    def _turn_into_deal(self, lead, body: BaseModel) -> bool:
        """Make a deal of a lead, once.

        :return: whether it was a lead until now
        :raise ApiProblem: 409 for what is disqualified or lacks something, 422
        """
        if lead.date_conversion:
            return False
        if body.deal_stage in ("won", "lost"):
            raise refuse("use-close", "/deal_stage", _USE_CLOSE)
        if lead.won_status == "lost":
            raise ApiProblem(409, "conflict-of-state", "The lead is disqualified. Give it another status first.")
        missing = lead._describe_missing()
        if missing and not body.override_reason:
            raise ApiProblem(
                409, "conflict-of-state", f"The team wants to know first: {missing}.", missing=missing.split(", ")
            )
        lead._convert(reason=body.override_reason)
        values: dict[str, Any] = {"name": body.deal_name, "date_deadline": body.expected_close_date}
        values = {name: value for name, value in values.items() if value}
        if body.value_estimate is not None:
            values["expected_revenue"] = float(body.value_estimate)
        if body.assigned_to:
            values["user_id"] = self.env["pipeline.api.user"]._find_user(body.assigned_to, "/assigned_to").id
        if values:
            lead.write(values)
        if body.deal_stage:
            lead._move_to_stage(body.deal_stage)
        self.env["pipeline.moments.mixin"]._flush_moments()
        return True

    def _delete(self, lead) -> None:
        """Delete a lead softly.

        :raise ApiProblem: 409 for a deal
        """
        if lead.date_conversion:
            raise ApiProblem(409, "conflict-of-state", "The lead is a deal by now, and would take that with it.")
        lead.unlink()


def _get_sent(body: BaseModel, mode: Mode, present: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a body says by key, without what is so already."""
    names: Sequence[str] = body.model_fields_set if mode == "patch" else type(body).model_fields
    said = body.model_dump(mode="json", include=set(names))
    return {key: value for key, value in said.items() if key not in present or value != present[key]}
