"""Whose a captured lead is, and what the person agreed to."""

from odoo.tests import new_test_user

from tests.sales_pipeline.models.capture.test_crm_lead import CaptureCase


class TestOwner(CaptureCase):
    def owners(self, *contacts):
        return [self.lead(result).user_id for result in self.capture(*contacts)]

    def test_a_fixed_person_gets_every_lead(self):
        self.source.user_id = self.reps[1]
        self.assertEqual(self.source.owner_rule, "fixed")
        contacts = [{"name": "A", "email": "a@own.example"}, {"name": "B", "email": "b@own.example"}]
        self.assertEqual(self.owners(*contacts), [self.reps[1]] * 2)

    def test_without_the_person_the_team_takes_turns_again(self):
        self.source.user_id = self.reps[1]
        self.source.user_id = False
        self.assertEqual(self.source.owner_rule, "turns")

    def test_nobody_gets_a_lead_and_no_turn_is_used_up(self):
        self.source.write({"owner_rule": "nobody"})
        before = self.team.last_turn_user_id
        self.assertFalse(self.owners({"name": "A", "email": "a@own.example"})[0])
        self.assertEqual(self.team.last_turn_user_id, before)

    def test_a_known_contact_keeps_its_salesperson_and_strangers_take_turns(self):
        seller = new_test_user(self.env, "seller_of_kim", groups="sales_pipeline.group_rep")
        self.env["res.partner"].create({"name": "Kim", "email": "Kim@known.example", "user_id": seller.id})
        self.source.owner_rule = "known"
        owners = self.owners(
            {"name": "A", "email": "a@own.example"}, {"name": "Kim", "email": "kim@known.example"},
            {"name": "B", "email": "b@own.example"},
        )  # fmt: skip
        self.assertEqual(owners[1], seller)
        self.assertTrue({owners[0], owners[2]} <= set(self.reps))
        self.assertNotEqual(owners[0], owners[2])

    def test_the_owner_of_a_closed_deal_gets_the_contact_again(self):
        old = self.env["crm.lead"].create(
            {"name": "Old", "type": "opportunity", "phone": "+16502530000", "user_id": self.reps[2].id}
        )
        old.action_set_lost()
        self.source.owner_rule = "known"
        self.assertEqual(self.owners({"name": "Back", "phone": "+1 650 253 0000"}), [self.reps[2]])

    def test_who_has_left_owns_nothing(self):
        self.env["res.partner"].create({"name": "Kim", "email": "kim@known.example", "user_id": self.reps[0].id})
        self.reps[0].active = False
        self.source.owner_rule = "known"
        [owner] = self.owners({"name": "Kim", "email": "kim@known.example"})
        self.assertIn(owner, self.reps[1:])


class TestConsent(CaptureCase):
    def touch(self, **contact):
        [result] = self.capture({"name": "Kim", "email": "kim@consent.example", **contact})
        return self.lead(result).touch_ids.sorted("id")[-1]

    def test_the_wording_of_the_source_is_kept_as_it_was(self):
        self.source.consent_text = "You may call me."
        touch = self.touch(consent={"any": True})
        self.source.consent_text = "Other words"
        self.assertEqual((touch.consent, touch.consent_text), ({"any": True}, "You may call me."))

    def test_the_senders_own_wording_goes_first(self):
        self.source.consent_text = "You may call me."
        consent = {"email": True, "whatsapp": False, "text": "Mail me", "at": "2026-11-23T07:40:00Z"}
        touch = self.touch(consent=consent)
        self.assertEqual((touch.consent, touch.consent_text), (consent, "Mail me"))

    def test_a_later_arrival_keeps_its_own_evidence(self):
        first = self.touch(consent={"any": False})
        second = self.touch(consent={"any": True, "text": "Now yes"})
        self.assertEqual((first.consent, second.consent["any"]), ({"any": False}, True))
        self.assertEqual(first.lead_id, second.lead_id)
