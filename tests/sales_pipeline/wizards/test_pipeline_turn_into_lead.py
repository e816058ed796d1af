from odoo.exceptions import UserError

from tests.common import PipelineCase


class TestTurnIntoLead(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        create = cls.env["crm.lead"].create
        partner = cls.env["res.partner"].create({"name": "Ann"})
        cls.early = create({"name": "Early", "type": "opportunity"})
        cls.won = create({"name": "Won", "type": "opportunity"})
        cls.won.action_set_won()
        cls.quoted = create({"name": "Quoted", "type": "opportunity", "partner_id": partner.id})
        cls.env["sale.order"].create({"partner_id": partner.id, "opportunity_id": cls.quoted.id})
        cls.converted = create({"name": "Converted", "type": "lead"})
        cls.converted._convert()

    def open(self, deals):
        return self.env["pipeline.turn.into.lead"].with_context(active_ids=deals.ids).create({})

    def test_the_preview_shows_which_become_leads_and_which_stay(self):
        wizard = self.open(self.early | self.won | self.quoted | self.converted)
        self.assertEqual((wizard.eligible_ids, wizard.kept_count), (self.early, 3))
        self.assertEqual(self.early.type, "opportunity", "looking changes nothing")

    def test_only_the_eligible_ones_are_turned(self):
        deals = self.early | self.won | self.quoted | self.converted
        self.open(deals).action_turn()
        self.assertEqual((self.early.type, self.early.lead_status), ("lead", "new"))
        self.assertEqual(set((deals - self.early).mapped("type")), {"opportunity"})

    def test_without_an_eligible_deal_nothing_happens(self):
        with self.assertRaises(UserError):
            self.open(self.won | self.quoted).action_turn()
        self.assertEqual({self.won.type, self.quoted.type}, {"opportunity"})
