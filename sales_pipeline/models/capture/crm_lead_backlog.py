"""Leads that nobody has: handed out many at a time, by the same decisions as new ones."""

from collections.abc import Mapping
from typing import Any

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ...tools.assignment import Decision
from ..locks import key_lock
from .crm_lead_assignment import Contact


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def action_assign_by_rules(self) -> dict[str, Any]:
        """Give those of these leads that nobody has to whom the rules say; for managers.

        :raise AccessError: for anybody else
        """
        if not any(self.env.user.has_group(f"sales_{group}") for group in
                   ("pipeline.group_manager", "team.group_sale_manager")):  # fmt: skip
            raise AccessError(self.env._("Only managers hand out leads."))
        self.check_access("write")
        leads = self._find_unassigned(Domain("id", "in", self.ids))
        leads._lock_assignment()
        given = self._find_unassigned(Domain("id", "in", self.ids))._hand_out_leads()
        return self._tell_handed_out(given, len(leads) - given)

    @api.model
    def _tell_handed_out(self, given: int, left: int) -> dict[str, Any]:
        """Return the notification that says what became of leads that nobody had."""
        return {
            "type": "ir.actions.client", "tag": "display_notification",
            "params": {"type": "success" if given else "warning", "message": self._describe_handed_out(given, left),
                       "next": {"type": "ir.actions.client", "tag": "soft_reload"}},
        }  # fmt: skip

    @api.model
    def _describe_handed_out(self, given: int, left: int) -> str:
        message = self.env._("%(count)s leads were assigned.", count=given)
        if left:
            message += " " + self.env._("%(count)s stay without an owner; each says why.", count=left)
        return message

    @api.model
    def _assign_backlog(self) -> dict[str, Any]:
        """Begin to hand out all leads of the company that nobody has, and say so."""
        run = self.env["pipeline.assignment.run"]._start()
        message = self.env._(
            "%(count)s leads are being handed out. You hear of it when they are.", count=run.total_count
        ) if run.total_count else self.env._("Every open lead has an owner.")
        return {
            "type": "ir.actions.client", "tag": "display_notification", "params": {"type": "info", "message": message},
        }  # fmt: skip

    @api.model
    def _get_unassigned_domain(self) -> Domain:
        """Return which leads wait for an owner: open ones that nobody has (door)."""
        return Domain("user_id", "=", False) & Domain("type", "=", "lead") & Domain("won_status", "=", "pending")

    @api.model
    def _find_unassigned(self, domain: Domain, limit: int | None = None):
        """Return the leads without an owner, the oldest first."""
        return self.sudo().search(domain & self._get_unassigned_domain(), order="id", limit=limit)

    def _get_companies(self) -> dict:
        """Return for each lead the company whose rules decide."""
        return {lead: lead.company_id or lead.team_id.company_id or self.env.company for lead in self}

    def _lock_assignment(self) -> None:
        """Take the locks of every pool and team that these leads may be handed out by."""
        companies = self.env["res.company"].union(*self._get_companies().values())
        keys = [key for company in companies for key in self._get_assignment_keys(company)]
        teams = self.team_id | self.env["crm.team"].union(*(
            source._get_team() for source in self.sudo().pipeline_source_id
        ))  # fmt: skip
        teams |= self.env["crm.team"].union(*(self._get_fallback_team(company) for company in companies))
        key_lock(self.env, *keys, *(team._get_turn_key() for team in teams))

    @api.model
    def _get_fallback_team(self, company):
        domain = [("use_leads", "=", True), ("company_id", "in", [False, company.id])]
        return self.env["crm.team"].sudo().search(domain, limit=1)

    # ---- use case

    def _hand_out_leads(self) -> int:
        """Give these leads to whom their sources, the rules and the teams say.

        The caller holds the locks of ``_lock_assignment``. Followers, event and notice follow as they do for one lead;
        Odoo's note of the change is left out, since the event log tells it.

        :return: how many were given to somebody
        """
        decisions: dict[int, Decision] = {}
        by_company: dict[Any, list[int]] = {}
        for lead, company in self._get_companies().items():
            by_company.setdefault(company, []).append(lead.id)
        for company, ids in by_company.items():
            leads = self.browse(ids).with_company(company)
            decisions |= leads._decide_backlog(company)
        self._write_decisions(decisions)
        return sum(bool(decision.user_id) for decision in decisions.values())

    def _decide_backlog(self, company) -> dict[int, Decision]:
        """Return the decision on each of these leads of one company."""
        found: dict[int, Decision | None] = dict.fromkeys(self.ids)
        for source, leads in self.grouped("pipeline_source_id").items():
            contacts = [Contact(tuple(key for key in (lead.email_normalized, lead.phone_sanitized) if key))
                        for lead in leads]  # fmt: skip
            if source:
                found |= dict(zip(leads.ids, leads._decide_by_source(source.sudo(), contacts), strict=True))
        rules = self.env["pipeline.assignment.rule"]._get_rules(company)
        asked = self.browse([id_ for id_, decision in found.items() if decision is None])
        fitting = rules._find_for_leads(asked) if rules else {}
        ruled = self._decide_by_found_rules([fitting.get(id_, rules.browse()) for id_ in asked.ids])
        found |= dict(zip(asked.ids, ruled, strict=True))
        fallback = self._get_fallback_team(company)
        left = self.browse([id_ for id_, decision in found.items() if decision is None])
        for team, leads in left.grouped(lambda lead: lead._get_turn_team() or fallback).items():
            turns: list[Decision | None] = [None] * len(leads)
            leads._decide_by_turn(turns, team.with_company(company))
            found |= dict(zip(leads.ids, turns, strict=True))
        return found

    def _get_turn_team(self):
        source = self.sudo().pipeline_source_id
        return self.team_id or (source._get_team() if source else self.env["crm.team"])

    def _write_decisions(self, decisions: dict[int, Decision]) -> None:
        """Store decisions: owners in one write an owner, they and the reasons in one statement."""
        quiet = self.with_context(tracking_disable=True)
        groups: dict[tuple, list[int]] = {}
        for lead in self:
            decision = decisions[lead.id]
            if decision.user_id:
                stays = not decision.team_id or decision.team_id == lead.team_id.id
                groups.setdefault((decision.user_id, None if stays else decision.team_id), []).append(lead.id)
        self._put_reasons(decisions)
        team = self._fields["team_id"]
        for (user_id, team_id), ids in groups.items():
            leads = quiet.browse(ids)
            if team_id:
                leads.write({"user_id": user_id, "team_id": team_id})
                continue
            # Odoo would look for a team lead by lead; were the same one written, all that follows from a team anew.
            with self.env.protecting([team], leads):
                leads.write({"user_id": user_id})
        self.flush_recordset()
        self.browse([id_ for ids in groups.values() for id_ in ids])._subscribe_followers()

    @api.model
    def _put_reasons(self, decisions: Mapping[int, Decision]) -> None:
        """Have the reasons of decisions stored with whatever else is written of their leads, by the next flush.

        Past ``write``: nothing but the wording follows from them, and a second statement would go through every index.
        """
        facts, pool = self._fields["assignment_facts"], self._fields["waiting_pool_id"]
        for id_, decision in decisions.items():
            lead = self.browse(id_)
            facts._update_cache(lead, facts.convert_to_cache(decision.why, lead), dirty=True)
            pool._update_cache(lead, decision.pool_id if decision.waits else None, dirty=True)
        self.browse(decisions).invalidate_recordset(["assignment_reason"], flush=False)
