import pytest

from odoo.addons.sales_pipeline.tools.text import one_line, several_lines, storable


def test_one_line_folds_space_and_drops_control_characters():
    assert one_line("\tDana\x07\r\n  Exa\x00mple\u00a0") == "Dana Example"


def test_one_line_composes_accents():
    assert one_line("Rene\u0301") == "Ren\u00e9"


@pytest.mark.parametrize("value", [None, "", "  ", True, False, [], {}, ["a"], b"bytes"])
def test_what_holds_no_text_becomes_none(value):
    assert one_line(value) is None
    assert several_lines(value) is None


def test_lengths_are_bounded():
    assert one_line("a" * 300) == "a" * 255
    assert len(several_lines("a" * 30_000)) == 20_000


def test_several_lines_keep_their_breaks():
    assert several_lines(" a\r\nb\rc\x00 ") == "a\nb\nc"


def test_storable_keeps_everything_else():
    assert storable("ü😀\n\t") == "ü😀\n\t"
