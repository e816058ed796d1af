from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...providers.capture.questions import IGNORE, KEEP_AS_ANSWER, OWN_FIELD

# Our words as a person reads them, in the order in which they are looked for.
TARGETS = [
    (KEEP_AS_ANSWER, "Keep in the description"),
    (IGNORE, "Ignore"),
    ("name", "Name"),
    ("first_name", "First name"),
    ("last_name", "Last name"),
    ("email", "E-mail"),
    ("phone", "Phone"),
    ("whatsapp", "WhatsApp number"),
    ("company_name", "Company"),
    ("job_title", "Job position"),
    ("message", "Message"),
    ("street", "Street"),
    ("city", "City"),
    ("zip", "Postal code"),
    ("region", "State or region"),
    ("country", "Country"),
    ("deal_name", "Title of the lead"),
    ("tags", "Tags"),
    ("prospective_type", "Type of prospect"),
    ("temperature", "Temperature"),
    ("expected_revenue", "Expected revenue"),
    ("field", "A field of your own"),
    ("consent", "Consent"),
    ("do_not_email", "Wants no e-mails"),
    ("do_not_call", "Wants no calls"),
    ("external_id", "Sender's id of the lead"),
    ("lead_number", "Lead number"),
    ("outcome", "Outcome of an old deal"),
    ("submitted_at", "Time of sending"),
    ("page_url", "Address of the page"),
    ("referrer", "Page before it (referrer)"),
    ("utm_source", "Campaign: source (utm_source)"),
    ("utm_medium", "Campaign: medium (utm_medium)"),
    ("utm_campaign", "Campaign: name (utm_campaign)"),
    ("utm_term", "Campaign: search term (utm_term)"),
    ("utm_content", "Campaign: content (utm_content)"),
    ("gclid", "Click id of Google (gclid)"),
    ("gbraid", "Click id of Google (gbraid)"),
    ("wbraid", "Click id of Google (wbraid)"),
    ("dclid", "Click id of Google (dclid)"),
    ("fbclid", "Click id of Facebook (fbclid)"),
    ("msclkid", "Click id of Microsoft (msclkid)"),
    ("ttclid", "Click id of TikTok (ttclid)"),
    ("li_fat_id", "Click id of LinkedIn (li_fat_id)"),
    ("twclid", "Click id of X (twclid)"),
    ("epik", "Click id of Pinterest (epik)"),
    ("rdt_cid", "Click id of Reddit (rdt_cid)"),
    ("ScCid", "Click id of Snapchat (ScCid)"),
]


class PipelineSourceMapping(models.Model):
    """Where the answer to one question of a sender goes; questions without a row go where their names suggest."""

    _name = "pipeline.source.mapping"
    _description = "Question of a Lead Source"
    _order = "sequence, id"
    _rec_name = "question"

    source_id = fields.Many2one("pipeline.source", required=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    question = fields.Char(
        "Their Question", required=True, help="The sender's own name for it, as it stands in the data."
    )
    target = fields.Selection(TARGETS, "Our Field", required=True, default=KEEP_AS_ANSWER)
    field_id = fields.Many2one(
        "ir.model.fields", "Own Field", ondelete="cascade",
        domain=lambda self: list(self.env["crm.lead"]._get_own_field_domain()),
        help="A field that was added to leads in this database.",
    )

    _question_unique = models.UniqueIndex("(source_id, question)", "This question has its place already.")

    @api.constrains("target", "field_id")
    def _check_field(self):
        for row in self:
            if row.target == "field" and not row.field_id:
                raise ValidationError(
                    self.env._("Choose the field that answers to “%(question)s” go to.", question=row.question)
                )
            own = self.env["crm.lead"]._get_own_field_domain()
            if row.field_id and not row.field_id.sudo().filtered_domain(own):
                raise ValidationError(
                    self.env._("“%(field)s” is not a field that was added to leads by hand.", field=row.field_id.name)
                )

    def _get_word(self) -> str:
        """Return the target as providers know it."""
        self.ensure_one()
        return f"{OWN_FIELD}{self.field_id.sudo().name}" if self.target == "field" else self.target


class PipelineSource(models.Model):
    _inherit = "pipeline.source"

    mapping_ids = fields.One2many(
        "pipeline.source.mapping", "source_id", "Mapping", copy=True, groups="sales_pipeline.group_admin"
    )

    def _get_mapping(self) -> dict[str, str]:
        """Return our word for each question that somebody gave one to."""
        return {row.question: row._get_word() for row in self.sudo().mapping_ids}
