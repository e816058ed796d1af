"""When somebody does not work although the calendar says so."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class PipelineAbsence(models.Model):
    """A holiday, a sick day, or the time since somebody switched to away; Odoo Community has no time off of its own."""

    _name = "pipeline.absence"
    _description = "Absence"
    _order = "date_from desc, id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users", "Who", required=True, index=True, ondelete="cascade", default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )  # fmt: skip
    date_from = fields.Datetime("From", required=True, default=fields.Datetime.now)
    date_to = fields.Datetime("Until", help="Empty: until somebody ends it.")
    reason = fields.Char(help="For instance: holiday. Colleagues do not see it.")
    is_switch = fields.Boolean("By the Away Switch", readonly=True)

    # One switch is on at a time, whoever turns it at once.
    _switch_unique = models.UniqueIndex("(user_id) WHERE is_switch IS TRUE AND date_to IS NULL")

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        if any(absence.date_to and absence.date_to < absence.date_from for absence in self):
            raise ValidationError(self.env._("An absence ends after it begins: exchange the two dates."))

    def write(self, vals):
        result = super().write(vals)
        if "user_id" in vals:
            # Rules are asked before a change: without this an own absence could be handed to a colleague.
            self.check_access("write")
        return result

    @api.model
    def _get_between_domain(self, start, end) -> Domain:
        """Return what finds the absences that touch a span of time (naive UTC)."""
        is_open = Domain("date_to", "=", False) | Domain("date_to", ">", start)
        return Domain("date_from", "<", end) & is_open
