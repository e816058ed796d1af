"""A server of the old version may have gone on until now."""

from odoo.addons.sales_pipeline.hooks_sql_inbox import translate_inbox_states


def migrate(cr, version):
    """Translate what came in during the update."""
    translate_inbox_states(cr)
