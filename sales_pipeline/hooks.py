"""Installation on an existing database, and a clean way out."""

import logging
import time

from odoo.api import Environment

from . import hooks_sql
from .hooks_sql_orders import prepare_orders

_logger = logging.getLogger(__name__)


def pre_init_hook(env: Environment) -> None:
    """Create and fill new columns of big tables by SQL, before the ORM would do it row by row.

    A Python default is called once a column, which would give every existing lead the same public id.
    """
    start = time.monotonic()
    hooks_sql.prepare_stages(env.cr)
    hooks_sql.prepare_leads(env.cr)
    hooks_sql.prepare_activities(env.cr)
    hooks_sql.prepare_users(env.cr)
    prepare_orders(env.cr)
    _logger.info("Existing rows prepared in %.1f s", time.monotonic() - start)


def post_init_hook(env: Environment) -> None:
    """Switch leads and quote templates on, the way the settings page does, so that teams and their aliases follow."""
    start = time.monotonic()
    env["res.config.settings"].create({"group_use_lead": True, "group_sale_order_template": True}).execute()
    for model_name in ("crm.lead", "res.partner"):
        env["pipeline.contact.fill"]._start(model_name)
    _logger.info("Leads and quote templates switched on in %.1f s", time.monotonic() - start)


def uninstall_hook(env: Environment) -> None:
    """Remove what the ORM does not know how to remove."""
    hooks_sql.drop_event_table(env.cr)
    hooks_sql.drop_contact_keys(env.cr)
    hooks_sql.forget_reflections(env.cr, "sales_pipeline")
