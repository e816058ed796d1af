from datetime import timedelta

import psycopg2
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from tests.common import PipelineCase


class TestPipelineEvent(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls.env["crm.lead"].create(
            {"name": "Ann", "type": "lead", "user_id": cls.env.ref("base.user_admin").id}
        )
        cls.env["pipeline.moments.mixin"]._flush_moments()
        cls.events = cls.env["pipeline.event"].sudo()

    def refused(self, statement):
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.RestrictViolation), self.env.cr.savepoint():
            self.env.cr.execute(statement)

    def test_an_event_cannot_be_changed(self):
        self.refused("UPDATE pipeline_event SET kind = 'forged'")
        self.assertNotIn("forged", self.events.search([]).mapped("kind"))

    def test_an_event_cannot_be_deleted(self):
        count = self.events.search_count([])
        self.refused("DELETE FROM pipeline_event")
        self.assertEqual(self.events.search_count([]), count)

    def test_neither_the_log_nor_a_month_of_it_can_be_emptied(self):
        month = f"pipeline_event_y{fields.Datetime.now():%Ym%m}"
        self.env.cr.execute("SELECT count(*) FROM pg_class WHERE relname = %s", [month])
        self.assertEqual(self.env.cr.fetchone(), (1,))
        for table in ("pipeline_event", "pipeline_event_default", month):
            self.refused(f"TRUNCATE {table}")  # pylint: disable=sql-injection

    def test_an_event_lands_in_its_month(self):
        self.env.cr.execute("SELECT DISTINCT tableoid::regclass::text FROM pipeline_event")
        self.assertEqual(self.env.cr.fetchall(), [(f"pipeline_event_y{fields.Datetime.now():%Ym%m}",)])

    def test_a_month_without_partition_loses_nothing(self):
        future = fields.Datetime.now() + timedelta(days=700)
        self.env.cr.execute(
            "INSERT INTO pipeline_event (recorded_at, occurred_at, kind, digest) "
            "VALUES (%s, %s, 'late', 'x') RETURNING tableoid::regclass::text",
            [future, future],
        )
        self.assertEqual(self.env.cr.fetchone(), ("pipeline_event_default",))

    def test_the_coming_months_are_made_once(self):
        start = fields.Datetime.now() + timedelta(days=400)
        made = self.events._ensure_partitions(start, months=13)
        self.assertEqual(len(made), 14)
        self.assertEqual(self.events._ensure_partitions(start, months=13), [])

    def test_nothing_happens_in_the_future(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.CheckViolation), self.env.cr.savepoint():
            self.events._append(
                [{"kind": "note", "record": self.lead, "occurred_at": fields.Datetime.now() + timedelta(days=3)}]
            )

    def test_personal_values_stand_beside_the_log_and_can_be_erased(self):
        self.events._append([{"kind": "note", "record": self.lead, "detail": {"phone": "+15005550006"}}])
        event = self.events.search([("story", "=", self.lead.uuid), ("kind", "=", "note")])
        detail = self.env["pipeline.event.detail"].sudo().search([("key", "=", event.detail_key)])
        self.assertEqual(detail.values, {"phone": "+15005550006"})
        self.assertEqual(event.detail_hash, detail._get_hash())
        self.env.cr.execute("SELECT count(*) FROM pipeline_event e WHERE e::text LIKE '%15005550006%'")
        self.assertEqual(self.env.cr.fetchone(), (0,))
        detail.unlink()
        self.assertEqual(len(event.digest), 64)

    def test_an_event_has_a_digest_of_its_own_facts(self):
        event = self.events.search([("story", "=", self.lead.uuid)], limit=1)
        row = {
            name: event[name] or None for name in ("recorded_at", "occurred_at", "kind", "story", "res_model", "res_id")
        }
        other = self.events._get_digest({**row, "kind": "forged"})
        self.assertNotEqual(self.events._get_digest(row), other)

    def test_what_a_field_cut_to_the_second_stands_behind_what_happened_before_it(self):
        now = self.env.cr.now().replace(tzinfo=None)
        self.events._append([{"kind": "note", "record": self.lead}])
        self.events._append([{"kind": "call", "record": self.lead, "occurred_at": now.replace(microsecond=0)}])
        kinds = [event["kind"] for event in self.env["pipeline.event"].get_timeline("crm.lead", self.lead.id)["events"]]
        self.assertEqual(kinds, ["call", "note", "created"])

    def test_users_do_not_read_the_log_itself(self):
        rep = new_test_user(self.env, "rep_log", groups="sales_pipeline.group_rep,sales_pipeline.group_manager")
        with self.assertRaises(AccessError):
            self.env["pipeline.event"].with_user(rep).search([])

    def test_the_timeline_is_read_page_by_page_newest_first(self):
        for number in range(5):
            self.events._append([{"kind": "note", "record": self.lead, "metadata": {"summary": f"note {number}"}}])
        first = self.env["pipeline.event"].get_timeline("crm.lead", self.lead.id, limit=3)
        self.assertEqual([event["summary"] for event in first["events"]], ["note 4", "note 3", "note 2"])
        self.assertTrue(first["has_more"])
        last = first["events"][-1]
        rest = self.env["pipeline.event"].get_timeline(
            "crm.lead", self.lead.id, before=[last["occurred_at"], last["id"]]
        )
        self.assertEqual([event["kind"] for event in rest["events"]], ["note", "note", "created"])
        self.assertFalse(rest["has_more"])

    def test_the_timeline_of_a_record_one_may_not_read_is_refused(self):
        rep = new_test_user(self.env, "rep_timeline", groups="sales_pipeline.group_rep")
        with self.assertRaises(AccessError):
            self.env["pipeline.event"].with_user(rep).get_timeline("crm.lead", self.lead.id)

    def test_a_model_without_a_story_has_no_timeline(self):
        with self.assertRaises(UserError):
            self.env["pipeline.event"].get_timeline("res.users", self.env.uid)

    def test_the_story_goes_on_after_conversion(self):
        self.lead._convert()
        self.env["pipeline.moments.mixin"]._flush_moments()
        kinds = [event["kind"] for event in self.env["pipeline.event"].get_timeline("crm.lead", self.lead.id)["events"]]
        self.assertEqual(kinds, ["converted", "created"])

    def test_the_lead_is_kept_as_it_was_when_it_became_a_deal(self):
        self.lead.write({"contact_name": "Ann Lead", "email_from": "ann@example.com"})
        self.lead._convert()
        self.lead.write({"contact_name": "Somebody Else"})
        event = self.events.search([("story", "=", self.lead.uuid), ("kind", "=", "snapshot")])
        detail = self.env["pipeline.event.detail"].sudo().search([("key", "=", event.detail_key)])
        self.assertEqual(detail.values["contact_name"], "Ann Lead")
        self.assertEqual(detail.values["email_from"], "ann@example.com")
