import hashlib
import hmac
import json
from datetime import datetime

import pytest

from odoo.addons.sales_pipeline.exceptions import MalformedBody, NotVerified, VendorBusy, VendorRefused
from odoo.addons.sales_pipeline.providers.capture.base import RawRequest
from odoo.addons.sales_pipeline.providers.capture.facebook import FacebookProvider
from odoo.addons.sales_pipeline.providers.graph import judge_graph, read_wait
from odoo.addons.sales_pipeline.providers.http import Answer, VendorHttp
from tests.fakes.graph import FORM, PAGE, TOKEN, FakeGraph, error_reply, lead_body, usage_headers
from tests.sales_pipeline.providers.conformance import SECRET, ProviderConformance

_SECOND = 1795419600  # 2026-11-23 07:40 UTC
_VERIFY_TOKEN = "our-verify-token"


def change(lead_id, **changes):
    """Return one change of a post, without the answers, as Meta sends it."""
    value = {"leadgen_id": lead_id, "page_id": PAGE, "form_id": FORM, "created_time": _SECOND, "ad_id": "301"}
    return {"field": "leadgen", "value": {**value, **changes}}


def post(*changes, page=PAGE):
    """Return the body of a post with one entry."""
    return {"object": "page", "entry": [{"id": page, "time": _SECOND, "changes": list(changes)}]}


def signed(body, secret=SECRET):
    """Return a request as Meta signs it: over the bytes, in which slashes and letters are escaped."""
    raw = body if isinstance(body, bytes) else json.dumps(body, separators=(",", ":")).replace("/", "\\/").encode()
    digest = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return RawRequest(raw, {"x-hub-signature-256": f"sha256={digest}"}, "application/json")


class TestFacebookConforms(ProviderConformance):
    provider_class = FacebookProvider
    proof_header = "x-hub-signature-256"

    def make_body(self, external_id, **changes):
        return post(change(external_id, **changes))

    def make_request(self, body, secret=SECRET):
        return signed(body, secret)


class TestFetchedLeadsConform(TestFacebookConforms):
    """The same once the answers were fetched, which are part of what is stored."""

    def split(self, body):
        lead = lead_body("1", "Dana Example", "dana@example.com", _SECOND)
        lead["field_data"].append({"name": "colours?", "values": ["red", "blue"]})
        lead["custom_disclaimer_responses"] = [{"checkbox_key": "news", "is_checked": "1"}]
        items = super().split(body)
        for item in items:
            item.payload["lead"] = lead
        return items


@pytest.fixture
def graph():
    with FakeGraph() as fake:
        yield fake


@pytest.fixture
def http():
    with VendorHttp(silent_seconds=0.4, total_seconds=1) as client:
        yield client


def provider(graph=None, mapping=None, **settings):
    """Return the provider of a page."""
    base = {"base_url": graph.base_url} if graph else {}
    values = {"account": PAGE, "token": TOKEN, "verify_token": _VERIFY_TOKEN, **base, **settings}
    return FacebookProvider([SECRET], "DE", mapping=mapping, settings=values)


def parse(mapping=None, **changes):
    """Return the lead of fetched answers."""
    lead = lead_body("1", "Dana Example", "dana@example.com", _SECOND, **changes)
    payload = {"leadgen_id": "1", "page_id": PAGE, "form_id": FORM, "created_time": _SECOND, "lead": lead}
    return provider(mapping=mapping).parse(payload, "1")


# ---- handshake


def _greet(**query):
    names = {"mode": "subscribe", "challenge": "1158201444", "verify_token": _VERIFY_TOKEN, **query}
    return RawRequest(b"", {}, "", {f"hub.{name}": value for name, value in names.items() if value is not None})


def test_the_challenge_comes_back_as_plain_text():
    greeting = provider().shake_hands(_greet())
    assert (greeting.status, greeting.body, greeting.text) == (200, None, "1158201444")


@pytest.mark.parametrize("query", [{"verify_token": "guess"}, {"verify_token": None}, {"mode": "unsubscribe"}])
def test_who_does_not_know_the_verify_token_gets_no_challenge(query):
    with pytest.raises(NotVerified):
        provider().shake_hands(_greet(**query))


