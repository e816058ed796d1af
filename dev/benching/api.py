"""The REST API beside Odoo's own HTTP API on the same rows, and a mix of requests by itself."""
from __future__ import annotations

import http.client
import itertools
import json
import random

from dev import odoo_config
from dev.benching import load
from dev.benching.actions import Act, person
from dev.benching.compare import interleave, percentile
from dev.benching.rows import KIND
from dev.benching.sides import MANAGER, MODE, SELLER, Side
from dev.common import Fail, step
from dev.databases import INSIDE
from dev.odoo_package import Odoo

REPETITIONS = 60
SCOPES = "leads:read leads:write opportunities:read opportunities:write"
FIELDS = ["name", "contact_name", "partner_name", "email_from", "phone", "user_id", "priority", "type", "create_date",
          "write_date", "expected_revenue", "description", "tag_ids", "stage_id", "team_id"]
NEWEST_FIRST = "create_date desc, id desc"
# The bars: answers a second without a pause, and 99 of 100 answers at a calm pace.
SECONDS, SENDERS, PACE, PACED = 20, 8, 30, 600
MIX = [("read", 60), ("list", 25), ("patch", 10), ("create", 5)]


class Bearer:
    """Somebody with a token, over one kept connection."""

    def __init__(self, side: Side, key: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", side.port, timeout=600)
        self.headers = {"Authorization": f"bearer {key}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: object = None) -> object:
        """Send a request and return what the answer's JSON says."""
        content = json.dumps(body) if body is not None else None
        for _try in range(2):
            try:
                self.connection.request(method, path, content, self.headers)
                answer = self.connection.getresponse()
                break
            except (http.client.HTTPException, ConnectionError):
                self.connection.close()
        text = answer.read()
        if answer.status >= 300:
            raise Fail(f"{method} {path} was answered {answer.status}: {text[:300]!r}")
        return json.loads(text)


def measure(odoo: Odoo, both: list[Side], repetitions: int | None = None) -> dict[str, object]:
    """Return the figures of single requests on both sides, and of the mix on ours."""
    figures: dict[str, object] = {"bench": "api", "mode": MODE}
    keys = {side.name: make_key(odoo, side) for side in both}
    for name, makers in {"read": (read_ours, read_stock), "list": (list_ours, list_stock),
                         "create": (create_ours, create_stock)}.items():
        with step(f"api: {name}"):
            acts = {side: makers[side.name == "stock"](side, Bearer(side, keys[side.name])) for side in both}
            times, _done = interleave("api", acts, repetitions or REPETITIONS)
        for side in reversed(both):
            figures[f"{name}_{side.name}_p50_ms"] = f"{percentile(times[side.name], 0.5):.1f}"
            figures[f"{name}_{side.name}_p95_ms"] = f"{percentile(times[side.name], 0.95):.1f}"
        ours, stock = (percentile(times[name_of], 0.5) for name_of in ("ours", "stock"))
        figures[f"{name}_ratio"] = f"{ours / stock:.2f}"
    ours = next(side for side in both if side.name == "ours")
    return figures | measure_mix(ours, keys["ours"])


def make_key(odoo: Odoo, side: Side) -> str:
    """Return what proves the manager: a token of our clients, a key of Odoo's."""
    script = INSIDE / ("bench_api_key.py" if side.name == "ours" else "bench_key.py")
    told = odoo_config.shell(odoo, side.server, KIND, side.database, script, login=MANAGER, scopes=SCOPES)
    return next(line.split()[1] for line in told.splitlines() if line.startswith("key "))


def some_leads(side: Side) -> itertools.cycle:
    """Return ids and uuids of leads, spread over the base, the same on both sides."""
    columns = "id, uuid" if side.name == "ours" else "id, ''"
    found = side.ask(
        f"SELECT {columns} FROM crm_lead WHERE active AND type = 'lead' AND id % 7 = 0 ORDER BY hashint4(id) LIMIT 500"
    )
    return itertools.cycle([tuple(line.split("|")) for line in found.splitlines()])


def read_ours(side: Side, bearer: Bearer) -> Act:
    """Return the act of reading one lead."""
    leads = some_leads(side)
    return lambda: bearer.ask("GET", f"/api/leads/{next(leads)[1]}")


def read_stock(side: Side, bearer: Bearer) -> Act:
    """Return the act of reading one lead with the same fields."""
    leads = some_leads(side)
    return lambda: bearer.ask("POST", "/json/2/crm.lead/read", {"ids": [int(next(leads)[0])], "fields": FIELDS})


def list_ours(side: Side, bearer: Bearer) -> Act:
    """Return the act of reading the newest fifty leads."""
    return lambda: bearer.ask("GET", "/api/leads?limit=50")


def list_stock(side: Side, bearer: Bearer) -> Act:
    """Return the act of reading the newest fifty leads."""
    body = {"domain": [["type", "=", "lead"]], "fields": FIELDS, "limit": 50, "order": NEWEST_FIRST}
    return lambda: bearer.ask("POST", "/json/2/crm.lead/search_read", body)


def new_lead() -> dict:
    """Return the body of a lead nobody knows."""
    who = person()
    return {"name": who["name"], "contact_info": {"email": who["email"], "phone": who["phone"]}, "tags": ["bench"]}


def create_ours(side: Side, bearer: Bearer) -> Act:
    """Return the act of creating a lead, which is compared, assigned and told to its owner."""
    return lambda: bearer.ask("POST", "/api/leads", new_lead())


def create_stock(side: Side, bearer: Bearer) -> Act:
    """Return the act of creating a lead for a colleague, whom Odoo tells of it."""
    owner = int(side.ask(f"SELECT id FROM res_users WHERE login = '{SELLER}'"))

    def act() -> None:
        who = person()
        values = {"name": who["name"], "contact_name": who["name"], "email_from": who["email"], "phone": who["phone"],
                  "type": "lead", "user_id": owner}
        bearer.ask("POST", "/json/2/crm.lead/create", {"vals_list": [values]})

    return act


def measure_mix(side: Side, key: str) -> dict[str, object]:
    """Return how many requests of a mix are answered a second, and how long they take at a calm pace."""
    leads = some_leads(side)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    names, weights = zip(*MIX, strict=True)

    def make() -> bytes:
        kind = random.choices(names, weights)[0]
        if kind == "list":
            return load.request("GET", "/api/leads?limit=50", b"", headers)
        if kind == "create":
            return load.request("POST", "/api/leads", json.dumps(new_lead()).encode(), headers)
        path = f"/api/leads/{next(leads)[1]}"
        body = json.dumps({"notes": person()["name"]}).encode()
        return load.request("GET", path, b"", headers) if kind == "read" else load.request("PATCH", path, body, headers)

    with step("api: the mix"):
        rate = load.as_fast_as_it_goes(side.port, make, SECONDS, SENDERS)
        answers = load.at_pace(side.port, [make() for _number in range(PACED)], PACE, SENDERS * 4)
    times = [answer.milliseconds for answer in answers]
    return {
        "mix_per_s": f"{rate:.0f}", "mix_p50_ms": f"{percentile(times, 0.5):.0f}",
        "mix_p99_ms": f"{percentile(times, 0.99):.0f}",
        "mix_failed": sum(not 200 <= answer.status < 300 for answer in answers),
    }
