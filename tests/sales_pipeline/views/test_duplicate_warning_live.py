"""The warning while a lead is typed, the question when it is saved, and the dialog of similar records."""

import re

import pytest

from tests.live import login, screenshot, wait_until
from tests.live.clients import Client, make_users

NEW_LEAD = "/odoo/action-crm.crm_lead_all_leads/new"
# So unlike each other that nobody is taken for the Dana of another test.
_MAILBOXES = iter(["sun.flower99", "old.castle17", "blue.whale42", "tin.drummer8", "far.meadow63", "pipe.organ31",
                   "red.velvet55", "iron.gate74", "oak.table21", "wet.paint90",
                   "dry.stone38", "big.kettle70"])  # fmt: skip
WARNING = ".o_pipeline_duplicate_warning .alert"


@pytest.fixture(scope="module")
def admin(server):
    return Client(server)


@pytest.fixture(scope="module")
def rep(server, admin):
    """A rep, who sees the own leads only."""
    [(name, _id)] = make_users(server, admin, 1, "warned", "sales_pipeline.group_rep").items()
    return name


@pytest.fixture
def dana(server, admin):
    """Make a lead that is spelt one way; the address differs by test, so that tests do not meet."""
    mailbox = next(_MAILBOXES)
    lead = admin.call("crm.lead", "create", {
        "name": f"Roof for Dana {mailbox}", "type": "lead", "contact_name": "Dana Whitfield",
        "partner_name": f"Acme {mailbox}", "email_from": f"{mailbox}@gmail.com", "user_id": admin.uid,
    })  # fmt: skip
    return lead, mailbox


def type_lead(page, mailbox, name="Typed by hand"):
    page.goto(NEW_LEAD)
    page.wait_for_selector(".o_form_view .o_form_sheet")
    page.fill("[name=name] textarea", name)
    page.fill("[name=contact_name] input", "Whitfeild Dana")
    page.fill("[name=email_from] input", f"{mailbox.replace('.', '')}+offers@googlemail.com")
    page.keyboard.press("Tab")


def count(server):
    return server.sql("SELECT count(*) FROM crm_lead")[0][0]


@pytest.mark.parametrize("width", [1440, 400])
def test_who_types_is_shown_whom_the_contact_resembles(new_page, server, dana, width):
    page = new_page(viewport={"width": width, "height": 900})
    login(page, "admin")
    _lead, mailbox = dana
    type_lead(page, mailbox)
    page.wait_for_selector(f"{WARNING}:has-text('seems to be known')")
    text = page.inner_text(WARNING)
    for part in (f"Roof for Dana {mailbox}", "Lead", "Administrator", "New",
                 f"Same e-mail address: {mailbox.replace('.', '')}@gmail.com"):
        assert part in text, text
    # whoever types goes on typing
    assert page.evaluate("document.activeElement.closest('.o_pipeline_duplicate_warning')") is None
    assert page.get_attribute(".o_pipeline_duplicate_warning", "aria-live") == "polite"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, f"duplicate-warning-{width}")
    page.click(f"{WARNING} button:has-text('Open')")
    page.wait_for_selector(f".modal .o_form_view:has-text('{mailbox}')")
    page.keyboard.press("Escape")
    page.wait_for_selector(".modal", state="detached")
    # A form that is left is saved: the other width must type somebody else.
    name, email = {1440: ("Somebody New", "somebody@nowhere.example"), 400: ("Yolanda Quist", "yq@far.example")}[width]
    page.fill("[name=email_from] input", email)
    page.fill("[name=contact_name] input", name)
    page.keyboard.press("Tab")
    page.wait_for_selector(WARNING, state="detached")
    assert page.problems == []


