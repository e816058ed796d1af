"""What the customer of a deal can do with a quote: see it, decline it, accept it, pay it."""

from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import request

from odoo.addons.payment.controllers.post_processing import PaymentPostProcessing
from odoo.addons.sale.controllers import portal

from ..models.locks import key_lock


def lock_deals(orders) -> None:
    """Let one visitor at a time accept a quote of these deals; the others then see what that one did.

    Without the lock two acceptances end in a deadlock, and each try renders mails and PDF files again.
    """
    key_lock(request.env, *(f"deal:{deal.uuid}" for deal in orders.opportunity_id))


class CustomerPortal(portal.CustomerPortal):
    @http.route()
    def portal_order_page(self, order_id, access_token=None, payment_amount=None, **kwargs):
        # Odoo offers to pay a confirmed order only to who has a payment link; our customer has just signed it here.
        if not payment_amount:
            payment_amount = self._get_amount_offered(self._find_deal_order(order_id, access_token))
        return super().portal_order_page(order_id, access_token=access_token, payment_amount=payment_amount, **kwargs)

    @http.route()
    def portal_quote_accept(self, order_id, access_token=None, name=None, signature=None):
        order = self._find_deal_order(order_id, access_token or request.httprequest.args.get("access_token"))
        if order:
            lock_deals(order)
            rival = order._get_accepted_rival()
            if rival:
                return {"error": rival._get_taken_message()}
        return super().portal_quote_accept(order_id, access_token=access_token, name=name, signature=signature)

    @http.route()
    def portal_quote_decline(self, order_id, access_token=None, decline_message=None, **kwargs):
        order = self._find_deal_order(order_id, access_token)
        if not order:
            return super().portal_quote_decline(order_id, access_token, decline_message, **kwargs)
        reason = (decline_message or "").strip()
        if not reason or not order._is_answerable():
            return request.redirect(order.get_portal_url(query_string="&message=cant_reject"))
        user = request.env.user
        order._reject(reason, author=None if user._is_public() else user.partner_id)
        return request.redirect(order.get_portal_url())

    def _find_deal_order(self, order_id, access_token):
        """Return the order of a deal that the visitor may see (sudo), or nothing: other orders are Odoo's business."""
        try:
            order = self._document_check_access("sale.order", order_id, access_token=access_token)
        except (AccessError, MissingError):
            return None
        return order if order.opportunity_id else None

    def _get_amount_offered(self, order):
        """Return the amount that the visitor can pay online now, or nothing."""
        amount = order._get_amount_due_online() if order else 0
        if not amount:
            return None
        providers = request.env["payment.provider"].sudo()._get_compatible_providers(
            order.company_id.id, order.partner_id.id, amount, currency_id=order.currency_id.id, sale_order_id=order.id
        )
        return amount if providers else None


class DealPaymentPostProcessing(PaymentPostProcessing):
    @http.route()
    def poll_status(self, **kwargs):
        tx = self._get_monitored_transaction()
        if tx and not tx.is_post_processed:
            lock_deals(tx.sale_order_ids)
        return super().poll_status(**kwargs)
