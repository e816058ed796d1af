"""The path on dark screens: Community has one look, people darken it with an add-on, and so does this test."""

from pathlib import Path

import pytest

from dev import odoo_config
from tests.journeys.people import open_house
from tests.journeys.test_in_the_browser import (  # noqa: F401
    EMAIL,
    test_a_lead_from_google_ends_as_an_onboarded_customer,
)
from tests.live import LiveServer, login, screenshot

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

# Contrast as the web's accessibility guidelines define it (WCAG 2.1, 1.4.3), of every text in an element of ours
# against the first background behind it that is not transparent.
POOR_CONTRAST = """(least) => {
    const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
    const linear = (v) => (v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
    const light = (rgb) => rgb.map(linear).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const behind = (node) => {
        for (let up = node; up; up = up.parentElement) {
            const [r, g, b, a = 1] = numbers(getComputedStyle(up).backgroundColor);
            if (a > 0.5) return [r, g, b];
        }
        return [255, 255, 255];
    };
    const poor = [];
    const ours = "[class*=o_pipeline] *, [class*=o_pipeline], .o_form_view .badge, .o_kanban_record .badge";
    for (const node of document.querySelectorAll(ours)) {
        const texts = [...node.childNodes].filter((child) => child.nodeType === 3).map((child) => child.data.trim());
        const text = texts.join("").slice(0, 40);
        if (!text || !node.checkVisibility({ opacityProperty: true })) continue;
        // rows of an empty list, and what stands over the messages, are Odoo's own
        if (node.closest(".o_view_sample_data, .o-mail-Chatter-topbar")) continue;
        const ground = behind(node);
        const [r, g, b, a = 1] = numbers(getComputedStyle(node).color);
        const [one, two] = [light([r, g, b].map((v, i) => v * a + ground[i] * (1 - a))), light(ground)];
        const contrast = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
        if (contrast < least) poor.push(`${contrast.toFixed(1)} ${node.className || node.tagName}: ${text}`);
    }
    return poor;
}"""
READABLE = 3.0
SCREENS = (
    "/odoo/action-crm.crm_lead_all_leads", "/odoo/action-crm.crm_lead_action_pipeline",
    "/odoo/action-sales_pipeline.pipeline_customer_action",
)

SHOWN = ".o_kanban_record:not(.o_kanban_ghost), .o_data_row, .o_form_view, .o_view_nocontent, .o_pipeline_import_studio"
MANAGED = (
    "pipeline_duplicate_action", "pipeline_import_action", "pipeline_import_studio_action", "pipeline_bulk_action",
    "pipeline_assignment_rule_action", "pipeline_assignment_pool_action", "pipeline_response_target_action",
    "pipeline_absence_action", "pipeline_merge_action", "pipeline_api_client_action", "pipeline_api_plan_action",
    "pipeline_webhook_action", "pipeline_webhook_delivery_action",
)


@pytest.fixture(scope="module")
def server():
    """Run Odoo on a database whose screens are dark."""
    live = LiveServer("dark")
    both = f"--addons-path={odoo_config.addons_path(live.odoo)},{Path(__file__).parent / 'dark'}"
    try:
        log = live.log.with_suffix(".install.log")
        odoo_config.install(live.odoo, live._postgres, "test", live.database, log, "-i", "dark_screens", both)
        live.start(both)
        yield live
    finally:
        live.close()


@pytest.fixture(scope="module")
def house(server):
    return open_house(server, email=EMAIL)


@pytest.mark.parametrize("width", [1440, 400])
def test_our_words_can_be_read_on_dark_screens(server, house, page, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.set_default_timeout(120_000)
    login(page, "rhea")
    [(deal,)] = server.sql("SELECT id FROM crm_lead WHERE email_normalized = %s", EMAIL)
    for number, path in enumerate((*SCREENS, f"{SCREENS[1]}/{deal}")):
        page.goto(path)
        page.wait_for_selector(".o_kanban_record, .o_data_row, .o_form_view, .o_view_nocontent")
        if number == len(SCREENS):
            page.get_by_text("Timeline", exact=True).first.click()
            page.locator(".o_pipeline_timeline_event").first.wait_for()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
        screenshot(page, f"dark-{number}-{width}")
        assert page.evaluate(POOR_CONTRAST, READABLE) == [], path
    assert page.problems == []


@pytest.mark.parametrize("width", [1440, 400])
def test_what_administrators_set_up_can_be_read_on_dark_screens(server, house, page, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.set_default_timeout(120_000)
    login(page)
    for action in MANAGED:
        page.goto(f"/odoo/action-sales_pipeline.{action}")
        page.wait_for_selector(SHOWN)
        screenshot(page, f"dark-{action}-{width}")
        assert page.evaluate(POOR_CONTRAST, READABLE) == [], action
    assert page.problems == []
