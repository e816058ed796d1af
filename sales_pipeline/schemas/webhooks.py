"""Webhooks and their messages, as the API shows them."""

from typing import Annotated, Any, Literal

from odoo import models
from odoo.fields import Domain
from pydantic import Field, StringConstraints

from ..models.automation.pipeline_webhook import FILTERS
from ..models.automation.pipeline_webhook_delivery import STATES
from .common import (
    Filter,
    Line,
    Moment,
    Name,
    ReadOnly,
    Schema,
    Uuid,
    Whole,
    choices,
    make_list_query,
    moment_to_json,
)

_SORTS = {"created_at": "create_date", "updated_at": "write_date"}
_FILTERS = {"state": Filter("state", "choice", ("active", "paused", "disabled"))}
_OF_DELIVERIES = {
    "state": Filter("state", "choice", tuple(code for code, _label in STATES)), "type": Filter("type", "name"),
    "created_at": Filter("create_date", "moment"),
}  # fmt: skip
Url = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Events = Annotated[list[Name], Field(min_length=1, max_length=50)]
Filters = dict[Literal[FILTERS], Annotated[list[Name], Field(min_length=1, max_length=100)]]
_READ_ONLY = frozenset({"id", "state", "user_id", "failing_since", "created_at", "updated_at"})


class Webhook(Schema):
    id: Uuid
    name: Name
    url: Url
    description: Line | None
    events: Events
    filters: Filters
    payload: Literal["thin", "full"]
    state: Literal["active", "paused", "disabled"]
    user_id: Uuid
    failing_since: Moment | None
    created_at: Moment
    updated_at: Moment


class WebhookSecret(Webhook):
    """The answer that shows the secret, once."""

    secret: Line


class WebhookCreate(Schema):
    name: Name
    url: Url
    description: Line | None = None
    events: Events
    filters: Filters = Field(default_factory=dict)
    payload: Literal["thin", "full"] = "thin"


class WebhookReplace(WebhookCreate):
    id: ReadOnly
    state: ReadOnly
    user_id: ReadOnly
    failing_since: ReadOnly
    created_at: ReadOnly
    updated_at: ReadOnly


class WebhookPatch(WebhookReplace):
    # What is left out is not written; a factory keeps a default that nobody may send out of the description.
    name: Name = Field(default_factory=str)
    url: Url = Field(default_factory=str)
    events: Events = Field(default_factory=tuple)


class WebhookAttempt(Schema):
    number: Whole
    at: Moment
    milliseconds: Whole
    status: Whole | None
    error: Line | None
    request_headers: str | None
    answer: str | None


class WebhookDelivery(Schema):
    id: Line
    type: Line
    state: choices(STATES)
    entity_id: Uuid | None
    attempts: Whole
    occurred_at: Moment
    next_attempt_at: Moment | None
    delivered_at: Moment | None
    error: Line | None
    body: str | None
    log: list[WebhookAttempt]


class WebhookRedeliver(Schema):
    start: Moment = Field(alias="from")
    end: Moment = Field(alias="to")
    states: list[Literal["delivered", "failed", "cancelled", "held", "skipped"]] = ["failed"]


class WebhookCount(Schema):
    count: Whole


class PipelineApiWebhook(models.AbstractModel):
    _name = "pipeline.api.webhook"
    _inherit = "pipeline.api.resource"
    _description = "Webhooks of the API"

    _api_model = "pipeline.webhook"
    _api_path = "/api/webhooks"
    _api_schemas = {
        "Webhook": Webhook, "WebhookSecret": WebhookSecret, "WebhookCreate": WebhookCreate,
        "WebhookReplace": WebhookReplace, "WebhookPatch": WebhookPatch, "WebhookRedeliver": WebhookRedeliver,
        "WebhookCount": WebhookCount, "WebhookQuery": make_list_query("WebhookList", _SORTS, _FILTERS),
    }  # fmt: skip
    _api_sorts = _SORTS
    _api_filters = _FILTERS
    _api_read_only = _READ_ONLY

    def _represent(self, records, expand: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
        return [
            {
                "id": webhook.uuid, "name": webhook.name, "url": webhook.url,
                "description": webhook.description or None, "events": webhook._get_patterns(),
                "filters": webhook.filters or {}, "payload": webhook.payload, "state": webhook.state,
                "user_id": webhook.user_id.uuid, "failing_since": moment_to_json(webhook.failing_since),
                "created_at": moment_to_json(webhook.create_date), "updated_at": moment_to_json(webhook.write_date),
            }
            for webhook in records.sudo()
        ]  # fmt: skip

    def _represent_secret(self, webhook, secret: str) -> dict[str, Any]:
        """Return a webhook with its secret, for the one answer that shows it."""
        return {**self._represent(webhook)[0], "secret": secret}

    def _prepare_values(self, body, record=None, mode="create") -> dict[str, Any]:
        names = ("name", "url", "description", "events", "filters", "payload")
        sent = [name for name in names if mode != "patch" or name in body.model_fields_set]
        values = {name: getattr(body, name) for name in sent}
        if "events" in values:
            values["events"] = ", ".join(values["events"])
        return values


class PipelineApiWebhookDelivery(models.AbstractModel):
    _name = "pipeline.api.webhook.delivery"
    _inherit = "pipeline.api.resource"
    _description = "Webhook Messages of the API"

    _api_model = "pipeline.webhook.delivery"
    _api_schemas = {
        "WebhookDelivery": WebhookDelivery,
        "WebhookDeliveryQuery": make_list_query("WebhookDeliveryList", {"created_at": "create_date"}, _OF_DELIVERIES),
    }  # fmt: skip
    _api_sorts = {"created_at": "create_date"}
    _api_filters = _OF_DELIVERIES

    def _get_domain(self) -> Domain:
        return Domain("webhook_id", "=", self.env.context.get("api_webhook_id", 0))

    def _represent(self, records, expand: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
        return [
            {
                "id": message.message_id, "type": message.type, "state": message.state,
                "entity_id": message.uuid or None, "attempts": message.attempts,
                "occurred_at": moment_to_json(message.occurred_at),
                "next_attempt_at": moment_to_json(message.next_attempt_at) if message.state == "waiting" else None,
                "delivered_at": moment_to_json(message.processed_at) if message.state == "delivered" else None,
                "error": message.error_message or None, "body": message.body or None,
                "log": [self._represent_attempt(attempt) for attempt in message.attempt_ids],
            }
            for message in records.sudo()
        ]  # fmt: skip

    def _represent_attempt(self, attempt) -> dict[str, Any]:
        return {
            "number": attempt.number, "at": moment_to_json(attempt.at), "milliseconds": attempt.milliseconds,
            "status": attempt.status or None, "error": attempt.error_code or None,
            "request_headers": attempt.request_headers or None, "answer": attempt.answer or None,
        }  # fmt: skip
