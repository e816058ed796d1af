"""What the page that leads through an import asks for and does."""

from typing import Any

from odoo import api, models
from odoo.exceptions import UserError

from ...exceptions import MalformedBody
from ...tools.csv_mapping import IGNORE, NOTE, OWN_FIELD
from ...tools.error_list import write_error_list
from ...tools.field_names import TARGETS

_MOST_BYTES = 64 * 1024**2
_PAGE = 100
_TROUBLES = ("refused", "problem", "failed")


class PipelineImport(models.Model):
    _inherit = "pipeline.import"

    # ---- what the page calls

    @api.model
    def studio_upload(self, name: str, content: str, source_id: int | None = None) -> dict[str, Any]:
        """Take a file in, read its columns and look at its first rows.

        :param content: the file in base64
        :raise UserError: it is too large or cannot be read; nothing is kept of it
        """
        self.check_access("create")
        if len(content) > _MOST_BYTES * 4 // 3:
            raise UserError(self.env._("The file is larger than 64 MB. Split it and import the parts."))
        record = self.create({"name": name, "file": content, "source_id": source_id or False})
        record.source_id = record._get_source()
        record._guarded(record._plan)
        record._start_check()
        return record.studio_read()

    def studio_configure(self, values: dict[str, Any]) -> dict[str, Any]:
        """Choose the ``source_id``, the ``sheet`` or what becomes of ``columns`` before the import begins."""
        self.ensure_one()
        self.check_access("write")
        if self.state != "draft":
            raise UserError(self.env._("The import has begun; its columns stay as they are."))
        if source_id := values.get("source_id"):
            self.write({"source_id": int(source_id), "choices": False})
            self._guarded(self._plan)
        if sheet := values.get("sheet"):
            self.write({"sheet": str(sheet), "table": False, "choices": False, "columns": False})
            self._guarded(self._plan)
        if columns := values.get("columns"):
            self._guarded(lambda: self._choose(dict(columns)))
        self._start_check()
        return self.studio_read()

    def studio_read(self, kind: str | None = None, page: int = 0) -> dict[str, Any]:
        """Return all that the page shows of an import.

        :param kind: only rows of this kind, or ``troubles``
        """
        self.ensure_one()
        self.check_access("read")
        is_draft = self.state == "draft"
        domain = [("import_id", "=", self.id), ("is_preview", "=", is_draft)]
        if not is_draft and self.state not in ("undone", "undoing"):
            domain.append(("kind", "!=", "kept"))
        if kind == "troubles":
            domain.append(("kind", "in", _TROUBLES))
        elif kind:
            domain.append(("kind", "=", kind))
        rows = self.env["pipeline.import.row"].search(domain, order="line", limit=_PAGE, offset=page * _PAGE)
        return {
            "id": self.id, "name": self.name, "state": self.state, "error": self.error_message or "",
            "source_id": self.source_id.id, "sources": self._list_sources(), "sheets": self.sheets or [],
            "sheet": self.sheet or "", "columns": self.columns or [], "targets": self._list_targets(),
            "check": {"state": self.check_state or "", "count": self.check_count, "forecast": self.forecast or {}},
            "rows": rows._describe(), "row_count": self.env["pipeline.import.row"].search_count(domain),
            "counts": self._get_counts(), "progress": self.get_progress()[0], "can_undo": self.can_undo,
            "obstacles": (self.obstacles or "").splitlines(), "is_set_based": self.is_set_based,
            "kept_count": self._count_kept(),
        }  # fmt: skip

    def action_download_errors(self) -> dict[str, Any]:
        """Hand out the rows that did not come in as a file, with the reason beside each."""
        self.ensure_one()
        self.check_access("read")
        table = self._guarded(self._open_table)
        rows = self.env["pipeline.import.row"].search(
            [("import_id", "=", self.id), ("kind", "in", _TROUBLES), ("is_preview", "=", self.state == "draft")]
        )  # fmt: skip
        reasons = {one["line"]: one["text"] for one in rows._describe()}
        content = write_error_list(table.header, table.rows(), reasons, self.env._("Why it was not imported"))
        attachment = self.env["ir.attachment"].create({
            "name": self.env._("Not imported - %(name)s.csv", name=self.name.rpartition(".")[0] or self.name),
            "raw": content, "mimetype": "text/csv", "res_model": self._name, "res_id": self.id,
        })  # fmt: skip
        return {
            "type": "ir.actions.act_url", "target": "download", "url": f"/web/content/{attachment.id}?download=true"
        }

    # ---- helpers

    def _guarded(self, work) -> Any:
        try:
            return work()
        except MalformedBody as error:
            raise UserError(str(error)) from error

    def _get_counts(self) -> dict[str, int]:
        return {
            name: self[f"{name}_count"] for name in (
                "read", "total", "created", "duplicate", "repeated", "known", "refused", "problem", "failed", "waiting",
                "contactless", "undone",
            )
        }  # fmt: skip

    def _count_kept(self) -> int:
        return self.env["pipeline.import.row"].search_count([("import_id", "=", self.id), ("kind", "=", "kept")])

    def _list_sources(self) -> list[dict[str, Any]]:
        sources = self.env["pipeline.source"].search(
            [("provider", "=", "bulk_upload"), ("company_id", "=", self.company_id.id)]
        )  # fmt: skip
        return [{"id": source.id, "name": source.name} for source in sources | self.source_id]

    @api.model
    def _list_targets(self) -> list[dict[str, str]]:
        words = self._get_target_words()
        known = [{"value": name, "label": words.get(name) or _as_words(name)} for name in TARGETS]
        own = [{"value": f"{OWN_FIELD}{name}", "label": label} for name, label in self._get_own_fields()]
        return [
            {"value": NOTE, "label": self.env._("Keep readable on the lead")},
            {"value": IGNORE, "label": self.env._("Leave out")},
            *sorted(known, key=lambda one: one["label"].casefold()), *own,
        ]  # fmt: skip

    @api.model
    def _get_target_words(self) -> dict[str, str]:
        _ = self.env._
        return {
            "name": _("Name of the person"), "first_name": _("First name"), "last_name": _("Last name"),
            "company_name": _("Company"), "email": _("E-mail"), "phone": _("Phone"), "whatsapp": _("WhatsApp"),
            "job_title": _("Job position"), "street": _("Street"), "city": _("City"), "zip": _("Postal code"),
            "region": _("State or region"), "country": _("Country"), "message": _("Notes"), "tags": _("Tags"),
            "prospective_type": _("Type of prospect"), "temperature": _("Temperature"),
            "expected_revenue": _("Expected revenue"), "deal_name": _("Title of the lead"),
            "external_id": _("Id in the other system"), "lead_number": _("Number of the lead"),
            "outcome": _("Outcome (won, lost)"), "submitted_at": _("Came in on"), "page_url": _("Landing page"),
            "referrer": _("Referring page"), "utm_source": _("Source"), "utm_medium": _("Medium"),
            "utm_campaign": _("Campaign"), "utm_term": _("Search term"), "utm_content": _("Ad content"),
            "consent": _("Consent"), "do_not_email": _("Do not e-mail"), "do_not_call": _("Do not call"),
        }  # fmt: skip


def _as_words(name: str) -> str:
    return name.replace("_", " ").capitalize()
