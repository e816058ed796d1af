from tests.sales_pipeline.controllers.api.base import ApiCase

UNKNOWN = "6f1f6a0e-0000-4000-8000-000000000000"


class TestCustomers(ApiCase):
    def create(self, as_=None, **values):
        sent = {"customer_name": "Acme Works", "contact_info": {"email": "office@acme.example"}, **values}
        answer = self.api("POST", "/customers", sent, as_=as_)
        self.assertEqual(answer.status, 201, answer.body)
        return answer.body

    def win(self, as_=None, email="ann@acme.example"):
        """Win a deal and return it as it was answered."""
        deal = self.api(
            "POST", "/opportunities", {"deal_name": "Tools", "contact_info": {"email": email}}, as_=as_
        ).body  # fmt: skip
        return self.api("POST", f"/opportunities/{deal['id']}/close", {"outcome": "won"}, as_=as_).body

    def get_customer(self, uuid):
        return self.env["pipeline.customer"].search([("uuid", "=", uuid)])

    def assert_refused(self, answer, code, pointer=None, status=422):
        self.assertEqual((answer.status, answer.body["code"]), (status, code), answer.body)
        if pointer:
            self.assertEqual([error["pointer"] for error in answer.body["errors"]], [pointer])

    # ---- enter

    def test_a_customer_is_entered_and_read_back(self):
        keeper = self.client("customer_success")
        for role in ("customer_success", "manager", "admin"):
            with self.subTest(role=role):
                client = self.client(role)
                answer = self.api("POST", "/customers", {
                    "customer_name": f"Works {role}", "customer_type": "enterprise", "lifecycle_stage": "active",
                    "contact_info": {"email": f"{role}@works.example", "phone": "+49 30 23125042"},
                    "assigned_csm": keeper.user.uuid,
                }, as_=client)  # fmt: skip
                self.env["res.partner"].search([("email", "=", f"{role}@works.example")]).phone = False
                read = self.api("GET", f"/customers/{answer.body['id']}", as_=client)

                self.assertEqual(answer.status, 201, answer.body)
                self.assertEqual(answer.headers["Location"], f"/api/customers/{answer.body['id']}")
                self.assertEqual(read.status, 200)
                shown = {name: answer.body[name] for name in (
                    "customer_name", "customer_type", "lifecycle_stage", "customer_success_manager", "assigned_csm",
                    "opportunity_id", "purchase_history", "contact_info",
                )}  # fmt: skip
                self.assertEqual(shown, {
                    "customer_name": f"Works {role}", "customer_type": "enterprise", "lifecycle_stage": "active",
                    "customer_success_manager": keeper.user.uuid, "assigned_csm": keeper.user.uuid,
                    "opportunity_id": None, "purchase_history": [],
                    "contact_info": {"email": f"{role}@works.example", "phone": "+49 30 23125042", "whatsapp": None},
                })  # fmt: skip

    def test_a_rep_enters_no_customers(self):
        rep = self.client("rep")
        deal = self.win(as_=rep)
        before = self.env["pipeline.customer"].search_count([]), self.env["res.partner"].search_count([])

        by_name = self.api("POST", "/customers", {"customer_name": "Mine"}, as_=rep)
        of_deal = self.api("POST", "/customers", {"opportunity_id": deal["id"]}, as_=rep)

        self.assert_refused(by_name, "forbidden", status=403)
        self.assert_refused(of_deal, "forbidden", status=403)
        after = self.env["pipeline.customer"].search_count([]), self.env["res.partner"].search_count([])
        self.assertEqual(after, before)

    def test_who_is_a_customer_already_is_named(self):
        customer = self.create()
        partners = self.env["res.partner"].search_count([])

        again = self.api("POST", "/customers", {
            "customer_name": "Other name", "contact_info": {"email": "Office@Acme.example"},
        })  # fmt: skip

        self.assert_refused(again, "already-exists", status=409)
        self.assertEqual(again.body["customer_id"], customer["id"])
        self.assertEqual(self.env["res.partner"].search_count([]), partners)

    def test_a_known_partner_becomes_the_customer(self):
        firm = self.env["res.partner"].create({"name": "Known Works", "is_company": True})
        self.env["res.partner"].create({"name": "Ann", "parent_id": firm.id, "phone": "+493023125042"})

        customer = self.create(contact_info={"phone": "+49 30 2312 5042"})

        self.assertEqual(self.get_customer(customer["id"]).partner_id, firm)
        self.assertEqual(customer["customer_name"], "Known Works")

    def test_a_won_deal_has_its_customer_already_and_an_open_one_has_none(self):
        deal = self.win()
        opened = self.api("POST", "/opportunities", {"deal_name": "Open"}).body

        known = self.api("POST", "/customers", {"opportunity_id": deal["id"]})
        refused = self.api("POST", "/customers", {"opportunity_id": opened["id"]})
        unknown = self.api("POST", "/customers", {"opportunity_id": UNKNOWN})

        self.assertEqual((known.status, known.body["id"]), (200, deal["customer_id"]), known.body)
        self.assertEqual(known.body["opportunity_id"], deal["id"])
        self.assert_refused(refused, "conflict-of-state", status=409)
        self.assert_refused(unknown, "validation-failed", "/opportunity_id")

    def test_values_that_cannot_be_used_are_told_by_pointer(self):
        user = self.client().user.uuid
        cases = {
            "/customer_name": {"customer_type": "sme"},
            "/customer_type": {"customer_name": "x", "customer_type": "corporate"},
            "/lifecycle_stage": {"customer_name": "x", "lifecycle_stage": "gone"},
            "/assigned_csm": {"customer_name": "x", "assigned_csm": user, "customer_success_manager": UNKNOWN},
            "/customer_success_manager": {"customer_name": "x", "customer_success_manager": UNKNOWN},
            "/contact_info/email": {"customer_name": "x", "contact_info": {"email": "nobody"}},
            "/contact_info/whatsapp": {"customer_name": "x", "contact_info": {"whatsapp": "+493023125042"}},
            "/colour": {"customer_name": "x", "colour": "red"},
        }
        before = self.env["pipeline.customer"].search_count([])
        for pointer, sent in cases.items():
            with self.subTest(pointer=pointer):
                self.assert_refused(self.api("POST", "/customers", sent), "validation-failed", pointer)
        self.assertEqual(self.env["pipeline.customer"].search_count([]), before)

    # ---- replace and patch

    def test_sending_back_what_was_read_changes_nothing(self):
        customer = self.create(contact_info={"email": "office@acme.example", "phone": "+49 30 23125042"})
        read = self.api("GET", f"/customers/{customer['id']}")

        answer = self.api("PUT", f"/customers/{customer['id']}", read.body)

        self.assertEqual((answer.status, answer.body, answer.etag), (200, read.body, read.etag))

    def test_a_customer_is_changed_with_its_contact(self):
        customer = self.create(contact_info={"email": "office@acme.example", "phone": "+49 30 23125042"})
        path = f"/customers/{customer['id']}"

        patched = self.api("PATCH", path, {
            "customer_name": "Acme Ltd", "customer_type": "individual", "contact_info": {"phone": None},
            "lifecycle_stage": "active", "customer_success_manager": self.client("customer_success").user.uuid,
        })  # fmt: skip
        refused = self.api("PUT", path, {"customer_name": "Acme Inc"})
        replaced = self.api("PUT", path, {
            "customer_name": "Acme Inc", "customer_type": "individual", "lifecycle_stage": "active",
        })  # fmt: skip

        lacking = {error["pointer"] for error in refused.body["errors"]}
        self.assertEqual((refused.status, lacking), (422, {"/customer_type", "/lifecycle_stage"}))
        self.assertEqual(patched.status, 200, patched.body)
        shown = {name: patched.body[name] for name in ("customer_name", "customer_type", "lifecycle_stage")}
        self.assertEqual(
            shown, {"customer_name": "Acme Ltd", "customer_type": "individual", "lifecycle_stage": "active"}
        )
        self.assertEqual(
            patched.body["contact_info"], {"email": "office@acme.example", "phone": None, "whatsapp": None}
        )
        self.assertEqual(patched.body["assigned_csm"], self.client("customer_success").user.uuid)
        self.assertEqual((replaced.body["customer_name"], replaced.body["assigned_csm"]), ("Acme Inc", None))
        self.assertEqual(replaced.body["contact_info"], {"email": None, "phone": None, "whatsapp": None})
        self.assertEqual(replaced.body["lifecycle_stage"], "active")

    def test_the_lifecycle_knows_its_moves(self):
        customer = self.create(lifecycle_stage="churned")
        path = f"/customers/{customer['id']}"

        refused = self.api("PATCH", path, {"lifecycle_stage": "at_risk"})
        moved = self.api("PATCH", path, {"lifecycle_stage": "active"})

        self.assert_refused(refused, "conflict-of-state", status=409)
        self.assertEqual((moved.status, moved.body["lifecycle_stage"]), (200, "active"))

    def test_what_is_measured_cannot_be_written(self):
        customer = self.create()
        for name, value in (("health_score", 1), ("opportunity_id", UNKNOWN), ("onboarding_status", "completed")):
            with self.subTest(name=name):
                answer = self.api("PATCH", f"/customers/{customer['id']}", {name: value})

                self.assert_refused(answer, "validation-failed", f"/{name}")

    def test_a_version_that_is_not_the_present_one_changes_nothing(self):
        customer = self.create()
        path = f"/customers/{customer['id']}"
        etag = self.api("GET", path).etag
        self.api("PATCH", path, {"customer_name": "First"})

        answer = self.api("PATCH", path, {"customer_name": "Second"}, headers={"If-Match": etag})

        self.assertEqual((answer.status, answer.body["code"]), (412, "precondition-failed"))
        self.assertEqual(self.api("GET", path).body["customer_name"], "First")

    # ---- whose customers

    def test_a_rep_sees_and_changes_nothing_of_other_peoples_customers(self):
        customer = self.create()
        rep = self.client("rep")
        own = self.win(as_=rep, email="own@acme.example")["customer_id"]

        hidden = self.api("GET", f"/customers/{customer['id']}", as_=rep)
        patched = self.api("PATCH", f"/customers/{customer['id']}", {"lifecycle_stage": "active"}, as_=rep)
        seen = self.api("GET", f"/customers/{own}", as_=rep)
        own_patched = self.api("PATCH", f"/customers/{own}", {"lifecycle_stage": "active"}, as_=rep)
        listed = self.api("GET", "/customers", as_=rep)

        self.assertEqual((hidden.status, patched.status, seen.status), (404, 404, 200))
        self.assert_refused(own_patched, "forbidden", status=403)
        self.assertEqual([one["id"] for one in listed.body["data"]], [own])
        self.assertEqual(self.get_customer(own).lifecycle_stage, "onboarding")

    # ---- lists and purchases

    def test_purchases_are_shown_with_one_customer_and_in_lists_when_asked_for(self):
        self.env.ref("sales_pipeline.pipeline_api_product").taxes_id = False
        deal = self.api("POST", "/opportunities", {"deal_name": "x", "contact_info": {"email": "b@buyer.example"}}).body
        quote = self.api("POST", "/quotes", {
            "opportunity_id": deal["id"], "line_items": [{"name": "Work", "unit_price": "5"}],
        }).body  # fmt: skip
        self.api("POST", f"/quotes/{quote['id']}/accept", {})
        uuid = self.api("GET", f"/opportunities/{deal['id']}").body["customer_id"]

        one = self.api("GET", f"/customers/{uuid}").body
        plain = self.api("GET", "/customers", opportunity_id=deal["id"]).body["data"]
        expanded = self.api("GET", "/customers", opportunity_id=deal["id"], expand="purchase_history").body["data"]

        purchase = one["purchase_history"][0]
        self.assertEqual((purchase["order_id"], purchase["total_value"]), (quote["id"], "5.00"))
        self.assertEqual([(each["id"], "purchase_history" in each) for each in plain], [(uuid, False)])
        self.assertEqual(expanded, [one])

    def test_a_list_is_narrowed(self):
        keeper = self.client("customer_success")
        good = self.create(
            customer_name="Good Works", lifecycle_stage="active", assigned_csm=keeper.user.uuid,
            contact_info={"email": "good@x.example"}, customer_type="individual",
        )["id"]  # fmt: skip
        bad = self.create(customer_name="Bad Works", contact_info={"email": "bad@x.example"}, customer_type="sme",
                          assigned_csm=None)["id"]  # fmt: skip
        self.get_customer(bad).health_score = 20
        cases = [
            ({"lifecycle_stage": "active"}, [good]), ({"customer_type": "sme"}, [bad]),
            ({"assigned_csm": keeper.user.uuid}, [good]), ({"customer_success_manager": keeper.user.uuid}, [good]),
            ({"health_score_lt": "50"}, [bad]), ({"text": "good w"}, [good]), ({"sort": "health_score"}, [bad, good]),
            ({"sort": "-customer_name"}, [good, bad]), ({}, [bad, good]),
        ]  # fmt: skip
        for parameters, expected in cases:
            with self.subTest(parameters=parameters):
                answer = self.api("GET", "/customers", limit=100, **parameters)

                found = [one["id"] for one in answer.body["data"] if one["id"] in (good, bad)]
                self.assertEqual(found, expected)
