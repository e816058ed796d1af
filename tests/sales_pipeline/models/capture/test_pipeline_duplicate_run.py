"""The search over the whole base finds what a check of each would find, and later only looks at what changed."""

import dataclasses
import tempfile
from pathlib import Path

from odoo.exceptions import UserError

from dev.benching import labelled, loading, spoil
from odoo.addons.sales_pipeline.models.capture import pipeline_duplicate_run
from tests.common import PipelineCase


class RunCase(PipelineCase):
    """A base of nobody else: who is there already is forgotten."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.country_id = cls.env.ref("base.us")
        cls.env["pipeline.moments.mixin"]._flush_moments()
        cls.env.cr.execute("DELETE FROM pipeline_contact; DELETE FROM pipeline_contact_todo")
        cls.env["pipeline.contact.fill"].search([]).next_id = 0
        cls.pairs = cls.env["pipeline.duplicate"]
        cls.progress = cls.env["pipeline.duplicate.run"]._get_run()

    def make_leads(self, *values_list):
        leads = self.env["crm.lead"].with_context(tracking_disable=True).create(
            [{"name": "Enquiry", "type": "lead", **values} for values in values_list]
        )  # fmt: skip
        self.flush_moments()
        return leads

    def flush_moments(self):
        self.env["pipeline.moments.mixin"]._flush_moments()

    def search_all(self):
        self.flush_moments()
        done = self.progress._go_on()
        while not self.progress.finished_at:
            done += self.progress._go_on()
        return done

    def read_pairs(self):
        return {(pair.lead_id.id, pair.res_model, pair.res_id) for pair in self.pairs.search([("state", "=", "open")])}


class TestSearchOverAll(RunCase):
    """Everybody is compared with everybody."""

    def test_leads_and_contacts_that_are_one_are_paired_once(self):
        first, second, third, _other = self.make_leads(
            {"contact_name": "Dana Whitfield", "email_from": "dana.whitfield@gmail.com"},
            {"contact_name": "Dana Whitfeild", "email_from": "danawhitfield@gmail.com"},
            {"contact_name": "Whitfield Dana", "email_from": "dana.whitfield@gmail.con"},
            {"contact_name": "Kim Odd", "email_from": "kim.odd@mail.example"},
        )
        partner = self.env["res.partner"].create({"name": "Dana Whitfield", "email": "dana.whitfield@gmail.com"})
        self.search_all()
        self.assertEqual(self.read_pairs(), {
            (second.id, "crm.lead", first.id), (third.id, "crm.lead", first.id), (third.id, "crm.lead", second.id),
            *((lead.id, "res.partner", partner.id) for lead in (first, second, third)),
        })  # fmt: skip

    def test_the_answer_is_that_of_a_check_of_each(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "contacts.csv")
            spoil.write_list(path, seed=20, each=8)
            rows = labelled.read(path)
        labels = loading.load(self.env, [dataclasses.asdict(row) for row in rows])
        self.env["pipeline.contact.fill"].search([]).next_id = 0
        asked = labelled.judge(rows, {frozenset(pair) for *pair, _kind in loading.find_pairs(self.env, labels)})
        told = labelled.judge(rows, {frozenset(pair) for *pair, _kind in loading.search_pairs(self.env, labels)})
        self.assertGreaterEqual(told.recall, asked.recall - 0.02)
        self.assertGreaterEqual(told.precision, 0.98)

    def test_twenty_five_leads_of_one_mailbox_are_all_paired(self):
        leads = self.make_leads(*({"email_from": "dana.whitfield@gmail.com"} for _number in range(25)))
        self.search_all()
        self.assertEqual(len(self.read_pairs()), 25 * 24 / 2)
        self.assertEqual({id_ for pair in self.pairs.search([]) for id_ in pair._get_lead_ids()}, set(leads.ids))

    def test_a_mailbox_of_hundreds_does_not_cost_all_pairs_of_them(self):
        leads = self.make_leads(*({"email_from": "dana.whitfield@gmail.com"} for _number in range(200)))
        self.search_all()
        self.assertLessEqual(len(self.read_pairs()), 40 * 200)
        self.assertEqual({id_ for pair in self.pairs.search([]) for id_ in pair._get_lead_ids()}, set(leads.ids))

    def test_companies_are_kept_apart(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        team = self.env["crm.team"].create({"name": "Elsewhere", "company_id": elsewhere.id})
        here, there, nowhere = self.make_leads(
            {"email_from": "dana.whitfield@gmail.com", "company_id": self.company.id},
            {"email_from": "dana.whitfield@gmail.com", "company_id": elsewhere.id, "team_id": team.id},
            {"email_from": "dana.whitfield@gmail.com", "company_id": False, "team_id": False},
        )
        self.assertFalse(nowhere.company_id)
        self.search_all()
        found = {frozenset((pair.lead_id.id, pair.res_id)): pair.company_id for pair in self.pairs.search([])}
        self.assertEqual(found, {
            frozenset((here.id, nowhere.id)): self.company, frozenset((there.id, nowhere.id)): elsewhere,
        })  # fmt: skip

    def test_ranges_that_follow_on_each_other_find_what_one_range_finds(self):
        people = [{"email_from": f"dana.whitfield{number % 4}@gmail.com"} for number in range(12)]
        self.make_leads(*people)
        self.search_all()
        whole = self.read_pairs()
        self.pairs.search([]).unlink()
        self.env["pipeline.duplicate.run"]._start_over()
        self.patch(pipeline_duplicate_run, "_RANGE", 5)
        self.patch(pipeline_duplicate_run, "_LEAST", 5)
        self.assertEqual(self.search_all(), 12)
        self.assertEqual((self.read_pairs(), len(whole)), (whole, 4 * 3))

    def test_a_pair_that_is_none_any_more_goes_and_a_decision_stays(self):
        first, second, third = self.make_leads(*({"email_from": "dana.whitfield@gmail.com"} for _number in range(3)))
        self.search_all()
        decided = self.pairs.search([("lead_id", "=", second.id)])
        decided.action_mark_different()
        self.env.cr.execute(
            "DELETE FROM pipeline_contact WHERE res_model = 'crm.lead' AND res_id = %s", (first.id,)
        )  # fmt: skip
        self.env.cr.execute("UPDATE pipeline_duplicate SET seen_at = seen_at - interval '1 day'")
        self.env["pipeline.duplicate.run"]._start_over()
        self.search_all()
        self.assertEqual(self.read_pairs(), {(third.id, "crm.lead", second.id)})
        self.assertEqual(decided.exists().state, "different")

    def test_other_scores_have_all_compared_again(self):
        self.make_leads({"email_from": "dana.whitfield@gmail.com"}, {"email_from": "dana.whitfield@gmail.com"})
        self.search_all()
        self.assertEqual(self.search_all(), 0)
        self.company.duplicate_same_score = 1
        self.assertGreater(self.search_all(), 0)
        self.assertEqual(self.pairs.search([]).mapped("kind"), ["ask"])


class TestLaterOnlyWhatChanged(RunCase):
    """A night after the first one costs what changed that day."""

    def setUp(self):
        super().setUp()
        self.leads = self.make_leads(
            {"contact_name": "Dana Whitfield", "email_from": "dana.whitfield@gmail.com"},
            {"contact_name": "Dana Whitfield", "email_from": "dana.whitfield@gmail.com"},
            {"contact_name": "Kim Odd", "email_from": "kim.odd@mail.example"},
        )
        self.search_all()

    def test_nothing_is_compared_where_nothing_changed(self):
        self.leads.priority = "2"
        self.assertEqual(self.search_all(), 0)

    def test_a_changed_lead_wins_and_loses_pairs(self):
        self.assertEqual(self.read_pairs(), {(self.leads[1].id, "crm.lead", self.leads[0].id)})
        self.leads[0].write({"contact_name": "Kim Odd", "email_from": "kim.odd@mail.example"})
        self.assertEqual(self.search_all(), 1)
        self.assertEqual(self.read_pairs(), {(self.leads[2].id, "crm.lead", self.leads[0].id)})

    def test_a_new_contact_is_paired_with_a_lead_and_a_changed_one_no_more(self):
        partner = self.env["res.partner"].create({"name": "Kim Odd", "email": "kim.odd@mail.example"})
        self.search_all()
        self.assertIn((self.leads[2].id, "res.partner", partner.id), self.read_pairs())
        partner.write({"name": "Quite Another", "email": "quite.another@mail.example"})
        self.search_all()
        self.assertNotIn((self.leads[2].id, "res.partner", partner.id), self.read_pairs())

    def test_who_changes_in_the_middle_is_not_forgotten(self):
        self.leads[0].email_from = "kim.odd@mail.example"
        self.flush_moments()
        for _begin_and_compare in range(2):
            self.progress._go_on()
        self.leads[1].email_from = "kim.odd@mail.example"
        self.flush_moments()
        self.search_all()
        self.assertEqual(len(self.read_pairs()), 3)

    def test_a_refilled_base_is_compared_as_a_whole(self):
        self.env["pipeline.contact.fill"]._start("crm.lead")
        work = self.env["pipeline.contact.fill"].search([("next_id", ">", 0)])
        while work._fill_batch():
            pass
        self.assertEqual((self.progress.is_full, self.progress.finished_at), (True, False))
        self.assertEqual(self.search_all(), 3)


class TestMergedByThemselves(RunCase):
    """Off as shipped; above a company's score what a machine may trust is merged, once."""

    def setUp(self):
        super().setUp()
        self.twins = self.make_leads(
            {"contact_name": "Dana Whitfield", "email_from": "dana.whitfield@gmail.com", "phone": "+12025550142"},
            {"contact_name": "Dana Whitfield", "email_from": "dana.whitfield@gmail.com", "function": "Owner"},
        )

    def test_nobody_is_merged_as_shipped(self):
        self.search_all()
        self.assertFalse(any(self.twins.mapped("deleted_at")))
        self.assertEqual(len(self.read_pairs()), 1)

    def test_the_surest_are_merged_and_a_person_may_undo_it_for_good(self):
        self.search_all()
        self.company.duplicate_merge_score = 0.99
        self.search_all()
        self.assertEqual(len(self.twins.filtered("deleted_at")), 1)
        self.assertEqual(self.read_pairs(), set())
        merge = self.env["pipeline.merge"].search([("loser_ids", "in", self.twins.ids)])
        merge.action_undo()
        self.search_all()
        self.assertFalse(any(self.twins.mapped("deleted_at")))
        self.assertEqual(self.read_pairs(), {(self.twins[1].id, "crm.lead", self.twins[0].id)})

    def test_what_people_share_is_left_to_a_person(self):
        self.company.duplicate_merge_score = 0.95
        self.company.duplicate_same_score = 0.9
        family = self.make_leads(
            {"contact_name": "Lee Marsh", "partner_name": "Marsh Bakery", "street": "7 Mill Lane", "zip": "02139"},
            {"contact_name": "Lee Marsh", "partner_name": "Marsh Bakery", "street": "7 Mill Lane", "zip": "02139"},
        )
        self.search_all()
        pair = self.pairs.search([("lead_id", "=", family[1].id)])
        self.assertGreaterEqual(pair.score, 0.95)
        self.assertEqual((pair.state, pair.refusal_code), ("open", "unsure"))
        self.assertFalse(any(family.mapped("deleted_at")))

    def test_a_merge_that_is_refused_says_why_and_is_not_tried_again(self):
        self.company.duplicate_merge_score = 0.99
        self.patch(self.env.registry["crm.lead"], "_refuse_merge", _refuse)
        self.patch(self.env.cr, "rollback", lambda: None)
        self.search_all()
        pair = self.pairs.search([("lead_id", "=", self.twins[1].id)])
        self.assertEqual((pair.state, pair.refusal_code, bool(pair.merge_tried_at)), ("open", "other", True))
        self.assertFalse(any(self.twins.mapped("deleted_at")))

    def test_each_reader_reads_in_the_own_language_why_a_pair_was_not_merged(self):
        self.company.duplicate_merge_score = 0.99
        self.patch(self.env.registry["crm.lead"], "_refuse_merge", _refuse)
        self.patch(self.env.cr, "rollback", lambda: None)
        self.search_all()
        self.env["res.lang"]._activate_lang("fr_FR")
        pair = self.pairs.search([("lead_id", "=", self.twins[1].id)])
        choice = self.env["ir.model.fields.selection"].search(
            [("field_id.model", "=", pair._name), ("field_id.name", "=", "refusal_code"), ("value", "=", "other")]
        )
        choice.with_context(lang="fr_FR").name = "À comparer"
        self.env.flush_all()
        self.env.registry.clear_cache()
        self.env.invalidate_all()
        self.assertEqual(pair.with_context(lang="fr_FR").reasons_text.splitlines()[-1], "À comparer")
        self.assertIn("compare them", pair.with_context(lang="en_US").reasons_text.splitlines()[-1])


def _refuse(*_args):
    raise UserError("No.")
