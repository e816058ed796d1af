"""Merging leads and deals, and taking a merge apart again."""
import time
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user
from odoo.tools import SQL

from odoo.addons.sales_pipeline.models.crm_lead import HARD_UNLINK
from tests.common import PipelineCase

# The log only grows; the ledger tells of the merge itself; contacts are made anew from leads, compared on
# their own, and wait to be looked at.
UNCOMPARED = {
    "pipeline_merge", "pipeline_merge_row", "pipeline_merge_loser_rel", "pipeline_contact", "pipeline_contact_key",
    "pipeline_contact_todo", "pipeline_event_detail", "bus_bus", "ir_cron_trigger",
}  # fmt: skip


class MergeCase(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leads = cls.env["crm.lead"].with_context(tracking_disable=False)
        cls.rep = new_test_user(cls.env, "merge_rep", groups="sales_pipeline.group_rep")
        cls.other_rep = new_test_user(cls.env, "merge_other", groups="sales_pipeline.group_rep")

    def create_lead(self, name, **values):
        return self.leads.create({"name": name, "type": "lead", "user_id": self.rep.id, **values})

    def flush(self):
        self.env["pipeline.moments.mixin"]._flush_moments()
        self.env.flush_all()
        self.env.invalidate_all()

    def merge(self, survivor, others, choices=None):
        merge = self.leads._merge_leads(survivor, others, choices)
        self.flush()
        return merge

    def hash_tables(self):
        """Return a hash of all rows of each table of the database, whatever it is."""
        self.flush()
        self.env.cr.execute(
            "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE relkind = 'r' AND nspname = current_schema AND relname NOT LIKE 'pipeline_event%'"
        )
        tables = sorted({name for (name,) in self.env.cr.fetchall()} - UNCOMPARED)
        parts = [
            SQL("SELECT %s, md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM %s t", table,
                SQL.identifier(table))
            for table in tables
        ]  # fmt: skip
        self.env.cr.execute(SQL(" UNION ALL ").join(parts))
        return dict(self.env.cr.fetchall())

    def read_contacts(self, leads):
        self.env.cr.execute(
            "SELECT res_id, company_id, features, (SELECT array_agg(key ORDER BY key) FROM pipeline_contact_key k "
            "WHERE k.contact_id = c.id) FROM pipeline_contact c WHERE res_model = 'crm.lead' AND res_id = ANY(%s) "
            "ORDER BY res_id", (leads.ids,)
        )  # fmt: skip
        return self.env.cr.fetchall()

    def differing(self, before, after):
        return sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))


