from odoo.exceptions import UserError
from odoo.tests import new_test_user

from tests.common import PipelineCase


class TestStatus(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls.env["crm.lead"].create({"name": "Ann", "type": "lead", "email_from": "ann@example.com"})

    def test_a_new_lead_is_new(self):
        self.assertEqual(self.lead.lead_status, "new")

    def test_losing_a_lead_disqualifies_it_and_restoring_brings_its_status_back(self):
        self.lead.qualification = "contacted"
        self.lead.action_set_lost()
        self.assertEqual(self.lead.lead_status, "disqualified")
        self.lead.action_restore()
        self.assertEqual(self.lead.lead_status, "contacted")

    def test_setting_the_status_does_the_act_it_stands_for(self):
        self.lead.lead_status = "disqualified"
        self.assertEqual((self.lead.won_status, self.lead.active), ("lost", False))
        self.lead.lead_status = "qualified"
        self.assertEqual(
            (self.lead.won_status, self.lead.active, self.lead.qualification), ("pending", True, "qualified")
        )
        self.lead.lead_status = "converted"
        self.assertEqual(self.lead.type, "opportunity")

    def test_a_converted_lead_does_not_become_a_lead_again(self):
        self.lead._convert()
        with self.assertRaises(UserError):
            self.lead.lead_status = "new"
        self.assertEqual((self.lead.type, self.lead.lead_status), ("opportunity", "converted"))

    def test_archiving_a_lead_with_a_chance_is_not_disqualifying(self):
        self.lead.write({"probability": 20})
        self.lead.active = False
        self.assertEqual(self.lead.lead_status, "new")


class TestStage(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls.env["crm.lead"].create({"name": "Deal", "type": "opportunity"})

    def test_the_deal_stage_is_the_meaning_of_the_column(self):
        self.assertEqual((self.deal.deal_stage, self.deal.life_stage), ("discovery", "prospect"))
        self.deal._move_to_stage("negotiation")
        self.assertEqual((self.deal.deal_stage, self.deal.life_stage), ("negotiation", "negotiation"))

    def test_a_lost_deal_is_lost_in_whatever_column(self):
        self.deal.action_set_lost()
        self.assertEqual((self.deal.deal_stage, self.deal.life_stage), ("lost", "lost"))
        everything = self.env["crm.lead"].with_context(active_test=False)
        self.assertIn(self.deal, everything.search([("deal_stage", "=", "lost")]))
        self.assertNotIn(self.deal, everything.search([("deal_stage", "=", "discovery")]))
        self.assertIn(self.deal, everything.search([("deal_stage", "in", ["lost", "won"])]))

    def test_writing_a_deal_stage_moves_the_card(self):
        self.deal.deal_stage = "won"
        self.assertEqual((self.deal.won_status, self.deal.probability), ("won", 100))

    def test_a_stage_never_moves_backwards_by_itself(self):
        self.deal._advance_stage("negotiation")
        self.deal._advance_stage("proposal_sent")
        self.assertEqual(self.deal.deal_stage, "negotiation")

    def test_a_won_deal_stays_won(self):
        self.deal.action_set_won()
        self.deal._advance_stage("negotiation")
        self.deal._return_to_negotiation()
        self.assertEqual(self.deal.won_status, "won")

    def test_a_meaning_that_the_team_has_no_stage_for_is_refused(self):
        self.env["crm.stage"].search([("deal_stage", "=", "negotiation")]).write({"deal_stage": "proposal_sent"})
        with self.assertRaises(UserError):
            self.deal.deal_stage = "negotiation"
        self.assertEqual(self.deal.deal_stage, "discovery")

    def test_won_flag_and_meaning_of_a_stage_are_one_fact(self):
        stage = self.env["crm.stage"].create({"name": "Signed", "is_won": True})
        self.assertEqual(stage.deal_stage, "won")
        stage.is_won = False
        self.assertEqual(stage.deal_stage, "negotiation")
        stage.deal_stage = "won"
        self.assertTrue(stage.is_won)

    def test_a_column_added_on_the_board_takes_its_neighbours_meaning(self):
        self.assertEqual(self.env["crm.stage"].create({"name": "Legal"}).deal_stage, "negotiation")


class TestConversion(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.team"].create({"name": "Picky"})
        cls.lead = cls.env["crm.lead"].create(
            {
                "name": "Ann",
                "type": "lead",
                "contact_name": "Ann",
                "email_from": "ann@example.com",
                "team_id": cls.team.id,
            }
        )
        email = cls.env["ir.model.fields"]._get("crm.lead", "phone")
        criteria = cls.env["pipeline.criterion"]
        cls.phone_known = criteria.create(
            {"name": "Phone is known", "team_id": cls.team.id, "kind": "field", "field_id": email.id}
        )
        cls.budget_known = criteria.create({"name": "Budget is known", "team_id": cls.team.id})

    def fulfil(self):
        self.lead.write({"phone": "+15005550006", "met_criterion_ids": self.budget_known.ids})

    def test_what_is_missing_is_named(self):
        self.assertEqual(self.lead.missing_criteria, "Phone is known, Budget is known")
        self.lead.met_criterion_ids = self.budget_known
        self.assertEqual(self.lead.missing_criteria, "Phone is known")

    def test_what_is_missing_is_asked_once_for_a_whole_list(self):
        leads = self.env["crm.lead"].create([
            {"name": f"Lead {number}", "type": "lead", "team_id": self.lead.team_id.id} for number in range(20)
        ])  # fmt: skip

        def count_queries(records):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(set(records.mapped("missing_criteria")), {"Phone is known, Budget is known"})
            return self.env.cr.sql_log_count - before

        count_queries(leads)
        self.assertEqual(count_queries(leads), count_queries(leads[:2]))

    def test_what_was_just_filled_in_is_not_missing_any_more(self):
        self.assertTrue(self.lead.missing_criteria)
        self.fulfil()
        self.lead._check_criteria()

    def test_a_lead_that_lacks_something_is_neither_qualified_nor_converted(self):
        for act in (self.lead.action_qualify, self.lead._convert):
            with self.assertRaisesRegex(UserError, "Phone is known, Budget is known"):
                act()
        self.assertEqual((self.lead.type, self.lead.lead_status), ("lead", "new"))

    def hire(self):
        """Return a rep of the team who owns the lead."""
        rep = new_test_user(self.env, "picky_rep", groups="sales_pipeline.group_rep,base.group_partner_manager")
        self.env["crm.team.member"].create({"user_id": rep.id, "crm_team_id": self.team.id})
        self.lead.write({"user_id": rep.id, "team_id": self.team.id})
        return rep

    def test_odoos_own_conversion_and_a_plain_write_meet_the_same_criteria(self):
        lead = self.lead.with_user(self.hire())
        for act in (lambda: lead.convert_opportunity(False), lambda: lead.write({"type": "opportunity"})):
            with self.assertRaisesRegex(UserError, "Budget is known"):
                act()
        self.assertEqual(self.lead.type, "lead")

    def test_a_plain_write_keeps_the_lead_as_it_was_too(self):
        self.fulfil()
        self.lead.with_user(self.hire()).write({"type": "opportunity", "contact_name": "Somebody Else"})
        [event] = self.env["pipeline.event"].sudo().search([("story", "=", self.lead.uuid), ("kind", "=", "snapshot")])
        detail = self.env["pipeline.event.detail"].sudo().search([("key", "=", event.detail_key)])
        self.assertEqual(detail.values["contact_name"], "Ann")

    def test_a_lead_that_has_everything_converts(self):
        self.fulfil()
        self.lead._convert()
        self.assertEqual((self.lead.type, self.lead.lead_status), ("opportunity", "converted"))
        self.assertEqual(self.lead.partner_id.email, "ann@example.com")

    def test_converting_twice_is_converting_once(self):
        self.fulfil()
        self.lead._convert()
        first = self.lead.date_conversion
        partners = self.env["res.partner"].search_count([])
        self.assertEqual(self.lead._convert(), self.lead)
        self.assertEqual(self.lead.date_conversion, first)
        self.assertEqual(self.env["res.partner"].search_count([]), partners)

    def test_a_manager_may_go_on_with_a_reason_which_is_kept(self):
        manager = new_test_user(
            self.env, "picky_manager", groups="sales_pipeline.group_manager,base.group_partner_manager"
        )
        self.team.user_id = manager
        self.lead.with_user(manager)._convert(reason="Old friend")
        self.assertEqual(self.lead.type, "opportunity")
        self.assertIn("Old friend", " ".join(str(body) for body in self.lead.message_ids.mapped("body")))

    def test_a_rep_may_not_go_on_with_any_reason(self):
        rep = self.hire()
        with self.assertRaises(UserError):
            self.lead.with_user(rep)._convert(reason="I want to")
        self.assertEqual(self.lead.type, "lead")

    def test_a_disqualified_lead_is_not_converted(self):
        self.fulfil()
        self.lead.action_set_lost()
        with self.assertRaises(UserError):
            self.lead._convert()
        self.assertEqual((self.lead.type, self.lead.lead_status), ("lead", "disqualified"))

    def test_everything_of_the_lead_is_still_there_on_the_deal(self):
        self.fulfil()
        message = self.lead.message_post(body="First word")
        activity = self.lead.activity_schedule("mail.mail_activity_data_todo", summary="Prepare offer")
        self.lead._convert()
        self.assertIn(message, self.lead.message_ids)
        self.assertIn(activity, self.lead.activity_ids)
        self.assertEqual(self.lead.contact_name, "Ann")
