"""Databases made once and copied: built under another name, renamed when complete."""
from __future__ import annotations

import ast
import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from dev import odoo_config, postgres
from dev.common import ADDONS, ROOT, STATE, digest, lock
from dev.odoo_package import Odoo
from dev.postgres import Server

PREFIX = "sp_test"
WAITING = "waiting for another test run's template"
# a copy carries the number of the process that made it
OWNED = re.compile(rf"{PREFIX}_(?:db|source|live)_(\d+)(?!\d)")
INSIDE = ROOT / "dev/inside"
# what does not change the database's content
UNREAD = {"static", "i18n", "__pycache__", "tests"}


def filestore(kind: str, database: str) -> Path:
    """Return where a database's attachments lie."""
    return odoo_config.data_dir(kind) / "filestore" / database


def odoo_modules() -> list[str]:
    """List the Odoo modules that our addons stand on, and those a working database needs beside."""
    found = {"payment_demo"}
    for addon in ADDONS:
        manifest = ast.literal_eval((ROOT / addon / "__manifest__.py").read_text(encoding="utf-8"))
        found.update(set(manifest["depends"]) - set(ADDONS))
    return sorted(found)


def addons_digest(root: Path = ROOT) -> str:
    """Fingerprint every file of our addons that an installation reads."""
    return digest(*_contents(root, list(ADDONS), UNREAD))


def static_digest(root: Path = ROOT) -> str:
    """Fingerprint what browsers are sent."""
    return digest(*_contents(root, [f"{addon}/static" for addon in ADDONS], {"tests"}))


def _contents(root: Path, places: list[str], unread: set[str]) -> Iterator[str | bytes]:
    """List names and contents of the files at the places, in one order on every machine."""
    for place in places:
        for folder, folders, files in os.walk(root / place):
            folders[:] = sorted(set(folders) - unread)
            for name in sorted(files):
                if not name.endswith((".md", ".pyc")):
                    path = Path(folder) / name
                    yield str(path.relative_to(root))
                    yield path.read_bytes()


def exists(server: Server, database: str) -> bool:
    """Tell whether a database exists."""
    return server.sql(f"SELECT 1 FROM pg_database WHERE datname = '{database}'") == "1"


def note(server: Server, database: str) -> dict:
    """Return what was noted on a database when it was made."""
    text = server.sql(
        f"SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '{database}'"
    )
    try:
        return json.loads(text or "{}")
    except ValueError:
        return {}


def write_note(server: Server, database: str, **values: object) -> None:
    """Note on a database what it was made from."""
    text = json.dumps(values).replace("'", "''")
    server.sql(f"COMMENT ON DATABASE \"{database}\" IS '{text}'")


def copy(server: Server, kind: str, source: str, target: str) -> None:
    """Copy a database with its attachments."""
    remove(server, kind, target)
    postgres.copy(server, source, target)
    if filestore(kind, source).is_dir():
        # Odoo never changes a stored file, so that a second link to it is a copy
        shutil.copytree(filestore(kind, source), filestore(kind, target), copy_function=os.link)


def remove(server: Server, kind: str, database: str) -> None:
    """Drop a database with its attachments."""
    postgres.drop(server, database)
    shutil.rmtree(filestore(kind, database), ignore_errors=True)


def rename(server: Server, kind: str, source: str, target: str) -> None:
    """Give a complete database its name; its attachments go first, so that the name means complete."""
    shutil.rmtree(filestore(kind, target), ignore_errors=True)
    if filestore(kind, source).is_dir():
        filestore(kind, source).rename(filestore(kind, target))
    server.sql(f'ALTER DATABASE "{source}" RENAME TO "{target}"')


def base_name(odoo: Odoo) -> str:
    """Name the database with Odoo's own modules only."""
    prepare = (INSIDE / "prepare.py").read_bytes()
    return f"{PREFIX}_base_{digest(odoo.identity, ','.join(odoo_modules()), prepare)}"


def template_name(odoo: Odoo) -> str:
    """Name the database with our addons as they are now."""
    return f"{PREFIX}_template_{digest(base_name(odoo), addons_digest())}"


def ensure_base(odoo: Odoo, server: Server) -> str:
    """Make the database with Odoo's own modules unless it is there."""
    name, part = base_name(odoo), f"{PREFIX}_base_building"
    if exists(server, name):
        return name
    remove(server, "test", part)
    log = STATE / "log/base.log"
    odoo_config.install(odoo, server, "test", part, log, "-i", ",".join(odoo_modules()))
    odoo_config.shell(odoo, server, "test", part, INSIDE / "prepare.py",
                      base_url="http://127.0.0.1:9", report_url="", smtp_port=9)
    forget(server, f"{PREFIX}_base_", keep=0)
    rename(server, "test", part, name)
    return name


def ensure_template(odoo: Odoo, server: Server) -> str:
    """Make the database with our addons unless it is there; call it under the template lock."""
    name, part = template_name(odoo), f"{PREFIX}_template_building"
    if exists(server, name):
        return name
    copy(server, "test", ensure_base(odoo, server), part)
    odoo_config.install(odoo, server, "test", part, STATE / "log/template.log", "-i", ",".join(ADDONS))
    # others may still be copying the last ones
    forget(server, f"{PREFIX}_template_", keep=2)
    rename(server, "test", part, name)
    return name


def ensure_assets(odoo: Odoo, server: Server) -> str:
    """Make the database whose scripts and styles are compiled unless it is there; call it under the template lock."""
    template, part = ensure_template(odoo, server), f"{PREFIX}_assets_building"
    name = f"{PREFIX}_assets_{digest(template, static_digest(), (INSIDE / 'assets.py').read_bytes())}"
    if exists(server, name):
        return name
    copy(server, "test", template, part)
    odoo_config.shell(odoo, server, "test", part, INSIDE / "assets.py")
    forget(server, f"{PREFIX}_assets_", keep=1)
    rename(server, "test", part, name)
    return name


def forget(server: Server, prefix: str, keep: int) -> None:
    """Drop all but the newest databases of a prefix."""
    rows = server.sql(
        f"SELECT datname FROM pg_database WHERE starts_with(datname, '{prefix}')"
        " AND datname NOT LIKE '%building' ORDER BY oid DESC"
    ).split()
    for name in rows[keep:]:
        remove(server, "test", name)


def sweep(server: Server) -> None:
    """Drop what killed test runs left behind; on a server of others no process can be told to be dead."""
    if not server.home:
        return
    for name in server.sql(f"SELECT datname FROM pg_database WHERE starts_with(datname, '{PREFIX}')").split():
        owner = OWNED.match(name)
        if owner and not Path(f"/proc/{owner.group(1)}").exists():
            remove(server, "test", name)


def prepared(odoo: Odoo, server: Server) -> str:
    """Make the template now if it is not there, and return its name."""
    with lock(STATE / "template.lock", WAITING):
        return ensure_template(odoo, server)


def fresh_copy(odoo: Odoo, server: Server, name: str, with_assets: bool = False) -> str:
    """Make a database for one test process from the template."""
    with lock(STATE / "template.lock", WAITING):
        sweep(server)
        source = (ensure_assets if with_assets else ensure_template)(odoo, server)
        copy(server, "test", source, name)
    return name


def copy_base(odoo: Odoo, server: Server, name: str) -> str:
    """Make a database for one test process that knows nothing of our addons."""
    with lock(STATE / "template.lock", WAITING):
        sweep(server)
        copy(server, "test", ensure_base(odoo, server), name)
    return name
