"""Spreadsheets as people have them, and as somebody makes them to do harm."""

import datetime
import io
import time
import zipfile
from unittest.mock import patch

import pytest

from odoo.addons.sales_pipeline.exceptions import MalformedBody
from odoo.addons.sales_pipeline.tools import sheet_table
from odoo.addons.sales_pipeline.tools.csv_table import CsvTable
from odoo.addons.sales_pipeline.tools.sheet_table import read_sheet

openpyxl = pytest.importorskip("openpyxl")


def make_book(rows, **more):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name, others in more.items():
        sheet = book.create_sheet(name)
        for row in others:
            sheet.append(row)
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def read(raw, sheet=None):
    content, sheets = read_sheet(raw, sheet)
    table = CsvTable(content, counts_records=True)
    return [(row.line, row.cells) for row in table.rows()], sheets


def test_cells_are_read_as_a_person_reads_them():
    rows, _sheets = read(make_book([
        ["Name", "Phone", "Zip", "Came", "At", "Sum", "Yes"],
        ["Zoë", 49302312504212, "01067", datetime.date(2026, 3, 1), datetime.datetime(2026, 3, 1, 8, 5), 12.5, True],
    ]))  # fmt: skip
    assert rows == [(2, {"Name": "Zoë", "Phone": "49302312504212", "Zip": "01067", "Came": "2026-03-01",
                         "At": "2026-03-01 08:05:00", "Sum": "12.5", "Yes": "yes"})]  # fmt: skip


def test_lines_are_those_of_the_sheet_though_rows_are_blank_or_have_several_lines():
    rows, _sheets = read(make_book([[], ["Name", "Note"], ["A", "two\nlines"], [], ["B", ""]]))
    assert [(line, cells["Name"]) for line, cells in rows] == [(3, "A"), (5, "B")]


def test_a_sheet_can_be_chosen_and_empty_ones_are_not_offered():
    raw = make_book([], People=[["Name"], ["A"]], Others=[["Name"], ["B"]], Nothing=[])
    assert read(raw) == ([(2, {"Name": "A"})], ["People", "Others"])
    assert read(raw, "Others")[0] == [(2, {"Name": "B"})]
    assert read(raw, "no such sheet")[0] == [(2, {"Name": "A"})]


def make_ods(cells):
    content = (
        '<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>'
        f'<table:table table:name="List">{cells}</table:table></office:spreadsheet></office:body>'
        "</office:document-content>"
    )
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", '<?xml version="1.0"?><manifest:manifest '
                         'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>')  # fmt: skip
        archive.writestr("content.xml", content)
    return raw.getvalue()


def cell(text, more=""):
    return f'<table:table-cell office:value-type="string" {more}><text:p>{text}</text:p></table:table-cell>'


def test_an_open_document_is_read():
    pairs = [("Name", "Zip"), ("Zoë", "01067")]
    rows = "".join(f"<table:table-row>{cell(a)}{cell(b)}</table:table-row>" for a, b in pairs)
    assert read(make_ods(rows)) == ([(2, {"Name": "Zoë", "Zip": "01067"})], ["List"])


def refused(raw):
    start = time.monotonic()
    with pytest.raises(MalformedBody) as caught:
        read_sheet(raw)
    assert time.monotonic() - start < 60
    return str(caught.value)


def test_a_file_that_unpacks_to_more_than_is_safe_is_refused():
    raw = io.BytesIO()
    with (
        zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part,
    ):
        for _number in range(450):
            part.write(b" " * 1024**2)
    assert len(raw.getvalue()) < 1024**2
    assert "too large" in refused(raw.getvalue())


def test_a_sheet_whose_two_cells_span_seventeen_billion_takes_only_its_own_process_with_it():
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "Name", "far"
    raw = io.BytesIO()
    book.save(raw)
    assert "spreadsheet" in refused(raw.getvalue())


def test_repeated_cells_of_an_open_document_are_bounded():
    wide = cell("x", 'table:number-columns-repeated="16000"')
    bomb = f'<table:table-row table:number-rows-repeated="1000000">{wide}</table:table-row>'
    assert "spreadsheet" in refused(make_ods(bomb))


@pytest.mark.parametrize("raw", [
    b"PK\x03\x04 no archive", b"\xd0\xcf\x11\xe0 no book", make_book([["Name"]])[:-200], make_book([["Name"]])[:600],
])  # fmt: skip
def test_a_damaged_file_is_refused_in_plain_words(raw):
    assert refused(raw).startswith("The spreadsheet")


def test_without_the_library_the_answer_says_what_to_do():
    with patch.object(sheet_table, "find_spec", return_value=None), pytest.raises(MalformedBody, match="CSV"):
        read_sheet(make_book([["Name"]]))
