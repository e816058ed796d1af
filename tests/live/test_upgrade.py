"""From the last commit's database to this one's code: work goes on meanwhile, nothing is lost, nothing old stays."""

import os
import re
import subprocess
import time

import pytest

from dev import odoo_config
from dev.common import ADDONS, ROOT, STATE
from tests.live import LiveServer, wait_until
from tests.live.clients import Client, Source, log_lines_of_trouble, measure, show
from tests.live.test_existing_database import RECORDS, SCHEMA, check_unique_ids, compare, list_names
from tests.live.test_nothing_lost import Senders

# Every row that stood before must stand afterwards with these values.
KEPT = {
    "leads": """SELECT id, uuid::text, name, type, active, stage_id, won_status, lead_status, user_id, team_id,
                       pipeline_source_id, capture_channel FROM crm_lead""",
    "touches": "SELECT id, lead_id, external_id FROM pipeline_touch",
    "orders": """SELECT id, uuid::text, state, opportunity_id, quote_status, order_status, payment_status
                   FROM sale_order""",
    "customers": "SELECT id, uuid::text, partner_id, csm_id, lifecycle_stage FROM pipeline_customer",
    "events": "SELECT id, kind, story::text, occurred_at FROM pipeline_event",
    "sources": "SELECT id, name, token, secret FROM pipeline_source",
    "stages": "SELECT id, name::text, deal_stage, sequence FROM crm_stage",
    "jobs": "SELECT id, cron_name, active, interval_number, interval_type FROM ir_cron",
}

# what people and jobs leave behind, not code
OF_USE = re.compile("(message|follower|attachment|activity) ")


class Visitors(Senders):
    """One visitor after the other, who does not give up; not a crowd."""

    def __init__(self, source):
        super().__init__(source)
        del self.threads[1:]

    def deliver(self, external_id, person):
        """Post a capture until it is acknowledged, and rest a little."""
        super().deliver(external_id, person)
        time.sleep(0.5)


