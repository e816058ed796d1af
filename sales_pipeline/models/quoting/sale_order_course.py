"""What the course of a quote sets in motion: the story is told, the deal moves, the owner hears of it."""

import logging
from typing import Any

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import plaintext2html
from psycopg2 import OperationalError

_logger = logging.getLogger(__name__)

_EXPIRY_BATCH = 100
# What is known of one round of an offer; a quote taken back to a draft begins another round.
_ROUND_FACTS = (
    "sent_at", "first_viewed_at", "rejected_at", "reject_reason", "expired_at", "accepted_at", "superseded_by_id",
)  # fmt: skip


class SaleOrder(models.Model):
    _inherit = "sale.order"

    # ---- moments

    def _on_drafted(self) -> None:
        super()._on_drafted()
        for order in self.filtered(lambda order: any(order[name] for name in _ROUND_FACTS)):
            order.write(dict.fromkeys(_ROUND_FACTS, False))
        self._append_events("quote", "draft")

    def _on_sent(self) -> None:
        super()._on_sent()
        self.write({"sent_at": fields.Datetime.now()})
        self._append_events("quote", "sent", direction="out")
        self._as_staff().opportunity_id._advance_stage("proposal_sent")

    def _on_viewed(self) -> None:
        super()._on_viewed()
        self._append_events("quote", "viewed", direction="in")
        for order in self.filtered(lambda order: order._is_answerable()):
            order._tell_owner(lambda env, quote: env._("The customer is looking at %(quote)s.", quote=quote))

    def _on_accepted(self) -> None:
        super()._on_accepted()
        self._record_acceptance()
        self._append_events("quote", "accepted", direction="in")
        self._append_events("order", "confirmed")
        for order in self:
            order._tell_owner(lambda env, quote: env._("%(quote)s is accepted.", quote=quote), kind="success")

    def _on_rejected(self) -> None:
        super()._on_rejected()
        self._append_events("quote", "rejected", direction="in")
        self._as_staff().opportunity_id._return_to_negotiation()
        for order in self:
            order._remind_owner(
                lambda env, quote: env._("%(quote)s was declined", quote=quote), note=order.reject_reason
            )

    def _on_expired(self) -> None:
        super()._on_expired()
        self._append_events("quote", "expired")
        for order in self.filtered(lambda order: order.opportunity_id.won_status == "pending"):
            order._remind_owner(lambda env, quote: env._("%(quote)s has expired without an answer", quote=quote))

    def _on_cancelled(self) -> None:
        super()._on_cancelled()
        ordered = self.filtered("accepted_at")
        ordered._append_events("order", "cancelled")
        # A declined quote has its own event.
        (self - ordered).filtered(lambda order: not order.rejected_at)._append_events("quote", "cancelled")
        for order in ordered:
            order._remind_owner(
                lambda env, quote: env._("%(quote)s was cancelled, and its deal still counts as won", quote=quote)
            )

    def _on_delivered(self) -> None:
        super()._on_delivered()
        self._append_events("order", "delivered")

    def _on_invoiced(self) -> None:
        super()._on_invoiced()
        for order in self:
            invoice = order.invoice_ids.filtered(lambda move: move.state != "cancel").sorted("id")[-1:]
            order._append_events("invoice", "generated", origin=invoice, amount=invoice.amount_total)

    def _on_paid(self) -> None:
        super()._on_paid()
        for order in self:
            # An online payment tells its own event, and that it was the whole.
            if not order._get_payment_facts().is_total_covered:
                order._append_events("payment", "paid", direction="in")
            order._tell_owner(lambda env, quote: env._("%(quote)s is paid.", quote=quote), kind="success")

    def _on_validity_changed(self) -> None:
        super()._on_validity_changed()
        today = fields.Date.today()
        extended = self.filtered(
            lambda order: order.expired_at and (not order.validity_date or order.validity_date >= today)
        )
        extended.write({"expired_at": False})

    def _on_linked(self) -> None:
        super()._on_linked()
        linked = self.filtered("opportunity_id")
        for order in self.filtered(lambda order: order.state == "sale"):
            # The deal may have its accepted order already, for instance after a merge: then this is a further one.
            free = order.opportunity_id and not order._get_accepted_rival()
            order.write({"accepted_opportunity_id": order.opportunity_id.id if free else False})
        for order in linked:
            order._append_events("quote", order.quote_status, is_linked=True)
        sent = linked.filtered(lambda order: order.state == "sent")
        sent._as_staff().opportunity_id._advance_stage("proposal_sent")

    # ---- jobs

    @api.model
    def _cron_expire_quotes(self) -> None:
        """Mark the open quotes whose last day has passed, and let the owners know."""
        domain = self._get_overdue_domain()
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self.search_count(domain))
        last_id = 0
        while quotes := self.search(domain & Domain("id", ">", last_id), order="id", limit=_EXPIRY_BATCH):
            last_id = quotes.ids[-1]
            for quote in quotes:
                quote.with_company(quote.company_id)._expire_safely()
            if not cron._commit_progress(len(quotes)):
                break

    @api.model
    def _get_overdue_domain(self) -> Domain:
        """Return which quotes have passed their last day unnoticed (door)."""
        return Domain([
            ("opportunity_id", "!=", False), ("state", "in", ("draft", "sent")), ("expired_at", "=", False),
            ("validity_date", "<", fields.Date.today()),
        ])  # fmt: skip

    def _expire_safely(self) -> None:
        """Expire one quote; one that cannot be is logged and does not hold up the others."""
        try:
            with self.env.cr.savepoint():
                self.write({"expired_at": fields.Datetime.now()})
                self._flush_moments()
        except OperationalError:
            raise
        except Exception:
            _logger.exception("Quote %s could not be marked as expired", self.id)

    # ---- telling

    def _append_events(self, kind: str, status: str, *, direction=None, origin=None, **facts) -> None:
        self.env["pipeline.event"]._append([
            {
                "kind": kind, "record": order, "direction": direction, "origin": origin,
                "metadata": {**order._prepare_event_facts(status), **facts},
            }
            for order in self
        ])  # fmt: skip

    def _prepare_event_facts(self, status: str) -> dict[str, Any]:
        """Return the small facts that an event of this order carries (door)."""
        facts = {
            "status": status, "number": self.name, "order_number": self.order_number, "amount": self.amount_total,
            "currency": self.currency_id.name, "superseded_by": self.superseded_by_id.name,
        }  # fmt: skip
        return {name: value for name, value in facts.items() if value not in (False, None)}

    def _tell_owner(self, say, kind: str = "info") -> None:
        """Show the owner a toast, unless the owner did it.

        :param say: function of the owner's environment and the quote's number that returns the sentence
        :param kind: look of the toast: ``info``, ``success``, ``warning`` or ``danger``
        """
        owner = self._get_owner()
        if owner and owner != self.env.user:
            env = self.with_context(lang=owner.lang).env
            owner._bus_send("simple_notification", {"type": kind, "message": say(env, self.name)})

    def _remind_owner(self, say, note: str | None = None) -> None:
        """Put a to-do for the owner on the deal; without an owner there is nobody to remind.

        :param say: function of the owner's environment and the quote's number that returns the title
        :param note: plain text under the title
        """
        owner = self._get_owner()
        if not owner:
            return
        deal = self._as_staff().opportunity_id.with_context(lang=owner.lang)
        deal.activity_schedule(
            "mail.mail_activity_data_todo", summary=say(deal.env, self.name), user_id=owner.id,
            note=plaintext2html(note) if note else "",
        )  # fmt: skip
