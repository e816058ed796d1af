"""The search for duplicates over the base goes on where it stopped, although its server is killed in the middle."""

import time

import pytest
from psycopg2.errors import SerializationFailure

from tests.live import wait_until

PEOPLE, LEADS = 30_000, 60_000


@pytest.fixture(scope="module")
def leads(server):
    """Make two leads of each person, past the ORM, with their contacts."""
    server.sql(
        """INSERT INTO crm_lead (name, type, active, uuid, create_date, stage_id)
           SELECT 'Searched', 'lead', true, gen_random_uuid()::text, now() AT TIME ZONE 'UTC',
                  (SELECT min(id) FROM crm_stage)
             FROM generate_series(1, %s)""",
        LEADS,
    )
    ids = [id_ for (id_,) in server.sql("SELECT id FROM crm_lead WHERE name = 'Searched' ORDER BY id")]
    with server.env() as env:
        from odoo.addons.sales_pipeline.tools.contact import Contact

        for start in range(0, LEADS, 5000):
            env["pipeline.contact"]._store("crm.lead", {
                id_: (None, Contact(email=f"person{place % PEOPLE}@lost.example"))
                for place, id_ in enumerate(ids[start : start + 5000], start)
            }, is_news=False)  # fmt: skip
    wait_until(lambda: not server.sql("SELECT 1 FROM pipeline_contact_fill WHERE next_id > 0"), 60, "the filling")
    return ids


def read_run(server):
    """Return who was compared, of how many, when it began and whether it is over."""
    return server.sql(
        "SELECT compared, total, started_at, finished_at IS NOT NULL FROM pipeline_duplicate_run "
        "WHERE started_at IS NOT NULL"
    )


def start_over(server):
    """Begin a search over the base, unless the job is writing its progress in this moment."""
    try:
        with server.env() as env:
            env["pipeline.duplicate.run"]._start_over()
    except SerializationFailure:
        return False
    return True


def begin(server):
    """Begin a search over the base that knows of no pair yet."""
    server.sql("DELETE FROM pipeline_duplicate")
    wait_until(lambda: start_over(server), 60, "the job's own row to be free")


def wait_for_end(server):
    """Return the run of the search that is over."""
    return wait_until(lambda: [run for run in read_run(server) if run[3]], 150, "the end of the search")[0]


def test_a_search_that_is_killed_goes_on_where_it_stopped(server, leads):
    begin(server)
    reached, begun = 0, set()
    for _kill in range(2):
        run = wait_until(
            lambda before=reached: [run for run in read_run(server) if run[0] > before or run[3]], 100, "the next batch"
        )  # fmt: skip
        reached = run[0][0]
        begun.add(run[0][2])
        time.sleep(0.2)
        server.kill()
        assert read_run(server)[0][0] >= reached, "what was compared is not known any more"
        server.start()
        # the job would be taken up within a minute anyway
        server.wake("ir_cron_search_duplicates")
    run = wait_for_end(server)
    assert run[0] >= run[1] >= LEADS
    assert begun == {run[2]}, "it began anew"
    pairs = server.sql("SELECT lead_id, res_id, state FROM pipeline_duplicate WHERE res_model = 'crm.lead'")
    expected = {(leads[place + PEOPLE], leads[place], "open") for place in range(PEOPLE)}
    assert expected <= set(pairs)
    assert len(pairs) == len(set(pairs))


def test_a_night_after_the_first_costs_only_what_changed(server, leads):
    if not [run for run in read_run(server) if run[1] >= LEADS and run[3]]:
        begin(server)
        wait_for_end(server)
    lead = leads[-1]
    with server.env() as env:
        env["crm.lead"].browse(lead).email_from = "person7@lost.example"
    server.wake("ir_cron_search_duplicates")
    wait_until(lambda: [run for run in read_run(server) if run[:2] == (1, 1) and run[3]], 60, "the next night")
    pairs = server.sql("SELECT count(*) FROM pipeline_duplicate WHERE lead_id = %s AND state = 'open'", lead)
    assert pairs == [(2,)]
