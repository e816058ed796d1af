"""What only a real server shows of the API: reads on a replica, mails with their files, two who act at once."""

import html
import re
import threading
from datetime import timedelta
from types import SimpleNamespace
from urllib.parse import urljoin
from uuid import uuid4

import pytest
import requests

from tests.live import wait_until
from tests.live.clients import at_once, lines_logged, log_position

pytestmark = pytest.mark.timeout(600)
SCOPES = "leads:read leads:write activities:read activities:write"


class Program:
    """Who asks with a token; by default that of an administrator, whom no limit holds up."""

    def __init__(self, server, token):
        self.server, self.token = server, token

    def ask(self, method, path, headers=None, timeout=120, **sent):
        """Send a request below /api."""
        sent_headers = {"Authorization": f"Bearer {self.token}"} | (headers or {})
        return requests.request(
            method, f"{self.server.base_url}/api{path}", headers=sent_headers, timeout=timeout, **sent
        )

    def make(self, path, body, status=201, **more):
        """Send a POST that must succeed and return what it answers."""
        answer = self.ask("POST", path, json=body, **more)
        assert answer.status_code == status, answer.text
        return answer.json()

    def make_quote(self, email):
        """Offer something to somebody new, and return the quote."""
        deal = self.make("/opportunities", {"deal_name": f"Deal {uuid4()}", "contact_info": {"email": email}})
        lines = [{"name": "Roof", "unit_price": "100.00", "quantity": "2"}]
        return self.make("/quotes", {"opportunity_id": deal["id"], "line_items": lines})


@pytest.fixture(scope="module")
def program(server):
    """Return who asks as an administrator."""
    from odoo import fields

    with server.env() as env:
        env["pipeline.api.plan"].search([]).quota = 0
        user = env.ref("base.user_admin")
        expires = fields.Datetime.now() + timedelta(days=1)
        token = env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", "semantics", expires)
    return Program(server, token)


@pytest.fixture(scope="module")
def client(server):
    """Return a program of ours, with few rights."""
    with server.env() as env:
        made = env["pipeline.api.client"].create({
            "name": "Shop", "user_id": env.ref("base.user_admin").id, "scopes": SCOPES,
            "plan_id": env.ref("sales_pipeline.api_plan_unlimited").id, "origins": "https://shop.example",
        })  # fmt: skip
        return Program(server, made._issue_token()[1])


# ---- mails


def test_a_quote_arrives_with_its_file_and_the_way_to_accept_it(server, program):
    quote = program.make_quote("ann@quotes.example")

    sent = program.make(f"/quotes/{quote['id']}/send", {"subject": "Your roof"}, 200)

    assert (sent["status"], bool(sent["sent_at"])) == ("sent", True)
    wait_until(lambda: server.mails(to="ann@quotes.example"), 90, "the mail")
    (mail,) = server.mails(to="ann@quotes.example")
    assert mail["Subject"] == "Your roof"
    (file,) = mail.iter_attachments()
    assert file.get_content_type() == "application/pdf"
    assert file.get_content().startswith(b"%PDF")
    links = [html.unescape(link) for link in re.findall(r'href="([^"]+)"', mail.get_body(("html",)).get_content())]
    way = next(link for link in links if "access_token=" in link)
    page = requests.get(urljoin(server.base_url, way), timeout=60)
    assert (page.status_code, quote["quote_number"] in page.text) == (200, True)
    assert "/my/orders/" in page.url


def test_a_mail_in_the_words_of_a_template_arrives(server, program):
    with server.env() as env:
        env["mail.template"].create({
            "name": "Lamps 100%", "model_id": env["ir.model"]._get_id("crm.lead"),
            "subject": "Lamps for {{ object.contact_name }}",
            "body_html": "<p>Dear <t t-out='object.contact_name'/>,</p>",
        })  # fmt: skip
    contact = {"email": "tia@templates.example"}
    lead = program.make("/leads", {"name": "Lamps", "contact_name": "Tia <T>", "contact_info": contact})

    planned = program.make(f"/leads/{lead['id']}/email", {"template": "lamps 100%"}, 202)

    assert planned["summary"] == "Lamps for Tia <T>"
    wait_until(lambda: server.mails(to="tia@templates.example"), 90, "the mail")
    (mail,) = server.mails(to="tia@templates.example")
    assert mail["Subject"] == "Lamps for Tia <T>"
    assert "Dear Tia &lt;T&gt;," in mail.get_body(("html",)).get_content()


# ---- at once


