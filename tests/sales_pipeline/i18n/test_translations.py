"""French and Hindi say all of our words, with the same blanks to fill and the same markup."""
import gettext
import io
import re
from collections import Counter
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parents[3]
ADDONS = ("sales_pipeline", "sales_pipeline_whatsapp", "sales_pipeline_voip")
FILES = [ROOT / addon / f"i18n/{language}.po" for addon in ADDONS for language in ("fr", "hi")]
BLANKS = re.compile(r"%\(\w+\)[sdf]|%%|\{\{.*?\}\}|%[sd](?!\w)")
TAGS = re.compile(r"<[^>]+>")
SPOKEN = re.compile(r'(\b(?:title|aria-label|placeholder|alt)=)"[^"]*"')
DEVANAGARI = re.compile(r"[\u0900-\u097f]")
# addresses and names of headers: no words of any language
NO_WORDS = {
    "/api/docs", "203.0.113.0/24", "<span>@</span>", "Idempotency-Key", "X-Signature", "enquiries",
    "example.com", "https://example.com/thank-you", "https://www.example.com",
    "https://www.example.com\nhttps://*.example.com", "https://www.example.com/offer",
    "https://…", "lead.*, opportunity.won", "v24.0", "“%(name)s” (%(reasons)s)",
}
# the same word in both languages
SAME_IN_FRENCH = {
    "%(minutes)s min", "%s h", "API", "Absence", "Absences", "Action", "Alias", "Attribution", "Avatar 128",
    "Campagne", "Client", "Code", "Conditions", "Contact", "Contacts", "Conversions", "Description",
    "Documents", "E-mail", "Export (%(format)s)", "Facebook", "Facebook Lead Ads", "Google Ads",
    "Google Ads (Data Manager API)", "ID", "Logo", "Message", "Messages", "Meta (Facebook, Instagram)",
    "Minutes", "Note", "Notes", "Origine", "Privy", "Prospect", "Qualification", "Question", "Questions",
    "Relation", "Robots", "Score", "Scores", "Secret", "Signature", "Source", "Sources", "Standard", "Table", "Test",
    "Tests", "Total", "Type", "Typeform", "Verdict", "Webhook", "Webhooks", "WhatsApp",
}


def read(path):
    return polib.pofile(str(path))


def name(path):
    return f"{path.parent.parent.name}-{path.stem}"


def markup(text):
    """Return the tags of a text without the sentences in them."""
    return Counter(SPOKEN.sub(r"\1", tag) for tag in TAGS.findall(text))


@pytest.mark.parametrize("path", FILES, ids=name)
class TestTranslation:
    def test_it_has_the_words_of_its_template(self, path):
        template = read(path.with_name(f"{path.parent.parent.name}.pot"))
        said, asked = ({(e.msgid, *sorted(e.occurrences)) for e in words} for words in (read(path), template))
        assert said == asked, "run dev/translate"

    def test_every_word_is_said(self, path):
        waiting = [entry.msgid for entry in read(path) if not entry.msgstr.strip() or entry.fuzzy]
        assert waiting == [], "run dev/translate and write these in"

    def test_what_is_filled_in_and_the_markup_stay(self, path):
        different = [
            (entry.msgid, entry.msgstr) for entry in read(path)
            if Counter(BLANKS.findall(entry.msgid)) != Counter(BLANKS.findall(entry.msgstr))
            or markup(entry.msgid) != markup(entry.msgstr)
        ]  # fmt: skip
        assert different == []

    def test_it_is_in_its_language(self, path):
        if path.stem == "hi":
            foreign = {e.msgid for e in read(path) if not DEVANAGARI.search(e.msgstr)} - NO_WORDS
        else:
            foreign = {e.msgid for e in read(path) if e.msgstr == e.msgid} - SAME_IN_FRENCH - NO_WORDS
        assert foreign == set()

    def test_gettext_reads_it(self, path):
        catalogue = gettext.GNUTranslations(io.BytesIO(read(path).to_binary()))
        assert all(catalogue.gettext(entry.msgid) == entry.msgstr for entry in read(path))


@pytest.mark.parametrize(("source", "translation"), [
    ("%(count)s rows", "lignes"),
    ("%(count)s rows", "%(nombre)s lignes"),
    ("<b>Save</b> it", "Gardez-le"),
    ("Welcome to {{ object.name }}", "Bienvenue chez {{ object.nom }}"),
])  # fmt: skip
def test_a_lost_blank_or_tag_would_be_seen(source, translation):
    assert (Counter(BLANKS.findall(source)), markup(source)) != (
        Counter(BLANKS.findall(translation)), markup(translation),
    )  # fmt: skip
