"""Many leads in one request: each row is judged for itself, and has a result of its own."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import psycopg2
import pydantic
from odoo import models
from odoo.exceptions import UserError
from pydantic import BaseModel

from ..models.capture.api_entry import ApiEntry, EntryResult
from ..models.pipeline_lane_mixin import CONCURRENT_CHANGES
from ..rest.call import current_call
from ..rest.compose import compose
from ..rest.problems import ApiProblem, to_problem

_OUTCOMES = ("created", "attached", "duplicate", "invalid", "failed")
# What one row may end with, while the others go on.
_OF_A_ROW = (ApiProblem, UserError, pydantic.ValidationError, psycopg2.IntegrityError, psycopg2.DataError)


class PipelineApiLead(models.AbstractModel):
    _inherit = "pipeline.api.lead"

    def _enter_many(self, rows: Sequence[dict[str, Any]], on_duplicate: str) -> dict[str, Any]:
        """Make leads of those rows that fit.

        :return: values of ``LeadBulkResult``
        """
        self.env["crm.lead"].browse().check_access("create")
        entries, problems = self._read_rows(rows)
        found = self.env["crm.lead"]._enter_many_by_api(
            [entry for _body, entry in entries.values()], self.env.company, on_duplicate
        )
        results = {}
        for place, result in zip(entries, found, strict=True):
            results[place] = self._finish_row(place, result, entries[place][0])
        self.env["pipeline.moments.mixin"]._flush_moments()
        results |= {place: _tell(place, "invalid", problem=problem) for place, problem in problems.items()}
        counts = Counter(row["status"] for row in results.values())
        return {
            "results": [results[place] for place in range(len(rows))],
            **{outcome: counts[outcome] for outcome in _OUTCOMES},
        }

    def _read_rows(
        self, rows: Sequence[dict[str, Any]]
    ) -> tuple[dict[int, tuple[BaseModel, ApiEntry]], dict[int, ApiProblem]]:
        """Return by place what fits, and what is wrong with the others."""
        schema = compose(self.env, "LeadCreate")
        entries, problems = {}, {}
        for place, row in enumerate(rows):
            try:
                body = schema.model_validate(row)
                entries[place] = (body, self._make_entry(body))
            except (ApiProblem, pydantic.ValidationError) as error:
                problems[place] = to_problem(error, current_call())
        return entries, problems

    def _finish_row(self, place: int, result: EntryResult, body: BaseModel) -> dict[str, Any]:
        known = result.lead.sudo().uuid if result.lead else None
        try:
            if result.outcome == "created" and body.status != "new":
                # Odoo takes an act on one lead back without the others.
                with self.env.cr.savepoint():
                    self._finish_entry(result, body)
            else:
                self._finish_entry(result, body)
        except CONCURRENT_CHANGES:
            raise
        except _OF_A_ROW as error:
            problem = to_problem(error, current_call())
            if result.outcome == "duplicate":
                return _tell(place, "duplicate", known, problem)
            # The lead is there; only the status that was asked for could not be given.
            return _tell(place, "created" if known else "failed", known, problem)
        return _tell(place, result.outcome, known)


def _tell(place: int, status: str, uuid: str | None = None, problem: ApiProblem | None = None) -> dict[str, Any]:
    told = {"index": place, "status": status, "id": uuid, "problem": None}
    if problem:
        told["problem"] = {
            "status": problem.status, "code": problem.code, "detail": problem.detail,
            "errors": [each.to_json() for each in problem.errors], **problem.extra,
        }  # fmt: skip
    return told
