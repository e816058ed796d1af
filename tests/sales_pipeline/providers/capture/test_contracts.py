"""The payloads of the services' own contracts, where they lie beside the checkout, are understood."""

import json
import os
from pathlib import Path

import pytest

from odoo.addons.sales_pipeline.exceptions import NotVerified
from odoo.addons.sales_pipeline.providers.capture.base import RawRequest
from odoo.addons.sales_pipeline.providers.capture.google_ads import GoogleAdsProvider
from odoo.addons.sales_pipeline.providers.capture.website import WebsiteProvider
from odoo.addons.sales_pipeline.tools.attribution import from_landing

_SHARED = Path(os.environ.get("SALES_PIPELINE_SHARED") or Path(__file__).resolve().parents[5] / "shared")
_CONTRACTS = _SHARED / "contracts"
# Without the optional payloads these tests are not collected rather than skipped.
_GOOGLE = sorted((_CONTRACTS / "google_leads").glob("*.http.json"))
_FORMS = sorted((_CONTRACTS / "website_form").glob("lead_capture_json.request.json"))
_LANDINGS = [
    case for path in (_CONTRACTS / "website_form").glob("landing_urls.json") for case in json.loads(path.read_text())
]

if _GOOGLE:

    @pytest.mark.parametrize("path", _GOOGLE, ids=lambda path: path.name)
    def test_google_leads(path):
        contract = json.loads(path.read_text())
        request = RawRequest(contract["body_raw"].encode(), {}, contract["headers"]["Content-Type"])
        provider = GoogleAdsProvider(["g-key-7b21c9"])
        if not contract["verify"]["valid"]:
            with pytest.raises(NotVerified):
                provider.verify(request)
            return
        provider.verify(request)
        (item,) = provider.split(request)
        lead = provider.parse(item.payload, item.external_id)
        body = json.loads(contract["body_raw"])
        given = {column.get("string_value") for column in body["user_column_data"]} - {""}
        known = {
            lead.email,
            lead.phone,
            lead.city,
            lead.region,
            lead.zip,
            lead.company_name,
            lead.job_title,
            lead.country_code,
        }
        told = " ".join([lead.name, *(answer for _question, answer in lead.answers)])
        assert item.external_id == body["lead_id"] and lead.is_test is body["is_test"]
        assert {value for value in given if value not in known and value not in told} == set()


if _FORMS:

    @pytest.mark.parametrize("path", _FORMS, ids=lambda path: path.name)
    def test_website_forms(path):
        contract = json.loads(path.read_text())
        body = json.dumps(contract["json"]).encode()
        provider = WebsiteProvider(["secret"])
        request = RawRequest(body, {"x-pipeline-secret": "secret"}, contract["content_type"])
        provider.verify(request)
        (item,) = provider.split(request)
        lead = provider.parse(item.payload, item.external_id)
        assert (lead.name, lead.email, lead.phone) == ("Robin Example", "robin@example.com", "+15005550006")
        assert (lead.company_name, lead.message) == ("Example Inc", "Need 10 units")
        assert (lead.attribution.utm_source, lead.attribution.utm_content) == ("google", "v2")
        assert lead.attribution.click_ids == {"gclid": "EAIaIQobChMI"}
        assert lead.attribution.referrer_url == "https://www.google.com/"
        assert lead.consent["whatsapp"] is False and lead.answers == ()


if _LANDINGS:

    @pytest.mark.parametrize("case", _LANDINGS, ids=lambda case: case["url"][-20:])
    def test_landing_pages(case):
        found = from_landing(case["url"])
        for name, value in case["expect"].items():
            actual = getattr(found, f"utm_{name}") if hasattr(found, f"utm_{name}") else found.click_ids.get(name)
            assert actual == value
