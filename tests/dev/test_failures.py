"""What goes wrong is said in one line that tells what to do."""
import socket
import subprocess
import sys
from types import SimpleNamespace

import pytest

from dev import common, machine, odoo_package, ports, run


def test_a_taken_port_is_named_with_the_option_that_helps():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(common.Fail, match=f"port {port}, wanted for Odoo, is taken: .*--port N"):
            ports.require_free(port, "Odoo", "--port")


@pytest.mark.parametrize("version", [(3, 10), (3, 14), (2, 7)])
def test_a_python_that_odoo_cannot_use_is_refused(monkeypatch, version):
    monkeypatch.setattr(machine, "sys", SimpleNamespace(version_info=(*version, 0), version=f"{version}"))
    with pytest.raises(common.Fail, match=r"3\.11 to 3\.13"):
        machine.check_python()


def test_a_full_disk_is_told_before_it_is_filled(tmp_path, monkeypatch):
    monkeypatch.setattr(machine, "free_megabytes", lambda _path: 10)
    with pytest.raises(common.Fail, match="10 MB free"):
        machine.check_disk(tmp_path, 2000)


def test_an_odoo_home_without_odoo_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("ODOO_HOME", str(tmp_path))
    with pytest.raises(common.Fail, match="holds no Odoo"):
        odoo_package.find_odoo()


def test_an_odoo_home_of_another_series_is_refused(tmp_path):
    (tmp_path / "odoo").mkdir()
    (tmp_path / "odoo/release.py").write_text("version_info = (18, 0, 0, 'final', 0, '')\n", encoding="utf-8")
    with pytest.raises(common.Fail, match=r"not Odoo 19\.0"):
        odoo_package.from_home(tmp_path)


def test_an_odoo_home_of_a_checkout_has_both_addons_directories(tmp_path):
    (tmp_path / "odoo/addons").mkdir(parents=True)
    (tmp_path / "addons").mkdir()
    (tmp_path / "odoo/release.py").write_text("version_info = (19, 0, 0, FINAL, 0, '')\n", encoding="utf-8")
    assert odoo_package.from_home(tmp_path).addons == (tmp_path / "odoo/addons", tmp_path / "addons")


def test_a_missing_import_file_is_named():
    with pytest.raises(common.Fail, match="no file"):
        run.parse(["--import", "/nowhere/leads.csv"])


def test_the_telling_line_is_picked_from_a_programs_output():
    output = "Traceback (most recent call last):\n  File ...\nKeyError: 'name'\nGoodbye"
    assert common.reason(output) == "KeyError: 'name'"
    assert common.reason("x\nOSError: [Errno 28] No space left on device\n") == (
        "the disk is full; free some space and start again"
    )


def test_a_failing_program_is_told_with_its_reason():
    with pytest.raises(common.Fail, match="it broke: ERROR: no such thing"):
        common.command([sys.executable, "-c", "import sys; sys.exit('ERROR: no such thing')"], "it broke")


def test_a_second_process_waits_for_a_lock_and_gets_it_when_the_first_is_killed(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from dev.common import lock\n"
        "with lock(Path(sys.argv[1])): print('held', flush=True); time.sleep(60)"
    )
    path = tmp_path / "lock"
    first = subprocess.Popen([sys.executable, "-c", code, path], cwd=common.ROOT, stdout=subprocess.PIPE)
    assert first.stdout.readline() == b"held\n"
    first.kill()
    first.wait()
    first.stdout.close()
    with common.lock(path):
        pass
