"""What a lead looks like: as it is answered, made, replaced, changed, converted; and a thousand at a time."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from .. import const
from .common import (
    Amount,
    Day,
    Line,
    Moment,
    Name,
    Notes,
    ReadOnly,
    ReadQuery,
    Schema,
    Tags,
    Uuid,
    Whole,
    choices,
    make_list_query,
)
from .common import Filter as ListFilter
from .parts import ContactInfo, expandable, omittable

MOST_ROWS = 1000

Status = choices(const.LEAD_STATUSES)
Priority = choices(const.TEMPERATURES)
Prospect = choices(const.PROSPECTIVE_TYPES)
Source = choices(const.CAPTURE_CHANNELS)
Country = Annotated[str, StringConstraints(pattern="^[A-Za-z]{2}$")]
Url = Annotated[str, StringConstraints(max_length=2048)]
Properties = dict[Name, Any]
ClickIds = Annotated[dict[Name, Annotated[str, StringConstraints(max_length=512)]], Field(max_length=20)]


class LeadAddress(Schema):
    """Where somebody lives or works; ``region`` is the name or the code of a state of the country."""

    street: Line | None = None
    street2: Line | None = None
    city: Line | None = None
    zip: Line | None = None
    region: Line | None = None
    country: Country | None = Field(None, description="ISO 3166-1 alpha-2, for instance DE")


class LeadAttribution(Schema):
    """Which click or page somebody came from."""

    utm_source: Line | None = None
    utm_medium: Line | None = None
    utm_campaign: Line | None = None
    utm_term: Line | None = None
    utm_content: Line | None = None
    click_ids: ClickIds = Field(default_factory=dict)
    referrer_url: Url | None = None
    landing_page_url: Url | None = None


class LeadResponse(Schema):
    """How fast somebody answered, and until when it shall be."""

    state: str | None
    due_at: Moment | None
    seconds: Whole | None


class Lead(Schema):
    id: Uuid
    name: str
    contact_name: str | None
    company_name: str | None
    job_title: str | None
    contact_info: ContactInfo
    address: LeadAddress
    owner_id: Uuid | None
    source: Source | None
    status: Status
    lost_reason: str | None
    priority: Priority | None
    prospective_type: Prospect | None
    expected_revenue: Amount
    currency: str
    tags: list[str]
    notes: str | None
    properties: Properties
    attribution: LeadAttribution
    opportunity_id: Uuid | None = Field(description="the deal that the lead became; it has the same id")
    date_captured: Moment | None
    created_at: Moment
    updated_at: Moment
    score_reason: str | None = Field(None, description="why the owner has it; with expand=response")
    response: LeadResponse | None = Field(None, description="with expand=response")


class LeadWritable(Schema):
    """What POST and PUT take alike."""

    name: Name
    contact_name: Line | None = None
    company_name: Line | None = None
    job_title: Line | None = None
    contact_info: ContactInfo | None = None
    address: LeadAddress | None = None
    owner_id: Uuid | None = None
    status: Status = Field("new", description="converted is reached through /convert alone")
    lost_reason: Line | None = Field(None, description="with the status disqualified")
    priority: Priority | None = None
    prospective_type: Prospect | None = None
    expected_revenue: Amount | None = None
    tags: Tags = Field(default_factory=list)
    notes: Notes | None = None
    properties: Properties | None = None


class LeadCreate(LeadWritable):
    """Without ``owner_id`` the assignment rules decide; null leaves the lead to nobody."""

    source: Source = "api"
    currency: Line | None = Field(None, description="must be the company's, where it is sent")
    attribution: LeadAttribution | None = None


class _Unchanging(Schema):
    id: ReadOnly
    source: ReadOnly
    currency: ReadOnly
    attribution: ReadOnly
    opportunity_id: ReadOnly
    date_captured: ReadOnly
    created_at: ReadOnly
    updated_at: ReadOnly
    score_reason: ReadOnly
    response: ReadOnly


class LeadReplace(_Unchanging, LeadWritable):
    """What is left out is cleared."""


class LeadPatch(_Unchanging):
    """What is left out stays; objects are merged, ``tags`` are added, ``remove_tags`` are taken away."""

    name: Name = omittable()
    contact_name: Line | None = None
    company_name: Line | None = None
    job_title: Line | None = None
    contact_info: ContactInfo | None = None
    address: LeadAddress | None = None
    owner_id: Uuid | None = None
    status: Status = omittable()
    lost_reason: Line | None = None
    priority: Priority | None = None
    prospective_type: Prospect | None = None
    expected_revenue: Amount | None = None
    tags: Tags = omittable()
    remove_tags: Tags = omittable()
    notes: Notes | None = None
    properties: Properties | None = None


class LeadConvert(Schema):
    """What the deal shall be; all of it may be left out."""

    deal_name: Name = omittable()
    value_estimate: Amount = omittable()
    expected_close_date: Day = omittable()
    assigned_to: Uuid = omittable()
    deal_stage: choices(const.DEAL_STAGES) = omittable()
    override_reason: Line = Field(
        default_factory=lambda: None, description="why a manager goes on although criteria are missing"
    )


# ---- parameters

OnDuplicate = Literal["reject", "attach", "create"]

READ_ONLY = frozenset(_Unchanging.model_fields)
SORTS = {"created_at": "create_date", "updated_at": "write_date", "name": "name"}
FILTERS = {
    "status": ListFilter("lead_status", "choice", tuple(code for code, _label in const.LEAD_STATUSES)),
    "source": ListFilter("capture_channel", "choice", tuple(code for code, _label in const.CAPTURE_CHANNELS)),
    "priority": ListFilter("temperature", "choice", tuple(code for code, _label in const.TEMPERATURES)),
    "prospective_type": ListFilter(
        "prospective_type", "choice", tuple(code for code, _label in const.PROSPECTIVE_TYPES)
    ),
    "owner_id": ListFilter("user_id", "uuid"),
    "tag": ListFilter("tag_ids", "name"),
    "text": ListFilter("name", "text"),
    "has_opportunity": ListFilter("date_conversion", "flag"),
    "created_at": ListFilter("create_date", "moment"),
    "updated_at": ListFilter("write_date", "moment"),
}
_EXPANDED = expandable("response")


class LeadEntryQuery(Schema):
    """What becomes of a lead that is known already."""

    on_duplicate: OnDuplicate = Field(
        "reject", description="reject: 409 with the candidates; attach: the known lead gets a touch; create: one more"
    )


class LeadReadQuery(ReadQuery):
    expand: _EXPANDED | None = Field(None, description="response")


class LeadQuery(make_list_query("Leads", SORTS, FILTERS)):
    """The parameters of the list."""

    expand: _EXPANDED | None = Field(None, description="response")


# ---- many at a time


class LeadBulk(Schema):
    """Each row is judged for itself as the body of a POST."""

    leads: Annotated[
        list[dict[str, Any]],
        Field(min_length=1, max_length=MOST_ROWS,
              json_schema_extra={"items": {"$ref": "#/components/schemas/LeadCreate"}}),
    ]  # fmt: skip


class LeadBulkRow(Schema):
    index: Whole
    status: Literal["created", "attached", "duplicate", "invalid", "failed"]
    id: Uuid | None
    problem: dict[str, Any] | None


class LeadBulkResult(Schema):
    results: list[LeadBulkRow]
    created: Whole
    attached: Whole
    duplicate: Whole
    invalid: Whole
    failed: Whole


SCHEMAS = {
    each.__name__: each
    for each in (
        Lead, LeadCreate, LeadReplace, LeadPatch, LeadConvert, LeadQuery, LeadReadQuery, LeadEntryQuery, LeadBulk,
        LeadBulkResult,
    )
}  # fmt: skip
