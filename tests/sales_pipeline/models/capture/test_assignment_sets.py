"""Leads handed out together are as if they had been handed out one by one."""

from unittest.mock import patch

from odoo import Command

from tests.sales_pipeline.models.capture.test_assignment_rules import RulesCase

STORED = (
    "user_id", "team_id", "company_id", "stage_id", "assignment_facts", "waiting_pool_id", "probability",
    "automated_probability", "prorated_revenue", "won_status", "lead_status", "date_open", "day_open",
    "response_target_id", "response_minutes", "response_clock_at", "response_due_at", "response_state",
)  # fmt: skip


class TestSets(RulesCase):
    def make(self, count):
        """Make leads of both rules and of none, with and without team, followers and contact, and return them."""
        other = self.env["crm.team"].create({"name": "Elsewhere", "use_leads": True})
        leads = self.env["crm.lead"].create([
            {"name": f"S{number}", "type": "lead", "user_id": False, "team_id": (self.team + other)[number % 2].id,
             "country_id": (self.germany.id, self.france.id, False)[number % 3], "zip": "80331",
             "email_from": f"s{number}@sets.example", "expected_revenue": number, "capture_channel": "manual"}
            for number in range(count)
        ])  # fmt: skip
        for lead in leads[::7]:
            lead.message_subscribe(self.boss.partner_id.ids)
        self.settle()
        return leads

    def settle(self):
        self.env["pipeline.moments.mixin"]._flush_moments()
        self.env.invalidate_all()

    def start_anew(self):
        """Let everybody stand where they stood before anything was handed out."""
        self.env["pipeline.assignment.member"].search([]).write({"turn": 0, "taken_that_day": 0, "taken_that_month": 0})
        self.team.last_turn_user_id = False
        self.settle()

    def look_at(self, leads):
        """Return what is stored of each lead: its fields, followers, events and notices."""
        events, notices = self.env["pipeline.event"].sudo(), self.env["pipeline.notice"].sudo()
        return [
            {
                "fields": {name: lead[name] for name in STORED},
                "followers": sorted(
                    (follower.partner_id.id, sorted(follower.subtype_ids.ids)) for follower in lead.message_follower_ids
                ),
                "events": [
                    (event.kind, event.actor_id, event.metadata)
                    for event in events.search([("story", "=", lead.uuid), ("kind", "!=", "created")], order="id")
                ],
                "notices": sorted(
                    (notice.user_id.id, notice.kind, bool(notice.mail_at))
                    for notice in notices.search([("lead_id", "=", lead.id)])
                ),
            }
            for lead in leads
        ]

    def set_up_rules(self):
        north = self.make_pool("North", self.boss, self.ann, team_id=self.team.id)
        self.make_rule("France", north, country_ids=self.france.ids)
        self.pool.member_ids[2].max_per_day = 4
        self.pool.when_nobody = "wait"

    def hand_out_both_ways(self):
        alone, together = self.make(50), self.make(50)
        for lead in alone:
            lead._hand_out_leads()
            self.settle()
        self.start_anew()
        together._hand_out_leads()
        self.settle()
        return self.look_at(alone), self.look_at(together)

    def test_fifty_leads_together_store_what_fifty_alone_store(self):
        self.set_up_rules()
        alone, together = self.hand_out_both_ways()
        for one, other in zip(alone, together, strict=True):
            # The two teams that were made for each set differ by nothing but their id.
            one["fields"]["team_id"], other["fields"]["team_id"] = (
                each["fields"]["team_id"].name for each in (one, other)
            )
            self.assertEqual(one, other)
        self.assertEqual({len(each["followers"]) for each in together if each["fields"]["user_id"]}, {1, 2})
        self.assertTrue(all(each["fields"]["assignment_facts"] for each in together))
        self.assertTrue(any(each["notices"] for each in together))

    def test_what_odoo_works_out_is_what_a_plain_write_makes_of_it(self):
        self.set_up_rules()
        together, plain = self.make(20), self.make(20)
        together._hand_out_leads()
        for lead, like in zip(plain, together, strict=True):
            team = like.team_id if like.team_id == self.team else lead.team_id
            lead.write({"user_id": like.user_id.id, "team_id": team.id})
        self.settle()
        for name in ("stage_id", "probability", "automated_probability", "prorated_revenue", "date_open", "company_id"):
            self.assertEqual(plain.mapped(name), together.mapped(name), name)
        self.assertEqual(plain.mapped("user_id"), together.mapped("user_id"))

    def test_where_another_app_subscribes_people_it_is_asked_of_each_lead(self):
        asked = []
        model = self.env.registry["crm.lead"]
        original = model._message_auto_subscribe

        def subscribe(leads, values, *args, **kwargs):
            asked.extend(leads.ids)
            return original(leads, values, *args, **kwargs)

        leads = self.make(6)
        with patch.object(model, "_find_foreign_methods", lambda *_args: ["another app"]), \
                patch.object(model, "_message_auto_subscribe", subscribe):  # fmt: skip
            leads._hand_out_leads()
        self.assertTrue(leads.filtered("user_id"))
        self.assertEqual(sorted(asked), leads.filtered("user_id").ids)

    def test_who_follows_already_stays_and_the_owner_comes_to_it(self):
        leads = self.make(15)
        self.rule.pool_id.member_ids = [Command.set(self.member(self.ann).ids)]
        leads._hand_out_leads()
        self.settle()
        followed = leads.filtered(lambda lead: lead.country_id == self.germany)
        self.assertTrue(all(self.ann.partner_id in lead.message_partner_ids for lead in followed))
        self.assertIn(self.boss.partner_id, leads[0].message_partner_ids)
        self.assertNotIn(self.boss.partner_id, leads[3].message_partner_ids)
