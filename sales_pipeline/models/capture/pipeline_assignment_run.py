"""The backlog handed out in the background: all leads of a company that nobody has."""

from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

# Owners are written one by one: the more leads at once, the fewer writes. The locks are held for about three seconds.
_CHUNK = 4000
_MANAGERS = ("sales_pipeline.group_manager", "sales_team.group_sale_manager")


class PipelineAssignmentRun(models.Model):
    """One handing out of a backlog; stopped at any moment, it goes on behind the last lead it decided on."""

    _name = "pipeline.assignment.run"
    _description = "Handing Out of Unassigned Leads"
    _inherit = ["pipeline.progress.mixin"]
    _order = "id desc"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    user_id = fields.Many2one("res.users", "Requested By", required=True, readonly=True)
    state = fields.Selection(
        [("waiting", "Waiting"), ("done", "Done")], default="waiting", required=True, readonly=True
    )
    last_lead_id = fields.Integer(readonly=True)
    until_lead_id = fields.Integer(readonly=True)
    total_count = fields.Integer("Leads", readonly=True)
    given_count = fields.Integer("Assigned", readonly=True)
    left_count = fields.Integer("Left", readonly=True)

    # One at a time for a company: a second click changes nothing.
    _waiting_unique = models.UniqueIndex("(company_id) WHERE state = 'waiting'")

    def _prepare_progress(self) -> dict[str, Any]:
        done = self.given_count + self.left_count
        return {
            "name": self.env._("Unassigned leads"), "done": done, "total": max(self.total_count, done),
            "state": "done" if self.state == "done" else "running" if done else "waiting",
        }  # fmt: skip

    @api.model
    def _start(self):
        """Begin to hand out the leads of the company at hand that nobody has.

        :return: the run; the one that is under way already, if there is one
        :raise AccessError: for who is no manager
        """
        user, company = self.env.user, self.env.company
        if not any(user.has_group(group) for group in _MANAGERS):
            raise AccessError(self.env._("Only managers hand out leads."))
        runs = self.sudo()
        if run := runs.search([("company_id", "=", company.id), ("state", "=", "waiting")]):
            return run
        leads = self.env["crm.lead"].sudo().search(runs._get_backlog_domain(company), order="id desc")
        run = runs.create({
            "company_id": company.id, "user_id": user.id, "until_lead_id": leads[:1].id, "total_count": len(leads),
        })  # fmt: skip
        self.env.ref("sales_pipeline.ir_cron_assign_backlog").sudo()._trigger()
        return run

    @api.model
    def _get_backlog_domain(self, company) -> Domain:
        """Return which leads a run hands out: those of the company whose source does not keep them from it (door)."""
        has_its_team = Domain("team_id", "=", False) | Domain("team_id.company_id", "in", [False, company.id])
        is_ours = Domain("company_id", "=", company.id) | (Domain("company_id", "=", False) & has_its_team)
        is_kept = Domain("pipeline_source_id.owner_rule", "=", "nobody")
        return self.env["crm.lead"]._get_unassigned_domain() & is_ours & ~is_kept

    @api.model
    def _cron_run(self) -> None:
        """Go on with the runs that were asked for, as long as the job's slice lasts."""
        for run in self.search([("state", "=", "waiting")], order="id"):
            while run.state == "waiting":
                run._take_chunk()
                if run.state == "waiting":
                    self.env.ref("sales_pipeline.ir_cron_assign_backlog").sudo()._trigger()
                if not self.env["ir.cron"]._commit_progress(_CHUNK, remaining=int(run.state == "waiting")):
                    return

    def _take_chunk(self) -> None:
        """Hand out the next leads, and note how far it came."""
        leads = self.env["crm.lead"].sudo().with_company(self.company_id)
        left = Domain("id", ">", self.last_lead_id) & Domain("id", "<=", self.until_lead_id)
        domain = self._get_backlog_domain(self.company_id) & left
        leads.search(domain, order="id", limit=_CHUNK)._lock_assignment()
        chunk = leads.search(domain, order="id", limit=_CHUNK)
        given = chunk._hand_out_leads()
        self.env["pipeline.moments.mixin"]._flush_moments()
        self.write({
            "given_count": self.given_count + given, "left_count": self.left_count + len(chunk) - given,
            "last_lead_id": chunk[-1:].id or self.last_lead_id, "state": "waiting" if len(chunk) == _CHUNK else "done",
        })  # fmt: skip
        self._send_progress(self.user_id)
        if self.state == "done":
            self.user_id._bus_send("simple_notification", {
                "type": "success",
                "message": self.env["crm.lead"].with_context(lang=self.user_id.lang)._describe_handed_out(
                    self.given_count, self.left_count),
            })  # fmt: skip
