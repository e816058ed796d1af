import base64
import csv
import io
from datetime import datetime
from unittest.mock import patch

import openpyxl
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from tests.common import PipelineCase


class TestExport(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A test's cursor refuses to commit; what a commit saves is tested against a real server.
        cls.startClassPatcher(
            patch.object(cls.env.registry["pipeline.bulk"], "_checkpoint", lambda self, processed: True)
        )
        groups = "sales_team.group_sale_salesman_all_leads,base.group_allow_export"
        cls.env["res.lang"]._activate_lang("de_DE")
        cls.seller = new_test_user(cls.env, "export_seller", groups=groups, tz="Asia/Tokyo", lang="de_DE")
        cls.other = new_test_user(cls.env, "export_other", groups="sales_pipeline.group_admin")
        cls.leads = cls.env["crm.lead"].create([
            {"name": f"Lead {number}", "type": "lead", "user_id": cls.seller.id, "expected_revenue": number,
             "captured_at": "2026-01-31 20:00:00"} for number in range(3)
        ])  # fmt: skip

    def export(self, names, file_format="csv", user=None, leads=None):
        jobs = self.env["pipeline.bulk"].with_user(user or self.seller)
        jobs = jobs.with_context(lang=jobs.env.user.lang, tz=jobs.env.user.tz)
        columns = [{"name": name, "label": name} for name in names]
        job = jobs.browse(jobs.start_export({"ids": (leads or self.leads).ids}, columns, file_format))
        self.env["pipeline.bulk"]._cron_run()
        self.env.invalidate_all()
        return job

    def attachment(self, job):
        domain = [("res_model", "=", "pipeline.bulk"), ("res_id", "=", job.id)]
        return self.env["ir.attachment"].sudo().search(domain)

    def read_csv(self, job):
        content = base64.b64decode(self.attachment(job).datas).decode("utf-8-sig")
        return list(csv.reader(io.StringIO(content)))

    def test_chosen_columns_come_in_the_askers_language_and_time_zone(self):
        job = self.export(["name", "captured_at", "expected_revenue", "lead_status", "user_id/login"])
        header, first, *_others = self.read_csv(job)
        self.assertEqual(header, ["name", "captured_at", "expected_revenue", "lead_status", "user_id/login"])
        status = dict(self.leads.with_context(lang="de_DE")._fields["lead_status"]._description_selection(
            self.leads.with_context(lang="de_DE").env))["new"]  # fmt: skip
        self.assertIn("2026-02-01 05:00:00", first)
        self.assertIn(status, first)
        self.assertIn("export_seller", first)

    def test_nothing_that_somebody_typed_becomes_a_formula(self):
        self.leads[0].name = "=HYPERLINK(\"http://x\")"
        self.leads[1].name = "@SUM(1)"
        names = [row[0] for row in self.read_csv(self.export(["name"]))[1:]]
        self.assertEqual(sorted(names), ["'=HYPERLINK(\"http://x\")", "'@SUM(1)", "Lead 2"])
        job = self.export(["name"], "xlsx")
        sheet = openpyxl.load_workbook(io.BytesIO(base64.b64decode(self.attachment(job).datas))).active
        cells = [row[0] for row in sheet.iter_rows(min_row=2)]
        self.assertEqual({cell.data_type for cell in cells}, {"s"})
        self.assertIn("=HYPERLINK(\"http://x\")", [cell.value for cell in cells])

    def test_a_spreadsheet_computes_with_numbers_and_times(self):
        job = self.export(["expected_revenue", "captured_at"], "xlsx", leads=self.leads[2])
        sheet = openpyxl.load_workbook(io.BytesIO(base64.b64decode(self.attachment(job).datas))).active
        values = [cell.value for cell in sheet[2]]
        self.assertEqual(values, [2, datetime(2026, 2, 1, 5, 0)])

    def test_the_file_is_the_askers_alone(self):
        job = self.export(["name"])
        file = self.attachment(job)
        self.assertTrue(file.with_user(self.seller).read(["datas"]))
        with self.assertRaises(AccessError):
            file.with_user(self.other).read(["datas"])
        self.assertFalse(job.item_ids.filtered("new"), "the rows are kept in the file only")

    def test_leads_of_others_are_not_in_a_reps_file(self):
        rep = new_test_user(self.env, "export_rep", groups="sales_pipeline.group_rep,base.group_allow_export")
        self.leads[0].user_id = rep
        job = self.export(["name"], user=rep)
        self.assertEqual(self.read_csv(job), [["name"], ["Lead 0"]])

    def test_who_may_not_export_gets_no_file(self):
        user = new_test_user(self.env, "export_none", groups="sales_team.group_sale_salesman_all_leads")
        user.group_ids -= self.env.ref("base.group_allow_export")
        jobs = self.env["pipeline.bulk"].search_count([])
        with self.assertRaises(UserError), self.cr.savepoint():
            self.export(["name"], user=user)
        self.assertEqual(self.env["pipeline.bulk"].search_count([]), jobs)

    def test_a_column_that_is_hidden_from_the_asker_is_refused(self):
        jobs = self.env["pipeline.bulk"].search_count([])
        self.patch(self.leads._fields["referred"], "groups", "base.group_system")
        with self.assertRaises(UserError), self.cr.savepoint():
            self.export(["name", "referred"])
        for names in ([], ["nonsense"], ["name"] * 300):
            with self.subTest(names=names[:2]), self.assertRaises(UserError), self.cr.savepoint():
                self.export(names)
        with self.assertRaises(UserError), self.cr.savepoint():
            self.export(["name"], "exe")
        self.assertEqual(self.env["pipeline.bulk"].search_count([]), jobs)

    def test_the_file_goes_after_a_week(self):
        job = self.export(["name"])
        job.sudo().finished_at = "2026-01-01"
        self.env["pipeline.bulk"]._gc_old()
        self.assertFalse(self.attachment(job))
