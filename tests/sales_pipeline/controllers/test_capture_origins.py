"""Pages of websites that send by themselves: who may, and who may read the answer."""

import json

from tests.common import PipelineHttpCase

_SHOP, _EVIL = "https://shop.example", "https://evil.example"
_FORM = {"name": "Robin Example", "email": "robin@example.com"}


class TestCaptureOrigins(PipelineHttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        sources = cls.env["pipeline.source"]
        cls.source = sources.create({"name": "Form", "provider": "website", "secret": "form-secret"})
        cls.ads = sources.create({"name": "Ads", "provider": "google_ads", "secret": "key"})

    def setUp(self):
        super().setUp()
        self.counted = []
        self.patch(type(self.source), "_count_refusal", lambda source, reason: self.counted.append(reason))

    def _send(self, method="POST", source=None, origin=None, body=_FORM, **headers):
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        names |= {"Origin": origin} if origin else {}
        data = json.dumps({**body, "pipeline_key": self.source.form_key}).encode() if method == "POST" else None
        return self.opener.request(
            method, f"{self.base_url()}/pipeline/capture/{(source or self.source).token}", data=data, timeout=12,
            headers={"Content-Type": "application/json", **names},
        )  # fmt: skip

    def _ask(self, origin, source=None):
        wanted = {"Access_Control_Request_Method": "POST", "Access_Control_Request_Headers": "content-type"}
        return self._send("OPTIONS", source, origin, **wanted)

    def _rows(self):
        return self.env["pipeline.inbox"].search([("source_id", "=", self.source.id)])

    def test_any_page_may_send_where_no_website_is_named(self):
        asked = self._ask(_SHOP)
        self.assertEqual(asked.status_code, 204)
        self.assertEqual(asked.headers["Access-Control-Allow-Origin"], "*")
        for method in ("GET", "HEAD", "OPTIONS", "POST"):
            self.assertIn(method, asked.headers["Access-Control-Allow-Methods"])
        self.assertIn("Content-Type", asked.headers["Access-Control-Allow-Headers"])
        self.assertNotIn("Access-Control-Allow-Credentials", asked.headers)
        sent = self._send(origin=_SHOP)
        self.assertEqual((sent.status_code, sent.json()), (200, {"status": "received"}))
        self.assertEqual(sent.headers["Access-Control-Allow-Origin"], "*")
        self.assertEqual(len(self._rows()), 1)

    def test_pages_of_named_websites_may_send_and_read(self):
        self.source.allowed_origins = f"https://other.example\n{_SHOP}"
        for answer in (self._ask(_SHOP), self._send(origin=_SHOP)):
            self.assertIn(answer.status_code, (200, 204))
            self.assertEqual(answer.headers["Access-Control-Allow-Origin"], _SHOP)
            self.assertEqual(answer.headers["Vary"], "Origin")
        self.assertEqual(len(self._rows()), 1)
        self.assertFalse(self.counted)

    def test_pages_of_other_websites_are_refused_and_counted(self):
        self.source.allowed_origins = _SHOP
        for answer in (self._ask(_EVIL), self._send(origin=_EVIL), self._send(origin="null"), self._send()):
            self.assertEqual(answer.status_code, 403)
            self.assertNotIn("Access-Control-Allow-Origin", answer.headers)
        self.assertEqual(self.counted, ["origin"] * 4)
        self.assertFalse(self._rows())

    def test_a_page_may_read_why_it_was_refused(self):
        self.source.allowed_origins = _SHOP
        answer = self._send(origin=_SHOP, X_Pipeline_Secret="guess")
        self.assertEqual((answer.status_code, answer.headers["Access-Control-Allow-Origin"]), (401, _SHOP))
        self.assertEqual(self.counted, ["secret"])

    def test_who_asks_for_nothing_and_vendors_are_not_answered_as_pages(self):
        self.assertEqual(self._send("OPTIONS").status_code, 405)
        self.assertEqual(self._send("OPTIONS", origin=_SHOP).status_code, 405)
        self.assertEqual(self._ask(_SHOP, self.ads).status_code, 405)
        self.assertNotIn("Access-Control-Allow-Origin", self._send(source=self.ads, origin=_SHOP).headers)
        self.assertEqual(self._send("GET", origin=_SHOP).status_code, 405)