def test_of_two_quotes_of_a_deal_that_are_accepted_at_once_one_wins(server, program):
    first = program.make_quote("ben@quotes.example")
    lines = [{"name": "Window", "unit_price": "10.00"}]
    second = program.make("/quotes", {"opportunity_id": first["opportunity_id"], "line_items": lines})
    for quote in (first, second):
        program.make(f"/quotes/{quote['id']}/send", {}, 200)

    answers = at_once([
        lambda quote=quote: program.ask("POST", f"/quotes/{quote['id']}/accept", json={}) for quote in (first, second)
    ])  # fmt: skip

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (lost,) = [answer.json() for answer in answers if answer.status_code == 409]
    (won,) = [answer.json() for answer in answers if answer.status_code == 200]
    assert (lost["code"], won["status"]) == ("conflict-of-state", "accepted")
    assert won["quote_number"] in lost["detail"]
    accepted = server.sql("SELECT count(*) FROM sale_order WHERE accepted_at IS NOT NULL AND uuid = ANY(%s)",
                          [first["id"], second["id"]])
    assert accepted == [(1,)]


def test_one_quote_that_is_accepted_twice_at_once_is_one_order(server, program):
    quote = program.make_quote("cid@quotes.example")
    program.make(f"/quotes/{quote['id']}/send", {}, 200)

    answers = at_once([lambda: program.ask("POST", f"/quotes/{quote['id']}/accept", json={})] * 2)

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["order_id"] == answers[1].json()["order_id"] == quote["id"]
    told = server.sql("""SELECT count(*) FROM pipeline_event e JOIN sale_order o
                           ON e.res_model = 'sale.order' AND e.res_id = o.id
                        WHERE o.uuid = %s AND e.kind = 'quote' AND e.metadata->>'status' = 'accepted'""", quote["id"])
    assert told == [(1,)]


def test_a_page_goes_on_where_it_was_although_something_was_done_meanwhile(server, program):
    lead = program.make("/leads", {"name": "Pages", "contact_info": {"email": "pages@pages.example"}})
    plan = {"entity_type": "lead", "entity_id": lead["id"], "activity_type": "call"}
    ids = [
        program.make("/activities", plan | {"scheduled_at": f"2026-01-{day:02}T10:00:00Z"})["id"] for day in range(1, 7)
    ]
    for sort in ("-happens_at", "happens_at"):
        path = f"/leads/{lead['id']}/activities?limit=2&sort={sort}"
        page = program.ask("GET", path).json()
        seen = [row["id"] for row in page["data"]]
        later = next(id_ for id_ in ids[::-1] if id_ not in seen and not is_done(program, id_))
        program.ask("PATCH", f"/activities/{seen[0]}", json={"completed": True})
        program.ask("PATCH", f"/activities/{later}", json={"completed": True})

        while page["has_more"]:
            page = program.ask("GET", f"{path}&cursor={page['next_cursor']}").json()
            seen += [row["id"] for row in page["data"]]

        assert sorted(seen) == sorted(ids), "each one once"
        assert is_done(program, later)


def is_done(program, id_):
    return program.ask("GET", f"/activities/{id_}").json()["completed"]


# ---- keys


@pytest.fixture
def held(server):
    """Return what lets go of the deals: until then nobody can write one."""
    connection = server.connect()
    connection.cursor().execute("LOCK TABLE crm_lead IN SHARE MODE")
    yield connection.rollback
    connection.close()


def count_waiting(server):
    return server.sql("""SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'
                            AND datname = current_database() AND query LIKE 'INSERT INTO "crm_lead"%%'""")[0][0]


def test_a_key_whose_lease_is_over_is_taken_over_and_still_makes_one_deal(server, program, held):
    name, key, answers = f"Leased {uuid4()}", str(uuid4()), []

    def make():
        answers.append(program.ask("POST", "/opportunities", {"Idempotency-Key": key}, json={"deal_name": name}))

    threads = [threading.Thread(target=make, daemon=True) for _number in range(2)]
    threads[0].start()
    wait_until(lambda: count_waiting(server) == 1, 30, "the first request")
    server.sql("UPDATE pipeline_api_claim SET lease_until = now() AT TIME ZONE 'utc' WHERE key = %s", key)
    threads[1].start()
    wait_until(lambda: count_waiting(server) == 2, 30, "the second request, which took the key over")
    held()
    for thread in threads:
        thread.join(60)

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert server.sql("SELECT count(*) FROM crm_lead WHERE name = %s", name) == [(1,)]


