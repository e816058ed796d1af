"""Who gets a lead hears of it once, at once, in the way they chose."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user

from odoo.addons.sales_pipeline.providers.capture.base import CapturedLead
from tests.common import PipelineCase


class NoticeCase(PipelineCase):
    """Two reps and a manager of one team, and a source that feeds them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        # Who has no calendar works always: the tests run at any hour.
        cls.company.resource_calendar_id = False
        cls.ana, cls.ben = (
            new_test_user(cls.env, name, groups="sales_pipeline.group_rep", notification_type="inbox")
            for name in ("ana", "ben")
        )
        cls.boss = new_test_user(cls.env, "boss", groups="sales_pipeline.group_manager", notification_type="inbox")
        cls.team = cls.env["crm.team"].create({"name": "Inbound", "use_leads": True, "user_id": cls.boss.id})
        members = [{"user_id": rep.id, "crm_team_id": cls.team.id} for rep in cls.ana | cls.ben]
        cls.env["crm.team.member"].create(members)
        cls.source = cls.env["pipeline.source"].create(
            {"name": "Form", "provider": "website", "team_id": cls.team.id, "user_id": cls.ana.id}
        )
        cls.notices = cls.env["pipeline.notice"]

    def flush(self):
        self.env["pipeline.moments.mixin"]._flush_moments()

    def capture(self, count=1, start=0, source=None, **values):
        people = [
            CapturedLead(external_id=str(n), name=f"Lead {n}", email=f"lead{n}@example.com", **values)
            for n in range(start, start + count)
        ]
        results = self.env["crm.lead"]._capture(people, source or self.source)
        self.flush()
        return self.env["crm.lead"].browse([result.lead_id for result in results])

    def unread(self, user):
        return self.notices.search([("user_id", "=", user.id), ("read_at", "=", False)])

    def bus(self, user):
        """Return what the user's browser is sent, once the transaction is committed."""
        self.env.cr.precommit.run()
        rows = self.env["bus.bus"].sudo().search([("channel", "like", f'"res.partner",{user.partner_id.id}]')])
        return [row.message for row in rows if "pipeline_" in row.message]


class TestNotices(NoticeCase):
    def test_a_new_lead_is_an_unread_notice_of_its_owner(self):
        lead = self.capture()
        self.assertRecordValues(self.unread(self.ana), [{"lead_id": lead.id, "kind": "assigned", "count": 1}])
        self.assertFalse(self.unread(self.ben))

    def test_a_toast_names_the_lead_and_counts_the_unread(self):
        self.capture()
        [message] = self.bus(self.ana)
        self.assertIn('"unread":1', message)
        self.assertIn("Lead 0", message)
        self.assertIn('"source":"Form"', message)

    def test_nobody_is_told_of_the_own_act(self):
        self.env["crm.lead"].with_user(self.ana)._enter_manually(
            {"name": "Typed", "type": "lead", "email_from": "typed@example.com", "user_id": self.ana.id}
        )
        self.flush()
        self.assertFalse(self.unread(self.ana))

    def test_whoever_is_given_a_lead_hears_of_it_and_whoever_lost_it_need_not_read_it(self):
        lead = self.capture()
        lead.user_id = self.ben
        self.flush()
        self.assertEqual(self.unread(self.ben).lead_id, lead)
        self.assertFalse(self.unread(self.ana))

    def test_a_contact_that_comes_back_is_told_to_its_owner(self):
        lead = self.capture()
        # One transaction tells a person of a lead once; this is a later one.
        self.env.cr.execute("UPDATE pipeline_notice SET create_date = create_date - interval '1 hour'")
        self.capture()
        self.assertEqual(sorted(self.unread(self.ana).mapped("kind")), ["again", "assigned"])
        self.assertEqual(self.unread(self.ana).lead_id, lead)

    def test_a_plain_create_by_other_code_makes_no_notice(self):
        values = {"name": "Plain", "type": "lead", "user_id": self.ana.id, "email_from": "p@p.example"}
        self.env["crm.lead"].create(values)
        self.flush()
        self.assertFalse(self.unread(self.ana))

    def test_a_deleted_lead_is_no_news(self):
        self.capture().unlink()
        self.flush()
        self.assertFalse(self.unread(self.ana))

    def test_sixty_at_once_are_one_row_with_their_number(self):
        self.capture(60)
        self.assertRecordValues(self.unread(self.ana), [{"lead_id": False, "count": 60}])
        self.assertEqual(self.notices.with_user(self.ana).get_unread()["unread"], 60)

    def test_who_has_hundreds_unread_gets_one_more_row_and_not_hundreds(self):
        for start in range(0, 260, 40):
            self.capture(40, start=start)
        rows = self.unread(self.ana)
        self.assertEqual(sum(rows.mapped("count")), 280)
        self.assertEqual(rows.filtered(lambda row: not row.lead_id).mapped("count"), [40, 40])

    def test_a_list_makes_no_notice_a_lead(self):
        self.capture(3, channel="bulk_upload")
        self.assertFalse(self.unread(self.ana))

    def test_what_was_seen_is_read_and_the_rest_is_not(self):
        first, second = self.capture(2)
        self.assertEqual(self.notices.with_user(self.ana).mark_read([first.id]), 1)
        self.assertEqual(self.unread(self.ana).lead_id, second)
        self.assertEqual(self.notices.with_user(self.ana).mark_read(), 0)

    def test_nobody_reads_or_ends_anothers_notices(self):
        lead = self.capture()
        self.assertEqual(self.notices.with_user(self.ben).get_unread()["notices"], [])
        self.notices.with_user(self.ben).mark_read([lead.id])
        self.notices.with_user(self.ben).mark_read()
        self.assertEqual(self.unread(self.ana).lead_id, lead)
        with self.assertRaises(AccessError):
            self.unread(self.ana).with_user(self.ana).write({"read_at": fields.Datetime.now()})

    def test_who_sells_nothing_has_no_notices(self):
        clerk = new_test_user(self.env, "clerk", groups="base.group_user")
        self.assertFalse(self.notices.with_user(clerk).get_unread()["is_seller"])
        with self.assertRaises(AccessError):
            self.notices.with_user(clerk).mark_read()

    def test_a_list_of_unread_names_source_and_time(self):
        lead = self.capture()
        [notice] = self.notices.with_user(self.ana).get_unread()["notices"]
        self.assertEqual((notice["lead_id"], notice["name"], notice["source"]), (lead.id, "Lead 0", "Form"))
        self.assertEqual(notice["due_at"], fields.Datetime.to_string(lead.response_due_at))


