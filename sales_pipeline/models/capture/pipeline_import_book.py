"""What became of the rows of a list: kept beside it, and told to the owners of the new leads."""

import json
from typing import Any

from odoo import models
from odoo.tools import SQL

from ...tools.list_chunk import Chunk, describe_contact
from ...tools.list_row import ListResult
from ..mails import SENT_AT_ONCE
from ..rows import insert_rows
from .pipeline_inbox import STATE_BY_OUTCOME

_MOST_NOTED = 20_000


class PipelineImport(models.Model):
    _inherit = "pipeline.import"

    def _book_results(self, chunk: Chunk, kept: list[int], results: list[ListResult]) -> None:
        """Write the rows into the inbox with what became of them, and what is to be shown or taken back beside them."""
        now = self.env.cr.now().replace(tzinfo=None)
        common = {
            "source_id": self.source_id.id, "import_id": self.id, "company_id": self.source_id.company_id.id,
            "received_at": now, "processed_at": now, "next_attempt_at": now, "attempts": 0, "is_test": "false",
        }  # fmt: skip
        inbox, noted = [], []
        for place, one in zip(kept, results, strict=True):
            result = one.result
            external_id, payload = chunk.items[place]
            likeness = self.env["pipeline.inbox"]._dump_likeness(result.likeness)
            inbox.append({
                **common, "external_id": external_id, "payload": payload,
                "state": STATE_BY_OUTCOME[result.outcome], "result": result.outcome, "refused_field": result.field,
                "refused_code": result.code or ("missing" if result.outcome == "refused" else None),
                "has_no_contact": "true" if result.has_no_contact else "false", "lead_id": result.lead_id,
                "likeness": json.loads(likeness) if likeness else None,
            })  # fmt: skip
            if result.outcome in ("duplicate", "refused"):
                noted.append(self._prepare_row(chunk, place, one))
        insert_rows(self.env, "pipeline_inbox", inbox)
        insert_rows(self.env, "pipeline_import_row", noted)

    def _prepare_row(self, chunk: Chunk, place: int, one: ListResult) -> dict[str, Any]:
        captured, result = chunk.drafts[place].captured, one.result
        is_known = result.outcome == "duplicate"
        undo = {"filled": one.filled, "touches": one.touch_ids} if is_known else None
        reason = None if is_known else {"code": result.code or "missing", "field": result.field}
        return {
            "import_id": self.id, "line": chunk.readable[place].line, "is_preview": "false",
            "kind": "known" if is_known else "refused", "lead_id": result.lead_id, "undo": undo, "reason": reason,
            "label": describe_contact(captured),
        }  # fmt: skip

    def _note_problems(self, problems: list[dict[str, Any]]) -> None:
        """Keep which rows could not be read, for the list of errors."""
        insert_rows(self.env, "pipeline_import_row", [
            {"import_id": self.id, "line": one["line"], "is_preview": "false", "kind": "problem",
             "reason": {"code": one["problem"]}}
            for one in problems
        ])  # fmt: skip

    def _note_troubles(self) -> None:
        """Keep what the inbox refused of rows that were brought in one by one."""
        self.env.flush_all()
        self.env.cr.execute(SQL(
            """
            INSERT INTO pipeline_import_row (import_id, line, is_preview, kind, lead_id, reason)
            SELECT i.import_id, (i.payload->>'line')::int, false,
                   CASE WHEN i.state = 'failed' THEN 'failed' WHEN i.result = 'duplicate' THEN 'known'
                        ELSE 'refused' END, i.lead_id,
                   jsonb_build_object('code', coalesce(i.refused_code, 'missing'), 'field', i.refused_field)
              FROM pipeline_inbox i
             WHERE i.import_id = %s AND (i.state = 'failed' OR i.result IN ('refused', 'duplicate'))
               AND i.payload ? 'line'
               AND NOT EXISTS (SELECT 1 FROM pipeline_import_row r WHERE r.import_id = i.import_id
                                  AND r.is_preview IS NOT TRUE AND r.line = (i.payload->>'line')::int)
             LIMIT %s
            """,
            self.id, _MOST_NOTED,
        ))  # fmt: skip
        self.row_ids.invalidate_recordset()

    def _tell_owners(self) -> None:
        """Tell every owner once how many leads the list brought them; one notice a lead would bury them."""
        self.env.flush_all()
        self.env.cr.execute(SQL(
            """
            SELECT l.user_id, count(*) FROM pipeline_inbox i JOIN crm_lead l ON l.id = i.lead_id
             WHERE i.import_id = %s AND i.result = 'created' AND l.lead_status = 'new' AND l.user_id IS NOT NULL
             GROUP BY l.user_id ORDER BY l.user_id
            """, self.id,
        ))  # fmt: skip
        for user_id, count in self.env.cr.fetchall():
            owner = self.env["res.users"].browse(user_id)
            if owner == self.env.user:
                continue
            env = self.with_context(lang=owner.lang, **SENT_AT_ONCE).env
            title = env._("%(count)s new leads from a list", count=count)
            body = env._("“%(file)s” brought you %(count)s new leads.", file=self.name, count=count)
            env["mail.thread"].message_notify(partner_ids=owner.partner_id.ids, subject=title, body=body)
            owner._bus_send("simple_notification", {"type": "success", "title": title, "message": body})
