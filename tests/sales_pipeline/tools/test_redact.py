import pytest

from odoo.addons.sales_pipeline.tools.redact import is_secret_name, mask_token, without_secrets


@pytest.mark.parametrize(
    "name",
    [
        "google_key",
        "key",
        "X-Pipeline-Secret",
        "X-Pipeline-Signature",
        "Authorization",
        "authorisation",
        "Cookie",
        "password",
        "access_token",
        "api-key",
        "APIKey",
        "pipeline_key",
    ],
)
def test_names_of_secrets_are_known(name):
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["email", "keyword", "monkey", "name", "utm_source", "gclid", "Content-Type"])
def test_ordinary_names_pass(name):
    assert not is_secret_name(name)


def test_nested_secrets_are_masked_and_the_original_stays():
    data = {"Authorization": "Basic x", "list": [{"token": "t", "id": 7}], "name": "Dana"}
    assert without_secrets(data) == {"Authorization": "***", "list": [{"token": "***", "id": 7}], "name": "Dana"}
    assert data["Authorization"] == "Basic x"


def test_a_short_token_is_hidden_whole():
    assert mask_token("abc") == mask_token(None) == "***"
    assert mask_token("a" * 43) == "aaaa***"
