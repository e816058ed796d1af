"""The database of bin/run: made once, updated when the addons changed, pointed at this run's ports."""
from __future__ import annotations

import os

from dev import databases, odoo_config, postgres
from dev.common import ADDONS, STATE, Fail, step, warn
from dev.odoo_package import Odoo
from dev.postgres import Server

STAGE_NAMES = {
    "crm.stage_lead1": "Discovery",
    "crm.stage_lead2": "Proposal Sent",
    "crm.stage_lead3": "Negotiation",
    "crm.stage_lead4": "Won",
}


def name() -> str:
    """Return the database's name; on a server that others use too it may be chosen."""
    chosen = os.environ.get("PGDATABASE") if postgres.foreign() else ""
    return chosen or "sales_pipeline"


def ensure(odoo: Odoo, server: Server, demo: bool, reset: bool, base_url: str) -> None:
    """Have the database as it should be: make it, or bring it up to date."""
    if reset:
        with step("old database dropped"):
            databases.remove(server, "run", name())
    if not databases.exists(server, name()):
        with step("database with Odoo's modules" + (" and demo data" if demo else "")):
            begin(odoo, server, base_url)
        with step("database with the sales pipeline"):
            finish(odoo, server, demo)
        return
    made = databases.note(server, name())
    if not made:
        raise Fail(f"the database {name()} was not made by bin/run: set PGDATABASE to another name")
    if made["demo"] != demo:
        has = "with" if made["demo"] else "without"
        raise Fail(f"the database was made {has} demo data: add --reset for a new one")
    if made["odoo"] != odoo.identity:
        warn("the database was made with another build of Odoo 19.0: add --reset should it misbehave")
    if made["addons"] != databases.addons_digest():
        with step("addons changed, database updated"):
            update(odoo, server, made)


def building() -> str:
    """Return the name of a database that is not complete yet."""
    return f"{name()}_building"


def begin(odoo: Odoo, server: Server, base_url: str) -> None:
    """Install Odoo's modules and set them up: our demo data needs the accounts."""
    databases.remove(server, "run", building())
    odoo_config.install(odoo, server, "run", building(), STATE / "log/install.log", "-i",
                        ",".join(databases.odoo_modules()))
    odoo_config.shell(odoo, server, "run", building(), databases.INSIDE / "prepare.py",
                      base_url=base_url, report_url=base_url, smtp_port=9, stage_names=STAGE_NAMES)


def finish(odoo: Odoo, server: Server, demo: bool) -> None:
    """Install our addons, compile what the first page needs, and give the database its name."""
    digest = databases.addons_digest()
    odoo_config.install(odoo, server, "run", building(), STATE / "log/install.log", "-i", ",".join(ADDONS))
    odoo_config.shell(odoo, server, "run", building(), databases.INSIDE / "assets.py")
    databases.write_note(server, building(), addons=digest, odoo=odoo.identity, demo=demo)
    databases.rename(server, "run", building(), name())


def update(odoo: Odoo, server: Server, made: dict) -> None:
    """Bring the database up to the addons' present code."""
    digest = databases.addons_digest()
    odoo_config.install(odoo, server, "run", name(), STATE / "log/update.log", "-u", ",".join(ADDONS))
    databases.write_note(server, name(), **{**made, "addons": digest})


def point_at(server: Server, base_url: str, port: int, smtp_port: int) -> None:
    """Make links and mails lead to this run's ports."""
    server.sql(
        f"UPDATE ir_config_parameter SET value = '{base_url}' WHERE key = 'web.base.url';"
        f"UPDATE ir_config_parameter SET value = 'http://127.0.0.1:{port}' WHERE key = 'report.url';"
        f"UPDATE ir_mail_server SET smtp_port = {smtp_port} WHERE name = 'Local mail catcher'",
        name(),
    )
