"""What becomes of the first-response clocks when leads are merged."""

from datetime import timedelta

from .test_crm_lead_response import ClockCase


class TestMergedClocks(ClockCase):
    def merge(self, survivor, others):
        merge = self.env["crm.lead"]._merge_leads(survivor, others)
        self.flush()
        self.env.flush_all()
        self.env.invalidate_all()
        return merge

    def test_the_answer_to_a_merged_lead_stops_the_clock_of_the_one_that_stays(self):
        survivor, other = self.capture(2)
        self.pass_time(survivor, 4)
        self.answer(other, self.ana)
        answered_at = other.first_response_at
        self.merge(survivor, other)
        self.assertEqual(
            (survivor.response_state, survivor.first_response_at, survivor.first_response_uid,
             survivor.first_response_channel, survivor.response_next_at),
            ("answered", answered_at, self.ana, "email", False),
        )  # fmt: skip
        # the person waited since the first of the two came
        self.assertGreaterEqual(survivor.response_seconds, 4 * 60)
        self.pass_time(survivor, 60)
        self.watch()
        self.assertEqual(survivor.response_state, "answered")
        self.assertFalse(self.notices.search([("kind", "=", "escalated")]))

    def test_undoing_the_merge_lets_the_clock_run_on_until_it_is_late(self):
        survivor, other = self.capture(2)
        due = survivor.response_due_at
        self.answer(other, self.ana)
        merge = self.merge(survivor, other)
        merge._undo()
        self.flush()
        self.env.invalidate_all()
        self.assertEqual(
            (survivor.response_state, survivor.first_response_at, survivor.response_next_at, other.response_state),
            ("waiting", False, due, "answered"),
        )
        self.pass_time(survivor, 6)
        self.watch()
        self.assertEqual(survivor.response_state, "late")

    def test_an_answer_from_before_the_clock_brings_the_clock_that_it_ended(self):
        old, survivor = self.capture(2)
        self.pass_time(old, 30)
        self.env["crm.lead"].browse(old.id)._stop_clocks("phone", old.response_started_at + timedelta(minutes=2))
        started = old.response_started_at
        self.merge(survivor, old)
        self.assertEqual(
            (survivor.response_started_at, survivor.response_seconds, survivor.response_state),
            (started, 120, "answered"),
        )

    def test_a_late_lead_stays_with_its_owner_once_merged_with_an_answered_one(self):
        self.default.reassign_after = 5
        survivor, other = self.capture(2)
        self.pass_time(survivor, 6)
        self.watch()
        self.answer(other, self.ana)
        self.merge(survivor, other)
        self.pass_time(survivor, 60)
        self.watch()
        self.assertEqual((survivor.user_id, survivor.response_moves), (self.ana, 0))
        self.assertEqual(survivor.response_state, "answered")

    def test_an_unanswered_lead_changes_nothing_on_the_clock_of_the_one_that_stays(self):
        survivor, other = self.capture(2)
        due = survivor.response_due_at
        self.pass_time(other, 4)
        self.merge(survivor, other)
        self.assertEqual(
            (survivor.response_state, survivor.response_due_at, survivor.first_response_at), ("waiting", due, False)
        )
