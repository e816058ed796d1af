"""How endpoints of webhooks fare, and who is told when one fails."""

from datetime import datetime, timedelta
from typing import Any

from odoo import api, models
from odoo.tools import SQL

from ...tools.webhook_schedule import BREAKER_SECONDS, PAUSE_AFTER_SECONDS

_MAX_ALERTED = 20


class PipelineWebhook(models.Model):
    _inherit = "pipeline.webhook"

    def _note_success(self) -> None:
        """Forget earlier failures of an endpoint that took a message."""
        self.ensure_one()
        if self.failing_since or self.blocked_until:
            self.write({"failing_since": False, "blocked_until": False})

    def _note_failure(self, status: int | None, has_hung: bool) -> None:
        """Draw the conclusions from a message that was not taken."""
        self.ensure_one()
        now = self._get_now()
        if status == 410:
            self._disable()
            self._alert(self.env._("%(name)s answered that it is gone, and was turned off.", name=self.name))
            return
        values: dict[str, Any] = {} if self.failing_since else {"failing_since": now}
        if has_hung:
            values["blocked_until"] = now + timedelta(seconds=BREAKER_SECONDS)
        if values:
            self.write(values)

    @api.model
    def _pause_failing(self) -> None:
        """Pause whoever took nothing for three days; what waits for them is held, not given up."""
        limit = self._get_now() - timedelta(seconds=PAUSE_AFTER_SECONDS)
        for webhook in self.search([("state", "=", "active"), ("failing_since", "<", limit)]):
            webhook._pause()
            webhook._alert(self.env._(
                "%(name)s took no message for three days and is paused. What happens is kept for 30 days: repair the "
                "receiver, then choose Resume.", name=webhook.name,
            ))  # fmt: skip

    def _alert(self, words: str) -> None:
        """Tell the acting user and the administrators, by a to-do and a mail."""
        admins = self.env.ref("sales_pipeline.group_admin").all_user_ids.filtered(
            lambda user: user.active and self.company_id in user.company_ids and user.id != api.SUPERUSER_ID
        )
        told = (self.user_id | admins)[:_MAX_ALERTED]
        quiet = self.with_context(mail_activity_quick_update=True, mail_notify_force_send=False)
        for user in told:
            quiet.activity_schedule("mail.mail_activity_data_warning", summary=words, user_id=user.id)
        quiet.message_notify(partner_ids=told.partner_id.ids, subject=words, body=words)

    def _describe_problem(self, code: str) -> str:
        """Return why an address cannot be used, and what to do."""
        _ = self.env._
        words = {
            "insecure": _("Messages go encrypted: begin the address with https://."),
            "credentials": _("Leave user name and password out of the address: the signature proves who sends."),
            "fragment": _("Leave out of the address what follows the #."),
            "port": _("Nothing is sent to this port, since other services listen there."),
            "private_address": _("This address lies in a private network. A system administrator can allow that."),
        }
        return words.get(code, _("This is no address of a website: write https://… in plain characters."))

    @api.model
    def _describe_trouble(self, code: str) -> str:
        """Return what came instead of a good answer, in plain words; what is no code is returned as it is."""
        _ = self.env._
        words = {
            "timeout": _("No answer came within 10 seconds."),
            "refused": _("The machine takes no connections at this address."),
            "reset": _("The connection was cut."),
            "tls": _("The encrypted connection failed: look at the certificate."),
            "unreachable": _("The machine cannot be reached."),
            "malformed": _("What came back is no answer of a web server."),
            "unknown_host": _("No machine has this name."),
        }
        if code in ("insecure", "private_address", "credentials", "fragment", "port", "address"):
            return self._describe_problem(code)
        status = code.removeprefix("HTTP ")
        if status.isdecimal():
            if status.startswith("3"):
                return _("It sent us elsewhere (%(status)s): give the final address.", status=status)
            return _("It answered %(status)s, which does not mean yes.", status=status)
        return words.get(code, code)

    @api.model
    def _get_waiting_webhooks(self, now: datetime, busy: list[int], limit: int, brave: int) -> list[tuple]:
        """Return webhook and delivery ids that are due, of endpoints that are free.

        :param busy: webhooks that are being served
        :param brave: how many of those who did not take their last message
        """
        return self.env.execute_query(SQL(
            """
            SELECT id, ids FROM (
                SELECT w.id, array_agg(d.id ORDER BY d.id) AS ids, min(d.next_attempt_at) AS since,
                       w.failing_since IS NULL AS is_well,
                       row_number() OVER (PARTITION BY w.failing_since IS NULL ORDER BY min(d.next_attempt_at)) AS place
                  FROM pipeline_webhook w
                  JOIN LATERAL (SELECT id, next_attempt_at FROM pipeline_webhook_delivery
                                 WHERE webhook_id = w.id AND state = 'waiting' AND next_attempt_at <= %(now)s
                                 ORDER BY next_attempt_at, id LIMIT 20) d ON TRUE
                 WHERE w.state = 'active' AND w.active AND (w.blocked_until IS NULL OR w.blocked_until <= %(now)s)
                   AND w.id <> ALL(%(busy)s)
                 GROUP BY w.id
            ) due WHERE is_well OR place <= %(brave)s ORDER BY is_well DESC, since LIMIT %(limit)s
            """,
            now=now, busy=busy, brave=brave, limit=limit,
        ))  # fmt: skip