def test_without_a_verify_token_nobody_is_greeted():
    with pytest.raises(NotVerified):
        provider(verify_token="").shake_hands(_greet(verify_token=""))


@pytest.mark.parametrize("challenge", ["<script>", "", "a b", "é", "1" * 200])
def test_a_challenge_that_is_none_is_not_repeated(challenge):
    with pytest.raises(MalformedBody):
        provider().shake_hands(_greet(challenge=challenge))


# ---- posts


def test_a_published_signature_is_right():
    raw = (
        b'{"object":"page","entry":[{"id":"111","time":1757846400,"changes":[{"field":"leadgen","value":'
        b'{"leadgen_id":"444","page_id":"111","form_id":"222","created_time":1757846399}}]}]}'
    )
    digest = "46b2eec7ee43a56e2be309437757faccbc57c67bc1b012fd6869398833657100"
    request = RawRequest(raw, {"x-hub-signature-256": f"sha256={digest}"})
    FacebookProvider(["test-app-secret"]).verify(request)
    with pytest.raises(NotVerified):
        FacebookProvider(["test-app-secret2"]).verify(request)


def test_every_change_of_every_entry_is_a_row_of_its_own():
    body = post(change("11"), change("12"))
    body["entry"] += post(change("13", page_id="999"), change("11"))["entry"]
    items = provider().split(signed(body))
    assert [(item.external_id, item.account) for item in items] == [("11", PAGE), ("12", PAGE), ("13", "999")]
    assert {item.waits_for for item in items} == {"answers"}


def test_a_change_without_a_page_belongs_to_its_entry():
    value = change(15)
    del value["value"]["page_id"]
    (item,) = provider().split(signed(post(value, page=104)))
    assert (item.external_id, item.account, item.payload["page_id"]) == ("15", "104", 104)


@pytest.mark.parametrize(
    "body",
    [
        {"object": "page", "entry": []}, post({"field": "feed", "value": {"item": "like"}}),
        {"object": "instagram", "entry": [{"changes": [change("1")]}]}, post({"field": "leadgen"}), post("junk"),
    ],
)  # fmt: skip
def test_what_is_no_lead_is_nothing_to_store(body):
    assert provider().split(signed(body)) == []


@pytest.mark.parametrize("lead_id", [None, "", "../me", "1/leads", "a b", [], True, "x" * 65])
def test_a_lead_without_a_usable_id_is_malformed_when_it_stands_alone(lead_id):
    with pytest.raises(MalformedBody):
        provider().split(signed(post(change(lead_id))))
    (item,) = provider().split(signed(post(change(lead_id), change("16"))))
    assert item.external_id == "16"


def test_the_sample_of_the_app_dashboard_is_a_test_and_not_fetched():
    (item,) = provider().split(signed(post(change("444444444444"))))
    assert (item.is_test, item.waits_for) == (True, None)
    assert provider().parse(item.payload, item.external_id).is_test


# ---- answers


def test_standard_and_custom_questions_find_their_place():
    lead = parse(
        field_data=[
            {"name": "full_name", "values": ["Dana Example"]},
            {"name": "email", "values": ["Dana@Example.com"]},
            {"name": "work_email", "values": ["dana@work.example"]},
            {"name": "phone_number", "values": ["030 23125042"]},
            {"name": "company_name", "values": ["Example Ltd"]},
            {"name": "job_title", "values": ["Buyer"]},
            {"name": "street_address", "values": ["Main Street 1"]},
            {"name": "city", "values": ["Berlin"]},
            {"name": "state", "values": ["Berlin"]},
            {"name": "post_code", "values": ["10117"]},
            {"name": "country", "values": ["DE"]},
            {"name": "which_roof_do_you_want?", "values": ["Slate", "Tile, red"]},
            {"name": "größe_(m²)", "values": ["120"]},
            {"name": "source", "values": ["a friend"]},
            {"name": "left_empty", "values": []},
        ]
    )
    assert (lead.name, lead.email, lead.phone) == ("Dana Example", "dana@example.com", "+493023125042")
    assert (lead.company_name, lead.job_title, lead.street) == ("Example Ltd", "Buyer", "Main Street 1")
    assert (lead.city, lead.region, lead.zip, lead.country_code) == ("Berlin", "Berlin", "10117", "DE")
    assert dict(lead.answers) == {
        "work email": "dana@work.example", "which roof do you want?": "Slate, Tile, red", "größe (m²)": "120",
        "source": "a friend",
    }  # fmt: skip
    assert lead.channel == "facebook" and not lead.is_test


