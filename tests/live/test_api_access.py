"""Limits and Idempotency-Keys live in transactions of their own, so only a real server shows what they hold."""
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
import requests

from tests.live import wait_until

SCOPES = "opportunities:read opportunities:write"


class ApiClient:
    """A program with a token."""

    def __init__(self, server, plan=None):
        self.server = server
        with server.env() as env:
            plan = env["pipeline.api.plan"].create(plan) if plan else env.ref("sales_pipeline.api_plan_unlimited")
            client = env["pipeline.api.client"].create({
                "name": "Live", "user_id": env.ref("base.user_admin").id, "scopes": SCOPES, "plan_id": plan.id,
            })
            token, self.token = client._issue_token()
            self.token_id = token.id

    def ask(self, method, path, timeout=60, **sent):
        headers = {"Authorization": f"Bearer {self.token}"} | sent.pop("headers", {})
        return requests.request(method, f"{self.server.base_url}/api{path}", headers=headers, timeout=timeout, **sent)

    def make_deal(self, name, key, **more):
        return self.ask("POST", "/opportunities", json={"deal_name": name} | more, headers={"Idempotency-Key": key})

    def count_deals(self, name):
        return self.server.sql("SELECT count(*) FROM crm_lead WHERE name = %s", name)[0][0]


@pytest.fixture
def held(server):
    """Return what lets go of the deals: until then nobody can write one."""
    connection = server.connect()
    connection.cursor().execute("LOCK TABLE crm_lead IN SHARE MODE")
    yield connection.rollback
    connection.close()


def in_the_background(act):
    """Start something and return the list that gets its answer, or the error that ended it."""
    answers = []

    def run():
        try:
            answers.append(act())
        except requests.RequestException as error:
            answers.append(error)

    threading.Thread(target=run, daemon=True).start()
    return answers


def wait_for_work(server):
    """Wait until a request of the server waits for the deals."""
    wait_until(
        lambda: server.sql("""SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'
                                AND datname = current_database() AND query LIKE 'INSERT INTO "crm_lead"%%'"""),
        30, "the request that waits for the deals",
    )


def test_who_asks_more_than_the_plan_allows_is_told_when_to_go_on(server):
    client = ApiClient(server, {"name": "Five", "quota": 5, "seconds": 60})

    answers = [client.ask("GET", "/me") for _number in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    told = [answer.headers["RateLimit"].split(";")[1] for answer in answers]
    assert told == ["r=4", "r=3", "r=2", "r=1", "r=0", "r=0"]
    assert answers[0].headers["RateLimit-Policy"] == '"default";q=5;w=60'
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert answers[-1].json()["code"] == "rate-limited"


def test_when_the_window_is_over_the_client_may_ask_again(server):
    client = ApiClient(server, {"name": "One", "quota": 1, "seconds": 2})

    assert [client.ask("GET", "/me").status_code for _number in range(2)] == [200, 429]
    time.sleep(2.1)
    assert client.ask("GET", "/me").status_code == 200


def test_requests_at_once_are_all_counted(server):
    client = ApiClient(server, {"name": "Twenty", "quota": 20, "seconds": 300})

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _number: client.ask("GET", "/me").status_code, range(40)))

    assert (statuses.count(200), statuses.count(429)) == (20, 20)


def test_a_client_of_the_standard_plan_has_a_hundred_requests_in_ten_seconds(server):
    with server.env() as env:
        user = env.ref("base.user_admin").with_user(env.ref("base.user_admin"))
        key = env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", "live", None)

    answer = requests.get(f"{server.base_url}/api/me", headers={"Authorization": f"Bearer {key}"}, timeout=60)

    assert answer.headers["RateLimit-Policy"] == '"default";q=100;w=10'


def test_the_last_use_of_a_token_is_noted(server):
    client = ApiClient(server)
    assert client.ask("GET", "/me").status_code == 200

    used = server.sql("SELECT last_used_at > now() AT TIME ZONE 'utc' - interval '1 minute' "
                      "FROM pipeline_api_token WHERE id = %s", client.token_id)
    assert used == [(True,)]


