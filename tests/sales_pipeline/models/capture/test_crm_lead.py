"""The capture use case, whatever door a contact came by."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import new_test_user

from odoo.addons.sales_pipeline.providers.capture.base import CapturedLead
from odoo.addons.sales_pipeline.tools.attribution import Attribution
from tests.common import PipelineCase


class CaptureCase(PipelineCase):
    """Three reps of one team who take turns, and a source that feeds them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reps = cls.env["res.users"]
        for name in ("ana", "ben", "cleo"):
            cls.reps |= new_test_user(cls.env, name, groups="sales_pipeline.group_rep", notification_type="inbox")
        cls.team = cls.env["crm.team"].create({"name": "Inbound", "use_leads": True})
        cls.env["crm.team.member"].create([{"user_id": rep.id, "crm_team_id": cls.team.id} for rep in cls.reps])
        cls.source = cls.env["pipeline.source"].create(
            {
                "name": "Form",
                "provider": "website",
                "team_id": cls.team.id,
                "default_country_id": cls.env.ref("base.us").id,
            }
        )

    def capture(self, *contacts, source=None):
        captured = [CapturedLead(**{"external_id": str(number), **contact}) for number, contact in enumerate(contacts)]
        results = self.env["crm.lead"]._capture(captured, source or self.source)
        self.env["pipeline.moments.mixin"]._flush_moments()
        return results

    def lead(self, result):
        return self.env["crm.lead"].browse(result.lead_id)


class TestCapture(CaptureCase):
    def test_a_contact_becomes_a_lead_with_what_it_brought(self):
        attribution = Attribution(
            utm_source="google",
            utm_medium="cpc",
            utm_campaign="autumn",
            utm_term="roof",
            utm_content="v2",
            click_ids={"gclid": "EAIaIQ"},
            referrer_url="https://www.google.com/",
            landing_page_url="https://www.example.com/landing",
        )
        [result] = self.capture(
            {
                "name": "Robin Example",
                "email": "Robin@Example.com",
                "phone": "(650) 253-0000",
                "whatsapp": "+44 20 7031 3000",
                "company_name": "Example Inc",
                "message": "Need 10 <units>",
                "country_code": "US",
                "tags": ("Roof",),
                "answers": (("Budget", "10k"),),
                "prospective_type": "sme",
                "temperature": "hot",
                "attribution": attribution,
            }
        )
        lead = self.lead(result)
        self.assertEqual(result.outcome, "created")
        self.assertRecordValues(
            lead,
            [
                {
                    "name": "Robin Example",
                    "contact_name": "Robin Example",
                    "partner_name": "Example Inc",
                    "type": "lead",
                    "email_normalized": "robin@example.com",
                    "phone": "+16502530000",
                    "whatsapp": "+442070313000",
                    "prospective_type": "sme",
                    "temperature": "hot",
                    "priority": "3",
                    "lead_status": "new",
                    "capture_channel": "website",
                    "pipeline_source_id": self.source.id,
                    "team_id": self.team.id,
                    "utm_term": "roof",
                    "utm_content": "v2",
                    "referrer_url": "https://www.google.com/",
                    "landing_page_url": "https://www.example.com/landing",
                    "country_id": self.env.ref("base.us").id,
                }
            ],
        )
        self.assertEqual((lead.source_id.name, lead.medium_id.name, lead.campaign_id.name), ("google", "cpc", "autumn"))
        self.assertEqual(lead.click_ids, {"gclid": "EAIaIQ"})
        self.assertEqual(lead.tag_ids.mapped("name"), ["Roof"])
        self.assertIn("Need 10 &lt;units&gt;", lead.description)
        self.assertIn("Budget", lead.description)
        self.assertEqual(lead.touch_ids.mapped("utm_source"), ["google"])

    def test_names_of_campaigns_and_tags_are_found_again_in_whatever_case(self):
        first, second = self.capture(
            {"name": "A", "email": "a@example.com", "tags": ("Vip",), "attribution": Attribution(utm_source="Google")},
            {"name": "B", "email": "b@example.com", "tags": ("VIP",), "attribution": Attribution(utm_source="google")},
        )
        self.assertEqual(self.lead(first).tag_ids, self.lead(second).tag_ids)
        self.assertEqual(self.lead(first).source_id, self.lead(second).source_id)

    def test_a_test_lead_is_not_sold(self):
        before = self.env["crm.lead"].search_count([])
        [result] = self.capture({"name": "Test", "email": "test@example.com", "is_test": True})
        self.assertEqual((result.outcome, result.lead_id), ("test", None))
        self.assertEqual(self.env["crm.lead"].search_count([]), before)

    def test_a_contact_from_the_future_came_now(self):
        [result] = self.capture(
            {"name": "A", "email": "a@example.com", "submitted_at": fields.Datetime.now() + timedelta(days=30)}
        )
        self.assertLessEqual(self.lead(result).touch_ids.occurred_at, fields.Datetime.now())


