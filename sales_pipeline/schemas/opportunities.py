"""Deals, as the API shows and reads them."""

from typing import Any

from odoo import models
from odoo.fields import Domain
from pydantic import BaseModel

from .. import const
from ..rest.problems import ApiProblem, invalid
from . import opportunity_schemas as schemas
from .base import Mode
from .common import amount_to_json, day_to_json, moment_to_json
from .parts import (
    check_currency,
    contact_to_json,
    fetch_documents,
    fetch_properties,
    notes_to_json,
    read_contact,
    read_notes,
    read_properties,
    read_tags,
    refuse,
)

_CLOSED = ("won", "lost")
# What a deal counts as whose team has no code for its stage.
_FIRST_STAGE = "discovery"
_TEXT_FIELDS = ("name", "contact_name", "partner_name", "email_from", "phone")
_SCHEMAS = (
    schemas.Opportunity, schemas.OpportunityCreate, schemas.OpportunityReplace, schemas.OpportunityPatch,
    schemas.OpportunityClose, schemas.OpportunityQuery, schemas.OpportunityRead,
)  # fmt: skip


class PipelineApiOpportunity(models.AbstractModel):
    _name = "pipeline.api.opportunity"
    _inherit = "pipeline.api.resource"
    _description = "Deals of the API"

    _api_model = "crm.lead"
    _api_path = "/api/opportunities"
    _api_schemas = {schema.__name__: schema for schema in _SCHEMAS}
    _api_sorts = schemas.SORTS
    _api_filters = schemas.FILTERS
    _api_read_only = frozenset(schemas.READ_ONLY)

    def _get_domain(self) -> Domain:
        return Domain("type", "=", "opportunity") & Domain("deleted_at", "=", False)

    def _get_condition(self, name: str, operator: str, value: Any) -> Domain:
        if name == "text":
            return Domain.OR(Domain(field, operator, value) for field in _TEXT_FIELDS)
        if name == "life_stage":
            wanted = [value] if operator == "=" else value
            value = [code for code, stage in const.LIFE_STAGE_BY_DEAL_STAGE.items() if stage in wanted]
            return Domain("deal_stage", "in", value)
        return super()._get_condition(name, operator, value)

    # ---- out

    def _represent(self, records, expand: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
        # Found under the rules of who asks; what belongs to a deal is then shown with it.
        deals = records.sudo()
        properties = fetch_properties(deals)
        rows = [self._represent_deal(deal, properties.get(deal.id, {})) for deal in deals]
        if "documents" in expand:
            documents = fetch_documents(records)
            for row, deal in zip(rows, deals, strict=True):
                row["documents"] = documents[deal.id]
        return rows

    def _represent_deal(self, deal, properties: dict[str, Any]) -> dict[str, Any]:
        currency = deal.company_currency or self.env.company.currency_id
        return {
            "id": deal.uuid,
            "lead_id": deal.uuid if deal.date_conversion else None,
            "deal_name": deal.name,
            "expected_close_date": day_to_json(deal.date_deadline or None),
            "deal_stage": deal.deal_stage or _FIRST_STAGE,
            "life_stage": deal.life_stage or "prospect",
            "value_estimate": amount_to_json(deal.expected_revenue, currency.decimal_places),
            "currency": currency.name,
            "assigned_to": deal.user_id.uuid or None,
            "probability": round(deal.probability),
            "customer_id": deal.pipeline_customer_id.uuid or None,
            "contact_info": contact_to_json(deal),
            "tags": sorted(deal.tag_ids.mapped("name")),
            "notes": notes_to_json(deal.description),
            "properties": properties,
            "lost_reason": deal.lost_reason_id.name or None,
            "closed_at": moment_to_json(deal.date_closed or None),
            "activity_log": f"/api/opportunity/{deal.uuid}/activities",
            "created_at": moment_to_json(deal.create_date),
            "updated_at": moment_to_json(deal.write_date),
        }

    # ---- in

    def _prepare_values(self, body: BaseModel, record=None, mode: Mode = "create") -> dict[str, Any]:
        deal = (record if record is not None else self.env["crm.lead"]).sudo()
        sent = body.model_fields_set if mode == "patch" else type(body).model_fields.keys()
        values: dict[str, Any] = {}
        if "deal_name" in sent:
            values["name"] = body.deal_name
        if "expected_close_date" in sent:
            values["date_deadline"] = body.expected_close_date or False
        if "value_estimate" in sent:
            values["expected_revenue"] = float(body.value_estimate or 0)
        if "assigned_to" in sent and (mode != "create" or "assigned_to" in body.model_fields_set):
            users = self.env["pipeline.api.user"]
            values["user_id"] = users._find_user(body.assigned_to, "/assigned_to").id if body.assigned_to else False
        if "probability" in sent:
            values |= self._prepare_probability(body.probability, deal, mode)
        return values | self._prepare_parts(body, deal, sent, is_merged=mode == "patch")

    def _prepare_probability(self, probability: int | None, deal, mode: Mode) -> dict[str, Any]:
        if mode != "create" and probability == round(deal.probability):
            return {}
        if deal.won_status in ("won", "lost"):
            raise invalid("/probability", "read-only", "The deal is closed: its probability is what became of it.")
        if probability is None:
            return {"probability": deal.automated_probability} if deal else {}
        if probability in (0, 100):
            raise refuse("use-close", "/probability", "Certain deals are closed: POST /api/opportunities/{id}/close.")
        return {"probability": probability}

    def _prepare_parts(self, body: BaseModel, deal, sent, is_merged: bool) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if "contact_info" in sent:
            present = contact_to_json(deal) if deal else {}
            is_kept = is_merged and body.contact_info is not None
            country = (deal.country_id or deal.company_id.country_id or self.env.company.country_id).code or None
            contact = read_contact(body.contact_info, present, is_kept, country)
            values |= {{"email": "email_from"}.get(key, key): value for key, value in contact.items()}
        if "tags" in sent or "remove_tags" in sent:
            is_added = is_merged and (body.tags is not None or "tags" not in sent)
            removed = getattr(body, "remove_tags", None)
            tags = read_tags(self.env, deal.tag_ids.mapped("name"), body.tags, removed, is_added)
            values |= {"tag_ids": tags} if tags is not None else {}
        if "notes" in sent and (notes := read_notes(body.notes, deal.description or None)) is not None:
            values["description"] = notes
        if "properties" in sent:
            is_kept = is_merged and body.properties is not None
            team = deal.team_id if deal else self._get_new_team()
            found = read_properties(body.properties, fetch_properties(deal).get(deal.id, {}), team, is_kept)
            values |= {"lead_properties": found} if found is not None else {}
        return values

    def _get_new_team(self):
        """Return the team that a new deal of the acting user gets."""
        domain = [("use_opportunities", "=", True)]
        return self.env["crm.team"]._get_default_team_id(user_id=self.env.uid, domain=domain)

    def _check_stage(self, stage: str | None, deal=None) -> str | None:
        """Return the stage to move to, if any.

        :raise ApiProblem: 422 for the stages of an end, 409 for a deal that has ended
        """
        if stage is None or (deal and stage == (deal.deal_stage or _FIRST_STAGE)):
            return None
        if stage in _CLOSED:
            raise refuse(
                "use-close", "/deal_stage", "Deals are won and lost at POST /api/opportunities/{id}/close."
            )
        if deal and deal.won_status != "pending":
            raise ApiProblem(409, "conflict-of-state", f"The deal is {deal.won_status}: its stage stays.")
        return stage

    # ---- use cases

    def _create(self, body: BaseModel):
        """Return a new deal of the acting user."""
        deals = self.env["crm.lead"].browse()
        deals.check_access("create")
        stage = self._check_stage(body.deal_stage)
        check_currency(body.currency, self.env.company.currency_id)
        values = {"type": "opportunity", "user_id": self.env.uid, **self._prepare_values(body)}
        deal = deals.create(values)
        if stage:
            self._move(deal, stage)
        return deal

    def _change(self, deal, body: BaseModel, mode: Mode) -> None:
        """Bring a deal to what was sent."""
        self._check_read_only(deal)
        stage = self._check_stage(body.deal_stage, deal)
        values = self._keep_changes(deal, self._prepare_values(body, deal, mode))
        if stage or values:
            deal.check_access("write")
        if stage:
            self._move(deal, stage)
        if values:
            deal.write(values)

    def _move(self, deal, stage: str) -> None:
        if not deal._stage_find(domain=[("deal_stage", "=", stage)]):
            raise invalid("/deal_stage", "unknown", f"The team of this deal has no stage {stage}.")
        deal._move_to_stage(stage)

    def _close(self, deal, body: BaseModel) -> None:
        """End a deal.

        :raise ApiProblem: 422 without the reason of a loss, or for an unknown one
        """
        reason = None
        if body.outcome == "lost":
            if not body.lost_reason:
                raise invalid("/lost_reason", "required", "Say why the deal was lost: lost_reason is required.")
            if deal.won_status == "pending":
                deal.check_access("write")
            reason = deal._find_lost_reason(body.lost_reason)
            if not reason:
                raise invalid("/lost_reason", "unknown", "There is no such reason; only managers make new ones.")
        amount = None if body.amount is None else float(body.amount)
        deal._close_by_api(body.outcome, reason, body.lost_note, amount)
