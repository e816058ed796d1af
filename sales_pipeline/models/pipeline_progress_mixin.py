"""How far a job in the background is: said on request, and pushed to the browser of whoever started it."""

from typing import Any

from odoo import models

PROGRESS_CHANNEL = "pipeline.progress"


class PipelineProgressMixin(models.AbstractModel):
    """A record that a job works on for minutes, and that a progress bar of the web client shows."""

    _name = "pipeline.progress.mixin"
    _description = "Progress of a Background Job"

    # ---- doors

    def _prepare_progress(self) -> dict[str, Any]:
        """Return what the progress bar shows of one record.

        :return: ``name``, ``state`` (``waiting``, ``running``, ``done``, ``cancelled``, ``failed``), ``done`` and
            ``total`` in rows; if known ``rate`` (rows per second), ``seconds_left``, ``can_cancel``, ``can_undo``,
            ``refused`` (rows), ``url`` of a result and ``text`` with what else there is to say
        """
        raise NotImplementedError(self._name)

    # ---- what the web client and the jobs call

    def get_progress(self) -> list[dict[str, Any]]:
        """Return how far these jobs are."""
        self.check_access("read")
        return [{"id": record.id, "model": record._name, **record._prepare_progress()} for record in self]

    def _send_progress(self, user) -> None:
        """Tell the browser of a user how far these jobs are, after the commit."""
        heard = self.with_user(user).with_context(lang=user.lang)
        for progress in heard.get_progress():
            user._bus_send(PROGRESS_CHANNEL, progress)
