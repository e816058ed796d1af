from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    duplicate_ask_score = fields.Float(
        "Ask About Duplicates From", default=0.5, help="Score from 0 to 1 from which two contacts may be the same."
    )
    duplicate_same_score = fields.Float(
        "Take as the Same From", default=0.9, help="Score from 0 to 1 from which two contacts are taken as the same."
    )
    duplicate_merge_score = fields.Float(
        "Merge Duplicates From", help="Score from 0 to 1 from which two leads are merged by themselves; 0: never."
    )

    _duplicate_scores_ordered = models.Constraint(
        "CHECK (duplicate_ask_score > 0 AND duplicate_ask_score <= duplicate_same_score AND duplicate_same_score <= 1)",
        "The score to ask from must be above 0 and not above the score to take as the same, which is 1 at most.",
    )
    _duplicate_merge_score_possible = models.Constraint(
        "CHECK (COALESCE(duplicate_merge_score, 0) = 0"
        " OR duplicate_merge_score BETWEEN duplicate_same_score AND 1)",
        "The score to merge from must be 0 for never, or between the score to take as the same and 1.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    duplicate_ask_score = fields.Float(related="company_id.duplicate_ask_score", readonly=False)
    duplicate_same_score = fields.Float(related="company_id.duplicate_same_score", readonly=False)
    duplicate_merge_score = fields.Float(related="company_id.duplicate_merge_score", readonly=False)
