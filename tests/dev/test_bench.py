"""dev/bench asks what the web client would ask, and reads its figures right."""

from xml.etree import ElementTree

import pytest

from dev.benching.client import specify
from dev.benching.compare import percentile
from dev.benching.install import OWN_SQL

FIELDS = {
    "crm.lead": {
        "name": {"type": "char"},
        "user_id": {"type": "many2one", "relation": "res.users"},
        "team_id": {"type": "many2one", "relation": "crm.team"},
        "tag_ids": {"type": "many2many", "relation": "crm.tag"},
        "touch_ids": {"type": "one2many", "relation": "pipeline.touch"},
        "activity_ids": {"type": "one2many", "relation": "mail.activity"},
        "activity_state": {"type": "selection"},
    },
    "pipeline.touch": {"lead_id": {"type": "many2one", "relation": "crm.lead"}},
}


@pytest.mark.parametrize(
    ("arch", "expected"),
    [
        ("<field name='name'/>", {"name": {}}),
        ("<group><field name='name'/></group>", {"name": {}}),
        ("<field name='user_id'/>", {"user_id": {"fields": {"display_name": {}}}}),
        ("<field name='team_id' invisible='1'/>", {"team_id": {"fields": {}}}),
        (
            "<field name='tag_ids' widget='many2many_tags' options=\"{'color_field': 'color'}\"/>",
            {"tag_ids": {"fields": {"display_name": {}, "color": {}}}},
        ),
        (
            "<field name='touch_ids'><list><field name='lead_id'/></list></field>",
            {"touch_ids": {"fields": {"lead_id": {"fields": {"display_name": {}}}}, "limit": 40}},
        ),
        ("<field name='activity_ids' widget='list_activity'/>", {"activity_ids": {}, "activity_state": {}}),
        ("<field name='unknown'/>", {}),
    ],
)
def test_a_view_becomes_what_the_client_asks_for(arch, expected):
    assert specify(ElementTree.fromstring(f"<form>{arch}</form>"), "crm.lead", FIELDS) == expected


def test_percentiles_are_values_that_were_measured():
    assert percentile([5.0, 1.0, 4.0, 2.0, 3.0], 0.5) == 3.0
    assert percentile([float(number) for number in range(100)], 0.95) == 95.0
    assert percentile([7.0], 0.95) == 7.0


def test_the_seconds_of_our_own_sql_are_read_from_the_log():
    log = (
        "2026-01-01 10:00:00,000 7 INFO db odoo.addons.sales_pipeline.hooks: Existing rows prepared in 12.5 s \n"
        "2026-01-01 10:00:00,000 7 INFO db odoo.modules.loading: Module sales_pipeline loaded in 264.00s, 2 queries\n"
        "2026-01-01 10:00:09,000 7 INFO db odoo.addons.sales_pipeline.hooks: Leads switched on in 0.4 s \n"
    )
    assert OWN_SQL.findall(log) == ["12.5", "0.4"]
