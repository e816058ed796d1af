from unittest.mock import patch

from tests.common import PipelineCase


class TestMoments(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls.env["crm.lead"].create({"name": "Ann", "type": "lead", "user_id": False})
        cls.flush()

    @classmethod
    def flush(cls):
        cls.env["pipeline.moments.mixin"]._flush_moments()

    def kinds(self, lead=None):
        domain = [("story", "=", (lead or self.lead).uuid)]
        return self.env["pipeline.event"].sudo().search(domain, order="id").mapped("kind")

    def test_a_new_record_is_told_once(self):
        self.flush()
        self.assertEqual(self.kinds(), ["created"])

    def test_a_value_that_returns_to_what_it_was_is_no_change(self):
        self.lead.user_id = self.env.ref("base.user_admin")
        self.lead.user_id = False
        self.flush()
        self.assertEqual(self.kinds(), ["created"])

    def test_two_changes_in_one_transaction_are_told_once_from_the_first_old_value(self):
        contacted = self.env["pipeline.event"].sudo()
        self.lead.qualification = "contacted"
        self.lead.qualification = "qualified"
        self.flush()
        event = contacted.search([("story", "=", self.lead.uuid), ("kind", "=", "status")])
        self.assertEqual(event.metadata, {"from": "new", "to": "qualified"})

    def test_a_change_of_a_stored_compute_is_told_although_nobody_wrote_it(self):
        self.lead.write({"active": False, "probability": 0})
        self.flush()
        self.assertEqual(self.kinds(), ["created", "lost"])

    def test_changes_of_a_record_made_in_the_same_transaction_come_after_its_creation(self):
        lead = self.env["crm.lead"].create({"name": "Bob", "type": "lead"})
        lead._convert()
        lead.action_set_won()
        self.flush()
        kinds = self.kinds(lead)
        self.assertEqual(kinds[0], "snapshot")
        self.assertLess(kinds.index("created"), kinds.index("converted"))
        self.assertLess(kinds.index("converted"), kinds.index("won"))

    def test_a_deal_made_in_a_won_stage_is_won(self):
        won = self.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        deal = self.env["crm.lead"].create({"name": "Walk-in", "type": "opportunity", "stage_id": won.id})
        self.flush()
        self.assertEqual(self.kinds(deal), ["created", "won"])

    def test_a_moment_that_opens_a_savepoint_loses_nothing_and_tells_nothing_twice(self):
        calls = []

        def on_status_changed(leads, old):
            calls.append(dict(old))
            leads.user_id = self.env.ref("base.user_admin")
            with self.env.cr.savepoint():
                leads.temperature = "hot"

        self.lead.qualification = "qualified"
        with patch.object(type(self.lead), "_on_status_changed", on_status_changed):
            self.flush()
        self.assertEqual(calls, [{self.lead.id: "new"}])
        self.assertEqual(self.kinds().count("assigned"), 1)

    def test_a_batch_is_told_in_one_call(self):
        leads = self.env["crm.lead"].create([{"name": f"Lead {number}", "type": "lead"} for number in range(5)])
        calls = []
        model = type(self.env["crm.lead"])
        with patch.object(model, "_on_created", lambda records: calls.append(records.ids)):
            self.flush()
        self.assertEqual(calls, [leads.ids])

    def test_what_a_savepoint_took_back_is_not_told(self):
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            lead = self.env["crm.lead"].create({"name": "Never", "type": "lead"})
            uuid = lead.uuid
            raise ZeroDivisionError
        self.flush()
        self.assertFalse(self.env["pipeline.event"].sudo().search_count([("story", "=", uuid)]))

    def test_forgotten_changes_are_not_told_but_later_ones_are(self):
        self.lead.qualification = "qualified"
        self.lead._forget_changes()
        self.flush()
        self.assertEqual(self.kinds(), ["created"])
        self.lead.qualification = "contacted"
        self.flush()
        self.assertEqual(self.kinds(), ["created", "status"])

    def test_moments_that_cause_moments_end(self):
        model = type(self.env["crm.lead"])
        rounds = []

        def flip(records, old):
            rounds.append(old)
            records.sudo().write({"temperature": "hot" if records.temperature != "hot" else "cold"})

        self.lead.temperature = "cold"
        with (
            patch.object(model, "_on_changed", flip),
            self.assertLogs("odoo.addons.sales_pipeline.models.moments", "ERROR"),
        ):
            self.flush()
        self.assertEqual(len(rounds), 3)
