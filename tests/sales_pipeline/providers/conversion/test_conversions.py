"""Each platform is told what it documents, and what it answers is understood row by row."""

import json
from datetime import datetime, timedelta, timezone
from hashlib import sha256

import pytest

from odoo.addons.sales_pipeline.providers.conversion.base import Conversion, hash_email, hash_phone
from odoo.addons.sales_pipeline.providers.conversion.google_ads import GoogleAdsConversionProvider
from odoo.addons.sales_pipeline.providers.conversion.google_data_manager import GoogleDataManagerProvider
from odoo.addons.sales_pipeline.providers.conversion.meta import MetaConversionProvider
from odoo.addons.sales_pipeline.providers.http import VendorHttp
from tests.fakes.ad_platforms import ACCOUNT, DATA_SET, DEVELOPER, META_TOKEN, REFRESH, FakeGoogle, FakeMeta

NOW = datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)
GOOGLE = {
    "account": "123-456-7890", "client_id": "id", "client_secret": "secret", "refresh_token": REFRESH,
    "developer_token": DEVELOPER, "actions": {"qualified": "11", "won": "22"},
}  # fmt: skip
META = {"account": DATA_SET, "token": META_TOKEN, "actions": {"qualified": "Lead", "won": "Purchase"}}
PLATFORMS = {
    "google": (GoogleDataManagerProvider, FakeGoogle, GOOGLE, "gclid"),
    "google_ads": (GoogleAdsConversionProvider, FakeGoogle, GOOGLE, "gclid"),
    "meta": (MetaConversionProvider, FakeMeta, META, "fbclid"),
}


class Platform:
    """A fake platform and the provider that speaks with it."""

    def __init__(self, name, http):
        self.provider_class, fake_class, self.settings, self.click_name = PLATFORMS[name]
        self.name, self.http, self.fake = name, http, fake_class()

    def conversion(self, number=1, **values):
        return Conversion(**{
            "key": f"uuid-{number}-won", "stage": "won", "occurred_at": NOW - timedelta(hours=1),
            "click_ids": {self.click_name: f"Click-{number}"}, "clicked_at": NOW - timedelta(days=2),
            "email": "Robin.Example+shop@Gmail.com", "phone": "+493023125042", "value": 1200.5, "currency": "EUR",
            **values,
        })  # fmt: skip

    def send(self, *conversions, **settings):
        provider = self.provider_class({"base_url": self.fake.base_url, **self.settings, **settings})
        return provider.send(conversions, self.http, NOW)

    def codes(self, *conversions, **settings):
        return [(outcome.state, outcome.code) for outcome in self.send(*conversions, **settings)]

    @property
    def sent_bodies(self):
        return [json.loads(asked.body) for asked in self.fake.asked if asked.path != "/token"]


@pytest.fixture
def http():
    with VendorHttp(silent_seconds=0.4, total_seconds=1) as client:
        yield client


@pytest.fixture(params=list(PLATFORMS))
def platform(request, http):
    found = Platform(request.param, http)
    with found.fake:
        yield found


@pytest.fixture
def google_ads(http):
    found = Platform("google_ads", http)
    with found.fake:
        yield found


@pytest.fixture
def data_manager(http):
    found = Platform("google", http)
    with found.fake:
        yield found


@pytest.fixture
def meta(http):
    found = Platform("meta", http)
    with found.fake:
        yield found


def sha(text):
    return sha256(text.encode()).hexdigest()


# ---- the words of each platform


def test_the_google_ads_api_gets_what_it_documents(google_ads):
    google_ads.send(google_ads.conversion(has_consent=True), login_account="999-888-7777")
    asked = google_ads.fake.asked[-1]
    assert asked.path == f"/v26/customers/{ACCOUNT}:uploadClickConversions"
    assert (asked.headers["developer-token"], asked.headers["login-customer-id"]) == (DEVELOPER, "9998887777")
    assert google_ads.sent_bodies == [{
        "conversions": [{
            "gclid": "Click-1", "conversionAction": f"customers/{ACCOUNT}/conversionActions/22",
            "conversionDateTime": f"{NOW - timedelta(hours=1):%Y-%m-%d %H:%M:%S}+00:00", "conversionValue": 1200.5,
            "currencyCode": "EUR", "orderId": "uuid-1-won", "consent": {"adUserData": "GRANTED"},
            "userIdentifiers": [
                {"hashedEmail": sha("robinexample@gmail.com")}, {"hashedPhoneNumber": sha("+493023125042")},
            ],
        }],
        "partialFailure": True,
    }]  # fmt: skip


