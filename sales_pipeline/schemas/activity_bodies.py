"""Bodies and parameters of activities."""

import json
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, WithJsonSchema

from .. import const
from .common import Day, Flag, Line, ListQuery, Moment, Notes, QueryFlag, ReadOnly, Schema, Uuid, choices

EntityType = Literal["lead", "opportunity", "customer"]
ActivityType = choices(const.ACTIVITY_TYPES)
_MAX_METADATA_BYTES = 16 * 1024
_MAX_METADATA_DEPTH = 5


def check_metadata(value: dict[str, Any]) -> dict[str, Any]:
    if len(json.dumps(value).encode()) > _MAX_METADATA_BYTES:
        raise ValueError("metadata may have 16 KiB")
    if _get_depth(value) > _MAX_METADATA_DEPTH:
        raise ValueError("metadata may be nested five deep")
    return value


def _get_depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(_get_depth, inner), default=0)


Metadata = Annotated[dict[str, Any], AfterValidator(check_metadata), WithJsonSchema({"type": "object"})]


class Activity(Schema):
    id: Uuid
    entity_type: EntityType | None
    entity_id: Uuid | None
    activity_type: ActivityType
    summary: Line | None
    description: Notes | None
    completed: Flag
    scheduled_at: Moment | None
    due_date: Day | None
    completed_at: Moment | None
    created_by: Uuid | None
    assigned_to: Uuid | None
    metadata: dict[str, Any]
    direction: Literal["in", "out"] | None
    corrected_at: Moment | None
    created_at: Moment
    updated_at: Moment


class ActivityWritten(Schema):
    summary: Line | None = None
    description: Notes | None = None
    completed: Flag = False
    scheduled_at: Moment | None = None
    completed_at: Moment | None = None
    assigned_to: Uuid | None = None
    metadata: Metadata | None = None


class ActivityCreate(ActivityWritten):
    entity_type: EntityType
    entity_id: Uuid
    activity_type: ActivityType


class ActivityShown(ActivityWritten):
    id: ReadOnly
    entity_type: ReadOnly
    entity_id: ReadOnly
    due_date: ReadOnly
    created_by: ReadOnly
    direction: ReadOnly
    corrected_at: ReadOnly
    created_at: ReadOnly
    updated_at: ReadOnly


class ActivityReplace(ActivityShown):
    activity_type: ActivityType


class ActivityPatch(ActivityShown):
    activity_type: ActivityType | None = None


class AnchoredQuery(ListQuery):
    sort: Literal["happens_at", "-happens_at"] = "-happens_at"
    activity_type: ActivityType | None = None
    activity_type_in: Annotated[str, WithJsonSchema({"type": "string"})] | None = None
    completed: QueryFlag | None = None
    assigned_to: Uuid | None = None
    created_by: Uuid | None = None
    happens_at_gt: Moment | None = None
    happens_at_gte: Moment | None = None
    happens_at_lt: Moment | None = None
    happens_at_lte: Moment | None = None


class ActivityQuery(AnchoredQuery):
    entity_type: EntityType | None = None
    entity_id: Uuid | None = None
