"""The feed of changes, as the API shows it."""

from typing import Any, Literal

from odoo import models
from pydantic import Field

from ..rest.problems import ApiProblem, FieldError
from ..tools.webhook_types import TYPES, find_unknown, get_told_facts, get_type, is_wanted
from .common import Flag, Line, Moment, Names, Schema, Uuid, moment_to_json

_ROUNDS = 10


class ChangesQuery(Schema):
    """Where to go on, and what to tell."""

    after: Line | None = Field(None, description="the next of the last answer; start for the beginning; none: from now")
    limit: int = Field(100, ge=1, le=1000)
    types: Names | None = Field(None, description="for instance lead.created,quote.*")


class Change(Schema):
    id: Line
    type: Literal[TYPES]
    entity_type: Line
    entity_id: Uuid | None
    occurred_at: Moment
    actor: Uuid | None
    changed_fields: list[Line]


class Changes(Schema):
    data: list[Change]
    next: Line
    has_more: Flag


class PipelineApiChange(models.AbstractModel):
    _name = "pipeline.api.change"
    _inherit = "pipeline.api.resource"
    _description = "Changes of the API"

    _api_schemas = {"Change": Change, "Changes": Changes, "ChangesQuery": ChangesQuery}

    def _read_feed(self, query: ChangesQuery) -> dict[str, Any]:
        """Return what happened after a place, as far as the acting user may see it.

        :raise ApiProblem: 400 for a place that is none, or an unknown type
        """
        events = self.env["pipeline.event"].sudo()
        if query.types and (unknown := find_unknown(query.types)):
            raise _refuse("types", f"There is no type {unknown[0]}.")
        if query.after is None:
            return {"data": [], "next": _write_place(events._get_feed_last()), "has_more": False}
        place, found, has_more = _read_place(query.after), [], True
        for _round in range(_ROUNDS):
            rows, place, has_more = events._get_feed(place, query.limit - len(found))
            found += self._represent_rows(rows, query.types)
            if not has_more or len(found) >= query.limit:
                break
        return {"data": found, "next": _write_place(place), "has_more": has_more}

    def _represent_rows(self, rows: list[dict[str, Any]], types: tuple[str, ...] | None) -> list[dict[str, Any]]:
        readable = self._find_readable(rows)
        actors = self.env["res.users"].sudo().browse({row["actor_id"] for row in rows if row["actor_id"]}).exists()
        uuids = {user.id: user.uuid for user in actors}
        events, found = self.env["pipeline.event"], []
        for row in rows:
            record = readable.get((row["res_model"], row["res_id"]))
            if record is None:
                continue
            metadata = get_told_facts(row["kind"], row["metadata"] or {})
            type_ = get_type(row["res_model"], row["kind"], metadata, _was_deal(record, row))
            if type_ is None or (types and not is_wanted(type_, types)):
                continue
            entity = events._get_entity(type_, row["res_model"])[0]
            is_activity = entity == "activity"
            found.append({
                "id": str(row["id"]), "type": type_, "entity_type": entity,
                "entity_id": (row["uuid"] or metadata.get("activity")) if is_activity else record.uuid,
                "occurred_at": moment_to_json(row["occurred_at"]), "actor": uuids.get(row["actor_id"]),
                "changed_fields": metadata.get("fields") or [],
            })  # fmt: skip
        return found

    def _find_readable(self, rows: list[dict[str, Any]]) -> dict[tuple[str, int], Any]:
        """Return by model and id the records that the acting user may read, for reading with sudo."""
        by_model: dict[str, set[int]] = {}
        for row in rows:
            if row["res_model"] in ("crm.lead", "sale.order", "pipeline.customer") and row["res_id"]:
                by_model.setdefault(row["res_model"], set()).add(row["res_id"])
        found = {}
        for model, ids in by_model.items():
            records = self.env[model].browse(ids).exists()
            readable = records._filtered_access("read")
            found |= {(model, record.id): record for record in readable.sudo()}
        return found


def _was_deal(record, row: dict[str, Any]) -> bool:
    """Return whether a lead was a deal when it happened."""
    if record._name != "crm.lead" or record.type != "opportunity":
        return False
    return not record.date_conversion or row["occurred_at"] >= record.date_conversion


def _write_place(place: tuple[str, int]) -> str:
    return f"{place[0]}-{place[1]}"


def _read_place(text: str) -> tuple[str, int]:
    if text == "start":
        return "0", 0
    parts = text.split("-")
    if len(parts) != 2 or not all(part.isdecimal() and part.isascii() and len(part) < 19 for part in parts):
        detail = "Send the next of an earlier answer, or start, or nothing."
        raise ApiProblem(400, "bad-cursor", detail, errors=[FieldError(("parameter", "after"), "invalid", detail)])
    return parts[0], int(parts[1])


def _refuse(name: str, detail: str) -> ApiProblem:
    return ApiProblem(400, "bad-parameter", detail, errors=[FieldError(("parameter", name), "invalid", detail)])
