from odoo import fields

from tests.sales_pipeline.controllers.api.test_leads import LeadsCase as _LeadsCase


class TestLeadChange(_LeadsCase):
    def test_what_was_read_can_be_put_back_and_changes_nothing(self):
        made = self.make(
            notes="One\nTwo", expected_revenue="12.5", tags=["roof"], address={"country": "US", "region": "California"},
            contact_info={"email": f"ann.{self.mark}@shop.example", "phone": "+493023125042"}, status="contacted",
        )  # fmt: skip
        read = self.api("GET", f"/leads/{made['id']}")
        count = self.env["mail.message"].search_count([])

        put = self.api("PUT", f"/leads/{made['id']}", json=read.body)

        self.assertEqual((put.status, put.body), (200, read.body))
        self.assertEqual(put.etag, read.etag)
        self.assertEqual(self.env["mail.message"].search_count([]), count)

    def test_what_a_put_leaves_out_is_cleared(self):
        made = self.make(
            notes="One", expected_revenue="12.5", tags=["roof"], company_name="Example Ltd", priority="hot",
            address={"country": "US", "region": "California", "city": "Springfield"}, status="contacted",
        )  # fmt: skip

        put = self.api("PUT", f"/leads/{made['id']}", json={"name": "Other", "owner_id": made["owner_id"]})

        self.assertEqual(put.status, 200, put.body)
        empty = {"email": None, "phone": None, "whatsapp": None}
        self.assertEqual(put.body["contact_info"], empty)
        self.assertEqual(set(put.body["address"].values()), {None})
        for key in ("contact_name", "company_name", "priority", "notes"):
            self.assertIsNone(put.body[key], key)
        self.assertEqual((put.body["tags"], put.body["expected_revenue"], put.body["status"]), ([], "0.00", "new"))
        self.assertEqual(self.api("GET", f"/leads/{made['id']}").body, put.body)

    def test_a_put_without_a_name_is_refused(self):
        made = self.make()

        self.assertPointer(self.api("PUT", f"/leads/{made['id']}", json={}), "/name", "required")
        self.assertEqual(self.api("GET", f"/leads/{made['id']}").body, made)

    def test_what_cannot_be_written_may_only_be_what_it_is(self):
        made = self.make()
        for key, value in (
            ("id", "3f0c9a52-6d0e-4d4c-9d3f-0f6f2f1f7a10"), ("source", "website"), ("currency", "XXX"),
            ("attribution", {}), ("created_at", "2020-01-01T00:00:00Z"), ("opportunity_id", made["id"]),
        ):  # fmt: skip
            for method, body in (("PUT", made | {key: value}), ("PATCH", {key: value})):
                with self.subTest(key=key, method=method):
                    self.assertPointer(self.api(method, f"/leads/{made['id']}", json=body), f"/{key}", "read-only")
        self.assertEqual(self.api("GET", f"/leads/{made['id']}").body, made)

    def test_a_patch_changes_what_it_names(self):
        made = self.make(company_name="Example Ltd", address={"street": "Main 1", "city": "Springfield"})

        patched = self.api("PATCH", f"/leads/{made['id']}", json={
            "contact_info": {"phone": "+49 30 23125042"}, "address": {"city": "Shelbyville"}, "company_name": None,
        })  # fmt: skip

        self.assertEqual(patched.status, 200, patched.body)
        self.assertEqual(patched.body["contact_info"],
                         made["contact_info"] | {"phone": "+493023125042"})
        self.assertEqual(patched.body["address"], made["address"] | {"city": "Shelbyville"})
        self.assertIsNone(patched.body["company_name"])
        self.assertEqual(patched.body["name"], made["name"])
        self.assertEqual(self.api("GET", f"/leads/{made['id']}").etag, patched.etag)

    def test_tags_of_a_patch_are_added_and_taken_away_by_name(self):
        made = self.make(tags=["roof"])

        self.api("PATCH", f"/leads/{made['id']}", json={"tags": ["metal"]})
        patched = self.api("PATCH", f"/leads/{made['id']}", json={"tags": ["wood"], "remove_tags": ["Roof"]})

        self.assertEqual(sorted(patched.body["tags"]), ["metal", "wood"])

    def test_null_is_refused_where_nothing_can_be_cleared(self):
        made = self.make()
        for key in ("name", "status", "tags"):
            with self.subTest(key=key):
                self.assertPointer(self.api("PATCH", f"/leads/{made['id']}", json={key: None}), f"/{key}")

    def test_own_fields_are_merged_and_cleared_by_name(self):
        self.team.lead_properties_definition = [
            {"name": "a1", "string": "Size", "type": "integer"}, {"name": "b2", "string": "Colour", "type": "char"},
        ]  # fmt: skip
        made = self.make(properties={"a1": 7})
        self.assertEqual(made["properties"], {"a1": 7})

        patched = self.api("PATCH", f"/leads/{made['id']}", json={"properties": {"b2": "red"}})
        self.assertEqual(patched.body["properties"], {"a1": 7, "b2": "red"})

        patched = self.api("PATCH", f"/leads/{made['id']}", json={"properties": {"a1": None}})
        self.assertEqual(patched.body["properties"], {"b2": "red"})
        wrong = self.api("PATCH", f"/leads/{made['id']}", json={"properties": {"a1": "seven"}})
        self.assertPointer(wrong, "/properties/a1", "invalid")

    def test_a_lead_that_changed_since_it_was_read_stays_as_it_is(self):
        made = self.make()
        old = self.api("GET", f"/leads/{made['id']}").etag
        new = self.api("PATCH", f"/leads/{made['id']}", json={"company_name": "A"}, headers={"If-Match": old})
        self.assertEqual(new.status, 200)

        for method, body in (("PATCH", {"company_name": "B"}), ("PUT", {"name": "B"}), ("DELETE", None)):
            with self.subTest(method=method):
                answer = self.api(method, f"/leads/{made['id']}", json=body, headers={"If-Match": old})

                self.assertEqual((answer.status, answer.body["code"]), (412, "precondition-failed"))
        self.assertEqual(self.api("GET", f"/leads/{made['id']}").body["company_name"], "A")

    def test_a_rep_who_gives_a_lead_away_sees_it_once_more(self):
        rep, manager = self.client("rep"), self.client()
        made = self.make(as_=rep)

        answer = self.api(
            "PATCH", f"/leads/{made['id']}", json={"owner_id": manager.user.uuid, "status": "contacted"}, as_=rep
        )

        self.assertEqual((answer.status, answer.body["owner_id"]), (200, manager.user.uuid), answer.body)
        self.assertEqual(answer.body["status"], "contacted")
        self.assertEqual(self.api("GET", f"/leads/{made['id']}", as_=rep).status, 404)


