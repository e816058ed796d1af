"""The programs that judge the API from outside: a validator, a fuzzer, a generator of clients."""
from __future__ import annotations

import platform
from pathlib import Path

from dev import venv
from dev.common import ROOT, STATE, digest, lock, read_stamp

PINS = ROOT / "dev/requirements-api.txt"
HOME = STATE / "api-tools"
STAMP = HOME / "complete"


def ensure() -> Path:
    """Make the environment if its pins changed, and return where its programs are."""
    with lock(STATE / "api-tools.lock", "waiting for another run that installs the judges of the API"):
        wanted = digest(PINS.read_bytes(), platform.python_version(), str(HOME))
        if read_stamp(STAMP) != wanted or not (HOME / "bin/python").exists():
            venv.make_venv(HOME, PINS, STAMP, wanted)
    return HOME / "bin"