def test_who_saves_is_asked_and_can_open_the_known_lead(page, server, dana):
    login(page, "admin")
    lead, mailbox = dana
    before = count(server)
    type_lead(page, mailbox)
    page.click(".o_form_button_save")
    page.wait_for_selector(".modal:has-text('Known Already')")
    screenshot(page, "duplicate-question-1440")
    assert count(server) == before
    page.click(".modal button:has-text('Open the Known Lead')")
    page.wait_for_selector(".modal", state="detached")
    wait_until(lambda: "Roof for Dana" in page.input_value("[name=name] textarea"), what="the known lead")
    assert count(server) == before
    assert server.sql("SELECT count(*) FROM pipeline_touch WHERE lead_id = %s", lead) == [(1,)]
    assert page.problems == []


@pytest.mark.parametrize("width", [1440, 400])
def test_who_saves_may_save_anyway_and_the_two_are_a_pair(new_page, server, dana, width):
    page = new_page(viewport={"width": width, "height": 900})
    login(page, "admin")
    lead, mailbox = dana
    before = count(server)
    type_lead(page, mailbox, "Somebody else")
    page.click(".o_form_button_save")
    page.wait_for_selector(".modal:has-text('Known Already')")
    screenshot(page, f"duplicate-question-{width}")
    page.click(".modal button:has-text('Back to the Form')")
    page.wait_for_selector(".modal", state="detached")
    assert page.input_value("[name=name] textarea") == "Somebody else"
    assert count(server) == before
    page.click(".o_form_button_save")
    page.click(".modal button:has-text('Save Anyway')")
    page.wait_for_selector(".o_form_saved")
    assert count(server) == before + 1
    [(new, other, state)] = server.sql("SELECT lead_id, res_id, state FROM pipeline_duplicate WHERE res_id = %s", lead)
    assert (other, state) == (lead, "open")
    page.wait_for_selector(WARNING, state="detached")
    # the button of similar records, and telling the two apart
    page.wait_for_selector("button[name=action_view_similar]:visible, .o_button_more:visible")
    if not page.is_visible("button[name=action_view_similar]"):
        page.click(".o_button_more")
    page.click("button[name=action_view_similar]")
    page.wait_for_selector(".modal:has-text('Similar Records') li:has-text('Roof for Dana')")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    screenshot(page, f"duplicate-similar-{width}")
    page.click(f".modal li:has-text('Roof for Dana {mailbox}') button:has-text('Not the Same')")
    wait_until(
        lambda: server.sql("SELECT state FROM pipeline_duplicate WHERE lead_id = %s AND res_id = %s", new, lead)
        == [("different",)],
        what="the decision",
    )
    assert page.problems == []


def test_a_rep_learns_of_others_leads_only_how_many_there_are(page, server, dana, rep):
    login(page, rep, "admin")
    _lead, mailbox = dana
    before = count(server)
    type_lead(page, mailbox)
    page.wait_for_selector(f"{WARNING}:has-text('1 record that belongs to others')")
    assert not re.search(r"Roof|Dana|Administrator|gmail", page.inner_text(WARNING))
    page.click(".o_form_button_save")
    page.wait_for_selector(".modal:has-text('that you do not see')")
    screenshot(page, "duplicate-question-hidden")
    assert not re.search(r"Roof|Administrator|gmail", page.inner_text(".modal"))
    assert count(server) == before
    page.click(".modal button:has-text('Save Anyway')")
    page.wait_for_selector(".o_form_saved")
    assert count(server) == before + 1
    assert page.problems == []


def test_a_page_that_is_closed_loses_no_lead(page, server, dana):
    login(page, "admin")
    _lead, mailbox = dana
    before = count(server)
    type_lead(page, mailbox, "Closed in a hurry")
    page.wait_for_selector(WARNING)
    page.goto("about:blank")
    wait_until(lambda: count(server) == before + 1, what="the lead of the closed page")
    assert server.sql("SELECT count(*) FROM crm_lead WHERE name = 'Closed in a hurry'") == [(1,)]


