"""Webhooks of a real server at real receivers: how soon they come, that none is lost, that others can verify them."""

import contextlib
import json
import random
import subprocess
import threading
import time
from datetime import timedelta

import psycopg2
import pytest
import requests
from odoo import fields

from dev import api_tools
from tests.fakes.endpoints import Endpoints
from tests.live import wait_until
from tests.live.clients import percentile, show

pytestmark = pytest.mark.timeout(600)
COUNT = 40


@pytest.fixture
def endpoints(server):
    """Run receivers; webhooks made for them go with the test."""
    found = Endpoints()
    yield found
    server.sql("DELETE FROM pipeline_webhook")
    server.stop()
    found.close()
    server.start()


def make_webhook(server, url, **values):
    """Make a webhook that may reach this machine, and return its id and secret."""
    with server.env() as env:
        webhook = env["pipeline.webhook"].create({
            "name": url.rsplit("/")[-1], "url": url, "user_id": env.ref("base.user_admin").id,
            "is_private_allowed": True, **values,
        })  # fmt: skip
        return webhook.id, webhook.secret


def make_lead(server, name):
    """Make a lead and return its public id, and the moment just before the commit."""
    with server.env() as env:
        lead = env["crm.lead"].create({"name": name, "type": "lead", "user_id": False})
        env["pipeline.moments.mixin"]._flush_moments()
        return lead.uuid, time.time()


def get_states(server, webhook_id):
    """Return the states of the messages of a webhook, each once."""
    query = "SELECT DISTINCT state FROM pipeline_webhook_delivery WHERE webhook_id = %s"
    return {state for state, in server.sql(query, webhook_id)}


def test_a_message_comes_within_two_seconds_of_the_commit_whatever_others_do(server, endpoints):
    for act in ("hang", "dribble", "reset", 500):
        endpoints.behave[f"/{act}"] = lambda _number, act=act: act
        make_webhook(server, f"{endpoints.url}/{act}", events="lead.*")
    make_webhook(server, f"{endpoints.url}/well", events="lead.created")

    committed = {}
    for number in range(COUNT):
        uuid, committed[uuid] = make_lead(server, f"Soon {number}")
        # As leads come: not in step with the job.
        time.sleep(random.Random(number).uniform(0.1, 0.9))
    wait_until(lambda: len(endpoints.received["/well"]) >= COUNT, 30, "the last message")

    waits = [
        at - committed[message["data"]["id"]]
        for at, message in zip(endpoints.arrived["/well"], endpoints.messages("/well"), strict=True)
    ]
    show(f"webhooks: first attempt p50 {percentile(waits, 0.5):.2f} s, p95 {percentile(waits, 0.95):.2f} s, "
         f"max {max(waits):.2f} s after the commit, beside receivers that hang, dribble, hang up and fail")  # fmt: skip
    assert len(set(endpoints.ids("/well"))) == COUNT
    assert all(len(endpoints.received[f"/{act}"]) > 0 for act in ("hang", "dribble", "reset", 500))
    assert percentile(waits, 0.95) <= 2


def test_what_was_committed_before_a_power_cut_is_sent_after_it(server, endpoints):
    server.stop()
    server.start("--max-cron-threads", "0")
    make_webhook(server, f"{endpoints.url}/later", events="lead.created")
    told = {make_lead(server, f"Cut {number}")[0] for number in range(5)}
    assert not endpoints.received["/later"]

    server.kill()
    server.start()

    wait_until(lambda: len(endpoints.received["/later"]) >= 5, 90, "the messages")
    assert {message["data"]["id"] for message in endpoints.messages("/later")} == told


def test_a_power_cut_while_messages_are_on_their_way_loses_none(server, endpoints):
    endpoints.behave["/slow"] = lambda _number: 0.15
    id_, _secret = make_webhook(server, f"{endpoints.url}/slow", events="lead.created")
    told = {make_lead(server, f"Way {number}")[0] for number in range(60)}
    wait_until(lambda: len(endpoints.received["/slow"]) >= 8, 60, "the first messages")

    server.kill()
    assert "sending" in get_states(server, id_), "the power was cut too late"
    # A minute goes by.
    server.sql(
        "UPDATE pipeline_webhook_delivery SET lease_until = lease_until - interval '60 s' WHERE state = 'sending'"
    )
    server.start()

    wait_until(lambda: get_states(server, id_) == {"delivered"}, 120, "the rest")
    assert {message["data"]["id"] for message in endpoints.messages("/slow")} == told
    by_id = {}
    for headers, body in endpoints.received["/slow"]:
        by_id.setdefault(headers["webhook-id"], set()).add(body)
    kept = server.sql("SELECT message_id FROM pipeline_webhook_delivery WHERE webhook_id = %s", id_)
    assert by_id.keys() == {message_id for message_id, in kept}
    assert {len(bodies) for bodies in by_id.values()} == {1}, "the same id with another body"


def test_a_webhook_deleted_meanwhile_makes_the_act_begin_anew_instead_of_failing(server, endpoints):
    id_, _secret = make_webhook(server, f"{endpoints.url}/gone", events="lead.created")
    with pytest.raises(psycopg2.errors.SerializationFailure), server.env() as env:
        env["crm.lead"].create({"name": "Meanwhile", "type": "lead", "user_id": False})
        env.flush_all()
        server.sql("DELETE FROM pipeline_webhook WHERE id = %s", id_)
        env["pipeline.moments.mixin"]._flush_moments()

    make_lead(server, "Anew")
    assert server.sql("SELECT count(*) FROM pipeline_webhook_delivery") == [(0,)]