class TestNoticeMails(NoticeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ana.notification_type = "email"

    def mails(self):
        """Return the subjects of the mails to Ana."""
        return self.env["mail.message"].search([
            ("message_type", "=", "user_notification"), ("partner_ids", "in", self.ana.partner_id.ids),
        ], order="id").mapped("subject")  # fmt: skip

    def send(self):
        self.notices.search([("mail_at", "<=", fields.Datetime.now())], order="id")._mail()
        self.env.flush_all()

    def test_who_prefers_mail_gets_one_a_lead_in_quiet_times(self):
        self.capture(2)
        self.send()
        self.send()
        self.assertEqual(self.mails(), ["New lead: Lead 0", "New lead: Lead 1"])

    def test_who_prefers_odoo_gets_no_mail(self):
        self.source.user_id = self.ben
        self.capture()
        self.assertFalse(self.unread(self.ben).mail_at)

    def test_a_burst_is_one_mail(self):
        self.capture(12)
        self.send()
        self.assertEqual(self.mails(), ["12 new leads"])

    def test_after_a_burst_the_rest_waits_for_the_end_of_the_minute(self):
        self.capture(12)
        self.send()
        self.capture(6, start=20)
        self.send()
        self.assertEqual(len(self.mails()), 1)
        late = self.notices.search([("mail_at", "!=", False)])
        self.assertEqual(len(late), 6)
        self.assertGreater(min(late.mapped("mail_at")), fields.Datetime.now() + timedelta(seconds=50))

    def test_what_was_read_before_the_mail_is_not_mailed(self):
        self.capture()
        self.notices.with_user(self.ana).mark_read()
        self.send()
        self.assertEqual(self.mails(), [])

    def test_the_job_is_woken_and_sends_by_itself(self):
        def triggers(xmlid):
            return self.env["ir.cron.trigger"].search_count([("cron_id", "=", self.env.ref(xmlid).id)])

        before = triggers("sales_pipeline.ir_cron_mail_notices"), triggers("mail.ir_cron_mail_scheduler_action")
        self.capture()
        with patch.object(type(self.env["mail.mail"]), "send_after_commit", autospec=True) as send:
            self.send()
        after = triggers("sales_pipeline.ir_cron_mail_notices"), triggers("mail.ir_cron_mail_scheduler_action")
        self.assertEqual(after, (before[0] + 1, before[1]))
        self.assertEqual(len(send.mock_calls), 1)

    def test_a_lead_given_by_hand_is_mailed_by_odoo_alone(self):
        lead = self.env["crm.lead"].create({"name": "Plain", "type": "lead", "email_from": "p@p.example"})
        self.flush()
        lead.user_id = self.ana
        self.flush()
        self.assertEqual(len(self.mails()), 1)
        self.assertFalse(self.unread(self.ana).mail_at)
