from odoo.addons.sales_pipeline.models.capture.crm_lead import CrmLead
from tests.sales_pipeline.controllers.api.test_leads import LeadsCase as _LeadsCase


class TestLeadsBulk(_LeadsCase):
    def row(self, place, **more):
        return {"name": f"Row {place}", "contact_info": {"email": f"r{place}.{self.mark}@s{place}.example"}} | more

    def bulk(self, rows, as_=None, **parameters):
        return self.api("POST", "/leads/bulk", json={"leads": rows}, as_=as_, **parameters)

    def test_each_row_has_a_result_of_its_own(self):
        known = self.make()
        before = self.leads.search_count([])
        rows = [
            self.row(0, tags=["bulk"]),
            {"contact_info": {}},
            self.body(name="Known"),
            self.row(3, colour="red"),
            self.row(0, name="As the first"),
            self.row(5, contact_info={"phone": "1"}),
            self.row(6, status="contacted"),
        ]

        answer = self.bulk(rows)

        self.assertEqual(answer.status, 200, answer.body)
        results = answer.body["results"]
        self.assertEqual([one["index"] for one in results], list(range(7)))
        self.assertEqual(
            [one["status"] for one in results],
            ["created", "invalid", "duplicate", "invalid", "duplicate", "invalid", "created"],
        )
        self.assertEqual((answer.body["created"], answer.body["duplicate"], answer.body["invalid"]), (2, 2, 3))
        self.assertEqual(results[1]["problem"]["errors"][0]["pointer"], "/name")
        self.assertEqual(results[3]["problem"]["errors"][0]["pointer"], "/colour")
        self.assertEqual(results[5]["problem"]["errors"][0]["pointer"], "/contact_info/phone")
        self.assertEqual(results[2]["problem"]["candidates"][0]["id"], known["id"])
        self.assertEqual(results[4]["id"], results[0]["id"])
        self.assertEqual(self.leads.search_count([]), before + 2)
        first = self.api("GET", f"/leads/{results[0]['id']}").body
        self.assertEqual((first["name"], first["tags"]), ("Row 0", ["bulk"]))
        self.assertEqual(self.api("GET", f"/leads/{results[6]['id']}").body["status"], "contacted")

    def test_known_contacts_get_a_touch_where_that_is_asked_for(self):
        known = self.make()
        before = self.leads.search_count([])

        answer = self.bulk([self.body(), self.row(1), self.row(1)], on_duplicate="attach")

        results = answer.body["results"]
        self.assertEqual([one["status"] for one in results], ["attached", "created", "attached"])
        self.assertEqual((results[0]["id"], results[2]["id"]), (known["id"], results[1]["id"]))
        self.assertEqual(self.leads.search_count([]), before + 1)
        self.assertEqual(len(self.find(known).touch_ids), 2)
        self.assertEqual(len(self.find(results[1]).touch_ids), 2)

    def test_every_row_becomes_a_lead_where_that_is_asked_for(self):
        known = self.make()
        before = self.leads.search_count([])

        answer = self.bulk([self.body(), self.row(1), self.row(1)], on_duplicate="create")

        self.assertEqual(answer.body["created"], 3)
        self.assertEqual(self.leads.search_count([]), before + 3)
        pairs = self.env["pipeline.duplicate"]._get_pairs_of(self.find(answer.body["results"][0]))
        self.assertIn(self.find(known), pairs.lead_id + self.leads.browse(pairs.mapped("res_id")))

    def test_what_a_rep_must_not_see_is_counted_only(self):
        known = self.make(owner_id=self.client().user.uuid)

        for on_duplicate in ("reject", "attach"):
            answer = self.bulk([self.body()], as_=self.client("rep"), on_duplicate=on_duplicate)

            [result] = answer.body["results"]
            self.assertEqual((result["status"], result["id"], result["problem"]["hidden"]), ("duplicate", None, 1))
            self.assertNotIn(known["id"], str(answer.body))

    def test_a_row_for_somebody_else_leaves_the_others_alone(self):
        rep = self.client("rep")
        before = self.leads.search_count([])

        answer = self.bulk([self.row(0), self.row(1, owner_id=self.client().user.uuid), self.row(2)], as_=rep)

        results = answer.body["results"]
        self.assertEqual([one["status"] for one in results], ["created", "failed", "created"])
        self.assertEqual(results[1]["problem"]["code"], "forbidden")
        self.assertEqual(self.leads.search_count([]), before + 2)
        self.assertEqual(self.find(results[0]).user_id, rep.user)
        self.assertEqual(len(self.find(results[0]).touch_ids), 1)

    def test_a_row_that_breaks_a_law_of_odoo_leaves_the_others_alone(self):
        create = CrmLead._subscribe_followers

        def refuse(leads):
            if "Row 1" in leads.mapped("name"):
                raise self.error
            return create(leads)

        from odoo.exceptions import ValidationError

        self.error = ValidationError("Not this one")
        self.patch(type(self.leads), "_subscribe_followers", refuse)

        answer = self.bulk([self.row(0), self.row(1), self.row(2)])

        results = answer.body["results"]
        self.assertEqual([one["status"] for one in results], ["created", "failed", "created"])
        self.assertEqual(results[1]["problem"]["detail"], "Not this one")

    def test_nothing_and_too_much_are_refused(self):
        before = self.leads.search_count([])
        for rows in ([], [{"name": "x"}] * 1001, [7]):
            with self.subTest(count=len(rows)):
                answer = self.bulk(rows)

                self.assertEqual(answer.status, 422)
                self.assertTrue(answer.body["errors"][0]["pointer"].startswith("/leads"))
        self.assertEqual(self.leads.search_count([]), before)

    def test_who_may_make_no_leads_is_refused_as_a_whole(self):
        before = self.leads.search_count([])

        answer = self.bulk([self.row(0)], as_=self.client("other"))

        self.assertEqual((answer.status, answer.body["code"]), (403, "forbidden"))
        self.assertEqual(self.leads.search_count([]), before)

    def test_a_lead_is_not_found_below_the_address_of_many(self):
        answer = self.api("GET", "/leads/bulk")

        self.assertEqual((answer.status, answer.headers["Allow"]), (405, "POST"))
