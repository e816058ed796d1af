"""Tasks drive the onboarding, and the onboarding drives the customer."""

from datetime import timedelta

from freezegun import freeze_time
from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CustomerCase


@tagged("-at_install", "post_install")
class TestPipelineOnboarding(CustomerCase):
    def setUp(self):
        super().setUp()
        self.customer = self.make_customer()
        self.tasks = self.customer.onboarding_task_ids

    def test_tasks_drive_the_percentage(self):
        customer, seen = self.customer, []
        for task in self.tasks:
            task.action_done()
            seen.append((customer.onboarding_percent, customer.onboarding_status, customer.lifecycle_stage))
        self.assertEqual(seen, [
            (20, "in_progress", "onboarding"),
            (40, "in_progress", "onboarding"),
            (60, "in_progress", "onboarding"),
            (80, "in_progress", "onboarding"),
            (100, "completed", "active"),
        ])  # fmt: skip

    def test_needless_tasks_do_not_count(self):
        self.tasks[:3].action_skip()
        self.tasks[3].action_done()
        self.assertEqual(self.customer.onboarding_percent, 50)

    def test_reopening_takes_progress_back_but_not_the_lifecycle(self):
        self.tasks.action_done()
        self.tasks[0].action_reopen()
        self.assertEqual((self.customer.onboarding_percent, self.customer.onboarding_status), (80, "in_progress"))
        self.assertFalse(self.tasks[0].done_at)
        self.assertEqual(self.customer.lifecycle_stage, "active")

    def test_removing_the_last_open_task_completes(self):
        self.tasks[1:].action_done()
        self.tasks[0].unlink()
        self.assertEqual((self.customer.onboarding_percent, self.customer.lifecycle_stage), (100, "active"))

    def test_done_says_who_and_when_and_tells_the_timeline(self):
        self.tasks[0].with_user(self.customer.csm_id).action_done()
        self.assertEqual(self.tasks[0].done_uid, self.customer.csm_id)
        self.assertTrue(self.tasks[0].done_at)
        event = self.get_events(self.customer, "onboarding")
        self.assertEqual((event.metadata["percent"], event.actor_id), (20, self.customer.csm_id.id))

    def test_a_repeated_move_changes_nothing(self):
        self.tasks[0].action_done()
        done_at = self.tasks[0].done_at
        self.tasks[0].action_done()
        self.assertEqual(self.tasks[0].done_at, done_at)
        self.assertEqual(len(self.get_events(self.customer, "onboarding")), 1)

    def test_an_illegal_move_moves_none(self):
        self.tasks[1].action_done()
        with self.assertRaises(UserError):
            self.tasks.action_skip()
        self.assertEqual(self.tasks.mapped("state"), ["todo", "done", "todo", "todo", "todo"])

    def test_writing_a_state_obeys_the_same_law(self):
        self.tasks[0].write({"state": "done", "name": "Met"})
        self.assertTrue(self.tasks[0].done_at)
        self.assertEqual(self.tasks[0].name, "Met")
        with self.assertRaises(UserError):
            self.tasks[0].write({"state": "skipped", "name": "Never mind"})
        self.assertEqual((self.tasks[0].state, self.tasks[0].name), ("done", "Met"))

    def test_writing_a_state_leaves_what_was_settled_before(self):
        with freeze_time("2030-01-01"):
            self.tasks[0].action_done()
        self.tasks.write({"state": "done", "description": "Well done"})
        self.assertEqual(str(self.tasks[0].done_at), "2030-01-01 00:00:00")
        self.assertEqual(set(self.tasks.mapped("description")), {"Well done"})
        self.assertEqual(self.customer.onboarding_percent, 100)
        self.assertEqual(len(self.get_events(self.customer, "onboarding")), 5)

    def test_responsible_and_dates_come_from_the_template(self):
        self.assertEqual(self.tasks[0].user_id, self.rep)
        self.assertEqual(self.tasks[1:].user_id, self.customer.csm_id)
        today = fields.Date.context_today(self.tasks)
        self.assertEqual([(task.due_date - today).days for task in self.tasks], [2, 5, 10, 15, 30])

    def test_the_template_of_the_type_wins(self):
        template = self.env["pipeline.onboarding.template"].create({
            "name": "Enterprise", "customer_type": "enterprise", "sequence": 999,
            "task_ids": [(0, 0, {"name": "Board dinner"})],
        })  # fmt: skip
        firm = self.make_firm("Fox Inc")
        customer = self.make_customer(partner_id=firm.id, prospective_type="corporate")
        self.assertEqual(customer.onboarding_task_ids.mapped("name"), ["Board dinner"])
        template.active = False
        self.assertEqual(self.env["pipeline.onboarding.template"]._find_for(customer).name, "Standard Onboarding")

    def test_without_any_template_there_is_no_plan_and_no_error(self):
        self.env["pipeline.onboarding.template"].search([]).active = False
        firm = self.make_firm("Gnu Inc")
        customer = self.make_customer(partner_id=firm.id)
        self.assertFalse(customer.onboarding_task_ids)
        self.assertEqual((customer.onboarding_percent, customer.onboarding_status), (0, "pending"))

    # ---- health

    def test_overdue_tasks_cost_health(self):
        self.assertEqual((self.customer.health_score, self.customer.health_reasons), (100, "Nothing overdue"))
        with freeze_time(fields.Datetime.now() + timedelta(days=11)):
            self.customer._refresh_health()
            self.assertEqual(self.customer.health_score, 70)
            self.assertEqual(self.customer.health_reasons, "Overdue onboarding tasks: 3")
            self.tasks[0].action_done()
            self.assertEqual(self.customer.health_score, 80)

    def test_overdue_invoices_cost_health(self):
        invoice = self.env["account.move"].create({
            "move_type": "out_invoice", "partner_id": self.ann.id, "invoice_date": "2020-01-01",
            "invoice_date_due": "2020-01-01", "invoice_line_ids": [(0, 0, {"name": "Lathe", "price_unit": 10})],
        })  # fmt: skip
        self.customer._refresh_health()
        self.assertEqual(self.customer.health_score, 100, "a draft is no debt")
        invoice.action_post()
        self.customer._refresh_health()
        self.assertEqual(self.customer.health_score, 70)

    def test_daily_job_measures_each_customer_once(self):
        self.customer.health_checked_on = False
        with self.enter_registry_test_mode():
            self.env.ref("sales_pipeline.ir_cron_refresh_customer_health").method_direct_trigger()
        self.assertEqual(self.customer.health_checked_on, fields.Date.context_today(self.customer))
