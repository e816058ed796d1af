"""MailDump, which keeps every mail that Odoo sends and shows it in the browser; nothing leaves the machine."""
from __future__ import annotations

import platform
import subprocess
from pathlib import Path

from dev import venv
from dev.common import ROOT, STATE, digest, read_stamp
from dev.ports import free_port, is_free
from dev.processes import die_with_parent

PINS = ROOT / "dev/requirements-mail.txt"
HOME = STATE / "mailcatcher"
STAMP = HOME / "complete"
SMTP_PORT = 1025


def ensure() -> bool:
    """Make the catcher's environment if its pins changed; tell whether it was made."""
    wanted = digest(PINS.read_bytes(), platform.python_version(), str(HOME))
    if read_stamp(STAMP) == wanted and (HOME / "bin/python").exists():
        return False
    venv.make_venv(HOME, PINS, STAMP, wanted)
    return True


def smtp_port() -> int:
    """Choose the port that Odoo hands its mails to; nobody else needs to know it."""
    return SMTP_PORT if is_free(SMTP_PORT) else free_port()


def start(http_port: int, smtp: int, log: Path) -> subprocess.Popen:
    """Start the catcher; it keeps the mails of earlier runs."""
    args = [
        HOME / "bin/python", ROOT / "dev/inside/catch_mail.py", "--foreground", "--no-quit",
        "--http-ip", "127.0.0.1", "--http-port", http_port, "--smtp-ip", "127.0.0.1", "--smtp-port", smtp,
        "--db", STATE / "mails.sqlite",
    ]
    with open(log, "ab") as output:
        return subprocess.Popen(
            [str(arg) for arg in args], stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=STATE,
            start_new_session=True, preexec_fn=die_with_parent,
        )
