from odoo import fields, models


class PipelineImport(models.Model):
    _name = "pipeline.import"
    _description = "List Import"

    name = fields.Char(required=True)
