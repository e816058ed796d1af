"""Search the whole base for duplicates, in the background."""

import time

from odoo import api, fields, models
from odoo.tools import SQL

from ..pipeline_lane_mixin import CONCURRENT_CHANGES

# So many contacts at once: the more, the fewer times the index is read; so few that it takes some seconds.
_RANGE, _LEAST, _SECONDS = 20_000, 1000, 4.0
# Those that changed are compared more thoroughly.
_SOME = 1000


class PipelineDuplicateRun(models.Model):
    """How far the search over the base is: first each contact with those before it, then who changed since; at last
    the pairs are merged that a company wants merged by themselves.

    There is one row. It is written together with the pairs, so a search that was cut off goes on where it stopped.
    """

    _name = "pipeline.duplicate.run"
    _description = "Search for Duplicates"
    _log_access = False

    next_id = fields.Integer(readonly=True, help="The lowest contact that was not compared with those before it.")
    last_id = fields.Integer(readonly=True, help="The highest contact there was at the beginning.")
    range_size = fields.Integer(readonly=True, help="How many contacts this machine compares in some seconds.")
    is_full = fields.Boolean("Compares All", readonly=True)
    scores = fields.Json(readonly=True, help="The companies' scores by which the pairs were judged.")
    compared = fields.Integer(readonly=True)
    total = fields.Integer(readonly=True)
    started_at = fields.Datetime("Started On", readonly=True)
    finished_at = fields.Datetime("Finished On", readonly=True, help="Empty while the search runs.")

    # ---- use cases

    @api.model
    def _start_over(self) -> None:
        """Have everybody compared with everybody again, from the next moment on."""
        self._get_run().write({"is_full": True, "next_id": 0, "started_at": False, "finished_at": False})
        self._wake()

    @api.model
    def _cron_search(self) -> None:
        """Go on until all are compared or the job's slice is over."""
        cron, run = self.env["ir.cron"], self._get_run()
        if self.env["pipeline.contact.fill"]._is_waiting():
            # the last of them starts the search
            return
        while True:
            try:
                done = run._go_on()
                self.env.flush_all()
            except CONCURRENT_CHANGES:
                # somebody decided or deleted meanwhile; the batch is done again with what they wrote
                self.env.cr.rollback()
                continue
            remaining = 0 if run.finished_at else max(run.total - run.compared, 1)
            if remaining:
                # before the commit, so that a job that is cut off there is taken up at once
                self._wake()
            if not cron._commit_progress(done, remaining=remaining) or not remaining:
                return

    # ---- steps

    def _begin(self) -> None:
        """Begin a search: of those that changed since the last one, or of all where other scores count now."""
        self.ensure_one()
        scores = {str(company): list(pair) for company, pair in self.env["pipeline.contact"]._get_scores().items()}
        is_full = self.is_full or self.scores != scores
        if is_full:
            # who is waiting is compared with all others anyway
            self.env.cr.execute(SQL("DELETE FROM pipeline_contact_todo"))
        self.env.cr.execute(SQL(
            "SELECT count(*), max(id) FROM pipeline_contact" if is_full else
            "SELECT count(DISTINCT contact_id), 0 FROM pipeline_contact_todo"
        ))  # fmt: skip
        total, last_id = self.env.cr.fetchone()
        if not total and not is_full and not self.env["pipeline.duplicate"]._get_surest():
            # what the last search that had something to do says of itself stays
            self.finished_at = fields.Datetime.now()
            return
        self.write({
            "is_full": is_full, "scores": scores, "next_id": 1, "last_id": last_id or 0, "compared": 0, "total": total,
            "started_at": self.env.cr.now().replace(microsecond=0), "finished_at": False,
        })  # fmt: skip

    def _go_on(self) -> int:
        """Compare the next contacts and return how many they were; where none are left the search ends."""
        self.ensure_one()
        if self.finished_at or not self.started_at:
            self._begin()
            return 0
        if self.next_id <= self.last_id:
            done = self._search_range()
        elif not (done := self._search_changed()):
            if tried := self.env["pipeline.duplicate"]._merge_surest():
                # who was merged is compared once more
                return tried
            self._finish()
        self.compared += done
        return done

    def _search_range(self) -> int:
        """Compare the next contacts with all that have a lower id."""
        begin, size = time.monotonic(), min(self.range_size or _RANGE // 4, _RANGE)
        self.env.cr.execute(SQL(
            "SELECT count(*), max(id) FROM (SELECT id FROM pipeline_contact WHERE id BETWEEN %s AND %s "
            "ORDER BY id LIMIT %s) part",
            self.next_id, self.last_id, size,
        ))  # fmt: skip
        count, last = self.env.cr.fetchone()
        if count:
            self.env["pipeline.duplicate"]._keep(self.env["pipeline.contact"]._pair_range(self.next_id, last), {})
        self.next_id = last + 1 if count == size else self.last_id + 1
        # a slice of the job is ten seconds, however busy the machine is
        pace = _SECONDS / max(time.monotonic() - begin, 0.01)
        self.range_size = max(_LEAST, min(int(size * min(pace, 2.0)), _RANGE))
        return count

    def _search_changed(self) -> int:
        """Compare contacts that changed with all others."""
        cr = self.env.cr
        cr.execute(SQL("SELECT id, contact_id FROM pipeline_contact_todo ORDER BY id LIMIT %s", _SOME))
        rows = cr.fetchall()
        ids = list({contact_id for _id, contact_id in rows})
        if ids:
            cr.execute(SQL(
                "SELECT res_model, array_agg(res_id) FROM pipeline_contact WHERE id = ANY(%s) GROUP BY res_model", ids
            ))  # fmt: skip
            asked = dict(cr.fetchall())
            self.env["pipeline.duplicate"]._keep(self.env["pipeline.contact"]._pair_some(ids), asked)
            # only what this transaction saw: who changes meanwhile waits in a row of its own
            cr.execute(SQL("DELETE FROM pipeline_contact_todo WHERE id = ANY(%s)", [id_ for id_, _contact in rows]))
        return len(ids)

    def _finish(self) -> None:
        """End the search; pairs that a search over all did not meet again are no pairs any more."""
        if self.is_full:
            self.env.cr.execute(SQL(
                "DELETE FROM pipeline_duplicate WHERE state = 'open' AND seen_at < %s", self.started_at
            ))  # fmt: skip
        self.write({"is_full": False, "finished_at": fields.Datetime.now()})

    # ---- helpers

    @api.model
    def _get_run(self) -> "PipelineDuplicateRun":
        return self.sudo().search([], limit=1) or self.sudo().create({"is_full": True})

    @api.model
    def _wake(self) -> None:
        self.env.ref("sales_pipeline.ir_cron_search_duplicates").sudo()._trigger()
