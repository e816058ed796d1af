import base64
import csv
import io
import json
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from odoo.addons.sales_pipeline.models.capture.pipeline_import_run import PipelineImport
from tests.common import PipelineCase

_LIST = (
    b"Full name,E-Mail,Telephone,Shoe size\n"
    b"Dana Example,dana@example.com,030 23125042,38\n"
    b"Lee Example,lee@example.com,,41\n"
    b"Dana E,DANA@example.com,,\n"
    b",nobody@example.com,,\n"
    b"Known Person,known@example.com,030 23125043,44\n"
    b"too,many,,,cells,here\n"
)


class StudioCase(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env["res.company"].create({"name": "Studio", "country_id": cls.env.ref("base.de").id})
        cls.admin = new_test_user(
            cls.env, "studio_admin", "sales_pipeline.group_admin", company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )  # fmt: skip
        cls.rep = new_test_user(
            cls.env, "studio_rep", "sales_pipeline.group_rep", company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )  # fmt: skip
        cls.team = cls.env["crm.team"].create({
            "name": "Studio Team", "company_id": cls.company.id, "use_leads": True,
            "member_ids": [(6, 0, cls.rep.ids)],
        })  # fmt: skip
        cls.source = cls.env["pipeline.source"]._get_import_source(cls.company)
        cls.source.team_id = cls.team
        cls.known = cls.env["crm.lead"].with_company(cls.company).create({
            "name": "Known", "type": "lead", "contact_name": "Known Person", "email_from": "known@example.com",
            "company_id": cls.company.id, "team_id": cls.team.id, "user_id": cls.rep.id,
        })  # fmt: skip
        cls.model = cls.env["pipeline.import"].with_user(cls.admin).with_company(cls.company)
        cls.startClassPatcher(patch.object(PipelineImport, "_checkpoint", lambda self, processed=0: True))

    def _upload(self, content=_LIST, name="list.csv"):
        return self.model.studio_upload(name, base64.b64encode(content).decode())

    def _import(self, content=_LIST, name="list.csv"):
        record = self.model.browse(self._upload(content, name)["id"])
        record.action_start()
        record.sudo()._cron_run()
        return record

    def _kinds(self, data):
        return {row["line"]: row["kind"] for row in data["rows"]}

    def _leads(self):
        return self.env["crm.lead"].search([("company_id", "=", self.company.id), ("id", "!=", self.known.id)])


class TestPipelineImportStudio(StudioCase):
    def test_an_upload_says_of_each_row_what_it_would_become_and_brings_nothing(self):
        data = self._upload()
        self.assertEqual(
            self._kinds(data), {2: "new", 3: "new", 4: "earlier", 5: "refused", 6: "known", 7: "problem"}
        )  # fmt: skip
        self.assertEqual(data["check"]["state"], "done")
        self.assertEqual(data["check"]["forecast"]["new"], 2)
        texts = {row["line"]: row["text"] for row in data["rows"]}
        self.assertEqual((texts[4], texts[5]), ("The same contact stands in line 2.", "The name is missing."))
        self.assertEqual(texts[6], "Known as “Known”.")
        self.assertFalse(self._leads())
        self.assertFalse(self.env["pipeline.inbox"].search_count([("company_id", "=", self.company.id)]))

    def test_the_run_does_what_the_preview_said(self):
        forecast = self._upload()["check"]["forecast"]
        record = self._import()
        self.assertTrue(record.is_set_based, record.obstacles)
        self.assertEqual(record.created_count, forecast["new"])
        self.assertEqual(record.duplicate_count, forecast["earlier"] + forecast["known"])
        self.assertEqual((record.refused_count, record.problem_count), (forecast["refused"], forecast["problem"]))

    def test_what_was_chosen_for_columns_is_remembered_for_the_source_and_that_shape_of_list(self):
        data = self._upload()
        target = {one["column"]: one["target"] for one in data["columns"]}
        self.assertEqual(target, {"Full name": "name", "E-Mail": "email", "Telephone": "phone", "Shoe size": "note"})
        record = self.model.browse(data["id"])
        record.studio_configure({"columns": {"Shoe size": "ignore"}})
        record.action_start()
        again = self._upload(name="next.csv")
        self.assertEqual({one["column"]: one["target"] for one in again["columns"]}["Shoe size"], "ignore")
        other = self._upload(b"Name,Shoe size\nA,1\nB,2\n")
        self.assertEqual({one["column"]: one["target"] for one in other["columns"]}["Shoe size"], "note")

    def test_an_own_field_is_filled_and_an_unknown_word_is_refused(self):
        self.env["ir.model.fields"].create({
            "name": "x_shoe_size", "field_description": "Shoe Size", "ttype": "integer", "state": "manual",
            "model_id": self.env["ir.model"]._get_id("crm.lead"),
        })  # fmt: skip
        record = self.model.browse(self._upload()["id"])
        with self.assertRaises(UserError):
            record.studio_configure({"columns": {"Shoe size": "field:stage_id"}})
        record.studio_configure({"columns": {"Shoe size": "field:x_shoe_size"}})
        record.action_start()
        record.sudo()._cron_run()
        self.assertTrue(record.is_set_based, record.obstacles)
        self.assertEqual(set(self._leads().mapped("x_shoe_size")), {38, 41})

    def test_rows_that_did_not_come_in_are_handed_out_without_formulas(self):
        record = self._import(b"Name,E-Mail,Note\n,=cmd|' /C calc'!A0,+49 30 1\n,a@example.com,@SUM(1)\n")
        action = record.action_download_errors()
        raw = self.env["ir.attachment"].browse(int(action["url"].split("/")[3].partition("?")[0])).raw
        lines = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
        self.assertEqual(lines[0], ["Name", "E-Mail", "Note", "Why it was not imported"])
        self.assertEqual(lines[1], ["", "'=cmd|' /C calc'!A0", "+49 30 1", "The name is missing."])
        self.assertEqual(lines[2][2], "'@SUM(1)")

    def test_where_somebody_else_has_a_say_in_leads_they_are_made_one_by_one_and_the_screen_says_so(self):
        with patch.object(type(self.env["crm.lead"]), "_get_insert_obstacles", lambda self, names: ["Foreign rule."]):
            record = self._import()
        data = record.studio_read()
        self.assertEqual((data["is_set_based"], data["obstacles"]), (False, ["Foreign rule."]))
        self.assertEqual((record.created_count, record.duplicate_count, record.refused_count), (2, 2, 1))
        self.assertEqual(
            {row["line"]: row["kind"] for row in data["rows"]}, {4: "known", 5: "refused", 6: "known", 7: "problem"}
        )

    def test_a_foreign_create_of_leads_is_seen(self):
        model = type(self.env["crm.lead"])

        def create(self, vals_list):
            return vals_list

        create.__module__ = "odoo.addons.somebody_elses.models.crm_lead"
        with patch.object(model, "create", create):
            obstacles = self.env["crm.lead"]._get_insert_obstacles(["email_from"])
        self.assertEqual(obstacles, ["The app somebody_elses acts on new leads (create)."])
        self.assertEqual(self.env["crm.lead"]._get_insert_obstacles(["email_from"]), [])

    def test_a_rep_neither_imports_nor_reads_imports(self):
        record = self.model.browse(self._upload()["id"])
        model = self.env["pipeline.import"].with_user(self.rep)
        for act in (
            lambda: model.studio_upload("list.csv", base64.b64encode(_LIST).decode()),
            lambda: model.browse(record.id).studio_read(),
            lambda: model.browse(record.id).action_undo(),
        ):
            with self.assertRaises(AccessError):
                act()
        self.assertEqual(record.state, "draft")

    def test_a_pause_stops_it_and_a_cancelled_import_brings_nothing_more(self):
        record = self.model.browse(self._upload()["id"])
        record.action_start()
        record.action_pause()
        record.sudo()._cron_run()
        self.assertEqual((record.state, record.read_count), ("paused", 0))
        record.action_cancel()
        record.action_start()
        record.sudo()._cron_run()
        self.assertEqual((record.state, record.read_count, len(self._leads())), ("cancelled", 0, 0))


class TestPipelineImportUndo(StudioCase):
    def test_taking_back_leaves_known_leads_as_they_were_and_the_list_may_come_again(self):
        before = self._state_of_known()
        record = self._import()
        self.assertEqual(self.known.phone, "+493023125043")
        self.assertEqual(self.known.touch_count, 1)
        record.action_undo()
        record.sudo()._cron_run()
        self.assertEqual((record.state, record.undone_count, len(self._leads())), ("undone", 2, 0))
        self.assertEqual(self._state_of_known(), before)
        record.action_undo()
        record.sudo()._cron_run()
        self.assertEqual((record.state, record.undone_count), ("undone", 2))
        again = self._import(name="again.csv")
        self.assertEqual((again.created_count, again.known_count), (2, 0))

    def _state_of_known(self):
        self.env["pipeline.moments.mixin"]._flush_moments()
        self.env.invalidate_all()
        self.env.cr.execute("SELECT to_jsonb(l) - 'write_date' - 'write_uid' FROM crm_lead l WHERE id = %s",
                            [self.known.id])  # fmt: skip
        lead = self.env.cr.fetchone()[0]
        self.env.cr.execute("SELECT features FROM pipeline_contact WHERE res_model = 'crm.lead' AND res_id = %s",
                            [self.known.id])  # fmt: skip
        contact = self.env.cr.fetchone()[0]
        return {**lead, "contact": contact, "touches": self.known.touch_ids.ids}

    def test_what_somebody_worked_on_is_kept_and_listed_until_asked_for(self):
        record = self._import()
        dana, lee = self._leads().sorted("contact_name")
        dana.with_user(self.rep).message_post(body="Called, wants an offer")
        record.action_undo()
        record.sudo()._cron_run()
        self.assertEqual(self._leads(), dana)
        kept = [row for row in record.studio_read()["rows"] if row["kind"] == "kept"]
        said = [(row["res_id"], row["text"]) for row in kept]
        self.assertEqual(said, [(dana.id, "Somebody has worked on it since.")])
        record.action_undo_touched()
        record.sudo()._cron_run()
        self.assertFalse(self._leads())
        self.assertTrue(lee.deleted_at and dana.deleted_at)
        self.env["pipeline.moments.mixin"]._flush_moments()
        self.env.cr.execute("SELECT res_id FROM pipeline_event WHERE kind = 'deleted' AND res_id = ANY(%s)",
                            [(dana | lee).ids])  # fmt: skip
        self.assertEqual(sorted(self.env.cr.fetchall()), [(id_,) for id_ in sorted((dana | lee).ids)])
        found = self.env["pipeline.contact"].search_count(
            [("res_model", "=", "crm.lead"), ("res_id", "in", (dana | lee).ids)]
        )  # fmt: skip
        self.assertEqual(found, 0)

    def test_a_blank_that_somebody_changed_since_stays(self):
        record = self._import()
        self.known.phone = "+49 30 5555555"
        record.action_undo()
        record.sudo()._cron_run()
        self.assertEqual(self.known.phone, "+49 30 5555555")

    def test_after_thirty_days_nothing_is_taken_back(self):
        record = self._import()
        record.sudo().finished_at = fields.Datetime.now() - timedelta(days=31)
        with self.assertRaises(UserError):
            record.action_undo()
        self.assertEqual((record.state, len(self._leads())), ("done", 2))
        record.sudo()._gc_import_rows()
        rows = self.env["pipeline.import.row"].search([("import_id", "=", record.id), ("kind", "=", "known")])
        self.assertEqual(rows.mapped("undo"), [False] * len(rows))

    def test_the_progress_is_json_for_the_bar(self):
        record = self._import()
        [progress] = record.get_progress()
        self.assertEqual((progress["done"], progress["total"], progress["state"]), (6, 6, "done"))
        self.assertTrue(json.dumps(progress))
