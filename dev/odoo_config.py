"""Odoo's configuration file and the commands that use it."""
from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

from dev import venv
from dev.common import ROOT, STATE, Fail, reason, write_whole
from dev.odoo_package import Odoo
from dev.postgres import Server
from dev.processes import die_with_parent

NOWHERE = "http://127.0.0.1:9"


def conf_path(kind: str) -> Path:
    """Return where the configuration of a kind stands."""
    return STATE / f"odoo-{kind}.conf"


def data_dir(kind: str) -> Path:
    """Return where Odoo of a kind keeps attachments and sessions."""
    return STATE / "data" / kind


def addons_path(odoo: Odoo) -> str:
    """Return Odoo's addons directories and ours."""
    return ",".join(map(str, [*odoo.addons, ROOT]))


def write_conf(kind: str, odoo: Odoo, server: Server, **options: object) -> Path:
    """Write the configuration file of a kind (``run`` or ``test``)."""
    if {",", ":"} & set(str(ROOT)):
        raise Fail(f"paths are listed with commas and colons between them: move this clone ({ROOT}) to one without")
    values = {
        "addons_path": addons_path(odoo), "data_dir": data_dir(kind), "db_host": server.host, "db_port": server.port,
        "db_user": server.user, "http_interface": "127.0.0.1",
        "list_db": False, "max_cron_threads": 4, "workers": 0, "publisher_warranty_url": NOWHERE,
        # a laptop's first asset build is slower than a server's
        "limit_time_real": 600, "limit_time_cpu": 600,
        "admin_passwd": "admin", "with_demo": False, **options,
    }
    if server.password:
        values["db_password"] = server.password
    lines = [f"{name} = {str(value).replace('%', '%%')}" for name, value in values.items()]
    path = conf_path(kind)
    write_whole(path, "\n".join(["[options]", *lines, ""]))
    path.chmod(0o600)
    return path


def odoo_command(odoo: Odoo, *args: object) -> list[str]:
    """Spell a command of Odoo; addons bring their own, so the path comes first."""
    rest = [str(arg) for arg in args]
    if rest and not rest[0].startswith("-"):
        rest.insert(0, f"--addons-path={addons_path(odoo)}")
    return [str(venv.PYTHON), "-m", "odoo", *rest]


def odoo_environment(server: Server, kind: str) -> dict[str, str]:
    """Return the process environment of Odoo."""
    found = {name: value for name, value in server.environment.items() if name != "PYTHONPATH"}
    # the directory of the addons must not shadow a library by accident
    return {**found, "ODOO_RC": str(conf_path(kind)), "PYTHONSAFEPATH": "1"}


def shell(odoo: Odoo, server: Server, kind: str, database: str, script: Path, **values: object) -> str:
    """Run a script in Odoo's shell on a database and return what it printed.

    :param values: handed to the script as JSON in SALES_PIPELINE_VALUES
    """
    done = subprocess.run(
        odoo_command(odoo, "shell", "-c", conf_path(kind), "-d", database, "--no-http", "--log-level=warn"),
        input=script.read_text(encoding="utf-8") + "\nprint('script finished')\n",
        env={**odoo_environment(server, kind), "SALES_PIPELINE_VALUES": json.dumps(values, default=str)},
        cwd=STATE, capture_output=True, text=True, check=False, preexec_fn=die_with_parent,
    )
    if "script finished" not in done.stdout:
        (STATE / "shell.log").write_text(done.stdout + done.stderr, encoding="utf-8")
        raise Fail(f"{script.name} failed, see .dev/shell.log: {reason(done.stderr)}")
    return done.stdout


def install(odoo: Odoo, server: Server, kind: str, database: str, log: Path, *options: object) -> None:
    """Run Odoo once to install or update modules and stop.

    :raise Fail: when Odoo failed, or logged an error while it went on
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    log.unlink(missing_ok=True)
    args = ["-c", conf_path(kind), "-d", database, "--stop-after-init", "--no-http", "--max-cron-threads=0"]
    done = subprocess.run(
        odoo_command(odoo, *args, "--log-level=warn", "--logfile", log, *options),
        env=odoo_environment(server, kind), cwd=STATE, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, preexec_fn=die_with_parent,
    )
    told = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    if done.returncode or re.search(r"^\S+ \S+ \d+ (ERROR|CRITICAL) ", told, re.M):
        raise Fail(f"Odoo could not install, see {log.relative_to(ROOT)}: {reason(told or done.stdout)}")


def base_url(port: int) -> str:
    """Return the address that people and links use."""
    return f"http://localhost:{port}"
