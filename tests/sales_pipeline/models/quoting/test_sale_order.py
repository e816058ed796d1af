from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user
from odoo.tools import SQL, mute_logger
from psycopg2.errors import UniqueViolation

from tests.common import PipelineCase
from tests.sales_pipeline.models.quoting.common import PRICE, QuotingMixin


class TestDraft(QuotingMixin, PipelineCase):
    def test_a_quote_of_a_deal_begins_as_a_draft(self):
        quote = self._create_quote()
        self.assertEqual(quote.quote_status, "draft")
        self.assertEqual(quote.order_status, "pending")
        self.assertEqual(quote.payment_status, "pending")
        self.assertFalse(quote.is_invoiced)
        self.assertEqual(self._statuses_told(), [("quote", "draft")])

    def test_every_quote_has_a_public_id_of_its_own(self):
        quote = self._create_quote()
        other = quote.copy()
        self.assertEqual(len({quote.uuid, other.uuid, False}), 3)

    def test_an_order_without_a_deal_has_no_status_and_no_story(self):
        quote = self._create_quote(self.env["crm.lead"])
        quote.action_confirm()
        self._flush()
        self.assertEqual(quote.state, "sale")
        self.assertFalse(quote.quote_status or quote.order_status or quote.payment_status)
        self.assertFalse(quote.order_number or quote.accepted_at or quote.accepted_opportunity_id)
        events = self.env["pipeline.event"].search([("res_model", "=", "sale.order"), ("res_id", "=", quote.id)])
        self.assertFalse(events)

    def test_the_deal_shows_its_latest_and_its_accepted_quote(self):
        first = self._create_sent_quote()
        second = self._create_quote()
        self.assertEqual(self.deal.latest_quote_id, second)
        self.assertEqual(self.deal.quote_status, "draft")
        self.assertFalse(self.deal.accepted_order_id)
        first.action_confirm()
        self.assertEqual(self.deal.accepted_order_id, first)
        self.assertEqual(self.deal.quote_status, "accepted")


    def test_whoever_sees_the_deal_sees_how_far_its_quote_is(self):
        reader = new_test_user(self.env, "quoting_reader", groups="sales_pipeline.group_rep")
        self.deal.user_id = reader
        quote = self._create_sent_quote()
        self.assertFalse(self.env["sale.order"].with_user(reader).search([("id", "=", quote.id)]))
        self.assertEqual(self.deal.with_user(reader).quote_status, "sent")


class TestSent(QuotingMixin, PipelineCase):
    def test_sending_moves_the_deal_to_proposal_sent(self):
        quote = self._create_quote()
        self.assertEqual(self.deal.deal_stage, "discovery")
        quote.with_context(mark_so_as_sent=True).message_post(body="Our offer")
        self._flush()
        self.assertEqual(quote.quote_status, "sent")
        self.assertTrue(quote.sent_at)
        self.assertEqual(self.deal.deal_stage, "proposal_sent")
        self.assertEqual(self._statuses_told(), [("quote", "draft"), ("quote", "sent")])

    def test_the_mail_composer_sends_the_quote_with_its_portal_link(self):
        quote = self._create_quote()
        action = quote.action_quotation_send()
        composer = Form(self.env["mail.compose.message"].with_context(**action["context"])).save()
        composer._action_send_mail()
        self._flush()
        self.assertEqual(quote.quote_status, "sent")
        mail = self.env["mail.mail"].sudo().search([("res_id", "=", quote.id), ("model", "=", "sale.order")])
        self.assertIn(quote.access_token, "".join(mail.mapped("body_html")))

    def test_sending_never_takes_a_deal_back(self):
        self.deal._advance_stage("negotiation")
        self._create_sent_quote()
        self.assertEqual(self.deal.deal_stage, "negotiation")

    def test_sending_leaves_a_won_deal_won(self):
        self.deal.action_set_won()
        self._create_sent_quote()
        self.assertEqual(self.deal.deal_stage, "won")


