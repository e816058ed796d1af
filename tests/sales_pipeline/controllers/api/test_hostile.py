"""What strangers send to break something: nothing fails inside, nothing changes, nothing is told of the inside."""

import json
import re
from uuid import uuid4

from odoo.addons.sales_pipeline.rest.compose import compose
from tests.sales_pipeline.controllers.api.base import ApiCase
from tests.sales_pipeline.controllers.api.world import read_state

_INSIDE = re.compile(r"Traceback|psycopg|/addons/|\.py\b|odoo\.|res\.users|crm\.lead|sale\.order|SELECT |_check\b")
_FORBIDDEN = (
    "company_id", "create_uid", "write_uid", "create_date", "user_id", "team_id", "state", "active", "uuid", "type",
    "lead_status", "won_status", "deleted_at", "date_conversion", "partner_id", "access_token", "message_ids", "sudo",
    "context", "__proto__", "__class__", "id.x",
)  # fmt: skip
_ODD = ([], [[]], {}, {"a": {"b": 1}}, True, 10**30, 1e300, -1, "", "x" * 70_000, "\u0000a", "\u202e\u200b\U0001f608")


class HostileCase(ApiCase):
    def setUp(self):
        super().setUp()
        manager = self.client("admin")
        self.lead = self.env["crm.lead"].create({"name": "Lead", "type": "lead", "lead_status": "new"})
        self.deal = self.env["crm.lead"].create({"name": "Deal", "type": "opportunity", "user_id": manager.user.id})
        partner = self.deal.partner_id = self.env["res.partner"].create({"name": "Buyer", "email": "buyer@w.example"})
        self.quote = self.env["sale.order"].create({"partner_id": partner.id, "opportunity_id": self.deal.id})
        self.customer = self.env["pipeline.customer"].create({"partner_id": partner.id, "contact_id": partner.id})
        self.planned = self.env["mail.activity"]._plan_by_api(self.lead, "call", {"summary": "Plan"})
        # Address, schema and a body that fits.
        self.writes = (
            ("POST", "/leads", "LeadCreate", {"name": "New"}),
            ("PUT", f"/leads/{self.lead.uuid}", "LeadReplace", {"name": "New"}),
            ("PATCH", f"/leads/{self.lead.uuid}", "LeadPatch", {"name": "New"}),
            ("POST", f"/leads/{self.lead.uuid}/convert", "LeadConvert", {}),
            ("POST", f"/leads/{self.lead.uuid}/email", "EmailSend", {"subject": "s", "body": "b", "to": "a@b.example"}),
            ("POST", f"/leads/{self.lead.uuid}/schedule", "MeetingSchedule",
             {"start": "2031-03-01T09:30:00Z", "subject": "s"}),
            ("POST", "/opportunities", "OpportunityCreate", {"deal_name": "New"}),
            ("PATCH", f"/opportunities/{self.deal.uuid}", "OpportunityPatch", {"deal_name": "New"}),
            ("POST", f"/opportunities/{self.deal.uuid}/close", "OpportunityClose", {"outcome": "won"}),
            ("POST", "/customers", "CustomerCreate", {"customer_name": "New"}),
            ("PATCH", f"/customers/{self.customer.uuid}", "CustomerPatch", {"lifecycle_stage": "active"}),
            ("POST", "/quotes", "QuoteCreate", {"opportunity_id": self.deal.uuid}),
            ("PUT", f"/quotes/{self.quote.uuid}", "QuoteReplace", {"terms_conditions": "New"}),
            ("POST", f"/quotes/{self.quote.uuid}/accept", "QuoteAccept", {}),
            ("POST", "/activities", "ActivityCreate",
             {"entity_type": "lead", "entity_id": self.lead.uuid, "activity_type": "call"}),
            ("PATCH", f"/activities/{self.planned.uuid}", "ActivityPatch", {"summary": "New"}),
            ("POST", "/webhooks", "WebhookCreate", {"name": "x", "url": "https://h.example/", "events": ["lead.*"]}),
        )  # fmt: skip
        self.env["pipeline.moments.mixin"]._flush_moments()
        self.env.flush_all()

    def send(self, method, path, raw=None, headers=None, **parameters):
        """Send bytes as they are, and check that whatever is answered tells nothing of the inside."""
        self.env.flush_all()
        response = self.url_open(
            f"/api{path}", method=method, data=raw, params=parameters or None, allow_redirects=False, timeout=60,
            headers={"Authorization": f"Bearer {self.client('admin').token}", "Content-Type": "application/json"}
            | (headers or {}),
        )  # fmt: skip
        self.env.invalidate_all()
        self.assertLess(response.status_code, 500, f"{method} {path} {raw!r}: {response.text[:500]}")
        if response.status_code >= 400:
            self.assertNotRegex(response.text, _INSIDE)
            self.assertEqual(response.headers["Content-Type"], "application/problem+json")
        return response


