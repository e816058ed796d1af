"""Odoo 19.0 itself: Debian's package unpacked beside us, or what ODOO_HOME names."""
from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from dev import debian
from dev.common import STATE, Fail, digest, fresh_directory, lock, read_stamp, sha256_of, warn, write_whole

# what this project is tested with; 2026-11
VERSION = "19.0.0+dfsg-1"
SHA256 = "9d2f598b0555db17e291d48ed24df184c70823c053c4c5ed53c467ca7f629bbf"
SUITES = ("sid", "testing", "stable")
# scripts and fonts that the package links to instead of carrying them, and the suites that have them
COMPANIONS = {
    "libjs-jquery": "bookworm", "libjs-jquery-form": "bookworm", "libjs-underscore": "bookworm",
    "fonts-roboto-unhinted": "bookworm", "fonts-font-awesome": "bookworm", "fonts-inconsolata": "bookworm",
    "fonts-ocr-b": "bookworm", "fonts-montserrat": "trixie",
}
# two thirds of the package are translations
LANGUAGES = ("de", "en", "es", "fr", "hi")
RECIPE = "1"  # raise when the unpacking below changes
PACKAGES = Path("usr/lib/python3/dist-packages")
CUT = ["./etc", "./usr/lib/systemd", f"./{PACKAGES}/addons", f"./{PACKAGES}/doc", "./usr/share/doc", "*.pot"]


@dataclass(frozen=True)
class Odoo:
    """An Odoo 19.0 on the disk.

    :param path: what must be on Python's path
    :param addons: the directories of Odoo's own addons
    :param identity: changes when another build takes its place
    """

    path: Path
    addons: tuple[Path, ...]
    identity: str
    label: str


def find_odoo() -> Odoo:
    """Return the Odoo to use; fetch and unpack Debian's package when it is not there yet."""
    if home := os.environ.get("ODOO_HOME"):
        return from_home(Path(home).expanduser().resolve())
    with lock(STATE / "odoo.lock", "waiting for another run that fetches Odoo"):
        package = cached_package() or download_package()
        build = read_stamp(package.with_suffix(".sha256"))
        folder = STATE / f"odoo-{digest(build, RECIPE)}"
        if not folder.is_dir():
            unpack(package, folder)
    path = folder / PACKAGES
    return Odoo(path, (path / "odoo/addons",), folder.name, f"odoo-19 {package_version(package)}")


def from_home(home: Path) -> Odoo:
    """Describe a source checkout or an unpacked package."""
    release = home / "odoo/release.py"
    if not release.is_file():
        raise Fail(f"ODOO_HOME={home} holds no Odoo: name the directory with odoo-bin or the odoo/ package in it")
    text = release.read_text(encoding="utf-8")
    if not re.search(r"^version_info = \(19, 0,", text, re.M):
        raise Fail(f"ODOO_HOME={home} is not Odoo 19.0")
    addons = tuple(path for path in (home / "odoo/addons", home / "addons") if path.is_dir())
    head = read_stamp(home / ".git/HEAD")
    return Odoo(home, addons, "home-" + digest(str(home), text, head), f"Odoo 19.0 of ODOO_HOME={home}")


def cache() -> Path:
    """Return the directory that keeps package files for every clone of this user."""
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "odoo-19-deb"
    return Path(os.environ.get("ODOO_DEB_CACHE") or default)


def package_version(package: Path) -> str:
    """Read the version out of a package's file name."""
    return package.stem.split("_")[1].replace("%3a", ":")


def cached_package() -> Path | None:
    """Find a checked package in the cache, the tested one first."""
    tested = cache() / f"odoo-19_{VERSION}.deb"
    if tested.exists():
        accept(tested, trusted=False)
        return tested
    for other in sorted(cache().glob("odoo-19_19.0*.deb"), reverse=True):
        if read_stamp(other.with_suffix(".sha256")):
            tell_untested(other)
            return other
    return None


