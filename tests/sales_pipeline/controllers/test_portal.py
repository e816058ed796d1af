import json
import re
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from tests.common import PipelineHttpCase
from tests.sales_pipeline.models.quoting.common import PRICE, QuotingMixin

# A picture of one transparent pixel, as the signature pad would send it.
SIGNATURE = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


class PortalCase(QuotingMixin, PipelineHttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._offer_demo_payment()

    def setUp(self):
        super().setUp()
        self.authenticate(None, None)

    def _open(self, quote, **params):
        """Open the portal page of a quote as the customer with the link of the mail does."""
        query = "".join(f"&{name}={value}" for name, value in params.items())
        response = self.url_open(quote.get_portal_url(query_string=query))
        self.assertEqual(response.status_code, 200)
        self.env.invalidate_all()
        return response.text

    def _decline(self, quote, reason, token=None):
        page = self.url_open(quote.get_portal_url()).text
        csrf_token = re.search(r'csrf_token: "(\w+)"', page)[1]
        path = f"/my/orders/{quote.id}/decline?access_token={token or quote.access_token}"
        response = self.url_open(path, data={"decline_message": reason, "csrf_token": csrf_token})
        self.env.invalidate_all()
        return response

    def _sign(self, quote, token=None):
        answer = self._call(
            f"/my/orders/{quote.id}/accept", access_token=token or quote._portal_ensure_token(), name="Ada Buyer",
            signature=SIGNATURE,
        )  # fmt: skip
        self.env.invalidate_all()
        return answer

    def _call(self, path, **params):
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params})
        answer = self.url_open(path, data=body, headers={"Content-Type": "application/json"}).json()
        self.assertNotIn("error", answer)
        return answer.get("result")

    def _pay(self, quote, state="done", amount=PRICE):
        """Go the customer's way through the demo provider, as the browser's scripts do."""
        values = self._call(
            f"/my/orders/{quote.id}/transaction", access_token=quote._portal_ensure_token(), amount=amount,
            provider_id=self.provider.id, payment_method_id=self.provider.payment_method_ids[:1].id, token_id=None,
            flow="direct", tokenization_requested=False, landing_route=quote.get_portal_url(),
        )  # fmt: skip
        self._call(
            "/payment/demo/simulate_payment", reference=values["reference"], payment_details="4242",
            simulated_state=state,
        )  # fmt: skip
        answer = self._call("/payment/status/poll")
        self.env.invalidate_all()
        return answer


@tagged("post_install", "-at_install")
class TestPortalQuote(PortalCase):
    def test_opening_the_link_counts_as_a_view(self):
        quote = self._create_sent_quote()
        page = self._open(quote)
        self.assertIn(quote.name, page)
        self.assertEqual((quote.quote_status, quote.view_count), ("viewed", 1))
        self._open(quote)
        self.assertEqual(quote.view_count, 1, "the same browser on the same day is one view")
        self.assertEqual(self._statuses_told()[2:], [("quote", "viewed")])

    def test_the_salesperson_looking_is_no_view(self):
        quote = self._create_sent_quote()
        self.authenticate("admin", "admin")
        self._open(quote)
        self.assertFalse(quote.view_count)

    def test_a_wrong_token_shows_and_changes_nothing(self):
        quote = self._create_sent_quote()
        quote._portal_ensure_token()
        path = f"/my/orders/{quote.id}?access_token=guessed"
        self.assertNotIn(quote.name, self.url_open(path).text)
        self._decline(quote, "Mischief", token="guessed")
        self.assertIn("error", self._sign(quote, token="guessed"))
        self.assertEqual(quote.state, "sent")
        self.assertFalse(quote.rejected_at or quote.signature)

    def test_declining_with_a_reason(self):
        quote = self._create_sent_quote()
        self._open(quote)
        self.env["pipeline.moments.mixin"]._flush_moments()
        response = self._decline(quote, "Too <i>dear</i>")
        self.assertIn("You have declined this quotation", response.text)
        self.assertEqual((quote.quote_status, quote.reject_reason), ("rejected", "Too <i>dear</i>"))
        self.assertEqual(self.deal.deal_stage, "negotiation")
        self.assertEqual(len(self._reminders()), 1)
        said = quote.message_ids.filtered(lambda message: "dear" in message.body)
        self.assertEqual(said.author_id, self.partner)
        self.assertEqual(self._statuses_told()[-1], ("quote", "rejected"))

    def test_declining_without_a_reason_changes_nothing(self):
        quote = self._create_sent_quote()
        response = self._decline(quote, "   ")
        self.assertIn("not in a state to be rejected", response.text)
        self.assertEqual(quote.state, "sent")
        self.assertFalse(quote.rejected_at)
        self.assertEqual(self.deal.deal_stage, "proposal_sent")

    def test_an_expired_quote_can_neither_be_declined_nor_signed(self):
        quote = self._create_sent_quote(validity_date=fields.Date.today() - timedelta(days=1))
        self.assertIn("This offer expired", self._open(quote))
        self.assertIn("not in a state to be rejected", self._decline(quote, "Late").text)
        self.assertIn("error", self._sign(quote))
        self.assertEqual(quote.state, "sent")
        self.assertFalse(quote.rejected_at or quote.signature or quote.accepted_at)

    def test_a_quote_that_only_asks_for_payment_can_be_declined(self):
        quote = self._create_sent_quote(require_signature=False, require_payment=True)
        self.assertIn("#modaldecline", self._open(quote))
        self._decline(quote, "Not now")
        self.assertEqual(quote.quote_status, "rejected")

    def test_a_quote_without_a_deal_is_declined_as_ever(self):
        quote = self._create_quote(self.env["crm.lead"])
        quote.action_quotation_sent()
        self._decline(quote, "No, thank you")
        self.assertEqual(quote.state, "cancel")
        self.assertFalse(quote.rejected_at or quote.quote_status)

    def test_signing_accepts_the_quote_and_wins_the_deal(self):
        quote, rival = self._create_sent_quote(), self._create_sent_quote()
        answer = self._sign(quote)
        self.assertIn("message=sign_ok", answer["redirect_url"])
        self.assertEqual((quote.quote_status, quote.signed_by), ("accepted", "Ada Buyer"))
        self.assertTrue(quote.order_number)
        self.assertEqual(self.deal.deal_stage, "won")
        self.assertEqual((rival.state, rival.superseded_by_id), ("cancel", quote))
        self.assertIn("replaced by another one", self._open(rival))

    def test_a_second_signature_on_a_deal_is_refused_in_plain_words(self):
        quote = self._create_sent_quote()
        quote.action_confirm()
        second = self._create_sent_quote()
        answer = self._sign(second)
        self.assertIn(f"{quote.name} was already accepted", answer["error"])
        self.assertEqual(second.state, "sent")
        self.assertFalse(second.signature or second.signed_by or second.accepted_at)
        self.assertEqual(quote.accepted_opportunity_id, self.deal)


