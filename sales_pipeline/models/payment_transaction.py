"""Online payments of pipeline orders: each is invoiced by its payment, and each outcome is told."""

from odoo import models
from odoo.exceptions import RedirectWarning, UserError
from odoo.tools import str2bool

_TOLD = {"done": "paid", "error": "failed", "cancel": "failed"}


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    # ---- Odoo's hooks

    def _post_process(self):
        told = self.sudo().filtered(lambda tx: not tx.is_post_processed and tx.state in _TOLD)
        result = super()._post_process()
        told._tell_outcome()
        return result

    def _check_amount_and_confirm_order(self):
        # Money for a quote that cannot be accepted any more must not fail every retry: it is kept and shown.
        blocked = self.filtered(lambda tx: tx.sale_order_ids._is_beyond_acceptance())
        confirmed = super(PaymentTransaction, self - blocked)._check_amount_and_confirm_order()
        for order in blocked.filtered(lambda tx: tx.state == "done").sale_order_ids:
            order._remind_owner(
                lambda env, quote: env._("%(quote)s was paid but cannot be accepted any more: refund it", quote=quote)
            )
        # The invoice has to stand before the payment is booked, so that Odoo reconciles the two.
        (self - blocked).filtered(lambda tx: tx.state == "done")._invoice_pipeline_orders()
        return confirmed

    # ---- use cases

    def _invoice_pipeline_orders(self) -> None:
        """Invoice the paid orders that belong to a deal; with automatic invoices switched on Odoo does it."""
        if str2bool(self.env["ir.config_parameter"].sudo().get_param("sale.automatic_invoice"), False):
            return
        for tx in self.filtered(lambda tx: tx.sale_order_ids.opportunity_id and not tx.invoice_ids):
            orders = tx.sale_order_ids
            unpaid = orders.invoice_ids.filtered(
                lambda move: move.move_type == "out_invoice" and move.state == "posted" and move.amount_residual > 0
            )
            if unpaid:
                tx.invoice_ids = unpaid
            else:
                tx._invoice_safely()

    def _invoice_safely(self) -> None:
        """Invoice the orders of one payment; where the accounting set-up forbids it, a person is told."""
        try:
            with self.env.cr.savepoint():
                self._invoice_sale_orders()
        except (UserError, RedirectWarning) as error:
            for order in self.sale_order_ids:
                order._remind_owner(
                    lambda env, quote: env._("%(quote)s is paid but could not be invoiced", quote=quote),
                    note=str(error.args[0]),
                )

    def _tell_outcome(self) -> None:
        """Add the outcome of each payment to the story of its order."""
        for tx in self.filtered(lambda tx: tx.operation != "validation"):
            is_refund = tx.operation == "refund"
            orders = (tx.sale_order_ids or tx.source_transaction_id.sale_order_ids).filtered("opportunity_id")
            status = "refunded" if is_refund and tx.state == "done" else _TOLD[tx.state]
            facts = {"amount": tx.amount, "currency": tx.currency_id.name, "provider": tx.provider_code}
            for order in orders:
                is_part = status == "paid" and order.payment_status != "paid"
                order._append_events(
                    "payment", status, direction="out" if is_refund else "in", origin=tx,
                    **facts, **({"is_part": True} if is_part else {}),
                )  # fmt: skip
            for order in orders if status == "failed" else ():
                order._tell_owner(
                    lambda env, quote: env._("A payment of %(quote)s failed.", quote=quote), kind="warning"
                )
