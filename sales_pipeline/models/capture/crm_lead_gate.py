"""The gate that every new contact passes: the same as somebody known, like somebody known, or new."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup
from odoo import api, models
from odoo.fields import Domain

from ...tools.capture_draft import CaptureDraft
from ...tools.duplicates import Candidate
from ...tools.gate import Batch, is_trusted

# More pairs than a person would look through are left to the search over the base.
_MOST_NOTED = 10


class CrmLead(models.Model):
    _inherit = "crm.lead"

    # ---- use case

    @api.model
    def _pass_gate(self, drafts: Sequence[CaptureDraft], company) -> tuple[list[CaptureDraft], list[tuple]]:
        """Part contacts that are nobody yet from those of known leads and deals.

        Exact first: the same e-mail or phone as an open lead or deal. Then who is spelt otherwise, where a machine may
        trust it. Whoever only resembles somebody is new; ``_note_similar`` shows the two to a person.

        :param drafts: the contacts of a batch; the caller holds the locks of ``_get_contact_locks``
        :param company: whose leads and thresholds count
        :return: the drafts of new leads, with those of the batch that are the same in ``followers``, and pairs of a
            known lead and the draft that met it
        """
        known = self._find_exact(drafts, company)
        likely = self._find_likely([draft for draft in drafts if not known.keys() & set(draft.keys)], company)
        batch = Batch(company.duplicate_ask_score, company.duplicate_same_score)
        fresh: list[CaptureDraft] = []
        again: list[tuple] = []
        leads: dict[CaptureDraft, Any] = {}
        for draft in drafts:
            draft.twins = batch.meet(draft, draft.contact)
            target = next((known[key] for key in draft.keys if key in known), None)
            if target is None:
                target = likely.get(draft)
            if target is None:
                target = self._find_twin(draft, leads)
            leads[draft] = draft if target is None else target
            if target is None:
                fresh.append(draft)
                known.update(dict.fromkeys(draft.keys, draft))
            elif isinstance(target, CaptureDraft):
                target.followers.append(draft)
            else:
                draft.lead_id = target.id
                again.append((target, draft))
        return fresh, again

    @api.model
    def _find_likely(self, drafts: list[CaptureDraft], company) -> dict[CaptureDraft, Any]:
        """Return the open lead or deal that each contact is taken for though it is spelt otherwise.

        The drafts learn whom else they resemble (``similar``), and what they were taken for (``match``).
        """
        if not drafts:
            return {}
        # What this transaction made is known by its keys only once its moments were told.
        self.env["pipeline.moments.mixin"]._flush_moments()
        answers = self.env["pipeline.contact"].sudo()._find_duplicates([draft.contact for draft in drafts], company)
        trusted = {
            one.res_id for answer in answers for one in answer
            if one.res_model == self._name and is_trusted(one.kind, one.reasons)
        }  # fmt: skip
        open_leads = {lead.id: lead for lead in self.search(self._get_open_domain(trusted, company))}
        found = {}
        for draft, answer in zip(drafts, answers, strict=True):
            draft.similar = answer
            match = next((one for one in answer if self._may_take(one, open_leads)), None)
            if match:
                draft.match, found[draft] = match, open_leads[match.res_id]
        return found

    @api.model
    def _may_take(self, candidate: Candidate, open_leads: dict[int, Any]) -> bool:
        is_open = candidate.res_model == self._name and candidate.res_id in open_leads
        return is_open and is_trusted(candidate.kind, candidate.reasons)

    @api.model
    def _get_open_domain(self, ids, company) -> Domain:
        return (
            Domain("id", "in", list(ids)) & Domain("won_status", "=", "pending")
            & Domain("company_id", "in", [False, company.id]) & self._get_duplicate_domain()
        )  # fmt: skip

    @api.model
    def _find_twin(self, draft: CaptureDraft, leads: dict[CaptureDraft, Any]):
        """Return the lead, or the draft of a new one, that another spelling earlier in the batch belongs to."""
        twin = next((one for one in draft.twins if is_trusted(one.kind, one.reasons)), None)
        if twin is None:
            return None
        draft.match = twin
        return leads[twin.item]

    @api.model
    def _get_contact_locks(self, drafts: Sequence[CaptureDraft], company) -> list[str]:
        """Return the keys that keep two spellings of one contact from passing the gate at once."""
        return sorted({f"contact:{company.id}:{key}" for draft in drafts for key in draft.lock_keys})

    # ---- what a person is told

    @api.model
    def _note_similar(self, drafts: Sequence[CaptureDraft]) -> None:
        """Put down whom new leads resemble, for a person to decide.

        :param drafts: drafts that became leads
        """
        answers = {}
        for draft in drafts:
            others = {(one.res_model, one.res_id): one for one in draft.get_candidates()}
            others.pop((self._name, draft.lead_id), None)
            if others:
                answers[draft.lead_id] = list(others.values())[:_MOST_NOTED]
        if answers:
            self.env["pipeline.duplicate"].sudo()._note(answers)

    @api.model
    def _tell_spellings(self, met: Sequence[tuple]) -> None:
        """Note on leads what was sent by those who were taken for them though spelt otherwise, and why.

        :param met: pairs of the known lead and the draft that met it
        """
        bodies: dict[int, Markup] = {}
        for lead, draft in met:
            if draft.match:
                bodies[lead.id] = bodies.get(lead.id, Markup()) + self._describe_spelling(draft)
        if bodies:
            self.browse(bodies)._message_log_batch(bodies)

    @api.model
    def _describe_spelling(self, draft: CaptureDraft) -> Markup:
        captured = draft.captured
        sent = (captured.name, captured.company_name, draft.email or captured.email, draft.phone or captured.phone,
                draft.whatsapp or captured.whatsapp, captured.street, captured.zip, captured.city)  # fmt: skip
        return Markup("<p>%s<br/>%s</p>") % (
            self.env._("Came in again, spelt otherwise: %(sent)s.", sent=", ".join(filter(None, sent))),
            self.env._(
                "Taken for this lead because of: %(reasons)s.",
                reasons="; ".join(self.env["pipeline.contact"]._describe_reasons(draft.match.reasons)),
            ),
        )

