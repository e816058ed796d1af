"""Two spellings of one contact are recognised, strangers who share something are not."""

import random
import string
from itertools import pairwise

import pytest

from odoo.addons.sales_pipeline.tools.contact import Contact, birth_key, mail_key, make_contact
from odoo.addons.sales_pipeline.tools.contact_keys import contact_keys
from odoo.addons.sales_pipeline.tools.similarity import ASK, DIFFERENT, SAME, classify, compare

_ASK, _SAME = 0.5, 0.9


def _contact(country="US", born=None, **values):
    identifiers = [("Birth date", "birth_date", born)] if born else []
    return make_contact(values, [country], identifiers)


def _verdict(one, other):
    return classify(compare(one, other).score, _ASK, _SAME)


def _codes(one, other):
    return {reason.code for reason in compare(one, other).reasons}


_DANA = {"name": "Dana Whitfield", "company": "Northwind Optics Ltd", "email": "dana.whitfield@northwindoptics.example",
         "phone": "+1 212-555-7788"}  # fmt: skip


@pytest.mark.parametrize("one, other, code", [
    ({"email": "dana.w@gmail.com"}, {"email": "danaw+shop@googlemail.com"}, "email_same"),
    ({"email": "dana.w77@gmail.com", "name": "Dana Whitfield"},
     {"email": "dana.w77@gmial.com", "name": "Dana Whitfield"}, "email_domain_typo"),
    ({"email": "dwhitfield77@gmail.com", "name": "Dana Whitfield"},
     {"email": "dwhitfeild77@gmail.com", "name": "Dana Whitfield"}, "email_typo"),
    ({"phone": "+44 20 7946 0958", "name": "Dana Whitfield"}, {"phone": "020 7946 0958", "name": "Dana Whitfield"},
     "phone_national"),
    ({"phone": "+61 412 345 678", "name": "Dana Whitfield"}, {"phone": "0412 345 678", "name": "Dana Whitfield"},
     "phone_national"),
    ({"phone": "+91 98765 43210", "name": "Dana Whitfield"}, {"phone": "98765 43210", "name": "Dana Whitfield"},
     "phone_national"),
    ({"phone": "999 111 222 333 444", "name": "Dana Whitfield"},
     {"phone": "999-111-222-333-444", "name": "D. Whitfield"}, "phone_same"),
    (_DANA | {"email": ""}, _DANA | {"email": "", "phone": "+1 212-555-7798"}, "phone_typo"),
    ({"name": "Dana Whitfield", "company": "Acme Ltd"},
     {"name": "Dana Whitfeild", "company": "ACME Limited"}, "name_typo"),
    ({"name": "Robert Marsh", "company": "Acme Ltd"}, {"name": "Bob Marsh", "company": "Acme"}, "name_nickname"),
    ({"name": "Dana Whitfield", "company": "Acme"}, {"name": "Whitfield Dana", "company": "Acme"}, "name_swapped"),
    ({"company": "Acme Ltd", "city": "Leeds"}, {"company": "ACME LIMITED", "city": "Leeds"}, "company_same"),
])  # fmt: skip
def test_another_spelling_is_found_and_says_why(one, other, code):
    first, second = _contact(**one), _contact(**other)
    assert _verdict(first, second) != DIFFERENT
    assert code in _codes(first, second)
    assert contact_keys(first).keys() & contact_keys(second).keys(), "the index would not have proposed it"


@pytest.mark.parametrize("changed", [
    {"name": "Omar Haddad", "email": "omar.haddad@northwindoptics.example", "phone": "+1 212-555-1234"},
    {"name": "Omar Haddad", "email": "omar.haddad@northwindoptics.example"},
    {"name": "Omar Whitfield", "email": "omar.whitfield@northwindoptics.example"},
    {"name": "Dana Haddad", "email": "dana.haddad@northwindoptics.example", "phone": "+1 212-555-1234"},
])  # fmt: skip
def test_colleagues_are_no_duplicates(changed):
    assert _verdict(_contact(**_DANA), _contact(**_DANA | changed)) == DIFFERENT


def test_a_shared_company_domain_alone_is_no_duplicate():
    one, other = _contact(email="ann@acme.example"), _contact(email="zoe@acme.example")
    assert _verdict(one, other) == DIFFERENT


def test_a_wrong_digit_in_the_area_code_is_a_slip_not_the_same_number():
    one, other = _contact(phone="+1 212 555 7788"), _contact(phone="+1 312 555 7788")
    assert "phone_typo" in _codes(one, other)


def test_a_number_read_in_the_wrong_country_is_still_the_number():
    one, other = Contact(phones=("+919876543210",)), Contact(phones=("+19876543210",))
    assert "phone_national" in _codes(one, other)


