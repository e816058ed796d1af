"""Who is let in at all: networks, proxies, keys of Odoo, secrets of OAuth."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import new_test_user
from odoo.tools import config

from odoo.addons.sales_pipeline.rest import auth
from tests.sales_pipeline.controllers.api.base import ApiCase, Client


class TestDoors(ApiCase):
    def setUp(self):
        super().setUp()
        # Wrong tokens are counted beside the transaction of the test.
        self.startPatcher(patch.object(auth, "count_failure"))
        self.startPatcher(patch("odoo.addons.sales_pipeline.controllers.api.oauth.count_failure"))
        self.holder = self.client("rep", ["leads:read", "users:read"])
        self.program = self.env["pipeline.api.client"].search([("user_id", "=", self.holder.user.id)])

    def ask(self, headers=None, token=None):
        return self.api("GET", "/me", headers=headers, as_=Client(self.holder.user, token or self.holder.token)).status

    def test_an_address_that_somebody_writes_into_a_header_is_not_believed(self):
        self.program.networks = "203.0.113.0/24"
        forged = {
            "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Host": "localhost", "X-Real-IP": "203.0.113.7",
            "Forwarded": "for=203.0.113.7", "Client-IP": "203.0.113.7",
        }  # fmt: skip
        self.assertFalse(config["proxy_mode"])

        self.assertEqual(self.ask(forged), 403)

    def test_behind_a_proxy_the_address_that_the_proxy_saw_counts(self):
        self.program.networks = "203.0.113.0/24"
        with patch.dict(config.options, {"proxy_mode": True}):
            inside = self.ask({"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Host": "localhost"})
            outside = self.ask({"X-Forwarded-For": "198.51.100.1", "X-Forwarded-Host": "localhost"})
            # What a client wrote stands before what the proxy appended.
            forged = self.ask({"X-Forwarded-For": "203.0.113.7, 198.51.100.1", "X-Forwarded-Host": "localhost"})
            direct = self.ask()

        self.assertEqual((inside, outside, forged, direct), (200, 403, 403, 403))

    def test_a_key_of_odoo_opens_the_api_for_people_of_the_company_only(self):
        keys = self.env["res.users.apikeys"]
        in_a_day = fields.Datetime.now() + timedelta(days=1)
        rep = self.client("rep").user
        portal = new_test_user(self.env, "api_portal", groups="base.group_portal", email="portal@w.example")
        cases = {
            "of a rep": (rep, "rpc", in_a_day, 200), "for something else": (rep, "2fa", in_a_day, 401),
            "that is over": (rep, "rpc", fields.Datetime.now() - timedelta(minutes=1), 401),
            "of the portal": (portal, "rpc", in_a_day, 401),
        }  # fmt: skip
        for name, (user, scope, end, status) in cases.items():
            text = keys.with_user(user).sudo()._generate(scope, "test", end)
            with self.subTest(name):
                self.assertEqual(self.ask(token=text), status)

    def test_a_key_of_odoo_ends_with_its_user(self):
        holder = self.client("rep")
        self.assertEqual(self.ask(token=holder.token), 200)

        holder.user.active = False

        self.assertEqual(self.ask(token=holder.token), 401)

    def test_a_session_is_nobody_here(self):
        self.authenticate("admin", "admin")
        try:
            self.assertEqual(self.api("GET", "/leads", headers={"Authorization": None}).status, 401)
            self.assertEqual(
                self.api("POST", "/leads", json={"name": "x"}, headers={"Authorization": None}).status, 401
            )
        finally:
            self.authenticate(None, None)

    def test_access_tokens_end_with_their_hour_their_client_and_its_user(self):
        _secret, secret = self.program._issue_token("secret")
        access, text = self.program._issue_token("access")
        form = {"grant_type": "client_credentials", "client_id": self.program.client_key, "client_secret": secret}
        self.assertLess(access.expires_at, fields.Datetime.now() + timedelta(hours=1, seconds=5))
        broken = (
            (access.sudo(), {"expires_at": fields.Datetime.now() - timedelta(seconds=1)}, 200),
            (self.program.token_ids.filtered(lambda token: token.kind == "secret").sudo(),
             {"expires_at": fields.Datetime.now() - timedelta(seconds=1)}, 401),
            (self.program, {"active": False}, 401),
            (self.program, {"expires_at": fields.Datetime.now() - timedelta(seconds=1)}, 401),
            (self.holder.user, {"active": False}, 401),
        )  # fmt: skip
        for record, values, traded in broken:
            before = {name: record[name] for name in values}
            record.write(values)
            self.env.flush_all()
            tokens = self.env["pipeline.api.token"].sudo().search_count([])
            with self.subTest(record=record, values=values):
                answer = self.url_open("/api/oauth/token", data=form)
                self.assertEqual(answer.status_code, traded)
                made = self.env["pipeline.api.token"].sudo().search_count([]) - tokens
                self.assertEqual(made, 1 if traded == 200 else 0)
                if record._name != "pipeline.api.token" or record == access:
                    self.assertEqual(self.ask(token=text), 401)
            record.write(before)
        self.assertEqual(self.ask(token=text), 200)

    def test_credentials_of_any_bytes_are_refused_in_words(self):
        for header in ("Basic \u00e9\u00e9", "Basic ====", "Basic OmI=", "Basic AGE6YgA=", "Digest x", "Bearer"):
            with self.subTest(header=header):
                answer = self.url_open(
                    "/api/oauth/token", data={"grant_type": "client_credentials"},
                    headers={"Authorization": header.encode("latin-1")},
                )  # fmt: skip
                self.assertEqual((answer.status_code, answer.json()["error"]), (401, "invalid_client"))
