"""The quick actions of the form open what they say, with the contact filled in."""

from odoo.exceptions import UserError

from tests.common import PipelineCase


class TestQuickActions(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls.env["crm.lead"].create(
            {"name": "Kite", "type": "lead", "contact_name": "Kim Kite", "email_from": "kim@kite.example"}
        )

    def test_an_e_mail_to_somebody_unknown_makes_the_contact(self):
        context = self.lead.action_quick_email()["context"]
        contact = self.env["res.partner"].browse(context["default_partner_ids"])
        self.assertEqual(contact.email_normalized, "kim@kite.example")
        self.assertEqual(self.lead.action_quick_email()["context"]["default_partner_ids"], contact.ids)

    def test_an_e_mail_goes_to_the_known_contact(self):
        contact = self.env["res.partner"].create({"name": "Kim", "email": "kim@kite.example"})
        self.assertEqual(self.lead.action_quick_email()["context"]["default_partner_ids"], contact.ids)

    def test_an_e_mail_needs_an_address(self):
        self.lead.email_from = False
        before = self.env["res.partner"].search_count([])
        with self.assertRaises(UserError):
            self.lead.action_quick_email()
        self.assertEqual(self.env["res.partner"].search_count([]), before)

    def test_sending_it_is_the_first_contact(self):
        seller = self.env.ref("base.user_admin")
        action = self.lead.with_user(seller).action_quick_email()
        composer = (
            self.env["mail.compose.message"]
            .with_user(seller)
            .with_context(**action["context"])
            .create({"body": "Hello"})
        )
        composer.action_send_mail()
        self.assertEqual(self.lead.lead_status, "contacted")
        self.assertEqual(self.lead.partner_id.email_normalized, "kim@kite.example")

    def test_a_call_is_logged_on_this_lead(self):
        self.assertEqual(self.lead.action_quick_call()["context"]["default_lead_id"], self.lead.id)

    def test_a_meeting_belongs_to_this_lead(self):
        context = self.lead.action_quick_meeting()["context"]
        self.assertEqual((context["default_res_model"], context["default_res_id"]), ("crm.lead", self.lead.id))
