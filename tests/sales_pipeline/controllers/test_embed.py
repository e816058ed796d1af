import re
from pathlib import Path

from odoo.addons.sales_pipeline.tools.attribution import CLICK_IDS, UTM_FIELDS
from tests.common import PipelineHttpCase

_SOURCE = Path(__file__).resolve().parents[3] / "sales_pipeline/static/embed/embed.js"


class TestEmbed(PipelineHttpCase):
    def _get(self, **headers):
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.opener.get(f"{self.base_url()}/pipeline/embed.js", headers=names, timeout=12)

    def test_any_website_may_include_the_script(self):
        answer = self._get(Origin="https://shop.example")
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers["Content-Type"], "text/javascript; charset=utf-8")
        self.assertEqual(answer.headers["Access-Control-Allow-Origin"], "*")
        self.assertEqual(answer.headers["X-Content-Type-Options"], "nosniff")
        self.assertNotIn("Set-Cookie", answer.headers)

    def test_the_script_is_small(self):
        self.assertLess(len(self._get().content), 10_000)

    def test_browsers_keep_the_script_and_ask_whether_it_changed(self):
        first = self._get()
        self.assertIn("max-age=3600", first.headers["Cache-Control"])
        self.assertIn("public", first.headers["Cache-Control"])
        again = self._get(If_None_Match=first.headers["ETag"])
        self.assertEqual((again.status_code, again.content), (304, b""))
        self.assertEqual(self._get(If_None_Match='"another"').status_code, 200)

    def test_other_methods_are_refused(self):
        answer = self.opener.post(f"{self.base_url()}/pipeline/embed.js", data=b"x", timeout=12)
        self.assertEqual(answer.status_code, 405)
        self.assertEqual(self.opener.head(f"{self.base_url()}/pipeline/embed.js", timeout=12).status_code, 200)

    def test_the_script_looks_for_the_parameters_that_the_server_reads(self):
        source = _SOURCE.read_text(encoding="utf-8")
        for name, expected in (("CLICK_IDS", CLICK_IDS), ("UTM_FIELDS", UTM_FIELDS)):
            [listed] = re.findall(rf"const {name} = \[(.*?)\];", source, re.DOTALL)
            self.assertEqual(tuple(re.findall(r'"(\w+)"', listed)), expected)
