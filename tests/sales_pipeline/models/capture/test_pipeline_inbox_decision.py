from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError

from tests.sales_pipeline.models.capture.test_crm_lead import CaptureCase


class TestDecision(CaptureCase):
    """What became of a capture, why, and what a replay makes of it."""

    def setUp(self):
        super().setUp()
        self.patch(self.env.cr, "commit", self.env.cr.flush)
        self.inbox = self.env["pipeline.inbox"]

    def store(self, external_id, is_test=False, **payload):
        self.inbox._store(self.source, [SimpleNamespace(external_id=external_id, payload=payload, is_test=is_test)])
        return self.inbox.search([("external_id", "=", external_id)])

    def told(self, rows):
        """Replay rows, let the job work, and return the notice."""
        notice = rows.action_replay()["params"]["message"]
        self.inbox._cron_drain()
        return notice

    def counts(self):
        kinds = self.env["pipeline.event"].search_count([("kind", "in", ("captured", "duplicate"))])
        return self.env["crm.lead"].search_count([]), self.env["pipeline.touch"].search_count([]), kinds

    def test_each_state_says_why_in_words(self):
        waiting = self.store("waits", name="Ann", email="ann@example.com")
        self.assertEqual((waiting.state, waiting.reason), ("received", "Waits for the job that makes leads."))
        self.inbox._cron_drain()
        self.assertEqual((waiting.state, waiting.reason), ("processed", "A new lead was made."))
        again = self.store("again", name="Ann", email="ann@example.com")
        bad = self.store("bad", name="Bob", email="no address")
        self.inbox._cron_drain()
        self.assertEqual(again.state, "duplicate")
        self.assertIn("an open lead, which got a touch", again.reason)
        self.assertEqual(bad.state, "rejected")
        self.assertIn("“email” cannot be used", bad.reason)

    def test_a_rejected_capture_becomes_a_lead_once_the_source_takes_it(self):
        row = self.store("bare", name="Nobody")
        self.inbox._cron_drain()
        self.assertEqual((row.state, bool(row.lead_id)), ("rejected", False))
        self.assertIn("Worked on again: 1.", self.told(row))
        self.assertEqual(row.state, "rejected", "nothing has changed yet")
        self.source.contact_required = False
        self.told(row)
        self.assertEqual((row.state, row.refused_code, row.lead_id.contact_name), ("processed", False, "Nobody"))

    def test_what_is_a_lead_already_is_not_made_twice_and_the_notice_says_so(self):
        rows = self.store("one", name="Ann", email="ann@example.com") | self.store(
            "two", name="Ann", email="ann@example.com"
        )
        self.inbox._cron_drain()
        before = self.counts()
        notice = self.told(rows)
        self.assertIn("nothing is made twice: 2.", notice)
        self.assertEqual(self.counts(), before)
        self.assertEqual(rows.mapped("state"), ["processed", "duplicate"])

    def test_many_are_replayed_at_once_each_by_its_own_state(self):
        lead = self.store("lead", name="Ann", email="ann@example.com")
        bare = self.store("bare", name="Nobody")
        self.inbox._cron_drain()
        self.source.contact_required = False
        notice = self.told(lead | bare)
        self.assertEqual(notice, "Worked on again: 1. Already a lead, so nothing is made twice: 1.")
        self.assertEqual(bare.state, "processed")

    def test_a_test_never_makes_a_lead(self):
        row = self.store("trial", name="Ann", email="ann@example.com")
        with patch.object(type(self.inbox), "_get_captured", lambda *_args: _Test()):
            self.inbox._cron_drain()
        self.assertRecordValues(row, [{"state": "processed", "result": "test", "is_test": True, "lead_id": False}])
        before = self.counts()
        self.assertIn("never make a lead: 1.", self.told(row))
        self.assertEqual(self.counts(), before)

    def test_a_replay_is_the_administrators(self):
        row = self.store("bare", name="Nobody")
        self.inbox._cron_drain()
        with self.assertRaises(AccessError):
            row.with_user(self.reps[0]).action_replay()
        self.assertEqual(row.state, "rejected")

    def test_who_replays_is_told_what_became_of_it(self):
        row = self.store("bare", name="Nobody")
        self.inbox._cron_drain()
        row.action_replay()
        sent = []
        self.patch(type(self.env["res.users"]), "_bus_send", lambda user, *args: sent.append((user, args)))
        self.inbox._cron_drain()
        [(user, (_kind, message))] = [one for one in sent if one[1][1].get("title") == "Replay"]
        self.assertEqual((user, message["message"]), (self.env.user, "Rejected: 1"))
        self.assertFalse(row.replay_uid)

    def test_the_banner_knows_how_long_the_oldest_waits(self):
        self.assertEqual(self.inbox.get_waiting(), {"seconds": 0, "count": 0})
        row = self.store("waits", name="Ann", email="ann@example.com")
        row.next_attempt_at = fields.Datetime.now() - timedelta(minutes=5)
        self.env.flush_all()
        waiting = self.inbox.get_waiting()
        self.assertGreaterEqual(waiting["seconds"], 290)
        self.assertEqual(waiting["count"], 1)
        with self.assertRaises(AccessError):
            self.inbox.with_user(self.reps[0]).get_waiting()

    def test_what_was_sent_is_read_as_questions_and_without_secrets(self):
        row = self.store("read", first_name="<b>Ada</b>", utm={"source": "google"}, api_key="hidden-key")
        self.assertIn("First name", row.payload_table)
        self.assertIn("&lt;b&gt;Ada&lt;/b&gt;", row.payload_table)
        self.assertIn("Utm › source", row.payload_table)
        self.assertNotIn("hidden-key", f"{row.payload_table}{row.payload_text}")