def test_the_data_manager_gets_what_it_documents(data_manager):
    data_manager.send(data_manager.conversion(), data_manager.conversion(2, stage="qualified", value=None))
    (body,) = data_manager.sent_bodies
    account = {"accountType": "GOOGLE_ADS", "accountId": ACCOUNT}
    assert body["destinations"] == [
        {"reference": "won", "operatingAccount": account, "loginAccount": account, "productDestinationId": "22"},
        {"reference": "qualified", "operatingAccount": account, "loginAccount": account, "productDestinationId": "11"},
    ]
    assert body["events"][0] == {
        "destinationReferences": ["won"], "transactionId": "uuid-1-won",
        "eventTimestamp": f"{NOW - timedelta(hours=1):%Y-%m-%dT%H:%M:%S}Z", "eventSource": "WEB",
        "adIdentifiers": {"gclid": "Click-1"}, "conversionValue": 1200.5, "currency": "EUR",
        "userData": {"userIdentifiers": [
            {"emailAddress": sha("robinexample@gmail.com")}, {"phoneNumber": sha("+493023125042")},
        ]},
    }  # fmt: skip
    assert body["events"][1]["destinationReferences"] == ["qualified"]
    assert "conversionValue" not in body["events"][1]
    assert body["encoding"] == "HEX"


def test_meta_gets_what_it_documents(meta):
    meta.send(meta.conversion(vendor_lead_id="1234567890123456"), test_code="TEST7")
    seconds = int((NOW - timedelta(hours=1)).replace(tzinfo=timezone.utc).timestamp())
    clicked = int((NOW - timedelta(days=2)).replace(tzinfo=timezone.utc).timestamp())
    assert meta.sent_bodies == [{
        "data": [{
            "event_name": "Purchase", "event_time": seconds, "event_id": "uuid-1-won",
            "action_source": "system_generated",
            "user_data": {
                "em": [sha("robin.example+shop@gmail.com")], "ph": [sha("493023125042")],
                "lead_id": 1234567890123456, "fbc": f"fb.1.{clicked}000.Click-1",
            },
            "custom_data": {"event_source": "crm", "lead_event_source": "Odoo", "value": 1200.5, "currency": "EUR"},
        }],
        "test_event_code": "TEST7",
    }]  # fmt: skip


def test_an_ios_click_stands_alone_and_points_at_nobody(google_ads, data_manager):
    for platform in (google_ads, data_manager):
        for name in ("gbraid", "wbraid"):
            outcomes = platform.send(platform.conversion(click_ids={name: "Ios"}, key=name))
            assert outcomes[0].state == "sent"
            sent = json.dumps(platform.sent_bodies[-1])
            assert '"Ios"' in sent and sha("robinexample@gmail.com") not in sent


def test_a_lead_form_of_meta_needs_no_click(meta):
    assert meta.codes(meta.conversion(click_ids={}, vendor_lead_id="1234567890123456")) == [("sent", "")]
    assert "fbc" not in meta.fake.offered[0]["user_data"]


def test_nobody_is_sent_in_clear(platform):
    platform.send(platform.conversion(email="robin@shop.example", phone="030 23125042"))
    sent = json.dumps(platform.sent_bodies)
    assert "robin" not in sent and "23125042" not in sent
    assert sha("robin@shop.example") in sent


def test_hashes_are_those_that_meta_publishes():
    assert hash_email(" John_Smith@gmail.com ") == "62a14e44f765419d10fea99367361a727c12365e2520f32218d505ed9aa0f62f"
    assert hash_phone("+16505551212", has_plus=False) == (
        "e323ec626319ca94ee8bff2e4c87cf613be6ea19919ed1364124e16807ab3176"
    )