def test_keys_follow_the_language_of_the_form():
    lead = parse(
        field_data=[
            {"name": "vorname", "values": ["Dana"]}, {"name": "nachname", "values": ["Example"]},
            {"name": "telefonnummer", "values": ["+4930 23125042"]},
        ]
    )  # fmt: skip
    assert (lead.name, lead.phone) == ("Dana Example", "+493023125042")


def test_a_mapping_brings_a_question_to_its_field():
    lead = parse(
        mapping={"which_roof?": "message", "colour": "ignore"},
        field_data=[{"name": "which_roof?", "values": ["Slate"]}, {"name": "colour", "values": ["red"]}],
    )
    assert (lead.message, lead.answers) == ("Slate", ())


def test_a_paid_click_is_told_from_an_organic_one():
    paid = parse(platform="ig").attribution
    assert (paid.utm_source, paid.utm_medium, paid.utm_campaign) == ("instagram", "paid_social", "Roofs")
    assert (paid.utm_content, paid.utm_term) == ("Slate roofs", "North")
    organic = parse(is_organic=True, ad_id=None, ad_name=None, adset_name=None, campaign_name=None, campaign_id=None)
    assert (organic.attribution.utm_source, organic.attribution.utm_medium) == ("facebook", "organic_social")
    assert organic.attribution.utm_campaign is organic.attribution.utm_content is None
    for ad_id in ("0", 0, None):
        assert parse(is_organic=None, ad_id=ad_id).attribution.utm_medium == "organic_social"
    assert parse(is_organic=None, ad_id=301).attribution.utm_medium == "paid_social"


def test_disclaimers_are_the_consent():
    def tick(*boxes):
        return parse(custom_disclaimer_responses=[{"checkbox_key": key, "is_checked": value} for key, value in boxes])

    both = tick(("terms", "1"), ("news", "1"))
    assert both.consent == {"any": True, "text": "terms: yes\nnews: yes"}
    assert tick(("terms", "")).consent == {"any": False, "text": "terms: no"}
    mixed = tick(("terms", "1"), ("news", ""))
    assert mixed.consent == {"text": "terms: yes\nnews: no"}
    assert ("news", "no") in mixed.answers
    assert parse(custom_disclaimer_responses=[]).consent == {}


@pytest.mark.parametrize(
    "values",
    [
        [{"name": "full_name", "values": ["<test lead: dummy data for full_name>"]}],
        [{"name": "email", "values": ["test@meta.com"]}], [{"name": "email", "values": ["Test@fb.com"]}],
    ],
)  # fmt: skip
def test_leads_of_the_testing_tool_are_tests(values):
    assert parse(field_data=values).is_test


def test_the_moment_is_the_persons():
    assert parse().submitted_at == datetime(2026, 11, 23, 7, 40)
    assert parse(created_time=None).submitted_at == datetime(2026, 11, 23, 7, 40)


# ---- fetching


def test_the_answers_are_fetched_with_the_pages_token(graph, http):
    graph.add("55", "Dana Example", "dana@example.com", _SECOND)
    page = provider(graph)
    (item,) = page.split(signed(post(change("55"))))
    assert page.must_complete(item.payload)
    payload = page.complete(item.payload, http)
    assert not page.must_complete(payload)
    lead = page.parse(payload, "55")
    assert (lead.name, lead.email, lead.custom["leadgen_id"]) == ("Dana Example", "dana@example.com", "55")
    (asked,) = graph.asked
    assert asked.path == "/v24.0/55" and "custom_disclaimer_responses" in asked.query["fields"]
    assert TOKEN not in json.dumps(asked.query) + json.dumps(payload)


def test_the_version_is_a_setting(graph, http):
    graph.add("55", "Dana", "dana@example.com", _SECOND)
    provider(graph, api_version="v31.0").complete({"leadgen_id": "55"}, http)
    assert graph.asked[0].path == "/v31.0/55"


