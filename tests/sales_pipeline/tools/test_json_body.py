import pytest

from odoo.addons.sales_pipeline.exceptions import MalformedBody
from odoo.addons.sales_pipeline.tools.json_body import read_object


def test_an_object_is_read_as_it_is():
    assert read_object('{"a": 1, "b": [true, null, "ü"], "c": {"d": 1.5}}'.encode()) == {
        "a": 1,
        "b": [True, None, "ü"],
        "c": {"d": 1.5},
    }


def test_a_byte_order_mark_is_no_fault():
    assert read_object(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_integers_of_64_bits_keep_every_digit():
    assert read_object(b'{"id": 9223372036854775807}')["id"] == 9223372036854775807


def test_characters_that_no_database_holds_are_left_out():
    assert read_object(b'{"n\\u0000": ["Da\\u0000na \\ud83d", {"x": "\\ud83d\\ude00"}]}') == {
        "n": ["Dana ", {"x": "\U0001f600"}]
    }


def test_brackets_inside_text_are_not_depth():
    assert read_object(b'{"a": "' + b"[{" * 500 + b'\\" ["}')["a"].startswith("[{[{")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"   ",
        b"null",
        b"[]",
        b'"text"',
        b"{",
        b'{"a": 1}}',
        b'{"a": 1} {"b": 2}',
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": ' + b"1" * 5000 + b"}",
        b'{"a": 1, "a": 2}',
        b'{"x": {"google_key": "k", "google_key": "guess"}}',
        b'{"a": "\xff\xfe"}',
        '{"a": 1}'.encode("utf-16"),
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"a": ' + b"[" * 17 + b"]" * 17 + b"}",
        b"{" + b",".join(b'"k%d": 1' % number for number in range(2001)) + b"}",
        b"name=Dana&email=dana%40example.com",
    ],
)
def test_everything_else_is_refused(raw):
    with pytest.raises(MalformedBody):
        read_object(raw)


def test_a_refusal_repeats_nothing_of_the_body():
    with pytest.raises(MalformedBody) as refusal:
        read_object(b'{"google_key": "top-secret", "google_key": 1}')
    assert "top-secret" not in str(refusal.value)
