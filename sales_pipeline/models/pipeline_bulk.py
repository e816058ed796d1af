"""One act on many leads or deals: chosen in a list, done in the background, as the person who asked."""

from datetime import timedelta
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

_OPEN = ("waiting", "running")
# Undo and results are kept this long; the line in the history longer.
_KEPT_DAYS, _TOLD_DAYS = 7, 90
# Choosing the rows is part of the request: a million of them would hold it for ten seconds.
_MOST_ROWS = 250_000
_SHOWN = 5


class PipelineBulk(models.Model):
    """A job over chosen records. Domains add kinds, and say for theirs what changes."""

    _name = "pipeline.bulk"
    _inherit = "pipeline.progress.mixin"
    _description = "Bulk Action"
    _order = "id desc"

    name = fields.Char("Action", compute="_compute_name")
    kind = fields.Selection([("delete", "Delete"), ("undo", "Undo")], required=True, readonly=True)
    choice = fields.Json(readonly=True, help="What the person chose: whom, which status, which tags.")
    user_id = fields.Many2one("res.users", "Requested By", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    asker_context = fields.Json(readonly=True, help="Language, time zone and companies of the person who asked.")
    state = fields.Selection(
        [
            ("waiting", "Waiting"), ("running", "Running"), ("done", "Done"), ("cancelled", "Cancelled"),
            ("failed", "Failed"),
        ],
        default="waiting", required=True, readonly=True, index=True,
    )  # fmt: skip
    total_count = fields.Integer("Chosen", readonly=True)
    # Counted while it runs, written at the end: a job that wrote its own row would stumble over who cancels it.
    changed_count = fields.Integer("Changed", readonly=True)
    unchanged_count = fields.Integer("Already So", readonly=True)
    refused_count = fields.Integer("Left Out", readonly=True)
    is_cancel_asked = fields.Boolean("Cancelling", readonly=True)
    is_dismissed = fields.Boolean("Out of Sight", readonly=True)
    started_at = fields.Datetime("Started On", readonly=True)
    finished_at = fields.Datetime("Finished On", readonly=True)
    error_message = fields.Char(readonly=True)
    original_id = fields.Many2one(
        "pipeline.bulk", "Takes Back", readonly=True, ondelete="cascade", index="btree_not_null"
    )
    undo_ids = fields.One2many("pipeline.bulk", "original_id", "Taken Back By", readonly=True)
    can_undo = fields.Boolean("Can Be Undone", compute="_compute_can_undo")
    item_ids = fields.One2many("pipeline.bulk.item", "bulk_id", "Rows", readonly=True)
    refused_item_ids = fields.One2many(
        "pipeline.bulk.item", "bulk_id", "Left as They Were", domain=[("state", "=", "refused")], readonly=True
    )

    @api.depends("kind", "choice")
    @api.depends_context("lang")
    def _compute_name(self):
        for job in self:
            job.name = job._get_label()

    @api.depends("state", "kind", "changed_count", "finished_at", "undo_ids.state")
    def _compute_can_undo(self):
        oldest = fields.Datetime.now() - timedelta(days=_KEPT_DAYS)
        for job in self:
            is_over = job.state not in _OPEN and job.finished_at and job.finished_at > oldest
            undone = job.undo_ids.filtered(lambda undo: undo.state not in ("cancelled", "failed"))
            job.can_undo = bool(is_over and job.changed_count and not undone and job._get_touched_fields())

    # ---- doors

    def _get_label(self) -> str:
        """Return the name of the act in the reader's language."""
        if self.kind == "undo":
            return self.env._("Undo: %(action)s", action=self.original_id._get_label())
        return self.env._("Delete")

    def _prepare_choice(self) -> dict[str, Any]:
        """Return the choice as it is carried out.

        :raise UserError: what was chosen is not possible
        """
        return {}

    def _get_touched_fields(self) -> tuple[str, ...]:
        """Return the fields that the act changes; none where it cannot be taken back."""
        return ("deleted_at",) if self.kind == "delete" else ()

    # ---- use cases

    @api.model
    def _start(self, kind: str, chosen: dict[str, Any], choice: dict[str, Any]) -> "PipelineBulk":
        """Take down which records an act is meant for, and have it carried out in the background.

        :param kind: a value of ``kind``
        :param chosen: ``ids``, or ``domain`` with ``order``, as the list has them; only what the user sees is taken
        :param choice: what the kind needs to know
        :raise UserError: nothing was chosen, or what was chosen is not possible
        """
        context = {
            "lang": self.env.lang, "tz": self.env.context.get("tz") or self.env.user.tz,
            "allowed_company_ids": self.env.companies.ids,
        }  # fmt: skip
        job = self.sudo().create({
            "kind": kind, "choice": choice, "user_id": self.env.uid, "company_id": self.env.company.id,
            "asker_context": context,
        })  # fmt: skip
        job.choice = job.sudo(False)._prepare_choice()
        job._freeze(self.env["crm.lead"], chosen)
        job._wake()
        return job.sudo(False)

    def _freeze(self, model, chosen: dict[str, Any]) -> None:
        """Store the ids in one statement, in the order of the list."""
        ids = chosen.get("ids")
        if ids is not None:
            domain, order = Domain("id", "in", [int(id_) for id_ in ids]), None
            model = model.with_context(active_test=False)
        else:
            domain, order = Domain(chosen.get("domain") or []), chosen.get("order") or None
        query = model._search(domain, order=order, limit=_MOST_ROWS + 1)
        columns = SQL("%s, %s, 'waiting'", self.id, SQL.identifier(query.table, "id"))
        self.env.flush_all()
        self.env.cr.execute(
            SQL("INSERT INTO pipeline_bulk_item (bulk_id, lead_id, state) %s", query.select(columns))
        )
        self.total_count = self.env.cr.rowcount
        self.invalidate_recordset(["item_ids"])
        if not self.total_count:
            raise UserError(self.env._("Nothing is chosen any more. Reload the list and choose again."))
        if self.total_count > _MOST_ROWS:
            raise UserError(self.env._("Choose at most %(count)s at a time.", count=_MOST_ROWS))

    def _undo(self) -> "PipelineBulk":
        """Have the act taken back, where a record still is as the act left it."""
        self.ensure_one()
        if not self.can_undo:
            raise UserError(self.env._("“%(action)s” cannot be undone any more.", action=self.name))
        job = self.sudo().create({
            "kind": "undo", "original_id": self.id, "choice": {}, "user_id": self.env.uid,
            "company_id": self.company_id.id, "asker_context": self.asker_context,
        })  # fmt: skip
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO pipeline_bulk_item (bulk_id, lead_id, state, old, new)
                     SELECT %s, lead_id, 'waiting', old, new FROM pipeline_bulk_item
                      WHERE bulk_id = %s AND state = 'done' ORDER BY id
                """,
                job.id,
                self.id,
            )
        )
        job.total_count = self.env.cr.rowcount
        job._wake()
        return job

    def _wake(self) -> None:
        self.env["pipeline.lane.mixin"]._wake_job("sales_pipeline.ir_cron_run_bulk_actions")
        self._send_progress(self.user_id)

    # ---- progress

    def _prepare_progress(self) -> dict[str, Any]:
        job = self.sudo()
        counts = job._get_counts()
        done = counts["changed"] + counts["unchanged"] + counts["refused"]
        seconds = (fields.Datetime.now() - job.started_at).total_seconds() if job.started_at else 0
        rate = done / seconds if seconds > 0 else 0
        is_open = job.state in _OPEN
        return {
            "name": self.name, "state": job.state, "done": done, "total": job.total_count, **counts, "rate": rate,
            "seconds_left": (job.total_count - done) / rate if is_open and rate else False,
            "can_cancel": is_open and not job.is_cancel_asked, "can_undo": self.can_undo,
            "url": self._get_result_url(), "text": job.error_message or "", "is_dismissed": job.is_dismissed,
        }  # fmt: skip

    def _get_counts(self) -> dict[str, int]:
        """Return how many rows were changed, unchanged, and refused so far."""
        self.ensure_one()
        if self.state not in _OPEN:
            return {"changed": self.changed_count, "unchanged": self.unchanged_count, "refused": self.refused_count}
        self.env.cr.execute(
            SQL("SELECT state, count(*) FROM pipeline_bulk_item WHERE bulk_id = %s GROUP BY state", self.id)
        )
        found = dict(self.env.cr.fetchall())
        return {"changed": found.get("done", 0), "unchanged": found.get("same", 0), "refused": found.get("refused", 0)}

    def _get_result_url(self) -> str | bool:
        """Return where the result can be fetched (door)."""
        return False

    @api.model
    def get_mine(self) -> list[dict[str, Any]]:
        """Return the progress of the user's jobs that run, or that ended and were not put out of sight."""
        since = fields.Datetime.now() - timedelta(days=1)
        seen = Domain("is_dismissed", "=", False) & Domain("create_date", ">=", since)
        domain = Domain("user_id", "=", self.env.uid) & (Domain("state", "in", _OPEN) | seen)
        return self.search(domain, limit=_SHOWN).get_progress()

    # ---- actions

    def action_cancel(self) -> None:
        """Stop after the rows that are being worked on."""
        self.check_access("read")
        jobs = self.sudo().filtered(lambda job: job.state in _OPEN)
        jobs.is_cancel_asked = True
        for job in jobs:
            job._wake()

    def action_undo(self) -> None:
        """Take the act back, where a record still is as the act left it."""
        self.check_access("read")
        self._undo()

    def action_dismiss(self) -> None:
        """Put jobs that ended out of sight; the history keeps them."""
        self.check_access("read")
        self.sudo().filtered(lambda job: job.state not in _OPEN).is_dismissed = True

    def action_view_refused(self) -> dict:
        """Open what was left as it was, with the reasons."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("sales_pipeline.pipeline_bulk_item_action")
        return {**action, "domain": [("bulk_id", "=", self.id), ("state", "=", "refused")]}

    # ---- tidying

    @api.autovacuum
    def _gc_old(self) -> None:
        """Let go of the rows and results of a week ago, and of the history of three months ago."""
        now = fields.Datetime.now()
        self.search([("finished_at", "<", now - timedelta(days=_TOLD_DAYS))]).unlink()
        old = self.search([("finished_at", "<", now - timedelta(days=_KEPT_DAYS))])
        self.env["ir.attachment"].search([("res_model", "=", self._name), ("res_id", "in", old.ids)]).unlink()
        self.env.cr.execute(SQL("DELETE FROM pipeline_bulk_item WHERE bulk_id = ANY(%s)", old.ids))
