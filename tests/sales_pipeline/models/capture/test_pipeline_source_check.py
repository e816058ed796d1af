"""What the check of a source says without a network; the public address is called by the live tests."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from odoo import fields

from odoo.addons.sales_pipeline.providers.capture.base import Finding, StoredItem
from odoo.addons.sales_pipeline.providers.capture.samples import make_sample
from tests.sales_pipeline.models.capture.test_crm_lead import CaptureCase


class TestCheck(CaptureCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("web.base.url", "http://crm.example.com")

    def check(self):
        """Return state and text of each finding by its code."""
        self.env.invalidate_all()
        findings = self.source._check_connection()
        told = self.source._describe_findings(findings)
        return {
            finding.code: (words["state"], f"{words['title']} {words['advice']}")
            for finding, words in zip(findings, told, strict=True)
        }

    def serve(self, answer: bytes, status=200):
        """Have somebody else answer at the public address."""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(status)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args):
                return

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.env["ir.config_parameter"].set_param("web.base.url", f"http://127.0.0.1:{server.server_port}")

    def test_an_address_without_https_is_named_and_not_called(self):
        found = self.check()
        self.assertEqual(found["address"][0], "bad")
        self.assertIn("http://crm.example.com", found["address"][1])
        self.assertNotIn("reach", found)

    def test_a_private_address_is_no_public_one(self):
        for url in ("https://192.168.1.4", "https://odoo.local", "https://odoo", "http://8.8.8.8"):
            with self.subTest(url):
                self.env["ir.config_parameter"].set_param("web.base.url", url)
                self.assertEqual(next(f for f in self.source._check_here() if f.code == "address").is_ok, False)
        self.env["ir.config_parameter"].set_param("web.base.url", "https://crm.example.com")
        self.assertTrue(next(f for f in self.source._check_here() if f.code == "address").is_ok)

    def test_another_system_at_the_address_is_told_apart(self):
        for answer, status, reason in (
            (b"<html>", 200, "another system"), (json.dumps({"proof": "0" * 64}).encode(), 200, "another system"),
            (b"{}", 404, "nothing is there"), (b"[]", 302, "leads elsewhere"),
        ):  # fmt: skip
            with self.subTest(answer=answer):
                self.serve(answer, status)
                found = self.check()
                self.assertEqual(found["reach"][0], "bad")
                self.assertIn(reason, found["reach"][1])
                self.assertEqual(found["public"][0], "soft")

    def test_a_missing_secret_is_named(self):
        self.source.secret = False
        self.assertEqual(self.check()["secret"][0], "bad")

    def test_a_team_without_members_is_named(self):
        self.assertEqual(self.check()["team"], ("good", "Members of Inbound who take turns: 3 "))
        self.team.crm_team_member_ids.assignment_optout = True
        state, text = self.check()["team"]
        self.assertEqual(state, "bad")
        self.assertIn("Inbound", text)

    def test_a_person_who_left_is_named(self):
        self.source.user_id = self.reps[0]
        self.assertEqual(self.check()["person"][0], "good")
        self.reps[0].active = False
        self.assertEqual(self.check()["person"][0], "bad")

    def test_a_job_that_stands_still_is_named(self):
        self.assertEqual(self.check()["job"][0], "good")
        self.env["pipeline.inbox"]._store(self.source, [StoredItem("1", {"name": "A"})])
        row = self.env["pipeline.inbox"].search([("source_id", "=", self.source.id)])
        row.next_attempt_at = fields.Datetime.subtract(fields.Datetime.now(), minutes=15)
        row.flush_recordset()
        state, text = self.check()["job"]
        self.assertEqual(state, "bad")
        # The database counts from the start of the transaction.
        self.assertRegex(text, r"waits for 1[0-5] minutes")
        self.env.ref("sales_pipeline.ir_cron_drain_inbox").active = False
        row.next_attempt_at = fields.Datetime.now()
        row.flush_recordset()
        self.assertEqual(self.check()["job"][0], "bad")

    def test_refusals_and_rejected_captures_are_named(self):
        self.assertFalse({"refused", "trouble"} & set(self.check()))
        self.env["pipeline.source.refusal"].create({
            "source_id": self.source.id, "reason": "signature", "refused_count": 4, "first_at": "2026-01-01 00:00:00",
            "last_at": "2026-01-02 00:00:00",
        })  # fmt: skip
        self.env["pipeline.inbox"]._store(self.source, [StoredItem("1", {"colour": "red"})])
        self.env["pipeline.inbox"].search([("source_id", "=", self.source.id)])._work()
        found = self.check()
        self.assertIn("The signature did not fit", found["refused"][1])
        self.assertEqual(found["trouble"][0], "soft")
        self.assertIn("Received: 1", found["received"][1])

    def test_an_archived_source_and_an_open_overlap_are_named(self):
        self.source._replace_secret()
        self.source.active = False
        found = self.check()
        self.assertEqual((found["active"][0], found["overlap"][0]), ("bad", "soft"))

    def test_what_the_vendor_says_is_told_in_words(self):
        self.patch(
            type(self.source._get_provider()), "check",
            lambda provider, http: [
                Finding("token", False, {"reason": "permission"}), Finding("account", True, {"name": "Our Page"}),
                Finding("news", False, {"anything": 1}),
            ],
        )  # fmt: skip
        found = self.check()
        self.assertIn("a permission is missing", found["token"][1])
        self.assertEqual(found["account"], ("good", "The account is Our Page "))
        self.assertEqual(found["news"][0], "bad")

    def test_the_proof_of_an_address_differs_by_nonce(self):
        first, second = (self.source._get_reach_proof(nonce) for nonce in ("a" * 16, "b" * 16))
        self.assertNotEqual(first, second)

    def test_a_test_is_let_in_and_makes_no_lead(self):
        for kind in ("website", "google_ads", "generic"):
            for proof in ("hmac_hex", "hmac_base64", "secret") if kind == "generic" else ("hmac_hex",):
                with self.subTest(kind, proof=proof):
                    self.source.write({"provider": kind, "generic_proof": proof, "signature_header": "X-Own"})
                    settings = self.source._get_provider_settings()
                    sample = make_sample(kind, self.source.secret, settings, kind + proof)
                    provider = self.source._get_provider()
                    request = type(sample)(
                        sample.body, {name.lower(): value for name, value in sample.headers.items()},
                        sample.content_type
                    )
                    provider.verify(request)
                    [item] = provider.split(request)
                    self.assertTrue(item.is_test and provider.parse(item.payload).is_test)
                    self.assertIn("test-", item.external_id)
        self.assertIsNone(make_sample("privy", "s", {}, "1"))
