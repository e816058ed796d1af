import base64
import hashlib
import hmac
import json

import pytest

from odoo.addons.sales_pipeline.exceptions import MalformedBody, NotVerified
from odoo.addons.sales_pipeline.providers.capture.base import RawRequest
from odoo.addons.sales_pipeline.providers.capture.generic import GenericProvider

_SECRET = "our-secret"
_BODY = {
    "event": "lead.new",
    "lead": {"contact": {"full name": "Kim Example", "E-Mail": "kim@example.com"}, "budget": 1200},
    "answers": [{"key": "q_1", "label": "Which roof?", "value": ["slate", "tin"]}],
}


def _provider(mapping=None, **settings):
    return GenericProvider(["old", _SECRET], "DE", mapping, settings)


def _request(body=_BODY, **headers):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return RawRequest(raw, {name.replace("_", "-"): value for name, value in headers.items()}, "application/json")


def _digest(body, secret=_SECRET):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return hmac.new(secret.encode(), raw, hashlib.sha256)


_HEX = _digest(_BODY).hexdigest()
_BASE64 = base64.b64encode(_digest(_BODY).digest()).decode()


@pytest.mark.parametrize(
    ("settings", "headers"),
    [
        ({}, {"x_signature": _HEX}),
        ({}, {"x_signature": f"sha256={_HEX.upper()}"}),
        ({"signature_header": "X-Shop-Hmac"}, {"x_shop_hmac": _HEX}),
        ({"proof": "hmac_base64"}, {"x_signature": _BASE64}),
        ({"proof": "hmac_base64"}, {"x_signature": f"sha256={_BASE64}"}),
        ({"proof": "secret", "signature_header": "Authorization"}, {"authorization": f"Bearer {_SECRET}"}),
        ({"proof": "secret"}, {"x_signature": _SECRET}),
    ],
)
def test_the_proof_that_the_source_asks_for_is_let_in(settings, headers):
    provider, request = _provider(**settings), _request(**headers)
    provider.verify(request)
    assert len(provider.split(request)) == 1


@pytest.mark.parametrize(
    ("settings", "headers", "reason"),
    [
        ({}, {}, "no_proof"),
        ({}, {"x_signature": _BASE64}, "signature"),
        ({}, {"x_signature": _SECRET}, "signature"),
        ({}, {"x_signature": _digest(b"{}").hexdigest()}, "signature"),
        ({}, {"x_signature": _digest(_BODY, "guess").hexdigest()}, "signature"),
        ({"signature_header": "X-Shop-Hmac"}, {"x_signature": _HEX}, "no_proof"),
        ({"proof": "hmac_base64"}, {"x_signature": _HEX}, "signature"),
        ({"proof": "hmac_base64"}, {"x_signature": "ü"}, "signature"),
        ({"proof": "secret"}, {"x_signature": _HEX}, "secret"),
    ],
)
def test_everything_else_is_refused_with_its_reason(settings, headers, reason):
    with pytest.raises(NotVerified, match=f"^{reason}$"):
        _provider(**settings).verify(_request(**headers))


@pytest.mark.parametrize("proof", ["hmac_hex", "hmac_base64", "secret"])
def test_without_a_secret_nobody_is_let_in(proof):
    empty = {"hmac_hex": _digest(_BODY, "").hexdigest(), "secret": ""}.get(proof, "")
    with pytest.raises(NotVerified, match=r"^no_secret$"):
        GenericProvider([""], settings={"proof": proof}).verify(_request(x_signature=empty))


def test_an_unproved_body_is_not_parsed():
    with pytest.raises(NotVerified):
        _provider().verify(_request(b"[" * 100_000, x_signature="00"))


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"[1]", b"[{}]", b"null", b'[{"a": 1}], "items": [{"a": 2}]', b'[{"a": 1}], "b": [1]',
     b"[" * 100_000, json.dumps([{"a": 1}] * 101).encode()],
)  # fmt: skip
def test_what_is_no_lead_is_malformed(body):
    with pytest.raises(MalformedBody):
        _provider().split(_request(body))


def test_a_list_is_as_many_leads_as_it_has_objects():
    items = _provider().split(_request([{"name": "A"}, {"name": "B"}], idempotency_key='"run-7"'))
    assert [(item.external_id, item.payload["name"]) for item in items] == [("run-7/1", "A"), ("run-7/2", "B")]


def test_the_id_is_the_headers_else_the_mapped_questions_else_the_contents():
    mapped = {"lead.ref": "external_id"}
    body = {"lead": {"ref": 77, "name": "Kim"}}
    assert _provider(mapped).split(_request(body, idempotency_key="k"))[0].external_id == "k"
    assert _provider(id_header="X-Id").split(_request(body, x_id="9", idempotency_key="k"))[0].external_id == "9"
    assert _provider(mapped).split(_request(body))[0].external_id == "77"
    first, again, other = (_provider().split(_request(found))[0].external_id for found in (body, body, {"a": 1}))
    assert first == again != other


def test_secrets_of_any_depth_are_not_stored():
    (item,) = _provider().split(_request({"auth": {"api_key": "abc"}, "name": "Kim"}))
    assert "abc" not in json.dumps(item.payload)


def test_nested_questions_find_their_place_by_their_names():
    provider = _provider()
    lead = provider.parse(provider.split(_request())[0].payload, "7")
    assert (lead.name, lead.email, lead.channel, lead.external_id) == ("Kim Example", "kim@example.com", "api", "7")
    assert lead.answers == (("event", "lead.new"), ("budget", "1200"), ("Which roof?", "slate, tin"))


def test_the_mapping_says_where_a_question_goes():
    mapping = {
        "lead.budget": "expected_revenue", "event": "ignore", "answers.q_1": "tags", "lead.contact.full name": "answer",
        "lead.contact.E-Mail": "field:x_mail",
    }  # fmt: skip
    lead = _provider(mapping).parse(_BODY)
    assert (lead.expected_revenue, lead.tags, lead.name, lead.email) == (1200.0, ("slate", "tin"), None, None)
    assert lead.answers == (("full name", "Kim Example"),)
    assert lead.own == {"x_mail": ("E-Mail", "kim@example.com")}


def test_a_test_is_marked_and_is_no_question():
    provider = _provider()
    (item,) = provider.split(_request({"name": "Kim", "is_test": True}))
    assert item.is_test and provider.parse(item.payload).is_test
    assert [question.name for question in provider.read_questions(item.payload)] == ["name"]
