"""What only a real server proves of the inbox: a crowd at its doors, and its screens in a browser."""

import base64
import hashlib
import hmac
import json
import urllib.parse

import pytest
import requests

from tests.fakes.typeform import post_body
from tests.live import login, screenshot, wait_until
from tests.live.clients import Client, at_once, make_team, make_users

SECRET = "crowd-secret-1234"
WHO = {"name": "Ada Crowd", "email": "ada@inbox.example"}
INBOX = "/odoo/action-sales_pipeline.pipeline_inbox_action"


@pytest.fixture(scope="module")
def admin(server):
    return Client(server)


@pytest.fixture(scope="module")
def team(server, admin):
    return make_team(admin, "Crowd", list(make_users(server, admin, 4, "crowd").values()))


def make_source(server, admin, team, provider):
    """Make a source and return its id and address."""
    values = {"name": f"Crowd {provider}", "provider": provider, "secret": SECRET, "team_id": team}
    source = admin.call("pipeline.source", "create", values)
    [(token,)] = server.sql("SELECT token FROM pipeline_source WHERE id = %s", source)
    return source, f"{server.base_url}/pipeline/capture/{token}"


def sign(body, encode=bytes.hex):
    """Return the signature of a body as a vendor writes it."""
    return encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest())


def as_website(number):
    return urllib.parse.urlencode({**WHO, "pipeline_key": SECRET, "submission_id": f"w{number}"}).encode(), {
        "Content-Type": "application/x-www-form-urlencoded"
    }


def as_google_ads(number):
    columns = [{"column_id": "FULL_NAME", "string_value": WHO["name"]},
               {"column_id": "EMAIL", "string_value": WHO["email"]}]  # fmt: skip
    return json.dumps({"lead_id": f"g{number}", "google_key": SECRET, "user_column_data": columns}).encode(), {}


def as_generic(number):
    body = json.dumps(WHO).encode()
    return body, {"X-Signature": sign(body), "Idempotency-Key": f"j{number}"}


def as_typeform(number):
    body = json.dumps(post_body(f"crowdtoken{number:04}", WHO["name"], WHO["email"])).encode()
    return body, {"Typeform-Signature": "sha256=" + sign(body, lambda raw: base64.b64encode(raw).decode())}


def as_privy(number):
    body = {"id": 7000 + number, "email": WHO["email"], "first_name": "Ada", "last_name": "Crowd"}
    basic = base64.b64encode(f"privy:{SECRET}".encode()).decode()
    return json.dumps(body).encode(), {"Authorization": f"Basic {basic}"}


MAKERS = {"website": as_website, "google_ads": as_google_ads, "generic": as_generic, "typeform": as_typeform,
          "privy": as_privy}  # fmt: skip


def post(url, body, headers):
    """Post once and return the status; 0 without an answer."""
    try:
        return requests.post(url, body, headers={"Content-Type": "application/json", **headers}, timeout=60,
                             allow_redirects=False).status_code  # fmt: skip
    except requests.RequestException:
        return 0


def test_one_person_by_five_vendors_at_once_is_one_lead(server, admin, team):
    sources = {provider: make_source(server, admin, team, provider) for provider in MAKERS}
    acts = [
        lambda provider=provider, number=number: post(sources[provider][1], *MAKERS[provider](number))
        for number in range(10)
        for provider in MAKERS
    ]
    assert at_once(acts) == [200] * 50
    ids = [source for source, _url in sources.values()]
    left = "SELECT 1 FROM pipeline_inbox WHERE source_id = ANY(%s) AND state = 'received'"
    wait_until(lambda: not server.sql(left, ids), 60, "the work")
    leads = server.sql("SELECT id FROM crm_lead WHERE email_normalized = %s", WHO["email"])
    assert len(leads) == 1
    fates = server.sql(
        "SELECT state, count(*), count(DISTINCT lead_id) FROM pipeline_inbox WHERE source_id = ANY(%s) GROUP BY state",
        ids,
    )
    assert sorted(fates) == [("duplicate", 49, 1), ("processed", 1, 1)]
    touches = server.sql(
        "SELECT pipeline_source_id, count(*) FROM pipeline_touch WHERE lead_id = %s GROUP BY 1", leads[0][0]
    )
    assert dict(touches) == dict.fromkeys(ids, 10)


