"""Look at a list before it is brought in: what each row would become, and why not; nothing is written but that."""

import base64
import time
from typing import Any

from odoo import api, fields, models

from ...exceptions import MalformedBody
from ...providers.capture.base import StoredItem
from ...tools.capture_draft import CaptureDraft
from ...tools.list_chunk import Chunk, describe_contact, read_chunks
from ...tools.list_places import get_place_key, read_places, write_places
from ..rows import insert_rows

_SHOWN = 100
_MOST_PROBLEMS = 5000
_CHUNK = 500
_AT_ONCE_SECONDS = 1.0
_COUNTED = ("new", "known", "earlier", "imported", "refused", "problem")


class PipelineImport(models.Model):
    _inherit = "pipeline.import"

    check_state = fields.Selection(
        [("waiting", "Waiting"), ("running", "Running"), ("done", "Done")], readonly=True, copy=False
    )
    check_count = fields.Integer("Rows Looked At", readonly=True, copy=False)
    seen = fields.Binary(attachment=True, readonly=True, copy=False, help="Which contacts the rows looked at have.")
    forecast = fields.Json(readonly=True, copy=False, help="How many rows would become what.")

    # ---- use case

    def _start_check(self) -> None:
        """Look at the first rows now, and have the job look at the others."""
        self.row_ids.filtered("is_preview").unlink()
        self.write({"check_state": "running", "check_count": 0, "forecast": dict.fromkeys(_COUNTED, 0)})
        self._check(most_seconds=_AT_ONCE_SECONDS, commits=False)
        if self.check_state != "done":
            self._wake()

    @api.model
    def _check_waiting(self) -> bool:
        """Go on looking at lists; return whether all were looked at."""
        for record in self.search([("check_state", "=", "running"), ("state", "=", "draft")], order="id desc"):
            record._check()
            if record.check_state != "done":
                return False
        return True

    def _check(self, most_seconds: float = 3600.0, commits: bool = True) -> None:
        source = self._get_source().sudo()
        try:
            table, plans, mapping = self._open()
        except MalformedBody as error:
            self.write({"check_state": "done", "error_message": str(error)})
            return
        country_code = source.default_country_id.code or source.company_id.country_id.code or None
        chunks = read_chunks(
            table, plans, mapping, source._get_provider(), country_code, skipped=self.check_count,
            size=_CHUNK if self.check_count else _SHOWN,
        )  # fmt: skip
        met = read_places(base64.b64decode(self.seen or b"")) if self.check_count else {}
        start = time.monotonic()
        for chunk in chunks:
            self._check_chunk(chunk, source, met)
            is_over = commits and not self._checkpoint(len(chunk.rows))
            if is_over or time.monotonic() - start > most_seconds:
                self.seen = base64.b64encode(write_places(met))
                if commits:
                    self._checkpoint()
                return
        self.write({"check_state": "done", "seen": False})

    def _check_chunk(self, chunk: Chunk, source, met: dict[int, int]) -> None:
        forecast = self._forecast(chunk, source, met)
        if not self.check_count:
            self._note_alike(forecast, chunk, source)
        counts = dict(self.forecast)
        for kind, _row in forecast:
            counts[kind] += 1
        is_first = not self.check_count
        room = _MOST_PROBLEMS - sum(counts[kind] for kind in ("refused", "problem"))
        rows = [row for kind, row in forecast if is_first or (room > 0 and kind in ("refused", "problem"))]
        insert_rows(self.env, "pipeline_import_row", rows)
        self.write({"forecast": counts, "check_count": self.check_count + len(chunk.rows)})

    def _forecast(self, chunk: Chunk, source, met: dict[int, int]) -> list[tuple[str, dict[str, Any]]]:
        """Return what each row would become: a kind, and the row that says so."""
        leads = self.env["crm.lead"].sudo().with_company(source.company_id)
        items = [StoredItem(*item) for item in chunk.items]
        before = dict.fromkeys(self._sort_before(items, source), True)
        refusals = {draft.index: refusal for draft in chunk.drafts if (refusal := draft.get_refusal(source))}
        asked = [draft for draft in chunk.drafts if draft.index not in refusals and draft.index not in before]
        _fresh, pairs = leads._meet_list(asked, source.company_id)
        targets = {draft.index: target for target, draft in pairs}
        found = [
            ("problem", {"line": row.line, "reason": {"code": row.problem}}) for row in chunk.rows if row.problem
        ]
        for row, draft in zip(chunk.readable, chunk.drafts, strict=True):
            kind, more = self._judge_row(draft, refusals.get(draft.index), before, targets.get(draft.index), met, chunk)
            found.append((kind, {"line": row.line, "label": describe_contact(draft.captured), **more}))
            for key in draft.keys:
                met.setdefault(get_place_key(key), row.line)
        return [(kind, {"import_id": self.id, "is_preview": "true", "kind": kind, **row}) for kind, row in found]

    def _note_alike(self, forecast: list[tuple[str, dict[str, Any]]], chunk: Chunk, source) -> None:
        """Say of new rows among the first whom they resemble; over the whole list the nightly search says so."""
        by_line = {row.line: draft for row, draft in zip(chunk.readable, chunk.drafts, strict=True)}
        new = [row for kind, row in forecast if kind == "new"]
        contacts = [by_line[row["line"]].contact for row in new]
        answers = self.env["pipeline.contact"].sudo()._find_duplicates(contacts, source.company_id)
        for row, answer in zip(new, answers, strict=True):
            if answer:
                one = answer[0]
                reasons = [[reason.code, reason.bits, reason.value] for reason in one.reasons]
                row["reason"] = {"alike": [one.res_model, one.res_id], "reasons": reasons}

    def _judge_row(self, draft: CaptureDraft, refusal, before, target, met, chunk: Chunk) -> tuple[str, dict[str, Any]]:
        if draft.index in before:
            return "imported", {}
        if refusal:
            return "refused", {"reason": {"code": refusal.code or "missing", "field": refusal.field}}
        reasons = [[one.code, one.bits, one.value] for one in draft.match.reasons] if draft.match else []
        if isinstance(target, CaptureDraft):
            return "earlier", {"reason": {"line": chunk.readable[target.index].line, "reasons": reasons}}
        if target is not None:
            return "known", {"lead_id": target.id, "reason": {"reasons": reasons}}
        line = next((met[key] for key in map(get_place_key, draft.keys) if key in met), None)
        return ("earlier", {"reason": {"line": line, "reasons": []}}) if line else ("new", {})

    def _sort_before(self, items: list[StoredItem], source) -> list[int]:
        """Return the places of the items that an earlier import of the source brought."""
        ids = [item.external_id for item in items]
        known = self.env["pipeline.inbox"].sudo().search_fetch(
            [("source_id", "=", source.id), ("external_id", "in", ids)], ["external_id"]
        )  # fmt: skip
        brought = set(known.mapped("external_id"))
        return [place for place, external_id in enumerate(ids) if external_id in brought]
