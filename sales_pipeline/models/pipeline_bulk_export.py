"""Chosen columns of many leads or deals as a file, for the person who asked alone."""

import base64
from collections.abc import Iterator
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools.export_file import to_cell, to_csv, to_xlsx

_WRITERS = {"csv": to_csv, "xlsx": to_xlsx}
_MOST_COLUMNS = 200
_CHUNK = 2000


class PipelineBulk(models.Model):
    _inherit = "pipeline.bulk"

    kind = fields.Selection(selection_add=[("export", "Export")], ondelete={"export": "cascade"})

    @api.model
    def start_export(
        self, chosen: dict[str, Any], columns: list[dict[str, str]], file_format: str, for_import: bool = False
    ) -> int:
        """Have chosen columns of chosen leads written into a file.

        :param chosen: ``ids``, or ``domain`` with ``order``, as the list has them
        :param columns: ``name`` as Odoo's export knows it (``partner_id/name``), and ``label``
        :param file_format: ``csv`` or ``xlsx``
        :param for_import: as Odoo's import takes it back: names of fields on top, external ids for records
        :return: the id of the job
        """
        choice = {"columns": columns, "format": file_format, "for_import": bool(for_import)}
        return self._start("export", chosen, choice).id

    # ---- doors

    def _get_label(self) -> str:
        if self.kind != "export":
            return super()._get_label()
        return self.env._("Export (%(format)s)", format=(self.choice or {}).get("format", "").upper())

    def _prepare_choice(self) -> dict[str, Any]:
        if self.kind != "export":
            return super()._prepare_choice()
        if not (self.env.is_admin() or self.env.user.has_group("base.group_allow_export")):
            raise UserError(self.env._("You may not export. Ask an administrator for the right to."))
        columns, file_format = self.choice.get("columns") or [], self.choice.get("format")
        known = self.env["crm.lead"].fields_get(attributes=["exportable"])
        allowed = {name for name, facts in known.items() if facts.get("exportable", True)} | {".id"}
        names = [str(column["name"]) for column in columns]
        if file_format not in _WRITERS or not 0 < len(names) <= _MOST_COLUMNS:
            raise UserError(self.env._("Choose what to export."))
        roots = {name: name if name == ".id" else name.split("/")[0].split(".")[0] for name in names}
        if unknown := [name for name in names if roots[name] not in allowed]:
            raise UserError(self.env._("You may not export: %(names)s.", names=", ".join(unknown)))
        for_import = self.choice["for_import"]
        labels = [str((not for_import and column.get("label")) or column["name"]).strip() for column in columns]
        return {**self.choice, "columns": [list(pair) for pair in zip(names, labels, strict=True)]}

    def _get_needed_access(self) -> str:
        return "read" if self.kind == "export" else super()._get_needed_access()

    def _carry_out(self, leads) -> dict[int, dict[str, Any]]:
        if self.kind != "export":
            return super()._carry_out(leads)
        names = [name for name, _label in self.choice["columns"]]
        rows: dict[int, list] = {}
        reading = leads.with_context(import_compat=self.choice["for_import"])
        refused = self._try(reading, lambda some: rows.update(_read_rows(some, names)))
        told = {id_: {"state": "refused", "code": "error", "message": why} for id_, why in refused.items()}
        return told | {id_: {"state": "done", "new": lines} for id_, lines in rows.items() if id_ not in refused}

    def _on_finished(self) -> None:
        super()._on_finished()
        if self.kind == "export" and self.state == "done":
            file_format = self.choice["format"]
            header = [label for _name, label in self.choice["columns"]]
            content = _WRITERS[file_format](header, self._read_lines())
            # Whoever may read the job may read its attachment: the asker.
            self.env["ir.attachment"].sudo().create({
                "name": f"{self.env._('Leads and deals')} {fields.Date.context_today(self)}.{file_format}",
                "res_model": self._name, "res_id": self.id, "datas": base64.b64encode(content),
            })  # fmt: skip
            self.env.cr.execute(SQL("UPDATE pipeline_bulk_item SET new = NULL WHERE bulk_id = %s", self.id))

    def _get_result_url(self) -> str | bool:
        if self.kind != "export" or self.state != "done":
            return super()._get_result_url()
        found = self.env["ir.attachment"].sudo().search(
            [("res_model", "=", self._name), ("res_id", "=", self.id)], limit=1
        )  # fmt: skip
        return f"/web/content/{found.id}?download=true" if found else False

    def _read_lines(self) -> Iterator[list]:
        """Yield the stored lines in the order of the list."""
        last = 0
        while True:
            self.env.cr.execute(
                SQL(
                    """
                    SELECT id, new FROM pipeline_bulk_item
                     WHERE bulk_id = %s AND state = 'done' AND id > %s ORDER BY id LIMIT %s
                    """,
                    self.id,
                    last,
                    _CHUNK,
                )
            )
            found = self.env.cr.fetchall()
            if not found:
                return
            for last, lines in found:  # noqa: B007
                yield from lines


def _read_rows(leads, names: list[str]) -> dict[int, list]:
    """Return the lines of each record, as Odoo's own export makes them: several where a column lists many records."""
    table = leads.export_data([".id", *names])["datas"]
    rows: dict[int, list] = {}
    id_ = 0
    for first, *cells in table:
        id_ = int(first) if first else id_
        rows.setdefault(id_, []).append([to_cell(cell) for cell in cells])
    return rows
