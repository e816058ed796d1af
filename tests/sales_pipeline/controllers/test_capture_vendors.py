"""Vendors' posts over HTTP: what is let in, what is stored, what is answered, and what becomes of it."""

import json

from tests.fakes import typeform
from tests.fakes.graph import PAGE, TOKEN, FakeGraph
from tests.sales_pipeline.controllers.vendors import (
    SECOND,
    SECRET,
    VERIFY_TOKEN,
    VendorHttpCase,
    basic_proof,
    leadgen,
    meta_bytes,
    meta_proof,
    typeform_proof,
)


class TestVendors(VendorHttpCase):
    # ---- Facebook

    def test_metas_handshake_is_answered_with_its_challenge(self):
        query = f"?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={VERIFY_TOKEN}"
        answer = self.call(self.facebook, method="GET", query=query)
        self.assertEqual((answer.status_code, answer.text), (200, "1158201444"))
        self.assertTrue(answer.headers["Content-Type"].startswith("text/plain"))

    def test_a_wrong_verify_token_gets_no_challenge(self):
        for token in ("guess", "", SECRET):
            query = f"?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={token}"
            answer = self.call(self.facebook, method="GET", query=query)
            self.assert_refused(answer, 403)
            self.assertNotIn("1158201444", answer.text)
        self.assertEqual(self.call(self.facebook, method="GET").status_code, 405)

    def test_several_changes_of_a_post_are_rows_of_their_own(self):
        raw = meta_bytes(leadgen("11", "12", 13))
        answer = self.call(self.facebook, raw, meta_proof(raw))
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(self.rows().mapped("external_id"), ["11", "12", "13"])
        self.assertEqual(set(self.rows().mapped("waits_for")), {"answers"})
        self.assertEqual(self.call(self.facebook, raw, meta_proof(raw)).status_code, 200)
        self.assertEqual(len(self.rows()), 3)

    def test_a_post_without_the_right_signature_is_refused(self):
        raw = meta_bytes(leadgen("11"))
        strange = {"X-Hub-Signature-256": "sha256=é".encode("latin-1")}
        for headers in ({}, meta_proof(raw, "guess"), meta_proof(raw + b" "), strange):
            self.assert_refused(self.call(self.facebook, raw, headers), 401)
        self.facebook.secret = False
        self.assert_refused(self.call(self.facebook, raw, meta_proof(raw, "")), 401)

    def test_a_fetched_lead_is_sold_and_a_test_is_not(self):
        with FakeGraph() as graph:
            self.facebook.write({"vendor_base_url": graph.base_url, "vendor_account": PAGE})
            graph.add("11", "Dana Example", "dana@posted.example", SECOND)
            graph.add("12", "<test lead: dummy data for full_name>", "test@fb.com", SECOND)
            raw = meta_bytes(leadgen("11", "12"))
            self.call(self.facebook, raw, meta_proof(raw))
            self.work()
        sold, test = self.rows()
        self.assertEqual((sold.result, sold.lead_id.email_normalized), ("created", "dana@posted.example"))
        self.assertEqual((test.result, test.lead_id.id), ("test", False))
        self.assertNotIn(TOKEN, json.dumps([sold.payload, test.payload]))

    def test_leads_of_two_pages_come_in_by_one_address(self):
        other = self.facebook.copy({"vendor_account": "222", "secret": SECRET})
        self.facebook.vendor_account = PAGE
        body = leadgen("11")
        body["entry"] += leadgen("21", page="222")["entry"] + leadgen("31", page="333")["entry"]
        raw = meta_bytes(body)
        self.assertEqual(self.call(self.facebook, raw, meta_proof(raw)).status_code, 200)
        self.assertEqual(self.rows(self.facebook).mapped("external_id"), ["11", "31"])
        self.assertEqual(self.rows(other).mapped("external_id"), ["21"])

    # ---- Typeform

    def _post_form(self, body):
        raw = json.dumps(body).encode()
        return self.call(self.typeform, raw, typeform_proof(raw))

    def test_a_response_is_stored_once_and_becomes_a_lead(self):
        for event in ("E1", "E2"):
            body = typeform.post_body("tok1", "Dana Example", "dana@posted.example", event_id=event)
            self.assertEqual(self._post_form(body).status_code, 200)
        self.work()
        self.assertEqual((len(self.rows()), self.rows().lead_id.contact_name), (1, "Dana Example"))

    def test_an_unfinished_response_is_completed_by_the_whole_one(self):
        partial = {**typeform.post_body("tok1", "D", "dana@posted.example"), "event_type": "form_response_partial"}
        self._post_form(partial)
        self.work()
        self.assertEqual((self.rows().waits_for, self.rows().lead_id.id), ("rest", False))
        self._post_form(typeform.post_body("tok1", "Dana Example", "dana@posted.example"))
        self.work()
        self.assertEqual((len(self.rows()), self.rows().lead_id.contact_name), (1, "Dana Example"))

    def test_an_unsigned_response_is_refused(self):
        raw = json.dumps(typeform.post_body("tok1", "Dana", "dana@posted.example")).encode()
        for headers in ({}, typeform_proof(raw, "guess"), meta_proof(raw)):
            self.assert_refused(self.call(self.typeform, raw, headers), 401)

    # ---- Privy

    def _sign_up(self, query="", headers=None, **changes):
        body = {"id": 7, "email": "ben@posted.example", "first_name": None, "last_name": None, "custom_fields": None}
        raw = json.dumps({**body, "display": {"id": 1, "title": "Ten percent"}, **changes}).encode()
        return self.call(self.privy, raw, basic_proof(SECRET) if headers is None else headers, query=query)

    def test_who_signs_up_again_is_one_lead_with_two_touches(self):
        more = {"first_name": "Ben", "last_name": "Example", "custom_fields": {"phone": "+15005550006"}}
        for changes in ({}, {}, more):
            self.assertEqual(self._sign_up(**changes).status_code, 200)
            self.work()
        self.assertEqual(self.rows().mapped("result"), ["created", "duplicate"])
        lead = self.rows().lead_id
        self.assertEqual((lead.contact_name, lead.phone, len(lead.touch_ids)), ("Ben Example", "+15005550006", 2))

    def test_the_password_may_stand_in_the_address(self):
        self.assertEqual(self._sign_up(f"?key={SECRET}", {}).status_code, 200)

    def test_a_sign_up_without_the_password_is_refused(self):
        for query, headers in (("", {}), ("?key=guess", {}), ("", basic_proof("guess")), (f"?token={SECRET}", {})):
            self.assert_refused(self._sign_up(query, headers), 401)
