from odoo.addons.sales_pipeline.tools.assignment import take_turns


def test_turns_go_round_in_ascending_order():
    assert take_turns([3, 1, 2], last=None, count=5) == [1, 2, 3, 1, 2]


def test_turns_go_on_after_the_last_one():
    assert take_turns([1, 2, 3], last=1, count=2) == [2, 3]


def test_after_the_highest_the_first_is_next():
    assert take_turns([1, 2, 3], last=3, count=1) == [1]


def test_a_member_who_left_does_not_shift_the_order():
    assert take_turns([1, 3, 4], last=2, count=2) == [3, 4]


def test_nobody_takes_no_turn():
    assert take_turns([], last=7, count=3) == []


def test_any_number_of_turns_differs_by_one_at_most():
    turns = []
    last = None
    for count in (1, 4, 2, 7, 3):
        given = take_turns([11, 5, 8, 2], last=last, count=count)
        turns += given
        last = given[-1]
    counts = [turns.count(member) for member in (2, 5, 8, 11)]
    assert sum(counts) == 17
    assert max(counts) - min(counts) <= 1
