"""The list of activities: planned and done under one cursor."""

from dataclasses import replace
from datetime import datetime

from odoo import models
from odoo.tools import SQL

from .. import const
from ..models.engagement.api_activity_list import ActivityFilter
from ..rest.paging import MAX_COUNT, Page, limit_time, make_cursor, make_fingerprint, read_cursor
from ..rest.problems import ApiProblem
from .activity_bodies import AnchoredQuery

_PAGE_PARAMETERS = {"cursor", "limit", "fields", "expand", "include_count"}


class PipelineApiActivity(models.AbstractModel):
    _inherit = "pipeline.api.activity"

    # ---- lists

    def _list(self, query: AnchoredQuery, anchor=None) -> Page:
        """Return a page of planned and done activities together, by when they happen or happened.

        :param anchor: the lead, deal or customer whose list it is
        :raise ApiProblem: 400
        """
        asked = query.model_dump(exclude_none=True, exclude=_PAGE_PARAMETERS)
        fingerprint = make_fingerprint(f"{self._name}:{anchor._name},{anchor.id}" if anchor else self._name, asked)
        *after, since = read_cursor(self.env, query.cursor, fingerprint) if query.cursor else (None,)
        filters = self._get_filter(query, anchor)
        if filters is None:
            return Page([], None, 0 if query.include_count else None)
        limit_time(self.env)
        filters, since = replace(filters, since=since), since or self._get_snapshot()
        events, is_descending = self.env["pipeline.event"], query.sort.startswith("-")
        places = events._find_activities(filters, query.limit, after, is_descending)
        shown = places[: query.limit]
        cursor = make_cursor(self.env, (*shown[-1].key, since), fingerprint) if len(places) > query.limit else None
        if not query.include_count:
            return Page(shown, cursor)
        count = len(events._find_activities(filters, MAX_COUNT))
        return Page(shown, cursor, min(count, MAX_COUNT), count > MAX_COUNT)

    def _get_snapshot(self) -> str:
        """Return what this transaction sees, for the pages that follow."""
        return self.env.execute_query(SQL("SELECT pg_current_snapshot()::text"))[0][0]

    def _get_filter(self, query: AnchoredQuery, anchor) -> ActivityFilter | None:
        """Return what the list is narrowed by; None where nothing can match."""
        entity_type, entity_id = getattr(query, "entity_type", None), getattr(query, "entity_id", None)
        if entity_id:
            anchor = self._find_any_anchor(entity_type, entity_id)
            if anchor is None:
                return None
        codes = [query.activity_type] if query.activity_type else _split_codes(query.activity_type_in)
        users = {name: self._find_user_id(getattr(query, name)) for name in ("assigned_to", "created_by")}
        return ActivityFilter(
            None if anchor is not None else entity_type, anchor, tuple(codes) if codes else None, query.completed,
            users["assigned_to"], users["created_by"], tuple(_list_spans(query)),
        )  # fmt: skip

    def _find_any_anchor(self, entity_type: str | None, id_: str):
        for each in [entity_type] if entity_type else ["lead", "opportunity", "customer"]:
            try:
                return self._find_anchor(each, id_)
            except ApiProblem:
                continue
        return None

    def _find_user_id(self, uuid: str | None) -> int | None:
        if not uuid:
            return None
        user = self.env["res.users"].sudo().with_context(active_test=False).search([("uuid", "=", uuid)], limit=1)
        # No activity has this id: the list is empty.
        return user.id or 0


def _split_codes(text: str | None) -> list[str]:
    codes = [code.strip() for code in text.split(",")] if text else []
    known = {code for code, _label in const.ACTIVITY_TYPES}
    if unknown := [code for code in codes if code not in known]:
        detail = f"activity_type_in takes {', '.join(sorted(known))}, not {unknown[0][:64]}."
        raise ApiProblem(400, "bad-parameter", detail)
    return codes


def _list_spans(query: AnchoredQuery) -> list[tuple[str, datetime]]:
    pairs = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
    found = [(sign, getattr(query, f"happens_at_{suffix}")) for suffix, sign in pairs.items()]
    return [(sign, moment) for sign, moment in found if moment is not None]
