"""The repository keeps the rules of its house."""
from pathlib import Path

import pytest

from tests.architecture.rules import RULES

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_repository_keeps_the_rule(rule):
    breaches = rule(ROOT)
    assert not breaches, f"{rule.__doc__.splitlines()[0]}\n" + "\n".join(breaches)
