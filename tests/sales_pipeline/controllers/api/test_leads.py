from uuid import uuid4

from tests.sales_pipeline.controllers.api.base import ApiCase


class LeadsCase(ApiCase):
    def setUp(self):
        super().setUp()
        self.mark = uuid4().hex[:8]
        self.leads = self.env["crm.lead"]
        # A manager sees and makes what is of the own team.
        self.team = self.env["crm.team"].create({
            "name": "North", "sequence": -1, "use_leads": True, "user_id": self.client("manager").user.id,
            "member_ids": [(4, self.client("rep").user.id)],
        })  # fmt: skip

    def body(self, **more):
        values = {"name": f"Roof {self.mark}", "contact_info": {"email": f"ann.{self.mark}@shop.example"}}
        return values | more

    def make(self, as_=None, **more):
        answer = self.api("POST", "/leads", json=self.body(**more), as_=as_)
        self.assertEqual(answer.status, 201, answer.body)
        return answer.body

    def find(self, body):
        return self.leads.with_context(active_test=False).search([("uuid", "=", body["id"])])

    def assertPointer(self, answer, pointer, code=None):
        self.assertEqual(answer.status, 422, answer.body)
        self.assertEqual(answer.body["errors"][0]["pointer"], pointer)
        if code:
            self.assertEqual(answer.body["errors"][0]["code"], code)


class TestLeadEntry(LeadsCase):
    def test_a_lead_is_created_with_everything_it_was_sent_with(self):
        sent = {
            "name": "Roof for the warehouse", "contact_name": "Dana Example", "company_name": "Example Ltd",
            "job_title": "Buyer",
            "contact_info": {"email": f"Dana.{self.mark}@Shop.example", "phone": "+49 30 23125042", "whatsapp": None},
            "address": {"street": "Main 1", "street2": None, "city": "Springfield", "zip": "12345",
                        "region": "California", "country": "US"},
            "priority": "hot", "prospective_type": "sme", "expected_revenue": "1250.5", "tags": ["roof", "metal"],
            "notes": "Call before noon.\nAsk for Dana.", "source": "website", "currency": None,
            "attribution": {"utm_source": "newsletter", "utm_term": "metal roof", "click_ids": {"gclid": "Ab-1"}},
        }  # fmt: skip

        answer = self.api("POST", "/leads", json=sent)

        self.assertEqual(answer.status, 201, answer.body)
        self.assertEqual(answer.headers["Location"], f"/api/leads/{answer.body['id']}")
        self.assertEqual(answer.body["contact_info"],
                         {"email": f"dana.{self.mark}@shop.example", "phone": "+493023125042", "whatsapp": None})
        for key in ("name", "contact_name", "company_name", "job_title", "address", "priority", "prospective_type",
                    "notes", "source"):
            self.assertEqual(answer.body[key], sent[key], key)
        self.assertEqual(sorted(answer.body["tags"]), ["metal", "roof"])
        self.assertEqual(answer.body["expected_revenue"], "1250.50")
        self.assertEqual(answer.body["status"], "new")
        self.assertEqual(answer.body["attribution"]["utm_source"], "Newsletter")
        self.assertEqual(answer.body["attribution"]["click_ids"], {"gclid": "Ab-1"})
        lead = self.find(answer.body)
        self.assertEqual(lead.touch_ids.utm_term, "metal roof")
        self.assertEqual(lead.type, "lead")

    def test_the_answer_to_a_creation_is_what_is_read_afterwards(self):
        made = self.api("POST", "/leads", json=self.body())

        read = self.api("GET", f"/leads/{made.body['id']}")

        self.assertEqual(read.body, made.body)
        self.assertEqual(read.etag, made.etag)

    def test_a_name_is_all_that_is_needed_and_names_the_contact(self):
        made = self.api("POST", "/leads", json={"name": "Somebody"})

        self.assertEqual((made.status, made.body["contact_name"], made.body["source"]), (201, "Somebody", "api"))

    def test_what_does_not_fit_is_named_and_nothing_is_made(self):
        wrong = [
            ({"contact_info": {"email": "nonsense"}}, "/contact_info/email"),
            ({"contact_info": {"phone": "12"}}, "/contact_info/phone"),
            ({"contact_info": {"fax": "1"}}, "/contact_info/fax"),
            ({"colour": "red"}, "/colour"),
            ({"name": None}, "/name"),
            ({"name": "  "}, "/name"),
            ({"priority": "boiling"}, "/priority"),
            ({"source": "pigeon"}, "/source"),
            ({"expected_revenue": 12.5}, "/expected_revenue"),
            ({"currency": "XXX"}, "/currency"),
            ({"tags": "roof"}, "/tags"),
            ({"owner_id": str(uuid4())}, "/owner_id"),
            ({"owner_id": "7"}, "/owner_id"),
            ({"address": {"country": "ZZ"}}, "/address/country"),
            ({"address": {"country": "US", "region": "Nowhere"}}, "/address/region"),
            ({"status": "converted"}, "/status"),
            ({"properties": {"nothing": 1}}, "/properties/nothing"),
        ]
        before = self.leads.search_count([])
        for more, pointer in wrong:
            with self.subTest(pointer=pointer):
                answer = self.api("POST", "/leads", json=self.body(**more))

                self.assertPointer(answer, pointer)
        self.assertEqual(self.leads.search_count([]), before)

    def test_a_lead_that_is_entered_is_told_and_answered_in_time(self):
        made = self.make()

        lead = self.find(made)
        kinds = self.env["pipeline.event"].search([("story", "=", lead.uuid)]).mapped("kind")
        self.assertEqual(kinds.count("captured"), 1)
        self.assertNotIn("created", kinds)
        self.assertEqual(len(lead.touch_ids), 1)

    def test_somebody_named_gets_the_lead(self):
        rep = self.client("rep")

        made = self.make(owner_id=rep.user.uuid)

        self.assertEqual(made["owner_id"], rep.user.uuid)
        self.assertEqual(self.find(made).user_id, rep.user)

    def test_null_leaves_the_lead_to_nobody(self):
        self.assertIsNone(self.make(owner_id=None)["owner_id"])

    def test_without_an_owner_the_turn_of_the_team_decides(self):
        made = self.make()

        self.assertEqual(made["owner_id"], self.client("rep").user.uuid)
        read = self.api("GET", f"/leads/{made['id']}", expand="response").body
        self.assertIn("turn", read["score_reason"])
        self.assertEqual(read["response"]["state"], "waiting")

    def test_what_a_rep_sends_is_the_reps(self):
        rep = self.client("rep")

        made = self.make(as_=rep)

        self.assertEqual(made["owner_id"], rep.user.uuid)

    def test_a_rep_makes_no_lead_for_somebody_else(self):
        rep, other = self.client("rep"), self.client("manager")
        before = self.leads.search_count([])

        answer = self.api("POST", "/leads", json=self.body(owner_id=other.user.uuid), as_=rep)

        self.assertEqual((answer.status, answer.body["code"]), (403, "forbidden"))
        self.assertEqual(self.leads.search_count([]), before)

    def test_who_has_nothing_to_do_with_leads_makes_none(self):
        before = self.leads.search_count([])

        answer = self.api("POST", "/leads", json=self.body(), as_=self.client("other"))

        self.assertEqual(answer.status, 403)
        self.assertEqual(self.leads.search_count([]), before)

    def test_a_lead_can_come_with_its_status(self):
        made = self.make(status="contacted")
        self.assertEqual(made["status"], "contacted")

        lost = self.make(
            name="Other", contact_info={"email": f"x.{self.mark}@z.example"}, status="disqualified",
            lost_reason="Too expensive",
        )  # fmt: skip
        self.assertEqual((lost["status"], lost["lost_reason"]), ("disqualified", "Too expensive"))


