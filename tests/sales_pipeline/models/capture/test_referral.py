"""Who sent somebody here."""

from odoo.exceptions import ValidationError
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from odoo.addons.sales_pipeline.tools.attribution import from_landing
from odoo.addons.sales_pipeline.tools.journey import Journey, Visit
from tests.sales_pipeline.models.capture.test_crm_lead import CaptureCase

_ROBIN = {"name": "Robin", "email": "robin@example.com"}


class TestReferral(CaptureCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fred = cls.env["res.partner"].create({"name": "Fred Friend", "email": "fred@friend.example"})
        cls.referral = cls.env["pipeline.source"].create(
            {"name": "Fred", "provider": "referral", "referrer_partner_id": cls.fred.id,
             "referral_page_url": "https://shop.example/offer?a=1&ref=OLD"}
        )  # fmt: skip

    def _refer(self, code=None, **contact):
        journey = Journey(referral_code=code or self.referral.referral_code)
        return self.capture({**_ROBIN, "journey": journey, **contact})[0]

    def test_a_referrer_gets_a_code_and_a_link_to_share(self):
        self.assertRegex(self.referral.referral_code, r"^[A-Z2-9]{8}$")
        self.assertEqual(
            self.referral.referral_link, f"https://shop.example/offer?a=1&ref={self.referral.referral_code}"
        )
        self.referral.referral_page_url = "shop.example"
        self.assertEqual(self.referral.referral_link, f"https://shop.example/?ref={self.referral.referral_code}")
        self.assertFalse(self.source.referral_code)
        other = self.referral.copy({"name": "Second"})
        self.assertNotEqual(other.referral_code, self.referral.referral_code)

    def test_whoever_came_by_the_link_says_who_sent_them(self):
        result = self._refer(code=self.referral.referral_code.lower())
        lead = self.lead(result)
        self.assertEqual(lead.referrer_partner_id, self.fred)
        self.assertEqual((lead.capture_channel, lead.pipeline_source_id), ("referral", self.referral))
        self.assertEqual(lead.team_id, self.team, "the form's source says whose it is")
        self.assertEqual((lead.touch_ids.referrer_partner_id, lead.touch_ids.capture_channel), (self.fred, "referral"))

    def test_the_ad_before_it_keeps_its_own_channel(self):
        ad = Visit(from_landing("https://shop.example/?utm_source=google"))
        journey = Journey(first=ad, referral_code=self.referral.referral_code)
        [result] = self.capture({**_ROBIN, "journey": journey})
        touches = self.lead(result).touch_ids
        found = {touch.utm_source: (touch.capture_channel, touch.referrer_partner_id.name) for touch in touches}
        self.assertEqual(found, {"google": ("website", False), False: ("referral", "Fred Friend")})

    def test_a_known_contact_keeps_who_sent_it_first_and_the_touch_tells_the_other(self):
        [known] = self.capture(_ROBIN)
        self.assertEqual(self._refer().lead_id, known.lead_id)
        lead = self.lead(known)
        self.assertFalse(lead.referrer_partner_id)
        self.assertEqual(lead.touch_ids.referrer_partner_id, self.fred)

    def test_codes_that_mean_nothing_here_say_nothing(self):
        stranger = self.env["res.company"].create({"name": "Other"})
        for number, code in enumerate(("NOBODY22", "%", "", self.referral.referral_code)):
            if number == 3:
                self.referral.company_id = stranger
            with self.subTest(code=code):
                lead = self.lead(self._refer(code or " ", email=f"r{number}@example.com"))
                self.assertEqual((lead.referrer_partner_id.id, lead.capture_channel), (False, "website"))

    def test_nobody_refers_oneself(self):
        lead = self.lead(self._refer(email="Fred@friend.example"))
        self.assertEqual((lead.referrer_partner_id.id, lead.capture_channel), (False, "website"))

    def test_what_a_referrers_own_system_sends_is_referred(self):
        [result] = self.capture({**_ROBIN, "channel": "referral"}, source=self.referral)
        self.assertEqual(self.lead(result).referrer_partner_id, self.fred)
        self.assertEqual(self.referral._get_provider().channel, "referral")

    def test_a_contact_shows_whom_it_sent(self):
        self._refer()
        self._refer(email="second@example.com")
        self.assertEqual(self.fred.referred_lead_count, 2)
        action = self.fred.action_view_referred_leads()
        self.assertEqual(self.env["crm.lead"].search_count(action["domain"]), 2)
        rep = self.reps[0]
        own = self.env["crm.lead"].search_count([*action["domain"], ("user_id", "=", rep.id)])
        self.assertEqual(self.fred.with_user(rep).referred_lead_count, own, "a rep counts what a rep sees")

    def test_a_referral_source_needs_its_referrer_and_a_readable_code(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.env["pipeline.source"].create({"name": "Whose?", "provider": "referral"})
        with self.assertRaises(ValidationError):
            self.referral.referral_code = "böse code"
