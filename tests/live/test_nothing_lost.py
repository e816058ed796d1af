"""Whatever was acknowledged becomes a lead or a touch, once, although the server is killed again and again."""

import contextlib
import csv
import os
import random
import re
import signal
import subprocess
import threading
import time
from collections import Counter

import pytest
import requests

from dev import odoo_config
from dev.common import STATE
from tests.live import wait_until
from tests.live.clients import Client, Source, show

SENDERS = 6


@pytest.fixture(scope="module")
def source(server):
    return Source(server, Client(server))


class Senders:
    """Clients that post captures as vendors do: what is not acknowledged is sent again under the same id."""

    def __init__(self, source):
        self.source = source
        self.acknowledged, self.refused, self.repeated = {}, [], 0
        self.may_rest = threading.Event()
        self.threads = [threading.Thread(target=self._send, args=(number,)) for number in range(SENDERS)]

    def _send(self, sender):
        number = 0
        while not self.may_rest.is_set():
            # every third capture is somebody who came before, every seventh says nothing by which to reach anybody
            person = f"person-{sender}-{number if number % 3 else max(number - 3, 0)}" if number % 7 != 5 else None
            self.deliver(f"capture-{sender}-{number}", person)
            number += 1
            time.sleep(0.02)

    def deliver(self, external_id, person):
        """Post a capture until it is acknowledged."""
        while True:
            with contextlib.suppress(requests.RequestException):
                contact = {"email": f"{person}@lost.example"} if person else {}
                status = self.source.post(external_id, name=person or external_id, **contact)
                if status == 200:
                    self.acknowledged[external_id] = person
                    return
                self.refused.append(status)
            self.repeated += 1
            time.sleep(0.1)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_args):
        self.may_rest.set()
        for thread in self.threads:
            thread.join()


def kill_and_return(server):
    """End the server as a power cut would, and start it again."""
    server.kill()
    server.start()


def survive(server, source, rounds):
    """Kill the server at random moments while captures come in, and return who sent them."""
    random.seed()
    with Senders(source) as senders:
        for _round in range(rounds):
            time.sleep(random.uniform(0.05, 2.0))
            kill_and_return(server)
        wait_until(lambda: source.count("processed"), 20, "the first lead")
    while source.count("received"):
        # a job killed three times in a row pauses; the next capture wakes it
        senders.deliver(f"late-{time.monotonic()}", "person-0-0")
        time.sleep(1)
    show(f"{rounds} kills, {len(senders.acknowledged)} captures acknowledged, {senders.repeated} sent again")
    return senders


def assert_nothing_lost(server, source, acknowledged):
    """Assert that each acknowledged capture became one touch of one lead, and each person one lead."""
    fates = server.sql("SELECT external_id, state, result, lead_id FROM pipeline_inbox WHERE source_id = %s", source.id)
    assert Counter(row[0] for row in fates) == Counter(acknowledged.keys())
    assert {row[1:3] for row in fates} == {
        ("processed", "created"), ("duplicate", "duplicate"), ("rejected", "refused")
    }  # fmt: skip
    known = {external_id: person for external_id, person in acknowledged.items() if person}
    assert {row[0] for row in fates if row[1] != "rejected"} == known.keys()
    assert not [row for row in fates if row[1] == "rejected" and row[3]], "a rejected capture belongs to a lead"
    touches = server.sql(
        """SELECT t.external_id, l.email_normalized, l.id FROM pipeline_touch t JOIN crm_lead l ON l.id = t.lead_id
            WHERE t.pipeline_source_id = %s""",
        source.id,
    )
    # as lists: a touch or a lead too many shows
    assert sorted(row[:2] for row in touches) == sorted(
        (external_id, f"{person}@lost.example") for external_id, person in known.items()
    )
    assert {row[0]: row[2] for row in touches} == {row[0]: row[3] for row in fates if row[3]}
    leads = server.sql("SELECT email_normalized FROM crm_lead WHERE pipeline_source_id = %s", source.id)
    assert sorted(row[0] for row in leads) == sorted(
        {f"{person}@lost.example" for person in known.values()}
    )
    events = server.sql(
        "SELECT kind, count(*) FROM pipeline_event WHERE kind IN ('captured', 'duplicate') AND story IN "
        "(SELECT uuid FROM crm_lead WHERE pipeline_source_id = %s) GROUP BY kind", source.id,
    )  # fmt: skip
    assert dict(events) == {"captured": len(leads), "duplicate": len(touches) - len(leads)}


