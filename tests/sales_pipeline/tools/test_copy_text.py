from odoo.addons.sales_pipeline.tools.copy_text import format_rows


def test_equal_values_of_different_types_are_each_written_as_they_are():
    rows = [{"a": 1}, {"a": True}, {"a": 1.0}, {"a": None}, {}]
    assert format_rows(rows, ["a"]) == b"1\nt\n1.0\n\\N\n\\N\n"


def test_a_mark_in_one_row_is_escaped_and_spoils_no_other():
    rows = [{"a": "plain", "b": "same"}, {"a": "tab\there", "b": "same"}, {"a": "line\nend\\", "b": "same"}]
    assert format_rows(rows, ["a", "b"]) == b"plain\tsame\ntab\\there\tsame\nline\\nend\\\\\tsame\n"


def test_a_mark_that_every_row_shares_is_escaped():
    assert format_rows([{"a": "x\ty"}] * 2, ["a"]) == b"x\\ty\nx\\ty\n"
