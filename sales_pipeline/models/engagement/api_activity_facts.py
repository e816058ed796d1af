"""What the API tells of planned and done activities, read for many at once."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, html2plaintext

from ...tools.event_uuid import to_event_id, to_uuid
from .api_activity_list import DONE, KINDS, PLANNED, Place
from .mail_activity import ANCHORS

# What the log keeps beside the client's own facts.
_OUR_FACTS = {"done", "welcome", "assigned_id", "created_id"}


@dataclass(frozen=True)
class ActivityFacts:
    """One activity, planned or done; moments are naive UTC, users are ids.

    :ivar record: model and id of what it hangs on, the survivor where it was merged
    """

    uuid: str
    record: tuple[str, int]
    story: str | None
    code: str
    summary: str
    description: str
    is_completed: bool
    scheduled_at: datetime | None
    due_date: date | None
    completed_at: datetime | None
    created_id: int | None
    assigned_id: int | None
    metadata: dict[str, Any]
    direction: str | None
    corrected_at: datetime | None
    created_at: datetime
    updated_at: datetime


class PipelineEvent(models.Model):
    _inherit = "pipeline.event"

    # ---- use cases

    @api.model
    def _find_activity(self, uuid: str) -> Place | None:
        """Return the place of the activity with this public id, if the acting user may read it."""
        self.env.flush_all()
        number = to_event_id(uuid)
        which = SQL("id = %s AND uuid IS NULL AND kind = ANY(%s)", number, list(KINDS)) if number else SQL(
            "uuid = %s AND kind <> 'correction'", uuid
        )  # fmt: skip
        rows = self.env.execute_query(SQL(
            "SELECT occurred_at::text, id, res_model, res_id FROM pipeline_event WHERE %s ORDER BY id DESC LIMIT 1",
            which,
        ))  # fmt: skip
        if rows:
            at, number, model_name, res_id = rows[0]
            return Place(at, DONE, number) if self._can_see(model_name, res_id) else None
        activity = self.env["mail.activity"].sudo().with_context(active_test=False).search(
            Domain("uuid", "=", uuid) & Domain("res_model", "in", ANCHORS), limit=1
        )  # fmt: skip
        is_told = not activity.active and (activity.completed_at or not activity.date_done)
        record = self.env[activity.res_model].sudo().browse(activity.res_id).exists() if activity else None
        is_deleted = not record or ("deleted_at" in record._fields and record.deleted_at)
        if not activity or is_told or is_deleted or not activity.sudo(self.env.su).has_access("read"):
            return None
        return Place(fields.Datetime.to_string(_planned_at(activity)), PLANNED, activity.id)

    @api.model
    def _load_activities(self, places: Iterable[Place]) -> list[ActivityFacts]:
        """Return what there is to tell of activities, in their order (sudo: who asks was given the places)."""
        places = list(places)
        planned = self._load_planned([place.number for place in places if place.source == PLANNED])
        done = self._load_done([place.number for place in places if place.source == DONE])
        found = [(done if place.source == DONE else planned).get(place.number) for place in places]
        return [facts for facts in found if facts]

    # ---- planned

    def _load_planned(self, ids: list[int]) -> dict[int, ActivityFacts]:
        activities = self.env["mail.activity"].sudo().browse(ids).exists()
        # Done since the list was begun: it keeps its place there, and says what became of it.
        uuids = activities.filtered(lambda each: each.completed_at and not each.active).mapped("uuid")
        numbers = self.env.execute_query(SQL(
            "SELECT max(id) FROM pipeline_event WHERE uuid = ANY(%s) AND kind = ANY(%s) GROUP BY uuid",
            uuids, list(KINDS),
        )) if uuids else []  # fmt: skip
        done = {facts.uuid: facts for facts in self._load_done([number for (number,) in numbers]).values()}
        return {each.id: done.get(each.uuid) or self._describe_planned(each) for each in activities}

    def _describe_planned(self, activity) -> ActivityFacts:
        # Archived by something that told nobody when it was done.
        done_at = datetime.combine(activity.date_done, time()) if activity.date_done and not activity.active else None
        return ActivityFacts(
            uuid=activity.uuid, record=(activity.res_model, activity.res_id), story=None,
            code=activity.activity_type_id._get_pipeline_code() if activity.activity_type_id else "note",
            summary=activity.summary or "", description=html2plaintext(activity.note) if activity.note else "",
            is_completed=not activity.active, scheduled_at=activity.scheduled_at or None,
            due_date=activity.date_deadline, completed_at=done_at, created_id=activity.create_uid.id or None,
            assigned_id=activity.user_id.id or None, metadata=activity.metadata or {}, direction=None,
            corrected_at=None, created_at=activity.create_date, updated_at=activity.write_date,
        )  # fmt: skip

    # ---- done

    def _load_done(self, ids: list[int]) -> dict[int, ActivityFacts]:
        if not ids:
            return {}
        rows = self.env.execute_query_dict(SQL(
            """
            SELECT e.id, e.uuid, e.kind, e.story, e.res_model, e.res_id, e.occurred_at, e.recorded_at, e.actor_id,
                   e.direction, e.metadata, e.origin_model, e.origin_id, d.values AS detail
              FROM pipeline_event e LEFT JOIN pipeline_event_detail d ON d.key = e.detail_key
             WHERE e.id = ANY(%s)
            """, ids,
        ))  # fmt: skip
        for row in rows:
            row["uuid"] = row["uuid"] or to_uuid(row["id"])
        corrections = self._load_corrections([row["uuid"] for row in rows])
        survivors = self._find_survivors(rows)
        found = {}
        for row in rows:
            facts = self._describe_done(row, survivors.get((row["res_model"], row["res_id"])))
            found[row["id"]] = _correct(facts, *corrections.get(row["uuid"], (None, None)))
        return found

    def _load_corrections(self, uuids: list[str]) -> dict[str, tuple[datetime, dict]]:
        """Return the latest correction of each activity: when it came, and the values it corrects to."""
        rows = self.env.execute_query(SQL(
            """
            SELECT DISTINCT ON (e.uuid) e.uuid, e.recorded_at, d.values
              FROM pipeline_event e LEFT JOIN pipeline_event_detail d ON d.key = e.detail_key
             WHERE e.uuid = ANY(%s) AND e.kind = 'correction'
             ORDER BY e.uuid, e.recorded_at DESC, e.id DESC
            """, uuids,
        ))  # fmt: skip
        return {uuid: (at, values or {}) for uuid, at, values in rows}

    def _describe_done(self, row: dict[str, Any], survivor: int | None) -> ActivityFacts:
        detail = self._get_texts(row) if row["detail"] is None else row["detail"]
        facts = row["metadata"] or {}
        own = {name: value for name, value in facts.items() if name not in _OUR_FACTS}
        return ActivityFacts(
            uuid=row["uuid"], record=(row["res_model"], survivor or row["res_id"]), story=row["story"],
            code="email" if row["kind"] == "mail" else row["kind"],
            summary=detail.get("summary") or "", description=detail.get("description") or "", is_completed=True,
            scheduled_at=fields.Datetime.to_datetime(detail.get("scheduled_at")) or None, due_date=None,
            completed_at=row["occurred_at"], created_id=facts.get("created_id") or row["actor_id"],
            assigned_id=facts.get("assigned_id") or row["actor_id"], metadata=detail.get("metadata", own),
            direction=row["direction"], corrected_at=None,
            created_at=fields.Datetime.to_datetime(detail.get("created_at")) or row["recorded_at"],
            updated_at=row["recorded_at"],
        )  # fmt: skip

    def _get_texts(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return the texts of a fact that carries none, from the message or activity it came from."""
        if row["origin_model"] not in ("mail.message", "mail.activity"):
            return {}
        origin = self.env[row["origin_model"]].sudo().browse(row["origin_id"]).exists()
        if not origin:
            return {}
        if origin._name == "mail.message":
            return {"summary": origin.subject, "description": html2plaintext(origin.body or "")}
        return {"summary": origin.summary, "description": origin.feedback or html2plaintext(origin.note or "")}

    # ---- records

    def _can_see(self, model_name: str, res_id: int) -> bool:
        """Tell whether the acting user may read what an event is about, or what it was merged into."""
        if model_name not in ANCHORS:
            return False
        record = self.env[model_name].sudo().browse(res_id).exists()
        survivor = self._get_survivor(record) if record else record
        is_deleted = not survivor or (model_name == "crm.lead" and survivor.deleted_at)
        return not is_deleted and survivor.sudo(self.env.su).has_access("read")

    def _find_survivors(self, rows: list[dict[str, Any]]) -> dict[tuple[str, int], int]:
        ids = {row["res_id"] for row in rows if row["res_model"] == "crm.lead"}
        gone = self.env["crm.lead"].sudo().browse(ids).exists().filtered("deleted_at")
        return {("crm.lead", lead.id): self._get_survivor(lead).id for lead in gone}

    @api.model
    def _get_survivor(self, record):
        while record._name == "crm.lead" and record.deleted_at and record.merged_into_id:
            record = record.merged_into_id
        return record


def _planned_at(activity) -> datetime:
    return activity.scheduled_at or datetime.combine(activity.date_deadline, time())


def _correct(facts: ActivityFacts, at: datetime | None, values: dict[str, Any] | None) -> ActivityFacts:
    if at is None:
        return facts
    kept = {name: values[name] for name in ("summary", "description", "metadata") if name in values}
    if values.get("completed_at"):
        kept["completed_at"] = fields.Datetime.to_datetime(values["completed_at"])
    return replace(facts, corrected_at=at, updated_at=at, **kept)
