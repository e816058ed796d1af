"""Pairs of possible duplicates: written in sets, seen by who sees both sides, decided once."""

from itertools import pairwise

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user

from odoo.addons.sales_pipeline.models.crm_lead import HARD_UNLINK
from odoo.addons.sales_pipeline.tools.duplicates import Candidate
from odoo.addons.sales_pipeline.tools.similarity_parts import Reason
from tests.common import PipelineCase


class PairCase(PipelineCase):
    """Leads whose pairs are noted by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pairs = cls.env["pipeline.duplicate"]
        cls.leads = cls.env["crm.lead"].with_context(tracking_disable=True).create([
            {"name": f"Enquiry {number}", "type": "lead", "user_id": False} for number in range(4)
        ])  # fmt: skip
        cls.partner = cls.env["res.partner"].create({"name": "Dana Whitfield"})
        cls.flush_moments()

    @classmethod
    def flush_moments(cls):
        cls.env["pipeline.moments.mixin"]._flush_moments()

    def make_candidate(self, record, score=0.95, kind="same"):
        return Candidate(record._name, record.id, score, kind, (Reason("email_same", 25.0, "dana@mail.example"),))

    def note(self, lead, *records, score=0.95, kind="same"):
        self.pairs._note({lead.id: [self.make_candidate(record, score, kind) for record in records]})
        return self.pairs.search([("lead_id", "in", self.leads.ids)])

    def read_pairs(self, state="open"):
        found = self.pairs.search([("state", "=", state), ("lead_id", "in", self.leads.ids)])
        return {(pair.lead_id.id, pair.res_model, pair.res_id) for pair in found}


class TestNotedInSets(PairCase):
    """One statement brings the pairs of many leads up to date."""

    def test_two_leads_that_name_each_other_are_one_pair_with_the_newer_first(self):
        old, new = self.leads[:2]
        self.pairs._note({
            old.id: [self.make_candidate(new, 0.6, "ask")], new.id: [self.make_candidate(old, 0.7, "ask")],
        })  # fmt: skip
        pair = self.pairs.search([("lead_id", "in", self.leads.ids)])
        self.assertEqual((pair.lead_id, pair.res_model, pair.res_id, pair.score), (new, "crm.lead", old.id, 0.7))
        self.assertEqual((pair.state, pair.kind), ("open", "ask"))
        self.assertEqual(pair.reasons, [["email_same", 25.0, "dana@mail.example"]])

    def test_a_hundred_answers_cost_one_statement(self):
        leads = self.env["crm.lead"].with_context(tracking_disable=True).create(
            [{"name": "Enquiry", "type": "lead"} for _number in range(100)]
        )  # fmt: skip
        self.flush_moments()
        answers = {new.id: [self.make_candidate(old)] for old, new in pairwise(leads)}
        with self.assertQueryCount(1):
            self.pairs._note(answers)
        self.assertEqual(self.pairs.search_count([("lead_id", "in", leads.ids)]), 99)

    def test_an_open_pair_gets_its_new_score_and_reasons(self):
        self.note(self.leads[1], self.leads[0], score=0.6, kind="ask")
        pair = self.note(self.leads[1], self.leads[0], score=0.99)
        self.assertEqual((pair.score, pair.kind, len(pair)), (0.99, "same", 1))

    def test_a_decided_pair_keeps_its_decision_and_its_score(self):
        pair = self.note(self.leads[1], self.leads[0], score=0.6)
        pair.action_mark_different()
        self.note(self.leads[1], self.leads[0], score=0.99)
        self.assertEqual((pair.state, pair.score), ("different", 0.6))
        self.note(self.leads[1])
        self.assertEqual(pair.exists().state, "different")

    def test_an_open_pair_that_is_no_longer_answered_goes_and_others_stay(self):
        self.note(self.leads[1], self.leads[0])
        self.note(self.leads[3], self.leads[2])
        self.note(self.leads[0])
        self.assertEqual(self.read_pairs(), {(self.leads[3].id, "crm.lead", self.leads[2].id)})

    def test_two_deals_of_one_contact_are_no_pair_but_a_lead_and_a_deal_are(self):
        self.leads[:3].partner_id = self.partner
        self.leads[:2].type = "opportunity"
        self.flush_moments()
        self.note(self.leads[1], self.leads[0])
        self.assertFalse(self.read_pairs())
        self.note(self.leads[2], self.leads[0])
        self.assertEqual(self.read_pairs(), {(self.leads[2].id, "crm.lead", self.leads[0].id)})

    def test_a_lead_that_has_a_contact_is_not_offered_another(self):
        other = self.env["res.partner"].create({"name": "Dana Whitfield"})
        self.leads[0].partner_id = self.partner
        self.flush_moments()
        self.note(self.leads[0], other)
        self.note(self.leads[1], other)
        self.assertEqual(self.read_pairs(), {(self.leads[1].id, "res.partner", other.id)})

    def test_a_lead_that_was_deleted_meanwhile_makes_no_pair(self):
        self.leads[0].unlink()
        self.flush_moments()
        self.note(self.leads[1], self.leads[0])
        self.assertFalse(self.read_pairs())


class TestSeenByWhoSeesBoth(PairCase):
    """A pair tells nothing of a record that its reader may not read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rep = new_test_user(cls.env, "pairs_rep", groups="sales_pipeline.group_rep")
        cls.other_rep = new_test_user(cls.env, "pairs_other", groups="sales_pipeline.group_rep")
        cls.salesman = new_test_user(cls.env, "pairs_salesman", groups="sales_team.group_sale_salesman")
        cls.chief = new_test_user(cls.env, "pairs_chief", groups="sales_team.group_sale_salesman_all_leads")
        cls.outsider = new_test_user(cls.env, "pairs_outsider", groups="base.group_user")
        cls.leads[:2].user_id = cls.rep
        cls.leads[2:].user_id = cls.other_rep
        cls.flush_moments()

    def see(self, user):
        return {
            pair.sudo().lead_id.id for pair in self.pairs.with_user(user).search([("lead_id", "in", self.leads.ids)])
        }

    def test_a_rep_sees_pairs_of_own_leads_only(self):
        self.note(self.leads[1], self.leads[0])
        self.note(self.leads[3], self.leads[2])
        self.assertEqual(self.see(self.rep), {self.leads[1].id})
        self.assertEqual(self.see(self.other_rep), {self.leads[3].id})
        self.assertEqual(self.see(self.chief), {self.leads[1].id, self.leads[3].id})

    def test_a_pair_with_a_colleagues_lead_is_hidden_from_both(self):
        mixed = self.note(self.leads[2], self.leads[1])
        self.assertEqual((self.see(self.rep), self.see(self.other_rep)), (set(), set()))
        for user in (self.rep, self.other_rep):
            with self.assertRaises(AccessError):
                mixed.with_user(user).read(["score"])
            with self.assertRaises(AccessError):
                mixed.with_user(user).action_mark_different()
        self.assertEqual(mixed.state, "open")

    def test_groups_and_counts_tell_nothing_more(self):
        self.note(self.leads[1], self.leads[0], self.leads[2])
        own = self.pairs.with_user(self.rep)
        domain = [("lead_id", "in", self.leads.ids)]
        self.assertEqual(own.search_count(domain), 1)
        self.assertEqual(own._read_group(domain, ["kind"], ["__count"]), [("same", 1)])
        self.assertEqual(self.leads[1].with_user(self.rep).open_duplicate_count, 1)
        self.assertEqual(self.leads[1].with_user(self.chief).open_duplicate_count, 2)

    def test_a_contact_of_another_company_hides_its_pair(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        pair = self.note(self.leads[0], self.partner)
        self.assertEqual(self.see(self.rep), {self.leads[0].id})
        self.partner.company_id = elsewhere
        self.flush_moments()
        self.assertEqual(self.see(self.rep), set())
        with self.assertRaises(AccessError):
            pair.with_user(self.rep).read(["score"])

    def test_who_sells_nothing_sees_nothing(self):
        self.note(self.leads[1], self.leads[0])
        with self.assertRaises(AccessError):
            self.see(self.outsider)
        self.assertFalse(self.pairs.with_user(self.outsider).has_access("read"))

    def test_nobody_writes_pairs_by_hand(self):
        pair = self.note(self.leads[1], self.leads[0])
        for act in (lambda one: one.write({"state": "merged"}), lambda one: one.unlink(), lambda one: one.copy()):
            with self.assertRaises(AccessError):
                act(pair.with_user(self.chief))
        self.assertEqual(pair.exists().state, "open")

    def test_the_list_of_a_page_costs_the_same_for_more_pairs(self):
        self.note(self.leads[1], self.leads[0])
        own = self.pairs.with_user(self.chief)
        own.search([]).read(["lead_id", "score"])
        with self.assertQueryCount(3):
            own.invalidate_model()
            own.search_fetch([("state", "=", "open")], ["score"]).mapped("score")


class TestDecided(PairCase):
    """People decide, and may think again."""

    def test_not_the_same_and_back(self):
        pair = self.note(self.leads[1], self.leads[0])
        pair.action_mark_different()
        self.assertEqual((pair.state, pair.decided_uid, bool(pair.decided_at)), ("different", self.env.user, True))
        self.assertEqual(self.leads[1].open_duplicate_count, 0)
        pair.action_mark_open()
        self.assertEqual((pair.state, bool(pair.decided_uid), bool(pair.decided_at)), ("open", False, False))
        self.assertEqual(self.leads[0].open_duplicate_count, 1)

    def test_who_may_only_read_does_not_decide(self):
        reader = new_test_user(self.env, "pairs_reader", groups="sales_team.group_sale_salesman")
        pair = self.note(self.leads[1], self.leads[0])
        self.env["ir.rule"].create({
            "name": "reads only", "model_id": self.env["ir.model"]._get_id("crm.lead"),
            "domain_force": [("user_id", "=", reader.id)], "perm_read": False,
        })  # fmt: skip
        with self.assertRaises(AccessError):
            pair.with_user(reader).action_mark_different()
        self.assertEqual(pair.state, "open")

    def test_a_deleted_side_takes_the_pair_away_and_its_return_brings_it_back(self):
        self.note(self.leads[1], self.leads[0])
        self.leads[0].unlink()
        self.flush_moments()
        self.assertEqual((self.read_pairs(), self.leads[1].open_duplicate_count), (set(), 0))
        self.leads[0].action_restore_deleted()
        self.flush_moments()
        self.assertEqual(self.read_pairs(), {(self.leads[1].id, "crm.lead", self.leads[0].id)})

    def test_a_pair_returns_only_when_both_sides_are_back(self):
        self.note(self.leads[1], self.leads[0])
        self.leads[:2].unlink()
        self.flush_moments()
        self.leads[0].action_restore_deleted()
        self.flush_moments()
        self.assertFalse(self.read_pairs())
        self.leads[1].action_restore_deleted()
        self.flush_moments()
        self.assertEqual(len(self.read_pairs()), 1)

    def test_an_archived_contact_takes_its_pair_away_until_it_returns(self):
        self.note(self.leads[0], self.partner)
        self.partner.action_archive()
        self.flush_moments()
        self.assertFalse(self.read_pairs())
        self.partner.action_unarchive()
        self.flush_moments()
        self.assertEqual(self.read_pairs(), {(self.leads[0].id, "res.partner", self.partner.id)})

    def test_a_merge_takes_its_pairs_away_and_its_undo_brings_them_back(self):
        self.note(self.leads[1], self.leads[0])
        merge = self.env["crm.lead"]._merge_leads(self.leads[0], self.leads[1])
        self.flush_moments()
        self.assertFalse(self.read_pairs())
        merge.action_undo()
        self.flush_moments()
        self.assertEqual(self.read_pairs(), {(self.leads[1].id, "crm.lead", self.leads[0].id)})

    def test_a_real_deletion_leaves_no_pairs(self):
        pairs = self.note(self.leads[1], self.leads[0], self.partner)
        self.note(self.leads[2], self.partner)
        self.leads[0].with_context(hard_unlink=HARD_UNLINK).unlink()
        self.partner.unlink()
        self.assertFalse(self.leads[0].exists())
        self.assertFalse(pairs.exists())
        self.assertFalse(self.pairs.with_context(active_test=False).search([("lead_id", "in", self.leads[1:].ids)]))

    def test_the_counts_of_many_leads_cost_two_queries(self):
        self.note(self.leads[3], *self.leads[:3])
        self.leads.invalidate_recordset()
        with self.assertQueryCount(2):
            counts = self.leads.mapped("open_duplicate_count")
        self.assertEqual(counts, [1, 1, 1, 3])


class TestShown(PairCase):
    """The list says who the two are, and its buttons act."""

    def test_who_why_and_whose(self):
        owner = new_test_user(self.env, "pairs_owner", groups="sales_team.group_sale_salesman", name="Kim Owner")
        self.leads[0].write({"contact_name": "Dana Whitfield", "partner_name": "Roofing", "user_id": owner.id})
        self.leads[1].write({
            "contact_name": "Whitfeild Dana", "email_from": "dana@mail.example", "phone": "030 23125042",
        })  # fmt: skip
        pair = self.note(self.leads[1], self.leads[0])
        self.assertEqual(
            (pair.one_name, pair.one_reach, pair.other_name, pair.owners),
            ("Whitfeild Dana", "dana@mail.example · 030 23125042", "Dana Whitfield, Roofing", "Kim Owner"),
        )
        self.assertEqual(pair.reasons_text, "Same e-mail address: dana@mail.example")
        self.assertFalse(pair.can_link)

    def test_the_found_side_is_searched_like_a_relation(self):
        pair = self.note(self.leads[1], self.leads[0])
        self.leads[0].user_id = self.env.user
        own = [("other_lead_id", "any", [("user_id", "=", self.env.uid)])]
        self.assertEqual(self.pairs.search([*own, ("lead_id", "in", self.leads.ids)]), pair)
        self.assertEqual(self.pairs.search([("other_lead_id", "in", self.leads[0].ids)]), pair)
        self.assertFalse(self.pairs.search([("partner_id", "in", self.partner.ids)]))

    def test_a_contact_is_linked_once_and_by_who_may_change_the_lead(self):
        other = self.env["res.partner"].create({"name": "Dana Whitfield"})
        pairs = self.note(self.leads[0], self.partner, other)
        pair = pairs.filtered(lambda one: one.res_id == self.partner.id)
        self.assertTrue(pair.can_link)
        self.leads[0].user_id = self.env.user
        stranger = new_test_user(self.env, "pairs_stranger", groups="sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            pair.with_user(stranger).action_link_partner()
        self.assertFalse(self.leads[0].partner_id)
        pair.action_link_partner()
        self.assertEqual((self.leads[0].partner_id, set(pairs.mapped("state"))), (self.partner, {"merged"}))
        with self.assertRaises(UserError):
            (pairs - pair).action_link_partner()
        self.assertEqual(self.leads[0].partner_id, self.partner)

    def test_a_page_costs_the_same_whatever_its_length(self):
        self.note(self.leads[3], *self.leads[:3])
        shown = ["one_name", "other_name", "owners", "reasons_text", "last_activity_at", "other_lead_id"]
        self.env.flush_all()

        def read(limit):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            pairs = self.pairs.search([("lead_id", "=", self.leads[3].id)], limit=limit)
            self.assertEqual(len(pairs.read(shown)), limit)
            return self.env.cr.sql_log_count - before

        read(1)
        self.assertEqual(read(1), read(3))

    def test_only_managers_start_the_search(self):
        runs = self.env["pipeline.duplicate.run"]
        rep = new_test_user(self.env, "pairs_searcher", groups="sales_pipeline.group_rep")
        manager = new_test_user(self.env, "pairs_manager", groups="sales_pipeline.group_manager")
        run = runs._get_run()
        run.write({
            "started_at": "2026-01-01", "finished_at": "2026-01-01", "requested_at": False, "compared": 9, "total": 9,
        })  # fmt: skip
        with self.assertRaises(AccessError):
            runs.with_user(rep).action_search_now()
        self.assertEqual((run.requested_at, runs.with_user(rep).get_search()["can_start"]), (False, False))
        runs.with_user(manager).action_search_now()
        self.assertTrue(run.requested_at)
        [progress] = run.with_user(manager).get_progress()
        self.assertEqual((progress["state"], progress["done"]), ("waiting", 0))
        self.assertEqual(run.with_user(rep).get_progress()[0]["total"], run.total)
