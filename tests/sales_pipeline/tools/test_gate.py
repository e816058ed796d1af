"""What a machine may decide alone, and who of a batch comes twice."""

import pytest

from odoo.addons.sales_pipeline.tools.contact import make_contact
from odoo.addons.sales_pipeline.tools.gate import Batch, is_trusted
from odoo.addons.sales_pipeline.tools.similarity_parts import Reason

NAME = Reason("name_same", 14.0)
TYPO = Reason("name_typo", 11.0)


@pytest.mark.parametrize(
    "reasons",
    [
        [Reason("email_same", 25.0)],
        [Reason("phone_same", 18.0), TYPO],
        [Reason("phone_national", 17.5), Reason("name_swapped", 13.0)],
        [Reason("identifier_same", 18.0), NAME],
        [Reason("email_domain_typo", 16.0), NAME],
    ],
)
def test_an_anchor_that_nothing_contradicts_is_trusted(reasons):
    assert is_trusted("same", reasons)
    assert not is_trusted("ask", reasons)


@pytest.mark.parametrize(
    "reasons",
    [
        [NAME, Reason("place_street", 8.0), Reason("place_zip", 7.0), Reason("company_same", 8.0)],
        [NAME, Reason("email_typo", 12.0), Reason("company_same", 8.0)],
        [NAME, Reason("email_domain_typo", 8.0), Reason("company_same", 8.0)],
        [NAME, Reason("phone_typo", 8.0), Reason("company_same", 8.0)],
        [Reason("phone_same", 18.0), Reason("company_same", 8.0)],
        [Reason("phone_same", 18.0), Reason("name_initial", 10.0)],
        [Reason("phone_same", 18.0), NAME, Reason("birth_differs", -4.0)],
        [Reason("email_same", 25.0), Reason("given_name_differs", -4.0)],
        [Reason("email_role_same", 12.0), NAME],
    ],
)
def test_what_a_family_or_an_office_shares_is_not(reasons):
    assert not is_trusted("same", reasons)


def contact(**values):
    return make_contact(values, ["US"])


def test_a_batch_finds_the_earlier_of_two():
    batch = Batch(0.5, 0.9)
    assert batch.meet("first", contact(name="Dana Whitfield", phone="+1 212 555 7788")) == []
    assert batch.meet("other", contact(name="Zoe Zimmer", phone="+1 212 555 0001")) == []
    [twin] = batch.meet("again", contact(name="Whitfeild Dana", phone="212-555-7788"))
    assert (twin.item, twin.kind) == ("first", "same")


def test_a_batch_of_one_company_is_not_compared_each_with_each(monkeypatch):
    compared = []
    monkeypatch.setattr(Batch, "_judge", lambda _self, _contact, place: compared.append(place))
    batch = Batch(0.5, 0.9)
    for number in range(200):
        batch.meet(number, contact(name=f"Ann Archer{number}", company="Acme Tools", zip="90210", street="4 Elm Road"))
    assert len(compared) < 200 * 21


def test_nobody_known_meets_nobody():
    batch = Batch(0.5, 0.9)
    assert batch.meet("first", contact()) == []
    assert batch.meet("again", contact()) == []
