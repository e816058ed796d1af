"""dev/translate: export the words of our addons and bring the translations up to date."""
from __future__ import annotations

import os

from dev import databases, odoo_config, postgres, venv
from dev.common import ADDONS, ROOT, Fail
from dev.odoo_package import find_odoo

LANGUAGES = ("fr", "hi")


def main(args: list[str]) -> int:
    """Write i18n/ADDON.pot and i18n/LANGUAGE.po of each addon; say how many words wait for a translator."""
    if args:
        raise Fail("it takes no arguments")
    odoo = find_odoo()
    venv.ensure(odoo)
    name = f"{databases.PREFIX}_db_{os.getpid()}"
    with postgres.running("test") as server:
        odoo_config.write_conf("test", odoo, server)
        try:
            databases.fresh_copy(odoo, server, name)
            told = odoo_config.shell(
                odoo, server, "test", name, databases.INSIDE / "translate.py",
                addons=list(ADDONS), root=str(ROOT), languages=LANGUAGES,
            )
        finally:
            databases.remove(server, "test", name)
    for line in told.splitlines():
        if line.startswith("terms "):
            _word, addon, count, *waiting = line.split()
            print(f"{addon}: {count} terms; untranslated {', '.join(waiting)}")
    return 0
