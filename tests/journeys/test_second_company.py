"""The path in a second company of the database, beside a first one that knows the same contact."""

import pytest

from tests.journeys.people import open_house, post_google_lead
from tests.journeys.stages import FiveStages
from tests.live import wait_until

pytestmark = pytest.mark.long


def found_company(server):
    """Make a company with books of its own."""
    with server.env() as env:
        company = env["res.company"].create({"name": "Second House", "email": "sales@second.example"})
        env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
        return company.id


@pytest.fixture(scope="module")
def first(server):
    """Open the first house, and let the contact of the journey come to it."""
    house = open_house(server, prefix="first-")
    assert post_google_lead(server, house, "first-1").status_code == 200
    [(house.lead,)] = wait_until(
        lambda: server.sql("SELECT id FROM crm_lead WHERE team_id = %s", house.team), 20, "the lead of the first house"
    )
    return house


@pytest.fixture(scope="module")
def house(server, first):
    """Open the second house."""
    return open_house(server, company_id=found_company(server))


class TestSecondCompany(FiveStages):
    def test_the_records_belong_to_the_second_company(self, server, first, house):
        [(company,)] = server.sql("SELECT company_id FROM crm_team WHERE id = %s", house.team)
        for table, where, key in (
            ("crm_lead", "id", house.lead), ("sale_order", "opportunity_id", house.lead),
            ("pipeline_customer", "opportunity_id", house.lead), ("pipeline_touch", "lead_id", house.lead),
            ("account_move", "company_id", company),
        ):  # fmt: skip
            assert set(server.sql(f"SELECT company_id FROM {table} WHERE {where} = %s", key)) == {(company,)}, table
        [(story,)] = server.sql("SELECT uuid FROM crm_lead WHERE id = %s", house.lead)
        told = set(server.sql("SELECT company_id FROM pipeline_event WHERE story = %s", story))
        assert told == {(company,)}

    def test_the_first_house_sees_nothing_of_it(self, server, first, house):
        for person in (first.rhea, first.mona, first.cora, first.abel):
            assert person.find("res.company", []) == [1]
            with pytest.raises(AssertionError):
                person.timeline("crm.lead", house.lead)
        for person in (first.rhea, first.mona, first.cora):
            assert person.find("crm.lead", [("id", "=", house.lead)]) == []
        assert first.cora.find("pipeline.customer", []) == first.mona.find("pipeline.customer", []) == []
        assert first.mona.find("sale.order", []) == first.mona.find("pipeline.onboarding.task", []) == []
        assert first.abel.find("account.move", []) == []

    def test_the_second_house_sees_nothing_of_the_first(self, server, first, house):
        for person in (house.rhea, house.mona, house.cora):
            assert person.find("crm.lead", [("id", "=", first.lead)]) == []
            assert person.find("crm.team", [("id", "=", first.team)]) == []
        assert server.sql("SELECT count(*) FROM pipeline_touch WHERE lead_id = %s", first.lead) == [(1,)]
        assert first.rhea.timeline("crm.lead", first.lead) == ["captured"], "the known contact is known per company"
