"""bin/run: from a fresh clone to Odoo in the browser, with the addons, demo data and caught mails."""
from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dev import machine, mailcatcher, odoo_config, ports, postgres, processes, run_database, venv
from dev.common import ROOT, STATE, Fail, read_stamp, step
from dev.odoo_package import Odoo, find_odoo

HELD = STATE / "run.lock"
# Odoo and its companions, two environments, the cluster; measured, rounded up
MEGABYTES = 2000


@dataclass(frozen=True)
class Wish:
    """What the user asked for."""

    port: int
    mail_port: int
    demo: bool
    reset: bool
    serve: bool
    rows: Path | None
    mapping: Path | None


def parse(args: list[str]) -> Wish:
    """Turn the arguments into a wish."""
    parser = argparse.ArgumentParser("bin/run", description="Run Odoo 19.0 with the sales pipeline on this machine.")
    parser.add_argument("--port", type=int, default=8069, metavar="N", help="Odoo's port (8069)")
    parser.add_argument("--mail-port", type=int, default=1080, metavar="N", help="port that shows the mails (1080)")
    parser.add_argument("--no-demo", action="store_true", help="make the database without demo data")
    parser.add_argument("--reset", action="store_true", help="drop the database and make a new one")
    parser.add_argument("--setup-only", action="store_true", help="prepare everything and end")
    parser.add_argument("--import", dest="rows", type=Path, metavar="FILE.csv", help="import leads and end")
    parser.add_argument("--mapping", type=Path, metavar="FILE.json", help="how --import reads the columns")
    found = parser.parse_args(args)
    for file in filter(None, (found.rows, found.mapping)):
        if not file.is_file():
            raise Fail(f"there is no file {file}")
    if found.mapping and not found.rows:
        raise Fail("--mapping belongs to --import FILE.csv")
    files = [file and file.resolve() for file in (found.rows, found.mapping)]
    serve = not (found.setup_only or found.rows)
    return Wish(found.port, found.mail_port, not found.no_demo, found.reset, serve, *files)


def main(args: list[str]) -> int:
    """Do what the user wished."""
    wish = parse(args)
    processes.stop_on_signals()
    STATE.mkdir(exist_ok=True)
    with contextlib.ExitStack() as stack:
        alone = stack.enter_context(only_one(wish))
        if wish.serve:
            ports.require_free(wish.port, "Odoo", "--port")
            ports.require_free(wish.mail_port, "the mails", "--mail-port")
        odoo = prepare()
        with step("PostgreSQL") as notes:
            server = stack.enter_context(postgres.running("run"))
            notes.append(server.host)
        if alone:
            odoo_config.write_conf("run", odoo, server, with_demo=wish.demo, db_name=run_database.name())
            run_database.ensure(odoo, server, wish.demo, wish.reset, odoo_config.base_url(wish.port))
        if wish.rows:
            return import_rows(odoo, server, wish)
        if wish.serve:
            return serve(odoo, server, wish)
    print("ready: bin/run serves it")
    return 0


@contextlib.contextmanager
def only_one(wish: Wish) -> Iterator[bool]:
    """Keep a second bin/run out, except for an import into the running one's database.

    :return: whether the database is ours to make and change
    """
    with open(HELD, "a+", encoding="utf-8") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = read_stamp(HELD) or "another process"
            if not wish.rows or wish.reset or "serves" not in holder:
                raise Fail(f"bin/run is already at work here ({holder}): use that one or stop it first") from None
            yield False
            return
        tell_holder(f"process {os.getpid()} prepares")
        try:
            yield True
        finally:
            tell_holder("")


def tell_holder(text: str) -> None:
    """Say in the lock file who holds it, in place: the lock lives on this very file."""
    HELD.write_text(text, encoding="utf-8")


def prepare() -> Odoo:
    """Get the machine's programs, Odoo, its libraries and the mail catcher."""
    if not venv.is_complete():
        machine.check_disk(STATE, MEGABYTES)
    with step("programs of the machine") as notes:
        notes += machine.install_missing(server=not postgres.foreign())
    if postgres.foreign():
        # before minutes of downloads
        postgres.foreign_server()
    with step("Odoo") as notes:
        odoo = find_odoo()
        notes.append(odoo.label)
    with step("libraries"):
        venv.ensure(odoo)
    with step("mail catcher"):
        mailcatcher.ensure()
    return odoo


def import_rows(odoo: Odoo, server: postgres.Server, wish: Wish) -> int:
    """Import leads with the addon's own command and let it report."""
    mapping = ["--mapping", wish.mapping] if wish.mapping else []
    target = ["-c", odoo_config.conf_path("run"), "-d", run_database.name()]
    line = odoo_config.odoo_command(odoo, "sales_pipeline", "import", *target, wish.rows, *mapping)
    return subprocess.call(line, cwd=STATE, env=odoo_config.odoo_environment(server, "run"), stdin=subprocess.DEVNULL)


def serve(odoo: Odoo, server: postgres.Server, wish: Wish) -> int:
    """Run Odoo and the mail catcher until someone stops us or Odoo ends."""
    logs = STATE / "log"
    logs.mkdir(exist_ok=True)
    smtp = mailcatcher.smtp_port()
    run_database.point_at(server, odoo_config.base_url(wish.port), wish.port, smtp)
    with contextlib.ExitStack() as stack:
        with step("mail catcher starts"):
            catcher = mailcatcher.start(wish.mail_port, smtp, logs / "mailcatcher.log")
            stack.callback(processes.end, catcher)
            processes.wait_for_page(f"http://127.0.0.1:{wish.mail_port}/", catcher, 30,
                                    "the mail catcher does not start, see .dev/log/mailcatcher.log")
        with step("Odoo starts"):
            process = start_odoo(odoo, server, wish.port, logs / "odoo.log")
            stack.callback(processes.end, process)
            processes.wait_for_page(f"http://127.0.0.1:{wish.port}/web/login", process, 120,
                                    "Odoo does not start, see .dev/log/odoo.log")
        tell_holder(f"process {os.getpid()} serves {odoo_config.base_url(wish.port)}")
        print_welcome(wish)
        try:
            process.wait()
        except KeyboardInterrupt:
            print("\nstopping ...", flush=True)
            return 0
        raise Fail("Odoo ended by itself, see .dev/log/odoo.log")


def start_odoo(odoo: Odoo, server: postgres.Server, port: int, log: Path) -> subprocess.Popen:
    """Start Odoo's server process."""
    line = odoo_config.odoo_command(
        odoo, "-c", odoo_config.conf_path("run"), "-d", run_database.name(), "--http-port", port, "--logfile", log
    )
    with open(log.with_suffix(".out"), "wb") as output:
        return subprocess.Popen(
            line, env=odoo_config.odoo_environment(server, "run"), cwd=STATE, stdin=subprocess.DEVNULL,
            stdout=output, stderr=output, start_new_session=True, preexec_fn=processes.die_with_parent,
        )


def print_welcome(wish: Wish) -> None:
    """Say where everything is and how to stop it."""
    print(f"""
Odoo    {odoo_config.base_url(wish.port)}   login admin, password admin
Mails   {odoo_config.base_url(wish.mail_port)}
Log     {(STATE / 'log/odoo.log').relative_to(ROOT)}
Stop    Ctrl-C here
""", flush=True)