def test_an_app_that_wants_its_secret_proved_gets_the_proof(graph, http):
    graph.add("55", "Dana", "dana@example.com", _SECOND)
    graph.app_secret = SECRET
    assert provider(graph).complete({"leadgen_id": "55"}, http)["lead"]["id"] == "55"
    graph.app_secret = "another"
    with pytest.raises(VendorRefused):
        provider(graph).complete({"leadgen_id": "55"}, http)


@pytest.mark.parametrize(
    ("reply", "error_class", "code", "wait"),
    [
        (error_reply(190, 401), VendorRefused, "token", None), (error_reply(102), VendorRefused, "token", None),
        (error_reply(4, 400, usage_headers(12)), VendorBusy, "throttled", 720),
        (error_reply(17), VendorBusy, "throttled", None), (error_reply(32), VendorBusy, "throttled", None),
        (error_reply(613), VendorBusy, "throttled", None), (error_reply(80005), VendorBusy, "throttled", None),
        (error_reply(1, 500), VendorBusy, "broken", None), (error_reply(2, 200), VendorBusy, "broken", None),
        (error_reply(100), VendorRefused, "gone", None), (error_reply(33), VendorRefused, "gone", None),
        (error_reply(10), VendorRefused, "permission", None), (error_reply(200), VendorRefused, "permission", None),
        (error_reply(999, is_transient=True), VendorBusy, "broken", None),
        (error_reply(999), VendorRefused, "refused", None),
        ({"status": 502, "body": b"<html>", "headers": {"Retry-After": "9"}}, VendorBusy, "broken", 9),
        ({"status": 200, "body": b"<html>"}, VendorBusy, "unreadable", None),
        ({"status": 200, "body": {"id": "55"}}, VendorBusy, "unreadable", None),
        ({"seconds": 0.8}, VendorBusy, "timeout", None),
    ],
)  # fmt: skip
def test_errors_are_judged_by_their_code(graph, http, reply, error_class, code, wait):
    graph.fail_next(**reply)
    with pytest.raises(error_class) as caught:
        provider(graph).complete({"leadgen_id": "55"}, http)
    assert (caught.value.code, caught.value.retry_after) == (code, wait)
    assert "secret-token-words" not in repr(caught.value) + repr(vars(caught.value))


@pytest.mark.parametrize(
    "headers", [{}, {"x-business-use-case-usage": "junk"}, {"x-business-use-case-usage": '{"1": 7}'},
                {"x-business-use-case-usage": "[]"}, {"x-business-use-case-usage": '{"1": [{}]}'}]
)  # fmt: skip
def test_limits_that_say_nothing_are_no_trouble(headers):
    assert read_wait(headers) is None


def test_the_longest_wait_counts_and_is_bounded():
    usage = {"1": [{"estimated_time_to_regain_access": 3}, {"estimated_time_to_regain_access": 5}]}
    assert read_wait({"x-business-use-case-usage": json.dumps(usage)}) == 300
    usage["1"][0]["estimated_time_to_regain_access"] = 10**9
    assert read_wait({"x-business-use-case-usage": json.dumps(usage)}) == 24 * 3600


def test_success_is_no_error():
    assert judge_graph(Answer(200, {}, {"id": "1"})) is None


def test_without_a_token_nothing_is_asked(graph, http):
    with pytest.raises(VendorRefused) as caught:
        provider(graph, token="").complete({"leadgen_id": "55"}, http)
    assert caught.value.code == "token_missing" and not graph.asked


# ---- catching up


def _catch_up(page, http, moment=datetime(2026, 11, 23)):
    cursor, found, rounds = page.start_cursor(moment), [], 0
    while not rounds or page.has_rest(cursor):
        items, cursor = page.catch_up(cursor, http)
        found += items
        rounds += 1
        assert rounds < 50
    return found, cursor