def test_a_crowd_larger_than_the_pool_loses_nothing_that_was_acknowledged(server, admin, team):
    """Whoever reads an error sends again: so what reads an error was not stored, and what was stored reads 200."""
    source, url = make_source(server, admin, team, "website")
    count = 120

    def send(number):
        body = {"name": f"Crowd {number}", "email": f"crowd{number}@inbox.example", "submission_id": f"c{number}"}
        return post(url, json.dumps(body).encode(), {"X-Pipeline-Secret": SECRET})

    answers = at_once([lambda number=number: send(number) for number in range(count)])
    stored = {row[0] for row in server.sql("SELECT external_id FROM pipeline_inbox WHERE source_id = %s", source)}
    assert {f"c{number}" for number, status in enumerate(answers) if status == 200} == stored
    assert set(answers) <= {200, 500, 503}
    assert answers.count(200) >= 50, answers
    again = [number for number, status in enumerate(answers) if status != 200]
    assert all(post(url, json.dumps({"name": f"Crowd {number}", "email": f"crowd{number}@inbox.example",
                                     "submission_id": f"c{number}"}).encode(), {"X-Pipeline-Secret": SECRET}) == 200
               for number in again)  # fmt: skip
    query = "SELECT count(*), count(DISTINCT lead_id) FROM pipeline_inbox WHERE source_id = %s AND state = 'processed'"
    wait_until(lambda: server.sql(query, source) == [(count, count)], 90, "a lead each")


# ---- the screens


@pytest.fixture
def captures(server, admin, team):
    """A lead, the same person again, a rejected capture, one that failed, and a test."""
    source, url = make_source(server, admin, team, "website")
    for number, values in enumerate([
        {"name": "Olive Screen", "email": "olive@inbox.example", "message": "Two roofs, please", "budget": "4000"},
        {"name": "Olive Screen", "email": "olive@inbox.example"},
        {"name": "Nobody To Reach", "favourite_day": "Monday"},
    ]):  # fmt: skip
        body = json.dumps({**values, "submission_id": f"screen-{number}"}).encode()
        assert post(url, body, {"X-Pipeline-Secret": SECRET}) == 200
    wait_until(lambda: not server.sql("SELECT 1 FROM pipeline_inbox WHERE state = 'received'"), 60, "the work")
    server.sql(
        """INSERT INTO pipeline_inbox (source_id, external_id, received_at, payload, company_id, state, attempts,
                                       result,
                                       is_test, error_message, processed_at)
           SELECT id, v.name, now() AT TIME ZONE 'UTC', '{"name": "Made By Hand"}', company_id, v.state, v.tries,
                  v.result, v.test, v.error, now() AT TIME ZONE 'UTC'
             FROM pipeline_source, (VALUES ('by-hand-1', 'failed', 6, NULL, false, 'ValueError'),
                                           ('by-hand-2', 'processed', 0, 'test', true, NULL))
                                   v (name, state, tries, result, test, error) WHERE id = %s""",
        source,
    )
    return source


def row_of(page, text):
    """Return the line of the list that holds a text."""
    return page.locator(".o_data_row", has_text=text)


