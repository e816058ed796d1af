import pytest

from odoo.addons.sales_pipeline.providers.capture.questions import Question, guess_targets, sort_questions


def _questions(*rows):
    return [Question(name, label, value, target) for name, label, value, target in rows]


_TWO_MAILS = _questions(("a", "Private", "p@b.example", "email"), ("b", "Work", "w@b.example", "email"))


def test_of_two_questions_for_one_field_the_first_wins_and_the_other_stays_readable():
    assert sort_questions(_TWO_MAILS, {}) == ({"email": "p@b.example"}, [("Work", "w@b.example")])


def test_the_mapping_wins_over_what_the_provider_knows():
    assert sort_questions(_TWO_MAILS, {"b": "email"}) == ({"email": "w@b.example"}, [("Private", "p@b.example")])
    assert sort_questions(_TWO_MAILS, {"a": "ignore"}) == ({"email": "w@b.example"}, [])
    assert sort_questions(_TWO_MAILS, {"a": "answer"}) == ({"email": "w@b.example"}, [("Private", "p@b.example")])


def test_an_empty_answer_takes_no_place():
    blank = _questions(("a", "Private", "", "email"), ("b", "Work", "w@b.example", "email"), ("c", "C", None, None))
    assert sort_questions(blank, {"a": "email"}) == ({"email": "w@b.example"}, [])


def test_false_and_zero_are_answers():
    assert sort_questions(_questions(("n", "News", False, None), ("c", "Children", 0, None)), {})[1] == [
        ("News", "no"), ("Children", "0"),
    ]  # fmt: skip


def test_messages_and_tags_take_several_questions():
    rows = _questions(("m", "Message", "Hello", "message"), ("n", "Wish", "Soon", None), ("t", "T", ["a"], "tags"))
    values, answers = sort_questions([*rows, *_questions(("u", "U", "b; c", None))], {"n": "message", "u": "tags"})
    assert (values["message"], answers) == ("Soon\nMessage: Hello", [])
    assert [tag.strip() for tag in values["tags"]] == ["b", "c", "a"]


@pytest.mark.parametrize(("value", "told"), [({"a": 1}, '{"a": 1}'), ([{"a": 1}], '[{"a": 1}]')])
def test_what_does_not_fit_a_line_stays_readable(value, told):
    assert sort_questions(_questions(("n", "Name", value, "name")), {}) == ({}, [("Name", told)])


def test_a_list_of_words_fits_a_line():
    assert sort_questions(_questions(("n", "Name", ["Kim", "Example"], "name")), {}) == ({"name": "Kim, Example"}, [])


def test_guesses_leave_alone_what_is_known():
    rows = _questions(("email", "email", "x", None), ("q1", "Mail", "y", "email"), ("phone", "phone", "z", None))
    assert [question.target for question in guess_targets(rows)] == [None, "email", "phone"]
    rows = _questions(("a.email", "email", "x", None), ("b.email", "email", "y", None))
    assert [question.target for question in guess_targets(rows, by_label=True)] == ["email", None]
