from unittest.mock import patch

from odoo.tools import SQL

from tests.sales_pipeline.controllers.api.base import ApiCase

HOOK = {"name": "Warehouse", "url": "https://warehouse.example/hook", "events": ["lead.*"]}


class TestWebhooksApi(ApiCase):
    def test_the_secret_is_shown_once_and_the_webhook_reads_as_it_was_made(self):
        made = self.api("POST", "/webhooks", json=HOOK)
        read = self.api("GET", f"/webhooks/{made.body['id']}")

        self.assertEqual(made.status, 201)
        self.assertTrue(made.body["secret"].startswith("whsec_"))
        self.assertEqual({**read.body, "secret": made.body["secret"]}, made.body)

    def test_it_is_replaced_changed_and_deleted(self):
        id_ = self.api("POST", "/webhooks", json=HOOK).body["id"]
        read = self.api("GET", f"/webhooks/{id_}")

        put = self.api("PUT", f"/webhooks/{id_}", json=read.body)
        patched = self.api("PATCH", f"/webhooks/{id_}", json={"events": ["quote.*"]}, headers={"If-Match": put.etag})
        stale = self.api("PATCH", f"/webhooks/{id_}", json={"name": "Other"}, headers={"If-Match": put.etag})

        self.assertEqual((put.status, put.etag), (200, read.etag))
        self.assertEqual((patched.status, patched.body["events"], stale.status), (200, ["quote.*"], 412))
        self.assertEqual(self.api("DELETE", f"/webhooks/{id_}").status, 204)
        self.assertEqual(self.api("DELETE", f"/webhooks/{id_}").status, 404)

    def test_bad_addresses_and_types_are_refused(self):
        for values in ({"url": "http://10.0.0.1/"}, {"url": "https://127.0.0.1/"}, {"events": ["lead.creatd"]},
                       {"filters": {"colour": ["red"]}}, {"events": []}, {"secret": "mine"}):  # fmt: skip
            with self.subTest(values=values):
                self.assertEqual(self.api("POST", "/webhooks", json={**HOOK, **values}).status, 422)

    def test_reps_have_no_webhooks_and_managers_see_their_own(self):
        id_ = self.api("POST", "/webhooks", json=HOOK, as_=self.client("admin")).body["id"]

        self.assertEqual(self.api("POST", "/webhooks", json=HOOK, as_=self.client("rep")).status, 403)
        self.assertEqual(self.api("GET", f"/webhooks/{id_}").status, 404)
        self.assertEqual(self.api("GET", f"/webhooks/{id_}", as_=self.client("rep")).status, 404)

    def test_who_may_not_see_a_webhook_changes_nothing_of_it(self):
        id_ = self.api("POST", "/webhooks", json=HOOK, as_=self.client("admin")).body["id"]
        message = self.api("POST", f"/webhooks/{id_}/test", as_=self.client("admin")).body["id"]
        webhook = self.env["pipeline.webhook"].search([("uuid", "=", id_)])
        known = self.env["pipeline.webhook.delivery"].search([("message_id", "=", message)])
        known.state = "failed"
        before = webhook.read()[0], webhook.secret, known.read()[0]
        span = {"from": "2026-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z", "states": ["failed"]}
        acts = [
            ("GET", "", None), ("PUT", "", HOOK), ("PATCH", "", {"url": "https://mine.example/"}), ("DELETE", "", None),
            ("POST", "/rotate-secret", None), ("POST", "/resume", None), ("POST", "/test", None),
            ("POST", "/redeliver", span), ("GET", "/deliveries", None), ("GET", f"/deliveries/{message}", None),
            ("POST", f"/deliveries/{message}/redeliver", None),
        ]  # fmt: skip
        manager, reader = self.client("manager"), self.client("manager", ["webhooks:read"], login="api_reader")
        rep = self.client("rep")

        for method, path, body in acts:
            with self.subTest(method=method, path=path):
                self.assertEqual(self.api(method, f"/webhooks/{id_}{path}", json=body, as_=manager).status, 404)
                self.assertEqual(self.api(method, f"/webhooks/{id_}{path}", json=body, as_=rep).status, 404)
                if method != "GET":
                    refused = self.api(method, f"/webhooks/{id_}{path}", json=body, as_=reader)
                    self.assertEqual((refused.status, refused.body["code"]), (403, "insufficient-scope"))
        self.env.invalidate_all()
        self.assertEqual((webhook.read()[0], webhook.secret, known.read()[0]), before)
        self.assertEqual(self.env["pipeline.webhook.delivery"].search_count([("webhook_id", "=", webhook.id)]), 1)
        self.assertEqual(self.api("GET", "/webhooks", as_=manager).body["data"], [])

    def test_messages_are_listed_and_sent_again(self):
        id_ = self.api("POST", "/webhooks", json=HOOK).body["id"]
        message = self.api("POST", f"/webhooks/{id_}/test")
        self.env["pipeline.webhook.delivery"].search([("message_id", "=", message.body["id"])]).state = "failed"

        listed = self.api("GET", f"/webhooks/{id_}/deliveries", state="failed")
        again = self.api("POST", f"/webhooks/{id_}/deliveries/{message.body['id']}/redeliver")

        self.assertEqual((message.status, len(listed.body["data"])), (202, 1))
        self.assertEqual((again.status, again.body["state"]), (202, "waiting"))
        self.assertEqual(self.api("GET", f"/webhooks/{id_}/deliveries/msg_none").status, 404)
        rotated = self.api("POST", f"/webhooks/{id_}/rotate-secret")
        self.assertEqual((rotated.status, self.api("POST", f"/webhooks/{id_}/resume").status), (200, 200))


