import json
from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user

from odoo.addons.sales_pipeline.providers.pinned import PinnedAnswer

from .common import WebhookCase


class TestWebhooks(WebhookCase):
    def make_lead(self, **values):
        return self.env["crm.lead"].create({"name": "Roof", "type": "lead", "user_id": False, **values})

    # ---- what is told

    def test_what_happens_to_a_lead_waits_for_the_receiver_in_the_same_transaction(self):
        webhook = self.make_webhook()
        lead = self.make_lead()

        self.tell()

        message = self.messages(webhook)
        self.assertEqual((message.type, message.state, message.uuid), ("lead.created", "waiting", lead.uuid))

    def test_a_rolled_back_transaction_tells_nothing(self):
        webhook = self.make_webhook()
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.make_lead()
            self.tell()
            raise ZeroDivisionError

        self.assertFalse(self.messages(webhook))

    def test_only_what_was_asked_for_is_told(self):
        wanted, other = self.make_webhook("one", events="lead.*"), self.make_webhook("two", events="quote.*")
        filtered = self.make_webhook("three", filters={"source": ["website"]})
        paused = self.make_webhook("four")
        paused.action_pause()
        elsewhere = self.make_webhook(
            "five", company_id=self._make_company().id, user_id=self.env.ref("base.user_admin").id
        )

        self.make_lead()
        self.tell()

        self.assertEqual(len(self.messages(wanted)), 1)
        self.assertEqual(self.messages(paused).state, "held")
        self.assertFalse(self.messages(other) | self.messages(filtered) | self.messages(elsewhere))

    def _make_company(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.env.ref("base.user_admin").company_ids += company
        return company

    def test_a_changed_value_is_told_by_the_name_of_its_field_and_without_the_value(self):
        lead = self.make_lead()
        self.tell()
        webhook = self.make_webhook()

        lead.write({"phone": "+41 44 111 22 33", "description": "<p>secret</p>"})
        self.tell()
        self.send()

        body = json.loads(self.sent[0][3])
        self.assertEqual(body["type"], "lead.updated")
        self.assertEqual(body["data"]["id"], lead.uuid)
        self.assertEqual(body["data"]["changed_fields"], ["contact_info", "notes"])
        self.assertNotIn("secret", self.messages(webhook).body)

    def test_a_written_value_that_is_the_same_is_no_change(self):
        lead = self.make_lead(tag_ids=[(0, 0, {"name": "warm"})])
        self.tell()
        webhook = self.make_webhook()

        lead.write({"name": "Roof", "tag_ids": [(6, 0, lead.tag_ids.ids)]})
        self.tell()

        self.assertFalse(self.messages(webhook))

    def test_what_a_new_lead_gets_while_it_is_made_is_no_change(self):
        webhook = self.make_webhook()
        lead = self.make_lead()
        lead.write({"phone": "+41 44 111 22 33", "temperature": "hot"})

        self.tell()

        self.assertEqual(self.messages(webhook).mapped("type"), ["lead.created"])

    def test_a_todo_is_told_when_planned_and_when_done(self):
        lead = self.make_lead()
        self.tell()
        webhook = self.make_webhook()

        activity = lead.activity_schedule("mail.mail_activity_data_call", user_id=self.env.uid)
        uuid = activity.uuid
        self.tell()
        activity._action_done()
        self.tell()

        messages = self.messages(webhook).filtered(lambda message: message.type.startswith("activity."))
        self.assertEqual(messages.mapped("type"), ["activity.created", "activity.completed"])
        self.assertEqual(messages[0].uuid, uuid)

    def test_without_webhooks_nothing_is_stored(self):
        before = self.env["pipeline.webhook.delivery"].search_count([])

        self.make_lead()
        self.tell()

        self.assertEqual(self.env["pipeline.webhook.delivery"].search_count([]), before)

    # ---- what is sent

    def test_each_secret_signs_while_they_change_over(self):
        webhook = self.make_webhook()
        webhook._send_test()
        self.send()
        webhook._rotate_secret()
        webhook._send_test()
        self.send()
        self.now += timedelta(hours=25)
        webhook._send_test()
        self.send()

        signatures = [headers["webhook-signature"].split() for _at, _url, headers, _body in self.sent]
        self.assertEqual([len(one) for one in signatures], [1, 2, 1])

    def test_who_may_not_see_the_record_is_told_nothing(self):
        rep = new_test_user(self.env, "hook_rep", groups="sales_pipeline.group_rep")
        webhook = self.make_webhook(user_id=rep.id)
        self.make_lead(user_id=self.env.ref("base.user_admin").id)

        self.tell()
        self.send()

        self.assertEqual(set(self.messages(webhook).mapped("state")), {"skipped"})
        self.assertFalse(self.sent)

    def test_the_body_and_the_id_stay_the_same_from_try_to_try(self):
        webhook = self.make_webhook()
        lead = self.make_lead()
        self.tell()
        self.act = lambda _url, number, _now: 500 if number < 3 else 200

        self.send()
        lead.name = "Another name"
        self.now += timedelta(minutes=6)
        self.send()

        message = self.messages(webhook)[0]
        bodies = {body for _at, _url, headers, body in self.sent if headers["webhook-id"] == message.message_id}
        self.assertEqual(len(bodies), 1)
        self.assertEqual(message.state, "delivered")
        self.assertEqual(message.attempt_ids.mapped("status"), [200, 500, 500])

    def test_the_tries_end_with_the_tenth(self):
        webhook = self.make_webhook()
        message = webhook._send_test()
        self.act = lambda _url, _number, _now: 500

        for _try in range(12):
            self.send()
            self.env["pipeline.webhook"].browse(webhook.id).failing_since = False  # not what is tested here
            self.now += timedelta(hours=27)

        self.assertEqual((message.state, message.attempts), ("failed", 10))
        self.assertEqual(len(self.sent), 10)

    def test_a_receiver_that_asks_for_time_gets_it(self):
        webhook = self.make_webhook()
        message = webhook._send_test()
        self.act = lambda _url, _number, _now: PinnedAnswer(status=503, headers={"retry-after": "4000"})

        self.send()

        self.assertGreaterEqual(message.next_attempt_at, self.now + timedelta(seconds=3999))

    def test_a_receiver_that_is_gone_is_turned_off_and_people_are_told(self):
        webhook = self.make_webhook()
        first, second = webhook._send_test(), webhook._send_test()
        self.act = lambda _url, _number, _now: 410

        self.send()

        self.assertEqual(webhook.state, "disabled")
        self.assertEqual((first.state, second.state), ("failed", "cancelled"))
        self.assertEqual(len(self.sent), 1)
        self.assertIn(self.env.ref("base.user_admin"), webhook.activity_ids.user_id)

    def test_after_three_days_without_success_it_is_paused_and_nothing_is_lost(self):
        webhook = self.make_webhook()
        message = webhook._send_test()
        self.act = lambda _url, _number, _now: 500
        start = self.now
        while webhook.state == "active":
            self.send()
            self.now += timedelta(hours=1)
        paused_after = self.now - start
        late = webhook._send_test()
        self.tell()

        self.assertGreater(paused_after, timedelta(hours=72))
        self.assertLess(paused_after, timedelta(hours=74))
        self.assertIn(self.env.ref("base.user_admin"), webhook.activity_ids.user_id)

        self.act = lambda _url, _number, _now: 200
        webhook.action_resume()
        self.now += timedelta(hours=25)
        self.send()

        self.assertEqual({message.state, late.state}, {"delivered"})

    def test_a_process_that_died_while_sending_loses_nothing(self):
        webhook = self.make_webhook()
        message = webhook._send_test()
        self.env.flush_all()
        message.write({"state": "sending", "lease_until": self.now + timedelta(seconds=60), "attempt_key": "dead"})

        self.send()
        self.assertFalse(self.sent)
        self.now += timedelta(seconds=61)
        self.send()

        self.assertEqual(message.state, "delivered")

    def test_one_or_a_range_is_sent_again_under_the_same_ids(self):
        webhook = self.make_webhook()
        first, second = webhook._send_test(), webhook._send_test()
        self.send()

        first.action_redeliver()
        self.send()
        count = first._redeliver_range(
            webhook, self.now - timedelta(hours=1), self.now + timedelta(hours=1), ["delivered"]
        )
        self.send()

        ids = [headers["webhook-id"] for _at, _url, headers, _body in self.sent]
        self.assertEqual(count, 2)
        self.assertEqual(sorted(ids), sorted([first.message_id] * 3 + [second.message_id] * 2))

    # ---- who may do what

    def test_addresses_and_types_are_checked(self):
        for values in ({"url": "http://shop.example/"}, {"url": "https://127.0.0.1/"}, {"events": "lead.creatd"},
                       {"events": " , "}, {"filters": {"colour": ["red"]}},
                       {"filters": {"source": "web"}}):  # fmt: skip
            with self.subTest(values=values), self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.make_webhook(**values)

    def test_managers_make_webhooks_for_themselves_only_and_see_no_secret(self):
        manager = new_test_user(self.env, "hook_manager", groups="sales_pipeline.group_manager")
        mine = {"name": "mine", "url": "https://mine.example/"}
        webhooks = self.env["pipeline.webhook"].with_user(manager)

        own = webhooks.create(mine)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            webhooks.create({**mine, "user_id": self.env.ref("base.user_admin").id})
        with self.assertRaises(AccessError):
            own.read(["secret"])
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            own.is_private_allowed = True
        foreign = self.make_webhook()

        self.assertFalse(webhooks.search([("id", "=", foreign.id)]))
        self.assertEqual(webhooks.search([("id", "=", own.id)]), own)

    def test_a_manager_is_shown_the_new_secret_once_and_may_send_own_messages_again(self):
        manager = new_test_user(self.env, "hook_holder", groups="sales_pipeline.group_manager")
        own = self.env["pipeline.webhook"].with_user(manager).create({"name": "own", "url": "https://own.example/"})
        message = own._send_test()
        self.send()
        action = own.action_rotate_secret()
        dialog = self.env[action["res_model"]].with_user(manager).with_context(**action["context"]).create({})
        shown = dialog.action_make()["context"]["default_secret"]
        message.with_user(manager).action_redeliver()

        self.assertEqual(shown, own.sudo().secret)
        self.assertFalse(dialog.secret)
        self.assertEqual(message.state, "waiting")

    def test_a_stranger_neither_rotates_nor_sends_again(self):
        stranger = new_test_user(self.env, "hook_stranger", groups="sales_pipeline.group_manager")
        foreign = self.make_webhook()
        message = foreign._send_test()
        self.send()
        before = foreign.read()[0], message.read()[0]
        dialog = {"webhook_id": foreign.id}
        for refused in (
            lambda: foreign.with_user(stranger).action_rotate_secret(),
            lambda: self.env["pipeline.webhook.secret"].with_user(stranger).create(dialog).action_make(),
            lambda: message.with_user(stranger).action_redeliver(),
            lambda: foreign.with_user(stranger).action_pause(),
            lambda: foreign.with_user(stranger).action_send_test(),
            lambda: foreign.with_user(stranger).write({"url": "https://other.example/"}),
        ):  # fmt: skip
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                refused()

        self.env.invalidate_all()
        self.assertEqual((foreign.read()[0], message.read()[0]), before)

    def test_another_address_takes_the_leave_for_private_networks_away(self):
        manager = new_test_user(self.env, "hook_owner", groups="sales_pipeline.group_manager")
        webhook = self.make_webhook(user_id=manager.id, is_private_allowed=True, url="http://10.0.0.5/")

        webhook.with_user(manager).url = "https://10.example/"

        self.assertFalse(webhook.is_private_allowed)
