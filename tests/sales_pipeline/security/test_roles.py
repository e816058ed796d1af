"""Who sees and changes which leads."""

from odoo import Command
from odoo.exceptions import AccessError, UserError

from tests.sales_pipeline.security.common import NEEDLE, RolesCase

ALL = {"own", "colleagues", "waiting", "stray", "souths", "stocks"}
SEEN = {
    "rep": {"own"},
    "colleague": {"colleagues"},
    "south_rep": {"souths"},
    "manager": {"own", "colleagues", "waiting"},
    "south_manager": {"souths"},
    "success": set(),
    "administrator": ALL,
    "salesman": {"waiting", "stray", "stocks"},
    "stock_all": ALL,
}
OUTSIDERS = ("plain", "portal", "public")


class TestWhoSeesLeads(RolesCase):
    def test_each_role_finds_its_leads_and_no_others_however_it_asks(self):
        for role, expected in SEEN.items():
            leads = self.as_role(role, self.env["crm.lead"])
            domain = [("name", "like", NEEDLE)]
            with self.subTest(role):
                self.assertEqual(self.names(leads.search(domain)), expected)
                self.assertEqual(leads.search_count(domain), len(expected))
                self.assertEqual(leads._read_group(domain, [], ["__count"]), [(len(expected),)])
                self.assertEqual(len(leads.name_search(NEEDLE)), len(expected))
                found = leads.with_context(active_test=False, with_deleted=True).search(domain)
                self.assertEqual(self.names(found), expected)

    def test_each_role_reads_by_number_only_what_it_finds(self):
        for role, expected in SEEN.items():
            for name, lead in self.leads.items():
                with self.subTest(role=role, lead=name):
                    seen = self.as_role(role, lead)
                    if name in expected:
                        self.assertEqual(seen.read(["contact_name"])[0]["contact_name"], name)
                    else:
                        self.assertRefused(lambda seen=seen: seen.read(["contact_name"]), lead)

    def test_outsiders_see_no_lead_at_all(self):
        for role in OUTSIDERS:
            leads = self.as_role(role, self.env["crm.lead"])
            with self.subTest(role):
                self.assertRefused(lambda leads=leads: leads.search([]))
                self.assertRefused(lambda leads=leads: leads.search_count([]))
                self.assertRefused(lambda leads=leads: leads.browse(self.leads["own"].id).read(["name"]))

    def test_who_left_a_team_sees_it_no_more(self):
        self.memberships["south_manager"].active = False
        seen = self.as_role("south_manager", self.env["crm.lead"]).search([("name", "like", NEEDLE)])
        self.assertFalse(seen)
        self.assertRefused(
            lambda: self.as_role("south_manager", self.leads["souths"]).read(["name"]), self.leads["souths"]
        )

    def test_a_manager_sees_the_own_leads_in_other_teams_too(self):
        self.leads["souths"].user_id = self.users["manager"]
        self.assertEqual(self.as_role("manager", self.leads["souths"]).name, f"{NEEDLE} souths")

    def test_a_rep_with_odoos_see_all_right_still_sees_the_own_leads_only(self):
        self.users["rep"].group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        seen = self.as_role("rep", self.env["crm.lead"]).search([("name", "like", NEEDLE)])
        self.assertEqual(self.names(seen), {"own"})

    def test_a_salesman_who_becomes_rep_loses_the_unassigned_leads_and_gets_them_back_afterwards(self):
        def seen():
            return self.names(self.as_role("salesman", self.env["crm.lead"]).search([("name", "like", NEEDLE)]))

        self.assertEqual(seen(), SEEN["salesman"])
        self.users["salesman"].group_ids = [Command.link(self.env.ref("sales_pipeline.group_rep").id)]
        self.assertEqual(seen(), {"stocks"})
        self.users["salesman"].group_ids = [Command.unlink(self.env.ref("sales_pipeline.group_rep").id)]
        self.assertEqual(seen(), SEEN["salesman"])

    def test_the_narrowing_leaves_with_its_rule(self):
        self.env.ref("sales_pipeline.crm_lead_rule_narrowed").active = False
        seen = self.as_role("rep", self.env["crm.lead"]).search([("name", "like", NEEDLE)])
        self.assertEqual(self.names(seen), {"own", "waiting", "stray"})

    def test_activity_analysis_follows_the_leads(self):
        call = self.env.ref("mail.mail_activity_data_call")
        for lead in self.everything:
            activity = lead.activity_schedule(activity_type_id=call.id, user_id=self.env.uid)
            activity._action_done()
        self.env.flush_all()
        for role in ("rep", "manager", "south_manager", "administrator"):
            report = self.as_role(role, self.env["crm.activity.report"])
            with self.subTest(role):
                self.assertEqual(
                    self.names(report.search([("lead_id", "in", self.everything.ids)]).sudo().lead_id), SEEN[role]
                )

    def test_what_was_said_and_planned_is_seen_with_the_lead(self):
        for lead in self.everything:
            lead.message_post(body="said")
            lead.activity_schedule("mail.mail_activity_data_call", user_id=self.env.uid)
        domain = [("res_id", "in", self.everything.ids)]
        for role in ("rep", "manager", "success"):
            with self.subTest(role):
                messages = self.as_role(role, self.env["mail.message"]).search([*domain, ("model", "=", "crm.lead")])
                activities = self.as_role(role, self.env["mail.activity"]).search(
                    [*domain, ("res_model", "=", "crm.lead")]
                )
                self.assertEqual(set(messages.sudo().mapped("res_id")), {self.leads[name].id for name in SEEN[role]})
                self.assertEqual(set(activities.sudo().mapped("res_id")), {self.leads[name].id for name in SEEN[role]})


