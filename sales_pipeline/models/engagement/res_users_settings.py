from odoo import fields, models


class ResUsersSettings(models.Model):
    _inherit = "res.users.settings"

    pipeline_praises = fields.Boolean("Show How Fast I Answered", default=True)
