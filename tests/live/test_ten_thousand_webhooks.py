"""10,000 messages to receivers that fail, hang, hang up, refuse and answer slowly, by a clock of our own.

With real commits, because a table of work that is never committed is never tidied either, and gets slow.
"""

import time
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from unittest.mock import patch

import pytest

# Seconds after each attempt, as they are promised.
GAPS = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
_EACH = 2000
# After a power cut the leases end within a minute.
_CUT_SECONDS = 61
_NAMES = ("well", "fails", "hangs", "resets", "slow")

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]


class PowerCut(BaseException):
    """The process is gone: nothing that it had not committed is there."""


class World:
    """The receivers, the clock, and what was sent when."""

    def __init__(self, server):
        self.server = server
        self.begin = self.now = datetime(2026, 3, 2, 8)
        self.sent = []
        self.failures = Counter()
        self.cuts = 0
        self.make_answer = None

    def deliver(self, url, body, headers, _networks=None):
        """Be a receiver: bad for a while, well ever after; one takes some messages only when they come again."""
        name, age = url.split("/")[2].split(".")[0], self.now - self.begin
        id_ = headers["webhook-id"]
        self.sent.append((self.now, name, id_, body))
        if name == "slow":
            time.sleep(0.02)
        if name == "fails" and (age < timedelta(minutes=40) or self.failures[id_] < int(id_.split("_")[2]) % 6):
            self.failures[id_] += 1
            return self.make_answer(status=500)
        if name in ("hangs", "resets") and age < timedelta(minutes=20):
            return self.make_answer(error={"hangs": "timeout", "resets": "reset"}[name])
        return self.make_answer(status=204)

    def pass_time(self, seconds):
        self.now += timedelta(seconds=seconds)

    def run_job(self):
        """Run the job once, by the clock, and go on to the next thing due."""
        try:
            with self.server.env() as env:
                env["pipeline.webhook.delivery"]._cron_send()
        except PowerCut:
            self.cuts += 1
            self.pass_time(_CUT_SECONDS)
        with self.server.env() as env:
            self.pass_time(max(env["pipeline.webhook.delivery"]._get_seconds_to_next() or 0, 0.001))

    def is_done(self):
        states = "SELECT count(*) FROM pipeline_webhook_delivery WHERE state IN ('waiting', 'sending')"
        return not self.server.sql(states)[0][0]


@pytest.fixture
def world(server):
    """Stop Odoo and take its place, with a clock and receivers of our own."""
    server.stop()
    found = World(server)
    with server.env() as env:
        webhooks, deliveries = env.registry["pipeline.webhook"], env.registry["pipeline.webhook.delivery"]
    # Odoo's addons are found once it has read its configuration.
    from odoo.addons.sales_pipeline.models.automation import pipeline_webhook_send, webhook_thread

    found.make_answer = webhook_thread.pinned.PinnedAnswer
    record, calls = deliveries._record_safely, Counter()

    def record_or_die(model, outcomes):
        calls["record"] += 1
        if calls["record"] in (30, 300):
            raise PowerCut
        record(model, outcomes)

    with (
        patch.object(webhooks, "_get_now", lambda _self: found.now),
        patch.object(deliveries, "_sleep", lambda _self, seconds: found.pass_time(seconds)),
        patch.object(deliveries, "_record_safely", record_or_die),
        patch.object(webhook_thread.pinned, "deliver", found.deliver),
        patch.object(pipeline_webhook_send, "_BRAVE_SECONDS", 100),
    ):
        yield found


def fill(world):
    """Store the messages, and return their ids."""
    from odoo.addons.sales_pipeline.models.rows import insert_rows

    with world.server.env() as env:
        ids = [
            env["pipeline.webhook"].create({
                "name": name, "url": f"https://{name}.example/", "user_id": env.ref("base.user_admin").id,
            }).id
            for name in _NAMES
        ]  # fmt: skip
        rows = [
            {"webhook_id": id_, "message_id": f"msg_{name}_{number}", "type": "webhook.test", "state": "waiting",
             "attempts": 0, "next_attempt_at": world.begin, "occurred_at": world.begin, "facts": {"n": number}}
            for number in range(_EACH) for name, id_ in zip(_NAMES, ids, strict=True)
        ]  # fmt: skip
        insert_rows(env, "pipeline_webhook_delivery", rows)
    return {row["message_id"] for row in rows}


def test_each_arrives_under_its_one_id_and_no_try_comes_before_its_time(world):
    ids = fill(world)
    while not world.is_done():
        world.run_job()
        assert world.now - world.begin < timedelta(hours=72), "it takes too long"

    states = dict(world.server.sql("SELECT state, count(*) FROM pipeline_webhook_delivery GROUP BY state"))
    assert states == {"delivered": len(ids)}
    assert world.cuts == 2
    bodies = defaultdict(set)
    tries = defaultdict(list)
    for at, _name, id_, body in world.sent:
        bodies[id_].add(body)
        tries[id_].append(at)
    assert bodies.keys() == ids
    assert {len(found) for found in bodies.values()} == {1}, "the same id with another body"
    check_times(world, tries)


def check_times(world, tries):
    """Check that no try is early, and none late where the receiver takes or refuses at once."""
    numbers = dict(world.server.sql(
        "SELECT d.message_id, array_agg(a.at ORDER BY a.number) FROM pipeline_webhook_delivery d "
        "JOIN pipeline_webhook_attempt a ON a.delivery_id = d.id GROUP BY d.message_id"
    ))  # fmt: skip
    # What was sent in the moment of a power cut was not written down, and is sent once more.
    cut = {id_ for id_, times in tries.items() if len(numbers[id_]) != len(times)}
    assert 0 < len(cut) <= 2 * 20 * len(_NAMES)
    for id_, times in tries.items():
        if id_ in cut:
            continue
        for number, (before, after) in enumerate(pairwise(times)):
            gap = (after - before).total_seconds()
            assert gap >= GAPS[number], (id_, number)
            if id_.startswith("msg_fails"):
                assert gap <= GAPS[number] * 1.1 + 2 * _CUT_SECONDS, (id_, number)
    well = [times for id_, times in tries.items() if id_.startswith("msg_well") and id_ not in cut]
    assert {len(times) for times in well} == {1}, "a good receiver got something twice"
    assert max(times[0] for times in well) - world.begin <= timedelta(seconds=2 * _CUT_SECONDS + 1)
