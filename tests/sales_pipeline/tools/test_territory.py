import pytest

from odoo.addons.sales_pipeline.exceptions import UnreadablePostcode
from odoo.addons.sales_pipeline.tools.territory import Territory, is_within, read_postcodes


@pytest.mark.parametrize(("spans", "postcode", "is_in"), [
    ("80-85", "80331", True), ("80-85", "86150", False), ("80", "80331", True), ("80*", "80331", True),
    ("SW1A", "sw1a 1aa", True), ("SW1A", "SW1B 1AA", False), ("1000-1099", "1012 AB", True),
    ("9, 80-81", "99999", True),
    ("10001-10099", "10044-1234", True), ("80-85", "", False), ("80-85", None, False), ("80-85", "8", False),
])  # fmt: skip
def test_postcodes(spans, postcode, is_in):
    assert is_within(postcode, read_postcodes(spans)) is is_in


@pytest.mark.parametrize("text", ["85-80", "80-850", "80-81-82", "-", "!"])
def test_what_names_no_postcodes_is_refused(text):
    with pytest.raises(UnreadablePostcode):
        read_postcodes(text)


def test_without_conditions_every_lead_fits():
    assert Territory().covers({})


def test_states_narrow_their_own_country_only():
    south = Territory(countries=frozenset([1, 2]), states={10: 1})
    assert south.covers({"country_id": 1, "state_id": 10})
    assert not south.covers({"country_id": 1, "state_id": 11})
    assert not south.covers({"country_id": 1})
    assert south.covers({"country_id": 2})
    assert not south.covers({"country_id": 3})


@pytest.mark.parametrize("missing", ["country_id", "zip", "lang_id", "prospective_type", "pipeline_source_id"])
def test_every_condition_must_hold(missing):
    rule = Territory(frozenset([1]), None, read_postcodes("8"), frozenset([4]), frozenset(["sme"]), frozenset([5]))
    values = {"country_id": 1, "zip": "80", "lang_id": 4, "prospective_type": "sme", "pipeline_source_id": 5}
    assert rule.covers(values)
    assert not rule.covers({**values, missing: False})
