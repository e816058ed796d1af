"""The programs that must be on the machine before anything else."""
from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from dev import programs
from dev.common import STATE, Fail, command, read_stamp, reason

# Odoo 19.0 would take 3.10, its libraries as pinned here do not
OLDEST, NEWEST = (3, 11), (3, 13)
# Debian's postgresql package makes and starts a cluster of its own unless this file says no
CLUSTER_SETTING = Path("/etc/postgresql-common/createcluster.conf")
# who brings a server needs only the clients
CLIENTS = {"postgresql": "postgresql-client"}
# Playwright needs a library that small machines lack
BESIDE = {"chromium": ["libatomic1"]}
RELEASE = Path("/etc/os-release")
ZONES = Path("/usr/share/zoneinfo")


def check_python() -> None:
    """Refuse a Python that Odoo 19.0 does not run on."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        raise Fail(
            f"this needs Python 3.11 to 3.13 and this is {sys.version.split()[0]}: "
            "install one of those or name it, as in PYTHON=python3.11 bin/run"
        )


def has_program(name: str) -> bool:
    """Tell whether the machine has a program, or we have unpacked it as it is wanted now."""
    place = shutil.which(name)
    if place and Path(place).parent == programs.BIN:
        return programs.is_complete(programs.owner(name))
    return bool(place)


def postgres_bin() -> Path | None:
    """Find the PostgreSQL server programs: our own, else the machine's newest, or nothing."""
    if programs.is_complete("postgresql"):
        return programs.BIN
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    return Path(shutil.which("initdb")).resolve().parent if has_program("initdb") else None


def missing_packages(server: bool, browser: bool) -> list[str]:
    """List the Debian packages that the set-up needs and the machine lacks."""
    needed = {
        "postgresql": postgres_bin() if server else has_program("createdb"),
        "wkhtmltopdf": has_program("wkhtmltopdf"),
        # the interpreter's own ensurepip, not just any: Debian splits it off
        "python3-venv": importlib.util.find_spec("ensurepip"),
    }
    if browser:
        needed["chromium"] = has_program("chromium")
    return [name for name, found in needed.items() if not found]


def install_missing(server: bool = True, browser: bool = False) -> list[str]:
    """Get what is missing: as root through the machine's apt, else unpacked below our own directory.

    :raise Fail: when only an administrator can help
    """
    programs.put_on_path()
    missing = missing_packages(server, browser)
    ours = [name for name in missing if name in programs.PROGRAMS and not may_install(name)]
    theirs = [name for name in missing if name not in ours]
    if theirs and not may_install(theirs[0]):
        raise Fail(f"please let an administrator install: {' '.join(theirs)} "
                   f"(Debian, Ubuntu: sudo apt-get install {' '.join(theirs)})")
    if "postgresql" in ours and server and not ZONES.is_dir():
        raise Fail("PostgreSQL needs the machine's time zones: let an administrator install tzdata")
    if ours:
        check_disk(STATE, sum(programs.PROGRAMS[name].megabytes for name in ours))
        programs.unpack(ours)
    if theirs:
        named = theirs if server else [CLIENTS.get(name, name) for name in theirs]
        apt_install(named + [other for name in theirs for other in BESIDE.get(name, [])])
    return missing


def may_install(package: str) -> bool:
    """Tell whether we are root on a system whose apt has a usable package of that name."""
    # elsewhere Debian's chromium is called otherwise, or is not a package at all
    return os.geteuid() == 0 and bool(shutil.which("apt-get")) and (package != "chromium" or is_debian())


def is_debian() -> bool:
    """Tell Debian from its relatives."""
    return "\nID=debian\n" in f"\n{read_stamp(RELEASE)}\n"


def apt_install(packages: list[str]) -> None:
    """Install packages as root."""
    if not CLUSTER_SETTING.exists():
        CLUSTER_SETTING.parent.mkdir(parents=True, exist_ok=True)
        CLUSTER_SETTING.write_text("create_main_cluster = false\n", encoding="ascii")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # an index that cannot be refreshed may still serve what is asked of it
    subprocess.run(["apt-get", "-qq", "update"], env=quiet, capture_output=True, check=False)
    done = subprocess.run(
        ["apt-get", "-qq", "-y", "--no-install-recommends", "install", *packages],
        env=quiet, capture_output=True, text=True, check=False,
    )
    if done.returncode:
        raise Fail(f"apt-get could not install {' '.join(packages)} (is there a network?): {reason(done.stderr)}")


def free_megabytes(path: Path) -> int:
    """Return the room on the disk that holds the path."""
    while not path.exists():
        path = path.parent
    return shutil.disk_usage(path).free // 1_000_000


def check_disk(path: Path, megabytes: int) -> None:
    """Refuse to begin what would fill the disk."""
    free = free_megabytes(path)
    if free < megabytes:
        raise Fail(f"{path} has {free} MB free and the set-up needs about {megabytes} MB: free some space")


def as_postgres(args: list) -> list:
    """Turn a command into one that PostgreSQL accepts: it refuses to run as root."""
    return args if os.geteuid() else ["runuser", "-u", "postgres", "--", *args]


def run_as_postgres(args: list, error: str) -> str:
    """Run a PostgreSQL server program as the user it accepts."""
    # its own directory may be closed to the user postgres, e.g. /root
    return command(as_postgres([str(a) for a in args]), error, cwd="/")
