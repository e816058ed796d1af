"""The examples on a source's screen can be pasted and work."""

import json
import shlex
from urllib.parse import urlencode

from lxml import html

from odoo.addons.sales_pipeline.providers.capture.base import RawRequest
from tests.common import PipelineCase


class TestPipelineSourceExamples(PipelineCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = cls.env["pipeline.source"].create({"name": "Examples", "secret": 'it\'s "quoted" <&> $HOME'})

    def test_the_command_is_accepted_by_the_provider(self):
        words = shlex.split(self.source.example_command)
        self.assertEqual(words[:2], ["curl", self.source.capture_url])
        headers = dict(word.split(": ", 1) for word, flag in zip(words[1:], words, strict=False) if flag == "-H")
        request = RawRequest(
            words[-1].encode(), {name.lower(): value for name, value in headers.items()}, headers["Content-Type"]
        )
        provider = self.source._get_provider()
        provider.verify(request)
        lead = provider.parse(provider.split(request)[0].payload)
        self.assertEqual((lead.name, lead.email), ("Ada Example", "ada@example.com"))
        self.assertTrue(json.loads(words[-1]))

    def test_the_command_of_any_kind_of_proof_is_accepted(self):
        self.source.write({"provider": "generic", "signature_header": "X-Shop-Hmac"})
        for proof in ("hmac_hex", "hmac_base64", "secret"):
            with self.subTest(proof=proof):
                self.source.generic_proof = proof
                self.test_the_command_is_accepted_by_the_provider()
                self.assertIn("X-Shop-Hmac: ", self.source.example_command)

    def test_the_form_is_accepted_by_the_provider(self):
        form = html.fromstring(self.source.example_form)
        self.assertEqual(form.get("action"), self.source.capture_url)
        fields = {field.get("name"): field for field in form.iter("input")}
        self.assertEqual(fields["pipeline_website"].get("tabindex"), "-1")
        self.assertNotIn(self.source.secret, [field.get("value") for field in fields.values()])
        values = {name: field.get("value") or "ada@example.com" for name, field in fields.items()}
        values["pipeline_website"] = ""
        body = urlencode(values).encode()
        provider = self.source._get_provider()
        request = RawRequest(body, {}, "application/x-www-form-urlencoded")
        provider.verify(request)
        lead = provider.parse(provider.split(request)[0].payload)
        self.assertEqual((lead.email, lead.is_trapped), ("ada@example.com", False))

    def test_another_secret_is_another_example(self):
        before = self.source.example_command
        self.source._replace_secret()
        self.assertNotEqual(self.source.example_command, before)
        self.assertIn(self.source.secret, self.source.example_command)
