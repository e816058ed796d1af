"""The two servers that are compared: the same Odoo with the same rows, with and without our addons."""
from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field

from dev import databases, odoo_config, processes
from dev.benching import rows
from dev.benching.client import Client
from dev.common import STATE, step
from dev.databases import INSIDE
from dev.odoo_package import Odoo
from dev.ports import free_port
from dev.postgres import Server

# what DESIGN's figures are measured with: two HTTP processes and the jobs beside them
OPTIONS = ("--workers=2", "--max-cron-threads=4")
MODE = "workers=2"
MANAGER, SELLER = "seller9", "seller0"


@dataclass(frozen=True)
class Side:
    """One of the two servers."""

    name: str
    database: str
    port: int
    server: Server = field(compare=False)

    def login(self, user: str) -> Client:
        """Return a session of a user."""
        return Client(self.port, self.database, user, "seller")

    def ask(self, statement: str) -> str:
        """Return the rows of a statement, unaligned."""
        return self.server.sql(statement, self.database)

    def view_id(self, xml_id: str) -> int:
        """Return the id of a view."""
        module, name = xml_id.split(".")
        return int(self.ask(f"SELECT res_id FROM ir_model_data WHERE module = '{module}' AND name = '{name}'"))


@contextlib.contextmanager
def running(odoo: Odoo, server: Server, size: str, suffix: str = "") -> Iterator[list[Side]]:
    """Serve both databases for as long as the block lasts, stock first.

    :param suffix: serve copies of that name, which go with the block, where what is measured changes the rows for good
    """
    with contextlib.ExitStack() as stack:
        sides = []
        for name, database in (("stock", rows.stock_name(size)), ("ours", rows.our_name(size))):
            if suffix:
                with step(f"{name}: a copy to change"):
                    databases.copy(server, rows.KIND, database, f"{database}_{suffix}")
                database = f"{database}_{suffix}"
                stack.callback(databases.remove, server, rows.KIND, database)
            with step(f"{name}: Odoo starts"):
                side = Side(name, database, free_port(), server)
                process = start(odoo, side)
                stack.callback(processes.end, process)
                processes.wait_for_page(f"http://127.0.0.1:{side.port}/web/login", process, 300,
                                        f"Odoo does not start, see .dev/log/bench-{name}.log")
            sides.append(side)
        yield sides


def start(odoo: Odoo, side: Side, bus_port: int | None = None) -> subprocess.Popen:
    """Start one server process.

    :param bus_port: where it serves websockets; default: anywhere
    """
    log = STATE / f"log/bench-{side.name}.log"
    log.parent.mkdir(exist_ok=True)
    line = odoo_config.odoo_command(
        odoo, "-c", odoo_config.conf_path(rows.KIND), "-d", side.database, "--http-port", side.port,
        "--gevent-port", bus_port or free_port(), "--logfile", log, "--log-level=warn", *OPTIONS,
    )
    line[line.index("-m"):line.index("odoo") + 1] = [str(INSIDE / "serve.py")]
    with open(log.with_suffix(".out"), "wb") as output:
        return subprocess.Popen(
            line, env=odoo_config.odoo_environment(side.server, rows.KIND), cwd=STATE, stdin=subprocess.DEVNULL,
            stdout=output, stderr=output, start_new_session=True, preexec_fn=processes.die_with_parent,
        )