def test_kills_at_random_moments(server, source):
    senders = survive(server, source, 5)
    assert senders.repeated, "no kill met a capture under way"
    assert not [status for status in senders.refused if status < 500]
    assert_nothing_lost(server, source, senders.acknowledged)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_a_hundred_kills_at_random_moments(server):
    source = Source(server, Client(server))
    senders = survive(server, source, 100)
    assert senders.repeated, "no kill met a capture under way"
    assert not [status for status in senders.refused if status < 500]
    assert_nothing_lost(server, source, senders.acknowledged)


def test_kills_amid_the_job(server):
    """A batch that dies half-way is done again from its start, and leaves nothing of its first half."""
    source, total = Source(server, Client(server)), 3000
    server.sql(
        """INSERT INTO pipeline_inbox (source_id, external_id, received_at, payload, company_id, state, attempts,
                                       next_attempt_at)
           SELECT s.id, 'job-' || n, now(),
                  jsonb_build_object('name', 'Job ' || n, 'email', 'job' || n || '@lost.example'), s.company_id,
                  'received', 0, now() AT TIME ZONE 'UTC'
             FROM pipeline_source s, generate_series(1, %s) n WHERE s.id = %s""",
        total, source.id,
    )  # fmt: skip
    kills = 0
    for number in range(3):
        before = source.count("processed")
        # a new capture wakes the job
        assert source.post(f"wake-{number}", name="Wake", email=f"wake{number}@lost.example") == 200
        if number:
            wait_until(lambda before=before: source.count("processed") > before, 60, "the first batch")
        time.sleep(random.uniform(0.2, 1.0))
        kills += source.count("received") > 0
        kill_and_return(server)
    assert kills >= 2, "the job was over before it could be killed"
    assert source.post("wake-up", name="Wake", email="wake0@lost.example") == 200
    source.wait_until_drained()
    leads = server.sql(
        "SELECT count(*), count(DISTINCT email_normalized) FROM crm_lead WHERE pipeline_source_id = %s", source.id
    )
    assert leads == [(total + 3, total + 3)]
    touches = server.sql(
        "SELECT count(*), count(DISTINCT external_id) FROM pipeline_touch WHERE pipeline_source_id = %s", source.id
    )
    assert touches == [(total + 4, total + 4)]
    events = """SELECT count(*) FROM pipeline_event
                 WHERE kind = 'captured' AND origin_model = 'pipeline.source' AND origin_id = %s"""
    assert server.sql(events, source.id) == [(total + 3,)]
    show(f"{kills} kills amid the job, {source.count('done')} captures done")


def start_import(server, path):
    """Start the import of a list from the command line."""
    line = odoo_config.odoo_command(
        server.odoo, "sales_pipeline", "import", "-c", odoo_config.conf_path("test"), "-d", server.database, path
    )
    environment = odoo_config.odoo_environment(server._postgres, "test")
    return subprocess.Popen(
        line, env=environment, cwd=STATE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def kill_import_at(process, pattern):
    """Kill an import when it prints a line that matches."""
    for line in process.stdout:
        if re.search(pattern, line):
            time.sleep(random.uniform(0, 0.5))
            break
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert process.returncode == -signal.SIGKILL, "the import was over before it could be killed"


def test_kills_amid_an_import(server, tmp_path):
    """Run again, a killed import goes on: the totals add up, nobody is there twice."""
    path, people, rows = tmp_path / "list.csv", 3000, 4000
    with open(path, "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["External ID", "Name", "Email", "Phone"])
        for number in range(rows):
            person = number % people
            table.writerow([f"row-{number}", f"Person {person}", f"listed{person}@lost.example", ""])
    kill_import_at(start_import(server, path), "rows brought in")
    kill_import_at(start_import(server, path), "rows brought in")
    last = start_import(server, path)
    report = last.communicate(timeout=200)[0]
    show(f"{report}")
    assert last.returncode == 0, report
    listed = "SELECT count(*), count(DISTINCT email_normalized) FROM crm_lead WHERE email_normalized LIKE 'listed%'"
    assert server.sql(listed) == [(people, people)]
    fates = server.sql("SELECT result, count(*) FROM pipeline_inbox WHERE import_id IS NOT NULL GROUP BY result")
    assert dict(fates) == {"created": people, "duplicate": rows - people}
    again = start_import(server, path)
    report = again.communicate(timeout=100)[0]
    assert again.returncode == 0, report
    assert server.sql(listed) == [(people, people)]
