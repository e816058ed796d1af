"""Whose chosen leads and deals become, many at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from odoo import fields, models
from odoo.exceptions import UserError

from ...tools.assignment import Decision

_MANAGERS = ("sales_pipeline.group_manager", "sales_team.group_sale_manager")
# Travels with the values of a group to where they are written.
_DECISIONS = "decisions"


class PipelineBulk(models.Model):
    _inherit = "pipeline.bulk"

    kind = fields.Selection(selection_add=[("assign", "Assign")], ondelete={"assign": "cascade"})

    def _get_label(self) -> str:
        if self.kind != "assign":
            return super()._get_label()
        if (self.choice or {}).get("by") == "rules":
            return self.env._("Assign by the rules")
        user, team = self._get_new_owner()
        if user:
            return self.env._("Assign to %(name)s", name=user.name)
        if team:
            return self.env._("Assign by turns in %(name)s", name=team.name)
        return self.env._("Assign to nobody")

    def _prepare_choice(self) -> dict[str, Any]:
        if self.kind != "assign":
            return super()._prepare_choice()
        if self.choice.get("by") == "rules":
            if not any(self.env.user.has_group(group) for group in _MANAGERS):
                raise UserError(self.env._("Only managers hand out leads by the rules."))
            return {"by": "rules"}
        user, team = self._get_new_owner()
        if user and (user.share or not user.active or not user.company_ids & self.env.companies):
            raise UserError(self.env._("%(name)s cannot have leads here.", name=user.name))
        if team and not self._with_team_company(team)._get_turn_member_ids():
            raise UserError(self.env._("Nobody takes turns in “%(name)s”. Add members to the team.", name=team.name))
        return {"user_id": user.id, "team_id": team.id}

    def _get_new_owner(self) -> tuple[models.Model, models.Model]:
        """Return the user who gets all, or the team whose members take turns."""
        choice = self.choice or {}
        user = self.env["res.users"].sudo().browse(choice.get("user_id") or []).exists()
        return user, self.env["crm.team"].sudo().browse(choice.get("team_id") or []).exists()

    def _with_team_company(self, team) -> models.Model:
        """Return the team in the company whose members take turns."""
        return team.with_company(team.company_id or self.company_id)

    def _get_touched_fields(self) -> tuple[str, ...]:
        return ("user_id", "team_id") if self.kind == "assign" else super()._get_touched_fields()

    def _get_lock_keys(self) -> list[str]:
        keys = super()._get_lock_keys()
        if self.kind != "assign":
            return keys
        if self.choice.get("by") != "rules":
            return [*keys, self._get_new_owner()[1]._get_turn_key()]
        companies = self.env["res.company"].browse(self.asker_context["allowed_company_ids"])
        pools = [key for company in companies for key in self.env["crm.lead"]._get_assignment_keys(company)]
        teams = self.env["crm.team"].search([("company_id", "in", [False, *companies.ids])])
        return [*keys, *pools, *(team._get_turn_key() for team in teams)]

    def _prepare_groups(self, leads) -> list[tuple[models.Model, dict[str, Any] | str]]:
        if self.kind != "assign":
            return super()._prepare_groups(leads)
        if self.choice.get("by") == "rules":
            return self._group_by_rules(leads)
        user, team = self._get_new_owner()
        if not team:
            others = leads.filtered(lambda lead: lead.user_id != user)
            return self._group_by_team(others, user) if user else [(others, {"user_id": False})]
        turns = self._with_team_company(team)._take_turns(len(leads))
        by_owner: dict[int, list[int]] = {}
        for lead, owner_id in zip(leads, turns, strict=False):
            by_owner.setdefault(owner_id, []).append(lead.id)
        return [(leads.browse(ids), {"user_id": owner, "team_id": team.id}) for owner, ids in by_owner.items()]

    def _group_by_rules(self, leads) -> list[tuple[models.Model, dict[str, Any] | str]]:
        """Return which leads go to whom by their sources, the rules and the teams, as leads that nobody has do."""
        decisions, by_company = {}, {}
        for lead, company in leads.sudo()._get_companies().items():
            by_company.setdefault(company, []).append(lead.id)
        for company, ids in by_company.items():
            decisions |= leads.sudo().browse(ids).with_company(company)._decide_backlog(company)
        groups: dict[tuple, list[int]] = {}
        for lead in leads:
            decision = decisions[lead.id]
            team_id = decision.team_id or lead.sudo().team_id.id
            groups.setdefault((decision.user_id, team_id if decision.user_id else False), []).append(lead.id)
        return [
            (leads.browse(ids), {"user_id": user_id, "team_id": team_id, _DECISIONS: decisions})
            if user_id else (leads.browse(ids), "nobody")
            for (user_id, team_id), ids in groups.items()
        ]  # fmt: skip

    def _apply_group(self, leads, values: dict[str, Any]) -> None:
        decisions = values.pop(_DECISIONS, None) or self._decide_by_hand(leads, values)
        with self._keeping_team(leads, values):
            super()._apply_group(leads, values)
        leads.sudo()._put_reasons({id_: decisions[id_] for id_ in leads.ids if id_ in decisions})

    def _take_back(self, leads, rows: dict[int, dict[str, Any]]) -> dict[int, dict[str, Any]]:
        if self.kind == "assign":
            # Former owners come one by one: what each write asks of them is read here at once.
            owners = self.env["res.users"].sudo().browse({row["old"]["user_id"] for row in rows.values()} - {False})
            owners.exists().mapped(lambda owner: (owner.company_ids, owner.partner_id.name))
        return super()._take_back(leads, rows)

    def _restore_group(self, leads, old: dict[str, Any]) -> None:
        decisions = self._decide_by_hand(leads, old)
        with self._keeping_team(leads, old):
            super()._restore_group(leads, old)
        leads.sudo()._put_reasons(decisions)

    def _decide_by_hand(self, leads, values: dict[str, Any]) -> dict[int, Decision]:
        """Return what the moment of a new owner would note of leads that get another one: said now, it needs no
        statement of its own."""
        actor = self.env["pipeline.event"]._get_actor()
        if self.kind != "assign" or "user_id" not in values or not actor:
            return {}
        user_id = values["user_id"]
        decision = Decision(user_id, {"code": "manual", "by": actor, "user": user_id})
        return {lead.id: decision for lead in leads.sudo() if lead.user_id.id != user_id}

    @contextmanager
    def _keeping_team(self, leads, values: dict[str, Any]) -> Iterator[None]:
        """Take a team that all have already out of values, and keep it: written again, all that follows from a team
        would be worked out anew."""
        if self.kind != "assign" or any(lead.team_id.id != values.get("team_id", -1) for lead in leads.sudo()):
            yield
            return
        del values["team_id"]
        with self.env.protecting([leads._fields["team_id"]], leads):
            yield

    def _group_by_team(self, leads, user) -> list[tuple[models.Model, dict[str, Any]]]:
        """Return which leads go to the user in which team, as Odoo chooses it, but asked once and not lead by lead."""
        groups: dict[int | None, list[int]] = {}
        defaults: dict[str, int] = {}
        members = {team: user in (team.member_ids | team.user_id) for team in leads.sudo().team_id}
        for lead in leads:
            if members.get(lead.sudo().team_id):
                groups.setdefault(None, []).append(lead.id)
                continue
            if lead.type not in defaults:
                wanted = [("use_leads" if lead.type == "lead" else "use_opportunities", "=", True)]
                defaults[lead.type] = self.env["crm.team"]._get_default_team_id(user_id=user.id, domain=wanted).id
            groups.setdefault(defaults[lead.type], []).append(lead.id)
        stays = {"user_id": user.id}
        return [
            (leads.browse(ids), stays if team_id is None else {**stays, "team_id": team_id})
            for team_id, ids in groups.items()
        ]
