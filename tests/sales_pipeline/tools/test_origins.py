import pytest

from odoo.addons.sales_pipeline.tools.origins import is_allowed, to_origin


@pytest.mark.parametrize(("text", "origin"), [
    ("https://www.example.com", "https://www.example.com"),
    (" https://www.example.com/contact?x=1#y ", "https://www.example.com"),
    ("http://localhost:8069", "http://localhost:8069"),
    ("http://example.com:80", "http://example.com"),
    ("example.com", "https://example.com"),
    ("https://[::1]:8069", "https://[::1]:8069"),
    ("null", None), ("", None), (None, None), ("file:///tmp/a.html", None), ("https://", None),
    ("https://example.com:port", None), ("chrome-extension://abc", None),
])  # fmt: skip
def test_an_origin_is_scheme_host_and_port(text, origin):
    assert to_origin(text) == origin


@pytest.mark.parametrize(("origin", "allowed", "is_let_in"), [
    ("https://www.example.com", ["https://www.example.com"], True),
    ("https://www.example.com", ["https://other.example", "WWW.Example.com/"], True),
    ("http://www.example.com", ["https://www.example.com"], False),
    ("https://www.example.com:8443", ["https://www.example.com"], False),
    ("https://www.example.com.evil.example", ["https://www.example.com"], False),
    ("https://a.b.example.com", ["https://*.example.com"], True),
    ("https://example.com", ["https://*.example.com"], False),
    ("https://.example.com", ["https://*.example.com"], False),
    ("null", ["null"], False),
    (None, ["https://www.example.com"], False),
])  # fmt: skip
def test_only_listed_websites_are_let_in(origin, allowed, is_let_in):
    assert is_allowed(origin, allowed) is is_let_in
