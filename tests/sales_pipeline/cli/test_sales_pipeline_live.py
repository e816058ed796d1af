"""The command line imports a list beside a running server."""

import os
import subprocess

import pytest

from dev import odoo_config
from dev.common import STATE

_LIST = (
    "Id;Name;E-Mail;Telefon;Land;Budget\n"
    "1;Dana Beispiel;dana.cli@example.com;030 23125042;Deutschland;5000\n"
    "2;Dana Beispiel;DANA.CLI@example.com;;;\n"
    "3;;nobody@example.com;;;7000\n"
    "1;Dana Beispiel;dana.cli@example.com;030 23125042;Deutschland;5000\n"
    "4;Too;many@example.com;;;;cells\n"
)


@pytest.fixture
def run(server, tmp_path):
    """Return a function that runs the command on a list."""

    def run_command(content, *options, mapping=None):
        path = tmp_path / "contacts.csv"
        path.write_text(content, encoding="utf-8")
        if mapping:
            (tmp_path / "mapping.json").write_text(mapping, encoding="utf-8")
            options = (*options, "--mapping", tmp_path / "mapping.json")
        line = odoo_config.odoo_command(
            server.odoo,
            "sales_pipeline",
            "import",
            "-c",
            odoo_config.conf_path("test"),
            "-d",
            server.database,
            path,
            *options,
        )
        environment = odoo_config.odoo_environment(server._postgres, "test")
        return subprocess.run(
            line, env={**os.environ, **environment}, cwd=STATE, capture_output=True, text=True, check=False
        )

    return run_command


def test_a_list_is_imported_once_and_explained(server, run):
    first = run(_LIST)
    assert first.returncode == 0, first.stderr
    for line in (
        "  Telefon -> phone",
        "  Budget",
        "Rows read: 5",
        "  created                1  new leads",
        "  duplicate              1  the same as an open lead, which got a touch",
        "  repeated               1  the same row stands earlier in the file",
        "  rejected               2",
        "         1  name missing or unusable",
        "    line 6: more cells than the header",
        "  unexplained            0",
    ):
        assert line in first.stdout.splitlines(), first.stdout
    leads = server.sql("SELECT phone_sanitized FROM crm_lead WHERE email_normalized = 'dana.cli@example.com'")
    assert leads == [("+493023125042",)]

    second = run(_LIST)
    assert "  created                0  new leads" in second.stdout.splitlines()
    assert "  imported before        4  an earlier import brought this row" in second.stdout.splitlines()
    assert server.sql("SELECT count(*) FROM crm_lead WHERE email_normalized = 'dana.cli@example.com'") == [(1,)]


def test_what_cannot_be_imported_is_said_in_one_line(server, run):
    stored = server.sql("SELECT count(*) FROM pipeline_inbox")
    for answer, said in (
        (run("PK\x03\x04"), "as CSV (UTF-8)"),
        (run(_LIST, mapping='{"Town": "city"}'), "Town"),
        (run(_LIST, "--mapping", "/nowhere/mapping.json"), "cannot be read"),
    ):
        assert answer.returncode == 1
        assert said in answer.stderr and "Traceback" not in answer.stderr
    assert server.sql("SELECT count(*) FROM pipeline_inbox") == stored
