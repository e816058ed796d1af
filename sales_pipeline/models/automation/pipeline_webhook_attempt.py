from odoo import api, fields, models


class PipelineWebhookAttempt(models.Model):
    """One time that a message was sent, and what came back."""

    _name = "pipeline.webhook.attempt"
    _description = "Attempt to Send a Webhook"
    _order = "number desc, id desc"
    _rec_name = "number"

    delivery_id = fields.Many2one(
        "pipeline.webhook.delivery", "Message", required=True, readonly=True, ondelete="cascade", index=True
    )
    number = fields.Integer(readonly=True, aggregator=None)
    at = fields.Datetime("Sent On", readonly=True)
    milliseconds = fields.Integer("Took (ms)", readonly=True, aggregator="avg")
    status = fields.Integer("Answered", readonly=True, aggregator=None)
    error_code = fields.Char("Error", readonly=True)
    trouble = fields.Char(compute="_compute_trouble")
    request_headers = fields.Text(readonly=True)
    answer = fields.Text(readonly=True, help="The first 1,000 characters of what came back.")

    @api.depends("error_code", "status")
    def _compute_trouble(self):
        webhooks = self.env["pipeline.webhook"]
        for attempt in self:
            is_taken = 200 <= attempt.status < 300
            code = attempt.error_code or (f"HTTP {attempt.status}" if attempt.status and not is_taken else "")
            attempt.trouble = code and webhooks._describe_trouble(code)
