import base64
import json
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from odoo.addons.sales_pipeline.models.capture.pipeline_import_run import PipelineImport
from tests.common import PipelineCase
from tests.sales_pipeline.models.capture.contacts_csv import make_contacts

_LIST = (
    b"Id,Name,Email,Phone,Country,Lead Source,Converted,Budget\n"
    b"1,Dana Example,dana@example.com,030 23125042,Germany,Google,,5000\n"
    b"2,Lee Example,,020 7946 0958,UK,Google,1.0,\n"
    b"3,,nobody@example.com,,,,0.0,Select\n"
    b"4,Kim Example,KIM@example.com,,Mars,,,7000\n"
)


class TestPipelineImport(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "List Company", "country_id": cls.env.ref("base.de").id})
        cls.model = cls.env["pipeline.import"].with_company(cls.company)
        cls.users = [
            new_test_user(
                cls.env,
                f"list_rep_{n}",
                "sales_pipeline.group_rep",
                company_id=cls.company.id,
                company_ids=[(6, 0, cls.company.ids)],
            )
            for n in range(2)
        ]
        # Odoo takes the company away from an unassigned lead of a team without one.
        cls.team = cls.env["crm.team"].create({
            "name": "List Team", "company_id": cls.company.id, "use_leads": True,
            "member_ids": [(6, 0, [user.id for user in cls.users])],
        })  # fmt: skip
        cls.source = cls.env["pipeline.source"]._get_import_source(cls.company)
        cls.source.team_id = cls.team
        # A test's cursor refuses to commit; what a commit saves is tested against a real server.
        cls.startClassPatcher(patch.object(PipelineImport, "_checkpoint", lambda self, processed=0: True))

    def _import(self, content, mapping=None, name="list.csv"):
        return self.model._import_file(name, content, mapping)

    def _leads(self):
        return (
            self.env["crm.lead"]
            .with_context(active_test=False)
            .search([("company_id", "=", self.company.id)], order="id")
        )

    def test_every_row_becomes_a_lead_or_a_reason(self):
        report = self._import(_LIST)
        self.assertEqual((report["read_count"], report["created_count"], report["refused_count"]), (4, 3, 1))
        self.assertEqual(report["refused_fields"], {"name": 1})
        self.assertEqual(report["unexplained_count"], 0)
        dana, lee, kim = self._leads()
        self.assertEqual(
            (dana.contact_name, dana.email_normalized, dana.phone),
            ("Dana Example", "dana@example.com", "+493023125042"),
        )
        self.assertEqual((lee.phone, lee.country_id.code), ("+442079460958", "GB"))
        self.assertEqual((kim.email_normalized, kim.country_id.code), ("kim@example.com", False))
        self.assertEqual(set(self._leads().mapped("capture_channel")), {"bulk_upload"})
        self.assertEqual((dana.type, dana.source_id.name, dana.lead_status), ("lead", "Google", "new"))

    def test_unmapped_columns_and_unread_values_stay_readable(self):
        self._import(_LIST)
        dana, _lee, kim = self._leads()
        self.assertIn("Budget", dana.description)
        self.assertIn("5000", dana.description)
        self.assertIn("Mars", kim.description)

    def test_outcomes_of_the_past_are_set_without_todays_acts(self):
        self._import(_LIST + b"5,Max Example,max@example.com,,,,0.0,\n")
        won, lost = (
            self._leads().filtered(lambda lead, name=name: lead.contact_name == name)
            for name in ("Lee Example", "Max Example")
        )
        self.assertEqual((won.type, won.won_status, won.lead_status), ("opportunity", "won", "converted"))
        self.assertEqual((lost.type, lost.won_status, lost.lead_status), ("lead", "lost", "disqualified"))
        self.assertFalse(self.env["pipeline.customer"].search([("company_id", "=", self.company.id)]))

    def test_a_second_import_of_the_same_file_creates_nothing(self):
        self._import(_LIST)
        leads, events = self._leads(), self._count_events()
        report = self._import(_LIST, name="again.csv")
        self.assertEqual((report["read_count"], report["known_count"], report["created_count"]), (4, 4, 0))
        self.assertEqual(report["unexplained_count"], 0)
        self.assertEqual(self._leads(), leads)
        self.assertEqual(self._count_events(), events)

    def _count_events(self):
        self.env["pipeline.moments.mixin"]._flush_moments()
        self.env.cr.execute("SELECT count(*) FROM pipeline_event WHERE company_id = %s", [self.company.id])
        return self.env.cr.fetchone()[0]

    def test_running_again_goes_on_where_it_stopped(self):
        record = self.model.create({"name": "list.csv", "file": base64.b64encode(_LIST)})
        with patch.object(PipelineImport, "_checkpoint", lambda self, processed=0: processed == 0):
            record._run()
        self.assertEqual((record.state, record.read_count, len(self._leads())), ("running", 4, 3))
        record._run()
        report = record._get_report()
        self.assertEqual((record.state, report["created_count"], report["refused_count"]), ("done", 3, 1))
        self.assertEqual((report["repeated_count"], report["known_count"], report["unexplained_count"]), (0, 0, 0))

    def test_the_job_runs_what_was_started_and_leaves_a_terminal_alone(self):
        started, at_terminal = self.model.create([
            {"name": "started.csv", "file": base64.b64encode(_LIST)},
            {"name": "terminal.csv", "file": base64.b64encode(b"Id,Name\n9,Max Example\n"), "state": "running"},
        ])  # fmt: skip
        started.action_start()
        self.assertEqual(started.state, "queued")
        self.model._cron_run()
        self.assertEqual((started.state, started.created_count), ("done", 3))
        self.assertEqual((at_terminal.state, at_terminal.read_count), ("running", 0))
        started.action_start()
        self.assertEqual(started.state, "done")

    def test_a_mapping_file_decides(self):
        mapping = json.dumps({
            "columns": {"Budget": "expected_revenue", "Lead Source": "ignore"},
            "values": {"outcome": {"0": "open"}},
            "templates": {"deal_name": "Budget {Budget} of {Name}"},
        }).encode()  # fmt: skip
        self._import(_LIST, mapping)
        dana = self._leads()[0]
        self.assertEqual(
            (dana.name, dana.expected_revenue, dana.source_id.id), ("Budget 5000 of Dana Example", 5000.0, False)
        )

    def test_what_cannot_be_read_is_refused_and_nothing_is_stored(self):
        rows = self.env["pipeline.inbox"].search_count([])
        for content, mapping in [(b"PK\x03\x04", None), (b"", None), (_LIST, b"{"), (_LIST, b'{"Town": "city"}')]:
            with self.subTest(content=content[:4], mapping=mapping), self.assertRaises(UserError):
                self._import(content, mapping)
        self.assertEqual(self.env["pipeline.inbox"].search_count([]), rows)
        self.assertFalse(self._leads())

    def test_unreadable_rows_are_named_and_the_others_come_in(self):
        report = self._import(_LIST + b"5,Too,many@example.com,,,,,,cells\n6,Last Example,last@example.com,,,,,\n")
        self.assertEqual((report["read_count"], report["problem_count"], report["created_count"]), (6, 1, 4))
        self.assertEqual(report["problems"], [{"line": 6, "problem": "too_many_cells"}])
        self.assertEqual(report["unexplained_count"], 0)

    def test_a_list_may_relax_the_contact_and_says_how_many(self):
        report = self._import(b"Id,Name\n1,Dana Example\n2,Lee Example\n")
        self.assertEqual((report["created_count"], report["contactless_count"]), (2, 2))
        self.source.contact_required = True
        report = self._import(b"Id,Name,Town\n3,Kim Example,Ulm\n")
        self.assertEqual((report["created_count"], report["refused_count"]), (0, 1))
        self.assertEqual(len(self._leads()), 2)

    def test_leads_of_a_list_are_shared_out(self):
        self._import(b"Id,Name,Email\n" + b"".join(b"%d,P%d,p%d@example.com\n" % (n, n, n) for n in range(6)))
        self.assertEqual(
            [len(self._leads().filtered(lambda lead, user=user: lead.user_id == user)) for user in self.users], [3, 3]
        )

    def test_contacts_of_ten_countries_reach_one_spelling_and_their_duplicates_are_found(self):
        made = make_contacts()
        report = self._import(made.content)
        self.assertEqual(report["created_count"], len(made.contacts) + made.refused_rows)
        self.assertEqual(report["contactless_count"], made.refused_rows)
        self.assertEqual(report["duplicate_count"], made.duplicate_rows)
        self.assertEqual(report["repeated_count"], made.repeated_rows)
        self.assertEqual(report["unexplained_count"], 0)
        found = {
            (lead.contact_name, lead.email_normalized, lead.phone, lead.country_id.code)
            for lead in self._leads()
            if lead.email_normalized
        }
        self.assertEqual(found, {(who.name, who.email, who.phone, who.country_code) for who in made.contacts})

    def test_each_owner_is_told_once(self):
        notices = [
            ("message_type", "=", "user_notification"),
            ("partner_ids", "in", [user.partner_id.id for user in self.users]),
        ]
        before = self.env["mail.message"].search(notices)
        self._import(b"Id,Name,Email\n" + b"".join(b"%d,P%d,p%d@example.com\n" % (n, n, n) for n in range(6)))
        told = self.env["mail.message"].search(notices) - before
        self.assertEqual(told.mapped("subject"), ["3 new leads from a list"] * 2)
        self.assertEqual(sorted(told.partner_ids.ids), sorted(user.partner_id.id for user in self.users))

    def test_only_administrators_import(self):
        rep = new_test_user(self.env, "list_outsider", "sales_pipeline.group_rep")
        with self.assertRaises(AccessError):
            self.env["pipeline.import"].with_user(rep).create({"name": "list.csv", "file": base64.b64encode(_LIST)})

    def test_an_administrator_sees_the_lists_of_the_own_companies_only(self):
        record = self.model.create({"name": "list.csv", "file": base64.b64encode(_LIST)})
        outsider = new_test_user(self.env, "list_admin", "sales_pipeline.group_admin")
        self.assertNotIn(self.company, outsider.company_ids)
        self.assertFalse(self.env["pipeline.import"].with_user(outsider).search([("id", "=", record.id)]))
        with self.assertRaises(AccessError):
            record.with_user(outsider).action_start()
        self.assertEqual(record.state, "draft")