class TestWhoChangesLeads(RolesCase):
    def each_foreign_lead(self, role):
        for name in ALL - SEEN[role]:
            yield self.leads[name], self.as_role(role, self.leads[name])

    def test_who_sees_a_lead_may_change_it(self):
        for role in ("rep", "manager", "administrator", "salesman"):
            for name in SEEN[role]:
                with self.subTest(role=role, lead=name):
                    self.as_role(role, self.leads[name]).write({"city": role})
                    self.assertEqual(self.leads[name].city, role)

    def test_nobody_changes_a_lead_of_others_by_any_road(self):
        for role in ("rep", "manager", "south_manager", "success"):
            for lead, foreign in self.each_foreign_lead(role):
                with self.subTest(role=role, lead=lead.name):
                    self.assertRefused(lambda foreign=foreign: foreign.write({"city": "Elsewhere"}), lead)
                    self.assertRefused(lambda foreign=foreign: foreign.write({"user_id": foreign.env.uid}), lead)
                    self.assertRefused(lambda foreign=foreign: foreign.web_save({"city": "Elsewhere"}, {}), lead)
                    self.assertRefused(lambda foreign=foreign: foreign.unlink(), lead)
                    self.assertRefused(lambda foreign=foreign: foreign.action_set_lost(), lead)
                    self.assertRefused(lambda foreign=foreign: foreign.action_mark_contacted(), lead)
                    self.assertRefused(lambda foreign=foreign: foreign.action_qualify(), lead)
                    self.assertRefusedInTime(lambda foreign=foreign: foreign.message_post(body="Hello"), lead)
                    self.assertRefusedInTime(
                        lambda foreign=foreign: foreign.activity_schedule("mail.mail_activity_data_call"), lead
                    )

    def test_a_set_with_one_foreign_lead_is_refused_as_a_whole(self):
        mixed = self.leads["own"] + self.leads["colleagues"]
        self.assertRefused(lambda: self.as_role("rep", mixed).write({"city": "Elsewhere"}), mixed)

    def test_a_rep_converts_the_own_lead_only(self):
        for lead, foreign in self.each_foreign_lead("rep"):
            with self.subTest(lead.name):
                self.assertRefused(lambda foreign=foreign: foreign.action_convert(), lead)
                self.assertRefused(lambda foreign=foreign: foreign.convert_opportunity(self.env["res.partner"]), lead)
                self.assertRefused(lambda foreign=foreign: foreign.write({"type": "opportunity"}), lead)
        self.as_role("rep", self.leads["own"]).action_convert()
        self.assertEqual(self.leads["own"].type, "opportunity")

    def test_a_rep_logs_calls_on_the_own_lead_only(self):
        log = self.as_role("rep", self.env["pipeline.call.log"])
        for name in ALL - {"own"}:
            with self.subTest(name):
                self.assertRefusedInTime(
                    lambda name=name: log.create({"lead_id": self.leads[name].id}).action_log(), self.leads[name]
                )
        log.create({"lead_id": self.leads["own"].id}).action_log()
        self.assertEqual(self.leads["own"].qualification, "contacted")

    def test_a_rep_merges_no_foreign_lead_into_the_own(self):
        both = self.leads["own"] + self.leads["colleagues"]
        self.assertRefused(lambda: self.as_role("rep", both).merge_opportunity(), both)
        self.assertEqual(both.exists(), both)

    def test_a_rep_makes_leads_for_nobody_else(self):
        leads = self.as_role("rep", self.env["crm.lead"])
        for owner in (self.users["colleague"].id, False):
            with self.subTest(owner=owner):
                self.assertNotMade(
                    lambda owner=owner: leads.create({"name": "For another", "user_id": owner}), "crm.lead"
                )
        self.assertEqual(leads.create({"name": "Mine"}).user_id, self.users["rep"])

    def test_outsiders_learn_nothing_by_typing_in_a_contact(self):
        entry = {"name": "Probe", "type": "lead", "email_from": "colleagues@leads.example"}
        for role in (*OUTSIDERS, "success"):
            with self.subTest(role):
                leads = self.as_role(role, self.env["crm.lead"])
                self.assertRefused(lambda leads=leads: leads.web_save(entry, {"name": {}}), self.leads["colleagues"])

    def test_nobody_asks_another_company_for_a_contact(self):
        other = self.env["res.company"].create({"name": "Other company"})
        known = self._make_lead("abroad", None, None, company_id=other.id)
        self.flush()
        entry = {"name": "Probe", "type": "lead", "email_from": "abroad@leads.example", "company_id": other.id}
        leads = self.as_role("rep", self.env["crm.lead"])
        self.assertRefused(lambda: leads.web_save(entry, {"name": {}}), known)

    def test_who_types_in_a_lead_without_an_owner_keeps_what_may_not_be_handed_out(self):
        self.north.last_turn_user_id = self.users["rep"]
        for role, owner in {"rep": "rep", "salesman": "salesman", "manager": "colleague", "stock_all": "rep"}.items():
            with self.subTest(role):
                leads = self.as_role(role, self.env["crm.lead"])
                values = {"name": role, "type": "lead", "team_id": self.north.id, "email_from": f"{role}@typed.example"}
                shown = leads.web_save({**values, "user_id": False}, {"name": {}})
                self.assertEqual(self.env["crm.lead"].browse(shown[0]["id"]).user_id, self.users[owner])

    def test_a_rep_who_types_in_the_contact_of_a_colleague_learns_no_more_than_the_owner(self):
        entry = {"name": "Again", "type": "lead", "email_from": "colleagues@leads.example"}
        leads = self.as_role("rep", self.env["crm.lead"])
        self.assertRefused(lambda: leads.web_save(entry, {"name": {}}), self.leads["colleagues"], error=UserError)

    def test_customer_success_makes_no_leads(self):
        leads = self.as_role("success", self.env["crm.lead"])
        self.assertNotMade(lambda: leads.create({"name": "New", "user_id": leads.env.uid}), "crm.lead")

    def test_a_manager_makes_leads_for_the_team_and_not_for_another(self):
        leads = self.as_role("manager", self.env["crm.lead"])
        made = leads.create({"name": "Theirs", "user_id": self.users["rep"].id, "team_id": self.north.id})
        self.assertEqual(made.user_id, self.users["rep"])
        values = {"name": "Not ours", "user_id": self.users["south_rep"].id, "team_id": self.south.id}
        self.assertNotMade(lambda: leads.create(values), "crm.lead")