def accept(package: Path, trusted: bool) -> None:
    """Stamp a package file once its hash is known to be good.

    :param trusted: Debian's signature vouches for it, so that another hash than ours will do
    """
    stamp = package.with_suffix(".sha256")
    if read_stamp(stamp) and stamp.stat().st_mtime >= package.stat().st_mtime:
        return
    found = sha256_of(package)
    if found != SHA256 and not trusted:
        package.unlink()
        raise Fail(f"{package.name} in {package.parent} was not the tested package and is removed: start again")
    write_whole(stamp, found)


def tell_untested(package: Path) -> None:
    """Say that this is not the build that the tests ran on."""
    warn(f"Odoo {package_version(package)} is not the tested {VERSION}: expect small differences")


def download_package() -> Path:
    """Fetch Debian's package from the first suite that has a 19.0."""
    problem = None
    for name in SUITES:
        suite = debian.Suite(name, STATE / "apt")
        try:
            found = [v for v in suite.open().versions("odoo-19") if re.match(r"(\d+:)?19\.0", v)]
        except Fail as failure:
            problem = problem or failure
            continue
        if found:
            return take(suite, VERSION if VERSION in found else found[0])
    where = cache() / f"odoo-19_{VERSION}.deb"
    raise problem or Fail(f"no Debian suite offers Odoo 19.0 any more: put odoo-19 {VERSION} at {where}")


def take(suite: debian.Suite, version: str) -> Path:
    """Download one version and let it in only when someone vouches for it."""
    loaded = suite.download(f"odoo-19={version}", STATE / "apt/new")
    if suite.expired and sha256_of(loaded) != SHA256:
        loaded.unlink()
        raise Fail(f"the mirror is out of date and its Odoo {version} is not the tested {VERSION}: use another mirror")
    cache().mkdir(parents=True, exist_ok=True)
    target = cache() / f"odoo-19_{version}.deb"
    shutil.copyfile(loaded, target.with_suffix(".part"))
    target.with_suffix(".part").replace(target)
    loaded.unlink()
    accept(target, trusted=not suite.expired)
    if version != VERSION:
        tell_untested(target)
    return target


def companions() -> list[Path]:
    """Return the package files that Odoo's links point into, from the cache or from Debian."""
    found, suites = [], {}
    for name, suite in COMPANIONS.items():
        kept = sorted(cache().glob(f"{name}_*.deb"))
        if not kept:
            if suite not in suites:
                suites[suite] = debian.Suite(suite, STATE / "apt").open()
            kept = [suites[suite].download(name, cache())]
        found.append(kept[-1])
    return found


def unpack(package: Path, folder: Path) -> None:
    """Unpack Odoo and its companions and mend what Debian's packaging leaves open."""
    helpers = companions()
    with fresh_directory(folder) as part:
        debian.unpack(package, part, CUT + language_cuts())
        for helper in helpers:
            debian.unpack(helper, part, ["./usr/share/doc"])
        mend(part / PACKAGES)
    for old in STATE.glob("odoo-*"):
        if old.is_dir() and old != folder:
            shutil.rmtree(old, ignore_errors=True)


def language_cuts() -> list[str]:
    """Spell tar patterns for every language but those kept: tar cannot say "except"."""
    firsts = sorted({language[0] for language in LANGUAGES})
    cuts = [f"*/i18n/[!{''.join(firsts)}]*.po"]
    for first in firsts:
        seconds = "".join(sorted(language[1] for language in LANGUAGES if language[0] == first))
        cuts.append(f"*/i18n/{first}[!{seconds}]*.po")
    return cuts


def mend(packages: Path) -> None:
    """Add the one script that Debian removed and name the libraries as the package index knows them."""
    script = packages / "odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
    if not script.exists():
        # without it the mail bundle logs an error in every browser; it only blurs backgrounds in calls
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text("/* left out by Debian; background blur in calls is not available */\n", encoding="ascii")
    for metadata in packages.glob("odoo-*.egg-info/PKG-INFO"):
        text = metadata.read_text(encoding="utf-8")
        text = re.sub(r"^Requires-Dist: psycopg2\b.*$", "Requires-Dist: psycopg2-binary", text, flags=re.M)
        text = re.sub(r"^Requires-Dist: PyPDF2$", "Requires-Dist: pypdf", text, flags=re.M)
        metadata.write_text(text, encoding="utf-8")
