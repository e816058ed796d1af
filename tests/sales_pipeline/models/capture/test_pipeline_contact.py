"""Keys follow their records, and duplicates are found by them."""

from odoo.tests import new_test_user

from odoo.addons.sales_pipeline.tools.similarity import ASK, SAME
from tests.common import PipelineCase


class ContactCase(PipelineCase):
    """One company with leads and partners."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.country_id = cls.env.ref("base.us")
        cls.contacts = cls.env["pipeline.contact"]

    def make_lead(self, **values):
        leads = self.env["crm.lead"].with_context(tracking_disable=True)
        lead = leads.create({"name": "Enquiry", "type": "lead", **values})
        self.flush_moments()
        return lead

    def make_partner(self, **values):
        partner = self.env["res.partner"].create(values)
        self.flush_moments()
        return partner

    def flush_moments(self):
        self.env["pipeline.moments.mixin"]._flush_moments()

    def find(self, **values):
        return self.contacts._find_duplicates_of([values], self.company)[0]

    def found_records(self, **values):
        return {(one.res_model, one.res_id) for one in self.find(**values)}

    def count_keys(self, record):
        self.env.cr.execute(
            "SELECT count(*) FROM pipeline_contact_key k JOIN pipeline_contact c ON c.id = k.contact_id "
            "WHERE c.res_model = %s AND c.res_id = %s",
            (record._name, record.id),
        )
        return self.env.cr.fetchone()[0]


class TestKeysAreKeptRight(ContactCase):
    """Whatever happens to a record, its keys say the truth."""

    def test_a_new_lead_is_found_by_its_mailbox(self):
        lead = self.make_lead(email_from="Dana.Whitfield+news@gmail.com")
        self.assertEqual(self.found_records(email="danawhitfield@gmail.com"), {("crm.lead", lead.id)})

    def test_a_lead_is_found_by_what_it_is_changed_to_and_no_more_by_what_it_was(self):
        lead = self.make_lead(email_from="dana.whitfield@gmail.com")
        lead.email_from = "quite.another@gmail.com"
        self.flush_moments()
        self.assertFalse(self.find(email="dana.whitfield@gmail.com"))
        self.assertEqual(self.found_records(email="quite.another@gmail.com"), {("crm.lead", lead.id)})

    def test_a_batch_of_new_leads_costs_two_statements(self):
        leads = self.env["crm.lead"].with_context(tracking_disable=True).create([
            {"name": "Enquiry", "type": "lead", "email_from": f"dana{number}@gmail.com"} for number in range(20)
        ])  # fmt: skip
        self.flush_moments()
        self.contacts._forget(leads)
        with self.assertQueryCount(2):
            self.contacts._refresh(leads)
        self.assertTrue(all(map(self.count_keys, leads)))

    def test_a_change_that_is_no_contacts_writes_no_keys(self):
        lead = self.make_lead(email_from="dana.whitfield@gmail.com")
        place = "SELECT ctid FROM pipeline_contact WHERE res_model = 'crm.lead' AND res_id = %s"
        self.env.cr.execute(place, (lead.id,))
        before = self.env.cr.fetchone()
        lead.priority = "2"
        self.contacts._refresh(lead)
        self.env.cr.execute(place, (lead.id,))
        self.assertEqual(self.env.cr.fetchone(), before)

    def test_a_deleted_lead_is_not_found_until_it_is_restored(self):
        lead = self.make_lead(email_from="dana.whitfield@gmail.com")
        lead.unlink()
        self.flush_moments()
        self.assertFalse(self.find(email="dana.whitfield@gmail.com"))
        self.assertEqual(self.count_keys(lead), 0)
        lead.action_restore_deleted()
        self.flush_moments()
        self.assertEqual(self.found_records(email="dana.whitfield@gmail.com"), {("crm.lead", lead.id)})

    def test_leads_merged_away_are_found_as_the_one_that_is_left(self):
        kept = self.make_lead(email_from="dana.whitfield@gmail.com", name="First")
        gone = self.make_lead(email_from="other.mailbox@gmail.com", name="Second")
        merged = (kept | gone)._merge_opportunity()
        self.flush_moments()
        for address in ("dana.whitfield@gmail.com", "other.mailbox@gmail.com"):
            self.assertEqual(self.found_records(email=address), {("crm.lead", merged.id)})

    def test_a_lost_or_archived_lead_is_still_known(self):
        lead = self.make_lead(email_from="dana.whitfield@gmail.com")
        lead.action_set_lost()
        lead.action_archive()
        self.flush_moments()
        self.assertEqual(self.found_records(email="dana.whitfield@gmail.com"), {("crm.lead", lead.id)})

    def test_a_partner_is_found_until_it_is_archived(self):
        partner = self.make_partner(name="Dana Whitfield", email="dana.whitfield@gmail.com")
        self.assertEqual(self.found_records(email="dana.whitfield@gmail.com"), {("res.partner", partner.id)})
        partner.action_archive()
        self.flush_moments()
        self.assertEqual(self.count_keys(partner), 0)
        partner.action_unarchive()
        self.flush_moments()
        self.assertGreater(self.count_keys(partner), 0)

    def test_a_deleted_partner_leaves_no_keys(self):
        partner = self.make_partner(name="Dana Whitfield", email="dana.whitfield@gmail.com")
        partner.unlink()
        self.assertFalse(self.find(email="dana.whitfield@gmail.com"))

    def test_partners_merged_into_one_are_found_as_the_one(self):
        kept = self.make_partner(name="Dana Whitfield", email="dana.whitfield@gmail.com")
        gone = self.make_partner(name="Dana Whitfield", email="dana.whitfield@gmail.com", phone="+1 212-555-7788")
        self.env["base.partner.merge.automatic.wizard"]._merge((kept | gone).ids, kept)
        self.flush_moments()
        self.assertEqual(self.count_keys(gone), 0)
        self.assertEqual(self.found_records(phone="(212) 555 7788"), {("res.partner", kept.id)})

    def test_people_of_a_company_follow_its_new_name(self):
        firm = self.make_partner(name="Acme Tools Ltd", is_company=True)
        person = self.make_partner(name="Dana Whitfield", parent_id=firm.id)
        firm.name = "Borealis Optics GmbH"
        self.flush_moments()
        self.assertIn(("res.partner", person.id), self.found_records(name="Dana Whitfeild", company="Borealis Optics"))
        self.assertFalse(self.find(name="Dana Whitfeild", company="Acme Tools"))

    def test_a_delivery_address_is_no_contact(self):
        firm = self.make_partner(name="Acme Tools Ltd", is_company=True)
        place = self.make_partner(name="Gate 4", parent_id=firm.id, type="delivery", email="gate4@acme.example")
        self.assertEqual(self.count_keys(place), 0)

    def test_records_that_were_there_before_are_filled_in_batches(self):
        leads = self.make_lead(email_from="one@gmail.com") | self.make_lead(email_from="two@gmail.com")
        self.contacts._forget(leads)
        work = self.env["pipeline.contact.fill"].search([("res_model", "=", "crm.lead")])
        self.env["pipeline.contact.fill"]._start("crm.lead")
        work = work or self.env["pipeline.contact.fill"].search([("res_model", "=", "crm.lead")])
        self.assertEqual(work._fill_batch(size=1), 1)
        self.assertEqual([bool(self.count_keys(lead)) for lead in leads], [False, True])
        while work._fill_batch(size=50):
            pass
        self.assertTrue(all(map(self.count_keys, leads)))
        self.assertEqual(work.next_id, 0)


class TestDuplicatesAreFound(ContactCase):
    """Leads against leads, deals, partners and customers."""

    def test_leads_deals_and_partners_are_found_with_reasons_in_words(self):
        lead = self.make_lead(contact_name="Dana Whitfield", partner_name="Acme Ltd", phone="+1 212-555-7788")
        deal = self.make_lead(contact_name="Dana Whitfield", email_from="dwhitfield7@gmail.com", phone="+12125557788",
                              type="opportunity")
        partner = self.make_partner(name="Dana Whitfield", phone="+1 (212) 555-7788")
        found = self.find(name="Dana Whitfeild", phone="212 555 7788", company="ACME")
        records = {(one.res_model, one.res_id) for one in found}
        self.assertEqual(records, {("crm.lead", lead.id), ("crm.lead", deal.id), ("res.partner", partner.id)})
        self.assertEqual({one.kind for one in found}, {SAME})
        words = self.contacts._describe_reasons(found[0].reasons)
        self.assertIn("Same phone number: +12125557788", words)
        self.assertIn("Name that differs by a typing error", words)

    def test_every_code_has_its_words(self):
        codes = {reason.code for one in self._find_all_kinds() for reason in one.reasons}
        self.assertLessEqual(codes - {"place_state", "place_state_differs"}, self.contacts._get_reason_words().keys())

    def _find_all_kinds(self):
        self.make_lead(contact_name="Dana Whitfield", partner_name="Acme Ltd", email_from="dana.w77@gmail.com",
                       street="4 Elm Road", zip="90210", city="Marlow", phone="+1 212-555-7788")
        home = {"street": "4 Elm Rd", "zip": "90211", "city": "Marlwo"}
        return [
            *self.find(name="Whitfield Dana", email="dana.w77@gmial.com", **home),
            *self.find(name="Dana Whitfield", phone="+1 212-555-7789", email="x@y.example", company="Acmee"),
        ]

    def test_more_than_twenty_with_one_address_are_all_found(self):
        for number in range(25):
            self.make_lead(email_from="dana.whitfield@gmail.com", name=f"Enquiry {number}")
        self.assertEqual(len(self.find(email="Dana.Whitfield@gmail.com")), 25)

    def test_a_lead_is_no_duplicate_of_itself_nor_of_its_partner(self):
        partner = self.make_partner(name="Dana Whitfield", email="dana.whitfield@gmail.com")
        lead = self.make_lead(partner_id=partner.id)
        twin = self.make_lead(contact_name="Dana Whitfield", email_from="dana.whitfield@gmail.com")
        found = (lead | twin)._find_duplicates()
        self.assertEqual([(one.res_model, one.res_id) for one in found[lead.id]], [("crm.lead", twin.id)])
        self.assertEqual({(one.res_model, one.res_id) for one in found[twin.id]},
                         {("crm.lead", lead.id), ("res.partner", partner.id)})

    def test_a_deal_just_written_is_found_in_the_same_transaction(self):
        first = self.env["crm.lead"].create({"name": "A", "type": "lead", "email_from": "dana.whitfield@gmail.com"})
        second = self.env["crm.lead"].create({"name": "B", "type": "lead", "email_from": "dana.whitfield@gmail.com"})
        self.assertEqual([one.res_id for one in second._find_duplicates()[second.id]], [first.id])

    def test_a_customer_is_named_by_its_record(self):
        partner = self.make_partner(name="Dana Whitfield", email="dana.whitfield@gmail.com")
        deal = self.make_lead(partner_id=partner.id, type="opportunity")
        deal.action_set_won()
        self.flush_moments()
        found = self.find(email="dana.whitfield@gmail.com")
        customers = {one.customer_id for one in found if one.res_model == "res.partner"}
        self.assertEqual(customers, {deal.pipeline_customer_id.id})

    def test_a_phone_that_no_plan_knows_is_found_by_its_digits(self):
        lead = self.make_lead(contact_name="Dana Whitfield", phone="999 111 222 333 444")
        self.assertEqual(self.found_records(name="D. Whitfield", phone="999-111-222-333-444"), {("crm.lead", lead.id)})

    def test_a_whatsapp_number_is_a_phone_number(self):
        lead = self.make_lead(contact_name="Dana Whitfield", whatsapp="+1 212-555-7788")
        self.assertEqual(self.found_records(name="Dana Whitfield", phone="(212) 555-7788"), {("crm.lead", lead.id)})

    def test_a_national_number_is_read_by_the_country_of_the_partner(self):
        partner = self.make_partner(name="Dana Whitfield", country_id=self.env.ref("base.uk").id)
        lead = self.make_lead(partner_id=partner.id, phone="020 7946 0958")
        contact = self.contacts._read_contacts("crm.lead", lead.ids)[lead.id][1]
        self.assertEqual(contact.phones, ("+442079460958",))

    def test_identifiers_in_properties_count_once_they_are_declared(self):
        team = self.env["crm.team"].create({"name": "Clinics", "lead_properties_definition": [
            {"name": "aa11", "string": "Birth date", "type": "date"},
            {"name": "bb22", "string": "Card", "type": "char"},
        ]})  # fmt: skip
        values = {"aa11": "1985-06-14", "bb22": "AB-123 456"}
        lead = self.make_lead(contact_name="Dana Whitfield", team_id=team.id, lead_properties=values)
        twin = self.make_lead(contact_name="Whitfeild Dana", team_id=team.id, lead_properties=values)
        self.assertFalse(twin._find_duplicates()[twin.id])
        self.env["pipeline.identifier"].create([
            {"name": "birth date", "kind": "birth_date"}, {"name": "Card", "kind": "number"},
        ])  # fmt: skip
        work = self.env["pipeline.contact.fill"].search([("res_model", "=", "crm.lead")])
        work._fill_batch(size=10)
        found = twin._find_duplicates()[twin.id]
        self.assertEqual([(one.res_id, one.kind) for one in found], [(lead.id, SAME)])
        self.assertIn("Same Card", self.contacts._describe_reasons(found[0].reasons))
        twin.lead_properties = {"aa11": "1985-06-14", "bb22": "ZZ-999 999"}
        self.flush_moments()
        reasons = twin._find_duplicates()[twin.id][0].reasons
        self.assertIn("Another Card", self.contacts._describe_reasons(reasons))

    def test_each_company_may_declare_an_identifier_under_the_same_label(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        team = self.env["crm.team"].create({"name": "Clinics", "lead_properties_definition": [
            {"name": "bb22", "string": "Card", "type": "char"},
        ]})  # fmt: skip
        self.env["pipeline.identifier"].create([
            {"name": "Card", "company_id": company.id} for company in (self.company, other)
        ])  # fmt: skip
        values = {"name": "Enquiry", "team_id": team.id, "lead_properties": {"bb22": "AB-123 456"}}
        leads = self.make_lead(**values, company_id=self.company.id) | self.make_lead(**values, company_id=other.id)
        read = self.contacts._read_contacts("crm.lead", leads.ids)
        self.assertEqual([contact.identifiers for _company, contact in read.values()], [(("Card", "AB123456"),)] * 2)

    def test_thresholds_are_the_companys(self):
        self.make_lead(contact_name="Dana Whitfield", partner_name="Acme Ltd")
        typed = {"name": "Dana Whitfield", "company": "ACME"}
        self.assertEqual([one.kind for one in self.find(**typed)], [ASK])
        self.company.duplicate_same_score = 0.8
        self.assertEqual([one.kind for one in self.find(**typed)], [SAME])
        self.company.write({"duplicate_same_score": 0.99, "duplicate_ask_score": 0.95})
        self.assertFalse(self.find(**typed))

    def test_a_shared_company_domain_alone_finds_nobody(self):
        self.make_lead(contact_name="Ann Archer", email_from="ann.archer@acme.example", partner_name="Acme")
        self.assertFalse(self.find(name="Zoe Zimmer", email="zoe.zimmer@acme.example", company="Acme"))

    def test_other_companies_contacts_are_not_found(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        team = self.env["crm.team"].create({"name": "Elsewhere", "company_id": other.id})
        self.make_lead(email_from="dana.whitfield@gmail.com", company_id=other.id, team_id=team.id, user_id=False)
        self.assertFalse(self.find(email="dana.whitfield@gmail.com"))
        found = self.contacts._find_duplicates_of([{"email": "dana.whitfield@gmail.com"}], other)
        self.assertEqual(len(found[0]), 1)

    def test_a_rep_learns_of_others_leads_only_that_they_are_there(self):
        rep = new_test_user(self.env, "dup_rep", "sales_pipeline.group_rep", email="dup_rep@example.com")
        mine = self.make_lead(email_from="dana.whitfield@gmail.com", user_id=rep.id)
        self.make_lead(email_from="dana.whitfield@gmail.com", user_id=self.env.ref("base.user_admin").id)
        found = self.find(email="dana.whitfield@gmail.com")
        visible = self.contacts.with_user(rep)._get_visible(found)
        self.assertEqual([one.res_id for one in visible.candidates], [mine.id])
        self.assertEqual((visible.hidden_same, visible.hidden_ask), (1, 0))

    def test_nobody_reads_the_normalised_contacts_directly(self):
        manager = new_test_user(self.env, "dup_manager", "sales_pipeline.group_manager", email="dup_m@example.com")
        for model_name in ("pipeline.contact", "pipeline.contact.fill"):
            self.assertFalse(self.env[model_name].with_user(manager).has_access("read"))
