"""Whoever is spelt otherwise meets the known lead where a machine may trust it; else a person is shown the two."""

from types import SimpleNamespace
from unittest.mock import patch

from odoo.exceptions import UserError

from odoo.addons.sales_pipeline.providers.capture.base import CapturedLead
from odoo.addons.sales_pipeline.tools.similarity import ASK, SAME
from tests.sales_pipeline.models.capture.test_crm_lead import CaptureCase

DANA = {"name": "Dana Whitfield", "email": "dana.whitfield@acme.example", "phone": "+1 212 555 7788"}
# The same mailbox at Gmail, dots and tag apart, which no exact comparison finds.
GMAIL = {"name": "Dana Whitfield", "email": "dana.w77@gmail.com"}
GMAIL_AGAIN = {"name": "Whitfeild Dana", "email": "DanaW77+offers@googlemail.com"}


class GateCase(CaptureCase):
    def setUp(self):
        super().setUp()
        self.leads = self.env["crm.lead"]
        self.pairs = self.env["pipeline.duplicate"]

    def one(self, *contacts):
        [result] = self.capture(*contacts)
        return result

    def count(self):
        return self.leads.search_count([])

    def pairs_of(self, lead):
        return self.pairs.search([("lead_id", "=", lead.id)])

    def notes_on(self, lead):
        return "".join(lead.message_ids.mapped("body"))


