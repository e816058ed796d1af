"""A source is set up on its screens: checked, tried, mapped, and given a new secret."""

import json
import urllib.request

import pytest

from tests.live import login, screenshot, wait_until

PHONE = {"width": 400, "height": 800}
WIDE = {"width": 1440, "height": 900}
_SECRET = "live-shop-secret"
_LEAD = {
    "event": "lead.created",
    "customer": {"Ansprechpartner": "Kim Example", "Kontakt": "kim@screens.example"},
    "answers": [
        {"key": "q_roof", "label": "Which roof do you have?", "value": "Slate"},
        {"key": "q_budget", "label": "What is your budget?", "value": "12,500"},
    ],
}


@pytest.fixture(scope="module")
def shop(server):
    """Make a source of any JSON, with a team behind it, that received one lead which nobody understood."""
    with server.env() as env:
        user = env["res.users"].with_context(no_reset_password=True).create({
            "name": "Rhea Rep", "login": "rhea_shop", "email": "rhea@screens.example",
            "group_ids": [(6, 0, env.ref("sales_pipeline.group_rep").ids)],
        })  # fmt: skip
        team = env["crm.team"].create({"name": "Inbound", "use_leads": True})
        env["crm.team.member"].create({"user_id": user.id, "crm_team_id": team.id})
        env["res.users"].search([("login", "=", "admin")]).group_ids += env.ref("sales_pipeline.group_admin")
        source = env["pipeline.source"].create({
            "name": "Web shop", "provider": "generic", "secret": _SECRET, "generic_proof": "secret", "team_id": team.id,
        })  # fmt: skip
        found = source.id, source.token
    post(server, found[1], _LEAD)
    state = "SELECT 1 FROM pipeline_inbox WHERE source_id = %s AND state = 'rejected'"
    wait_until(lambda: server.sql(state, found[0]), 30, "the rejection")
    return found


def post(server, token, body, secret=_SECRET):
    request = urllib.request.Request(
        f"{server.base_url}/pipeline/capture/{token}", data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "X-Signature": secret},
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.status


def open_source(page, shop):
    login(page, "admin", path=f"/odoo/action-sales_pipeline.pipeline_source_action/{shop[0]}")
    page.wait_for_selector(".o_form_view")


def press(page, name):
    """Press a button of the status bar, wherever the screen is wide enough to show it."""
    button = page.locator(f"button[name={name}]:visible")
    if not button.count():
        page.locator(".o_form_statusbar .o-dropdown, .o_form_statusbar .dropdown-toggle").first.click()
    button.first.click()


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_check_calls_the_public_address_and_names_what_is_missing(server, shop, new_page):
    for name, viewport in (("wide", WIDE), ("phone", PHONE)):
        page = new_page(viewport=viewport)
        open_source(page, shop)
        screenshot(page, f"source-{name}")
        assert fits(page)
        press(page, "action_check_connection")
        page.locator(".o_pipeline_findings").wait_for()
        good = page.locator(".o_pipeline_findings [data-state=good]").all_inner_texts()
        assert "The public address leads to this database" in good
        assert "Members of Inbound who take turns: 1" in good
        soft = " ".join(page.locator(".o_pipeline_findings [data-state=soft]").all_inner_texts())
        assert "known to this machine only" in soft and "Rejected or failed captures: 1" in soft
        assert not page.locator(".o_pipeline_findings [data-state=bad]").count()
        assert fits(page)
        screenshot(page, f"source-check-{name}")
        assert page.problems == []


def test_the_check_finds_a_wrong_address_and_a_missing_secret(server, shop, page):
    server.sql("UPDATE pipeline_source SET secret = NULL WHERE id = %s", shop[0])
    with server.env() as env:
        env["ir.config_parameter"].set_param("web.base.url", f"http://127.0.0.1:{server.sink.port}")
    try:
        open_source(page, shop)
        press(page, "action_check_connection")
        page.locator(".o_pipeline_findings").wait_for()
        bad = " ".join(page.locator(".o_pipeline_findings [data-state=bad]").all_inner_texts())
        assert "does not lead to this database" in bad and "No secret is set" in bad
        screenshot(page, "source-check-bad")
    finally:
        server.sql("UPDATE pipeline_source SET secret = %s WHERE id = %s", _SECRET, shop[0])
        with server.env() as env:
            env["ir.config_parameter"].set_param("web.base.url", server.base_url)
            env["pipeline.source"].browse(shop[0]).invalidate_recordset()


def test_a_test_travels_the_whole_way_and_makes_no_lead(server, shop, page):
    open_source(page, shop)
    leads = server.sql("SELECT count(*) FROM crm_lead")
    press(page, "action_send_test")
    page.locator(".o_list_view").wait_for()
    query = "SELECT state, result, lead_id FROM pipeline_inbox WHERE source_id = %s AND is_test"
    wait_until(lambda: server.sql(query, shop[0]) == [("processed", "test", None)], 30, "the test")
    assert server.sql("SELECT count(*) FROM crm_lead") == leads
    assert page.problems == []


