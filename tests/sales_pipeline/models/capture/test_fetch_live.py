"""Fetching and catching up in a real server: crashes amid the calls, and no transaction held open for a vendor."""

import contextlib
import hashlib
import hmac
import json
import random
import threading
import time

import pytest
import requests

from tests.fakes.graph import FORM, PAGE, TOKEN, FakeGraph
from tests.live import wait_until
from tests.live.clients import Client, show

_SECRET = "live-app-secret"
# Odoo's own cursor keeps the job's row locked while a job runs; ours must have let go of everything.
_OPEN = """SELECT DISTINCT l.relation::regclass::text
             FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid AND a.datname = current_database()
            WHERE l.locktype = 'relation' AND l.pid != pg_backend_pid() AND a.xact_start < now() - interval '1 second'
              AND l.relation::regclass::text ~ '^(pipeline_|crm_|res_|mail_)'"""


@pytest.fixture
def graph():
    with FakeGraph() as fake:
        yield fake


class Page:
    """A page whose posts come in at its source, and whose answers the fake Graph API keeps."""

    def __init__(self, server, graph, name):
        self.server, self.graph, self.name, self.client = server, graph, name, Client(server)
        with server.env() as env:
            source = env["pipeline.source"].create({
                "name": name, "provider": "facebook", "secret": _SECRET, "vendor_account": PAGE,
                "vendor_token": TOKEN, "vendor_base_url": graph.base_url,
            })  # fmt: skip
            self.id, self.token = source.id, source.token
        self.begin = int(time.time())

    def fill_in(self, number):
        """Let a person fill in the form; the API knows it, nobody has posted it yet."""
        lead_id = f"{self.id}{number:05}"
        second = self.begin + 1 + number
        self.graph.add(lead_id, f"Person {number}", f"{self.name}{number}@fetched.example", second)
        return lead_id

    def post(self, *lead_ids):
        """Post leads as Meta does, and return the status of the answer."""
        changes = [{"field": "leadgen", "value": {"leadgen_id": lead_id, "page_id": PAGE, "form_id": FORM}}
                   for lead_id in lead_ids]  # fmt: skip
        raw = json.dumps({"object": "page", "entry": [{"id": PAGE, "changes": changes}]}).encode()
        signature = hmac.new(_SECRET.encode(), raw, hashlib.sha256).hexdigest()
        headers = {"X-Hub-Signature-256": f"sha256={signature}", "Content-Type": "application/json"}
        return requests.post(
            f"{self.server.base_url}/pipeline/capture/{self.token}", raw, headers=headers, timeout=30
        ).status_code

    def deliver(self, *lead_ids):
        """Post leads until they are acknowledged."""
        while True:
            with contextlib.suppress(requests.RequestException):
                if self.post(*lead_ids) == 200:
                    return
            time.sleep(0.1)

    def wake(self):
        """Let the jobs run now, also after a crash."""
        self.client.call("pipeline.source", "action_catch_up", [self.id])
        with self.server.env() as env:
            env.ref("sales_pipeline.ir_cron_drain_inbox")._trigger()

    def count(self, condition="TRUE"):
        """Return how many captures there are."""
        query = f"SELECT count(*) FROM pipeline_inbox WHERE source_id = %s AND {condition}"
        return self.server.sql(query, self.id)[0][0]

    def wait_until_sold(self, total, seconds=90):
        """Wait until every capture is settled; a job that was killed three times pauses, so it is woken."""
        end = time.monotonic() + seconds
        while self.count("state IN ('processed', 'duplicate')") < total:
            assert time.monotonic() < end, self.server.sql(
                "SELECT state, waits_for, error_message FROM pipeline_inbox WHERE source_id = %s", self.id
            )
            self.wake()
            time.sleep(1)

    def assert_each_once(self, total):
        """Assert that each person is one lead with one touch."""
        leads = self.server.sql(
            "SELECT count(*), count(DISTINCT email_normalized) FROM crm_lead WHERE pipeline_source_id = %s", self.id
        )
        touches = self.server.sql(
            "SELECT count(*), count(DISTINCT external_id) FROM pipeline_touch WHERE pipeline_source_id = %s", self.id
        )
        assert (leads, touches) == ([(total, total)], [(total, total)])
        assert self.count() == total and self.count("waits_for IS NOT NULL") == 0


def survive(server, graph, name, rounds):
    """Kill the server amid the fetching, again and again, while leads come in by post, by poll, and by both.

    Return the page and how many filled in its form.
    """
    page, honest = Page(server, graph, name), graph.answer
    calls = threading.Event()

    def slowly(asked):
        calls.set()
        return honest(asked)

    graph.answer, graph.seconds = slowly, 0.1
    number = 0
    for _round in range(rounds):
        lead_ids = [page.fill_in(number + offset) for offset in range(12)]
        number += 12
        # A third comes by post, a third by poll only, a third by both.
        page.deliver(*lead_ids[:8])
        calls.clear()
        page.wake()
        assert calls.wait(30), "no call was made"
        time.sleep(random.uniform(0, 0.6))
        server.kill()
        server.start()
        page.deliver(*lead_ids[4:8])
    page.wait_until_sold(number)
    show(f"{rounds} kills amid fetching, {number} leads, {len(graph.asked)} calls")
    return page, number


@pytest.mark.timeout(600)
def test_kills_amid_fetching_lose_and_double_nothing(server, graph):
    page, number = survive(server, graph, "few", 5)
    page.assert_each_once(number)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_many_kills_amid_fetching(server, graph):
    page, number = survive(server, graph, "many", 25)
    page.assert_each_once(number)


def test_no_transaction_is_open_while_a_vendor_thinks(server, graph):
    page = Page(server, graph, "slow")
    graph.seconds = 4
    page.deliver(page.fill_in(1))
    wait_until(lambda: graph.asked, 30, "the first call")
    time.sleep(2)
    assert server.sql(_OPEN) == []
    assert time.monotonic() < graph.asked[-1].at + graph.seconds, "the vendor had answered already"


def test_a_post_becomes_a_lead_within_seconds(server, graph):
    page = Page(server, graph, "soon")
    begin = time.monotonic()
    page.deliver(page.fill_in(1))
    wait_until(lambda: page.count("state = 'processed'"), 20, "the lead")
    show(f"from post to lead with fetched answers: {time.monotonic() - begin:.1f} s")
    page.assert_each_once(1)


def test_a_client_presses_the_button_and_missed_leads_come(server, graph):
    page = Page(server, graph, "missed")
    for number in range(5):
        page.fill_in(number)
    page.client.call("pipeline.source", "action_catch_up", [page.id])
    wait_until(lambda: page.count("state = 'processed'") == 5, 40, "the missed leads")
    page.assert_each_once(5)


def test_an_ended_token_stops_nothing_for_good(server, graph):
    page = Page(server, graph, "token")
    graph.tokens.clear()
    page.deliver(page.fill_in(1))
    problem = "SELECT vendor_problem FROM pipeline_source WHERE id = %s"
    wait_until(lambda: server.sql(problem, page.id) == [("token",)], 30, "the word on the source")
    assert page.count("state = 'received' AND waits_for = 'answers'") == 1
    graph.tokens["renewed"] = PAGE
    page.client.call("pipeline.source", "write", [page.id], {"vendor_token": "renewed"})
    page.wait_until_sold(1)
    page.assert_each_once(1)
    assert server.sql(problem, page.id) == [(None,)]
    assert TOKEN not in server.log.read_text(encoding="utf-8", errors="replace")
