"""What happens to leads that nobody answers: somebody is told, then somebody else gets them."""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from odoo import api, models
from odoo.tools import SQL

from ...tools.assignment import take_turns
from ..locks import key_lock
from ..slices import run_slices

_BATCH = 200
# Whoever has been passed on this often is a case for the manager, not for one more salesperson.
_MAX_MOVES = 3


class CrmLead(models.Model):
    _inherit = "crm.lead"

    @api.model
    def _cron_watch_responses(self) -> None:
        """Escalate leads that became late, and pass on those that stayed late."""
        # Whoever answers in the same moment wins: the next look finds nothing to do.
        job = "sales_pipeline.ir_cron_watch_responses"
        run_slices(self.env, job, lambda: self._find_overdue(_BATCH), self._watch, _BATCH)

    @api.model
    def _find_overdue(self, limit: int | None = None, ids: list[int] | None = None) -> list[int]:
        """Return ids of leads whose moment has come; with ``ids`` those of them that nobody is changing, locked."""
        chosen = SQL("AND id IN %s FOR NO KEY UPDATE SKIP LOCKED", tuple(ids)) if ids else SQL("LIMIT %s", limit)
        order = SQL() if ids else SQL("ORDER BY response_next_at, id")
        self.env.cr.execute(
            SQL(
                "SELECT id FROM crm_lead WHERE response_next_at <= now() AT TIME ZONE 'UTC' "
                "AND first_response_at IS NULL %s %s", order, chosen,
            ),
            log_exceptions=False,
        )  # fmt: skip
        return [row[0] for row in self.env.cr.fetchall()]

    @api.model
    def _watch(self, ids: list[int]) -> None:
        leads = self.sudo().browse(ids)
        pools = {lead._get_deciding_pool() for lead in leads}
        keys = [*[team._get_turn_key() for team in leads.team_id], *[pool._get_lock_key() for pool in pools if pool]]
        # Turns are given out under their locks. They begin a new snapshot: what was answered meanwhile is seen.
        key_lock(self.env, "response_watch", *keys)
        locked = self._find_overdue(ids=ids)
        leads = self.sudo().browse(locked).exists()
        late = leads.filtered(lambda lead: lead.response_state == "late")
        late._pass_on()
        (leads - late)._escalate()

    # ---- escalation

    def _escalate(self) -> None:
        """Tell whom the target names that nobody has answered in time, and begin the time until the lead is passed on.

        Who is told of the own leads is told by the countdown already.
        """
        if not self:
            return
        receivers = defaultdict(list)
        for lead in self:
            for user_id in lead.response_target_id._get_receivers(lead):
                if user_id != lead.user_id.id:
                    receivers[user_id].append(lead.id)
        moments = self._get_pass_on_moments()
        self._set_late(moments)
        self.env["pipeline.event"]._append(
            [{"kind": "late", "record": lead, "metadata": {"owner_id": lead.user_id.id}} for lead in self]
        )
        self.env["pipeline.notice"]._tell(self, "escalated", receivers)

    def _get_pass_on_moments(self) -> dict:
        """Return when each lead is passed on; None where it stays."""
        now = self.env.cr.now().replace(tzinfo=None, microsecond=0)
        found = {}
        for lead in self:
            minutes = lead.response_target_id.reassign_after
            if not minutes or not lead.team_id or lead.response_moves >= _MAX_MOVES:
                found[lead.id] = None
                continue
            key = (lead.user_id.id, minutes)
            if key not in found:
                found[key] = self._find_working_moment(lead.user_id.id, now, minutes * 60)
            found[lead.id] = found[key]
        return {lead.id: found[lead.id] for lead in self}

    def _set_late(self, moments: dict) -> None:
        self.flush_recordset()
        values = SQL(", ").join(SQL("(%s, %s::timestamp)", lead_id, at) for lead_id, at in moments.items())
        self.env.cr.execute(
            SQL(
                "UPDATE crm_lead l SET response_state = 'late', response_next_at = v.at "
                "FROM (VALUES %s) v (id, at) WHERE l.id = v.id AND l.first_response_at IS NULL", values,
            )
        )  # fmt: skip
        self.invalidate_recordset(["response_state", "response_next_at"], flush=False)

    # ---- the next salesperson

    def _pass_on(self) -> None:
        """Give late leads to the next of their pool or team who is at work; where there is nobody else they stay."""
        found = self._find_successors()
        (self - self.browse(found)).write({"response_next_at": False})
        moved = self.browse(found)
        receivers = defaultdict(list)
        for lead in moved:
            receivers[found[lead.id]["user_id"]].append(lead.id)
        self.env["pipeline.notice"]._tell(moved, "reassigned", receivers)
        quiet = {"mail_auto_subscribe_no_notify": True, "tracking_disable": True}
        for lead in moved.with_context(**quiet):
            lead.write({**found[lead.id], "response_moves": lead.response_moves + 1})
        moved._subscribe_followers()

    def _find_successors(self) -> dict[int, dict[str, Any]]:
        """Return the values of each lead's next owner; turns are taken as for new leads, without who slept."""
        found = {}
        for (pool, team, owner), leads in self.grouped(
            lambda lead: (lead._get_deciding_pool(), lead.team_id, lead.user_id)
        ).items():
            if pool:
                turns = pool._take(len(leads), excluded=(owner.id,))
                decisions = [self._make_decision(None, pool, turn) for turn in turns]
                chosen = [self._prepare_decision_values(decision) for decision in decisions if decision.user_id]
            else:
                members = [user_id for user_id in self._get_present_members(team) if user_id != owner.id]
                turns = take_turns(members, team.last_turn_user_id.id, len(leads))
                team.last_turn_user_id = turns[-1] if turns else team.last_turn_user_id
                chosen = [{"user_id": user_id} for user_id in turns]
            for lead_id, values in zip(leads.ids, chosen, strict=False):
                why = {**(values.get("assignment_facts") or {}), "code": "late", "user": values["user_id"]}
                found[lead_id] = {**values, "assignment_facts": why}
        return found

    def _get_deciding_pool(self):
        """Return the pool that chose the present owner, if one did."""
        pools = self.env["pipeline.assignment.pool"].sudo()
        return pools.browse((self.assignment_facts or {}).get("pool", [False])[0]).exists()

    def _get_present_members(self, team) -> list[int]:
        """Return who of a team takes turns and works at this moment."""
        now = self.env.cr.now().replace(tzinfo=None)
        members = self.env["res.users"].browse(team._get_turn_member_ids())
        spans = members._get_working_spans(now, now + timedelta(minutes=1))
        return [user_id for user_id in members.ids if spans[user_id]]
