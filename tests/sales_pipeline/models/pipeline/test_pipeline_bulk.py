import json
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user

from odoo.addons.sales_pipeline.models import pipeline_bulk_run
from tests.common import PipelineCase


class BulkCase(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A test's cursor refuses to commit; what a commit saves is tested against a real server.
        cls.startClassPatcher(
            patch.object(cls.env.registry["pipeline.bulk"], "_checkpoint", lambda self, processed: True)
        )
        cls.startClassPatcher(patch.object(pipeline_bulk_run, "_BATCH", 3))
        groups = "sales_team.group_sale_salesman_all_leads"
        cls.seller = new_test_user(cls.env, "bulk_seller", groups=groups, tz="Europe/Berlin")
        cls.rep = new_test_user(cls.env, "bulk_rep", groups="sales_pipeline.group_rep")
        cls.other = new_test_user(cls.env, "bulk_other", groups=groups)
        cls.team = cls.env["crm.team"].create({"name": "Bulk Team", "use_leads": True, "use_opportunities": True})
        members = [{"crm_team_id": cls.team.id, "user_id": user.id} for user in (cls.rep, cls.other)]
        cls.env["crm.team.member"].create(members)
        cls.leads = cls.env["crm.lead"].create(
            [{"name": f"Lead {number}", "type": "lead", "user_id": cls.seller.id} for number in range(7)]
        )
        cls.env["pipeline.moments.mixin"]._flush_moments()

    def start(self, kind, leads=None, user=None, **choice):
        leads = self.leads if leads is None else leads
        jobs = self.env["pipeline.bulk"].with_user(user or self.seller)
        return jobs._start(kind, {"ids": leads.ids}, choice)

    def run_jobs(self):
        self.env["pipeline.bulk"]._cron_run()
        self.env["pipeline.moments.mixin"]._flush_moments()
        self.env.invalidate_all()

    def do(self, kind, leads=None, user=None, **choice):
        job = self.start(kind, leads, user, **choice)
        self.run_jobs()
        return job

    def undo(self, job):
        job.action_undo()
        self.run_jobs()
        return job.undo_ids[-1]

    def counts(self, job):
        return (job.state, job.changed_count, job.unchanged_count, job.refused_count)

    def reasons(self, job):
        return dict(job.refused_item_ids.mapped(lambda item: (item.lead_id, item.reason)))


class TestActs(BulkCase):
    def test_chosen_leads_get_an_owner_in_a_team_where_the_owner_works(self):
        job = self.do("assign", user_id=self.other.id)
        self.assertEqual(self.counts(job), ("done", 7, 0, 0))
        self.assertEqual(self.leads.user_id, self.other)
        self.assertEqual(self.leads.team_id, self.team)

    def test_the_team_is_the_one_that_a_single_write_would_choose(self):
        one, *many = self.leads
        one.with_user(self.seller).write({"user_id": self.other.id})
        self.do("assign", self.leads - one, user_id=self.other.id)
        self.assertEqual({lead.team_id for lead in many}, {one.team_id})

    def test_the_members_of_a_team_take_turns(self):
        self.do("assign", team_id=self.team.id)
        counts = sorted(len(self.leads.filtered(lambda lead, user=user: lead.user_id == user))
                        for user in (self.rep, self.other))  # fmt: skip
        self.assertEqual(counts, [3, 4])

    def test_the_assignment_rules_name_whom_and_each_lead_says_why(self):
        self.env.company.resource_calendar_id = False
        self.env["pipeline.assignment.rule"].search([]).active = False
        members = [Command.create({"user_id": user.id}) for user in (self.rep, self.other)]
        pool = self.env["pipeline.assignment.pool"].create({"name": "Bulk Pool", "member_ids": members})
        self.env["pipeline.assignment.rule"].create(
            {"name": "Germans", "pool_id": pool.id, "country_ids": self.env.ref("base.de").ids}
        )
        self.leads[:4].country_id = self.env.ref("base.de")
        with self.assertRaises(UserError):
            self.start("assign", by="rules")
        manager = new_test_user(self.env, "bulk_boss", groups="sales_team.group_sale_manager")
        job = self.do("assign", self.leads[:4], user=manager, by="rules")
        self.assertEqual(self.counts(job), ("done", 4, 0, 0))
        owners = [lead.user_id for lead in self.leads[:4]]
        self.assertEqual([owners.count(user) for user in (self.rep, self.other)], [2, 2])
        self.assertIn("Germans", self.leads[0].assignment_reason)
        self.undo(job)
        self.assertEqual(self.leads.user_id, self.seller)

    def test_leads_that_the_rules_give_to_nobody_keep_their_owner(self):
        self.env["pipeline.assignment.rule"].search([]).active = False
        self.env["crm.team"].search([]).use_leads = False
        self.leads.team_id = False
        manager = new_test_user(self.env, "bulk_boss", groups="sales_team.group_sale_manager")
        job = self.do("assign", user=manager, by="rules")
        self.assertEqual(self.counts(job), ("done", 0, 0, 7))
        self.assertIn("names anybody", self.reasons(job)[self.leads[0].id])
        self.assertEqual(self.leads.user_id, self.seller)

    def test_what_was_so_already_is_not_written_again(self):
        self.leads[0].user_id = self.other
        self.env.flush_all()
        opened = self.leads[0].date_open
        job = self.do("assign", user_id=self.other.id)
        self.assertEqual(self.counts(job), ("done", 6, 1, 0))
        self.assertEqual(self.leads[0].date_open, opened)

    def test_the_story_of_each_lead_tells_who_did_it(self):
        self.do("assign", self.leads[0], user_id=self.other.id)
        event = self.env["pipeline.event"].sudo().search(
            [("story", "=", self.leads[0].uuid), ("kind", "=", "assigned")]
        )  # fmt: skip
        self.assertEqual(event.actor_id, self.seller.id)

    def test_a_new_owner_hears_of_all_of_them_once_at_the_end(self):
        told = []
        notices = self.env.registry["pipeline.notice"]
        self.patch(notices, "_send_toasts", lambda _self, leads, _kind, _new: told.append(leads))
        mails = self.env["mail.message"].search_count([("partner_ids", "in", self.other.partner_id.ids)])
        self.do("assign", user_id=self.other.id)
        self.assertEqual(told, [self.leads])
        notices = self.env["pipeline.notice"].search([("user_id", "=", self.other.id)])
        self.assertEqual(sorted(notices.lead_id.ids), self.leads.ids)
        after = self.env["mail.message"].search_count([("partner_ids", "in", self.other.partner_id.ids)])
        self.assertEqual(after, mails, "Odoo writes no mail of its own beside it")

    def test_tags_are_added_taken_away_and_replaced(self):
        hot, vip, old = self.env["crm.tag"].create([{"name": f"Bulk {name}"} for name in ("hot", "vip", "old")])
        self.leads[:2].tag_ids = old
        self.do("tags", mode="add", tag_ids=(hot + vip).ids)
        self.assertEqual(self.leads[0].tag_ids, hot + vip + old)
        self.assertEqual(self.leads[6].tag_ids, hot + vip)
        self.do("tags", mode="remove", tag_ids=hot.ids)
        self.assertEqual(self.leads[0].tag_ids, vip + old)
        self.do("tags", mode="replace", tag_ids=hot.ids)
        self.assertEqual(self.leads.tag_ids, hot)

    def test_priority_sets_the_temperature_and_the_stars(self):
        self.do("priority", temperature="hot")
        self.assertEqual(set(self.leads.mapped("priority")), {"3"})
        self.do("priority", temperature=False)
        self.assertEqual(set(self.leads.mapped("priority")), {"0"})
        self.assertEqual(set(self.leads.mapped("temperature")), {False})

    def test_the_history_of_each_lead_notes_its_old_and_new_priority(self):
        old = {lead.id: lead.message_ids for lead in self.leads}
        self.do("priority", temperature="hot")
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.leads.invalidate_recordset()
        for lead in self.leads:
            note = lead.message_ids - old[lead.id]
            changed = note.sudo().tracking_value_ids.filtered(lambda one: one.field_id.name == "temperature")
            self.assertEqual(len(note), 1)
            self.assertEqual(changed.mapped("new_value_char"), ["Hot"])
            self.assertEqual(note.author_id, self.seller.partner_id)

    def test_leads_are_disqualified_with_a_reason_and_come_back(self):
        reason = self.env["crm.lost.reason"].create({"name": "Bulk reason"})
        self.do("status", status="disqualified", lost_reason_id=reason.id)
        self.assertEqual(set(self.leads.mapped("lead_status")), {"disqualified"})
        self.assertEqual(self.leads.lost_reason_id, reason)
        self.do("status", status="contacted")
        self.assertEqual(set(self.leads.mapped("lead_status")), {"contacted"})
        self.assertFalse(self.leads.lost_reason_id)

    def test_deleted_leads_come_back_by_undo(self):
        manager = new_test_user(self.env, "bulk_manager", groups="sales_team.group_sale_manager")
        job = self.do("delete", user=manager)
        self.assertFalse(self.env["crm.lead"].search([("id", "in", self.leads.ids)]))
        self.assertEqual(self.counts(self.undo(job)), ("done", 7, 0, 0))
        self.assertEqual(len(self.env["crm.lead"].search([("id", "in", self.leads.ids)])), 7)


class TestRefusals(BulkCase):
    def test_a_rep_changes_nothing_of_others(self):
        mine = self.leads[0]
        mine.user_id = self.rep
        before = (self.leads - mine).read(["user_id", "team_id", "priority", "write_date", "tag_ids"])
        job = self.do("priority", user=self.rep, temperature="hot")
        self.assertEqual(job.total_count, 1, "only what he sees is taken")
        self.assertEqual(mine.priority, "3")
        after = (self.leads - mine).read(["user_id", "team_id", "priority", "write_date", "tag_ids"])
        self.assertEqual(after, before)

    def test_what_may_be_seen_but_not_changed_is_left_with_a_reason(self):
        rule = {
            "name": "Bulk test", "model_id": self.env["ir.model"]._get_id("crm.lead"), "perm_read": False,
            "perm_write": True, "perm_create": False, "perm_unlink": False,
            "domain_force": [("id", "not in", self.leads[:2].ids)],
        }  # fmt: skip
        self.env["ir.rule"].create(rule)
        job = self.do("priority", temperature="hot")
        self.assertEqual(self.counts(job), ("done", 5, 0, 2))
        self.assertEqual(set(self.leads[:2].mapped("priority")), {"0"})
        self.assertEqual(set(self.reasons(job)), set(self.leads[:2].ids))
        self.assertIn("not change it", self.reasons(job)[self.leads[0].id])

    def test_what_was_deleted_meanwhile_is_left_with_a_reason(self):
        job = self.start("priority", temperature="hot")
        self.leads[0].unlink()
        self.run_jobs()
        self.assertEqual(self.counts(job), ("done", 6, 0, 1))
        self.assertIn("deleted", self.reasons(job)[self.leads[0].id])

    def test_one_that_odoo_refuses_keeps_none_of_the_others_from_changing(self):
        model = self.env.registry["crm.lead"]
        original, bad = model.write, self.leads[4]

        def write(leads, vals):
            if "priority" in vals and bad in leads:
                raise UserError("Not this one.")
            return original(leads, vals)

        with patch.object(model, "write", write):
            job = self.do("priority", temperature="hot")
        self.assertEqual(self.counts(job), ("done", 6, 0, 1))
        self.assertEqual(self.reasons(job), {bad.id: "Not this one."})
        self.assertEqual(bad.priority, "0")

    def test_a_deal_has_no_lead_status(self):
        deal = self.env["crm.lead"].create({"name": "Deal", "type": "opportunity", "user_id": self.seller.id})
        job = self.do("status", self.leads[:1] + deal, status="contacted")
        self.assertEqual(self.counts(job), ("done", 1, 0, 1))
        self.assertIn("deal", self.reasons(job)[deal.id])

    def test_a_lead_that_lacks_what_its_team_asks_for_is_not_qualified(self):
        self.leads.team_id = self.team
        field = self.env["ir.model.fields"]._get("crm.lead", "email_from")
        asked = {"name": "E-mail known", "team_id": self.team.id, "kind": "field", "field_id": field.id}
        self.env["pipeline.criterion"].create(asked)
        self.leads[:3].email_from = "ann@example.com"
        job = self.do("status", status="qualified")
        self.assertEqual(self.counts(job), ("done", 3, 0, 4))
        self.assertEqual(set(self.leads[3:].mapped("lead_status")), {"new"})

    def test_a_choice_that_is_not_possible_is_refused_before_anything_is_stored(self):
        jobs = self.env["pipeline.bulk"].search_count([])
        portal = new_test_user(self.env, "bulk_portal", groups="base.group_portal")
        for kind, choice in (
            ("assign", {"user_id": portal.id}), ("status", {"status": "converted"}), ("status", {"status": "nonsense"}),
            ("tags", {"mode": "add", "tag_ids": []}), ("tags", {"mode": "nonsense", "tag_ids": [1]}),
        ):  # fmt: skip
            with self.subTest(kind=kind, choice=choice), self.assertRaises(UserError), self.cr.savepoint():
                self.start(kind, **choice)
        self.assertEqual(self.env["pipeline.bulk"].search_count([]), jobs)

    def test_jobs_and_their_rows_are_the_askers_alone(self):
        job = self.do("priority", temperature="hot")
        self.assertFalse(self.env["pipeline.bulk"].with_user(self.other).search([("id", "=", job.id)]))
        self.assertFalse(self.env["pipeline.bulk.item"].with_user(self.other).search([("bulk_id", "=", job.id)]))
        for act in ("action_undo", "action_cancel", "action_dismiss", "get_progress"):
            with self.subTest(act=act), self.assertRaises(AccessError):
                getattr(job.with_user(self.other), act)()
        self.assertEqual(set(self.leads.mapped("priority")), {"3"})

    def test_leads_of_a_company_that_was_not_open_are_not_touched(self):
        company = self.env["res.company"].create({"name": "Bulk Company"})
        self.seller.company_ids += company
        self.leads[0].write({"company_id": company.id, "team_id": False})
        self.env.flush_all()
        jobs = self.env["pipeline.bulk"].with_user(self.seller).with_context(allowed_company_ids=self.env.company.ids)
        job = jobs._start("priority", {"ids": self.leads.ids}, {"temperature": "hot"})
        self.assertEqual(job.total_count, 6)
        self.run_jobs()
        self.assertEqual(self.leads[0].priority, "0")


class TestCourse(BulkCase):
    def test_everything_that_a_search_finds_is_taken_down_at_once(self):
        jobs = self.env["pipeline.bulk"].with_user(self.seller)
        chosen = {"domain": [("id", "in", self.leads.ids)], "order": "name desc"}
        job = jobs._start("priority", chosen, {"temperature": "hot"})
        late = self.env["crm.lead"].create({"name": "Late", "type": "lead", "user_id": self.seller.id})
        self.assertEqual(job.item_ids.mapped("lead_id"), self.leads.sorted("name", reverse=True).ids)
        self.run_jobs()
        self.assertEqual((late.priority, set(self.leads.mapped("priority"))), ("0", {"3"}))

    def test_a_cancelled_job_stops_after_the_batch_and_says_what_was_done(self):
        job = self.start("priority", temperature="hot")
        original = type(job)._process_batch

        def cancel_after(some):
            count = original(some)
            if count:
                job.action_cancel()
            return count

        with patch.object(type(job), "_process_batch", cancel_after):
            self.run_jobs()
        self.assertEqual(self.counts(job), ("cancelled", 3, 0, 0))
        self.assertEqual(len(self.leads.filtered(lambda lead: lead.priority == "3")), 3)
        progress = job.get_progress()[0]
        self.assertEqual((progress["done"], progress["total"], progress["can_cancel"]), (3, 7, False))

    def test_undo_gives_back_what_is_still_as_the_act_left_it(self):
        job = self.do("assign", user_id=self.other.id)
        self.leads[0].user_id = self.rep
        undone = self.undo(job)
        self.assertEqual(self.counts(undone), ("done", 6, 0, 1))
        self.assertEqual(self.leads[1:].user_id, self.seller)
        self.assertEqual(self.leads[0].user_id, self.rep)
        self.assertFalse(job.can_undo)
        with self.assertRaises(UserError):
            job.action_undo()

    def test_undo_of_a_status_restores_what_each_lead_was(self):
        self.leads[:2].qualification = "contacted"
        self.leads[2].action_set_lost()
        before = self.leads.mapped(lambda lead: (lead.lead_status, lead.qualification, lead.active))
        job = self.do("status", status="disqualified")
        self.assertEqual(self.counts(job), ("done", 6, 1, 0))
        self.undo(job)
        self.assertEqual(self.leads.mapped(lambda lead: (lead.lead_status, lead.qualification, lead.active)), before)

    def test_undo_of_tags_leaves_those_of_others(self):
        hot, vip = self.env["crm.tag"].create([{"name": "Bulk hot"}, {"name": "Bulk vip"}])
        job = self.do("tags", mode="add", tag_ids=hot.ids)
        self.leads[0].tag_ids += vip
        self.undo(job)
        self.assertEqual(self.leads.tag_ids, vip)

    def test_undo_of_tags_gives_each_lead_its_former_ones_and_tells_of_each_once(self):
        hot, vip, old = self.env["crm.tag"].create([{"name": f"Bulk {name}"} for name in ("hot", "vip", "old")])
        for number, lead in enumerate(self.leads):
            lead.tag_ids = (vip + old)[: number % 3]
        before = self.leads.mapped(lambda lead: lead.tag_ids.ids)
        undo = self.undo(self.do("tags", mode="replace", tag_ids=hot.ids))
        self.assertEqual(self.counts(undo), ("done", 7, 0, 0))
        self.assertEqual(self.leads.mapped(lambda lead: lead.tag_ids.ids), before)

    def test_undo_gives_leads_of_many_back_with_few_statements(self):
        owners = [new_test_user(self.env, f"bulk_owner{number}", groups="sales_pipeline.group_rep")
                  for number in range(20)]  # fmt: skip
        leads = self.env["crm.lead"].create(
            [{"name": f"Given {number}", "type": "lead", "user_id": owner.id} for number, owner in enumerate(owners)]
        )
        self.run_jobs()
        with patch.object(pipeline_bulk_run, "_BATCH", 100):
            job = self.do("assign", leads, user_id=self.other.id)
            before = self.env.cr.sql_log_count
            self.undo(job)
            queries = self.env.cr.sql_log_count - before
        self.assertEqual([lead.user_id for lead in leads], owners)
        notes = leads.message_ids.filtered("tracking_value_ids").tracking_value_ids
        moves = notes.filtered(lambda change: change.field_id.name == "user_id")
        self.assertEqual(len(moves), 40)
        self.assertLess(queries, 400)

    def test_undo_of_a_priority_restores_stars_without_a_temperature(self):
        self.leads[0].priority = "3"
        before = self.leads.mapped(lambda lead: (lead.temperature, lead.priority))
        self.undo(self.do("priority", temperature="cold"))
        self.assertEqual(self.leads.mapped(lambda lead: (lead.temperature, lead.priority)), before)

    def test_a_job_whose_asker_left_stops(self):
        job = self.start("priority", temperature="hot")
        self.seller.active = False
        self.run_jobs()
        self.assertEqual(job.sudo().state, "failed")
        self.assertEqual(set(self.leads.mapped("priority")), {"0"})

    def test_the_dialog_says_how_many_and_starts_the_job(self):
        wizard = self.env["pipeline.bulk.start"].with_user(self.seller).with_context(
            default_kind="assign", default_chosen=json.dumps({"domain": [["id", "in", self.leads.ids]], "order": "id"})
        )  # fmt: skip
        with Form(wizard) as form:
            self.assertEqual(form.lead_count, 7)
            form.user_id = self.other
        form.record.action_start()
        self.run_jobs()
        self.assertEqual(self.leads.user_id, self.other)

    def test_rows_and_results_go_after_a_week(self):
        job = self.do("priority", temperature="hot")
        self.env["pipeline.bulk"]._gc_old()
        self.assertEqual(len(job.item_ids), 7)
        job.sudo().finished_at = "2020-01-01"
        self.env["pipeline.bulk"]._gc_old()
        self.assertFalse(job.exists())
