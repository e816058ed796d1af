import pytest

from odoo.addons.sales_pipeline.tools.email import normalise_email


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Dana@Example.COM", "dana@example.com"),
        ("  dana@example.com \n", "dana@example.com"),
        ("Dana Example <dana@example.com>", "dana@example.com"),
        ('"Example, Dana" <Dana@Example.com>', "dana@example.com"),
        ("mailto:dana@example.com", "dana@example.com"),
        ("dana@example.com.", "dana@example.com"),
        ("dana@example.com; lee@example.com", "dana@example.com"),
        ("nobody, lee@example.com", "lee@example.com"),
        ("d.a.n.a+shop@example.co.uk", "d.a.n.a+shop@example.co.uk"),
        ("o'neil_99@sub-domain.example.org", "o'neil_99@sub-domain.example.org"),
        ("jürgen@bücher.example", "jürgen@bücher.example"),
    ],
)
def test_addresses_reach_one_spelling(typed, expected):
    assert normalise_email(typed) == expected


@pytest.mark.parametrize(
    "typed",
    [
        None,
        "",
        "dana",
        "dana@",
        "@example.com",
        "dana@example",
        "dana@@example.com",
        "dana@exam ple.com",
        ".dana@example.com",
        "dana.@example.com",
        "da..na@example.com",
        "dana@-example.com",
        "dana@example..com",
        "dana@127.0.0.1",
        "dana@example.com\r\nBcc: all@example.com",
        "dana@example.com\x00",
        "a" * 65 + "@example.com",
        "dana@" + "a" * 250 + ".com",
        "<script>@example.com",
    ],
)
def test_what_is_no_address_becomes_none(typed):
    assert normalise_email(typed) is None


def test_dots_and_tags_stay_as_typed():
    assert normalise_email("dana.example@example.com") != normalise_email("danaexample@example.com")
