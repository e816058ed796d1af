"""Rules, pools, hours, limits: who gets a lead, and the reason on it."""

import random
from collections import Counter
from datetime import datetime, timedelta

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user

from tests.sales_pipeline.models.capture.test_crm_lead import CaptureCase


def invent_person(number):
    """Return name and address of somebody whom no two spellings bring together with another."""
    first, last, home = ("".join(random.Random(f"{number}{part}").choices("bdfgklmnprstvaeiou", k=9)) for part in "abc")
    return {"name": f"{first} {last}".title(), "email": f"{last}@{home}.rules.example"}


def owners(leads):
    """Return the owner of each lead, in order."""
    return [lead.user_id for lead in leads]


class RulesCase(CaptureCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.resource_calendar_id = False
        cls.ann, cls.bob, cls.cem = (
            new_test_user(cls.env, f"pool_{name}", name=name.title(), groups="sales_pipeline.group_rep")
            for name in ("ann", "bob", "cem")
        )
        cls.boss = new_test_user(cls.env, "pool_boss", name="Boss", groups="sales_pipeline.group_manager")
        cls.germany, cls.france = cls.env.ref("base.de"), cls.env.ref("base.fr")
        cls.pool = cls.make_pool("South", cls.ann, cls.bob, cls.cem)
        cls.rule = cls.make_rule("Bavaria", cls.pool, country_ids=cls.germany.ids, zips="80-87")

    @classmethod
    def make_pool(cls, name, *users, **values):
        members = [Command.create({"user_id": user.id}) for user in users]
        return cls.env["pipeline.assignment.pool"].create({"name": name, "member_ids": members, **values})

    @classmethod
    def make_rule(cls, name, pool, **values):
        return cls.env["pipeline.assignment.rule"].create({"name": name, "pool_id": pool.id, **values})

    def bring(self, count=1, **contact):
        """Capture leads from Munich, unless the contact says otherwise, and return them."""
        number = getattr(self, "number", 0)
        self.number = number + count
        return self.env["crm.lead"].union(*(
            self.lead(result) for result in self.capture(*(
                {**invent_person(place), "country_code": "DE", "zip": "80331", **contact}
                for place in range(number, number + count)
            ))
        ))  # fmt: skip

    def member(self, user):
        return self.pool.member_ids.filtered(lambda member: member.user_id == user)


class TestRules(RulesCase):
    def test_the_first_rule_that_fits_decides(self):
        north = self.make_pool("North", self.boss)
        self.make_rule("All of Germany", north, country_ids=self.germany.ids, sequence=20)
        self.assertIn(self.bring().user_id, self.ann + self.bob + self.cem)
        self.assertEqual(self.bring(zip="20095").user_id, self.boss)
        self.rule.sequence = 30
        self.assertEqual(self.bring().user_id, self.boss)

    def test_without_a_fitting_rule_the_team_takes_turns_and_says_so(self):
        lead = self.bring(country_code="FR")
        self.assertIn(lead.user_id, self.reps)
        self.assertEqual(lead.assignment_facts["code"], "turn")
        self.assertIn(self.team.name, lead.assignment_reason)
        self.assertEqual(sum(self.pool.member_ids.mapped("turn")), 0)

    def test_three_share_ten_leads_whatever_the_batches(self):
        for size in (1, 4, 2, 3):
            self.bring(size)
        counts = Counter(owners(self.env["crm.lead"].search([("email_from", "like", ".rules.example")])))
        self.assertEqual(sorted(counts.values()), [3, 3, 4])
        self.assertEqual(set(counts), {self.ann, self.bob, self.cem})
        self.assertEqual(self.pool.spread, 1)
        self.assertEqual(sum(self.pool.member_ids.mapped("month_count")), 10)

    def test_the_reason_names_rule_pool_turn_and_who_was_passed_by(self):
        self.bob._switch_away(True)
        self.member(self.cem).max_open = 1
        leads = self.bring(4)
        self.assertEqual(owners(leads), [self.ann, self.cem, self.ann, self.ann])
        self.assertEqual(
            leads[0].assignment_reason, "Rule “Bavaria”, pool South: Ann's turn (1 of 3; away: Bob)"
        )
        self.assertEqual(
            leads[3].assignment_reason, "Rule “Bavaria”, pool South: Ann's turn (1 of 3; away: Bob; full: Cem)"
        )

    def test_who_comes_back_gets_the_missed_ones_first(self):
        self.bob._switch_away(True)
        self.bring(4)
        self.bob._switch_away(False)
        back = self.bring(5)
        # Two turns passed by; then it is everybody's turn again.
        self.assertEqual(owners(back)[:2], [self.bob, self.bob])
        self.assertEqual(set(owners(back)[2:]), {self.ann, self.bob, self.cem})
        self.assertIn("makes up for missed turns", back[0].assignment_reason)

    def test_the_source_goes_before_the_rules(self):
        self.source.user_id = self.boss
        lead = self.bring()
        self.assertEqual((lead.user_id, lead.assignment_facts["code"]), (self.boss, "fixed"))
        self.source.write({"owner_rule": "nobody", "user_id": False})
        lead = self.bring()
        self.assertEqual((lead.user_id.id, lead.assignment_facts["code"]), (False, "nobody"))

    def test_a_known_contact_goes_before_the_rules(self):
        self.env["res.partner"].create({"name": "Kim", "email": "kim@known.example", "user_id": self.boss.id})
        self.source.owner_rule = "known"
        lead = self.bring(email="kim@known.example")
        self.assertEqual((lead.user_id, lead.assignment_facts["code"]), (self.boss, "known"))
        self.assertEqual(self.bring().assignment_facts["code"], "pool")

    def test_a_known_contact_written_otherwise_is_known(self):
        self.env["res.partner"].create(
            {"name": "Kim Novakova", "email": "kim.novakova@gmail.com", "user_id": self.boss.id}
        )
        self.env["pipeline.moments.mixin"]._flush_moments()
        self.source.owner_rule = "known"
        lead = self.bring(name="Kim Novakova", email="kimnovakova+offer@gmail.com")
        self.assertEqual((lead.user_id, lead.assignment_facts["code"]), (self.boss, "known"))
        other = self.bring(name="Kim Novakova", email="kim@elsewhere.example")
        self.assertEqual(other.assignment_facts["code"], "pool")

    def test_further_conditions_are_asked_of_a_lead_that_is_not_stored_yet(self):
        self.rule.domain = "[('partner_name', 'ilike', 'gmbh'), ('tag_ids.name', '=', 'Fair')]"
        self.assertEqual(self.bring().assignment_facts["code"], "turn")
        lead = self.bring(company_name="Bau GmbH", tags=("Fair",))
        self.assertEqual(lead.assignment_facts["code"], "pool")

    def test_type_source_and_state_are_conditions(self):
        texas = self.env.ref("base.state_us_44")
        self.rule.write({
            "country_ids": [Command.set(self.env.ref("base.us").ids)], "zips": False, "state_ids": texas.ids,
            "for_sme": True, "source_ids": self.source.ids,
        })  # fmt: skip
        fitting = self.bring(country_code="US", region="texas", prospective_type="sme")
        self.assertEqual((fitting.assignment_facts["code"], fitting.state_id), ("pool", texas))
        individual = self.bring(country_code="US", region="TX", prospective_type="individual")
        self.assertEqual(individual.assignment_facts["code"], "turn")
        elsewhere = self.bring(country_code="US", region="Ohio", prospective_type="sme")
        self.assertEqual(elsewhere.assignment_facts["code"], "turn")

    def test_a_pool_may_bring_leads_into_its_team(self):
        other = self.env["crm.team"].create({"name": "South Team"})
        self.pool.team_id = other
        lead = self.bring()
        self.assertEqual(lead.team_id, other)
        self.assertTrue(lead.stage_id)

    def test_rules_of_another_company_decide_nothing(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        pool = self.env["pipeline.assignment.pool"].create({"name": "Theirs", "company_id": other.id})
        self.rule.active = False
        self.env["pipeline.assignment.rule"].create({"name": "All", "pool_id": pool.id, "company_id": other.id})
        self.assertEqual(self.bring().assignment_facts["code"], "turn")

    def test_a_member_stays_within_the_day(self):
        self.member(self.ann).max_per_day = 1
        self.assertEqual(owners(self.bring(7)).count(self.ann), 1)
        with freeze_time(datetime.now() + timedelta(days=1)):
            self.env.invalidate_all()
            self.assertEqual(self.member(self.ann).today_count, 0)

    def test_a_chosen_person_keeps_what_a_manager_gave(self):
        lead = self.bring()
        lead.with_user(self.boss).sudo().write({"user_id": self.boss.id})
        self.env["pipeline.moments.mixin"]._flush_moments()
        self.assertEqual(lead.assignment_facts["code"], "manual")
        self.assertEqual(lead.assignment_reason, "Taken by Boss")
        lead.with_user(self.boss).sudo().write({"user_id": self.ann.id})
        self.env["pipeline.moments.mixin"]._flush_moments()
        self.assertEqual(lead.assignment_reason, "Assigned by Boss")

    def test_the_event_says_why(self):
        lead = self.bring()
        self.env["pipeline.moments.mixin"]._flush_moments()
        [event] = self.env["pipeline.event"].sudo().search([("story", "=", lead.uuid), ("kind", "=", "captured")])
        self.assertEqual(event.metadata["why"], "pool")
        self.assertEqual(event.metadata["rule"], self.rule.id)

    def test_nobody_forges_a_reason(self):
        lead = self.bring()
        with self.assertRaises(AccessError):
            lead.with_user(lead.user_id).write({"assignment_facts": {"code": "none"}})
        self.assertEqual(lead.assignment_facts["code"], "pool")


class TestWaiting(RulesCase):
    def setUp(self):
        super().setUp()
        self.pool.when_nobody = "wait"
        (self.ann + self.bob + self.cem)._switch_away(True)

    def test_a_lead_waits_until_somebody_is_in(self):
        leads = self.bring(3)
        self.assertFalse(leads.user_id)
        self.assertEqual(self.pool.waiting_count, 3)
        self.assertIn("waits until somebody is at work", leads[0].assignment_reason)
        self.bob._switch_away(False)
        self.pool._hand_out_waiting()
        self.assertEqual(leads.user_id, self.bob)
        self.assertFalse(leads.waiting_pool_id)
        self.assertIn("Bavaria", leads[0].assignment_reason)
        self.assertIn(self.bob.partner_id, leads[0].message_partner_ids)

    def test_coming_back_calls_the_job(self):
        self.bring()
        triggers = self.env["ir.cron.trigger"].sudo()
        cron = self.env.ref("sales_pipeline.ir_cron_hand_out_waiting")
        before = triggers.search_count([("cron_id", "=", cron.id)])
        self.bob._switch_away(False)
        self.assertEqual(triggers.search_count([("cron_id", "=", cron.id)]), before + 1)

    def test_a_lead_taken_by_hand_waits_no_more(self):
        lead = self.bring()
        lead.with_user(self.boss).sudo().user_id = self.boss
        self.env["pipeline.moments.mixin"]._flush_moments()
        self.assertFalse(lead.waiting_pool_id)

    def test_by_default_the_next_one_gets_it_anyway(self):
        self.pool.when_nobody = "anyway"
        lead = self.bring()
        self.assertEqual(lead.user_id, self.ann)
        self.assertIn("nobody was at work", lead.assignment_reason)


class TestTyped(RulesCase):
    def enter(self, user, **values):
        return self.env["crm.lead"].with_user(user)._enter_manually({
            "type": "lead", "name": "Typed", "contact_name": "T", "user_id": False, "team_id": self.team.id,
            "country_id": self.germany.id, "zip": "80331", **values,
        })  # fmt: skip

    def test_a_typed_lead_follows_the_rules(self):
        admin = new_test_user(self.env, "rules_admin", groups="sales_pipeline.group_admin")
        lead = self.enter(admin)
        self.assertEqual((lead.user_id, lead.assignment_facts["code"]), (self.ann, "pool"))

    def test_who_may_not_hand_out_keeps_it_and_takes_no_turn(self):
        lead = self.enter(self.bob)
        self.assertEqual(lead.user_id, self.bob)
        self.assertEqual(lead.assignment_reason, "Taken by Bob")
        self.assertEqual(sum(self.pool.member_ids.mapped("turn")), 0)

    def test_a_named_person_stays(self):
        lead = self.enter(self.boss, user_id=self.boss.id)
        self.assertEqual((lead.user_id, lead.assignment_facts["code"]), (self.boss, "manual"))


class TestBacklog(RulesCase):
    def make(self, count, **values):
        return self.env["crm.lead"].create([
            {"name": f"B{number}", "type": "lead", "user_id": False, "team_id": self.team.id,
             "country_id": self.germany.id, "zip": "80331", **values}
            for number in range(count)
        ])  # fmt: skip

    def test_leads_without_an_owner_are_handed_out_like_new_ones(self):
        leads = self.make(7) + self.make(2, country_id=self.france.id)
        self.env["pipeline.moments.mixin"]._flush_moments()
        leads.with_user(self.env.ref("base.user_admin")).action_assign_by_rules()
        self.env["pipeline.moments.mixin"]._flush_moments()
        self.assertEqual(sorted(Counter(owners(leads[:7])).values()), [2, 2, 3])
        self.assertEqual(leads[7:].user_id & self.reps, leads[7:].user_id)
        self.assertTrue(all(lead.user_id.partner_id in lead.message_partner_ids for lead in leads))
        self.assertEqual(leads[0].assignment_facts["code"], "pool")
        events = self.env["pipeline.event"].sudo().search_count(
            [("kind", "=", "assigned"), ("story", "in", leads.mapped("uuid"))]
        )
        self.assertEqual(events, 9)

    def test_what_somebody_has_stays_with_them(self):
        mine = self.make(1, user_id=self.boss.id)
        mine.with_user(self.env.ref("base.user_admin")).action_assign_by_rules()
        self.assertEqual(mine.user_id, self.boss)

    def test_a_rep_hands_out_nothing(self):
        leads = self.make(1)
        with self.assertRaises(AccessError):
            leads.with_user(self.ann).action_assign_by_rules()
        self.assertFalse(leads.user_id)


    def test_a_whole_backlog_is_handed_out_by_the_job(self):
        self.env["crm.lead"].search([("user_id", "=", False)]).active = False
        leads = self.make(4) + self.make(1, team_id=False, company_id=False)
        kept = self.make(1, pipeline_source_id=self.source.copy({"owner_rule": "nobody"}).id)
        run = self.env["pipeline.assignment.run"].with_user(self.env.ref("base.user_admin"))._start()
        self.assertEqual(run.total_count, 5)
        again = self.env["pipeline.assignment.run"].with_user(self.env.ref("base.user_admin"))._start()
        self.assertEqual(again, run)
        run._take_chunk()
        self.assertEqual((run.state, run.given_count, run.left_count), ("done", 5, 0))
        self.assertEqual(sorted(Counter(owners(leads)).values()), [1, 2, 2])
        self.assertFalse(kept.user_id)

    def test_a_rep_starts_no_run(self):
        with self.assertRaises(AccessError):
            self.env["pipeline.assignment.run"].with_user(self.ann)._start()
        self.assertFalse(self.env["pipeline.assignment.run"].search([("user_id", "=", self.ann.id)]))

    def test_a_trial_names_the_person_and_takes_no_turn(self):
        lead = self.make(1)
        self.team.user_id = self.boss
        other = self.make_rule("Later", self.make_pool("North", self.boss), sequence=99)
        trial = self.env["pipeline.assignment.trial"].with_user(self.boss).create({"lead_id": lead.id})
        self.assertEqual(trial.user_name, "Ann")
        self.assertIn("Bavaria", trial.outcome)
        self.assertEqual(dict(zip(trial.line_ids.mapped("name"), trial.line_ids.mapped("verdict"), strict=True)),
                         {"Bavaria": "fits", other.name: "later"})
        self.assertFalse(lead.user_id)
        self.assertEqual(sum(self.pool.member_ids.mapped("turn")), 0)


class TestConfiguration(RulesCase):
    def test_a_bad_postcode_is_refused_in_words(self):
        with self.assertRaises(ValidationError) as refusal:
            self.rule.zips = "85-80"
        self.assertIn("85-80", str(refusal.exception))
        self.assertEqual(self.rule.zips, "80-87")

    def test_conditions_that_cannot_be_read_are_refused(self):
        with self.assertRaises(ValidationError):
            self.rule.domain = "[('no_such_field', '=', 1)]"
        self.assertEqual(self.rule.domain, "[]")

    def test_a_rule_says_how_many_of_the_last_leads_it_fits(self):
        self.bring(2)
        self.bring(country_code="FR")
        self.env.flush_all()
        self.rule.invalidate_recordset()
        self.assertEqual(self.rule.match_count, 2)
        with Form(self.rule) as form:
            form.zips = "99"
            self.assertEqual(form.match_count, 0)
            form.zips = "80"

    def test_a_rep_reads_the_pools_one_is_in_and_changes_none(self):
        other = self.make_pool("North", self.boss)
        pools = self.env["pipeline.assignment.pool"].with_user(self.ann)
        self.assertEqual(pools.search([("id", "in", (self.pool + other).ids)]), self.pool.with_user(self.ann))
        self.assertTrue(self.member(self.bob).with_user(self.ann).read(["weight"]))
        with self.assertRaises(AccessError):
            self.member(self.ann).with_user(self.ann).weight = 9
        self.assertEqual(self.member(self.ann).weight, 1)

    def test_a_manager_of_another_company_sees_none(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.boss.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        for model in ("rule", "pool", "member"):
            records = self.env[f"pipeline.assignment.{model}"].with_user(self.boss).with_company(other)
            self.assertFalse(records.search([]))

    def test_who_joins_again_is_owed_nothing(self):
        self.bring(3)
        self.member(self.bob).active = False
        self.assertNotIn(self.bob, self.bring(8).user_id)
        self.member(self.bob).active = True
        self.assertEqual(Counter(owners(self.bring(9))), {self.ann: 3, self.bob: 3, self.cem: 3})

    def test_members_work_in_the_company_of_their_pool(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        with self.assertRaises(ValidationError):
            self.env["pipeline.assignment.pool"].create({
                "name": "Wrong", "company_id": other.id, "member_ids": [Command.create({"user_id": self.ann.id})],
            })  # fmt: skip
        self.assertFalse(self.env["pipeline.assignment.pool"].search([("name", "=", "Wrong")]))