class TestWhoDeletes(RolesCase):
    def test_reps_and_salesmen_delete_nothing_not_even_their_own(self):
        for role, name in (("rep", "own"), ("salesman", "stocks")):
            lead = self.leads[name]
            with self.subTest(role):
                own = self.as_role(role, lead)
                self.assertRefused(own.unlink, lead)
                self.assertRefused(own.with_context(hard_unlink=True).unlink, lead)
                self.assertRefused(own.with_context(install_mode=True).unlink, lead)

    def test_a_rep_cannot_delete_by_writing_the_mark_of_deletion(self):
        own = self.as_role("rep", self.leads["own"])
        for values in (
            {"deleted_at": "2026-01-01"},
            {"deleted_uid": self.users["colleague"].id},
            {"deleted_links": {}},
        ):
            with self.subTest(values):
                self.assertRefused(lambda values=values: own.write(values), self.leads["own"])

    def test_nobody_rewrites_the_story_of_a_lead(self):
        for role in ("rep", "manager", "administrator"):
            with self.subTest(role):
                own = self.as_role(role, self.leads["own"])
                self.assertRefused(
                    lambda own=own: own.write({"uuid": self.leads["souths"].uuid + "x"}), self.leads["own"]
                )

    def test_a_manager_deletes_and_restores_in_the_own_team(self):
        lead = self.as_role("manager", self.leads["colleagues"])
        lead.unlink()
        self.assertTrue(self.leads["colleagues"].deleted_at)
        self.assertEqual(self.leads["colleagues"].deleted_uid, self.users["manager"])
        self.assertFalse(lead.search([("id", "=", lead.id)]))
        self.as_role("manager", self.leads["colleagues"]).action_restore_deleted()
        self.assertFalse(self.leads["colleagues"].deleted_at)

    def test_a_rep_restores_nothing(self):
        lead = self.leads["own"]
        self.as_role("manager", lead).unlink()
        self.flush()
        own = self.as_role("rep", lead)
        self.assertRefused(own.action_restore_deleted, lead)
        self.assertRefused(lambda: own.write({"deleted_at": False}), lead)

    def test_a_manager_restores_nothing_of_another_team(self):
        lead = self.leads["souths"]
        self.as_role("administrator", lead).unlink()
        self.flush()
        self.assertRefused(lambda: self.as_role("manager", lead).action_restore_deleted(), lead)

    def test_an_administrator_deletes_and_restores_everywhere(self):
        everything = self.as_role("administrator", self.everything)
        everything.unlink()
        self.assertTrue(all(self.everything.mapped("deleted_at")))
        self.as_role("administrator", self.everything).action_restore_deleted()
        self.assertFalse(any(self.everything.mapped("deleted_at")))


