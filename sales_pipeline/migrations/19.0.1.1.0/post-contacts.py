"""Leads and partners that are there already are normalised for the search of duplicates, in the background."""

from odoo.api import SUPERUSER_ID, Environment


def migrate(cr, version):
    """Ask the job to begin."""
    env = Environment(cr, SUPERUSER_ID, {})
    for model_name in ("crm.lead", "res.partner"):
        env["pipeline.contact.fill"]._start(model_name)
