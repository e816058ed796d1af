"""Two companies in one database: a client works in one of them, whatever its user may do elsewhere."""

from odoo import Command

from tests.sales_pipeline.controllers.api.base import ApiCase
from tests.sales_pipeline.controllers.api.world import read_state


class TestCompanies(ApiCase):
    def setUp(self):
        super().setUp()
        dollars = self.env["res.currency"].with_context(active_test=False).search([("name", "=", "JPY")])
        dollars.active = True
        self.here = self.env.company
        self.there = self.env["res.company"].create({"name": "Elsewhere Ltd", "currency_id": dollars.id})
        self.both = self.client("admin", login="api_both").user
        self.both.write({"company_ids": [Command.set([self.here.id, self.there.id])]})
        self.foreigner = self.client("rep", login="api_foreigner").user
        self.foreigner.write({"company_ids": [Command.set(self.there.ids)], "company_id": self.there.id})
        self.local = self.client("rep", login="api_local").user
        self.api("GET", "/me")
        self.scopes = sorted(self.env["pipeline.api.scope"].search([]).mapped("code"))
        self.in_here, self.in_there = (self.make_client(company) for company in (self.here, self.there))
        self.records = {company: self.make_records(company) for company in (self.here, self.there)}

    def make_client(self, company):
        program = self.env["pipeline.api.client"].create({
            "name": company.name, "user_id": self.both.id, "company_id": company.id, "scopes": " ".join(self.scopes),
        })  # fmt: skip
        return type(self.client())(self.both, program._issue_token()[1])

    def make_records(self, company):
        env = self.env(context={"allowed_company_ids": company.ids})
        partner = env["res.partner"].create({"name": f"Buyer of {company.name}"})
        values = {"company_id": company.id, "user_id": self.both.id, "team_id": False}
        lead = env["crm.lead"].create({"name": "Lead", "type": "lead", "lead_status": "new", **values})
        deal = env["crm.lead"].create({
            "name": "Deal", "type": "opportunity", "partner_id": partner.id, "expected_revenue": 100, **values,
        })  # fmt: skip
        quote = env["sale.order"].create({
            "partner_id": partner.id, "opportunity_id": deal.id, "company_id": company.id, "user_id": self.both.id,
        })  # fmt: skip
        customer = env["pipeline.customer"].create({
            "partner_id": partner.id, "contact_id": partner.id, "company_id": company.id,
        })  # fmt: skip
        done = env["mail.activity"]._log_done(lead, "call", {"summary": "Done"})
        return {
            "leads": lead.uuid, "opportunities": deal.uuid, "quotes": quote.uuid, "customers": customer.uuid,
            "activities": done,
        }  # fmt: skip

    def test_a_client_sees_the_records_of_its_company_only(self):
        for mine, theirs, as_ in ((self.here, self.there, self.in_here), (self.there, self.here, self.in_there)):
            for kind, uuid in self.records[mine].items():
                other = self.records[theirs][kind]
                listed = [one["id"] for one in self.api("GET", f"/{kind}", as_=as_, limit=100).body["data"]]
                with self.subTest(kind=kind, company=mine.name):
                    self.assertIn(uuid, listed)
                    self.assertNotIn(other, listed)
                    self.assertEqual(self.api("GET", f"/{kind}/{uuid}", as_=as_).status, 200)
                    self.assertEqual(self.api("GET", f"/{kind}/{other}", as_=as_).status, 404)

    def test_records_of_the_other_company_are_not_changed(self):
        theirs = self.records[self.there]
        self.env.flush_all()
        before = read_state(self.env)
        asked = (
            ("PATCH", f"/leads/{theirs['leads']}", {"job_title": "x"}, 404),
            ("DELETE", f"/leads/{theirs['leads']}", None, 404),
            ("POST", f"/leads/{theirs['leads']}/convert", {}, 404),
            ("POST", f"/opportunities/{theirs['opportunities']}/close", {"outcome": "won"}, 404),
            ("PATCH", f"/customers/{theirs['customers']}", {"lifecycle_stage": "active"}, 404),
            ("POST", f"/quotes/{theirs['quotes']}/accept", {}, 404),
            ("PATCH", f"/activities/{theirs['activities']}", {"summary": "x"}, 404),
            ("POST", "/quotes", {"opportunity_id": theirs["opportunities"]}, 422),
            ("POST", "/customers", {"opportunity_id": theirs["opportunities"]}, 422),
            ("POST", "/activities",
             {"entity_type": "lead", "entity_id": theirs["leads"], "activity_type": "call"}, 422),
        )  # fmt: skip
        for method, path, body, status in asked:
            with self.subTest(method=method, path=path):
                self.assertEqual(self.api(method, path, json=body, as_=self.in_here).status, status)
        self.assertEqual(read_state(self.env), before)

    def test_nobody_of_the_other_company_is_given_anything(self):
        mine, uuid = self.records[self.here], self.foreigner.uuid
        self.env.flush_all()
        before = read_state(self.env)
        asked = (
            ("POST", "/leads", {"name": "x", "owner_id": uuid}, "/owner_id"),
            ("PATCH", f"/leads/{mine['leads']}", {"owner_id": uuid}, "/owner_id"),
            ("POST", f"/leads/{mine['leads']}/convert", {"assigned_to": uuid}, "/assigned_to"),
            ("POST", "/opportunities", {"deal_name": "x", "assigned_to": uuid}, "/assigned_to"),
            ("PATCH", f"/opportunities/{mine['opportunities']}", {"assigned_to": uuid}, "/assigned_to"),
            ("PATCH", f"/customers/{mine['customers']}", {"assigned_csm": uuid}, "/assigned_csm"),
            ("POST", "/activities", {"entity_type": "lead", "entity_id": mine["leads"], "activity_type": "call",
                                     "assigned_to": uuid}, "/assigned_to"),
        )  # fmt: skip
        for method, path, body, pointer in asked:
            answer = self.api(method, path, json=body, as_=self.in_here)
            with self.subTest(method=method, path=path):
                self.assertEqual((answer.status, answer.body["errors"][0]["pointer"]), (422, pointer))
        self.assertEqual(read_state(self.env), before)
        self.assertNotIn(uuid, str(self.api("GET", "/users", as_=self.in_here, limit=100).body))

    def test_amounts_are_in_the_currency_of_the_company(self):
        sent = {"deal_name": "In yen", "value_estimate": "1250"}
        made = self.api("POST", "/opportunities", json=sent, as_=self.in_there)
        wrong = self.api("POST", "/opportunities", json={**sent, "currency": "XAF"}, as_=self.in_there)
        here = self.api("POST", "/opportunities", json=sent, as_=self.in_here)

        self.assertEqual((made.body["value_estimate"], made.body["currency"]), ("1250", "JPY"))
        self.assertEqual((wrong.status, wrong.body["errors"][0]["pointer"]), (422, "/currency"))
        self.assertEqual((here.body["value_estimate"], here.body["currency"]), ("1250.00", self.here.currency_id.name))
        deal = self.env["crm.lead"].search([("uuid", "=", made.body["id"])])
        self.assertEqual(deal.company_id, self.there)

    def test_a_client_ends_with_the_work_of_its_user_in_the_company(self):
        self.assertEqual(self.api("GET", "/me", as_=self.in_there).body["company"]["name"], "Elsewhere Ltd")

        self.both.company_ids = self.here

        self.assertEqual(self.api("GET", "/me", as_=self.in_there).status, 401)
        self.assertEqual(self.api("GET", "/me", as_=self.in_here).status, 200)

    def test_no_header_parameter_or_cookie_chooses_another_company(self):
        self.opener.cookies.set("cids", str(self.there.id))
        for headers, parameters, status in (
            ({"X-Odoo-Company": str(self.there.id)}, {}, 200),
            ({}, {"cids": str(self.there.id)}, 400), ({}, {"allowed_company_ids": str(self.there.id)}, 400),
        ):
            with self.subTest(headers=headers, parameters=parameters):
                answer = self.api("GET", "/leads", headers=headers, as_=self.in_here, **parameters)
                self.assertEqual(answer.status, status)
                self.assertNotIn(self.records[self.there]["leads"], str(answer.body))
