"""Conversions against platforms that stumble while the server is killed; and the screens that tell of them."""

import random
import time

import pytest

from tests.fakes.ad_platforms import ACCOUNT, DATA_SET, META_TOKEN, REFRESH, FakeGoogle, FakeMeta
from tests.live import login, screenshot, wait_until
from tests.live.clients import Client, show

LEADS = 24
WIDTHS = {"wide": {"width": 1440, "height": 900}, "phone": {"width": 400, "height": 800}}


@pytest.fixture(scope="module")
def platforms(server):
    """Turn Google and Meta on, both on the loopback."""
    with FakeGoogle() as google, FakeMeta() as meta:
        with server.env() as env:
            env["pipeline.conversion.target"].create([
                {
                    "platform": "google", "account": ACCOUNT, "client_id": "id", "client_secret": "secret",
                    "refresh_token": REFRESH, "action_qualified": "11", "action_won": "22", "is_enabled": True,
                    "base_url": google.base_url,
                },
                {
                    "platform": "meta", "account": DATA_SET, "token": META_TOKEN, "action_qualified": "Lead",
                    "action_won": "Purchase", "is_enabled": True, "base_url": meta.base_url,
                },
            ])  # fmt: skip
        yield google, meta


def make_leads(server, count, prefix):
    """Make leads that came by clicks on both platforms and agreed; return their uuids by id."""
    with server.env() as env:
        leads = env["crm.lead"].create([
            {"name": f"{prefix} {number}", "type": "lead", "email_from": f"{prefix}{number}@ads.example",
             "company_id": env.company.id, "expected_revenue": 100 * number}
            for number in range(count)
        ])  # fmt: skip
        env["pipeline.touch"].create([
            {
                "lead_id": lead.id, "capture_channel": "website", "consent": {"any": True},
                "utm_source": ("google", "facebook", "newsletter", False)[number % 4],
                "utm_campaign": ("Spring", "Autumn", False)[number % 3], "click_ids": {
                    "gclid": f"{prefix}-{number}", "fbclid": f"Fb-{prefix}-{number}",
                },
            }
            for number, lead in enumerate(leads)
        ])  # fmt: skip
        return {lead.id: lead.uuid for lead in leads}


def qualify(client, lead_id):
    client.call("crm.lead", "write", [lead_id], {"qualification": "qualified"})


def let_time_pass(server):
    """Let leases end and pauses be over, as the next hours would."""
    server.sql("UPDATE pipeline_outbox SET lease_until = now() AT TIME ZONE 'UTC' WHERE state = 'sending'")
    server.sql("UPDATE pipeline_outbox SET next_attempt_at = now() AT TIME ZONE 'UTC' WHERE state = 'pending'")


def count_open(server):
    query = "SELECT count(*) FROM pipeline_outbox WHERE kind = 'conversion' AND state IN ('pending', 'sending')"
    return server.sql(query)[0][0]


def wait_for_call(server, platform):
    """Wait until a platform is asked again, or there is nothing left to ask."""
    seen = len(platform.asked)
    wait_until(lambda: len(platform.asked) > seen or not count_open(server), 90, "a call")


def test_each_conversion_counts_once_although_the_server_is_killed(server, platforms):
    random.seed()
    google, meta = platforms
    leads = make_leads(server, LEADS, "Kill")
    wakers = iter(make_leads(server, 40, "Wake"))
    client = Client(server)
    for platform in platforms:
        # Five in a row: after the sixth failure a row would wait for a person.
        platform.fail_api(status=503)
        platform.fail_api(status=429, headers={"Retry-After": "1"})
        platform.fail_api(seconds=1.0, status=500)
        platform.lost_answers = 2
    kills = 0
    for place, lead_id in enumerate(leads):
        qualify(client, lead_id)
        if place in (7, 19):
            wait_for_call(server, google)
            time.sleep(random.uniform(0, 0.2))
            server.kill()
            kills += 1
            server.start()
            client = Client(server)
    end = time.monotonic() + 240
    while count_open(server) and time.monotonic() < end:
        let_time_pass(server)
        # a new effect wakes the job
        qualify(client, next(wakers))
        wait_for_call(server, google)
        time.sleep(1)
    states = server.sql("SELECT state, count(*) FROM pipeline_conversion GROUP BY state")
    show(f"{kills} kills; {states}; Google was offered {len(google.offered)}, Meta {len(meta.offered)}")
    assert [state for state, _count in states] == ["sent"]
    uuids = {uuid for (uuid,) in server.sql("SELECT uuid FROM crm_lead WHERE lead_status = 'qualified'")}
    assert set(leads.values()) <= uuids
    assert set(google.counted) == {("11", f"{uuid}-qualified") for uuid in uuids}
    assert set(meta.counted) == {("Lead", f"{uuid}-qualified") for uuid in uuids}
    assert len(google.offered) > len(google.counted), "no answer was lost, so nothing was proved"


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.fixture(scope="module")
def told(server, platforms):
    """Let some leads be qualified, won, refused and held back."""
    google, _meta = platforms
    for platform in platforms:
        platform.api_troubles.clear()
        platform.lost_answers = 0
    google.refusing = {"Seen-2": "INVALID_EVENT"}
    leads = list(make_leads(server, 8, "Seen"))
    with server.env() as env:
        records = env["crm.lead"].browse(leads)
        records[3].ad_consent = "refused"
        records.qualification = "qualified"
        records[5:].type = "opportunity"
        records[6:].action_set_won()
    query = "SELECT 1 FROM pipeline_conversion WHERE lead_id = ANY(%s) AND state = 'refused'"
    wait_until(lambda: server.sql(query, leads), 120, "the refusal")
    return leads


