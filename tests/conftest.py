"""Prepare each kind of test file: bin/test runs pure, database and live files in processes of their own."""
import importlib.util
import logging
import os
import sys
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
KIND = os.environ.get("SALES_PIPELINE_TEST_KIND", "pure")
OURS = ("sales_pipeline", "sales_pipeline_whatsapp", "sales_pipeline_voip")


def _bare_package(name, *places):
    """Make a package importable without running its __init__."""
    package = types.ModuleType(name)
    package.__path__ = [str(place) for place in places]
    sys.modules[name] = package


def _open_pure_parts():
    """Let pure tests import tools and providers; the addons' own __init__ would pull in Odoo's models."""
    spec = importlib.util.find_spec("odoo")
    homes = list(spec.submodule_search_locations) if spec else []
    _bare_package("odoo", *homes)
    _bare_package("odoo.addons", *(Path(home, "addons") for home in homes))
    for addon in OURS:
        _bare_package(f"odoo.addons.{addon}", ROOT / addon)


if KIND == "pure":
    _open_pure_parts()
elif KIND == "database":
    from odoo.modules.module import initialize_sys_path

    initialize_sys_path()

    import odoo.tests.common

    # The databases of two processes share one folder of files, which goes when the run ends. Collecting after each
    # class would delete what a test of the other process has just stored and not committed.
    odoo.tests.common.TransactionCase._gc_filestore = classmethod(lambda cls: None)

    class _OurWarnings(logging.Handler):
        """Keep the warnings of our addons."""

        def __init__(self):
            super().__init__(logging.WARNING)
            self.lines = []

        def emit(self, record):
            if record.name.startswith("odoo.addons.sales_pipeline"):
                self.lines.append(f"{record.levelname} {record.name}: {record.getMessage()}")

    @pytest.fixture(autouse=True)
    def _no_warning_of_ours():
        """Fail a test whose code warns unexpectedly; assertLogs and mute_logger mean expected."""
        handler = _OurWarnings()
        logging.getLogger("odoo").addHandler(handler)
        yield
        logging.getLogger("odoo").removeHandler(handler)
        assert not handler.lines, "unexpected log lines:\n" + "\n".join(handler.lines)

elif KIND == "live":
    from tests.live import *  # noqa: F403


@pytest.fixture(scope="session")
def shared_data():
    """Return the folder with optional extra data for tests, which need not exist."""
    return Path(os.environ.get("SALES_PIPELINE_SHARED") or ROOT.parent / "shared")
