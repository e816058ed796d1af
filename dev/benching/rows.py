"""The rows to measure on: one stock database a size, and a copy of it with our addons."""
from __future__ import annotations

import datetime
from pathlib import Path

from dev import databases, odoo_config
from dev.benching import install
from dev.common import STATE, command, digest, step
from dev.odoo_package import Odoo
from dev.postgres import Server

KIND = "bench"
SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
USERS, TEAMS = 200, 20
HERE = Path(__file__).parent
LOG = STATE / "log/bench.log"


def stock_name(size: str) -> str:
    """Name the database that knows only Odoo's own modules."""
    return f"bench_{size}_stock"


def our_name(size: str) -> str:
    """Name its copy with our addons."""
    return f"bench_{size}_ours"


def base_recipe(odoo: Odoo) -> str:
    """Fingerprint what the database without leads is made from."""
    texts = [(databases.INSIDE / name).read_bytes() for name in ("prepare.py", "bench_people.py")]
    return digest(odoo.identity, ",".join(databases.odoo_modules()), *texts)


def recipe(odoo: Odoo) -> str:
    """Fingerprint what a stock database is made from."""
    texts = [(HERE / "rows.sql").read_bytes(), (databases.INSIDE / "bench_ready.py").read_bytes()]
    return digest(base_recipe(odoo), *texts)


def ensure_base(odoo: Odoo, server: Server) -> str:
    """Make the database with users, teams and stages but no leads, unless it is there."""
    name, part = "bench_base", "bench_base_building"
    if databases.note(server, name).get("recipe") == base_recipe(odoo):
        return name
    with step("Odoo's modules, users, teams and stages"):
        databases.remove(server, KIND, part)
        odoo_config.install(odoo, server, KIND, part, LOG, "-i", ",".join(databases.odoo_modules()))
        odoo_config.shell(odoo, server, KIND, part, databases.INSIDE / "prepare.py",
                          base_url="http://127.0.0.1:9", report_url="", smtp_port=9)
        since = datetime.date.today() - datetime.timedelta(days=90)
        odoo_config.shell(odoo, server, KIND, part, databases.INSIDE / "bench_people.py",
                          users=USERS, teams=TEAMS, scored_since=since)
        databases.write_note(server, part, recipe=base_recipe(odoo))
        databases.remove(server, KIND, name)
        databases.rename(server, KIND, part, name)
    return name


def ensure_stock(odoo: Odoo, server: Server, size: str) -> str:
    """Make the stock database of a size unless it is there."""
    name, part = stock_name(size), f"{stock_name(size)}_building"
    if databases.note(server, name).get("recipe") == recipe(odoo):
        return name
    base = ensure_base(odoo, server)
    with step(f"{SIZES[size]} leads"):
        databases.copy(server, KIND, base, part)
        run_sql(server, part, "rows.sql", leads=SIZES[size])
    with step("statistics and scores"):
        server.sql("VACUUM ANALYZE", part)
        odoo_config.shell(odoo, server, KIND, part, databases.INSIDE / "bench_ready.py", scores=True)
        databases.write_note(server, part, recipe=recipe(odoo))
        databases.remove(server, KIND, name)
        databases.rename(server, KIND, part, name)
    return name


def ensure_ours(odoo: Odoo, server: Server, size: str) -> str:
    """Make the copy with our addons as they are now unless it is there."""
    name, part = our_name(size), f"{our_name(size)}_building"
    made_of = digest(recipe(odoo), databases.addons_digest(), (HERE / "story.sql").read_bytes())
    stock = ensure_stock(odoo, server, size)
    if databases.note(server, name).get("recipe") == made_of:
        return name
    with step("our addon installed on a copy") as notes:
        databases.remove(server, KIND, name)
        databases.copy(server, KIND, stock, part)
        notes += [f"{word}={value}" for word, value in install.install(odoo, server, part).items()]
    with step("our log filled, statistics"):
        odoo_config.shell(odoo, server, KIND, part, databases.INSIDE / "bench_ready.py", scores=False)
        run_sql(server, part, "story.sql")
        server.sql("VACUUM ANALYZE", part)
        databases.write_note(server, part, recipe=made_of)
        databases.rename(server, KIND, part, name)
    return name


def run_sql(server: Server, database: str, file: str, **values: object) -> None:
    """Run one of our SQL files as the cluster's owner, whom foreign keys do not slow down."""
    given = [word for name, value in values.items() for word in ("-v", f"{name}={value}")]
    env = {**server.environment, **({"PGUSER": "postgres"} if server.home else {})}
    command(["psql", "-XAtq", "-d", database, *given, "-f", HERE / file], "the rows cannot be made", env=env)
