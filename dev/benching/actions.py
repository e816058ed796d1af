"""What is measured: the acts of people and web forms, each as one function that does it once on one side."""
from __future__ import annotations

import base64
import json
import random
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

from dev.benching.client import Client
from dev.benching.sides import MANAGER, SELLER, Side
from dev.common import Fail

LEAD_DOMAIN = ["|", ["type", "=", "lead"], ["type", "=", False]]
DEAL_DOMAIN = [["type", "=", "opportunity"]]
CONTEXT = {"lang": "en_US", "tz": "UTC"}
COUNT_LIMIT = 10001
# people who come in while it is measured; each run of the program knows others
RUN = uuid.uuid4().hex[:8]
_NUMBERS = iter(range(10**9))

Act = Callable[[], None]
# Lists as people bring them; of Odoo's importer as many as it takes at once.
IMPORT_ROWS = {"ours": 20_000, "stock": 2_000}


def person() -> dict[str, str]:
    """Return somebody whom neither side knows."""
    number = next(_NUMBERS)
    digits = f"{random.randrange(2000000, 9999999)}"
    return {
        "name": f"Bench {RUN} {number}", "email": f"p{number}.{RUN}@new.example",
        "phone": f"+1 212-{digits[:3]}-{digits[3:]}",
    }


def open_list(side: Side, login: str) -> Act:
    """Return the act of opening the list of leads."""
    client = side.login(login)
    specification = client.get_specification("crm.lead", side.view_id("crm.crm_case_tree_view_leads"), "list")

    def act() -> None:
        found = client.call("crm.lead", "web_search_read", LEAD_DOMAIN, specification, offset=0, order="", limit=80,
                            count_limit=COUNT_LIMIT, context={**CONTEXT, "bin_size": True, "default_type": "lead"})
        assert found["records"], "an empty list says nothing"

    return act


def open_board(side: Side, login: str) -> Act:
    """Return the act of opening the board of deals: its columns with their cards, and their progress bars."""
    client = side.login(login)
    specification = client.get_specification("crm.lead", side.view_id("crm.crm_case_kanban_view_leads"), "kanban")
    bar = {"field": "activity_state", "colors": {"planned": "success", "today": "warning", "overdue": "danger"},
           "sum_field": "expected_revenue"}
    context = {**CONTEXT, "default_type": "opportunity", "show_user_team_stages": 1}

    def act() -> None:
        found = client.call(
            "crm.lead", "web_read_group", DEAL_DOMAIN, ["stage_id"], ["expected_revenue:sum"], auto_unfold=True,
            opening_info=[], unfold_read_specification=specification, unfold_read_default_limit=20,
            groupby_read_specification={}, context={**context, "read_group_expand": True},
        )
        assert any(group.get("__records") for group in found["groups"]), "an empty board says nothing"
        client.call("crm.lead", "read_progress_bar", domain=DEAL_DOMAIN, group_by="stage_id", progress_bar=bar,
                    context=context)

    return act


def open_form(side: Side, login: str) -> Act:
    """Return the act of opening the form of one lead or deal after the other; both sides open the same ones."""
    client = side.login(login)
    specification = client.get_specification("crm.lead", side.view_id("crm.crm_lead_view_form"), "form")
    mine = f" AND user_id = {client.uid}" if login == SELLER else ""
    ids = side.ask(f"SELECT id FROM crm_lead WHERE active AND id % 7 = 0{mine} ORDER BY hashint4(id) LIMIT 200").split()
    order = iter(list(map(int, ids)) * 20)

    def act() -> None:
        assert client.call("crm.lead", "web_read", [next(order)], specification, context={**CONTEXT, "bin_size": True})

    return act


def create(side: Side, login: str, kind: str = "lead") -> Act:
    """Return the act of saving a new lead in the form."""
    client = side.login(login)
    specification = client.get_specification("crm.lead", side.view_id("crm.crm_lead_view_form"), "form")
    team = int(side.ask(f"SELECT crm_team_id FROM crm_team_member WHERE user_id = {client.uid} AND active"))

    def act() -> None:
        who = person()
        values = {"name": who["name"], "contact_name": who["name"], "email_from": who["email"], "phone": who["phone"],
                  "type": kind, "user_id": client.uid, "team_id": team, "priority": "1"}
        assert client.call("crm.lead", "web_save", [], values, specification, context={**CONTEXT, "default_type": kind})

    return act


