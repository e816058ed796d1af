"""Refused requests are told in words, with what to do."""

import re
from pathlib import Path

import odoo.addons.sales_pipeline as addon
from tests.common import PipelineCase

_RAISED = re.compile(r"NotVerified\((.*)\)")
_WORD = re.compile(r'"(\w+)"')


class TestRefusal(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = cls.env["pipeline.source"].create({"name": "Form"})

    def refuse(self, reason, count, last_at):
        self.env["pipeline.source.refusal"].create({
            "source_id": self.source.id, "reason": reason, "refused_count": count, "first_at": "2026-01-01 00:00:00",
            "last_at": last_at,
        })  # fmt: skip
        self.source.invalidate_recordset()

    def test_every_reason_of_a_provider_has_words(self):
        providers = Path(addon.__file__).parent / "providers"
        raised = {
            word
            for path in providers.rglob("*.py")
            for call in _RAISED.findall(path.read_text(encoding="utf-8"))
            for word in _WORD.findall(call)
        }
        self.assertGreaterEqual(raised, {"secret", "signature", "no_secret"})
        self.assertEqual(raised - set(self.env["pipeline.source.refusal"]._get_words()), set())

    def test_the_last_reason_is_told_with_what_to_do(self):
        self.assertFalse(self.source.refusal_text)
        self.refuse("signature", 3, "2026-01-02 10:00:00")
        self.refuse("origin", 2, "2026-01-03 11:00:00")
        self.assertEqual(self.source.refused_count, 5)
        last = (self.source.last_refused_reason, str(self.source.last_refused_at))
        self.assertEqual(last, ("origin", "2026-01-03 11:00:00"))
        self.assertIn("5", self.source.refusal_text)
        self.assertIn("allowed origins", self.source.refusal_text)

    def test_an_unknown_reason_has_words_too(self):
        self.refuse("brand_new", 1, "2026-01-02 10:00:00")
        self.assertIn("did not prove who it is", self.source.refusal_text)

    def test_counting_begins_anew(self):
        self.refuse("signature", 3, "2026-01-02 10:00:00")
        self.source.action_forget_refusals()
        self.assertFalse(self.source.refused_count or self.source.refusal_text)