class TestLeadStatus(_LeadsCase):
    def patch(self, made, **body):
        return self.api("PATCH", f"/leads/{made['id']}", json=body)

    def test_a_lead_goes_through_its_states_and_back(self):
        made = self.make()
        for status in ("contacted", "qualified", "new", "disqualified", "contacted"):
            with self.subTest(status=status):
                answer = self.patch(made, status=status)

                self.assertEqual((answer.status, answer.body["status"]), (200, status))

    def test_a_disqualified_lead_says_why(self):
        made = self.make()

        answer = self.patch(made, status="disqualified", lost_reason=f"Budget {self.mark}")

        self.assertEqual((answer.body["status"], answer.body["lost_reason"]), ("disqualified", f"Budget {self.mark}"))
        self.assertEqual(self.api("GET", f"/leads/{made['id']}").body, answer.body)
        self.assertEqual(self.patch(made, status="new").body["lost_reason"], None)

    def test_a_reason_that_nobody_knows_is_for_managers_to_add(self):
        rep = self.client("rep")
        made = self.make(as_=rep)
        before = self.env["crm.lost.reason"].search_count([])

        answer = self.api("PATCH", f"/leads/{made['id']}", as_=rep,
                          json={"status": "disqualified", "lost_reason": f"Mood {self.mark}"})

        self.assertPointer(answer, "/lost_reason", "unknown")
        self.assertEqual(self.env["crm.lost.reason"].search_count([]), before)
        self.assertEqual(self.find(made).lead_status, "new")

    def test_only_a_disqualified_lead_has_a_reason(self):
        self.assertPointer(self.patch(self.make(), lost_reason="Budget"), "/lost_reason")

    def test_converted_is_reached_by_converting_alone(self):
        made = self.make()

        answer = self.patch(made, status="converted")

        self.assertEqual((answer.status, answer.body["code"]), (422, "use-convert"))
        self.assertEqual(self.find(made).type, "lead")

    def test_what_a_team_asks_for_must_be_known_first(self):
        self.env["pipeline.criterion"].create({"name": "Budget known", "team_id": self.team.id})
        made = self.make()

        answer = self.patch(made, status="qualified")

        self.assertEqual((answer.status, answer.body["code"]), (409, "conflict-of-state"))
        self.assertIn("Budget known", answer.body["detail"])
        self.assertEqual(self.find(made).lead_status, "new")


