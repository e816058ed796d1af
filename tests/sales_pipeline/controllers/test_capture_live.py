"""What only a real server proves: counters, crashes, replays side by side, odd transfers."""

import json
import os
import socket
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.live import wait_until

_SHARED = Path(os.environ.get("SALES_PIPELINE_SHARED") or Path(__file__).resolve().parents[4] / "shared")
_SECRET = "live-form-secret"


@pytest.fixture
def source(server):
    with server.env() as env:
        record = env["pipeline.source"].create({"name": "Live form", "provider": "website", "secret": _SECRET})
        return record.id, record.token


def _post(server, token, body, secret=_SECRET, headers=()):
    request = urllib.request.Request(
        f"{server.base_url}/pipeline/capture/{token}",
        data=body if isinstance(body, bytes) else json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "X-Pipeline-Secret": secret, **dict(headers)},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def _raw(server, token, head, *chunks):
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        lines = [f"POST /pipeline/capture/{token} HTTP/1.1", "Host: 127.0.0.1", f"X-Pipeline-Secret: {_SECRET}", *head]
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n")
        for chunk in chunks:
            connection.sendall(chunk)
        return int(connection.makefile("rb").readline().split()[1])


def _count(server, source_id):
    return server.sql("SELECT count(*) FROM pipeline_inbox WHERE source_id = %s", source_id)[0][0]


def _contact(number):
    return {"name": f"Live {number}", "email": f"live.{number}@example.com"}


def test_a_capture_becomes_an_owned_lead_within_seconds(server, source):
    assert _post(server, source[1], _contact("soon"))[0] == 200
    query = "SELECT user_id, lead_status FROM crm_lead WHERE email_normalized = 'live.soon@example.com'"
    assert wait_until(lambda: server.sql(query), 20, "the lead")[0][1] == "new"


def test_refused_requests_are_counted_and_not_stored(server, source):
    for _time in range(3):
        assert _post(server, source[1], _contact("refused"), secret="guess")[0] == 401
    counted = "SELECT reason, refused_count FROM pipeline_source_refusal WHERE source_id = %s"
    assert server.sql(counted, source[0]) == [("secret", 3)]
    assert _count(server, source[0]) == 0


def test_replays_side_by_side_are_one(server, source):
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _number: _post(server, source[1], _contact("replay"))[0], range(6)))
    assert answers == [200] * 6
    assert _count(server, source[0]) == 1


def test_the_same_contact_by_two_ids_side_by_side_is_one_lead(server, source):
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(
                lambda number: _post(
                    server, source[1], _contact("twin"), headers=[("Idempotency-Key", f"twin-{number}")]
                )[0],
                range(4),
            )
        )
    assert answers == [200] * 4
    wait_until(
        lambda: not server.sql(
            "SELECT 1 FROM pipeline_inbox WHERE source_id = %s AND state = 'received'", source[0]
        ), 30
    )
    assert server.sql("SELECT count(*) FROM crm_lead WHERE email_normalized = 'live.twin@example.com'")[0][0] == 1
    results = server.sql(
        "SELECT result, count(*) FROM pipeline_inbox WHERE source_id = %s GROUP BY 1 ORDER BY 1", source[0]
    )
    assert dict(results) == {"created": 1, "duplicate": 3}


def test_a_chunked_body_is_read_and_bounded(server, source):
    body = json.dumps(_contact("chunked")).encode()
    head = ["Content-Type: application/json", "Transfer-Encoding: chunked"]
    assert _raw(server, source[1], head, b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)) == 200
    block = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    assert _raw(server, source[1], head, *[block] * 5, b"0\r\n\r\n") == 413
    assert _count(server, source[0]) == 1


def test_a_body_without_a_length_is_empty_and_malformed(server, source):
    assert _raw(server, source[1], ["Content-Type: application/json"]) == 400
    assert _count(server, source[0]) == 0


def test_a_kill_after_the_answer_loses_and_doubles_nothing(server, source):
    stop = threading.Event()
    acknowledged = []

    def send():
        number = 0
        while not stop.is_set() and number < 60:
            try:
                if _post(server, source[1], _contact(f"kill{number}"))[0] == 200:
                    acknowledged.append(f"live.kill{number}@example.com")
            except (OSError, urllib.error.URLError):
                return
            number += 1

    sender = threading.Thread(target=send)
    sender.start()
    wait_until(lambda: len(acknowledged) >= 20, 60, "twenty acknowledged captures")
    server.kill()
    stop.set()
    sender.join()
    server.start()
    # The sender, too, knows only what was acknowledged, and sends the last one again.
    assert _post(server, source[1], {"name": "Live kill0", "email": "live.kill0@example.com"})[0] == 200
    found = "SELECT email_normalized, count(*) FROM crm_lead WHERE email_normalized LIKE 'live.kill%' GROUP BY 1"
    wait_until(
        lambda: set(acknowledged) <= {email for email, _count in server.sql(found)},
        90,
        "a lead for each acknowledged capture",
    )
    assert {count for _email, count in server.sql(found)} == {1}


def test_the_services_own_payloads_are_answered_as_they_expect(server):
    with server.env() as env:
        values = {"name": "Ads", "provider": "google_ads", "secret": "g-key-7b21c9"}
        record = env["pipeline.source"].create(values)
        source_id, token = record.id, record.token
    accepted = 0
    for path in sorted((_SHARED / "contracts/google_leads").glob("*.http.json")):
        contract = json.loads(path.read_text(encoding="utf-8"))
        status, body = _post(server, token, contract["body_raw"].encode(), secret="")
        expected = contract.get("expect", {"status": [200], "no_record": False})
        assert status in expected["status"], path.name
        assert list(json.loads(body)) == ([] if status == 200 else ["message"])
        accepted += not expected["no_record"]
    assert _count(server, source_id) == accepted
    pending = "SELECT 1 FROM pipeline_inbox WHERE source_id = %s AND state = 'received'"
    wait_until(lambda: not server.sql(pending, source_id), 30, "the end of the work")
    results = "SELECT result, count(*), count(lead_id) FROM pipeline_inbox WHERE source_id = %s GROUP BY 1 ORDER BY 1"
    if accepted:
        assert server.sql(results, source_id) == [("created", 3, 3), ("test", 1, 0)]
