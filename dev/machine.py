"""The programs that must be on the machine before anything else."""
from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from dev.common import Fail, command, reason

OLDEST, NEWEST = (3, 10), (3, 13)
# Debian's postgresql package makes and starts a cluster of its own unless this file says no
CLUSTER_SETTING = Path("/etc/postgresql-common/createcluster.conf")


def check_python() -> None:
    """Refuse a Python that Odoo 19.0 does not run on."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        raise Fail(
            f"Odoo 19.0 needs Python 3.10 to 3.13 and this is {sys.version.split()[0]}: "
            "install one of those or name it, as in PYTHON=python3.11 bin/run"
        )


def postgres_bin() -> Path | None:
    """Find the newest PostgreSQL server programs, or nothing."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    beside = shutil.which("initdb")
    return Path(beside).resolve().parent if beside else None


def missing_packages(server: bool, browser: bool) -> list[str]:
    """List the Debian packages that the set-up needs and the machine lacks."""
    needed = {
        "postgresql": postgres_bin() if server else shutil.which("createdb"),
        "wkhtmltopdf": shutil.which("wkhtmltopdf"),
        # the interpreter's own ensurepip, not just any: Debian splits it off
        "python3-venv": importlib.util.find_spec("ensurepip"),
    }
    if not os.environ.get("ODOO_HOME"):
        needed["debian-archive-keyring"] = Path("/usr/share/keyrings/debian-archive-keyring.gpg").exists()
    if browser:
        needed["chromium"] = shutil.which("chromium")
    names = {"postgresql": "postgresql" if server else "postgresql-client"}
    return [names.get(name, name) for name, found in needed.items() if not found]


def install_missing(server: bool = True, browser: bool = False) -> list[str]:
    """Install what is missing as root, or say what to install."""
    missing = missing_packages(server, browser)
    if not missing:
        return []
    if os.geteuid() or not shutil.which("apt-get"):
        raise Fail(f"please install: {' '.join(missing)} (Debian: sudo apt-get install {' '.join(missing)})")
    if not CLUSTER_SETTING.exists():
        CLUSTER_SETTING.parent.mkdir(parents=True, exist_ok=True)
        CLUSTER_SETTING.write_text("create_main_cluster = false\n", encoding="ascii")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # an index that cannot be refreshed may still serve what is asked of it
    subprocess.run(["apt-get", "-qq", "update"], env=quiet, capture_output=True, check=False)
    done = subprocess.run(
        ["apt-get", "-qq", "-y", "--no-install-recommends", "install", *missing],
        env=quiet, capture_output=True, text=True, check=False,
    )
    if done.returncode:
        raise Fail(f"apt-get could not install {' '.join(missing)} (is there a network?): {reason(done.stderr)}")
    return missing


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
