"""Winning a deal, by whatever road, makes one customer."""

from unittest.mock import patch

from odoo.tests import tagged
from psycopg2.errors import SerializationFailure

from .common import CustomerCase


@tagged("-at_install", "post_install")
class TestPipelineCustomerWin(CustomerCase):
    def get_customers(self):
        return self.env["pipeline.customer"].search([("partner_id", "=", self.acme.id)])

    def assert_welcomed(self, deal):
        """One customer of the commercial partner, with a manager, a mail to send and a plan."""
        customer = self.get_customers()
        self.assertEqual(len(customer), 1)
        self.assertEqual(deal.pipeline_customer_id, customer)
        self.assertEqual(customer.opportunity_id, deal)
        self.assertEqual(customer.contact_id, self.ann)
        self.assertIn(customer.csm_id, self.sam | self.tia)
        self.assertEqual(len(self.get_welcome_rows(customer)), 1)
        self.assertEqual(len(customer.onboarding_task_ids), 5)
        self.assertEqual((customer.onboarding_status, customer.onboarding_percent), ("pending", 0))
        self.assertEqual(customer.lifecycle_stage, "onboarding")
        return customer

    # ---- roads

    def test_button_makes_one_customer(self):
        deal = self.make_deal()
        self.assertFalse(self.get_customers())
        deal.action_set_won_rainbowman()
        self.flush_moments()
        self.assert_welcomed(deal)

    def test_dragging_to_the_won_column_makes_one_customer(self):
        deal = self.make_deal()
        deal.with_user(self.rep).write({"stage_id": self.stage_won.id})
        self.flush_moments()
        self.assert_welcomed(deal)

    def test_a_deal_born_won_makes_one_customer(self):
        deal = self.make_deal(stage_id=self.stage_won.id)
        self.flush_moments()
        self.assert_welcomed(deal)

    def test_an_accepted_quote_makes_one_customer(self):
        deal = self.make_deal()
        product = self.env["product.product"].create({"name": "Lathe", "list_price": 500})
        order = self.env["sale.order"].create({
            "partner_id": self.ann.id, "opportunity_id": deal.id, "order_line": [(0, 0, {"product_id": product.id})],
        })  # fmt: skip
        order.action_confirm()
        self.flush_moments()
        self.assertEqual(deal.won_status, "won")
        customer = self.assert_welcomed(deal)
        self.assertEqual(customer.order_ids, order)
        self.assertEqual((customer.order_count, customer.amount_ordered), (1, order.amount_total))

    def test_a_mass_win_makes_a_customer_for_each_partner(self):
        other = self.make_firm("Bolt Ltd")
        deals = self.make_deal() | self.make_deal(partner_id=other.id) | self.make_deal(partner_id=self.acme.id)
        deals.action_set_won()
        self.flush_moments()
        self.assertEqual(len(deals.pipeline_customer_id), 2)
        self.assertEqual(deals[0].pipeline_customer_id, deals[2].pipeline_customer_id)

    def test_a_lost_deal_makes_no_customer(self):
        deal = self.make_deal()
        deal.action_set_lost()
        self.flush_moments()
        self.assertFalse(self.get_customers())

    def test_history_makes_no_customer(self):
        deal = self.make_deal(partner_id=False)
        self.flush_moments()
        deal._set_history_outcome("won")
        self.flush_moments()
        self.assertEqual(deal.won_status, "won")
        self.assertFalse(deal.pipeline_customer_id)
        deal.partner_id = self.ann
        self.flush_moments()
        self.assertFalse(self.get_customers(), "an old win is no reason to welcome anybody")

    # ---- once

    def test_a_second_deal_adds_no_customer_and_no_welcome(self):
        first = self.make_deal()
        customer = self.win(first)
        manager = customer.csm_id
        second = self.make_deal(name="Spare parts", partner_id=self.acme.id)
        self.assertEqual(self.win(second), customer)
        self.assertEqual(customer.opportunity_id, first)
        self.assertEqual(customer.deal_ids, first | second)
        self.assertEqual(customer.csm_id, manager)
        self.assertEqual(len(self.get_welcome_rows(customer)), 1)
        self.assertEqual(len(customer.onboarding_task_ids), 5)
        events = self.get_events(customer, "customer")
        self.assertEqual([bool(event.metadata.get("won_again")) for event in events], [False, True])
        self.assertEqual(events.mapped("story"), [first.uuid, second.uuid])

    def test_winning_the_same_deal_again_adds_nothing(self):
        deal = self.make_deal()
        customer = self.win(deal)
        deal.stage_id = self.env["crm.stage"].search([("is_won", "=", False)], limit=1)
        self.flush_moments()
        self.assertEqual(deal.won_status, "pending")
        self.assertEqual(self.get_customers(), customer)
        self.assertIn("no longer won", customer.message_ids[0].body)
        self.assertEqual(self.win(deal), customer)
        self.assertEqual(len(self.get_events(customer, "customer")), 1)
        self.assertEqual(len(self.get_welcome_rows(customer)), 1)

    def test_each_company_has_its_own_customer(self):
        branch = self.env["res.company"].create({"name": "Branch"})
        customer = self.make_customer()
        other = self.make_customer(company_id=branch.id, user_id=False, team_id=False)
        self.assertNotEqual(customer, other)
        self.assertEqual(other.company_id, branch)
        self.assertEqual(customer.partner_id, other.partner_id)

    def test_the_loser_of_a_race_starts_again(self):
        customer = self.make_customer()
        late = self.make_deal()
        # The other transaction's customer is invisible at first, as in a snapshot taken before its commit.
        nobody = self.env["pipeline.customer"]
        with (
            patch.object(type(nobody), "_find_customer", lambda self, partner, company: self.browse()),
            self.assertRaises(SerializationFailure),
            self.env.cr.savepoint(),
        ):
            self.env["pipeline.customer"]._welcome(late)
        self.assertEqual(self.get_customers(), customer)
        self.assertFalse(late.pipeline_customer_id)

    # ---- who

    def test_partner_is_made_from_the_contact(self):
        contact = {"contact_name": "Bea Bell", "partner_name": "Bell GmbH", "email_from": "bea@bell.example"}
        deal = self.make_deal(partner_id=False, **contact)
        customer = self.win(deal)
        self.assertEqual(customer.name, "Bell GmbH")
        self.assertEqual(customer.contact_id.email, "bea@bell.example")
        self.assertEqual(deal.partner_id, customer.contact_id)

    def test_known_partner_is_found_by_mail(self):
        deal = self.make_deal(partner_id=False, email_from="ann@acme.example")
        before = self.env["res.partner"].search_count([])
        customer = self.win(deal)
        self.assertEqual(customer.partner_id, self.acme)
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_a_deal_with_nobody_waits_for_its_partner(self):
        deal = self.make_deal(partner_id=False)
        before = self.env["pipeline.customer"].search_count([])
        self.assertFalse(self.win(deal))
        self.assertEqual(self.env["pipeline.customer"].search_count([]), before)
        self.assertIn("with whom", deal.message_ids[0].body)
        deal.partner_id = self.ann
        self.flush_moments()
        self.assert_welcomed(deal)

    def test_type_follows_the_prospect_then_the_partner(self):
        private = self.env["res.partner"].create({"name": "Cal Coe"})
        cases = [("corporate", self.acme, "enterprise"), (False, private, "individual")]
        for prospective_type, partner, expected in cases:
            deal = self.make_deal(partner_id=partner.id, prospective_type=prospective_type)
            self.assertEqual(self.win(deal).customer_type, expected)
        firm = self.make_firm("Dot Ltd")
        self.assertEqual(self.make_customer(partner_id=firm.id).customer_type, "sme")

    def test_managers_take_turns(self):
        firms = [self.make_firm(f"Firm {number}") for number in range(4)]
        managers = [self.make_customer(partner_id=firm.id).csm_id for firm in firms]
        self.assertEqual(managers, [self.sam, self.tia, self.sam, self.tia])

    def test_managers_of_other_companies_and_leavers_are_passed_over(self):
        self.sam.active = False
        branch = self.env["res.company"].create({"name": "Branch"})
        self.tia.write({"company_ids": [(6, 0, branch.ids)], "company_id": branch.id})
        self.assertEqual(self.make_customer().csm_id, self.rep)

    def test_without_anybody_to_care_the_customer_is_made_all_the_same(self):
        (self.sam | self.tia).active = False
        customer = self.make_customer(user_id=self.env.ref("base.user_root").id, team_id=False)
        self.assertFalse(customer.csm_id)
        self.assertEqual(len(customer.onboarding_task_ids), 5)
        self.assertEqual(len(self.get_welcome_rows(customer)), 1)

    def test_lead_is_the_winning_deal_that_was_one(self):
        lead = self.make_deal(type="lead")
        lead._convert(partner=self.ann)
        self.assertEqual(self.win(lead).lead_id, lead)
        firm = self.make_firm("Egg Ltd")
        self.assertFalse(self.make_customer(partner_id=firm.id).lead_id)

    # ---- told

    def test_manager_is_told_at_once(self):
        with patch.object(type(self.env["res.users"]), "_bus_send", autospec=True) as toast:
            customer = self.make_customer()
        told = self.env["mail.message"].search([
            ("model", "=", "pipeline.customer"), ("res_id", "=", customer.id),
            ("message_type", "=", "user_notification"),
        ])  # fmt: skip
        self.assertEqual(told.notified_partner_ids, customer.csm_id.partner_id)
        self.assertIn("Acme Works", told.subject)
        mine = [call.args[2]["title"] for call in toast.call_args_list if call.args[0] == customer.csm_id]
        self.assertEqual(mine, ["Acme Works is your new customer"])

    def test_who_wins_and_cares_for_the_customer_is_not_told_of_the_own_act(self):
        (self.sam | self.tia).active = False
        deal = self.make_deal()
        self.flush_moments()
        with patch.object(type(self.env["res.users"]), "_bus_send", autospec=True) as toast:
            customer = self.win(deal.with_user(self.rep))
        self.assertEqual(customer.csm_id, self.rep)
        self.assertFalse(customer.message_ids.filtered(lambda message: message.message_type == "user_notification"))
        self.assertNotIn("simple_notification", [call.args[1] for call in toast.call_args_list])

    def test_timeline_holds_the_deal_and_the_customer(self):
        deal = self.make_deal()
        customer = self.win(deal)
        self.assertEqual(customer._get_event_stories(), {deal.uuid, customer.uuid})
        timeline = self.env["pipeline.event"].get_timeline("pipeline.customer", customer.id)
        kinds = [event["kind"] for event in timeline["events"]]
        self.assertIn("won", kinds)
        self.assertIn("customer", kinds)
        summary = next(event["summary"] for event in timeline["events"] if event["kind"] == "customer")
        self.assertIn(customer.csm_id.name, summary)