class TestViewed(QuotingMixin, PipelineCase):
    def _view(self, quote):
        quote.sudo().message_post(body="Viewed", message_type="notification", subtype_xmlid="sale.mt_order_viewed")

    def test_views_are_counted_and_the_first_one_is_kept(self):
        quote = self._create_sent_quote()
        with freeze_time("2026-03-02 10:00:00"):
            self._view(quote)
        with freeze_time("2026-03-04 11:00:00"):
            self._view(quote)
        self.assertEqual(quote.quote_status, "viewed")
        self.assertEqual(quote.view_count, 2)
        self.assertEqual(str(quote.first_viewed_at), "2026-03-02 10:00:00")
        self.assertEqual(str(quote.last_viewed_at), "2026-03-04 11:00:00")
        self._flush()
        self.assertEqual(self._statuses_told()[2:], [("quote", "viewed"), ("quote", "viewed")])

    def test_the_owner_is_told_at_once(self):
        quote = self._create_sent_quote()
        with patch.object(type(self.owner), "_bus_send", autospec=True) as send:
            self._view(quote)
        receiver, kind, message = send.call_args.args
        self.assertEqual((receiver, kind), (self.owner, "simple_notification"))
        self.assertIn(quote.name, message["message"])

    def test_another_message_is_no_view(self):
        quote = self._create_sent_quote()
        quote.message_post(body="A question", message_type="comment", subtype_xmlid="mail.mt_comment")
        self.assertEqual(quote.quote_status, "sent")
        self.assertFalse(quote.view_count)

    def test_a_view_of_an_order_without_a_deal_is_not_counted(self):
        quote = self._create_quote(self.env["crm.lead"])
        self._view(quote)
        self.assertFalse(quote.view_count or quote.first_viewed_at)


class TestRejected(QuotingMixin, PipelineCase):
    def test_declining_returns_the_deal_to_negotiation(self):
        quote = self._create_sent_quote()
        quote._reject("  Too <b>dear</b> for us ")
        self._flush()
        self.assertEqual(quote.quote_status, "rejected")
        self.assertEqual(quote.order_status, "cancelled")
        self.assertEqual(quote.reject_reason, "Too <b>dear</b> for us")
        self.assertEqual(self.deal.deal_stage, "negotiation")
        self.assertEqual(self._statuses_told()[2:], [("quote", "rejected")])
        self.assertIn("Too &lt;b&gt;dear&lt;/b&gt; for us", quote.message_ids.mapped("body")[0])

    def test_the_owner_gets_one_to_do_with_the_reason(self):
        quote = self._create_sent_quote()
        quote._reject("Too <b>dear</b>")
        self._flush()
        reminder = self._reminders()
        self.assertEqual(len(reminder), 1)
        self.assertIn(quote.name, reminder.summary)
        self.assertIn("Too &lt;b&gt;dear&lt;/b&gt;", reminder.note)

    def test_a_quote_without_a_reason_stays_open(self):
        quote = self._create_sent_quote()
        with self.assertRaises(UserError):
            quote._reject(" \n ")
        self._assert_unanswered(quote, "sent")

    def test_an_expired_quote_cannot_be_declined(self):
        quote = self._create_sent_quote(validity_date=fields.Date.today() - timedelta(days=1))
        with self.assertRaises(UserError):
            quote._reject("Too late")
        self._assert_unanswered(quote, "sent")

    def test_an_accepted_quote_cannot_be_declined(self):
        quote = self._create_sent_quote()
        quote.action_confirm()
        with self.assertRaises(UserError):
            quote._reject("Changed my mind")
        self._assert_unanswered(quote, "sale")

    def _assert_unanswered(self, quote, state):
        self._flush()
        self.assertEqual(quote.state, state)
        self.assertFalse(quote.rejected_at or quote.reject_reason)
        self.assertNotIn(("quote", "rejected"), self._statuses_told())
        self.assertFalse(self._reminders())

    def test_taking_it_back_to_a_draft_begins_a_new_round(self):
        quote = self._create_sent_quote()
        quote._reject("Too dear")
        self._flush()
        quote.action_draft()
        self._flush()
        self.assertEqual(quote.quote_status, "draft")
        self.assertFalse(quote.rejected_at or quote.reject_reason or quote.sent_at)
        quote.action_quotation_sent()
        self.assertEqual(quote.quote_status, "sent")


