import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path

from odoo.tools import mute_logger

from tests.common import PipelineHttpCase

_SHARED = Path(os.environ.get("SALES_PIPELINE_SHARED") or Path(__file__).resolve().parents[4] / "shared")
_FORM = {"name": "Robin Example", "email": "robin@example.com", "phone": "+15005550006", "message": "Ten units"}
_SECRET = "form-secret"
_GOOGLE_KEY = "google-key"


def _google(**changes):
    body = {
        "lead_id": "L-1", "google_key": _GOOGLE_KEY, "is_test": False, "form_id": 40123456789,
        "user_column_data": [
            {"column_id": "FULL_NAME", "string_value": "Dana Example"},
            {"column_id": "EMAIL", "string_value": "dana@example.com"},
        ],
    }  # fmt: skip
    return {**body, **changes}


class TestCapture(PipelineHttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        sources = cls.env["pipeline.source"]
        cls.website = sources.create({"name": "Form", "provider": "website", "secret": _SECRET})
        cls.google = sources.create({"name": "Ads", "provider": "google_ads", "secret": _GOOGLE_KEY})

    def _post(self, source, body=None, content_type="application/json", path=None, **headers):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.opener.post(
            self.base_url() + (path or f"/pipeline/capture/{source.token}"), data=data, timeout=12,
            headers={"Content-Type": content_type, **names}, allow_redirects=False,
        )  # fmt: skip

    def _rows(self):
        return self.env["pipeline.inbox"].search([("source_id", "in", (self.website | self.google).ids)], order="id")

    def _assert_refused(self, answer, status):
        self.assertEqual(answer.status_code, status, answer.text)
        self.assertNotIn("Traceback", answer.text)
        self.assertFalse(self._rows())

    # ---- what is let in

    def test_a_json_form_is_stored_and_acknowledged(self):
        answer = self._post(self.website, _FORM, X_Pipeline_Secret=_SECRET)
        self.assertEqual((answer.status_code, answer.json()), (200, {"status": "received"}))
        row = self._rows()
        self.assertEqual((row.payload, row.state, row.source_id, row.is_test), (_FORM, "received", self.website, False))

    def test_the_short_addresses_of_the_demonstration_answer(self):
        for source, token in ((self.website, "demo-website"), (self.google, "demo-google-ads")):
            source.token = token
        self.assertEqual(self._post(self.website, _FORM, X_Pipeline_Secret=_SECRET).status_code, 200)
        self.assertEqual(self._post(self.google, _google()).status_code, 200)
        self.assertEqual(len(self._rows()), 2)

    def test_a_signed_body_is_let_in(self):
        body = json.dumps(_FORM).encode()
        signature = hmac.new(_SECRET.encode(), body, hashlib.sha256).hexdigest()
        self.assertEqual(self._post(self.website, body, X_Pipeline_Signature=f"sha256={signature}").status_code, 200)
        self.assertEqual(len(self._rows()), 1)

    def test_a_browsers_form_is_thanked(self):
        form = f"name=Robin+Example&email=robin%40example.com&pipeline_key={_SECRET}".encode()
        answer = self._post(self.website, form, "application/x-www-form-urlencoded")
        self.assertEqual(answer.status_code, 200)
        self.assertIn("Thank you", answer.text)
        self.assertEqual(self._rows().payload, {"name": "Robin Example", "email": "robin@example.com"})

    def test_a_browsers_form_is_sent_to_the_thank_you_page(self):
        self.website.thank_you_url = "https://www.example.com/thanks?a=1"
        answer = self._post(
            self.website, f"name=R&pipeline_key={_SECRET}".encode(), "application/x-www-form-urlencoded"
        )
        self.assertEqual((answer.status_code, answer.headers["Location"]), (303, "https://www.example.com/thanks?a=1"))

    def test_a_multipart_form_keeps_its_fields_and_not_its_files(self):
        answer = self.opener.post(
            f"{self.base_url()}/pipeline/capture/{self.website.token}",
            data={"name": "Robin Example", "pipeline_key": _SECRET},
            files={"cv": ("cv.pdf", b"%PDF", "application/pdf")},
            timeout=12,
        )
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(self._rows().payload, {"name": "Robin Example"})

    def test_google_is_answered_in_its_own_words(self):
        answer = self._post(self.google, _google())
        self.assertEqual((answer.status_code, answer.json()), (200, {}))
        self.assertEqual(self._rows().external_id, "L-1")
        self.assertNotIn(_GOOGLE_KEY, json.dumps(self._rows().payload))

    def test_googles_test_lead_is_marked(self):
        self._post(self.google, _google(is_test=True))
        self.assertTrue(self._rows().is_test)

    def test_a_replay_is_answered_alike_and_stored_once(self):
        for _time in range(3):
            answer = self._post(self.google, _google())
            self.assertEqual((answer.status_code, answer.json()), (200, {}))
        for _time in range(2):
            self._post(self.website, _FORM, X_Pipeline_Secret=_SECRET)
            self._post(self.website, _FORM, X_Pipeline_Secret=_SECRET, Idempotency_Key='"abc"')
        self.assertEqual(len(self._rows()), 3)

    def test_no_session_is_kept(self):
        answer = self._post(self.website, _FORM, X_Pipeline_Secret=_SECRET)
        self.assertNotIn("session_id", answer.headers.get("Set-Cookie", ""))
        self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_what_was_stored_becomes_a_lead(self):
        page = "https://www.example.com/?utm_source=google&utm_medium=cpc&gclid=EAIa_B"
        self._post(self.website, {**_FORM, "page_url": page, "Colour": "red"}, X_Pipeline_Secret=_SECRET)
        self._rows()._work()
        lead = self._rows().lead_id
        self.assertEqual(
            (lead.contact_name, lead.email_normalized, lead.phone),
            ("Robin Example", "robin@example.com", "+15005550006"),
        )
        self.assertEqual(
            (lead.source_id.name, lead.click_ids, lead.capture_channel), ("google", {"gclid": "EAIa_B"}, "website")
        )
        self.assertIn("red", lead.description)

    # ---- what is not

    def test_a_wrong_secret_is_refused_and_nothing_is_stored(self):
        signature = "sha256=" + "0" * 64
        self._assert_refused(self._post(self.website, _FORM), 401)
        self._assert_refused(self._post(self.website, _FORM, X_Pipeline_Secret="guess"), 401)
        self._assert_refused(self._post(self.website, _FORM, X_Pipeline_Signature=signature), 401)
        self._assert_refused(
            self._post(self.website, b"name=R&pipeline_key=guess", "application/x-www-form-urlencoded"), 401
        )
        answer = self._post(self.google, _google(google_key="guess"))
        self._assert_refused(answer, 401)
        self.assertEqual(list(answer.json()), ["message"])
        self.assertNotIn("guess", answer.text)

    def test_a_source_without_a_secret_lets_nobody_in(self):
        (self.website | self.google).secret = False
        self._assert_refused(self._post(self.website, _FORM, X_Pipeline_Secret=""), 401)
        self._assert_refused(self._post(self.google, _google(google_key="")), 401)

    def test_a_list_has_no_public_route(self):
        source = self.env["pipeline.source"].create({"name": "List", "provider": "bulk_upload", "secret": _SECRET})
        self._assert_refused(self._post(source, _FORM, X_Pipeline_Secret=_SECRET), 401)

    def test_a_malformed_body_is_refused(self):
        for body in (b"", b"{", b"[]", b"null", b'{"a": NaN}', b'{"name": "a", "name": "b"}', b"\xff\xfe"):
            with self.subTest(body=body):
                self._assert_refused(self._post(self.website, body, X_Pipeline_Secret=_SECRET), 400)
        answer = self._post(self.google, _google(lead_id=None))
        self._assert_refused(answer, 400)
        self.assertEqual(list(answer.json()), ["message"])

    def test_a_deep_body_is_refused(self):
        self._assert_refused(self._post(self.website, b'{"a":' * 40_000, X_Pipeline_Secret=_SECRET), 400)
        self._assert_refused(self._post(self.google, b"[" * 100_000), 400)

    def test_an_oversized_body_is_refused(self):
        for size in (256 * 1024 + 1, 3 * 1024 * 1024):
            with self.subTest(size=size):
                body = json.dumps({**_FORM, "message": "x"}).encode().ljust(size)
                self._assert_refused(self._post(self.website, body, X_Pipeline_Secret=_SECRET), 413)

    def test_the_largest_body_is_let_in(self):
        body = json.dumps(_FORM).encode().ljust(256 * 1024)
        self.assertEqual(self._post(self.website, body, X_Pipeline_Secret=_SECRET).status_code, 200)

    def test_other_methods_are_refused(self):
        url = self.base_url() + f"/pipeline/capture/{self.website.token}"
        for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS"):
            with self.subTest(method=method):
                answer = self.opener.request(
                    method, url, data=b"{}", headers={"X-Pipeline-Secret": _SECRET}, timeout=12
                )
                self._assert_refused(answer, 405)
                self.assertIn("POST", answer.headers["Allow"])

    def test_unknown_and_archived_sources_do_not_exist(self):
        for token in (secrets.token_urlsafe(32), "x", "%00", "a" * 5000):
            with self.subTest(token=token[:5]):
                path = f"/pipeline/capture/{token}"
                self._assert_refused(self._post(None, _FORM, path=path, X_Pipeline_Secret=_SECRET), 404)
        self.website.active = False
        self._assert_refused(self._post(self.website, _FORM, X_Pipeline_Secret=_SECRET), 404)

    @mute_logger("odoo.http")
    def test_an_error_of_ours_tells_nothing(self):
        self.patch(type(self.env["pipeline.inbox"]), "_store", lambda *args, **kwargs: 1 / 0)
        answer = self._post(self.website, _FORM, X_Pipeline_Secret=_SECRET)
        self._assert_refused(answer, 500)
        self.assertEqual(list(answer.json()), ["message"])
        self.assertNotIn("division", answer.text)

    # ---- whose address it is

    def _reach(self, token, nonce, method="GET"):
        url = f"{self.base_url()}/pipeline/capture/{token}/reach/{nonce}"
        return self.opener.request(method, url, timeout=12)

    def test_the_address_proves_which_database_answers(self):
        first, second = (self._reach(self.website.token, nonce * 16) for nonce in ("a", "b"))
        self.assertEqual(first.json(), {"proof": self.website._get_reach_proof("a" * 16)})
        self.assertNotEqual(first.json(), second.json())
        self.assertNotIn("session_id", first.headers.get("Set-Cookie", ""))

    def test_the_address_proves_nothing_to_who_does_not_know_it(self):
        for token, nonce in (("unknown-token", "a" * 16), (self.website.token, "a"), (self.website.token, "a" * 65)):
            self._assert_refused(self._reach(token, nonce), 404)
        self._assert_refused(self._reach(self.website.token, "a" * 16, "POST"), 405)
        self.website.active = False
        self._assert_refused(self._reach(self.website.token, "a" * 16), 404)

    def test_a_marked_test_of_a_form_makes_no_lead(self):
        self._post(self.website, {**_FORM, "is_test": True}, X_Pipeline_Secret=_SECRET)
        row = self._rows()
        self.assertTrue(row.is_test)
        row._work()
        self.assertEqual((row.result, row.lead_id.id), ("test", False))

    # ---- the services' own payloads, where they lie beside the checkout

    def test_googles_contracts(self):
        self.google.secret = "g-key-7b21c9"
        for path in sorted((_SHARED / "contracts/google_leads").glob("*.http.json")):
            with self.subTest(path=path.name):
                contract = json.loads(path.read_text())
                before = self._rows()
                answer = self._post(self.google, contract["body_raw"].encode(), contract["headers"]["Content-Type"])
                expected = contract.get("expect", {"status": [200]})
                self.assertIn(answer.status_code, expected["status"])
                self.assertEqual(len(self._rows() - before), 0 if expected.get("no_record") else 1)

    def test_the_website_contract(self):
        for path in (_SHARED / "contracts/website_form").glob("lead_capture_json.request.json"):
            answer = self._post(self.website, json.loads(path.read_text())["json"], X_Pipeline_Secret=_SECRET)
            self.assertEqual(answer.status_code, 200)
            self._rows()._work()
            self.assertEqual(self._rows().lead_id.partner_name, "Example Inc")
