"""A PostgreSQL of our own on a unix socket, or the server that PGHOST names."""
from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dev.common import STATE, Fail, command, digest, lock
from dev.machine import postgres_bin, run_as_postgres

# the kernel's limit on a socket's path, less PostgreSQL's file name in it
LONGEST = 107 - len("/.s.PGSQL.5432.lock")
# a user's settings that would lead psql to another server or database than ours
ELSEWHERE = ("PGDATABASE", "PGHOSTADDR", "PGSERVICE", "PGOPTIONS")
SETTINGS = {
    # what a person works with may be quick, but survives a power cut
    "run": {"synchronous_commit": "off"},
    # what a test works with is made anew each time
    "test": {"synchronous_commit": "off", "fsync": "off", "full_page_writes": "off", "autovacuum_naptime": "10min"},
    # what is measured waits for the disk as in production, with the memory of a small server
    "bench": {"shared_buffers": "1GB", "maintenance_work_mem": "512MB", "work_mem": "16MB", "max_wal_size": "8GB"},
}


@dataclass
class Server:
    """Where a PostgreSQL server is and how to speak to it."""

    host: str
    port: str = "5432"
    user: str = "odoo"
    password: str = ""
    home: Path | None = None
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """Return the process environment for psql, createdb and programs that call them."""
        found = {**os.environ, "PGHOST": self.host, "PGPORT": self.port, "PGUSER": self.user}
        for name in ELSEWHERE:
            found.pop(name, None)
        if self.password:
            found["PGPASSWORD"] = self.password
        if programs := postgres_bin():
            # Debian's wrappers around these look for clusters of their own and cost 50 ms each
            found["PATH"] = f"{programs}{os.pathsep}{found.get('PATH', os.defpath)}"
        return found

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run a statement and return its unaligned rows."""
        args = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement]
        return command(args, "PostgreSQL refused", env=self.environment).strip()

    def answers(self) -> bool:
        """Tell whether the server accepts our user."""
        try:
            return self.sql("SELECT 1") == "1"
        except Fail:
            return False


def foreign() -> bool:
    """Tell whether the user brings a PostgreSQL server."""
    return bool(os.environ.get("PGHOST"))


def foreign_server() -> Server:
    """Describe the server that PGHOST and its relatives name."""
    env = os.environ
    server = Server(env["PGHOST"], env.get("PGPORT", "5432"), env.get("PGUSER", "odoo"), env.get("PGPASSWORD", ""))
    if server.user == "postgres":
        raise Fail("Odoo refuses to work as PostgreSQL's user postgres: make another role with CREATEDB, set PGUSER")
    if not server.answers():
        raise Fail(f"PostgreSQL at PGHOST={server.host} refuses {server.user}: check PGPORT, PGUSER, PGPASSWORD")
    if server.sql("SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user") != "t":
        raise Fail(f"PostgreSQL's role {server.user} may not create databases: ALTER ROLE {server.user} CREATEDB")
    return server


def cluster_home(kind: str) -> Path:
    """Return a directory for a cluster that PostgreSQL's user can reach by a short, plain path."""
    near = STATE / "postgres" / kind
    plain = re.fullmatch(r"[\w./+-]+", str(near)) and len(str(near)) <= LONGEST
    if plain and reachable(near):
        return near
    far = Path(f"/var/tmp/sales-pipeline-{os.geteuid()}-{digest(str(STATE))}") / kind
    if far.parent.exists() and far.parent.stat().st_uid != os.geteuid():
        raise Fail(f"{far.parent} belongs to another user: remove it")
    far.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    if not reachable(far):
        raise Fail(f"PostgreSQL cannot use {far}: check the rights on /var/tmp")
    return far


def reachable(folder: Path) -> bool:
    """Make the directory and tell whether PostgreSQL's user can write in it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    try:
        run_as_postgres(["test", "-w", folder], "")
    except Fail:
        with contextlib.suppress(OSError):
            folder.rmdir()
        return False
    return True


def ensure_cluster(server: Server) -> bool:
    """Make the cluster if it is not there yet; tell whether it was made."""
    programs, data = postgres_bin(), server.home / "data"
    made = not (data / "complete").exists()
    if not made:
        major = (data / "PG_VERSION").read_text(encoding="ascii").strip()
        ours = command([programs / "postgres", "--version"]).split()[2].split(".")[0]
        if major != ours:
            raise Fail(f"{data} was made by PostgreSQL {major}, the machine now has {ours}: remove that directory")
        return False
    if (data / "postmaster.pid").exists():
        # a run that was killed between the first start and the stamp left it running
        with contextlib.suppress(Fail):
            stop(server)
    run_as_postgres(["rm", "-rf", data], "the unfinished cluster cannot be removed")
    run_as_postgres(
        [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--locale=C.UTF-8", "-E", "UTF8", "-N"],
        "PostgreSQL's cluster cannot be made",
    )
    values = {"listen_addresses": "", "unix_socket_directories": server.home, "unix_socket_permissions": "0700",
              "shared_buffers": "256MB", "max_connections": "100", "max_wal_size": "2GB", **server.settings}
    text = "".join(f"{name} = '{value}'\n" for name, value in values.items())
    with open(data / "postgresql.conf", "a", encoding="utf-8") as conf:
        conf.write(text)
    return True


def start(server: Server) -> None:
    """Start the cluster and give Odoo its role."""
    programs, data = postgres_bin(), server.home / "data"
    run_as_postgres(
        [programs / "pg_ctl", "-s", "-w", "-D", data, "-l", server.home / "log", "start"],
        f"PostgreSQL does not start, see {server.home / 'log'}",
    )
    if not (data / "complete").exists():
        owner = Server(server.host, user="postgres")
        owner.sql("CREATE ROLE odoo LOGIN CREATEDB")
        run_as_postgres(["touch", data / "complete"], "the cluster cannot be stamped")


def stop(server: Server) -> None:
    """Stop the cluster; sessions that are still open are ended."""
    run_as_postgres(
        [postgres_bin() / "pg_ctl", "-s", "-w", "-m", "fast", "-D", server.home / "data", "stop"],
        "PostgreSQL does not stop",
    )


@contextlib.contextmanager
def running(kind: str) -> Iterator[Server]:
    """Have a server for as long as the block lasts; the last of several users stops our own one.

    :param kind: ``run``, ``test`` or ``bench``, each a cluster of its own
    """
    if foreign():
        yield foreign_server()
        return
    home = cluster_home(kind)
    server = Server(str(home), home=home, settings=SETTINGS[kind])
    STATE.mkdir(exist_ok=True)
    with open(STATE / f"postgres-{kind}.users", "a", encoding="ascii") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        with lock(STATE / f"postgres-{kind}.start"):
            ensure_cluster(server)
            if not server.answers():
                start(server)
        try:
            yield server
        finally:
            leave(server, users)


def leave(server: Server, users) -> None:
    """Stop the cluster unless another process still uses it."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    stop(server)


def drop(server: Server, database: str) -> None:
    """Drop a database, ending the sessions that still use it; PostgreSQL's own cleaner is not ours to end, so wait."""
    for attempt in range(40):
        try:
            server.sql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
            return
        except Fail as failure:
            if "being terminated" not in str(failure) or attempt == 39:
                raise
        time.sleep(0.25)


def copy(server: Server, source: str, target: str) -> None:
    """Copy a database that nobody uses; another copy of it may be under way, so try again for a while."""
    for attempt in range(40):
        try:
            server.sql(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')
            return
        except Fail as failure:
            if "being accessed" not in str(failure) or attempt == 39:
                raise
        time.sleep(0.25)
