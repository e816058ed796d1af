"""Assignment rules: who gets a lead that is about to be stored, and why."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from odoo import api, fields, models

from ...tools.assignment import Decision, Turn


class Contact(NamedTuple):
    """As much of a stored lead as the search for a known owner needs."""

    keys: tuple[str, ...]


class CrmLead(models.Model):
    _inherit = "crm.lead"

    assignment_facts = fields.Json("Why Assigned", readonly=True, copy=False)
    waiting_pool_id = fields.Many2one(
        "pipeline.assignment.pool", "Waits In", readonly=True, copy=False, index="btree_not_null",
        help="The pool whose next working member gets this lead.",
    )  # fmt: skip

    # ---- locks

    @api.model
    def _get_assignment_keys(self, company) -> list[str]:
        """Return the lock keys of every pool that the rules of a company may ask."""
        return [pool._get_lock_key() for pool in self.env["pipeline.assignment.rule"]._get_rules(company).pool_id]

    # ---- decisions

    @api.model
    def _prepare_rule_values(self, drafts: Sequence, source, team) -> list[Mapping[str, Any]]:
        """Return the values that rules are asked with; empty ones where there are no rules."""
        if not drafts or not self.env["pipeline.assignment.rule"]._get_rules(source.company_id):
            return [{} for _draft in drafts]
        found = self.env["pipeline.capture.lookup"]._find_all(drafts)
        return [self._prepare_captured_values(draft, source, team, False, found) for draft in drafts]

    @api.model
    def _decide_by_rules(
        self, company, values_list: Sequence[Mapping[str, Any]], is_trial: bool = False
    ) -> list[Decision | None]:
        """Return what the rules of a company say of leads with these values, None where no rule fits.

        :param is_trial: take no turns
        """
        rules = self.env["pipeline.assignment.rule"]._get_rules(company)
        if not rules:
            return [None] * len(values_list)
        return self._decide_by_found_rules(rules._find_for_values(values_list), is_trial)

    @api.model
    def _decide_by_found_rules(self, found: Sequence, is_trial: bool = False) -> list[Decision | None]:
        """Return what the pool of each lead's rule says; None where the rule is empty.

        :param found: for each lead the rule that fits it
        """
        decisions: list[Decision | None] = [None] * len(found)
        places: dict[Any, list[int]] = {}
        for place, rule in enumerate(found):
            if rule:
                places.setdefault(rule.pool_id, []).append(place)
        for pool, wanted in places.items():
            turns = pool._take(len(wanted), is_trial=is_trial)
            for place, turn in zip(wanted, turns, strict=True):
                decisions[place] = self._make_decision(found[place], pool, turn)
            if not is_trial and any(turn.user_id is None and turn.absent for turn in turns):
                pool._wake_when_somebody_is_in()
        return decisions

    @api.model
    def _make_decision(self, rule, pool, turn: Turn) -> Decision:
        why = {"pool": [pool.id, pool.name], "absent": list(turn.absent), "full": list(turn.full)}
        if rule:
            why["rule"] = [rule.id, rule.name]
        if turn.user_id is None:
            code = "waits" if turn.absent else "full" if turn.full else "empty"
            return Decision(False, {**why, "code": code, "user": False}, pool.id, pool.team_id.id, waits=True)
        why |= {"code": "pool", "user": turn.user_id, "place": turn.place, "of": turn.count}
        why |= {name: True for name in ("anyway", "made_up") if getattr(turn, f"is_{name}")}
        return Decision(turn.user_id, why, pool.id, pool.team_id.id)

    def _decide_as_trial(self, company, rule) -> Decision:
        """Return who would get this lead, were it new; no turn is taken."""
        self.ensure_one()
        source = self.pipeline_source_id
        keys = tuple(key for key in (self.email_normalized, self.phone_sanitized) if key)
        [decision] = self._decide_by_source(source, [Contact(keys)]) if source else [None]
        decision = decision or self._decide_by_found_rules([rule], is_trial=True)[0]
        team = self._get_turn_team() or self._get_fallback_team(company)
        return decision or Decision(False, {"code": "team" if team else "none", "team": [team.id, team.name]})

    @api.model
    def _prepare_decision_values(self, decision: Decision) -> dict[str, Any]:
        """Return the values of a lead that a decision is about (door)."""
        values: dict[str, Any] = {
            "user_id": decision.user_id,
            "assignment_facts": decision.why or False,
            "waiting_pool_id": decision.pool_id if decision.waits else False,
        }
        if decision.team_id:
            values["team_id"] = decision.team_id
        return values

    @api.model
    def _prepare_captured_values(self, draft, source, team, owner_id, found) -> dict[str, Any]:
        values = super()._prepare_captured_values(draft, source, team, owner_id, found)
        if draft.decision:
            values.update(self._prepare_decision_values(draft.decision))
        return values

    # ---- manual entry

    @api.model
    def _prepare_entry_owner(self, vals: Mapping[str, Any], team) -> dict[str, Any]:
        """Return the values that say whose a typed lead is: who was named, else the rules', else the team's turn.

        Who may not make a lead for every one of those keeps what is typed.
        """
        mine = Decision(self.env.uid, {"code": "manual", "by": self.env.uid, "user": self.env.uid})
        if named := vals.get("user_id"):
            return self._prepare_decision_values(Decision(named, {**mine.why, "user": named}))
        company = self.env["res.company"].browse(vals.get("company_id")) or self.env.company
        model = self.sudo().with_company(company)
        rules = self.env["pipeline.assignment.rule"]._get_rules(company)
        [rule] = rules._find_for_values([vals])
        if not rule and not team:
            may_leave = self._may_hand_out(vals, [False])
            return self._prepare_decision_values(Decision(False, {"code": "none"}) if may_leave else mine)
        candidates = rule.pool_id._get_candidate_ids() if rule else team._get_turn_member_ids()
        if not self._may_hand_out(vals, candidates):
            return self._prepare_decision_values(mine)
        decisions = model._decide_by_found_rules([rule])
        model._decide_by_turn(decisions, team)
        return self._prepare_decision_values(decisions[0])

    # ---- moments

    def _get_change_facts(self, kind: str) -> dict[str, Any]:
        facts = super()._get_change_facts(kind)
        if kind not in ("assigned", "captured"):
            return facts
        # Read once: each reading copies them.
        why = self.assignment_facts or {}
        return {**facts, **self._get_decision_facts(why)} if why or kind == "assigned" else facts

    def _get_decision_facts(self, why: Mapping[str, Any]) -> dict[str, Any]:
        """Return the small part of a decision that the event log keeps."""
        if why.get("user", False) != self.user_id.id:
            return {"why": "manual"}
        return {"why": why.get("code")} | {name: why[name][0] for name in ("rule", "pool") if why.get(name)}

    def _is_decided(self) -> bool:
        """Return whether the owner is the one whom the last decision named."""
        return (self.assignment_facts or {}).get("user", False) == self.user_id.id

    def _on_assigned(self, old_user_ids: dict[int, int]) -> None:
        super()._on_assigned(old_user_ids)
        actor = self.env["pipeline.event"]._get_actor()
        changed = self.filtered(lambda lead: not lead._is_decided())
        for user, leads in changed.grouped("user_id").items():
            facts = {"code": "manual" if actor else "other", "by": actor, "user": user.id}
            leads.write({"assignment_facts": facts, "waiting_pool_id": False})
