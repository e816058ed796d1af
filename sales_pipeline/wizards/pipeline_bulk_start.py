import json
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .. import const


class PipelineBulkStart(models.TransientModel):
    """Ask what shall be done to the records that were chosen in a list, and start it."""

    _name = "pipeline.bulk.start"
    _description = "Start a Bulk Action"

    kind = fields.Selection(
        [
            ("assign", "Assign"), ("status", "Set Status"), ("tags", "Tags"), ("priority", "Priority"),
            ("delete", "Delete"),
        ],
        required=True, default="assign",
    )  # fmt: skip
    # Text, since the web client carries no other shape: ids, or domain and order, as the list has them.
    chosen = fields.Text(required=True, default="{}")
    lead_count = fields.Integer("Chosen", compute="_compute_lead_count")
    assign_by = fields.Selection(
        [
            ("user", "One person"), ("rules", "Whoever the assignment rules choose"), ("team", "By turns in a team"),
            ("nobody", "Nobody"),
        ],
        default="user", required=True,
    )  # fmt: skip
    user_id = fields.Many2one(
        "res.users", "Salesperson", domain="[('share', '=', False), ('company_ids', 'in', allowed_company_ids)]"
    )
    team_id = fields.Many2one("crm.team", "Sales Team")
    is_of_deals = fields.Boolean("Deals Are Chosen", help="A deal has no status of a lead; it can only be lost.")
    status = fields.Selection(const.LEAD_STATUSES[:-1], default="contacted")
    lost_reason_id = fields.Many2one("crm.lost.reason", "Lost Reason")
    tag_mode = fields.Selection(
        [("add", "Add"), ("remove", "Take away"), ("replace", "Replace all with")], "Do", default="add", required=True
    )
    tag_ids = fields.Many2many("crm.tag", string="Tags")
    temperature = fields.Selection([*const.TEMPERATURES, ("none", "None")], "Priority", default="hot", required=True)

    @api.depends("chosen")
    def _compute_lead_count(self):
        for wizard in self:
            chosen = wizard._read_chosen()
            ids = chosen.get("ids")
            leads = self.env["crm.lead"]
            wizard.lead_count = (
                leads.search_count(Domain(chosen.get("domain") or [])) if ids is None else len(set(ids))
            )

    def _read_chosen(self) -> dict[str, Any]:
        chosen = json.loads(self.chosen or "{}")
        return chosen if chosen.get("ids") or "domain" in chosen else {"ids": []}

    def action_start(self) -> dict:
        """Start the action in the background."""
        self.ensure_one()
        job = self.env["pipeline.bulk"]._start(self.kind, self._read_chosen(), self._prepare_start_choice())
        return {"type": "ir.actions.act_window_close", "infos": {"pipeline_bulk_id": job.id}}

    def _prepare_start_choice(self) -> dict[str, Any]:
        """Return what was chosen, as the kind of action knows it."""
        if self.kind == "assign":
            if self.assign_by == "rules":
                return {"by": "rules"}
            if (self.assign_by == "user" and not self.user_id) or (self.assign_by == "team" and not self.team_id):
                raise UserError(self.env._("Choose who gets them."))
            user = self.user_id if self.assign_by == "user" else self.user_id.browse()
            team = self.team_id if self.assign_by == "team" else self.team_id.browse()
            return {"user_id": user.id, "team_id": team.id}
        choices = {
            "status": {
                "status": self.status, "lost_reason_id": self.lost_reason_id.id, "is_of_deals": self.is_of_deals,
            },
            "tags": {"mode": self.tag_mode, "tag_ids": self.tag_ids.ids},
            "priority": {"temperature": self.temperature if self.temperature != "none" else False},
        }  # fmt: skip
        return choices.get(self.kind, {})
