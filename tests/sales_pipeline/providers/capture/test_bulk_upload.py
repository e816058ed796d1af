import pytest

from odoo.addons.sales_pipeline.exceptions import MalformedBody, NotVerified
from odoo.addons.sales_pipeline.providers.capture.base import RawRequest
from odoo.addons.sales_pipeline.providers.capture.bulk_upload import BulkUploadProvider


def _parse(country_code=None, answers=(), **values):
    return BulkUploadProvider([], country_code).parse(
        {"values": values, "answers": [list(pair) for pair in answers], "line": 2}, "row-1"
    )


def test_nobody_posts_a_list():
    provider = BulkUploadProvider(["secret"])
    with pytest.raises(NotVerified):
        provider.verify(RawRequest(b"{}", {"x-pipeline-secret": "secret"}, "application/json"))
    with pytest.raises(MalformedBody):
        provider.split(RawRequest(b"{}", {}, "application/json"))


def test_a_row_becomes_a_lead():
    lead = _parse(
        "IN",
        [("Course", "Finance")],
        first_name="Asha",
        last_name="Rao",
        email="ASHA@example.com",
        phone="098765 43210",
        country="United States",
        utm_source="Google",
        tags="new; hot | new",
        expected_revenue="1.200,50",
        temperature="High",
        prospective_type="SMB",
        outcome="1.0",
        submitted_at="2026-01-31 08:00:00",
    )
    assert (lead.external_id, lead.channel, lead.name, lead.email) == (
        "row-1",
        "bulk_upload",
        "Asha Rao",
        "asha@example.com",
    )
    assert lead.country_code == "US"
    assert lead.attribution.utm_source == "Google"
    assert lead.tags == ("new", "hot")
    assert (lead.expected_revenue, lead.temperature, lead.prospective_type, lead.outcome) == (
        1200.5,
        "hot",
        "sme",
        "won",
    )
    assert lead.submitted_at.isoformat() == "2026-01-31T08:00:00"
    assert lead.answers == (("Course", "Finance"),)


def test_a_lead_without_a_name_is_called_by_its_number():
    assert _parse(lead_number="660737.0").deal_name == "Lead 660737"
    assert _parse(lead_number="660737.0", deal_name="Roof").deal_name == "Roof"
    assert _parse().deal_name is None


@pytest.mark.parametrize(
    ("values", "consent"),
    [
        ({"do_not_email": "Yes", "do_not_call": "No"}, {"email": False}),
        ({"do_not_call": "1"}, {"call": False}),
        ({}, {}),
    ],
)
def test_opt_outs_are_kept(values, consent):
    assert _parse(**values).consent == consent


def test_an_open_outcome_is_no_answer_and_an_unknown_one_is():
    assert (_parse(outcome="open").outcome, _parse(outcome="open").answers) == (None, ())
    assert _parse(outcome="maybe").answers == (("outcome", "maybe"),)