def test_a_family_at_one_address_and_landline_is_not_one_person():
    home = {"street": "4 Elm Road", "zip": "90210", "city": "Marlow", "phone": "+1 212-555-7788"}
    assert _verdict(_contact(name="Ann Marsh", **home), _contact(name="Tom Marsh", **home)) == DIFFERENT


def test_a_shared_mailbox_under_other_names_is_asked_about_not_taken_as_the_same():
    one = _contact(name="Ann Marsh", email="marsh.home@gmail.com")
    other = _contact(name="Tom Lee", email="marsh.home@gmail.com")
    assert _verdict(one, other) == ASK


def test_namesakes_with_numbered_mailboxes_are_told_apart_by_what_else_is_known():
    one = _contact(name="Ann Marsh", email="ann.marsh12@gmail.com", company="Acme", zip="90210")
    other = _contact(name="Ann Marsh", email="ann.marsh13@gmail.com", company="Borealis", zip="10001")
    assert _verdict(one, other) == DIFFERENT


def test_namesakes_in_streets_of_one_name_are_two_people():
    one = _contact(name="Ann Marsh", street="4 Station Road", zip="90210", city="Marlow")
    other = _contact(name="Ann Marsh", street="4 Station Road", zip="10001", city="Harwich")
    assert _verdict(one, other) == DIFFERENT


def test_twins_are_asked_about_at_most():
    home = {"street": "4 Elm Road", "zip": "90210", "city": "Marlow", "born": "1990-02-03"}
    assert _verdict(_contact(name="Ann Marsh", **home), _contact(name="Tom Marsh", **home)) != SAME


def test_who_married_is_recognised_by_birth_and_address():
    home = {"street": "4 Elm Road", "zip": "90210", "city": "Marlow", "born": "1990-02-03"}
    assert _verdict(_contact(name="Ann Marsh", **home), _contact(name="Ann Lee", **home)) == SAME


def test_reasons_come_the_weightiest_first():
    reasons = compare(_contact(**_DANA), _contact(**_DANA)).reasons
    assert [abs(reason.bits) for reason in reasons] == sorted((abs(reason.bits) for reason in reasons), reverse=True)
    assert reasons[0].code == "email_same"


@pytest.mark.parametrize("typed", ["14.06.1985", "1985-06-14", "14/6/1985", "19850614"])
def test_a_birth_date_is_read_as_it_is_written(typed):
    assert birth_key(typed) == "19850614"


def test_dots_matter_where_the_provider_says_so():
    assert mail_key("j.doe@gmail.com") == mail_key("jdoe@gmail.com")
    assert mail_key("j.doe@acme.example") != mail_key("jdoe@acme.example")


# ---- what holds for every contact


def _random_contact(draw):
    def text(longest):
        letters = string.ascii_letters + " .-'éßø太\u0301@+0123456789"
        return "".join(draw.choice(letters) for _each in range(draw.randrange(longest)))

    names = ("email", "phone", "whatsapp", "name", "company", "street", "street2", "zip", "city", "state")
    values = {name: text(18) for name in names if draw.random() < 0.7}
    if draw.random() < 0.5:
        values["email"] = f"{draw.choice(['ann', 'a.b', 'x+y'])}@{draw.choice(['gmail.com', 'acme.example'])}"
    return make_contact(values, ["US", "DE"], [("Number", "number", text(9)), ("Born", "birth_date", text(9))])


@pytest.fixture(scope="module")
def contacts():
    draw = random.Random(5)
    return [_random_contact(draw) for _each in range(300)]


def test_a_comparison_is_the_same_from_both_sides(contacts):
    for one, other in pairwise(contacts):
        assert compare(one, other).score == pytest.approx(compare(other, one).score, abs=0.26)
        assert 0 <= compare(one, other).score <= 1


def test_nobody_is_less_like_themselves_than_like_a_stranger(contacts):
    for one, other in pairwise(contacts):
        assert compare(one, one).score >= compare(one, other).score


def test_a_contact_survives_being_written_down(contacts):
    for contact in contacts:
        assert Contact.from_json(contact.to_json()) == contact


def test_keys_are_the_same_each_time_and_fit_the_column(contacts):
    for contact in contacts:
        keys = contact_keys(contact)
        assert keys == contact_keys(Contact.from_json(contact.to_json()))
        assert all(-(2**31) <= key < 2**31 for key in keys)


def test_knowing_nothing_proposes_nobody_and_proves_nothing():
    assert contact_keys(Contact()) == {}
    assert compare(Contact(), Contact()).reasons == ()
    assert _verdict(Contact(), Contact()) == DIFFERENT
