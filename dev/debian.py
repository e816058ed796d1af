"""Debian packages fetched and unpacked below our own directories: the machine's own apt stays as it is."""
from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from dev.common import Fail, command, reason

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
MIRROR = re.compile(r"https?://[^\s\]]+/debian/?(?=\s|$)")


def mirror() -> str:
    """Return the Debian mirror that this machine already uses, or the one that DEBIAN_MIRROR names."""
    if given := os.environ.get("DEBIAN_MIRROR"):
        return given.rstrip("/")
    etc = Path("/etc/apt")
    sources = [etc / "sources.list", *sorted((etc / "sources.list.d").glob("*.list"))]
    sources += sorted((etc / "sources.list.d").glob("*.sources"))
    for source in filter(Path.is_file, sources):
        for line in source.read_text(encoding="utf-8", errors="replace").splitlines():
            if not line.lstrip().startswith("#") and (found := MIRROR.search(line)):
                return found.group().rstrip("/")
    raise Fail(
        "this machine's apt names no Debian mirror: set DEBIAN_MIRROR to one, "
        "or ODOO_HOME to an unpacked Odoo 19.0"
    )


class Suite:
    """One Debian suite seen through an apt state of its own."""

    def __init__(self, name: str, state: Path):
        self.name = name
        self.state = state / name
        self.expired = False
        self._options: list[str] = []

    def open(self) -> Suite:
        """Fetch the suite's index; apt checks Debian's signature on it."""
        for folder in ("lists/partial", "cache/archives/partial"):
            (self.state / folder).mkdir(parents=True, exist_ok=True)
        (self.state / "status").touch()
        (self.state / "apt.conf").write_text(self._settings(), encoding="utf-8")
        (self.state / "sources.list").write_text(
            f"deb [signed-by={KEYRING}] {mirror()} {self.name} main\n", encoding="utf-8"
        )
        done = self._apt("apt-get", "-qq", "update")
        if "is expired" in done.stderr or "is not valid anymore" in done.stderr:
            # a mirror that stands still outlives the index's date; the signature on it is as good as before
            self.expired = True
            self._options = ["-oAcquire::Check-Valid-Until=false"]
            done = self._apt("apt-get", "-qq", "update")
        if done.returncode or "Failed to fetch" in done.stderr:
            raise Fail(f"Debian's {self.name} cannot be read (is there a network?): {reason(done.stderr)}")
        return self

    def versions(self, package: str) -> list[str]:
        """List the versions of a package, newest first."""
        rows = self._apt("apt-cache", "madison", package).stdout.splitlines()
        return [row.split("|")[1].strip() for row in rows if row.count("|") >= 2]

    def download(self, package: str, folder: Path) -> Path:
        """Put a package file into a folder; apt checks it against the signed index."""
        work = self.state / "download"
        work.mkdir(exist_ok=True)
        for old in work.glob("*.deb"):
            old.unlink()
        done = self._apt("apt-get", "-qq", "download", package, cwd=work)
        files = list(work.glob("*.deb"))
        if done.returncode or len(files) != 1:
            raise Fail(f"{package} could not be downloaded from Debian's {self.name}: {reason(done.stderr)}")
        folder.mkdir(parents=True, exist_ok=True)
        # the cache may lie on another disk than the state: copy beside, then rename
        part = folder / (files[0].name + ".part")
        command(["cp", files[0], part], "the package cannot be kept")
        target = folder / files[0].name
        part.rename(target)
        files[0].unlink()
        return target

    def _settings(self) -> str:
        """Write the apt settings that keep this state apart from the machine's."""
        at = self.state
        values = {
            "Dir::State": at, "Dir::State::Lists": at / "lists", "Dir::State::status": at / "status",
            "Dir::Etc::SourceList": at / "sources.list", "Dir::Etc::SourceParts": "/dev/null",
            "Dir::Etc::Preferences": "/dev/null", "Dir::Etc::PreferencesParts": "/dev/null",
            "Dir::Cache": at / "cache", "Acquire::Languages": "none", "Acquire::PDiffs": "false",
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false", "Acquire::Retries": "3",
            # root's apt would drop to a user who cannot enter this folder
            "APT::Sandbox::User": "root" if os.geteuid() == 0 else "", "Debug::NoLocking": "true",
            "APT::Get::AllowUnauthenticated": "false", "Acquire::AllowInsecureRepositories": "false",
        }
        return "".join(f'{name} "{value}";\n' for name, value in values.items())

    def _apt(self, program: str, *args: str, cwd: Path | None = None) -> subprocess.CompletedProcess:
        """Run apt on this state only."""
        environment = {**os.environ, "APT_CONFIG": str(self.state / "apt.conf"), "LC_ALL": "C"}
        return subprocess.run(
            [program, *self._options, *args], env=environment, cwd=cwd,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )


def unpack(package: Path, folder: Path, excludes: list[str]) -> None:
    """Unpack a package file without installing it."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as source:
        filters = [f"--exclude={pattern}" for pattern in excludes]
        command(["tar", "-x", "-C", folder, *filters], f"{package.name} cannot be unpacked",
                stdin=source.stdout)
    if source.returncode:
        raise Fail(f"{package} is damaged: remove it and start again")
