"""Thousands of records in the background: nothing twice although the server is killed, and people see how far it is."""

import contextlib
import io
import random
import re
import time
from pathlib import Path

import openpyxl
import pytest

from tests.live import login, screenshot, wait_until

ROWS = 1500


@pytest.fixture(scope="module")
def leads(server):
    """Make leads by SQL, as a database has them: nothing of the addon has seen them."""
    server.sql(
        """INSERT INTO crm_lead (name, type, active, user_id, team_id, stage_id, company_id, won_status, lead_status,
                                 qualification, priority, probability, uuid, create_date, write_date)
           SELECT 'Bulk ' || n, 'lead', TRUE, u.id, t.id, s.id, u.company_id, 'pending', 'new', 'new', '0', 10,
                  gen_random_uuid(), now(), now()
             FROM generate_series(1, %s) n, res_users u,
                  (SELECT min(id) AS id FROM crm_team) t, (SELECT min(id) AS id FROM crm_stage) s
            WHERE u.login = 'admin'""",
        ROWS,
    )
    return [id_ for (id_,) in server.sql("SELECT id FROM crm_lead WHERE name LIKE 'Bulk %%' ORDER BY id")]


def start(server, kind, chosen, choice):
    with server.env("admin") as env:
        return env["pipeline.bulk"]._start(kind, chosen, choice).id


def wake(server):
    with server.env() as env:
        env["pipeline.lane.mixin"]._wake_job("sales_pipeline.ir_cron_run_bulk_actions")


def get_states(server, job):
    return dict(server.sql("SELECT state, count(*) FROM pipeline_bulk_item WHERE bulk_id = %s GROUP BY 1", job))


def get_job_state(server, job):
    return server.sql("SELECT state FROM pipeline_bulk WHERE id = %s", job)[0][0]