def test_every_lead_of_every_form_is_caught_up(graph, http):
    graph.forms[PAGE].append("205")
    for number in range(5):
        graph.add(f"7{number}", f"Person {number}", f"p{number}@example.com", _SECOND + number)
        graph.add(f"8{number}", f"Other {number}", f"o{number}@example.com", _SECOND + number, form_id="205")
    graph.add("60", "Too Old", "old@example.com", _SECOND - 90 * 86400)
    found, cursor = _catch_up(provider(graph), http)
    wanted = {f"{tens}{number}" for tens in "78" for number in range(5)}
    assert {item.external_id for item in found} == wanted and len(found) == len(wanted)
    assert all(item.waits_for is None and item.account == PAGE for item in found)
    lead = provider().parse(found[0].payload, found[0].external_id)
    assert lead.email and lead.custom["form_id"]
    assert TOKEN not in cursor + "".join(str(asked.query) for asked in graph.asked)


def test_the_next_round_begins_where_the_last_one_ended(graph, http):
    graph.add("70", "First", "first@example.com", _SECOND)
    _found, cursor = _catch_up(provider(graph), http)
    graph.add("71", "Second", "second@example.com", _SECOND + 7200)
    page, found = provider(graph), []
    while True:
        items, cursor = page.catch_up(cursor, http)
        found += [item.external_id for item in items]
        if not page.has_rest(cursor):
            break
    assert "71" in found
    assert json.loads(cursor)["since"] == _SECOND + 7200 - 3600


def test_a_form_that_is_gone_does_not_hide_the_others(graph, http):
    graph.forms[PAGE].insert(0, "206")
    graph.add("70", "First", "first@example.com", _SECOND)
    page = provider(graph)
    _items, cursor = page.catch_up(page.start_cursor(datetime(2026, 11, 23)), http)
    assert json.loads(cursor)["forms"] == [FORM]
    cursor = cursor.replace('"206"', '"207"')
    items, cursor = page.catch_up(json.dumps({**json.loads(cursor), "forms": ["207", FORM]}), http)
    assert items == [] and page.has_rest(cursor)
    items, cursor = page.catch_up(cursor, http)
    assert [item.external_id for item in items] == ["70"] and not page.has_rest(cursor)


def test_a_cursor_that_grew_old_begins_its_form_anew(graph, http):
    for number in range(5):
        graph.add(f"7{number}", f"Person {number}", f"p{number}@example.com", _SECOND + number)
    page = provider(graph)
    items, cursor = page.catch_up(page.start_cursor(datetime(2026, 11, 23)), http)
    cursor = json.dumps({**json.loads(cursor), "after": "after-nobody"})
    found = [item.external_id for item in items]
    while page.has_rest(cursor):
        items, cursor = page.catch_up(cursor, http)
        found += [item.external_id for item in items]
    assert set(found) == {f"7{number}" for number in range(5)}


def test_a_limit_amid_the_pages_loses_nothing(graph, http):
    for number in range(5):
        graph.add(f"7{number}", f"Person {number}", f"p{number}@example.com", _SECOND + number)
    page = provider(graph)
    items, cursor = page.catch_up(page.start_cursor(datetime(2026, 11, 23)), http)
    graph.fail_next(**error_reply(4))
    with pytest.raises(VendorBusy):
        page.catch_up(cursor, http)
    found = [item.external_id for item in items]
    while page.has_rest(cursor):
        items, cursor = page.catch_up(cursor, http)
        found += [item.external_id for item in items]
    assert sorted(found) == [f"7{number}" for number in range(5)]


def test_a_page_has_to_be_named(graph, http):
    with pytest.raises(VendorRefused) as caught:
        provider(graph, account="").catch_up(provider().start_cursor(datetime(2026, 11, 23)), http)
    assert caught.value.code == "account_missing"


# ---- the doctor


def _check(graph, http, **settings):
    return {finding.code: finding.is_ok for finding in provider(graph, **settings).check(http)}


def test_a_set_up_that_is_right_is_told(graph, http):
    assert _check(graph, http) == {"token": True, "account": True, "subscription": True, "leads": True}


def test_what_is_missing_is_named(graph, http):
    assert _check(graph, http, token="expired") == {"token": False}
    assert _check(graph, http, token="") == {"token": False}
    assert _check(graph, http, account="999")["account"] is False
    graph.subscribed_fields = ["feed"]
    assert _check(graph, http)["subscription"] is False
    graph.fail_next(status=503)
    assert _check(graph, http) == {"reachable": False}
