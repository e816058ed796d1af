import logging
from typing import Any

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
    name = fields.Char("Task", required=True, translate=True)
    description = fields.Text(translate=True)
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
        # Here, so that an import or the API obeys the same law as the buttons.
        moving = self.filtered(lambda task: task.state != vals.get("state", task.state))
        moving._check_moves(vals.get("state"))
        if moving and moving != self:
            (self - moving).write({name: value for name, value in vals.items() if name != "state"})
            return moving.write(vals)
        done = super().write(vals | moving._prepare_settled_values(vals.get("state")))
        if moving:
            moving._follow_state()
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
        self.filtered(lambda task: task.state != state).write({"state": state})

    def _check_moves(self, state: str | None) -> None:
        for task in self:
            if state not in const.ONBOARDING_TASK_MOVES[task.state]:
                _logger.info("Onboarding task %s cannot go from %s to %s", task.id, task.state, state)
                raise UserError(self.env._("Reopen the task %(task)s first.", task=task.name))

    def _prepare_settled_values(self, state: str | None) -> dict[str, Any]:
        """Return who settled these tasks and when (door); nothing without tasks."""
        if not self:
            return {}
        is_done = state == "done"
        return {"done_at": is_done and fields.Datetime.now(), "done_uid": is_done and self.env.uid}

    def _follow_state(self) -> None:
        """Tell the timeline, and let lifecycle and health of the customer follow."""
        # Whoever may settle a task need not have the right to change the customer.
        tasks = self.sudo()
        self.env["pipeline.event"]._append([task._prepare_state_event() for task in tasks])
        tasks.customer_id._follow_onboarding()
        tasks.customer_id._refresh_health()

    def _prepare_state_event(self) -> dict[str, Any]:
        """Return the event of a task that was settled or reopened (door)."""
        return {
            "kind": "onboarding",
            "record": self.customer_id,
            "origin": self,
            "metadata": {"state": self.state, "percent": self.customer_id.onboarding_percent},
        }
