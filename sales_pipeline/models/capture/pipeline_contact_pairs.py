"""Find who may be whom among very many contacts: one query proposes all pairs, the comparison decides."""

from collections.abc import Iterable

from odoo import api, models
from odoo.tools import SQL

from ...tools.contact import Contact
from ...tools.duplicates import Candidate
from ...tools.similarity import DIFFERENT, classify, compare
from .pipeline_contact_search import _MOST_COMPARED, _MOST_OF_STRONG, _MOST_OF_WEAK

# A key that no more share tells people apart by itself; of those that more share it takes three.
_FEW = 10
_RARE, _COMMON = 3, 1

_Known = tuple[str, int, int | None, Contact]


class PipelineContact(models.Model):
    _inherit = "pipeline.contact"

    # ---- use cases

    @api.model
    def _pair_range(self, first: int, last: int) -> list[tuple[int, Candidate]]:
        """Return the pairs of the contacts from one id to another with all that have a lower id.

        Ranges that follow on each other find each pair once. Who shares but one or two common keys is not compared:
        at a million contacts that would be five times as many comparisons, nearly all of strangers.

        :return: id of a lead and who it may be
        """
        return self._judge_pairs(self._propose_pairs(
            SQL("contact_id BETWEEN %s AND %s", first, last), SQL("contact_id < mine.contact_id"), _RARE
        ))  # fmt: skip

    @api.model
    def _pair_some(self, ids: list[int]) -> list[tuple[int, Candidate]]:
        """Return the pairs of some contacts with all others, as thoroughly as one check for duplicates looks."""
        proposed = self._propose_pairs(
            SQL("contact_id = ANY(%s)", ids), SQL("contact_id <> mine.contact_id"), _COMMON
        )  # fmt: skip
        return self._judge_pairs({(max(pair), min(pair)) for pair in proposed})

    # ---- helpers

    @api.model
    def _propose_pairs(self, mine: SQL, others: SQL, least: int) -> list[tuple[int, int]]:
        """Return pairs of contacts that share keys.

        The keys are walked through in their order, since at random each would be read from another page of the index.
        """
        # Some hundred thousand groups: what PostgreSQL may use unless told would send them to the disk.
        self.env.cr.execute(SQL("SET LOCAL work_mem = '64MB'"))
        self.env.cr.execute(SQL(
            """
            WITH mine AS MATERIALIZED (
                SELECT key, contact_id FROM pipeline_contact_key WHERE %(mine)s
            ), sized AS MATERIALIZED (
                SELECT own.key, own.key & 1 = 1 AS is_strong, shared.sharers
                  FROM (SELECT DISTINCT key FROM mine ORDER BY key) own
                 CROSS JOIN LATERAL (
                    SELECT count(*) AS sharers FROM (
                        SELECT FROM pipeline_contact_key k WHERE k.key = own.key
                         LIMIT CASE WHEN own.key & 1 = 1 THEN %(most_strong)s ELSE %(most_weak)s END + 1) k) shared
                 WHERE sharers > 1 AND sharers <= CASE WHEN own.key & 1 = 1 THEN %(most_strong)s ELSE %(most_weak)s END
            ), pairs AS (
                SELECT mine.contact_id AS one, other.contact_id AS other, bool_or(is_strong) AS is_strong,
                       sum(1::float8 / sized.sharers) AS rarity
                  FROM sized JOIN mine USING (key)
                 CROSS JOIN LATERAL (
                    SELECT contact_id FROM pipeline_contact_key k WHERE k.key = sized.key AND %(others)s
                     ORDER BY contact_id DESC LIMIT %(most_weak)s) other
                 GROUP BY mine.contact_id, other.contact_id
                HAVING bool_or(is_strong)
                    OR sum(CASE WHEN sized.sharers <= %(few)s THEN %(rare)s ELSE %(common)s END) >= %(least)s
            )
            SELECT one, other FROM (
                SELECT one, other, row_number() OVER (PARTITION BY one ORDER BY is_strong DESC, rarity DESC, other DESC)
                       AS place FROM pairs) ranked
             WHERE place <= %(most)s
            """,
            mine=mine, others=others, least=least, few=_FEW, rare=_RARE, common=_COMMON, most=_MOST_COMPARED,
            most_strong=_MOST_OF_STRONG, most_weak=_MOST_OF_WEAK,
        ))  # fmt: skip
        return self.env.cr.fetchall()

    @api.model
    def _judge_pairs(self, proposed: Iterable[tuple[int, int]]) -> list[tuple[int, Candidate]]:
        """Compare pairs of contacts and return those that may be the same."""
        pairs = list(proposed)
        known = self._load_all({id_ for pair in pairs for id_ in pair})
        scores = self._get_scores()
        found = []
        for ids in pairs:
            sides = [known[id_] for id_ in ids if id_ in known]
            if len(sides) == 2 and (pair := _judge(*sides, scores)):
                found.append(pair)
        return found

    @api.model
    def _load_all(self, ids: set[int]) -> dict[int, _Known]:
        self.env.cr.execute(SQL(
            "SELECT id, res_model, res_id, company_id, features FROM pipeline_contact WHERE id = ANY(%s)", list(ids)
        ))  # fmt: skip
        return {
            id_: (name, res_id, company_id, Contact.from_json(features))
            for id_, name, res_id, company_id, features in self.env.cr.fetchall()
        }

    @api.model
    def _get_scores(self) -> dict[int | None, tuple[float, float]]:
        """Return the scores to ask from and to take as the same by company; None for what belongs to none."""
        scores = {
            company.id: (company.duplicate_ask_score, company.duplicate_same_score)
            for company in self.env["res.company"].sudo().search([])
        }
        return {**scores, None: scores[self.env.company.id]}


def _judge(
    one: _Known, other: _Known, scores: dict[int | None, tuple[float, float]]
) -> tuple[int, Candidate] | None:
    """Compare two contacts of one company of which one is a lead; of two leads the newer one comes first."""
    lead, found = sorted((one, other), key=lambda side: (side[0] != "crm.lead", -side[1]))
    companies = {side[2] for side in (lead, found)} - {None}
    if lead[0] != "crm.lead" or len(companies) > 1:
        return None
    result = compare(lead[3], found[3])
    kind = classify(result.score, *scores[next(iter(companies), None)])
    if kind == DIFFERENT:
        return None
    return lead[1], Candidate(found[0], found[1], result.score, kind, result.reasons)
