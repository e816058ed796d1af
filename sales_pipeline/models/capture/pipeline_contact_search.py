"""Find who a contact may be: indexes propose, the comparison decides."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from odoo import api, models
from odoo.tools import SQL

from ...tools.contact import Contact, make_contact
from ...tools.contact_keys import contact_keys
from ...tools.duplicates import Candidate, VisibleCandidates
from ...tools.similarity import DIFFERENT, SAME, classify, compare

# So many share a mailbox at most; more are not shown.
_MOST_OF_STRONG = 500
# A weak key that more share tells nobody apart, and is passed over.
_MOST_OF_WEAK = 100
# So many are compared who share weak keys only, those with the most and the rarest keys first.
_MOST_COMPARED = 40


class PipelineContact(models.Model):
    _inherit = "pipeline.contact"

    # ---- use cases

    @api.model
    def _find_duplicates_of(self, values_list: Sequence[Mapping[str, Any]], company) -> list[list[Candidate]]:
        """Return who each of some typed contacts may be, before they are records.

        :param values_list: texts by the names that ``make_contact`` knows, ``country`` as ISO 3166 code
        :param company: whose contacts are asked, and whose country national numbers are of
        """
        contacts = [
            make_contact(values, [code for code in (values.get("country"), company.country_id.code) if code])
            for values in values_list
        ]
        return self._find_duplicates(contacts, company)

    @api.model
    def _find_duplicates(
        self, contacts: Sequence[Contact], company, own_records: Sequence[set[tuple[str, int]]] = ()
    ) -> list[list[Candidate]]:
        """Return who each contact may be, the likeliest first: leads, deals, partners and customers of the company.

        Nothing is checked of what the user may see: the answer is for decisions, ``_get_visible`` makes it fit to show.

        :param contacts: normalised contacts
        :param company: the company whose contacts and thresholds count; what belongs to no company counts for each
        :param own_records: for each contact model and id of what is not to be found, since it is the contact itself
        :return: a list of candidates for each contact, empty where nobody is like it
        """
        proposed = self._propose(contacts)
        known = self._load(set().union(*proposed) if proposed else set(), company)
        answers = []
        for place, (contact, ids) in enumerate(zip(contacts, proposed, strict=True)):
            own = own_records[place] if own_records else set()
            others = [known[id_] for id_ in ids if id_ in known and known[id_][:2] not in own]
            found = filter(None, (self._judge(contact, other, company) for other in others))
            # Who was merged is known by several contacts, and named once.
            best = {(one.res_model, one.res_id): one for one in sorted(found, key=lambda one: one.score)}
            answers.append(sorted(best.values(), key=lambda one: (-one.score, one.res_model, one.res_id)))
        return self._add_customers(answers, company)

    @api.model
    def _get_visible(self, candidates: Sequence[Candidate]) -> VisibleCandidates:
        """Return the candidates that the user may read; of the others only how many there are."""
        ids = defaultdict(list)
        for candidate in candidates:
            ids[candidate.res_model].append(candidate.res_id)
        visible = {
            (name, id_)
            for name, some in ids.items()
            if self.env[name].has_access("read")
            for id_ in self.env[name].with_context(active_test=False).search([("id", "in", some)]).ids
        }
        shown = tuple(one for one in candidates if (one.res_model, one.res_id) in visible)
        hidden = Counter(one.kind for one in candidates if (one.res_model, one.res_id) not in visible)
        return VisibleCandidates(shown, hidden[SAME], hidden.total() - hidden[SAME])

    # ---- helpers

    @api.model
    def _propose(self, contacts: Sequence[Contact]) -> list[set[int]]:
        """Return ids of normalised contacts that share keys: one query for all."""
        wanted = [
            (place, key, is_strong) for place, contact in enumerate(contacts)
            for key, is_strong in contact_keys(contact).items()
        ]  # fmt: skip
        proposed: list[set[int]] = [set() for _contact in contacts]
        if not wanted:
            return proposed
        blocks = self._read_blocks(wanted)
        shared: list[Counter] = [Counter() for _contact in contacts]
        for (place, _key, is_strong), ids in blocks.items():
            if is_strong:
                proposed[place].update(ids)
            elif len(ids) <= _MOST_OF_WEAK:
                shared[place].update(dict.fromkeys(ids, 1 / len(ids)))
        for place, counts in enumerate(shared):
            proposed[place].update(id_ for id_, _rarity in counts.most_common(_MOST_COMPARED))
        return proposed

    @api.model
    def _read_blocks(self, wanted: list[tuple[int, int, bool]]) -> dict[tuple[int, int, bool], list[int]]:
        """Return who has each key; of a key that more than enough share only as many as show that."""
        places, keys, strengths = map(list, zip(*wanted, strict=True))
        self.env.cr.execute(SQL(
            """
            WITH wanted AS MATERIALIZED (
                SELECT * FROM unnest(%(places)s::int[], %(keys)s::int[], %(strengths)s::bool[])
                    AS w (place, key, is_strong)
            )
            SELECT w.place, w.key, w.is_strong, k.contact_id FROM wanted w CROSS JOIN LATERAL (
                SELECT contact_id FROM pipeline_contact_key WHERE key = w.key LIMIT %(most_strong)s) k
             WHERE w.is_strong
             UNION ALL
            SELECT w.place, w.key, w.is_strong, k.contact_id FROM wanted w CROSS JOIN LATERAL (
                SELECT contact_id FROM pipeline_contact_key WHERE key = w.key LIMIT %(most_weak)s) k
             WHERE NOT w.is_strong
            """,
            places=places, keys=keys, strengths=strengths, most_strong=_MOST_OF_STRONG, most_weak=_MOST_OF_WEAK + 1,
        ))  # fmt: skip
        blocks = defaultdict(list)
        for place, key, is_strong, id_ in self.env.cr.fetchall():
            blocks[place, key, is_strong].append(id_)
        return blocks

    @api.model
    def _load(self, ids: set[int], company) -> dict[int, tuple[str, int, Contact]]:
        self.env.cr.execute(SQL(
            """
            SELECT c.id, c.res_model, COALESCE(left_over.id, c.res_id), c.features FROM pipeline_contact c
              LEFT JOIN crm_lead away ON c.res_model = 'crm.lead' AND away.id = c.res_id
              LEFT JOIN crm_lead left_over ON left_over.id = away.merged_into_id AND left_over.deleted_at IS NULL
             WHERE c.id = ANY(%s) AND (c.company_id IS NULL OR c.company_id = %s)
               AND (away.merged_into_id IS NULL OR left_over.id IS NOT NULL)
            """,
            list(ids), company.id,
        ))  # fmt: skip
        return {id_: (name, res_id, Contact.from_json(known)) for id_, name, res_id, known in self.env.cr.fetchall()}

    @api.model
    def _judge(self, contact: Contact, known: tuple[str, int, Contact], company) -> Candidate | None:
        res_model, res_id, other = known
        found = compare(contact, other)
        kind = classify(found.score, company.duplicate_ask_score, company.duplicate_same_score)
        return None if kind == DIFFERENT else Candidate(res_model, res_id, found.score, kind, found.reasons)

    @api.model
    def _add_customers(self, answers: list[list[Candidate]], company) -> list[list[Candidate]]:
        """Say of partners which customer they are."""
        ids = {one.res_id for answer in answers for one in answer if one.res_model == "res.partner"}
        partners = self.env["res.partner"].sudo().browse(ids)
        customers = self.env["pipeline.customer"].sudo().search(
            [("partner_id", "in", partners.commercial_partner_id.ids), ("company_id", "=", company.id)]
        ) if ids else ()  # fmt: skip
        by_partner = {customer.partner_id.id: customer.id for customer in customers}
        if not by_partner:
            return answers
        owner = {("res.partner", one.id): by_partner.get(one.commercial_partner_id.id) for one in partners}
        return [
            [replace(one, customer_id=owner.get((one.res_model, one.res_id))) for one in answer] for answer in answers
        ]
