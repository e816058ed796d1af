"""dev/bench: how fast our addons are beside the same Odoo with the same rows and without them."""
from __future__ import annotations

import argparse
from pathlib import Path

from dev import databases, machine, odoo_config, postgres, processes, venv
from dev.benching import api, assign, bulk, compare, duplicates, inbox, indexes, install, notice, rows, sides
from dev.common import STATE, Fail, lock, step
from dev.odoo_package import Odoo, find_odoo

COMPARED = ("capture", "create", "list", "board", "form", "import")
NAMES = (*COMPARED, "api", "bulk", "inbox", "install", "indexes", "duplicates", "notice", "assign", "rows", "all")
# a database and its copy with our addons, measured, rounded up
MEGABYTES = {"10k": 1000, "100k": 3000, "1m": 12000}


def main(args: list[str]) -> int:
    """Make the rows that are missing, measure, and print one last line of figures a benchmark."""
    parser = argparse.ArgumentParser("dev/bench", description="Measure our addons against stock Odoo on the same rows.")
    parser.add_argument("name", choices=NAMES, help="what to measure; rows only makes the databases")
    parser.add_argument("--size", choices=rows.SIZES, default="10k", help="how many leads (10k)")
    parser.add_argument("--repetitions", type=int, metavar="N", help="how often each act is measured")
    parser.add_argument("--as-is", action="store_true", help="keep the databases although addons or generator changed")
    parser.add_argument("--labelled", type=Path, metavar="FILE.csv",
                        help="with duplicates: recall and precision on a list whose column rec_id tells who is whom")
    wish = parser.parse_args(args)
    if wish.labelled and (wish.name != "duplicates" or not wish.labelled.is_file()):
        raise Fail("--labelled FILE.csv goes with duplicates and wants a file that is there")
    if postgres.foreign():
        raise Fail("PGHOST is set; figures need our own PostgreSQL with known settings: unset it")
    processes.stop_on_signals()
    machine.install_missing()
    odoo = find_odoo()
    venv.ensure(odoo)
    if wish.labelled:
        tell(duplicates.measure_labelled(odoo, wish.labelled.resolve()))
        return 0
    with lock(STATE / "bench.lock", "waiting for another dev/bench"), postgres.running(rows.KIND) as server:
        odoo_config.write_conf(rows.KIND, odoo, server)
        if not databases.exists(server, rows.stock_name(wish.size)):
            machine.check_disk(STATE, MEGABYTES[wish.size])
        for figures in measure(wish, odoo, server):
            tell(figures)
    return 0


def tell(figures: dict[str, object]) -> None:
    """Print figures as one line."""
    print(" ".join(f"{name}={value}" for name, value in figures.items()), flush=True)


def measure(wish: argparse.Namespace, odoo: Odoo, server: postgres.Server):
    """Yield the figures of what is wished for."""
    size = {"size": wish.size}
    if wish.name == "install":
        yield measure_install(odoo, server, wish.size)
        return
    if not (wish.as_is and databases.exists(server, rows.our_name(wish.size))):
        rows.ensure_ours(odoo, server, wish.size)
    if wish.name in ("indexes", "all"):
        yield {**indexes.measure(server, wish.size), **size}
    alone = {
        # it first reads every contact anew: a quarter of an hour at a million
        "duplicates": lambda: duplicates.measure_speed(odoo, server, wish.size, wish.repetitions),
        # it takes the whole machine for minutes, and stock has nothing to compare
        "notice": lambda: notice.measure(odoo, server, wish.size, wish.repetitions),
        # it changes every row: on copies
        "assign": lambda: assign.measure(odoo, server, wish.size),
    }
    if wish.name in alone:
        yield {**alone[wish.name](), **size}
    # alone, because it changes half of the rows: on copies
    if wish.name == "bulk":
        with sides.running(odoo, server, wish.size, "bulk") as both:
            yield {**bulk.measure(both, wish.repetitions), **size}
    # alone, because it leaves thousands of new leads behind: on copies
    if wish.name == "api":
        with sides.running(odoo, server, wish.size, "api") as both:
            yield {**api.measure(odoo, both, wish.repetitions), **size}
    names = COMPARED if wish.name == "all" else [name for name in COMPARED if name == wish.name]
    with_inbox = wish.name in ("inbox", "all")
    if names or with_inbox:
        with sides.running(odoo, server, wish.size) as both:
            for name in names:
                yield {**compare.measure(name, both, wish.repetitions), **size}
            if with_inbox:
                yield {**inbox.measure(odoo, both, wish.repetitions), **size}


def measure_install(odoo: Odoo, server: postgres.Server, size: str) -> dict[str, object]:
    """Install on the rows and on a database without rows, and return both figures."""
    name = f"bench_{size}_install"
    stock = rows.ensure_stock(odoo, server, size)
    with step("installation without any leads"):
        empty = install.on_nothing(odoo, server, rows.ensure_base(odoo, server))
    try:
        with step(f"installation on {rows.SIZES[size]} leads"):
            databases.copy(server, rows.KIND, stock, name)
            found = install.install(odoo, server, name)
    finally:
        databases.remove(server, rows.KIND, name)
    empty_figures = {f"empty_{key}": value for key, value in empty.items()}
    return {"bench": "install", **found, **empty_figures, "size": size}