class TestCaptureMeetsOtherSpellings(GateCase):
    def test_one_mailbox_spelt_otherwise_meets_the_known_lead(self):
        lead = self.lead(self.one(GMAIL))
        before = self.count()
        again = self.one({**GMAIL_AGAIN, "phone": "+1 212 555 7788", "job_title": "Buyer"})
        self.assertEqual((again.outcome, again.lead_id, self.count()), ("duplicate", lead.id, before))
        self.assertEqual((lead.touch_count, lead.function, lead.phone), (2, "Buyer", "+12125557788"))
        self.assertEqual((lead.contact_name, lead.email_normalized), ("Dana Whitfield", "dana.w77@gmail.com"))
        self.assertEqual([one.code for one in again.likeness.reasons[:1]], ["email_same"])
        self.assertFalse(self.pairs_of(lead))

    def test_what_was_spelt_otherwise_stands_on_the_lead_with_the_reasons(self):
        lead = self.lead(self.one(GMAIL))
        self.one(GMAIL_AGAIN)
        note = self.notes_on(lead)
        self.assertIn("Whitfeild Dana, danaw77+offers@googlemail.com", note)
        self.assertIn("Same e-mail address: danaw77@gmail.com", note)

    def test_the_owner_is_told_and_the_log_says_that_it_came_again(self):
        lead = self.lead(self.one(GMAIL))
        self.env.cr.execute("DELETE FROM pipeline_notice")
        self.one(GMAIL_AGAIN)
        self.env.cr.execute("SELECT count(*) FROM pipeline_event WHERE story = %s AND kind = 'duplicate'", [lead.uuid])
        self.assertEqual(self.env.cr.fetchone(), (1,))
        notices = self.env["pipeline.notice"].search([("user_id", "=", lead.user_id.id)])
        self.assertIn(("again", lead), [(notice.kind, notice.lead_id) for notice in notices])

    def test_a_national_spelling_of_the_number_meets_the_known_lead(self):
        source = self.source.copy({"default_country_id": self.env.ref("base.fr").id})
        [first] = self.capture({"name": "Dana Whitfield", "phone": "0033 6 12 34 56 78"}, source=source)
        # a number of no country: too long for the plan of the United States, the same digits as the French one
        [again] = self.capture({"name": "Dana Whitfeild", "whatsapp": "+33 6 12 34 56 78"}, source=source)
        self.assertEqual((again.outcome, again.lead_id), ("duplicate", first.lead_id))

    def test_who_only_resembles_somebody_is_a_lead_of_its_own_shown_to_a_person(self):
        lead = self.lead(self.one(DANA))
        before = self.count()
        again = self.one({"name": "Dana Whitfield", "email": "dw@elsewhere.example", "phone": "+1 212 555 7789"})
        new = self.lead(again)
        self.assertEqual((again.outcome, self.count()), ("created", before + 1))
        self.assertNotEqual(new, lead)
        pair = self.pairs_of(new)
        self.assertEqual((pair.res_model, pair.res_id, pair.kind, pair.state), ("crm.lead", lead.id, ASK, "open"))
        self.assertEqual(lead.touch_count, 1)
        self.assertIn("phone_typo", [code for code, _bits, _value in pair.reasons])

    def test_a_couple_with_one_telephone_stays_two_people(self):
        self.one({"name": "Dana Whitfield", "whatsapp": "+1 212 555 7788", "email": "d@x.example"})
        again = self.one({"name": "Robert Whitfield", "whatsapp": "+1 212 555 7788", "email": "r@x.example"})
        self.assertEqual(again.outcome, "created")

    def test_a_shared_office_mailbox_alone_makes_no_two_people_one(self):
        self.one({"name": "Dana Whitfield", "email": "info+a@acme.example", "company_name": "Acme"})
        again = self.one({"name": "Zoe Zimmer", "email": "info+b@acme.example", "company_name": "Acme"})
        self.assertEqual(again.outcome, "created")

    def test_a_family_at_one_address_is_no_person_a_machine_merges(self):
        home = {"street": "4 Elm Road", "zip": "90210", "city": "Marlow"}
        first = self.lead(self.one({"name": "Dana Whitfield", "email": "one@gmail.com", **home}))
        again = self.one({"name": "Dana Whitfield", "email": "two@gmail.com", **home})
        self.assertEqual((again.outcome, again.likeness.res_id), ("created", first.id))
        self.assertEqual(self.pairs_of(self.lead(again)).kind, SAME)

    def test_a_closed_lead_takes_nobody_in_but_is_shown(self):
        lead = self.lead(self.one(GMAIL))
        lead.action_set_lost()
        self.env["pipeline.moments.mixin"]._flush_moments()
        again = self.one(GMAIL_AGAIN)
        self.assertEqual(again.outcome, "created")
        self.assertEqual(self.pairs_of(self.lead(again)).res_id, lead.id)

    def test_an_open_lead_takes_in_who_also_is_a_closed_one(self):
        lost = self.lead(self.one(GMAIL))
        lost.action_set_lost()
        self.env["pipeline.moments.mixin"]._flush_moments()
        lead = self.lead(self.one({**GMAIL, "email": "danaw77@gmail.com"}))
        again = self.one(GMAIL_AGAIN)
        self.assertEqual((again.outcome, again.lead_id), ("duplicate", lead.id))

    def test_a_contact_that_is_the_same_takes_nobody_in_but_is_shown(self):
        partner = self.env["res.partner"].create({"name": "Dana Whitfield", "email": "dana.w77@gmail.com"})
        self.env["pipeline.moments.mixin"]._flush_moments()
        result = self.one(GMAIL_AGAIN)
        pair = self.pairs_of(self.lead(result))
        self.assertEqual((result.outcome, pair.res_model, pair.res_id), ("created", "res.partner", partner.id))
        self.assertFalse(self.lead(result).partner_id)

    def test_leads_of_another_company_take_nobody_in(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        source = self.env["pipeline.source"].create(
            {"name": "Theirs", "provider": "website", "company_id": other.id, "team_id": False}
        )
        [theirs] = self.capture(GMAIL, source=source)
        again = self.one(GMAIL_AGAIN)
        self.assertEqual(again.outcome, "created")
        self.assertFalse(self.pairs_of(self.lead(again)))
        self.assertNotEqual(again.lead_id, theirs.lead_id)

    def test_thresholds_of_the_company_decide(self):
        self.one(GMAIL)
        self.source.company_id.write({"duplicate_same_score": 1.0})
        self.assertEqual(self.one(GMAIL_AGAIN).outcome, "created")

    def test_an_exact_match_comes_before_one_that_only_is_alike(self):
        alike = self.lead(self.one(GMAIL))
        exact = self.lead(self.one({"name": "Other Person", "phone": "+1 212 555 0101"}))
        again = self.one({**GMAIL_AGAIN, "phone": "+1 212 555 0101"})
        self.assertEqual(again.lead_id, exact.id)
        self.assertIsNone(again.likeness)
        self.assertEqual(alike.touch_count, 1)


class TestBatchMeetsItself(GateCase):
    def test_one_person_spelt_in_two_ways_in_one_batch_is_one_lead(self):
        crowd = [{"name": f"Person {word}", "email": f"{word}@crowd.example"} for word in ("ada", "bea", "cyd", "dot")]
        before = self.count()
        results = self.capture(*crowd[:2], GMAIL, *crowd[2:], GMAIL_AGAIN)
        self.assertEqual(self.count(), before + 5)
        self.assertEqual((results[2].outcome, results[5].outcome), ("created", "duplicate"))
        self.assertEqual(results[5].lead_id, results[2].lead_id)
        self.assertEqual(results[5].likeness.res_id, results[2].lead_id)
        lead = self.lead(results[2])
        self.assertEqual(lead.touch_count, 2)
        self.assertIn("Whitfeild Dana", self.notes_on(lead))

    def test_two_who_are_alike_in_one_batch_are_two_leads_and_a_pair(self):
        results = self.capture(
            {"name": "Dana Whitfield", "email": "a@x.example", "phone": "+1 212 555 7788"},
            {"name": "Dana Whitfield", "email": "b@y.example", "phone": "+1 212 555 7789"},
        )
        self.assertEqual([result.outcome for result in results], ["created", "created"])
        pair = self.pairs_of(self.lead(results[1]))
        self.assertEqual((pair.res_id, pair.kind), (results[0].lead_id, ASK))

    def test_three_spellings_that_hang_together_are_one_lead(self):
        results = self.capture(GMAIL, {**GMAIL_AGAIN, "phone": "+1 212 555 7788"},
                               {"name": "Dana Whitfeld", "whatsapp": "+1 212 555 7788"})
        self.assertEqual([result.outcome for result in results], ["created", "duplicate", "duplicate"])
        self.assertEqual({result.lead_id for result in results}, {results[0].lead_id})

    def test_a_batch_asks_the_base_once(self):
        contacts = self.env.registry["pipeline.contact"]
        asked = []
        real = contacts._find_duplicates

        def find(model, some, *args):
            asked.append(len(some))
            return real(model, some, *args)

        with patch.object(contacts, "_find_duplicates", find):
            self.capture(*({"name": f"Person {n}", "email": f"p{n}@crowd.example"} for n in range(30)))
        self.assertEqual(asked, [30])


class TestLocks(GateCase):
    def test_two_spellings_share_a_lock(self):
        def locks(**contact):
            return set(self.leads._get_capture_keys([CapturedLead(**contact)], self.source))

        turn = {self.team._get_turn_key()}
        self.assertTrue((locks(**GMAIL) & locks(**GMAIL_AGAIN)) - turn)
        self.assertTrue((locks(phone="+12125557788") & locks(whatsapp="+12125557788")) - turn)
        self.assertEqual(locks(**GMAIL) & locks(name="Zoe", email="zoe@x.example"), turn)


class TestTyping(GateCase):
    """Who types a new lead that is spelt otherwise is asked; a machine decides nothing for a person."""

    def enter(self, user, **values):
        return self.leads.with_user(user)._enter_manually({"name": "Typed", "type": "lead", **values})

    def refuse(self, user, **values):
        before = self.count()
        with self.assertRaises(UserError) as caught:
            self.enter(user, **values)
        self.assertEqual(self.count(), before)
        return caught.exception

    def test_a_lead_that_is_alike_is_asked_about_and_nothing_is_made(self):
        lead = self.lead(self.one(GMAIL))
        lead.user_id = self.reps[0]
        error = self.refuse(self.reps[0], contact_name="Whitfeild Dana", email_from="DanaW77+offers@googlemail.com")
        found = error.context["pipeline_similar"]
        self.assertEqual([record["res_id"] for record in found["records"]], [lead.id])
        self.assertIn("Same e-mail address: danaw77@gmail.com", found["records"][0]["reasons"])
        self.assertIn("Dana Whitfield", str(error))
        self.assertEqual(lead.touch_count, 1)

    def test_a_lead_of_others_is_asked_about_without_saying_whose_it_is(self):
        lead = self.lead(self.one(GMAIL))
        lead.user_id = self.reps[1]
        error = self.refuse(self.reps[0], contact_name="Whitfeild Dana", email_from="DanaW77+offers@googlemail.com")
        self.assertEqual(error.context["pipeline_similar"], {"records": [], "more": 0, "hidden": 1})
        for secret in ("Dana", "danaw77", "ben"):
            self.assertNotIn(secret, f"{error}{error.context}")

    def test_who_was_asked_may_make_the_lead_and_the_two_are_a_pair(self):
        lead = self.lead(self.one(GMAIL))
        new = self.enter(self.reps[0], contact_name="Whitfeild Dana", email_from="DanaW77+offers@googlemail.com",
                         is_other_contact=True)
        self.assertNotEqual(new, lead)
        self.assertEqual(self.pairs_of(new).res_id, lead.id)
        self.assertEqual(self.pairs_of(new).state, "open")

    def test_who_was_asked_may_choose_the_known_lead_and_it_gets_a_touch(self):
        lead = self.lead(self.one(GMAIL))
        lead.user_id = self.reps[0]
        before = self.count()
        met = self.enter(self.reps[0], contact_name="Whitfeild Dana", email_from="DanaW77+offers@googlemail.com",
                         description="Call after five", same_as_lead_id=lead.id)
        self.assertEqual((met, self.count(), lead.touch_count), (lead, before, 2))
        self.assertIn("Call after five", self.notes_on(lead))

    def test_only_a_lead_that_was_asked_about_can_be_chosen(self):
        lead = self.lead(self.one(GMAIL))
        stranger = self.lead(self.one({"name": "Zoe Zimmer", "email": "zoe@x.example"}))
        (lead | stranger).user_id = self.reps[0]
        typed = {"contact_name": "Whitfeild Dana", "email_from": "DanaW77+offers@googlemail.com"}
        self.refuse(self.reps[0], **typed, same_as_lead_id=stranger.id)
        lead.user_id = self.reps[1]
        self.assertIn("is with ben", str(self.refuse(self.reps[0], **typed, same_as_lead_id=lead.id)))
        self.assertEqual((lead.touch_count, stranger.touch_count), (1, 1))

    def test_saying_that_one_was_asked_opens_no_other_door(self):
        lead = self.lead(self.one(GMAIL))
        lead.user_id = self.reps[1]
        error = self.refuse(self.reps[0], contact_name="Dana", email_from=GMAIL["email"], is_other_contact=True)
        self.assertIn("is with ben (sales_pipeline.group_rep) already", str(error))

    def test_who_resembles_a_contact_is_made_without_a_question_and_shown(self):
        partner = self.env["res.partner"].create({"name": "Dana Whitfield", "email": "dana.w77@gmail.com"})
        self.env["pipeline.moments.mixin"]._flush_moments()
        new = self.enter(self.reps[0], contact_name="Whitfeild Dana", email_from="DanaW77+offers@googlemail.com")
        self.assertEqual(self.pairs_of(new).res_id, partner.id)


class TestInboxSaysWhom(GateCase):
    def setUp(self):
        super().setUp()
        self.patch(self.env.cr, "commit", self.env.cr.flush)

    def drain(self, external_id, **contact):
        self.env["pipeline.inbox"]._store(self.source, [SimpleNamespace(external_id=external_id, payload=contact)])
        self.env["pipeline.inbox"]._cron_drain()
        return self.env["pipeline.inbox"].search([("external_id", "=", external_id)])

    def test_whom_a_capture_was_taken_for_is_said_with_the_reasons(self):
        self.drain("first", **GMAIL)
        row = self.drain("again", **GMAIL_AGAIN)
        self.assertEqual(row.result, "duplicate")
        self.assertEqual(row.reason.count("“Dana Whitfield” (Same e-mail address; "), 1, row.reason)
        self.assertIn("got a touch", row.reason)
        self.assertNotIn("danaw77", str(row.likeness))

    def test_whom_a_new_lead_resembles_is_said(self):
        self.drain("first", **DANA)
        row = self.drain("again", name="Dana Whitfield", email="dw@elsewhere.example", phone="+1 212 555 7789")
        self.assertEqual(row.result, "created")
        self.assertIn("It looks like “Dana Whitfield” (", row.reason)
        self.assertIn("Phone number with one other digit", row.reason)

    def test_a_deleted_record_is_not_named(self):
        first = self.drain("first", **DANA).lead_id
        row = self.drain("again", name="Dana Whitfield", email="dw@elsewhere.example", phone="+1 212 555 7789")
        first.unlink()
        row.invalidate_recordset()
        self.assertIn("a record that is gone", row.reason)