class TestBodies(HostileCase):
    def test_fields_that_nobody_may_set_are_refused_by_name(self):
        before = read_state(self.env)
        for method, path, schema, body in self.writes:
            known = compose(self.env, schema).model_fields
            for name in _FORBIDDEN:
                if name in known:
                    continue
                answer = self.api(method, path, json={**body, name: 1}, as_=self.client("admin"))
                with self.subTest(path=path, name=name):
                    self.assertEqual((answer.status, answer.body["errors"][0]["code"]), (422, "unknown"))
                    self.assertEqual(answer.body["errors"][0]["pointer"], f"/{name}")
        self.assertEqual(read_state(self.env), before)

    def test_what_is_read_only_is_not_written(self):
        fields = {
            f"/leads/{self.lead.uuid}": ("id", "source", "currency", "opportunity_id", "created_at", "attribution"),
            f"/opportunities/{self.deal.uuid}": ("id", "lead_id", "customer_id", "closed_at", "currency"),
            f"/customers/{self.customer.uuid}": ("id", "opportunity_id", "health_score", "onboarding_status"),
            f"/activities/{self.planned.uuid}": ("id", "entity_id", "created_by", "created_at"),
        }  # fmt: skip
        before = read_state(self.env)
        for path, names in fields.items():
            for name in names:
                for value in (str(uuid4()), 99, {"a": 1}):
                    answer = self.api("PATCH", path, json={name: value}, as_=self.client("admin"))
                    with self.subTest(path=path, name=name, value=value):
                        self.assertEqual((answer.status, answer.body["errors"][0]["code"]), (422, "read-only"))
        self.assertEqual(read_state(self.env), before)

    def test_values_of_any_other_type_fail_nowhere(self):
        for method, path, schema, body in self.writes:
            if method == "POST" and path.endswith(("/convert", "/close", "/accept")):
                continue
            for name in compose(self.env, schema).model_fields:
                for value in _ODD:
                    self.send(method, path, json.dumps({**body, name: value}).encode())

    def test_amounts_and_line_items_of_any_size_fail_nowhere(self):
        for amount in ("9999999999999.999999", "-9999999999999", "1e400", "NaN", "Infinity", "\u0663", "1" * 400):
            for method, path, name in (("PATCH", f"/leads/{self.lead.uuid}", "expected_revenue"),
                                       ("PATCH", f"/opportunities/{self.deal.uuid}", "value_estimate")):  # fmt: skip
                self.send(method, path, json.dumps({name: amount}).encode())
            for name in ("quantity", "unit_price", "discount"):
                line = {"name": "Line", "quantity": "1", "unit_price": "1.00", name: amount}
                self.send("PUT", f"/quotes/{self.quote.uuid}", json.dumps({"line_items": [line]}).encode())

    def test_bytes_that_are_no_body_are_refused(self):
        deep = b'{"metadata":' + b'{"a":' * 200 + b"1" + b"}" * 201
        bodies = (
            b"\xff\xfe{}", b"{", b"[]", b"null", b'"text"', b"\x00", deep, b"[" * 100_000, b'{"a":1,"a":2}',
            b'{"name":NaN}', b'{"name":1e999}', b'{"name":' + b"9" * 5000 + b"}", b'{"name":"\\ud800"',
            b'{"' + b"k" * 100_000 + b'":1}', b"{" + b",".join(b'"k%d":1' % i for i in range(70_000)) + b"}",
        )  # fmt: skip
        before = read_state(self.env)
        for raw in bodies:
            answer = self.send("POST", "/leads", raw)
            with self.subTest(raw=raw[:40]):
                self.assertIn(answer.status_code, (400, 413, 422))
        self.assertEqual(self.send("POST", "/leads", b'{"name":"' + b"a" * 1024 * 1024 + b'"}').status_code, 413)
        zipped = self.send("POST", "/leads", b"\x1f\x8b\x08\x00", headers={"Content-Encoding": "gzip"})
        self.assertEqual(zipped.status_code, 400)
        self.assertEqual(read_state(self.env), before)


