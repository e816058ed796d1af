"""Posts as vendors sign them, to sources of the vendors' kinds."""

import base64
import hashlib
import hmac
import json

from tests.common import PipelineHttpCase
from tests.fakes.graph import FORM, PAGE, TOKEN

SECRET, VERIFY_TOKEN = "vendor-secret", "verify-token-1"
SECOND = 1795419600


def meta_bytes(body):
    """Return a body as Meta writes it: letters and slashes escaped, nothing between."""
    return json.dumps(body, separators=(",", ":")).replace("/", "\\/").encode()


def meta_proof(raw, secret=SECRET):
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()}


def typeform_proof(raw, secret=SECRET):
    digest = base64.b64encode(hmac.new(secret.encode(), raw, hashlib.sha256).digest()).decode()
    return {"Typeform-Signature": f"sha256={digest}"}


def basic_proof(password):
    return {"Authorization": "Basic " + base64.b64encode(f"privy:{password}".encode()).decode()}


def leadgen(*lead_ids, page=PAGE):
    common = {"page_id": page, "form_id": FORM, "created_time": SECOND}
    changes = [{"field": "leadgen", "value": {"leadgen_id": lead_id, **common}} for lead_id in lead_ids]
    return {"object": "page", "entry": [{"id": page, "time": SECOND, "changes": changes}]}


class VendorHttpCase(PipelineHttpCase):
    """Sources of four vendors, and requests to them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.inbox = cls.env["pipeline.inbox"]
        sources = cls.env["pipeline.source"]
        common = {"secret": SECRET, "name_required": False}
        cls.facebook = sources.create({
            "name": "Page", "provider": "facebook", "vendor_token": TOKEN, "verify_token": VERIFY_TOKEN,
            **common,
        })  # fmt: skip
        cls.typeform = sources.create({"name": "Form", "provider": "typeform", **common})
        cls.privy = sources.create({"name": "Pop-up", "provider": "privy", **common})
        cls.google = sources.create({"name": "Ads", "provider": "google_ads", **common})
        cls.mine = cls.facebook | cls.typeform | cls.privy | cls.google

    def setUp(self):
        super().setUp()
        self.patch(self.env.cr, "commit", self.env.cr.flush)

    def call(self, source, raw=b"", headers=(), method="POST", query=""):
        url = f"{self.base_url()}/pipeline/capture/{source.token}{query}"
        names = {"Content-Type": "application/json", **dict(headers)}
        return self.opener.request(method, url, data=raw, headers=names, timeout=12, allow_redirects=False)

    def rows(self, source=None):
        self.inbox.invalidate_model()
        return self.inbox.search([("source_id", "in", (source or self.mine).ids)], order="id")

    def assert_refused(self, answer, *statuses):
        self.assertIn(answer.status_code, statuses, answer.text)
        self.assertFalse(self.rows())
        self.assertNotIn(SECRET, answer.text)

    def work(self):
        self.env.flush_all()
        self.inbox._cron_fetch()
        self.inbox._cron_drain()
        self.inbox.invalidate_model()
