"""Users get public ids, each its own: a default of the ORM would give all of them the same."""

from odoo.addons.sales_pipeline.hooks_sql import prepare_users


def migrate(cr, version):
    """Fill the column before the ORM makes it."""
    prepare_users(cr)
