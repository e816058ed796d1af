from datetime import date, datetime, timedelta

import pytz
from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.assignment import Seat, Turn, hand_out
from ...tools.working_time import is_within
from ..locks import key_lock


class PipelineAssignmentPool(models.Model):
    """People who take leads in turn, by weight, hours and room."""

    _name = "pipeline.assignment.pool"
    _description = "Pool of Salespeople"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    team_id = fields.Many2one(
        "crm.team", "Sales Team", check_company=True,
        help="Leads of this pool join this team. Empty: they stay in theirs.",
    )  # fmt: skip
    member_ids = fields.One2many(
        "pipeline.assignment.member", "pool_id", "Members", context={"active_test": False}, copy=True
    )
    when_nobody = fields.Selection(
        [("anyway", "The next one gets it anyway"), ("wait", "The lead waits until somebody is in")],
        "When Nobody Works", required=True, default="anyway",
    )  # fmt: skip
    made_up_leads = fields.Integer(
        "Leads Made Up For", default=3,
        help="Who was away gets so many of the missed leads first when back, beside the regular turn. 0: none.",
    )  # fmt: skip
    member_user_ids = fields.Many2many("res.users", string="Takes Turns", compute="_compute_member_user_ids")
    rule_ids = fields.One2many("pipeline.assignment.rule", "pool_id", "Rules")
    waiting_count = fields.Integer("Waiting Leads", compute="_compute_waiting_count")
    spread = fields.Integer(
        "Spread This Month", compute="_compute_spread",
        help="By how many leads, a unit of weight, the members differ this month. Absences and limits make it grow.",
    )  # fmt: skip

    _made_up_sensible = models.Constraint(
        "CHECK (made_up_leads BETWEEN 0 AND 50)", "Make up for 0 to 50 leads; more would be a flood."
    )

    @api.depends("member_ids.user_id", "member_ids.active")
    def _compute_member_user_ids(self):
        for pool in self:
            pool.member_user_ids = pool.member_ids.filtered("active").user_id

    def _compute_waiting_count(self):
        groups = self.env["crm.lead"]._read_group(
            [("waiting_pool_id", "in", self.ids), ("user_id", "=", False)], ["waiting_pool_id"], ["__count"]
        )
        counts = {pool.id: count for pool, count in groups}
        for pool in self:
            pool.waiting_count = counts.get(pool.id, 0)

    @api.depends("member_ids.taken_on", "member_ids.taken_that_month", "member_ids.weight", "member_ids.active")
    def _compute_spread(self):
        for pool in self:
            shares = [member.month_count / member.weight for member in pool.member_ids if member.active]
            pool.spread = round(max(shares) - min(shares)) if shares else 0

    @api.constrains("member_ids", "company_id")
    def _check_members(self):
        for pool in self:
            for user in pool.member_ids.user_id:
                if pool.company_id not in user.sudo().company_ids:
                    raise ValidationError(self.env._(
                        "%(user)s does not work in %(company)s: choose somebody else, or let them into that company.",
                        user=user.name, company=pool.company_id.name,
                    ))  # fmt: skip

    # ---- use case

    def _get_lock_key(self) -> str:
        return f"pool:{self.id}"

    def _take(self, count: int, excluded: tuple[int, ...] = (), is_trial: bool = False) -> list[Turn]:
        """Give out turns and write down where everybody stands.

        The caller holds the lock of ``_get_lock_key``; should it not, the second of two at once begins anew.

        :param count: how many leads to hand out
        :param excluded: ids of users who shall not get these
        :param is_trial: only say who would get them
        """
        self.ensure_one()
        members = self._get_ready_members().filtered(lambda member: member.user_id.id not in excluded)
        seats = members._get_seats()
        turns = hand_out(seats, count, self.made_up_leads, self.when_nobody == "wait")
        if seats and not is_trial:
            members._book(seats)
        return turns

    def _get_ready_members(self):
        """Return who takes part: active members whose user is active and works in the company (door)."""
        company = self.company_id
        return self.sudo().member_ids.filtered(
            lambda member: member.active and member.user_id.active and company in member.user_id.company_ids
        )

    def _get_candidate_ids(self) -> list[int | bool]:
        """Return who may get a lead of this pool; False where it may wait."""
        members = self._get_ready_members()
        may_wait = self.when_nobody == "wait" or any(member.max_open or member.max_per_day for member in members)
        return [*members.user_id.ids, *([False] if may_wait or not members else [])]

    def _get_today(self) -> date:
        """Return the day it is where the company works, by which a day's limit is counted."""
        zone = self.sudo().company_id.resource_calendar_id.tz or self.env.user.tz or "UTC"
        return pytz.utc.localize(fields.Datetime.now()).astimezone(pytz.timezone(zone)).date()

    def _find_next_start(self, days: int = 14) -> datetime | None:
        """Return when the first of the members begins to work; nothing where somebody works now, or nobody soon."""
        now = fields.Datetime.now()
        spans = self._get_ready_members().user_id._get_working_spans(now, now + timedelta(days=days))
        start = min((each[0][0] for each in spans.values() if each), default=now)
        return start if start > now else None

    # ---- leads that wait

    def _wake_when_somebody_is_in(self) -> None:
        """Have the job hand out waiting leads when the next of the members begins to work."""
        if start := self._find_next_start():
            self.env.ref("sales_pipeline.ir_cron_hand_out_waiting").sudo()._trigger(at=start)

    def action_hand_out_waiting(self) -> dict:
        """Hand out the waiting leads of a pool now, as far as somebody can take them; for managers."""
        self.check_access("write")
        given = self._hand_out_waiting()
        self.invalidate_recordset(["waiting_count"])
        return self.env["crm.lead"]._tell_handed_out(given, self.waiting_count)

    def action_view_waiting(self) -> dict:
        """Open the leads that wait in this pool."""
        action = self.env["ir.actions.act_window"]._for_xml_id("crm.crm_lead_all_leads")
        return {**action, "domain": [("waiting_pool_id", "=", self.id), ("user_id", "=", False)], "context": {}}

    def _hand_out_waiting(self, limit: int = 1000) -> int:
        """Give waiting leads to who works now and has room.

        :return: how many leads were given to somebody
        """
        self.ensure_one()
        key_lock(self.env, self._get_lock_key())
        leads = self.env["crm.lead"]
        waiting = leads._find_unassigned(Domain("waiting_pool_id", "=", self.id), limit)
        turns = self._take(len(waiting)) if waiting else []
        rules = self.env["pipeline.assignment.rule"].sudo()
        decisions = {}
        for lead, turn in zip(waiting, turns, strict=True):
            rule_id = ((lead.assignment_facts or {}).get("rule") or [False])[0]
            decisions[lead.id] = leads._make_decision(rules.browse(rule_id).exists(), self.sudo(), turn)
        waiting._write_decisions(decisions)
        return sum(turn.user_id is not None for turn in turns)

    @api.model
    def _cron_hand_out_waiting(self) -> None:
        """Hand out leads that waited for somebody to come in; pool by pool, each with its own commit."""
        groups = self.env["crm.lead"].sudo()._read_group(
            [("waiting_pool_id", "!=", False), ("user_id", "=", False)], ["waiting_pool_id"]
        )
        pools = [pool for (pool,) in groups]
        for number, pool in enumerate(pools):
            given = pool._hand_out_waiting()
            pool._wake_when_somebody_is_in()
            if not self.env["ir.cron"]._commit_progress(given, remaining=len(pools) - number - 1):
                return