@contextlib.contextmanager
def held(server, leads):
    """Keep the rows of leads from everybody else, so that the job that changes them waits."""
    with contextlib.closing(server.connect()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM crm_lead WHERE id = ANY(%s) FOR UPDATE", [leads])
        yield


def test_a_kill_amid_the_job_changes_each_row_once(server, leads):
    with server.env() as env:
        team = env["crm.team"].create({"name": "Bulk Turns", "use_leads": True})
        users = [env["res.users"].create({"name": f"Bulk {n}", "login": f"bulk{n}",
                                          "group_ids": [(4, env.ref("sales_team.group_sale_salesman").id)]})
                 for n in range(3)]  # fmt: skip
        env["crm.team.member"].create([{"crm_team_id": team.id, "user_id": user.id} for user in users])
        team_id, user_ids = team.id, [user.id for user in users]
    job = start(server, "assign", {"ids": leads}, {"team_id": team_id})
    kills = 0
    for number in range(2):
        wait_until(lambda: get_states(server, job).get("done", 0) > number * 500, 60, "a batch")  # noqa: B023
        time.sleep(random.uniform(0, 0.5))
        kills += get_job_state(server, job) == "running"
        server.kill()
        server.start()
        # The job looks by itself every minute; the test does not wait for it.
        wake(server)
    assert kills, "the job was over before it could be killed"
    wait_until(lambda: get_job_state(server, job) == "done", 120, "the end of the job")
    assert get_states(server, job) == {"done": ROWS}
    told = """SELECT count(*), count(DISTINCT story) FROM pipeline_event e JOIN crm_lead l ON l.uuid = e.story
               WHERE e.kind = 'assigned' AND l.name LIKE 'Bulk %%'"""
    assert server.sql(told) == [(ROWS, ROWS)]
    turns = dict(server.sql("SELECT user_id, count(*) FROM crm_lead WHERE name LIKE 'Bulk %%' GROUP BY 1"))
    assert set(turns) == set(user_ids)
    assert max(turns.values()) - min(turns.values()) <= 1
    notices = server.sql("SELECT user_id, count FROM pipeline_notice WHERE user_id = ANY(%s)", user_ids)
    assert dict(notices) == turns
    assert len(notices) == 3


def open_list(page):
    login(page, path="/odoo/action-crm.crm_lead_all_leads?view_type=list")
    page.wait_for_selector(".o_list_view .o_data_row")


def choose_all(page):
    page.locator(".o_list_view thead .o_list_record_selector input").click()
    page.locator(".o_select_domain").first.click()


def open_menu(page):
    page.locator(".o_cp_action_menus .dropdown-toggle").click()
    page.locator(".o-dropdown--menu .o_menu_item").first.wait_for()


def open_dialog(page, act):
    open_menu(page)
    page.locator(".o-dropdown--menu .o_menu_item").filter(has_text=re.compile(rf"^\s*{act}\s*$")).click()
    return page.get_by_role("dialog")


def bar_of(page, act):
    return page.locator(".o_pipeline_progress", has_text=act)


def get_priorities(server):
    return server.sql("SELECT DISTINCT priority FROM crm_lead WHERE name LIKE 'Bulk %%' ORDER BY 1")


def test_all_that_a_search_finds_gets_a_priority_while_the_bar_shows_how_far_it_is(server, leads, page):
    open_list(page)
    choose_all(page)
    open_menu(page)
    screenshot(page, "bulk-menu-1440")
    page.keyboard.press("Escape")
    dialog = open_dialog(page, "Priority")
    dialog.get_by_text("1,500").wait_for()
    screenshot(page, "bulk-dialog-1440")
    dialog.get_by_label("Hot").check()
    dialog.get_by_role("button", name="Start").click()
    page.locator(".o_pipeline_bulk_systray button", has_text="%").click()
    bar_of(page, "Priority: Hot").wait_for()
    screenshot(page, "bulk-running-1440")
    page.locator(".o_pipeline_progress[data-state=done]", has_text="Priority: Hot").wait_for(timeout=60000)
    assert get_priorities(server) == [("3",)]
    # the list shows what changed, without a reload
    page.locator(".o_data_row", has_text="Hot").first.wait_for()
    screenshot(page, "bulk-done-1440")
    page.reload()
    page.locator(".o_pipeline_bulk_systray button").click()
    bar_of(page, "Priority: Hot").get_by_role("button", name="Undo").click()
    wait_until(lambda: get_priorities(server) == [("0",)], 60, "the undo")
    assert not page.problems


def test_deals_are_marked_as_lost_with_a_reason(server, leads, page):
    with server.env() as env:
        admin = env.ref("base.user_admin")
        values = {"type": "opportunity", "user_id": admin.id}
        deals = env["crm.lead"].create([{"name": f"Bulk deal {number}", **values} for number in range(3)]).ids
        env["crm.lost.reason"].create({"name": "Bulk too dear"})
    login(page, path="/odoo/action-crm.crm_lead_opportunities?view_type=list")
    for number in range(3):
        page.locator(".o_data_row", has_text=f"Bulk deal {number}").locator(".o_list_record_selector input").check()
    dialog = open_dialog(page, "Mark as lost")
    dialog.get_by_label("Lost Reason").fill("Bulk too")
    page.get_by_text("Bulk too dear").click()
    screenshot(page, "bulk-lost-1440")
    dialog.get_by_role("button", name="Start").click()
    lost = "SELECT count(*) FROM crm_lead WHERE id = ANY(%s) AND won_status = 'lost' AND lost_reason_id IS NOT NULL"
    wait_until(lambda: server.sql(lost, deals) == [(3,)], 60, "the loss")
    page.locator(".o_data_row", has_text="Bulk deal").first.wait_for(state="detached")
    assert not page.problems


def test_what_is_chosen_while_the_list_is_renewed_stays_chosen(server, leads, page):
    open_list(page)
    first, chosen = page.locator(".o_data_row").first, page.locator(".o_data_row").nth(2)
    name = chosen.locator("td[name=name]").inner_text()
    held_back = []

    def hold_back(route):
        held_back.append(route)

    renewal = re.compile("/crm.lead/web_search_read")
    page.route(renewal, hold_back)
    with page.expect_request(renewal), held(server, leads[:1]):
        start(server, "priority", {"ids": leads[:1]}, {"temperature": "hot"})
        page.locator(".o_pipeline_bulk_systray button", has_text="%").wait_for()
    assert first.locator("td[name=name]").inner_text() != "Bulk 1"
    chosen.locator(".o_list_record_selector input").click()
    for route in held_back:
        route.continue_()
    first.locator("td[name=name]").get_by_text("Bulk 1", exact=True).wait_for()
    still = page.locator(".o_data_row.o_data_row_selected")
    still.wait_for()
    assert [row.locator("td[name=name]").inner_text() for row in still.all()] == [name]
    assert not page.problems


def test_a_phone_shows_the_bar_and_cancels(server, leads, new_page):
    page = new_page(viewport={"width": 400, "height": 800})
    with held(server, leads):
        job = start(server, "priority", {"ids": leads}, {"temperature": "cold"})
        login(page)
        page.locator(".o_pipeline_bulk_systray button").click()
        mine = bar_of(page, "Priority: Cold")
        mine.wait_for()
        wait_until(lambda: get_job_state(server, job) == "running", 60, "the first batch")
        screenshot(page, "bulk-running-400")
        mine.get_by_role("button", name="Cancel").click()
        asked = "SELECT is_cancel_asked FROM pipeline_bulk WHERE id = %s"
        wait_until(lambda: server.sql(asked, job) == [(True,)], 10, "the cancellation amid a batch")
    wait_until(lambda: get_job_state(server, job) == "cancelled", 60, "the end of the job")
    page.locator(".o_pipeline_progress[data-state=cancelled]").wait_for()
    screenshot(page, "bulk-cancelled-400")
    states = get_states(server, job)
    assert states.get("waiting"), "there was nothing left to cancel"
    changed = server.sql("SELECT count(*) FROM crm_lead WHERE name LIKE 'Bulk %%' AND priority = '1'")
    assert changed == [(states.get("done", 0),)]
    page.get_by_role("button", name="All my bulk actions").click()
    page.get_by_text("Priority: Cold").first.wait_for()
    screenshot(page, "bulk-history-400")
    assert not page.problems


def test_an_export_ends_in_a_file_that_its_owner_can_fetch(server, leads, page):
    open_list(page)
    choose_all(page)
    dialog = open_dialog(page, "Export in background")
    dialog.get_by_role("button", name="Export", exact=True).wait_for()
    screenshot(page, "bulk-export-1440")
    dialog.get_by_role("button", name="Export", exact=True).click()
    page.locator(".o_pipeline_bulk_systray button").click()
    mine = bar_of(page, "Export (XLSX)")
    mine.get_by_role("link", name="Download").wait_for(timeout=60000)
    screenshot(page, "bulk-exported-1440")
    with page.expect_download() as download:
        mine.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes())).active
    assert sheet.max_row == ROWS + 1
    assert not page.problems
