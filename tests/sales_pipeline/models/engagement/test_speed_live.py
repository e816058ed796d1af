"""Speed to lead in the browser: the toast, the counter, the countdown, the manager's line."""

import re

import pytest

from tests.live import login, screenshot, wait_until
from tests.live.clients import Client, Source, make_team, make_users


@pytest.fixture(scope="module")
def office(server):
    """One rep who works at any hour, a leader, and a source that feeds the rep."""
    admin = Client(server)
    with server.env() as env:
        env.company.resource_calendar_id = False
    reps = make_users(server, admin, 1, "rep", "sales_pipeline.group_rep")
    [(rep, rep_id)] = reps.items()
    team = make_team(admin, "Speed", [rep_id])
    admin.call("crm.team", "write", [team], {"user_id": admin.uid})
    return {"rep": rep, "rep_id": rep_id, "team": team, "source": Source(server, admin, team_id=team, user_id=rep_id)}


def post(office, name):
    assert office["source"].post(name, name=name, email=f"{name.replace(' ', '.').lower()}@speed.example") == 200


def find(server, name):
    rows = wait_until(lambda: server.sql("SELECT id FROM crm_lead WHERE name = %s", name), 20, f"the lead {name}")
    return rows[0][0]


def shift(server, name, minutes):
    """Let a lead be older than it is."""
    lead = find(server, name)
    server.sql(
        "UPDATE crm_lead SET response_started_at = response_started_at - %(ago)s, response_due_at = "
        "response_due_at - %(ago)s, response_next_at = response_next_at - %(ago)s WHERE id = %(id)s"
        .replace("%(ago)s", f"interval '{minutes} minutes'").replace("%(id)s", str(lead))
    )  # fmt: skip
    return lead


def open_seat(new_page, office, path="/odoo", width=1440, user=None):
    page = new_page(viewport={"width": width, "height": 900})
    login(page, user or office["rep"], "admin", path)
    page.wait_for_selector(".o_pipeline_notice_menu")
    return page


@pytest.mark.parametrize("width", [1440, 400])
def test_a_new_lead_is_a_toast_that_opens_it_and_a_countdown_that_ticks(new_page, server, office, width):
    page = open_seat(new_page, office, width=width)
    name = f"Nadia {width}"
    page.wait_for_timeout(2000)
    post(office, name)
    toast = page.locator(".o_notification.o_pipeline_notice", has_text=name)
    toast.wait_for(timeout=15000)
    count = page.locator(".o_pipeline_notice_count")
    count.wait_for()
    page.wait_for_timeout(500)  # it slides in
    screenshot(page, f"speed-toast-{width}")
    toast.get_by_role("button", name="Open").click()
    clock = page.locator(".o_form_view .o_pipeline_clock")
    clock.wait_for()
    first = clock.inner_text()
    assert re.fullmatch(r"\s*(5:00|[0-4]:[0-5]\d) left", first), first
    page.wait_for_function(
        "text => document.querySelector('.o_form_view .o_pipeline_clock').innerText !== text", arg=first
    )
    screenshot(page, f"speed-form-{width}")
    count.wait_for(state="detached")
    unread = "SELECT count(*) FROM pipeline_notice WHERE user_id = %s AND read_at IS NULL"
    wait_until(lambda: server.sql(unread, office["rep_id"]) == [(0,)], what="the reading of the notice")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.problems == []


def test_the_counter_lists_what_is_unread_with_the_time_left(new_page, server, office):
    for name in ("Olga One", "Olga Two"):
        post(office, name)
        find(server, name)
    for width in (1440, 400):
        page = open_seat(new_page, office, width=width)
        page.locator(".o_pipeline_notice_count", has_text="2").wait_for()
        page.click(".o_pipeline_notice_menu")
        row = page.locator(".o_pipeline_notice_rows .dropdown-item", has_text="Olga Two")
        row.wait_for()
        assert "left" in row.inner_text()
        assert "Live" in row.inner_text()
        screenshot(page, f"speed-counter-{width}")
    page.get_by_role("button", name="Mark all as read").click()
    page.locator(".o_pipeline_notice_rows", has_text="You are up to date").wait_for()
    screenshot(page, "speed-counter-empty")
    assert page.problems == []


def test_a_burst_is_one_toast(new_page, server, office):
    page = open_seat(new_page, office)
    page.wait_for_timeout(2000)
    for number in range(8):
        post(office, f"Burst {number}")
    for number in range(8):
        find(server, f"Burst {number}")
    page.locator(".o_notification.o_pipeline_notice", has_text="8 new leads").wait_for(timeout=15000)
    assert page.locator(".o_notification.o_pipeline_notice").count() == 1
    screenshot(page, "speed-burst")
    page.locator(".o_pipeline_notice_count", has_text="8").wait_for()
    assert page.problems == []


