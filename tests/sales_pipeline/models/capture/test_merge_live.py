"""Merging on a real server: the screen, its undo, and two who merge at once."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.live import login, screenshot
from tests.live.clients import Client

PEOPLE = ("Ann Merge", "A. Merge", "Anna Merge")


@pytest.fixture
def people(server):
    """Make three leads of one person, with what belongs to them, and return their ids."""
    with server.env("admin") as env:
        leads = env["crm.lead"].create([
            {"name": name, "type": "lead", "contact_name": name, "email_from": f"ann{number}@merge.example",
             "city": ("Liège", "Namur", False)[number], "phone": (False, "+32470123456", "+32470123457")[number],
             "user_id": env.uid, "description": f"<p>Called about the roof, note {number}</p>",
             "tag_ids": [(0, 0, {"name": f"Roof {time.monotonic_ns()}"})]}
            for number, name in enumerate(PEOPLE)
        ])  # fmt: skip
        for lead in leads:
            lead.message_post(body="A word", message_type="comment")
            lead.activity_schedule("mail.mail_activity_data_call", summary="Call back")
            env["sale.order"].create({"partner_id": env.user.partner_id.id, "opportunity_id": lead.id})
        return leads.ids


def deleted(server, ids):
    """Return which of some leads are deleted."""
    return [id_ for (id_,) in server.sql(
        "SELECT id FROM crm_lead WHERE id = ANY(%s) AND deleted_at IS NOT NULL ORDER BY id", ids
    )]  # fmt: skip


def open_comparison(page, name="Merge"):
    """Select the leads of a name in the list, and compare them."""
    page.goto("/odoo/action-crm.crm_lead_all_leads?view_type=list")
    page.wait_for_selector(".o_list_view .o_data_row")
    page.fill(".o_searchview_input", name)
    # Odoo's search box takes Enter for what it proposes; before that it searches for nothing
    page.locator(".o_searchview_autocomplete", has_text=name).wait_for()
    page.press(".o_searchview_input", "Enter")
    page.wait_for_selector(".o_searchview_facet")
    page.wait_for_selector(f".o_data_row:has-text('{name}')")
    page.click("thead .o_list_record_selector input")
    page.click(".o_cp_action_menus button:has-text('Actions')")
    page.click(".o-dropdown--menu >> text='Compare and Merge'")
    page.wait_for_selector(".o_pipeline_merge_table")


def compare(page, ids):
    """Open the comparison of leads as a button would."""
    page.wait_for_selector(".o_main_navbar")
    page.wait_for_function("odoo.__WOWL_DEBUG__?.root")
    page.evaluate(
        "ids => odoo.__WOWL_DEBUG__.root.env.services.action.doAction("
        "{type: 'ir.actions.client', tag: 'sales_pipeline.merge', name: 'Merge', params: {ids}})", ids
    )  # fmt: skip
    page.wait_for_selector(".o_pipeline_merge_table")


def test_three_leads_are_compared_merged_and_taken_apart_again(page, server, people):
    login(page)
    open_comparison(page)
    assert page.locator("tr[data-field=city] td").count() == 3
    assert page.locator("tr[data-field=country_id]").count() == 0
    screenshot(page, "merge-compare-1440")
    page.check(f"th[data-id='{people[1]}'] input[name=survivor]")
    page.wait_for_selector("tr[data-field=city] td.o_pipeline_merge_chosen:has-text('Namur')")
    page.check("tr[data-field=city] td:has-text('Liège') input")
    page.wait_for_selector("tr[data-field=city] td.o_pipeline_merge_chosen:has-text('Liège')")
    assert page.locator("tr[data-field=city] td.o_pipeline_merge_chosen").count() == 1
    page.click("button:has-text('Merge 3')")
    page.wait_for_selector(".o_pipeline_merge_note:has-text('Merged with')")
    page.wait_for_selector(".o_notification:has-text('merged into')")
    screenshot(page, "merge-done-1440")
    assert server.sql("SELECT city FROM crm_lead WHERE id = %s", people[1]) == [("Liège",)]
    assert deleted(server, people) == [people[0], people[2]]
    quotes = server.sql("SELECT count(*) FROM sale_order WHERE opportunity_id = %s", people[1])
    assert quotes == [(3,)]
    page.click(".o_notification button:has-text('Undo')")
    page.wait_for_selector(".o_notification:has-text('The merge was undone')")
    page.wait_for_selector(".o_pipeline_merge_note", state="detached")
    assert deleted(server, people) == []
    assert server.sql("SELECT city FROM crm_lead WHERE id = %s", people[1]) == [("Namur",)]
    assert page.problems == []


def test_a_merge_is_undone_from_the_record_and_old_addresses_say_where_it_is(page, server, people):
    client = Client(server)
    client.call("crm.lead", "merge_compared", people[0], people[1:], {})
    login(page, path=f"/odoo/crm.lead/{people[2]}")
    page.wait_for_selector(".o_pipeline_merged_away")
    screenshot(page, "merge-away-1440")
    page.click(".o_pipeline_merged_away button")
    page.wait_for_selector(".o_pipeline_merge_note")
    page.click(".o_pipeline_merge_note button:has-text('Undo')")
    page.click(".modal button:has-text('Ok')")
    page.wait_for_selector(".o_notification:has-text('The merge was undone')")
    assert deleted(server, people) == []
    page.goto("/odoo/action-sales_pipeline.pipeline_merge_action")
    page.wait_for_selector(".o_list_view .o_data_row:has-text('Undone')")
    screenshot(page, "merge-list-1440")
    assert page.problems == []


def test_on_a_phone_each_field_is_a_card_and_keys_choose(new_page, people):
    page = new_page(viewport={"width": 400, "height": 800})
    login(page)
    compare(page, people)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.focus("tr[data-field=city] td:first-of-type input")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert page.locator("tr[data-field=city] td.o_pipeline_merge_chosen").count() == 1
    page.locator("tr[data-field=city]").scroll_into_view_if_needed()
    screenshot(page, "merge-compare-400")
    assert page.problems == []


def test_fifty_stand_side_by_side_while_their_names_stay_in_sight(page, server):
    with server.env("admin") as env:
        leads = env["crm.lead"].create([
            {"name": f"Crowd {number}", "type": "lead", "user_id": env.uid, "city": f"Town {number}"}
            for number in range(50)
        ])  # fmt: skip
    login(page)
    compare(page, leads.ids)
    page.evaluate("document.querySelector('.o_pipeline_merge_scroll').scrollLeft = 5000")
    assert page.locator("tr[data-field=city] th").bounding_box()["x"] >= 0
    screenshot(page, "merge-fifty-1440")
    page.click("button:has-text('Merge 50')")
    page.wait_for_selector(".o_pipeline_merge_note:has-text('and 46 more')", timeout=60000)
    assert len(deleted(server, leads.ids)) == 49
    assert page.problems == []


def test_two_who_merge_the_same_at_once_merge_once(server, people):
    clients = [Client(server) for _number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(
            lambda client: client.try_call("crm.lead", "merge_compared", people[0], people[1:], {}), clients
        ))  # fmt: skip
    assert [problem for _answer, problem in answers] == [None] * 4
    assert len({answer["merge_id"] for answer, _problem in answers}) == 1
    assert server.sql("SELECT count(*) FROM pipeline_merge WHERE survivor_id = %s", people[0]) == [(1,)]


def test_two_who_merge_into_each_other_at_once_leave_one(server, people):
    pairs = [(people[0], people[1:]), (people[1], [people[0], people[2]])]
    clients = [Client(server) for _pair in pairs]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(
            lambda asked: asked[0].try_call("crm.lead", "merge_compared", *asked[1], {}),
            zip(clients, pairs, strict=True),
        ))  # fmt: skip
    problems = [problem for _answer, problem in answers if problem]
    assert len(problems) == 1, answers
    assert "was merged into" in problems[0]
    assert len(deleted(server, people)) == 2
    assert server.sql("SELECT count(*) FROM sale_order WHERE opportunity_id = ANY(%s)", people) == [(3,)]
    assert server.sql(
        "SELECT count(DISTINCT opportunity_id) FROM sale_order WHERE opportunity_id = ANY(%s)", people
    ) == [(1,)]  # fmt: skip
