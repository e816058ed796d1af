"""Each type of message, brought about as people bring it about, and sent with and without the record."""

import json
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from tests.sales_pipeline.controllers.test_portal import PortalCase

from .common import WebhookCase


@tagged("post_install", "-at_install")
class TestEveryType(WebhookCase, PortalCase):
    def setUp(self):
        super().setUp()
        self.thin, self.full = self.make_webhook("thin"), self.make_webhook("full", payload="full")

    def _expect(self, act, *types):
        """Do something, and check that both receivers are told exactly these types, once each; return the full ones."""
        self.tell()
        self.send()
        self.sent.clear()
        act()
        self.tell()
        self.env.flush_all()
        self.send()
        told = {
            name: [json.loads(body) for _at, url, _headers, body in self.sent if name in url]
            for name in ("thin", "full")
        }
        others = self.env["pipeline.webhook.delivery"].search([("state", "!=", "delivered")])
        self.assertFalse(others.mapped(lambda message: (message.type, message.state, message.error_message)))
        self.assertEqual(sorted(body["type"] for body in told["thin"]), sorted(types))
        self.assertEqual(sorted(body["type"] for body in told["full"]), sorted(types))
        self.assertFalse([body for body in told["thin"] if "object" in body["data"]])
        for body in told["full"]:
            if not body["type"].endswith(".deleted"):
                shown = body["data"]["object"]
                self.assertIsNotNone(shown, body["type"])
                self.assertEqual(shown["id"], body["data"]["id"], body["type"])
        return {body["type"]: body["data"] for body in told["full"]}

    def _make_lead(self):
        lead = self.env["crm.lead"].create({
            "name": "Roof", "type": "lead", "contact_name": "Ann Archer", "email_from": "ann@roof.example",
            "user_id": False,
        })  # fmt: skip
        self._flush()
        return lead

    def test_a_lead_from_entry_to_conversion(self):
        self._expect(self._make_lead, "lead.created")
        lead = self.env["crm.lead"].search([("name", "=", "Roof")])
        moved = self._expect(lambda: lead.write({"user_id": self.owner.id}), "lead.assigned")
        self.assertEqual(moved["lead.assigned"]["facts"]["owner_id"], self.owner.uuid)
        moved = self._expect(lambda: lead._set_lead_status("contacted"), "lead.status_changed")
        self.assertEqual(moved["lead.status_changed"]["facts"]["to"], "contacted")
        told = self._expect(lambda: lead.write({"phone": "+41 44 111 22 33"}), "lead.updated")
        self.assertEqual(told["lead.updated"]["changed_fields"], ["contact_info"])
        self.assertEqual(told["lead.updated"]["object"]["contact_info"]["phone"], "+41 44 111 22 33")
        self._expect(lead._convert, "lead.converted")

    def test_a_lead_disqualified_deleted_and_restored(self):
        lead = self._make_lead()
        self._expect(lambda: lead._set_lead_status("disqualified"), "lead.status_changed")
        self._expect(lead.unlink, "lead.deleted")
        self._expect(lead.action_restore_deleted, "lead.restored")

    def test_a_deal_from_the_board_to_the_win(self):
        self._expect(lambda: self._create_deal("Stairs"), "opportunity.created")
        deal = self.env["crm.lead"].search([("name", "=", "Stairs")])
        self._expect(lambda: deal._move_to_stage("proposal_sent"), "opportunity.stage_changed")
        self._expect(lambda: deal.write({"user_id": self.env.uid}), "opportunity.assigned")
        self._expect(lambda: deal.write({"expected_revenue": 12}), "opportunity.updated")
        won = self._expect(deal.action_set_won, "opportunity.won", "customer.created")
        self.assertEqual(won["opportunity.won"]["object"]["deal_stage"], "won")

    def test_a_lost_deal(self):
        reason = self.env["crm.lost.reason"].create({"name": "Too dear"})
        self._expect(
            lambda: self.deal.action_set_lost(lost_reason_id=reason.id), "opportunity.lost", "opportunity.updated"
        )

    def test_a_quote_from_draft_to_the_paid_order(self):
        self._expect(self._create_quote, "quote.drafted")
        quote = self.env["sale.order"].search([("opportunity_id", "=", self.deal.id)])
        self._expect(quote.action_quotation_sent, "quote.sent", "opportunity.stage_changed")
        self._expect(lambda: self._open(quote), "quote.viewed")
        signed = self._expect(
            lambda: self._sign(quote), "quote.accepted", "order.confirmed", "opportunity.won", "customer.created",
            "opportunity.updated",
        )  # fmt: skip
        self.assertEqual(signed["order.confirmed"]["entity_type"], "order")
        self.assertEqual(signed["quote.accepted"]["object"]["status"], "accepted")
        paid = self._expect(lambda: self._pay(quote), "invoice.generated", "order.paid")
        self.assertEqual(paid["order.paid"]["facts"]["amount"], "1000.00")
        self._expect(lambda: quote.order_line.write({"qty_delivered": 1}), "order.delivered")

    def test_a_quote_refused_and_others_that_end(self):
        quote = self._create_sent_quote()
        self._expect(
            lambda: self._decline(quote, "Too dear"), "quote.viewed", "quote.rejected", "opportunity.stage_changed",
            "activity.created",
        )  # fmt: skip
        late = self._create_sent_quote(validity_date=fields.Date.today() - timedelta(days=1))
        self._expect(self._run_expiry, "quote.expired", "activity.created")
        other = self._create_sent_quote()
        self._expect(other._action_cancel, "quote.cancelled")
        self.assertEqual(late.quote_status, "expired")

    def test_an_order_paid_in_parts_is_paid_once(self):
        quote = self._create_sent_quote()
        self._sign(quote)
        self._expect(lambda: self._pay(quote, amount=400), "payment.received", "invoice.generated")
        self._expect(lambda: self._pay(quote, amount=600), "order.paid")

    def _run_expiry(self):
        self.env["sale.order"]._cron_expire_quotes()

    def test_an_activity_planned_done_and_corrected(self):
        def plan():
            self.deal.activity_schedule("mail.mail_activity_data_call", summary="Ring Ann", user_id=self.env.uid)

        planned = self._expect(plan, "activity.created")
        activity = self.deal.activity_ids
        self.assertEqual(planned["activity.created"]["id"], activity.uuid)
        self.assertEqual(planned["activity.created"]["object"]["summary"], "Ring Ann")
        self.assertEqual(planned["activity.created"]["facts"]["of_id"], self.deal.uuid)
        self._expect(lambda: activity.write({"summary": "Ring Bob"}), "activity.updated")
        uuid = activity.uuid
        done = self._expect(activity._action_done, "activity.completed")
        self.assertEqual(done["activity.completed"]["id"], uuid)
        self.assertIs(done["activity.completed"]["object"]["completed"], True)
        events = self.env["pipeline.event"]
        (facts,) = events._load_activities([events._find_activity(uuid)])
        corrected = self._expect(
            lambda: events._correct_activity(facts, {"summary": "Rang Bob"}), "activity.corrected"
        )
        self.assertEqual(corrected["activity.corrected"]["object"]["summary"], "Rang Bob")

    def test_what_a_program_noted_on_an_activity_stays_out_of_the_short_message(self):
        noted = {"from": "+41 44 111 22 33", "status": "ann@roof.example", "history": True, "fields": "all"}

        def plan():
            self.deal.activity_schedule("mail.mail_activity_data_call", user_id=self.env.uid)
            self.deal.activity_ids.metadata = noted

        self._expect(plan, "activity.created")
        self._expect(self.deal.activity_ids._action_done, "activity.completed")

        short = next(body for _at, url, _headers, body in self.sent if "thin" in url)
        self.assertNotIn(b"+41 44", short)
        self.assertNotIn(b"ann@roof", short)
        self.assertEqual(json.loads(short)["data"]["changed_fields"], [])

    def test_a_customer_on_the_way(self):
        self.deal.action_set_won()
        self._flush()
        customer = self.deal.pipeline_customer_id
        self._expect(lambda: customer._set_lifecycle("active"), "customer.lifecycle_changed")
        self._expect(lambda: customer.write({"csm_id": self.env.ref("base.user_admin").id}), "customer.updated")

    def test_a_filter_and_a_pattern_choose_among_what_happens(self):
        def ask(name, **values):
            return self.make_webhook(name, **values)

        mine = ask("mine", filters={"owner_id": [self.owner.uuid]})
        stage = ask("stage", filters={"deal_stage": ["proposal_sent"]}, events="opportunity.*")
        exact = ask("exact", events="opportunity.won")

        self._create_deal("Foreign", user_id=self.env.ref("base.user_admin").id)
        deal = self._create_deal("Own")
        deal._move_to_stage("proposal_sent")
        self.tell()
        deal.action_set_won()
        self.tell()

        deals = ["opportunity.created", "opportunity.stage_changed", "opportunity.won"]
        self.assertEqual(
            [type_ for type_ in self.messages(mine).mapped("type") if type_.startswith("opportunity")], deals
        )
        self.assertEqual(self.messages(stage).mapped("type"), ["opportunity.stage_changed"])
        self.assertEqual(self.messages(exact).mapped("type"), ["opportunity.won"])

    def test_a_message_that_cannot_be_written_holds_up_no_other(self):
        resource = self.env.registry["pipeline.api.lead"]
        real = resource._represent_told

        def stumble(model, record, uuid):
            return 1 / 0 if record.name == "Bad" else real(model, record, uuid)

        self.patch(resource, "_represent_told", stumble)
        for name in ("Bad", "Good"):
            self.env["crm.lead"].create({"name": name, "type": "lead", "user_id": False})
            self.tell()
        with self.assertLogs("odoo.addons.sales_pipeline.models.automation", "ERROR"):
            self.send()

        self.assertEqual(self.messages(self.full).mapped("state"), ["failed", "delivered"])
        self.assertEqual(self.messages(self.thin).mapped("state"), ["delivered", "delivered"])