def test_after_a_day_a_key_is_free_and_nothing_of_it_is_kept(server, program):
    name, key = f"Old {uuid4()}", str(uuid4())
    keyed = {"headers": {"Idempotency-Key": key}}
    first = program.make("/opportunities", {"deal_name": name}, **keyed)
    assert program.make("/opportunities", {"deal_name": name}, **keyed)["id"] == first["id"]
    [(claim,)] = server.sql("SELECT id FROM pipeline_api_claim WHERE key = %s", key)
    age = """UPDATE pipeline_api_claim SET created_at = created_at - interval '25 hours', lease_until = created_at
              WHERE key = %s"""

    server.sql(age, key)
    again = program.make("/opportunities", {"deal_name": name}, **keyed)

    assert again["id"] != first["id"]
    assert server.sql("SELECT count(*) FROM pipeline_api_answer WHERE claim_id = %s", claim) == [(0,)]
    server.sql(age, key)
    [(claim,)] = server.sql("SELECT id FROM pipeline_api_claim WHERE key = %s", key)
    with server.env() as env:
        env["pipeline.api.claim"]._gc_claims()
    assert server.sql("SELECT count(*) FROM pipeline_api_claim WHERE key = %s", key) == [(0,)]
    assert server.sql("SELECT count(*) FROM pipeline_api_answer WHERE claim_id = %s", claim) == [(0,)]


def test_every_post_takes_a_key(server, program):
    description = program.ask("GET", "/openapi.json").json()
    lead = program.make("/leads", {"name": "Keys", "contact_info": {"email": "keys@keys.example"}})
    hook = {"name": "Keys", "url": "https://hooks.example/in", "events": ["lead.*"]}
    posts = {
        "/leads": {"name": "K1"}, "/leads/bulk": {"leads": [{"name": "K2"}]}, "/opportunities": {"deal_name": "K3"},
        "/activities": {"entity_type": "lead", "entity_id": lead["id"], "activity_type": "note"},
        "/customers": {"customer_name": "K4"}, "/webhooks": hook,
        f"/leads/{lead['id']}/email": {"subject": "K", "body": "K"},
        f"/leads/{lead['id']}/schedule": {"start": "2031-01-01T10:00:00Z", "subject": "K"},
        f"/leads/{lead['id']}/convert": {},
    }  # fmt: skip
    for path, body in posts.items():
        keyed = {"Idempotency-Key": str(uuid4())}
        first, second = (program.ask("POST", path, keyed, json=body) for _number in range(2))
        assert first.status_code < 300, first.text
        assert (second.status_code, second.content) == (first.status_code, first.content), path
        assert second.headers["Idempotency-Replayed"] == "true", path
        for name in ("ETag", "Location", "Content-Type"):
            assert second.headers.get(name) == first.headers.get(name), path
    # What is public gives out tokens, which are kept nowhere.
    documented = [path for path, item in description["paths"].items() if "post" in item and path != "/api/oauth/token"]
    lacking = [
        path for path in documented
        if not any(parameter.get("name") == "Idempotency-Key" or "IdempotencyKey" in parameter.get("$ref", "")
                   for parameter in description["paths"][path]["post"].get("parameters", []))
    ]  # fmt: skip
    assert not lacking


# ---- health, pages of other websites


def test_how_the_server_is_inside_is_for_those_who_may_know(server, program, client):
    assert requests.get(f"{server.base_url}/api/health", timeout=60).json() == {"status": "ok"}
    assert client.ask("GET", "/health").json() == {"status": "ok"}, "without changes:read"

    told = program.ask("GET", "/health").json()

    assert told["status"] == "ok", told
    assert told["database"] == {"is_replica": False, "replica_lag_seconds": None}
    assert {job["name"] for job in told["jobs"]} == {"captures", "mails", "webhooks"}
    assert told["limits"] == {"is_degraded": False}
    wrong = requests.get(f"{server.base_url}/api/health", headers={"Authorization": "Bearer spt_no"}, timeout=60)
    assert (wrong.status_code, wrong.json()["code"]) == (401, "unauthenticated")


