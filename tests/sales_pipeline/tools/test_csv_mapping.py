import json

import pytest

from odoo.addons.sales_pipeline.exceptions import MalformedBody
from odoo.addons.sales_pipeline.tools.csv_mapping import (
    TableMapping,
    get_external_id,
    map_row,
    plan_columns,
    read_mapping,
)
from odoo.addons.sales_pipeline.tools.csv_table import CsvTable

_LIST = (
    b"Prospect ID,Lead Number,Lead Source,Converted,Country,City,Magazine,Fax,Course,Do Not Email\n"
    b"7927b2df-8bba-4d29,660737.0,Google,1.0,India,Select,No,,Finance,Yes\n"
    b"2a272436-5132-4136,660728.0,,0.0,,Ulm,No,,Select,No\n"
    b",660727.0,Google,,,,No,,No,\n"
)


def _map(raw, mapping=None):
    table = CsvTable(raw)
    mapping = mapping or TableMapping()
    plans = plan_columns(table.header, mapping, table.rows())
    return plans, [map_row(row, plans, mapping) for row in table.rows()]


def test_every_column_gets_a_word_or_a_reason():
    plans, _payloads = _map(_LIST)
    assert [(plan.column, plan.target, plan.reason) for plan in plans] == [
        ("Prospect ID", "external_id", "header"),
        ("Lead Number", "lead_number", "header"),
        ("Lead Source", "utm_source", "header"),
        ("Converted", "outcome", "header"),
        ("Country", "country", "header"),
        ("City", "city", "header"),
        ("Magazine", "ignore", "constant"),
        ("Fax", "ignore", "empty"),
        ("Course", "note", "unknown"),
        ("Do Not Email", "do_not_email", "header"),
    ]


def test_rows_speak_in_our_words_and_blanks_say_nothing():
    _plans, payloads = _map(_LIST)
    assert payloads[0] == {
        "values": {
            "external_id": "7927b2df-8bba-4d29", "lead_number": "660737.0", "utm_source": "Google", "outcome": "1.0",
            "country": "India", "do_not_email": "Yes",
        },
        "answers": [["Course", "Finance"]],
        "line": 2,
    }  # fmt: skip
    assert payloads[1]["values"]["city"] == "Ulm"
    assert payloads[1]["answers"] == []
    assert payloads[2]["answers"] == []


def test_a_person_may_decide_otherwise():
    mapping = read_mapping(json.dumps({
        "columns": {"Course": "tags", "City": "ignore", "Magazine": "note"},
        "values": {"outcome": {"0": "open"}},
        "templates": {"deal_name": "Course {Course} of {Lead Number}"},
        "defaults": {"utm_medium": "fair"},
        "blanks": ["Ulm"],
    }).encode())  # fmt: skip
    plans, payloads = _map(_LIST, mapping)
    assert {plan.column: plan.target for plan in plans if plan.reason == "mapping"} == {
        "Course": "tags",
        "City": "ignore",
        "Magazine": "note",
    }
    assert payloads[0]["values"]["deal_name"] == "Course Finance of 660737"
    assert payloads[0]["values"]["tags"] == "Finance"
    assert payloads[0]["values"]["utm_medium"] == "fair"
    assert payloads[1]["values"]["outcome"] == "open"
    assert "deal_name" not in payloads[1]["values"]


def test_a_mapping_may_be_columns_alone_and_takes_a_word_from_the_header():
    mapping = read_mapping(b'{"Mobile": "phone"}')
    plans, _payloads = _map(b"Phone,Mobile\n1,2\n3,4\n", mapping)
    assert [(plan.column, plan.target) for plan in plans] == [("Phone", "note"), ("Mobile", "phone")]


@pytest.mark.parametrize(
    "raw", [b'{"City": "nonsense"}', b"[]", b"{", b'{"columns": {}, "colums": {}}', b'{"values": {"nonsense": {}}}']
)
def test_a_wrong_mapping_is_refused(raw):
    with pytest.raises(MalformedBody):
        read_mapping(raw)


@pytest.mark.parametrize(
    "mapping", [TableMapping(columns={"Town": "city"}), TableMapping(templates={"deal_name": "{Town}"})]
)
def test_a_mapping_for_another_list_is_refused(mapping):
    with pytest.raises(MalformedBody, match="Town"):
        _map(_LIST, mapping)


def test_no_mapping_is_an_empty_one():
    assert read_mapping(None) == read_mapping(b"") == read_mapping(b"{}") == TableMapping()


def test_long_ids_stand_alone_and_short_ones_belong_to_their_list():
    header = ["Id", "Name"]
    assert (
        get_external_id({"values": {"external_id": "7927b2df-8bba-4d29"}, "answers": []}, header)
        == "7927b2df-8bba-4d29"
    )
    short = get_external_id({"values": {"external_id": "17.0"}, "answers": []}, header)
    assert short.endswith(":17")
    assert short != get_external_id({"values": {"external_id": "17"}, "answers": []}, ["Id", "Company"])
    assert get_external_id({"values": {"lead_number": "5.0"}, "answers": []}, header).endswith(":5")


def test_a_row_without_an_id_is_known_by_what_it_says():
    first = {"values": {"name": "Dana", "city": "Ulm"}, "answers": [], "line": 2}
    moved = {"values": {"city": "Ulm", "name": "Dana"}, "answers": [], "line": 9}
    other = {"values": {"name": "Dana", "city": "Bonn"}, "answers": [], "line": 2}
    assert get_external_id(first, ["a"]) == get_external_id(moved, ["a"]) != get_external_id(other, ["a"])
