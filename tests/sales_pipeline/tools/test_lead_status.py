import itertools

import pytest

from odoo.addons.sales_pipeline.tools.lead_status import derive_status

QUALIFICATIONS = (None, "new", "contacted", "qualified")


@pytest.mark.parametrize(("won_status", "qualification"), itertools.product(("pending", "won", "lost"), QUALIFICATIONS))
def test_a_converted_lead_stays_converted_whatever_becomes_of_the_deal(won_status, qualification):
    assert derive_status("opportunity", True, won_status, qualification) == "converted"


@pytest.mark.parametrize("qualification", QUALIFICATIONS)
def test_a_lost_lead_is_disqualified(qualification):
    assert derive_status("lead", False, "lost", qualification) == "disqualified"


@pytest.mark.parametrize(
    ("qualification", "status"), [(None, "new"), ("new", "new"), ("contacted", "contacted"), ("qualified", "qualified")]
)
def test_an_open_lead_has_the_status_it_was_given(qualification, status):
    assert derive_status("lead", False, "pending", qualification) == status


@pytest.mark.parametrize(("won_status", "qualification"), itertools.product(("pending", "won", "lost"), QUALIFICATIONS))
def test_a_deal_that_never_was_a_lead_has_no_lead_status(won_status, qualification):
    assert derive_status("opportunity", False, won_status, qualification) is None
