"""What is sent and answered of deals."""

from typing import Any, Literal

from pydantic import Field, StrictInt

from .. import const
from .common import (
    Amount,
    Day,
    Filter,
    Line,
    Moment,
    Name,
    Notes,
    ReadOnly,
    ReadQuery,
    Schema,
    Tags,
    Uuid,
    choices,
    make_list_query,
)
from .parts import ContactInfo, Document, expandable, omittable

DealStage = choices(const.DEAL_STAGES)
LifeStage = choices(const.LIFE_STAGES)
SORTS = {
    "created_at": "create_date", "updated_at": "write_date", "deal_name": "name",
    "expected_close_date": "date_deadline", "value_estimate": "expected_revenue",
}  # fmt: skip
FILTERS = {
    "deal_stage": Filter("deal_stage", "choice", tuple(code for code, _label in const.DEAL_STAGES)),
    "life_stage": Filter("deal_stage", "choice", tuple(code for code, _label in const.LIFE_STAGES)),
    "assigned_to": Filter("user_id.uuid", "uuid"),
    "value_estimate": Filter("expected_revenue", "amount"),
    "expected_close_date": Filter("date_deadline", "day"),
    "customer_id": Filter("pipeline_customer_id.uuid", "uuid"),
    "tag": Filter("tag_ids.name", "name"),
    "text": Filter("name", "text"),
    "created_at": Filter("create_date", "moment"),
    "updated_at": Filter("write_date", "moment"),
}
# What a deal may be sent with beside its name, by PUT and PATCH; see ``_Changeable``.
READ_ONLY = (
    "id", "lead_id", "life_stage", "customer_id", "lost_reason", "closed_at", "documents", "activity_log",
    "created_at", "updated_at", "currency",
)  # fmt: skip

Probability = StrictInt


class Opportunity(Schema):
    """A deal; amounts are in ``currency``, ``lead_id`` is null for what never was a lead."""

    id: Uuid
    lead_id: Uuid | None
    deal_name: Line
    expected_close_date: Day | None
    deal_stage: DealStage
    life_stage: LifeStage
    value_estimate: Amount
    currency: Line
    assigned_to: Uuid | None
    probability: Probability
    customer_id: Uuid | None
    contact_info: ContactInfo
    tags: list[Line]
    notes: str | None
    properties: dict[str, Any]
    lost_reason: Line | None
    closed_at: Moment | None
    activity_log: Line
    created_at: Moment
    updated_at: Moment
    documents: list[Document] | None = Field(None, description="with expand=documents, the newest hundred")


class _Values(Schema):
    expected_close_date: Day | None = None
    value_estimate: Amount | None = None
    assigned_to: Uuid | None = None
    probability: Probability | None = Field(
        None, ge=0, le=100, description="1 to 99; null lets Odoo estimate it, the ends belong to /close"
    )
    contact_info: ContactInfo | None = None
    tags: Tags | None = None
    notes: Notes | None = None
    properties: dict[str, Any] | None = None


class OpportunityCreate(_Values):
    """A new deal; without ``assigned_to`` it is the acting user's."""

    deal_name: Name
    deal_stage: DealStage = omittable()
    currency: Line = omittable()


class _Changeable(_Values):
    deal_stage: DealStage = omittable()
    id: ReadOnly
    lead_id: ReadOnly
    life_stage: ReadOnly
    customer_id: ReadOnly
    lost_reason: ReadOnly
    closed_at: ReadOnly
    documents: ReadOnly
    activity_log: ReadOnly
    created_at: ReadOnly
    updated_at: ReadOnly
    currency: ReadOnly


class OpportunityReplace(_Changeable):
    """All that can be written: what is left out is cleared; a deal always has a name and a stage."""

    deal_name: Name
    deal_stage: DealStage


class OpportunityPatch(_Changeable):
    """What shall change: objects are merged, tags added, null clears."""

    deal_name: Name = omittable()
    remove_tags: Tags = omittable()


class OpportunityClose(Schema):
    """How a deal ended."""

    outcome: Literal["won", "lost"]
    lost_reason: Name | None = Field(None, description="required when lost")
    lost_note: Notes | None = None
    amount: Amount | None = Field(None, description="what it was worth in the end")


class OpportunityRead(ReadQuery):
    expand: expandable("documents") | None = None


class OpportunityQuery(make_list_query("OpportunityList", SORTS, FILTERS)):
    expand: expandable("documents") | None = None
