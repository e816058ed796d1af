"""Merge the surest pairs without asking, where a company wants that."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...tools.gate import is_trusted
from ...tools.similarity_parts import Reason
from .pipeline_duplicate import OPEN

_LOOKED_AT = 500
_REFUSALS = [
    ("unsure", "Not merged by itself: two different people could share these details"),
    ("changed", "Not merged by itself: one of them was merged or deleted meanwhile"),
    ("companies", "Not merged by itself: they belong to different companies"),
    ("other", "Could not be merged by itself: compare them, and decide"),
]


class PipelineDuplicate(models.Model):
    _inherit = "pipeline.duplicate"

    merge_tried_at = fields.Datetime(
        "Merged by Itself On", readonly=True, help="A pair is merged by itself once: whoever undoes that decides."
    )
    refusal_code = fields.Selection(_REFUSALS, "Why Not Merged", readonly=True)

    # ---- use case

    @api.model
    def _merge_surest(self) -> int:
        """Merge the surest pair of those that are as sure as their company wants it, and return how many were tried.

        It takes locks, so nothing may have been written before in the transaction.
        """
        pairs = self._get_surest()
        pair = next((pair for pair in pairs if pair._is_sure()), None)
        refusal = False
        if pair:
            company = pair.company_id or self.env.company
            leads = self.env["crm.lead"].with_company(company).browse(pair._get_lead_ids())._sort_for_merge()
            try:
                leads._merge_leads(leads[0], leads[1:])
            except (UserError, AccessError):
                # nothing was merged; a person sees why, and decides
                self.env.cr.rollback()
                code, _words = leads._find_merge_refusal(leads[0], {}) or ("other", "")
                refusal = code if code in dict(_REFUSALS) else "other"
        elif pairs:
            refusal = "unsure"
        tried = pair or pairs
        tried.write({"merge_tried_at": fields.Datetime.now(), "refusal_code": refusal})
        return len(tried)

    @api.model
    def _get_surest(self) -> "PipelineDuplicate":
        """Return the surest open pairs that were not tried yet, of companies that want them merged."""
        self.env.flush_all()
        self.env.cr.execute(SQL(
            """
            SELECT d.id FROM pipeline_duplicate d JOIN res_company c ON c.id = COALESCE(d.company_id, %s)
             WHERE d.state = %s AND d.res_model = 'crm.lead' AND d.kind = 'same' AND d.merge_tried_at IS NULL
               AND c.duplicate_merge_score > 0 AND d.score >= c.duplicate_merge_score
             ORDER BY d.score DESC, d.id LIMIT %s
            """,
            self.env.company.id, OPEN, _LOOKED_AT,
        ))  # fmt: skip
        return self.browse(id_ for (id_,) in self.env.cr.fetchall())

    def _is_sure(self) -> bool:
        """Tell whether the reasons themselves bear a decision without a person, as at the gate."""
        self.ensure_one()
        return is_trusted(self.kind, [Reason(*reason) for reason in self.reasons or []])
