"""What somebody may not see shows nowhere: not by a filter, a tag, a duplicate, an answer to a conflict."""

from tests.sales_pipeline.controllers.api.world import MARK, WorldCase


class TestHidden(WorldCase):
    """The rival asks about what belongs to the owner."""

    def setUp(self):
        super().setUp()
        self.rival = self.as_role("rival")

    def test_no_filter_sort_or_text_finds_what_is_hidden(self):
        ids = self.ids
        lists = {
            "/leads": ({"text": MARK}, {"text": "zephyrine@lead.example"}, {"text": "+493023125042"}, {"sort": "name"},
                       {"owner_id": ids["owner"]}, {"status": "contacted"}, {"expand": "response"}),
            "/opportunities": ({"text": MARK}, {"value_estimate": "4711"}, {"value_estimate_gt": "4000"},
                               {"assigned_to": ids["owner"]}, {"customer_id": ids["customer"]},
                               {"sort": "value_estimate", "expand": "documents"}),
            "/customers": ({"text": MARK}, {"assigned_csm": self.people["csm"].uuid}, {"sort": "customer_name"},
                           {"opportunity_id": ids["won"]}, {"expand": "purchase_history"}),
            "/quotes": ({"text": self.records["quote"].name}, {"opportunity_id": ids["deal"]},
                        {"total_amount_gt": "1"}, {"status": "draft"}),
            "/orders": ({"opportunity_id": ids["won"]}, {"sort": "updated_at"}),
            "/activities": ({"entity_id": ids["lead"]}, {"entity_type": "customer", "entity_id": ids["customer"]},
                            {"assigned_to": ids["owner"]}, {"created_by": ids["owner"]}, {"activity_type": "call"}),
        }  # fmt: skip
        for path, filters in lists.items():
            for parameters in filters:
                with self.subTest(path=path, parameters=parameters):
                    found = self.api("GET", path, as_=self.rival, include_count="true", **parameters)
                    shown = self.api("GET", path, as_=self.as_role("admin"), include_count="true", **parameters)

                    self.assertEqual((found.status, found.body["data"], found.body["count"]), (200, [], 0))
                    self.assertGreater(shown.body["count"], 0, "the same question finds nothing for anybody")

    def test_a_condition_tells_nothing_of_what_is_hidden(self):
        etag = self.api("GET", self.fill("/leads/{lead}"), as_=self.as_role("owner")).etag
        for headers in ({"If-None-Match": etag}, {"If-Match": etag}, {"If-Match": '"other"'}, {"If-None-Match": "*"}):
            for method, body in (("GET", None), ("PATCH", {"job_title": "x"}), ("DELETE", None)):
                with self.subTest(headers=headers, method=method):
                    answer = self.api(method, self.fill("/leads/{lead}"), json=body, headers=headers, as_=self.rival)

                    self.assertEqual((answer.status, answer.headers.get("ETag")), (404, None))

    def test_the_cursor_of_somebody_else_opens_nothing(self):
        owner = self.as_role("admin")
        cursor = self.api("GET", "/opportunities", as_=owner, limit=1).body["next_cursor"]

        self.assertEqual(len(self.api("GET", "/opportunities", as_=owner, limit=1, cursor=cursor).body["data"]), 1)
        found = self.api("GET", "/opportunities", as_=self.rival, limit=1, cursor=cursor)
        self.assertEqual((found.status, found.body["data"]), (200, []))

    def test_a_duplicate_that_is_hidden_is_a_number_only(self):
        sent = {"name": "Mine", "contact_info": {"email": "zephyrine@lead.example"}}
        before = self.read_state()
        for way in ("reject", "attach"):
            one = self.api("POST", "/leads", json=sent, as_=self.rival, on_duplicate=way)
            many = self.api("POST", "/leads/bulk", json={"leads": [sent]}, as_=self.rival, on_duplicate=way)
            [row] = many.body["results"]

            with self.subTest(way=way):
                self.assertEqual((one.status, one.body["candidates"], one.body["hidden"]), (409, [], 1))
                self.assertEqual((row["status"], row["id"], row["problem"]["candidates"]), ("duplicate", None, []))
                self.assertNotIn(MARK, str(one.body) + str(many.body))
                self.assertNotIn(self.ids["lead"], str(one.body) + str(many.body))
        self.assertEqual(self.read_state(), before)

    def test_a_customer_that_is_hidden_is_not_named_by_the_refusal_of_a_second_one(self):
        sent = {"customer_name": "Mine", "contact_info": {"email": "zephyrine@works.example"}}
        chief, csm = self.as_role("chief"), self.as_role("csm")
        before = self.read_state()
        hidden = self.api("POST", "/customers", json=sent, as_=chief)
        shown = self.api("POST", "/customers", json=sent, as_=csm)

        self.assertEqual((hidden.status, "customer_id" in hidden.body), (409, False))
        self.assertEqual((shown.status, shown.body["customer_id"]), (409, self.ids["customer"]))
        self.assertNotIn(MARK, str(hidden.body))
        self.assertEqual(self.read_state(), before)

    def test_rows_of_a_bulk_are_judged_each_for_itself(self):
        users = {"mine": self.people["rival"].uuid, "theirs": self.ids["owner"], "nobody": self.ids["lead"]}
        rows = [{"name": f"Row of {name}", "owner_id": uuid} for name, uuid in users.items()]
        answer = self.api("POST", "/leads/bulk", json={"leads": rows}, as_=self.rival)

        self.assertEqual([row["status"] for row in answer.body["results"]], ["created", "failed", "invalid"])
        self.assertEqual([row["id"] is None for row in answer.body["results"]], [False, True, True])
        made = self.env["crm.lead"].search([("name", "like", "Row of ")])
        self.assertEqual((made.name, made.user_id), ("Row of mine", self.people["rival"]))

    def test_a_shared_customer_tells_each_rep_of_the_own_deals_only(self):
        customer = self.records["customer"]
        values = {"type": "opportunity", "user_id": self.people["rival"].id, "partner_id": customer.partner_id.id}
        mine = self.env["crm.lead"].create({"name": "Mine", **values})
        mine.action_set_won()
        self.env["pipeline.moments.mixin"]._flush_moments()
        self.assertEqual(mine.pipeline_customer_id, customer)

        shown = self.api("GET", self.fill("/customers/{customer}"), as_=self.rival, expand="documents")
        told = self.api("GET", self.fill("/customers/{customer}/activities"), as_=self.rival)

        self.assertEqual((shown.status, shown.body["purchase_history"]), (200, []))
        self.assertEqual(told.status, 200)
        self.assertNotIn(self.ids["done_on_won"], [one["id"] for one in told.body["data"]])
        owner = self.api("GET", self.fill("/customers/{customer}/activities"), as_=self.as_role("owner"))
        self.assertIn(self.ids["done_on_won"], [one["id"] for one in owner.body["data"]])

    def test_addresses_of_colleagues_and_links_of_quotes_are_for_few(self):
        told = self.api("GET", "/users", as_=self.rival, limit=100).body["data"]
        self.assertEqual({user["email"] for user in told}, {None, "rival@w.example"})

        self.records["quote"]._portal_ensure_token()
        links = {role: self.api("GET", self.fill("/quotes/{quote}"), as_=self.as_role(role)).body["portal_url"]
                 for role in ("owner", "csm")}  # fmt: skip
        reading = self.as_role("owner", ["quotes:read"])
        links["reading"] = self.api("GET", self.fill("/quotes/{quote}"), as_=reading).body["portal_url"]
        self.assertEqual([bool(links[who]) for who in ("owner", "csm", "reading")], [True, False, False])

    def test_what_is_merged_away_is_as_hidden_as_what_it_went_into(self):
        twin = self.env["crm.lead"].create({
            "name": f"{MARK} twin", "type": "lead", "lead_status": "new", "user_id": self.people["owner"].id,
            "team_id": self.team.id,
        })  # fmt: skip
        uuid = twin.uuid
        (self.records["lead"] | twin).merge_opportunity()

        for path in (f"/leads/{uuid}", f"/lead/{uuid}/activities", self.fill("/leads/{lead}")):
            with self.subTest(path=path):
                answer = self.api("GET", path, as_=self.rival)
                self.assertEqual(answer.status, 404)
                self.assertNotIn(MARK, str(answer.body))
