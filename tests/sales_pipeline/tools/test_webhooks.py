import base64
import hashlib
import hmac

import pytest

from odoo.addons.sales_pipeline.tools.addresses import check_address, check_url
from odoo.addons.sales_pipeline.tools.webhook_schedule import GAPS, MAX_ATTEMPTS, PAUSE_AFTER_SECONDS, get_wait
from odoo.addons.sales_pipeline.tools.webhook_signature import make_secret, sign
from odoo.addons.sales_pipeline.tools.webhook_types import TYPES, find_unknown, get_type, is_wanted


def test_the_tries_come_at_the_promised_gaps_and_end_with_the_tenth():
    assert [get_wait(number, 0) for number in range(1, 11)] == [
        5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400, None
    ]  # fmt: skip
    assert MAX_ATTEMPTS == 10
    assert sum(GAPS) > PAUSE_AFTER_SECONDS


def test_chance_adds_a_tenth_at_most():
    assert get_wait(3, 1) == pytest.approx(1800 * 1.1)


@pytest.mark.parametrize(("status", "asked", "wait"), [
    (503, 3600, 3600), (429, 60, 300), (503, 10**9, 86_400), (500, 3600, 300), (503, None, 300),
])  # fmt: skip
def test_who_asks_for_time_gets_it_within_a_day(status, asked, wait):
    assert get_wait(2, 0, status, asked) == wait


def test_a_message_carries_a_signature_of_each_secret():
    first, second = make_secret(), make_secret()

    found = sign([first, second], "msg_1", 1_700_000_000, b'{"a":1}').split(" ")

    for secret, signature in zip((first, second), found, strict=True):
        key = base64.b64decode(secret.removeprefix("whsec_"))
        wanted = hmac.new(key, b'msg_1.1700000000.{"a":1}', hashlib.sha256).digest()
        assert signature == "v1," + base64.b64encode(wanted).decode()


@pytest.mark.parametrize("address", [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "255.255.255.255", "192.0.0.8", "198.18.0.1", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
    "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "2002:a9fe:a9fe::", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "2001:db8::1", "::127.0.0.1",
])  # fmt: skip
def test_nothing_is_sent_where_only_this_machine_reaches(address):
    assert check_address(address) == "private_address"


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8"])
def test_public_addresses_may_be_reached(address):
    assert check_address(address) is None


def test_only_what_an_administrator_opened_is_open():
    assert check_address("10.1.2.3", ["10.1.0.0/16"]) is None
    assert check_address("10.2.2.3", ["10.1.0.0/16"]) == "private_address"
    assert check_address("169.254.169.254", ["10.0.0.0/8"]) == "private_address"
    assert check_address("::ffff:10.1.2.3", ["10.1.0.0/16"]) is None


@pytest.mark.parametrize(("url", "problem"), [
    ("https://shop.example/hook?x=1", None), ("https://shop.example:8443/", None), ("http://shop.example/", "insecure"),
    ("https://a:b@shop.example/", "credentials"), ("https://@shop.example/", "credentials"),
    ("https://shop.example/#x", "fragment"), ("https://shop.example:22/", "port"), ("https://shop.example:0/", "port"),
    ("https://shop.example:99999/", "address"), ("ftp://shop.example/", "address"), ("shop.example", "address"),
    ("https://127.0.0.1/", "private_address"), ("https://[::1]/", "private_address"),
    ("https://localhost/", "private_address"), ("https://shop.example/a b", "address"),
    ("https://sh\u00f6p.example/", "address"),
    ("https://[::1/", "address"), ("https:///x", "address"), ("https://shop.example/\r\nX: y", "address"),
])  # fmt: skip
def test_addresses_are_read_strictly(url, problem):
    assert check_url(url) == problem


def test_a_private_network_may_do_without_encryption_where_it_is_allowed():
    assert check_url("http://10.0.0.1/", is_private_allowed=True) is None


def test_a_fact_has_the_type_of_what_the_record_was():
    assert get_type("crm.lead", "captured", {}) == "lead.created"
    assert get_type("crm.lead", "won", {}, is_deal=True) == "opportunity.won"
    assert get_type("sale.order", "quote", {"status": "viewed"}) == "quote.viewed"
    assert get_type("sale.order", "payment", {"status": "paid"}) == "order.paid"
    assert get_type("pipeline.customer", "customer", {"created": True, "csm": 3}) == "customer.created"
    moved = {"lifecycle": ["onboarding", "active"]}
    assert get_type("pipeline.customer", "customer", moved) == "customer.lifecycle_changed"
    assert get_type("crm.lead", "mail", {}) == "activity.completed"
    assert get_type("crm.lead", "won", {"history": True}, is_deal=True) is None
    assert get_type("res.partner", "changed", {}) is None


def test_patterns_choose_by_family_or_name():
    assert is_wanted("quote.sent", ["lead.*", "quote.sent"])
    assert not is_wanted("quote.sent", ["quote", "quote.sen", "lead.*"])
    assert find_unknown(["lead.*", "quote.sent", "*", "lead.creatd", "webhook.test"]) == ["lead.creatd"]
    assert all(is_wanted(type_, ["*"]) for type_ in TYPES)
