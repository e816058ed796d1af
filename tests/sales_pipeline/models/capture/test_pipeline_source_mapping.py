"""Where the questions of a source go, seen before it is saved."""

import psycopg2
from odoo.exceptions import ValidationError
from odoo.tools import mute_logger

from odoo.addons.sales_pipeline.models.capture.pipeline_source_mapping import TARGETS
from odoo.addons.sales_pipeline.providers.capture.base import StoredItem
from odoo.addons.sales_pipeline.tools import field_names
from tests.sales_pipeline.models.capture.test_crm_lead import CaptureCase

_PAYLOAD = {"ansprechpartner": "Kim Example", "e-post": "kim@map.example", "Budget": "1.200,50", "Farbe": "red"}
_MAPPING = {"ansprechpartner": "name", "e-post": "email", "Budget": "expected_revenue", "Farbe": "ignore"}


class MappingCase(CaptureCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own_field = cls.env["ir.model.fields"].create({
            "name": "x_colour", "field_description": "Colour", "ttype": "selection", "state": "manual",
            "model_id": cls.env.ref("crm.model_crm_lead").id,
            "selection_ids": [(0, 0, {"value": "r", "name": "Red"}), (0, 0, {"value": "b", "name": "Blue"})],
        })  # fmt: skip

    def store(self, payload=None, external_id="1"):
        self.env["pipeline.inbox"]._store(self.source, [StoredItem(external_id, payload or _PAYLOAD)])
        domain = [("source_id", "=", self.source.id), ("external_id", "=", external_id)]
        return self.env["pipeline.inbox"].search(domain)

    def open(self):
        action = self.source.action_map_questions()
        return self.env[action["res_model"]].browse(action["res_id"])

    def choose(self, wizard, **targets):
        lines = {line.question: line for line in wizard.line_ids}
        for question, target in targets.items():
            lines[question].target = target

    def map(self, mapping):
        self.source.mapping_ids = [
            (0, 0, {"question": question, "target": target}) for question, target in mapping.items()
        ]


class TestMapping(MappingCase):
    def test_every_word_of_ours_can_be_chosen(self):
        offered = {target for target, _label in TARGETS} - {"answer", "ignore", "field"}
        self.assertEqual(offered, set(field_names.TARGETS))

    def test_captures_follow_the_mapping(self):
        row = self.store()
        self.map(_MAPPING)
        row._work()
        lead = row.lead_id
        self.assertEqual(
            (lead.contact_name, lead.email_from, lead.expected_revenue), ("Kim Example", "kim@map.example", 1200.5)
        )
        self.assertNotIn("red", lead.description or "")

    def test_without_a_mapping_the_same_capture_is_rejected_and_replayed_with_it_becomes_a_lead(self):
        row = self.store()
        row._work()
        self.assertEqual((row.state, row.lead_id.id), ("rejected", False))
        self.map(_MAPPING)
        row.action_replay()
        row._work()
        self.assertEqual((row.state, row.lead_id.contact_name), ("processed", "Kim Example"))

    def test_a_question_has_one_place(self):
        self.map({"Farbe": "ignore"})
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.IntegrityError), self.cr.savepoint():
            self.map({"Farbe": "tags"})
            self.env.flush_all()

    def test_an_own_field_takes_what_fits_it_and_the_rest_stays_readable(self):
        self.map({"ansprechpartner": "name", "e-post": "email"})
        self.source.mapping_ids = [(0, 0, {"question": "Farbe", "target": "field", "field_id": self.own_field.id})]
        fits, misfits = self.store(), self.store({**_PAYLOAD, "e-post": "x@map.example", "Farbe": "<b>pink"}, "2")
        (fits | misfits)._work()
        self.assertEqual(fits.lead_id.x_colour, "r")
        self.assertNotIn("Farbe", fits.lead_id.description)
        self.assertFalse(misfits.lead_id.x_colour)
        self.assertIn("&lt;b&gt;pink", str(misfits.lead_id.description))

    def test_fields_of_the_code_are_not_given_to_senders(self):
        for name in ("stage_id", "user_id", "probability", "description"):
            field = self.env["ir.model.fields"]._get("crm.lead", name)
            with self.subTest(name), self.assertRaises(ValidationError):
                self.source.mapping_ids = [(0, 0, {"question": name, "target": "field", "field_id": field.id})]
        with self.assertRaises(ValidationError):
            self.source.mapping_ids = [(0, 0, {"question": "Farbe", "target": "field"})]


