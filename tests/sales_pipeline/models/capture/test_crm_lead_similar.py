"""What a person is shown of whom a contact resembles, and what of it is kept from whom."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from tests.sales_pipeline.models.capture.test_crm_lead_gate import GMAIL, GateCase

TYPED = {"contact_name": "Whitfeild Dana", "email_from": "DanaW77+offers@googlemail.com"}


class SimilarCase(GateCase):
    def setUp(self):
        super().setUp()
        self.rep, self.other_rep = self.reps[0], self.reps[1]

    def make(self, owner=None, **values):
        lead = self.leads.with_context(tracking_disable=True).create(
            {"name": "Roof", "type": "lead", "contact_name": "Dana Whitfield", "email_from": GMAIL["email"],
             "user_id": (owner or self.rep).id, **values}
        )  # fmt: skip
        self.env["pipeline.moments.mixin"]._flush_moments()
        return lead

    def ask(self, user=None, lead=None, **values):
        model = self.leads.with_user(user or self.rep)
        return model.find_duplicates_of_form({**TYPED, **values}, lead.id if lead else False)


class TestWhileTyping(SimilarCase):
    def test_a_record_is_told_with_what_it_is_whose_and_why(self):
        lead = self.make()
        [record] = self.ask()["records"]
        told = {name: record[name] for name in ("res_model", "res_id", "name", "kind", "status", "owner", "is_same")}
        self.assertEqual(told, {
            "res_model": "crm.lead", "res_id": lead.id, "name": "Roof", "kind": "Lead", "status": "New",
            "owner": self.rep.name, "is_same": True,
        })  # fmt: skip
        self.assertEqual(record["reasons"][0], "Same e-mail address: danaw77@gmail.com")

    def test_deals_contacts_and_customers_are_told_apart(self):
        partner = self.env["res.partner"].create({"name": "Dana Whitfield", "email": GMAIL["email"]})
        deal = self.make(type="opportunity", partner_id=partner.id)
        kinds = {record["kind"]: record["res_id"] for record in self.ask()["records"]}
        self.assertEqual(kinds, {"Deal": deal.id, "Contact": partner.id})
        deal.action_set_won()
        self.env["pipeline.moments.mixin"]._flush_moments()
        kinds = {record["kind"]: record["status"] for record in self.ask()["records"]}
        self.assertEqual(kinds, {"Deal": "Won", "Customer": ""})

    def test_of_what_belongs_to_others_a_rep_learns_the_number_only(self):
        self.make(self.other_rep)
        self.make(self.other_rep, email_from="other.box@gmail.com", phone="+12125557788")
        self.assertEqual(self.ask(phone="+1 212 555 7788"), {"records": [], "more": 0, "hidden": 2})

    def test_the_likeliest_are_shown_and_the_others_counted(self):
        for number in range(8):
            self.make(name=f"Roof {number}")
        found = self.ask()
        self.assertEqual((len(found["records"]), found["more"], found["hidden"]), (5, 3, 0))

    def test_a_lead_that_is_edited_and_the_partner_that_was_chosen_are_nobody_else(self):
        partner = self.env["res.partner"].create({"name": "Dana Whitfield", "email": GMAIL["email"]})
        lead = self.make(partner_id=partner.id)
        self.assertEqual(self.ask(lead=lead)["records"], [])
        lead.partner_id = False
        self.env["pipeline.moments.mixin"]._flush_moments()
        self.assertEqual([one["res_id"] for one in self.ask(partner_id=partner.id)["records"]], [lead.id])

    def test_other_deals_of_a_chosen_partner_are_no_duplicates(self):
        partner = self.env["res.partner"].create({"name": "Dana Whitfield", "email": GMAIL["email"]})
        self.make(type="opportunity", partner_id=partner.id)
        self.assertEqual(self.ask(type="opportunity", partner_id=partner.id)["records"], [])

    def test_a_lead_that_the_user_may_not_read_cannot_be_named(self):
        lead = self.make(self.other_rep)
        with self.assertRaises(AccessError):
            self.ask(lead=lead)

    def test_who_has_no_rights_on_leads_asks_nothing(self):
        clerk = new_test_user(self.env, "similar_clerk", "base.group_user")
        self.make()
        with self.assertRaises(AccessError):
            self.ask(clerk)

    def test_a_company_or_partner_that_the_user_has_not_says_nothing(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.make(company_id=other.id, user_id=False)
        secret = self.env["res.partner"].create(
            {"name": "Secret Partner", "company_id": other.id, "email": "secret@x.example"}
        )
        found = self.ask(company_id=other.id, partner_id=secret.id, contact_name="", email_from="")
        self.assertEqual(found, {"records": [], "more": 0, "hidden": 0})

    def test_what_is_no_form_is_read_as_nothing(self):
        model = self.leads.with_user(self.rep)
        empty = {"records": [], "more": 0, "hidden": 0}
        for values in (
            None, [], {}, {"email_from": {"a": 1}}, {"partner_id": "x"}, {"lead_properties": "x"},
            {"lead_properties": [{"name": "a", "value": {}}]}, {"phone": "9" * 100000},
        ):  # fmt: skip
            self.assertEqual(model.find_duplicates_of_form(values), empty, values)

    def test_a_declared_identifier_counts_while_it_is_typed(self):
        team = self.env["crm.team"].create({"name": "Clinics", "lead_properties_definition": [
            {"name": "cc33", "string": "Card", "type": "char"},
        ]})  # fmt: skip
        self.env["pipeline.identifier"].create({"name": "Card"})
        lead = self.make(team_id=team.id, email_from=False, lead_properties={"cc33": "AB-123 456"})
        found = self.ask(email_from="", lead_properties=[{"name": "cc33", "value": "AB 123456"}])
        self.assertEqual([record["res_id"] for record in found["records"]], [lead.id])
        self.assertIn("Same Card", found["records"][0]["reasons"])


class TestSimilarRecords(SimilarCase):
    def test_the_button_counts_more_than_twenty(self):
        leads = self.leads.concat(*(self.make(name=f"Roof {number}") for number in range(23)))
        self.assertEqual(leads[0].with_user(self.rep).similar_count, 22)

    def test_the_dialog_shows_what_the_user_may_see(self):
        lead, mine, theirs = self.make(), self.make(), self.make(self.other_rep)
        found = lead.with_user(self.rep).get_similar()
        self.assertEqual([record["res_id"] for record in found["records"]], [mine.id])
        self.assertEqual(found["hidden"], 1)
        with self.assertRaises(AccessError):
            theirs.with_user(self.rep).get_similar()

    def test_two_that_are_not_the_same_are_no_more_shown_to_each_other(self):
        lead, twin, third = self.make(), self.make(), self.make()
        lead.with_user(self.rep).mark_not_same("crm.lead", twin.id)
        self.assertEqual([one["res_id"] for one in lead.get_similar()["records"]], [third.id])
        self.assertEqual([one["res_id"] for one in twin.get_similar()["records"]], [third.id])
        self.assertEqual(self.pairs.search([("lead_id", "=", twin.id)]).decided_uid, self.rep)
        self.assertEqual(lead.with_user(self.rep).similar_count, 1)

    def test_a_contact_is_told_apart_too(self):
        partner = self.env["res.partner"].create({"name": "Dana Whitfield", "email": GMAIL["email"]})
        lead = self.make()
        lead.with_user(self.rep).mark_not_same("res.partner", partner.id)
        self.assertEqual(lead.get_similar()["records"], [])

    def test_what_is_hidden_or_not_alike_cannot_be_told_apart(self):
        lead, theirs = self.make(), self.make(self.other_rep)
        stranger = self.make(contact_name="Zoe Zimmer", email_from="zoe@x.example")
        for other in (theirs, stranger, lead):
            with self.assertRaises(UserError):
                lead.with_user(self.rep).mark_not_same("crm.lead", other.id)
        self.assertFalse(self.pairs.search([("state", "=", "different")]))


class TestSettings(SimilarCase):
    def test_merging_by_itself_is_off_and_never_below_the_same(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.assertEqual(company.duplicate_merge_score, 0)
        company.duplicate_merge_score = 0.95
        company.flush_recordset()
        for wrong in (0.5, 1.5, -1):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
                company.duplicate_merge_score = wrong
                company.flush_recordset()
            company.invalidate_recordset()
        self.assertEqual(company.duplicate_merge_score, 0.95)

    def test_identifiers_are_the_administrators(self):
        with self.assertRaises(AccessError):
            self.env["pipeline.identifier"].with_user(self.rep).create({"name": "Card"})
        admin = new_test_user(self.env, "similar_admin", "sales_pipeline.group_admin")
        self.assertTrue(self.env["pipeline.identifier"].with_user(admin).create({"name": "Card"}))