class TestLeadConversion(_LeadsCase):
    def convert(self, made, as_=None, **body):
        return self.api("POST", f"/leads/{made['id']}/convert", json=body, as_=as_)

    def test_a_lead_becomes_a_deal_once(self):
        made = self.make(owner_id=self.client("rep").user.uuid)

        first = self.convert(made, deal_name="Big roof", value_estimate="500.00", expected_close_date="2030-01-02",
                             deal_stage="negotiation")  # fmt: skip
        second = self.convert(made, deal_name="Other")

        self.assertEqual((first.status, second.status), (201, 200), first.body)
        self.assertEqual(first.headers["Location"], f"/api/opportunities/{first.body['id']}")
        self.assertEqual(second.body["id"], first.body["id"])
        self.assertEqual(second.body["deal_name"], "Big roof")
        self.assertEqual((first.body["lead_id"], first.body["deal_stage"]), (made["id"], "negotiation"))
        self.assertEqual((first.body["value_estimate"], first.body["expected_close_date"]), ("500.00", "2030-01-02"))

    def test_a_converted_lead_answers_for_ever(self):
        made = self.make()
        deal = self.convert(made).body

        read = self.api("GET", f"/leads/{made['id']}")

        self.assertEqual((read.body["status"], read.body["opportunity_id"]), ("converted", deal["id"]))
        self.assertIn(made["id"], [one["id"] for one in self.api("GET", "/leads", status="converted").body["data"]])
        put = self.api("PUT", f"/leads/{made['id']}", json=read.body)
        self.assertEqual((put.status, put.body), (200, read.body))
        self.assertEqual(self.api("PUT", f"/leads/{made['id']}", json={"name": "Other"}).body["status"], "converted")
        back = self.api("PATCH", f"/leads/{made['id']}", json={"status": "new"})
        self.assertEqual((back.status, back.body["code"]), (409, "conflict-of-state"))
        self.assertEqual(self.find(made).type, "opportunity")

    def test_a_disqualified_lead_is_no_deal(self):
        made = self.make(status="disqualified")

        answer = self.convert(made)

        self.assertEqual((answer.status, answer.body["code"]), (409, "conflict-of-state"))
        self.assertEqual(self.find(made).type, "lead")

    def test_what_is_missing_is_named_and_a_manager_may_go_on(self):
        self.env["pipeline.criterion"].create({"name": "Budget known", "team_id": self.team.id})
        rep = self.client("rep")
        made = self.make(owner_id=rep.user.uuid)

        answer = self.convert(made)
        self.assertEqual((answer.status, answer.body["missing"]), (409, ["Budget known"]))
        self.assertEqual(self.convert(made, as_=rep, override_reason="Now").status, 409)
        self.assertEqual(self.find(made).type, "lead")

        self.assertEqual(self.convert(made, override_reason="The boss knows them").status, 201)

    def test_a_deal_is_not_closed_by_converting(self):
        made = self.make()

        answer = self.convert(made, deal_stage="won")

        self.assertEqual((answer.status, answer.body["code"]), (422, "use-close"))
        self.assertEqual(self.find(made).type, "lead")


class TestLeadDeletion(_LeadsCase):
    def test_a_deleted_lead_is_gone_and_can_be_brought_back(self):
        admin = self.client("admin")
        made = self.make()
        lead = self.find(made)

        first = self.api("DELETE", f"/leads/{made['id']}", as_=admin)
        second = self.api("DELETE", f"/leads/{made['id']}", as_=admin)

        self.assertEqual((first.status, second.status), (204, 404))
        self.assertEqual(self.api("GET", f"/leads/{made['id']}").status, 404)
        self.assertLessEqual(lead.deleted_at, fields.Datetime.now())
        self.assertEqual(lead.deleted_uid, admin.user)

    def test_a_lead_that_is_a_deal_is_not_deleted(self):
        made = self.make()
        self.api("POST", f"/leads/{made['id']}/convert", json={})

        answer = self.api("DELETE", f"/leads/{made['id']}", as_=self.client("admin"))

        self.assertEqual((answer.status, answer.body["code"]), (409, "conflict-of-state"))
        self.assertFalse(self.find(made).deleted_at)

    def test_a_rep_deletes_nothing(self):
        rep = self.client("rep")
        made = self.make(as_=rep)

        answer = self.api("DELETE", f"/leads/{made['id']}", as_=rep)

        self.assertEqual((answer.status, answer.body["code"]), (403, "forbidden"))
        self.assertFalse(self.find(made).deleted_at)