class TestAccepted(QuotingMixin, PipelineCase):
    def test_confirming_accepts_the_quote_and_wins_the_deal(self):
        quote = self._create_sent_quote()
        quote.action_confirm()
        self.assertEqual(quote.quote_status, "accepted")
        self.assertEqual(quote.order_status, "confirmed")
        self.assertTrue(quote.accepted_at)
        self.assertRegex(quote.order_number, r"^ORD\d{5}$")
        self.assertNotEqual(quote.order_number, quote.name)
        self.assertEqual(quote.accepted_opportunity_id, self.deal)
        self.assertEqual(self.deal.deal_stage, "won")
        self._flush()
        self.assertEqual(self._statuses_told()[2:], [("quote", "accepted"), ("order", "confirmed")])

    def test_the_other_open_quotes_are_superseded(self):
        quote, rival, draft = self._create_sent_quote(), self._create_sent_quote(), self._create_quote()
        stranger = self._create_sent_quote(self._create_deal("Another deal"))
        quote.action_confirm()
        self._flush()
        for other in rival, draft:
            self.assertEqual(other.state, "cancel")
            self.assertEqual(other.superseded_by_id, quote)
            self.assertIn(quote.name, other.message_ids.filtered("body").mapped("body")[0])
        self.assertEqual(stranger.state, "sent")
        self.assertEqual(self._statuses_told().count(("quote", "cancelled")), 2)
        self.assertNotIn(("quote", "rejected"), self._statuses_told())

    def test_a_rep_accepts_though_colleagues_wrote_the_other_quotes(self):
        rep = new_test_user(self.env, "quoting_rep", groups="sales_pipeline.group_rep")
        colleague = new_test_user(self.env, "quoting_colleague", groups="sales_pipeline.group_rep")
        self.deal.user_id = rep
        quote = self._create_sent_quote(user_id=rep.id)
        rival = self._create_sent_quote(user_id=colleague.id)
        self._flush()
        quote.with_user(rep).action_confirm()
        self._flush()
        self.assertEqual((rival.state, rival.superseded_by_id), ("cancel", quote))
        self.assertEqual(self.deal.deal_stage, "won")

    def test_orders_of_what_is_still_a_lead_follow_odoo_alone(self):
        lead = self._create_deal("Not a deal yet", type="lead")
        orders = self._create_quote(lead) | self._create_quote(lead)
        for order in orders:
            order.action_confirm()
        self._flush()
        self.assertEqual(orders.mapped("state"), ["sale", "sale"])
        self.assertFalse(orders.accepted_opportunity_id or orders.superseded_by_id)
        self.assertEqual(lead.won_status, "pending")

    def test_a_second_acceptance_is_refused_in_plain_words(self):
        quote = self._create_sent_quote()
        quote.action_confirm()
        second = self._create_sent_quote()
        told = self._statuses_told()
        with self.assertRaisesRegex(UserError, f"{quote.name} was already accepted"):
            second.action_confirm()
        self._flush()
        self.assertEqual(second.state, "sent")
        self.assertFalse(second.accepted_at or second.order_number or second.accepted_opportunity_id)
        self.assertEqual(quote.accepted_opportunity_id, self.deal)
        self.assertEqual(self._statuses_told(), told)

    def test_the_customer_is_not_asked_to_sign_or_pay_what_cannot_be_accepted(self):
        quote = self._create_sent_quote(require_payment=True)
        second = self._create_sent_quote(require_payment=True)
        self.assertTrue(second._has_to_be_signed() and second._has_to_be_paid())
        quote.action_confirm()
        second.action_draft()
        self._flush()
        self.assertFalse(second._has_to_be_signed() or second._has_to_be_paid())

    def test_two_quotes_of_one_deal_cannot_be_confirmed_together(self):
        quotes = self._create_sent_quote() + self._create_sent_quote()
        with self.assertRaisesRegex(UserError, "one at a time"):
            quotes.action_confirm()
        self.assertEqual(quotes.mapped("state"), ["sent", "sent"])
        self.assertFalse(quotes.accepted_opportunity_id)
        self.assertEqual(self.deal.deal_stage, "proposal_sent")

    def test_the_database_allows_one_accepted_order_a_deal(self):
        quote, rival = self._create_sent_quote(), self._create_sent_quote()
        quote.action_confirm()
        with self.assertRaises(UniqueViolation) as caught, mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.cr.execute(SQL(
                "UPDATE sale_order SET accepted_opportunity_id = %s WHERE id = %s", self.deal.id, rival.id
            ))  # fmt: skip
        words = rival._sql_error_to_message(caught.exception)
        self.assertIn("Only one quote of a deal can be accepted", words)

    def test_after_a_cancellation_another_quote_can_be_accepted(self):
        quote = self._create_sent_quote()
        quote.action_confirm()
        self._flush()
        quote._action_cancel()
        second = self._create_sent_quote()
        second.action_confirm()
        self._flush()
        self.assertFalse(quote.accepted_opportunity_id)
        self.assertEqual(second.accepted_opportunity_id, self.deal)
        self.assertEqual(quote.order_status, "cancelled")
        self.assertNotEqual(second.order_number, quote.order_number)

    def test_a_cancelled_order_leaves_the_deal_won_and_the_owner_reminded(self):
        quote = self._create_sent_quote()
        quote.action_confirm()
        self._flush()
        quote._action_cancel()
        self._flush()
        self.assertEqual(self.deal.deal_stage, "won")
        self.assertEqual(self._statuses_told()[-1], ("order", "cancelled"))
        self.assertIn("still counts as won", self._reminders().summary)

    def test_a_signature_on_a_lost_deal_wins_it(self):
        quote = self._create_sent_quote()
        self.deal.action_set_lost()
        quote.action_confirm()
        self.assertEqual(self.deal.won_status, "won")
        self.assertTrue(self.deal.active)

    def test_merging_two_won_deals_keeps_one_accepted_order(self):
        other = self._create_deal("The same business")
        first, second = self._create_sent_quote(), self._create_sent_quote(other)
        (first + second).action_confirm()
        self._flush()
        merged = (self.deal + other).merge_opportunity(auto_unlink=False)
        self._flush()
        self.assertEqual((first + second).opportunity_id, merged)
        accepted = (first + second).filtered("accepted_opportunity_id")
        self.assertEqual(len(accepted), 1)
        self.assertEqual(accepted.accepted_opportunity_id, merged)

    def test_linking_a_confirmed_order_makes_it_the_accepted_one(self):
        order = self._create_quote(self.env["crm.lead"])
        order.action_confirm()
        order.opportunity_id = self.deal
        self._flush()
        self.assertEqual(order.quote_status, "accepted")
        self.assertEqual(order.accepted_opportunity_id, self.deal)
        order.opportunity_id = False
        self._flush()
        self.assertFalse(order.quote_status or order.accepted_opportunity_id)

    def test_a_complete_delivery_is_told(self):
        quote = self._create_sent_quote()
        quote.action_confirm()
        self._flush()
        quote.order_line.qty_delivered = 1
        self._flush()
        self.assertEqual(quote.order_status, "delivered")
        self.assertEqual(self._statuses_told()[-1], ("order", "delivered"))


