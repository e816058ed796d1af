"""The kind of a test file follows from what it imports and asks for."""
import pytest

from dev import kinds


@pytest.fixture
def tree(tmp_path):
    """Write files below a root and return a function that tells the kind of one."""

    def kind(text, **helpers):
        for name, content in helpers.items():
            (tmp_path / "tests").mkdir(exist_ok=True)
            (tmp_path / f"tests/{name}.py").write_text(content, encoding="utf-8")
        (tmp_path / "tests").mkdir(exist_ok=True)
        path = tmp_path / "tests/test_it.py"
        path.write_text(text, encoding="utf-8")
        return kinds.kind_of(path, tmp_path)

    return kind


@pytest.mark.parametrize("text", [
    "import json",
    "from odoo.addons.sales_pipeline.tools import phone",
    "from odoo.addons.sales_pipeline.tools.phone import normalise",
    "from odoo.addons.sales_pipeline import const, exceptions",
    "import odoo.addons.sales_pipeline_voip.providers.base",
])
def test_python_only_imports_make_a_pure_file(tree, text):
    assert tree(text) == "pure"


@pytest.mark.parametrize("text", [
    "import odoo",
    "from odoo.tests import TransactionCase",
    "from odoo.addons.sales_pipeline import hooks",
    "from odoo.addons.sales_pipeline.tools_more import x",
    "from odoo.addons.crm.models import crm_lead",
    "def test_it():\n    from odoo.fields import Domain",
])
def test_an_odoo_import_makes_a_database_file(tree, text):
    assert tree(text) == "database"


def test_a_helper_that_imports_odoo_makes_its_users_database_files(tree):
    assert tree("from tests.base import Case", base="from odoo.tests import TransactionCase") == "database"
    assert tree("from .base import Case", base="from odoo.tests import TransactionCase") == "database"


def test_a_helper_that_imports_odoo_late_leaves_its_users_pure(tree):
    assert tree("from tests.late import f", late="def f():\n    import odoo") == "pure"


def test_helpers_that_import_each_other_are_read_once(tree):
    assert tree("from tests import a", a="from tests import b", b="from tests import a") == "pure"


@pytest.mark.parametrize("text", [
    "def test_it(server): pass",
    "import odoo\nclass TestIt:\n    def test_it(self, page): pass",
    "import pytest\n@pytest.mark.usefixtures('server')\ndef test_it(): pass",
    "import pytest\n@pytest.fixture\ndef data(browser): pass\ndef test_it(data): pass",
])
def test_asking_for_a_server_makes_a_live_file(tree, text):
    assert tree(text) == "live"


def test_a_fixture_of_that_name_in_the_file_itself_does_not_count(tree):
    assert tree("import pytest\n@pytest.fixture\ndef server(): pass\ndef test_it(server): pass") == "pure"
