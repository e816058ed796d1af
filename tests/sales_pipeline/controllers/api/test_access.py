from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form

from tests.sales_pipeline.controllers.api.base import ApiCase, Client


class TestTokens(ApiCase):
    def setUp(self):
        super().setUp()
        self.holder = self.client("rep", ["leads:read", "users:read"])
        self.program = self.env["pipeline.api.client"].search([("user_id", "=", self.holder.user.id)])

    def ask(self, token=None):
        return self.api("GET", "/me", as_=Client(self.holder.user, token or self.holder.token))

    def test_a_token_lets_in_as_the_acting_user_with_the_scopes_of_the_client(self):
        answer = self.ask()

        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.body["user"]["id"], self.holder.user.uuid)
        self.assertEqual(answer.body["client"]["scopes"], ["leads:read", "users:read"])
        self.assertEqual(answer.body["client"]["plan"], "Standard")

    def test_the_text_of_a_token_is_nowhere_in_the_database(self):
        token = self.program.token_ids
        self.env.flush_all()
        self.env.cr.execute("SELECT row_to_json(t)::text FROM pipeline_api_token t WHERE id = %s", [token.id])
        row = self.env.cr.fetchone()[0]

        self.assertNotIn(self.holder.token, row)
        self.assertNotIn(self.holder.token[8:], row)
        self.assertEqual(token.hint, self.holder.token[:8])

    def test_nobody_reads_the_digest_of_a_token(self):
        admin = self.client("admin").user

        with self.assertRaises(AccessError):
            self.program.token_ids.with_user(admin).read(["token_hash"])

    def test_a_token_is_refused_from_its_end_on(self):
        _token, text = self.program._issue_token("static", fields.Datetime.now() + timedelta(seconds=60))
        self.assertEqual(self.ask(text).status, 200)
        self.program.token_ids[0].expires_at = fields.Datetime.now() - timedelta(seconds=1)

        self.assertEqual(self.ask(text).status, 401)
        self.assertEqual(self.ask().status, 200)

    def test_a_client_is_refused_when_it_is_over_archived_or_its_user_is(self):
        cases = (
            (self.program, {"expires_at": fields.Datetime.now() - timedelta(hours=1)}, {"expires_at": False}),
            (self.program, {"active": False}, {"active": True}),
            (self.holder.user, {"active": False}, {"active": True}),
        )
        for record, broken, mended in cases:
            with self.subTest(broken=broken):
                record.write(broken)
                self.assertEqual(self.ask().status, 401)
                record.write(mended)
                self.assertEqual(self.ask().status, 200)

    def test_after_a_rotation_both_tokens_are_let_in_until_the_overlap_ends(self):
        old = self.program.token_ids
        new, text = old._rotate(overlap_hours=24)

        self.assertEqual((self.ask().status, self.ask(text).status), (200, 200))
        self.assertEqual((old.state, new.state), ("ending", "valid"))
        self.assertLess(old.expires_at, fields.Datetime.now() + timedelta(hours=24, seconds=5))
        self.assertGreater(old.expires_at, fields.Datetime.now() + timedelta(hours=23))

        old.expires_at = fields.Datetime.now() - timedelta(seconds=1)
        self.assertEqual((self.ask().status, self.ask(text).status), (401, 200))

    def test_a_revoked_token_is_refused_at_once(self):
        self.program.token_ids.with_user(self.client("admin").user).action_revoke()

        self.assertEqual(self.ask().status, 401)

    def test_an_oauth_secret_is_no_token(self):
        _secret, text = self.program._issue_token("secret")

        self.assertEqual(self.ask(text).status, 401)

    def test_a_token_that_is_no_text_of_ours_is_refused(self):
        for text in ("spt_" + "x" * 5000, "spt_\u00e9", "spt_", "spt_ x", "x" * 201):
            with self.subTest(text=text[:20]):
                answer = self.api("GET", "/me", headers={"Authorization": f"Bearer {text}".encode("latin-1")})

                self.assertEqual((answer.status, answer.body["code"]), (401, "unauthenticated"))

    def test_what_is_taken_from_the_client_is_taken_from_its_tokens(self):
        self.program.scopes = "users:read"

        self.assertEqual(self.ask().body["client"]["scopes"], ["users:read"])

    def test_outside_its_networks_a_client_is_refused(self):
        for networks, status in (("203.0.113.0/24", 403), ("203.0.113.7\n127.0.0.0/8\n::1/128", 200), ("::1", 403)):
            with self.subTest(networks=networks):
                self.program.networks = networks
                answer = self.ask()

                self.assertEqual(answer.status, status)
                if status == 403:
                    self.assertEqual(answer.body["code"], "network-not-allowed")

    def test_only_the_websites_of_the_client_may_read_the_answers(self):
        self.program.origins = "https://shop.example"
        other = self.client("manager", ["leads:read"])
        headers = {"Origin": "https://shop.example"}

        mine = self.api("GET", "/me", headers=headers, as_=self.holder)
        others = self.api("GET", "/me", headers=headers, as_=other)
        asked = self.api("OPTIONS", "/me", headers=headers | {"Authorization": None})

        self.assertEqual(mine.headers["Access-Control-Allow-Origin"], "https://shop.example")
        self.assertNotIn("Access-Control-Allow-Origin", others.headers)
        self.assertEqual(asked.headers["Access-Control-Allow-Origin"], "https://shop.example")

        self.program.active = False
        gone = self.api("OPTIONS", "/me", headers=headers | {"Authorization": None})
        self.assertNotIn("Access-Control-Allow-Origin", gone.headers)


