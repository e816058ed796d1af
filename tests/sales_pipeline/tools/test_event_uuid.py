from uuid import UUID, uuid4

import pytest

from odoo.addons.sales_pipeline.tools.event_uuid import to_event_id, to_uuid


@pytest.mark.parametrize("number", [1, 15, 16, 17, 65_535, 65_536, 4_711_000_000, (1 << 63) - 1])
def test_a_number_comes_back_from_its_uuid(number):
    uuid = to_uuid(number)

    assert to_event_id(uuid) == number
    assert UUID(uuid).version == 8
    assert UUID(uuid).variant == "specified in RFC 4122"


def test_other_uuids_are_no_numbers():
    assert {to_event_id(str(uuid4())) for _ in range(100)} == {None}


@pytest.mark.parametrize("number", [0, -1, 1 << 63])
def test_what_is_no_id_is_refused(number):
    with pytest.raises(ValueError):
        to_uuid(number)
