"""How fast a backlog is handed out, beside Odoo's own assignment on the same leads."""
from __future__ import annotations

import json
import re

from dev import databases, odoo_config
from dev.benching import rows
from dev.common import step
from dev.odoo_package import Odoo
from dev.postgres import Server

# Odoo needs about a twentieth of a second a lead; a tenth of the leads tells it as well.
STOCK_SHARE = 10


def measure(odoo: Odoo, server: Server, size: str) -> dict[str, object]:
    """Hand out every lead of the size on copies of both databases, one process each, and return the time a lead took.

    Both begin with open leads that have neither owner nor team. Ours asks four rules with pools of twenty and writes a
    reason, an event and a notice; Odoo's finds a team, merges duplicates away, makes deals of them, and gives no reason
    for it.
    """
    figures: dict[str, object] = {"bench": "assign", "mode": "one process"}
    times = {}
    for side, database in (("ours", rows.our_name(size)), ("stock", rows.stock_name(size))):
        leads = rows.SIZES[size] // (STOCK_SHARE if side == "stock" else 1)
        name = f"bench_{size}_assign_{side}"
        try:
            with step(f"{leads} leads handed out, {side}"):
                databases.copy(server, rows.KIND, database, name)
                told = odoo_config.shell(odoo, server, rows.KIND, name, databases.INSIDE / "assign_backlog.py",
                                         leads=leads)
        finally:
            databases.remove(server, rows.KIND, name)
        found = json.loads(re.search(r"measured (.*)", told).group(1))
        times[side] = found["seconds"] * 1000 / leads
        figures |= {f"{side}_ms_per_lead": f"{times[side]:.2f}", f"{side}_given": found["given"],
                    f"{side}_cpu_ms_per_lead": f"{found['cpu'] * 1000 / leads:.2f}"}
        figures |= {f"{side}_spread": found["spread"]} if "spread" in found else {}
    return {**figures, "ratio": f"{times['ours'] / times['stock']:.3f}"}
