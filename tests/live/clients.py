"""What live tests do from outside: post captures, call the server as somebody who is logged in, do things at once."""

import json
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests

from tests.live import OUR_TROUBLE, wait_until


class Client:
    """A browser's session without the browser."""

    def __init__(self, server, login="admin", password="admin"):
        self.server = server
        self.session = requests.Session()
        if login:
            self.uid = self.post("/web/session/authenticate", db=server.database, login=login, password=password)["uid"]

    def post(self, path, **params):
        """Post a JSON-RPC request and return its result.

        :raise AssertionError: with the server's sentence, when it refuses
        """
        answer = self.answer(path, **params)
        assert "error" not in answer, answer["error"]["data"]["message"]
        return answer.get("result")

    def answer(self, path, **params):
        """Post a JSON-RPC request and return the whole answer."""
        body = {"jsonrpc": "2.0", "method": "call", "params": params}
        response = self.session.post(self.server.base_url + path, json=body, timeout=120)
        assert response.status_code == 200, f"{path}: {response.status_code} {response.text[:300]}"
        return response.json()

    def call(self, model, method, *args, **kwargs):
        """Call a public method as the web client does."""
        return self.post(f"/web/dataset/call_kw/{model}/{method}", model=model, method=method, args=args, kwargs=kwargs)

    def try_call(self, model, method, *args, **kwargs):
        """Call a public method and return result and, when it is refused, the sentence."""
        params = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        answer = self.answer(f"/web/dataset/call_kw/{model}/{method}", **params)
        return answer.get("result"), answer["error"]["data"]["message"] if "error" in answer else None


class Source:
    """A lead source that takes JSON from anywhere."""

    def __init__(self, server, client, **values):
        self.server = server
        self.id = client.call("pipeline.source", "create", {"name": "Live", "provider": "website", **values})
        self.token, self.secret = server.sql("SELECT token, secret FROM pipeline_source WHERE id = %s", self.id)[0]

    def post(self, external_id=None, timeout=60, **fields):
        """Post one capture and return the status of the answer."""
        headers = {"X-Pipeline-Secret": self.secret, "Content-Type": "application/json"}
        if external_id:
            headers["Idempotency-Key"] = external_id
        url = f"{self.server.base_url}/pipeline/capture/{self.token}"
        return requests.post(url, json.dumps(fields).encode(), headers=headers, timeout=timeout).status_code

    def count(self, state):
        """Return how many rows of the inbox are in a state."""
        query = "SELECT count(*) FROM pipeline_inbox WHERE source_id = %s AND state = %s"
        return self.server.sql(query, self.id, state)[0][0]

    def wait_until_drained(self, seconds=90):
        """Wait until no capture is left to work on; the last commit's code may have another word for that."""
        query = (
            "SELECT count(*) FROM pipeline_inbox WHERE source_id = %s AND processed_at IS NULL AND state <> 'failed'"
        )
        wait_until(lambda: not self.server.sql(query, self.id)[0][0], seconds, "the work on all captures")


def make_users(server, client, count, prefix, group="sales_team.group_sale_salesman_all_leads"):
    """Make salespeople whose password is "admin", and return their ids by login."""
    module, name = group.split(".")
    query = "SELECT res_id FROM ir_model_data WHERE module = %s AND name = %s"
    group_id = server.sql(query, module, name)[0][0]
    logins = [f"{prefix}{number}@live.example" for number in range(count)]
    ids = client.call("res.users", "create", [
        {"name": login.split("@")[0].title(), "login": login, "email": login, "group_ids": [[4, group_id]]}
        for login in logins
    ])  # fmt: skip
    server.sql(
        "UPDATE res_users SET password = (SELECT password FROM res_users WHERE login = 'admin') WHERE id = ANY(%s)", ids
    )
    return dict(zip(logins, ids, strict=True))


def make_team(client, name, user_ids):
    """Make a team whose members take turns."""
    members = [[0, 0, {"user_id": user_id}] for user_id in user_ids]
    return client.call("crm.team", "create", {"name": name, "use_leads": True, "crm_team_member_ids": members})


def at_once(acts):
    """Do things in threads that all start in the same moment, and return their results in order."""
    barrier = threading.Barrier(len(acts))

    def start(act):
        barrier.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(start, acts))


def percentile(values, share):
    """Return the value below which a share of the values lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def lines_logged(server, since=0):
    """Return the lines of the server's log from a position on."""
    with open(server.log, encoding="utf-8", errors="replace") as log:
        log.seek(since)
        return log.read().splitlines()


def log_position(server):
    """Return the present end of the server's log."""
    return server.log.stat().st_size


def log_lines_of_trouble(text):
    """Return the warnings and errors in a log: all errors, and the warnings of our addons."""
    return [line for line in text.splitlines() if OUR_TROUBLE.match(line) or " ERROR " in line[20:50]]


def measure(act):
    """Return how many seconds something took, and what it returned."""
    begin = time.monotonic()
    result = act()
    return time.monotonic() - begin, result


def show(text):
    """Show a figure to whoever runs the tests with -s."""
    sys.stdout.write(f"\n{text}\n")
