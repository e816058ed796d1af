"""Sixteen at once through the rules: the pool stays fair, whatever door the leads come by, and across a restart."""

import time
from collections import Counter

import pytest

from tests.live import login, screenshot, wait_until
from tests.live.clients import Client, Source, at_once, make_team, make_users

CLIENTS = 16
ROWS = 300


@pytest.fixture(scope="module")
def admin(server):
    return Client(server)


@pytest.fixture(scope="module")
def sellers(server, admin):
    return make_users(server, admin, 6, "pooled")


@pytest.fixture(scope="module")
def seats(server, sellers):
    return at_once([lambda login=login: Client(server, login) for login in sellers])


@pytest.fixture
def team(admin, sellers):
    return make_team(admin, f"Rules {time.monotonic()}", list(sellers.values()))


@pytest.fixture
def pool(admin, sellers):
    """A pool of five of them, which gets whoever comes from a postcode of its own."""
    number = len(admin.call("pipeline.assignment.pool", "search", [])) + 10
    members = [[0, 0, {"user_id": user}] for user in list(sellers.values())[:5]]
    pool = admin.call("pipeline.assignment.pool", "create", {"name": f"Pool {number}", "member_ids": members})
    admin.call("pipeline.assignment.rule", "create", {"name": f"Rule {number}", "pool_id": pool, "zips": f"X{number}"})
    return pool, f"X{number}Z"


def owners_of(server, zip_code):
    rows = server.sql("SELECT user_id, count(*) FROM crm_lead WHERE zip = %s GROUP BY user_id", zip_code)
    return Counter(dict(rows))


def enter(seat, team, zip_code, name):
    """Save a new lead as the form does."""
    values = {"type": "lead", "name": name, "contact_name": name, "user_id": False, "team_id": team, "zip": zip_code,
              "email_from": f"{name.lower()}@{name.lower()}.example"}  # fmt: skip
    return seat.try_call("crm.lead", "web_save", [], values, specification={"user_id": {}})


def bring(source, zip_code, name):
    """Post a capture as a website does."""
    return source.post(name, name=name, email=f"{name.lower()}@{name.lower()}.example", zip=zip_code)


WORDS = [first + last for first in ("Bal", "Cor", "Dim", "Fen", "Gus", "Hol") for last in
         ("amar", "ewick", "iotto", "oxley", "urbin", "yster")]  # fmt: skip


def test_captures_and_typed_leads_share_the_turns_of_a_pool(server, admin, seats, team, pool, sellers):
    pool_id, zip_code = pool
    source = Source(server, admin, team_id=team)
    half = CLIENTS // 2
    results = at_once(
        [lambda name=name: bring(source, zip_code, name) for name in WORDS[:half]]
        + [lambda n=n: enter(seats[n % len(seats)], team, zip_code, WORDS[half + n]) for n in range(half)]
    )
    assert results[:half] == [200] * half
    assert [problem for _saved, problem in results[half:]] == [None] * half
    source.wait_until_drained(30)
    owners = owners_of(server, zip_code)
    assert owners.total() == CLIENTS
    assert set(owners) == set(list(sellers.values())[:5])
    assert max(owners.values()) - min(owners.values()) <= 1, owners
    booked = server.sql(
        "SELECT user_id, taken_that_day FROM pipeline_assignment_member WHERE pool_id = %s", pool_id
    )
    assert dict(booked) == owners


def test_a_full_inbox_and_sixteen_typed_leads_stay_fair_across_a_kill(server, admin, seats, team, pool, sellers):
    _pool_id, zip_code = pool
    source = Source(server, admin, team_id=team)
    server.sql(
        """INSERT INTO pipeline_inbox (source_id, external_id, received_at, payload, company_id, state, attempts,
                                       next_attempt_at)
           SELECT %s, 'full-' || n, now(), jsonb_build_object('name', md5(n::text), 'email',
                      md5(n::text) || '@' || md5('d' || n) || '.example', 'zip', %s::text),
                  company_id, 'received', 0, now() AT TIME ZONE 'UTC'
             FROM pipeline_source, generate_series(1, %s) n WHERE id = %s""",
        source.id, zip_code, ROWS, source.id,
    )  # fmt: skip
    assert bring(source, zip_code, "Firstborn") == 200
    wait_until(lambda: owners_of(server, zip_code).total() > 40, 120, "the first batches")
    results = at_once(
        [lambda n=n: enter(seats[n % len(seats)], team, zip_code, WORDS[CLIENTS + n]) for n in range(CLIENTS)]
    )
    assert [problem for _saved, problem in results] == [None] * CLIENTS
    server.kill()
    server.start()
    assert bring(source, zip_code, "Lastborn") == 200
    source.wait_until_drained(120)
    owners = owners_of(server, zip_code)
    assert owners.total() == ROWS + 2 + CLIENTS
    assert set(owners) == set(list(sellers.values())[:5])
    assert max(owners.values()) - min(owners.values()) <= 1, owners


