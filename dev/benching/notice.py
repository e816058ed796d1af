"""Speed to lead: how long after a form is sent the toast reaches the browser of whoever got the lead."""
from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator

from dev import odoo_config, processes
from dev.benching import inbox, load, rows, sides
from dev.benching.actions import person
from dev.benching.bus import Listener
from dev.benching.compare import percentile
from dev.common import Fail, step
from dev.databases import INSIDE
from dev.odoo_package import Odoo
from dev.ports import free_port
from dev.postgres import Server

PACE, SECONDS = 20, 65
# What is on its way when the last form was sent gets this long.
PATIENCE = 30


class Ear:
    """What the browsers of all salespeople heard: the moment of each new lead, by its notice."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.moments: dict[int, float] = {}

    def hear(self, kind: str, payload: dict, moment: float) -> None:
        """Note a message of the bus."""
        if kind == "pipeline_notice":
            with self.lock:
                for number in payload["ids"]:
                    self.moments.setdefault(number, moment)


def measure(odoo: Odoo, server: Server, size: str, seconds: int | None = None) -> dict[str, object]:
    """Send forms at a steady pace, in quiet and while two foreign jobs run, and return the figures.

    :param seconds: how long each of the two lasts
    """
    seconds = seconds or SECONDS
    figures: dict[str, object] = {"bench": "notice", "mode": f"{sides.MODE},max_cron_threads=4,fsync=on", "pace": PACE}
    with serving(odoo, server, size) as (ours, bus_port), listening(ours, bus_port) as ear:
        send(ours, ear, 5)
        figures |= describe("quiet", *send(ours, ear, seconds))
        with sleepers(odoo, ours):
            figures |= describe("busy", *send(ours, ear, seconds))
    return figures


@contextlib.contextmanager
def serving(odoo: Odoo, server: Server, size: str) -> Iterator[tuple[sides.Side, int]]:
    """Serve our database; yield its side and the port of its websockets."""
    ours, bus_port = sides.Side("ours", rows.our_name(size), free_port(), server), free_port()
    with step("ours: Odoo starts"):
        process = sides.start(odoo, ours, bus_port)
        processes.wait_for_page(f"http://127.0.0.1:{ours.port}/web/login", process, 300, "Odoo does not start")
        processes.wait_for_page(f"http://127.0.0.1:{bus_port}/websocket/health", process, 300, "the bus does not start")
    try:
        yield ours, bus_port
    finally:
        processes.end(process)


@contextlib.contextmanager
def listening(ours: sides.Side, bus_port: int) -> Iterator[Ear]:
    """Connect every member of the team that gets the leads to the bus."""
    logins = ours.ask("""
        SELECT u.login FROM pipeline_source s JOIN crm_team_member m ON m.crm_team_id = s.team_id AND m.active
          JOIN res_users u ON u.id = m.user_id WHERE s.name = 'Bench'""").split()
    ear, last = Ear(), int(ours.ask("SELECT coalesce(max(id), 0) FROM bus_bus"))
    listeners = [Listener(bus_port, ours.login(login).cookie, last, ear.hear) for login in logins]
    time.sleep(2)
    try:
        yield ear
    finally:
        for listener in listeners:
            listener.close()


@contextlib.contextmanager
def sleepers(odoo: Odoo, ours: sides.Side) -> Iterator[None]:
    """Keep two of the four processes for jobs busy, as foreign addons would."""
    def switch(wanted: bool) -> None:
        odoo_config.shell(odoo, ours.server, rows.KIND, ours.database, INSIDE / "bench_sleepers.py", wanted=wanted)

    switch(True)
    end = time.monotonic() + 90
    while ours.ask("SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND state = 'active' "
                   "AND pid <> pg_backend_pid()") != "2":
        if time.monotonic() > end:
            raise Fail("the foreign jobs do not start")
        time.sleep(0.2)
    try:
        yield
    finally:
        # They end with their minute; a job that runs cannot be taken away.
        ours.ask("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' "
                 "AND pid <> pg_backend_pid()")
        with contextlib.suppress(Fail):
            switch(False)


def send(ours: sides.Side, ear: Ear, seconds: int) -> tuple[list[float], int, int]:
    """Send forms at the pace; return the milliseconds until each was heard of, how many never were, how many sent."""
    token, secret = ours.ask("SELECT token, secret FROM pipeline_source WHERE name = 'Bench'").split("|")
    headers = {"X-Pipeline-Secret": secret, "Content-Type": "application/json"}
    people = [{**person(), "message": "We need ten of them soon.", "page_url": inbox.PAGE}
              for _number in range(PACE * seconds)]
    wires = [load.request("POST", f"/pipeline/capture/{token}", json.dumps(one).encode(), headers) for one in people]
    # Who never reads is told of hundreds as a number; people read.
    ours.ask("UPDATE pipeline_notice SET read_at = now() AT TIME ZONE 'UTC', mail_at = NULL WHERE read_at IS NULL")
    first = int(ours.ask("SELECT coalesce(max(id), 0) FROM pipeline_notice"))
    begin = time.monotonic() + 0.1
    answers = load.at_pace(ours.port, wires, PACE, 16)
    if bad := [answer.status for answer in answers if answer.status != 200]:
        raise Fail(f"captures were answered with {set(bad)}")
    due = {one["name"]: begin + number / PACE for number, one in enumerate(people)}
    end = time.monotonic() + PATIENCE
    while True:
        notices = ours.ask(f"SELECT n.id, l.name FROM pipeline_notice n JOIN crm_lead l ON l.id = n.lead_id "
                           f"WHERE n.id > {first} AND n.kind = 'assigned'").splitlines()
        names = dict(line.split("|") for line in notices)
        heard = {names[str(number)]: moment for number, moment in list(ear.moments.items()) if str(number) in names}
        if len(heard) >= len(people) or time.monotonic() > end:
            break
        time.sleep(0.5)
    waits = [(moment - due[name]) * 1000 for name, moment in heard.items() if name in due]
    return waits, len(people) - len(waits), len(people)


def describe(word: str, waits: list[float], unheard: int, sent: int) -> dict[str, object]:
    """Return the figures of one phase."""
    if not waits:
        raise Fail("nobody heard of any lead")
    shares = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    return {
        f"{word}_sent": sent, f"{word}_unheard": unheard,
        **{f"{word}_{name}_ms": f"{percentile(waits, share):.0f}" for name, share in shares.items()},
        f"{word}_max_ms": f"{max(waits):.0f}",
    }
