from types import SimpleNamespace
from unittest.mock import patch

from tests.sales_pipeline.models.capture.test_crm_lead import CaptureCase


class TestInbox(CaptureCase):
    def setUp(self):
        super().setUp()
        # The lane commits between its batches; inside a test that commit must stay inside the test.
        self.patch(self.env.cr, "commit", self.env.cr.flush)
        self.inbox = self.env["pipeline.inbox"]

    def store(self, *payloads):
        items = [
            SimpleNamespace(external_id=payload.pop("id"), payload=payload, is_test=payload.pop("is_test", False))
            for payload in payloads
        ]
        return self.inbox._store(self.source, items)

    def row(self, external_id):
        return self.inbox.search([("source_id", "=", self.source.id), ("external_id", "=", external_id)])

    def test_the_same_capture_twice_is_stored_once(self):
        first = self.store({"id": "a", "name": "Ann", "email": "ann@example.com"})
        again = self.store(
            {"id": "a", "name": "Changed", "email": "other@example.com"},
            {"id": "b", "name": "B", "email": "b@example.com"},
        )
        self.assertEqual((first, again), (1, 1))
        self.assertEqual(self.row("a").payload["name"], "Ann")

    def test_the_job_turns_rows_into_leads_and_says_what_became_of_each(self):
        self.store(
            {"id": "a", "name": "Ann", "email": "ann@example.com"},
            {"id": "b", "name": "Ann again", "email": "ann@example.com"},
            {"id": "c", "name": "Nobody"},
        )
        self.inbox._cron_drain()
        self.assertRecordValues(self.row("a") | self.row("b") | self.row("c"), [
            {"state": "processed", "result": "created", "refused_code": False},
            {"state": "duplicate", "result": "duplicate", "refused_code": False},
            {"state": "rejected", "result": "refused", "refused_code": "missing"},
        ])  # fmt: skip
        self.assertIn("“email or phone” is missing.", self.row("c").reason)
        self.assertEqual(self.row("a").lead_id, self.row("b").lead_id)

    def test_running_the_job_again_changes_nothing(self):
        self.store({"id": "a", "name": "Ann", "email": "ann@example.com"})
        self.inbox._cron_drain()
        before = (self.env["crm.lead"].search_count([]), self.env["pipeline.touch"].search_count([]))
        self.inbox._cron_drain()
        self.assertEqual((self.env["crm.lead"].search_count([]), self.env["pipeline.touch"].search_count([])), before)

    def test_one_unreadable_row_does_not_hold_up_the_others(self):
        self.store(
            {"id": "a", "name": "Ann", "email": "ann@example.com"},
            {"id": "bad"},
            {"id": "b", "name": "B", "email": "b@example.com"},
        )
        model = type(self.inbox)
        original = model._get_captured

        def fail_on_bad(row, *args):
            if row.external_id == "bad":
                raise ValueError("unreadable")
            return original(row, *args)

        with patch.object(model, "_get_captured", fail_on_bad):
            self.inbox._cron_drain()
        self.assertEqual((self.row("a").state, self.row("b").state), ("processed", "processed"))
        self.assertRecordValues(self.row("bad"), [{"state": "received", "attempts": 1, "error_message": "ValueError"}])

    def test_a_failed_row_can_be_tried_again(self):
        self.store({"id": "a", "name": "Ann", "email": "ann@example.com"})
        self.row("a").state = "failed"
        self.row("a").action_replay()
        self.inbox._cron_drain()
        self.assertEqual(self.row("a").result, "created")

    def test_leads_of_the_past_bring_their_ending_without_its_consequences(self):
        self.source.write({"provider": "bulk_upload", "contact_required": False})
        self.store(
            {"id": "a", "values": {"name": "Ann", "outcome": "won"}},
            {"id": "b", "values": {"name": "Bob", "outcome": "lost"}},
        )
        self.inbox._cron_drain()
        won, lost = self.row("a").lead_id, self.row("b").lead_id
        self.assertRecordValues(won | lost, [
            {"won_status": "won", "lead_status": "converted"}, {"won_status": "lost", "lead_status": "disqualified"},
        ])  # fmt: skip
        self.assertFalse(self.env["pipeline.outbox"].search_count([]))