class TestLeadDuplicates(LeadsCase):
    def test_who_is_known_is_refused_with_the_candidates(self):
        first = self.make()
        before = self.leads.search_count([])

        answer = self.api("POST", "/leads", json=self.body(name="Again"))

        self.assertEqual((answer.status, answer.body["code"]), (409, "duplicate"))
        self.assertEqual([one["id"] for one in answer.body["candidates"]], [first["id"]])
        self.assertEqual((answer.body["candidates"][0]["entity_type"], answer.body["hidden"]), ("lead", 0))
        self.assertEqual(self.leads.search_count([]), before)
        self.assertEqual(len(self.find(first).touch_ids), 1)

    def test_of_a_lead_that_is_hidden_only_the_number_is_told(self):
        first = self.make(owner_id=self.client("manager").user.uuid)
        rep = self.client("rep")
        before = self.leads.search_count([])

        for on_duplicate in ("reject", "attach"):
            with self.subTest(on_duplicate=on_duplicate):
                answer = self.api("POST", "/leads", json=self.body(), as_=rep, on_duplicate=on_duplicate)

                self.assertEqual((answer.status, answer.body["candidates"], answer.body["hidden"]), (409, [], 1))
                self.assertNotIn(first["id"], str(answer.body))
        self.assertEqual(self.leads.search_count([]), before)
        self.assertEqual(len(self.find(first).touch_ids), 1)

    def test_attaching_adds_a_touch_and_what_was_unknown(self):
        first = self.make()
        before = self.leads.search_count([])

        answer = self.api(
            "POST", "/leads", on_duplicate="attach",
            json=self.body(name="Again", company_name="Example Ltd", attribution={"utm_source": "flyer"}),
        )  # fmt: skip

        self.assertEqual((answer.status, answer.body["id"]), (200, first["id"]))
        self.assertEqual((answer.body["name"], answer.body["company_name"]), (first["name"], "Example Ltd"))
        self.assertEqual(self.leads.search_count([]), before)
        self.assertEqual(self.find(first).touch_ids.mapped("utm_source"), ["flyer", False])

    def test_a_second_lead_is_made_where_that_is_asked_for_and_the_pair_is_noted(self):
        first = self.make()
        rep = self.client("rep")

        for client in (None, rep):
            answer = self.api("POST", "/leads", json=self.body(), on_duplicate="create", as_=client)

            self.assertEqual(answer.status, 201)
            self.assertNotEqual(answer.body["id"], first["id"])
            pairs = self.env["pipeline.duplicate"]._get_pairs_of(self.find(answer.body))
            self.assertTrue(pairs)

    def test_an_unknown_way_with_duplicates_is_refused(self):
        answer = self.api("POST", "/leads", json=self.body(), on_duplicate="ignore")

        self.assertEqual((answer.status, answer.body["errors"][0]["parameter"]), (400, "on_duplicate"))


