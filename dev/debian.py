"""Debian packages fetched and unpacked below our own directories: the machine's own apt stays as it is."""
from __future__ import annotations

import os
import re
import shutil
import subprocess
import urllib.request
from pathlib import Path

from dev.common import STATE, Fail, command, reason, sha256_of

ETC = Path("/etc/apt")
KEYRING = Path("usr/share/keyrings/debian-archive-keyring.gpg")
# Debian's keys in Debian's own packages, the newest first: another system's apt does not know them
KEYRINGS = {
    "debian-archive-keyring_2025.1_all.deb": "9ea7778e443144ca490668737a8ab22dd3e748bb99e805e22ec055abeb3c7fac",
    "debian-archive-keyring_2023.3+deb12u2_all.deb": "f699e2f88dca05212f2a452b58475f2993cb6993dfbafb1d0205a3291eb8b4b8",
}
MIRROR = re.compile(r"https?://[^\s\]]+/debian/?(?=\s|$)")
# vendors keep theirs in folders below their site, Debian's mirrors mostly not
LIKELY_MIRROR = re.compile(r"https?://[^/]+/debian/?$")
# of the machine's settings only how to reach the network: its hooks serve its own index
KEPT_SETTINGS = re.compile(r'^Acquire::(https?|ForceIPv[46])\b.* ".*";$', re.M)


def mirror() -> str:
    """Return the Debian mirror that this machine already uses, or the one that DEBIAN_MIRROR names."""
    if given := os.environ.get("DEBIAN_MIRROR"):
        return given.rstrip("/")
    found = [mirror for source in filter(Path.is_file, source_files()) for mirror in mirrors_of(source)]
    for chosen in [*filter(LIKELY_MIRROR.match, found), *found]:
        return chosen.rstrip("/")
    raise Fail(
        "this machine's apt names no Debian mirror: set DEBIAN_MIRROR to one, "
        "or ODOO_HOME to an unpacked Odoo 19.0"
    )


def source_files() -> list[Path]:
    """List the files in which apt's sources stand, also those that a source refers to."""
    folder = ETC / "sources.list.d"
    lists = [ETC / "sources.list", *sorted(folder.glob("*.list")), *sorted(folder.glob("*.sources"))]
    return [*lists, *sorted((ETC / "mirrors").glob("*"))]


def mirrors_of(source: Path) -> list[str]:
    """Find the addresses in a file of sources that may be Debian mirrors."""
    lines = source.read_text(encoding="utf-8", errors="replace").splitlines()
    matches = (MIRROR.search(line) for line in lines if not line.lstrip().startswith("#"))
    return [match.group() for match in matches if match]


def keyring() -> Path:
    """Return Debian's keys: the machine's, or those of a package whose hash is known.

    :raise Fail: when the mirror has none of the known packages
    """
    for home in (Path("/"), STATE / "keyring"):
        if (home / KEYRING).is_file():
            return home / KEYRING
    home, problem = STATE / "keyring", ""
    home.mkdir(parents=True, exist_ok=True)
    for name, wanted in KEYRINGS.items():
        package = home / name
        try:
            with urllib.request.urlopen(f"{mirror()}/pool/main/d/debian-archive-keyring/{name}", timeout=60) as answer:
                package.write_bytes(answer.read())
        except (OSError, ValueError) as error:
            problem = str(error)
            continue
        if sha256_of(package) == wanted:
            unpack(package, home, ["./etc"])
            return home / KEYRING
        problem = f"{name} is not the known one"
    raise Fail(f"Debian's keys cannot be had from {mirror()} (is there a network?): {problem}; "
               "with an administrator: apt-get install debian-archive-keyring")


