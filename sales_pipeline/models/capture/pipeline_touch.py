from odoo import fields, models

from ... import const


class PipelineTouch(models.Model):
    """One arrival of a contact: the click, form or call by which somebody came, the first as well as every later
    one."""

    _name = "pipeline.touch"
    _description = "Touch"
    _order = "occurred_at desc, id desc"
    _rec_name = "capture_channel"

    lead_id = fields.Many2one("crm.lead", required=True, readonly=True, ondelete="cascade")
    pipeline_source_id = fields.Many2one(
        "pipeline.source", "Lead Source", readonly=True, ondelete="set null", index="btree_not_null"
    )
    capture_channel = fields.Selection(const.CAPTURE_CHANNELS, "Channel", required=True, readonly=True)
    occurred_at = fields.Datetime("When", required=True, readonly=True, default=fields.Datetime.now)
    external_id = fields.Char("Id at the Source", readonly=True)
    utm_source = fields.Char("UTM Source", readonly=True)
    utm_medium = fields.Char("UTM Medium", readonly=True)
    utm_campaign = fields.Char("UTM Campaign", readonly=True)
    utm_term = fields.Char("Search Term", readonly=True)
    utm_content = fields.Char("Ad Content", readonly=True)
    click_ids = fields.Json("Ad Clicks", readonly=True)
    referrer_url = fields.Char("Referring Page", readonly=True)
    landing_page_url = fields.Char("Landing Page", readonly=True)
    consent = fields.Json(readonly=True, help="What the person allowed or refused, by channel, as it was sent.")
    consent_text = fields.Text(
        "Consent Wording", readonly=True, help="The words that the person saw: the sender's own, else the source's."
    )
    company_id = fields.Many2one("res.company", readonly=True, ondelete="cascade")

    # The touches of one lead in their order: attribution reads the first, the last, or all of them.
    _lead_order_idx = models.Index("(lead_id, occurred_at, id)")
