"""Programs that know the API only by its description judge it: a validator, a fuzzer, a generated client."""

import json
import os
import subprocess
from datetime import timedelta

import pytest
import requests

from dev import api_tools
from tests.live import screenshot

pytestmark = pytest.mark.timeout(1800)

# Whatever fits a schema may still name a user or a place in a list that is not there: no schema knows which are.
# A fuzzer sends more wrong tokens a minute than are answered with 401; the tests of rights ask every route without one.
UNJUDGED = "positive_data_acceptance,ignored_auth"
RULES = """
# A row that does not fit is told in the result, beside the rows that were taken.
[[operations]]
include-path = "/api/leads/bulk"
checks.negative_data_rejection.enabled = false

# Nothing is connected to this server: 501 says what to install.
[[operations]]
include-path-regex = "/api/leads/.id./(call|whatsapp|email)|/api/quotes/.id./send"
checks.not_a_server_error.expected-statuses = ["2xx", "3xx", "4xx", "501"]
"""


# What another programmer would write with the generated client: from a lead to an order.
JOURNEY = """
import json, sys
from datetime import datetime, timezone
from client import AuthenticatedClient, models
from client.api.activities import list_activities, list_of_entity, post_activity
from client.api.leads import change_lead, convert_lead, create_lead, get_lead
from client.api.orders import read_order
from client.api.quotes import accept_quote, create_quote, reject_quote, send_quote
from client.api.system import get_me

client = AuthenticatedClient(base_url=sys.argv[1], token=sys.argv[2])
me = get_me.sync(client=client)
lead = create_lead.sync(client=client, idempotency_key="journey-1", body=models.LeadCreate.from_dict(
    {"name": "Roof", "contact_info": {"email": "journey@contract.example", "phone": "+49 30 23125099"}}))
again = create_lead.sync(client=client, idempotency_key="journey-1", body=models.LeadCreate.from_dict(
    {"name": "Roof", "contact_info": {"email": "journey@contract.example", "phone": "+49 30 23125099"}}))
assert again.id == lead.id, "the same key carries the same request out once"
change_lead.sync(client=client, id=lead.id, body=models.LeadPatch.from_dict({"status": "qualified", "tags": ["roof"]}))
post_activity.sync(client=client, body=models.ActivityCreate.from_dict({
    "entity_type": "lead", "entity_id": str(lead.id), "activity_type": "call", "summary": "Ask", "completed": True}))
deal = convert_lead.sync(client=client, id=lead.id, body=models.LeadConvert.from_dict({"deal_name": "Roof deal"}))
quote = create_quote.sync(client=client, body=models.QuoteCreate.from_dict({"opportunity_id": str(deal.id),
    "line_items": [{"name": "Tiles, laid", "quantity": "2", "unit_price": "625.00"}]}))
send_quote.sync(client=client, id=quote.id, body=models.QuoteSend.from_dict({}))
accepted = accept_quote.sync(
    client=client, id=quote.id, body=models.QuoteAccept.from_dict({"signed_by": "Dana Example"}))
refused = reject_quote.sync_detailed(
    client=client, id=quote.id, body=models.QuoteReject.from_dict({"reason": "Too expensive"}))
order = read_order.sync(client=client, id=accepted.order_id)
told = list_of_entity.sync(client=client, entity_type=models.ListOfEntityEntityType("leads"), id=lead.id)
print(json.dumps({
    "me": me.user.role, "lead": get_lead.sync(client=client, id=lead.id).status, "deal": str(deal.id),
    "quote": str(quote.id), "order": str(order.id), "order_of": str(order.opportunity_id),
    "total": quote.amount_untaxed, "activities": len(told.data),
    "refused": [refused.status_code, refused.parsed.code]}))
"""


@pytest.fixture(scope="module", autouse=True)
def _calm(server):
    """Run Odoo without jobs, so that nothing made up leaves the machine."""
    server.stop()
    server.start("--max-cron-threads", "0")


@pytest.fixture(scope="module")
def tools():
    """Return where the programs are."""
    return api_tools.ensure()


@pytest.fixture(scope="module")
def token(server):
    """Return the token of an administrator without a limit."""
    return make_token(server, "admin")


@pytest.fixture(scope="module")
def description(server, tmp_path_factory):
    """Keep the description in a file."""
    path = tmp_path_factory.mktemp("api") / "openapi.json"
    path.write_text(requests.get(f"{server.base_url}/api/openapi.json", timeout=60).text, encoding="utf-8")
    return path


