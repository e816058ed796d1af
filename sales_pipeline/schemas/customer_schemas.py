"""What is sent and answered of customers."""

from typing import Any

from pydantic import Field

from .. import const
from .common import (
    Amount,
    Filter,
    Line,
    Moment,
    Name,
    ReadOnly,
    ReadQuery,
    Schema,
    Uuid,
    Whole,
    choices,
    make_list_query,
)
from .parts import ContactInfo, Document, expandable, omittable

CustomerType = choices(const.CUSTOMER_TYPES)
LifecycleStage = choices(const.LIFECYCLE_STAGES)
SORTS = {
    "created_at": "create_date", "updated_at": "write_date", "customer_name": "name", "health_score": "health_score",
}  # fmt: skip


def _codes(selection: list[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(code for code, _label in selection)


FILTERS = {
    "lifecycle_stage": Filter("lifecycle_stage", "choice", _codes(const.LIFECYCLE_STAGES)),
    "onboarding_status": Filter("onboarding_status", "choice", _codes(const.ONBOARDING_STATUSES)),
    "customer_type": Filter("customer_type", "choice", _codes(const.CUSTOMER_TYPES)),
    "assigned_csm": Filter("csm_id.uuid", "uuid"),
    "customer_success_manager": Filter("csm_id.uuid", "uuid"),
    "opportunity_id": Filter("deal_ids.uuid", "uuid"),
    "health_score": Filter("health_score", "amount"),
    "text": Filter("name", "text"),
    "created_at": Filter("create_date", "moment"),
    "updated_at": Filter("write_date", "moment"),
}
READ_ONLY = (
    "id", "opportunity_id", "lead_id", "onboarding_status", "onboarding_percent", "health_score", "purchase_history",
    "communication_history", "documents", "created_at", "updated_at",
)  # fmt: skip


class Purchase(Schema):
    order_id: Uuid
    order_number: Line
    total_value: Amount
    currency: Line
    status: Line | None
    ordered_at: Moment | None


class Customer(Schema):
    """Somebody who bought; ``customer_success_manager`` and ``assigned_csm`` name the same person."""

    id: Uuid
    customer_name: Line
    customer_type: CustomerType
    contact_info: ContactInfo
    opportunity_id: Uuid | None
    lead_id: Uuid | None
    customer_success_manager: Uuid | None
    assigned_csm: Uuid | None
    onboarding_status: choices(const.ONBOARDING_STATUSES)
    onboarding_percent: Whole
    health_score: Whole
    lifecycle_stage: LifecycleStage
    communication_history: Line
    created_at: Moment
    updated_at: Moment
    purchase_history: list[Purchase] | None = Field(
        None, description="the newest twenty orders; in lists with expand=purchase_history"
    )
    documents: list[Document] | None = Field(None, description="with expand=documents, the newest hundred")


class _Values(Schema):
    contact_info: ContactInfo | None = None
    customer_success_manager: Uuid | None = None
    assigned_csm: Uuid | None = None


class CustomerCreate(_Values):
    """A new customer: of a won deal, or by name. One is known by its e-mail address, else by its phone number."""

    customer_name: Name | None = Field(None, description="required without opportunity_id")
    opportunity_id: Uuid | None = None
    customer_type: CustomerType = omittable()
    lifecycle_stage: LifecycleStage = omittable()


class _Changeable(_Values):
    customer_type: CustomerType = omittable()
    lifecycle_stage: LifecycleStage = omittable()
    id: ReadOnly
    opportunity_id: ReadOnly
    lead_id: ReadOnly
    onboarding_status: ReadOnly
    onboarding_percent: ReadOnly
    health_score: ReadOnly
    purchase_history: ReadOnly
    communication_history: ReadOnly
    documents: ReadOnly
    created_at: ReadOnly
    updated_at: ReadOnly


class CustomerReplace(_Changeable):
    """All that can be written: what is left out is cleared; a customer always has a name, a type and a stage."""

    customer_name: Name
    customer_type: CustomerType
    lifecycle_stage: LifecycleStage


class CustomerPatch(_Changeable):
    """What shall change: objects are merged, null clears."""

    customer_name: Name = omittable()


class CustomerRead(ReadQuery):
    expand: expandable("purchase_history", "documents") | None = None


class CustomerQuery(make_list_query("CustomerList", SORTS, FILTERS)):
    expand: expandable("purchase_history") | None = None


SCHEMAS: dict[str, Any] = {
    schema.__name__: schema
    for schema in (Customer, CustomerCreate, CustomerReplace, CustomerPatch, CustomerRead, CustomerQuery)
}