def test_a_request_that_is_sent_twice_is_carried_out_once(server):
    client, name, key = ApiClient(server), f"Twice {uuid4()}", str(uuid4())

    first, second = client.make_deal(name, key), client.make_deal(name, f'"{key}"')

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert first.headers["Location"] == second.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert client.count_deals(name) == 1


def test_a_key_belongs_to_its_client_and_its_body(server):
    client, other, name, key = ApiClient(server), ApiClient(server), f"Body {uuid4()}", str(uuid4())
    assert client.make_deal(name, key).status_code == 201

    changed = client.make_deal(name, key, notes="other")
    of_other = other.make_deal(name, key)

    assert (changed.status_code, changed.json()["code"]) == (422, "key-reused")
    assert of_other.status_code == 201
    assert client.count_deals(name) == 2


def test_a_key_is_free_again_after_a_refusal(server):
    client, name, key = ApiClient(server), f"Refused {uuid4()}", str(uuid4())

    refused = client.make_deal(name, key, deal_stage="nowhere")
    accepted = client.make_deal(name, key)

    assert (refused.status_code, accepted.status_code) == (422, 201)


def test_while_the_first_request_runs_the_second_is_told_to_wait(server, held):
    client, name, key = ApiClient(server), f"Running {uuid4()}", str(uuid4())
    answers = in_the_background(lambda: client.make_deal(name, key))
    wait_for_work(server)

    early = client.make_deal(name, key)
    held()
    first = wait_until(lambda: answers, 30, "the first answer")[0]
    late = client.make_deal(name, key)

    assert (early.status_code, early.json()["code"], early.headers["Retry-After"]) == (409, "key-in-flight", "1")
    assert (first.status_code, late.status_code) == (201, 201)
    assert late.content == first.content
    assert client.count_deals(name) == 1


def test_ten_requests_at_once_with_one_key_make_one_deal(server):
    client, name, key = ApiClient(server), f"Crowd {uuid4()}", str(uuid4())

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _number: client.make_deal(name, key), range(10)))

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert client.count_deals(name) == 1


def test_a_killed_server_leaves_either_the_deal_with_its_answer_or_a_free_key(server, held):
    client, name, key = ApiClient(server), f"Killed {uuid4()}", str(uuid4())
    done_name, done_key = f"Done {uuid4()}", str(uuid4())
    answers = in_the_background(lambda: client.make_deal(name, key))
    wait_for_work(server)

    server.kill()
    wait_until(lambda: answers, 30, "the end of the connection")
    held()
    server.start("--dev=replica")
    retried = wait_until(lambda: [a for a in [client.make_deal(name, key)] if a.status_code != 409], 30, "the retry")[0]

    assert (retried.status_code, client.count_deals(name)) == (201, 1)
    assert "Idempotency-Replayed" not in retried.headers

    first = client.make_deal(done_name, done_key)
    server.kill()
    server.start("--dev=replica")
    again = client.make_deal(done_name, done_key)
    assert (first.status_code, again.status_code, client.count_deals(done_name)) == (201, 201, 1)
    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"


def test_reads_stay_on_the_replica_and_count_on_the_primary(server):
    server.stop()
    server.start("--dev=replica")
    client = ApiClient(server, {"name": "Three", "quota": 3, "seconds": 300})
    position = server.log.stat().st_size

    answers = [client.ask("GET", path) for path in ("/me", "/opportunities?limit=2", "/me", "/me")]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "read/write cursor" not in server.log.read_text(encoding="utf-8")[position:]
    used = server.sql("SELECT last_used_at IS NOT NULL FROM pipeline_api_token WHERE id = %s", client.token_id)
    assert used == [(True,)]


def test_wrong_tokens_are_counted_and_a_right_one_is_still_let_in(server):
    client = ApiClient(server)
    wrong = {"Authorization": "Bearer spt_wrong"}

    statuses = [client.ask("GET", "/me", headers=wrong).status_code for _number in range(32)]

    assert statuses[0] == 401
    assert statuses[-1] == 429
    assert client.ask("GET", "/me").status_code == 200