@pytest.mark.parametrize(("given", "read"), [
    ("cloudy.sanfrancisco+shopping@gmail.com", "cloudysanfrancisco@gmail.com"),
    ("Cloudy.SanFrancisco@googlemail.com", "cloudysanfrancisco@googlemail.com"),
    ("user.name+NYC@Example.com", "user.name+nyc@example.com"),
])  # fmt: skip
def test_google_folds_only_its_own_addresses(given, read):
    assert hash_email(given, folds_gmail=True) == sha(read)


@pytest.mark.parametrize("phone", [None, "", "030 23125042", "+0123456789", "+12", "tel:+493023125042"])
def test_what_is_no_number_is_left_out(phone):
    assert hash_phone(phone, has_plus=True) is None


# ---- what is answered


def test_what_is_taken_is_counted_under_its_action_with_a_reference(platform):
    outcomes = platform.send(platform.conversion(), platform.conversion(2, stage="qualified"))
    assert [outcome.state for outcome in outcomes] == ["sent", "sent"]
    assert all(outcome.reference for outcome in outcomes)
    actions = platform.settings["actions"]
    assert set(platform.fake.counted) == {(actions["won"], "uuid-1-won"), (actions["qualified"], "uuid-2-won")}


def test_a_bad_row_does_not_spoil_its_neighbours(platform):
    platform.fake.refusing = {"Click-2": "EXPIRED_EVENT"}
    outcomes = platform.send(*(platform.conversion(number) for number in (1, 2, 3)))
    assert [outcome.state for outcome in outcomes] == ["sent", "refused", "sent"]
    assert len(platform.fake.counted) == 2
    platform.send(*(platform.conversion(number) for number in (1, 2, 3)))
    assert len(platform.fake.counted) == 2


@pytest.mark.parametrize(("word", "outcome"), [
    ("EXPIRED_EVENT", ("refused", "too_old")),
    ("UNPARSEABLE_GCLID", ("refused", "unknown_click")),
    ("INVALID_CUSTOMER_FOR_CLICK", ("refused", "wrong_account")),
    ("CONVERSION_PRECEDES_EVENT", ("refused", "before_click")),
    ("ORDER_ID_CONTAINS_PII", ("refused", "refused")),
    ("CLICK_CONVERSION_ALREADY_EXISTS", ("sent", "already")),
    ("TOO_RECENT_EVENT", ("later", "too_early")),
    ("NO_CONVERSION_ACTION_FOUND", ("later", "action")),
    ("CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS", ("later", "terms")),
])  # fmt: skip
def test_googles_partial_failures_are_understood_word_by_word(google_ads, word, outcome):
    google_ads.fake.refusing = {"Click-2": word}
    found = google_ads.send(google_ads.conversion(1), google_ads.conversion(2))
    assert [(one.state, one.code) for one in found] == [("sent", ""), outcome]
    assert found[1].vendor_code == word


def test_a_partial_failure_that_names_no_row_lets_none_pass(google_ads):
    google_ads.fake.fail_next(body={"access_token": "x"})
    google_ads.fake.fail_next(body={"results": [{}, {}], "partialFailureError": {"code": 3, "message": "?"}})
    found = google_ads.codes(google_ads.conversion(1), google_ads.conversion(2))
    assert found == [("later", "unreadable")] * 2


def test_a_repetition_counts_once(platform):
    platform.fake.lost_answers = 1
    assert platform.codes(platform.conversion()) == [("later", "unreachable")]
    assert len(platform.fake.counted) == 1
    assert platform.send(platform.conversion())[0].state == "sent"
    assert (len(platform.fake.counted), len(platform.fake.offered)) == (1, 2)


@pytest.mark.parametrize(("trouble", "code"), [
    ({"status": 500}, "broken"), ({"status": 503}, "broken"), ({"status": 429}, "throttled"),
    ({"seconds": 0.6}, "timeout"), ({"is_reset": True, "body": {"x": 1}}, "unreachable"),
    ({"status": 200, "body": b"<html>"}, "unreadable"),
])  # fmt: skip
def test_trouble_at_the_platform_means_later(platform, trouble, code):
    platform.fake.fail_api(**trouble)
    assert platform.codes(platform.conversion()) == [("later", code)]
    assert platform.codes(platform.conversion()) == [("sent", "")]


