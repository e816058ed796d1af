"""The list of possible duplicates in a browser: search, decide, take it back, link; on a phone and by keyboard too."""

import pytest

from tests.live import login, screenshot
from tests.live.clients import Client, make_users

SCREEN = "/odoo/action-sales_pipeline.pipeline_duplicate_action"
PHONE = {"width": 400, "height": 800}


@pytest.fixture(scope="module")
def people(server):
    """Make leads of three people, two of whom came twice, and a contact."""
    admin = Client(server)
    [rep] = make_users(server, admin, 1, "pairs").values()
    with server.env() as env:
        rows = [
            ("Dana Whitfield", "Whitfield Roofing", "dana.whitfield@gmail.com", "+12025550142"),
            ("Whitfeild Dana", "Whitfield Roofing Ltd", "danawhitfield@gmail.com", "202-555-0142"),
            ("Omar Haddad", "Haddad Joinery", "omar@haddad-joinery.example", ""),
            ("O. Haddad", "Haddad Joinery", "omar@haddad-joinery.exmaple", ""),
            ("Kim Odd", "", "kim.odd@mail.example", ""),
        ]
        leads = env["crm.lead"].with_context(tracking_disable=True).create([
            {"name": f"Enquiry of {name}", "type": "lead", "contact_name": name, "partner_name": company,
             "email_from": email, "phone": phone, "user_id": rep}
            for name, company, email, phone in rows
        ])  # fmt: skip
        env["res.partner"].create({"name": "Kim Odd", "email": "kim.odd@mail.example"})
        return leads.ids


def read_states(server, ids):
    return server.sql("SELECT lead_id, res_model, state FROM pipeline_duplicate WHERE lead_id = ANY(%s)", ids)


def open_screen(page):
    login(page, path=SCREEN)
    page.wait_for_selector(".o_pipeline_duplicate_search")


def test_a_manager_searches_now_and_sees_the_pairs(server, page, people):
    page.set_viewport_size({"width": 1440, "height": 900})
    open_screen(page)
    search = page.locator(".o_pipeline_duplicate_search")
    search.get_by_role("button", name="Search Now").click(timeout=90_000)
    row = page.locator(".o_data_row", has_text="Whitfeild Dana, Whitfield Roofing Ltd")
    row.wait_for(timeout=60_000)
    assert "Dana Whitfield, Whitfield Roofing" in row.inner_text()
    assert "Same e-mail address" in row.inner_text()
    assert row.get_by_role("button", name="Compare and Merge").is_visible()
    screenshot(page, "duplicates-1440")
    assert {state for _lead, _model, state in read_states(server, people)} == {"open"}
    assert not page.problems


def test_not_the_same_is_said_and_taken_back(server, page, people):
    page.set_viewport_size({"width": 1440, "height": 900})
    open_screen(page)
    row = page.locator(".o_data_row", has_text="Whitfeild Dana")
    row.get_by_role("button", name="Not the Same").click()
    toast = page.locator(".o_notification", has_text="not proposed again")
    toast.wait_for()
    row.wait_for(state="detached")
    screenshot(page, "duplicates-decided-1440")
    assert (people[1], "crm.lead", "different") in read_states(server, people)
    toast.get_by_role("button", name="Undo").click()
    row.wait_for()
    assert (people[1], "crm.lead", "open") in read_states(server, people)
    assert not page.problems


def test_a_pair_of_leads_is_compared_side_by_side(server, page, people):
    page.set_viewport_size({"width": 1440, "height": 900})
    open_screen(page)
    page.locator(".o_data_row", has_text="Whitfeild Dana").get_by_role("button", name="Compare and Merge").click()
    compared = page.locator(".o_pipeline_merge")
    compared.wait_for()
    assert "Whitfeild Dana" in compared.inner_text()
    assert "danawhitfield@gmail.com" in compared.inner_text()
    assert (people[1], "crm.lead", "open") in read_states(server, people)
    assert not page.problems


def test_a_phone_shows_cards_that_say_all_and_links_a_contact(server, new_page, people):
    page = new_page(viewport=PHONE, has_touch=True, is_mobile=True)
    open_screen(page)
    card = page.locator(".o_kanban_record", has_text="Kim Odd").first
    card.wait_for()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    screenshot(page, "duplicates-400")
    card.get_by_role("button", name="Link to This Contact").click()
    page.locator(".o_notification", has_text="belongs to Kim Odd now").wait_for()
    card.wait_for(state="detached")
    assert (people[4], "res.partner", "merged") in read_states(server, people)
    partner = "SELECT p.name FROM crm_lead l JOIN res_partner p ON p.id = l.partner_id WHERE l.id = %s"
    assert server.sql(partner, people[4]) == [("Kim Odd",)]
    assert not page.problems


def test_the_keyboard_decides(server, page, people):
    page.set_viewport_size({"width": 1440, "height": 900})
    open_screen(page)
    button = page.locator(".o_data_row", has_text="O. Haddad").get_by_role("button", name="Not the Same")
    button.focus()
    page.keyboard.press("Enter")
    page.locator(".o_notification", has_text="not proposed again").wait_for()
    assert (people[3], "crm.lead", "different") in read_states(server, people)
    page.locator(".o_data_row", has_text="O. Haddad").wait_for(state="detached")
    page.locator(".o_searchview_input").fill("nobody at all")
    # Odoo's search box takes Enter for what it proposes; before that it searches for nothing
    page.locator(".o_searchview_autocomplete", has_text="nobody at all").wait_for()
    page.keyboard.press("Enter")
    page.locator(".o_view_nocontent_smiling_face").wait_for()
    screenshot(page, "duplicates-empty-1440")
    assert not page.problems
