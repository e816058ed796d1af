from datetime import timedelta

from odoo import fields

from odoo.addons.sales_pipeline.providers.capture.base import StoredItem
from tests.common import PipelineCase
from tests.fakes.graph import FORM, PAGE, TOKEN, FakeGraph, error_reply, usage_headers

_SECOND = 1795419600


class TestFetch(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.inbox = cls.env["pipeline.inbox"]
        cls.source = cls.env["pipeline.source"].create({
            "name": "Page", "provider": "facebook", "secret": "app-secret", "vendor_account": PAGE,
            "vendor_token": TOKEN,
        })  # fmt: skip

    def setUp(self):
        super().setUp()
        # The job commits between its steps; inside a test that commit must stay inside the test.
        self.patch(self.env.cr, "commit", self.env.cr.flush)
        self.graph = FakeGraph()
        self.addCleanup(self.graph.close)
        self.source.vendor_base_url = self.graph.base_url

    def _receive(self, lead_id, **changes):
        payload = {"leadgen_id": lead_id, "page_id": PAGE, "form_id": FORM, **changes}
        self.inbox._store(self.source, [StoredItem(lead_id, payload, account=PAGE, waits_for="answers")])
        return self.inbox.search([("source_id", "=", self.source.id), ("external_id", "=", lead_id)])

    def _fetch(self):
        self.env.flush_all()
        self.inbox._cron_fetch()
        self.inbox.invalidate_model()

    def _due_in(self, row):
        return (row.next_attempt_at - fields.Datetime.now()).total_seconds()

    def test_the_answers_are_fetched_and_become_a_lead(self):
        self.graph.add("1", "Dana Example", "dana@example.com", _SECOND)
        row = self._receive("1")
        self.assertEqual((row.state, row.waits_for), ("received", "answers"))
        self.assertIn("fetches the answers", row.reason)
        self.inbox._cron_drain()
        self.assertFalse(row.lead_id, "nothing is made of a capture without answers")
        self._fetch()
        self.assertEqual((row.state, row.waits_for, row.attempts), ("received", False, 0))
        self.inbox._cron_drain()
        self.assertEqual((row.state, row.lead_id.email_normalized), ("processed", "dana@example.com"))
        self.assertEqual((row.lead_id.capture_channel, row.lead_id.source_id.name), ("facebook", "Facebook"))
        self.assertEqual(len(self.graph.asked), 1)

    def test_leads_of_the_testing_tool_are_not_sold(self):
        self.graph.add("1", "<test lead: dummy data for full_name>", "test@meta.com", _SECOND)
        row = self._receive("1")
        self._fetch()
        self.inbox._cron_drain()
        self.assertEqual((row.result, row.is_test, row.lead_id.id), ("test", True, False))

    def test_a_token_that_ended_stops_the_source_and_says_so(self):
        rows = self._receive("1") + self._receive("2")
        self.graph.tokens.clear()
        self._fetch()
        self.assertEqual(set(rows.mapped("state")), {"received"})
        self.assertEqual(set(rows.mapped("attempts")), {0}, "it is not the leads' fault")
        self.assertEqual(self.source.vendor_problem, "token")
        self.assertIn("Make a new one", self.source.vendor_problem_text)
        self.assertIn("Make a new one", rows[0].reason)
        asked = len(self.graph.asked)
        self._fetch()
        self.assertEqual(len(self.graph.asked), asked, "the vendor is left alone meanwhile")

    def test_a_new_token_and_the_button_fetch_at_once(self):
        self.graph.add("1", "Dana Example", "dana@example.com", _SECOND)
        row = self._receive("1")
        self.source.vendor_token = "old"
        self._fetch()
        self.assertEqual(row.waits_for, "answers")
        self.source.vendor_token = TOKEN
        self.source.action_catch_up()
        self._fetch()
        self.assertFalse(row.waits_for)
        self.assertEqual((self.source.vendor_problem, self.source.vendor_wait_until), (False, False))

    def test_limits_are_waited_for_as_long_as_the_vendor_says(self):
        self.graph.add("1", "Dana Example", "dana@example.com", _SECOND)
        self.graph.add("2", "Robin Example", "robin@example.com", _SECOND)
        for code in (4, 17, 32, 613):
            with self.subTest(code=code):
                self.source._note_vendor_success()
                row = self._receive(f"{code}")
                self.graph.fail_next(**error_reply(code, headers=usage_headers(12)))
                self._fetch()
                self.assertEqual((row.state, row.attempts, self.source.vendor_problem), ("received", 0, "throttled"))
                self.assertAlmostEqual(self._due_in(row), 720, delta=30)
                asked = len(self.graph.asked)
                late = self._receive(f"late-{code}".replace("-", "_"))
                self._fetch()
                self.assertEqual(len(self.graph.asked), asked, "leads that come meanwhile wait, too")
                self.assertAlmostEqual(self._due_in(late), 720, delta=30)

    def test_after_the_wait_everything_is_fetched(self):
        self.graph.add("1", "Dana Example", "dana@example.com", _SECOND)
        row = self._receive("1")
        self.graph.fail_next(**error_reply(4))
        self._fetch()
        past = fields.Datetime.now() - timedelta(minutes=1)
        row.next_attempt_at = self.source.vendor_wait_until = past
        self._fetch()
        self.assertEqual((row.waits_for, self.source.vendor_problem), (False, False))

    def test_a_vendor_in_trouble_is_asked_again_with_patience(self):
        row = self._receive("1")
        waits = []
        for number in range(1, 8):
            row.next_attempt_at = fields.Datetime.now()
            self.source.vendor_wait_until = False
            self.graph.fail_next(status=503, body=b"<html>")
            self._fetch()
            waits.append(round(self._due_in(row) / 60) if row.state == "received" else None)
            self.assertEqual(row.attempts, number)
        self.assertEqual(waits, [1, 5, 15, 60, 240, 720, None])
        self.assertEqual((row.state, row.waits_for), ("failed", "answers"))
        self.assertIn("failure of its own", row.reason)

    def test_a_lead_that_is_gone_is_final_in_words_and_harms_no_other(self):
        self.graph.add("2", "Robin Example", "robin@example.com", _SECOND)
        gone, there = self._receive("1"), self._receive("2")
        self._fetch()
        self.assertEqual((gone.state, gone.attempts), ("failed", 1))
        self.assertIn("does not exist any more", gone.reason)
        self.assertEqual(gone.error_message, "gone", "the words are chosen in the reader's language")
        self.assertFalse(there.waits_for)
        self.assertFalse(self.source.vendor_problem)
        asked = len(self.graph.asked)
        self._fetch()
        self.assertEqual(len(self.graph.asked), asked)

    def test_replayed_it_is_fetched_again(self):
        row = self._receive("1")
        self._fetch()
        self.assertEqual(row.state, "failed")
        self.graph.add("1", "Dana Example", "dana@example.com", _SECOND)
        row.action_replay()
        self.assertEqual((row.state, row.waits_for), ("received", "answers"))
        self._fetch()
        self.inbox._cron_drain()
        self.assertEqual(row.lead_id.email_normalized, "dana@example.com")

    def test_a_lead_of_a_page_without_a_source_is_not_asked_for(self):
        row = self._receive("1", page_id="999")
        self._fetch()
        self.assertEqual(row.state, "failed")
        self.assertIn("another page", row.reason)
        self.assertFalse(self.graph.asked)

    def test_one_call_in_trouble_stops_the_rest_of_its_batch(self):
        rows = self.inbox.union(*(self._receive(f"{number}") for number in range(1, 13)))
        self.graph.fail_next(40, **error_reply(4))
        self._fetch()
        self.assertLessEqual(len(self.graph.asked), 4, "what was under way at once, and nothing after")
        self.assertEqual(set(rows.mapped("state")), {"received"})
        self.assertEqual(len([row for row in rows if self._due_in(row) > 200]), 12)

    def test_a_fault_of_ours_is_booked_and_harms_no_other(self):
        self.graph.add("2", "Robin Example", "robin@example.com", _SECOND)
        bad, good = self._receive("1"), self._receive("2")
        provider_class = self.source._get_provider_class()
        complete = provider_class.complete

        def stumble(provider, payload, http):
            return 1 / 0 if payload["leadgen_id"] == "1" else complete(provider, payload, http)

        self.patch(provider_class, "complete", stumble)
        self._fetch()
        self.assertEqual((bad.state, bad.attempts, bad.error_message), ("received", 1, "ZeroDivisionError"))
        self.assertFalse(good.waits_for)

    # ---- what a row waits for may come by another way

    def test_what_a_poll_brings_ends_the_wait(self):
        row = self._receive("1")
        payload = {**row.payload, "lead": self.graph.add("1", "Dana Example", "dana@example.com", _SECOND)}
        self.assertEqual(self.inbox._store(self.source, [StoredItem("1", payload)]), 1)
        row.invalidate_recordset()
        self.assertEqual((row.waits_for, row.payload["lead"]["id"]), (False, "1"))
        self.assertEqual(self.inbox._store(self.source, [StoredItem("1", {"other": 1})]), 0)
        row.invalidate_recordset()
        self.assertIn("lead", row.payload, "nothing overwrites what is there")

    def test_a_second_post_of_a_lead_changes_nothing(self):
        row = self._receive("1")
        self.graph.add("1", "Dana Example", "dana@example.com", _SECOND)
        self._fetch()
        self.inbox._cron_drain()
        self._receive("1")
        row.invalidate_recordset()
        self.assertEqual((row.state, row.waits_for), ("processed", False))

    def _store_form(self, waits_for, **payload):
        item = StoredItem("tok", {"form_response": {"token": "tok", **payload}}, waits_for=waits_for)
        stored = self.inbox._store(self.source, [item])
        row = self.inbox.search([("source_id", "=", self.source.id), ("external_id", "=", "tok")])
        row.invalidate_recordset()
        return stored, row

    def test_an_unfinished_form_is_completed_by_the_whole_one(self):
        _stored, row = self._store_form("rest", answers=[1])
        self.assertEqual((row.state, row.waits_for, row.next_attempt_at), ("received", "rest", False))
        self.assertIn("not sent it off", row.reason)
        self.assertEqual(self._store_form("rest", answers=[1, 2])[0], 1)
        self.assertEqual(row.payload["form_response"]["answers"], [1, 2])
        stored, same = self._store_form(None, answers=[1, 2, 3])
        self.assertEqual((stored, same, row.waits_for), (1, row, False))
        self.assertTrue(row.next_attempt_at)
        self.assertEqual(self._store_form("rest", answers=[])[0], 0, "late news of an earlier moment")
        self.assertEqual(row.payload["form_response"]["answers"], [1, 2, 3])

    def test_an_unfinished_form_is_no_lead_until_somebody_takes_it(self):
        _stored, row = self._store_form("rest")
        self.inbox._cron_drain()
        self.assertEqual((row.state, row.lead_id.id), ("received", False))
        row.action_take_unfinished()
        self.assertEqual((row.waits_for, row.state), (False, "received"))
        self.assertIn(row, self.inbox._take_due())

    def test_an_unfinished_form_does_not_count_as_late(self):
        _stored, row = self._store_form("rest")
        row.action_replay()
        self.env.cr.execute("UPDATE pipeline_inbox SET create_date = create_date - interval '1 day'")
        self.assertEqual(self.inbox._get_oldest_waiting_seconds(), 0)

    def test_an_unfinished_form_is_forgotten_like_a_rejected_one(self):
        _stored, row = self._store_form("rest")
        row.received_at = fields.Datetime.now() - timedelta(days=400)
        self.env.flush_all()
        self.inbox._gc_payloads()
        row.invalidate_recordset()
        self.assertTrue(row.payload_erased_at)