@pytest.mark.parametrize("width", WIDTHS)
def test_the_screens_tell_what_was_reported_and_why_not(server, told, new_page, width):
    page = new_page(viewport=WIDTHS[width])
    login(page, path="/odoo/action-sales_pipeline.pipeline_conversion_action")
    page.locator(".o_data_row, .o_kanban_record").first.wait_for()
    assert fits(page)
    screenshot(page, f"conversions-{width}")
    row = page.locator(".o_data_row, .o_kanban_record", has_text="Refused").first
    assert "did not accept" in row.inner_text()
    row.click()
    page.get_by_text("The platform's code:").wait_for()
    assert fits(page)
    screenshot(page, f"conversion-{width}")

    page.goto("/odoo/ad-platforms")
    page.locator(".o_data_row").first.click()
    page.get_by_text("Not verified live.").wait_for()
    assert fits(page)
    screenshot(page, f"ad-platform-{width}")
    page.locator(".o_form_sheet").get_by_text("Whoever refused").scroll_into_view_if_needed()
    screenshot(page, f"ad-platform-end-{width}")

    page.goto("/odoo/action-crm.crm_config_settings_action")
    setting = page.get_by_text("Report What Became of Clicks")
    setting.scroll_into_view_if_needed()
    assert page.locator("[name=pipeline_conversion_platforms]").inner_text().startswith("Google Ads")
    screenshot(page, f"ad-settings-{width}")
    assert page.problems == []


@pytest.mark.parametrize("width", WIDTHS)
def test_the_attribution_report_leads_from_sources_to_leads(server, told, new_page, width):
    page = new_page(viewport=WIDTHS[width])
    login(page, path="/odoo/attribution")
    page.locator(".o_pivot td").first.wait_for()
    assert page.locator(".o_pivot", has_text="newsletter").count()
    assert fits(page)
    screenshot(page, f"attribution-pivot-{width}")

    page.locator(".o_pivot_cell_value").nth(3).click()
    page.locator(".o_data_row").first.wait_for()
    assert fits(page)
    screenshot(page, f"attribution-list-{width}")
    page.locator(".o_data_row .o_data_cell").first.click()
    page.get_by_role("button", name="Log a Call").wait_for()
    assert fits(page)
    screenshot(page, f"attribution-lead-{width}")
    assert page.problems == []


def test_the_graph_and_the_three_ways_of_counting(server, told, new_page):
    page = new_page(viewport=WIDTHS["wide"])
    login(page, path="/odoo/attribution")
    page.locator(".o_pivot td").first.wait_for()
    page.locator(".o_switch_view.o_graph").click()
    page.locator(".o_graph_canvas_container canvas").wait_for()
    screenshot(page, "attribution-graph")
    # what the wins of the test before have to tell stays as long as the mouse is over it
    page.mouse.move(300, 500)
    page.wait_for_function("!document.querySelector('.o_notification')")
    page.locator(".o_switch_view.o_list").click()
    page.locator(".o_data_row").first.wait_for()
    page.locator(".o_data_row .o_list_record_selector").first.click()
    page.get_by_role("button", name="Open Leads").click()
    page.locator(".o_breadcrumb", has_text="Leads").wait_for()
    page.locator(".o_data_row").first.wait_for()
    screenshot(page, "attribution-leads")
    assert page.problems == []


@pytest.mark.parametrize(("choice", "shares"), [("First Touch", {"1.00"}), ("Linear", {"0.50"})])
def test_each_way_of_counting_shows_its_own_shares(server, told, new_page, choice, shares):
    """A lead with two touches is one row of a whole, or two of a half."""
    with server.env() as env:
        (lead_id, *_others) = told
        env["pipeline.touch"].search([("lead_id", "=", lead_id)])[1:].unlink()
        env["pipeline.touch"].create({"lead_id": lead_id, "capture_channel": "website", "utm_source": "fair"})
        name = env["crm.lead"].browse(lead_id).name
    page = new_page(viewport=WIDTHS["wide"])
    login(page, path="/odoo/attribution")
    page.locator(".o_pivot td").first.wait_for()
    page.locator(".o_switch_view.o_list").click()
    page.locator(".o_facet_remove").first.click()
    page.locator(".o_searchview_dropdown_toggler").click()
    page.get_by_role("menuitemcheckbox", name=choice).click()
    page.locator(".o_searchview_facet", has_text=choice).wait_for()
    rows = page.locator(".o_data_row", has_text=name)
    wait_until(lambda: rows.count() == (2 if choice == "Linear" else 1), 20, "the rows of the lead")
    assert {row.locator("[name=lead_share]").inner_text() for row in rows.all()} == shares
    assert page.problems == []
