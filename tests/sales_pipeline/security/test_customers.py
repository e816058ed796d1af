"""Who sees and changes customers, and that everybody can open what they may see."""

from lxml import etree
from odoo.exceptions import AccessError

from tests.sales_pipeline.security.common import RolesCase
from tests.sales_pipeline.security.test_roles import SEEN

SEEN_CUSTOMERS = {
    "rep": {"own"},
    "colleague": set(),
    "south_rep": {"souths"},
    "manager": {"own"},
    "south_manager": {"souths"},
    "success": {"own", "souths"},
    "administrator": {"own", "souths"},
    "salesman": set(),
    "stock_all": {"own", "souths"},
}
OUTSIDERS = ("plain", "portal", "public")


class CustomersCase(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("own", "souths"):
            cls.leads[name]._convert()
            cls.leads[name].action_set_won()
        cls.flush()
        cls.customers = {name: cls.leads[name].pipeline_customer_id for name in ("own", "souths")}
        cls.tasks = {
            name: cls.env["pipeline.onboarding.task"].create(
                {"name": "Call", "customer_id": customer.id, "user_id": cls.env.uid}
            )
            for name, customer in cls.customers.items()
        }
        cls.flush()

    def names_of_customers(self, customers):
        return {name for name, customer in self.customers.items() if customer in customers.with_env(self.env)}


class TestCustomers(CustomersCase):
    def test_each_role_sees_its_customers_and_no_others(self):
        everything = [customer.id for customer in self.customers.values()]
        for role, expected in SEEN_CUSTOMERS.items():
            with self.subTest(role):
                customers = self.as_role(role, self.env["pipeline.customer"])
                self.assertEqual(self.names_of_customers(customers.search([("id", "in", everything)])), expected)
                self.assertEqual(customers.search_count([("id", "in", everything)]), len(expected))
            for name in self.customers.keys() - expected:
                with self.subTest(role=role, customer=name):
                    foreign = self.as_role(role, self.customers[name])
                    self.assertRefused(lambda foreign=foreign: foreign.read(["name"]), self.customers[name])
                    self.assertRefused(foreign.action_set_at_risk, self.customers[name])
                    log = self.as_role(role, self.env["pipeline.event"])
                    self.assertRefused(
                        lambda log=log, name=name: log.get_timeline("pipeline.customer", self.customers[name].id)
                    )

    def test_onboarding_tasks_are_seen_with_their_customer(self):
        everything = self.env["pipeline.onboarding.task"].union(*self.tasks.values())
        for role, expected in SEEN_CUSTOMERS.items():
            with self.subTest(role):
                seen = self.as_role(role, self.env["pipeline.onboarding.task"]).search([("id", "in", everything.ids)])
                self.assertEqual(
                    {name for name, task in self.tasks.items() if task in seen.with_env(self.env)}, expected
                )
            for name in self.tasks.keys() - expected:
                with self.subTest(role=role, task=name):
                    foreign = self.as_role(role, self.tasks[name])
                    self.assertRefused(foreign.action_done, self.tasks[name])
                    self.assertRefused(lambda foreign=foreign: foreign.write({"name": "changed"}), self.tasks[name])
                    self.assertRefused(foreign.unlink, self.tasks[name])

    def test_outsiders_see_no_customer_and_no_task(self):
        for role in OUTSIDERS:
            with self.subTest(role):
                self.assertRefused(lambda role=role: self.as_role(role, self.env["pipeline.customer"]).search([]))
                self.assertRefused(
                    lambda role=role: self.as_role(role, self.env["pipeline.onboarding.task"]).search([])
                )

    def test_customer_success_changes_customers_and_their_tasks_but_no_deal_and_no_order(self):
        customer, task, lead = self.customers["own"], self.tasks["own"], self.leads["own"]
        self.as_role("success", customer).action_set_at_risk()
        self.as_role("success", task).action_done()
        self.assertEqual((customer.lifecycle_stage, task.state), ("at_risk", "done"))
        order = self.env["sale.order"].create({"partner_id": customer.partner_id.id, "opportunity_id": lead.id})
        self.flush()
        for record in (lead, order):
            with self.subTest(record._name):
                seen = self.as_role("success", record)
                self.assertEqual(seen.search([("id", "=", record.id)]), record)
                self.assertRefused(lambda seen=seen: seen.write({"partner_id": False}), record)
                self.assertRefusedInTime(seen.unlink, record)

    def test_customer_success_sees_of_invoices_only_those_of_customers_and_changes_none(self):
        stranger = self.env["res.partner"].create({"name": "Stranger"})
        invoices = self.env["account.move"].create([
            {"move_type": kind, "partner_id": partner.id}
            for kind in ("out_invoice", "in_invoice", "entry")
            for partner in (self.customers["own"].partner_id, stranger)
        ])  # fmt: skip
        seen = self.as_role("success", self.env["account.move"]).search([("id", "in", invoices.ids)])
        self.assertEqual(seen, invoices[0])
        for foreign in invoices[1:]:
            self.assertRefused(lambda foreign=foreign: self.as_role("success", foreign).read(["amount_total"]), foreign)
        self.assertRefused(lambda: self.as_role("success", invoices[0]).write({"ref": "changed"}), invoices[0])

    def test_customer_success_sees_of_leads_only_the_deals_of_customers(self):
        seen = self.as_role("success", self.env["crm.lead"]).search([("id", "in", self.everything.ids)])
        self.assertEqual(self.names(seen), {"own", "souths"})

    def test_customer_success_plans_and_finishes_activities_of_customers(self):
        customer = self.as_role("success", self.customers["souths"])
        activity = customer.activity_schedule("mail.mail_activity_data_call", user_id=customer.env.uid)
        activity.action_done()
        self.assertFalse(self.customers["souths"].activity_ids)

    def test_a_rep_reads_the_own_customer_and_changes_nothing_on_it(self):
        customer, task = self.customers["own"], self.tasks["own"]
        seen = self.as_role("rep", customer)
        self.assertEqual(seen.partner_id, customer.partner_id)
        self.assertRefused(seen.action_set_at_risk, customer)
        self.assertRefused(lambda: seen.write({"csm_id": seen.env.uid}), customer)
        self.assertRefusedInTime(seen.unlink, customer)
        self.assertRefused(self.as_role("rep", task).action_done, task)
        self.assertRefused(self.as_role("rep", self.tasks["souths"]).action_done, self.tasks["souths"])

    def test_only_managers_success_managers_and_administrators_make_customers(self):
        for role in ("rep", "salesman", "stock_all", "plain", "portal"):
            with self.subTest(role):
                values = {"partner_id": self.env["res.partner"].create({"name": "Wished for"}).id}
                customers = self.as_role(role, self.env["pipeline.customer"])
                self.assertNotMade(lambda made=customers, values=values: made.create(values), "pipeline.customer")
        for role in ("manager", "success", "administrator"):
            with self.subTest(role):
                values = {"partner_id": self.env["res.partner"].create({"name": f"Of {role}"}).id}
                customer = self.as_role(role, self.env["pipeline.customer"]).create(values)
                self.assertEqual(customer.search([("id", "=", customer.id)]), customer)

    def test_nobody_below_the_administrator_deletes_a_customer(self):
        for role in ("rep", "manager", "success", "salesman", "stock_all", "plain", "portal"):
            with self.subTest(role):
                self.assertRefusedInTime(self.as_role(role, self.customers["own"]).unlink, self.customers["own"])

    def test_a_customer_of_another_company_is_unseen(self):
        other = self.env["res.company"].create({"name": "Other company"})
        partner = self.env["res.partner"].create({"name": "Abroad"})
        customer = self.env["pipeline.customer"].create({"partner_id": partner.id, "company_id": other.id})
        for role in ("success", "administrator"):
            with self.subTest(role):
                seen = self.as_role(role, customer)
                self.assertFalse(seen.search([("id", "=", customer.id)]))
                self.assertRefused(lambda seen=seen: seen.read(["name"]), customer)


class TestFormsOpen(CustomersCase):
    """A right to see is worth nothing if a field of the form may not be read."""

    def open_form(self, role, record):
        seen = self.as_role(role, record)
        arch = etree.fromstring(seen.get_view(view_type="form")["arch"])
        return seen.web_read({name: {} for name in arch.xpath("//field[not(ancestor::field)]/@name")})

    def test_each_role_opens_every_lead_it_sees(self):
        for role, expected in {**SEEN, "success": {"own", "souths"}}.items():
            for name in expected:
                with self.subTest(role=role, lead=name):
                    self.assertEqual(self.open_form(role, self.leads[name])[0]["id"], self.leads[name].id)

    def test_each_role_opens_every_customer_it_sees(self):
        for role, expected in SEEN_CUSTOMERS.items():
            for name in expected:
                with self.subTest(role=role, customer=name):
                    self.assertEqual(self.open_form(role, self.customers[name])[0]["id"], self.customers[name].id)

    def test_everybody_who_sells_opens_a_quote_and_a_source(self):
        order = self.env["sale.order"].create({
            "partner_id": self.customers["own"].partner_id.id, "opportunity_id": self.leads["own"].id,
            "user_id": self.users["rep"].id, "team_id": self.north.id,
        })  # fmt: skip
        source = self.env["pipeline.source"].create({"name": "Form", "team_id": self.north.id})
        for role in ("rep", "manager", "administrator"):
            for record in (order, source):
                with self.subTest(role=role, record=record._name):
                    self.assertEqual(self.open_form(role, record)[0]["id"], record.id)
        with self.subTest("success"):
            self.assertEqual(self.open_form("success", order)[0]["id"], order.id)

    def test_a_form_that_may_not_be_seen_does_not_open(self):
        with self.assertRaises(AccessError):
            self.open_form("colleague", self.leads["own"])
