from odoo.addons.sales_pipeline.tools.readable import to_lines


def test_answers_of_a_lead_form_stand_under_their_questions():
    data = {
        "lead_id": 7,
        "user_column_data": [
            {"column_name": "Full name", "string_value": "Ada", "column_id": "FULL_NAME"},
            {"column_id": "WHICH_ROOF?", "string_value": "Flat\nand green"},
        ],
    }
    assert to_lines(data) == [("Lead id", "7"), ("Full name", "Ada"), ("Which roof?", "Flat\nand green")]


def test_secrets_are_masked_however_deep_and_empty_answers_left_out():
    data = {"auth": {"google_key": "k", "password": "p"}, "empty": None, "none": [], "agreed": True}
    assert to_lines(data) == [("Auth › google key", "***"), ("Auth › password", "***"), ("Agreed", "yes")]


def test_a_flood_of_answers_is_cut():
    assert len(to_lines({f"q{number}": "x" for number in range(1000)})) == 300
    assert to_lines(None) == []
