"""What a client of the API may be allowed to do."""

from odoo import fields, models


class PipelineApiScope(models.Model):
    """One permission that a client may hold; addons that bring routes bring theirs."""

    _name = "pipeline.api.scope"
    _description = "API Permission"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True, help="How programs call it, for instance leads:read.")
    sequence = fields.Integer(default=10)

    _code_unique = models.UniqueIndex("(code)")
