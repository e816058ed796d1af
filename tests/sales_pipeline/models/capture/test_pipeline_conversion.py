"""The closed loop: what became of a click reaches the platform that sold it, once, and only where the person agrees."""

from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import file_open, mute_logger
from psycopg2.errors import UniqueViolation

from tests.common import PipelineCase
from tests.fakes.ad_platforms import ACCOUNT, DATA_SET, DEVELOPER, META_TOKEN, REFRESH, FakeGoogle, FakeMeta
from tests.sales_pipeline.security.common import RolesCase

GOOGLE = {
    "platform": "google", "account": ACCOUNT, "client_id": "id", "client_secret": "secret", "refresh_token": REFRESH,
    "action_qualified": "11", "action_won": "22",
}  # fmt: skip
META = {
    "platform": "meta", "account": DATA_SET, "token": META_TOKEN, "action_qualified": "Lead", "action_won": "Purchase",
}  # fmt: skip


class ConversionCase(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rows = cls.env["pipeline.conversion"]
        cls.outbox = cls.env["pipeline.outbox"]
        cls.outbox.search([]).unlink()

    def setUp(self):
        super().setUp()
        # The lane commits between its steps; inside a test that commit must stay inside the test.
        self.patch(self.env.cr, "commit", self.env.cr.flush)
        self.google, self.meta = self.enterContext(FakeGoogle()), self.enterContext(FakeMeta())

    def turn_on(self, values=GOOGLE, **more):
        fake = self.meta if values is META else self.google
        return self.env["pipeline.conversion.target"].create(
            {**values, "base_url": fake.base_url, "is_enabled": True, **more}
        )

    def lead(self, clicks=None, consent=True, **values):
        lead = self.env["crm.lead"].create({
            "name": "Robin", "type": "lead", "email_from": "robin@shop.example", "phone": "+493023125042",
            "company_id": self.env.company.id, **values,
        })  # fmt: skip
        self.env["pipeline.touch"].create({
            "lead_id": lead.id, "capture_channel": "website", "click_ids": clicks or {"gclid": "Click-1"},
            "consent": {"any": consent} if consent is not None else False,
            "occurred_at": fields.Datetime.now() - timedelta(days=1),
        })  # fmt: skip
        self.flush()
        return lead

    def flush(self):
        self.env["pipeline.moments.mixin"]._flush_moments()

    def qualify(self, lead):
        lead.qualification = "qualified"
        self.flush()

    def win(self, lead, revenue=500):
        lead.write({"type": "opportunity", "expected_revenue": revenue})
        self.flush()
        lead.action_set_won()
        self.flush()

    def drain(self):
        self.outbox.search([]).write({"next_attempt_at": fields.Datetime.now() - timedelta(seconds=1)})
        self.outbox._cron_drain()

    def told(self, lead):
        return {row.stage: row.state for row in self.rows.search([("lead_id", "=", lead.id)])}


class TestWhatIsReported(ConversionCase):
    def test_nothing_is_reported_before_somebody_turns_it_on(self):
        self.turn_on(is_enabled=False)
        lead = self.lead()
        self.qualify(lead)
        self.win(lead)
        self.drain()
        self.assertFalse(self.rows.search_count([]))
        self.assertFalse(self.google.asked)

    def test_a_qualified_and_a_won_lead_are_counted_with_what_they_are_worth(self):
        self.turn_on()
        lead = self.lead()
        self.qualify(lead)
        self.assertEqual(self.told(lead), {"qualified": "waiting"})
        self.assertFalse(self.google.asked, "told within the transaction")
        self.win(lead)
        self.drain()
        self.assertEqual(self.told(lead), {"qualified": "sent", "won": "sent"})
        counted = self.google.counted
        self.assertEqual(set(counted), {("11", f"{lead.uuid}-qualified"), ("22", f"{lead.uuid}-won")})
        self.assertEqual(counted["22", f"{lead.uuid}-won"]["conversionValue"], 500)
        self.assertEqual(len([asked for asked in self.google.asked if asked.path != "/token"]), 1, "one call for both")

    def test_a_lead_made_a_deal_was_qualified(self):
        self.turn_on()
        lead = self.lead()
        self.win(lead)
        self.assertEqual(set(self.told(lead)), {"qualified", "won"})

    def test_what_was_ordered_is_the_value(self):
        self.turn_on()
        lead = self.lead()
        lead.write({"type": "opportunity", "expected_revenue": 5})
        self.env["sale.order"].create({
            "partner_id": self.env["res.partner"].create({"name": "Buyer"}).id, "opportunity_id": lead.id,
            "order_line": [Command.create({
                "product_id": self.env["product.product"].create({"name": "Thing", "taxes_id": False}).id,
                "product_uom_qty": 3, "price_unit": 100,
            })],
        }).action_confirm()  # fmt: skip
        self.flush()
        self.assertEqual(self.rows.search([("lead_id", "=", lead.id), ("stage", "=", "won")]).value, 300)

    def test_a_rollback_tells_nobody(self):
        self.turn_on()
        lead = self.lead()
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.qualify(lead)
            raise ZeroDivisionError
        self.drain()
        self.assertFalse(self.google.asked)

    def test_each_platform_hears_of_its_own_clicks_only(self):
        self.turn_on()
        self.turn_on(META)
        ours, theirs, nobodys = self.lead(), self.lead({"fbclid": "Fb-1"}), self.lead({"ttclid": "T"})
        for lead in (ours, theirs, nobodys):
            self.qualify(lead)
        self.drain()
        self.assertEqual(list(self.google.counted), [("11", f"{ours.uuid}-qualified")])
        self.assertEqual(list(self.meta.counted), [("Lead", f"{theirs.uuid}-qualified")])

    def test_a_lead_form_of_facebook_is_known_by_its_id(self):
        self.turn_on(META)
        lead = self.lead({"gclid": "other"})
        self.env["pipeline.touch"].create({
            "lead_id": lead.id, "capture_channel": "facebook", "external_id": "1234567890123456",
        })  # fmt: skip
        self.qualify(lead)
        self.drain()
        self.assertEqual(self.meta.offered[0]["user_data"]["lead_id"], 1234567890123456)
        self.assertEqual(self.rows.search([("lead_id", "=", lead.id)]).click_name, "lead_id")

    def test_the_latest_click_is_reported(self):
        self.turn_on()
        lead = self.lead()
        self.env["pipeline.touch"].create([
            {"lead_id": lead.id, "capture_channel": "website", "click_ids": {"gclid": "Click-2"}},
            {"lead_id": lead.id, "capture_channel": "website", "click_ids": {"fbclid": "Fb"}},
        ])  # fmt: skip
        self.qualify(lead)
        self.drain()
        self.assertEqual(self.google.offered[0]["adIdentifiers"], {"gclid": "Click-2"})

    def test_a_company_reports_its_own_leads(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.turn_on(company_id=other.id)
        lead = self.lead()
        self.qualify(lead)
        self.assertFalse(self.told(lead))

    def test_a_stage_without_an_action_is_not_reported(self):
        self.turn_on(action_qualified=False)
        lead = self.lead()
        self.win(lead)
        self.assertEqual(set(self.told(lead)), {"won"})


class TestOnce(ConversionCase):
    def setUp(self):
        super().setUp()
        self.turn_on()

    def test_going_back_and_forth_counts_once(self):
        lead = self.lead()
        for status in ("qualified", "contacted", "qualified"):
            lead.qualification = status
            self.flush()
        self.drain()
        self.drain()
        self.assertEqual((len(self.google.offered), len(self.google.counted)), (1, 1))

    def test_a_lost_answer_is_asked_for_again_and_counts_once(self):
        self.google.lost_answers = 1
        lead = self.lead()
        self.qualify(lead)
        self.drain()
        row = self.rows.search([("lead_id", "=", lead.id)])
        self.assertRecordValues(row, [{"state": "waiting", "reason_code": "unreachable"}])
        self.drain()
        self.assertRecordValues(row, [{"state": "sent", "reason_code": False}])
        self.assertEqual((len(self.google.offered), len(self.google.counted)), (2, 1))

    def test_what_a_crash_left_in_the_air_is_sent_again_under_the_same_id(self):
        lead = self.lead()
        self.qualify(lead)
        self.rows.search([("lead_id", "=", lead.id)]).outbox_id._set_state(
            "sending", lease_until=fields.Datetime.now() - timedelta(seconds=1)
        )
        self.drain()
        self.assertEqual(self.told(lead), {"qualified": "sent"})
        self.assertEqual(list(self.google.counted), [("11", f"{lead.uuid}-qualified")])

    def test_merged_leads_are_one_person_and_counted_once(self):
        first, second = self.lead(), self.lead({"gclid": "Click-2"})
        self.qualify(second)
        self.drain()
        merged = (first + second).merge_opportunity()
        self.qualify(merged)
        self.drain()
        self.assertEqual(len(self.google.counted), 1)
        self.assertEqual(self.told(merged), {"qualified": "sent"})

    def test_the_platform_decides_how_long_to_wait(self):
        self.google.fail_api(status=429, headers={"Retry-After": "3600"})
        lead = self.lead()
        self.qualify(lead)
        self.drain()
        row = self.rows.search([("lead_id", "=", lead.id)])
        self.assertEqual(row.reason_code, "throttled")
        self.assertGreater(row.outbox_id.next_attempt_at, fields.Datetime.now() + timedelta(minutes=59))


class TestRefusals(ConversionCase):
    def test_of_many_one_is_refused_and_says_why(self):
        self.turn_on()
        leads = [self.lead({"gclid": f"Click-{number}"}) for number in range(4)]
        self.google.refusing = {"Click-2": "INVALID_EVENT"}
        for lead in leads:
            self.qualify(lead)
        self.drain()
        self.assertEqual([self.told(lead)["qualified"] for lead in leads], ["sent", "sent", "refused", "sent"])
        row = self.rows.search([("lead_id", "=", leads[2].id)])
        self.assertEqual(row.vendor_code, "INVALID_EVENT")
        self.assertIn("did not accept", row.reason)
        self.assertEqual(len(self.google.counted), 3)

    def test_partial_failures_of_the_older_interface_are_read_row_by_row(self):
        self.turn_on(platform="google_ads", developer_token=DEVELOPER)
        leads = [self.lead({"gclid": f"Click-{number}"}) for number in range(4)]
        self.google.refusing = {"Click-1": "EXPIRED_EVENT", "Click-3": "TOO_RECENT_EVENT"}
        for lead in leads:
            self.qualify(lead)
        self.drain()
        self.assertEqual([self.told(lead)["qualified"] for lead in leads], ["sent", "refused", "sent", "waiting"])
        late = self.rows.search([("lead_id", "=", leads[3].id)])
        self.assertGreater(late.outbox_id.next_attempt_at, fields.Datetime.now() + timedelta(hours=5))
        self.google.refusing = {}
        self.drain()
        self.assertEqual((self.told(leads[3]), len(self.google.counted)), ({"qualified": "sent"}, 3))

    def test_credentials_taken_back_fail_in_the_end_and_go_out_when_they_are_mended(self):
        target = self.turn_on()
        self.google.refresh_token = "another"
        lead = self.lead()
        self.qualify(lead)
        row = self.rows.search([("lead_id", "=", lead.id)])
        with self.assertLogs("odoo.addons.sales_pipeline", "ERROR"):
            for _attempt in range(6):
                self.drain()
        self.assertRecordValues(row, [{"state": "failed", "reason_code": "token"}])
        self.assertIn("credentials", row.reason)
        self.assertFalse(self.google.counted)
        target.refresh_token = "another"
        row.action_send_again()
        self.assertEqual(row.state, "waiting")
        self.drain()
        self.assertEqual((row.state, len(self.google.counted)), ("sent", 1))

    def test_what_was_refused_can_be_offered_again_and_what_was_sent_cannot(self):
        self.turn_on()
        self.google.refusing = {"Click-1": "INVALID_EVENT"}
        lead = self.lead()
        self.qualify(lead)
        self.drain()
        row = self.rows.search([("lead_id", "=", lead.id)])
        self.google.refusing = {}
        row.action_send_again()
        self.drain()
        self.assertEqual((row.state, len(self.google.counted)), ("sent", 1))
        with self.assertRaises(UserError):
            row.action_send_again()
        self.drain()
        self.assertEqual(len(self.google.offered), 2, "one refused and one taken")

    def test_every_reason_has_a_sentence(self):
        for code, sentence in self.rows._get_reasons().items():
            with self.subTest(code):
                self.assertTrue(sentence.endswith("."), sentence)
        row = self.rows.new({"reason_code": "never heard of"})
        self.assertEqual(row.reason, self.rows._get_reasons()["refused"])


class TestConsent(ConversionCase):
    def reported(self, lead):
        self.qualify(lead)
        self.drain()
        row = self.rows.search([("lead_id", "=", lead.id)])
        self.assertEqual(len(self.google.offered), int(row.state == "sent"))
        return row.state, row.reason_code

    def test_who_agreed_is_reported_as_such(self):
        self.turn_on()
        self.assertEqual(self.reported(self.lead(consent=True)), ("sent", False))
        self.assertEqual(self.google.offered[0]["consent"], {"adUserData": "CONSENT_GRANTED"})

    def test_who_refused_is_never_reported(self):
        self.turn_on(needs_consent=False)
        self.assertEqual(self.reported(self.lead(consent=False)), ("held_back", "no_consent"))

    def test_who_was_not_asked_is_held_back_unless_the_platform_is_to_hear_of_them(self):
        target = self.turn_on()
        lead = self.lead(consent=None)
        self.assertEqual(self.reported(lead), ("held_back", "unknown_consent"))
        target.needs_consent = False
        self.rows.search([("lead_id", "=", lead.id)]).action_send_again()
        self.drain()
        self.assertEqual(self.told(lead), {"qualified": "sent"})
        self.assertNotIn("consent", self.google.offered[0])

    def test_the_word_on_the_lead_counts_more_than_the_form(self):
        self.turn_on()
        self.assertEqual(self.reported(self.lead(consent=True, ad_consent="refused"))[1], "no_consent")

    def test_the_latest_answer_counts(self):
        self.turn_on()
        lead = self.lead(consent=True)
        self.env["pipeline.touch"].create({
            "lead_id": lead.id, "capture_channel": "website", "consent": {"email": False},
        })  # fmt: skip
        self.assertEqual(self.reported(lead)[1], "no_consent")

    def test_who_wants_no_mails_or_calls_is_not_reported(self):
        self.turn_on()
        self.env["mail.blacklist"]._add("robin@shop.example")
        self.assertEqual(self.reported(self.lead())[1], "no_consent")

    def test_who_refuses_while_it_waits_is_not_reported(self):
        self.turn_on()
        lead = self.lead()
        self.qualify(lead)
        lead.ad_consent = "refused"
        self.drain()
        self.assertEqual(self.told(lead), {"qualified": "held_back"})
        self.assertFalse(self.google.asked)

    def test_a_deleted_lead_is_not_reported(self):
        self.turn_on()
        lead = self.lead()
        self.qualify(lead)
        lead.unlink()
        self.flush()
        self.drain()
        self.assertEqual(self.rows.search([("key", "=", f"{lead.uuid}-qualified")]).reason_code, "deleted")
        self.assertFalse(self.google.asked)

    def test_turning_it_off_stops_what_waits(self):
        target = self.turn_on()
        lead = self.lead()
        self.qualify(lead)
        target.is_enabled = False
        self.drain()
        self.assertEqual(self.told(lead), {"qualified": "held_back"})
        self.assertFalse(self.google.asked)


class TestSetUp(ConversionCase):
    def test_it_cannot_be_turned_on_half_set_up_and_says_what_is_missing(self):
        for values, word in (({**META, "token": False}, "Access Token"), ({**GOOGLE, "action_won": False}, "called")):
            with self.subTest(word), self.assertRaises(ValidationError) as caught:
                self.turn_on(values, action_qualified=False)
            self.assertIn(word, str(caught.exception))
        target = self.turn_on(is_enabled=False, refresh_token=False)
        self.assertEqual(target.missing, "Refresh Token")
        with self.assertRaises(ValidationError):
            target.is_enabled = True

    def test_a_company_has_a_platform_once(self):
        self.turn_on()
        with self.assertRaises(UniqueViolation), self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
            self.turn_on()

    def test_the_settings_page_says_who_hears_of_the_leads(self):
        settings = self.env["res.config.settings"].create({})
        self.assertIn("Off", settings.pipeline_conversion_platforms)
        self.turn_on()
        settings = self.env["res.config.settings"].create({})
        self.assertEqual(settings.pipeline_conversion_platforms, "Google Ads (Data Manager API)")

    def test_a_copy_of_the_database_reports_nothing(self):
        target = self.turn_on(META)
        self.env.flush_all()
        with file_open("sales_pipeline/data/neutralize.sql") as script:
            self.env.cr.execute(script.read())
        self.env.invalidate_all()
        self.assertRecordValues(target, [{"is_enabled": False, "token": False, "refresh_token": False}])

    def test_a_copied_platform_has_no_credentials_and_is_off(self):
        target = self.turn_on()
        other = target.copy({"company_id": self.env["res.company"].create({"name": "Other"}).id})
        self.assertRecordValues(other, [{"is_enabled": False, "refresh_token": False, "client_secret": False}])

    def test_a_platform_that_breaks_in_an_unforeseen_way_is_tried_again(self):
        self.turn_on()
        lead = self.lead()
        self.qualify(lead)
        with patch("odoo.addons.sales_pipeline.models.capture.pipeline_outbox.deliver", side_effect=KeyError("x")):
            self.drain()
        self.assertRecordValues(
            self.rows.search([("lead_id", "=", lead.id)]), [{"state": "waiting", "reason_code": "broken"}]
        )


class TestWhoMayDoWhat(RolesCase):
    def setUp(self):
        super().setUp()
        self.target = self.env["pipeline.conversion.target"].create({**GOOGLE, "base_url": "https://ads.example"})
        self.row = self.env["pipeline.conversion"].create({
            "target_id": self.target.id, "company_id": self.env.company.id, "lead_id": self.leads["own"].id,
            "stage": "won", "occurred_at": fields.Datetime.now(), "key": "k", "verdict": "refused",
        })  # fmt: skip
        self.env.flush_all()

    def test_only_administrators_see_platforms_and_what_they_were_told(self):
        for role in ("rep", "manager", "success", "salesman", "stock_all", "plain", "portal", "public", "system"):
            for record in (self.target, self.row):
                with self.subTest(role, model=record._name):
                    self.assertRefused(lambda role=role, record=record: self.as_role(role, record).read(["id"]), record)
                    if record == self.row:
                        act = self.as_role(role, record).action_send_again
                        self.assertRefused(act, record)
        self.assertEqual(self.as_role("administrator", self.row).stage, "won")

    def test_no_administrator_of_the_pipeline_reads_credentials_or_sends_them_elsewhere(self):
        target = self.as_role("administrator", self.target)
        for name in ("client_secret", "refresh_token", "developer_token", "token", "base_url"):
            with self.subTest(name):
                with self.assertRaises(AccessError):
                    target.read([name])
                self.assertRefused(lambda name=name: target.write({name: "https://evil.example"}), self.target)
        self.assertNotIn("refresh_token", target.fields_get())

    def test_an_administrator_turns_platforms_on_and_off(self):
        target = self.as_role("administrator", self.target)
        target.is_enabled = True
        target.is_enabled = False
        self.assertFalse(self.target.is_enabled)

    def test_nobody_makes_or_erases_what_was_reported(self):
        rows = self.as_role("administrator", self.row)
        self.assertRefused(rows.unlink, self.row)
        self.assertNotMade(lambda: rows.copy({"key": "other", "lead_id": False}), "pipeline.conversion")

    def test_a_rep_who_wins_reports_without_seeing_it(self):
        lead = self.leads["own"]
        self.target.is_enabled = True
        self.env["pipeline.touch"].create({
            "lead_id": lead.id, "capture_channel": "website", "click_ids": {"gclid": "X"}, "consent": {"any": True},
        })  # fmt: skip
        self.row.unlink()
        self.flush()
        self.as_role("rep", lead).action_qualify()
        self.flush()
        self.assertEqual(self.env["pipeline.conversion"].search([("lead_id", "=", lead.id)]).state, "waiting")
        with self.assertRaises(AccessError):
            self.as_role("rep", lead).read(["conversion_ids"])

    def test_no_company_sees_what_another_reports(self):
        other = self.env["res.company"].create({"name": "Other company"})
        self.env["pipeline.conversion.target"].create({**META, "company_id": other.id})
        seen = self.as_role("administrator", self.env["pipeline.conversion.target"]).search([])
        self.assertEqual(seen, self.target)
