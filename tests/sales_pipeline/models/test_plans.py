"""How PostgreSQL may plan a query is changed for that query alone."""

from odoo.addons.sales_pipeline.models.plans import planned_without_bitmaps
from tests.common import PipelineCase


class TestPlans(PipelineCase):
    def show(self):
        self.env.cr.execute("SHOW enable_bitmapscan")
        return self.env.cr.fetchone()[0]

    def test_bitmaps_are_out_of_the_plan_within_the_block_alone(self):
        before = self.show()
        with planned_without_bitmaps(self.env.cr):
            self.assertEqual(self.show(), "off")
        self.assertEqual((before, self.show()), ("on", "on"))

    def test_a_plan_that_is_left_alone_costs_no_query(self):
        with self.assertQueryCount(0), planned_without_bitmaps(self.env.cr, is_wanted=False):
            pass

    def test_a_thousand_addresses_are_looked_up_without_the_trigrams(self):
        self.env["crm.lead"].create({"name": "Known", "email_from": "someone-7@many.example.com"})
        asked = [f"someone-{number}@many.example.com" for number in range(1000)]
        found = self.env["crm.lead"]._find_with_keys(asked, [])
        self.assertEqual(self.env["crm.lead"].browse(found).mapped("name"), ["Known"])
        self.assertEqual(self.show(), "on")
