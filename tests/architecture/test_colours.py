"""Our screens name no colours of their own, so that whatever darkens Odoo darkens them too.

Odoo 19 Community has no dark mode: its ``color_scheme`` always says "light". Modules that bring one swap variables.
"""
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COLOUR = re.compile(
    r"#(?:[0-9a-f]{3,4}){1,2}\b(?!\w)|\b(?:rgb|hsl)a?\(\s*\d|(?<![\w$-])(?:white|black)\s*[;!]", re.IGNORECASE
)
INLINE = re.compile(r"""style=["'][^"']*\b(?:color|background)\b[^"']*["']""")
STYLES = sorted(ROOT.glob("sales_pipeline*/static/src/**/*.scss"))
TEMPLATES = sorted([*ROOT.glob("sales_pipeline*/static/src/**/*.xml"), *ROOT.glob("sales_pipeline*/views/**/*.xml")])


def find(pattern, paths):
    return [f"{path.relative_to(ROOT)}: {found[0]}" for path in paths for found in pattern.finditer(path.read_text())]


def test_styles_take_their_colours_from_variables():
    assert STYLES
    assert find(COLOUR, STYLES) == []


def test_templates_take_their_colours_from_classes():
    assert TEMPLATES
    assert find(INLINE, TEMPLATES) == []


@pytest.mark.parametrize("line", [
    "color: #fff;", "color: #71639e;", "background: rgba(0, 0, 0, .5);", "color: white;", "fill: black !important;",
])  # fmt: skip
def test_a_colour_would_be_seen(line):
    assert COLOUR.search(line)


@pytest.mark.parametrize("line", ["color: $gray-900;", "background: rgba($primary, .1);", "#id-x {}", ".white {}"])
def test_variables_and_names_are_no_colours(line):
    assert not COLOUR.search(line)
