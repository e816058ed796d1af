"""Machines without our programs: what is unpacked, from where, with whose keys, and when an administrator is needed."""
import hashlib
import os
import re
import subprocess

import pytest

from dev import common, debian, machine, programs, venv

UBUNTU = """\
Types: deb
URIs: http://archive.example/ubuntu/
Suites: noble noble-updates
Components: main universe
Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg
"""
DEB822 = "Types: deb\nURIs: http://deb.example/debian\nSuites: bookworm\nComponents: main\n"


@pytest.fixture
def etc(tmp_path, monkeypatch):
    """Have apt's settings in a folder of the test, and no mirror named by the user."""
    (tmp_path / "apt/sources.list.d").mkdir(parents=True)
    (tmp_path / "apt/mirrors").mkdir()
    monkeypatch.setattr(debian, "ETC", tmp_path / "apt")
    monkeypatch.delenv("DEBIAN_MIRROR", raising=False)
    return tmp_path / "apt"


@pytest.mark.parametrize(("files", "expected"), [
    ({"sources.list": "deb http://deb.example/debian bookworm main\n"}, "http://deb.example/debian"),
    ({"sources.list": "deb [arch=amd64 signed-by=/k.gpg] https://deb.example/debian/ sid main\n"},
     "https://deb.example/debian"),
    ({"sources.list.d/debian.sources": DEB822}, "http://deb.example/debian"),
    # a vendor's repository for Debian is no mirror of Debian, although its file comes first
    ({"sources.list.d/a.list": "deb https://vendor.example/linux/debian bookworm stable\n",
      "sources.list.d/debian.sources": DEB822}, "http://deb.example/debian"),
    ({"sources.list": "deb http://far.example/pub/linux/debian bookworm main\n"},
     "http://far.example/pub/linux/debian"),
    ({"sources.list.d/debian.sources": DEB822.replace("http://deb.example/debian", "mirror+file:///m.list"),
      "mirrors/debian.list": "https://cloud.example/debian\n"}, "https://cloud.example/debian"),
])
def test_the_machines_own_mirror_is_used(etc, files, expected):
    for name, text in files.items():
        (etc / name).write_text(text, encoding="utf-8")
    assert debian.mirror() == expected


@pytest.mark.parametrize("text", [UBUNTU, "# deb http://deb.example/debian bookworm main\n"])
def test_another_system_is_asked_for_a_mirror(etc, monkeypatch, text):
    (etc / "sources.list.d/system.sources").write_text(text, encoding="utf-8")
    with pytest.raises(common.Fail, match="set DEBIAN_MIRROR"):
        debian.mirror()
    monkeypatch.setenv("DEBIAN_MIRROR", "http://given.example/debian/")
    assert debian.mirror() == "http://given.example/debian"


@pytest.fixture
def keyless(tmp_path, monkeypatch):
    """Be on a machine without Debian's keys, with a mirror on the disk that offers a package of them."""
    name = "debian-archive-keyring_1_all.deb"
    pool = tmp_path / "mirror/pool/main/d/debian-archive-keyring"
    keys = tmp_path / "package/usr/share/keyrings"
    for folder in (pool, keys, tmp_path / "package/DEBIAN"):
        folder.mkdir(parents=True)
    (tmp_path / "package/DEBIAN/control").write_text(
        "Package: debian-archive-keyring\nVersion: 1\nArchitecture: all\nMaintainer: M <m@m.example>\nDescription: d\n",
        encoding="ascii",
    )
    (keys / "some-keys.gpg").write_text("the keys", encoding="ascii")
    subprocess.run(["dpkg-deb", "--build", tmp_path / "package", pool / name], check=True, capture_output=True)
    monkeypatch.setattr(debian, "KEYRING", debian.KEYRING.with_name("some-keys.gpg"))
    monkeypatch.setattr(debian, "KEYRINGS", {
        "debian-archive-keyring_2_all.deb": "gone from the mirror",
        name: hashlib.sha256((pool / name).read_bytes()).hexdigest(),
    })
    monkeypatch.setattr(debian, "STATE", tmp_path / "state")
    monkeypatch.setenv("DEBIAN_MIRROR", f"file://{tmp_path}/mirror")
    return pool / name