class TestRefusal(CaptureCase):
    def assert_refused(self, contact, field, code="missing"):
        before = self.env["crm.lead"].search_count([])
        [result] = self.capture(contact)
        self.assertEqual((result.outcome, result.field, result.code), ("refused", field, code))
        self.assertEqual(self.env["crm.lead"].search_count([]), before)

    def test_a_contact_without_name_is_refused(self):
        self.assert_refused({"email": "a@example.com"}, "name")

    def test_a_contact_nobody_can_reach_is_refused(self):
        self.assert_refused({"name": "A"}, "email or phone")

    def test_a_refusal_names_the_address_that_cannot_be_used(self):
        self.assert_refused({"name": "A", "email": "not an address"}, "email", "invalid")
        self.assert_refused({"name": "A", "phone": "12"}, "phone", "invalid")

    def test_a_source_may_take_contacts_nobody_can_reach_and_says_so(self):
        self.source.contact_required = False
        [result] = self.capture({"name": "A"})
        self.assertEqual((result.outcome, result.has_no_contact), ("created", True))

    def test_one_refusal_does_not_hold_up_the_others(self):
        results = self.capture({"name": "A"}, {"name": "B", "email": "b@example.com"}, {"email": "c@example.com"})
        self.assertEqual([result.outcome for result in results], ["refused", "created", "refused"])