# ---- screens


@pytest.fixture(scope="module")
def shown(server, admin, sellers):
    """Make a pool with somebody away, somebody full, and leads on which it is seen."""
    ann, bob, cem = list(sellers.values())[:3]
    pool = admin.call("pipeline.assignment.pool", "create", {"name": "South", "member_ids": [
        [0, 0, {"user_id": ann, "weight": 2}], [0, 0, {"user_id": bob}], [0, 0, {"user_id": cem, "max_open": 1}],
    ]})  # fmt: skip
    germany = server.sql("SELECT id FROM res_country WHERE code = 'DE'")[0][0]
    admin.call("pipeline.assignment.rule", "create", {
        "name": "Bavaria", "sequence": 1, "pool_id": pool, "country_ids": [[6, 0, [germany]]], "zips": "80-87",
    })  # fmt: skip
    admin.call("res.users", "action_switch_away", [bob])
    team = make_team(admin, "Shown", [ann, bob, cem])
    leads = []
    for name in ("Tannenberg", "Ostermayr", "Plessow", "Quirinius", "Vogelsang"):
        values = {"type": "lead", "name": f"Roof of {name}", "contact_name": name, "user_id": False, "team_id": team,
                  "zip": "80331", "country_id": germany, "email_from": f"{name.lower()}@{name.lower()}.example"}
        leads.append(admin.call("crm.lead", "web_save", [], values, specification={})[0]["id"])
    return {"pool": pool, "lead": leads[-1]}


@pytest.mark.parametrize("width", [1440, 400])
def test_the_screens(shown, new_page, width, admin):
    page = new_page(viewport={"width": width, "height": 900})
    login(page)
    for path, text in (
        ("action-sales_pipeline.pipeline_assignment_rule_action", "Bavaria"),
        ("action-sales_pipeline.pipeline_assignment_pool_action", "South"),
        (f"action-sales_pipeline.pipeline_assignment_pool_action/{shown['pool']}", "Away"),
        ("action-sales_pipeline.pipeline_absence_action", "Pooled1" if width > 500 else "until ended"),
        (f"action-crm.crm_lead_all_leads/{shown['lead']}", "Rule “Bavaria”"),
    ):
        page.goto(f"/odoo/{path}")
        page.get_by_text(text).first.wait_for()
        page.wait_for_timeout(600)
        screenshot(page, f"assign-{path.split('.')[-1].replace('/', '-')}-{width}")
    page.goto("/odoo/action-sales_pipeline.pipeline_assignment_rule_action")
    page.get_by_text("Bavaria").first.click()
    page.get_by_text("of the last").wait_for()
    page.wait_for_timeout(600)
    screenshot(page, f"assign-rule-{width}")
    if width < 500:
        page.locator(".o_cp_action_menus, .o_statusbar_buttons button, .o_statusbar_buttons").first.wait_for()
    assert page.problems == []


def test_a_lead_is_tried_and_nobody_loses_a_turn(shown, page, server):
    login(page, path="/odoo/action-sales_pipeline.pipeline_assignment_rule_action")
    turns = server.sql("SELECT id, turn FROM pipeline_assignment_member ORDER BY id")
    page.get_by_text("Bavaria").first.click()
    page.get_by_role("button", name="Test with a Lead").click()
    page.locator(".modal [name=lead_id] input").fill("Roof of Tannenberg")
    page.locator(".modal .o-autocomplete--dropdown-item", has_text="Roof of Tannenberg").first.click()
    page.locator(".modal").get_by_text("Decides", exact=True).wait_for()
    screenshot(page, "assign-trial-1440")
    assert server.sql("SELECT id, turn FROM pipeline_assignment_member ORDER BY id") == turns
    assert page.problems == []


def test_the_switch_in_the_user_menu(shown, page, server, sellers):
    name, user_id = list(sellers.items())[4]
    login(page, name, "admin", path="/odoo")
    page.locator(".o_user_menu button").click()
    page.get_by_text("Away: No New Leads").click()
    page.get_by_text("You are away").wait_for()
    screenshot(page, "assign-user-menu")
    query = "SELECT count(*) FROM pipeline_absence WHERE user_id = %s AND is_switch AND date_to IS NULL"
    assert server.sql(query, user_id) == [(1,)]
    page.reload()
    page.locator(".o_user_menu button").click()
    page.get_by_text("Away: No New Leads").click()
    page.get_by_text("You are back").wait_for()
    assert server.sql(query, user_id) == [(0,)]
    assert page.problems == []
