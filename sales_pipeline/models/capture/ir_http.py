from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        info = super().session_info()
        # Only who may get leads has the switch in the user menu.
        if self.env.user.has_group("sales_team.group_sale_salesman"):
            info["pipeline_is_away"] = self.env.user.pipeline_is_away
        return info
