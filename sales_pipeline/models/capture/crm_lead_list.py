"""Many rows of a list become leads at once: the same rules as for one capture, asked and written in sets."""

from collections.abc import Sequence
from typing import Any

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.capture_draft import CaptureDraft, CaptureResult
from ...tools.contact_keys import contact_keys
from ...tools.gate import Twin, is_trusted
from ...tools.list_row import ListResult
from ...tools.similarity import classify, compare
from ..rows import insert_rows
from .pipeline_contact import KNOWN_CONTACTS


class CrmLead(models.Model):
    _inherit = "crm.lead"

    # ---- use case

    @api.model
    def _capture_list(self, drafts: Sequence[CaptureDraft], source) -> list[ListResult]:
        """Turn many captured contacts into leads, written set-based.

        The caller holds their locks and the team's turn, and has asked ``_get_insert_obstacles``. Who is spelt
        otherwise is met where a mailbox, number or identifier shows it; slips are left to the search over the base.
        """
        source = source.sudo()
        model = self.sudo().with_company(source.company_id)
        refusals = {draft.index: refusal for draft in drafts if (refusal := draft.get_refusal(source))}
        asked = [draft for draft in drafts if draft.index not in refusals]
        fresh, met = model._meet_list(asked, source.company_id)
        model._create_list(fresh, source)
        for target, draft in met:
            draft.lead_id = target.lead_id if isinstance(target, CaptureDraft) else target.id
        again = [(model.browse(draft.lead_id), draft) for _target, draft in met]
        filled, touches = model._add_list_touches(again, source)
        model._tell_spellings(again)
        results = dict(refusals)
        for draft in fresh:
            results[draft.index] = CaptureResult("created", draft.lead_id, has_no_contact=not draft.keys)
        for _lead, draft in again:
            likeness = draft.match and draft.get_likeness()
            results[draft.index] = CaptureResult("duplicate", draft.lead_id, likeness=likeness)
        return [
            ListResult(results[place], filled.get(place, {}), touches.get(place, ()))
            for place in (draft.index for draft in drafts)
        ]

    @api.model
    def _meet_list(self, drafts: Sequence[CaptureDraft], company) -> tuple[list, list[tuple]]:
        """Part the rows that are nobody yet from those that meet a known lead, or an earlier row; writes nothing.

        :return: new drafts, and pairs of whom a draft met, a lead or an earlier draft, and the draft
        """
        exact = self._find_exact(drafts, company)
        likely = self._find_same_open([draft for draft in drafts if not exact.keys() & set(draft.keys)], company)
        earlier: dict[Any, CaptureDraft] = {}
        fresh, met = [], []
        for draft in drafts:
            strong = [key for key, is_strong in contact_keys(draft.contact).items() if is_strong]
            target = next((exact[key] for key in draft.keys if key in exact), None)
            if target is None:
                target = likely.get(draft)
            if target is None:
                target = _meet_earlier(draft, strong, earlier, company)
            if target is None:
                fresh.append(draft)
                earlier.update({key: draft for key in (*draft.keys, *strong) if key not in earlier})
            else:
                met.append((target, draft))
        return fresh, met

    @api.model
    def _find_same_open(self, drafts: Sequence[CaptureDraft], company) -> dict[CaptureDraft, Any]:
        """Return the open lead or deal that each contact is taken for though it is spelt otherwise."""
        answers = self.env["pipeline.contact"]._find_same([draft.contact for draft in drafts], company)
        ids = {one.res_id for answer in answers for one in answer if one.res_model == self._name}
        open_leads = {lead.id: lead for lead in self.search(self._get_open_domain(ids, company))} if ids else {}
        found = {}
        for draft, answer in zip(drafts, answers, strict=True):
            draft.match = next((one for one in answer if self._may_take(one, open_leads)), None)
            if draft.match:
                found[draft] = open_leads[draft.match.res_id]
        return found

    # ---- writing

    @api.model
    def _create_list(self, drafts: Sequence[CaptureDraft], source) -> "CrmLead":
        if not drafts:
            return self.browse()
        source._find_referrals(drafts)
        values = self._prepare_captured_list(drafts, source)
        leads = self._insert_many(values)
        for draft, lead in zip(drafts, leads, strict=True):
            draft.lead_id = lead.id
        self._insert_touches(drafts, leads, source)
        self.env.cr.cache[KNOWN_CONTACTS] = {
            lead.id: (source.company_id.id or None, draft.contact)
            for lead, draft in zip(leads, drafts, strict=True)
        }
        leads._on_created()
        leads._on_captured([draft.captured for draft in drafts])
        self.env.cr.cache.pop(KNOWN_CONTACTS, None)
        return leads

    @api.model
    def _insert_touches(self, drafts: list, leads, source) -> None:
        now = fields.Datetime.now()
        rows = [
            values for draft, lead in zip(drafts, leads, strict=True)
            for values in draft.prepare_touches(lead, source, now)
        ]  # fmt: skip
        insert_rows(self.env, "pipeline_touch", rows)

    @api.model
    def _add_list_touches(self, again: list[tuple], source) -> tuple[dict[int, dict], dict[int, tuple]]:
        """Add touches to known leads; return by place what was filled in, and which touches were added."""
        if not again:
            return {}, {}
        self.env.cr.execute(SQL("SELECT coalesce(max(id), 0) FROM pipeline_touch"))
        last = self.env.cr.fetchone()[0]
        leads = self.browse(dict.fromkeys(lead.id for lead, _draft in again))
        names = [name for name in again[0][1].prepare_contact_values() if name in self._fields]
        before = {lead.id: {name for name in names if lead[name]} for lead in leads}
        self._add_touches(again, source)
        filled: dict[int, dict] = {}
        for lead, draft in again:
            given = draft.prepare_contact_values()
            fresh = {name: lead[name] for name in names if lead[name] and given[name] and name not in before[lead.id]}
            before[lead.id] |= fresh.keys()
            filled[draft.index] = {
                name: str(value) if isinstance(value, str) else value for name, value in fresh.items()
            }  # fmt: skip
        added = self.env["pipeline.touch"].search([("id", ">", last), ("lead_id", "in", leads.ids)], order="id")
        queues = {lead: list(touches.ids) for lead, touches in added.grouped("lead_id").items()}
        places = {lead: draft.index for lead, draft in reversed(again)}
        return filled, {places[lead]: tuple(ids) for lead, ids in queues.items() if lead in places}


def _meet_earlier(draft: CaptureDraft, strong: list[int], earlier: dict[Any, CaptureDraft], company):
    """Return the earlier row that is the same contact; the draft learns by what, if it is spelt otherwise."""
    for key in draft.keys:
        if key in earlier:
            return earlier[key]
    for one in {earlier[key]: True for key in strong if key in earlier}:
        found = compare(draft.contact, one.contact)
        kind = classify(found.score, company.duplicate_ask_score, company.duplicate_same_score)
        if is_trusted(kind, found.reasons):
            draft.match = Twin(one, found.score, kind, found.reasons)
            return one
    return None
