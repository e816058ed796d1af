"""The inbox says what became of a capture: received, processed, duplicate, rejected, failed."""

from odoo.addons.sales_pipeline.hooks_sql_inbox import translate_settled_rows


def migrate(cr, version):
    """Translate the states before the model's new selection and indexes are made."""
    translate_settled_rows(cr.dbname)
