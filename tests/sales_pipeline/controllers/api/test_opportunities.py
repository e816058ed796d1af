from uuid import uuid4

from tests.sales_pipeline.controllers.api.base import ApiCase

UNKNOWN = "6f1f6a0e-0000-4000-8000-000000000000"


class OpportunityCase(ApiCase):
    def create(self, as_=None, **values):
        """Create a deal and return it as it was answered."""
        answer = self.api("POST", "/opportunities", {"deal_name": "Machine tools", **values}, as_=as_)
        self.assertEqual(answer.status, 201, answer.body)
        return answer.body

    def get_deal(self, uuid):
        return self.env["crm.lead"].with_context(active_test=False).search([("uuid", "=", uuid)])

    def assert_refused(self, answer, code, pointer=None, status=422):
        self.assertEqual((answer.status, answer.body["code"]), (status, code), answer.body)
        if pointer:
            self.assertEqual([error["pointer"] for error in answer.body["errors"]], [pointer])


class TestOpportunities(OpportunityCase):
    # ---- create and read

    def test_a_deal_is_made_and_read_back(self):
        manager = self.client()
        sent = {
            "deal_name": " Machine tools ", "expected_close_date": "2027-03-01", "deal_stage": "negotiation",
            "value_estimate": "1250.50", "probability": 40, "tags": ["Fair", "Berlin"], "notes": "Two halls\nOne roof",
            "contact_info": {"email": "ann@acme.example", "phone": "+49 30 23125042", "whatsapp": "+491701234567"},
        }

        answer = self.api("POST", "/opportunities", sent)
        read = self.api("GET", f"/opportunities/{answer.body['id']}")

        self.assertEqual(answer.status, 201)
        self.assertEqual(answer.headers["Location"], f"/api/opportunities/{answer.body['id']}")
        self.assertEqual(answer.headers["ETag"], read.etag)
        self.assertEqual(read.body, answer.body)
        shown = {name: read.body[name] for name in sent}
        self.assertEqual(shown, sent | {"deal_name": "Machine tools", "tags": ["Berlin", "Fair"]})
        self.assertEqual(read.body["currency"], self.env.company.currency_id.name)
        self.assertEqual(read.body["assigned_to"], manager.user.uuid)
        self.assertEqual(read.body["life_stage"], "negotiation")
        self.assertIsNone(read.body["lead_id"])
        self.assertEqual(self.get_deal(read.body["id"]).type, "opportunity")

    def test_values_that_cannot_be_used_are_told_by_pointer(self):
        cases = {
            "/deal_name": {"deal_name": ""},
            "/deal_stage": {"deal_name": "x", "deal_stage": "signed"},
            "/value_estimate": {"deal_name": "x", "value_estimate": 12.5},
            "/expected_close_date": {"deal_name": "x", "expected_close_date": "1 March"},
            "/assigned_to": {"deal_name": "x", "assigned_to": UNKNOWN},
            "/probability": {"deal_name": "x", "probability": 101},
            "/contact_info/email": {"deal_name": "x", "contact_info": {"email": "nobody"}},
            "/contact_info/phone": {"deal_name": "x", "contact_info": {"phone": "call me"}},
            "/contact_info/fax": {"deal_name": "x", "contact_info": {"fax": "1"}},
            "/colour": {"deal_name": "x", "colour": "red"},
            "/properties/colour": {"deal_name": "x", "properties": {"colour": "red"}},
            "/currency": {"deal_name": "x", "currency": "XXX"},
        }
        before = self.env["crm.lead"].search_count([])
        for pointer, sent in cases.items():
            with self.subTest(pointer=pointer):
                self.assert_refused(self.api("POST", "/opportunities", sent), "validation-failed", pointer)

        self.assert_refused(self.api("POST", "/opportunities", {}), "validation-failed", "/deal_name")
        self.assertEqual(self.env["crm.lead"].search_count([]), before)

    def test_a_deal_that_was_a_lead_names_it(self):
        lead = self.env["crm.lead"].create({"name": "Inquiry", "type": "lead", "user_id": self.client().user.id})
        lead._convert()

        answer = self.api("GET", f"/opportunities/{lead.uuid}")

        self.assertEqual(answer.body["lead_id"], lead.uuid)

    def test_a_lead_is_no_deal(self):
        lead = self.env["crm.lead"].create({"name": "Inquiry", "type": "lead", "user_id": self.client().user.id})

        self.assertEqual(self.api("GET", f"/opportunities/{lead.uuid}").status, 404)

    def test_files_are_shown_when_asked_for(self):
        deal = self.create()
        self.env["ir.attachment"].create({
            "name": "plan.txt", "raw": b"plan", "res_model": "crm.lead", "res_id": self.get_deal(deal["id"]).id,
        })  # fmt: skip

        plain = self.api("GET", f"/opportunities/{deal['id']}")
        expanded = self.api("GET", f"/opportunities/{deal['id']}", expand="documents")
        unknown = self.api("GET", f"/opportunities/{deal['id']}", expand="secrets")

        self.assertNotIn("documents", plain.body)
        self.assertEqual([(file["name"], file["size"]) for file in expanded.body["documents"]], [("plan.txt", 4)])
        self.assertNotEqual(expanded.etag, plain.etag)
        self.assertEqual((unknown.status, unknown.body["errors"][0]["parameter"]), (400, "expand"))

    # ---- replace and patch

    def test_sending_back_what_was_read_changes_nothing(self):
        deal = self.create(
            value_estimate="12.30", tags=["A"], notes="One\nTwo", contact_info={"email": "a@b.example"}, probability=30
        )
        first = self.api("GET", f"/opportunities/{deal['id']}")
        written = self.get_deal(deal["id"]).write_date

        answer = self.api("PUT", f"/opportunities/{deal['id']}", first.body)

        self.assertEqual((answer.status, answer.body, answer.etag), (200, first.body, first.etag))
        self.assertEqual(self.get_deal(deal["id"]).write_date, written)

    def test_replacing_clears_what_is_left_out_but_needs_name_and_stage(self):
        deal = self.create(
            value_estimate="12.30", tags=["A"], notes="One", expected_close_date="2027-01-01",
            contact_info={"email": "a@b.example"}, deal_stage="negotiation",
        )  # fmt: skip

        refused = self.api("PUT", f"/opportunities/{deal['id']}", {"deal_name": "Other"})
        answer = self.api("PUT", f"/opportunities/{deal['id']}", {"deal_name": "Other", "deal_stage": "negotiation"})

        self.assertEqual((refused.status, refused.body["errors"][0]["pointer"]), (422, "/deal_stage"))
        self.assertEqual(answer.status, 200)
        cleared = {name: answer.body[name] for name in ("value_estimate", "tags", "notes", "expected_close_date")}
        self.assertEqual(
            cleared, {"value_estimate": "0.00", "tags": [], "notes": None, "expected_close_date": None}
        )
        self.assertEqual(answer.body["contact_info"], {"email": None, "phone": None, "whatsapp": None})
        self.assertIsNone(answer.body["assigned_to"])
        self.assertEqual((answer.body["deal_name"], answer.body["deal_stage"]), ("Other", "negotiation"))

    def test_a_patch_merges(self):
        deal = self.create(tags=["A"], notes="One", contact_info={"email": "a@b.example", "phone": "+493023125042"})
        path = f"/opportunities/{deal['id']}"

        answer = self.api("PATCH", path, {"tags": ["B", "a"], "contact_info": {"phone": None}, "probability": 55})
        again = self.api("PATCH", path, {"remove_tags": ["a"], "notes": None})

        self.assertEqual(answer.body["tags"], ["A", "B"])
        self.assertEqual(answer.body["contact_info"], {"email": "a@b.example", "phone": None, "whatsapp": None})
        self.assertEqual((answer.body["notes"], answer.body["probability"]), ("One", 55))
        self.assertEqual((again.body["tags"], again.body["notes"]), (["B"], None))
        self.assertEqual(again.body["deal_name"], deal["deal_name"])

    def test_what_is_read_only_is_taken_along_unchanged_and_refused_otherwise(self):
        deal = self.create()
        path = f"/opportunities/{deal['id']}"

        same = self.api("PATCH", path, {"currency": deal["currency"], "life_stage": deal["life_stage"]})
        other = self.api("PATCH", path, {"customer_id": UNKNOWN, "notes": "x"})

        self.assertEqual(same.status, 200)
        self.assert_refused(other, "validation-failed", "/customer_id")
        self.assertIsNone(self.api("GET", path).body["notes"])

    def test_a_name_or_a_stage_cannot_be_cleared(self):
        deal = self.create()
        for name in ("deal_name", "deal_stage"):
            with self.subTest(name=name):
                answer = self.api("PATCH", f"/opportunities/{deal['id']}", {name: None})

                self.assert_refused(answer, "validation-failed", f"/{name}")

    def test_own_fields_of_the_team_are_read_and_written(self):
        deal = self.create()
        team = self.get_deal(deal["id"]).team_id
        team.lead_properties_definition = [
            {"name": "floor", "type": "char", "string": "Floor"},
            {"name": "rooms", "type": "integer", "string": "Rooms"},
        ]  # fmt: skip
        path = f"/opportunities/{deal['id']}"

        first = self.api("PATCH", path, {"properties": {"floor": "third"}})
        second = self.api("PATCH", path, {"properties": {"rooms": 4}})
        wrong = self.api("PATCH", path, {"properties": {"rooms": "four"}})
        third = self.api("PATCH", path, {"properties": {"floor": None}})

        self.assertEqual(first.body["properties"], {"floor": "third"})
        self.assertEqual(second.body["properties"], {"floor": "third", "rooms": 4})
        self.assert_refused(wrong, "validation-failed", "/properties/rooms")
        self.assertEqual(third.body["properties"], {"rooms": 4})

    def test_a_version_that_is_not_the_present_one_changes_nothing(self):
        deal = self.create()
        path = f"/opportunities/{deal['id']}"
        etag = self.api("GET", path).etag
        fresh = self.api("PATCH", path, {"notes": "first"}, headers={"If-Match": etag})

        stale = self.api("PATCH", path, {"notes": "second"}, headers={"If-Match": etag})

        self.assertEqual(fresh.status, 200)
        self.assertEqual((stale.status, stale.body["code"]), (412, "precondition-failed"))
        self.assertEqual(self.api("GET", path).body["notes"], "first")

    # ---- stages

    def test_an_open_stage_is_set_and_an_end_has_its_own_address(self):
        deal = self.create()
        path = f"/opportunities/{deal['id']}"

        moved = self.api("PATCH", path, {"deal_stage": "proposal_sent"})
        for stage in ("won", "lost"):
            for method in ("PUT", "PATCH"):
                answer = self.api(method, path, {"deal_name": "x", "deal_stage": stage})
                self.assert_refused(answer, "use-close", "/deal_stage")
        created = self.api("POST", "/opportunities", {"deal_name": "x", "deal_stage": "won"})

        self.assertEqual((moved.body["deal_stage"], moved.body["life_stage"]), ("proposal_sent", "prospect"))
        self.assert_refused(created, "use-close", "/deal_stage")
        self.assertEqual(self.api("GET", path).body, moved.body)

    def test_certainty_is_an_end_too(self):
        deal = self.create(probability=50)
        for probability in (0, 100):
            with self.subTest(probability=probability):
                answer = self.api("PATCH", f"/opportunities/{deal['id']}", {"probability": probability})

                self.assert_refused(answer, "use-close", "/probability")

    # ---- whose deals

    def test_what_somebody_must_not_see_is_not_there(self):
        deal = self.create()
        rep = self.client("rep")
        path = f"/opportunities/{deal['id']}"
        before = self.api("GET", path)

        answers = [
            self.api("GET", path, as_=rep), self.api("PATCH", path, {"notes": "mine"}, as_=rep),
            self.api("PUT", path, {"deal_name": "mine", "deal_stage": "negotiation"}, as_=rep),
            self.api("POST", f"{path}/close", {"outcome": "won"}, as_=rep),
            self.api("GET", f"/opportunities/{uuid4()}", as_=rep),
        ]  # fmt: skip

        self.assertEqual([answer.status for answer in answers], [404] * 5)
        self.assertEqual(self.api("GET", path).etag, before.etag)

    def test_who_gives_a_deal_away_sees_it_once_more(self):
        rep, other = self.client("rep"), self.client("rep", login="other_rep")
        deal = self.create(as_=rep)

        answer = self.api("PATCH", f"/opportunities/{deal['id']}", {"assigned_to": other.user.uuid}, as_=rep)

        self.assertEqual((answer.status, answer.body["assigned_to"]), (200, other.user.uuid))
        self.assertEqual(self.api("GET", f"/opportunities/{deal['id']}", as_=rep).status, 404)
        self.assertEqual(self.api("GET", f"/opportunities/{deal['id']}", as_=other).status, 200)

    def test_a_rep_makes_no_deals_for_others(self):
        rep, other = self.client("rep"), self.client("rep", login="other_rep")
        before = self.env["crm.lead"].search_count([])

        answer = self.api("POST", "/opportunities", {"deal_name": "x", "assigned_to": other.user.uuid}, as_=rep)

        self.assertEqual((answer.status, answer.body["code"]), (403, "forbidden"))
        self.assertEqual(self.env["crm.lead"].search_count([]), before)

    def test_deals_are_not_deleted_here(self):
        deal = self.create()

        answer = self.api("DELETE", f"/opportunities/{deal['id']}")

        self.assertEqual((answer.status, answer.headers["Allow"]), (405, "GET, HEAD, PATCH, PUT"))

    # ---- lists

    def test_a_list_is_narrowed_and_sorted(self):
        rep = self.client("rep")
        small = self.create(as_=rep, deal_name="Small", value_estimate="10", tags=["Fair"], deal_stage="negotiation")
        large = self.create(as_=rep, deal_name="Large", value_estimate="1000", expected_close_date="2027-05-01")
        ids = {"small": small["id"], "large": large["id"]}
        cases = [
            ({"deal_stage": "negotiation"}, ["small"]), ({"deal_stage_in": "negotiation,won"}, ["small"]),
            ({"life_stage": "negotiation"}, ["small"]), ({"life_stage": "prospect"}, ["large"]),
            ({"value_estimate_gt": "10"}, ["large"]), ({"value_estimate_lte": "10"}, ["small"]),
            ({"expected_close_date": "2027-05-01"}, ["large"]), ({"tag": "Fair"}, ["small"]),
            ({"text": "larg"}, ["large"]), ({"assigned_to": rep.user.uuid, "sort": "deal_name"}, ["large", "small"]),
            ({"assigned_to": self.client().user.uuid}, []), ({"sort": "value_estimate"}, ["small", "large"]),
            ({"sort": "-value_estimate"}, ["large", "small"]), ({"sort": "expected_close_date"}, ["small", "large"]),
            ({"created_at_gt": "2001-01-01T00:00:00Z", "sort": "deal_name"}, ["large", "small"]),
        ]  # fmt: skip
        for parameters, expected in cases:
            with self.subTest(parameters=parameters):
                answer = self.api("GET", "/opportunities", as_=rep, **parameters)

                self.assertEqual([deal["id"] for deal in answer.body["data"]], [ids[name] for name in expected])

    def test_a_list_is_paged_by_each_order(self):
        rep = self.client("rep")
        for number in range(5):
            self.create(as_=rep, deal_name=f"Deal {number % 3}", value_estimate=str(number % 2))
        for sort in ("created_at", "-created_at", "deal_name", "-value_estimate", "expected_close_date"):
            with self.subTest(sort=sort):
                whole = self.api("GET", "/opportunities", as_=rep, sort=sort).body["data"]
                seen, parameters = [], {}
                while parameters is not None:
                    page = self.api("GET", "/opportunities", as_=rep, sort=sort, limit=2, **parameters).body
                    seen += page["data"]
                    parameters = {"cursor": page["next_cursor"]} if page["next_cursor"] else None

                self.assertEqual([deal["id"] for deal in seen], [deal["id"] for deal in whole])
                self.assertEqual(len(whole), 5)

    def test_a_list_costs_as_many_queries_for_many_deals_as_for_few(self):
        deals = self.env["crm.lead"].create([
            {"name": f"Deal {number}", "type": "opportunity", "user_id": self.client().user.id} for number in range(40)
        ])  # fmt: skip
        resource = self.env["pipeline.api.opportunity"]
        resource._represent(deals[:2])
        counts = []
        for chosen in (deals[:2], deals):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            resource._represent(chosen)
            counts.append(self.env.cr.sql_log_count - before)

        self.assertEqual(counts[0], counts[1])