class TestEverythingFollows(MergeCase):
    def fill(self, lead, number):
        """Give a lead one of everything that can belong to it."""
        partner = self.env["res.partner"].create({"name": f"Person {number}", "email": f"p{number}@example.com"})
        lead.write({"tag_ids": [Command.create({"name": f"Merge tag {number}"})], "partner_id": partner.id})
        lead.message_subscribe(partner.ids)
        lead.message_post(body=f"Hello {number}", subject="Offer", author_id=partner.id, message_type="email")
        lead.message_post(body="No subject")
        planned = lead.activity_schedule("mail.mail_activity_data_call", summary="Call")
        done = lead.activity_schedule("mail.mail_activity_data_todo", summary="Done")
        done.action_feedback(feedback="It is done")
        self.env["ir.attachment"].create(
            {"name": "plan.txt", "raw": b"x%d" % number, "res_model": "crm.lead", "res_id": lead.id}
        )
        self.env["calendar.event"].create({
            "name": "Visit", "start": "2031-01-01 10:00:00", "stop": "2031-01-01 11:00:00", "opportunity_id": lead.id,
            "res_model_id": self.env["ir.model"]._get_id("crm.lead"), "res_id": lead.id,
        })  # fmt: skip
        self.env["sale.order"].create({"partner_id": partner.id, "opportunity_id": lead.id})
        self.env["pipeline.touch"].create({"lead_id": lead.id, "capture_channel": "website"})
        return planned, done

    def prepare(self, count):
        leads = self.leads
        for number in range(count):
            leads |= self.create_lead(
                f"Lead {number}", type="opportunity" if number % 3 == 0 else "lead", contact_name=f"Ann {number}",
                email_from=f"ann{number}@example.com", description=f"<p>Note {number}</p>",
                expected_revenue=100.5 * number,
            )  # fmt: skip
        for number, lead in enumerate(leads):
            self.fill(lead, number)
        self.flush()
        return leads

    def test_only_a_merged_lead_tells_of_a_merge(self):
        survivor, other = self.create_lead("Ann"), self.create_lead("Anna")
        self.assertEqual([lead.merge_note for lead in survivor | self.leads.new({})], [False, False])
        merge = self.merge(survivor, other)
        self.assertIn("Anna", survivor.merge_note)
        merge._undo()
        self.flush()
        self.assertFalse(survivor.merge_note)

    def test_fifty_leads_become_one_and_fifty_again_as_if_nothing_had_happened(self):
        leads = self.prepare(50)
        survivor, others = leads[0], leads[1:]
        before, contacts = self.hash_tables(), self.read_contacts(leads)
        start = time.monotonic()
        merge = self.merge(survivor, others, {"name": others[3].id, "expected_revenue": others[7].id})
        merged_in = time.monotonic() - start
        self.assertEqual(survivor.name, "Lead 4")
        self.assertTrue(all(others.mapped("deleted_at")))
        self.assertNotEqual(self.hash_tables(), before)
        start = time.monotonic()
        merge._undo()
        self.flush()
        undone_in = time.monotonic() - start
        self.assertEqual(self.differing(before, self.hash_tables()), [])
        self.assertEqual(self.read_contacts(leads), contacts)
        # 1.0 and 0.2 s on a quiet machine
        self.assertLess(merged_in, 30)
        self.assertLess(undone_in, 30)

    def test_all_that_belongs_to_a_lead_moves_done_to_dos_too(self):
        survivor, other = self.prepare(2)
        survivor.type = "opportunity"
        done = self.env["mail.activity"].with_context(active_test=False)
        self.merge(survivor, other)
        of_survivor = [("res_model", "=", "crm.lead"), ("res_id", "=", survivor.id)]
        self.assertEqual(done.search_count([*of_survivor, ("active", "=", False)]), 2)
        self.assertEqual(done.search_count([*of_survivor, ("active", "=", True)]), 4, "Odoo adds one a meeting")
        self.assertEqual(len(survivor.order_ids), 2)
        self.assertEqual(len(survivor.touch_ids), 2)
        self.assertEqual(self.env["calendar.event"].search_count([("opportunity_id", "=", survivor.id)]), 2)
        self.assertEqual(self.env["ir.attachment"].search_count(of_survivor), 2)
        self.assertEqual(len(survivor.tag_ids), 2)
        self.assertIn("Note 0", survivor.description)
        self.assertIn("Note 1", survivor.description)
        for link in self.env["pipeline.merge"]._find_used_links(other.ids):
            # what stays are values of the other itself, and who followed it in silence
            self.assertIn(link.table, ("crm_tag_rel", "mail_followers"))

    def test_every_table_that_points_to_leads_is_known(self):
        tables = {(link.table, link.column) for link in self.env["pipeline.merge"]._get_links()}
        known = {
            ("sale_order", "opportunity_id"), ("mail_activity", "res_id"), ("mail_message", "res_id"),
            ("ir_attachment", "res_id"), ("calendar_event", "opportunity_id"), ("calendar_event", "res_id"),
            ("pipeline_touch", "lead_id"), ("pipeline_inbox", "lead_id"), ("pipeline_outbox", "res_id"),
            ("pipeline_conversion", "lead_id"), ("pipeline_customer", "opportunity_id"), ("crm_tag_rel", "lead_id"),
            ("mail_followers", "res_id"), ("crm_lead", "merged_into_id"),
        }  # fmt: skip
        self.assertEqual(known - tables, set())
        self.assertFalse([table for table, _column in tables if table.startswith("pipeline_event")])