class Suite:
    """One Debian suite seen through an apt state of its own."""

    def __init__(self, name: str, state: Path):
        self.name = name
        self.state = state / name
        self.expired = False
        self._options: list[str] = []

    def open(self) -> Suite:
        """Fetch the suite's index; apt checks Debian's signature on it."""
        if not shutil.which("apt-get"):
            raise Fail("there is no apt-get to read Debian's packages with: name an unpacked Odoo 19.0 in ODOO_HOME, "
                       "a PostgreSQL in PGHOST, and install wkhtmltopdf and, for tests, chromium")
        for folder in ("lists/partial", "cache/archives/partial", "keys", "empty"):
            (self.state / folder).mkdir(parents=True, exist_ok=True)
        (self.state / "status").touch()
        # a folder of keys: the path of a single one may not hold spaces
        shutil.copyfile(keyring(), self.state / "keys/debian.gpg")
        (self.state / "apt.conf").write_text(self._settings(), encoding="utf-8")
        (self.state / "sources.list").write_text(f"deb {mirror()} {self.name} main\n", encoding="utf-8")
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

    def dependencies(self, packages: list[str]) -> dict[str, str]:
        """Return what packages depend on, by name; of several versions the newest counts."""
        found: dict[str, str] = {}
        for stanza in self._apt("apt-cache", "show", *packages).stdout.split("\n\n"):
            fields = dict(re.findall(r"^([\w-]+): (.*)$", stanza, re.M))
            if name := fields.get("Package"):
                found.setdefault(name, ",".join([fields.get("Pre-Depends", ""), fields.get("Depends", "")]))
        return found

    def download(self, package: str, folder: Path) -> Path:
        """Put a package file into a folder; apt checks it against the signed index."""
        [loaded] = self.download_all([package])
        folder.mkdir(parents=True, exist_ok=True)
        # the cache may lie on another disk than the state: copy beside, then rename
        part = folder / (loaded.name + ".part")
        command(["cp", loaded, part], "the package cannot be kept")
        target = folder / loaded.name
        part.rename(target)
        loaded.unlink()
        return target

    def download_all(self, packages: list[str]) -> list[Path]:
        """Download package files into the state; apt checks them against the signed index."""
        work = self.state / "download"
        work.mkdir(exist_ok=True)
        for old in work.glob("*.deb"):
            old.unlink()
        done = self._apt("apt-get", "-qq", "download", *packages, cwd=work)
        files = sorted(work.glob("*.deb"))
        if done.returncode or len(files) != len(packages):
            raise Fail(f"{packages[0]} could not be downloaded from Debian's {self.name} (is there a network?): "
                       f"{reason(done.stderr)}")
        return files

    def _settings(self) -> str:
        """Write the apt settings that keep this state apart from the machine's."""
        at = self.state
        values = {
            "Dir::State": at, "Dir::State::Lists": at / "lists", "Dir::State::status": at / "status",
            "Dir::Etc::SourceList": at / "sources.list", "Dir::Etc::SourceParts": "/dev/null",
            "Dir::Etc::Preferences": "/dev/null", "Dir::Etc::PreferencesParts": "/dev/null",
            "Dir::Etc::Main": "/dev/null", "Dir::Etc::Parts": at / "empty",
            "Dir::Etc::Trusted": "/dev/null", "Dir::Etc::TrustedParts": at / "keys",
            "Dir::Cache": at / "cache", "Acquire::Languages": "none", "Acquire::PDiffs": "false",
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false", "Acquire::Retries": "3",
            # root's apt would drop to a user who cannot enter this folder
            "APT::Sandbox::User": "root" if os.geteuid() == 0 else "", "Debug::NoLocking": "true",
            "APT::Get::AllowUnauthenticated": "false", "Acquire::AllowInsecureRepositories": "false",
        }
        own = "".join(f'{name} "{value}";\n' for name, value in values.items())
        dump = command(["apt-config", "dump"], "apt's settings cannot be read", env={**os.environ, "LC_ALL": "C"})
        return own + "".join(match.group() + "\n" for match in KEPT_SETTINGS.finditer(dump))

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