def make_token(server, login):
    """Return a key of somebody, whom no limit holds up."""
    from odoo import fields

    with server.env() as env:
        user = env["res.users"].search([("login", "=", login)])
        if "pipeline.api.plan" in env:
            env["pipeline.api.plan"].search([]).write({"quota": 0})
        expires = fields.Datetime.now() + timedelta(days=1)
        return env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", "contract", expires)


def run(*command, **options):
    """Run a program and return what it did."""
    line = [str(part) for part in command]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PYTEST"))}
    return subprocess.run(
        line, capture_output=True, text=True, check=False, timeout=1500, env=environment, **options
    )


def test_the_description_is_valid(tools, description):
    done = run(tools / "openapi-spec-validator", description)

    assert done.returncode == 0, done.stdout + done.stderr


def fuzz(server, tools, token, folder, examples, phases):
    """Have the fuzzer send what fits the description and what does not, and return what it found."""
    (folder / "schemathesis.toml").write_text(RULES, encoding="utf-8")
    done = run(
        tools / "schemathesis", "run", f"{server.base_url}/api/openapi.json", "--url", server.base_url,
        "--header", f"Authorization: Bearer {token}", "--exclude-checks", UNJUDGED, "--max-examples", examples,
        "--phases", phases, "--workers", "2", "--seed", "7", "--no-color",
        "--continue-on-failure", "--request-timeout", "60", cwd=folder,
    )  # fmt: skip
    (server.log.parent / "schemathesis.log").write_text(done.stdout + done.stderr, encoding="utf-8")
    return done


def test_what_the_examples_show_is_answered_as_described(server, tools, token, tmp_path):
    done = fuzz(server, tools, token, tmp_path, 1, "examples,fuzzing")

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


@pytest.mark.long
def test_whatever_fits_the_description_or_not_is_answered_as_described(server, tools, token, tmp_path):
    examples = os.environ.get("SALES_PIPELINE_API_EXAMPLES", "15")

    done = fuzz(server, tools, token, tmp_path, examples, "examples,coverage,fuzzing,stateful")

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_a_client_made_from_the_description_brings_a_lead_to_an_order(server, tools, token, description, tmp_path):
    made = run(
        tools / "openapi-python-client", "generate", "--path", description, "--output-path", tmp_path / "client",
        "--meta", "none", cwd=tmp_path,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    asked = run(tools / "python", "-c", JOURNEY, server.base_url, token, cwd=tmp_path)

    assert asked.returncode == 0, asked.stderr
    told = json.loads(asked.stdout)
    assert told["me"] == "admin"
    assert told["lead"] == "converted"
    assert told["refused"] == [409, "conflict-of-state"]
    assert told["deal"] == told["order_of"]
    assert told["order"] == told["quote"]
    assert told["total"] == "1250.00"
    assert told["activities"] >= 1
    with server.env() as env:
        deal = env["crm.lead"].search([("uuid", "=", told["deal"])])
        assert (deal.won_status, deal.order_ids.state) == ("won", "sale")


def test_the_page_shows_the_description_and_tries_it_without_any_other_server(server, token, page):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/api/docs")
    page.get_by_text("Tell who asks").click()
    page.get_by_text("/api/me").first.wait_for()
    screenshot(page, "api_docs_1440")
    page.get_by_role("button", name="Authorize").first.click()
    page.locator(".auth-container input").first.fill(token)
    page.locator(".auth-container button[type=submit]").first.click()
    page.locator(".auth-btn-wrapper .btn-done").first.click()
    page.get_by_role("button", name="Execute").click()
    page.locator(".live-responses-table").get_by_text("admin").first.wait_for()
    page.emulate_media(color_scheme="dark")
    page.locator("html.dark-mode").wait_for()
    screenshot(page, "api_docs_dark_1440")
    page.set_viewport_size({"width": 400, "height": 900})
    screenshot(page, "api_docs_dark_400")
    page.emulate_media(color_scheme="light")
    page.locator("html:not(.dark-mode)").wait_for()
    screenshot(page, "api_docs_400")
    wide = """[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right + scrollX > 400)
        .map(e => `${e.tagName}.${e.className} ${Math.round(e.getBoundingClientRect().right)}`)"""
    assert page.evaluate("document.documentElement.scrollWidth") <= 400, page.evaluate(wide)
    page.evaluate("scrollTo(0, 0)")
    screenshot(page, "api_docs_top_400")

    assert not [url for url in asked if not url.startswith((server.base_url, "data:", "blob:"))]
    assert not page.problems


def test_the_log_shows_no_failure(server):
    lines = server.log.read_text(encoding="utf-8", errors="replace").splitlines()

    assert not [line for line in lines if " ERROR " in line or "Traceback" in line]
