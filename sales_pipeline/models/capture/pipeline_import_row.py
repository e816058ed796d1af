"""Rows of a list that somebody should see: what they would become, why they did not come in, what they changed."""

from odoo import fields, models

from ... import const


class PipelineImportRow(models.Model):
    """A row of a list with what is said about it. Rows that became new leads stand in the inbox alone."""

    _name = "pipeline.import.row"
    _description = "Row of an Imported List"
    _order = "import_id, line"
    _rec_name = "label"

    import_id = fields.Many2one("pipeline.import", required=True, readonly=True, ondelete="cascade")
    line = fields.Integer(required=True, readonly=True)
    is_preview = fields.Boolean(
        "Forecast", readonly=True, help="What would become of the row, when the list was looked at."
    )
    kind = fields.Selection(const.LIST_ROW_KINDS, required=True, readonly=True)
    label = fields.Char(readonly=True)
    reason = fields.Json(readonly=True, help="A code and what it is about; the words are chosen for the reader.")
    lead_id = fields.Many2one("crm.lead", readonly=True, ondelete="set null", index="btree_not_null")
    undo = fields.Json(readonly=True, help="What the row changed on a lead that was known, to be taken back.")

    _import_line_idx = models.Index("(import_id, is_preview, line)")


class PipelineImportMapping(models.Model):
    """What a person decided about the columns of lists of one shape, for the next one from the same source."""

    _name = "pipeline.import.mapping"
    _description = "Remembered Columns of a List"

    source_id = fields.Many2one("pipeline.source", required=True, readonly=True, ondelete="cascade")
    signature = fields.Char(required=True, readonly=True)
    columns = fields.Json(required=True, readonly=True)

    _source_signature_unique = models.UniqueIndex("(source_id, signature)")
