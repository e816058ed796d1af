"""Many leads that a program sends at once: one lock, one gate, one batch; each row has an outcome of its own."""

from collections.abc import Sequence

import psycopg2
from odoo import api, models
from odoo.exceptions import UserError

from ...tools.capture_draft import CaptureDraft
from ..pipeline_lane_mixin import CONCURRENT_CHANGES
from .api_entry import ApiEntry, EntryResult


class CrmLead(models.Model):
    _inherit = "crm.lead"

    @api.model
    def _enter_many_by_api(self, entries: Sequence[ApiEntry], company, on_duplicate: str) -> list[EntryResult]:
        """Do for each entry what ``_enter_by_api`` does for one; a row that fails leaves the others alone.

        :param on_duplicate: also for rows that are the same as an earlier one
        """
        if not entries:
            return []
        drafts, team = self._read_api_entries(entries, company)
        fresh, again = self.sudo()._pass_gate(drafts, company)
        again += [(draft, follower) for draft in fresh for follower in draft.followers]
        wanted = drafts if on_duplicate == "create" else fresh
        results = self._create_each([(draft, entries[draft.index]) for draft in wanted], company, team)
        made = [draft for draft in wanted if results[draft.index].lead]
        if on_duplicate == "create":
            self._find_similar_anew([draft for _target, draft in again if draft.lead_id], company)
        else:
            for target, draft in again:
                results[draft.index] = self._meet_each(target, draft, entries[draft.index], on_duplicate, company)
        self._note_similar(made)
        return [results[place] for place in range(len(entries))]

    @api.model
    def _create_each(self, pairs: Sequence[tuple[CaptureDraft, ApiEntry]], company, team) -> dict[int, EntryResult]:
        """Create leads in one batch; only where it fails, one by one."""
        if not pairs:
            return {}
        try:
            with self.env.cr.savepoint():
                leads = self._create_api_leads(pairs, company, team)
        except CONCURRENT_CHANGES:
            raise
        except (UserError, psycopg2.Error) as error:
            for draft, _entry in pairs:
                draft.lead_id = None
            if len(pairs) == 1:
                return {pairs[0][0].index: EntryResult("failed", error=error)}
            found = {}
            for pair in pairs:
                found |= self._create_each([pair], company, team)
            return found
        return {
            draft.index: EntryResult("created", lead) for (draft, _entry), lead in zip(pairs, leads, strict=True)
        }  # fmt: skip

    @api.model
    def _meet_each(self, target, draft: CaptureDraft, entry: ApiEntry, on_duplicate: str, company) -> EntryResult:
        if isinstance(target, CaptureDraft):
            # The row that this one follows made no lead, so there is nobody to be the same as.
            if not target.lead_id:
                return EntryResult("duplicate")
            target = self.sudo().browse(target.lead_id)
        return self._meet_by_api(target, draft, entry, on_duplicate, company)

    @api.model
    def _find_similar_anew(self, drafts: Sequence[CaptureDraft], company) -> None:
        """Let drafts that were met exactly, and were made all the same, know whom they resemble."""
        if not drafts:
            return
        self.env["pipeline.moments.mixin"]._flush_moments()
        own = [{(self._name, draft.lead_id)} for draft in drafts]
        contacts = [draft.contact for draft in drafts]
        answers = self.env["pipeline.contact"].sudo()._find_duplicates(contacts, company, own)
        for draft, answer in zip(drafts, answers, strict=True):
            draft.similar = answer
