from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.sales_pipeline.tools.phone import is_dialable, to_e164


class ResCompany(models.Model):
    _inherit = "res.company"

    pipeline_whatsapp_number = fields.Char(
        "WhatsApp Business Number",
        help="The number that customers see, with country prefix or as it is dialled at home.",
    )
    pipeline_whatsapp_country_id = fields.Many2one(
        "res.country", "WhatsApp Home Country", help="Where numbers without a country prefix are at home."
    )

    @api.constrains("pipeline_whatsapp_number")
    def _check_pipeline_whatsapp_number(self):
        for company in self:
            if company.pipeline_whatsapp_number and not is_dialable(company.pipeline_whatsapp_number):
                company._refuse_pipeline_whatsapp_number()

    def _normalise_pipeline_whatsapp_number(self) -> None:
        """Bring the number to the form +15555550142, as the vendor will show it.

        :raise ValidationError: when it cannot be read; a home number needs its country
        """
        self.ensure_one()
        if not self.pipeline_whatsapp_number:
            return
        country = self.pipeline_whatsapp_country_id or self.country_id
        number = to_e164(self.pipeline_whatsapp_number, country.code or None)
        if not number:
            self._refuse_pipeline_whatsapp_number()
        if number != self.pipeline_whatsapp_number:
            self.pipeline_whatsapp_number = number

    def _refuse_pipeline_whatsapp_number(self) -> None:
        raise ValidationError(
            self.env._(
                "“%(number)s” is no phone number. Write it with the country prefix.",
                number=self.pipeline_whatsapp_number,
            )
        )
