"""Prepare pieces of work in a process of its own, so that preparing them takes no time from who works on them.

Threads share one interpreter: while one reads, the other waits, even if the machine has cores to spare.
"""

import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from .collecting import uncollected

_PROGRAM = Path(__file__).with_name("ahead_worker.py")


class ProcessLost(Exception):
    """The process could not be started, or ended before its work did."""


@contextmanager
def in_process(
    function: Callable[..., Iterator[Any]], arguments: Mapping[str, Any], packages: Mapping[str, Sequence[str]],
    patches: Sequence[str] = (),
) -> Iterator[Iterator[Any]]:  # fmt: skip
    """Have an iterator run by a process that lives as long as the block, and yield what hands its pieces over.

    What waits in the pipe keeps the process from running further ahead than a piece.

    :param function: a function of a module, which returns the iterator; it and what it yields can be pickled
    :param packages: folders of the packages, by name, whose modules are needed but not what they import at the start
    :param patches: modules that are imported before the work begins
    :raise ProcessLost: it could not be started, or failed later; the pieces so far are right
    """
    process = _start()
    try:
        try:
            task = pickle.dumps((function, dict(arguments)))
            pickle.dump((sys.path, dict(packages), list(patches), task), process.stdin)
            process.stdin.flush()
        except (OSError, pickle.PicklingError, AttributeError, TypeError) as error:
            raise ProcessLost(f"it took no work: {error}") from error
        yield _get_pieces(process.stdout)
    finally:
        _end(process)


def _get_pieces(stream: BinaryIO) -> Iterator[Any]:
    while piece := _receive(stream):
        yield piece[0]


def _start() -> subprocess.Popen:
    # -I keeps the modules beside the program from being taken for Python's own of the same name
    command = [sys.executable or "", "-I", str(_PROGRAM)]
    try:
        return subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )  # fmt: skip
    except OSError as error:
        raise ProcessLost(f"it could not be started: {error}") from error


def _receive(stream: BinaryIO) -> tuple[Any] | None:
    """Return the next piece, None at the end."""
    try:
        with uncollected():
            kind, content = pickle.load(stream)
    except Exception as error:
        raise ProcessLost(f"it ended: {error!r}") from error
    if kind == "failed":
        raise ProcessLost(content)
    return (content,) if kind == "piece" else None


def _end(process: subprocess.Popen) -> None:
    process.kill()
    for stream in (process.stdin, process.stdout):
        try:
            stream.close()
        except OSError:
            # what it was not sent any more
            continue
    process.wait()
