"""Planned and done activities as one list: the planned stand in Odoo's table, the done ones in the log."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ... import const
from .mail_activity import ANCHORS

PLANNED, DONE = 0, 1
# Kinds of events that are activities.
KINDS = (*(code for code, _label in const.ACTIVITY_TYPES), "mail")
_TYPE_DOMAINS = {
    "lead": ("crm.lead", Domain("type", "=", "lead")),
    "opportunity": ("crm.lead", Domain("type", "=", "opportunity")),
    "customer": ("pipeline.customer", Domain.TRUE),
}


@dataclass(frozen=True)
class Place:
    """Where one activity stands: ``at`` is the text of a timestamp, ``number`` the id in its table."""

    at: str
    source: int
    number: int

    @property
    def key(self) -> tuple[str, int, int]:
        """What a page goes on from."""
        return self.at, self.source, self.number


@dataclass(frozen=True)
class ActivityFilter:
    """What a list of activities is narrowed by; None: it is not.

    :param entity_type: ``lead``, ``opportunity`` or ``customer``
    :param anchor: a record the user may read; its list tells all its stories, those of merged records too
    :param codes: of ``const.ACTIVITY_TYPES``
    :param spans: pairs of an SQL comparison and a naive UTC moment
    :param since: snapshot of PostgreSQL under which the list was begun; what was done later keeps its planned place
    """

    entity_type: str | None = None
    anchor: models.Model | None = None
    codes: tuple[str, ...] | None = None
    is_completed: bool | None = None
    assigned_id: int | None = None
    created_id: int | None = None
    spans: tuple[tuple[str, datetime], ...] = field(default=())
    since: str | None = None


class PipelineEvent(models.Model):
    _inherit = "pipeline.event"

    # ---- use cases

    @api.model
    def _find_activities(
        self, asked: ActivityFilter, limit: int, after: Sequence | None = None, is_descending: bool = True
    ) -> list[Place]:
        """Return the places of a page of activities that the acting user may see, one row more than asked.

        :param after: key of the last one of the page before
        """
        branches = list(self._get_activity_branches(asked, limit + 1, after, is_descending))
        if not branches:
            return []
        direction = SQL("DESC") if is_descending else SQL("ASC")
        self.env.flush_all()
        # UNION, not UNION ALL: what is one's own may be found a second time by its record.
        rows = self.env.execute_query(SQL(
            "SELECT at::text, source, number FROM (%s) found ORDER BY found.at %s, source %s, number %s LIMIT %s",
            SQL(" UNION ").join(SQL("(%s)", branch) for branch in branches), direction, direction, direction, limit + 1,
        ))  # fmt: skip
        return [Place(*row) for row in rows]

    # ---- branches

    def _get_activity_branches(self, asked, limit, after, is_descending) -> Iterator[SQL]:
        direction = SQL("DESC") if is_descending else SQL("ASC")
        order = SQL("ORDER BY at %s, number %s LIMIT %s", direction, direction, limit)
        planned_at = SQL("COALESCE(a.scheduled_at, a.date_deadline::timestamp)")
        for conditions in self._get_planned_conditions(asked):
            where = [*conditions, *_bounds(planned_at, SQL("a.id"), PLANNED, asked.spans, after, is_descending)]
            yield SQL(
                "SELECT %s AS at, %s AS source, a.id::bigint AS number FROM mail_activity a WHERE %s %s",
                planned_at, PLANNED, SQL(" AND ").join(where), order,
            )  # fmt: skip
        for conditions in self._get_done_conditions(asked):
            where = [*conditions, *_bounds(SQL("e.occurred_at"), SQL("e.id"), DONE, asked.spans, after, is_descending)]
            yield SQL(
                "SELECT e.occurred_at AS at, %s AS source, e.id AS number FROM pipeline_event e WHERE %s %s",
                DONE, SQL(" AND ").join(where), order,
            )  # fmt: skip

    def _get_planned_conditions(self, asked: ActivityFilter) -> Iterator[list[SQL]]:
        """List the conditions of each statement that finds planned activities, and those that nobody told the log."""
        common = [SQL("(a.active IS TRUE OR (a.completed_at IS NULL AND a.date_done IS NOT NULL) OR %s)", (
            SQL("a.uuid IN (SELECT uuid FROM pipeline_event e WHERE %s)", _was_later(asked.since)) if asked.since
            else SQL("FALSE")
        ))]  # fmt: skip
        if asked.is_completed is not None:
            common.append(SQL("a.active IS NOT TRUE") if asked.is_completed else SQL("a.active IS TRUE"))
        if asked.codes is not None:
            types = self.env["mail.activity.type"].sudo().with_context(active_test=False).search([])
            ids = [each.id for each in types if each._get_pipeline_code() in asked.codes]
            common.append(SQL("a.activity_type_id = ANY(%s)", ids))
        if asked.assigned_id is not None:
            common.append(SQL("a.user_id = %s", asked.assigned_id))
        if asked.created_id is not None:
            common.append(SQL("a.create_uid = %s", asked.created_id))
        for model_name, readable in self._get_readable(asked):
            own = [SQL("a.res_model = %s", model_name), *common]
            if asked.anchor is not None:
                own.append(SQL("a.res_id = ANY(%s)", _get_anchored_ids(asked.anchor, model_name)))
            yield [*own, SQL("a.res_id IN %s", readable)]
            if asked.anchor is None:
                existing = self._get_query(model_name, asked.entity_type, is_own=True)
                yield [*own, SQL("a.user_id = %s", self.env.uid), SQL("a.res_id IN %s", existing)]

    def _get_done_conditions(self, asked: ActivityFilter) -> Iterator[list[SQL]]:
        if asked.is_completed is False:
            return
        codes = KINDS if asked.codes is None else asked.codes
        kinds = [*codes, "mail"] if "email" in codes else list(codes)
        common = [SQL("e.kind = ANY(%s)", kinds)]
        if asked.since:
            common.append(SQL("NOT (%s)", _was_later(asked.since)))
        if asked.assigned_id is not None:
            common.append(SQL("COALESCE((e.metadata->>'assigned_id')::int, e.actor_id) = %s", asked.assigned_id))
        if asked.created_id is not None:
            common.append(SQL("COALESCE((e.metadata->>'created_id')::int, e.actor_id) = %s", asked.created_id))
        if asked.anchor is not None:
            # Not with sudo: of a customer's deals those count that the user may read.
            stories = self.env["pipeline.story.alias"]._resolve(asked.anchor.sudo(self.env.su)._get_event_stories())
            yield [*common, SQL("e.story = ANY(%s)", stories)]
            return
        for model_name, readable in self._get_readable(asked):
            # The index of the order holds what has a public id; what is older is found by its record.
            yield [
                *common, SQL("e.uuid IS NOT NULL"), SQL("e.res_model = %s", model_name), SQL("e.res_id IN %s", readable)
            ]  # fmt: skip

    def _get_readable(self, asked: ActivityFilter) -> Iterator[tuple[str, SQL]]:
        """List the models of what activities hang on, with the ids that the acting user may read."""
        wanted = _TYPE_DOMAINS[asked.entity_type][0] if asked.entity_type else None
        for model_name in ANCHORS:
            if wanted in (None, model_name) and self.env[model_name].has_access("read"):
                yield model_name, self._get_query(model_name, asked.entity_type)

    def _get_query(self, model_name: str, entity_type: str | None, is_own: bool = False) -> SQL:
        domain = _TYPE_DOMAINS[entity_type][1] if entity_type else Domain.TRUE
        model = self.env[model_name].sudo(is_own or self.env.su).with_context(active_test=False)
        return model._search(domain).subselect()


def _get_anchored_ids(anchor, model_name: str) -> list[int]:
    """Return the records whose planned activities belong to the list of a record: a customer has those of its deals."""
    if anchor._name == model_name:
        return anchor.ids
    return anchor.sudo().deal_ids.ids if anchor._name == "pipeline.customer" else []


def _was_later(since: str) -> SQL:
    """Return the condition for events that the beginning of a list could not see; their index finds the few."""
    return SQL(
        "e.xact >= pg_snapshot_xmin(%(since)s::pg_snapshot) AND NOT pg_visible_in_snapshot(e.xact, "
        "%(since)s::pg_snapshot) AND e.xact IS DISTINCT FROM pg_current_xact_id_if_assigned() "
        "AND e.uuid IS NOT NULL AND e.kind = ANY(%(kinds)s)", since=since, kinds=list(KINDS),
    )  # fmt: skip


def _bounds(at: SQL, number: SQL, source: int, spans, after, is_descending: bool) -> Iterator[SQL]:
    for comparison, moment in spans:
        yield SQL("%s %s %s", at, SQL(comparison), moment)
    if not after:
        return
    last_at, last_source, last_number = after
    further = SQL("<") if is_descending else SQL(">")
    if source == last_source:
        yield SQL("(%s, %s) %s (%s::timestamp, %s)", at, number, further, last_at, last_number)
    else:
        # At the same moment the done ones come first where the newest do, else the planned ones.
        is_behind = (source < last_source) == is_descending
        yield SQL("%s %s %s::timestamp", at, SQL("%s%s", further, SQL("=") if is_behind else SQL()), last_at)
