import random

import phonenumbers
import pytest

from odoo.addons.sales_pipeline.tools import phone
from odoo.addons.sales_pipeline.tools.phone import digits, is_dialable, is_valid, to_e164


@pytest.mark.parametrize(
    ("typed", "country", "expected"),
    [
        ("+49 30 23125042", None, "+493023125042"),
        ("+49 (0)30 / 2312-5042", None, "+493023125042"),
        ("0049 30 23125042", None, "+493023125042"),
        ("(00)49 30 23125042", "US", "+493023125042"),
        ("030 23125042", "DE", "+493023125042"),
        ("493023125042", "DE", "+493023125042"),
        ("(415) 555-2671", "us", "+14155552671"),
        ("415.555.2671 x 33", "US", "+14155552671"),
        ("+1 415 555 2671 ext. 12", None, "+14155552671"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("011 44 20 7946 0958", "US", "+442079460958"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("098765 43210", "IN", "+919876543210"),
        ("+91-98765-43210", "US", "+919876543210"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("06 1234 5678", "IT", "+390612345678"),
        ("+39 06 1234 5678", None, "+390612345678"),
        ("(11) 91234-5678", "BR", "+5511912345678"),
        ("090-1234-5678", "JP", "+819012345678"),
        ("050 123 4567", "AE", "+971501234567"),
        ("tel:+14155552671", None, "+14155552671"),
        ("WhatsApp: +971 50 123 4567", None, "+971501234567"),
        ("\u202a+49 30 23125042\u202c", None, "+493023125042"),
        ("＋４９ ３０ ２３１２５０４２", None, "+493023125042"),
        ("4930231250.0", "DE", "+4930231250"),
    ],
)
def test_numbers_reach_one_spelling(typed, country, expected):
    assert to_e164(typed, country) == expected


@pytest.mark.parametrize("typed", ["+15555550142", "+15550783881"])
def test_possible_numbers_outside_the_tables_are_kept(typed):
    assert to_e164(typed) == typed


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        (None, "DE"),
        ("", "DE"),
        ("please call me", "DE"),
        ("030 23125042", None),
        ("12", "DE"),
        ("555 2671", "US"),
        ("+0123456789", None),
        ("+999 123456789", None),
        ("1" * 300, "DE"),
        ("+4930" + "1" * 40, None),
        ("030 23125042", "XX"),
        ("\x00", "DE"),
    ],
)
def test_what_is_no_number_becomes_none(typed, country):
    assert to_e164(typed, country) is None


def test_the_same_number_in_many_spellings_is_one():
    spellings = [
        "030 23125042",
        "+493023125042",
        "0049-30-23125042",
        "(030) 2312 5042",
        "030/23125042",
        "+49 (30) 2312504-2",
    ]
    assert {to_e164(spelling, "DE") for spelling in spellings} == {"+493023125042"}


def test_a_result_is_a_fixed_point():
    assert to_e164(to_e164("020 7946 0958", "GB"), "DE") == "+442079460958"


def test_digits_of_other_alphabets_count():
    assert digits("٠٥٠ ١٢٣") == "050123"
    assert digits(None) == ""


@pytest.mark.parametrize(
    ("typed", "expected"), [("030 23125042", True), ("1234", False), ("", False), (None, False), ("1" * 99, False)]
)
def test_dialable_needs_enough_digits_but_not_too_many(typed, expected):
    assert is_dialable(typed) is expected


def test_a_number_that_was_read_before_is_read_as_if_for_the_first_time():
    draw = random.Random(5)
    digits_only = [f"{draw.randrange(10**size):0{size}}" for size in (7, 8, 9, 10, 11) for _each in range(60)]
    for region in phonenumbers.SUPPORTED_REGIONS:
        example = phonenumbers.national_significant_number(phonenumbers.example_number(region))
        prefix = phonenumbers.PhoneMetadata.metadata_for_region(region, None).national_prefix or ""
        code = phonenumbers.country_code_for_region(region)
        slips = [f"{prefix}{example}", f"+{code}{prefix}{example}", f"+{code}{prefix}{prefix}{example}", f"0{example}"]
        for typed in (example, *slips, *draw.sample(digits_only, 8)):
            read = to_e164(typed, region)
            if not read:
                continue
            known = to_e164(read), is_valid(read)
            phone._READ.clear()
            phone._read_e164.cache_clear()
            phone.is_valid.cache_clear()
            assert (to_e164(read), is_valid(read)) == known, (region, typed)
