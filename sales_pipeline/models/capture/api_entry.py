"""Leads that programs send: the same gate, rules and events as for every other entry, with the caller's rights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from odoo import api, fields, models

from ...providers.capture.lead import CapturedLead
from ...tools.assignment import Decision
from ...tools.attribution import Attribution
from ...tools.capture_draft import CaptureDraft
from ...tools.duplicates import Candidate
from ...tools.similarity import SAME
from ..locks import key_lock

_MOST_SHOWN = 10


@dataclass(frozen=True)
class ApiEntry:
    """A lead that a program sends.

    :param values: values for the ORM; without ``user_id`` the assignment decides
    :param tags: names, which are looked up, or made, once the locks are held
    """

    values: Mapping[str, Any]
    attribution: Attribution = field(default_factory=Attribution)
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class EntryResult:
    """What became of an entry.

    :param outcome: ``created``, ``attached`` (``lead`` is the known one), ``duplicate`` or ``failed``
    :param candidates: whom a duplicate resembles, as far as the caller may see them
    :param hidden: how many more there are
    :param error: why it failed
    """

    outcome: str
    lead: Any = None
    candidates: tuple[Mapping[str, Any], ...] = ()
    hidden: int = 0
    error: Exception | None = None


class CrmLead(models.Model):
    _inherit = "crm.lead"

    # ---- use case

    @api.model
    def _enter_by_api(self, entry: ApiEntry, company, on_duplicate: str) -> EntryResult:
        """Create the lead that a program sends, unless the contact is known.

        :param on_duplicate: ``reject``, ``attach`` (a touch for the known lead) or ``create``
        :raise AccessError: when the user may not make leads, or not for that owner
        """
        [draft], team = self._read_api_entries([entry], company)
        _fresh, again = self.sudo()._pass_gate([draft], company)
        if again and on_duplicate != "create":
            return self._meet_by_api(again[0][0], draft, entry, on_duplicate, company)
        [lead] = self._create_api_leads([(draft, entry)], company, team)
        if again:
            [draft.similar] = self.env["pipeline.contact"].sudo()._find_duplicates(
                [draft.contact], company, [{(self._name, lead.id)}]
            )
        self._note_similar([draft])
        return EntryResult("created", lead)

    # ---- what was sent

    @api.model
    def _read_api_entries(self, entries: Sequence[ApiEntry], company) -> tuple[list[CaptureDraft], Any]:
        """Return drafts of what was sent, and the team whose turn it may be; the locks of both are held."""
        # Asked before the look-up with sudo, whose answer would tell a stranger who is known here.
        self.browse().check_access("create")
        drafts = [self._read_api_entry(entry, place, company) for place, entry in enumerate(entries)]
        team = self._get_fallback_team(company).with_company(company)
        keys = [*self._get_contact_locks(drafts, company), *self._get_assignment_keys(company)]
        key_lock(self.env, *keys, team._get_turn_key())
        return drafts, team

    @api.model
    def _read_api_entry(self, entry: ApiEntry, place: int, company) -> CaptureDraft:
        values = entry.values
        country = self.env["res.country"].browse(values.get("country_id"))
        captured = CapturedLead(
            channel=values["capture_channel"], name=values.get("contact_name") or None,
            company_name=values.get("partner_name") or None, email=values.get("email_from") or None,
            phone=values.get("phone") or None, whatsapp=values.get("whatsapp") or None,
            job_title=values.get("function") or None, street=values.get("street") or None,
            city=values.get("city") or None, zip=values.get("zip") or None, country_code=country.code or None,
            prospective_type=values.get("prospective_type") or None, temperature=values.get("temperature") or None,
            tags=entry.tags, attribution=entry.attribution,
        )  # fmt: skip
        draft = CaptureDraft(captured, place, country.code or company._get_country_code())
        draft.contact = self._read_typed(values, company)
        return draft

    # ---- new

    @api.model
    def _create_api_leads(self, pairs: Sequence[tuple[CaptureDraft, ApiEntry]], company, team):
        """Create new leads as the acting user, whose record rules decide, and tell of them."""
        found = self.env["pipeline.capture.lookup"]._find_all([draft for draft, _entry in pairs])
        values_list = [{**entry.values, **self._prepare_api_origin(draft, found)} for draft, entry in pairs]
        for values, owner in zip(values_list, self._prepare_api_owners(values_list, company, team), strict=True):
            values.update(owner)
        # The event log tells the creation; Odoo's notes, tracking and subscriptions would be most of the cost.
        quiet = self.with_context(tracking_disable=True)
        leads = quiet.create(self._add_first_stages(values_list)).with_env(self.env)
        known = leads.sudo()
        known._subscribe_followers()
        for (draft, _entry), lead in zip(pairs, leads, strict=True):
            draft.lead_id = lead.id
        self._add_api_touches([(lead, draft) for (draft, _entry), lead in zip(pairs, known, strict=True)], company)
        known._on_captured([draft.captured for draft, _entry in pairs])
        return leads

    @api.model
    def _prepare_api_owners(self, values_list: Sequence[Mapping[str, Any]], company, team) -> list[dict[str, Any]]:
        """Return the values that say whose each lead is, as ``_prepare_entry_owner`` does for what a person types.

        Leads of one rule are asked about once; the record rules judge each of them when it is created.
        """
        mine = Decision(self.env.uid, {"code": "manual", "by": self.env.uid, "user": self.env.uid})
        decisions: list[Decision | None] = [None] * len(values_list)
        asked = []
        for place, values in enumerate(values_list):
            if "user_id" in values:
                named = values["user_id"] or False
                decisions[place] = Decision(named, {**mine.why, "user": named})
            else:
                asked.append(place)
        rules = self.env["pipeline.assignment.rule"]._get_rules(company)
        found = dict(zip(asked, rules._find_for_values([values_list[place] for place in asked]), strict=True))
        may = {}
        for place, rule in found.items():
            if rule not in may:
                may[rule] = self._may_be_given(values_list[place], rule, team)
            if not may[rule]:
                decisions[place] = mine
        model = self.sudo().with_company(company)
        left = [place for place in asked if decisions[place] is None]
        decided = model._decide_by_found_rules([found[place] for place in left])
        model._decide_by_turn(decided, team)
        for place, decision in zip(left, decided, strict=True):
            decisions[place] = decision
        return self._add_api_teams(decisions, set(left), team)

    @api.model
    def _may_be_given(self, values: Mapping[str, Any], rule, team) -> bool:
        """Return whether the user may make such a lead for everybody whom a rule, or the team's turn, may choose."""
        candidates = rule.pool_id._get_candidate_ids() if rule else team._get_turn_member_ids() if team else []
        destination = (rule and rule.pool_id.team_id) or team
        return self._may_hand_out({**values, "team_id": destination.id}, candidates or [False])

    @api.model
    def _add_api_teams(self, decisions: Sequence[Decision], handed_out: set[int], team) -> list[dict[str, Any]]:
        teams: dict[int, int] = {}
        prepared = []
        for place, decision in enumerate(decisions):
            owner = self._prepare_decision_values(decision)
            if place not in handed_out:
                # What is left to nobody is left to the team of who says so.
                named = decision.user_id or self.env.uid
                if named not in teams:
                    teams[named] = self.env["crm.team"]._get_default_team_id(user_id=named).id
                owner.setdefault("team_id", teams[named])
            prepared.append({"team_id": team.id, **owner})
        return prepared

    @api.model
    def _prepare_api_origin(self, draft: CaptureDraft, found) -> dict[str, Any]:
        captured = draft.captured
        utm = captured.attribution
        return {
            "tag_ids": [fields.Command.set([found("crm.tag", name) for name in captured.tags])],
            "source_id": found("utm.source", utm.utm_source),
            "medium_id": found("utm.medium", utm.utm_medium),
            "campaign_id": found("utm.campaign", utm.utm_campaign),
            "utm_term": utm.utm_term,
            "utm_content": utm.utm_content,
            "click_ids": dict(utm.click_ids) or False,
            "referrer_url": utm.referrer_url,
            "landing_page_url": utm.landing_page_url,
        }

    # ---- known

    @api.model
    def _meet_by_api(self, known, draft: CaptureDraft, entry: ApiEntry, on_duplicate: str, company) -> EntryResult:
        """Add to a known lead what a program sent again, or refuse it."""
        lead = known.with_env(self.env)
        may_see = lead.has_access("read")
        if on_duplicate == "attach" and may_see:
            self._attach_by_api(known, draft, entry, company)
            return EntryResult("attached", lead)
        if on_duplicate == "attach":
            return EntryResult("duplicate", None, (), 1)
        candidates, hidden = self._describe_known(known, draft, company)
        return EntryResult("duplicate", lead if may_see else None, candidates, hidden)

    @api.model
    def _attach_by_api(self, known, draft: CaptureDraft, entry: ApiEntry, company) -> None:
        self._add_api_touches([(known, draft)], company)
        blanks = {
            name: value for name, value in draft.prepare_contact_values().items()
            if value and not known[name] and name != "description"
        }  # fmt: skip
        if blanks:
            known.write(blanks)
        if entry.values.get("description"):
            known.message_post(body=entry.values["description"])
        draft.lead_id = known.id
        known._on_captured_again([draft.captured])
        known._tell_spellings([(known, draft)])

    @api.model
    def _add_api_touches(self, met: Sequence[tuple], company) -> None:
        now = fields.Datetime.now()
        nowhere = self.env["pipeline.source"]
        self.env["pipeline.touch"].sudo().create([
            {**draft.prepare_touch_values(lead, nowhere, now), "company_id": company.id} for lead, draft in met
        ])  # fmt: skip

    # ---- whom the caller may hear of

    @api.model
    def _describe_known(self, known, draft: CaptureDraft, company) -> tuple[tuple[dict[str, Any], ...], int]:
        """Return whom a contact resembles as far as the caller may see them, and how many more there are."""
        [found] = self.env["pipeline.contact"].sudo()._find_duplicates([draft.contact], company)
        if not any(one.res_model == self._name and one.res_id == known.id for one in found):
            found = [Candidate(self._name, known.id, 1.0, SAME, ()), *found]
        visible = self.env["pipeline.contact"]._get_visible(found)
        shown = tuple(self._describe_api_candidate(one) for one in visible.candidates[:_MOST_SHOWN])
        return shown, visible.hidden_same + visible.hidden_ask

    @api.model
    def _describe_api_candidate(self, candidate: Candidate) -> dict[str, Any]:
        told = self._describe_candidate(candidate)
        record = self.env[candidate.res_model].browse(candidate.res_id).sudo()
        kind, uuid = "contact", None
        if candidate.res_model == self._name:
            kind, uuid = "lead" if record.lead_status else "opportunity", record.uuid
        elif candidate.customer_id:
            kind, uuid = "customer", self.env["pipeline.customer"].sudo().browse(candidate.customer_id).uuid
        return {
            "entity_type": kind, "id": uuid, "name": told["name"], "owner": told["owner"] or None,
            "status": told["status"] or None, "is_same": told["is_same"], "reasons": told["reasons"],
        }  # fmt: skip