class TestClose(OpportunityCase):
    def test_a_won_deal_has_a_customer_at_once(self):
        deal = self.create(contact_info={"email": "ann@acme.example"}, value_estimate="10")

        answer = self.api("POST", f"/opportunities/{deal['id']}/close", {"outcome": "won", "amount": "12.5"})

        self.assertEqual(answer.status, 200, answer.body)
        shown = {name: answer.body[name] for name in ("deal_stage", "life_stage", "probability", "value_estimate")}
        self.assertEqual(
            shown, {"deal_stage": "won", "life_stage": "won", "probability": 100, "value_estimate": "12.50"}
        )
        self.assertEqual(answer.body["customer_id"], self.get_deal(deal["id"]).pipeline_customer_id.uuid)
        self.assertTrue(answer.body["customer_id"] and answer.body["closed_at"])

    def test_a_lost_deal_names_the_reason(self):
        deal = self.create()

        answer = self.api(
            "POST", f"/opportunities/{deal['id']}/close",
            {"outcome": "lost", "lost_reason": "Too far away", "lost_note": "Two <hours>"},
        )  # fmt: skip

        self.assertEqual(answer.status, 200)
        self.assertEqual(
            (answer.body["deal_stage"], answer.body["lost_reason"], answer.body["probability"]),
            ("lost", "Too far away", 0),
        )
        self.assertIn("Two &lt;hours&gt;", str(self.get_deal(deal["id"]).message_ids[:3].mapped("body")))
        self.assertEqual(self.api("GET", f"/opportunities/{deal['id']}").body, answer.body)

    def test_a_loss_needs_a_reason_that_is_known(self):
        rep = self.client("rep")
        deal = self.create(as_=rep)
        self.env["crm.lost.reason"].create({"name": "Price 100%"})
        path = f"/opportunities/{deal['id']}/close"

        without = self.api("POST", path, {"outcome": "lost"}, as_=rep)
        unknown = self.api("POST", path, {"outcome": "lost", "lost_reason": "%"}, as_=rep)
        known = self.api("POST", path, {"outcome": "lost", "lost_reason": "price 100%"}, as_=rep)

        self.assert_refused(without, "validation-failed", "/lost_reason")
        self.assert_refused(unknown, "validation-failed", "/lost_reason")
        self.assertEqual((known.status, known.body["lost_reason"]), (200, "Price 100%"))

    def test_the_same_end_again_changes_nothing_and_the_other_is_refused(self):
        for outcome, other in (("won", "lost"), ("lost", "won")):
            with self.subTest(outcome=outcome):
                deal = self.create(contact_info={"email": f"{outcome}@acme.example"})
                path = f"/opportunities/{deal['id']}/close"
                first = self.api("POST", path, {"outcome": outcome, "lost_reason": "Price"})

                again = self.api("POST", path, {"outcome": outcome, "lost_reason": "Other", "amount": "7"})
                refused = self.api("POST", path, {"outcome": other, "lost_reason": "Price"})

                self.assertEqual((again.status, again.body), (200, first.body))
                self.assert_refused(refused, "conflict-of-state", status=409)
                self.assertEqual(self.api("GET", f"/opportunities/{deal['id']}").body, first.body)

    def test_a_closed_deal_can_be_edited_but_not_opened(self):
        deal = self.create(contact_info={"email": "ann@acme.example"})
        path = f"/opportunities/{deal['id']}"
        won = self.api("POST", f"{path}/close", {"outcome": "won"})

        same = self.api("PUT", path, won.body)
        edited = self.api("PATCH", path, {"notes": "Thanks"})
        opened = self.api("PATCH", path, {"deal_stage": "discovery"})
        lost = self.api("PATCH", path, {"deal_stage": "lost"})

        self.assertEqual((same.status, same.body), (200, won.body))
        self.assertEqual((edited.status, edited.body["notes"]), (200, "Thanks"))
        self.assert_refused(opened, "conflict-of-state", status=409)
        self.assert_refused(lost, "use-close", "/deal_stage")