def test_pages_of_the_websites_of_a_client_read_every_answer_and_others_none(server, client):
    own, other = {"Origin": "https://shop.example"}, {"Origin": "https://evil.example"}
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    for headers, allowed in ((own, "https://shop.example"), (other, None)):
        answers = [
            client.ask("GET", "/leads?limit=1", headers), client.ask("GET", "/leads?wrong=1", headers),
            client.ask("GET", f"/leads/{uuid4()}", headers), client.ask("GET", "/nothing", headers),
            client.ask("DELETE", "/leads", headers),
            client.ask("GET", "/me", headers | {"Authorization": "Bearer spt_x"}),
        ]  # fmt: skip
        assert [answer.status_code for answer in answers] == [200, 400, 404, 404, 405, 401]
        for answer in answers:
            assert answer.headers.get("Access-Control-Allow-Origin") == allowed, answer.url
            assert "Access-Control-Allow-Credentials" not in answer.headers
            assert "Origin" in answer.headers["Vary"]
        preflight = requests.options(f"{server.base_url}/api/leads", headers=headers | asked, timeout=60)
        assert preflight.status_code == 204
        assert preflight.headers.get("Access-Control-Allow-Origin") == allowed
        assert ("POST" in preflight.headers.get("Access-Control-Allow-Methods", "")) == bool(allowed)
        assert "Access-Control-Allow-Credentials" not in preflight.headers
        assert "Origin" in preflight.headers["Vary"]


# ---- the protocol


def test_a_request_id_is_echoed_and_logged(server, program):
    position, request_id = log_position(server), f"mine-{uuid4()}"

    for path in ("/me", "/nothing", "/leads?wrong=1"):
        answer = program.ask("GET", path, {"X-Request-Id": request_id})
        assert answer.headers["X-Request-Id"] == request_id

    lines = [line for line in lines_logged(server, position) if request_id in line]
    assert [re.search(r"GET (\S+) (\d+)", line).groups() for line in lines] == [
        ("/api/me", "200"), ("/api/nothing", "404"), ("/api/leads", "400"),
    ]  # fmt: skip


def test_head_and_options_answer_without_a_body(server, program):
    head = program.ask("HEAD", "/leads?limit=1")
    assert (head.status_code, head.content) == (200, b"")
    refused = program.ask("PATCH", "/leads", json={})
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, POST")
    options = program.ask("OPTIONS", "/leads")
    assert (options.status_code, options.content) == (204, b"")
    assert {"GET", "HEAD", "OPTIONS", "POST"} == set(options.headers["Allow"].split(", "))
    bulk = program.ask("GET", "/leads/bulk")
    assert (bulk.status_code, bulk.headers["Allow"], bulk.json()["code"]) == (405, "POST", "method-not-allowed")


# ---- the replica, last: it starts the server anew


def test_no_read_asks_for_a_cursor_that_writes(server, program):
    known = prepare(program)
    server.stop()
    server.start("--dev=replica")
    paths = [path for path, item in program.ask("GET", "/openapi.json").json()["paths"].items() if "get" in item]
    position = log_position(server)

    for path in paths:
        asked = path.removeprefix("/api")
        for name in re.findall(r"\{(\w+)\}", path):
            asked = asked.replace("{" + name + "}", find_id(known, path, name))
        answer = program.ask("GET", asked)
        assert answer.status_code == 200, f"{asked}: {answer.text[:300]}"

    assert len(paths) > 20
    log = "\n".join(lines_logged(server, position))
    assert "read/write cursor" not in log


def prepare(program):
    """Make one of everything, and return the ids."""
    contact = {"email": "one@everything.example"}
    lead = program.make("/leads", {"name": "One", "contact_info": contact})
    activity = {"entity_type": "lead", "entity_id": lead["id"], "activity_type": "note"}
    activity = program.make("/activities", activity)
    quote = program.make_quote("two@everything.example")
    program.make(f"/quotes/{quote['id']}/accept", {}, 200)
    contact = {"email": "three@everything.example"}
    customer = program.make("/customers", {"customer_name": "Two", "contact_info": contact})
    hook = program.make("/webhooks", {"name": "H", "url": "https://hooks.example/in", "events": ["lead.*"]})
    program.make(f"/webhooks/{hook['id']}/test", {}, 202)
    delivery = program.ask("GET", f"/webhooks/{hook['id']}/deliveries").json()["data"][0]
    return SimpleNamespace(
        leads=lead["id"], activities=activity["id"], quotes=quote["id"], orders=quote["id"],
        opportunities=quote["opportunity_id"], customers=customer["id"], webhooks=hook["id"], deliveries=delivery["id"],
    )  # fmt: skip


def find_id(known, path, name):
    if name == "entity_type":
        return "leads"
    if "{entity_type}" in path:
        return known.leads
    before = path.split("{" + name + "}")[0].rstrip("/").rpartition("/")[2]
    return getattr(known, before)
