from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from tests.common import PipelineCase


class TestSoftDelete(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create({"name": "Ann", "email": "ann@example.com"})
        cls.deal = cls.env["crm.lead"].create(
            {
                "name": "Ann",
                "type": "opportunity",
                "partner_id": cls.partner.id,
                "email_from": "ann@example.com",
                "expected_revenue": 10,
            }
        )
        cls.order = cls.env["sale.order"].create({"partner_id": cls.partner.id, "opportunity_id": cls.deal.id})
        cls.env["pipeline.moments.mixin"]._flush_moments()

    def events(self):
        return self.env["pipeline.event"].sudo().search([("story", "=", self.deal.uuid)], order="id")

    def test_a_deleted_lead_is_left_out_of_searches_counts_reports_and_duplicates(self):
        twin = self.env["crm.lead"].create({"name": "Twin", "email_from": "ann@example.com"})
        domain = [("id", "=", self.deal.id)]
        self.assertEqual(self.env["crm.lead"].search_count(domain), 1)
        self.assertIn(self.deal, twin._get_lead_duplicates(email="ann@example.com"))
        self.deal.unlink()
        self.assertFalse(self.env["crm.lead"].search(domain))
        self.assertFalse(self.env["crm.lead"].search_count(domain))
        self.assertFalse(self.env["crm.lead"].with_context(active_test=False).search(domain))
        self.assertEqual(self.env["crm.lead"]._read_group(domain, [], ["__count"]), [(0,)])
        self.assertNotIn(self.deal, twin._get_lead_duplicates(email="ann@example.com"))

    def test_deleting_changes_neither_won_status_nor_events_nor_quotes(self):
        before = (self.deal.won_status, self.deal.active, self.deal.probability, self.deal.stage_id, self.order.state)
        events = self.events()
        self.deal.unlink()
        self.env["pipeline.moments.mixin"]._flush_moments()
        after = (self.deal.won_status, self.deal.active, self.deal.probability, self.deal.stage_id, self.order.state)
        self.assertEqual(after, before)
        self.assertEqual(self.order.opportunity_id, self.deal)
        self.assertEqual(self.events()[: len(events)], events)
        self.assertEqual(self.events()[len(events) :].mapped("kind"), ["deleted"])

    def test_a_deleted_lost_lead_stays_lost_and_an_open_one_open(self):
        lost = self.env["crm.lead"].create({"name": "Lost", "type": "lead"})
        lost.action_set_lost()
        lost.unlink()
        self.assertEqual((lost.won_status, self.deal.won_status), ("lost", "pending"))

    def test_who_deleted_it_and_when_is_known(self):
        self.deal.unlink()
        self.assertEqual(self.deal.deleted_uid, self.env.user)
        self.assertTrue(self.deal.deleted_at)

    def test_deleting_twice_keeps_the_first_deletion(self):
        self.deal.unlink()
        first = self.deal.deleted_at
        self.deal.with_context(with_deleted=True).unlink()
        self.assertEqual(self.deal.deleted_at, first)

    def test_a_restored_lead_has_its_meetings_and_to_dos_back(self):
        meeting = self.env["calendar.event"].create(
            {
                "name": "Demo",
                "start": "2030-01-01 10:00:00",
                "stop": "2030-01-01 11:00:00",
                "opportunity_id": self.deal.id,
            }
        )
        activity = self.deal.activity_schedule("mail.mail_activity_data_todo", summary="Call back")
        self.deal.unlink()
        self.assertFalse(meeting.opportunity_id)
        self.assertFalse(activity.active)
        self.deal.action_restore_deleted()
        self.assertEqual(self.env["crm.lead"].search([("id", "=", self.deal.id)]), self.deal)
        self.assertEqual(meeting.opportunity_id, self.deal)
        self.assertTrue(activity.active)

    def test_a_meeting_about_the_record_lets_go_of_it_and_comes_back_as_what_it_was(self):
        meeting = self.env["calendar.event"].create({
            "name": "About it", "start": "2030-01-01 10:00:00", "stop": "2030-01-01 11:00:00",
            "res_model_id": self.env["ir.model"]._get_id("crm.lead"), "res_id": self.deal.id,
        })  # fmt: skip
        before = (meeting.opportunity_id, meeting.res_model, meeting.res_id)
        self.deal.unlink()
        self.assertEqual((meeting.res_model, meeting.res_id), (False, 0))
        self.deal.action_restore_deleted()
        self.assertEqual((meeting.opportunity_id, meeting.res_model, meeting.res_id), before)

    def test_a_rep_may_not_delete(self):
        rep = new_test_user(self.env, "rep_delete", groups="sales_pipeline.group_rep")
        self.deal.user_id = rep
        with self.assertRaises(AccessError):
            self.deal.with_user(rep).unlink()
        self.assertFalse(self.deal.deleted_at)


class TestIdentity(PipelineCase):
    def test_every_lead_has_a_public_id_of_its_own(self):
        leads = self.env["crm.lead"].create([{"name": "A"}, {"name": "B"}])
        self.assertEqual(len(set(leads.mapped("uuid"))), 2)
        self.assertNotEqual(leads[0].copy().uuid, leads[0].uuid)

    def test_the_temperature_is_mirrored_into_the_stars(self):
        lead = self.env["crm.lead"].create({"name": "A", "temperature": "warm"})
        self.assertEqual(lead.priority, "2")
        lead.temperature = "hot"
        self.assertEqual(lead.priority, "3")

    def test_stars_set_on_the_board_are_the_temperature(self):
        lead = self.env["crm.lead"].create({"name": "A"})
        lead.priority = "1"
        self.assertEqual(lead.temperature, "cold")

    def test_whatever_road_makes_a_lead_a_deal_it_stays_known_as_a_lead(self):
        lead = self.env["crm.lead"].create({"name": "A", "type": "lead"})
        lead.type = "opportunity"
        self.assertTrue(lead.date_conversion)
        self.assertEqual(lead.lead_status, "converted")
        born_deal = self.env["crm.lead"].create({"name": "B", "type": "opportunity"})
        born_deal.write({"type": "opportunity"})
        self.assertFalse(born_deal.date_conversion)
