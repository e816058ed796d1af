import contextlib
import logging
import socket
import threading
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from odoo.addons.sales_pipeline.exceptions import VendorBusy, VendorError, VendorRefused
from odoo.addons.sales_pipeline.providers.http import VendorHttp, read_retry_after
from tests.fakes import FakeVendor

_TOKEN = "vendor-token-5521"


@pytest.fixture
def vendor():
    with FakeVendor() as fake:
        yield fake


@pytest.fixture
def http():
    with VendorHttp(silent_seconds=0.4, total_seconds=1) as client:
        yield client


def _refusal(act):
    with pytest.raises(VendorError) as caught:
        act()
    return caught.value


def test_an_answer_is_status_headers_and_json(vendor, http):
    vendor.fail_next(body={"id": 1}, headers={"X-Usage": "5"})
    answer = http.get(f"{vendor.base_url}/v1/thing", {"a": "ü&1"}, token=_TOKEN)
    assert (answer.status, answer.body, answer.headers["x-usage"]) == (200, {"id": 1}, "5")
    (asked,) = vendor.asked
    assert (asked.path, asked.query) == ("/v1/thing", {"a": "ü&1"})
    assert asked.headers["authorization"] == f"Bearer {_TOKEN}"


def test_json_and_forms_are_posted(vendor, http):
    vendor.fail_next(2, body={})
    http.post(f"{vendor.base_url}/a", {"n": "ü"}, headers={"X-Id": "7"})
    http.post(f"{vendor.base_url}/b", form={"n": "1"})
    first, second = vendor.asked
    assert (first.method, first.body, first.headers["x-id"]) == ("POST", b'{"n": "\\u00fc"}', "7")
    assert (second.body, second.headers["content-type"]) == (b"n=1", "application/x-www-form-urlencoded")
    assert "authorization" not in first.headers


@pytest.mark.parametrize(
    ("status", "error_class", "code"),
    [
        (408, VendorBusy, "busy"), (429, VendorBusy, "throttled"), (500, VendorBusy, "broken"),
        (502, VendorBusy, "broken"), (503, VendorBusy, "broken"), (301, VendorRefused, "redirected"),
        (400, VendorRefused, "refused"), (401, VendorRefused, "token"), (403, VendorRefused, "permission"),
        (404, VendorRefused, "gone"), (410, VendorRefused, "refused"),
    ],
)  # fmt: skip
def test_what_may_be_asked_again_and_what_not_are_told_apart(vendor, http, status, error_class, code):
    vendor.fail_next(status=status, body=b"<html>", headers={"Retry-After": "7"})
    error = _refusal(lambda: http.get(vendor.base_url))
    assert (type(error), error.code, error.status) == (error_class, code, status)
    assert error.retry_after == (7 if error_class is VendorBusy else None)


def test_a_vendor_with_codes_of_its_own_judges_itself(vendor, http):
    def judge(answer):
        return VendorBusy("throttled", answer.status, vendor_code=answer.body["code"]) if answer.body else None

    vendor.fail_next(status=200, body={"code": 4})
    error = _refusal(lambda: http.get(vendor.base_url, judge=judge))
    assert (error.vendor_code, error.code) == (4, "throttled")


def test_a_redirect_does_not_take_the_token_along(vendor, http):
    with FakeVendor() as stranger:
        vendor.fail_next(status=302, headers={"Location": stranger.base_url})
        assert _refusal(lambda: http.get(vendor.base_url, token=_TOKEN)).code == "redirected"
        assert not stranger.asked


def test_silence_ends(vendor, http):
    vendor.fail_next(seconds=0.8)
    error = _refusal(lambda: http.get(vendor.base_url))
    assert (type(error), error.code) == (VendorBusy, "timeout")


def test_an_endless_trickle_ends(http):
    listener = socket.create_server(("127.0.0.1", 0))
    gone = threading.Event()

    def trickle():
        connection, _address = listener.accept()
        with contextlib.suppress(OSError), connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while not gone.wait(0.1):
                connection.sendall(b"1000\r\n" + b" " * 0x1000 + b"\r\n")

    thread = threading.Thread(target=trickle)
    thread.start()
    try:
        assert _refusal(lambda: http.get(f"http://127.0.0.1:{listener.getsockname()[1]}")).code == "timeout"
    finally:
        gone.set()
        thread.join()
        listener.close()


def test_an_endless_body_ends(vendor, http):
    vendor.fail_next(body=b" " * (9 * 1024 * 1024))
    assert _refusal(lambda: http.get(vendor.base_url)).code == "too_large"


def test_a_connection_that_breaks_may_be_tried_again(vendor, http):
    vendor.fail_next(body={"a": "b" * 1000}, is_reset=True)
    assert type(_refusal(lambda: http.get(vendor.base_url))) is VendorBusy
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    error = _refusal(lambda: http.get(f"http://127.0.0.1:{port}"))
    assert (type(error), error.code) == (VendorBusy, "unreachable")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://graph.example.com/x", "insecure_address"), ("ftp://example.com", "address"), ("", "address"),
        ("https://user:pass@example.com", "address"), ("https://", "address"), ("http://[::1", "address"),
        ("https://example.com:99999/", "address"),
    ],
)  # fmt: skip
def test_a_token_goes_to_no_other_place(http, url, code):
    error = _refusal(lambda: http.get(url, token=_TOKEN))
    assert (type(error), error.code) == (VendorRefused, code)


def _told(error, caplog):
    assert error.__context__ is None and error.__cause__ is None
    return f"{error} {error!r} {vars(error)} {caplog.text}"


@pytest.mark.parametrize("token", ["tell-no\nbody", "tell-no\u20acbody", "tell-no" + "a" * 300_000])
def test_a_token_that_no_header_holds_is_not_shown(vendor, http, token, caplog):
    caplog.set_level(logging.INFO)
    assert "tell-no" not in _told(_refusal(lambda: http.get(vendor.base_url, token=token)), caplog)


def test_neither_log_nor_error_holds_a_secret(vendor, http, caplog):
    caplog.set_level(logging.INFO)
    vendor.fail_next(status=500, body={"token": _TOKEN})
    vendor.fail_next(seconds=0.8)
    vendor.fail_next(is_reset=True, body={"name": "Dana Example"})
    for _time in range(3):
        error = _refusal(lambda: http.get(f"{vendor.base_url}/secret-path", {"q": "secret-query"}, token=_TOKEN))
        told = _told(error, caplog)
        assert not [secret for secret in (_TOKEN, "secret-path", "secret-query", "Dana") if secret in told]
    assert len(caplog.messages) == 3


def test_the_machines_own_passwords_are_not_used(vendor, http, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    vendor.fail_next(2, body={})
    http.get(vendor.base_url, token=_TOKEN)
    http.get(vendor.base_url)
    assert [asked.headers.get("authorization") for asked in vendor.asked] == [f"Bearer {_TOKEN}", None]


@pytest.mark.parametrize("value", [None, "", "soon", "-5", "1.5", "٣", "Mon, 99 Foo 2026"])
def test_a_wait_that_says_nothing_is_none(value):
    assert read_retry_after(value) is None


def test_a_wait_may_be_a_moment():
    now = datetime(2026, 11, 23, 8, tzinfo=timezone.utc)
    assert read_retry_after(format_datetime(now + timedelta(seconds=90), usegmt=True), now) == 90
    assert read_retry_after(format_datetime(now - timedelta(days=1), usegmt=True), now) == 0
    assert read_retry_after(format_datetime(now + timedelta(days=30)), now) == 24 * 3600
