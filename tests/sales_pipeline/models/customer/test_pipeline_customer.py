"""Lifecycle, access and merging of customers."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import CustomerCase


@tagged("-at_install", "post_install")
class TestLifecycle(CustomerCase):
    def setUp(self):
        super().setUp()
        self.customer = self.make_customer()

    def test_moves_are_told(self):
        self.customer.action_set_active()
        self.customer.action_set_at_risk()
        moves = [event.metadata["lifecycle"] for event in self.get_events(self.customer, "customer")[1:]]
        self.assertEqual(moves, [["onboarding", "active"], ["active", "at_risk"]])

    def test_repeated_move_is_silent(self):
        self.customer.action_set_active()
        self.customer.action_set_active()
        self.assertEqual(len(self.get_events(self.customer, "customer")), 2)

    def test_dragging_obeys_the_law(self):
        self.customer.write({"lifecycle_stage": "churned"})
        with self.assertRaises(UserError):
            self.customer.write({"lifecycle_stage": "onboarding", "customer_type": "individual"})
        self.assertEqual((self.customer.lifecycle_stage, self.customer.customer_type), ("churned", "sme"))
        self.assertEqual(len(self.get_events(self.customer, "customer")), 2)

    def test_one_refused_customer_stops_all(self):
        firm = self.make_firm("Hen Ltd")
        other = self.make_customer(partner_id=firm.id)
        other.action_set_churned()
        with self.assertRaises(UserError):
            (self.customer | other)._set_lifecycle("at_risk")
        self.assertEqual(self.customer.lifecycle_stage, "onboarding")

    def test_who_left_and_buys_again_is_active(self):
        self.customer.action_set_churned()
        self.win(self.make_deal())
        self.assertEqual(self.customer.lifecycle_stage, "active")

    def test_documents_of_deal_and_orders_are_the_customers(self):
        deal = self.customer.opportunity_id
        order = self.env["sale.order"].create({"partner_id": self.acme.id})
        files = self.attach_to(self.customer) | self.attach_to(deal) | self.attach_to(order)
        self.attach_to(self.make_deal())
        self.customer.invalidate_recordset()
        self.assertEqual(self.customer.document_ids, files)
        self.assertEqual(self.customer.document_count, 3)


@tagged("-at_install", "post_install")
class TestAccess(CustomerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_rep = new_test_user(cls.env, "cust_other", "sales_pipeline.group_rep")
        cls.boss = new_test_user(cls.env, "cust_boss", "sales_pipeline.group_manager")
        cls.outsider = new_test_user(cls.env, "cust_plain", "base.group_user")
        cls.team = cls.env["crm.team"].create({"name": "North", "user_id": cls.boss.id})

    def setUp(self):
        super().setUp()
        self.customer = self.make_customer(team_id=self.team.id)

    def sees(self, user):
        return self.customer in self.env["pipeline.customer"].with_user(user).search([])

    def test_each_role_sees_its_customers(self):
        self.assertTrue(self.sees(self.rep))
        self.assertFalse(self.sees(self.other_rep))
        self.assertTrue(self.sees(self.boss))
        self.assertTrue(self.sees(self.sam) and self.sees(self.tia))
        with self.assertRaises(AccessError):
            self.sees(self.outsider)

    def test_manager_of_another_team_sees_nothing(self):
        stranger = new_test_user(self.env, "cust_boss2", "sales_pipeline.group_manager")
        self.assertFalse(self.sees(stranger))

    def test_rep_keeps_to_own_customers_even_with_wider_rights(self):
        self.other_rep.group_ids |= self.env.ref("sales_team.group_sale_salesman_all_leads")
        self.assertFalse(self.sees(self.other_rep))
        salesman = new_test_user(self.env, "cust_all", "sales_team.group_sale_salesman_all_leads")
        self.assertTrue(self.sees(salesman))

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_rep_reads_but_does_not_change(self):
        customer = self.customer.with_user(self.rep)
        self.assertEqual(customer.name, "Acme Works")
        with self.assertRaises(AccessError):
            customer.csm_id = self.rep
        with self.assertRaises(AccessError):
            customer.action_set_churned()
        with self.assertRaises(AccessError):
            customer.unlink()
        self.assertEqual(self.customer.lifecycle_stage, "onboarding")
        self.assertIn(self.customer.csm_id, self.sam | self.tia)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_rep_settles_own_tasks_only(self):
        own, foreign = self.customer.onboarding_task_ids[:2]
        own.with_user(self.rep).action_done()
        self.assertEqual((own.state, self.customer.onboarding_percent), ("done", 20))
        with self.assertRaises(AccessError):
            foreign.with_user(self.rep).action_done()
        self.assertEqual(foreign.state, "todo")

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_success_manager_sees_deals_and_orders_of_customers_only(self):
        deal = self.customer.opportunity_id
        other_deal = self.make_deal(partner_id=self.env["res.partner"].create({"name": "Ivy"}).id)
        order = self.env["sale.order"].create({"partner_id": self.ann.id})
        other_order = self.env["sale.order"].create({"partner_id": self.env["res.partner"].create({"name": "Jay"}).id})
        for seen, hidden in ((deal, other_deal), (order, other_order)):
            found = seen.with_user(self.sam).search([("id", "in", (seen | hidden).ids)])
            self.assertEqual(found, seen)
        self.assertEqual(self.customer.with_user(self.sam).order_ids, order)
        with self.assertRaises(AccessError):
            deal.with_user(self.sam).name = "Taken"
        self.assertEqual(deal.name, "Machine tools")

    def test_success_manager_opens_the_whole_form(self):
        customer = self.customer.with_user(self.sam)
        views = customer.get_views([(False, "form"), (False, "list"), (False, "kanban"), (False, "search")])
        names = [name for name in views["models"]["pipeline.customer"]["fields"] if name in customer._fields]
        self.assertIn("order_ids", names)
        self.assertTrue(customer.read(names))

    def test_button_on_the_partner_shows_what_may_be_opened(self):
        for user, expected in ((self.sam, True), (self.rep, True), (self.other_rep, False), (self.outsider, False)):
            self.assertIs(self.ann.with_user(user).is_pipeline_customer, expected)
            self.ann.invalidate_recordset()
        action = self.ann.with_user(self.sam).action_view_pipeline_customer()
        self.assertEqual((action["res_model"], action["res_id"]), ("pipeline.customer", self.customer.id))


@tagged("-at_install", "post_install")
class TestMerge(CustomerCase):
    def setUp(self):
        super().setUp()
        self.customer = self.make_customer()
        self.twin = self.make_firm("ACME works", email="office@acme.example")

    def merge(self, partners, target):
        self.env["base.partner.merge.automatic.wizard"]._merge(partners.ids, target)

    def test_customer_follows_a_merged_partner(self):
        self.merge(self.acme | self.twin, self.twin)
        self.assertFalse(self.acme.exists())
        self.assertEqual(self.customer.partner_id, self.twin)
        self.assertEqual(self.customer.name, "ACME works")

    def test_two_customers_become_one_and_lose_nothing(self):
        other_deal = self.make_deal(name="Other", partner_id=self.twin.id)
        other = self.win(other_deal)
        other.message_post(body="Likes tea")
        paper = self.attach_to(other)
        todo = other.activity_schedule("mail.mail_activity_data_todo", summary="Ring")
        other.onboarding_task_ids[0].action_done()
        self.env["pipeline.onboarding.task"].create({"customer_id": other.id, "name": "Only theirs"})
        self.merge(self.acme | self.twin, self.acme)
        self.assertFalse(other.exists())
        customer = self.env["pipeline.customer"].search([("partner_id", "=", self.acme.id)])
        self.assertEqual(customer, self.customer)
        self.assertIn(other_deal, customer.deal_ids)
        self.assertEqual(len(customer.onboarding_task_ids), 6)
        self.assertEqual(customer.onboarding_task_ids.sorted("id")[0].state, "done")
        self.assertIn("Likes tea", " ".join(customer.message_ids.mapped("body")))
        self.assertEqual((paper.res_id, todo.res_id), (customer.id, customer.id))
        self.assertIn(other_deal.uuid, customer._get_event_stories())
        self.assertTrue(self.get_events(customer, "customer").filtered(lambda event: event.metadata.get("merged")))

    def test_merging_partners_that_are_no_customers_changes_nothing(self):
        partners = self.env["res.partner"].create([{"name": "Kim"}, {"name": "Kim"}])
        before = self.env["pipeline.customer"].search([])
        self.merge(partners, partners[0])
        self.assertEqual(self.env["pipeline.customer"].search([]), before)
        self.assertEqual(self.customer.partner_id, self.acme)

    def test_customer_moves_to_the_company_its_partner_joins(self):
        holding = self.make_firm("Holding")
        private = self.env["res.partner"].create({"name": "Lea"})
        customer = self.make_customer(partner_id=private.id)
        private.parent_id = holding
        self.assertEqual(customer.partner_id, holding)
        self.assertEqual(customer.contact_id, private)
        private_two = self.env["res.partner"].create({"name": "Max"})
        second = self.make_customer(partner_id=private_two.id)
        private_two.parent_id = holding
        self.assertFalse(second.exists())
        self.assertEqual(len(customer.deal_ids), 2)
