from odoo import models


class PipelineBulkItem(models.Model):
    _inherit = "pipeline.bulk.item"

    def _describe_code(self) -> str:
        if self.code == "nobody":
            return self.env._("No rule, source or team names anybody for it who is at work.")
        return super()._describe_code()
