import pytest

from odoo.addons.sales_pipeline.tools.signatures import (
    constant_time_equal,
    hmac_sha256_hex,
    matches_any,
    verify_hmac_sha256,
)

# RFC 4231, section 4.3 (test case 2).
_KEY, _BODY = "Jefe", b"what do ya want for nothing?"
_HEX = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


def test_the_published_vector_holds():
    assert hmac_sha256_hex(_KEY, _BODY) == _HEX
    assert verify_hmac_sha256([_KEY], _BODY, f"sha256={_HEX}")
    assert verify_hmac_sha256([_KEY], _BODY, f" sha256={_HEX.upper()} ")


def test_any_of_two_secrets_may_match_while_one_is_replaced():
    assert verify_hmac_sha256(["old", _KEY], _BODY, f"sha256={_HEX}")
    assert matches_any("new", ["old", "new"])


@pytest.mark.parametrize(
    ("secrets", "body", "header"),
    [
        ([], _BODY, f"sha256={_HEX}"),
        ([""], b"", f"sha256={hmac_sha256_hex('', b'')}"),
        (["other"], _BODY, f"sha256={_HEX}"),
        ([_KEY], _BODY + b" ", f"sha256={_HEX}"),
        ([_KEY], _BODY, _HEX),
        ([_KEY], _BODY, f"sha1={_HEX}"),
        ([_KEY], _BODY, f"sha256={_HEX[:-1]}"),
        ([_KEY], _BODY, "sha256="),
        ([_KEY], _BODY, ""),
        ([_KEY], _BODY, None),
        ([_KEY], _BODY, "sha256=\u00fc\udce4"),
    ],
)
def test_anything_else_is_no_proof(secrets, body, header):
    assert verify_hmac_sha256(secrets, body, header) is False


@pytest.mark.parametrize(("left", "right"), [("", ""), (None, None), ("a", ""), ("a", None), ("a", "b"), ("ä", "a")])
def test_an_empty_secret_equals_nothing(left, right):
    assert constant_time_equal(left, right) is False


def test_text_and_bytes_of_it_are_equal():
    assert constant_time_equal("schlüssel", "schlüssel".encode())
