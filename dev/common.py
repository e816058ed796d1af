"""Small things that every step of the set-up uses: places, plain failures, timed lines, locks."""
from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".dev"
ADDONS = ("sales_pipeline", "sales_pipeline_whatsapp", "sales_pipeline_voip")


# a line that names the error, among the lines of a traceback or of apt
TELLING = re.compile(r"(error|e|fatal|critical|psql: error|[\w.]+(error|exception|missing))\b.*:", re.I)


class Fail(Exception):
    """A reason to stop that a person can act on; printed as one line, without a traceback."""


def in_ci() -> bool:
    """Tell whether strangers' surprises must be errors instead of warnings."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def warn(text: str) -> None:
    """Print a warning, or stop in CI."""
    if in_ci():
        raise Fail(text)
    print(f"warning: {text}", file=sys.stderr, flush=True)


@contextlib.contextmanager
def step(title: str) -> Iterator[list[str]]:
    """Time a step and print its line when it is done; what the step appends is shown in brackets."""
    notes: list[str] = []
    begin = time.monotonic()
    yield notes
    detail = f" ({', '.join(notes)})" if notes else ""
    print(f"{time.monotonic() - begin:6.1f} s  {title}{detail}", flush=True)


def command(args: list, error: str = "", **options) -> str:
    """Run a program to its end and return what it printed.

    :param error: what to tell the user when it fails; the program's last line is added
    :raise Fail: when the program fails or does not exist
    """
    options.setdefault("stdin", subprocess.DEVNULL)
    try:
        done = subprocess.run([str(arg) for arg in args], capture_output=True, text=True, check=False, **options)
    except FileNotFoundError as missing:
        raise Fail(f"{missing.filename} is not installed") from None
    if done.returncode:
        raise Fail(f"{error or ' '.join(map(str, args[:3])) + ' failed'}: {reason(done.stderr or done.stdout)}")
    return done.stdout


def reason(output: str) -> str:
    """Pick the line of a program's output that says why it failed."""
    if "No space left on device" in output:
        return "the disk is full; free some space and start again"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    told = [line for line in lines if TELLING.match(line)]
    return (told or lines or ["it printed nothing"])[-1]


@contextlib.contextmanager
def lock(path: Path, waiting: str = "") -> Iterator[None]:
    """Hold an exclusive lock between processes; a killed process frees it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "a", encoding="ascii") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting:
                print(waiting, flush=True)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def fresh_directory(target: Path) -> Iterator[Path]:
    """Fill a directory under another name and rename it when complete, so that half a directory never counts."""
    part = target.with_name(target.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    yield part
    shutil.rmtree(target, ignore_errors=True)
    part.rename(target)


def write_whole(path: Path, text: str) -> None:
    """Write a file so that readers see the old or the new text, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def read_stamp(path: Path) -> str:
    """Return what an earlier run stamped, or nothing."""
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return ""


def digest(*parts: str | bytes) -> str:
    """Return a short fingerprint of the parts."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "big"))
        total.update(data)
    return total.hexdigest()[:12]


def sha256_of(path: Path) -> str:
    """Return the hex SHA-256 of a file."""
    total = hashlib.sha256()
    with open(path, "rb") as handle:
        while block := handle.read(1 << 20):
            total.update(block)
    return total.hexdigest()
