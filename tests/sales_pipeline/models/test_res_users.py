"""When somebody works, and who may say that they do not."""

from datetime import datetime, timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time, new_test_user

from tests.common import PipelineCase

MONDAY = datetime(2026, 3, 2)
WEEK = (MONDAY, MONDAY + timedelta(days=7))


def at(days=0, hours=0.0):
    return MONDAY + timedelta(days=days, hours=hours)


class TestWorkingHours(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mornings = cls.env["resource.calendar"].create({
            "name": "Mornings", "tz": "UTC", "two_weeks_calendar": False,
            "attendance_ids": [Command.clear(), *(
                Command.create({"name": "Morning", "dayofweek": str(day), "hour_from": 8, "hour_to": 12,
                                "day_period": "morning"})
                for day in range(5)
            )],
        })  # fmt: skip
        cls.env.company.resource_calendar_id = cls.mornings
        cls.ann = new_test_user(cls.env, "ann", groups="sales_pipeline.group_rep", tz="UTC")
        cls.bob = new_test_user(cls.env, "bob", groups="sales_pipeline.group_rep", tz="UTC")
        cls.boss = new_test_user(cls.env, "boss", groups="sales_pipeline.group_manager", tz="UTC")

    def hours(self, user, day):
        spans = user._get_working_spans(at(day), at(day + 1))[user.id]
        return [((start - at(day)).total_seconds() / 3600, (end - at(day)).total_seconds() / 3600)
                for start, end in spans]  # fmt: skip

    def test_without_hours_of_their_own_people_work_those_of_the_company(self):
        spans = (self.ann + self.bob)._get_working_spans(*WEEK)
        self.assertEqual(spans[self.ann.id], [(at(day, 8), at(day, 12)) for day in range(5)])
        self.assertEqual(spans[self.bob.id], spans[self.ann.id])

    def test_own_hours_go_before_those_of_the_company(self):
        late = self.mornings.copy({"name": "Late"})
        late.attendance_ids.write({"hour_from": 14, "hour_to": 18})
        self.env["resource.resource"].create(
            {"name": "Bob", "user_id": self.bob.id, "calendar_id": late.id, "tz": "UTC"}
        )
        self.assertEqual(self.hours(self.bob, 1), [(14, 18)])
        self.assertEqual(self.hours(self.ann, 1), [(8, 12)])

    def test_hours_are_those_of_where_somebody_is(self):
        self.ann.tz = "Asia/Kolkata"
        self.assertEqual(self.hours(self.ann, 2), [(2.5, 6.5)])

    def test_without_any_calendar_people_always_work(self):
        self.env.company.resource_calendar_id = False
        self.assertEqual(self.hours(self.ann, 6), [(0, 24)])

    def test_a_public_holiday_is_everybodys_and_a_leave_one_persons(self):
        resource = self.env["resource.resource"].create(
            {"name": "Bob", "user_id": self.bob.id, "calendar_id": self.mornings.id, "tz": "UTC"}
        )
        leaves = self.env["resource.calendar.leaves"]
        leaves.create({"name": "Feast", "date_from": at(1), "date_to": at(2), "calendar_id": self.mornings.id})
        leaves.create(
            {"name": "Bob's", "date_from": at(2, 10), "date_to": at(2, 23), "resource_id": resource.id}
        )
        self.assertEqual((self.hours(self.ann, 1), self.hours(self.bob, 1)), ([], []))
        self.assertEqual((self.hours(self.ann, 2), self.hours(self.bob, 2)), ([(8, 12)], [(8, 10)]))

    def test_a_holiday_of_another_company_changes_nothing(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.env["resource.calendar.leaves"].create({
            "name": "Feast", "date_from": at(1), "date_to": at(2), "calendar_id": other.resource_calendar_id.id,
        })  # fmt: skip
        self.assertEqual(self.hours(self.ann, 1), [(8, 12)])

    def test_an_absence_takes_its_time_out(self):
        self.env["pipeline.absence"].with_user(self.ann).create({"date_from": at(0, 9), "date_to": at(1, 9)})
        self.assertEqual(self.hours(self.ann, 0), [(8, 9)])
        self.assertEqual(self.hours(self.ann, 1), [(9, 12)])
        self.assertEqual(self.hours(self.bob, 0), [(8, 12)])

    def test_many_people_cost_no_more_queries_than_few(self):
        users = self.env["res.users"].union(
            *(new_test_user(self.env, f"many{number}", groups="base.group_user") for number in range(12))
        )
        self.env.invalidate_all()
        with self.assertQueryCount(14):
            spans = users._get_working_spans(*WEEK)
        self.assertEqual(len(spans), 12)

    # ---- the switch

    def test_the_switch_holds_until_it_is_turned_back_and_stays_known(self):
        with freeze_time(at(0, 9)):
            self.ann.with_user(self.ann).action_switch_away()
            self.assertTrue(self.ann.pipeline_is_away)
            self.assertEqual(self.env["res.users"].search([("pipeline_is_away", "=", True)]), self.ann)
        self.assertEqual((self.hours(self.ann, 0), self.hours(self.ann, 4)), ([(8, 9)], []))
        with freeze_time(at(1, 10)):
            self.ann.with_user(self.ann).action_switch_away()
            self.assertFalse(self.ann.pipeline_is_away)
        self.assertEqual((self.hours(self.ann, 0), self.hours(self.ann, 1)), ([(8, 9)], [(10, 12)]))

    def test_the_preferences_turn_the_switch(self):
        with freeze_time(at(0, 9)):
            mine = self.ann.with_user(self.ann)
            mine.write({"pipeline_is_away": True})
            mine.write({"pipeline_away_until": at(0, 11)})
            self.assertEqual(mine.pipeline_away_until, at(0, 11))
        self.assertEqual(self.hours(self.ann, 0), [(8, 9), (11, 12)])
        with freeze_time(at(0, 11.5)):
            self.env.invalidate_all()
            self.assertFalse(self.ann.pipeline_is_away)

    def test_a_manager_turns_the_switch_of_others_and_a_colleague_does_not(self):
        with self.assertRaises(AccessError):
            self.ann.with_user(self.bob).action_switch_away()
        self.assertFalse(self.ann.pipeline_is_away)
        self.ann.with_user(self.boss).action_switch_away()
        self.assertTrue(self.ann.pipeline_is_away)

    def test_a_manager_of_another_company_does_not(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.boss.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        with self.assertRaises(AccessError):
            self.ann.with_user(self.boss).with_company(other).action_switch_away()
        self.assertFalse(self.ann.pipeline_is_away)

    def test_nobody_is_away_until_yesterday(self):
        with self.assertRaises(UserError):
            self.ann._switch_away(True, at(0))
        self.assertFalse(self.ann.pipeline_is_away)

    # ---- rights

    def test_a_colleague_neither_sees_nor_plans_my_absence(self):
        mine = self.env["pipeline.absence"].with_user(self.ann).create({"date_from": at(0), "date_to": at(1)})
        theirs = self.env["pipeline.absence"].with_user(self.bob)
        self.assertFalse(theirs.search([("user_id", "=", self.ann.id)]))
        with self.assertRaises(AccessError):
            theirs.create({"user_id": self.ann.id, "date_from": at(0), "date_to": at(1)})
        self.assertEqual(self.env["pipeline.absence"].search([("user_id", "=", self.ann.id)]), mine)
        self.assertEqual(mine.with_user(self.boss).read(["user_id"])[0]["user_id"][0], self.ann.id)

    def test_a_colleague_reads_until_when_somebody_is_away_and_not_why(self):
        self.ann._switch_away(True, fields.Datetime.now() + timedelta(days=2))
        absence = self.env["pipeline.absence"].search([("user_id", "=", self.ann.id)])
        absence.reason = "Surgery"
        self.env.invalidate_all()
        seen = self.ann.with_user(self.bob)
        self.assertEqual((seen.pipeline_is_away, seen.pipeline_away_until), (True, absence.date_to))
        theirs = self.env["pipeline.absence"].with_user(self.bob)
        self.assertFalse(theirs.search([("reason", "ilike", "surg")]))
        self.assertEqual(theirs.search_count([("reason", "ilike", "surg")]), 0)
        with self.assertRaises(AccessError):
            absence.with_user(self.bob).read(["reason"])
        for reader in (self.ann, self.boss):
            self.assertEqual(absence.with_user(reader).reason, "Surgery")

    def test_a_colleague_changes_no_absence_of_mine_and_hands_me_none(self):
        mine = self.env["pipeline.absence"].with_user(self.ann).create({"date_from": at(0), "date_to": at(1)})
        own = self.env["pipeline.absence"].with_user(self.bob).create({"date_from": at(0), "date_to": at(1)})
        for name, act in {
            "lengthen": lambda: mine.with_user(self.bob).write({"date_to": False}),
            "end": lambda: mine.with_user(self.bob).unlink(),
            "hand over": lambda: own.write({"user_id": self.ann.id}),
            "switch": lambda: self.ann.with_user(self.bob).write({"pipeline_is_away": True}),
            "until": lambda: self.ann.with_user(self.bob).write({"pipeline_away_until": at(9)}),
        }.items():
            with self.subTest(name), self.assertRaises(AccessError):
                act()
            self.env.invalidate_all()
        self.assertEqual((mine.user_id, mine.date_to, own.user_id), (self.ann, at(1), self.bob))
        self.assertEqual(self.env["pipeline.absence"].search([("user_id", "=", self.ann.id)]), mine)

    def test_an_absence_does_not_end_before_it_begins(self):
        with self.assertRaises(ValidationError):
            self.env["pipeline.absence"].create({"date_from": at(1), "date_to": at(0)})
        self.assertFalse(self.env["pipeline.absence"].search([("user_id", "=", self.env.uid)]))
