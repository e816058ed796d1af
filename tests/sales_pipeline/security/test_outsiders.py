"""What is about many leads at once stays with those who sell: portal users, visitors and plain employees see none."""

import base64

from odoo import Command
from odoo.exceptions import UserError

from tests.sales_pipeline.security.common import RolesCase

OUTSIDERS = ("plain", "portal", "public")
MODELS = (
    "pipeline.notice", "pipeline.duplicate", "pipeline.duplicate.run", "pipeline.merge", "pipeline.merge.row",
    "pipeline.import", "pipeline.import.row", "pipeline.bulk", "pipeline.bulk.item",
)  # fmt: skip
FILE = base64.b64encode(b"name,email\nAda,ada@list.example\n")
EXPORT = ([{"name": "name", "label": "Name"}], "csv")


class TestOutsiders(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        own, other = (cls._make_lead(f"twin {n}", "rep", "north") for n in range(2))
        cls.merge = cls.env["crm.lead"].with_user(cls.users["rep"])._merge_leads(own, other)
        cls.flush()
        cls.notice = cls.env["pipeline.notice"].create({"user_id": cls.users["portal"].id, "kind": "assigned"})
        cls.pair = cls.env["pipeline.duplicate"].create(
            {"lead_id": cls.leads["colleagues"].id, "res_model": "crm.lead", "res_id": cls.leads["own"].id,
             "score": 0.9, "kind": "same"}
        )  # fmt: skip
        source = cls.env["pipeline.source"].create({"name": "List", "provider": "bulk_upload"})
        cls.list = cls.env["pipeline.import"].create({"name": "a.csv", "source_id": source.id, "file": FILE})
        cls.job = cls.env["pipeline.bulk"].sudo().create(
            {"kind": "export", "user_id": cls.users["rep"].id, "company_id": cls.env.company.id, "choice": {}}
        )
        cls.records = (cls.merge, cls.notice, cls.pair, cls.list, cls.job)

    def test_outsiders_read_search_make_change_and_delete_nothing_of_it(self):
        for role in OUTSIDERS:
            for name in MODELS:
                model = self.as_role(role, self.env[name])
                with self.subTest(role=role, model=name):
                    for act in (
                        lambda model=model: model.search([]),
                        lambda model=model: model.search_count([]),
                        lambda model=model: model._read_group([], [], ["__count"]),
                        lambda model=model: model.create({}),
                    ):
                        self.assertRefused(act, *self.records)
            for record in self.records:
                seen = self.as_role(role, record)
                with self.subTest(role=role, record=record._name):
                    self.assertRefused(lambda seen=seen: seen.read(["display_name"]), *self.records)
                    self.assertRefused(lambda seen=seen: seen.write({"company_id": False}), *self.records)
                    self.assertRefused(seen.unlink, *self.records)

    def test_outsiders_press_none_of_its_buttons(self):
        for role in OUTSIDERS:
            merge, pair, lists, job = (self.as_role(role, one) for one in (self.merge, self.pair, self.list, self.job))
            for act in (
                merge.action_undo, merge.action_open_survivor, pair.action_mark_different, pair.action_open_merge,
                pair.action_link_partner, lists.action_start, lists.action_undo, lists.action_download_errors,
                lambda lists=lists: lists.studio_read(), job.action_cancel, job.action_undo, job.action_dismiss,
                lambda role=role: self.as_role(role, self.env["pipeline.duplicate.run"]).action_search_now(),
                lambda role=role: self.as_role(role, self.env["pipeline.notice"]).mark_read(),
            ):  # fmt: skip
                with self.subTest(role=role, act=act):
                    self.assertRefused(act, *self.records, self.everything)
            unread = self.as_role(role, self.env["pipeline.notice"]).get_unread()
            self.assertEqual((unread["is_seller"], unread["unread"], unread["notices"]), (False, 0, []))

    def test_outsiders_start_no_export(self):
        for role in OUTSIDERS:
            with self.subTest(role):
                jobs = self.as_role(role, self.env["pipeline.bulk"])
                self.assertNotMade(
                    lambda jobs=jobs: jobs.start_export({"ids": self.everything.ids}, *EXPORT), "pipeline.bulk",
                    error=UserError,
                )  # fmt: skip

    def test_a_reps_own_merge_is_not_a_colleagues_to_take_apart(self):
        merge = self.as_role("colleague", self.merge)
        self.assertRefused(merge.action_undo, self.merge, self.everything)
        self.assertEqual(self.merge.state, "merged")

    def test_an_export_is_fetched_by_nobody_but_the_asker(self):
        file = self.env["ir.attachment"].sudo().create(
            {"name": "leads.csv", "raw": b"name", "res_model": "pipeline.bulk", "res_id": self.job.id}
        )
        for role in self.users.keys() - {"rep"}:
            with self.subTest(role):
                seen = self.as_role(role, file)
                self.assertRefused(lambda seen=seen: seen.read(["raw"]), file)
                self.assertFalse(self.as_role(role, self.env["ir.attachment"]).search([("id", "=", file.id)]))
        self.assertEqual(self.as_role("rep", file).raw, b"name")

    def test_a_reps_export_holds_only_leads_that_the_rep_sees(self):
        self.users["rep"].group_ids = [Command.link(self.env.ref("base.group_allow_export").id)]
        jobs = self.as_role("rep", self.env["pipeline.bulk"])
        job = jobs.browse(jobs.start_export({"domain": [], "order": "id"}, *EXPORT))
        chosen = set(job.sudo().item_ids.mapped("lead_id"))
        self.assertEqual(chosen & set(self.everything.ids), {self.leads["own"].id})
