"""What the embed script and its forms send beside the answers."""

import json
from datetime import timedelta

import pytest

from odoo.addons.sales_pipeline.exceptions import NotVerified
from odoo.addons.sales_pipeline.providers.capture.base import RawRequest
from odoo.addons.sales_pipeline.providers.capture.generic import GenericProvider
from odoo.addons.sales_pipeline.providers.capture.referral import ReferralProvider
from odoo.addons.sales_pipeline.providers.capture.website import WebsiteProvider
from odoo.addons.sales_pipeline.tools.signatures import get_form_key

_SECRET = "our-secret"
_GOOGLE = "https://www.google.com/"
_JOURNEY = {
    "first": {"url": "https://shop.example/?utm_source=google&gclid=A-b", "referrer": _GOOGLE, "seconds": 600},
    "last": {"url": "https://shop.example/?utm_source=newsletter&utm_medium=email", "referrer": "", "seconds": 5},
    "ref": "FRIEND42",
    "fill_seconds": 4.5,
}
_FORM = {"name": "Robin", "email": "robin@example.com"}


def _parse(**fields):
    return WebsiteProvider([_SECRET]).parse({**_FORM, **fields}, "1")


def _verify(origins=(), key=None, secret=None, **headers):
    body = json.dumps({**_FORM, **({"pipeline_key": key} if key else {})}).encode()
    headers |= {"x-pipeline-secret": secret} if secret else {}
    provider = WebsiteProvider([_SECRET], settings={"origins": origins})
    provider.verify(RawRequest(body, headers, "application/json"))


def test_the_last_visit_is_where_the_lead_comes_from_and_the_first_goes_along():
    for value in (_JOURNEY, json.dumps(_JOURNEY)):
        lead = _parse(pipeline_journey=value)
        assert (lead.attribution.utm_source, lead.attribution.utm_medium) == ("newsletter", "email")
        assert lead.attribution.landing_page_url == _JOURNEY["last"]["url"]
        assert lead.attribution.click_ids == {}
        assert lead.journey.first.attribution.click_ids == {"gclid": "A-b"}
        assert lead.journey.first.age == timedelta(minutes=10)
        assert lead.answers == ()


def test_a_campaign_that_the_form_names_wins_over_the_visit():
    lead = _parse(pipeline_journey=_JOURNEY, utm_source="fair", page_url="https://shop.example/form", referrer="https://shop.example/")
    assert (lead.attribution.utm_source, lead.attribution.utm_medium) == ("fair", "email")
    assert lead.attribution.landing_page_url == _JOURNEY["last"]["url"]
    assert lead.attribution.referrer_url is None


def test_a_form_without_the_script_is_read_as_before():
    lead = _parse(page_url="https://shop.example/?utm_source=bing", referrer="https://bing.com/")
    assert lead.attribution.utm_source == "bing"
    assert lead.attribution.referrer_url == "https://bing.com/"
    assert (lead.journey.first, lead.journey.fill_seconds, lead.is_trapped) == (None, None, False)


def test_who_fills_in_the_trap_is_told_apart():
    assert _parse(pipeline_website="https://casino.example").is_trapped
    assert not _parse(pipeline_website="").is_trapped
    assert not _parse(pipeline_website="x").vouched().is_trapped


def test_a_second_click_is_one_capture_although_time_went_on():
    provider = WebsiteProvider([_SECRET])
    bodies = [{**_FORM, "pipeline_journey": {**_JOURNEY, "fill_seconds": seconds}} for seconds in (4.5, 5.0)]
    requests = [RawRequest(json.dumps(body).encode(), {}, "application/json") for body in bodies]
    assert len({provider.split(request)[0].external_id for request in requests}) == 1


def test_a_form_shows_a_key_that_is_not_the_secret():
    key = get_form_key(_SECRET)
    assert _SECRET not in key
    _verify(key=key)
    with pytest.raises(NotVerified, match="secret"):
        _verify(secret=key)
    with pytest.raises(NotVerified, match="secret"):
        _verify(key=get_form_key("another"))


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_pages_of_other_websites_are_refused_whatever_they_know(origin):
    for proof in ({"key": get_form_key(_SECRET)}, {"key": _SECRET}, {"secret": _SECRET}):
        with pytest.raises(NotVerified, match="origin"):
            _verify(["https://shop.example"], **proof, origin=origin)


def test_allowed_pages_and_servers_with_a_secret_are_let_in():
    _verify(["https://shop.example"], key=get_form_key(_SECRET), origin="https://shop.example")
    _verify(["https://shop.example"], secret=_SECRET)
    with pytest.raises(NotVerified, match="origin"):
        _verify(["https://shop.example"], key=get_form_key(_SECRET))


def test_a_wrong_secret_is_counted_as_such_before_the_page_is_looked_at():
    with pytest.raises(NotVerified, match="secret"):
        _verify(["https://shop.example"], key="guess", origin="https://evil.example")


def test_a_server_hands_on_what_the_script_told_its_form():
    for value in (_JOURNEY, json.dumps(_JOURNEY)):
        provider = GenericProvider([_SECRET])
        payload = {"contact": _FORM, "pipeline_journey": value}
        lead = provider.parse(payload, "1")
        assert (lead.email, lead.attribution.utm_source) == ("robin@example.com", "newsletter")
        assert lead.journey.first.attribution.utm_source == "google"
        assert [question.name for question in provider.read_questions(payload)] == ["contact.name", "contact.email"]


def test_a_referrers_system_speaks_as_forms_do():
    assert ReferralProvider([_SECRET]).parse(_FORM, "1").channel == "referral"
