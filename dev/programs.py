"""Programs for who may not install any: Debian's packages unpacked below our own directory, with their libraries."""
from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dev import debian
from dev.common import STATE, digest, fresh_directory, lock, read_stamp, write_whole

HOME = STATE / "programs"
BIN = HOME / "bin"
# its programs run on every machine whose C library is not older, so one suite serves them all
SUITE = "bookworm"
# libraries are followed, except the C library, which must be the machine's own, and what needs a graphics card
# or the just-in-time compiler
FOLLOWED = re.compile(r"lib(?!c6$|c-bin$|llvm\d|gl1-mesa-dri$|gtk-3)|chromium-common$")
CUT = ["./usr/share/doc", "./usr/share/man", "./usr/share/locale", "./usr/share/lintian", "./etc", "*/llvmjit*",
       "*/15/lib/bitcode", "./var"]
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
<dir prefix="relative">usr/share/fonts</dir><dir>/usr/share/fonts</dir>
<cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""


@dataclass(frozen=True)
class Program:
    """What to unpack for a program, and what of it is called.

    :param commands: places of its commands below the unpacked tree
    :param variables: the environment that it needs; ``$at`` is the unpacked tree
    """

    packages: tuple[str, ...]
    commands: tuple[str, ...]
    megabytes: int
    variables: tuple[str, ...] = ()


FONT_FILE = 'FONTCONFIG_FILE="$at/fonts.conf"'
PROGRAMS = {
    "postgresql": Program(
        ("postgresql-15", "postgresql-client-15"),
        tuple(f"usr/lib/postgresql/15/bin/{name}" for name in (
            "initdb", "pg_ctl", "postgres", "psql", "createdb", "dropdb", "pg_dump", "pg_restore",
        )), 200,
    ),
    "wkhtmltopdf": Program(
        ("wkhtmltopdf", "fonts-dejavu-core"), ("usr/bin/wkhtmltopdf", "usr/bin/wkhtmltoimage"), 400,
        (FONT_FILE, "QT_QPA_PLATFORM=offscreen", 'QT_PLUGIN_PATH="$at/plugins"'),
    ),
    # libatomic1 is for Playwright, which drives it
    "chromium": Program(
        ("chromium", "fonts-dejavu-core", "libatomic1"), ("usr/lib/chromium/chromium",), 900, (FONT_FILE,)
    ),
}


def put_on_path() -> None:
    """Let this process and its children find the unpacked programs behind the machine's own."""
    places = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if str(BIN) not in places:
        os.environ["PATH"] = os.pathsep.join([*places, str(BIN)])


def unpack(names: list[str]) -> None:
    """Fetch and unpack programs with their libraries; each is whole or not there."""
    with lock(STATE / "programs.lock", "waiting for another run that unpacks programs"):
        missing = [name for name in names if not is_complete(name)]
        if not missing:
            return
        suite = debian.Suite(SUITE, STATE / "apt").open()
        for name in missing:
            unpack_one(suite, name, PROGRAMS[name])


def is_complete(name: str) -> bool:
    """Tell whether a program is unpacked as it is wanted now; its commands are written last."""
    commands = (BIN / Path(place).name for place in PROGRAMS[name].commands)
    return read_stamp(HOME / name / "stamp") == wanted_stamp(name) and all(map(Path.exists, commands))


def owner(command: str) -> str:
    """Return the program that a command belongs to."""
    return next(name for name, program in PROGRAMS.items() if command in {Path(at).name for at in program.commands})


def wanted_stamp(name: str) -> str:
    """Fingerprint what a program is unpacked from."""
    return digest(repr(PROGRAMS[name]), FOLLOWED.pattern, *CUT)


def variables(name: str) -> dict[str, str]:
    """Return what a program outside needs to find the libraries of an unpacked one."""
    if not is_complete(name):
        return {}
    return {"LD_LIBRARY_PATH": ":".join(str(HOME / name / folder) for folder in library_folders(HOME / name))}


def unpack_one(suite: debian.Suite, name: str, program: Program) -> None:
    """Unpack one program into a tree of its own and write the commands that start it."""
    packages = suite.download_all(list(closure(suite, program.packages)))
    with fresh_directory(HOME / name) as part:
        for package in packages:
            debian.unpack(package, part, CUT)
            package.unlink()
        (part / "fonts.conf").write_text(FONTS, encoding="ascii")
        for plugins in part.glob("usr/lib/*/qt5/plugins"):
            (part / "plugins").symlink_to(plugins.relative_to(part))
        (part / "stamp").write_text(wanted_stamp(name), encoding="ascii")
    BIN.mkdir(exist_ok=True)
    for place in program.commands:
        command = BIN / Path(place).name
        write_whole(command.with_suffix(".new"), launcher(name, place, program.variables))
        command.with_suffix(".new").chmod(0o755)
        command.with_suffix(".new").replace(command)


def launcher(name: str, place: str, variables: tuple[str, ...]) -> str:
    """Spell the script that starts a command with its own libraries; the clone may be moved."""
    libraries = ":".join(f"$at/{folder}" for folder in library_folders(HOME / name))
    return "\n".join([
        "#!/bin/sh",
        f'at=$(cd "$(dirname "$0")/../{name}" && pwd) || exit 127',
        f'export LD_LIBRARY_PATH="{libraries}"', *(f"export {variable}" for variable in variables),
        f'exec "$at"/{shlex.quote(place)} "$@"', "",
    ])


def library_folders(tree: Path) -> Iterator[str]:
    """List the folders of an unpacked tree that hold shared libraries."""
    for pattern in ("lib/*-linux-gnu*", "usr/lib/*-linux-gnu*", "usr/lib/*-linux-gnu*/pulseaudio"):
        yield from sorted(str(folder.relative_to(tree)) for folder in tree.glob(pattern) if folder.is_dir())


def closure(suite: debian.Suite, names: tuple[str, ...]) -> list[str]:
    """List packages and the libraries they need."""
    known: dict[str, str | None] = {}
    wanted = list(names)
    while wanted:
        found = suite.dependencies(wanted)
        known |= {name: found.get(name) for name in wanted}
        needed = dict.fromkeys(chosen for text in found.values() for chosen in choose(text))
        wanted = [name for name in needed if name not in known and FOLLOWED.match(name)]
    # a virtual package cannot be fetched; those named here must be
    return [name for name, depends in known.items() if depends is not None or name in names]


def choose(depends: str) -> Iterator[str]:
    """Name the first alternative of each dependency."""
    for part in filter(None, (piece.strip() for piece in depends.split(","))):
        yield re.split(r"[\s(:|]", part)[0]
