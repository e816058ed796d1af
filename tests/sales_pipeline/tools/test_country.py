import pytest

from odoo.addons.sales_pipeline.tools.country import to_country_code


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("DE", "DE"),
        ("de", "DE"),
        ("Germany", "DE"),
        ("Deutschland", "DE"),
        ("Allemagne", "DE"),
        ("india", "IN"),
        ("United States", "US"),
        ("USA", "US"),
        ("U.K.", "GB"),
        ("United Arab Emirates", "AE"),
        ("Saudi Arabia", "SA"),
        ("Brasil", "BR"),
        ("España", "ES"),
        ("日本", "JP"),
        ("NA", "NA"),
    ],
)
def test_countries_by_code_or_name(typed, expected):
    assert to_country_code(typed) == expected


@pytest.mark.parametrize("typed", [None, "", "Mars", "EU", "001", "world", "unknown", "Asia"])
def test_what_is_no_country_becomes_none(typed):
    assert to_country_code(typed) is None
