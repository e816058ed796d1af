import pytest

from odoo.addons.sales_pipeline.tools.lead_words import (
    read_amount,
    read_outcome,
    read_prospective_type,
    read_temperature,
    read_yes_no,
    whole,
)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1200", 1200.0),
        ("1,200", 1200.0),
        ("1.200", 1200.0),
        ("1,200.50", 1200.5),
        ("1.200,50", 1200.5),
        ("€ 12.345.678,90", 12345678.9),
        ("1 200,5 EUR", 1200.5),
        ("0.5", 0.5),
        ("-3", -3.0),
        (1500, 1500.0),
        (99.9, 99.9),
    ],
)
def test_amounts_of_many_countries(typed, amount):
    assert read_amount(typed) == amount


@pytest.mark.parametrize("typed", [None, "", "a lot", "-", ".", True, "1-2", "--5"])
def test_what_is_no_amount_becomes_none(typed):
    assert read_amount(typed) is None


@pytest.mark.parametrize(
    ("typed", "outcome"),
    [("1.0", "won"), ("1", "won"), ("Won", "won"), ("0.0", "lost"), ("LOST", "lost"), ("2", None), ("", None)],
)
def test_outcomes(typed, outcome):
    assert read_outcome(typed) == outcome


@pytest.mark.parametrize(
    ("typed", "kind"), [("Enterprise", "corporate"), ("SMB", "sme"), ("B2C", "individual"), ("alien", None)]
)
def test_prospective_types(typed, kind):
    assert read_prospective_type(typed) == kind


@pytest.mark.parametrize(("typed", "heat"), [("HOT", "hot"), ("Medium", "warm"), ("1", "cold"), ("0", None)])
def test_temperatures(typed, heat):
    assert read_temperature(typed) == heat


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("on", True),
        ("Yes", True),
        (True, True),
        (False, False),
        ("no", False),
        ("1.0", True),
        ("maybe", None),
        (None, None),
    ],
)
def test_ticks(typed, answer):
    assert read_yes_no(typed) is answer


def test_only_whole_numbers_lose_their_fraction():
    assert [whole(text) for text in ("660737.0", "-3.00", "2.5", "v1.0", "")] == ["660737", "-3", "2.5", "v1.0", None]
