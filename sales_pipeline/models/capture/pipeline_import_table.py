"""What a list says: its table, its columns, and what a person decided about them."""

import base64
from itertools import islice
from typing import Any

from odoo import api, fields, models

from ...exceptions import MalformedBody
from ...tools.csv_mapping import (
    IGNORE,
    NOTE,
    OWN_FIELD,
    ColumnPlan,
    TableMapping,
    get_signature,
    plan_columns,
    read_mapping,
)
from ...tools.csv_table import CsvTable, is_spreadsheet
from ...tools.field_names import TARGETS
from ...tools.sheet_table import read_sheet

_SAMPLES = 3
_LOOKED_AT = 200
_LONGEST_SAMPLE = 80


class PipelineImport(models.Model):
    _inherit = "pipeline.import"

    table = fields.Binary("Sheet as CSV", attachment=True, readonly=True, copy=False)
    sheets = fields.Json(readonly=True, copy=False, help="The sheets of a spreadsheet that are not empty.")
    sheet = fields.Char(copy=False)
    choices = fields.Json(readonly=True, copy=False, help="What a person chose for columns: a word of ours each.")

    # ---- use cases

    def _open(self) -> tuple[CsvTable, list[ColumnPlan], TableMapping]:
        """Return the table, what becomes of its columns, and the mapping.

        :raise MalformedBody: it cannot be read
        """
        table = self._open_table()
        mapping = read_mapping(base64.b64decode(self.mapping_file or b""))
        chosen = {name: target for name, target in (self.choices or {}).items() if name in table.header}
        mapping = TableMapping(**{**vars(mapping), "columns": {**mapping.columns, **chosen}})
        planned = [ColumnPlan(one["column"], one["target"], one["reason"]) for one in self.columns or ()]
        if [plan.column for plan in planned] == table.header:
            return table, planned, mapping
        plans = self._replace_unknown_fields(plan_columns(table.header, mapping, table.rows()))
        return table, plans, mapping

    def _open_table(self) -> CsvTable:
        raw = base64.b64decode(self.file or b"")
        if not is_spreadsheet(raw):
            return CsvTable(raw)
        if not self.table:
            content, sheets = read_sheet(raw, self.sheet or None)
            self.write({
                "table": base64.b64encode(content), "sheets": sheets,
                "sheet": self.sheet if self.sheet in sheets else sheets[0],
            })  # fmt: skip
        return CsvTable(base64.b64decode(self.table), counts_records=True)

    def _plan(self) -> None:
        """Read the list and keep what becomes of its columns, with samples; a remembered mapping of its source counts.

        :raise MalformedBody: it cannot be read
        """
        self.ensure_one()
        self.columns = False
        table = self._open_table()
        signature = get_signature(table.header)
        if self.choices is False or self.choices is None:
            self.choices = self._recall(signature)
        table, plans, _mapping = self._open()
        samples: dict[str, list[str]] = {name: [] for name in table.header}
        for row in islice(table.rows(), _LOOKED_AT):
            for name, cell in row.cells.items():
                if cell and len(samples[name]) < _SAMPLES and cell[:_LONGEST_SAMPLE] not in samples[name]:
                    samples[name].append(cell[:_LONGEST_SAMPLE])
        self.write({
            "total_count": table.count(),
            "columns": [
                {"column": plan.column, "target": plan.target, "reason": plan.reason, "samples": samples[plan.column]}
                for plan in plans
            ],
        })  # fmt: skip

    # ---- mapping

    @api.model
    def _replace_unknown_fields(self, plans: list[ColumnPlan]) -> list[ColumnPlan]:
        """Keep as a note what a mapping gives to a field that is gone, or that lists may not fill."""
        own = {plan.target.removeprefix(OWN_FIELD) for plan in plans if plan.target.startswith(OWN_FIELD)}
        if not own:
            return plans
        allowed = {name for name, _label in self._get_own_fields()}
        return [
            ColumnPlan(plan.column, NOTE, "unknown")
            if plan.target.startswith(OWN_FIELD) and plan.target.removeprefix(OWN_FIELD) not in allowed else plan
            for plan in plans
        ]  # fmt: skip

    @api.model
    def _get_own_fields(self) -> list[tuple[str, str]]:
        """Return name and label of the fields that the database's owner added to leads and lists may fill."""
        found = self.env["ir.model.fields"].sudo().search(self.env["crm.lead"]._get_own_field_domain())
        return [(field.name, field.field_description) for field in found]

    def _get_source(self):
        return self.source_id or self.env["pipeline.source"]._get_import_source(self.company_id)

    def _recall(self, signature: str) -> dict[str, str]:
        found = self.env["pipeline.import.mapping"].sudo().search(
            [("source_id", "=", self._get_source().id), ("signature", "=", signature)], limit=1
        )  # fmt: skip
        return found.columns or {}

    def _remember_mapping(self) -> None:
        """Keep what a person chose for the columns, for the next list of this shape from the source."""
        if not self.choices or not self.columns:
            return
        signature = get_signature([one["column"] for one in self.columns])
        mappings = self.env["pipeline.import.mapping"].sudo()
        source = self._get_source()
        known = mappings.search([("source_id", "=", source.id), ("signature", "=", signature)], limit=1)
        if known:
            known.columns = self.choices
        else:
            mappings.create({"source_id": source.id, "signature": signature, "columns": self.choices})

    def _choose(self, choices: dict[str, Any]) -> None:
        """Set what becomes of columns; words we do not have and columns the list does not have are left out.

        :raise MalformedBody: the list cannot be read
        """
        own = {f"{OWN_FIELD}{name}" for name, _label in self._get_own_fields()}
        words = {*TARGETS, NOTE, IGNORE, *own}
        columns = {one["column"] for one in self.columns or ()}
        fitting = {name: word for name, word in choices.items() if name in columns and word in words}
        if unfit := [word for word in choices.values() if word not in words]:
            raise MalformedBody(f"There is no such field: {unfit[0]}.")
        self.choices = {**(self.choices or {}), **fitting}
        self._plan()