class TestExpired(QuotingMixin, PipelineCase):
    def setUp(self):
        super().setUp()
        self.yesterday = fields.Date.today() - timedelta(days=1)
        self.quote = self._create_sent_quote(validity_date=self.yesterday)

    def _run_job(self):
        with self.enter_registry_test_mode():
            self.env.ref("sales_pipeline.ir_cron_expire_quotes").method_direct_trigger()
        self.env.invalidate_all()

    def test_the_job_expires_a_quote_once(self):
        self._run_job()
        self._run_job()
        self.assertEqual(self.quote.quote_status, "expired")
        self.assertEqual(self._statuses_told()[2:], [("quote", "expired")])
        self.assertEqual(len(self._reminders()), 1)
        self.assertIn(self.quote.name, self._reminders().summary)

    def test_the_last_day_itself_still_counts(self):
        today = self._create_sent_quote(validity_date=fields.Date.today())
        endless = self._create_sent_quote(validity_date=False)
        self._run_job()
        self.assertEqual((today + endless).mapped("quote_status"), ["sent", "sent"])

    def test_answered_quotes_and_plain_orders_do_not_expire(self):
        plain = self._create_quote(self.env["crm.lead"], validity_date=self.yesterday)
        declined = self._create_sent_quote()
        declined._reject("No")
        declined.validity_date = self.yesterday
        self._run_job()
        self.assertFalse((plain + declined).filtered("expired_at"))
        self.assertEqual(declined.quote_status, "rejected")

    def test_a_lost_deal_needs_no_reminder(self):
        self.deal.action_set_lost()
        self._run_job()
        self.assertEqual(self.quote.quote_status, "expired")
        self.assertFalse(self._reminders())

    def test_more_time_opens_the_quote_again(self):
        self._run_job()
        self.quote.validity_date = fields.Date.today() + timedelta(days=7)
        self._flush()
        self.assertEqual(self.quote.quote_status, "sent")
        self.assertFalse(self.quote.expired_at)
        self.assertEqual(self._statuses_told().count(("quote", "sent")), 1)

    def test_one_bad_quote_does_not_hold_up_the_others(self):
        good = self._create_sent_quote(validity_date=self.yesterday)
        write = type(self.quote).write
        bad_id = self.quote.id

        def stumble(orders, vals):
            if "expired_at" in vals and bad_id in orders.ids:
                raise UserError("Somebody else's rule")
            return write(orders, vals)

        with (
            patch.object(type(self.quote), "write", stumble),
            self.assertLogs("odoo.addons.sales_pipeline.models.quoting", "ERROR") as logs,
        ):
            self._run_job()
        self.assertIn(str(bad_id), logs.output[0])
        self.assertEqual(good.quote_status, "expired")
        self.assertEqual(self.quote.quote_status, "sent")


