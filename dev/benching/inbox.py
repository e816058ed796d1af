"""The intake: how fast captures become leads, how fast they are acknowledged, and whether a crowd gets in."""
from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from dev import odoo_config
from dev.benching import load, rows
from dev.benching.actions import RUN, person
from dev.benching.compare import percentile
from dev.benching.sides import MANAGER, MODE, Side
from dev.common import Fail
from dev.databases import INSIDE
from dev.odoo_package import Odoo

WAITING = 3000  # captures that wait when the job's pace is measured
CREATES_SECONDS = 15
PACE, ACKNOWLEDGED = 20, 2000  # captures a second, and how many
BURST, BURST_SECONDS = 250, 10
# As many as Odoo's two HTTP processes let wait in front of their door; of more, the kernel drops some at random.
SENDERS = 16
PAGE = "https://www.example.com/offer?utm_source=google&utm_medium=cpc&utm_campaign=bench&gclid=abc"
HEALTH = load.request("GET", "/web/health")


def measure(odoo: Odoo, sides: list[Side], repetitions: int | None = None) -> dict[str, object]:
    """Run all of it and return the figures.

    :param repetitions: how many captures are acknowledged one by one
    """
    stock, ours = sides
    count = repetitions or ACKNOWLEDGED
    figures: dict[str, object] = {"bench": "inbox", "mode": f"{MODE},fsync=on", "captures": WAITING, "acks": count}
    stock_rate = create_leads(odoo, stock)
    our_rate = drain(ours)
    figures |= {"ours_leads_per_s": f"{our_rate:.0f}", "stock_leads_per_s": f"{stock_rate:.1f}",
                "times": f"{our_rate / stock_rate:.1f}"}
    figures |= acknowledge(ours, count)
    return figures | burst(ours)


def create_leads(odoo: Odoo, stock: Side) -> float:
    """Create leads through Odoo's own HTTP API, one after the other, and return how many a second."""
    told = odoo_config.shell(odoo, stock.server, rows.KIND, stock.database, INSIDE / "bench_key.py", login=MANAGER)
    key = next(line.split()[1] for line in told.splitlines() if line.startswith("key "))
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json", "X-Odoo-Database": stock.database}

    def create() -> None:
        who = person()
        values = {"name": who["name"], "contact_name": who["name"], "email_from": who["email"], "phone": who["phone"],
                  "type": "lead"}
        wire = load.request("POST", "/json/2/crm.lead/create", json.dumps({"vals_list": [values]}).encode(), headers)
        if (status := load.send(stock.port, wire)) != 200:
            raise Fail(f"/json/2 answered {status}")

    create()
    begin, count = time.monotonic(), 0
    while time.monotonic() < begin + CREATES_SECONDS:
        create()
        count += 1
    return count / (time.monotonic() - begin)


def capture_maker(ours: Side) -> Callable[[], bytes]:
    """Return a function that writes the post of a new contact; it may be called from several threads."""
    token, secret = ours.ask("SELECT token, secret FROM pipeline_source WHERE name = 'Bench'").split("|")
    headers = {"X-Pipeline-Secret": secret, "Content-Type": "application/json"}
    return lambda: load.request("POST", f"/pipeline/capture/{token}", json.dumps(contact()).encode(), headers)


def contact() -> dict[str, Any]:
    """Return what a web form sends of somebody new."""
    return {**person(), "message": "We need ten of them soon.", "page_url": PAGE}


