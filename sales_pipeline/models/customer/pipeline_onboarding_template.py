from odoo import api, fields, models

from ... import const


class PipelineOnboardingTemplate(models.Model):
    """The plan that new customers start with."""

    _name = "pipeline.onboarding.template"
    _description = "Onboarding Template"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", help="Leave empty to use it in every company.")
    customer_type = fields.Selection(const.CUSTOMER_TYPES, "For", help="Leave empty to use it for every type.")
    task_ids = fields.One2many("pipeline.onboarding.template.task", "template_id", "Tasks", copy=True)
    task_count = fields.Integer("Number of Tasks", compute="_compute_task_count")

    @api.depends("task_ids")
    def _compute_task_count(self):
        for template in self:
            template.task_count = len(template.task_ids)

    @api.model
    def _find_for(self, customer) -> "PipelineOnboardingTemplate":
        """Return the template made for this type and company, else the more general one, else none."""
        templates = self.search([
            ("company_id", "in", (customer.company_id.id, False)),
            ("customer_type", "in", (customer.customer_type, False)),
        ])  # fmt: skip
        return templates.sorted(lambda template: (not template.customer_type, not template.company_id))[:1]

    def _apply(self, customer) -> None:
        """Give the tasks of these templates to a customer; a task that stands there already is left alone."""
        known = set(customer.onboarding_task_ids.mapped("name"))
        lines = self.task_ids.filtered(lambda line: line.name not in known)
        tasks = self.env["pipeline.onboarding.task"].create([line._prepare_task_values(customer) for line in lines])
        for task, line in zip(tasks, lines, strict=True):
            line._translate(task)