class TestInvoiced(QuotingMixin, PipelineCase):
    def _register(self, invoice, amount):
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"amount": amount})._create_payments()

    def test_an_accountant_invoices_and_books_the_payment(self):
        quote = self._create_sent_quote()
        quote.action_confirm()
        self._flush()
        invoice = quote._create_invoices()
        invoice.action_post()
        self._flush()
        self.assertTrue(quote.is_invoiced)
        self.assertEqual(quote.payment_status, "pending")
        self._register(invoice, PRICE / 2)
        self.assertEqual(quote.payment_status, "pending")
        self._register(invoice, PRICE / 2)
        self._flush()
        self.assertEqual(quote.payment_status, "paid")
        self.assertEqual(self._statuses_told()[4:], [("invoice", "generated"), ("payment", "paid")])

    def test_a_paid_down_payment_is_not_the_whole(self):
        quote = self._create_sent_quote()
        quote.action_confirm()
        self.env["sale.advance.payment.inv"].create({
            "sale_order_ids": quote.ids, "advance_payment_method": "percentage", "amount": 30,
        }).create_invoices()  # fmt: skip
        invoice = quote.invoice_ids
        invoice.action_post()
        self._register(invoice, invoice.amount_total)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertTrue(quote.is_invoiced)
        self.assertEqual(quote.payment_status, "pending")

    def test_a_cancelled_invoice_is_none(self):
        quote = self._create_sent_quote()
        quote.action_confirm()
        invoice = quote._create_invoices()
        self.assertTrue(quote.is_invoiced)
        invoice.button_cancel()
        self.assertFalse(quote.is_invoiced)

    def test_an_order_over_nothing_is_paid_once_accepted(self):
        quote = self._create_sent_quote()
        quote.order_line.price_unit = 0
        self.assertEqual(quote.payment_status, "pending")
        quote.action_confirm()
        self.assertEqual(quote.payment_status, "paid")
