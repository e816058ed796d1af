from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    duplicate_ask_score = fields.Float(
        "Ask About Duplicates From", default=0.5, help="Score from 0 to 1 from which two contacts may be the same."
    )
    duplicate_same_score = fields.Float(
        "Take as the Same From", default=0.9, help="Score from 0 to 1 from which two contacts are taken as the same."
    )

    _duplicate_scores_ordered = models.Constraint(
        "CHECK (duplicate_ask_score > 0 AND duplicate_ask_score <= duplicate_same_score AND duplicate_same_score <= 1)",
        "The score to ask from must be above 0 and not above the score to take as the same, which is 1 at most.",
    )