class TestAddresses(HostileCase):
    def test_parameters_are_values_and_never_a_query(self):
        strange = (
            "' OR 1=1 --", "'; DROP TABLE crm_lead; --", "%%%", "___", "\\\\\\", "$(id)", "{{7*7}}", "%(id)s",
            "a" * 300, "\u202e\u202e\u202e", "(select 1)",
        )  # fmt: skip
        for path in ("/leads", "/opportunities", "/customers", "/quotes", "/users"):
            for text in strange:
                with self.subTest(path=path, text=text):
                    answer = self.send("GET", path, text=text)
                    self.assertIn(answer.status_code, (200, 400))
                    if answer.status_code == 200:
                        self.assertEqual(answer.json()["data"], [])
        for name in ("sort", "fields", "expand", "cursor", "limit", "owner_id", "status", "created_at_gt", "tag"):
            for text in strange:
                with self.subTest(name=name, text=text):
                    answer = self.send("GET", "/leads", **{name: text})
                    self.assertIn(answer.status_code, (200, 400) if name in ("tag", "fields") else (400,))
        for name, value in (("limit", "9" * 5000), ("limit", "-1"), ("limit", "1e3"), ("created_at_gt", "9999-12-31"),
                            ("cursor", "A" * 900), ("cursor", "\u00e9"), ("owner_id", "0" * 36)):  # fmt: skip
            with self.subTest(name=name, value=value[:10]):
                self.assertEqual(self.send("GET", "/leads", **{name: value}).status_code, 400)
        for value in ("9" * 18 + "-" + "9" * 18, "0-0", "-", "\u0663-\u0663", "1-1-1", "1e9-1"):
            self.assertIn(self.send("GET", "/changes", after=value).status_code, (200, 400))

    def test_addresses_that_are_none_answer_404(self):
        webhook = self.api(
            "POST", "/webhooks", json={"name": "x", "url": "https://h.example/", "events": ["*"]},
            as_=self.client("admin"),
        ).body["id"]  # fmt: skip
        for path in (
            "/leads/%00", "/leads/1", "/leads/%ED%A0%80", "/leads/..%2f..%2fetc%2fpasswd",
            f"/leads/{uuid4()}%0d%0aX: 1", f"/leads/{self.lead.uuid}%00",
            f"/webhooks/{webhook}/deliveries/%00",
            f"/webhooks/{webhook}/deliveries/a%00b", f"/webhooks/{webhook}/deliveries/%ED%A0%80",
            f"/webhooks/{webhook}/deliveries/{'a' * 5000}", "/leads/" + "a" * 5000, "/\u202e", "/users/1",
        ):  # fmt: skip
            with self.subTest(path=path[:60]):
                answer = self.send("GET", path)
                self.assertEqual(answer.status_code, 404)
                self.assertNotIn("X", answer.headers)

    def test_headers_of_any_text_fail_nowhere_and_bring_none_along(self):
        path = f"/leads/{self.lead.uuid}"
        for name, values in {
            "X-Request-Id": (b"a b", b"<script>", b"x" * 65, b"\xe9", b"a%0d%0aX-Evil:1", b"../../etc"),
            "Idempotency-Key": (b"a b", b"", b"x" * 256, b"\xe9", b'"'), "If-Match": (b"x", b'"' * 999, b"\xe9", b","),
            "If-None-Match": (b"\xe9", b"," * 999), "Origin": (b"null", b"\xe9", b"https://evil.example"),
            "Accept-Language": (b"zz-ZZ-ZZ;q=x", b"\xe9"),
        }.items():
            for value in values:
                for method, raw in (("GET", None), ("POST", b'{"name":""}'), ("PATCH", b'{"name":""}')):
                    with self.subTest(name=name, value=value, method=method):
                        answer = self.send(method, "/leads" if method == "POST" else path, raw, headers={name: value})
                        self.assertNotIn("X-Evil", answer.headers)
                        self.assertNotIn("Access-Control-Allow-Origin", answer.headers)
                        self.assertNotIn("Set-Cookie", answer.headers)
                        self.assertRegex(answer.headers["X-Request-Id"], r"^[\w.-]{1,64}$")
        answer = self.send("GET", path, headers={"X-HTTP-Method-Override": "DELETE"})
        self.assertEqual((answer.status_code, self.lead.exists().deleted_at), (200, False))

    def test_html_in_what_is_sent_stays_text(self):
        evil = "<img src=x onerror=alert(1)><script>alert(2)</script>"
        self.env.cr.execute("SELECT COALESCE(max(id), 0) FROM mail_message")
        last = self.env.cr.fetchone()[0]
        made = self.api("POST", "/leads", as_=self.client("admin"), json={
            "name": evil, "contact_name": evil, "notes": evil, "contact_info": {"email": "evil@w.example"},
            "owner_id": self.client("rep").user.uuid,
        })  # fmt: skip
        again = self.api("POST", "/leads", as_=self.client("admin"), on_duplicate="attach", json={
            "name": evil, "notes": evil, "contact_info": {"email": "evil@w.example"},
        })  # fmt: skip
        self.api("POST", f"/opportunities/{self.deal.uuid}/close", as_=self.client("admin"), json={
            "outcome": "won", "lost_note": evil,
        })  # fmt: skip
        self.api("POST", f"/quotes/{self.quote.uuid}/accept", json={"signed_by": evil, "note": evil},
                 as_=self.client("admin"))  # fmt: skip
        self.env["pipeline.moments.mixin"]._flush_moments()

        self.assertEqual((made.status, again.status), (201, 200))
        self.assertEqual((made.body["name"], made.body["notes"]), (evil, evil))
        lead = self.env["crm.lead"].search([("uuid", "=", made.body["id"])])
        bodies = self.env["mail.message"].search([("id", ">", last)]).mapped("body")
        bodies += self.env["mail.mail"].search([("mail_message_id", ">", last)]).mapped("body_html")
        self.assertTrue(any("&lt;img" in body for body in bodies), "nothing that was sent is told anywhere")
        for html in [lead.description, *bodies]:
            self.assertNotRegex(html, "<img src=.?x|<script")
        page = self.url_open("/api/docs").text + self.url_open("/api/openapi.json").text
        self.assertNotIn("onerror", page)
