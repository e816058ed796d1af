from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError

from tests.common import PipelineCase


class Receiver:
    """A vendor that remembers what it was sent."""

    def __init__(self, answer=None, is_repeatable=False):
        self.answer = answer or {"id": "vendor-1"}
        self.is_repeatable = is_repeatable
        self.calls = 0

    def __call__(self):
        self.calls += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class TestOutbox(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls.env["crm.lead"].create({"name": "Ann"})
        cls.outbox = cls.env["pipeline.outbox"]
        cls.kind = "welcome_mail"

    def setUp(self):
        super().setUp()
        # The lane commits between its steps; inside a test that commit must stay inside the test.
        self.patch(self.env.cr, "commit", self.env.cr.flush)

    def enqueue(self, key="one"):
        self.outbox._enqueue(self.kind, self.lead, key=key)
        return self.outbox.search([("key", "=", key)])

    def contacting(self, receiver):
        return patch.object(type(self.outbox), "_get_contact", lambda row: receiver)

    def test_the_same_effect_asked_for_twice_is_one_row(self):
        self.enqueue()
        self.enqueue()
        self.assertEqual(self.outbox.search_count([("key", "=", "one")]), 1)

    def test_a_rollback_leaves_nothing_to_do(self):
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.enqueue()
            raise ZeroDivisionError
        self.assertFalse(self.outbox.search_count([("key", "=", "one")]))

    def test_an_effect_is_carried_out_once(self):
        row = self.enqueue()
        receiver = Receiver()
        with self.contacting(receiver):
            self.outbox._cron_drain()
            self.outbox._cron_drain()
        self.assertEqual(receiver.calls, 1)
        self.assertRecordValues(row, [{"state": "done", "result": {"id": "vendor-1"}}])

    def test_a_failure_is_tried_again_later_and_shown(self):
        row = self.enqueue()
        with self.contacting(Receiver(ConnectionError("refused"))):
            self.outbox._cron_drain()
        self.assertRecordValues(row, [{"state": "pending", "attempts": 1, "error_message": "ConnectionError"}])
        self.assertGreater(row.next_attempt_at, fields.Datetime.now())

    def test_after_the_last_attempt_it_has_failed_and_a_person_may_send_again(self):
        row = self.enqueue()
        row.attempts = 5
        with (
            self.contacting(Receiver(ConnectionError("refused"))),
            self.assertLogs("odoo.addons.sales_pipeline", "ERROR"),
        ):
            self.outbox._cron_drain()
        self.assertEqual(row.state, "failed")
        row.action_send_again()
        self.assertRecordValues(row, [{"state": "pending", "attempts": 0}])

    def crashed(self):
        row = self.enqueue()
        row._set_state("sending", lease_until=fields.Datetime.now() - timedelta(seconds=1))
        return row

    def test_what_a_crash_left_in_the_air_is_in_doubt_and_never_sent_again_by_itself(self):
        row = self.crashed()
        receiver = Receiver()
        with self.contacting(receiver):
            self.outbox._cron_drain()
            self.outbox._cron_drain()
        self.assertEqual(receiver.calls, 0)
        self.assertEqual(row.state, "in_doubt")

    def test_what_the_receiver_recognises_is_sent_again_after_a_crash(self):
        row = self.crashed()
        receiver = Receiver(is_repeatable=True)
        with self.contacting(receiver):
            self.outbox._cron_drain()
        self.assertEqual((receiver.calls, row.state), (1, "done"))

    def test_a_row_that_is_still_being_sent_is_left_alone(self):
        row = self.enqueue()
        row._set_state("sending", lease_until=fields.Datetime.now() + timedelta(minutes=1))
        receiver = Receiver()
        with self.contacting(receiver):
            self.outbox._cron_drain()
        self.assertEqual((receiver.calls, row.state), (0, "sending"))

    def test_a_person_may_settle_a_doubt(self):
        row = self.crashed()
        with self.contacting(Receiver()):
            self.outbox._cron_drain()
        row.action_mark_sent()
        self.assertEqual(row.state, "done")

    def test_what_is_done_cannot_be_sent_again(self):
        row = self.enqueue()
        row._set_state("done")
        with self.assertRaises(UserError), self.assertLogs("odoo.addons.sales_pipeline", "WARNING"):
            row.action_send_again()
        self.assertEqual(row.state, "done")
