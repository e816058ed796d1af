"""The rows of a bulk action: which record, what became of it, what it was before."""

import json
from typing import Any

from odoo import api, fields, models
from odoo.tools import SQL


class PipelineBulkItem(models.Model):
    _name = "pipeline.bulk.item"
    _description = "Row of a Bulk Action"
    _order = "id"
    _log_access = False

    bulk_id = fields.Many2one(
        "pipeline.bulk", "Bulk Action", required=True, readonly=True, index=True, ondelete="cascade"
    )
    # No foreign key: taking down fifty thousand of them must not touch the leads.
    lead_id = fields.Integer("Record Id", required=True, readonly=True)
    lead_name = fields.Char("Lead or Deal", compute="_compute_lead_name")
    state = fields.Selection(
        [("waiting", "Waiting"), ("done", "Changed"), ("same", "Was So Already"), ("refused", "Left as It Was")],
        required=True, readonly=True,
    )  # fmt: skip
    code = fields.Char(readonly=True)
    message = fields.Char(readonly=True, help="What Odoo said to the person who asked, in that person's language.")
    reason = fields.Char(compute="_compute_reason")
    old = fields.Json(readonly=True)
    new = fields.Json(readonly=True)

    _waiting_idx = models.Index("(bulk_id, id) WHERE state = 'waiting'")

    @api.depends("lead_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_lead_name(self):
        leads = self.env["crm.lead"].with_context(active_test=False)
        visible = leads.search([("id", "in", self.mapped("lead_id"))])
        names = {lead.id: lead.display_name for lead in visible}
        for item in self:
            item.lead_name = names.get(item.lead_id) or self.env._("Record %(id)s", id=item.lead_id)

    @api.depends("code", "message")
    @api.depends_context("lang")
    def _compute_reason(self):
        for item in self:
            item.reason = item.message or item._describe_code()

    def _describe_code(self) -> str:
        """Return why a row was left as it was, in the reader's language (door)."""
        words = {
            "gone": self.env._("It was deleted, or you can no longer see it."),
            "no_right": self.env._("You may see it, but not change it. Ask its owner or a manager."),
            "changed_since": self.env._("Somebody changed it afterwards; that stays."),
        }
        return words.get(self.code, "")

    def action_open(self) -> dict:
        """Open the record."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "res_model": "crm.lead", "res_id": self.lead_id, "view_mode": "form",
            "views": [(False, "form")],
        }  # fmt: skip

    @api.model
    def _take(self, bulk, limit: int) -> list[dict[str, Any]]:
        """Return the next rows of a job that wait."""
        self.env.cr.execute(
            SQL(
                """
                SELECT id, lead_id, old, new FROM pipeline_bulk_item
                 WHERE bulk_id = %s AND state = 'waiting' ORDER BY id LIMIT %s
                """,
                bulk.id,
                limit,
            )
        )
        return self.env.cr.dictfetchall()

    @api.model
    def _book(self, outcomes: list[dict[str, Any]]) -> None:
        """Store what became of rows, in one statement.

        :param outcomes: ``id`` and ``state``; ``code``, ``message``, ``old`` and ``new`` where there are any
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE pipeline_bulk_item item
                   SET state = told.state, code = told.code, message = told.message, old = told.old, new = told.new
                  FROM jsonb_to_recordset(%s::jsonb)
                       AS told(id integer, state varchar, code varchar, message varchar, old jsonb, new jsonb)
                 WHERE item.id = told.id
                """,
                json.dumps(outcomes, default=str),
            )
        )
