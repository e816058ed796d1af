from contextlib import suppress

import psycopg2
from odoo import api, fields, models, sql_db
from odoo.tools import SQL
from psycopg2.pool import PoolError


class PipelineSourceRefusal(models.Model):
    """How often a source turned requests away for one reason, and when it last did; the requests are not kept."""

    _name = "pipeline.source.refusal"
    _description = "Refused Requests of a Lead Source"
    _order = "last_at desc, id desc"
    _rec_name = "reason"

    source_id = fields.Many2one("pipeline.source", required=True, readonly=True, ondelete="cascade")
    reason = fields.Char(required=True, readonly=True)
    refused_count = fields.Integer("Requests", required=True, readonly=True)
    first_at = fields.Datetime("First On", required=True, readonly=True)
    last_at = fields.Datetime("Last On", required=True, readonly=True)
    reason_text = fields.Char("What Was Wrong", compute="_compute_words")
    advice = fields.Char("What to Do", compute="_compute_words")

    _reason_unique = models.UniqueIndex("(source_id, reason)")

    @api.depends("reason")
    @api.depends_context("lang")
    def _compute_words(self):
        words = self._get_words()
        unknown = (
            self.env._("The sender did not prove who it is"),
            self.env._("Compare the sender's settings with this page."),
        )  # fmt: skip
        for refusal in self:
            refusal.reason_text, refusal.advice = words.get(refusal.reason, unknown)

    @api.model
    def _get_words(self) -> dict[str, tuple[str, str]]:
        """Return what each reason means, and what to do about it (door)."""
        _ = self.env._
        strangers = _("If it was you, copy the secret again. If not, there is nothing to do: strangers try addresses.")
        return {
            "secret": (_("The secret was wrong"), strangers),
            "signature": (
                _("The signature did not fit"),
                _("Copy the secret again, and see that nothing between the sender and here changes the request."),
            ),
            "no_proof": (
                _("The secret or signature was missing"),
                _("Have the sender add it, in the header that this page names."),
            ),
            "no_secret": (
                _("This source has no secret, so it lets nobody in"),
                _("Make one with “New Secret” and give it to the sender."),
            ),
            "verify_token": (
                _("The vendor showed another verify token"), _("Copy the verify token again from this page."),
            ),
            "origin": (
                _("The form stands on a website that is not allowed"),
                _("If the website is yours, add its address to the allowed origins."),
            ),
            "no_route": (_("Somebody posted to a source that takes no requests"), _("There is nothing to do.")),
        }  # fmt: skip


class PipelineSource(models.Model):
    _inherit = "pipeline.source"

    refusal_ids = fields.One2many(
        "pipeline.source.refusal", "source_id", "Refusals", readonly=True, groups="sales_pipeline.group_admin"
    )
    refused_count = fields.Integer("Refused Requests", compute="_compute_refused", compute_sudo=True)
    last_refused_at = fields.Datetime("Last Refused", compute="_compute_refused", compute_sudo=True)
    last_refused_reason = fields.Char("Reason of the Last Refusal", compute="_compute_refused", compute_sudo=True)
    refusal_text = fields.Char("Refusals in Words", compute="_compute_refusal_text", compute_sudo=True)

    @api.depends("refusal_ids.refused_count", "refusal_ids.last_at")
    def _compute_refused(self):
        for source in self:
            rows = source.refusal_ids
            last = max(rows, key=lambda row: row.last_at, default=rows)
            source.refused_count = sum(rows.mapped("refused_count"))
            source.last_refused_at, source.last_refused_reason = last.last_at, last.reason

    @api.depends("refusal_ids.refused_count", "refusal_ids.last_at")
    @api.depends_context("lang", "tz")
    def _compute_refusal_text(self):
        for source in self:
            last = max(source.refusal_ids, key=lambda row: row.last_at, default=None)
            source.refusal_text = last and self.env._(
                "Requests turned away: %(count)s, the last one on %(moment)s. %(reason)s. %(advice)s",
                count=source.refused_count, reason=last.reason_text, advice=last.advice,
                moment=f"{fields.Datetime.context_timestamp(self, last.last_at):%Y-%m-%d %H:%M}",
            )  # fmt: skip

    def action_forget_refusals(self) -> None:
        """Begin to count anew, once the cause is mended."""
        self.check_access("write")
        self.sudo().refusal_ids.unlink()

    def _count_refusal(self, reason: str) -> None:
        """Count a refused request on a connection of its own: guessing must not slow down or break honest captures.

        :param reason: short code of a provider, shown in words on the source
        """
        self.ensure_one()
        statement = SQL(
            """
            INSERT INTO pipeline_source_refusal AS refusal
                   (source_id, reason, refused_count, first_at, last_at, create_date, write_date, create_uid, write_uid)
            SELECT id, %(reason)s, 1, %(now)s, %(now)s, %(now)s, %(now)s, %(uid)s, %(uid)s
              FROM pipeline_source WHERE id = %(source)s
                ON CONFLICT (source_id, reason)
         DO UPDATE SET refused_count = refusal.refused_count + 1, last_at = excluded.last_at
            """,
            reason=reason[:64], now=fields.Datetime.now(), uid=api.SUPERUSER_ID, source=self.id,
        )  # fmt: skip
        with suppress(psycopg2.Error, PoolError), sql_db.db_connect(self.env.cr.dbname).cursor() as cr:
            cr.execute(SQL("SET LOCAL lock_timeout = '200ms'"))
            cr.execute(statement, log_exceptions=False)
