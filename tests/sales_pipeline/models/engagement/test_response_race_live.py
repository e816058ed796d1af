"""Who answers in the moment in which the lead would be passed on keeps it."""

import pytest

from tests.live import wait_until
from tests.live.clients import Client, Source, make_team, make_users


@pytest.fixture(scope="module")
def office(server):
    """Two reps who work at any hour, and a source whose leads go to the first."""
    admin = Client(server)
    with server.env() as env:
        env.company.resource_calendar_id = False
        env.ref("sales_pipeline.response_target_default").reassign_after = 10
        # The test looks itself, at the moments that matter.
        env.ref("sales_pipeline.ir_cron_watch_responses").active = False
    first, second = make_users(server, admin, 2, "racer", "sales_pipeline.group_rep").values()
    team = make_team(admin, "Race", [first, second])
    return {"first": first, "second": second, "source": Source(server, admin, team_id=team, user_id=first)}


def overdue(server, office, name):
    """Make a lead that is late and due to be passed on; return its id."""
    assert office["source"].post(name, name=name, email=f"{name}@race.example") == 200
    query = "SELECT id FROM crm_lead WHERE name = %s"
    [(lead,)] = wait_until(lambda: server.sql(query, name), 20, "the lead")
    server.sql(
        "UPDATE crm_lead SET response_state = 'late', response_due_at = now() AT TIME ZONE 'UTC' - interval '1 hour', "
        "response_next_at = now() AT TIME ZONE 'UTC' - interval '1 minute' WHERE id = %s", lead,
    )  # fmt: skip
    return lead


def watch(server):
    with server.env() as env:
        env["crm.lead"]._cron_watch_responses()


def state(server, lead):
    return server.sql("SELECT user_id, response_state FROM crm_lead WHERE id = %s", lead)[0]


ANSWER = (
    "UPDATE crm_lead SET first_response_at = now() AT TIME ZONE 'UTC', response_state = 'answered', "
    "response_next_at = NULL WHERE id = %s"
)


def test_without_an_answer_it_is_passed_on(server, office):
    lead = overdue(server, office, "slept")

    def is_passed_on():
        # the job that made the lead may still hold its row; then it is for the next look
        watch(server)
        return state(server, lead) != (office["first"], "late")

    wait_until(is_passed_on, 20, "the passing on")
    assert state(server, lead) == (office["second"], "waiting")


def test_an_answer_that_is_being_saved_keeps_the_lead(server, office):
    lead = overdue(server, office, "saving")
    with server.connect() as person, person.cursor() as cursor:
        cursor.execute(ANSWER, [lead])
        watch(server)
    person.close()
    assert state(server, lead) == (office["first"], "answered")
    watch(server)
    assert state(server, lead) == (office["first"], "answered")


def test_an_answer_saved_while_the_job_looks_keeps_the_lead(server, office):
    lead = overdue(server, office, "looking")
    with server.env() as env:
        leads = env["crm.lead"]
        found = leads._find_overdue(100)
        assert lead in found
        # Between the look and the work: the locks are taken first, and what they see is newer than the look.
        server.sql(ANSWER, lead)
        leads._watch(found)
        env["pipeline.moments.mixin"]._flush_moments()
    assert state(server, lead) == (office["first"], "answered")
    assert server.sql("SELECT count(*) FROM pipeline_notice WHERE lead_id = %s AND kind = 'reassigned'", lead) == [(0,)]
