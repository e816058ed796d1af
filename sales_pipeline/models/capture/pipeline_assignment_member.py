from datetime import date, timedelta

from odoo import api, fields, models

from ...tools.assignment import MAX_WEIGHT
from ...tools.working_time import is_within


class PipelineAssignmentMember(models.Model):
    """Somebody who takes leads of a pool, with how many and where in the round."""

    _name = "pipeline.assignment.member"
    _description = "Member of a Pool"
    _order = "pool_id, user_id"
    _rec_name = "user_id"

    pool_id = fields.Many2one("pipeline.assignment.pool", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="pool_id.company_id")
    user_id = fields.Many2one(
        "res.users", "Who", required=True, ondelete="cascade", index=True,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )  # fmt: skip
    active = fields.Boolean("Takes Part", default=True)
    weight = fields.Integer(default=1, required=True, help="Who has 2 gets twice as many leads as who has 1.")
    max_open = fields.Integer("Open Leads at Most", help="Gets no more while so many leads are open. 0: any number.")
    max_per_day = fields.Integer("Most per Day", help="Gets no more than so many of this pool's leads a day. 0: any.")
    turn = fields.Float("Place in the Round", readonly=True, copy=False)
    taken_on = fields.Date(readonly=True, copy=False)
    taken_that_day = fields.Integer(readonly=True, copy=False)
    taken_that_month = fields.Integer(readonly=True, copy=False)
    today_count = fields.Integer("Today", compute="_compute_counts")
    month_count = fields.Integer("This Month", compute="_compute_counts")
    open_count = fields.Integer("Open Leads", compute="_compute_open_count", compute_sudo=True)
    presence = fields.Selection(
        [("in", "Working"), ("away", "Away"), ("off", "Off Hours"), ("full", "Full"), ("out", "Takes No Part")],
        compute="_compute_presence", compute_sudo=True,
    )  # fmt: skip

    _user_unique = models.UniqueIndex("(pool_id, user_id)", "Everybody is in a pool once: raise the weight instead.")
    _weight_sensible = models.Constraint(
        f"CHECK (weight BETWEEN 1 AND {MAX_WEIGHT})", f"A weight is a number from 1 to {MAX_WEIGHT}."
    )
    _limits_sensible = models.Constraint(
        "CHECK (max_open >= 0 AND max_per_day >= 0)", "Limits are 0 (none) or more."
    )

    @api.depends("taken_on", "taken_that_day", "taken_that_month")
    def _compute_counts(self):
        for member in self:
            today = member.pool_id._get_today()
            taken_on = member.taken_on or date.min
            member.today_count = member.taken_that_day if taken_on == today else 0
            is_this_month = (taken_on.year, taken_on.month) == (today.year, today.month)
            member.month_count = member.taken_that_month if is_this_month else 0

    @api.depends("user_id")
    def _compute_open_count(self):
        counts = self._count_open()
        for member in self:
            member.open_count = counts.get(member.user_id.id, 0)

    @api.depends("user_id", "active", "max_open", "max_per_day", "taken_on", "taken_that_day")
    def _compute_presence(self):
        now = fields.Datetime.now()
        spans = self.user_id._get_working_spans(now, now + timedelta(seconds=1))
        away = self.user_id._find_absent()
        rooms = self._get_rooms()
        for member in self:
            is_in = is_within(spans.get(member.user_id.id, ()), now)
            member.presence = (
                "out" if not member.active or not member.user_id.active
                else "away" if member.user_id in away
                else "off" if not is_in
                else "full" if rooms[member] == 0
                else "in"
            )  # fmt: skip

    # ---- CRUD

    def write(self, vals):
        if "active" in vals or "user_id" in vals:
            # Who joins again begins where the others are, instead of being owed what passed meanwhile.
            vals = {**vals, "turn": 0}
        return super().write(vals)

    # ---- actions

    def action_switch_away(self) -> None:
        """Turn the away switch of a member; for managers, and for oneself."""
        self.ensure_one()
        self.user_id.action_switch_away()

    # ---- helpers

    def _count_open(self) -> dict[int, int]:
        """Return how many leads each user has open, whichever pool they came from."""
        groups = self.env["crm.lead"].sudo()._read_group(
            [("user_id", "in", self.user_id.ids), ("type", "=", "lead"), ("won_status", "=", "pending")],
            ["user_id"], ["__count"],
        )  # fmt: skip
        return {user.id: count for user, count in groups}

    def _get_rooms(self) -> dict:
        """Return for each member how many leads may still be taken, None for any number."""
        counts = self.filtered("max_open")._count_open()
        rooms = {}
        for member in self:
            limits = []
            if member.max_open:
                limits.append(member.max_open - counts.get(member.user_id.id, 0))
            if member.max_per_day:
                limits.append(member.max_per_day - member.today_count)
            rooms[member] = max(min(limits), 0) if limits else None
        return rooms


class ResUsers(models.Model):
    _inherit = "res.users"

    def _on_switched_away(self, is_away: bool) -> None:
        super()._on_switched_away(is_away)
        if not is_away:
            self.env.ref("sales_pipeline.ir_cron_hand_out_waiting").sudo()._trigger()
