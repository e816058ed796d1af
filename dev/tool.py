"""The wrappers dev/odoo and dev/psql: the environment's Odoo and psql on the databases of bin/run or bin/test."""
from __future__ import annotations

import os
import subprocess

from dev import machine, odoo_config, postgres, venv
from dev.odoo_package import find_odoo


def main(args: list[str]) -> int:
    """Run one program with the right configuration; the cluster is there for as long as it runs.

    ``DEV_KIND=run`` picks bin/run's databases, else bin/test's.
    """
    program, *rest = args
    kind = os.environ.get("DEV_KIND", "test")
    machine.install_missing(server=not postgres.foreign())
    odoo = find_odoo()
    venv.ensure(odoo)
    with postgres.running(kind) as server:
        if not (kind == "run" and odoo_config.conf_path(kind).exists()):
            odoo_config.write_conf(kind, odoo, server)
        line = ["psql", *rest] if program == "psql" else odoo_config.odoo_command(odoo, *rest)
        env = odoo_config.odoo_environment(server, kind)
        if program == "psql":
            env["PGDATABASE"] = "postgres"
        try:
            return subprocess.call(line, env=env)
        except KeyboardInterrupt:
            return 130
