"""The demonstration loads, and shows each word of the pipeline at least once."""

from odoo.tools import convert_file

from odoo.addons.sales_pipeline import const
from tests.common import PipelineCase

FILES = (
    "res_users_demo", "pipeline_source_demo", "sale_order_template_demo", "pipeline_response_demo", "pipeline_demo",
)  # fmt: skip


class TestPipelineDemo(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.known = cls.env["crm.lead"].with_context(active_test=False, with_deleted=True).search([])
        for name in FILES:
            convert_file(cls.env, "sales_pipeline", f"demo/{name}.xml", {}, mode="init", noupdate=True)
        found = cls.env["crm.lead"].with_context(active_test=False, with_deleted=True).search([])
        cls.leads = found - cls.known

    def test_every_status_channel_and_temperature_is_shown(self):
        for name, selection in (
            ("lead_status", const.LEAD_STATUSES),
            ("capture_channel", const.CAPTURE_CHANNELS),
            ("temperature", const.TEMPERATURES),
        ):
            with self.subTest(name):
                self.assertLessEqual(dict(selection).keys(), set(self.leads.mapped(name)))

    def test_first_responses_are_shown_in_every_state(self):
        found = self.env["pipeline.response"].search([("lead_id", "in", self.leads.ids)])
        self.assertEqual(set(found.mapped("state")), {"waiting", "late", "in_time", "too_late"})

    def test_deals_stand_on_every_stage_and_quotes_in_every_status_but_draft(self):
        deals = self.leads.filtered(lambda lead: lead.type == "opportunity")
        self.assertEqual(set(deals.mapped("deal_stage")), dict(const.DEAL_STAGES).keys())
        self.assertEqual(set(deals.order_ids.mapped("quote_status")), dict(const.QUOTE_STATUSES).keys() - {"draft"})

    def test_won_deals_made_customers_with_tasks_and_a_welcome(self):
        won = self.leads.filtered(lambda lead: lead.won_status == "won")
        self.assertEqual(len(won.pipeline_customer_id), 2)
        self.assertTrue(all(customer.onboarding_task_ids for customer in won.pipeline_customer_id))
        welcomes = self.env["pipeline.outbox"].search([("kind", "=", "welcome_mail")])
        self.assertLessEqual(set(won.pipeline_customer_id.ids), set(welcomes.mapped("res_id")))

    def test_the_inbox_shows_each_result(self):
        sources = self.env.ref("sales_pipeline.source_website") | self.env.ref("sales_pipeline.source_google_ads")
        rows = self.env["pipeline.inbox"].search([("source_id", "in", sources.ids)])
        self.assertEqual(set(rows.mapped("result")), {"created", "duplicate", "refused", "test"})

    def test_one_lead_is_deleted_and_found_by_nobody(self):
        deleted = self.leads.filtered("deleted_at")
        self.assertEqual(len(deleted), 1)
        self.assertFalse(self.env["crm.lead"].search([("id", "=", deleted.id)]))

    def test_the_story_of_a_deal_names_people_and_amounts(self):
        paid = self.leads.order_ids.filtered(lambda order: order.payment_status == "paid")[:1]
        if not self.env.company.chart_template:
            self.skipTest("a payment needs a chart of accounts")
        story = self.env["pipeline.event"].get_timeline("crm.lead", paid.opportunity_id.id, limit=100)["events"]
        summaries = {event["kind"]: event["summary"] for event in story}
        self.assertIn(paid.order_number, summaries["payment"])
        self.assertIn("3,300.00", summaries["payment"])
        self.assertEqual(
            {event["actor"] for event in story if event["kind"] == "call"}, {paid.opportunity_id.user_id.name}
        )