class TestMapQuestions(MappingCase):
    def test_questions_come_from_what_was_received(self):
        self.store({"name": "A", "Old question": "x"}, "1")
        self.store({"name": "B", "email": "b@map.example"}, "2")
        wizard = self.open()
        found = {line.question: (line.answer, line.guess, line.target) for line in wizard.line_ids}
        self.assertEqual(found, {
            "name": ("B", "name", False), "Old question": ("", "answer", False),
            "email": ("b@map.example", "email", False),
        })  # fmt: skip

    def test_the_preview_follows_each_choice_and_saves_nothing(self):
        self.store()
        wizard = self.open()
        self.assertIn("is missing", wizard.preview_html)
        self.choose(wizard, **{"ansprechpartner": "name", "e-post": "email"})
        self.assertIn("A new lead.", wizard.preview_html)
        self.assertIn("Kim Example", wizard.preview_html)
        self.assertIn("kim@map.example", wizard.preview_html)
        self.assertIn("red", wizard.preview_html)
        self.choose(wizard, Farbe="ignore")
        self.assertNotIn("red", wizard.preview_html)
        self.assertFalse(self.source.mapping_ids)
        self.assertFalse(self.env["crm.lead"].search_count([("email_normalized", "=", "kim@map.example")]))
        self.assertFalse(self.env["crm.tag"].search_count([("name", "=", "red")]))

    def test_the_preview_is_what_the_capture_becomes(self):
        row = self.store()
        self.source.tag_ids = self.env["crm.tag"].create({"name": "From the preview"})
        wizard = self.open()
        self.choose(wizard, **_MAPPING)
        preview = self.source._preview(row.payload, row.external_id, wizard._get_mapping())
        wizard.action_save()
        row._work()
        lead, shown = row.lead_id, dict(preview["rows"])
        self.assertEqual(preview["title"], lead.name)
        self.assertEqual((shown["Contact Name"], shown["Email"]), (lead.contact_name, lead.email_from))
        self.assertEqual(float(shown["Expected Revenue"]), lead.expected_revenue)
        self.assertEqual(shown["Tags"], "From the preview")

    def test_the_preview_tells_a_known_contact_and_a_test(self):
        self.capture({"name": "Kim", "email": "kim@map.example"})
        preview = self.source._preview({"name": "Kim", "email": "KIM@map.example"}, "9", {})
        self.assertEqual(preview["decision"], "known")
        self.assertIn("Kim", preview["message"])

    def test_hostile_text_is_text_in_the_preview(self):
        self.store({"name": "<script>alert(1)</script>", "email": "s@map.example", "q": "<img src=x onerror=y>"})
        html = self.open().preview_html
        self.assertNotIn("<script", html)
        self.assertNotIn("<img", html)

    def test_saving_keeps_changes_and_removes_choices(self):
        self.store()
        wizard = self.open()
        self.choose(wizard, ansprechpartner="name", Farbe="tags")
        wizard.action_save()
        wizard = self.open()
        self.choose(wizard, ansprechpartner="company_name", Farbe=False, Budget="ignore")
        wizard.action_save()
        self.assertEqual(self.source._get_mapping(), {"ansprechpartner": "company_name", "Budget": "ignore"})

    def test_saving_with_replay_mends_what_was_rejected(self):
        row = self.store()
        row._work()
        wizard = self.open()
        self.choose(wizard, **_MAPPING)
        wizard.action_save_and_replay()
        self.assertEqual(row.state, "received")
        row._work()
        self.assertEqual(row.lead_id.contact_name, "Kim Example")

    def test_one_looks_through_the_captures(self):
        first, second = self.store({"name": "First"}, "1"), self.store({"name": "Second"}, "2")
        wizard = self.open()
        self.assertEqual((wizard.inbox_id, wizard.has_older, wizard.has_newer), (second, True, False))
        wizard.action_older()
        self.assertEqual((wizard.inbox_id, wizard.line_ids[0].answer), (first, "First"))
        self.assertIn("First", wizard.preview_html)
        wizard.action_newer()
        self.assertEqual(wizard.inbox_id, second)

    def test_a_source_that_received_nothing_says_so(self):
        self.assertIn("Nothing was received yet", self.open().preview_html)
