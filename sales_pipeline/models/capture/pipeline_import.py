"""A list of leads brought in by a person: looked at first, brought in by a job, taken back if it was a mistake."""

import base64
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.import_report import format_report, get_unexplained

RESULTS = ("created", "duplicate", "refused")
_ENDED = ("done", "cancelled", "undone")


class PipelineImport(models.Model):
    """One import of one file; run again it goes on where it stopped."""

    _name = "pipeline.import"
    _inherit = "pipeline.progress.mixin"
    _description = "List Import"
    _order = "id desc"

    name = fields.Char("File Name", required=True)
    file = fields.Binary("List", required=True, attachment=True)
    mapping_file = fields.Binary("Mapping", attachment=True, help="JSON file that says which column is what.")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    source_id = fields.Many2one(
        "pipeline.source", "Lead Source", ondelete="restrict",
        domain="[('provider', '=', 'bulk_upload'), ('company_id', '=', company_id)]",
    )  # fmt: skip
    state = fields.Selection(
        [
            ("draft", "New"), ("queued", "Importing"), ("running", "At a Terminal"), ("paused", "Paused"),
            ("done", "Done"), ("cancelled", "Cancelled"), ("failed", "Cannot be read"), ("undoing", "Being taken back"),
            ("undone", "Taken back"),
        ],
        default="draft", required=True, readonly=True, copy=False,
    )  # fmt: skip
    error_message = fields.Char(readonly=True, copy=False)
    columns = fields.Json(readonly=True, copy=False)
    problems = fields.Json(readonly=True, copy=False)
    total_count = fields.Integer("Rows", readonly=True, copy=False)
    read_count = fields.Integer("Rows Read", readonly=True, copy=False)
    problem_count = fields.Integer("Unreadable Rows", readonly=True, copy=False)
    repeated_count = fields.Integer("Repeated in the File", readonly=True, copy=False)
    known_count = fields.Integer("Imported Before", readonly=True, copy=False)
    run_seconds = fields.Float("Seconds Taken", readonly=True, copy=False)
    finished_at = fields.Datetime("Finished On", readonly=True, copy=False)
    is_set_based = fields.Boolean("Written in Sets", readonly=True, copy=False)
    obstacles = fields.Text("Why One by One", readonly=True, copy=False)
    inbox_ids = fields.One2many("pipeline.inbox", "import_id", "Rows", readonly=True)
    row_ids = fields.One2many("pipeline.import.row", "import_id", "Rows to See", readonly=True)
    created_count = fields.Integer("New Leads", compute="_compute_result_counts")
    duplicate_count = fields.Integer("Known Contacts", compute="_compute_result_counts")
    refused_count = fields.Integer("Refused", compute="_compute_result_counts")
    contactless_count = fields.Integer("Without Any Contact", compute="_compute_result_counts")
    waiting_count = fields.Integer("Waiting", compute="_compute_result_counts")
    failed_count = fields.Integer("Failed", compute="_compute_result_counts")

    @api.depends("inbox_ids.state", "inbox_ids.result")
    def _compute_result_counts(self):
        for record in self:
            counts = record._count_rows()
            for result in RESULTS:
                record[f"{result}_count"] = counts.get(result, 0)
            record.contactless_count = counts["contactless"]
            record.waiting_count = counts.get("received", 0)
            record.failed_count = counts.get("failed", 0)

    def _count_rows(self) -> dict[str, int]:
        inbox = self.env["pipeline.inbox"].sudo()
        groups = inbox._read_group([("import_id", "in", self.ids)], ["state", "result", "has_no_contact"], ["__count"])
        counts: dict[str, int] = {"contactless": 0}
        for state, result, has_no_contact, count in groups:
            key = state if state in ("received", "failed") else result
            counts[key] = counts.get(key, 0) + count
            counts["contactless"] += count if has_no_contact else 0
        return counts

    # ---- actions

    def action_start(self) -> None:
        """Have the file imported by the job, from where it stopped."""
        startable = self.filtered(lambda record: record.state in ("draft", "failed", "queued", "running", "paused"))
        for record in startable:
            record._remember_mapping()
        startable.write({"state": "queued", "error_message": False})
        self._wake()

    def action_pause(self) -> None:
        """Have the job stop after the rows it is at."""
        self.filtered(lambda record: record.state == "queued").state = "paused"

    def action_cancel(self) -> None:
        """Bring in nothing more; what came in stays until it is taken back."""
        self.filtered(lambda record: record.state in ("queued", "paused")).write({
            "state": "cancelled", "finished_at": fields.Datetime.now(),
        })  # fmt: skip

    def action_view_rows(self) -> dict:
        """Open the rows of this import with what became of them."""
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_pipeline.pipeline_inbox_action")
        return {**action, "domain": [("import_id", "=", self.id)]}

    def action_view_leads(self) -> dict:
        """Open the leads that this import made."""
        action = self.env["ir.actions.act_window"]._for_xml_id("crm.crm_lead_all_leads")
        return {**action, "domain": [("list_import_id", "=", self.id)], "context": {"active_test": False}}

    def action_open_studio(self) -> dict:
        """Open the page that leads through this import."""
        action = self.env["ir.actions.client"]._for_xml_id("sales_pipeline.pipeline_import_studio_action")
        return {**action, "params": {"import_id": self.id}}

    def _wake(self) -> None:
        self.env.ref("sales_pipeline.ir_cron_run_imports").sudo()._trigger()

    # ---- progress

    def _prepare_progress(self) -> dict[str, Any]:
        self.ensure_one()
        states = {"queued": "running", "running": "running", "undoing": "running", "draft": "waiting",
                  "paused": "running", "done": "done", "undone": "done", "failed": "failed"}  # fmt: skip
        if self.state == "undoing":
            return {"name": self.name, "state": "running", **self._get_undo_progress()}
        is_moving = self.state in ("queued", "running") and self.run_seconds
        rate = self.read_count / self.run_seconds if is_moving else 0.0
        left = (self.total_count - self.read_count) / rate if rate else 0.0
        return {
            "name": self.name, "state": states.get(self.state, "cancelled"), "done": self.read_count,
            "total": self.total_count, "rate": rate, "seconds_left": left, "can_cancel": self.state == "queued",
            "text": self.env._("Paused") if self.state == "paused" else "",
        }  # fmt: skip

    # ---- report

    def _get_report(self) -> dict[str, Any]:
        """Return what became of every column and every row, for ``tools.import_report``."""
        self.ensure_one()
        self.env.flush_all()
        self.invalidate_recordset()
        inbox = self.env["pipeline.inbox"].sudo()
        refused = inbox._read_group(
            [("import_id", "=", self.id), ("result", "=", "refused")], ["refused_field"], ["__count"]
        )  # fmt: skip
        counts = ("read", "problem", "repeated", "known", *RESULTS, "contactless", "waiting", "failed")
        report = {
            "name": self.name,
            "columns": self.columns or [],
            "problems": self.problems or [],
            "refused_fields": {field or "": count for field, count in refused},
            "run_seconds": self.run_seconds,
            **{f"{name}_count": self[f"{name}_count"] for name in counts},
        }
        return {**report, "unexplained_count": get_unexplained(report)}

    @api.model
    def _format_report(self, report: dict[str, Any]) -> list[str]:
        """Return a report as lines for a terminal."""
        return format_report(report)

    @api.model
    def _import_file(
        self, name: str, content: bytes, mapping: bytes | None = None, tell=lambda text: None
    ) -> dict[str, Any]:
        """Import a file and return the report.

        :param mapping: content of a JSON mapping file
        :raise UserError: the file or the mapping cannot be read
        """
        record = self.create({
            "name": name, "file": base64.b64encode(content), "mapping_file": mapping and base64.b64encode(mapping),
        })  # fmt: skip
        record._run(tell)
        if record.state == "failed":
            raise UserError(record.error_message)
        return record._get_report()


class CrmLead(models.Model):
    _inherit = "crm.lead"

    list_import_id = fields.Many2one(
        "pipeline.import", "Imported List", compute="_compute_list_import_id", search="_search_list_import_id",
        groups="sales_pipeline.group_admin",
    )  # fmt: skip

    def _compute_list_import_id(self):
        made = [("lead_id", "in", self.ids), ("import_id", "!=", False), ("result", "=", "created")]
        found = self.env["pipeline.inbox"].sudo().search_fetch(made, ["lead_id", "import_id"])
        by_lead = {row.lead_id.id: row.import_id for row in found}
        for lead in self:
            lead.list_import_id = by_lead.get(lead._origin.id, False)

    @api.model
    def _search_list_import_id(self, operator, value):
        if operator not in ("in", "any"):
            return NotImplemented
        rows = self.env["pipeline.inbox"].sudo()._search([("import_id", operator, value), ("result", "=", "created")])
        return [("id", "in", rows.subselect("lead_id"))]
