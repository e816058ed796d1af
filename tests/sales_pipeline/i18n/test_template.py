"""The templates of our addons' words are what Odoo exports today; `dev/translate` writes them."""
import io
from pathlib import Path

import polib
from odoo.tools.translate import trans_export

from tests.common import PipelineCase

ROOT = Path(__file__).resolve().parents[3]


def places(words):
    """List each word with the places where it is read: Odoo looks a translation up by both."""
    return {(entry.msgid, place, entry.comment) for entry in words for place, _line in entry.occurrences}


class TestTemplate(PipelineCase):
    def assert_up_to_date(self, addon):
        buffer = io.BytesIO()
        self.assertTrue(trans_export(None, [addon], buffer, "po", self.env))
        exported = places(polib.pofile(buffer.getvalue().decode()))
        written = places(polib.pofile(str(ROOT / addon / f"i18n/{addon}.pot")))
        self.assertEqual(exported - written, set(), "words that the template lacks: run dev/translate")
        self.assertEqual(written - exported, set(), "words that are gone: run dev/translate")

    def test_core(self):
        self.assert_up_to_date("sales_pipeline")

    def test_whatsapp(self):
        self.assert_up_to_date("sales_pipeline_whatsapp")

    def test_voip(self):
        self.assert_up_to_date("sales_pipeline_voip")