class TestTheOneThatStays(MergeCase):
    def test_blanks_are_filled_and_known_values_stay(self):
        survivor = self.create_lead("Kept", email_from="kept@example.com")
        other = self.create_lead("Gone", email_from="gone@example.com", phone="+32470123456", whatsapp="+32470999999")
        self.merge(survivor, other)
        self.assertEqual(survivor.email_from, "kept@example.com")
        self.assertEqual(survivor.phone, "+32470123456")
        self.assertEqual(survivor.whatsapp, "+32470999999")

    def test_a_blank_is_filled_by_the_first_of_the_others_that_knows(self):
        survivor = self.create_lead("Kept")
        second, third = self.create_lead("Second", city="Liège"), self.create_lead("Third", city="Namur")
        self.merge(survivor, third | second)
        self.assertEqual(survivor.city, "Namur")

    def test_chosen_values_win_field_by_field(self):
        tag, other_tag = self.env["crm.tag"].create([{"name": "Chosen tag"}, {"name": "Left tag"}])
        survivor = self.create_lead("Kept", city="Liège", email_from="kept@example.com", tag_ids=other_tag.ids)
        other = self.create_lead("Gone", city="Namur", email_from="gone@example.com", tag_ids=tag.ids)
        self.merge(survivor, other, {"city": other.id, "tag_ids": other.id})
        self.assertEqual((survivor.city, survivor.email_from), ("Namur", "kept@example.com"))
        self.assertEqual(survivor.tag_ids, tag)

    def test_properties_of_the_same_team_fill_blanks(self):
        team = self.env["crm.team"].create({
            "name": "With properties",
            "lead_properties_definition": [
                {"name": "a1", "type": "char", "string": "Customer number"},
                {"name": "b2", "type": "char", "string": "Colour"},
            ],
        })  # fmt: skip
        leads = self.leads.create([{"name": name, "team_id": team.id, "user_id": False} for name in ("Kept", "Gone")])
        leads[0].lead_properties = {"a1": "", "b2": "red"}
        leads[1].lead_properties = {"a1": "C-17", "b2": "blue"}
        self.flush()
        before = self.hash_tables()
        merge = self.merge(leads[0], leads[1])
        self.assertEqual((leads[0].lead_properties["a1"], leads[0].lead_properties["b2"]), ("C-17", "red"))
        merge._undo()
        self.flush()
        self.assertEqual(self.differing(before, self.hash_tables()), [])

    def test_what_a_list_made_stays_known_as_that(self):
        source = self.env["pipeline.source"].create({"name": "Merge list", "provider": "bulk_upload"})
        brought = self.env["pipeline.import"].create({"name": "list.csv", "file": "YQo="})
        one, two = self.create_lead("One"), self.create_lead("Two")
        rows = self.env["pipeline.inbox"].create([
            {"source_id": source.id, "external_id": number, "lead_id": two.id, "import_id": import_id}
            for number, import_id in (("1", brought.id), ("2", False))
        ])  # fmt: skip
        self.merge(one, two)
        self.assertEqual(rows.mapped("lead_id").ids, [two.id, one.id])

    def test_the_best_is_proposed_first_open_deals_then_the_farthest(self):
        stages = self.env["crm.stage"].search([("is_won", "=", False)], order="sequence", limit=2)
        lead = self.create_lead("Lead")
        early = self.create_lead("Early", type="opportunity", stage_id=stages[0].id)
        far = self.create_lead("Far", type="opportunity", stage_id=stages[1].id)
        lost = self.create_lead("Lost", type="opportunity", stage_id=stages[1].id)
        lost.action_set_lost()
        self.assertEqual((lead | lost | early | far)._sort_for_merge().mapped("name"), ["Far", "Early", "Lost", "Lead"])

    def test_the_screen_is_told_who_differs_in_what_and_what_would_move(self):
        survivor = self.create_lead("Kept", city="Liège", expected_revenue=10, type="opportunity")
        other = self.create_lead("Gone", city="Namur", expected_revenue=10)
        other.message_post(body="Hello", message_type="comment")
        told = self.leads.with_user(self.rep).get_merge_comparison([other.id, survivor.id])
        rows = {row["name"]: row for row in told["fields"]}
        self.assertEqual([record["id"] for record in told["records"]], [survivor.id, other.id])
        self.assertEqual([record["can_stay"] for record in told["records"]], [True, False])
        self.assertTrue(rows["city"]["differs"])
        self.assertFalse(rows["expected_revenue"]["differs"])
        self.assertEqual(rows["city"]["texts"][other.id], "Namur")
        self.assertIn(("Messages", 1), told["records"][1]["moves"])

    def test_the_story_tells_both_lives_and_each_its_own_after_the_undo(self):
        survivor, other = self.create_lead("Kept"), self.create_lead("Gone")
        self.flush()
        events = self.env["pipeline.event"]
        merge = self.merge(survivor, other)
        self.assertEqual(
            [event["kind"] for event in events.get_timeline("crm.lead", survivor.id)["events"]],
            ["merged", "created", "created"],
        )
        merge._undo()
        self.flush()
        self.assertEqual(
            [event["kind"] for event in events.get_timeline("crm.lead", survivor.id)["events"]],
            ["unmerged", "merged", "created"],
        )
        self.assertEqual(
            [event["kind"] for event in events.get_timeline("crm.lead", other.id)["events"]], ["restored", "created"]
        )