def capture(side: Side, login: str) -> Act:
    """Return the act of a web form posting a contact: our public route; a create over RPC where there is none."""
    client = side.login(login)
    if side.name == "stock":
        def act() -> None:
            who = person()
            client.call("crm.lead", "create", [{"name": who["name"], "contact_name": who["name"], "type": "lead",
                                                "email_from": who["email"], "phone": who["phone"]}])
        return act
    token, secret = side.ask("SELECT token, secret FROM pipeline_source WHERE name = 'Bench'").split("|")

    def post() -> None:
        headers = {"X-Pipeline-Secret": secret, "Content-Type": "application/json"}
        status, body = client.send(f"/pipeline/capture/{token}", json.dumps(person()).encode(), headers)
        if status != 200:
            raise Fail(f"the capture route answered {status}: {body[:200]!r}")

    return post


def wait_for_captures(side: Side) -> None:
    """Wait until the job has made leads of what came in, so that it does not run into the other side's time."""
    while side.name == "ours" and side.ask("SELECT 1 FROM pipeline_inbox WHERE state = 'received' LIMIT 1"):
        time.sleep(0.01)


def import_list(side: Side, login: str) -> Act:
    """Return the act of importing a list: our screen and its job; Odoo's own importer."""
    client = side.login(login)

    def act() -> None:
        people = [person() for _number in range(IMPORT_ROWS[side.name])]
        (import_ours if side.name == "ours" else import_stock)(side, client, people)

    return act


def as_csv(people: list[dict], header: str) -> str:
    """Write people as a table."""
    return "\n".join([header, *(f"{who['name']},{who['email']},{who['phone']}" for who in people), ""])


def import_ours(side: Side, client: Client, people: list[dict]) -> None:
    """Import people through our screen and wait until they are leads."""
    content = base64.b64encode(as_csv(people, "Name,Email,Phone").encode()).decode()
    number = client.call("pipeline.import", "create", [{"name": "bench.csv", "file": content}])[0]
    client.call("pipeline.import", "action_start", [number])
    while (state := side.ask(f"SELECT state FROM pipeline_import WHERE id = {number}")) != "done":
        if state == "failed":
            raise Fail("our import failed")
        time.sleep(0.25)


def import_stock(side: Side, client: Client, people: list[dict]) -> None:
    """Import people with Odoo's importer."""
    text = as_csv([{**who, "name": f"{who['name']},{who['name']}"} for who in people], "Name,Contact,Email,Phone")
    names = ["name", "contact_name", "email_from", "phone"]
    number = client.call("base_import.import", "create", [{"res_model": "crm.lead", "file_name": "bench.csv",
                                                           "file_type": "text/csv"}])[0]
    # Odoo's importer reads this field as it is, not base64
    client.call("base_import.import", "write", [number], {"file": text})
    options = {"has_headers": True, "quoting": '"', "separator": ",", "encoding": "utf-8", "date_format": "", "skip": 0,
               "datetime_format": "", "float_thousand_separator": ",", "float_decimal_separator": ".", "limit": 2000}
    found = client.call("base_import.import", "execute_import", [number], names, ["Name", "Contact", "Email", "Phone"],
                        options, context={**CONTEXT, "default_type": "lead", "import_file": True})
    if not found.get("ids"):
        raise Fail(f"Odoo's importer imported nothing: {found['messages'][:1]}")


def variants(name: str) -> Iterator[tuple[str, Any, str]]:
    """List what a benchmark measures: a word for its figures, the act, and who does it."""
    if name in ("list", "board", "form"):
        act = {"list": open_list, "board": open_board, "form": open_form}[name]
        yield "manager", act, MANAGER
        yield "seller", act, SELLER
    elif name == "create":
        yield "lead", create, MANAGER
        yield "deal", lambda side, login: create(side, login, "opportunity"), MANAGER
    else:
        yield "", {"capture": capture, "import": import_list}[name], MANAGER
