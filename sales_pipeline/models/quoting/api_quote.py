"""What programs do with a quote: send it, accept it and decline it for the customer."""

from typing import Any
from uuid import uuid4

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import plaintext2html

from ..mails import SENT_AT_ONCE

OPEN_STATES = ("draft", "sent")


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _check_open(self) -> None:
        """Refuse what only open offers allow.

        :raise UserError: saying what became of the quote
        """
        self.ensure_one()
        if self.quote_status == "expired" or not self._is_answerable():
            raise UserError(self.env._(
                "The quote %(number)s is not open any more: it is %(status)s.",
                number=self.name, status=self.quote_status or self.state,
            ))  # fmt: skip

    def _send_by_api(self, mail: dict[str, Any]) -> None:
        """Send the quote by mail, after the commit; a draft is sent from now on, and a sent one is sent again.

        :param mail: ``to``, ``subject`` and ``message``, each may be missing
        :raise UserError: for a quote that is not open
        """
        self._check_open()
        self.check_access("write")
        self.order_line._validate_analytic_distribution()
        self._portal_ensure_token()
        if self.state == "draft":
            self.action_quotation_sent()
        payload = {**mail, "user_id": self.env.uid}
        self.env["pipeline.outbox"]._enqueue("quote_mail", self, f"quote_mail:{self.uuid}:{uuid4()}", payload)
        self._flush_moments()

    def _accept_by_api(self, signed_by: str | None, note: str | None) -> None:
        """Accept the quote for the customer, once: a second call changes nothing.

        The caller holds the lock of the deal, as the customer's own acceptance does.

        :raise UserError: for a quote that is not open, and where another one of the deal was accepted
        """
        self.ensure_one()
        if self.state == "sale":
            return
        self.check_access("write")
        if rival := self._get_accepted_rival():
            raise UserError(rival._get_taken_message())
        self._check_open()
        if signed_by:
            self.write({"signed_by": signed_by, "signed_on": fields.Datetime.now()})
        self.action_confirm()
        if note:
            self.message_post(body=note)
        self._flush_moments()

    def _reject_by_api(self, reason: str) -> None:
        """Decline the quote for the customer, once: a second call changes nothing.

        :raise UserError: for a quote that is not open
        """
        self.ensure_one()
        if self.quote_status == "rejected":
            return
        self.check_access("write")
        self._check_open()
        self._reject(reason)
        self._flush_moments()

    def _mail_quote(self, mail: dict[str, Any]) -> None:
        """Mail the quote: in the words of the template, or in those that were sent; either has the link to it.

        :param mail: see ``_send_by_api``, with ``user_id`` of who sends
        """
        self.ensure_one()
        if self.state not in (*OPEN_STATES, "sale"):
            return
        user = self.env["res.users"].browse(mail.get("user_id")).exists()
        order = self.with_context(lang=self.partner_id.lang, **SENT_AT_ONCE)
        partner = self.partner_id
        if mail.get("to"):
            partner = order._partner_find_from_emails_single([mail["to"]])
        # Odoo's composer fills in a sender only where it also chooses the author.
        sender = user.email_formatted or self.user_id.email_formatted or self.company_id.email_formatted
        values = {
            "author_id": user.partner_id.id or False, "email_from": sender or False,
            "message_type": "comment", "subtype_xmlid": "mail.mt_comment",
            "partner_ids": partner.ids, **({"subject": mail["subject"]} if mail.get("subject") else {}),
            "email_layout_xmlid": "mail.mail_notification_layout_with_responsible_signature",
        }  # fmt: skip
        template = order._find_mail_template()
        if mail.get("message") or not template:
            order.message_post(body=plaintext2html(mail.get("message") or order.name), **values)
        else:
            order.message_post_with_source(template, **values)