def choose(page, question, target):
    row = page.locator(".modal .o_data_row", has_text=question)
    row.locator("td[name=target]").click()
    row.locator("td[name=target] select, td[name=target] input").first.wait_for()
    # The next row cannot be edited before the preview of this choice is there.
    with page.expect_response(lambda answer: "/onchange" in answer.url):
        if row.locator("td[name=target] select").count():
            row.locator("td[name=target] select").select_option(label=target)
        else:
            row.locator("td[name=target] input").click()
            page.locator(".o_select_menu_item, .dropdown-item", has_text=target).first.click()


def test_questions_are_mapped_beside_the_lead_they_become(server, shop, new_page):
    page = new_page(viewport=WIDE)
    open_source(page, shop)
    server.sql("DELETE FROM pipeline_inbox WHERE source_id = %s AND is_test", shop[0])
    press(page, "action_map_questions")
    preview = page.locator(".o_pipeline_lead_preview")
    preview.wait_for()
    assert "is missing" in preview.inner_text()
    screenshot(page, "source-map-before")
    choose(page, "Ansprechpartner", "Name")
    choose(page, "Kontakt", "E-mail")
    choose(page, "What is your budget?", "Expected revenue")
    preview.get_by_text("12500.00").wait_for()
    text = preview.inner_text()
    assert "Kim Example" in text and "kim@screens.example" in text and "A new lead." in text and "Slate" in text
    screenshot(page, "source-map-after")
    assert server.sql("SELECT count(*) FROM pipeline_source_mapping WHERE source_id = %s", shop[0]) == [(0,)]
    page.locator(".modal button[name=action_save_and_replay]").click()
    made = "SELECT contact_name, expected_revenue FROM crm_lead WHERE email_normalized = 'kim@screens.example'"
    assert wait_until(lambda: server.sql(made), 30, "the lead") == [("Kim Example", 12500)]
    assert page.problems == []

    phone = new_page(viewport=PHONE)
    open_source(phone, shop)
    press(phone, "action_map_questions")
    phone.locator(".o_pipeline_lead_preview").wait_for()
    assert fits(phone)
    screenshot(phone, "source-map-phone")
    phone.locator(".modal .o_kanban_record", has_text="Which roof do you have?").click()
    phone.locator(".modal div[name=target] select, .modal div[name=target] input").last.wait_for()
    assert fits(phone)
    screenshot(phone, "source-map-phone-question")
    assert phone.problems == []


def test_a_new_secret_leaves_time_for_the_old_one(server, shop, page):
    open_source(page, shop)
    press(page, "action_rotate_secret")
    field = page.locator(".modal div[name=secret] input")
    field.wait_for()
    new = field.input_value()
    screenshot(page, "source-new-secret")
    page.locator(".modal button[name=action_replace]").click()
    page.get_by_text("The old secret is let in until").wait_for()
    screenshot(page, "source-overlap")
    for number, secret in enumerate((_SECRET, new)):
        assert post(server, shop[1], {"name": f"Overlap {number}"}, secret) == 200
    page.locator("button[name=action_end_previous_secret]").click()
    page.locator(".modal .btn-primary").click()
    page.get_by_text("The old secret is let in until").wait_for(state="hidden")
    with pytest.raises(urllib.error.HTTPError, match="401"):
        post(server, shop[1], {"name": "Too late"}, _SECRET)
    page.reload()
    page.get_by_text("Requests turned away: 1").wait_for()
    screenshot(page, "source-refused")
    assert page.problems == []


# What each kind of source is told to do; vendors' own words, so that they are found on the vendor's screens.
_STEPS = {
    "website": "As a plain HTML form",
    "google_ads": "Webhook URL",
    "facebook": "leadgen",
    "typeform": "Add a webhook",
    "privy": "Custom webhooks",
    "generic": "At the sender's",
}


def test_each_kind_of_source_says_how_it_is_set_up(server, new_page):
    with server.env() as env:
        sources = {kind: env["pipeline.source"].create({"name": kind, "provider": kind}).id for kind in _STEPS}
    wide, phone = new_page(viewport=WIDE), new_page(viewport=PHONE)
    for page, kinds in ((wide, _STEPS), (phone, ("facebook", "website"))):
        login(page, "admin")
        for kind in kinds:
            page.goto(f"/odoo/action-sales_pipeline.pipeline_source_action/{sources[kind]}")
            page.locator(".o_notebook .nav-link", has_text="Connect").click()
            steps = page.locator(f"[name=steps_{kind}]")
            steps.wait_for()
            assert _STEPS[kind].lower() in steps.inner_text().lower()
            assert page.locator("[name^=steps_]:visible").count() == 1
            assert page.locator("[name=capture_url]:visible").count()
            assert fits(page), kind
            screenshot(page, f"source-steps-{kind}-{'wide' if page is wide else 'phone'}")
        assert page.problems == []
