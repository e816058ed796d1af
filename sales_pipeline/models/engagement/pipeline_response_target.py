"""How soon a new lead has to be answered, and what happens when it is not."""

from typing import Any

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ... import const

_MAX_MINUTES = 60 * 24 * 14


class PipelineResponseTarget(models.Model):
    """One line of the list of targets; the first line that fits a lead counts."""

    _name = "pipeline.response.target"
    _description = "First Response Target"
    _order = "sequence, id"

    name = fields.Char(compute="_compute_name")
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", index=True, default=lambda self: self.env.company, help="Empty: for every company."
    )
    source_ids = fields.Many2many("pipeline.source", string="Sources", help="Empty: leads of every source.")
    temperature = fields.Selection(const.TEMPERATURES, help="Empty: hot, warm, cold and those nobody has judged.")
    minutes = fields.Integer(
        "Answer Within", required=True, default=5, help="Minutes of the salesperson's working hours."
    )
    escalate_to = fields.Selection(
        [("leader", "Team leader"), ("managers", "Managers of the team"), ("user", "One person"), ("nobody", "Nobody")],
        "When Late, Tell", required=True, default="leader",
    )  # fmt: skip
    escalate_user_id = fields.Many2one(
        "res.users", "Person", domain=[("share", "=", False)], ondelete="set null", check_company=True
    )
    reassign_after = fields.Integer(
        "Pass On After", help="Minutes of working hours after which a late lead goes to the next salesperson of the "
        "team. 0: it stays.",
    )  # fmt: skip

    @api.depends("source_ids", "temperature", "minutes")
    def _compute_name(self):
        labels = dict(self._fields["temperature"]._description_selection(self.env))
        for target in self:
            what = [", ".join(target.source_ids.mapped("name")), labels.get(target.temperature)]
            text = ", ".join(part for part in what if part) or self.env._("Every lead")
            target.name = self.env._("%(what)s: %(minutes)s min", what=text, minutes=target.minutes)

    @api.constrains("minutes", "reassign_after")
    def _check_minutes(self):
        for target in self:
            if not 0 < target.minutes <= _MAX_MINUTES or not 0 <= target.reassign_after <= _MAX_MINUTES:
                raise ValidationError(self.env._("Minutes are between 1 and %(most)s.", most=_MAX_MINUTES))

    @api.constrains("escalate_to", "escalate_user_id")
    def _check_person(self):
        for target in self:
            if target.escalate_to == "user" and not target.escalate_user_id:
                raise ValidationError(self.env._("Choose who is told when a lead waits too long."))

    # ---- use cases

    @api.model
    def _get_finder(self):
        """Return a function that finds the target of a lead by company id, source id and temperature.

        The list is read once for any number of leads.
        """
        targets = self.sudo().search([])
        facts = [(target, target.company_id.id, set(target.source_ids.ids), target.temperature) for target in targets]

        def find(company_id: int | None, source_id: int | None, temperature: str | None) -> Any:
            for target, company, sources, degree in facts:
                fits = company in (False, company_id) and (not sources or source_id in sources)
                if fits and degree in (False, temperature):
                    return target
            return self.browse()

        return find

    def _get_receivers(self, lead) -> list[int]:
        """Return the ids of the users who are told that a lead of this target waits too long."""
        team = lead.team_id
        if self.escalate_to == "user":
            return self.escalate_user_id.ids
        if self.escalate_to == "leader":
            return team.user_id.ids
        if self.escalate_to == "managers":
            group = self.env.ref("sales_pipeline.group_manager")
            return (team.user_id | team.member_ids.filtered(lambda user: group in user.all_group_ids)).ids
        return []
