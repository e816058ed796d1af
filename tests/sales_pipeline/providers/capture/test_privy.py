import base64
import json
from dataclasses import replace
from datetime import datetime

import pytest

from odoo.addons.sales_pipeline.exceptions import MalformedBody, NotVerified
from odoo.addons.sales_pipeline.providers.capture.base import RawRequest
from odoo.addons.sales_pipeline.providers.capture.privy import PrivyProvider
from tests.sales_pipeline.providers.conformance import SECRET, STRANGE, ProviderConformance


def basic(password, user="privy"):
    """Return the header that an address with user and password makes a sender write."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def sign_up(external_id=1000001, **changes):
    """Return what Privy posts when somebody signs up."""
    body = {
        "id": external_id, "email": "ben@example.com", "first_name": "Ben", "last_name": "Example",
        "custom_fields": {"favourite_colour": "blue"}, "created_at": "2026-11-23T07:40:00Z",
        "updated_at": "2026-11-23T07:40:00Z", "display": {"id": 2, "title": "Ten percent off"},
    }  # fmt: skip
    return {**body, **changes}


def request_of(body, secret=SECRET):
    """Return the request of a webhook whose address holds user and password."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return RawRequest(raw, {"authorization": basic(secret)}, "application/json")


class TestPrivyConforms(ProviderConformance):
    provider_class = PrivyProvider
    proof_header = "authorization"

    def make_body(self, external_id, **changes):
        return sign_up(external_id, **changes)

    def make_request(self, body, secret=SECRET):
        return request_of(body, secret)


def parse(**changes):
    """Return the lead of a sign-up."""
    provider = PrivyProvider([SECRET], "DE")
    (item,) = provider.split(request_of(sign_up(**changes)))
    return provider.parse(item.payload, item.external_id)


def test_the_key_may_stand_in_the_address_instead():
    request = replace(request_of(sign_up()), headers={}, query={"key": SECRET})
    PrivyProvider([SECRET]).verify(request)
    for query in ({"key": STRANGE}, {"key": ""}, {"kex": SECRET}, {}):
        with pytest.raises(NotVerified):
            PrivyProvider([SECRET]).verify(replace(request, query=query))


def test_a_password_may_hold_any_character():
    for secret in ("a:b", "schlüssel", "☃ snow"):
        provider, request = PrivyProvider([secret]), request_of(sign_up(), secret)
        provider.verify(request)
        assert len(provider.split(request)) == 1


@pytest.mark.parametrize(
    "header", [SECRET, f"Bearer {SECRET}", "Basic", "Basic !", "Basic " + SECRET, f"basic {SECRET}:"]
)
def test_a_header_of_another_kind_is_turned_away(header):
    with pytest.raises(NotVerified):
        PrivyProvider([SECRET]).verify(RawRequest(b"{}", {"authorization": header}))


def test_the_same_sign_up_is_one_and_a_changed_one_another():
    provider = PrivyProvider([SECRET])

    def id_of(**changes):
        return provider.split(request_of(sign_up(**changes)))[0].external_id

    assert id_of() == id_of()
    changed = [id_of(display={"id": 3, "title": "Exit"}), id_of(first_name="Benjamin"), id_of(updated_at=None)]
    assert len({id_of(), *changed}) == 4


@pytest.mark.parametrize("external_id", [None, "", [], {}, True])
def test_a_sign_up_without_an_id_is_malformed(external_id):
    with pytest.raises(MalformedBody):
        PrivyProvider([SECRET]).split(request_of(sign_up(external_id)))


def test_a_sign_up_becomes_a_lead():
    lead = parse(custom_fields={"phone": "030 23125042", "favourite_colour": "blue", "utm_source": "newsletter"})
    assert (lead.name, lead.email, lead.phone) == ("Ben Example", "ben@example.com", "+493023125042")
    assert dict(lead.answers) == {"favourite colour": "blue", "display": "Ten percent off"}
    assert (lead.attribution.utm_source, lead.channel) == ("newsletter", "privy")
    assert lead.submitted_at == datetime(2026, 11, 23, 7, 40)
    assert lead.custom == {"privy_id": 1000001, "display_id": 2}


@pytest.mark.parametrize("custom", [None, {}, [], ""])
def test_custom_fields_may_be_empty_in_several_ways(custom):
    lead = parse(custom_fields=custom, display=None, first_name=None, last_name=None, created_at=None, updated_at=None)
    assert (lead.email, lead.name, lead.answers) == ("ben@example.com", None, ())
