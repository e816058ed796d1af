"""The unit tests of the browser's code, run in Chromium."""

from tests.common import PipelineHttpCase

SUITES = ("core", "engagement")


def suite_id(name: str) -> str:
    """Return the id that the test runner derives from a suite's full name."""
    number = 0
    for char in name:
        number = ((number << 5) - number + ord(char)) & 0xFFFFFFFF
    return f"{number:08x}"


class TestUnits(PipelineHttpCase):
    def test_browser_units_pass(self):
        ids = "".join(f"&id={suite_id(f'@sales_pipeline/{name}')}" for name in SUITES)
        self.browser_js(
            f"/web/tests?headless&loglevel=2&preset=desktop&timeout=15000{ids}",
            "",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=lambda message: "[HOOT]" not in message,
        )