def test_the_platform_says_how_long_to_wait(platform):
    platform.fake.fail_api(status=429, headers={"Retry-After": "90"})
    assert platform.send(platform.conversion())[0].retry_after == 90


def test_google_says_how_long_to_wait_in_its_details_as_well(google_ads):
    google_ads.fake.fail_api(status=429, body={"error": {"status": "RESOURCE_EXHAUSTED", "details": [
        {"errors": [{"errorCode": {"quotaError": "RESOURCE_EXHAUSTED"}}]}, {"retryDelay": "12.5s"},
    ]}})  # fmt: skip
    (outcome,) = google_ads.send(google_ads.conversion())
    assert (outcome.code, outcome.vendor_code, outcome.retry_after) == ("throttled", "RESOURCE_EXHAUSTED", 12)


def test_credentials_taken_back_are_the_fault_of_no_conversion(platform):
    wrong = {"token": "other"} if platform.name == "meta" else {"refresh_token": "other"}
    assert platform.codes(platform.conversion(1), platform.conversion(2), **wrong) == [("later", "token")] * 2
    assert not platform.fake.counted


def test_credentials_that_are_not_there_are_not_asked_for_at_the_platform(platform):
    empty = {"token": ""} if platform.name == "meta" else {"client_secret": ""}
    assert platform.codes(platform.conversion(), **empty) == [("later", "token_missing")]
    assert not platform.fake.asked


@pytest.mark.parametrize("account", ["", None, "../me"])
def test_an_account_that_is_no_number_is_asked_nothing(platform, account):
    assert platform.codes(platform.conversion(), account=account) == [("later", "account")]
    assert not platform.fake.asked


def test_a_data_set_that_meta_does_not_know_is_a_matter_of_the_settings(meta):
    assert meta.codes(meta.conversion(), account="999") == [("later", "account")]


def test_a_new_developer_token_is_told_which_way_to_take(google_ads):
    google_ads.fake.is_closed = True
    (outcome,) = google_ads.send(google_ads.conversion())
    assert (outcome.state, outcome.code) == ("later", "road_closed")


def test_what_is_too_old_for_meta_does_not_spoil_what_is_not(meta):
    old = meta.conversion(occurred_at=NOW - timedelta(days=8))
    assert meta.codes(old, meta.conversion(2)) == [("refused", "too_old"), ("sent", "")]
    assert len(meta.fake.asked) == 1


def test_what_must_not_be_sent_is_not(platform):
    refused = platform.conversion(refusal="no_consent")
    assert platform.codes(refused) == [("refused", "no_consent")]
    assert not platform.fake.asked


def test_a_lead_without_a_click_or_an_action_is_not_sent(platform):
    assert platform.codes(platform.conversion(click_ids={"ttclid": "X"})) == [("refused", "no_click")]
    assert platform.codes(platform.conversion(), actions={"won": ""}) == [("later", "action")]
    assert not platform.fake.asked


def test_a_platform_that_falls_silent_amid_single_rows_keeps_nobody_waiting(meta):
    meta.fake.fail_api(status=400, body={"error": {"code": 100}})  # the four together
    meta.fake.fail_api(status=400, body={"error": {"code": 100}})  # the first alone
    meta.fake.fail_api(seconds=0.6)  # the second
    outcomes = meta.codes(*(meta.conversion(number) for number in (1, 2, 3, 4)))
    assert outcomes == [("refused", "refused")] + [("later", "timeout")] * 3
    assert len(meta.fake.asked) == 3


def test_nothing_secret_is_logged(platform, caplog):
    caplog.set_level("DEBUG", logger="odoo.addons.sales_pipeline")
    platform.fake.fail_api(status=500)
    platform.send(platform.conversion())
    platform.send(platform.conversion())
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert logged
    for secret in (REFRESH, DEVELOPER, META_TOKEN, "Click-1", "gmail", sha("robinexample@gmail.com")):
        assert secret not in logged
