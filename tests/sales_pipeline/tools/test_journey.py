import json
from datetime import timedelta

import pytest

from odoo.addons.sales_pipeline.tools.journey import Journey, read_journey

_GOOGLE = "https://www.google.com/"
_FIRST = {"url": "https://shop.example/?utm_source=google&gclid=EAIa_B", "referrer": _GOOGLE, "seconds": 90}
_LAST = {"url": "https://shop.example/offer?utm_source=newsletter", "referrer": "", "seconds": 5}


def test_first_and_last_visit_are_told_with_their_ages():
    told = {"first": _FIRST, "last": _LAST, "ref": "FRIEND42", "fill_seconds": 12.5}
    for value in (told, json.dumps(told)):
        journey = read_journey(value)
        assert journey.first.attribution.utm_source == "google"
        assert journey.first.attribution.click_ids == {"gclid": "EAIa_B"}
        assert journey.first.attribution.referrer_url == "https://www.google.com/"
        assert journey.first.age == timedelta(seconds=90)
        assert journey.last.attribution.utm_source == "newsletter"
        assert journey.last.age == timedelta(seconds=5)
        assert (journey.referral_code, journey.fill_seconds) == ("FRIEND42", 12.5)


def test_one_visit_is_the_last_alone():
    for told in ({"first": _FIRST, "last": _FIRST}, {"first": _FIRST}, {"last": _FIRST}):
        journey = read_journey(told)
        assert journey.first is None
        assert journey.last.attribution.utm_source == "google"


@pytest.mark.parametrize(
    "value",
    [None, "", "{", "[]", "null", 7, True, [], {}, "x" * 20_000, '{"first": 1}', {"first": []}, {"last": {"url": 5}},
     {"last": {"url": "javascript:alert(1)"}}, "[" * 1000, {"ref": {"a": 1}}, {"fill_seconds": "soon"}],
)  # fmt: skip
def test_what_cannot_be_read_is_left_out(value):
    assert read_journey(value) == Journey()


@pytest.mark.parametrize(("seconds", "age"), [(-5, 0), ("5", 0), (True, 0), (1e30, 400 * 86400), (59.9, 59)])
def test_an_impossible_age_is_bounded(seconds, age):
    assert read_journey({"last": {**_LAST, "seconds": seconds}}).last.age == timedelta(seconds=age)
