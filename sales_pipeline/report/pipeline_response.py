"""Speed to lead: how soon new leads were answered, by person, source and day."""

from typing import Any

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .. import const

FAST_SECONDS = 300
_BOARD_DAYS = 30


class PipelineResponse(models.Model):
    """One lead whose first-response clock ran.

    Shares count what is decided: answered leads, and late ones as not answered. A lead whose time still runs counts
    in neither, and one that was lost unanswered before it was late in none.
    """

    _name = "pipeline.response"
    _description = "Speed to Lead"
    _auto = False
    _order = "started_at desc, id desc"
    _rec_name = "lead_id"
    _depends = {
        "crm.lead": [
            "user_id", "team_id", "company_id", "capture_channel", "pipeline_source_id", "temperature", "deleted_at",
            "response_state", "response_started_at", "response_due_at", "response_seconds", "response_minutes",
            "first_response_at", "first_response_uid", "first_response_channel",
        ],
    }  # fmt: skip

    lead_id = fields.Many2one("crm.lead", "Lead", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True, help="Who answered; else whose the lead is.")
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    pipeline_source_id = fields.Many2one("pipeline.source", "Lead Source", readonly=True)
    capture_channel = fields.Selection(const.CAPTURE_CHANNELS, "Channel", readonly=True)
    temperature = fields.Selection(const.TEMPERATURES, readonly=True)
    started_at = fields.Datetime("Came On", readonly=True)
    due_at = fields.Datetime("Due", readonly=True)
    answered_at = fields.Datetime("Answered On", readonly=True)
    state = fields.Selection(
        [("waiting", "Waiting"), ("late", "Late now"), ("in_time", "Answered in time"), ("too_late", "Answered late")],
        readonly=True,
    )  # fmt: skip
    minutes = fields.Float(
        "Median Minutes", readonly=True, aggregator="median", help="Working minutes until the first answer."
    )
    fast_share = fields.Float("% Within 5 min", readonly=True, aggregator="avg")
    target_share = fields.Float("% Within Target", readonly=True, aggregator="avg")
    late_now = fields.Integer("Late Now", readonly=True)

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec == "minutes:median":
            column = self._field_to_sql(self._table, "minutes", query)
            return SQL("percentile_cont(0.5) WITHIN GROUP (ORDER BY %s)", column)
        return super()._read_group_select(aggregate_spec, query)

    # ---- actions

    def action_open_lead(self) -> dict:
        """Open the lead of a row."""
        self.ensure_one()
        return {"type": "ir.actions.act_window", "res_model": "crm.lead", "res_id": self.lead_id.id,
                "views": [(False, "form")]}  # fmt: skip

    # ---- the line above the leads

    @api.model
    @api.readonly
    def get_board(self) -> dict[str, Any]:
        """Return the line above the leads; documented RPC of the leads' board: the last 30 days of what a manager may
        see, of others the own leads that wait for an answer.

        :return: ``is_manager``, ``is_away`` (None for who gets no leads), ``late`` and ``waiting``; for managers also
            ``days``, ``answered``, ``fast`` and ``target`` (percent or None) and ``median_seconds`` (None without
            answers), all of leads of these days
        """
        user = self.env.user
        if not (user.has_group("sales_pipeline.group_manager") or user.has_group("sales_team.group_sale_manager")):
            return {"is_manager": False, "is_away": self._get_is_away(), **self._count_own_open()}
        recent = [("started_at", ">=", f"today -{_BOARD_DAYS}d")]
        by_state = dict(self._read_group(recent, ["state"], ["__count"]))
        answered = by_state.get("in_time", 0) + by_state.get("too_late", 0)
        decided = answered + by_state.get("late", 0)
        [(fast, target, median)] = self._read_group(
            recent, aggregates=["fast_share:avg", "target_share:avg", "minutes:median"]
        )
        return {
            "is_manager": True, "is_away": self._get_is_away(), "days": _BOARD_DAYS, "answered": answered,
            "fast": round(fast) if decided else None, "target": round(target) if decided else None,
            "median_seconds": round(median * 60) if answered else None,
            "late": by_state.get("late", 0), "waiting": by_state.get("waiting", 0),
        }  # fmt: skip

    @api.model
    def _get_is_away(self) -> bool | None:
        user = self.env.user
        return user.pipeline_is_away if user.has_group("sales_team.group_sale_salesman") else None

    @api.model
    def _count_own_open(self) -> dict[str, int]:
        """Count by the small index of open clocks: whoever sells asks each minute."""
        leads = self.env["crm.lead"]
        if not leads.has_access("read"):
            return {"late": 0, "waiting": 0}
        own = Domain("user_id", "=", self.env.uid) & Domain("response_state", "in", ("waiting", "late"))
        late = own & (Domain("response_state", "=", "late") | Domain("response_due_at", "<", fields.Datetime.now()))
        total, overdue = leads.search_count(own), leads.search_count(late)
        return {"late": overdue, "waiting": total - overdue}

    # ---- the query

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """
            SELECT l.id, l.id AS lead_id, COALESCE(l.first_response_uid, l.user_id) AS user_id, l.team_id, l.company_id,
                   l.pipeline_source_id, l.capture_channel, l.temperature, l.response_started_at AS started_at,
                   l.response_due_at AS due_at, l.first_response_at AS answered_at, s.state,
                   l.response_seconds / 60.0 AS minutes,
                   CASE WHEN l.response_state = 'answered' THEN (l.response_seconds <= %(fast)s)::int * 100.0
                        WHEN s.state = 'late' THEN 0.0 END AS fast_share,
                   CASE WHEN l.response_state = 'answered' THEN (s.state = 'in_time')::int * 100.0
                        WHEN s.state = 'late' THEN 0.0 END AS target_share,
                   (s.state = 'late')::int AS late_now
              FROM crm_lead l,
                   LATERAL (SELECT CASE
                        WHEN l.response_state = 'answered' AND l.response_seconds <= l.response_minutes * 60
                             THEN 'in_time'
                        WHEN l.response_state = 'answered' THEN 'too_late'
                        WHEN l.response_state = 'late' OR l.response_due_at < now() AT TIME ZONE 'UTC' THEN 'late'
                        ELSE 'waiting' END AS state) s
             WHERE l.response_state IS NOT NULL AND l.deleted_at IS NULL
            """,
            fast=FAST_SECONDS,
        )
