from unittest.mock import patch

from odoo.exceptions import RedirectWarning
from odoo.fields import Command

from tests.common import PipelineCase
from tests.sales_pipeline.models.quoting.common import PRICE, QuotingMixin


class TestPaymentTransaction(QuotingMixin, PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._offer_demo_payment()

    def _pay(self, *quotes, state="done", amount=PRICE):
        """Pay quotes as the demo provider reports it, up to the post-processing."""
        self.paid_count = getattr(self, "paid_count", 0) + 1
        tx = self.env["payment.transaction"].create({
            "provider_id": self.provider.id, "payment_method_id": self.provider.payment_method_ids[:1].id,
            "reference": f"pipeline-{self.paid_count}", "amount": amount, "currency_id": quotes[0].currency_id.id,
            "partner_id": self.partner.id, "operation": "online_direct",
            "sale_order_ids": [Command.set([quote.id for quote in quotes])],
        })  # fmt: skip
        tx._process("demo", {"reference": tx.reference, "simulated_state": state})
        tx._post_process()
        self._flush()
        return tx

    def _assert_settled(self, invoice, amount=PRICE):
        self.assertEqual(len(invoice), 1)
        self.assertEqual(invoice.state, "posted")
        self.assertEqual(invoice.amount_total, amount)
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self.assertEqual(invoice.amount_residual, 0)

    def test_paying_a_quote_accepts_invoices_and_settles_it(self):
        quote = self._create_sent_quote(require_payment=True, require_signature=False)
        tx = self._pay(quote)
        self._assert_settled(tx.invoice_ids)
        self.assertEqual(tx.invoice_ids, quote.invoice_ids)
        self.assertEqual(tx.payment_id.state, "paid")
        self.assertEqual((quote.quote_status, quote.payment_status), ("accepted", "paid"))
        self.assertTrue(quote.is_invoiced)
        self.assertEqual(self.deal.deal_stage, "won")
        told = self._statuses_told()[2:]
        self.assertCountEqual(
            told, [("quote", "accepted"), ("order", "confirmed"), ("invoice", "generated"), ("payment", "paid")]
        )

    def test_paying_an_accepted_order_invoices_it(self):
        quote = self._create_sent_quote()
        quote.action_confirm()
        self._flush()
        self.assertEqual(quote._get_amount_due_online(), PRICE)
        tx = self._pay(quote)
        self._assert_settled(tx.invoice_ids)
        self.assertEqual(quote.payment_status, "paid")
        self.assertEqual(quote._get_amount_due_online(), 0)

    def test_goods_invoiced_on_delivery_are_invoiced_by_their_payment(self):
        self.product.invoice_policy = "delivery"
        quote = self._create_sent_quote(require_payment=True, require_signature=False)
        tx = self._pay(quote)
        self._assert_settled(tx.invoice_ids)
        self.assertEqual(quote.payment_status, "paid")

    def test_a_failed_payment_leaves_the_quote_open_and_a_later_one_pays_it(self):
        quote = self._create_sent_quote(require_payment=True, require_signature=False)
        self._pay(quote, state="error")
        self.assertEqual(quote.payment_status, "failed")
        self.assertEqual((quote.state, quote.invoice_ids.ids), ("sent", []))
        self.assertEqual(self._statuses_told()[2:], [("payment", "failed")])
        self._pay(quote)
        self.assertEqual(quote.payment_status, "paid")
        self._assert_settled(quote.invoice_ids)

    def test_post_processing_twice_tells_and_invoices_once(self):
        quote = self._create_sent_quote(require_payment=True, require_signature=False)
        tx = self._pay(quote)
        tx._post_process()
        self._flush()
        self.assertEqual(self._statuses_told().count(("payment", "paid")), 1)
        self._assert_settled(quote.invoice_ids)

    def test_a_refund_is_told_too(self):
        self.provider.payment_method_ids[:1].support_refund = "partial"
        quote = self._create_sent_quote(require_payment=True, require_signature=False)
        refund = self._pay(quote)._refund(amount_to_refund=400)
        refund._post_process()
        self._flush()
        self.assertEqual(self._statuses_told()[-1], ("payment", "refunded"))

    def test_a_deposit_confirms_and_is_invoiced_but_does_not_pay_the_order(self):
        quote = self._create_sent_quote(require_payment=True, require_signature=False, prepayment_percent=0.3)
        tx = self._pay(quote, amount=300)
        self._assert_settled(tx.invoice_ids, 300)
        self.assertEqual((quote.quote_status, quote.payment_status), ("accepted", "pending"))

    def test_an_invoice_that_stands_already_is_settled_not_doubled(self):
        quote = self._create_sent_quote()
        quote.action_confirm()
        invoice = quote._create_invoices()
        invoice.action_post()
        tx = self._pay(quote)
        self.assertEqual(tx.invoice_ids, invoice)
        self.assertEqual(quote.invoice_ids, invoice)
        self._assert_settled(invoice)

    def test_automatic_invoices_make_one_invoice_too(self):
        self.env["ir.config_parameter"].set_param("sale.automatic_invoice", "True")
        quote = self._create_sent_quote(require_payment=True, require_signature=False)
        tx = self._pay(quote)
        self._assert_settled(tx.invoice_ids)

    def test_an_order_without_a_deal_stays_odoos_business(self):
        quote = self._create_quote(self.env["crm.lead"], require_payment=True, require_signature=False)
        tx = self._pay(quote)
        self.assertEqual(quote.state, "sale")
        self.assertFalse(tx.invoice_ids or quote.invoice_ids)
        told = self.env["pipeline.event"].search([("origin_model", "=", tx._name), ("origin_id", "=", tx.id)])
        self.assertFalse(told)

    def test_money_for_a_superseded_quote_is_kept_and_shown(self):
        quote, rival = self._create_sent_quote(), self._create_sent_quote(require_payment=True)
        quote.action_confirm()
        self._flush()
        tx = self._pay(rival)
        self.assertTrue(tx.is_post_processed and tx.payment_id)
        self.assertEqual(rival.state, "cancel")
        self.assertFalse(rival.invoice_ids or rival.accepted_at)
        self.assertIn("refund", self._reminders().summary)
        self.assertIn(rival.name, self._reminders().summary)
        self.assertEqual(quote.accepted_opportunity_id, self.deal)

    def test_money_for_a_later_quote_of_a_won_deal_does_not_accept_it(self):
        self._create_sent_quote().action_confirm()
        late = self._create_sent_quote(require_payment=True)
        tx = self._pay(late)
        self.assertTrue(tx.is_post_processed)
        self.assertEqual(late.state, "sent")
        self.assertFalse(late.invoice_ids)
        self.assertIn(late.name, self._reminders().summary)

    def test_an_order_that_cannot_be_invoiced_stands_and_the_owner_is_told(self):
        quote = self._create_sent_quote(require_payment=True, require_signature=False)
        error = RedirectWarning("No journal for sales", 1, "Settings")
        with patch.object(type(quote), "_create_invoices", side_effect=error):
            tx = self._pay(quote)
        self.assertTrue(tx.is_post_processed)
        self.assertEqual((quote.state, quote.payment_status), ("sale", "paid"))
        self.assertFalse(quote.is_invoiced)
        self.assertIn("could not be invoiced", self._reminders().summary)
        self.assertIn("No journal for sales", self._reminders().note)
