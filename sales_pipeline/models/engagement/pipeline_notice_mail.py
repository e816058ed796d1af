"""Notices by mail, for who prefers mail: one each in quiet times, one for all of them in a burst."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..mails import SENT_AT_ONCE
from ..slices import run_slices

# Nobody gets more of these mails a minute; what comes on top waits for the minute's end and goes as one.
_MAILS_A_MINUTE = 5
_BATCH = 200
_NAMED = 10


class PipelineNotice(models.Model):
    _inherit = "pipeline.notice"

    @api.model
    def _cron_mail(self) -> None:
        """Mail the notices that are due."""
        job = "sales_pipeline.ir_cron_mail_notices"
        run_slices(self.env, job, self._take_due_mails, lambda due: due._mail(), _BATCH)

    @api.model
    def _take_due_mails(self):
        return self.search([("mail_at", "<=", fields.Datetime.now())], order="mail_at, id", limit=_BATCH)

    def _mail(self) -> None:
        """Mail notices, or put them off for who got enough of them within the last minute."""
        now = fields.Datetime.now()
        latest = self and self._get_recent_mails(now - timedelta(minutes=1))
        for user, notices in self.grouped("user_id").items():
            count, last = latest.get(user.id, (0, None))
            if count + len(notices) > _MAILS_A_MINUTE and count:
                notices.mail_at = last + timedelta(minutes=1)
                continue
            notices.write({"mail_at": False, "mailed_at": now})
            told = notices.filtered(lambda notice: notice.user_id.active)
            if len(told) > _MAILS_A_MINUTE or told.filtered(lambda notice: not notice.lead_id):
                told._mail_together(user)
            else:
                for notice in told:
                    notice._mail_one(user)

    def _get_recent_mails(self, since) -> dict[int, tuple]:
        """Return how many notices were mailed to each user since a moment, and when the last one."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "SELECT user_id, count(DISTINCT mailed_at), max(mailed_at) FROM pipeline_notice "
                "WHERE user_id IN %s AND mailed_at > %s GROUP BY user_id", tuple(self.user_id.ids), since,
            )
        )  # fmt: skip
        return {user_id: (count, last) for user_id, count, last in self.env.cr.fetchall()}

    def _mail_one(self, user) -> None:
        lead = self.lead_id.with_context(lang=user.lang, **SENT_AT_ONCE)
        title, body = self.with_context(lang=user.lang)._describe()
        lead.message_notify(
            partner_ids=user.partner_id.ids, subject=title, body=body,
            email_layout_xmlid="mail.mail_notification_layout",
        )  # fmt: skip

    def _mail_together(self, user) -> None:
        env = self.with_context(lang=user.lang, **SENT_AT_ONCE).env
        count = sum(self.mapped("count"))
        names = ", ".join(self.lead_id[:_NAMED].mapped("name"))
        if names and count > _NAMED:
            names = env._("%(names)s and %(count)s more", names=names, count=count - _NAMED)
        if set(self.mapped("kind")) == {"escalated"}:
            title, body = env._("%(count)s leads wait too long", count=count), env._("Nobody has answered yet:")
        else:
            title, body = env._("%(count)s new leads", count=count), env._("Reach out now:")
        env["mail.thread"].message_notify(
            partner_ids=user.partner_id.ids, subject=title, body=f"{body} {names}" if names else title,
        )  # fmt: skip

    def _describe(self) -> tuple[str, str]:
        """Return title and text of one notice in the language at hand."""
        self.ensure_one()
        _, lead = self.env._, self.lead_id
        channel = lead._describe_origin() or _("another channel")
        if self.kind == "again":
            return (
                _("%(name)s came back", name=lead.name),
                _("The same contact came in again by %(channel)s. It was added to this lead.", channel=channel),
            )
        if self.kind == "escalated":
            owner = lead.user_id.name or _("Nobody")
            return (
                _("%(name)s waits too long", name=lead.name),
                _("%(owner)s has not answered in time. See that somebody does.", owner=owner),
            )
        if self.kind == "reassigned":
            return (
                _("Passed on to you: %(name)s", name=lead.name),
                _("Nobody has answered this lead in time. Now it is yours. Reach out now."),
            )
        return (
            _("New lead: %(name)s", name=lead.name),
            _("A new lead came in by %(channel)s. Reach out now.", channel=channel),
        )
