"""One act on fifty thousand chosen leads: ours in the background beside stock's one long request."""
from __future__ import annotations

import http.client
import json
import time
from typing import Any

from dev.benching.actions import CONTEXT
from dev.benching.client import Client, timed
from dev.benching.sides import MANAGER, MODE, Side
from dev.common import Fail, step

ROWS = 50_000
LONGEST_SECONDS = 1800
OPEN = ("waiting", "running")


def measure(sides: list[Side], rows: int | None = None) -> dict[str, object]:
    """Assign, tag and rate the same leads on both sides and return seconds, rates and the longest request.

    :param rows: how many leads (50,000)
    """
    stock, ours = sides
    count = rows or ROWS
    figures: dict[str, object] = {"bench": "bulk", "mode": MODE, "rows": count}
    for act in ("assign", "tags", "priority"):
        with step(f"{act}: {count} leads on both sides"):
            theirs, longest = write_at_once(stock, act, count)
            seconds, start_ms, longest_ms = run_in_background(ours, act, count)
        figures |= {
            f"{act}_ours_s": f"{seconds:.0f}", f"{act}_ours_rows_per_s": f"{count / seconds:.0f}",
            f"{act}_ours_start_ms": f"{start_ms:.0f}", f"{act}_ours_longest_request_ms": f"{longest_ms:.0f}",
            f"{act}_stock_s": theirs, f"{act}_stock_longest_request_ms": f"{longest:.0f}",
            f"{act}_ratio": f"{seconds * 1000 / longest:.2f}",
        }
    return figures


def last_id(side: Side, count: int) -> int:
    """Return the id up to which there are so many active leads and deals."""
    return int(side.ask(f"SELECT max(id) FROM (SELECT id FROM crm_lead WHERE active ORDER BY id LIMIT {count}) l"))


def facts(side: Side) -> dict[str, int]:
    """Return the ids of the new owner and of the tag."""
    return {"user": int(side.ask("SELECT id FROM res_users WHERE login = 'seller5'")),
            "tag": int(side.ask("SELECT min(id) FROM crm_tag"))}


def write_at_once(stock: Side, act: str, count: int) -> tuple[str, float]:
    """Write as Odoo's list does, in one request, and return its seconds, or why there are none, and milliseconds."""
    known = facts(stock)
    values = {"assign": {"user_id": known["user"]}, "tags": {"tag_ids": [[4, known["tag"]]]},
              "priority": {"priority": "3"}}[act]
    ids = list(map(int, stock.ask(f"SELECT id FROM crm_lead WHERE active AND id <= {last_id(stock, count)}").split()))
    client = stock.login(MANAGER)
    begin = time.monotonic()
    try:
        client.call("crm.lead", "write", ids, values, context=CONTEXT)
    except (Fail, http.client.HTTPException, OSError) as error:
        # Odoo ends a worker whose request takes too long; nothing is written then.
        return f"died:{type(error).__name__}", (time.monotonic() - begin) * 1000
    seconds = time.monotonic() - begin
    return f"{seconds:.0f}", seconds * 1000


def run_in_background(ours: Side, act: str, count: int) -> tuple[float, float, float]:
    """Do it as the dialog does, and return the seconds until it was done and two requests' milliseconds.

    :return: seconds, milliseconds of the request that started it, and of the longest one meanwhile
    """
    known = facts(ours)
    chosen = {"domain": [["active", "=", True], ["id", "<=", last_id(ours, count)]], "order": "id"}
    wish: dict[str, Any] = {"kind": act, "chosen": json.dumps(chosen), "user_id": known["user"],
                            "tag_ids": [[4, known["tag"]]], "temperature": "hot"}
    client = ours.login(MANAGER)
    begin = time.monotonic()
    wizard = client.call("pipeline.bulk.start", "create", [wish], context=CONTEXT)
    start_ms = timed(client.call, "pipeline.bulk.start", "action_start", wizard, context=CONTEXT)
    longest_ms = max(start_ms, wait_for_end(client, begin))
    return time.monotonic() - begin, start_ms, longest_ms


def wait_for_end(client: Client, begin: float) -> float:
    """Ask for the progress as the bar does until the job has ended; return the milliseconds of the longest answer."""
    longest, state = 0.0, "waiting"
    while state in OPEN:
        if time.monotonic() > begin + LONGEST_SECONDS:
            raise Fail("the job has not ended")
        time.sleep(0.5)
        asked = time.perf_counter()
        job = client.call("pipeline.bulk", "get_mine", context=CONTEXT)[0]
        longest, state = max(longest, (time.perf_counter() - asked) * 1000), job["state"]
    if state != "done" or job["refused"]:
        raise Fail(f"the job ended as {state} with {job['refused']} refused")
    return longest
