"""Sources whose own tests stand elsewhere do what every source must."""

import hashlib
import hmac
import json

from odoo.addons.sales_pipeline.providers.capture.base import RawRequest
from odoo.addons.sales_pipeline.providers.capture.generic import GenericProvider
from odoo.addons.sales_pipeline.providers.capture.google_ads import GoogleAdsProvider
from odoo.addons.sales_pipeline.providers.capture.referral import ReferralProvider
from odoo.addons.sales_pipeline.providers.capture.website import KEY_FIELD, WebsiteProvider
from odoo.addons.sales_pipeline.tools.signatures import get_form_key
from tests.sales_pipeline.providers.conformance import SECRET, ProviderConformance


def _raw(body):
    return body if isinstance(body, bytes) else json.dumps(body).encode()


class TestGoogleAdsConforms(ProviderConformance):
    provider_class = GoogleAdsProvider
    answer = {}

    def make_body(self, external_id, **changes):
        columns = {"FULL_NAME": "Dana Example", "EMAIL": "dana@example.com", "which_roof?": "Slate"}
        data = [{"column_id": name, "string_value": value} for name, value in columns.items()]
        return {
            "lead_id": external_id, "user_column_data": data, "form_id": 40123456789, "is_test": False,
            "gcl_id": "EAIa", **changes,
        }  # fmt: skip

    def make_request(self, body, secret=SECRET):
        body = body if isinstance(body, bytes) else {**body, "google_key": secret}
        return RawRequest(_raw(body), {}, "application/json; charset=utf-8")


class TestSignedWebsiteConforms(ProviderConformance):
    provider_class = WebsiteProvider
    proof_header = "x-pipeline-signature"

    def make_body(self, external_id, **changes):
        return {
            "submission_id": external_id, "name": "Robin Example", "email": "robin@example.com", "Colour": "red",
            "page_url": "https://www.example.com/?gclid=EAIa", **changes,
        }  # fmt: skip

    def make_request(self, body, secret=SECRET):
        raw = _raw(body)
        digest = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
        return RawRequest(raw, {self.proof_header: f"sha256={digest}"}, "application/json")


class TestWebsiteWithAHeaderConforms(TestSignedWebsiteConforms):
    proof_header = "x-pipeline-secret"

    def make_request(self, body, secret=SECRET):
        return RawRequest(_raw(body), {self.proof_header: secret}, "application/json")


class TestWebsiteWithAKeyConforms(TestSignedWebsiteConforms):
    proof_header = None

    def make_request(self, body, secret=SECRET):
        body = body if isinstance(body, bytes) else {**body, KEY_FIELD: secret}
        return RawRequest(_raw(body), {}, "application/json")


class TestWebsiteWithAFormKeyConforms(TestWebsiteWithAKeyConforms):
    def make_body(self, external_id, **changes):
        visit = {"url": "https://www.example.com/?utm_source=a", "referrer": "", "seconds": 9}
        journey = {"first": visit, "last": visit, "ref": "FRIEND"}
        return super().make_body(external_id, pipeline_journey=journey, **changes)

    def make_request(self, body, secret=SECRET):
        return super().make_request(body, get_form_key(secret) if secret else secret)


class TestReferralConforms(TestWebsiteWithAHeaderConforms):
    provider_class = ReferralProvider


class TestSignedJsonConforms(ProviderConformance):
    provider_class = GenericProvider
    proof_header = "x-signature"

    def make_provider(self, *secrets, **options):
        mapping = {"lead.ref": "external_id", **options.pop("mapping", {})}
        return super().make_provider(*secrets, mapping=mapping, **options)

    def make_body(self, external_id, **changes):
        person = {"name": "Robin Example", "email": "robin@example.com", "colours": ["red", "blue"]}
        answers = [{"key": "q_1", "label": "Which roof?", "value": "Slate"}]
        return {"lead": {"ref": external_id, "person": person}, "answers": answers, **changes}

    def make_request(self, body, secret=SECRET):
        raw = _raw(body)
        digest = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
        return RawRequest(raw, {self.proof_header: f"sha256={digest}"}, "application/json")
