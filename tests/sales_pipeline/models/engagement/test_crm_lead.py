from odoo.exceptions import UserError

from tests.common import PipelineCase


class TestFirstContact(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.env["res.partner"].create({"name": "Ann", "email": "ann@example.com"})
        cls.lead = cls.env["crm.lead"].create(
            {"name": "Ann", "type": "lead", "email_from": "ann@example.com", "partner_id": cls.customer.id}
        )
        cls.me = cls.env.ref("base.user_admin")
        cls.env["pipeline.moments.mixin"]._flush_moments()

    def post(self, **values):
        return self.lead.with_user(self.me).message_post(body="Hello", **values)

    def kinds(self):
        self.env["pipeline.moments.mixin"]._flush_moments()
        return self.env["pipeline.event"].sudo().search([("story", "=", self.lead.uuid)], order="id").mapped("kind")

    def test_a_mail_to_the_customer_is_the_first_contact(self):
        message = self.post(partner_ids=self.customer.ids, subtype_xmlid="mail.mt_comment", message_type="comment")
        self.assertEqual(self.lead.lead_status, "contacted")
        self.assertIn("mail", self.kinds())
        event = self.env["pipeline.event"].sudo().search([("story", "=", self.lead.uuid), ("kind", "=", "mail")])
        self.assertEqual((event.origin_model, event.origin_id, event.direction), ("mail.message", message.id, "out"))

    def test_an_internal_note_is_no_contact(self):
        self.post(partner_ids=self.customer.ids, subtype_xmlid="mail.mt_note")
        self.assertEqual(self.lead.lead_status, "new")
        self.assertNotIn("mail", self.kinds())

    def test_a_mail_to_a_colleague_is_no_contact(self):
        self.post(partner_ids=self.me.partner_id.ids, subtype_xmlid="mail.mt_comment")
        self.assertEqual(self.lead.lead_status, "new")

    def test_a_mail_from_the_customer_is_no_contact_of_ours(self):
        self.lead.message_post(
            body="Hi", author_id=self.customer.id, subtype_xmlid="mail.mt_comment", message_type="email"
        )
        self.assertEqual(self.lead.lead_status, "new")

    def test_a_logged_call_is_a_contact_with_its_outcome_in_the_timeline(self):
        log = (
            self.env["pipeline.call.log"]
            .with_user(self.me)
            .create({"lead_id": self.lead.id, "outcome": "no_answer", "duration_minutes": 2, "note": "Try tomorrow"})
        )
        log.action_log()
        self.assertEqual(self.lead.lead_status, "contacted")
        self.assertEqual(self.kinds().count("call"), 1)
        timeline = self.env["pipeline.event"].with_user(self.me).get_timeline("crm.lead", self.lead.id)
        call = next(event for event in timeline["events"] if event["kind"] == "call")
        self.assertIn("2 min", call["summary"])
        activity = (
            self.env["mail.activity"]
            .with_context(active_test=False)
            .search([("res_model", "=", "crm.lead"), ("res_id", "=", self.lead.id)])
        )
        self.assertEqual(activity.feedback, "Try tomorrow")
        self.assertTrue(activity.completed_at)

    def test_a_done_to_do_is_in_the_timeline_but_no_contact(self):
        self.lead.activity_schedule("mail.mail_activity_data_todo", user_id=self.me.id).with_user(
            self.me
        ).action_feedback("Done")
        self.assertEqual(self.lead.lead_status, "new")
        self.assertIn("note", self.kinds())

    def test_a_qualified_lead_is_not_set_back_by_a_mail(self):
        self.lead.qualification = "qualified"
        self.post(partner_ids=self.customer.ids, subtype_xmlid="mail.mt_comment")
        self.assertEqual(self.lead.lead_status, "qualified")

    def test_the_mail_composer_knows_the_customer(self):
        action = self.lead.action_quick_email()
        self.assertEqual(action["context"]["default_partner_ids"], self.customer.ids)

    def test_without_address_the_mail_button_says_what_to_do(self):
        lead = self.env["crm.lead"].create({"name": "No address", "type": "lead"})
        with self.assertRaises(UserError):
            lead.action_quick_email()
