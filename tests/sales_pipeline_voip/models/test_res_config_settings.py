"""The settings page keeps what it shows, and says what is not there yet."""

from lxml import etree
from odoo.exceptions import ValidationError
from odoo.tests import new_test_user

from tests.common import PipelineCase


class TestSettings(PipelineCase):
    def setUp(self):
        super().setUp()
        self.company = self.env.company
        self.company.country_id = self.env.ref("base.us")

    def save(self, **values):
        self.env["res.config.settings"].create(values).execute()

    def test_number_is_kept_in_one_form(self):
        self.save(pipeline_call_number="(555) 555-0142")
        self.assertEqual(self.company.pipeline_call_number, "+15555550142")
        shown = self.env["res.config.settings"].create({})
        self.assertEqual(shown.pipeline_call_number, "+15555550142")

    def test_home_country_reads_short_numbers(self):
        self.save(pipeline_call_number="030 901820", pipeline_call_country_id=self.env.ref("base.de").id)
        self.assertEqual(self.company.pipeline_call_number, "+4930901820")

    def test_no_number_is_fine(self):
        self.save(pipeline_call_number="+15555550142")
        self.save(pipeline_call_number=False)
        self.assertFalse(self.company.pipeline_call_number)

    def test_nonsense_is_refused_and_changes_nothing(self):
        self.save(pipeline_call_number="+15555550142")
        for nonsense in ("call me", "12", "1234567"):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.save(pipeline_call_number=nonsense)
            self.company.invalidate_recordset()
        self.assertEqual(self.company.pipeline_call_number, "+15555550142")

    def test_each_company_has_its_own_number(self):
        branch = self.env["res.company"].create({"name": "Branch"})
        self.save(pipeline_call_number="+15555550142")
        self.assertFalse(branch.pipeline_call_number)

    def get_blocks(self, user):
        arch = self.env["res.config.settings"].with_user(user).get_view(view_type="form")["arch"]
        return etree.fromstring(arch).xpath("//block[@name='pipeline_call_setting_container']")

    def test_page_says_that_nothing_is_connected(self):
        block = self.get_blocks(self.env.ref("base.user_admin"))
        self.assertEqual(len(block), 1)
        self.assertIn("Not connected yet", etree.tostring(block[0], encoding="unicode"))
        self.assertFalse(block[0].xpath(".//button"))

    def test_page_is_for_the_administrator_of_the_channel(self):
        boss = new_test_user(self.env, "leaf_boss", "base.group_system,sales_team.group_sale_manager")
        self.assertFalse(self.get_blocks(boss))
        boss.group_ids |= self.env.ref("sales_pipeline_voip.group_admin")
        self.assertEqual(len(self.get_blocks(boss)), 1)

    def test_administrator_is_a_user_too(self):
        admin = self.env.ref("sales_pipeline_voip.group_admin")
        self.assertIn(self.env.ref("sales_pipeline_voip.group_user"), admin.all_implied_ids)
        self.assertIn(self.env.ref("base.user_admin"), admin.user_ids)
