import logging

from odoo import api, fields, models
from odoo.exceptions import UserError

from ... import const

_logger = logging.getLogger(__name__)


class PipelineOnboardingTask(models.Model):
    """One step of a customer's onboarding."""

    _name = "pipeline.onboarding.task"
    _description = "Onboarding Task"
    _order = "sequence, id"

    customer_id = fields.Many2one("pipeline.customer", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="customer_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    name = fields.Char("Task", required=True)
    description = fields.Text()
    user_id = fields.Many2one(
        "res.users", "Responsible", index="btree_not_null", default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )  # fmt: skip
    due_date = fields.Date("Due")
    state = fields.Selection(const.ONBOARDING_TASK_STATES, "Status", required=True, default="todo", readonly=True)
    done_at = fields.Datetime("Done On", readonly=True, copy=False)
    done_uid = fields.Many2one("res.users", "Done By", readonly=True, copy=False)
    is_overdue = fields.Boolean("Overdue", compute="_compute_is_overdue", search="_search_is_overdue")

    _due_idx = models.Index("(due_date) WHERE state = 'todo'")

    # ---- compute

    @api.depends("due_date", "state")
    def _compute_is_overdue(self):
        today = fields.Date.context_today(self)
        for task in self:
            task.is_overdue = task.state == "todo" and bool(task.due_date) and task.due_date < today

    def _search_is_overdue(self, operator, value):
        if operator != "in" or set(value) != {True}:
            return NotImplemented
        return [("state", "=", "todo"), ("due_date", "<", fields.Date.context_today(self))]

    # ---- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        tasks = super().create(vals_list)
        tasks.customer_id.sudo()._refresh_health()
        return tasks

    def write(self, vals):
        # A state that comes by an import or the API obeys the same law as the buttons.
        if "state" in vals:
            self._set_state(vals["state"])
            vals = {name: value for name, value in vals.items() if name != "state"}
        done = super().write(vals)
        if "due_date" in vals:
            self.customer_id.sudo()._refresh_health()
        return done

    def unlink(self):
        customers = self.customer_id.sudo()
        done = super().unlink()
        customers._follow_onboarding()
        customers._refresh_health()
        return done

    # ---- actions

    def action_done(self) -> None:
        """Tick off tasks."""
        self._set_state("done")

    def action_skip(self) -> None:
        """Say that tasks are not needed for this customer."""
        self._set_state("skipped")

    def action_reopen(self) -> None:
        """Take back that tasks are settled."""
        self._set_state("todo")

    # ---- use case

    def _set_state(self, state: str) -> None:
        """Move tasks; the customer's progress, lifecycle and health follow.

        :raise UserError: for a move that makes no sense; none of the tasks is moved then
        """
        moving = self.filtered(lambda task: task.state != state)
        for task in moving:
            if state not in const.ONBOARDING_TASK_MOVES[task.state]:
                task._refuse_move(state)
        values = {"state": state, "done_at": False, "done_uid": False}
        if state == "done":
            values |= {"done_at": fields.Datetime.now(), "done_uid": self.env.uid}
        super(PipelineOnboardingTask, moving).write(values)
        self.env["pipeline.event"]._append([task._prepare_state_event() for task in moving.sudo()])
        # Whoever may settle a task need not have the right to change the customer.
        moving.customer_id.sudo()._follow_onboarding()
        moving.customer_id.sudo()._refresh_health()

    def _refuse_move(self, state: str) -> None:
        _logger.info("Onboarding task %s cannot go from %s to %s", self.id, self.state, state)
        raise UserError(self.env._("Reopen the task %(task)s first.", task=self.name))

    def _prepare_state_event(self) -> dict:
        """Return the event of a task that was settled or reopened (door)."""
        return {
            "kind": "onboarding",
            "record": self.customer_id,
            "origin": self,
            "metadata": {"state": self.state, "percent": self.customer_id.onboarding_percent},
        }
