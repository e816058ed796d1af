"""Vendors' posts over HTTP: what is let in, what is stored, what is answered, and what becomes of it."""

import base64
import hashlib
import hmac
import json
import os
from pathlib import Path

from tests.common import PipelineHttpCase
from tests.fakes import Asked, Reply, typeform
from tests.fakes.graph import FORM, PAGE, TOKEN, FakeGraph

_SHARED = Path(os.environ.get("SALES_PIPELINE_SHARED") or Path(__file__).resolve().parents[4] / "shared")
_CONTRACTS = _SHARED / "contracts"
_SECRET, _VERIFY_TOKEN = "vendor-secret", "verify-token-1"
_SECOND = 1795419600


def _meta_bytes(body):
    """Return a body as Meta writes it: letters and slashes escaped, nothing between."""
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/").encode()


def _meta(raw, secret=_SECRET):
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()}


def _typeform(raw, secret=_SECRET):
    digest = base64.b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest()).decode()
    return {"Typeform-Signature": f"sha256={digest}"}


def _basic(password):
    return {"Authorization": "Basic " + base64.b64encode(f"privy:{password}".encode()).decode()}


def _leadgen(*lead_ids, page=PAGE):
    common = {"page_id": page, "form_id": FORM, "created_time": _SECOND}
    changes = [{"field": "leadgen", "value": {"leadgen_id": lead_id, **common}} for lead_id in lead_ids]
    return {"object": "page", "entry": [{"id": page, "time": _SECOND, "changes": changes}]}


