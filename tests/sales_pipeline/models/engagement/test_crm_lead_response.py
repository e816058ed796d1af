"""The first-response clock: when it starts, what stops it, and what happens when nobody answers."""

from datetime import datetime, timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user

from odoo.addons.sales_pipeline.providers.capture.base import CapturedLead

from .test_pipeline_notice import NoticeCase


class ClockCase(NoticeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.targets = cls.env["pipeline.response.target"]
        cls.default = cls.env.ref("sales_pipeline.response_target_default")

    def answer(self, lead, user):
        partner = lead._partner_find_from_emails_single([lead.email_from])
        lead.with_user(user).message_post(
            body="Hello", partner_ids=partner.ids, subtype_xmlid="mail.mt_comment", message_type="comment"
        )
        self.flush()

    def pass_time(self, lead, minutes):
        """Let a lead be older than it is."""
        lead.flush_recordset()
        ago = timedelta(minutes=minutes)
        for name in ("response_started_at", "response_clock_at", "response_due_at", "response_next_at"):
            self.env.cr.execute(f"UPDATE crm_lead SET {name} = {name} - %s WHERE id = %s", (ago, lead.id))
        lead.invalidate_recordset()

    def watch(self):
        self.env["crm.lead"]._watch(self.env["crm.lead"]._find_overdue(100) or [0])
        self.flush()


class TestStart(ClockCase):
    def test_a_captured_lead_with_an_owner_has_five_minutes(self):
        lead = self.capture()
        self.assertEqual((lead.response_state, lead.response_minutes), ("waiting", 5))
        self.assertEqual(lead.response_due_at - lead.response_started_at, timedelta(minutes=5))
        self.assertEqual(lead.response_next_at, lead.response_due_at)
        self.assertIn("Source “Form” gives its leads to", lead.assignment_reason)

    def test_without_an_owner_it_starts_with_the_first_one(self):
        self.source.owner_rule = "nobody"
        lead = self.capture()
        self.assertFalse(lead.response_state)
        lead.user_id = self.ana
        self.flush()
        self.assertEqual(lead.response_state, "waiting")

    def test_without_a_contact_no_clock_runs(self):
        self.source.contact_required = False
        nobody = CapturedLead(external_id="x", name="Nobody To Reach", company_name="House")
        [result] = self.env["crm.lead"]._capture([nobody], self.source)
        self.flush()
        lead = self.env["crm.lead"].browse(result.lead_id)
        self.assertEqual((result.outcome, lead.response_state), ("created", False))

    def test_a_typed_lead_has_a_clock(self):
        lead = self.env["crm.lead"].with_user(self.boss)._enter_manually(
            {"name": "Typed", "type": "lead", "email_from": "typed@example.com", "user_id": self.ana.id,
             "team_id": self.team.id}
        )  # fmt: skip
        self.flush()
        self.assertEqual(lead.sudo().response_state, "waiting")

    def test_a_plain_create_and_a_list_have_none(self):
        values = {"name": "P", "type": "lead", "email_from": "p@p.example", "user_id": self.ana.id}
        plain = self.env["crm.lead"].create(values)
        listed = self.capture(channel="bulk_upload")
        plain.user_id = self.ben
        self.flush()
        self.assertFalse(plain.response_state)
        self.assertFalse(listed.response_state)

    def test_the_first_line_that_fits_counts(self):
        other = self.env["pipeline.source"].create({"name": "Fair", "provider": "website", "user_id": self.ana.id})
        self.targets.create({"sequence": 1, "source_ids": [Command.set(other.ids)], "minutes": 60})
        self.targets.create({"sequence": 2, "temperature": "hot", "minutes": 1})
        self.assertEqual(self.capture(start=1).response_minutes, 5)
        self.assertEqual(self.capture(start=2, source=other).response_minutes, 60)

    def test_another_companys_target_does_not_count(self):
        company = self.env["res.company"].create({"name": "Other"})
        self.targets.create({"sequence": 1, "minutes": 60, "company_id": company.id})
        self.assertEqual(self.capture().response_minutes, 5)

    def test_without_any_target_no_clock_runs(self):
        self.targets.search([]).active = False
        self.assertFalse(self.capture().response_state)

    def test_nobody_sets_the_clock_by_hand(self):
        lead = self.capture()
        due = lead.response_due_at
        for name, value in (("response_due_at", datetime(2030, 1, 1)), ("response_state", "answered"),
                            ("first_response_at", datetime(2026, 1, 1)), ("response_seconds", 1)):  # fmt: skip
            with self.assertRaises(AccessError):
                lead.with_user(self.ana).write({name: value})
        self.assertEqual((lead.response_due_at, lead.response_state, lead.first_response_at), (due, "waiting", False))


class TestHours(ClockCase):
    """A calendar of 9 to 17 from Monday to Friday, in New York."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env["resource.calendar"].create({
            "name": "Office", "tz": "America/New_York", "attendance_ids": [
                Command.create({"name": str(day), "dayofweek": str(day), "hour_from": 9, "hour_to": 17})
                for day in range(5)
            ],
        })  # fmt: skip
        cls.company.resource_calendar_id = cls.calendar
        cls.ana.tz = "America/New_York"

    def due(self, *moment, minutes=5, user=None):
        return self.env["crm.lead"]._find_working_moment((user or self.ana).id, datetime(*moment), minutes * 60)

    def test_by_day_five_minutes_are_five_minutes(self):
        self.assertEqual(self.due(2026, 1, 5, 15, 0), datetime(2026, 1, 5, 15, 5))

    def test_what_comes_at_night_is_due_in_the_morning(self):
        self.assertEqual(self.due(2026, 1, 6, 3, 0), datetime(2026, 1, 6, 14, 5))

    def test_what_comes_on_friday_evening_is_due_on_monday(self):
        self.assertEqual(self.due(2026, 1, 9, 21, 58), datetime(2026, 1, 12, 14, 3))

    def test_somebody_elsewhere_has_other_hours(self):
        self.ben.tz = "Europe/Berlin"
        self.assertEqual(self.due(2026, 1, 6, 3, 0, user=self.ben), datetime(2026, 1, 6, 8, 5))

    def test_an_absence_puts_it_off(self):
        self.env["pipeline.absence"].create(
            {"user_id": self.ana.id, "date_from": datetime(2026, 1, 5, 0), "date_to": datetime(2026, 1, 7, 0)}
        )
        self.assertEqual(self.due(2026, 1, 5, 15, 0), datetime(2026, 1, 7, 14, 5))

    def test_who_is_away_for_ever_has_a_clock_all_the_same(self):
        self.env["pipeline.absence"].create({"user_id": self.ana.id, "date_from": datetime(2026, 1, 1)})
        self.assertEqual(self.due(2026, 1, 5, 15, 0), datetime(2026, 1, 5, 15, 5))


class TestStop(ClockCase):
    def test_a_mail_to_the_customer_stops_it(self):
        lead = self.capture()
        self.pass_time(lead, 2)
        self.answer(lead, self.ana)
        self.assertEqual((lead.response_state, lead.first_response_uid), ("answered", self.ana))
        self.assertEqual(lead.first_response_channel, "email")
        self.assertTrue(120 <= lead.response_seconds < 240, lead.response_seconds)
        self.assertFalse(lead.response_next_at)

    def test_a_logged_call_stops_it(self):
        lead = self.capture()
        self.env["pipeline.call.log"].with_user(self.ana).create({"lead_id": lead.id}).action_log()
        self.assertEqual((lead.response_state, lead.first_response_channel), ("answered", "phone"))

    def test_the_first_answer_is_kept(self):
        lead = self.capture()
        self.answer(lead, self.ana)
        first = lead.first_response_at
        lead._on_contacted("phone", first + timedelta(hours=1))
        self.assertEqual((lead.first_response_at, lead.first_response_channel), (first, "email"))

    def test_saying_that_the_contact_was_reached_stops_it(self):
        lead = self.capture()
        lead.with_user(self.ana).action_mark_contacted()
        self.flush()
        self.assertEqual(lead.response_state, "answered")

    def test_neither_a_note_nor_a_mail_by_itself_nor_the_customers_mail_stops_it(self):
        lead = self.capture()
        partner = lead._partner_find_from_emails_single([lead.email_from])
        lead.with_user(self.ana).message_post(body="Psst", partner_ids=partner.ids, subtype_xmlid="mail.mt_note")
        robot = self.env.ref("base.partner_root")
        lead.message_post(body="We got it", author_id=robot.id, partner_ids=partner.ids,
                          subtype_xmlid="mail.mt_comment", message_type="comment")  # fmt: skip
        lead.message_post(body="We got it", author_id=self.ana.partner_id.id, partner_ids=partner.ids,
                          subtype_xmlid="mail.mt_comment", message_type="auto_comment")  # fmt: skip
        lead.message_post(body="Hello?", author_id=partner.id, subtype_xmlid="mail.mt_comment", message_type="email")
        self.flush()
        self.assertEqual((lead.response_state, lead.first_response_at), ("waiting", False))

    def test_a_disqualified_lead_waits_no_more_and_was_not_answered(self):
        lead = self.capture()
        lead.action_set_lost()
        self.flush()
        self.assertFalse(lead.response_state or lead.response_next_at or lead.first_response_at)

    def test_who_answers_in_time_reads_how_fast(self):
        lead = self.capture()
        self.answer(lead, self.ana)
        self.assertIn("pipeline_answered", "".join(self.bus(self.ana)))

    def test_who_turned_the_praise_off_reads_nothing(self):
        settings = self.env["res.users.settings"]._find_or_create_for_user(self.ana)
        settings.with_user(self.ana).set_res_users_settings({"pipeline_praises": False})
        lead = self.capture()
        self.answer(lead, self.ana)
        self.assertEqual(lead.response_state, "answered")
        self.assertNotIn("pipeline_answered", "".join(self.bus(self.ana)))

    def test_who_answers_late_reads_nothing(self):
        lead = self.capture()
        self.pass_time(lead, 20)
        self.answer(lead, self.ana)
        self.assertNotIn("pipeline_answered", "".join(self.bus(self.ana)))


class TestBreach(ClockCase):
    def test_the_leader_is_told_once_that_a_lead_waits_too_long(self):
        lead = self.capture()
        self.pass_time(lead, 6)
        self.watch()
        self.watch()
        self.assertEqual(lead.response_state, "late")
        self.assertRecordValues(self.unread(self.boss), [{"lead_id": lead.id, "kind": "escalated"}])
        kinds = self.env["pipeline.event"].search([("story", "=", lead.uuid)]).mapped("kind")
        self.assertEqual(kinds.count("late"), 1)

    def test_before_its_time_nothing_happens(self):
        lead = self.capture()
        self.watch()
        self.assertEqual(lead.response_state, "waiting")
        self.assertFalse(self.unread(self.boss))

    def test_one_person_or_the_managers_are_told_where_the_target_says_so(self):
        second = new_test_user(self.env, "second", groups="sales_pipeline.group_manager", notification_type="inbox")
        self.env["crm.team.member"].create({"user_id": second.id, "crm_team_id": self.team.id})
        nobody = self.env["res.users"]
        for escalate_to, told in (("managers", self.boss | second), ("user", self.ben), ("nobody", nobody)):
            self.notices.search([]).unlink()
            self.default.write({"escalate_to": escalate_to, "escalate_user_id": self.ben.id})
            lead = self.capture(start=hash(escalate_to) % 1000)
            self.pass_time(lead, 6)
            self.watch()
            found = self.notices.search([("kind", "=", "escalated"), ("lead_id", "=", lead.id)])
            self.assertEqual(found.user_id, told, escalate_to)

    def test_a_lead_that_stays_late_goes_to_the_next_and_its_clock_begins_anew(self):
        self.default.reassign_after = 10
        lead = self.capture()
        started = lead.response_started_at
        self.pass_time(lead, 6)
        self.watch()
        self.assertEqual(lead.user_id, self.ana)
        self.pass_time(lead, 11)
        self.watch()
        self.assertEqual(lead.user_id, self.ben)
        self.assertEqual((lead.response_state, lead.response_moves), ("waiting", 1))
        self.assertGreater(lead.response_due_at, fields.Datetime.now())
        self.assertEqual(lead.response_started_at, started - timedelta(minutes=17), "the lead's own clock goes on")
        self.assertRecordValues(self.unread(self.ben), [{"lead_id": lead.id, "kind": "reassigned"}])
        self.assertFalse(self.unread(self.ana))
        self.assertIn("nobody answered in time", lead.assignment_reason)

    def test_a_lead_that_a_pool_gave_out_goes_to_the_next_of_the_pool(self):
        self.default.reassign_after = 10
        eve = new_test_user(self.env, "eve", groups="sales_pipeline.group_rep", notification_type="inbox")
        pool = self.env["pipeline.assignment.pool"].create({
            "name": "Pool", "member_ids": [Command.create({"user_id": user.id}) for user in self.ana | eve],
        })  # fmt: skip
        self.env["pipeline.assignment.rule"].create({"name": "All", "pool_id": pool.id})
        self.source.write({"owner_rule": "turns", "user_id": False})
        lead = self.capture(start=900)
        first, second = lead.user_id, (self.ana | eve) - lead.user_id
        self.assertEqual((lead.response_state, len(second)), ("waiting", 1))
        for minutes in (6, 11):
            self.pass_time(lead, minutes)
            self.watch()
        self.assertEqual((lead.user_id, lead.response_moves), (second, 1), first.login)

    def test_an_answered_lead_is_never_passed_on(self):
        self.default.reassign_after = 10
        lead = self.capture()
        self.pass_time(lead, 6)
        self.watch()
        self.answer(lead, self.ana)
        self.pass_time(lead, 60)
        self.watch()
        self.assertEqual((lead.user_id, lead.response_state), (self.ana, "answered"))

    def test_without_anybody_else_at_work_it_stays(self):
        self.default.reassign_after = 10
        yesterday = fields.Datetime.now() - timedelta(days=1)
        self.env["pipeline.absence"].create({"user_id": self.ben.id, "date_from": yesterday})
        lead = self.capture()
        for minutes in (6, 11):
            self.pass_time(lead, minutes)
            self.watch()
        self.assertEqual((lead.user_id, lead.response_state, lead.response_next_at), (self.ana, "late", False))

    def test_after_three_salespeople_it_stays_with_the_last(self):
        self.default.reassign_after = 10
        lead = self.capture()
        for _turn in range(5):
            for minutes in (6, 11):
                self.pass_time(lead, minutes)
                self.watch()
        self.assertEqual((lead.response_moves, lead.response_state), (3, "late"))

    def test_a_hundred_late_leads_take_no_more_queries_than_ten(self):
        def count(number, start):
            leads = self.capture(number, start=start)
            for lead in leads:
                self.pass_time(lead, 6)
            self.env.invalidate_all()
            ids = self.env["crm.lead"]._find_overdue(200)
            before = self.env.cr.sql_log_count
            self.env["crm.lead"]._watch(ids)
            return self.env.cr.sql_log_count - before

        count(1, 500)
        few, many = count(10, 600), count(45, 700)
        self.assertLessEqual(many - few, 5)

    def test_targets_are_reasonable(self):
        for values in ({"minutes": 0}, {"minutes": -1}, {"reassign_after": -1}, {"escalate_to": "user"}):
            with self.assertRaises(ValidationError):
                self.targets.create(values)

    def test_reps_read_targets_and_managers_steer_those_of_their_company(self):
        mine = self.targets.with_user(self.boss).create({"minutes": 10})
        self.assertEqual(mine.company_id, self.company)
        for user, target in ((self.ana, mine), (self.boss, self.default)):
            with self.assertRaises(AccessError):
                target.with_user(user).write({"minutes": 99})
        self.assertEqual((mine.minutes, self.default.minutes), (10, 5))


class TestReport(ClockCase):
    def board(self, user):
        self.env.flush_all()
        return self.env["pipeline.response"].with_user(user).get_board()

    def test_the_board_counts_what_is_decided(self):
        fast, slow, late, _waiting = self.capture(4)
        self.pass_time(slow, 8)
        self.answer(fast, self.ana)
        self.answer(slow, self.ana)
        self.pass_time(late, 9)
        self.watch()
        board = self.board(self.boss)
        self.assertEqual((board["fast"], board["target"], board["late"], board["waiting"]), (33, 33, 1, 1))
        self.assertTrue(240 <= board["median_seconds"] < 360, board["median_seconds"])

    def test_an_empty_board_divides_by_nothing(self):
        board = self.board(self.boss)
        self.assertEqual((board["fast"], board["median_seconds"], board["late"]), (None, None, 0))

    def test_reps_see_their_own_only_and_no_shares(self):
        late, _waiting = self.capture(2)
        self.pass_time(late, 9)
        self.assertEqual(self.board(self.ana), {"is_manager": False, "is_away": False, "late": 1, "waiting": 1})
        self.ana.with_user(self.ana).action_switch_away()
        self.assertTrue(self.board(self.ana)["is_away"])
        self.assertEqual(self.board(self.ben), {"is_manager": False, "is_away": False, "late": 0, "waiting": 0})
        self.assertEqual(len(self.env["pipeline.response"].with_user(self.ana).search([])), 2)
        self.assertFalse(self.env["pipeline.response"].with_user(self.ben).search([]))

    def test_the_median_goes_by_person_and_day(self):
        for lead, minutes in zip(self.capture(3), (1, 2, 9), strict=True):
            self.pass_time(lead, minutes)
            self.answer(lead, self.ana)
        self.env.flush_all()
        [(user, median)] = self.env["pipeline.response"]._read_group(
            [("user_id", "=", self.ana.id)], ["user_id"], ["minutes:median"]
        )
        self.assertEqual(user, self.ana)
        self.assertTrue(2 <= median < 4, median)
        groups = self.env["pipeline.response"].formatted_read_group([], ["started_at:day"], ["minutes:median"])
        self.assertEqual(len(groups), 1)
