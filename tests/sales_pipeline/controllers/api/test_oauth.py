import base64

from tests.sales_pipeline.controllers.api.base import ApiCase, Client


class TestOAuth(ApiCase):
    def setUp(self):
        super().setUp()
        holder = self.client("rep", ["leads:read", "users:read"])
        self.user = holder.user
        self.program = self.env["pipeline.api.client"].search([("user_id", "=", self.user.id)])
        _secret, self.secret = self.program._issue_token("secret")
        self.right = {"client_id": self.program.client_key, "client_secret": self.secret}

    def trade(self, form=None, basic=None, **options):
        self.env.flush_all()
        headers = {"Authorization": "Basic " + base64.b64encode(basic.encode()).decode()} if basic else {}
        form = {"grant_type": "client_credentials"} | (form or {})
        return self.url_open("/api/oauth/token", data=form, headers=headers, **options)

    def test_id_and_secret_are_traded_for_a_token_of_an_hour(self):
        for form, basic in ((self.right, None), ({}, f"{self.program.client_key}:{self.secret}")):
            with self.subTest(basic=basic):
                answer = self.trade(form, basic)

                self.assertEqual(answer.status_code, 200)
                self.assertEqual(answer.headers["Cache-Control"], "no-store")
                body = answer.json()
                self.assertEqual((body["token_type"], body["expires_in"]), ("Bearer", 3600))
                self.assertEqual(body["scope"], "leads:read users:read")
                me = self.api("GET", "/me", as_=Client(self.user, body["access_token"]))
                self.assertEqual((me.status, me.body["user"]["id"]), (200, self.user.uuid))

    def test_a_token_may_be_narrower_than_its_client_and_never_wider(self):
        narrow = self.trade(self.right | {"scope": "users:read"}).json()
        wide = self.trade(self.right | {"scope": "users:read webhooks:write"})

        me = self.api("GET", "/me", as_=Client(self.user, narrow["access_token"]))
        self.assertEqual(me.body["client"]["scopes"], ["users:read"])
        self.assertEqual((wide.status_code, wide.json()["error"]), (400, "invalid_scope"))

    def test_errors_are_those_of_oauth_and_no_token_is_made(self):
        key, static = self.program.client_key, self.program._issue_token()[1]
        cases = (
            ({"client_id": key, "client_secret": "wrong"}, None, 401, "invalid_client"),
            ({"client_id": "nobody", "client_secret": self.secret}, None, 401, "invalid_client"),
            ({"client_id": key, "client_secret": static}, None, 401, "invalid_client"),
            ({}, None, 401, "invalid_client"),
            ({}, f"{key}:wrong", 401, "invalid_client"),
            ({}, "no colon", 401, "invalid_client"),
            (self.right, f"{key}:{self.secret}", 400, "invalid_request"),
            (self.right | {"scope": ["leads:read", "users:read"]}, None, 400, "invalid_request"),
            (self.right | {"grant_type": "password"}, None, 400, "unsupported_grant_type"),
            (self.right | {"grant_type": ""}, None, 400, "invalid_request"),
        )
        tokens = self.env["pipeline.api.token"].sudo()
        before = tokens.search_count([])
        for form, basic, status, code in cases:
            with self.subTest(form=form, basic=basic):
                answer = self.trade(form, basic)

                self.assertEqual((answer.status_code, answer.json()["error"]), (status, code))
                self.assertNotIn(self.secret, answer.text)
        self.assertEqual(tokens.search_count([]), before)

    def test_only_forms_are_read(self):
        answer = self.url_open("/api/oauth/token", json=self.right)

        self.assertEqual((answer.status_code, answer.json()["code"]), (415, "unsupported-media-type"))

    def test_a_revoked_secret_takes_its_access_tokens_along(self):
        token = self.trade(self.right).json()["access_token"]

        self.program.token_ids.filtered(lambda t: t.kind == "secret").action_revoke()

        self.assertEqual(self.api("GET", "/me", as_=Client(self.user, token)).status, 401)
        self.assertEqual(self.trade(self.right).status_code, 401)

    def test_outside_its_networks_a_client_gets_no_token(self):
        self.program.networks = "203.0.113.0/24"

        self.assertEqual(self.trade(self.right).status_code, 401)
