from datetime import timedelta
from uuid import uuid4

from odoo import fields

from tests.sales_pipeline.controllers.api.base import ApiCase


class TestKernel(ApiCase):
    def test_health_answers_without_a_token(self):
        answer = self.api("GET", "/health", headers={"Authorization": None})

        self.assertEqual((answer.status, answer.body), (200, {"status": "ok"}))

    def test_work_that_waits_too_long_shows_in_the_health_to_those_who_may_know(self):
        lead = self.env["crm.lead"].create({"name": "Waits"})
        self.env["pipeline.outbox"]._enqueue("lead_mail", lead)
        row = self.env["pipeline.outbox"].search([("key", "=", f"lead_mail:crm.lead,{lead.id}")])
        knowing = [self.client("admin"), self.client("rep", ["changes:read"])]
        others = [self.client("rep"), self.client("admin", ["leads:read"])]

        for minutes, status in ((1, "ok"), (60, "degraded")):
            row.next_attempt_at = fields.Datetime.now() - timedelta(minutes=minutes)
            for client in knowing:
                with self.subTest(status=status, user=client.user.name):
                    body = self.api("GET", "/health", as_=client).body

                    mails = next(job for job in body["jobs"] if job["name"] == "mails")
                    self.assertEqual((body["status"], mails["is_late"]), (status, status == "degraded"))
        for client in others:
            self.assertEqual(self.api("GET", "/health", as_=client).body, {"status": "ok"})

    def test_me_tells_who_asks(self):
        rep = self.client("rep")

        answer = self.api("GET", "/me", as_=rep)

        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.body["user"]["id"], rep.user.uuid)
        self.assertEqual(answer.body["user"]["role"], "rep")
        self.assertIsNone(answer.body["client"])

    def test_without_a_valid_token_nobody_is_let_in(self):
        for sent in (None, "Bearer", "Bearer nonsense", "Basic YTpi"):
            with self.subTest(sent=sent):
                answer = self.api("GET", "/me", headers={"Authorization": sent})

                self.assertEqual((answer.status, answer.body["code"]), (401, "unauthenticated"))
                self.assertTrue(answer.headers["WWW-Authenticate"].startswith("Bearer"))

    def test_a_cookie_proves_nobody(self):
        self.authenticate("admin", "admin")

        answer = self.api("GET", "/me", headers={"Authorization": None})

        self.assertEqual(answer.status, 401)

    def test_no_answer_sets_a_cookie(self):
        for path in ("/me", "/health", "/nothing"):
            self.assertNotIn("Set-Cookie", self.api("GET", path).headers)

    def test_what_does_not_exist_is_told_in_json(self):
        for path in ("", "/", "/nothing", "/leads/7", f"/nothing/{uuid4()}", "//me", "/me//"):
            with self.subTest(path=path):
                answer = self.api("GET", path)

                self.assertEqual((answer.status, answer.body["code"]), (404, "not-found"))

    def test_a_method_that_is_not_answered_is_told_with_those_that_are(self):
        answer = self.api("DELETE", "/me")

        self.assertEqual((answer.status, answer.body["code"]), (405, "method-not-allowed"))
        self.assertEqual(answer.headers["Allow"], "GET, HEAD")

    def test_the_request_id_comes_back(self):
        answer = self.api("GET", "/nothing", headers={"X-Request-Id": "ours-17"})

        self.assertEqual(answer.headers["X-Request-Id"], "ours-17")
        self.assertEqual(answer.body["request_id"], "ours-17")

    def test_a_request_id_that_could_forge_a_line_of_the_log_is_replaced(self):
        answer = self.api("GET", "/me", headers={"X-Request-Id": "x y"})

        self.assertNotEqual(answer.headers["X-Request-Id"], "x y")

    def test_an_unknown_parameter_is_refused_by_name(self):
        answer = self.api("GET", "/me", colour="red")

        self.assertEqual((answer.status, answer.body["code"]), (400, "bad-parameter"))
        self.assertEqual(answer.body["errors"][0]["parameter"], "colour")

    def test_who_has_the_version_already_gets_304(self):
        first = self.api("GET", "/me")

        second = self.api("GET", "/me", headers={"If-None-Match": first.etag})

        self.assertEqual((second.status, second.body), (304, None))
        self.assertEqual(second.etag, first.etag)

    def test_options_needs_no_token_and_lists_the_methods(self):
        answer = self.api("OPTIONS", "/me", headers={"Authorization": None, "Origin": "https://shop.example"})

        self.assertEqual(answer.status, 204)
        self.assertIn("GET", answer.headers["Allow"])
        self.assertNotIn("Access-Control-Allow-Origin", answer.headers)

    def test_head_answers_without_a_body(self):
        answer = self.api("HEAD", "/health")

        self.assertEqual((answer.status, answer.body), (200, None))
