"""Find in one query who shares a strong key with many contacts: mailbox, number or identifier."""

from collections import defaultdict
from collections.abc import Sequence

from odoo import api, models
from odoo.tools import SQL

from ...tools.contact import Contact
from ...tools.contact_keys import contact_keys
from ...tools.duplicates import Candidate
from ...tools.similarity import SAME

# A mailbox that more share is a department's; the comparison of the first ones tells enough.
_MOST = 20


class PipelineContact(models.Model):
    _inherit = "pipeline.contact"

    @api.model
    def _find_same(self, contacts: Sequence[Contact], company) -> list[list[Candidate]]:
        """Return who is the same as each contact, as far as a strong key shows it, the likeliest first.

        A list of thousands is asked in one go; the full search, which also knows slips, asks one after the other.
        """
        wanted = [
            (place, key) for place, contact in enumerate(contacts)
            for key, is_strong in contact_keys(contact).items() if is_strong
        ]  # fmt: skip
        answers: list[list[Candidate]] = [[] for _contact in contacts]
        if not wanted:
            return answers
        self.env.cr.execute(SQL(
            """
            SELECT w.place, k.contact_id
              FROM unnest(%s::int[], %s::int[]) AS w (place, key)
             CROSS JOIN LATERAL (SELECT contact_id FROM pipeline_contact_key WHERE key = w.key LIMIT %s) k
            """,
            [place for place, _key in wanted], [key for _place, key in wanted], _MOST,
        ))  # fmt: skip
        proposed = defaultdict(set)
        for place, contact_id in self.env.cr.fetchall():
            proposed[place].add(contact_id)
        known = self._load(set().union(*proposed.values()), company) if proposed else {}
        for place, ids in proposed.items():
            judged = (self._judge(contacts[place], known[id_], company) for id_ in ids if id_ in known)
            same = [one for one in judged if one and one.kind == SAME]
            answers[place] = sorted(same, key=lambda one: (-one.score, one.res_model, one.res_id))
        return answers