def test_a_rejected_capture_is_replayed_from_the_list(server, admin, captures, page):
    page.set_viewport_size({"width": 1440, "height": 900})
    login(page, path=INBOX)
    page.wait_for_selector(".o_list_view .o_data_row")
    page.locator(".o_search_panel_filter_value, .o_search_panel_category_value", has_text="Rejected").first.wait_for()
    screenshot(page, "inbox-list-1440")
    rejected = row_of(page, "is missing").first
    rejected.locator(".o_list_record_selector input").click()
    page.get_by_role("button", name="Replay").first.click()
    page.locator(".o_notification", has_text="Worked on again: 1.").wait_for()
    query = "SELECT state FROM pipeline_inbox WHERE external_id = 'screen-2' AND source_id = %s"
    wait_until(lambda: server.sql(query, captures) == [("rejected",)], 60, "the second refusal")
    admin.call("pipeline.source", "write", [captures], {"contact_required": False})
    page.reload()
    page.wait_for_selector(".o_data_row")
    row_of(page, "is missing").first.locator("td[name=source_id]").click()
    page.wait_for_selector(".o_form_view .o_pipeline_payload")
    assert "Favourite day" in page.inner_text(".o_pipeline_payload")
    screenshot(page, "inbox-rejected-1440")
    page.get_by_role("button", name="Replay").first.click()
    wait_until(lambda: server.sql(query, captures) == [("processed",)], 60, "the lead")
    page.reload()
    page.locator(".o_field_widget[name=reason]", has_text="A new lead was made").wait_for()
    screenshot(page, "inbox-replayed-1440")
    assert page.problems == []


def test_what_is_a_lead_already_says_so_when_it_is_replayed(server, captures, page):
    login(page, path=INBOX)
    page.wait_for_selector(".o_data_row")
    before = server.sql("SELECT count(*) FROM crm_lead")
    for text in ("which got a touch", "marked it as a test"):
        row_of(page, text).first.locator(".o_list_record_selector input").click()
    page.get_by_role("button", name="Replay").first.click()
    told = page.locator(".o_notification", has_text="Already a lead, so nothing is made twice: 1.")
    told.wait_for()
    assert "Tests, which never make a lead: 1." in told.inner_text()
    screenshot(page, "inbox-replay-notice")
    assert server.sql("SELECT count(*) FROM crm_lead") == before


def test_the_inbox_on_a_phone_warns_while_nobody_works(server, captures, page):
    job = "cron_name = 'Sales Pipeline: turn received captures into leads'"
    server.sql(f"UPDATE ir_cron SET active = false WHERE {job}")
    try:
        server.sql(
            """INSERT INTO pipeline_inbox (source_id, external_id, received_at, payload, company_id, state, attempts,
                                           next_attempt_at)
               SELECT id, 'stuck', now() AT TIME ZONE 'UTC', '{"name": "Stuck"}', company_id, 'received', 0,
                      now() AT TIME ZONE 'UTC' - interval '7 minutes' FROM pipeline_source WHERE id = %s""",
            captures,
        )
        page.set_viewport_size({"width": 400, "height": 850})
        login(page, path=INBOX)
        banner = page.locator(".o_pipeline_waiting_banner")
        banner.wait_for()
        assert "Captures waiting: 1, the oldest for 7 min." in banner.inner_text()
        page.wait_for_selector(".o_kanban_record")
        screenshot(page, "inbox-400")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        page.locator(".o_kanban_record", has_text="is missing").first.click()
        page.wait_for_selector(".o_form_view .o_pipeline_payload")
        screenshot(page, "inbox-form-400")
        page.goto(f"/odoo/action-sales_pipeline.pipeline_source_action/{captures}")
        page.locator(".o_form_view .o_pipeline_waiting_banner").wait_for()
    finally:
        server.sql(f"UPDATE ir_cron SET active = true WHERE {job}")
        server.sql("DELETE FROM pipeline_inbox WHERE external_id = 'stuck'")
    assert page.problems == []


def test_how_long_data_are_kept_is_a_setting(server, page):
    page.set_viewport_size({"width": 1440, "height": 900})
    login(page, path="/odoo/action-crm.crm_config_settings_action")
    setting = page.locator("#pipeline_inbox_retention")
    setting.scroll_into_view_if_needed()
    screenshot(page, "inbox-settings-1440")
    setting.locator("[name=pipeline_keep_rejected_days] input").fill("45")
    page.locator(".o_form_button_save").click()
    query = "SELECT pipeline_keep_processed_days, pipeline_keep_rejected_days FROM res_company ORDER BY id LIMIT 1"
    wait_until(lambda: server.sql(query) == [(365, 45)], 30, "the saved setting")
    assert page.problems == []