def test_a_changed_contact_of_a_known_lead_warns_until_it_is_taken_back(page, server, admin, dana):
    login(page, "admin")
    _lead, mailbox = dana
    other = admin.call("crm.lead", "create", {"name": "Somebody", "type": "lead", "contact_name": "Zoe Zimmer"})
    page.goto(f"/odoo/action-crm.crm_lead_all_leads/{other}")
    page.wait_for_selector(".o_form_view .o_form_sheet")
    assert not page.is_visible(WARNING)
    page.fill("[name=email_from] input", f"{mailbox}@gmail.com")
    page.keyboard.press("Tab")
    page.wait_for_selector(WARNING)
    page.click(".o_form_button_cancel")
    page.wait_for_selector(WARNING, state="detached")
    assert page.problems == []


def test_who_puts_a_deal_on_the_board_is_shown_whom_it_resembles(page, server, dana):
    login(page, "admin", path="/odoo/action-crm.crm_lead_action_pipeline")
    _lead, mailbox = dana
    # Until the board is loaded, Odoo's button opens a form instead of a card.
    page.wait_for_selector(".o_kanban_group")
    page.click(".o_control_panel .o-kanban-button-new")
    page.fill(".o_kanban_quick_create [name=email_from] input", f"{mailbox}@gmail.com")
    page.keyboard.press("Tab")
    page.wait_for_selector(f".o_kanban_quick_create {WARNING}:has-text('Roof for Dana {mailbox}')")
    screenshot(page, "duplicate-quick-create")
    page.click(f".o_kanban_quick_create {WARNING} button:has-text('Open')")
    page.wait_for_selector(f".modal .o_form_view:has-text('{mailbox}')")
    page.keyboard.press("Escape")
    page.wait_for_selector(".modal", state="detached")
    assert page.input_value(".o_kanban_quick_create [name=email_from] input") == f"{mailbox}@gmail.com"
    assert page.problems == []


def test_similar_leads_are_merged_from_the_dialog(page, server, admin, dana):
    login(page, "admin")
    lead, mailbox = dana
    other = admin.call("crm.lead", "create", {
        "name": "Second roof", "type": "lead", "contact_name": "Whitfeild Dana", "email_from": f"{mailbox}@gmail.com",
    })  # fmt: skip
    page.goto(f"/odoo/action-crm.crm_lead_all_leads/{other}")
    page.click("button[name=action_view_similar]")
    page.check(".modal li:has-text('Roof for Dana') input[type=checkbox]")
    page.click(".modal button:has-text('Merge...')")
    page.wait_for_selector(".o_pipeline_merge:has-text('Second roof')")
    assert f"Roof for Dana {mailbox}" in page.inner_text(".o_pipeline_merge")
    kept = "SELECT count(*) FROM crm_lead WHERE id IN (%s, %s) AND deleted_at IS NULL"
    assert server.sql(kept, lead, other) == [(2,)]
    assert page.problems == []


def test_the_question_is_answered_by_the_keyboard(page, server, dana):
    login(page, "admin")
    _lead, mailbox = dana
    before = count(server)
    type_lead(page, mailbox, "By keys")
    page.wait_for_selector(WARNING)
    page.keyboard.press("Alt+s")
    page.wait_for_selector(".modal:has-text('Known Already')")
    page.keyboard.press("Escape")
    page.wait_for_selector(".modal", state="detached")
    assert count(server) == before
    page.keyboard.press("Alt+s")
    page.focus(".modal button:has-text('Save Anyway')")
    page.keyboard.press("Enter")
    page.wait_for_selector(".o_form_saved")
    assert count(server) == before + 1
    assert page.problems == []


def test_the_settings_say_what_the_thresholds_mean(page, server):
    login(page, "admin", path="/odoo/settings?module=crm#crm")
    page.wait_for_selector("#pipeline_duplicate_scores")
    page.locator("#pipeline_duplicate_scores").scroll_into_view_if_needed()
    screenshot(page, "duplicate-settings")
    page.fill("[name=duplicate_ask_score] input", "60")
    page.click(".o_form_button_save")
    wait_until(lambda: server.sql("SELECT duplicate_ask_score FROM res_company ORDER BY id LIMIT 1") == [(0.6,)])
    page.goto("/odoo/action-sales_pipeline.pipeline_identifier_action")
    page.wait_for_selector(".o_view_nocontent:has-text('Say what is unique to a person')")
    assert page.problems == []
