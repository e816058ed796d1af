import gc

import pytest

from odoo.addons.sales_pipeline.tools.collecting import uncollected


def test_collecting_waits_for_the_outermost_block_and_goes_on_after_an_error():
    with uncollected():
        assert not gc.isenabled()
        with pytest.raises(ValueError), uncollected():
            raise ValueError
        assert not gc.isenabled()
    assert gc.isenabled()


def test_who_turned_collecting_off_keeps_it_off():
    gc.disable()
    try:
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    finally:
        gc.enable()
