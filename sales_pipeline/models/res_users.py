"""The spine of the user: when somebody works, and the switch that says not now."""

from collections import defaultdict
from datetime import datetime, timedelta
from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..tools.working_time import Hours, Span, get_flexible_hours, lay_out_hours, subtract_spans

_MANAGERS = ("sales_pipeline.group_manager", "sales_team.group_sale_manager", "base.group_system")


class ResUsers(models.Model):
    _inherit = "res.users"

    uuid = fields.Char("Public Id", readonly=True, copy=False, default=lambda self: str(uuid4()))
    pipeline_is_away = fields.Boolean(
        "Away", compute="_compute_pipeline_is_away", inverse="_inverse_pipeline_is_away",
        search="_search_pipeline_is_away", help="Gets no new leads for now. Those that pass by are made up for.",
    )  # fmt: skip
    pipeline_away_until = fields.Datetime(
        "Away Until", compute="_compute_pipeline_is_away", inverse="_inverse_pipeline_away_until",
        help="Empty: until the switch is turned back.",
    )  # fmt: skip

    _uuid_unique = models.UniqueIndex("(uuid)")

    @property
    def SELF_READABLE_FIELDS(self):
        return [*super().SELF_READABLE_FIELDS, "pipeline_is_away", "pipeline_away_until"]

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return [*super().SELF_WRITEABLE_FIELDS, "pipeline_is_away", "pipeline_away_until"]

    # ---- compute

    def _compute_pipeline_is_away(self):
        switched = {absence.user_id.id: absence for absence in self._find_switched()}
        for user in self:
            absence = switched.get(user._origin.id)
            user.pipeline_is_away = bool(absence)
            user.pipeline_away_until = absence.date_to if absence else False

    def _inverse_pipeline_is_away(self):
        for user in self:
            if user.pipeline_is_away != bool(user._find_switched()):
                user._set_switch(user.pipeline_is_away, None)

    def _inverse_pipeline_away_until(self):
        for user in self:
            if switched := user._find_switched():
                user._check_until(user.pipeline_away_until)
                switched.date_to = user.pipeline_away_until

    @api.model
    def _search_pipeline_is_away(self, operator, value):
        if operator != "in":
            return NotImplemented
        now = fields.Datetime.now()
        away = self.env["pipeline.absence"].sudo()._search(
            self.env["pipeline.absence"]._get_between_domain(now, now + timedelta(seconds=1))
            & Domain("is_switch", "=", True)
        )  # fmt: skip
        return Domain("id", "in", away.subselect("user_id"))

    def _find_switched(self):
        """Return the absences of these users that the switch began and that still last."""
        now = fields.Datetime.now()
        absences = self.env["pipeline.absence"].sudo()
        domain = absences._get_between_domain(now, now + timedelta(seconds=1))
        return absences.search(domain & Domain("is_switch", "=", True) & Domain("user_id", "in", self._origin.ids))

    def _find_absent(self):
        """Return those of these users who are away now, by the switch or a planned absence."""
        now = fields.Datetime.now()
        absences = self.env["pipeline.absence"].sudo()
        domain = absences._get_between_domain(now, now + timedelta(seconds=1)) & Domain("user_id", "in", self.ids)
        return absences.search(domain).user_id.with_env(self.env) & self

    # ---- the switch

    def action_switch_away(self, wanted: bool | None = None) -> bool:
        """Turn the switch of a user: the own one, or as a manager that of somebody in the same companies.

        :param wanted: whether to be away; without it the opposite of what is
        :return: whether the user is away now
        :raise AccessError: for somebody else's switch
        """
        self.ensure_one()
        if self != self.env.user:
            self._check_manages()
        was_away = bool(self._find_switched())
        is_away = not was_away if wanted is None else bool(wanted)
        if is_away != was_away:
            self._switch_away(is_away)
        return is_away

    def _check_manages(self) -> None:
        is_manager = any(self.env.user.has_group(group) for group in _MANAGERS)
        if not is_manager or not self.sudo().company_ids & self.env.companies:
            raise AccessError(self.env._("Only managers can set somebody else as away."))

    def _switch_away(self, is_away: bool, until: datetime | None = None) -> None:
        """Begin or end the absence that stands for the switch, so that it stays known when somebody was away.

        :param until: naive UTC; empty: until it is switched back
        """
        self._check_until(until)
        self._set_switch(is_away, until)
        self.invalidate_recordset(["pipeline_is_away", "pipeline_away_until"])

    def _check_until(self, until: datetime | None) -> None:
        if until and until <= fields.Datetime.now():
            raise UserError(self.env._("Choose a time in the future until which you are away."))

    def _set_switch(self, is_away: bool, until: datetime | None) -> None:
        now = fields.Datetime.now()
        for user in self:
            switched = user._find_switched()
            if is_away and switched:
                switched.date_to = until or False
            elif is_away:
                switched.create({"user_id": user.id, "date_from": now, "date_to": until, "is_switch": True})
            else:
                switched.date_to = now
        self._on_switched_away(is_away)

    def _on_switched_away(self, is_away: bool) -> None:
        """React to users who turned the away switch (door)."""

    # ---- working hours

    def _get_working_spans(self, start: datetime, end: datetime) -> dict[int, list[Span]]:
        """Return when each user works: the calendar's hours without leaves, absences and the away switch.

        The calendar is that of the user's resource, else the company's; who has neither works always. It takes a
        handful of queries for any number of users.

        :param start: naive UTC
        :param end: naive UTC, not included
        :return: for each user id the spans (naive UTC), sorted and disjoint
        """
        users = self.sudo()
        resources = users._get_work_resources()
        calendars = {user: resources[user].calendar_id or user.company_id.resource_calendar_id for user in users}
        hours = self.env["resource.calendar"].sudo().union(*calendars.values())._get_pipeline_hours()
        free = users._get_free_spans(resources, calendars, start, end)
        laid_out: dict[tuple, list[Span]] = {}
        found = {}
        for user in users:
            calendar = calendars[user]
            key = (calendar, resources[user].tz or user.tz or calendar.tz or "UTC")
            if key not in laid_out:
                laid_out[key] = lay_out_hours(hours[calendar], key[1], start, end) if calendar else [(start, end)]
            found[user.id] = subtract_spans(laid_out[key], free[user])
        return found

    def _get_work_resources(self) -> dict:
        """Return the resource that stands for each user: that of the company at hand, else of the own one, else any."""
        resources = self.env["resource.resource"].sudo().search([("user_id", "in", self.ids)], order="id desc")
        by_user = resources.grouped("user_id")

        def get_rank(resource) -> tuple[bool, bool]:
            company = resource.company_id
            return company == self.env.company, company == resource.user_id.company_id

        return {user: by_user.get(user, resources.browse()).sorted(get_rank, reverse=True)[:1] for user in self}

    def _get_free_spans(self, resources: dict, calendars: dict, start: datetime, end: datetime) -> dict:
        """Return for each user the spans without work, in any order."""
        free: dict = defaultdict(list)
        absences = self.env["pipeline.absence"].sudo()
        for absence in absences.search(absences._get_between_domain(start, end) & Domain("user_id", "in", self.ids)):
            free[absence.user_id].append((absence.date_from, absence.date_to or end))
        resource_ids = [resource.id for resource in resources.values() if resource]
        leaves = self.env["resource.calendar.leaves"].sudo().search([
            ("time_type", "=", "leave"), ("date_from", "<", end), ("date_to", ">", start),
            ("resource_id", "in", [False, *resource_ids]),
        ])  # fmt: skip
        for user in self:
            company = resources[user].company_id or user.company_id
            for leave in leaves:
                is_own = leave.resource_id and leave.resource_id == resources[user]
                is_common = (
                    not leave.resource_id
                    and leave.company_id in (company, company.browse())
                    and leave.calendar_id in (calendars[user], calendars[user].browse())
                )
                if is_own or is_common:
                    free[user].append((leave.date_from, leave.date_to))
        return free


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def _get_pipeline_hours(self) -> dict:
        """Return the hours of each calendar as ``Hours``; of one without fixed hours an equal share a day."""
        found: dict = {calendar: [] for calendar in self}
        for calendar in self.filtered("flexible_hours"):
            found[calendar] = get_flexible_hours(calendar.hours_per_day, calendar.full_time_required_hours)
        lines = self.env["resource.calendar.attendance"].search([
            ("calendar_id", "in", self.filtered(lambda calendar: not calendar.flexible_hours).ids),
            ("display_type", "=", False), ("day_period", "!=", "lunch"),
        ])  # fmt: skip
        for line in lines:
            week = int(line.week_type) if line.calendar_id.two_weeks_calendar and line.week_type else None
            found[line.calendar_id].append(Hours(int(line.dayofweek), line.hour_from, line.hour_to, week))
        return found