class _Test:
    """A contact that its sender calls a test."""

    is_test = True
    outcome = email = phone = whatsapp = country_code = None


class TestRetention(CaptureCase):
    def setUp(self):
        super().setUp()
        self.inbox = self.env["pipeline.inbox"]
        self.long_ago = fields.Datetime.now() - timedelta(days=100)

    def row(self, state, days=100, **values):
        when = fields.Datetime.now() - timedelta(days=days)
        return self.inbox.create({
            "source_id": self.source.id, "external_id": f"{state}-{days}", "payload": {"name": "Ann"},
            "company_id": self.env.company.id, "state": state, "received_at": when, "processed_at": when, **values,
        })  # fmt: skip

    def clean(self):
        while self.inbox._gc_payloads()[1]:
            pass

    def test_data_go_after_their_days_and_the_fact_stays_counted(self):
        self.env.company.write({"pipeline_keep_processed_days": 90, "pipeline_keep_rejected_days": 200})
        old, young = self.row("processed"), self.row("processed", days=80)
        rejected = self.row("rejected")
        received = self.source.received_count
        self.clean()
        self.assertFalse(old.payload)
        self.assertTrue(old.payload_erased_at)
        self.assertTrue(young.payload and rejected.payload, "their days are not over")
        self.source.invalidate_recordset()
        self.assertEqual(self.source.received_count, received)
        again = self.inbox._store(self.source, [SimpleNamespace(external_id="processed-100", payload={"name": "Ann"})])
        self.assertEqual(again, 0, "it is still known")

    def test_what_waits_is_never_erased_and_nought_keeps_for_ever(self):
        self.env.company.write({"pipeline_keep_processed_days": 0, "pipeline_keep_failed_days": 1})
        waiting, kept, failed = self.row("received"), self.row("processed"), self.row("failed")
        self.clean()
        self.assertTrue(waiting.payload and kept.payload)
        self.assertFalse(failed.payload)
        self.assertIn("cannot be replayed: 1.", failed.action_replay()["params"]["message"])
        self.assertEqual(failed.state, "failed")