class TestVendors(PipelineHttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.inbox = cls.env["pipeline.inbox"]
        sources = cls.env["pipeline.source"]
        common = {"secret": _SECRET, "name_required": False}
        cls.facebook = sources.create({
            "name": "Page", "provider": "facebook", "vendor_token": TOKEN, "verify_token": _VERIFY_TOKEN,
            **common,
        })  # fmt: skip
        cls.typeform = sources.create({"name": "Form", "provider": "typeform", **common})
        cls.privy = sources.create({"name": "Pop-up", "provider": "privy", **common})
        cls.google = sources.create({"name": "Ads", "provider": "google_ads", **common})
        cls.mine = cls.facebook | cls.typeform | cls.privy | cls.google

    def setUp(self):
        super().setUp()
        self.patch(self.env.cr, "commit", self.env.cr.flush)

    def _call(self, source, raw=b"", headers=(), method="POST", query=""):
        url = f"{self.base_url()}/pipeline/capture/{source.token}{query}"
        names = {"Content-Type": "application/json", **dict(headers)}
        return self.opener.request(method, url, data=raw, headers=names, timeout=12, allow_redirects=False)

    def _rows(self, source=None):
        self.inbox.invalidate_model()
        return self.inbox.search([("source_id", "in", (source or self.mine).ids)], order="id")

    def _assert_refused(self, answer, *statuses):
        self.assertIn(answer.status_code, statuses, answer.text)
        self.assertFalse(self._rows())
        self.assertNotIn(_SECRET, answer.text)

    def _work(self):
        self.env.flush_all()
        self.inbox._cron_fetch()
        self.inbox._cron_drain()
        self.inbox.invalidate_model()

    # ---- Facebook

    def test_metas_handshake_is_answered_with_its_challenge(self):
        query = f"?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={_VERIFY_TOKEN}"
        answer = self._call(self.facebook, method="GET", query=query)
        self.assertEqual((answer.status_code, answer.text), (200, "1158201444"))
        self.assertTrue(answer.headers["Content-Type"].startswith("text/plain"))

    def test_a_wrong_verify_token_gets_no_challenge(self):
        for token in ("guess", "", _SECRET):
            query = f"?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={token}"
            answer = self._call(self.facebook, method="GET", query=query)
            self._assert_refused(answer, 403)
            self.assertNotIn("1158201444", answer.text)
        self.assertEqual(self._call(self.facebook, method="GET").status_code, 405)

    def test_several_changes_of_a_post_are_rows_of_their_own(self):
        raw = _meta_bytes(_leadgen("11", "12", 13))
        answer = self._call(self.facebook, raw, _meta(raw))
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(self._rows().mapped("external_id"), ["11", "12", "13"])
        self.assertEqual(set(self._rows().mapped("waits_for")), {"answers"})
        self.assertEqual(self._call(self.facebook, raw, _meta(raw)).status_code, 200)
        self.assertEqual(len(self._rows()), 3)

    def test_a_post_without_the_right_signature_is_refused(self):
        raw = _meta_bytes(_leadgen("11"))
        strange = {"X-Hub-Signature-256": "sha256=é".encode("latin-1")}
        for headers in ({}, _meta(raw, "guess"), _meta(raw + b" "), strange):
            self._assert_refused(self._call(self.facebook, raw, headers), 401)
        self.facebook.secret = False
        self._assert_refused(self._call(self.facebook, raw, _meta(raw, "")), 401)

    def test_a_fetched_lead_is_sold_and_a_test_is_not(self):
        with FakeGraph() as graph:
            self.facebook.write({"vendor_base_url": graph.base_url, "vendor_account": PAGE})
            graph.add("11", "Dana Example", "dana@posted.example", _SECOND)
            graph.add("12", "<test lead: dummy data for full_name>", "test@fb.com", _SECOND)
            raw = _meta_bytes(_leadgen("11", "12"))
            self._call(self.facebook, raw, _meta(raw))
            self._work()
        sold, test = self._rows()
        self.assertEqual((sold.result, sold.lead_id.email_normalized), ("created", "dana@posted.example"))
        self.assertEqual((test.result, test.lead_id.id), ("test", False))
        self.assertNotIn(TOKEN, json.dumps([sold.payload, test.payload]))

    def test_leads_of_two_pages_come_in_by_one_address(self):
        other = self.facebook.copy({"vendor_account": "222", "secret": _SECRET})
        self.facebook.vendor_account = PAGE
        body = _leadgen("11")
        body["entry"] += _leadgen("21", page="222")["entry"] + _leadgen("31", page="333")["entry"]
        raw = _meta_bytes(body)
        self.assertEqual(self._call(self.facebook, raw, _meta(raw)).status_code, 200)
        self.assertEqual(self._rows(self.facebook).mapped("external_id"), ["11", "31"])
        self.assertEqual(self._rows(other).mapped("external_id"), ["21"])

    # ---- Typeform

    def _post_form(self, body):
        raw = json.dumps(body).encode()
        return self._call(self.typeform, raw, _typeform(raw))

    def test_a_response_is_stored_once_and_becomes_a_lead(self):
        for event in ("E1", "E2"):
            body = typeform.post_body("tok1", "Dana Example", "dana@posted.example", event_id=event)
            self.assertEqual(self._post_form(body).status_code, 200)
        self._work()
        self.assertEqual((len(self._rows()), self._rows().lead_id.contact_name), (1, "Dana Example"))

    def test_an_unfinished_response_is_completed_by_the_whole_one(self):
        partial = {**typeform.post_body("tok1", "D", "dana@posted.example"), "event_type": "form_response_partial"}
        self._post_form(partial)
        self._work()
        self.assertEqual((self._rows().waits_for, self._rows().lead_id.id), ("rest", False))
        self._post_form(typeform.post_body("tok1", "Dana Example", "dana@posted.example"))
        self._work()
        self.assertEqual((len(self._rows()), self._rows().lead_id.contact_name), (1, "Dana Example"))

    def test_an_unsigned_response_is_refused(self):
        raw = json.dumps(typeform.post_body("tok1", "Dana", "dana@posted.example")).encode()
        for headers in ({}, _typeform(raw, "guess"), _meta(raw)):
            self._assert_refused(self._call(self.typeform, raw, headers), 401)

    # ---- Privy

    def _sign_up(self, query="", headers=None, **changes):
        body = {"id": 7, "email": "ben@posted.example", "first_name": None, "last_name": None, "custom_fields": None}
        raw = json.dumps({**body, "display": {"id": 1, "title": "Ten percent"}, **changes}).encode()
        return self._call(self.privy, raw, _basic(_SECRET) if headers is None else headers, query=query)

    def test_who_signs_up_again_is_one_lead_with_two_touches(self):
        more = {"first_name": "Ben", "last_name": "Example", "custom_fields": {"phone": "+15005550006"}}
        for changes in ({}, {}, more):
            self.assertEqual(self._sign_up(**changes).status_code, 200)
            self._work()
        self.assertEqual(self._rows().mapped("result"), ["created", "duplicate"])
        lead = self._rows().lead_id
        self.assertEqual((lead.contact_name, lead.phone, len(lead.touch_ids)), ("Ben Example", "+15005550006", 2))

    def test_the_password_may_stand_in_the_address(self):
        self.assertEqual(self._sign_up(f"?key={_SECRET}", {}).status_code, 200)

    def test_a_sign_up_without_the_password_is_refused(self):
        for query, headers in (("", {}), ("?key=guess", {}), ("", _basic("guess")), (f"?token={_SECRET}", {})):
            self._assert_refused(self._sign_up(query, headers), 401)

    # ---- the services' own payloads, where they lie beside the checkout

    def _play(self, source, path):
        contract = json.loads(path.read_text(encoding="utf-8"))
        raw = contract["body_raw"].encode()
        query = "?" + contract["url"].partition("?")[2] if "?" in contract["url"] else ""
        before = self._rows()
        answer = self._call(source, raw, contract["headers"], contract["method"], query)
        expected = contract.get("expect") or {"status": 200 if contract["verify"]["valid"] else [401, 403]}
        statuses = expected["status"] if isinstance(expected["status"], list) else [expected["status"]]
        self.assertIn(answer.status_code, statuses, path.name)
        if "body" in expected:
            self.assertEqual(answer.text, expected["body"])
        self.assertNotIn(expected.get("body_must_not_contain") or "\x00", answer.text)
        new = self._rows() - before
        if expected.get("no_record") or not contract["verify"]["valid"]:
            self.assertFalse(new, path.name)
        return contract, new

    def test_facebooks_contracts(self):
        for path in sorted((_CONTRACTS / "facebook_leads").glob("*.http.json")):
            with self.subTest(path=path.name):
                verify = json.loads(path.read_text(encoding="utf-8"))["verify"]
                self.facebook.write({"secret": verify.get("app_secret"), "verify_token": "vtok-3f1a"})
                contract, new = self._play(self.facebook, path)
                self.assertEqual(len(new), contract["method"] == "POST")

    def test_facebooks_documented_post_is_two_rows(self):
        for path in (_CONTRACTS / "facebook_leads").glob("webhook_doc_example.json"):
            raw = _meta_bytes(json.loads(path.read_text(encoding="utf-8")))
            self.assertEqual(self._call(self.facebook, raw, _meta(raw)).status_code, 200)
            self.assertEqual(self._rows().mapped("external_id"), ["123123123123", "123123123124"])

    def test_facebooks_answers(self):
        for path in sorted((_CONTRACTS / "facebook_leads").glob("lead_read*.response.json")):
            with self.subTest(path=path.name):
                row = self._fetch_contract(path)
                self.assertFalse(row.waits_for)
                is_test = "test_tool" in path.name
                self.assertEqual(row.result, "test" if is_test else "created")
                self.assertEqual(row.lead_id.contact_name, False if is_test else "Joe Example")
                row.lead_id.email_from = False
                row.lead_id.phone = False

    def test_facebooks_errors(self):
        for path in sorted((_CONTRACTS / "facebook_leads").glob("error_*.response.json")):
            with self.subTest(path=path.name):
                row = self._fetch_contract(path)
                self.assertEqual((row.state, row.waits_for), ("received", "answers"))
                self.assertEqual(self.facebook.vendor_problem, "token" if "190" in path.name else "throttled")

    def _fetch_contract(self, path):
        contract = json.loads(path.read_text(encoding="utf-8"))
        with FakeGraph() as graph:
            self.patch(graph, "answer", lambda asked: Reply(
                contract["status"], contract["body"], contract.get("headers", {})))  # fmt: skip
            self.facebook.write({
                "vendor_base_url": graph.base_url, "vendor_problem": False, "vendor_wait_until": False,
                "vendor_account": False,
            })  # fmt: skip
            lead_id = contract["body"].get("id", "1") + path.name.replace(".", "_")[:40]
            raw = _meta_bytes(_leadgen(lead_id))
            self._call(self.facebook, raw, _meta(raw))
            self._work()
        return self._rows().filtered(lambda row: row.external_id == lead_id)

    def test_facebooks_bulk_read(self):
        for path in (_CONTRACTS / "facebook_leads").glob("bulk_read_page1.response.json"):
            page = json.loads(path.read_text(encoding="utf-8"))["body"]

            def answer(asked: Asked, page=page) -> Reply:
                if asked.path.endswith("/leadgen_forms"):
                    return Reply(body={"data": [{"id": "222333444555666"}]})
                return Reply(body=page if "after" not in asked.query else {"data": [], "paging": {}})

            with FakeGraph() as graph:
                self.patch(graph, "answer", answer)
                self.facebook.write({"vendor_base_url": graph.base_url, "vendor_account": "104857601234567"})
                self.env.flush_all()
                self.env["pipeline.source"]._cron_catch_up()
                self.assertIn("QVFIUmFmdA", [asked.query.get("after") for asked in graph.asked])
            self._work()
            self.assertEqual(
                sorted(self._rows().lead_id.mapped("contact_name")), ["Ann Example", "Bob Example"]
            )

    def test_typeforms_contracts(self):
        for path in sorted((_CONTRACTS / "typeform").glob("*.http.json")):
            with self.subTest(path=path.name):
                self.typeform.secret = json.loads(path.read_text(encoding="utf-8"))["verify"]["secret"]
                _contract, new = self._play(self.typeform, path)
                self.assertLessEqual(len(new), 1)
        self._work()
        results = {row.external_id: row.result for row in self._rows(self.typeform)}
        if results:
            self.assertEqual(set(results), {"tok", "tok7c1e", "tok9", "a3a12ec67a1365927098a606107fac15"})
            self.assertEqual((results["tok7c1e"], results["a3a12ec67a1365927098a606107fac15"]), ("created", "created"))
            lead = self._rows().filtered(lambda row: row.external_id == "tok7c1e").lead_id
            self.assertEqual((lead.contact_name, lead.email_normalized), ("Casey Example", "casey@example.com"))
            self.assertFalse(lead.click_ids, "a placeholder is no click")
            self.assertEqual(results["tok9"], "refused", "nobody can be reached by it")

    def test_typeforms_responses(self):
        for path in (_CONTRACTS / "typeform").glob("responses_api_page.response.json"):
            page = json.loads(path.read_text(encoding="utf-8"))["body"]
            with typeform.FakeTypeform() as fake:
                bodies = {"/forms/kL8mN2pQ": {"id": "kL8mN2pQ", "fields": []}, "/forms/kL8mN2pQ/responses": page}
                self.patch(fake, "answer", lambda asked, bodies=bodies: Reply(body=bodies[asked.path]))
                self.typeform.write({
                    "vendor_account": "kL8mN2pQ", "vendor_token": "t", "vendor_base_url": fake.base_url,
                })  # fmt: skip
                self.env.flush_all()
                for _time in range(2):
                    self.env["pipeline.source"]._cron_catch_up()
            self._work()
            self.assertEqual(self._rows(self.typeform).external_id, "tok7c1e")
            self.assertEqual(self._rows(self.typeform).lead_id.contact_name, "Casey Example")

    def test_privys_contracts(self):
        self.privy.secret = "pv-secret-1"
        for path in sorted((_CONTRACTS / "privy").glob("*.http.json")):
            with self.subTest(path=path.name):
                contract, new = self._play(self.privy, path)
                self.assertEqual(len(new), contract["verify"]["valid"])
        self._work()
        ben = self._rows(self.privy).filtered(lambda row: row.payload["id"] == 1000001)
        if ben:
            self.assertEqual((len(ben), len(ben.lead_id), ben.lead_id.contact_name), (2, 1, "Ben Example"))

    def test_googles_contracts(self):
        answers = _CONTRACTS / "google_leads/answers.json"
        accepted = json.loads(answers.read_text(encoding="utf-8"))["accepted"] if answers.exists() else None
        self.google.secret = "g-key-7b21c9"
        for path in sorted((_CONTRACTS / "google_leads").glob("*.http.json")):
            with self.subTest(path=path.name):
                contract, new = self._play(self.google, path)
                self.assertEqual(len(new), contract["verify"]["valid"])
        if accepted:
            self.assertEqual(accepted, {"status": 200, "body": {}})
        self._work()
        self.assertEqual(len(self._rows().filtered("is_test").lead_id), 0)
