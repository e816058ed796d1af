"""Take a whole import back: its leads leave, and leads that were known are as they were before."""

from datetime import timedelta
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..pipeline_lane_mixin import CONCURRENT_CHANGES

UNDO_DAYS = 30
_BATCH = 500
_TAKEN_BACK = ":taken-back:"


class PipelineImport(models.Model):
    _inherit = "pipeline.import"

    undone_count = fields.Integer("Leads Taken Back", readonly=True, copy=False)
    undo_total = fields.Integer("Rows to Take Back", readonly=True, copy=False)
    takes_touched = fields.Boolean(
        "Takes Back Touched Leads", readonly=True, copy=False, help="Leads that somebody worked on are taken back, too."
    )
    can_undo = fields.Boolean("Can Be Taken Back", compute="_compute_can_undo")

    @api.depends("state", "finished_at")
    def _compute_can_undo(self):
        since = fields.Datetime.now() - timedelta(days=UNDO_DAYS)
        for record in self:
            is_ended = record.state in ("done", "cancelled", "undone") and record.read_count
            record.can_undo = bool(is_ended and record.finished_at and record.finished_at >= since)

    # ---- actions

    def action_undo(self) -> None:
        """Have everything taken back that nobody has worked on since."""
        self._start_undo(takes_touched=False)

    def action_undo_touched(self) -> None:
        """Have those leads taken back, too, that somebody has worked on since."""
        self._start_undo(takes_touched=True)

    def _start_undo(self, takes_touched: bool) -> None:
        self.check_access("write")
        for record in self:
            if record.state == "undoing":
                continue
            if not record.can_undo:
                raise UserError(self.env._(
                    "“%(name)s” can no longer be taken back: that goes for %(days)s days after its end.",
                    name=record.name, days=UNDO_DAYS,
                ))  # fmt: skip
            record.write({
                "state": "undoing", "takes_touched": takes_touched,
                "undo_total": record.undone_count + record._count_remaining(),
            })  # fmt: skip
        self._wake()

    # ---- use case

    def _take_back(self) -> None:
        """Go on taking back until all is done or the job's slice is over; a second time changes nothing."""
        self.ensure_one()
        for step in (self._restore_known, self._delete_created):
            while True:
                try:
                    count = step()
                    self.env["pipeline.moments.mixin"]._flush_moments()
                except CONCURRENT_CHANGES:
                    # somebody wrote one of them meanwhile: it is looked at anew, and perhaps kept
                    self.env.cr.rollback()
                    continue
                if not count:
                    break
                if not self._checkpoint(count):
                    return
        self._note_kept()
        self.state = "undone"
        self._checkpoint()

    def _restore_known(self) -> int:
        """Take the touches of this import off leads that were known, and empty what it filled and nobody changed."""
        known = [("import_id", "=", self.id), ("is_preview", "=", False), ("kind", "=", "known")]
        rows = self.env["pipeline.import.row"].sudo().search([*known, ("undo", "!=", False)], limit=_BATCH)
        touches = [id_ for row in rows for id_ in row.undo.get("touches") or ()]
        self.env["pipeline.touch"].sudo().browse(touches).exists().unlink()
        for row in rows:
            lead = row.lead_id.sudo().with_context(tracking_disable=True)
            filled = row.undo.get("filled") or {}
            same = [name for name, value in filled.items() if name in lead._fields and _equals(lead[name], value)]
            if lead.exists() and not lead.deleted_at and same:
                lead.write(dict.fromkeys(same, False))
        rows.write({"undo": False})
        self._release_rows(SQL("result = 'duplicate' AND lead_id = ANY(%s)", rows.lead_id.ids))
        return len(rows)

    def _delete_created(self) -> int:
        """Delete some of the leads that the import made and nobody touched, as a person would delete them."""
        condition = SQL("TRUE") if self.takes_touched else SQL("NOT (%s)", self._get_touched_condition())
        self.env.flush_all()
        self.env.cr.execute(SQL(
            "SELECT l.id FROM crm_lead l JOIN pipeline_inbox i ON i.lead_id = l.id "
            "WHERE i.import_id = %s AND i.result = 'created' AND l.deleted_at IS NULL AND %s ORDER BY l.id LIMIT %s",
            self.id, condition, _BATCH,
        ))  # fmt: skip
        leads = self.env["crm.lead"].sudo().browse(id_ for (id_,) in self.env.cr.fetchall())
        if leads:
            self._delete_together(leads)
            self._release_rows(SQL("lead_id = ANY(%s)", leads.ids))
            self.undone_count += len(leads)
        return len(leads)

    def _delete_together(self, leads) -> None:
        busy = leads.filtered("activity_ids") | self.env["calendar.event"].sudo().with_context(
            active_test=False
        ).search([("opportunity_id", "in", leads.ids)]).opportunity_id  # fmt: skip
        busy._soft_delete()
        plain = leads - busy
        now = fields.Datetime.now()
        self.env.cr.execute(SQL(
            "UPDATE crm_lead SET deleted_at = %(now)s, deleted_uid = %(uid)s, deleted_links = %(links)s::jsonb, "
            "write_date = %(now)s, write_uid = %(uid)s WHERE id = ANY(%(ids)s)",
            now=now, uid=self.env.uid, ids=plain.ids,
            links='{"calendar.event": [], "document": [], "mail.activity": []}',
        ))  # fmt: skip
        plain.invalidate_recordset()
        plain._on_changed({lead.id: {"deleted_at": False} for lead in plain})

    def _release_rows(self, condition: SQL) -> None:
        """Forget the ids of rows, so that the list may come again."""
        self.env.flush_all()
        self.env.cr.execute(SQL(
            "UPDATE pipeline_inbox SET external_id = external_id || %s || id "
            "WHERE import_id = %s AND strpos(external_id, %s) = 0 AND %s",
            _TAKEN_BACK, self.id, _TAKEN_BACK, condition,
        ))  # fmt: skip
        self.env["pipeline.inbox"].invalidate_model(["external_id"], flush=False)

    def _get_touched_condition(self) -> SQL:
        """Return what tells that a person, or the contact, did something with a lead ``l`` since it came in (door)."""
        # The end is kept without its fraction of a second, the list's own touches with it.
        ended = (self.finished_at or fields.Datetime.now()) + timedelta(seconds=1)
        return SQL(
            """
               (l.write_date > l.create_date AND l.write_uid <> %(robot)s)
            OR l.message_bounce > 0
            OR EXISTS (SELECT 1 FROM mail_message m WHERE m.model = 'crm.lead' AND m.res_id = l.id
                          AND (m.create_uid <> %(robot)s OR m.message_type NOT IN ('notification', 'auto_comment')))
            OR EXISTS (SELECT 1 FROM mail_activity a WHERE a.res_model = 'crm.lead' AND a.res_id = l.id
                          AND a.create_uid <> %(robot)s)
            OR EXISTS (SELECT 1 FROM sale_order o WHERE o.opportunity_id = l.id)
            OR EXISTS (SELECT 1 FROM calendar_event c WHERE c.opportunity_id = l.id)
            OR EXISTS (SELECT 1 FROM pipeline_inbox other WHERE other.lead_id = l.id
                          AND other.import_id IS DISTINCT FROM %(id)s)
            OR EXISTS (SELECT 1 FROM pipeline_touch t WHERE t.lead_id = l.id AND t.create_date >= %(ended)s)
            """,
            robot=api.SUPERUSER_ID, id=self.id, ended=ended,
        )  # fmt: skip

    def _count_remaining(self) -> int:
        self.env.flush_all()
        self.env.cr.execute(SQL(
            "SELECT count(*) FROM crm_lead l JOIN pipeline_inbox i ON i.lead_id = l.id "
            "WHERE i.import_id = %s AND i.result = 'created' AND l.deleted_at IS NULL", self.id,
        ))  # fmt: skip
        return self.env.cr.fetchone()[0]

    def _note_kept(self) -> None:
        """List what stays because somebody worked on it, and let the refused rows come again."""
        rows = self.env["pipeline.import.row"].sudo()
        rows.search([("import_id", "=", self.id), ("kind", "=", "kept")]).unlink()
        self.env.flush_all()
        self.env.cr.execute(SQL(
            """
            INSERT INTO pipeline_import_row (import_id, line, is_preview, kind, lead_id, label)
            SELECT i.import_id, coalesce((i.payload->>'line')::int, 0), false, 'kept', l.id, l.name
              FROM crm_lead l JOIN pipeline_inbox i ON i.lead_id = l.id
             WHERE i.import_id = %s AND i.result = 'created' AND l.deleted_at IS NULL
            """, self.id,
        ))  # fmt: skip
        self._release_rows(SQL("result = 'refused'"))
        self.invalidate_recordset(["row_ids"])

    def _get_undo_progress(self) -> dict[str, Any]:
        return {"done": self.undone_count, "total": self.undo_total, "text": self.env._("Being taken back")}

    # ---- retention

    @api.autovacuum
    def _gc_import_rows(self) -> None:
        """Forget what lists were looked at with, and what could be taken back, once that time is over."""
        since = fields.Datetime.now() - timedelta(days=UNDO_DAYS)
        old = [("import_id.create_date", "<", since)]
        rows = self.env["pipeline.import.row"]
        rows.search([*old, ("is_preview", "=", True)], limit=10_000).unlink()
        ended = [("import_id.finished_at", "<", since), ("undo", "!=", False)]
        rows.search(ended, limit=10_000).write({"undo": False})


def _equals(now: Any, given: Any) -> bool:
    return str(now) == given if isinstance(given, str) else now == given
