"""Whom a capture was taken for, or whom its new lead resembles: kept beside the decision, and said in words."""

import json
from collections import defaultdict

from odoo import api, fields, models

from ...tools.duplicates import Candidate
from ...tools.similarity_parts import Reason

_MOST_TOLD = 4
# What is the same on either side is personal; of an identifier it is only the name.
_KEPT_VALUES = ("identifier_",)


class PipelineInbox(models.Model):
    _inherit = "pipeline.inbox"

    likeness = fields.Json(readonly=True, help="The record that is alike, and why; no personal values.")
    likeness_name = fields.Char(compute="_compute_likeness_name")

    @api.depends("likeness")
    @api.depends_context("uid", "lang")
    def _compute_likeness_name(self):
        ids = defaultdict(set)
        for row in self:
            if row.likeness:
                ids[row.likeness["res_model"]].add(row.likeness["res_id"])
        names = {
            (name, record.id): record.display_name
            for name, some in ids.items() if self.env[name].has_access("read")
            for record in self.env[name].with_context(active_test=False).search([("id", "in", list(some))])
        }  # fmt: skip
        unknown = self.env._("a record that is gone, or not for you")
        for row in self:
            alike = row.likeness or {}
            row.likeness_name = names.get((alike.get("res_model"), alike.get("res_id")), unknown) if alike else False

    @api.model
    def _dump_likeness(self, candidate: Candidate | None) -> str | None:
        """Return what is kept of a candidate as JSON: the record, and codes and bits of the reasons."""
        if candidate is None:
            return None
        reasons = [
            [reason.code, reason.bits, reason.value if reason.code.startswith(_KEPT_VALUES) else ""]
            for reason in candidate.reasons
        ]
        return json.dumps({"res_model": candidate.res_model, "res_id": candidate.res_id, "reasons": reasons})

    def _describe_likeness(self) -> str:
        """Return whom this capture is like, and why; empty where nobody is, or the match was exact."""
        known = self.likeness or {}
        if not known:
            return ""
        reasons = [Reason(*reason) for reason in known["reasons"]]
        words = [text.rstrip(": ") for text in self.env["pipeline.contact"]._describe_reasons(reasons)]
        return self.env._(
            "“%(name)s” (%(reasons)s)", name=self.likeness_name, reasons="; ".join(words[:_MOST_TOLD])
        )