def git(*args):
    """Run git here and return what it printed."""
    return subprocess.run(["git", *args], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def last_commit():
    """Return the newest commit whose addons are not those of this folder, or none."""
    if chosen := os.environ.get("SALES_PIPELINE_UPGRADE_FROM"):
        return chosen
    for commit in git("rev-list", "--max-count=50", "HEAD", "--", *ADDONS).split():
        if subprocess.run(["git", "diff", "--quiet", commit, "--", *ADDONS], cwd=ROOT, check=False).returncode:
            return commit
    return None


@pytest.fixture
def old_code(tmp_path):
    """Unpack the addons of the last commit and return the folder."""
    try:
        commit = last_commit()
    except (OSError, subprocess.CalledProcessError):
        commit = None
    if not commit:
        pytest.skip("no earlier commit is known here: fetch the history")
    packed, unpacked = tmp_path / "old.tar", tmp_path / "old"
    git("archive", f"--output={packed}", commit, "--", *ADDONS)
    unpacked.mkdir()
    subprocess.run(["tar", "-xf", packed, "-C", unpacked], check=True)
    show(f"upgrade from {git('log', '-1', '--format=%h %s', commit)}")
    return unpacked


def addons_option(server, home):
    """Spell the option that makes Odoo take our addons from a folder."""
    return f"--addons-path={','.join(map(str, [*server.odoo.addons, home]))}"


def run_odoo(server, *options):
    """Install or upgrade as an administrator does on the command line, and return the log."""
    log = STATE / "log/live-upgrade-run.log"
    log.unlink(missing_ok=True)
    line = odoo_config.odoo_command(
        server.odoo, "-c", odoo_config.conf_path("test"), "-d", server.database, *options,
        "--stop-after-init", "--no-http", "--max-cron-threads=0", "--logfile", log, "--log-level=info",
    )  # fmt: skip
    environment = odoo_config.odoo_environment(server._postgres, "test")
    done = subprocess.run(line, env=environment, cwd=STATE, capture_output=True, text=True, check=False)
    told = log.read_text(encoding="utf-8")
    assert done.returncode == 0, told[-3000:] + done.stderr
    return told


def fill(server, client):
    """Leave a trace in every part: captures, a typed deal with a sent quote, a won one, settings of the house's own."""
    source = Source(server, client, name="Form of the house")
    for number in range(10):
        assert source.post(f"early-{number}", name=f"Early {number}", email=f"early{number % 8}@up.example") == 200
    source.wait_until_drained()
    partner = client.call("res.partner", "create", {"name": "Upgrade Works", "email": "works@up.example"})
    for won in (False, True):
        deal = client.call("crm.lead", "create", {"name": "Deal", "type": "opportunity", "partner_id": partner})
        order = client.call("sale.order", "create", {"partner_id": partner, "opportunity_id": deal})
        client.call("sale.order", "action_quotation_sent", [order])
        if won:
            client.call("sale.order", "action_confirm", [order])
    server.sql("""UPDATE crm_stage SET name = '{"en_US": "Our own word"}' WHERE deal_stage = 'negotiation'""")
    server.sql("UPDATE ir_cron SET interval_number = 7, interval_type = 'hours' WHERE cron_name LIKE '%quote%'")
    wait_until(lambda: server.sql("SELECT 1 FROM pipeline_customer"), 30, "the customer of the won deal")
    return source


def photograph(server):
    """Return the rows to keep, by table."""
    return {name: set(server.sql(query)) for name, query in KEPT.items()}


def check_new_database(server):
    """Compare with a database in which this code was installed afresh: an upgrade leads to the same."""
    fresh = LiveServer("upgrade_fresh")
    try:
        for query in (SCHEMA, RECORDS):
            upgraded, installed = list_names(server, query), list_names(fresh, query)
            compare("missing after the upgrade", installed - upgraded)
            left = {name: count for name, count in (upgraded - installed).items() if not OF_USE.match(name)}
            compare("left from the old code", left)
    finally:
        fresh.close()


def check_work(server, source, client):
    """Assert that the upgraded system goes on: a new capture becomes a lead, a lead a won deal."""
    assert source.post("late", name="Late Comer", email="late@up.example") == 200
    source.wait_until_drained()
    [(lead,)] = server.sql("SELECT id FROM crm_lead WHERE email_normalized = 'late@up.example'")
    client.call("crm.lead", "write", [lead], {"type": "opportunity"})
    client.call("crm.lead", "action_set_won", [lead])
    assert server.sql("SELECT won_status, lead_status FROM crm_lead WHERE id = %s", lead)[0][0] == "won"


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_the_last_commits_database(stock_server, old_code):
    server, old = stock_server, addons_option(stock_server, old_code)
    run_odoo(server, old, "-i", ",".join(ADDONS))
    server.start(old)
    source = fill(server, Client(server))
    before = photograph(server)
    with Visitors(source) as senders:
        # The old code's jobs drain what comes in while the new code takes over the tables.
        wait_until(lambda: len(senders.acknowledged) > 5, 60, "the first captures")
        seconds, log = measure(lambda: run_odoo(server, "-u", ",".join(ADDONS)))
        server.stop()
        position = server.log.stat().st_size
        server.start()
        during = len(senders.acknowledged)
        wait_until(lambda: len(senders.acknowledged) > during, 60, "a capture by the new code")
    source.wait_until_drained(300)
    show(f"upgraded in {seconds:.1f} s; {during} captures acknowledged meanwhile, {senders.repeated} sent again")
    assert not log_lines_of_trouble(log)
    after = photograph(server)
    assert {name: sorted(rows - after[name]) for name, rows in before.items() if rows - after[name]} == {}
    touched = server.sql("SELECT external_id FROM pipeline_touch WHERE pipeline_source_id = %s", source.id)
    check_unique_ids(server)
    states = server.sql("SELECT DISTINCT state, result FROM pipeline_inbox")
    known = {("processed", "created"), ("duplicate", "duplicate"), ("rejected", "refused")}
    assert set(states) == known, "the old version's words are gone"
    during = (name for name, who in senders.acknowledged.items() if who)
    expected = [*(f"early-{number}" for number in range(10)), *during]
    assert sorted(row[0] for row in touched) == sorted(expected)
    check_work(server, source, Client(server))
    check_new_database(server)
    with open(server.log, encoding="utf-8") as told:
        told.seek(position)
        assert not log_lines_of_trouble(told.read())