class TestRefusals(MergeCase):
    def refused(self, survivor, others, choices=None, error=UserError):
        before = self.hash_tables()
        with self.assertRaises(error) as refusal:
            self.leads.with_user(self.rep)._merge_leads(
                survivor.with_user(self.rep), others.with_user(self.rep), choices
            )
        self.env.invalidate_all()
        self.assertEqual(self.differing(before, self.hash_tables()), [])
        return str(refusal.exception)

    def test_who_may_not_write_one_of_them_cannot_merge_it(self):
        mine, theirs = self.create_lead("Mine"), self.create_lead("Theirs", user_id=self.other_rep.id)
        self.refused(mine, theirs, error=AccessError)
        self.refused(theirs, mine, error=AccessError)
        with self.assertRaises(AccessError):
            self.leads.with_user(self.rep).get_merge_comparison([mine.id, theirs.id])
        with self.assertRaises(AccessError):
            (mine | theirs).with_user(self.rep).action_open_merge()

    def test_who_may_not_write_one_of_them_cannot_undo(self):
        mine, other = self.create_lead("Mine"), self.create_lead("Other")
        merge = self.merge(mine, other)
        with self.assertRaises(AccessError):
            merge.with_user(self.other_rep)._undo()
        self.assertEqual(merge.state, "merged")
        self.assertTrue(other.deleted_at)

    def test_who_may_no_longer_see_all_sides_cannot_undo_the_own_merge(self):
        for taken in ("other", "survivor"):
            with self.subTest(taken):
                sides = {"survivor": self.create_lead("Mine"), "other": self.create_lead("Other")}
                merge = self.leads.with_user(self.rep)._merge_leads(sides["survivor"], sides["other"])
                self.flush()
                sides[taken].with_context(with_deleted=True, tracking_disable=True).user_id = self.other_rep
                self.cr.flush()
                before = self.hash_tables()
                with self.assertRaises(AccessError):
                    merge.with_user(self.rep).action_undo()
                self.assertEqual(self.differing(before, self.hash_tables()), [])
                self.assertTrue(sides["other"].deleted_at)

    def test_a_deal_is_not_merged_into_a_lead(self):
        lead, deal = self.create_lead("Lead"), self.create_lead("Deal", type="opportunity")
        self.assertIn("deal", self.refused(lead, deal))

    def test_one_is_not_enough_and_fifty_one_are_too_many(self):
        lead = self.create_lead("One")
        self.assertIn("at least two", self.refused(lead, lead))
        many = self.leads.create([{"name": f"L{n}", "user_id": self.rep.id} for n in range(51)])
        self.assertIn("50", self.refused(many[0], many[1:]))

    def test_leads_of_two_companies_stay_apart(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.rep.company_ids |= company
        here = self.create_lead("Here", company_id=self.env.company.id)
        there = self.leads.create({"name": "There", "company_id": company.id, "user_id": self.rep.id, "team_id": False})
        rep = self.rep.with_context(allowed_company_ids=(self.env.company | company).ids)
        leads = self.leads.with_user(rep).with_context(allowed_company_ids=(self.env.company | company).ids)
        with self.assertRaisesRegex(UserError, "different companies"):
            leads._merge_leads(leads.browse(here.id), leads.browse(there.id))
        self.assertFalse(there.deleted_at)

    def test_only_compared_fields_of_the_chosen_leads_can_be_chosen(self):
        one, two, stranger = self.create_lead("One"), self.create_lead("Two"), self.create_lead("Stranger")
        self.assertIn("cannot be chosen: uuid", self.refused(one, two, {"uuid": two.id}))
        self.assertIn("cannot be chosen: company_id", self.refused(one, two, {"company_id": two.id}))
        self.assertIn("not part of this merge", self.refused(one, two, {"city": stranger.id}))
        self.assertFalse((one | two | stranger).merge_ids)

    def test_the_plan_of_a_merge_cannot_be_put_into_a_context(self):
        one, two = self.create_lead("One", city="Liège"), self.create_lead("Two", city="Namur")
        leads = (one | two).with_context(merge_plan={"order": [two.id, one.id], "choices": {"city": two.id}})
        self.assertIsNone(leads._get_merge_plan())

    def test_the_same_merge_asked_twice_is_done_once(self):
        one, two = self.create_lead("One"), self.create_lead("Two")
        merge = self.merge(one, two)
        self.assertEqual(self.merge(one, two), merge)
        self.assertEqual(self.env["pipeline.merge"].search_count([("survivor_id", "=", one.id)]), 1)

    def test_what_was_merged_away_cannot_be_merged_elsewhere(self):
        one, two, three = (self.create_lead(name) for name in ("One", "Two", "Three"))
        self.merge(one, two)
        self.assertIn("was merged into", self.refused(three, two))

    def test_what_was_merged_away_is_not_brought_back_alone(self):
        one, two = self.create_lead("One"), self.create_lead("Two")
        self.merge(one, two)
        with self.assertRaisesRegex(UserError, "Undo the merge"):
            two.action_restore_deleted()
        self.assertTrue(two.deleted_at)

    def test_nobody_says_by_hand_that_a_lead_was_merged(self):
        one, two = self.create_lead("One"), self.create_lead("Two")
        with self.assertRaises(AccessError):
            one.with_user(self.rep).write({"merged_into_id": two.id})
        self.assertFalse(one.merged_into_id)


class TestUndo(MergeCase):
    def test_what_was_changed_since_the_merge_stays_and_is_told(self):
        survivor = self.create_lead("Kept", email_from="kept@example.com")
        other = self.create_lead("Gone", city="Namur", phone="+32470123456")
        planned = other.activity_schedule("mail.mail_activity_data_call", summary="Call")
        merge = self.merge(survivor, other)
        survivor.city = "Liège"
        message = survivor.message_post(body="Said after the merge")
        planned.action_feedback(feedback="Reached")
        self.flush()
        merge._undo()
        self.flush()
        self.assertEqual((survivor.city, survivor.phone), ("Liège", False))
        self.assertEqual(message.res_id, survivor.id)
        self.assertEqual((planned.res_id, planned.active), (other.id, False))
        self.assertIn("City", survivor.message_ids[0].body)
        self.assertNotIn("Phone", survivor.message_ids[0].body)

    def test_merges_in_a_row_are_undone_from_the_last_to_the_first(self):
        first, second, third = (self.create_lead(name, city=f"City {name}") for name in ("A", "B", "C"))
        quote = self.env["sale.order"].create(
            {"partner_id": self.env.user.partner_id.id, "opportunity_id": first.id}
        )
        self.flush()
        before = self.hash_tables()
        inner = self.merge(second, first)
        outer = self.merge(third, second)
        self.assertEqual(quote.opportunity_id, third)
        self.assertEqual(first.merged_into_id, third)
        kinds = [event["kind"] for event in self.env["pipeline.event"].get_timeline("crm.lead", third.id)["events"]]
        self.assertEqual(kinds.count("created"), 3)
        with self.assertRaisesRegex(UserError, "“B” was merged into “C” afterwards"):
            inner._undo()
        outer._undo()
        self.flush()
        self.assertEqual((quote.opportunity_id, first.merged_into_id), (second, second))
        inner._undo()
        self.flush()
        self.assertEqual(self.differing(before, self.hash_tables()), [])

    def test_merges_into_one_lead_are_undone_in_any_order(self):
        for order in (lambda merges: merges, lambda merges: merges[::-1]):
            survivor = self.create_lead("Kept")
            others = [self.create_lead("Gone", city="Namur"), self.create_lead("Gone too", city="Mons", zip="7000")]
            self.flush()
            before = self.hash_tables()
            merges = [
                self.merge(survivor, others[0]),
                self.merge(survivor, others[1], {"city": others[1].id}),
            ]
            self.assertEqual((survivor.city, survivor.zip), ("Mons", "7000"))
            for merge in order(merges):
                merge._undo()
                self.flush()
            self.assertEqual(self.differing(before, self.hash_tables()), [])

    def test_an_undo_asked_twice_is_done_once(self):
        one, two = self.create_lead("One"), self.create_lead("Two")
        merge = self.merge(one, two)
        merge._undo()
        merge._undo()
        self.flush()
        told = self.env["pipeline.event"].sudo().search_count([("story", "=", one.uuid), ("kind", "=", "unmerged")])
        self.assertEqual(told, 1)

    def test_after_thirty_days_it_is_final_and_the_ledger_is_freed(self):
        one, two = self.create_lead("One"), self.create_lead("Two", city="Namur")
        merge = self.merge(one, two)
        self.assertAlmostEqual(merge.undo_until, fields.Datetime.now() + timedelta(days=30), delta=timedelta(minutes=5))
        merge.sudo().undo_until = fields.Datetime.now() - timedelta(minutes=1)
        with self.assertRaisesRegex(UserError, "final"):
            merge._undo()
        self.assertTrue(two.deleted_at)
        count, _more = self.env["pipeline.merge"]._gc_rows()
        self.assertGreater(count, 0)
        self.assertEqual((merge.state, len(merge.sudo().row_ids)), ("expired", 0))
        self.assertFalse(one.last_merge_id)

    def test_a_deleted_survivor_is_restored_first(self):
        one, two = self.create_lead("One"), self.create_lead("Two")
        merge = self.merge(one, two)
        one.unlink()
        with self.assertRaisesRegex(UserError, "Restore it first"):
            merge._undo()
        one.action_restore_deleted()
        merge._undo()
        self.assertFalse(two.deleted_at)

    def test_a_value_that_points_to_what_is_gone_is_left(self):
        stage = self.env["crm.stage"].create({"name": "Short-lived"})
        one = self.create_lead("One", type="opportunity", stage_id=stage.id)
        two = self.create_lead("Two", type="opportunity", city="Namur")
        merge = self.merge(one, two, {"stage_id": two.id})
        stage.unlink()
        merge._undo()
        self.flush()
        self.assertEqual((one.stage_id, one.city), (two.stage_id, False))

    def test_quotes_confirmed_after_the_merge_go_back_as_orders(self):
        one, two = (self.create_lead(name, type="opportunity") for name in ("One", "Two"))
        product = self.env["product.product"].create({"name": "Thing", "list_price": 10})
        quote = self.env["sale.order"].create({
            "partner_id": self.env.user.partner_id.id, "opportunity_id": two.id,
            "order_line": [Command.create({"product_id": product.id})],
        })  # fmt: skip
        merge = self.merge(one, two)
        quote.action_confirm()
        self.flush()
        merge._undo()
        self.flush()
        self.assertEqual((quote.opportunity_id, quote.state), (two, "sale"))


class TestWhoComesBack(MergeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.team"].create({"name": "Merge team", "company_id": cls.env.company.id})
        cls.source = cls.env["pipeline.source"].create(
            {"name": "Merge form", "provider": "website", "team_id": cls.team.id}
        )

    def capture(self, **values):
        captured = self.source._get_provider().parse(
            {"name": "Ann Other", **values}, "merge-test"
        )
        [result] = self.leads._capture([captured], self.source)
        self.flush()
        return result

    def test_a_capture_with_the_address_of_one_merged_away_reaches_who_is_left(self):
        one = self.create_lead("One", email_from="one@example.com", company_id=self.env.company.id)
        two = self.create_lead("Two", email_from="two@example.com", company_id=self.env.company.id)
        three = self.create_lead("Three", email_from="three@example.com", company_id=self.env.company.id)
        self.merge(two, three)
        merge = self.merge(one, two)
        self.assertEqual(self.capture(email="two@example.com").lead_id, one.id)
        self.assertEqual(self.capture(email="three@example.com").lead_id, one.id)
        merge._undo()
        self.flush()
        self.assertEqual(self.capture(email="three@example.com").lead_id, two.id)

    def test_a_search_for_duplicates_names_who_is_left_once(self):
        one = self.create_lead("One", email_from="ann.one@example.com", contact_name="Ann Merged")
        two = self.create_lead("Two", email_from="ann.two@example.com", contact_name="Ann Merged")
        self.merge(one, two)
        contacts = self.env["pipeline.contact"].sudo()
        for email in ("ann.one@example.com", "ann.two@example.com"):
            [answer] = contacts._find_duplicates_of([{"email": email, "name": "Ann Merged"}], self.env.company)
            self.assertEqual([one_.res_id for one_ in answer if one_.res_model == "crm.lead"], [one.id])
        self.assertEqual(one._find_duplicates()[one.id], [])

    def test_links_in_old_mails_lead_to_what_is_left(self):
        one, two = self.create_lead("One"), self.create_lead("Two")
        self.merge(one, two)
        self.assertEqual(two._get_access_action()["res_id"], one.id)
        self.assertEqual(two.action_open_merged_into()["res_id"], one.id)


class TestOdoosOwnMerge(MergeCase):
    def test_its_dialog_can_be_undone_too(self):
        leads = self.create_lead("A") | self.create_lead("B", city="Namur")
        self.flush()
        before = self.hash_tables()
        kept = leads.merge_opportunity()
        self.flush()
        kept.last_merge_id._undo()
        self.flush()
        self.assertEqual(self.differing(before, self.hash_tables()), [])

    def test_its_dialog_of_conversion_deletes_nothing_for_good(self):
        one = self.create_lead("A", email_from="same@example.com")
        two = self.create_lead("B", email_from="same@example.com")
        wizard = self.env["crm.lead2opportunity.partner"].with_context(
            active_model="crm.lead", active_id=one.id, active_ids=one.ids
        ).create({"name": "merge"})  # fmt: skip
        wizard.action_apply()
        self.flush()
        gone = (one | two).filtered("deleted_at")
        self.assertEqual(len(gone), 1)
        self.assertEqual(gone.merged_into_id, (one | two) - gone)

    def test_a_list_made_before_a_merge_finds_who_is_left(self):
        one, two = self.create_lead("A"), self.create_lead("B")
        self.merge(one, two)
        self.assertEqual((one | two)._merge_opportunity(), one)

    def test_without_days_to_undo_what_is_merged_away_is_deleted_for_good(self):
        self.env["ir.config_parameter"].sudo().set_param("sales_pipeline.merge_undo_days", "0")
        one, two = self.create_lead("A"), self.create_lead("B")
        merge = self.merge(one, two)
        self.assertFalse(two.exists())
        self.assertEqual((merge.state, len(merge.sudo().row_ids)), ("expired", 0))
        three = self.create_lead("C")
        (one | three).with_context(hard_unlink=HARD_UNLINK)._merge_opportunity(auto_unlink=False)
        self.assertEqual(len((one | three).exists()), 2)
        self.assertEqual(len((one | three).filtered("merged_into_id")), 1)


class TestWhoSeesMerges(MergeCase):
    def test_reps_see_their_own_merges_and_managers_those_of_their_teams(self):
        manager = new_test_user(self.env, "merge_manager", groups="sales_pipeline.group_manager")
        team = self.env["crm.team"].create({"name": "Merge managers", "user_id": manager.id})
        mine = self.create_lead("Mine")
        merge = self.merge(mine, self.create_lead("Other"))
        mine.team_id = team
        merges = self.env["pipeline.merge"]
        self.assertIn(merge, merges.with_user(self.rep).search([]))
        self.assertNotIn(merge, merges.with_user(self.other_rep).search([]))
        self.assertIn(merge, merges.with_user(manager).search([]))

    def test_nobody_reads_the_ledgers_rows_or_writes_merges(self):
        merge = self.merge(self.create_lead("Mine"), self.create_lead("Other"))
        with self.assertRaises(AccessError):
            self.env["pipeline.merge.row"].with_user(self.rep).search([])
        with self.assertRaises(AccessError):
            merge.with_user(self.rep).write({"undo_until": fields.Datetime.now()})
        self.assertEqual(merge.state, "merged")