VERIFY = """
import json, sys
from standardwebhooks import Webhook, WebhookVerificationError
for secret, headers, body in json.load(sys.stdin):
    try:
        Webhook(secret).verify(body.encode(), headers)
        print("good")
    except WebhookVerificationError:
        print("bad")
"""


def test_the_library_of_the_standard_verifies_messages_also_while_secrets_change_over(server, endpoints):
    id_, first = make_webhook(server, f"{endpoints.url}/signed", payload="full", events="lead.created")
    make_lead(server, "Ann \u00c4rcher \u2013 \u201croof\u201d")
    wait_until(lambda: len(endpoints.received["/signed"]) == 1, 30, "the message")
    with server.env() as env:
        second = env["pipeline.webhook"].browse(id_)._rotate_secret()
    make_lead(server, "Bob")
    wait_until(lambda: len(endpoints.received["/signed"]) == 2, 30, "the message")

    (before, one), (after, two) = [
        (dict(headers), body.decode()) for headers, body in endpoints.received["/signed"]
    ]
    asked = [
        (first, before, one), (second, before, one), (first, after, two), (second, after, two),
        (second, after, two.replace("Bob", "Eve")), (second, {**after, "webhook-id": "msg_other"}, two),
    ]  # fmt: skip
    python = api_tools.ensure() / "python"
    done = subprocess.run(
        [str(python), "-c", VERIFY], input=json.dumps(asked), capture_output=True, text=True, check=False, timeout=60
    )

    assert done.stdout.split() == ["good", "bad", "good", "good", "bad", "bad"], done.stderr


# ---- the feed of changes


@pytest.fixture
def ask(server):
    """Return a function that asks the API as an administrator."""
    with server.env() as env:
        env["pipeline.api.plan"].search([]).write({"quota": 0})
        user = env.ref("base.user_admin")
        expires = fields.Datetime.now() + timedelta(days=1)
        token = env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", "changes", expires)
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"

    def call(method, path, **options):
        answer = session.request(method, f"{server.base_url}/api{path}", timeout=60, **options)
        assert answer.status_code < 300, answer.text
        return answer.json()

    return call


def read_all(ask, place):
    """Return all changes after a place, page by page, and the place behind them."""
    found, has_more = [], True
    while has_more:
        page = ask("GET", "/changes", params={"after": place, "limit": 7})
        found, place, has_more = found + page["data"], page["next"], page["has_more"]
    return found, place


def test_a_transaction_that_began_earlier_and_ends_later_is_not_skipped(server, ask):
    place = ask("GET", "/changes")["next"]
    with server.env() as env:
        early = env["crm.lead"].create({"name": "Early", "type": "lead", "user_id": False})
        env["pipeline.moments.mixin"]._flush_moments()
        early_id = early.uuid
        late_id, _at = make_lead(server, "Late")
        seen, middle = read_all(ask, place)
        assert not [one for one in seen if one["entity_id"] == late_id], "told before the earlier one could be"
    rest = []

    def get_ours():
        nonlocal middle
        found, middle = read_all(ask, middle)
        rest.extend(found)
        return [one["entity_id"] for one in rest if one["type"] == "lead.created"]

    # A job of this database may run in an older transaction still.
    wait_until(lambda: len(get_ours()) == 2, 60, "both leads")
    ours = get_ours()
    assert ours == [early_id, late_id], "the order is not that of the transactions"
    assert read_all(ask, place)[0] == seen + rest


def test_a_transaction_of_another_database_holds_no_change_back(server, ask):
    place = ask("GET", "/changes")["next"]
    elsewhere = server.connect("postgres")
    with contextlib.closing(elsewhere), elsewhere.cursor() as other:
        other.execute("SELECT pg_current_xact_id()")
        uuid, _at = make_lead(server, "Meanwhile")

        wait_until(lambda: uuid in [one["entity_id"] for one in read_all(ask, place)[0]], 60, "the lead")


def test_who_follows_the_feed_while_many_write_gets_everything_once(server, ask):
    place = ask("GET", "/changes")["next"]
    leads = [make_lead(server, f"Many {number}")[0] for number in range(4)]
    is_over, seen = threading.Event(), []

    def follow():
        at = place
        while not is_over.is_set():
            found, at = read_all(ask, at)
            seen.extend(found)

    def change(uuid):
        for number in range(12):
            ask("PATCH", f"/leads/{uuid}", json={"notes": f"Note {number}"})

    reader = threading.Thread(target=follow)
    writers = [threading.Thread(target=change, args=(uuid,)) for uuid in leads]
    for thread in (reader, *writers):
        thread.start()
    for number in range(10):
        with server.env() as env:
            env["crm.lead"].create({"name": f"Slow {number}", "type": "lead", "user_id": False})
            env["pipeline.moments.mixin"]._flush_moments()
            time.sleep(0.3)
    for thread in writers:
        thread.join()
    kept = server.sql(
        "SELECT e.id::text FROM pipeline_event e JOIN crm_lead l ON l.id = e.res_id AND e.res_model = 'crm.lead' "
        "WHERE l.name LIKE 'Many %' OR l.name LIKE 'Slow %'"
    )
    assert len(kept) >= 4 + 48 + 10
    # The last changes wait for the oldest transaction of this database, which may be a job's.
    missing = {id_ for id_, in kept}
    try:
        wait_until(lambda: missing <= {one["id"] for one in seen}, 90, "the last changes")
    finally:
        is_over.set()
        reader.join()

    ids = [one["id"] for one in seen]
    assert len(ids) == len(set(ids)), "a change was told twice"
