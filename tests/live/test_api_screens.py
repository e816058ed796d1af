"""An administrator lets a program in: client, token, replacement; on a desk and on a phone."""

import pytest
import requests

from tests.live import login, screenshot

pytestmark = pytest.mark.timeout(600)
PHONE = {"viewport": {"width": 400, "height": 850}}
DESK = {"viewport": {"width": 1440, "height": 900}}


@pytest.fixture(scope="module", autouse=True)
def _administrator(server):
    """Let the administrator see the addon's settings."""
    with server.env() as env:
        env.ref("base.user_admin").group_ids |= env.ref("sales_pipeline.group_admin")


def open_clients(page):
    """Open the list of clients and wait until it is there."""
    login(page, path="/odoo/action-sales_pipeline.pipeline_api_client_action")
    page.locator(".o_list_view, .o_kanban_view").first.wait_for()


def ask(server, token):
    """Return who the API says is asking."""
    return requests.get(f"{server.base_url}/api/me", headers={"Authorization": f"Bearer {token}"}, timeout=30)


def read_secret(page):
    """Return the secret that the dialog shows."""
    shown = page.locator(".modal div[name=token]")
    shown.get_by_text("spt_").first.wait_for()
    return shown.inner_text().split()[0]


def test_a_program_is_let_in_and_its_token_replaced(server, new_page):
    page = new_page(**DESK, permissions=["clipboard-read", "clipboard-write"])
    open_clients(page)
    page.get_by_text("Let a program work with your leads and deals").wait_for()
    screenshot(page, "api_clients_empty_1440")
    page.get_by_role("button", name="New", exact=True).click()
    page.get_by_label("Name").fill("Web shop")
    page.get_by_label("Acts As").fill("Administrator")
    page.get_by_role("option", name="Administrator", exact=True).click()
    page.get_by_label("Read leads", exact=True).check()
    screenshot(page, "api_client_form_1440")
    page.locator(".o_form_button_save").click()
    page.get_by_text("This program cannot ask anything yet").wait_for()

    page.get_by_role("button", name="New Token").click()
    page.get_by_role("button", name="Make It").wait_for()
    assert page.locator(".o_datetime_picker").count() == 0, "no calendar covers the question"
    screenshot(page, "api_token_ask_1440")
    page.get_by_role("button", name="Make It").click()
    token = read_secret(page)
    page.locator(".modal div[name=token] .o_clipboard_button").click()
    assert page.evaluate("navigator.clipboard.readText()") == token
    page.mouse.move(5, 400)
    screenshot(page, "api_token_shown_1440")
    page.get_by_role("button", name="I Have Copied It").click()
    page.locator(".modal").wait_for(state="detached")
    assert ask(server, token).json()["client"]["name"] == "Web shop"

    page.get_by_role("tab", name="Tokens and Secrets").click()
    page.get_by_role("button", name="Replace").click()
    page.get_by_text("Let the Old One in for").wait_for()
    assert page.locator(".o_datetime_picker").count() == 0
    screenshot(page, "api_token_replace_1440")
    page.get_by_role("button", name="Make It").click()
    successor = read_secret(page)
    page.get_by_role("button", name="I Have Copied It").click()
    page.locator("[name=token_ids]").get_by_text("Ending").wait_for()
    assert successor != token
    assert [ask(server, each).status_code for each in (token, successor)] == [200, 200], "for a day both are let in"
    page.reload()
    page.get_by_role("tab", name="Tokens and Secrets").click()
    page.locator("[name=token_ids]").get_by_text("Ending").wait_for()
    assert token not in page.content()
    assert successor not in page.content()
    screenshot(page, "api_client_tokens_1440")
    page.locator("[name=token_ids] tr", has_text="Ending").get_by_role("button", name="Revoke").click()
    page.get_by_role("button", name="Ok", exact=True).click()
    page.locator("[name=token_ids]").get_by_text("Ended").wait_for()
    assert [ask(server, each).status_code for each in (token, successor)] == [401, 200]
    open_clients(page)
    page.locator(".o_data_row").get_by_text("Read leads").wait_for()
    screenshot(page, "api_clients_1440")
    assert not page.problems


def test_the_screens_of_clients_fit_a_phone(server, new_page):
    with server.env() as env:
        client = env["pipeline.api.client"].create(
            {"name": "Warehouse", "user_id": env.ref("base.user_admin").id, "scopes": "leads:read leads:write"}
        )
        client._issue_token()
        number = client.id
    page = new_page(**PHONE)
    open_clients(page)
    page.locator(".o_data_row, .o_kanban_record").get_by_text("Warehouse").first.wait_for()
    screenshot(page, "api_clients_400")
    page.goto(f"/odoo/action-sales_pipeline.pipeline_api_client_action/{number}")
    page.get_by_role("tab", name="Tokens and Secrets").click()
    page.locator("[name=token_ids]").get_by_text("spt_").first.wait_for()
    screenshot(page, "api_client_400")
    for button in page.locator(".o_statusbar_buttons .dropdown-toggle:visible, .o_cp_action_menus:visible").all()[:1]:
        button.click()
    page.get_by_role("button", name="New Token").or_(page.get_by_role("menuitem", name="New Token")).first.click()
    page.get_by_role("button", name="Make It").click()
    page.locator(".modal div[name=token]").get_by_text("spt_").wait_for()
    screenshot(page, "api_token_400")

    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["viewport"]["width"], "nothing is wider than the screen"
