"""Mails to the address of a source, as Odoo's mail gateway hands them over."""

from tests.sales_pipeline.models.capture.test_crm_lead import CaptureCase

_MAIL = """From: {sender}
To: {to}
Subject: {subject}
Message-Id: <{number}@robin.example>
Date: Mon, 23 Nov 2026 10:00:00 +0000
{head}Content-Type: text/plain; charset="utf-8"

{text}
"""


class TestPipelineSourceAlias(CaptureCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.domain = cls.env["mail.alias.domain"].create({"name": "house.example", "bounce_alias": "bounce"})
        cls.env.company.alias_domain_id = cls.domain
        cls.mailbox = cls.env["pipeline.source"].create(
            {"name": "Mailbox", "provider": "email", "team_id": cls.team.id, "alias_name": "Enquiries"}
        )
        cls.number = 0

    def _mail(
        self, sender="Robin Example <robin@example.com>", to=None, subject="Ten units", head="", text="Please call."
    ):
        type(self).number += 1
        self.env["mail.thread"].message_process(None, _MAIL.format(
            sender=sender, to=to or self.mailbox.alias_email, subject=subject, number=self.number, text=text,
            head="".join(f"{line}\n" for line in head.splitlines()),
        ))  # fmt: skip
        self.env["pipeline.moments.mixin"]._flush_moments()

    def _leads(self, email="robin@example.com"):
        return self.env["crm.lead"].search([("email_normalized", "=", email)])

    def _assert_nothing(self):
        self.assertFalse(self._leads())
        self.assertFalse(self.env["crm.lead"].search([("name", "=", "Ten units")]))

    def test_a_source_has_an_address(self):
        self.assertEqual(self.mailbox.alias_email, "enquiries@house.example")
        self.assertFalse(self.source.alias_id)

    def test_a_mail_from_another_spelling_of_a_known_mailbox_goes_to_its_lead(self):
        self._mail("Robin Example <robin.e88@gmail.com>")
        lead = self._leads("robin.e88@gmail.com")
        self._mail("Robin Exmaple <RobinE88+work@googlemail.com>", subject="And ten more", text="Twenty in all.")
        self.assertFalse(self._leads("robine88+work@googlemail.com"))
        self.assertEqual(lead.touch_count, 2)
        self.assertIn("Twenty in all.", "".join(lead.message_ids.mapped("body")))

    def test_a_mail_becomes_a_lead_in_somebodys_hands(self):
        self._mail()
        lead = self._leads()
        self.assertRecordValues(lead, [{
            "name": "Ten units", "contact_name": "Robin Example", "type": "lead", "capture_channel": "email",
            "pipeline_source_id": self.mailbox.id, "team_id": self.team.id, "lead_status": "new",
        }])  # fmt: skip
        self.assertIn(lead.user_id, self.reps)
        touch = lead.touch_ids
        self.assertEqual((touch.capture_channel, touch.pipeline_source_id), ("email", self.mailbox))
        mail = lead.message_ids.filtered(lambda message: message.message_type == "email")
        self.assertIn("Please call.", mail.body)
        self.assertEqual(mail.subtype_id, self.env.ref("mail.mt_comment"))
        told = lead.message_ids.notification_ids.filtered(lambda note: note.res_partner_id == lead.user_id.partner_id)
        self.assertTrue(told, "the owner hears of it")
        events = self.env["pipeline.event"].search([("res_model", "=", "crm.lead"), ("res_id", "=", lead.id)])
        self.assertEqual(events.mapped("kind").count("captured"), 1)

    def test_who_writes_again_stays_one_lead_with_every_mail(self):
        self._mail()
        self._mail(subject="Twelve units", text="Better twelve.", head="X-Mailer: Phone")
        lead = self._leads()
        self.assertEqual(len(lead), 1)
        self.assertEqual(len(lead.touch_ids), 2)
        bodies = " ".join(lead.message_ids.filtered(lambda message: message.message_type == "email").mapped("body"))
        self.assertIn("Please call.", bodies)
        self.assertIn("Better twelve.", bodies)
        self.assertFalse(self.env["crm.lead"].search([("name", "=", "Twelve units")]))

    def test_a_lead_of_another_door_is_met_by_mail(self):
        [result] = self.capture({"name": "Robin", "email": "robin@example.com"})
        self._mail()
        self.assertEqual(self._leads(), self.lead(result))
        self.assertCountEqual(self._leads().touch_ids.mapped("capture_channel"), ["website", "email"])

    def test_turns_go_on_where_the_last_one_ended(self):
        for number in range(3):
            self._mail(sender=f"visitor{number}@example.com", subject=f"No {number}")
        owners = [self._leads(f"visitor{number}@example.com").user_id for number in range(3)]
        self.assertEqual(len(set(owners)), 3)

    def test_a_mail_without_a_name_or_a_subject_is_a_lead_too(self):
        self._mail(sender="robin@example.com", subject="")
        self.assertEqual((self._leads().contact_name, self._leads().name), ("robin", "robin"))

    def test_what_a_machine_answers_makes_no_lead_and_no_touch(self):
        for head in ("Auto-Submitted: auto-replied", "X-Autoreply: yes", "Return-Path: <>", "Precedence: auto_reply"):
            with self.subTest(head=head):
                self._mail(head=head)
                self._assert_nothing()
        self._mail(sender="Mail Delivery <MAILER-DAEMON@mx.example>")
        self._assert_nothing()
        [result] = self.capture({"name": "Robin", "email": "robin@example.com"})
        self._mail(head="Auto-Submitted: auto-replied")
        self.assertEqual(len(self.lead(result).touch_ids), 1)

    def test_a_bounce_makes_no_lead(self):
        self._mail(to=f"{self.domain.bounce_email}, {self.mailbox.alias_email}")
        self._assert_nothing()

    def test_an_answer_to_our_mail_stays_with_its_lead_and_is_no_touch(self):
        self._mail()
        lead = self._leads()
        ours = lead.message_post(body="We call at noon.", message_type="comment", subtype_xmlid="mail.mt_comment")
        head = f"In-Reply-To: {ours.message_id}\nReferences: {ours.message_id}"
        self._mail(subject="Re: Ten units", head=head, text="Fine.")
        self.assertEqual((self._leads(), len(lead.touch_ids)), (lead, 1))
        self.assertIn("Fine.", lead.message_ids[0].body)

    def test_the_address_of_a_sales_team_works_as_odoo_made_it(self):
        team = self.env["crm.team"].create({"name": "Stock", "alias_name": "stock", "use_leads": True})
        for number in range(2):
            self._mail(to=f"stock@{self.domain.name}", subject=f"Stock {number}")
        self.assertEqual(len(self._leads()), 2)
        self.assertEqual((self._leads().team_id, self._leads().mapped("capture_channel")), (team, [False, False]))

    def test_an_archived_source_loses_no_mail(self):
        self.mailbox.active = False
        self._mail()
        self.assertEqual((len(self._leads()), self._leads().pipeline_source_id.id), (1, False))

    def test_the_address_goes_with_the_source(self):
        alias = self.mailbox.alias_id
        self.mailbox.unlink()
        self.assertFalse(alias.exists())