class TestLeadReading(LeadsCase):
    def test_who_may_not_see_a_lead_gets_404(self):
        made = self.make(owner_id=self.client("manager").user.uuid)
        rep = self.client("rep")

        for method in ("GET", "PUT", "PATCH", "DELETE"):
            with self.subTest(method=method):
                body = {"name": "x"} if method in ("PUT", "PATCH") else None
                answer = self.api(method, f"/leads/{made['id']}", json=body, as_=rep)

                self.assertEqual((answer.status, answer.body["code"]), (404, "not-found"))
        self.assertEqual(self.api("GET", f"/leads/{made['id']}").body, made)

    def test_a_page_follows_the_other_and_each_lead_comes_once(self):
        made = [
            self.make(contact_info={"email": f"{place}.{self.mark}@s{place}.example"}, tags=[self.mark])["id"]
            for place in range(5)
        ]
        found, cursor = [], None
        for _page in range(3):
            more = {"cursor": cursor} if cursor else {}
            answer = self.api("GET", "/leads", tag=self.mark, limit=2, **more)
            found += [one["id"] for one in answer.body["data"]]
            cursor = answer.body["next_cursor"]

        self.assertEqual(found, made[::-1])
        self.assertFalse(answer.body["has_more"])

    def test_filters_find_what_they_say(self):
        rep = self.client("rep")
        hot = self.make(priority="hot", tags=[self.mark], owner_id=rep.user.uuid, company_name=f"Zeta {self.mark}")
        cold = self.make(
            contact_info={"email": f"b.{self.mark}@w.example"}, priority="cold", tags=[self.mark], owner_id=None,
            source="referral", status="contacted", name=f"Name b_{self.mark}",
        )  # fmt: skip
        cases = [
            ({}, {hot["id"], cold["id"]}),
            ({"priority": "hot"}, {hot["id"]}),
            ({"priority_in": "hot,cold"}, {hot["id"], cold["id"]}),
            ({"owner_id": rep.user.uuid}, {hot["id"]}),
            ({"source": "referral"}, {cold["id"]}),
            ({"status": "contacted"}, {cold["id"]}),
            ({"has_opportunity": "true"}, set()),
            ({"has_opportunity": "false"}, {hot["id"], cold["id"]}),
            ({"text": f"zeta {self.mark}"}, {hot["id"]}),
            ({"text": f"b_{self.mark}"}, {cold["id"]}),
            ({"text": f"b%{self.mark}"}, set()),
            ({"created_at_gte": hot["created_at"]}, {hot["id"], cold["id"]}),
            ({"created_at_lt": "2020-01-01T00:00:00Z"}, set()),
        ]
        for parameters, expected in cases:
            with self.subTest(**parameters):
                answer = self.api("GET", "/leads", tag=self.mark, **parameters)

                self.assertEqual(answer.status, 200, answer.body)
                self.assertEqual({one["id"] for one in answer.body["data"]}, expected)

    def test_fields_and_expand_show_less_and_more(self):
        made = self.make()

        less = self.api("GET", f"/leads/{made['id']}", fields="name,tags")
        more = self.api("GET", f"/leads/{made['id']}", expand="response")

        self.assertEqual(less.body.keys(), {"id", "name", "tags"})
        self.assertEqual(more.body.keys() - made.keys(), {"response", "score_reason"})
        self.assertNotEqual(more.etag, less.etag)

    def test_a_deal_that_never_was_a_lead_is_none(self):
        deal = self.leads.create({"name": "Deal", "type": "opportunity"})

        self.assertEqual(self.api("GET", f"/leads/{deal.uuid}").status, 404)
