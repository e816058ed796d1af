from datetime import timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tools import SQL

from odoo.addons.sales_pipeline.hooks_sql_orders import prepare_orders
from tests.common import PipelineCase
from tests.sales_pipeline.models.quoting.common import QuotingMixin

_FILLED = ["accepted_opportunity_id", "is_invoiced", "order_status", "payment_status", "quote_status"]


class TestExistingOrders(QuotingMixin, PipelineCase):
    """An existing database gets by SQL what the computes would have given its orders one by one."""

    def _forget(self):
        """Empty our columns, as if the orders had come before the addon."""
        self.env.flush_all()
        assignments = SQL(", ").join(SQL("%s = NULL", SQL.identifier(name)) for name in [*_FILLED, "expired_at"])
        self.cr.execute(SQL("UPDATE sale_order SET %s", assignments))
        self.env.invalidate_all()

    def _prepare(self):
        prepare_orders(self.cr)
        self.env.invalidate_all()

    def _assert_filled_as_computed(self, order):
        order.sent_at = False
        self.env.flush_all()
        computed = order.read(_FILLED)
        self._forget()
        self.assertFalse(order.quote_status)
        self._prepare()
        self.assertEqual(order.read(_FILLED), computed)

    def _confirm(self, **values):
        quote = self._create_sent_quote(**values)
        quote.action_confirm()
        return quote

    def _report_payment(self, quote, state):
        provider = self._offer_demo_payment()
        self.env["payment.transaction"].create({
            "provider_id": provider.id, "payment_method_id": provider.payment_method_ids[:1].id, "state": state,
            "reference": f"old-{quote.id}", "amount": quote.amount_total, "currency_id": quote.currency_id.id,
            "partner_id": self.partner.id, "sale_order_ids": [Command.link(quote.id)],
        })  # fmt: skip

    def test_a_draft(self):
        self._assert_filled_as_computed(self._create_quote())

    def test_a_sent_quote(self):
        self._assert_filled_as_computed(self._create_sent_quote())

    def test_an_expired_quote(self):
        quote = self._create_sent_quote(validity_date=fields.Date.today() - timedelta(days=3))
        quote._expire_safely()
        self._assert_filled_as_computed(quote)
        self.assertTrue(quote.expired_at, "else the nightly job would remind people of every old quote")

    def test_a_cancelled_quote(self):
        quote = self._create_quote()
        quote._action_cancel()
        self._assert_filled_as_computed(quote)

    def test_a_confirmed_order(self):
        self._assert_filled_as_computed(self._confirm())

    def test_a_delivered_order(self):
        order = self._confirm()
        order.order_line.qty_delivered = 1
        self._assert_filled_as_computed(order)

    def test_an_order_over_nothing(self):
        quote = self._create_sent_quote()
        quote.order_line.price_unit = 0
        quote.action_confirm()
        self._assert_filled_as_computed(quote)

    def test_an_order_with_a_draft_invoice(self):
        order = self._confirm()
        order._create_invoices()
        self._assert_filled_as_computed(order)

    def test_an_order_with_a_paid_invoice(self):
        order = self._confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({})  # fmt: skip
        wizard._create_payments()
        self.assertEqual(order.payment_status, "paid")
        self._assert_filled_as_computed(order)

    def test_an_order_with_a_cancelled_invoice(self):
        order = self._confirm()
        order._create_invoices().button_cancel()
        self._assert_filled_as_computed(order)

    def test_an_order_with_a_reversed_invoice(self):
        order = self._confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        invoice._reverse_moves(cancel=True)
        self._assert_filled_as_computed(order)

    def test_an_order_paid_online(self):
        order = self._confirm()
        self._report_payment(order, "done")
        self.assertEqual(order.payment_status, "paid")
        self._assert_filled_as_computed(order)

    def test_a_quote_whose_payment_failed(self):
        quote = self._create_sent_quote()
        self._report_payment(quote, "error")
        self.assertEqual(quote.payment_status, "failed")
        self._assert_filled_as_computed(quote)

    def test_an_order_without_a_deal(self):
        order = self._create_quote(self.env["crm.lead"])
        order.action_confirm()
        self._forget()
        self._prepare()
        self.assertFalse(any(order[name] for name in _FILLED))

    def test_only_the_latest_of_several_confirmed_orders_is_the_accepted_one(self):
        other = self._create_deal("Other deal")
        first, second = self._confirm(), self._confirm(deal=other)
        self._forget()
        second.flush_recordset()
        self.cr.execute(SQL(
            "UPDATE sale_order SET opportunity_id = %s, date_order = %s WHERE id = %s",
            self.deal.id, first.date_order - timedelta(days=1), second.id,
        ))  # fmt: skip
        self._prepare()
        self.assertEqual(first.accepted_opportunity_id, self.deal)
        self.assertFalse(second.accepted_opportunity_id)
        self.assertEqual((first + second).mapped("quote_status"), ["accepted", "accepted"])
