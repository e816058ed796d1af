import pytest

from odoo.addons.sales_pipeline.tools.field_names import TARGETS, choose_targets, fold, get_target


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("E-mail Address", "email"),
        ("your-email", "email"),
        ("email_from", "email"),
        ("Téléphone", "phone"),
        ("Telefon", "phone"),
        ("Mobile Phone", "phone"),
        ("WhatsApp Number", "whatsapp"),
        ("Prénom", "first_name"),
        ("Nachname", "last_name"),
        ("Organisation", "company_name"),
        ("Zip/Postal code", None),
        ("POSTCODE", "zip"),
        ("Lead Source", "utm_source"),
        ("utm_campaign", "utm_campaign"),
        ("ScCid", "ScCid"),
        ("GCLID", "gclid"),
        ("Converted", "outcome"),
        ("Prospect ID", "external_id"),
        ("Lead Number", "lead_number"),
        ("Do Not Email", "do_not_email"),
        ("Favourite colour", None),
        ("", None),
    ],
)
def test_spellings_lead_to_our_words(name, target):
    assert get_target(name) == target


def test_every_word_of_ours_is_known_by_its_own_name():
    assert {target: get_target(target) for target in TARGETS} == {target: target for target in TARGETS}


def test_of_two_columns_the_more_usual_spelling_wins_whatever_their_order():
    assert choose_targets(["Mobile", "Phone", "Name"]) == {"Phone": "phone", "Name": "name"}
    assert choose_targets(["Phone", "Mobile"]) == {"Phone": "phone"}


def test_folding_forgets_case_accents_and_marks():
    assert fold("  E-Mail_Adresse (privé): ") == "e mail adresse prive"
