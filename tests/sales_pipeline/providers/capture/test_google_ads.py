import json
from datetime import datetime

import pytest

from odoo.addons.sales_pipeline.exceptions import MalformedBody, NotVerified
from odoo.addons.sales_pipeline.providers.capture.base import RawRequest
from odoo.addons.sales_pipeline.providers.capture.google_ads import GoogleAdsProvider

_KEY = "our-key"


def _column(column_id, value, name=None):
    return {
        key: text
        for key, text in (("column_id", column_id), ("string_value", value), ("column_name", name))
        if text is not None
    }


def _body(**changes):
    body = {
        "lead_id": "L-1",
        "user_column_data": [_column("FULL_NAME", "Dana Example"), _column("EMAIL", "Dana@Example.com")],
        "api_version": "1.0",
        "form_id": 40123456789,
        "campaign_id": "10123456789",
        "google_key": _KEY,
        "is_test": False,
        "gcl_id": "EAIa_Case-Sensitive",
    }
    body.update(changes)
    return {name: value for name, value in body.items() if value is not None}


def _request(body):
    return RawRequest(
        body if isinstance(body, bytes) else json.dumps(body).encode(), {}, "application/json; charset=utf-8"
    )


def _parse(country_code=None, **changes):
    provider = GoogleAdsProvider([_KEY], country_code)
    (item,) = provider.split(_request(_body(**changes)))
    return provider.parse(item.payload, item.external_id)


def test_the_right_key_is_let_in():
    provider, request = GoogleAdsProvider(["old", _KEY]), _request(_body())
    provider.verify(request)
    assert len(provider.split(request)) == 1


@pytest.mark.parametrize("key", ["guess", "", None, 0, True, [], {"a": 1}, _KEY + " ", _KEY.upper(), "schlüssel"])
def test_any_other_key_is_refused(key):
    with pytest.raises(NotVerified):
        GoogleAdsProvider([_KEY]).verify(_request(_body(google_key=key)))


@pytest.mark.parametrize("secrets", [[], [""], [None]])
def test_without_a_configured_key_nobody_is_let_in(secrets):
    with pytest.raises(NotVerified):
        GoogleAdsProvider(secrets).verify(_request(_body(google_key="")))


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'{"google_key": "our-key", "google_key": "our-key"}', b'{"a":' * 5000]
)
def test_a_body_that_cannot_be_read_is_malformed(body):
    with pytest.raises(MalformedBody):
        GoogleAdsProvider([_KEY]).verify(_request(body))


def test_the_key_is_not_stored():
    (item,) = GoogleAdsProvider([_KEY]).split(_request(_body()))
    assert _KEY not in json.dumps(item.payload)
    assert item.payload["form_id"] == 40123456789


@pytest.mark.parametrize(("lead_id", "stored"), [("L-1", "L-1"), (9223372036854775807, "9223372036854775807")])
def test_ids_are_numbers_or_text(lead_id, stored):
    (item,) = GoogleAdsProvider([_KEY]).split(_request(_body(lead_id=lead_id)))
    assert item.external_id == stored


@pytest.mark.parametrize(
    "changes",
    [{"lead_id": None}, {"lead_id": " "}, {"lead_id": []}, {"user_column_data": None}, {"user_column_data": {}}],
)
def test_a_lead_without_id_or_columns_is_malformed(changes):
    with pytest.raises(MalformedBody):
        GoogleAdsProvider([_KEY]).split(_request(_body(**changes)))


def test_all_of_googles_columns_find_their_field():
    columns = {
        "FIRST_NAME": "Dana", "LAST_NAME": "Example", "WORK_EMAIL": "dana@work.example", "WORK_PHONE": "030 23125042",
        "COMPANY_NAME": "Example Ltd", "JOB_TITLE": "Buyer", "STREET_ADDRESS": "Main Street 1", "CITY": "Berlin",
        "REGION": "Berlin", "POSTAL_CODE": "10117", "COUNTRY": "Germany",
    }  # fmt: skip
    lead = _parse(
        user_column_data=[_column(*pair) for pair in columns.items()], lead_submit_time="2026-11-23T08:40:00+01:00"
    )
    assert (lead.name, lead.email, lead.phone) == ("Dana Example", "dana@work.example", "+493023125042")
    assert (lead.company_name, lead.job_title, lead.street) == ("Example Ltd", "Buyer", "Main Street 1")
    assert (lead.city, lead.region, lead.zip, lead.country_code) == ("Berlin", "Berlin", "10117", "DE")
    assert lead.submitted_at == datetime(2026, 11, 23, 7, 40)
    assert lead.answers == lead.invalid == ()


def test_the_private_contact_goes_first_and_the_other_stays_readable():
    lead = _parse(user_column_data=[_column("WORK_EMAIL", "w@example.com"), _column("EMAIL", "p@example.com")])
    assert lead.email == "p@example.com"
    assert lead.answers == (("WORK_EMAIL", "w@example.com"),)


def test_questions_of_the_forms_author_are_kept_readable():
    lead = _parse(
        user_column_data=[
            _column("which_roof?", "Slate"),
            _column(None, "A new roof", "What do you need?"),
            _column(None, "", "Budget"),
            _column("SERVICE", "Roofing", "Service"),
            "nonsense",
            {"column_id": "EMAIL", "string_value": None},
        ]
    )
    assert lead.answers == (("which_roof?", "Slate"), ("What do you need?", "A new roof"), ("Service", "Roofing"))


def test_the_click_and_the_campaign_are_the_origin():
    lead = _parse()
    assert lead.attribution.click_ids == {"gclid": "EAIa_Case-Sensitive"}
    assert (lead.attribution.utm_source, lead.attribution.utm_medium) == ("google", "cpc")
    assert lead.attribution.utm_campaign == "10123456789"
    assert lead.custom["form_id"] == 40123456789
    assert lead.channel == "google_ads"


def test_a_lead_without_a_click_has_no_click_id():
    assert _parse(gcl_id=None).attribution.click_ids == {}


@pytest.mark.parametrize(
    ("value", "is_test"), [(True, True), (False, False), (None, False), ("true", False), (1, False)]
)
def test_only_googles_own_flag_marks_a_test(value, is_test):
    (item,) = GoogleAdsProvider([_KEY]).split(_request(_body(is_test=value)))
    assert item.is_test is is_test
    assert _parse(is_test=value).is_test is is_test


def test_bad_contacts_are_named_and_kept():
    lead = _parse(user_column_data=[_column("EMAIL", "no address"), _column("PHONE_NUMBER", "call me")])
    assert (lead.email, lead.phone, lead.invalid) == (None, None, ("email", "phone"))
    assert lead.answers == (("email", "no address"), ("phone", "call me"))
    assert not lead.has_contact


def test_answers_to_google():
    provider = GoogleAdsProvider([_KEY])
    accepted, refused = provider.acknowledge(_request(_body())), provider.refuse(401, "Invalid google_key")
    assert (accepted.status, accepted.body) == (200, {})
    assert (refused.status, refused.body) == (401, {"message": "Invalid google_key"})