class TestChangesApi(ApiCase):
    def setUp(self):
        super().setUp()
        events = self.env.registry["pipeline.event"]
        # The test's transaction is never settled.
        self.startPatcher(patch.object(events, "_get_feed_end", lambda _self: SQL("'9223372036854775807'::xid8")))

    def _place(self):
        """Return the place of the last event there is."""
        self.env.cr.execute("SELECT xact::text, id FROM pipeline_event ORDER BY xact DESC, id DESC LIMIT 1")
        found = self.env.cr.fetchone()
        return f"{found[0]}-{found[1]}" if found else "start"

    def test_the_feed_tells_everything_once_in_order_to_who_may_see_it(self):
        rep = self.client("rep")
        mine = self.env["crm.lead"].create({"name": "Mine", "type": "lead", "user_id": rep.user.id})
        self.env["pipeline.moments.mixin"]._flush_moments()
        place = self._place()
        mine.name = "Mine, renamed"
        other = self.env["crm.lead"].create({"name": "Other", "type": "lead", "user_id": self.client("admin").user.id})
        self.env["pipeline.moments.mixin"]._flush_moments()
        mine.unlink()
        self.env["pipeline.moments.mixin"]._flush_moments()

        seen, after, has_more = [], place, True
        while has_more:
            answer = self.api("GET", "/changes", after=after, limit=1, as_=rep)
            self.assertEqual(answer.status, 200)
            seen += [(one["type"], one["entity_id"]) for one in answer.body["data"]]
            after, has_more = answer.body["next"], answer.body["has_more"]
        told = self.api("GET", "/changes", after=place, types="lead.created", as_=self.client("admin")).body["data"]

        self.assertEqual(seen, [("lead.updated", mine.uuid), ("lead.deleted", mine.uuid)])
        self.assertIn(other.uuid, [one["entity_id"] for one in told])
        self.assertEqual({one["type"] for one in told}, {"lead.created"})

    def test_bad_places_and_types_are_refused(self):
        self.assertEqual(self.api("GET", "/changes", after="nonsense").body["code"], "bad-cursor")
        for place in ("1", "1-", "-1-1", "1-2-3", "a-b", "9" * 40 + "-1", "\u0661-1"):
            refused = self.api("GET", "/changes", after=place)
            self.assertEqual((refused.status, refused.body["code"]), (400, "bad-cursor"), place)
        self.assertEqual(self.api("GET", "/changes", after="start", types="lead.creatd").status, 400)
        self.assertEqual(self.api("GET", "/changes").body["data"], [])

    def test_beyond_the_end_there_is_nothing_and_the_place_stays(self):
        place = "223372036854775000-7"

        answer = self.api("GET", "/changes", after=place)

        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.body, {"data": [], "next": place, "has_more": False})
