import pytest

from odoo.addons.sales_pipeline.exceptions import MalformedBody
from odoo.addons.sales_pipeline.tools.csv_table import CsvTable


def _rows(raw):
    return [row.cells for row in CsvTable(raw).rows()]


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(mark):
    assert _rows(f"Name{mark}City\nDana{mark}Ulm\n".encode()) == [{"Name": "Dana", "City": "Ulm"}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_is_found(encoding):
    assert _rows("Name,City\nJürgen,Köln\n".encode(encoding)) == [{"Name": "Jürgen", "City": "Köln"}]


def test_quotes_hold_delimiters_and_line_breaks():
    table = CsvTable(b'Name,Notes\r\n"Example, Dana","two\r\nlines"\r\nLee,\r\n')
    assert [(row.line, row.cells) for row in table.rows()] == [
        (3, {"Name": "Example, Dana", "Notes": "two\r\nlines"}),
        (4, {"Name": "Lee", "Notes": ""}),
    ]


def test_rows_are_padded_and_empty_ones_left_out():
    assert _rows(b"a,b,c\n1\n,,\n\n1,2,3,,\n") == [{"a": "1", "b": "", "c": ""}, {"a": "1", "b": "2", "c": "3"}]


def test_a_row_with_too_many_cells_is_named_with_its_line():
    rows = list(CsvTable(b"a,b\n1,2\n1,2,3\n4,5\n").rows())
    assert [(row.line, row.problem) for row in rows] == [(2, None), (3, "too_many_cells"), (4, None)]
    assert rows[1].cells == {"a": "1", "b": "2"}


def test_an_unreadable_row_does_not_stop_the_others():
    rows = list(CsvTable(b"a,b\n1," + b"x" * 200_000 + b"\n4,5\n").rows())
    assert rows[0].problem == "unreadable"
    assert rows[-1].cells == {"a": "4", "b": "5"}


def test_columns_without_a_name_or_with_the_same_name_get_their_own():
    assert CsvTable(b"Email,,Email,Email\n").header == ["Email", "column 2", "Email (2)", "Email (3)"]


def test_a_table_can_be_read_twice():
    table = CsvTable(b"a\n1\n2\n")
    assert [row.cells for row in table.rows()] == [row.cells for row in table.rows()] == [{"a": "1"}, {"a": "2"}]


@pytest.mark.parametrize(
    "raw", [b"", b"\n\n", b",,,\n1,2,3\n", b"PK\x03\x04rest of a spreadsheet", b"\xd0\xcf\x11\xe0rest", b"\xff\xfea"]
)
def test_what_is_no_table_is_refused(raw):
    with pytest.raises(MalformedBody):
        CsvTable(raw)


@pytest.mark.parametrize(("raw", "words"), [
    (bytes(range(256)) * 40, "no text"), (b"\x00\x01\x02" * 50, "no text"), (b"", "no first line"),
    (b",".join(b"c%d" % number for number in range(5000)) + b"\n1\n", "5000 columns"),
    (b"PK\x03\x04zip", "spreadsheet"),
])  # fmt: skip
def test_what_is_no_list_is_refused_in_plain_words(raw, words):
    with pytest.raises(MalformedBody, match=words):
        CsvTable(raw)


def test_a_cell_of_ten_megabytes_spoils_its_row_only():
    rows = list(CsvTable(b'a,b\n1,"' + b"x" * 10_000_000 + b'"\n4,5\n').rows())
    assert rows[-1].cells == {"a": "4", "b": "5"}
    assert {row.problem for row in rows[:-1]} == {"unreadable"}


def test_rows_can_be_passed_over_and_counted():
    table = CsvTable(b"a\n1\n\n2\n3\n")
    assert [row.cells["a"] for row in table.rows(skipped=1)] == ["2", "3"]
    assert table.count() == 3


def test_more_rows_than_can_be_imported_are_refused():
    with pytest.raises(MalformedBody, match="200001 rows"):
        CsvTable(b"a\n" + b"1\n" * 200_001).count()
