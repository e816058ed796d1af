"""The rep's way through a lead on a phone, and without a mouse."""

import pytest

from tests.journeys.people import open_house, post_google_lead
from tests.live import login, screenshot, wait_until

PHONE = {"width": 400, "height": 800}
EMAIL = "lee@elsewhere.example"


@pytest.fixture(scope="module")
def house(server):
    """Open the house, with one lead in Rhea's hands."""
    house = open_house(server, email=EMAIL)
    assert post_google_lead(server, house, "elsewhere-1").status_code == 200
    found = "SELECT id FROM crm_lead WHERE email_normalized = %s"
    [(house.lead,)] = wait_until(lambda: server.sql(found, EMAIL), 20, "the lead")
    return house


def count_calls(server, house):
    return server.sql("SELECT count(*) FROM pipeline_event WHERE kind = 'call' AND res_id = %s", house.lead)[0][0]


def fits(page):
    """Tell whether nothing of the page lies beyond the right edge of the screen."""
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_on_a_phone_the_rep_calls_and_makes_a_deal(server, house, new_page):
    page = new_page(viewport=PHONE, has_touch=True, is_mobile=True)
    login(page, "rhea", path="/odoo/action-crm.crm_lead_all_leads")
    page.locator(".o_kanban_record, .o_data_row", has_text="Dana Customer").first.click()
    page.wait_for_selector(".o_form_view")
    assert fits(page)
    screenshot(page, "phone-lead")

    before = count_calls(server, house)
    page.get_by_role("button", name="Log a Call").click()
    page.locator(".modal").first.wait_for()
    assert fits(page)
    screenshot(page, "phone-call")
    page.locator("button[name=action_log]:visible").first.click()
    wait_until(lambda: count_calls(server, house) == before + 1, 20, "the call")

    page.get_by_label("Budget is known").check()
    page.get_by_text("Timeline", exact=True).first.click()
    page.locator(".o_pipeline_timeline_event[data-kind=call]").first.wait_for()
    assert fits(page)
    screenshot(page, "phone-timeline")

    for path in ("/odoo/action-crm.crm_lead_action_pipeline", "/odoo/action-sales_pipeline.pipeline_customer_action"):
        page.goto(path)
        page.wait_for_selector(".o_view_controller")
        assert fits(page), path
        screenshot(page, f"phone-{path.rsplit('.')[-1]}")
    assert page.problems == []


def test_without_a_mouse_the_rep_writes_calls_and_qualifies(server, house, page):
    login(page, "rhea", path=f"/odoo/action-crm.crm_lead_all_leads/{house.lead}")
    page.wait_for_selector(".o_pipeline_quick_actions")
    page.keyboard.press("Alt+Shift+E")
    page.locator(".modal button", has_text="Discard").wait_for()
    page.keyboard.press("Alt+x")
    page.locator(".modal").wait_for(state="detached")

    before = count_calls(server, house)
    page.keyboard.press("Alt+Shift+C")
    page.locator(".modal button[name=action_log]").wait_for()
    page.keyboard.press("Alt+q")
    wait_until(lambda: count_calls(server, house) == before + 1, 20, "the call")
    page.locator(".modal").wait_for(state="detached")

    page.keyboard.press("Alt+Shift+M")
    page.wait_for_selector(".o_calendar_view")
    page.go_back()
    page.wait_for_selector(".o_pipeline_quick_actions")
    page.get_by_label("Budget is known").focus()
    if not page.get_by_label("Budget is known").is_checked():
        page.keyboard.press("Space")
    page.keyboard.press("Alt+k")
    query = "SELECT qualification FROM crm_lead WHERE id = %s"
    wait_until(lambda: server.sql(query, house.lead) == [("qualified",)], 20, "the qualification")
    assert page.problems == []
