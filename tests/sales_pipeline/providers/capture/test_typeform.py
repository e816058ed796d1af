import base64
import hashlib
import hmac
import json
from datetime import datetime

import pytest

from odoo.addons.sales_pipeline.exceptions import MalformedBody, NotVerified, VendorBusy, VendorRefused
from odoo.addons.sales_pipeline.providers.capture.base import RawRequest
from odoo.addons.sales_pipeline.providers.capture.typeform import TypeformProvider
from odoo.addons.sales_pipeline.providers.http import VendorHttp
from tests.fakes.typeform import FORM, TOKEN, FakeTypeform, post_body
from tests.sales_pipeline.providers.conformance import SECRET, ProviderConformance


def signed(body, secret=SECRET):
    """Return a request as Typeform signs it."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    digest = base64.b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest()).decode()
    return RawRequest(raw, {"typeform-signature": f"sha256={digest}"}, "application/json")


class TestTypeformConforms(ProviderConformance):
    provider_class = TypeformProvider
    proof_header = "typeform-signature"

    def make_body(self, external_id, **changes):
        extras = {"hidden": {"utm_source": "x"}, "variables": [{"key": "plan", "type": "text", "text": "pro"}]}
        return post_body(external_id, "Dana Example", "dana@example.com", **{**extras, **changes})

    def make_request(self, body, secret=SECRET):
        return signed(body, secret)


def parse(mapping=None, **changes):
    """Return the lead of a response."""
    provider = TypeformProvider([SECRET], "DE", mapping=mapping)
    (item,) = provider.split(signed(post_body("tok1", "Dana Example", "dana@example.com", **changes)))
    return provider.parse(item.payload, item.external_id)


def answer(kind, value, ref=None, field_type=None):
    """Return one answer."""
    field = {"id": f"id-{ref or kind}", "type": field_type or kind, **({"ref": ref} if ref else {})}
    return {"type": kind, kind: value, "field": field}


def parse_answers(*answers, fields=(), **changes):
    """Return the lead of a response with these answers."""
    return parse(answers=list(answers), definition={"id": FORM, "fields": list(fields)}, **changes)


# ---- proof and posts


def test_a_published_signature_is_right():
    raw = (
        b'{"event_id":"01H","event_type":"form_response","form_response":{"form_id":"abc","token":"tok",'
        b'"submitted_at":"2023-11-14T22:13:20Z","answers":[]}}'
    )
    request = RawRequest(raw, {"typeform-signature": "sha256=tpceH674tX4nhoHSDRkfV4/WGakns3OkNWpJ7GGZMko="})
    TypeformProvider(["typeform_secret"]).verify(request)
    with pytest.raises(NotVerified):
        TypeformProvider(["typeform_secreT"]).verify(request)


def test_a_second_delivery_under_another_event_is_the_same_response():
    provider = TypeformProvider([SECRET])
    first, second = (
        provider.split(signed(post_body("tok1", "Dana", "d@example.com", event_id=event)))[0] for event in ("E1", "E2")
    )
    assert first.external_id == second.external_id == "tok1"


def test_an_unfinished_form_waits_for_its_rest():
    provider = TypeformProvider([SECRET])
    body = {**post_body("tok1", "Dana", "d@example.com"), "event_type": "form_response_partial"}
    (partial,) = provider.split(signed(body))
    (whole,) = provider.split(signed(post_body("tok1", "Dana", "d@example.com")))
    assert (partial.external_id, partial.waits_for) == (whole.external_id, "rest")
    assert whole.waits_for is None


def test_an_event_of_another_kind_is_nothing_to_store():
    assert TypeformProvider([SECRET]).split(signed({"event_type": "form_viewed"})) == []


@pytest.mark.parametrize("token", [None, "", "../x", [], "a" * 200])
def test_a_response_without_a_token_is_malformed(token):
    with pytest.raises(MalformedBody):
        TypeformProvider([SECRET]).split(signed(post_body(token, "Dana", "d@example.com")))


# ---- answers


def test_questions_are_named_by_their_reference_and_read_by_their_title():
    lead = parse()
    assert (lead.name, lead.email) == ("Dana Example", "dana@example.com")
    assert dict(lead.answers) == {"Which roof?": "Slate", "How many square metres?": "0"}
    assert (lead.submitted_at, lead.channel) == (datetime(2026, 11, 20, 8, 5), "typeform")


def test_all_types_of_answers_are_read():
    lead = parse_answers(
        answer("text", "Zoë\nline 2 <b>x</b>", "remark"),
        answer("choices", {"labels": ["Roof", "Solar"], "other": "Heat pump"}, "interest"),
        answer("choice", {"other": "Next spring"}, "when"),
        answer("boolean", False, "owner"),
        answer("number", 0, "rooms"),
        answer("date", "2026-12-24", "day"),
        answer("file_url", "https://api.typeform.com/x.pdf", "plan"),
        answer("url", "https://calendly.com/1", "meeting"),
        answer("payment", {"amount": "1", "success": True}, "pay"),
        answer("multi_format", {"video_url": "https://x.example.com/v"}, "video"),
        answer("something_new", {"a": 1}, "new"),
        answer("email", "zoe@example.com", "mail"),
        answer("phone_number", "+493023125042", "tel"),
    )
    assert dict(lead.answers) == {
        "remark": "Zoë\nline 2 <b>x</b>", "interest": "Roof, Solar, Heat pump", "when": "Next spring", "owner": "no",
        "rooms": "0", "day": "2026-12-24", "plan": "https://api.typeform.com/x.pdf", "video": "https://x.example.com/v",
        "meeting": "https://calendly.com/1", "pay": '{"amount": "1", "success": true}', "new": '{"a": 1}',
    }  # fmt: skip
    assert (lead.email, lead.phone) == ("zoe@example.com", "+493023125042")


def test_no_and_nought_are_answers():
    answers = dict(parse_answers(answer("boolean", False, "owner"), answer("number", 0, "rooms")).answers)
    assert answers == {"owner": "no", "rooms": "0"}


def test_a_form_may_have_no_answers_at_all():
    assert parse(answers=None).answers == ()


def test_piped_words_of_others_do_not_stand_in_a_question():
    fields = [{"id": "id-x", "ref": "x", "title": "Thanks, {{answer_6090}}! And {{hidden:who}}?", "type": "short_text"}]
    assert parse_answers(answer("text", "yes", "x"), fields=fields).answers == (("Thanks, …! And …?", "yes"),)


def test_a_group_of_contact_questions_finds_its_fields():
    parts = [("first_name", "Dana"), ("last_name", "Example"), ("company", "Example Ltd")]
    inner = [{"id": f"id-{name}", "ref": name + "-x", "subfield_key": name, "title": name} for name, _value in parts]
    group = {"id": "g", "type": "contact_info", "title": "You", "properties": {"fields": inner}}
    given = [{"type": "text", "text": value, "field": {"id": f"id-{name}"}} for name, value in parts]
    lead = parse_answers(*given, fields=[group])
    assert (lead.name, lead.company_name) == ("Dana Example", "Example Ltd")


@pytest.mark.parametrize(
    ("ref", "title", "field"),
    [
        ("01H-x", "What is your first name?", "name"), ("full_name", "Who are you?", "name"),
        ("r1", "Your name", "name"), ("r2", "What’s your company?", "company_name"),
        ("job_title", "{{x}}", "job_title"), ("r3", "City*", "city"),
    ],
)  # fmt: skip
def test_usual_questions_about_a_person_are_known(ref, title, field):
    fields = [{"id": f"id-{ref}", "ref": ref, "title": title, "type": "short_text"}]
    assert getattr(parse_answers(answer("text", "Some Value", ref), fields=fields), field) == "Some Value"


def test_legal_questions_are_the_consent():
    fields = [{"id": "id-t", "ref": "t", "title": "I accept the terms", "type": "legal"}]
    lead = parse_answers(answer("boolean", True, "t", "legal"), fields=fields)
    assert lead.consent == {"any": True, "text": "I accept the terms: yes"}
    assert parse_answers(answer("boolean", False, "t", "legal"), fields=fields).consent["any"] is False
    both = parse_answers(answer("boolean", True, "a", "legal"), answer("boolean", False, "b", "legal"))
    assert "any" not in both.consent and both.consent["text"] == "a: yes\nb: no"
    assert parse().consent == {}


def test_hidden_fields_say_where_the_visitor_came_from():
    known = {"utm_source": "newsletter", "utm_campaign": "xxxxx", "gclid": "EAIa_B", "utm_term": ""}
    lead = parse(hidden={**known, "customer": "4711"})
    assert (lead.attribution.utm_source, lead.attribution.utm_campaign) == ("newsletter", None)
    assert lead.attribution.click_ids == {"gclid": "EAIa_B"}
    assert ("customer", "4711") in lead.answers and "xxxxx" not in str(lead)


def test_what_the_form_worked_out_can_be_mapped():
    variables = [{"key": "score", "type": "number", "number": 4}, {"key": "budget", "type": "number", "number": 900}]
    lead = parse(mapping={"variable:budget": "expected_revenue"}, variables=variables, calculated={"score": 4})
    assert lead.expected_revenue == 900
    assert [pair for pair in lead.answers if pair[0] == "score"] == [("score", "4")]
    assert "score" not in dict(parse(calculated={"score": 0}).answers)


# ---- catching up


@pytest.fixture
def typeform():
    with FakeTypeform() as fake:
        yield fake


@pytest.fixture
def http():
    with VendorHttp(silent_seconds=2, total_seconds=5) as client:
        yield client


def _provider(typeform, **settings):
    values = {"account": FORM, "token": TOKEN, "base_url": typeform.base_url, **settings}
    return TypeformProvider([SECRET], settings=values)


def _catch_up(provider, http, cursor=None):
    found, cursor = [], cursor or provider.start_cursor(datetime(2026, 11, 1))
    while True:
        items, cursor = provider.catch_up(cursor, http)
        found += items
        if not provider.has_rest(cursor):
            return found, cursor


def test_every_response_is_caught_up_over_pages(typeform, http):
    for number in range(230):
        moment = f"2026-11-20T08:{number // 60:02}:{number % 60:02}Z"
        typeform.add(f"t{number}", f"Person {number}", f"p{number}@example.com", moment)
    typeform.add("old", "Old", "old@example.com", "2026-10-01T00:00:00Z")
    found, cursor = _catch_up(_provider(typeform), http)
    assert sorted(item.external_id for item in found) == sorted(f"t{number}" for number in range(230))
    assert TOKEN not in cursor + "".join(str(asked.query) for asked in typeform.asked)
    typeform.add("next", "Next", "next@example.com", "2026-11-20T12:00:00Z")
    found, _cursor = _catch_up(_provider(typeform), http, cursor)
    assert "next" in {item.external_id for item in found} and len(found) <= 231


def test_a_polled_response_reads_like_a_posted_one(typeform, http):
    typeform.add("tok1", "Dana Example", "dana@example.com", "2026-11-20T08:05:00Z")
    ((item,), _cursor) = _catch_up(_provider(typeform), http)
    polled, posted = TypeformProvider().parse(item.payload, "tok1"), parse(hidden={"utm_source": "newsletter"})
    assert item.external_id == "tok1"
    assert (polled.name, polled.email, polled.answers) == (posted.name, posted.email, posted.answers)
    assert (polled.attribution, polled.submitted_at) == (posted.attribution, posted.submitted_at)


@pytest.mark.parametrize(
    ("reply", "error_class", "code"),
    [
        ({"status": 401}, VendorRefused, "token"), ({"status": 403}, VendorRefused, "permission"),
        ({"status": 429, "headers": {"Retry-After": "3"}}, VendorBusy, "throttled"),
        ({"status": 502, "body": b"<html>"}, VendorBusy, "broken"), ({"body": [1]}, VendorBusy, "unreadable"),
        ({"is_reset": True, "body": {"items": [1] * 100}}, VendorBusy, None),
    ],
)  # fmt: skip
def test_errors_are_told_apart(typeform, http, reply, error_class, code):
    typeform.fail_next(**reply)
    provider = _provider(typeform)
    with pytest.raises(error_class) as caught:
        provider.catch_up(provider.start_cursor(datetime(2026, 11, 1)), http)
    assert code is None or caught.value.code == code


def test_what_is_missing_is_named(typeform, http):
    def check(**settings):
        return {finding.code: finding.is_ok for finding in _provider(typeform, **settings).check(http)}

    assert check() == {"token": True, "account": True, "subscription": True}
    assert check(token="wrong") == {"token": False}
    assert check(account="other") == {"account": False}
    assert check(account="") == {"account": False}
    typeform.is_enabled = False
    assert check()["subscription"] is False
    typeform.fail_next(status=500)
    assert check() == {"reachable": False}
