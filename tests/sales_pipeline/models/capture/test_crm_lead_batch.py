"""A batch costs little a lead, and brings everybody what single leads would have brought."""

from tests.sales_pipeline.models.capture.test_crm_lead import CaptureCase


class TestBatch(CaptureCase):
    def contacts(self, count, word):
        return [
            {"name": f"{word} {number}", "email": f"{word}{number}@example.com", "phone": f"+1 212 555 {number:04}"}
            for number in range(count)
        ]

    def notices_of(self, user):
        return self.env["mail.message"].search([("partner_ids", "in", user.partner_id.ids)], order="id")

    def test_who_gets_many_leads_at_once_is_told_once(self):
        before = {rep: self.notices_of(rep) for rep in self.reps}
        self.capture(*self.contacts(36, "many"))
        for rep in self.reps:
            [notice] = self.notices_of(rep) - before[rep]
            self.assertEqual(notice.subject, "12 new leads")
            self.assertIn("and 2 more", notice.body)

    def test_who_gets_a_few_leads_is_told_of_each(self):
        before = {rep: self.notices_of(rep) for rep in self.reps}
        results = self.capture(*self.contacts(6, "few"))
        for rep in self.reps:
            told = self.notices_of(rep) - before[rep]
            mine = [self.lead(result).id for result in results if self.lead(result).user_id == rep]
            self.assertEqual(sorted(told.mapped("res_id")), sorted(mine))

    def test_many_known_contacts_that_come_again_are_told_once_and_filled(self):
        known = self.contacts(36, "again")
        self.capture(*known)
        before = {rep: self.notices_of(rep) for rep in self.reps}
        results = self.capture(*({**contact, "job_title": "Buyer"} for contact in known))
        self.assertEqual({result.outcome for result in results}, {"duplicate"})
        leads = self.env["crm.lead"].browse([result.lead_id for result in results])
        self.assertEqual(set(leads.mapped("function")), {"Buyer"})
        self.assertEqual(set(leads.mapped("touch_count")), {2})
        for rep in self.reps:
            [notice] = self.notices_of(rep) - before[rep]
            self.assertEqual(notice.subject, "12 contacts came back")

    def test_the_same_people_follow_as_if_odoo_had_made_the_lead(self):
        watcher = self.env["res.partner"].create({"name": "Watcher", "email": "watcher@example.com"})
        subtypes = self.env["mail.message.subtype"].search([("res_model", "in", ("crm.team", False))])
        self.team.message_subscribe(watcher.ids, subtype_ids=subtypes.ids)
        results = self.capture(*self.contacts(4, "follow"))
        for result in results:
            lead = self.lead(result)
            plain = self.env["crm.lead"].with_context(mail_create_nosubscribe=True).create({
                "name": "Plain", "type": "lead", "team_id": lead.team_id.id, "user_id": lead.user_id.id,
            })  # fmt: skip
            self.assertIn(lead.user_id.partner_id, lead.message_partner_ids)
            self.assertIn(watcher, lead.message_partner_ids)
            self.assertEqual(
                {follower.partner_id: follower.subtype_ids for follower in lead.message_follower_ids},
                {follower.partner_id: follower.subtype_ids for follower in plain.message_follower_ids},
            )

    def test_a_lead_more_costs_hardly_a_query_more(self):
        def count(number, word):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.capture(*self.contacts(number, word))
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(20, "warm")
        few, many = count(20, "twenty"), count(120, "hundred")
        self.assertLess((many - few) / 100, 1.5)