class TestCriteria(RolesCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.criteria = {
            team.name: cls.env["pipeline.criterion"].create({"name": f"Budget {team.name}", "team_id": team.id})
            for team in cls.teams
        }

    def test_reps_read_criteria_and_change_none(self):
        criterion = self.criteria["North"]
        seen = self.as_role("rep", criterion)
        self.assertEqual(seen.name, "Budget North")
        self.assertRefused(lambda: seen.write({"name": "Nothing"}), criterion)
        self.assertRefused(seen.unlink, criterion)
        self.assertNotMade(lambda: seen.create({"name": "New", "team_id": self.north.id}), "pipeline.criterion")

    def test_a_manager_steers_the_own_team_and_no_other(self):
        own, other = self.criteria["North"], self.criteria["South"]
        self.as_role("manager", own).write({"name": "Budget is known"})
        self.assertEqual(own.name, "Budget is known")
        foreign = self.as_role("manager", other)
        self.assertRefused(lambda: foreign.write({"name": "Nothing"}), other)
        self.assertRefused(foreign.unlink, other)
        self.assertNotMade(lambda: foreign.create({"name": "New", "team_id": self.south.id}), "pipeline.criterion")
        self.as_role("manager", own).unlink()
        self.assertFalse(own.exists())

    def test_a_manager_pushes_no_criterion_onto_another_team(self):
        criterion = self.criteria["North"]
        before = criterion.team_id
        with self.assertRaises(AccessError):
            self.as_role("manager", criterion).write({"team_id": self.south.id})
        self.assertEqual(criterion.team_id, before)

    def test_an_administrator_steers_every_team(self):
        self.as_role("administrator", self.criteria["South"]).write({"name": "Changed"})
        self.assertEqual(self.criteria["South"].name, "Changed")

    def test_only_a_manager_goes_on_without_what_is_missing_and_says_why(self):
        lead = self.leads["own"]
        wizard = {"lead_id": lead.id, "reason": "I know them"}
        override = self.as_role("rep", self.env["pipeline.conversion.override"])
        self.assertRefusedInTime(lambda: override.create(wizard).action_convert(), lead, error=UserError)
        self.assertRefused(lambda: self.as_role("rep", lead).action_convert(), lead, error=UserError)
        self.as_role("manager", self.env["pipeline.conversion.override"]).create(wizard).action_convert()
        self.assertEqual(lead.type, "opportunity")

    def test_a_rep_finds_no_way_around_what_is_missing(self):
        lead = self.leads["own"]
        own = self.as_role("rep", lead)
        forged = own.with_context(pipeline_criteria_checked=True)
        self.assertRefused(lambda: forged.convert_opportunity(self.env["res.partner"]), lead, error=UserError)
        for status in ("qualified", "converted"):
            self.assertRefusedInTime(lambda status=status: own.write({"lead_status": status}), lead, error=UserError)
