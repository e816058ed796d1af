"""How much a client may ask, and how much it asked."""

from odoo import api, fields, models
from odoo.tools import SQL


class PipelineApiPlan(models.Model):
    """How many requests may come in a span of time."""

    _name = "pipeline.api.plan"
    _description = "API Plan"
    _order = "quota, id"

    name = fields.Char(required=True, translate=True)
    quota = fields.Integer("Requests", required=True, default=100, help="In each window; 0: as many as they like.")
    seconds = fields.Integer("Window in Seconds", required=True, default=10)

    _quota_is_a_number = models.Constraint("CHECK (quota >= 0)", "A plan cannot allow less than no requests.")
    _seconds_are_some = models.Constraint(
        "CHECK (seconds BETWEEN 1 AND 86400)", "A window lasts from one second to a day."
    )

    @api.model
    def _get_default(self) -> "PipelineApiPlan":
        """Return the plan of clients without one, and of those who use a key of Odoo."""
        return self.env.ref("sales_pipeline.api_plan_default", raise_if_not_found=False) or self.browse()


class PipelineApiWindow(models.Model):
    """The running window of each caller: rate limits need a number that all processes share, and no history."""

    _name = "pipeline.api.window"
    _description = "API Window"
    _auto = False
    _log_access = False

    caller = fields.Char(readonly=True)
    started = fields.Datetime(readonly=True)
    used = fields.Integer(readonly=True)

    def init(self):
        # Unlogged: a crash of the server may forget it, and no request waits for the disk.
        self.env.cr.execute(SQL(
            """
            CREATE UNLOGGED TABLE IF NOT EXISTS pipeline_api_window (
                id bigserial, caller text PRIMARY KEY, started timestamptz NOT NULL, used integer NOT NULL
            ) WITH (fillfactor = 50)
            """
        ))  # fmt: skip

    @api.autovacuum
    def _gc_windows(self) -> None:
        self.env.cr.execute(SQL("DELETE FROM pipeline_api_window WHERE started < now() - interval '2 days'"))
