from datetime import timedelta
from typing import Any

from odoo import fields, models


class PipelineOnboardingTemplateTask(models.Model):
    """One step of a plan."""

    _name = "pipeline.onboarding.template.task"
    _description = "Onboarding Template Task"
    _order = "sequence, id"

    template_id = fields.Many2one("pipeline.onboarding.template", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True, translate=True)
    description = fields.Text(translate=True)
    due_days = fields.Integer("Due After (days)", default=3, help="Days after the deal was won.")
    responsible = fields.Selection(
        [("csm", "Success Manager"), ("salesperson", "Salesperson")], required=True, default="csm"
    )

    _due_days_positive = models.Constraint("CHECK (due_days >= 0)", "A task cannot be due before the deal is won.")

    def _prepare_task_values(self, customer) -> dict[str, Any]:
        """Return the values of the task that this step becomes (door)."""
        self.ensure_one()
        salesperson = customer.opportunity_id.user_id.filtered("active")
        user = salesperson if self.responsible == "salesperson" and salesperson else customer.csm_id
        return {
            "customer_id": customer.id,
            "sequence": self.sequence,
            "name": self.name,
            "description": self.description,
            "user_id": user.id,
            # Who pays in the evening may live where it is still yesterday.
            "due_date": fields.Date.context_today(self.with_context(tz=user.tz)) + timedelta(days=self.due_days),
        }

    def _translate(self, task) -> None:
        """Say a task in every language this step is said in: the manager and the customer may read different ones."""
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        for name in ("name", "description") if len(languages) > 1 else ():
            texts = {code: self.with_context(lang=code)[name] for code in languages}
            task.update_field_translations(name, {code: text for code, text in texts.items() if text})
