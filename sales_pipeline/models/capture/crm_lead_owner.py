"""Whose a captured lead is: what its source says, else the rules, else the team's turn."""

from collections.abc import Sequence

from odoo import api, models
from odoo.fields import Domain

from ...tools.assignment import Decision
from ...tools.similarity import SAME

_SAME_ADDRESS = {"email_same", "phone_same"}


class CrmLead(models.Model):
    _inherit = "crm.lead"

    @api.model
    def _choose_owners(self, drafts: list, source, team) -> list[int | bool]:
        """Return the owner of each new lead; False where nobody gets it, or nobody yet.

        The first that says something decides: a source that names a person, or nobody; the owner of a known contact,
        where the source asks for it; the assignment rules; the turn of the team. Why it was so is left on the draft as
        its ``decision``, from which ``_prepare_captured_values`` takes it. The caller holds the locks of
        ``_get_assignment_keys`` and of the team's turn.

        :param drafts: ``CaptureDraft`` objects
        """
        decisions = self._decide_by_source(source, drafts)
        asked = [place for place, decision in enumerate(decisions) if decision is None]
        values = self._prepare_rule_values([drafts[place] for place in asked], source, team)
        found = self._decide_by_rules(source.company_id, values)
        for place, decision in zip(asked, found, strict=True):
            decisions[place] = decision
        self._decide_by_turn(decisions, team)
        for draft, decision in zip(drafts, decisions, strict=True):
            draft.decision = decision
        return [decision.user_id for decision in decisions]

    @api.model
    def _decide_by_source(self, source, contacts: Sequence) -> list[Decision | None]:
        """Return what a source says of each of its leads, None where it leaves that to the rules.

        :param contacts: drafts, or anything with ``keys``
        """
        told = [source.id, source.name]
        if source.owner_rule == "nobody":
            return [Decision(False, {"code": "nobody", "source": told}) for _each in contacts]
        if source.owner_rule == "fixed":
            user_id = source.user_id.id
            return [Decision(user_id, {"code": "fixed", "source": told, "user": user_id}) for _each in contacts]
        if source.owner_rule != "known":
            return [None] * len(contacts)
        owners = self._find_known_owners(contacts, source.company_id)
        known = [
            next((owners[key] for key in contact.keys if key in owners), None)
            or self._find_resembled_owner(contact, source.company_id)
            for contact in contacts
        ]
        return [Decision(user_id, {"code": "known", "user": user_id}) if user_id else None for user_id in known]

    @api.model
    def _decide_by_turn(self, decisions: list[Decision | None], team) -> None:
        """Fill the places that are left with the turns of a team."""
        asked = [place for place, decision in enumerate(decisions) if decision is None]
        turns = team._take_turns(len(asked)) if team and asked else []
        members = sorted(team._get_turn_member_ids()) if turns else []
        for number, place in enumerate(asked):
            if not turns:
                decisions[place] = Decision(False, {"code": "none"})
                continue
            user_id = turns[number]
            decisions[place] = Decision(user_id, {
                "code": "turn", "team": [team.id, team.name], "user": user_id,
                "place": members.index(user_id) + 1, "of": len(members),
            })  # fmt: skip

    @api.model
    def _find_resembled_owner(self, contact, company) -> int | None:
        """Return who looks after the contact that this one is by its own address or number, though spelt otherwise.

        The gate has found such contacts already; a likeness of names alone hands nobody over.
        """
        for one in getattr(contact, "similar", ()):
            if one.kind == SAME and _SAME_ADDRESS.intersection(reason.code for reason in one.reasons):
                user = self.env[one.res_model].sudo().browse(one.res_id).exists().user_id
                if user.active and not user.share and company in user.company_ids:
                    return user.id
        return None

    @api.model
    def _find_known_owners(self, drafts: Sequence, company) -> dict[str, int]:
        """Return the user who already looks after each e-mail or phone: the contact's salesperson, else the owner of
        the newest lead or deal, closed ones too. Who has left, or does not work in the company, owns nothing."""
        emails = [key for draft in drafts for key in draft.keys if "@" in key]
        phones = [key for draft in drafts for key in draft.keys if "@" not in key]
        domain = (
            (Domain("email_normalized", "in", emails) | Domain("phone_sanitized", "in", phones))
            & Domain("company_id", "in", [False, company.id])
            & Domain("user_id.active", "=", True) & Domain("user_id.share", "=", False)
            & Domain("user_id.company_ids", "in", company.ids)
        )  # fmt: skip
        if not emails and not phones:
            return {}
        found: dict[str, int] = {}
        # Later ones are laid over earlier ones: the contacts last, the newest lead after older ones.
        for model in (self.with_context(active_test=False), self.env["res.partner"].sudo()):
            for record in model.search(domain, order="id"):
                keys = (record.email_normalized, record.phone_sanitized)
                found.update({key: record.user_id.id for key in keys if key})
        return found
