from odoo import models


class PipelineBulkItem(models.Model):
    _inherit = "pipeline.bulk.item"

    def _describe_code(self) -> str:
        words = {
            "is_deal": self.env._("It is a deal: a deal has a stage instead of this status."),
            "is_won": self.env._("It is won already."),
            "unmet": self.env._("Its team asks for more before a lead is qualified. Open it to see what is missing."),
        }
        return words.get(self.code) or super()._describe_code()
