"""Many programs change one lead in the same moment: nothing that was accepted is lost."""

import itertools
from collections import Counter
from datetime import timedelta

import pytest
import requests

from tests.live.clients import at_once

CONNECTIONS, CHANGES = 16, 200


@pytest.fixture(scope="module")
def token(server):
    """Return the key of an administrator, whom no limit holds up."""
    from odoo import fields

    with server.env() as env:
        env["pipeline.api.plan"].search([]).write({"quota": 0}) if "pipeline.api.plan" in env else None
        user = env.ref("base.user_admin")
        expires = fields.Datetime.now() + timedelta(days=1)
        return env["res.users.apikeys"].with_user(user).sudo()._generate("rpc", "at once", expires)


def make_lead(server, token, number):
    """Let a lead in and return its address."""
    headers = {"Authorization": f"Bearer {token}"}
    body = {"name": f"Lead {number}", "contact_info": {"email": f"ann{number}@atonce.example"}}
    answer = requests.post(f"{server.base_url}/api/leads", json=body, headers=headers, timeout=60)
    assert answer.status_code == 201, answer.text
    return f"{server.base_url}/api/leads/{answer.json()['id']}"


def change_at_once(url, token, change):
    """Send all changes from sixteen connections, and return what ``change(session, number)`` returned."""
    numbers = itertools.count()

    def one():
        found = []
        with requests.Session() as session:
            session.headers["Authorization"] = f"Bearer {token}"
            while (number := next(numbers)) < CHANGES:
                found.append((number, change(session, url, number)))
        return found

    return dict(itertools.chain(*at_once([one] * CONNECTIONS)))


def test_changes_of_one_lead_are_all_kept(server, token):
    url = make_lead(server, token, 1)

    def add_tag(session, url, number):
        return session.patch(url, json={"tags": [f"a{number}"]}, timeout=120).status_code

    answers = change_at_once(url, token, add_tag)

    assert Counter(answers.values()) == {200: CHANGES}
    tags = requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=60).json()["tags"]
    assert sorted(tags) == sorted(f"a{number}" for number in range(CHANGES))


def test_of_changes_to_what_was_seen_exactly_the_accepted_ones_are_made(server, token):
    url = make_lead(server, token, 2)

    def rename(session, url, number):
        seen = session.get(url, timeout=120)
        return session.patch(
            url, json={"notes": f"by {number}"}, headers={"If-Match": seen.headers["ETag"]}, timeout=120
        ).status_code

    answers = change_at_once(url, token, rename)

    told = Counter(answers.values())
    assert set(told) <= {200, 412}
    assert told[200] >= 1
    # Each accepted change was made on top of what its sender had seen, so every one is another version.
    uuid = url.rpartition("/")[2]
    [(count,)] = server.sql(
        "SELECT count(*) FROM pipeline_event e JOIN crm_lead l ON e.res_model = 'crm.lead' AND e.res_id = l.id "
        "WHERE l.uuid = %s AND e.kind = 'changed' AND e.metadata->'fields' ? 'notes'", uuid
    )  # fmt: skip
    assert count == told[200]
