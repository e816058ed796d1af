from odoo import fields, models

from ... import const

_CODE_BY_XMLID = {"mail.mail_activity_data_email": "email", "mail.mail_activity_data_call": "call"}
_CODE_BY_CATEGORY = {"phonecall": "call", "meeting": "meeting"}


class MailActivityType(models.Model):
    _inherit = "mail.activity.type"

    pipeline_code = fields.Selection(
        const.ACTIVITY_TYPES,
        "Counts As",
        help="What a done activity of this type is in the timeline; empty: by its category.",
    )

    def _get_pipeline_code(self) -> str:
        """Return what an activity of this type is in the pipeline's words."""
        self.ensure_one()
        if self.pipeline_code:
            return self.pipeline_code
        if self.category in _CODE_BY_CATEGORY:
            return _CODE_BY_CATEGORY[self.category]
        xmlid = self.sudo().get_external_id().get(self.id)
        return _CODE_BY_XMLID.get(xmlid, "note")
