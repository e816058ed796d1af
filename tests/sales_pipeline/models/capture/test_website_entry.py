"""Odoo's own website form at the gate, played without the website: the live test beside website_crm sends real ones."""

import json

from odoo.addons.sales_pipeline.models.bridges import ENTRY
from tests.sales_pipeline.models.capture.test_crm_lead import CaptureCase

_SAID = {"contact_name": "Vera Visitor", "email_from": "Vera@visitor.example", "phone": "+49 30 23125042"}
_JOURNEY = json.dumps({
    "first": {"url": "https://our.example/?utm_source=google&gclid=A-b", "seconds": 7200},
    "last": {"url": "https://our.example/?utm_source=newsletter&utm_medium=email", "seconds": 60},
})  # fmt: skip


class TestWebsiteEntry(CaptureCase):
    def _send(self, cookies=(), said=None, custom="", refuse=False, **values):
        """Do what website and website_crm do with a form: create, write over the description, answer with the id."""
        params = {**_SAID, **(said or {})}
        entry = self.env["crm.lead"]._get_website_entry(params, dict(cookies))
        self.params = params
        leads = self.env["crm.lead"].with_context(**{ENTRY: entry}).sudo()
        vals = {name: params[name] for name in ("contact_name", "email_from", "phone")}
        lead = leads.create({"name": "Roof", "type": "lead", "team_id": self.team.id, **vals, **values})
        if custom:
            lead.update({"description": f"{values.get('description', '')}<p>{custom}</p>"})
        entry.close(None if refuse else lead.id)
        self.env["pipeline.moments.mixin"]._flush_moments()
        return lead.with_env(self.env)

    def _get_touches(self, lead):
        return lead.touch_ids.sorted(lambda touch: (touch.occurred_at, touch.id))

    def _get_kinds(self, lead):
        events = self.env["pipeline.event"].search([("res_model", "=", "crm.lead"), ("res_id", "=", lead.id)])
        return sorted(events.mapped("kind"))

    def test_a_new_visitor_becomes_an_owned_lead_with_both_touches(self):
        lead = self._send(said={"pipeline_journey": _JOURNEY, "pipeline_website": "", "colour": "red"})
        self.assertEqual(set(self.params), {*_SAID, "colour"}, "the form shows the owner no data of the script")
        self.assertEqual((lead.name, lead.capture_channel, lead.lead_status), ("Roof", "website", "new"))
        self.assertIn(lead.user_id, self.reps)
        self.assertTrue(lead.pipeline_source_id.is_website_form)
        self.assertEqual((lead.source_id.name.lower(), lead.medium_id.name.lower()), ("newsletter", "email"))
        first, last = self._get_touches(lead)
        self.assertEqual((first.utm_source, first.click_ids), ("google", {"gclid": "A-b"}))
        self.assertEqual(last.utm_source, "newsletter")
        self.assertEqual(self._get_kinds(lead), ["captured"])

    def test_who_is_spelt_otherwise_stays_one_lead(self):
        first = self._send(said={"email_from": "vera.v77@gmail.com"})
        first.message_ids.unlink()
        again = self._send(said={
            "contact_name": "Visitor Vera", "email_from": "VeraV77+again@googlemail.com", "phone": "+49 30 99887766",
        })  # fmt: skip
        self.assertEqual((again, len(first.touch_ids)), (first, 2))
        self.assertEqual(first.email_normalized, "vera.v77@gmail.com")
        self.assertIn("Visitor Vera, verav77+again@googlemail.com", "".join(first.message_ids.mapped("body")))

    def test_who_only_resembles_a_known_lead_becomes_one_of_its_own_and_a_pair(self):
        first = self._send(said={"email_from": "v@one.example"})
        again = self._send(said={"email_from": "v@two.example", "phone": "+49 30 23125043"})
        self.assertNotEqual(again, first)
        pair = self.env["pipeline.duplicate"].search([("lead_id", "=", again.id)])
        self.assertEqual((pair.res_id, pair.kind), (first.id, "ask"))

    def test_who_sends_twice_stays_one_lead_and_what_stood_there_stays(self):
        first = self._send(description="<p>Please call</p>")
        first.description = "<p>Seen by Ana: wants tiles</p>"
        again = self._send(description="<p>Call after nine</p>", custom="Roof: flat")
        self.assertEqual(again, first)
        self.assertEqual(self.env["crm.lead"].search_count([("email_normalized", "=", "vera@visitor.example")]), 1)
        self.assertIn("wants tiles", first.description)
        self.assertNotIn("after nine", first.description)
        note = first.message_ids[0] if "nine" in first.message_ids[0].body else first.message_ids[1]
        self.assertIn("Call after nine", note.body)
        self.assertIn("Roof: flat", note.body)
        self.assertEqual(len(first.touch_ids), 2)
        self.assertEqual(self._get_kinds(first), ["captured", "changed", "duplicate"])

    def test_what_a_known_contact_says_is_kept_without_questions_of_its_own(self):
        [known] = self.capture({"name": "Vera", "phone": "+493023125042"})
        lead = self._send(description="<p>Please call</p><script>alert(1)</script>")
        self.assertEqual(lead, self.lead(known))
        bodies = " ".join(lead.message_ids.mapped("body"))
        self.assertIn("Please call", bodies)
        self.assertNotIn("<script", bodies)
        self.assertEqual(lead.email_from, "vera@visitor.example", "what was unknown is filled in")

    def test_a_form_that_refuses_leaves_the_known_lead_alone(self):
        lead = self._send()
        before = (len(lead.touch_ids), len(lead.message_ids), self._get_kinds(lead))
        self._send(refuse=True, description="<p>No</p>")
        self.assertEqual((len(lead.touch_ids), len(lead.message_ids), self._get_kinds(lead)), before)

    def test_whom_the_form_names_gets_the_lead_and_hears_of_it_once(self):
        lead = self._send(user_id=self.reps[1].id)
        self.assertEqual(lead.user_id, self.reps[1])
        told = self.env["mail.notification"].search([("res_partner_id", "=", self.reps[1].partner_id.id)])
        self.assertFalse(told)
        self.assertEqual(self.env["pipeline.notice"].search([("user_id", "=", self.reps[1].id)]).lead_id, lead)

    def test_without_the_script_odoos_cookies_tell_the_campaign(self):
        lead = self._send({"odoo_utm_source": "bing", "odoo_utm_campaign": "Autumn"})
        self.assertEqual((lead.touch_ids.utm_source, lead.touch_ids.utm_campaign), ("bing", "Autumn"))

    def test_other_leads_of_the_same_request_are_plain(self):
        entry = self.env["crm.lead"]._get_website_entry(dict(_SAID), {})
        leads = self.env["crm.lead"].with_context(**{ENTRY: entry})
        first, other = leads.create({"name": "a", **_SAID}), leads.create({"name": "b", **_SAID})
        self.assertNotEqual(first, other)
        self.assertFalse(other.capture_channel)

    def test_a_context_from_outside_is_no_entry(self):
        for fake in ({"meet": 1}, "x", True, ["meet"]):
            lead = self.env["crm.lead"].with_context(**{ENTRY: fake}).create({"name": "plain", **_SAID})
            self.assertFalse(lead.capture_channel)
            self.assertFalse(lead.touch_ids)

    def test_the_website_of_a_company_has_one_source(self):
        sources = self.env["pipeline.source"]
        own = sources._get_website_form_source(self.env.company)
        self.assertEqual(sources._get_website_form_source(self.env.company), own)
        other = self.env["res.company"].create({"name": "Other"})
        self.assertNotEqual(sources._get_website_form_source(other), own)
