import pytest

from odoo.addons.sales_pipeline.tools.attribution import CLICK_IDS, Attribution, from_landing, from_parameters


def test_a_tagged_landing_page_tells_everything():
    url = (
        "https://www.example.com/landing?utm_source=google&utm_medium=cpc&utm_campaign=autumn"
        "&utm_term=roof+repair&utm_content=v2&gclid=EAIaIQob-Ab_9"
    )
    assert from_landing(url, "https://www.google.com/") == Attribution(
        utm_source="google",
        utm_medium="cpc",
        utm_campaign="autumn",
        utm_term="roof repair",
        utm_content="v2",
        click_ids={"gclid": "EAIaIQob-Ab_9"},
        referrer_url="https://www.google.com/",
        landing_page_url=url,
    )


@pytest.mark.parametrize("name", CLICK_IDS)
def test_every_click_id_is_found_and_keeps_its_case(name):
    found = from_landing(f"https://example.com/?{name.upper()}=IwAR0abc_DEF-123")
    assert found.click_ids == {name: "IwAR0abc_DEF-123"}
    assert found.utm_source is None


def test_an_organic_click_names_no_source():
    assert from_landing("https://example.com/?fbclid=Iw", None).utm_source is None


def test_the_first_of_two_values_counts_and_empty_ones_do_not():
    assert from_landing("https://example.com/?utm_source=&utm_source=a&utm_source=b").utm_source == "a"


@pytest.mark.parametrize(
    "url", [None, "", "not an address", "javascript:alert(1)", "data:text/html,x", "/landing?utm_source=x"]
)
def test_what_is_no_web_address_is_not_kept(url):
    assert not from_landing(url, url)


def test_an_address_that_cannot_be_taken_apart_is_kept_as_text():
    for url in ("https://[bad", "https://example.com/?" + "&".join(f"p{n}=1" for n in range(300))):
        assert from_landing(url) == Attribution(landing_page_url=url)


def test_lengths_are_bounded():
    found = from_landing(f"https://example.com/?utm_source={'s' * 999}&gclid={'g' * 999}&x={'x' * 9999}")
    assert found.landing_page_url is not None and len(found.landing_page_url) == 2048
    assert len(from_parameters({"utm_source": "s" * 999}).utm_source) == 255
    assert len(from_parameters({"gclid": "g" * 999}).click_ids["gclid"]) == 512


def test_what_is_laid_over_wins_and_the_rest_stays():
    below = from_landing("https://example.com/?utm_source=google&utm_term=roof&gclid=g", "https://a.example/")
    above = from_parameters({"UTM_Source": "newsletter", "fbclid": "f", "other": "x", "utm_medium": ["list"]})
    both = below.updated_by(above)
    assert (both.utm_source, both.utm_term, both.utm_medium) == ("newsletter", "roof", None)
    assert both.click_ids == {"gclid": "g", "fbclid": "f"}
    assert both.referrer_url == "https://a.example/"
