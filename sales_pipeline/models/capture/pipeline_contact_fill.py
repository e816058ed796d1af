"""Normalise the leads and partners that were there before the addon, in the background."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..pipeline_lane_mixin import CONCURRENT_CHANGES

_BATCH = 1000


class PipelineContactFill(models.Model):
    """How far the records of a model have been normalised: the newest first, down to the first.

    Records that change meanwhile are normalised by their own moments. It goes on where it stopped.
    """

    _name = "pipeline.contact.fill"
    _description = "Progress of Normalising Contacts"
    _log_access = False

    res_model = fields.Char(required=True, readonly=True)
    next_id = fields.Integer(readonly=True, help="The highest id that may still wait.")

    _model_unique = models.UniqueIndex("(res_model)")

    @api.model
    def _start(self, model_name: str) -> None:
        """Normalise all records of a model anew."""
        self.env.cr.execute(SQL("SELECT max(id) FROM %s", SQL.identifier(self.env[model_name]._table)))
        last = self.env.cr.fetchone()[0] or 0
        work = self.search([("res_model", "=", model_name)])
        if work:
            work.next_id = last
        else:
            self.create({"res_model": model_name, "next_id": last})
        self.env.ref("sales_pipeline.ir_cron_fill_contacts").sudo()._trigger()

    @api.model
    def _cron_fill(self) -> None:
        """Go on until all is normalised or the job's slice is over."""
        cron = self.env["ir.cron"]
        while work := self.search([("next_id", ">", 0)], order="res_model desc", limit=1):
            try:
                done = work._fill_batch()
                self.env.flush_all()
            except CONCURRENT_CHANGES:
                # somebody wrote one of them meanwhile; the batch is done again with what they wrote
                self.env.cr.rollback()
                continue
            if not cron._commit_progress(done, remaining=self.search_count([("next_id", ">", 0)])):
                self.env.ref("sales_pipeline.ir_cron_fill_contacts").sudo()._trigger()
                self.env.cr.commit()  # pylint: disable=invalid-commit
                return

    def _fill_batch(self, size: int = _BATCH) -> int:
        """Normalise the next records and return how many they were."""
        self.ensure_one()
        self.env.cr.execute(SQL(
            "SELECT id FROM %s WHERE id <= %s ORDER BY id DESC LIMIT %s",
            SQL.identifier(self.env[self.res_model]._table), self.next_id, size,
        ))  # fmt: skip
        ids = [id_ for (id_,) in self.env.cr.fetchall()]
        # all of them are compared once they are all there
        self.env["pipeline.contact"]._refresh(self.env[self.res_model].browse(ids), is_news=False)
        self.next_id = ids[-1] - 1 if ids else 0
        if not self._is_waiting():
            self.env["pipeline.duplicate.run"]._start_over()
        return len(ids)

    @api.model
    def _is_waiting(self) -> bool:
        """Tell whether records still wait to be normalised."""
        return bool(self.search_count([("next_id", ">", 0)], limit=1))
