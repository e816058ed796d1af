"""Names that are one person's or one company's fold into one form."""

import pytest

from odoo.addons.sales_pipeline.tools.name_tables import NICKNAMES
from odoo.addons.sales_pipeline.tools.names import (
    address_line,
    company_name,
    fold,
    full_name,
    is_nickname,
    name_parts,
    sound,
)  # fmt: skip


@pytest.mark.parametrize("one, other", [
    ("ACME Ltd.", "Acme Limited"), ("Müller GmbH & Co. KG", "MULLER"), ("Société Générale S.A.", "societe generale"),
    ("Foo B.V.", "foo bv"),
])  # fmt: skip
def test_a_company_is_the_same_under_another_legal_form(one, other):
    assert company_name(one) == company_name(other) != ""


def test_a_company_named_like_a_legal_form_keeps_its_name():
    assert company_name("The Company Ltd") != ""


def test_titles_and_commas_do_not_change_a_name():
    assert name_parts("Frau Prof. Dr. Ada King") == name_parts("King, Ada") == ("ada", "king")


def test_names_of_other_scripts_are_kept():
    assert name_parts("山田 太郎") == ("山田", "太郎")
    assert sound("太郎") == "太郎"


@pytest.mark.parametrize("short, long", [("bob", "robert"), ("liz", "elizabeth"), ("sasha", "alexander")])
def test_short_names_are_known(short, long):
    assert is_nickname(short, long) and is_nickname(long, short)


def test_short_forms_of_different_names_are_strangers():
    assert not is_nickname("bob", "bill")
    assert full_name("bob") == full_name("robert")


def test_the_table_of_short_names_is_sane():
    assert all(word.isascii() and word.islower() and names for word, names in NICKNAMES.items())


def test_an_address_line_parts_the_house_number_from_the_street():
    assert address_line("Hauptstraße 5b") == address_line("hauptstr. 5b") != address_line("Hauptplatz 5b")


@pytest.mark.parametrize("text", [None, "", "   ", "\u0301", "🙂", "'", "---"])
def test_texts_without_words_fold_to_nothing(text):
    assert name_parts(text) == () and company_name(text) == "" and fold(text) in ("", "🙂", "'", "---")
