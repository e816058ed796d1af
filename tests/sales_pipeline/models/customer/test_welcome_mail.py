"""The welcome mail goes out once, by the outbox, in the customer's language."""

from odoo.tests import tagged

from .common import CustomerCase


@tagged("-at_install", "post_install")
class TestWelcomeMail(CustomerCase):
    def get_mails(self, customer):
        return self.env["mail.mail"].search([("model", "=", "pipeline.customer"), ("res_id", "=", customer.id)])

    def perform(self, customer):
        row = self.get_welcome_rows(customer)
        row._attempt()
        return row

    def test_mail_goes_to_the_contact(self):
        customer = self.make_customer()
        self.assertFalse(self.get_mails(customer).filtered(lambda mail: mail.recipient_ids == self.ann))
        row = self.perform(customer)
        self.assertEqual((row.state, row.error_message), ("done", False))
        mail = self.get_mails(customer).filtered(lambda mail: mail.recipient_ids == self.ann)
        self.assertEqual(len(mail), 1)
        self.assertEqual(mail.subject, f"Welcome to {self.company.name}")
        self.assertIn(customer.csm_id.email, mail.email_from)
        self.assertIn("Ann Archer", mail.body_html)
        self.assertIn("Kick-off meeting", mail.body_html)
        self.assertNotIn("t-out", mail.body_html)
        events = self.get_events(customer, "mail")
        self.assertEqual((events.direction, events.channel), ("out", "email"))
        self.assertEqual(events.origin_id, mail.mail_message_id.id)
        self.assertEqual(events._get_summary(), "Welcome")

    def test_mail_speaks_the_language_of_the_contact(self):
        self.env["res.lang"]._activate_lang("de_DE")
        template = self.env.ref("sales_pipeline.mail_template_customer_welcomed")
        template.with_context(lang="de_DE").subject = "Willkommen bei {{ object.company_id.name }}"
        self.ann.lang = "de_DE"
        customer = self.make_customer()
        self.perform(customer)
        subjects = self.get_mails(customer).filtered(lambda mail: mail.recipient_ids == self.ann).mapped("subject")
        self.assertEqual(subjects, [f"Willkommen bei {self.company.name}"])

    def test_nobody_without_address_is_written_to(self):
        self.ann.email = False
        customer = self.make_customer()
        self.assertFalse(self.get_welcome_rows(customer))
        self.assertEqual(len(customer.onboarding_task_ids), 5)

    def test_who_refuses_mail_gets_none(self):
        customer = self.make_customer()
        self.env["mail.blacklist"]._add("ann@acme.example")
        row = self.perform(customer)
        self.assertEqual(row.state, "done")
        self.assertFalse(self.get_mails(customer).filtered(lambda mail: self.ann in mail.recipient_ids))
        self.assertFalse(self.get_events(customer, "mail"))
        self.assertIn("No welcome mail", customer.message_ids[0].body)

    def test_a_vanished_customer_is_no_error(self):
        customer = self.make_customer()
        row = self.get_welcome_rows(customer)
        customer.unlink()
        row._attempt()
        self.assertEqual(row.state, "done")
