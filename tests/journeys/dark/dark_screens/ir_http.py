from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def color_scheme(self):
        return "dark"
