"""What is planned and what was done on leads, deals and customers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..models.engagement.api_activity_facts import ActivityFacts
from ..models.engagement.api_activity_list import PLANNED, Place
from ..models.locks import key_lock
from ..rest.problems import ApiProblem, invalid, not_found
from .activity_bodies import (
    Activity,
    ActivityCreate,
    ActivityPatch,
    ActivityReplace,
    ActivityShown,
    ActivityWritten,
    check_metadata,
)
from .base import Mode
from .common import day_to_json, moment_to_json

_TOLERANCE = timedelta(minutes=1)
_ANCHOR_DOMAINS = {
    "lead": ("crm.lead", Domain("lead_status", "!=", False)),
    "opportunity": ("crm.lead", Domain("type", "=", "opportunity")),
    "customer": ("pipeline.customer", Domain.TRUE),
}


@dataclass(frozen=True)
class _Names:
    """Public ids of what activities speak of."""

    users: dict[int, str]
    records: dict[tuple[str, int], tuple[str, str]]


class PipelineApiActivity(models.AbstractModel):
    _name = "pipeline.api.activity"
    _inherit = "pipeline.api.resource"
    _description = "Activities of the API"

    _api_model = "mail.activity"
    _api_path = "/api/activities"
    _api_schemas: ClassVar = {
        "Activity": Activity, "ActivityCreate": ActivityCreate, "ActivityReplace": ActivityReplace,
        "ActivityPatch": ActivityPatch,
    }  # fmt: skip
    _api_read_only = frozenset({
        "id", "entity_type", "entity_id", "due_date", "created_by", "direction", "corrected_at", "created_at",
        "updated_at",
    })  # fmt: skip

    # ---- one

    def _find(self, id_: str, *, for_write: bool = False) -> Place:
        if for_write:
            key_lock(self.env, f"record:{id_}")
        place = self.env["pipeline.event"]._find_activity(id_)
        if place is None:
            raise not_found()
        return place

    def _find_anchor(self, entity_type: str, id_: str, is_followed: bool = False):
        """Return the lead, deal or customer of an id, if the acting user may read it.

        :param entity_type: singular or plural
        :param is_followed: take what a record was merged into
        :raise ApiProblem: 404
        """
        plural = {"leads": "lead", "opportunities": "opportunity", "customers": "customer"}
        model_name, domain = _ANCHOR_DOMAINS[plural.get(entity_type, entity_type)]
        model = self.env[model_name]
        try:
            found = model.with_context(active_test=False).search(domain & Domain("uuid", "=", id_), limit=1)
        except AccessError as error:
            raise not_found() from error
        if not found and is_followed and (survivor := self.env["pipeline.story.alias"]._find_teller(id_)):
            return self._find_anchor(entity_type, survivor)
        if not found:
            raise not_found()
        return model.browse(found.id)

    # ---- answers

    def _represent(self, records, expand: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
        if isinstance(records, Place):
            records = [records]
        elif isinstance(records, models.BaseModel):
            records = [Place("", PLANNED, activity.id) for activity in records]
        return self._represent_rows(records)

    def _represent_rows(self, rows: Iterable[Place]) -> list[dict[str, Any]]:
        """Return plain JSON values of activities (door); the places were found for the acting user."""
        found = self.env["pipeline.event"]._load_activities(rows)
        names = self._get_names(found)
        return [self._to_json(facts, names) for facts in found]

    def _represent_told(self, record, uuid: str | None) -> dict[str, Any] | None:
        place = self.env["pipeline.event"]._find_activity(uuid) if uuid else None
        return next(iter(self._represent_rows([place])), None) if place else None

    def _to_json(self, facts: ActivityFacts, names: _Names) -> dict[str, Any]:
        entity_type, entity_id = names.records.get(facts.record, (None, None))
        return {
            "id": facts.uuid,
            "entity_type": entity_type,
            "entity_id": entity_id,
            "activity_type": facts.code,
            "summary": (facts.summary or "")[:255] or None,
            "description": (facts.description or "")[:65_535] or None,
            "completed": facts.is_completed,
            "scheduled_at": moment_to_json(facts.scheduled_at),
            "due_date": day_to_json(facts.due_date),
            "completed_at": moment_to_json(facts.completed_at),
            "created_by": names.users.get(facts.created_id),
            "assigned_to": names.users.get(facts.assigned_id),
            "metadata": facts.metadata,
            "direction": facts.direction,
            "corrected_at": moment_to_json(facts.corrected_at),
            "created_at": moment_to_json(facts.created_at),
            "updated_at": moment_to_json(facts.updated_at),
        }

    def _get_names(self, found: list[ActivityFacts]) -> _Names:
        user_ids = {id_ for facts in found for id_ in (facts.created_id, facts.assigned_id) if id_}
        users = self.env["res.users"].sudo().browse(user_ids).exists()
        records = {}
        for model_name in {facts.record[0] for facts in found}:
            ids = {facts.record[1] for facts in found if facts.record[0] == model_name}
            for record in self.env[model_name].sudo().browse(ids).exists():
                kind = "customer" if model_name == "pipeline.customer" else record.type
                records[model_name, record.id] = (kind, record.uuid)
        return _Names({user.id: user.uuid for user in users}, records)

    # ---- use cases

    def _create(self, body: ActivityCreate) -> Place:
        """Plan an activity, or write down one that is done.

        :raise ApiProblem: 422
        """
        try:
            record = self._find_anchor(body.entity_type, body.entity_id)
        except ApiProblem as error:
            detail = f"There is no such {body.entity_type}, or it is not yours to see."
            raise invalid("/entity_id", "unknown", detail) from error
        values = self._prepare_values(body)
        self._check_completion(body, body.completed)
        activities = self.env["mail.activity"]
        if body.completed:
            uuid = activities._log_done(record, body.activity_type, values, body.completed_at)
        else:
            uuid = activities._plan_by_api(record, body.activity_type, values).uuid
        return self._find(uuid)

    def _change(self, place: Place, body: ActivityShown, mode: Mode) -> None:
        """Change a planned activity, do it, or correct one that is done.

        :raise ApiProblem: 409, 422
        """
        self._check_read_only(place)
        facts = self.env["pipeline.event"]._load_activities([place])[0]
        values = self._prepare_values(body, facts, mode)
        is_completed = body.completed if "completed" in body.model_fields_set else None
        if facts.is_completed:
            self._correct(place, facts, body, values, is_completed)
            return
        self._check_completion(body, bool(is_completed))
        activity = self.env["mail.activity"].browse(place.number)
        activity._change_by_api(self._keep_new(activity, facts, values))
        if is_completed:
            activity._do_by_api(body.completed_at)

    def _correct(self, place: Place, facts: ActivityFacts, body: ActivityShown, values: dict, is_completed) -> None:
        if is_completed is False:
            raise ApiProblem(409, "conflict-of-state", "What was done cannot be undone. Correct what it says.")
        if place.source == PLANNED:
            raise ApiProblem(409, "conflict-of-state", "This activity was put away without being done.")
        fixed = {"code": facts.code, "scheduled_at": facts.scheduled_at, "user": facts.assigned_id}
        pointers = {"code": "activity_type", "scheduled_at": "scheduled_at", "user": "assigned_to"}
        for name, present in fixed.items():
            wanted, pointer = values.pop(name, present), pointers[name]
            wanted = (wanted.id or None) if isinstance(wanted, models.BaseModel) else wanted
            # Facts cannot be cleared: what a PUT leaves out stays.
            if wanted != present and pointer in body.model_fields_set:
                raise invalid(f"/{pointer}", "read-only", f"{pointer} of what was done stays as it is: leave it out.")
        self._check_past(body)
        present = facts.completed_at.replace(microsecond=0)
        if body.completed_at and body.completed_at != present:
            values["completed_at"] = body.completed_at
        changed = {
            name: value for name, value in values.items()
            if name == "completed_at" or value != (getattr(facts, name) or (None if name != "metadata" else {}))
        }  # fmt: skip
        if changed:
            if self.env.uid not in (facts.created_id, facts.assigned_id):
                # Who may only look on does not put words into the mouth of who did it.
                self.env[facts.record[0]].browse(facts.record[1]).check_access("write")
            self.env["pipeline.event"]._correct_activity(facts, changed)

    # ---- values

    def _prepare_values(self, body, record: ActivityFacts | None = None, mode: Mode = "create") -> dict[str, Any]:
        values: dict[str, Any] = {
            "code": body.activity_type, "summary": body.summary or None, "description": body.description or None,
            "scheduled_at": body.scheduled_at, "metadata": body.metadata or {},
        }  # fmt: skip
        sent = body.model_fields_set
        if body.assigned_to:
            values["user"] = self.env["pipeline.api.user"]._find_user(body.assigned_to, "/assigned_to")
        elif mode == "replace" or "assigned_to" in sent:
            values["user"] = self.env["res.users"]
        if mode == "patch":
            names = {"code": "activity_type", "user": "assigned_to"}
            values = {name: value for name, value in values.items() if names.get(name, name) in sent}
            if values.get("code", "") is None:
                raise invalid("/activity_type", "required", "activity_type cannot be empty.")
            if "metadata" in values and body.metadata is not None:
                merged = {**record.metadata, **body.metadata}
                values["metadata"] = _check_size({name: value for name, value in merged.items() if value is not None})
        return values

    def _keep_new(self, activity, facts: ActivityFacts, values: dict[str, Any]) -> dict[str, Any]:
        """Return those values that differ, so that a PUT of what was read writes nothing."""
        present = {
            "code": facts.code, "summary": facts.summary or None, "description": facts.description or None,
            "scheduled_at": facts.scheduled_at, "metadata": facts.metadata, "user": activity.user_id,
        }  # fmt: skip
        return {name: value for name, value in values.items() if value != present[name]}

    def _check_completion(self, body: ActivityWritten, is_completed: bool) -> None:
        if body.completed_at and not is_completed:
            raise invalid("/completed_at", "invalid", "completed_at belongs to what is done: send completed true too.")
        self._check_past(body)

    def _check_past(self, body: ActivityWritten) -> None:
        if body.completed_at and body.completed_at > fields.Datetime.now() + _TOLERANCE:
            raise invalid("/completed_at", "invalid", "completed_at cannot be in the future.")


def _check_size(metadata: dict[str, Any]) -> dict[str, Any]:
    try:
        return check_metadata(metadata)
    except ValueError as error:
        raise invalid("/metadata", "too-long", f"{error}.") from error