def test_answering_in_time_is_praised_once_and_can_be_turned_off(new_page, server, office):
    post(office, "Paul Praised")
    lead = find(server, "Paul Praised")
    page = open_seat(new_page, office, path=f"/odoo/crm.lead/{lead}")
    page.wait_for_timeout(1500)
    page.get_by_role("button", name="Log a Call").click()
    page.locator(".modal").get_by_role("button", name=re.compile("Log")).first.click()
    page.locator(".o_notification", has_text="Answered in 0:").wait_for()
    page.locator(".o_form_view .o_pipeline_clock", has_text="answered in 0:").wait_for()
    screenshot(page, "speed-answered")
    page.click(".o_pipeline_notice_menu")
    page.get_by_label("Show how fast I answered").uncheck()
    wanted = "SELECT pipeline_praises FROM res_users_settings WHERE user_id = %s"
    wait_until(lambda: server.sql(wanted, office["rep_id"]) == [(False,)], what="the note that no praise is wanted")
    page = open_seat(new_page, office)  # another browser
    page.click(".o_pipeline_notice_menu")
    assert not page.get_by_label("Show how fast I answered").is_checked()
    assert page.problems == []


def test_the_away_switch_is_one_tap_away_where_the_leads_are(new_page, server, office):
    away = "SELECT count(*) FROM pipeline_absence WHERE user_id = %s AND is_switch AND date_to IS NULL"
    for path in ("crm.crm_lead_all_leads", "crm.crm_lead_action_pipeline"):
        page = open_seat(new_page, office, f"/odoo/action-{path}", width=400)
        switch = page.get_by_role("switch", name="Away", exact=True)
        switch.focus()
        page.keyboard.press("Space")
        page.get_by_text("You are away").wait_for()
        assert server.sql(away, office["rep_id"]) == [(1,)]
        screenshot(page, f"speed-away-{path}-400")
        page.reload()
        switch.wait_for()
        assert switch.is_checked()
        switch.click()
        page.get_by_text("You are back").wait_for()
        assert server.sql(away, office["rep_id"]) == [(0,)]
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert page.problems == []


def test_cards_list_and_the_managers_line_tell_who_waits(new_page, server, office):
    for name in ("Wanda Waits", "Lara Late", "Anton Answered"):
        post(office, name)
    shift(server, "Lara Late", 17)
    with server.env() as env:
        lead = env["crm.lead"].browse(find(server, "Anton Answered"))
        lead._on_contacted("phone")
    late = "SELECT response_state FROM crm_lead WHERE name = 'Lara Late'"
    # it looks each minute; the test does not wait for that
    server.wake("ir_cron_watch_responses")
    wait_until(lambda: server.sql(late) == [("late",)], 150, "the look at late leads")
    [told] = server.sql("SELECT user_id FROM pipeline_notice WHERE kind = 'escalated'")
    assert told != (office["rep_id"],)
    for width in (1440, 400):
        page = open_seat(new_page, office, "/odoo/action-crm.crm_lead_all_leads", width, user="admin")
        if width == 1440:
            page.locator(".o_list_view .o_pipeline_clock", has_text="left").first.wait_for()
        page.locator(".o_pipeline_speed_line", has_text="late now").wait_for()
        assert page.locator(".o_pipeline_clock", has_text=re.compile(r"late 1[2-5]:")).count() == 1
        screenshot(page, f"speed-list-{width}")
        page.goto("/odoo/action-crm.crm_lead_all_leads?view_type=kanban")
        page.locator(".o_kanban_view .o_pipeline_clock", has_text="answered").first.wait_for()
        screenshot(page, f"speed-kanban-{width}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.goto("/odoo/speed-to-lead")
        page.locator(".o_pivot table", has_text="% Within 5 min").wait_for()
        screenshot(page, f"speed-report-{width}")
        page.goto("/odoo/first-response")
        page.locator(".o_list_view, .o_kanban_view", has_text="Every lead").wait_for()
        screenshot(page, f"speed-targets-{width}")
        page.locator(".o_data_row, .o_kanban_record", has_text="Every lead").click()
        page.locator(".o_form_view", has_text="How Soon").wait_for()
        screenshot(page, f"speed-target-{width}")
        assert page.problems == []
