"""A step that was cut short is done again; a step that was finished is not."""
import subprocess

import pytest

from dev import common, databases, odoo_package, venv


def test_half_a_directory_never_takes_the_name(tmp_path):
    target = tmp_path / "odoo"
    with pytest.raises(KeyboardInterrupt), common.fresh_directory(target) as part:
        (part / "first").touch()
        raise KeyboardInterrupt
    assert not target.exists()

    with common.fresh_directory(target) as part:
        (part / "second").touch()
    assert [path.name for path in target.iterdir()] == ["second"]


def test_an_environment_is_stamped_last(tmp_path, monkeypatch):
    pins, stamp = tmp_path / "pins.txt", tmp_path / "venv/complete"
    monkeypatch.setattr(venv, "command", lambda *_args: "")
    refusal = subprocess.CompletedProcess([], 1, stdout="", stderr="ERROR: no network")
    monkeypatch.setattr(venv.subprocess, "run", lambda *_args, **_options: refusal)

    with pytest.raises(common.Fail, match="no network"):
        venv.make_venv(tmp_path / "venv", pins, stamp, "wanted")
    assert common.read_stamp(stamp) == ""


def test_a_damaged_package_in_the_cache_is_removed_and_named(tmp_path, monkeypatch):
    monkeypatch.setenv("ODOO_DEB_CACHE", str(tmp_path))
    package = tmp_path / f"odoo-19_{odoo_package.VERSION}.deb"
    package.write_bytes(b"half of it")
    with pytest.raises(common.Fail, match="start again"):
        odoo_package.cached_package()
    assert not package.exists()


def test_another_build_warns_people_and_stops_ci(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("ODOO_DEB_CACHE", str(tmp_path))
    package = tmp_path / "odoo-19_19.0.0+dfsg-7.deb"
    package.write_bytes(b"another build")
    odoo_package.accept(package, trusted=True)

    monkeypatch.delenv("CI", raising=False)
    assert odoo_package.cached_package() == package
    assert "not the tested" in capsys.readouterr().err

    monkeypatch.setenv("CI", "true")
    with pytest.raises(common.Fail, match="not the tested"):
        odoo_package.cached_package()


def test_the_template_changes_with_what_an_installation_reads(tmp_path):
    (tmp_path / "sales_pipeline/static/src").mkdir(parents=True)
    source, script = tmp_path / "sales_pipeline/const.py", tmp_path / "sales_pipeline/static/src/a.js"
    source.write_text("A = 1", encoding="utf-8")
    first, first_static = databases.addons_digest(tmp_path), databases.static_digest(tmp_path)

    script.write_text("1", encoding="utf-8")
    (tmp_path / "sales_pipeline/README.md").touch()
    assert databases.addons_digest(tmp_path) == first
    assert databases.static_digest(tmp_path) != first_static

    source.write_text("A = 2", encoding="utf-8")
    assert databases.addons_digest(tmp_path) != first
