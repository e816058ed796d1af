"""The virtual environment: Odoo's libraries as pinned, our own, and the test tools."""
from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

from dev.common import ROOT, STATE, Fail, command, digest, lock, read_stamp, reason, write_whole
from dev.odoo_package import Odoo

PINS = ROOT / "dev/requirements.txt"
HOME = STATE / "venv"
PYTHON = HOME / "bin/python"
STAMP = HOME / "complete"
# without a network pip finds no version at all
GONE = re.compile(r"a version that satisfies the requirement (\S+) .*\(from versions: (?!none\))")


def wanted_stamp(pins: Path = PINS) -> str:
    """Fingerprint what the environment is made from; a moved clone needs a new one."""
    return digest(pins.read_bytes(), platform.python_version(), str(HOME))


def is_complete() -> bool:
    """Tell whether the environment stands as the pins want it."""
    return read_stamp(STAMP) == wanted_stamp() and PYTHON.exists()


def make_venv(home: Path, pins: Path, stamp: Path, wanted: str) -> None:
    """Make an environment from a list of pins; the stamp is written last."""
    shutil.rmtree(home, ignore_errors=True)
    command([sys.executable, "-m", "venv", home], "the virtual environment cannot be made")
    pip = [home / "bin/python", "-m", "pip", "--disable-pip-version-check", "-q", "install", "--no-compile"]
    done = subprocess.run(
        [*pip, "-r", pins], env=pip_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Fail(explain(done.stderr or done.stdout, pins.name))
    write_whole(stamp, wanted)


def explain(output: str, pins: str) -> str:
    """Say in one line why pip failed: a version that is gone is another matter than no network."""
    gone = GONE.search(output)
    if gone and "No space left" not in output:
        return f"the package index has no {gone.group(1)} (any more, or not for this Python): change it in dev/{pins}"
    return f"pip could not install the libraries (is there a network?): {reason(output)}"


def pip_environment() -> dict[str, str]:
    """Return the environment for pip; a foreign PYTHONPATH or user site must not satisfy a pin."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**kept, "PYTHONNOUSERSITE": "1"}


def ensure(odoo: Odoo) -> bool:
    """Make the environment if the pins changed and put Odoo on its path; tell whether it was made."""
    with lock(STATE / "venv.lock", "waiting for another run that installs the libraries"):
        made = not is_complete()
        if made:
            make_venv(HOME, PINS, STAMP, wanted_stamp())
    for site in (HOME / "lib").glob("python3.*/site-packages"):
        link = site / "odoo-home.pth"
        if read_stamp(link) != str(odoo.path):
            write_whole(link, f"{odoo.path}\n")
    if made:
        version = command([PYTHON, "-m", "odoo", "--version"], "Odoo does not start", cwd=STATE)
        if " 19.0" not in version:
            raise Fail(f"this is not Odoo 19.0: {version.strip()}")
    return made
