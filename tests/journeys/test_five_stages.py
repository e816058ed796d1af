"""The path in a house of one company that speaks English."""

import pytest

from tests.journeys.people import open_house
from tests.journeys.stages import FiveStages


@pytest.fixture(scope="module")
def house(server):
    """Open the house once for all stages."""
    return open_house(server)


class TestFiveStages(FiveStages):
    pass