def test_debians_keys_come_from_a_package_whose_hash_is_known(keyless):
    assert debian.keyring().read_text(encoding="ascii") == "the keys"
    keyless.unlink()
    assert debian.keyring().exists(), "asked for them again"


def test_strange_keys_are_refused(keyless):
    keyless.write_bytes(b"a package of somebody else")
    with pytest.raises(common.Fail, match=r"is not the known one; .* apt-get install debian-archive-keyring"):
        debian.keyring()
    assert not (debian.STATE / "keyring" / debian.KEYRING).exists()


@pytest.fixture
def bare(monkeypatch):
    """Be a plain user on a machine with nothing but apt; return what is unpacked and what is installed."""
    done = {"unpacked": [], "installed": []}
    monkeypatch.setattr(machine.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(machine, "postgres_bin", lambda: None)
    monkeypatch.setattr(machine.shutil, "which", lambda name, **_: "/usr/bin/apt-get" if name == "apt-get" else None)
    monkeypatch.setattr(machine, "free_megabytes", lambda _path: 100_000)
    monkeypatch.setattr(programs, "put_on_path", lambda: None)
    monkeypatch.setattr(programs, "unpack", done["unpacked"].extend)
    monkeypatch.setattr(machine, "apt_install", done["installed"].extend)
    return done


def test_a_plain_user_needs_no_administrator(bare):
    machine.install_missing(browser=True)
    assert bare == {"unpacked": ["postgresql", "wkhtmltopdf", "chromium"], "installed": []}


def test_who_brings_a_server_gets_its_clients(bare):
    machine.install_missing(server=False)
    assert bare["unpacked"] == ["postgresql", "wkhtmltopdf"]


def test_a_python_without_venv_is_the_administrators(bare, monkeypatch):
    monkeypatch.setattr(machine.importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(common.Fail, match=r"administrator install: python3-venv .*sudo apt-get install python3-venv"):
        machine.install_missing()
    assert bare == {"unpacked": [], "installed": []}


@pytest.mark.parametrize(("system", "unpacked", "installed"), [
    ("debian", [], ["postgresql", "wkhtmltopdf", "chromium", "libatomic1"]),
    ("ubuntu", ["chromium"], ["postgresql", "wkhtmltopdf"]),
])
def test_root_uses_the_systems_own_packages(bare, monkeypatch, tmp_path, system, unpacked, installed):
    (tmp_path / "os-release").write_text(f"NAME=x\nID={system}\nID_LIKE=debian\n", encoding="ascii")
    monkeypatch.setattr(machine, "RELEASE", tmp_path / "os-release")
    monkeypatch.setattr(machine.os, "geteuid", lambda: 0)
    machine.install_missing(browser=True)
    assert bare == {"unpacked": unpacked, "installed": installed}


def test_too_little_room_is_told_before_anything_is_fetched(bare, monkeypatch):
    monkeypatch.setattr(machine, "free_megabytes", lambda _path: 300)
    with pytest.raises(common.Fail, match="300 MB free and the set-up needs about 600 MB"):
        machine.install_missing()
    assert bare["unpacked"] == []


class Index:
    """An index of packages: names with what they depend on."""

    depends = {
        "postgresql-15": "libpq5 (>= 14), locales | locales-all, libc6 (>= 2.34), libllvm14, libgone",
        "libpq5": "libssl3:any, debconf, libc6",
        "libssl3": "libpq5",
    }

    def dependencies(self, names):
        """Return what the named ones depend on, as far as they are packages."""
        return {name: self.depends[name] for name in names if name in self.depends}


def test_libraries_are_followed_and_nothing_else():
    assert programs.closure(Index(), ("postgresql-15",)) == ["postgresql-15", "libpq5", "libssl3"]


def test_an_unpacked_program_finds_its_libraries_below_a_path_with_spaces(tmp_path, monkeypatch):
    home = tmp_path / "my clone/programs"
    monkeypatch.setattr(programs, "HOME", home)
    for folder in ("usr/bin", "usr/lib/x86_64-linux-gnu"):
        (home / "tool" / folder).mkdir(parents=True)
    program = home / "tool/usr/bin/it"
    program.write_text('#!/bin/sh\necho "$LD_LIBRARY_PATH" "$WHAT" "$1"\n', encoding="ascii")
    command = home / "bin/it"
    command.parent.mkdir()
    command.write_text(programs.launcher("tool", "usr/bin/it", ('WHAT="at $at"',)), encoding="ascii")
    for file in (program, command):
        file.chmod(0o755)

    moved = tmp_path / "moved"
    home.rename(moved)
    told = subprocess.run([moved / "bin/it", "two words"], capture_output=True, text=True, check=True).stdout
    assert told == f"{moved}/tool/usr/lib/x86_64-linux-gnu at {moved}/tool two words\n"


def test_what_was_unpacked_by_an_older_recipe_is_missing(monkeypatch):
    monkeypatch.setattr(machine.shutil, "which", lambda name: str(programs.BIN / name))
    monkeypatch.setattr(programs, "is_complete", lambda name: name == "wkhtmltopdf")
    assert machine.missing_packages(server=False, browser=True) == ["postgresql", "chromium"]


def test_a_program_is_whole_with_its_stamp_and_commands_only(tmp_path, monkeypatch):
    monkeypatch.setattr(programs, "HOME", tmp_path)
    monkeypatch.setattr(programs, "BIN", tmp_path / "bin")
    libraries = tmp_path / "chromium/usr/lib/x86_64-linux-gnu"
    for folder in (tmp_path / "bin", libraries):
        folder.mkdir(parents=True)
    (tmp_path / "chromium/stamp").write_text(programs.wanted_stamp("chromium"), encoding="ascii")
    assert not programs.is_complete("chromium"), "killed before its command was written"
    assert programs.variables("chromium") == {}

    (tmp_path / "bin/chromium").touch()
    assert programs.is_complete("chromium")
    assert programs.variables("chromium") == {"LD_LIBRARY_PATH": str(libraries)}

    (tmp_path / "chromium/stamp").write_text("of another recipe", encoding="ascii")
    assert not programs.is_complete("chromium")


def test_the_machines_own_programs_go_before_the_unpacked(monkeypatch):
    monkeypatch.setenv("PATH", f"/usr/bin{os.pathsep}/bin")
    programs.put_on_path()
    programs.put_on_path()
    assert os.environ["PATH"].split(os.pathsep) == ["/usr/bin", "/bin", str(programs.BIN)]


OFFLINE = """\
WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError'
ERROR: Could not find a version that satisfies the requirement six==1.17.0 (from versions: none)
ERROR: No matching distribution found for six==1.17.0
"""
GONE = """\
ERROR: Could not find a version that satisfies the requirement six==1.17.0 (from versions: 1.15.0, 1.16.0)
ERROR: No matching distribution found for six==1.17.0
"""


@pytest.mark.parametrize(("output", "expected"), [
    (OFFLINE, "is there a network.*six==1.17.0"),
    (GONE, "the package index has no six==1.17.0 .*change it in dev/requirements.txt"),
    ("OSError: [Errno 28] No space left on device", "the disk is full"),
])
def test_pip_without_a_network_is_told_from_a_version_that_is_gone(output, expected):
    told = venv.explain(output, "requirements.txt")
    assert "\n" not in told
    assert re.search(expected, told)