class TestDuplicates(CaptureCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.known = cls.env["crm.lead"].create(
            {
                "name": "Robin",
                "type": "lead",
                "email_from": "robin@example.com",
                "phone": "+16502530000",
                "user_id": cls.reps[0].id,
                "team_id": cls.team.id,
            }
        )
        cls.env["pipeline.moments.mixin"]._flush_moments()

    def events(self, lead):
        return self.env["pipeline.event"].sudo().search([("story", "=", lead.uuid)], order="id").mapped("kind")

    def assert_known(self, contact):
        before = self.env["crm.lead"].search_count([])
        [result] = self.capture(contact)
        self.assertEqual((result.outcome, result.lead_id), ("duplicate", self.known.id))
        self.assertEqual(self.env["crm.lead"].search_count([]), before)
        self.assertEqual(len(self.known.touch_ids), 1)
        self.assertIn("duplicate", self.events(self.known))

    def test_the_same_address_in_another_spelling_is_known(self):
        self.assert_known({"name": "Somebody", "email": "Robin <ROBIN@example.com>"})

    def test_the_same_number_written_nationally_is_known(self):
        self.assert_known({"name": "Somebody", "phone": "650 253 0000"})

    def test_the_owner_is_told_that_the_contact_came_back(self):
        self.capture({"name": "Robin", "email": "robin@example.com"})
        notices = self.env["pipeline.notice"].search([("user_id", "=", self.reps[0].id)])
        self.assertRecordValues(notices, [{"kind": "again", "lead_id": self.known.id}])

    def test_what_was_unknown_is_filled_and_what_was_known_is_kept(self):
        self.capture(
            {
                "name": "Robin Example",
                "email": "robin@example.com",
                "phone": "+15005550006",
                "company_name": "Example Inc",
            }
        )
        self.assertRecordValues(self.known, [{"partner_name": "Example Inc", "phone": "+16502530000", "name": "Robin"}])

    def test_two_of_one_contact_in_a_batch_are_one_lead_with_two_touches(self):
        first, second = self.capture(
            {"name": "Kim", "email": "kim@example.com"}, {"name": "Kim", "email": "KIM@example.com"}
        )
        self.assertEqual((first.outcome, second.outcome), ("created", "duplicate"))
        self.assertEqual(first.lead_id, second.lead_id)
        self.assertEqual(len(self.lead(first).touch_ids), 2)

    def test_a_contact_whose_deal_is_closed_is_a_new_lead(self):
        self.known._convert()
        self.known.action_set_won()
        [result] = self.capture({"name": "Robin", "email": "robin@example.com"})
        self.assertEqual(result.outcome, "created")

    def test_a_deleted_lead_is_not_found(self):
        self.known.unlink()
        [result] = self.capture({"name": "Robin", "email": "robin@example.com"})
        self.assertEqual(result.outcome, "created")

    def test_a_lead_of_another_company_is_not_found(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.known.write({"company_id": other.id, "user_id": False, "team_id": False})
        [result] = self.capture({"name": "Robin", "email": "robin@example.com"})
        self.assertEqual(result.outcome, "created")


class TestAssignment(CaptureCase):
    def owners(self, count, start=0):
        contacts = [{"name": f"Lead {n}", "email": f"lead{n}@example.com"} for n in range(start, start + count)]
        return [self.lead(result).user_id.login for result in self.capture(*contacts)]

    def test_the_members_take_turns_across_batches(self):
        self.assertEqual(self.owners(4) + self.owners(3, start=4), ["ana", "ben", "cleo", "ana", "ben", "cleo", "ana"])

    def test_a_member_who_opted_out_is_passed_over(self):
        self.team.crm_team_member_ids.filtered(lambda member: member.user_id.login == "ben").assignment_optout = True
        self.assertEqual(self.owners(3), ["ana", "cleo", "ana"])

    def test_a_source_with_a_fixed_salesperson_gives_them_all(self):
        self.source.user_id = self.reps[2]
        self.assertEqual(self.owners(2), ["cleo", "cleo"])

    def test_a_team_without_members_leaves_the_lead_to_its_managers(self):
        self.team.crm_team_member_ids.unlink()
        self.assertEqual(self.owners(1), [False])

    def test_the_owner_is_told_at_once_in_odoo(self):
        self.owners(1)
        notices = self.env["pipeline.notice"].search([("user_id", "=", self.reps[0].id)])
        self.assertEqual((notices.kind, notices.lead_id.name, notices.read_at), ("assigned", "Lead 0", False))

    def test_a_plain_create_by_other_code_never_assigns(self):
        lead = (
            self.env["crm.lead"]
            .with_context(default_user_id=False)
            .create({"name": "Plain", "type": "lead", "team_id": self.team.id, "email_from": "plain@example.com"})
        )
        self.assertFalse(lead.user_id)
        self.assertFalse(self.team.last_turn_user_id)
        self.assertFalse(lead.touch_ids)


class TestManualEntry(CaptureCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(cls.env, "max", groups="sales_pipeline.group_manager")
        cls.team.user_id = cls.manager

    def enter(self, user, **values):
        values = {"name": "Kim", "type": "lead", "email_from": "kim@example.com", "team_id": self.team.id, **values}
        [read] = self.env["crm.lead"].with_user(user).web_save(values, {"user_id": {}})
        self.env["pipeline.moments.mixin"]._flush_moments()
        return self.env["crm.lead"].browse(read["id"])

    def test_a_lead_typed_without_owner_goes_to_whose_turn_it_is(self):
        lead = self.enter(self.manager, user_id=False)
        self.assertRecordValues(lead, [{"user_id": self.reps[0].id, "capture_channel": "manual", "lead_status": "new"}])
        self.assertEqual(lead.touch_ids.capture_channel, "manual")

    def test_a_lead_typed_with_an_owner_keeps_it_and_takes_nobodys_turn(self):
        lead = self.enter(self.reps[1], user_id=self.reps[1].id)
        self.assertEqual(lead.user_id, self.reps[1])
        self.assertFalse(self.team.last_turn_user_id)

    def test_a_known_contact_opens_the_known_lead_and_keeps_what_was_typed(self):
        first = self.enter(self.reps[0], user_id=self.reps[0].id)
        before = self.env["crm.lead"].search_count([])
        again = self.enter(
            self.reps[0], user_id=self.reps[0].id, name="Kim again", description="<p>Call after five</p>"
        )
        self.assertEqual(again, first)
        self.assertEqual(self.env["crm.lead"].search_count([]), before)
        self.assertEqual(len(first.touch_ids), 2)
        self.assertIn("Call after five", "".join(str(body) for body in first.message_ids.mapped("body")))

    def test_a_contact_of_a_colleague_is_refused_with_the_colleagues_name(self):
        first = self.enter(self.reps[0], user_id=self.reps[0].id)
        before = (self.env["crm.lead"].search_count([]), len(first.touch_ids))
        with self.assertRaisesRegex(UserError, "with ana .* already"):
            self.enter(self.reps[1], user_id=self.reps[1].id)
        self.assertEqual((self.env["crm.lead"].search_count([]), len(first.touch_ids)), before)

    def test_a_deal_put_on_the_board_is_not_a_capture(self):
        [read] = (
            self.env["crm.lead"]
            .with_user(self.manager)
            .web_save({"name": "Deal", "type": "opportunity", "user_id": False, "team_id": self.team.id}, {})
        )
        self.assertFalse(self.env["crm.lead"].browse(read["id"]).touch_ids)
