"""A list of leads brought in by a person: read once, stored row by row, captured like everything else."""

import base64
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...exceptions import MalformedBody
from ...providers.capture.base import StoredItem
from ...tools.csv_mapping import ColumnPlan, TableMapping, get_external_id, map_row, plan_columns, read_mapping
from ...tools.csv_table import CsvTable, TableRow
from ...tools.import_report import format_report, get_unexplained

_CHUNK = 500
_RESULTS = ("created", "duplicate", "refused")
_SHOWN_PROBLEMS = 100


class PipelineImport(models.Model):
    """One import of one file; run again it goes on where it stopped."""

    _name = "pipeline.import"
    _description = "List Import"
    _order = "id desc"

    name = fields.Char("File Name", required=True)
    file = fields.Binary("CSV File", required=True, attachment=True)
    mapping_file = fields.Binary("Mapping", attachment=True, help="JSON file that says which column is what.")
    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    source_id = fields.Many2one("pipeline.source", "Lead Source", readonly=True, ondelete="restrict")
    state = fields.Selection(
        [
            ("draft", "New"), ("queued", "Importing"), ("running", "At a Terminal"), ("done", "Done"),
            ("failed", "Cannot be read"),
        ],
        default="draft", required=True, readonly=True, copy=False,
    )  # fmt: skip
    error_message = fields.Char(readonly=True, copy=False)
    columns = fields.Json(readonly=True, copy=False)
    problems = fields.Json(readonly=True, copy=False)
    read_count = fields.Integer("Rows Read", readonly=True, copy=False)
    problem_count = fields.Integer("Unreadable Rows", readonly=True, copy=False)
    repeated_count = fields.Integer("Repeated in the File", readonly=True, copy=False)
    known_count = fields.Integer("Imported Before", readonly=True, copy=False)
    run_seconds = fields.Float(readonly=True, copy=False)
    inbox_ids = fields.One2many("pipeline.inbox", "import_id", "Rows", readonly=True)
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
            for result in _RESULTS:
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
        """Have the file imported by the job."""
        self.filtered(lambda record: record.state != "done").state = "queued"
        self.env.ref("sales_pipeline.ir_cron_run_imports").sudo()._trigger()

    def action_view_rows(self) -> dict:
        """Open the rows of this import with what became of them."""
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_pipeline.pipeline_inbox_action")
        return {**action, "domain": [("import_id", "=", self.id)]}

    def action_view_leads(self) -> dict:
        """Open the leads that this import made."""
        action = self.env["ir.actions.act_window"]._for_xml_id("crm.crm_lead_all_leads")
        ids = self.sudo().inbox_ids.filtered(lambda row: row.result == "created").lead_id.ids
        return {**action, "domain": [("id", "in", ids)], "context": {"active_test": False}}

    # ---- use case

    @api.model
    def _cron_run(self) -> None:
        """Go on with the imports that were started."""
        # A terminal's import is left to it: two at once would stumble over each other's counts.
        for record in self.search([("state", "=", "queued")], order="id"):
            record._run()
            if record.state == "queued":
                # The slice is over; without a trigger the rest would wait for the next hour.
                self.env.ref("sales_pipeline.ir_cron_run_imports").sudo()._trigger()
                return

    def _run(self, tell: Callable[[str], None] = lambda text: None) -> None:
        """Store every row of the file, then have the rows captured; commits chunk by chunk.

        Stopped at any moment, it goes on at the first chunk that was not committed. A row is known by its id, so what
        an earlier run or an earlier import stored is not stored twice.

        :param tell: called with a line of progress
        """
        self.ensure_one()
        start = time.monotonic()
        try:
            table, plans, mapping = self._open()
        except MalformedBody as error:
            self.write({"state": "failed", "error_message": str(error)})
            self._checkpoint()
            return
        state = self._begin(plans)
        finished = self._store_rows(table, plans, mapping, tell) and self._capture_rows(tell)
        self.write({"run_seconds": self.run_seconds + time.monotonic() - start, "state": "done" if finished else state})
        if finished:
            self._tell_owners()
        self._checkpoint()

    def _open(self) -> tuple[CsvTable, list[ColumnPlan], TableMapping]:
        table = CsvTable(base64.b64decode(self.file or b""))
        mapping = read_mapping(base64.b64decode(self.mapping_file or b""))
        return table, plan_columns(table.header, mapping, table.rows()), mapping

    def _begin(self, plans: list[ColumnPlan]) -> str:
        state = "queued" if self.state == "queued" else "running"
        columns = [{"column": plan.column, "target": plan.target, "reason": plan.reason} for plan in plans]
        source = self.source_id or self.env["pipeline.source"]._get_import_source(self.company_id)
        self.write({"state": state, "error_message": False, "columns": columns, "source_id": source.id})
        self._checkpoint()
        return state

    def _store_rows(self, table: CsvTable, plans: list[ColumnPlan], mapping: TableMapping, tell) -> bool:
        """Store the rows that are not stored yet.

        :return: whether the end of the file was reached
        """
        rows = islice(table.rows(), self.read_count, None)
        while chunk := list(islice(rows, _CHUNK)):
            readable = [row for row in chunk if not row.problem]
            payloads = [map_row(row, plans, mapping) for row in readable]
            items = [StoredItem(get_external_id(payload, table.header), payload) for payload in payloads]
            repeated, known = self._count_known(items)
            self.env["pipeline.inbox"]._store(self.source_id, items, import_id=self.id)
            self._book_chunk(chunk, repeated, known)
            tell(self.env._("%(count)s rows stored", count=self.read_count))
            if not self._checkpoint(len(chunk)):
                return False
        return True

    def _count_known(self, items: list[StoredItem]) -> tuple[int, int]:
        """Return how many items stand earlier in this file, and how many an earlier import brought."""
        ids = [item.external_id for item in items]
        rows = self.env["pipeline.inbox"].sudo().search_fetch(
            [("source_id", "=", self.source_id.id), ("external_id", "in", ids)], ["external_id", "import_id"]
        )  # fmt: skip
        mine = {row.external_id: row.import_id == self for row in rows}
        repeated = known = 0
        for external_id in ids:
            repeated += mine.get(external_id, False)
            known += not mine.get(external_id, True)
            mine.setdefault(external_id, True)
        return repeated, known

    def _book_chunk(self, chunk: list[TableRow], repeated: int, known: int) -> None:
        problems = [{"line": row.line, "problem": row.problem} for row in chunk if row.problem]
        self.write({
            "read_count": self.read_count + len(chunk),
            "problem_count": self.problem_count + len(problems),
            "problems": [*(self.problems or []), *problems][:_SHOWN_PROBLEMS],
            "repeated_count": self.repeated_count + repeated,
            "known_count": self.known_count + known,
        })  # fmt: skip

    def _capture_rows(self, tell) -> bool:
        """Have the waiting rows captured, as the job does, without waiting for it.

        :return: whether none is left
        """
        inbox = self.env["pipeline.inbox"].sudo()
        for rows in self._get_waiting(inbox):
            rows._work()
            tell(self.env._("%(count)s rows waiting", count=inbox.search_count(self._get_waiting_domain())))
            if not self._checkpoint(len(rows)):
                return False
        return True

    def _tell_owners(self) -> None:
        """Tell every owner once how many leads the list brought them; one notice a lead would bury them."""
        created = [("import_id", "=", self.id), ("result", "=", "created"), ("lead_id.lead_status", "=", "new")]
        leads = self.env["pipeline.inbox"].sudo().search(created).lead_id
        for owner, owned in leads.grouped("user_id").items():
            if not owner or owner == self.env.user:
                continue
            env = self.with_context(lang=owner.lang).env
            title = env._("%(count)s new leads from a list", count=len(owned))
            body = env._("“%(file)s” brought you %(count)s new leads.", file=self.name, count=len(owned))
            env["mail.thread"].message_notify(partner_ids=owner.partner_id.ids, subject=title, body=body)
            owner._bus_send("simple_notification", {"type": "success", "title": title, "message": body})

    def _get_waiting_domain(self) -> list:
        # An import that was stopped may have left rows which this file has, too.
        return [("source_id", "=", self.source_id.id), ("state", "=", "received"), ("attempts", "=", 0)]

    def _get_waiting(self, inbox) -> Iterator[models.Model]:
        while rows := inbox.search(self._get_waiting_domain(), order="id", limit=inbox._lane_batch):
            yield rows

    def _checkpoint(self, processed: int = 0) -> bool:
        """Commit, and tell whether there is time to go on."""
        return self.env["ir.cron"]._commit_progress(processed, remaining=1) > 0

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
        counts = ("read", "problem", "repeated", "known", *_RESULTS, "contactless", "waiting", "failed")
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
