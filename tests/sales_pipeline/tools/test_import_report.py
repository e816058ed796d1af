from odoo.addons.sales_pipeline.tools.import_report import format_report, get_unexplained

_COUNTS = {
    "read_count": 12,
    "created_count": 4,
    "duplicate_count": 2,
    "refused_count": 1,
    "repeated_count": 1,
    "known_count": 2,
    "problem_count": 1,
    "waiting_count": 0,
    "failed_count": 1,
    "contactless_count": 3,
}
_REPORT = {
    **_COUNTS,
    "columns": [
        {"column": "E-Mail", "target": "email", "reason": "header"},
        {"column": "Colour", "target": "note", "reason": "unknown"},
        {"column": "Fax", "target": "ignore", "reason": "empty"},
    ],
    "problems": [{"line": 7, "problem": "too_many_cells"}],
    "refused_fields": {"name": 1},
    "run_seconds": 1.25,
}


def test_every_row_is_explained():
    assert get_unexplained(_REPORT) == 0
    assert get_unexplained({**_REPORT, "read_count": 15}) == 3


def test_the_report_names_columns_and_reasons():
    text = "\n".join(format_report(_REPORT))
    for line in (
        "Columns mapped: 1 of 3",
        "  E-Mail -> email",
        "  Colour",
        "  Fax (always empty)",
        "Rows read: 12",
        "         1  name missing or unusable",
        "    line 7: more cells than the header",
        "Of the new leads without any contact: 3",
        "Seconds: 1.2",
    ):
        assert line in text.splitlines()
    assert "waiting" not in text


def test_only_the_first_unreadable_rows_are_listed():
    many = [{"line": line, "problem": "unreadable"} for line in range(30)]
    text = "\n".join(format_report({**_REPORT, "problems": many, "problem_count": 30}))
    assert text.count("not readable as CSV") == 10
    assert "and 20 more unreadable rows" in text
