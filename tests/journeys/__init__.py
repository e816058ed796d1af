"""Journeys: what people do from the first click to the renewal."""

import pytest

# The stages hold the assertions; what differs shall be seen.
pytest.register_assert_rewrite("tests.journeys.stages", "tests.journeys.people")
