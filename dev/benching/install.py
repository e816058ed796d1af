"""How long our installation takes on rows that are there already, and how much memory it wants."""
from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

from dev import databases, odoo_config, processes
from dev.common import STATE, Fail, reason
from dev.odoo_package import Odoo
from dev.postgres import Server

OWN_SQL = re.compile(r"sales_pipeline\.hooks: \D*in (\d+\.\d+) s")
KIND = "bench"


def install(odoo: Odoo, server: Server, database: str) -> dict[str, object]:
    """Install our addon on a database and return the figures of it."""
    log = STATE / f"log/{database}.log"
    log.parent.mkdir(exist_ok=True)
    log.unlink(missing_ok=True)
    line = odoo_config.odoo_command(
        odoo, "-c", odoo_config.conf_path(KIND), "-d", database, "--stop-after-init", "--no-http",
        "--max-cron-threads=0", "-i", "sales_pipeline", "--log-level=warn", "--logfile", log,
        "--log-handler=odoo.addons.sales_pipeline.hooks:INFO", "--log-handler=odoo.modules.loading:INFO",
    )
    begin = time.monotonic()
    with open(log.with_suffix(".out"), "wb") as output:
        process = subprocess.Popen(
            line, env=odoo_config.odoo_environment(server, KIND), cwd=STATE, stdin=subprocess.DEVNULL, stdout=output,
            stderr=output, preexec_fn=processes.die_with_parent,
        )
    peak = watch(process)
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    if process.returncode or re.search(r"^\S+ \S+ \d+ (ERROR|CRITICAL) ", text, re.M):
        raise Fail(f"our addon could not be installed, see {log.name}: {reason(text)}")
    own = sum(map(float, OWN_SQL.findall(text)))
    return {"minutes": f"{(time.monotonic() - begin) / 60:.1f}", "own_sql_s": f"{own:.1f}", "peak_mb": f"{peak:.0f}"}


def watch(process: subprocess.Popen) -> float:
    """Wait for a process and return the most memory it had, in megabytes."""
    peak = 0.0
    while process.poll() is None:
        try:
            found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text(encoding="ascii"))
        except FileNotFoundError:
            found = None
        if found:
            peak = int(found.group(1)) / 1024
        time.sleep(0.2)
    return peak


def on_nothing(odoo: Odoo, server: Server, base: str) -> dict[str, object]:
    """Install on a database without leads: what the installation costs anyway."""
    name = "bench_install_empty"
    databases.copy(server, KIND, base, name)
    try:
        return install(odoo, server, name)
    finally:
        databases.remove(server, KIND, name)
