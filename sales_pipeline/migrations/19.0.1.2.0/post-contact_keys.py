"""Strong keys of contacts are odd numbers now, so all keys are written anew, in the background."""

from odoo.api import SUPERUSER_ID, Environment


def migrate(cr, version):
    """Remove the old keys and ask the job to begin; until it is done fewer duplicates are found."""
    cr.execute("TRUNCATE pipeline_contact, pipeline_contact_key")
    env = Environment(cr, SUPERUSER_ID, {})
    for model_name in ("crm.lead", "res.partner"):
        env["pipeline.contact.fill"]._start(model_name)
