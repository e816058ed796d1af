"""A batch costs little a lead, and brings everybody what single leads would have brought."""

import json

from tests.sales_pipeline.models.capture.test_crm_lead import CaptureCase


class TestBatch(CaptureCase):
    def contacts(self, count, word):
        return [
            {"name": f"{word} {number}", "email": f"{word}{number}@example.com", "phone": f"+1 212 555 {number:04}"}
            for number in range(count)
        ]

    def notices_of(self, user):
        return self.env["pipeline.notice"].search([("user_id", "=", user.id)], order="id")

    def toasts_of(self, user):
        """Return what the user's browsers were sent by now, as if the transaction was committed."""
        self.env.cr.precommit.run()
        rows = self.env["bus.bus"].sudo().search([("channel", "like", f'"res.partner",{user.partner_id.id}]')])
        messages = [json.loads(row.message) for row in rows.sorted("id")]
        return [message["payload"] for message in messages if message["type"] == "pipeline_notice"]

    def mails_to(self, user):
        self.notices_of(user)._mail()
        return self.env["mail.message"].search([("partner_ids", "in", user.partner_id.ids)], order="id")

    def test_who_gets_many_leads_at_once_is_told_once(self):
        self.capture(*self.contacts(36, "many"))
        for rep in self.reps:
            [toast] = self.toasts_of(rep)
            self.assertEqual((toast["count"], toast["unread"], len(toast["notices"])), (12, 12, 3))
            self.assertEqual(len(self.notices_of(rep).lead_id), 12)
            self.assertFalse(self.notices_of(rep).filtered("mail_at"))

    def test_who_wants_mail_and_gets_many_leads_at_once_gets_one_mail(self):
        self.reps.notification_type = "email"
        self.capture(*self.contacts(36, "mailed"))
        for rep in self.reps:
            [mail] = self.mails_to(rep)
            self.assertEqual(mail.subject, "12 new leads")
            self.assertIn("and 2 more", mail.body)

    def test_who_gets_a_few_leads_is_told_of_each(self):
        results = self.capture(*self.contacts(6, "few"))
        for rep in self.reps:
            mine = [self.lead(result).id for result in results if self.lead(result).user_id == rep]
            [toast] = self.toasts_of(rep)
            self.assertEqual(sorted(self.notices_of(rep).lead_id.ids), sorted(mine))
            self.assertEqual(sorted(notice["lead_id"] for notice in toast["notices"]), sorted(mine))

    def test_many_known_contacts_that_come_again_are_told_once_and_filled(self):
        known = self.contacts(36, "again")
        self.capture(*known)
        # One transaction tells a person of a lead once; this is a later one, and what came before is read.
        for rep in self.reps:
            self.env["pipeline.notice"].with_user(rep).mark_read()
        before = {rep: (self.notices_of(rep), len(self.toasts_of(rep))) for rep in self.reps}
        results = self.capture(*({**contact, "job_title": "Buyer"} for contact in known))
        self.assertEqual({result.outcome for result in results}, {"duplicate"})
        leads = self.env["crm.lead"].browse([result.lead_id for result in results])
        self.assertEqual(set(leads.mapped("function")), {"Buyer"})
        self.assertEqual(set(leads.mapped("touch_count")), {2})
        for rep in self.reps:
            notices, toasts = before[rep]
            [toast] = self.toasts_of(rep)[toasts:]
            self.assertEqual((toast["kind"], toast["count"]), ("again", 12))
            new = self.notices_of(rep) - notices
            self.assertEqual((set(new.mapped("kind")), len(new.lead_id)), ({"again"}, 12))

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
