"""Child processes that end when we do, however we end."""
from __future__ import annotations

import contextlib
import ctypes
import signal
import subprocess
import time
import urllib.error
import urllib.request

from dev.common import Fail

PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent() -> None:
    """Ask Linux to end this child when its parent is killed without a chance to do so."""
    _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def end(process: subprocess.Popen, seconds: float = 20) -> None:
    """Ask a child to end, and end it when it does not."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def stop_on_signals() -> None:
    """Let SIGTERM and a closed terminal stop us the way Ctrl-C does."""

    def interrupt(_number: int, _frame: object) -> None:
        # once is enough: the clean-up that follows must not be interrupted in turn
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.SIG_IGN)
        raise KeyboardInterrupt

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, interrupt)


def wait_for_page(url: str, process: subprocess.Popen, seconds: float, failure: str) -> None:
    """Wait until a server shows a page.

    :raise Fail: when its process ends before, or the time is over
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(urllib.error.URLError, OSError), urllib.request.urlopen(url, timeout=30) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise Fail(failure)
