"""Nothing becomes callable from outside unnoticed: what is open stands in a table with its reason."""
from pathlib import Path

import pytest

from tests.architecture.rules.surface import find_public_methods, find_routes

ROOT = Path(__file__).resolve().parents[2]
TABLE = Path(__file__).with_name("public_surface.txt")
ADDON = "sales_pipeline"
MODEL = 'class Thing(models.Model):\n    _inherit = "crm.lead"\n'


def read_table():
    lines = [line.strip() for line in TABLE.read_text(encoding="utf-8").splitlines()]
    return [line.split(" | ", 1) for line in lines if line and not line.startswith("#")]


def find_open(root):
    return find_routes(root) | find_public_methods(root)


def plant(root, place, text):
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return find_open(root)


def test_everything_open_is_listed_and_everything_listed_is_open():
    found, listed = find_open(ROOT), {line[0] for line in read_table()}
    unlisted = [f"{where}: {entry}" for entry, where in found.items() if entry not in listed]
    assert not unlisted, f"not in {TABLE.name}; may everybody call it, and why?\n" + "\n".join(unlisted)
    assert not listed - set(found), f"in {TABLE.name}, but gone"


def test_every_line_has_a_reason_of_its_own_and_stands_once():
    table = read_table()
    assert [line for line in table if len(line) < 2 or len(line[1].split()) < 3] == []
    entries = [line[0] for line in table]
    assert len(entries) == len(set(entries))


@pytest.mark.parametrize(("place", "text", "entry"), [
    ("models/crm_lead.py", MODEL + "    def grab(self):\n        pass\n", "crm.lead.grab"),
    ("models/capture/crm_lead.py", MODEL + "    async def grab(self):\n        pass\n", "crm.lead.grab"),
    ("wizards/thing.py", MODEL.replace("_inherit", "_name") + "    def go(self):\n        pass\n", "crm.lead.go"),
    ("models/crm_lead.py", MODEL + "    go = lambda self: self.sudo()\n", "crm.lead.go"),
    ("models/crm_lead.py", MODEL + "    def _go(self):\n        pass\n    go = _go\n", "crm.lead.go"),
    ("controllers/a.py", "class A:\n    @http.route()\n    def page(self):\n        pass\n", "A.page"),
    ("controllers/a.py", "class A:\n    @route(['/a', '/b'], auth='public')\n    def page(self):\n        pass\n",
     "['/a', '/b'] auth='public'"),
    ("rest/a.py", "class A:\n    @http.route('/a', auth='none', csrf=False)\n    def _page(self):\n        pass\n",
     "/a auth='none' csrf=False"),
])  # fmt: skip
def test_whatever_opens_a_door_is_seen(place, text, entry, tmp_path):
    assert set(plant(tmp_path, f"{ADDON}/{place}", text)) == {f"{ADDON}: {entry}"}


@pytest.mark.parametrize(("place", "text"), [
    ("models/crm_lead.py", MODEL + "    def _grab(self):\n        pass\n"),
    ("models/crm_lead.py", MODEL + "    @api.private\n    def grab(self):\n        pass\n"),
    ("models/crm_lead.py", MODEL + "    name = fields.Char()\n    active = True\n"),
    ("controllers/a.py", "class A:\n    def page(self):\n        pass\n"),
    ("tools/phone.py", "class Phone:\n    def digits(self):\n        pass\n"),
])  # fmt: skip
def test_what_nobody_outside_can_call_needs_no_line(place, text, tmp_path):
    assert plant(tmp_path, f"{ADDON}/{place}", text) == {}
