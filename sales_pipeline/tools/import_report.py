"""What an import did, in lines for a person at a terminal."""

from collections.abc import Mapping
from typing import Any

_LEFT_OUT = {"constant": "the same in every row", "empty": "always empty", "mapping": "the mapping says so"}
_PROBLEMS = {"too_many_cells": "more cells than the header", "unreadable": "not readable as CSV"}
_SHOWN_LINES = 10


def get_unexplained(report: Mapping[str, Any]) -> int:
    """Return how many rows the report loses sight of."""
    told = ("created", "duplicate", "refused", "repeated", "known", "problem", "waiting", "failed")
    return report["read_count"] - sum(report[f"{name}_count"] for name in told)


def format_report(report: Mapping[str, Any]) -> list[str]:
    """Return the report of ``pipeline.import`` as lines of text."""
    return [*_format_columns(report["columns"]), "", *_format_rows(report), f"Seconds: {report['run_seconds']:.1f}"]


def _format_columns(columns: list[Mapping[str, str]]) -> list[str]:
    mapped = [column for column in columns if column["target"] not in ("note", "ignore")]
    notes = [column["column"] for column in columns if column["target"] == "note"]
    left_out = [column for column in columns if column["target"] == "ignore"]
    width = max((len(column["column"]) for column in mapped), default=0)
    return [
        f"Columns mapped: {len(mapped)} of {len(columns)}",
        *(f"  {column['column']:{width}} -> {column['target']}" for column in mapped),
        f"Columns unmapped, kept as notes on the lead (blanks, Select and No left out): {len(notes)}",
        *(f"  {name}" for name in notes),
        f"Columns unmapped and left out: {len(left_out)}",
        *(f"  {column['column']} ({_LEFT_OUT[column['reason']]})" for column in left_out),
    ]


def _format_rows(report: Mapping[str, Any]) -> list[str]:
    lines = [
        ("created", "created_count", "new leads"),
        ("duplicate", "duplicate_count", "the same as an open lead, which got a touch"),
        ("repeated", "repeated_count", "the same row stands earlier in the file"),
        ("imported before", "known_count", "an earlier import brought this row"),
    ]
    rejected = report["refused_count"] + report["problem_count"] + report["failed_count"]
    return [
        f"Rows read: {report['read_count']}",
        *(f"  {label:16}{report[count]:>8}  {reason}" for label, count, reason in lines),
        f"  {'rejected':16}{rejected:>8}",
        *_format_rejected(report),
        *(
            [f"  {'waiting':16}{report['waiting_count']:>8}  the server goes on with them"]
            if report["waiting_count"]
            else []
        ),
        f"  {'unexplained':16}{get_unexplained(report):>8}",
        f"Of the new leads without any contact: {report['contactless_count']}",
    ]


def _format_rejected(report: Mapping[str, Any]) -> list[str]:
    refused = [
        f"    {count:>6}  {field or 'field'} missing or unusable" for field, count in report["refused_fields"].items()
    ]
    if report["failed_count"]:
        refused.append(f"    {report['failed_count']:>6}  failed, see the intake inbox")
    shown = report["problems"][:_SHOWN_LINES]
    lines = [f"    line {problem['line']}: {_PROBLEMS[problem['problem']]}" for problem in shown]
    hidden = report["problem_count"] - len(shown)
    return [*refused, *lines, *([f"    and {hidden} more unreadable rows"] if hidden else [])]