@tagged("post_install", "-at_install")
class TestPortalPayment(PortalCase):
    def _assert_paid(self, quote):
        invoice = quote.invoice_ids
        self.assertEqual((len(invoice), invoice.state, invoice.amount_residual), (1, "posted", 0))
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self.assertEqual((quote.quote_status, quote.payment_status), ("accepted", "paid"))
        self.assertTrue(quote.is_invoiced)
        self.assertEqual(self.deal.deal_stage, "won")

    def test_signing_then_paying_the_order(self):
        quote = self._create_sent_quote()
        self.assertNotIn("o_sale_portal_paynow", self._open(quote))
        self._sign(quote)
        self.assertIn("o_sale_portal_paynow", self._open(quote))
        answer = self._pay(quote)
        self.assertEqual(answer["state"], "done")
        self._assert_paid(quote)
        self.assertNotIn("o_sale_portal_paynow", self._open(quote), "nobody is asked to pay twice")

    def test_a_quote_signed_and_paid_in_one_go(self):
        quote = self._create_sent_quote(require_payment=True)
        self.assertIn("redirect_url", self._sign(quote))
        self.assertEqual((quote.state, quote.signed_by), ("sent", "Ada Buyer"))
        self._pay(quote)
        self._assert_paid(quote)

    def test_a_failed_payment_can_be_tried_again(self):
        quote = self._create_sent_quote()
        self._sign(quote)
        self.assertEqual(self._pay(quote, state="error")["state"], "error")
        self.assertEqual((quote.payment_status, quote.invoice_ids.ids), ("failed", []))
        self.assertIn("o_sale_portal_paynow", self._open(quote))
        self._pay(quote)
        self._assert_paid(quote)

    def test_without_a_provider_nobody_is_asked_to_pay_online(self):
        quote = self._create_sent_quote()
        self._sign(quote)
        self.provider.state = "disabled"
        self.assertNotIn("o_sale_portal_paynow", self._open(quote))

    @mute_logger("odoo.http")
    def test_a_payment_with_a_wrong_token_is_refused(self):
        quote = self._create_sent_quote()
        self._sign(quote)
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": {
            "access_token": "guessed", "amount": PRICE, "provider_id": self.provider.id, "flow": "direct",
            "payment_method_id": self.provider.payment_method_ids[:1].id, "landing_route": "/my",
            "tokenization_requested": False, "token_id": None,
        }})  # fmt: skip
        answer = self.url_open(
            f"/my/orders/{quote.id}/transaction", data=body, headers={"Content-Type": "application/json"}
        ).json()
        self.assertIn("error", answer)
        self.env.invalidate_all()
        self.assertFalse(quote.transaction_ids)
