"""Show how far the search for duplicates is, and start it by hand."""

from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError


class PipelineDuplicateRun(models.Model):
    _name = "pipeline.duplicate.run"
    _inherit = ["pipeline.duplicate.run", "pipeline.progress.mixin"]

    requested_at = fields.Datetime("Asked For On", readonly=True)

    # ---- use cases

    @api.model
    def get_search(self) -> dict[str, Any]:
        """Return which search there is, when the last one ended, and whether the user may start one."""
        self.check_access("read")
        run = self._get_run()
        return {
            "id": run.id, "is_open": run._get_state() != "done", "can_start": self._may_start(),
            "finished_at": fields.Datetime.to_string(run.finished_at) if run.finished_at else False,
        }  # fmt: skip

    @api.model
    def action_search_now(self) -> None:
        """Search now instead of at night; the job that searches already goes on."""
        if not self._may_start():
            raise AccessError(self.env._("Managers start the search. It runs by itself each night."))
        run = self._get_run()
        if run._get_state() == "done":
            run.requested_at = fields.Datetime.now()
        self._wake()

    # ---- doors

    def _prepare_progress(self) -> dict[str, Any]:
        state = self._get_state()
        # until it begins the figures are those of the last search
        done = 0 if state == "waiting" else min(self.compared, self.total)
        progress = {"name": self.env._("Search for duplicates"), "state": state, "done": done, "total": self.total}
        if self.env["pipeline.contact.fill"].sudo()._is_waiting():
            progress["text"] = self.env._("Existing contacts are read first.")
        elif state == "running" and self.is_full:
            progress["text"] = self.env._("This time everybody is compared with everybody.")
        return progress

    # ---- helpers

    def _get_state(self) -> str:
        if self.started_at and not self.finished_at:
            return "running"
        ends = [moment for moment in (self.started_at, self.finished_at) if moment]
        is_asked = self.requested_at and (not ends or self.requested_at > max(ends))
        return "waiting" if is_asked or not self.finished_at else "done"

    @api.model
    def _may_start(self) -> bool:
        return any(map(self.env.user.has_group, ("sales_pipeline.group_manager", "sales_team.group_sale_manager")))
