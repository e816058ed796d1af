"""What was offered, seen, accepted, declined, invoiced and paid: the facts of a quote and the words for them."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ... import const
from ...tools.quote_status import PaymentFacts, QuoteFacts, order_status, payment_status, quote_status

OPEN_STATES = ("draft", "sent")


class SaleOrder(models.Model):
    _inherit = "sale.order"

    sent_at = fields.Datetime("Sent On", readonly=True, copy=False)
    first_viewed_at = fields.Datetime("First Viewed On", readonly=True, copy=False)
    last_viewed_at = fields.Datetime("Last Viewed On", readonly=True, copy=False)
    view_count = fields.Integer("Views", readonly=True, copy=False, help="Times the customer opened the quote online.")
    rejected_at = fields.Datetime("Declined On", readonly=True, copy=False)
    reject_reason = fields.Text("Reason for Declining", readonly=True, copy=False)
    expired_at = fields.Datetime("Expired On", readonly=True, copy=False)
    accepted_at = fields.Datetime("Accepted On", readonly=True, copy=False)
    order_number = fields.Char("Order Number", readonly=True, copy=False, help="Given when the quote is accepted.")
    superseded_by_id = fields.Many2one(
        "sale.order", "Superseded By", readonly=True, copy=False, index="btree_not_null",
        help="The quote of the same deal that the customer accepted instead.",
    )  # fmt: skip
    accepted_opportunity_id = fields.Many2one(
        "crm.lead", "Accepted for", compute="_compute_accepted_opportunity_id", store=True, readonly=True, copy=False
    )

    # Stored computes run with sudo, as a salesperson may not read transactions and invoices.
    quote_status = fields.Selection(const.QUOTE_STATUSES, compute="_compute_quote_status", store=True)
    order_status = fields.Selection(const.ORDER_STATUSES, compute="_compute_order_status", store=True)
    payment_status = fields.Selection(const.PAYMENT_STATUSES, compute="_compute_payment_status", store=True)
    is_invoiced = fields.Boolean("Invoice Generated", compute="_compute_is_invoiced", store=True)

    _accepted_once = models.UniqueIndex(
        "(accepted_opportunity_id) WHERE accepted_opportunity_id IS NOT NULL",
        "Another quote of this deal was accepted at the same moment. Only one quote of a deal can be accepted.",
    )
    _deal_state_idx = models.Index("(opportunity_id, state)")
    _open_validity_idx = models.Index("(validity_date) WHERE state IN ('draft', 'sent')")

    # ---- compute

    # A merge moves orders to another deal and must not fail over two accepted ones: the deal is no dependency.
    @api.depends("state")
    def _compute_accepted_opportunity_id(self):
        for order in self:
            order.accepted_opportunity_id = order._of_deals().opportunity_id if order.state == "sale" else False

    @api.depends("opportunity_id", "state", "sent_at", "first_viewed_at", "rejected_at", "expired_at")
    def _compute_quote_status(self):
        for order in self:
            order.quote_status = bool(order.opportunity_id) and quote_status(QuoteFacts(
                order.state,
                was_sent=bool(order.sent_at),
                was_viewed=bool(order.first_viewed_at),
                was_rejected=bool(order.rejected_at),
                has_expired=bool(order.expired_at),
            ))  # fmt: skip

    @api.depends("opportunity_id", "state", "order_line.qty_delivered", "order_line.product_uom_qty")
    def _compute_order_status(self):
        for order in self:
            lines = order.order_line.filtered(lambda line: not line.display_type and not line.is_downpayment)
            quantities = [(line.product_uom_qty, line.qty_delivered) for line in lines]
            order.order_status = bool(order.opportunity_id) and order_status(order.state, quantities)

    @api.depends(
        "opportunity_id", "state", "amount_total", "invoice_status", "transaction_ids.state", "transaction_ids.amount",
        "order_line.invoice_lines.move_id.payment_state", "order_line.invoice_lines.move_id.state",
    )  # fmt: skip
    def _compute_payment_status(self):
        for order in self:
            order.payment_status = bool(order.opportunity_id) and payment_status(order._get_payment_facts())

    @api.depends("opportunity_id", "order_line.invoice_lines.move_id.state")
    def _compute_is_invoiced(self):
        for order in self:
            invoices = order.order_line.invoice_lines.move_id
            order.is_invoiced = bool(order.opportunity_id) and any(
                move.move_type == "out_invoice" and move.state != "cancel" for move in invoices
            )

    def _get_payment_facts(self) -> PaymentFacts:
        """Return what is known about the money of one order."""
        self.ensure_one()
        finished = sum(tx.amount for tx in self.transaction_ids if tx.state == "done")
        is_free = not self.amount_total
        invoices = self.order_line.invoice_lines.move_id.filtered(
            lambda move: move.move_type == "out_invoice" and move.state == "posted" and move.payment_state != "reversed"
        )
        return PaymentFacts(
            self.state,
            is_total_covered=not is_free and self.currency_id.compare_amounts(finished, self.amount_total) >= 0,
            is_free=is_free,
            invoice_status=self.invoice_status,
            invoice_payment_states=tuple(invoices.mapped("payment_state")),
            last_transaction_state=self.transaction_ids._get_last().state or None,
        )

    # ---- Odoo's hooks: who may sign, pay and confirm

    def _confirmation_error_message(self):
        rival = self._get_accepted_rival()
        return rival._get_taken_message() if rival else super()._confirmation_error_message()

    def _has_to_be_signed(self):
        return super()._has_to_be_signed() and not self._get_accepted_rival()

    def _has_to_be_paid(self):
        return super()._has_to_be_paid() and not self._get_accepted_rival()

    def action_confirm(self):
        linked = self._of_deals()
        if len(linked.opportunity_id) < len(linked):
            raise UserError(self.env._("Only one quote of a deal can be accepted. Confirm them one at a time."))
        return super().action_confirm()

    def _action_confirm(self):
        result = super()._action_confirm()
        if linked := self._of_deals():
            linked._accept()
        return result

    def _message_post_after_hook(self, message, msg_values):
        result = super()._message_post_after_hook(message, msg_values)
        if message.subtype_id.id == self.env["ir.model.data"]._xmlid_to_res_id("sale.mt_order_viewed"):
            self.filtered("opportunity_id")._register_view()
        return result

    # ---- use cases

    def _accept(self) -> None:
        """Take the acceptance down, let the other open quotes of the deal go, and win the deal."""
        self._record_acceptance()
        # Between two acceptances at the same moment the unique index decides here.
        self.flush_recordset(["accepted_opportunity_id"])
        for order in self:
            order._supersede_rivals()
        deals = self._as_staff().opportunity_id
        deals.filtered(lambda deal: deal.won_status != "won").action_set_won()

    def _record_acceptance(self) -> None:
        for order in self.filtered(lambda order: not order.accepted_at):
            number = order.order_number or self.env["ir.sequence"].sudo().next_by_code("pipeline.order.number")
            order.write({"accepted_at": fields.Datetime.now(), "order_number": number})

    def _supersede_rivals(self) -> None:
        """Cancel the other open quotes of the deal, saying in each why."""
        self.ensure_one()
        domain = Domain("opportunity_id", "=", self.opportunity_id.id) & Domain("state", "in", OPEN_STATES)
        rivals = self._as_staff().search(domain & Domain("id", "!=", self.id))
        rivals.write({"superseded_by_id": self.id})
        rivals._action_cancel()
        body = self.env._("Cancelled because %(quote)s of the same deal was accepted.", quote=self.name)
        rivals._message_log_batch(dict.fromkeys(rivals.ids, body))

    def _register_view(self) -> None:
        """Count that the customer opened these quotes."""
        now = fields.Datetime.now()
        for order in self:
            first = order.first_viewed_at or now
            order.write({"first_viewed_at": first, "last_viewed_at": now, "view_count": order.view_count + 1})
        if self:
            self._on_viewed()

    def _reject(self, reason: str, author=None) -> None:
        """Take down that the customer declines the quote.

        :param reason: the customer's words, not blank
        :param author: partner in whose name the reason stands in the chatter; default: the customer of the quote
        :raise UserError: if the quote is not open for an answer any more, or no reason is given
        """
        self.ensure_one()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Please say why the quote is declined."))
        if not self._is_answerable():
            raise UserError(self.env._("This quote is not open for an answer any more."))
        self.write({"rejected_at": fields.Datetime.now(), "reject_reason": reason})
        self._action_cancel()
        author = author or self.partner_id
        self.message_post(
            body=reason, author_id=author.id, message_type="comment", subtype_xmlid="mail.mt_comment"
        )

    # ---- helpers

    def _of_deals(self) -> models.Model:
        """Return the orders of deals; one of a lead, which only code can make, has nothing to win."""
        return self.filtered(lambda order: order.sudo().opportunity_id.type == "opportunity")

    def _is_answerable(self) -> bool:
        """Return whether the customer can still accept or decline."""
        self.ensure_one()
        return self.state in OPEN_STATES and not self.is_expired

    def _is_beyond_acceptance(self) -> bool:
        """Return whether one of the quotes can never become an order, whatever is paid."""
        return any(
            order.state != "sale" and (order.state == "cancel" or order._get_accepted_rival())
            for order in self._of_deals()
        )

    def _get_amount_due_online(self) -> float:
        """Return what can be paid online for an accepted order: nothing once a payment or an invoice is under way."""
        self.ensure_one()
        is_under_way = self.is_invoiced or any(
            tx.state in ("pending", "authorized", "done") for tx in self.sudo().transaction_ids
        )
        return self.amount_total if self.state == "sale" and self.payment_status != "paid" and not is_under_way else 0.0

    def _get_accepted_rival(self) -> models.Model:
        """Return the other quote of the same deal that is accepted, if there is one."""
        self.ensure_one()
        if not self._of_deals():
            return self.browse()
        domain = Domain("accepted_opportunity_id", "=", self.opportunity_id.id) & Domain("id", "!=", self.id)
        return self.sudo().search(domain, limit=1)

    def _get_taken_message(self) -> str:
        """Return why no other quote of the deal can be accepted."""
        return self.env._(
            "%(quote)s was already accepted for this deal. Only one quote of a deal can be accepted.", quote=self.name
        )

    def _get_owner(self) -> models.Model:
        """Return the user who looks after the deal: its owner, else the salesperson of the quote."""
        self.ensure_one()
        return self.sudo().opportunity_id.user_id or self.sudo().user_id

    def _as_staff(self) -> models.Model:
        """Return the orders as seen by OdooBot where a customer acts, so that notes bear no stranger's name."""
        orders = self.sudo()
        return orders.with_user(api.SUPERUSER_ID) if self.env.user.share else orders