class PipelineAssignmentMember(models.Model):
    _inherit = "pipeline.assignment.member"

    def _get_seats(self) -> list[Seat]:
        """Return where these members of one pool stand, who works now, and what room they have."""
        now = fields.Datetime.now()
        spans = self.user_id._get_working_spans(now, now + timedelta(seconds=1)) if self else {}
        rooms = self._get_rooms()
        return [
            Seat(member.user_id.id, member.weight, member.turn, is_within(spans[member.user_id.id], now), rooms[member])
            for member in self
        ]

    def _book(self, seats: list[Seat]) -> None:
        """Write down where the members of one pool stand after leads were handed out, in one statement."""
        today = self.pool_id._get_today()
        rows = SQL(", ").join(
            SQL("(%s, %s::double precision, %s)", member.id, seat.turn, seat.taken)
            for member, seat in zip(self, seats, strict=True)
        )
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                """
                UPDATE pipeline_assignment_member m
                   SET turn = v.turn,
                       taken_that_day = v.taken + CASE WHEN taken_on = %(today)s THEN taken_that_day ELSE 0 END,
                       taken_that_month = v.taken + CASE WHEN date_trunc('month', taken_on::timestamp)
                           = date_trunc('month', %(today)s::timestamp) THEN taken_that_month ELSE 0 END,
                       taken_on = %(today)s
                  FROM (VALUES %(rows)s) v (id, turn, taken)
                 WHERE m.id = v.id
                """,
                today=today, rows=rows,
            )
        )  # fmt: skip
        self.invalidate_recordset(flush=False)