class TestClientData(ApiCase):
    def setUp(self):
        super().setUp()
        self.rep = self.client("rep").user

    def create(self, user=None, **values):
        clients = self.env["pipeline.api.client"].with_user(user or self.env.user)
        return clients.create({"name": "Shop", "user_id": self.rep.id, "scopes": "leads:read"} | values)

    def test_what_cannot_be_used_is_refused_in_words(self):
        for values, word in (
            ({"networks": "all of them"}, "all"),
            ({"origins": "ftp://x"}, "ftp"), ({"scopes": "leads:fly"}, "leads:fly"),
        ):  # fmt: skip
            with self.subTest(values=values), self.assertRaisesRegex(ValidationError, word):
                self.create(**values)

    def test_a_client_acts_only_where_its_user_works(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})

        with self.assertRaisesRegex(ValidationError, "Elsewhere"):
            self.create(company_id=elsewhere.id)

    def test_an_administrator_of_sales_cannot_make_a_client_act_as_one_of_odoo(self):
        boss, admin = self.env.ref("base.user_admin"), self.client("admin").user
        of_boss = self.create(user_id=boss.id)
        of_rep = self.create()

        with self.assertRaises(AccessError):
            self.create(user=admin, user_id=boss.id)
        with self.assertRaises(AccessError):
            of_rep.with_user(admin).user_id = boss
        with self.assertRaises(AccessError):
            of_boss.with_user(admin).scopes = "leads:write"
        dialog = self.env["pipeline.api.token.show"].with_user(admin).create({
            "client_id": of_boss.id, "kind": "static",
        })  # fmt: skip
        with self.assertRaises(AccessError):
            dialog.action_make()
        self.assertFalse(of_boss.token_ids)
        self.assertEqual(of_rep.user_id, self.rep)

    def test_only_administrators_make_clients(self):
        for role in ("manager", "rep", "other"):
            user = self.client(role).user
            with self.subTest(role=role), self.assertRaises(AccessError):
                self.create(user=user)
        self.assertTrue(self.create(user=self.client("admin").user))

    def test_nobody_writes_a_token_past_the_dialog(self):
        admin = self.client("admin").user
        program = self.create()

        with self.assertRaises(AccessError):
            self.env["pipeline.api.token"].with_user(admin).create({
                "client_id": program.id, "kind": "static", "hint": "spt_mine", "token_hash": "0" * 64,
            })  # fmt: skip
        with self.assertRaises(AccessError):
            program.with_user(admin).write({
                "token_ids": [Command.create({"kind": "static", "hint": "spt_mine", "token_hash": "0" * 64})]
            })  # fmt: skip

    def test_the_dialog_makes_the_token_and_keeps_its_text_nowhere(self):
        admin = self.client("admin").user
        program = self.create().with_user(admin)
        action = program.action_new_token()
        dialog = Form(self.env["pipeline.api.token.show"].with_user(admin).with_context(**action["context"])).save()

        shown = dialog.action_make()

        text = shown["context"]["default_token"]
        self.assertEqual(self.api("GET", "/me", as_=Client(admin, text)).status, 200)
        self.env.cr.execute("SELECT row_to_json(t)::text FROM pipeline_api_token_show t")
        self.assertNotIn(text, str(self.env.cr.fetchall()))
        self.assertFalse(any(text in (message.body or "") for message in program.message_ids))
        again = Form(self.env["pipeline.api.token.show"].with_user(admin).with_context(**shown["context"]))
        self.assertEqual(again.token, text)

    def test_every_scope_that_a_route_asks_for_can_be_given(self):
        self.api("GET", "/me")
        known = set(self.env["pipeline.api.scope"].search([]).mapped("code"))
        rules = self.env["ir.http"].routing_map().iter_rules()
        asked = {s for rule in rules if rule.endpoint.routing["type"] == "rest"
                 for s in rule.endpoint.routing["operation"].scopes}

        self.assertLessEqual(asked, known)
