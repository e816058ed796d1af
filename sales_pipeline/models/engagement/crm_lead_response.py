"""The first-response clock: it runs from the moment a new lead has an owner until somebody reaches out."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.response_time import add_working_seconds, count_working_seconds

_STATES = [("waiting", "Waiting"), ("late", "Late"), ("answered", "Answered")]
# Looked at first, and where nobody works in that time.
_NEAR, _FAR = timedelta(days=4), timedelta(days=60)
_PLANS = "sales_pipeline.response_plans"
CLOCK = (
    "response_target_id", "response_minutes", "response_started_at", "response_clock_at", "response_due_at",
    "response_next_at", "response_state",
)  # fmt: skip
_CLOCK_ROW = "(%s, %s::integer, %s::integer, %s::timestamp, %s::timestamp, %s::timestamp, %s::timestamp, %s)"


class CrmLead(models.Model):
    _inherit = "crm.lead"

    # Plain values, empty for whatever came before the clock or by other code. Nobody writes them by hand.
    response_target_id = fields.Many2one(
        "pipeline.response.target", "Response Target", readonly=True, copy=False, ondelete="set null"
    )
    response_minutes = fields.Integer("Promised Minutes", readonly=True, copy=False, help="The target as it was then.")
    response_started_at = fields.Datetime("Clock Started", readonly=True, copy=False)
    response_clock_at = fields.Datetime(
        "With Owner Since", readonly=True, copy=False, help="A new owner's clock begins anew; the lead's own does not."
    )
    response_due_at = fields.Datetime("First Response Due", readonly=True, copy=False)
    response_next_at = fields.Datetime(
        "Clock Looked At On", readonly=True, copy=False, help="When the job has to look at the lead next."
    )
    response_state = fields.Selection(_STATES, "First Response", readonly=True, copy=False)
    response_moves = fields.Integer("Times Passed On", readonly=True, copy=False)
    first_response_at = fields.Datetime("First Answered", readonly=True, copy=False)
    first_response_uid = fields.Many2one("res.users", "Answered By", readonly=True, copy=False, ondelete="set null")
    first_response_channel = fields.Char("Answered By Channel", readonly=True, copy=False)
    response_seconds = fields.Integer(
        "Response Time", readonly=True, copy=False, aggregator="avg",
        help="Seconds of working hours from the start of the clock to the first answer.",
    )  # fmt: skip

    # Two small indexes: of what a job or a manager has to look at now, not of a million answered leads.
    _response_next_idx = models.Index("(response_next_at) WHERE response_next_at IS NOT NULL")
    _response_open_idx = models.Index("(response_due_at) WHERE response_state IN ('waiting', 'late')")
    # The report asks for a span of time; see _captured_idx.
    _response_started_idx = models.Index("USING brin (response_started_at) WITH (pages_per_range = 32)")

    # ---- start

    def _prepare_captured_values(self, draft, source, team, owner_id, found):
        values = super()._prepare_captured_values(draft, source, team, owner_id, found)
        captured = draft.captured
        if (draft.keys or draft.whatsapp) and captured.channel != "bulk_upload" and not captured.outcome:
            # A rule may have decided otherwise than the source.
            owner = values.get("user_id", owner_id)
            facts = (source.company_id.id, source.id, values.get("temperature"), owner or None)
            # In the values rather than written afterwards: a second version of the row would go through every index.
            values.update(self._plan_clock(facts, team.member_ids.ids))
        return values

    def _plan_clock(self, facts: tuple, peer_ids: Sequence[int] = ()) -> dict[str, Any]:
        """Return the values of a clock that starts now; worked out once a transaction for like leads.

        :param facts: company id, source id, temperature, owner id (None: the clock waits for one)
        :param peer_ids: users who may own others of the same batch, whose hours are read with the owner's
        """
        plans = self.env.cr.precommit.data.setdefault(_PLANS, {})
        now = self.env.cr.now().replace(tzinfo=None, microsecond=0)
        if (now, facts) not in plans:
            if "finder" not in plans:
                plans["finder"] = self.env["pipeline.response.target"]._get_finder()
            company_id, source_id, temperature, user_id = facts
            target = plans["finder"](company_id, source_id, temperature)
            if user_id and user_id not in plans.get("spans", ()):
                users = self.env["res.users"].browse({user_id, *peer_ids})
                plans.setdefault("spans", {}).update(users._get_working_spans(now, now + _NEAR))
            plans[now, facts] = self._prepare_clock(target, user_id, now, plans) if target and user_id else {}
        return plans[now, facts]

    def _prepare_clock(self, target, user_id: int, now, plans: dict) -> dict[str, Any]:
        near = add_working_seconds(plans["spans"][user_id], now, target.minutes * 60)
        due = near.replace(microsecond=0) if near else self._find_working_moment(user_id, now, target.minutes * 60)
        return {
            "response_target_id": target.id, "response_minutes": target.minutes, "response_started_at": now,
            "response_clock_at": now, "response_due_at": due, "response_next_at": due, "response_state": "waiting",
        }  # fmt: skip

    def _find_working_moment(self, user_id: int, start, seconds: int):
        """Return when somebody will have worked so long; where nobody ever works, as if the clock never stopped."""
        user = self.env["res.users"].browse(user_id)
        for reach in (_NEAR, _FAR):
            spans = user._get_working_spans(start, start + reach + timedelta(seconds=seconds))[user_id]
            if moment := add_working_seconds(spans, start, seconds):
                return moment.replace(microsecond=0)
        return start + timedelta(seconds=seconds)

    def _start_clocks(self) -> None:
        """Start the clock of new leads that have an owner and a contact, or start it anew for a new owner."""
        clocks = {}
        for lead in self.filtered(lambda lead: lead._is_clock_due()):
            facts = (lead.company_id.id, lead.pipeline_source_id.id, lead.temperature, lead.user_id.id)
            if lead.response_started_at:
                clocks[lead.id] = lead._prepare_restart(facts)
            else:
                clocks[lead.id] = self._plan_clock(facts)
        self._write_clocks({lead_id: clock for lead_id, clock in clocks.items() if clock})

    def _is_clock_due(self) -> bool:
        return bool(
            self.user_id and self.capture_channel and not self._is_from_list() and not self.first_response_at
            and (self.email_normalized or self.phone or self.whatsapp) and not self.deleted_at and self.active
            and self.lead_status == "new"
        )  # fmt: skip

    def _prepare_restart(self, facts: tuple) -> dict[str, Any]:
        """Return the clock for a new owner; what was promised at first, and when, is kept."""
        kept = {"response_started_at": self.response_started_at, "response_minutes": self.response_minutes}
        if clock := self._plan_clock(facts):
            return {**clock, **kept}
        return {}

    def _write_clocks(self, clocks: dict[int, dict[str, Any]]) -> None:
        """Write clocks in one statement, past the leads' other values."""
        if not clocks:
            return
        leads = self.browse(clocks)
        leads.flush_recordset()
        values = SQL(", ").join(
            SQL(_CLOCK_ROW, lead_id, *(clock[name] or None for name in CLOCK)) for lead_id, clock in clocks.items()
        )
        self.env.cr.execute(
            SQL(
                "UPDATE crm_lead l SET %s FROM (VALUES %s) v (id, %s) "
                "WHERE l.id = v.id AND l.first_response_at IS NULL",
                SQL(", ").join(SQL("%(name)s = v.%(name)s", name=SQL.identifier(name)) for name in CLOCK),
                values, SQL(", ").join(SQL.identifier(name) for name in CLOCK),
            )
        )  # fmt: skip
        leads.invalidate_recordset(list(CLOCK), flush=False)

    # ---- stop

    def _on_contacted(self, channel: str | None, at=None) -> None:
        """React to a real contact that went out: mail, call, meeting, message (moment; other addons call it).

        :param channel: ``email``, ``phone``, ``whatsapp``, ``meeting`` or None where nobody knows
        :param at: naive UTC; default: now
        """
        self._mark_contacted()
        self._stop_clocks(channel, at)

    def _stop_clocks(self, channel: str | None, at=None) -> None:
        at = at or fields.Datetime.now()
        waiting = self.sudo().filtered(lambda lead: lead.response_started_at and not lead.first_response_at)
        for lead in waiting:
            # A job or a vendor's callback tells of what the owner did.
            is_person = self.env.uid != api.SUPERUSER_ID and not self.env.user.share
            answerer = self.env.user if is_person else lead.user_id
            seconds = lead._count_response_seconds(answerer, at)
            lead.with_context(tracking_disable=True).write({
                "first_response_at": at, "first_response_uid": answerer.id, "first_response_channel": channel,
                "response_seconds": seconds, "response_state": "answered", "response_next_at": False,
            })  # fmt: skip
            lead._praise(seconds, at)

    def _count_response_seconds(self, answerer, at) -> int:
        """Return the working seconds from the start of the clock to an answer, by the owner's hours."""
        worker = self.user_id or answerer
        spans = worker._get_working_spans(self.response_started_at, at)[worker.id] if worker else []
        return count_working_seconds(spans, self.response_started_at, at)

    def _praise(self, seconds: int, at) -> None:
        """Show the owner how fast the answer was, where it was in time and the owner did not turn that off."""
        user = self.env.user
        in_time = user == self.user_id and self.response_due_at and at <= self.response_due_at
        settings = user.sudo().res_users_settings_ids
        if in_time and (not settings or settings.pipeline_praises):
            user._bus_send("pipeline_answered", {"seconds": seconds, "name": self.name})

    def _drop_clocks(self) -> None:
        """Stop watching leads that need no answer any more."""
        open_clocks = self.sudo().filtered(lambda lead: lead.response_state in ("waiting", "late"))
        if open_clocks:
            open_clocks.with_context(tracking_disable=True).write({"response_state": False, "response_next_at": False})

    # ---- moments

    def _on_captured(self, captured):
        # Odoo's own website form makes its lead itself. What ended long ago needs no answer.
        pairs = zip(self, captured, strict=True)
        new = [lead.id for lead, item in pairs if item.channel != "bulk_upload" and not item.outcome]
        self.browse(new).filtered(lambda lead: not lead.response_started_at)._start_clocks()
        super()._on_captured(captured)

    def _on_entered(self):
        self._start_clocks()
        super()._on_entered()

    def _on_assigned(self, old_user_ids):
        without = self.filtered(lambda lead: not lead.user_id and lead.response_state in ("waiting", "late"))
        without.sudo().write({"response_due_at": False, "response_next_at": False, "response_state": "waiting"})
        self._start_clocks()
        super()._on_assigned(old_user_ids)

    def _on_status_changed(self, old_statuses):
        super()._on_status_changed(old_statuses)
        self.filtered(lambda lead: lead.lead_status in ("contacted", "qualified", "converted"))._stop_clocks(None)

    def _on_lost(self):
        super()._on_lost()
        self._drop_clocks()

    def _on_deleted(self):
        super()._on_deleted()
        self._drop_clocks()
