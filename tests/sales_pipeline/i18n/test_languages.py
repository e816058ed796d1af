"""A French manager, a Hindi customer, and a clock elsewhere: each reads their own language and their own day."""
from datetime import date

from freezegun import freeze_time
from odoo.tests import tagged

from tests.common import PipelineHttpCase
from tests.sales_pipeline.models.customer.common import CustomerCase


def speak(env, *codes):
    """Switch languages on, with our words in them."""
    for code in codes:
        env["res.lang"]._activate_lang(code)
    env["ir.module.module"].search([("name", "=", "sales_pipeline")])._update_translations(list(codes))


@tagged("-at_install", "post_install")
class TestLanguages(CustomerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        speak(cls.env, "fr_FR", "hi_IN")
        (cls.sam | cls.tia).lang = "fr_FR"
        cls.ann.lang = "hi_IN"

    def test_a_task_is_said_to_the_manager_and_to_the_customer(self):
        task = self.make_customer().onboarding_task_ids.sorted("sequence")[1]
        names = [task.with_context(lang=code).name for code in ("en_US", "fr_FR", "hi_IN")]
        template = self.env["pipeline.onboarding.template"].search([], limit=1).task_ids[1]
        self.assertEqual(names, [template.with_context(lang=code).name for code in ("en_US", "fr_FR", "hi_IN")])
        self.assertEqual(len(set(names)), 3, names)

    def test_the_welcome_mail_is_hindi_throughout(self):
        customer = self.make_customer()
        rows = self.env["pipeline.outbox"].search([("res_model", "=", customer._name), ("res_id", "=", customer.id)])
        rows._perform()
        mail = self.env["mail.mail"].search([("model", "=", customer._name), ("res_id", "=", customer.id)]).filtered(
            lambda mail: self.ann in mail.recipient_ids
        )
        self.assertEqual(mail.subject, f"{self.company.name} में आपका स्वागत है")
        self.assertIn("हम इस तरह शुरू करेंगे:", mail.body_html)
        self.assertIn("आरंभिक बैठक", mail.body_html)
        for word in ("Kick-off", "Hello", "lancement"):
            self.assertNotIn(word, mail.body_html)

    def test_the_manager_reads_french(self):
        customer = self.make_customer()
        notice = self.env["mail.message"].search([
            ("model", "=", customer._name), ("res_id", "=", customer.id), ("message_type", "=", "user_notification"),
            ("partner_ids", "=", customer.csm_id.partner_id.id), ("subject", "!=", False),
        ])  # fmt: skip
        self.assertEqual(notice.subject, f"{customer.name} est votre nouveau client")
        self.assertIn("affaire Machine tools a été gagnée", notice.body)

    def test_what_one_reader_was_told_of_an_ad_platform_is_said_anew_to_the_next(self):
        target = self.env["pipeline.conversion.target"].create({"platform": "google"})
        row = self.env["pipeline.conversion"].create({
            "target_id": target.id, "company_id": target.company_id.id, "stage": "won", "key": "k",
            "occurred_at": "2026-03-10 20:00:00", "reason_code": "no_consent",
        })  # fmt: skip
        for record, name in ((row, "reason"), (target, "missing")):
            with self.subTest(name):
                english, french = (record.with_context(lang=code)[name] for code in ("en_US", "fr_FR"))
                self.assertNotEqual(english, french)

    def test_tasks_are_due_by_the_calendar_of_who_does_them(self):
        (self.sam | self.tia | self.rep).tz = "Asia/Kolkata"
        with freeze_time("2026-03-10 20:00:00"):
            task = self.make_customer().onboarding_task_ids.sorted("due_date")[0]
        line = self.env["pipeline.onboarding.template"].search([], limit=1).task_ids.sorted("due_days")[0]
        self.assertEqual((task.due_date - date(2026, 3, 11)).days, line.due_days, "in Kolkata it is the 11th already")


@tagged("-at_install", "post_install")
class TestVisitors(PipelineHttpCase):
    def thank(self, languages):
        source = self.env["pipeline.source"].create({"name": "Form", "provider": "website", "secret": "form-key"})
        answer = self.url_open(
            f"/pipeline/capture/{source.token}",
            data={"name": "Kim", "email": "kim@example.com", "pipeline_key": "form-key"},
            headers={"Accept-Language": languages, "Accept": "text/html"},
        )
        self.assertEqual(answer.status_code, 200)
        return answer.text

    def test_a_visitor_is_thanked_in_the_browsers_language(self):
        speak(self.env, "fr_FR")
        self.assertIn("<h1>Merci</h1>", self.thank("fr;q=0.9, en;q=0.5"))
        self.assertIn('<html lang="fr">', self.thank("fr-FR"))

    def test_else_in_english(self):
        for languages in ("ja", "", "??-??", "x" * 200):
            with self.subTest(languages=languages):
                self.assertIn("<h1>Thank you</h1>", self.thank(languages))