def drain(ours: Side) -> float:
    """Let captures wait, wake the job with one more, and return how many leads a second it makes.

    Every twelfth is somebody who came a little before.
    """
    wake = capture_maker(ours)
    assert load.send(ours.port, wake()) == 200
    wait_until_done(ours)
    ours.ask(f"""
        INSERT INTO pipeline_inbox (source_id, external_id, received_at, payload, company_id, state, attempts,
                                    next_attempt_at)
        SELECT s.id, '{RUN}-' || n, now() AT TIME ZONE 'UTC', jsonb_build_object(
                   'name', 'Bench ' || who, 'email', 'waits' || who || '.{RUN}@new.example',
                   'phone', '+44 20 7' || (1000000 + (hashtext('{RUN}' || who)::bigint + 2147483648) % 9000000),
                   'message', 'We need ten of them soon.', 'page_url', '{PAGE}'),
               s.company_id, 'received', 0, now() AT TIME ZONE 'UTC'
          FROM pipeline_source s, generate_series(1, {WAITING}) n,
               LATERAL (SELECT CASE WHEN n % 12 = 0 THEN n - 7 ELSE n END AS who) w WHERE s.name = 'Bench'""")
    assert load.send(ours.port, wake()) == 200
    begin = time.monotonic()
    wait_until_done(ours)
    seconds = time.monotonic() - begin
    fates = ours.ask(f"SELECT DISTINCT state FROM pipeline_inbox WHERE external_id LIKE '{RUN}-%'").split()
    if not set(fates) <= {"processed", "duplicate"}:
        raise Fail(f"captures ended as {fates}")
    return WAITING / seconds


def wait_until_done(ours: Side) -> None:
    """Wait until the job has left nothing."""
    end = time.monotonic() + 300
    while ours.ask("SELECT 1 FROM pipeline_inbox WHERE state = 'received' LIMIT 1"):
        if time.monotonic() > end:
            raise Fail("the job did not drain the inbox")
        time.sleep(0.05)


def acknowledge(ours: Side, count: int) -> dict[str, object]:
    """Post captures at a quiet pace, and ask for Odoo's health in between at the same pace."""
    make = capture_maker(ours)
    load.at_pace(ours.port, [make() for _number in range(40)], PACE, 8)
    alone = load.at_pace(ours.port, [HEALTH] * (count // 4), PACE, 16)
    posts = [make() for _number in range(count)]
    captured, health = load.side_by_side([
        lambda: load.at_pace(ours.port, posts, PACE, 16),
        lambda: (time.sleep(0.5 / PACE), load.at_pace(ours.port, [HEALTH] * count, PACE, 16))[1],
    ])
    bad = [answer.status for answer in captured if answer.status != 200]
    p99 = {name: percentile([answer.milliseconds for answer in answers], 0.99)
           for name, answers in (("ack", captured), ("health", health), ("health_alone", alone))}
    p50 = percentile([answer.milliseconds for answer in captured], 0.5)
    return {
        "ack_p50_ms": f"{p50:.1f}", **{f"{name}_p99_ms": f"{value:.1f}" for name, value in p99.items()},
        "ack_minus_health_p99_ms": f"{p99['ack'] - p99['health']:.1f}",
        "ack_minus_health_alone_p99_ms": f"{p99['ack'] - p99['health_alone']:.1f}", "ack_bad": len(bad),
    }


def burst(ours: Side) -> dict[str, object]:
    """Offer more than the job can take in, count what was stored, and compare with what Odoo's health page reaches."""
    wait_until_done(ours)
    health = load.as_fast_as_it_goes(ours.port, lambda: HEALTH, 5, SENDERS)
    before = stored(ours)
    make = capture_maker(ours)
    posts = [make() for _number in range(BURST * BURST_SECONDS)]
    begin = time.monotonic()
    answers = load.at_pace(ours.port, posts, BURST, SENDERS)
    rate = sum(answer.status == 200 for answer in answers) / (time.monotonic() - begin)
    lost = before + sum(answer.status == 200 for answer in answers) - stored(ours)
    wait_until_done(ours)
    return {
        "burst_offered": len(posts), "burst_2xx": sum(answer.status == 200 for answer in answers), "burst_lost": lost,
        "burst_per_s": f"{rate:.0f}", "health_per_s": f"{health:.0f}", "burst_to_health": f"{rate / health:.2f}",
        "burst_p99_ms": f"{percentile([answer.milliseconds for answer in answers], 0.99):.0f}",
    }


def stored(ours: Side) -> int:
    """Return how many captures the inbox holds."""
    return int(ours.ask("SELECT count(*) FROM pipeline_inbox"))
