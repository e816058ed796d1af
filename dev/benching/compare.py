"""Measure both sides in turn and put the figures beside each other."""
from __future__ import annotations

from dev.benching import actions
from dev.benching.client import timed
from dev.benching.sides import MODE, Side

# an import takes seconds, not milliseconds
REPETITIONS = {"import": 3}
DEFAULT_REPETITIONS = 40
WARM_UP = 5


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def measure(name: str, sides: list[Side], repetitions: int | None = None) -> dict[str, object]:
    """Run one benchmark on both sides and return its figures.

    :param repetitions: how often each act is measured; the default is the benchmark's own
    """
    count = repetitions or REPETITIONS.get(name, DEFAULT_REPETITIONS)
    figures: dict[str, object] = {"bench": name, "mode": MODE, "repetitions": count}
    for word, make, login in actions.variants(name):
        times, done = interleave(name, {side: make(side, login) for side in sides}, count)
        prefix = f"{word}_" if word else ""
        for side in reversed(sides):
            figures[f"{prefix}{side.name}_p50_ms"] = f"{percentile(times[side.name], 0.5):.1f}"
            figures[f"{prefix}{side.name}_p95_ms"] = f"{percentile(times[side.name], 0.95):.1f}"
        rows = actions.IMPORT_ROWS if name == "import" else {"ours": 1, "stock": 1}
        ours, stock = (percentile(times[side], 0.5) / rows[side] for side in ("ours", "stock"))
        figures[f"{prefix}ratio"] = f"{ours / stock:.2f}"
        if name == "capture":
            figures["until_lead_p50_ms"] = f"{percentile(done, 0.5):.1f}"
            figures["until_lead_p95_ms"] = f"{percentile(done, 0.95):.1f}"
        if name == "import":
            for side in reversed(sides):
                rate = rows[side.name] * 1000 / percentile(times[side.name], 0.5)
                figures[f"{side.name}_rows_per_s"] = f"{rate:.0f}"
    return figures


def interleave(name: str, acts: dict, count: int) -> tuple[dict[str, list[float]], list[float]]:
    """Do an act once on one side, once on the other, and so on, first the one, then the other leading.

    :return: the milliseconds of each side, and those until a capture had become a lead
    """
    times: dict[str, list[float]] = {side.name: [] for side in acts}
    done: list[float] = []
    warm_up = 1 if name == "import" else WARM_UP
    for number in range(warm_up + count):
        for side in sorted(acts, key=lambda side: side.name, reverse=bool(number % 2)):
            taken = timed(acts[side])
            later = timed(actions.wait_for_captures, side) if name == "capture" else 0
            if number >= warm_up:
                times[side.name].append(taken)
                if side.name == "ours":
                    done.append(taken + later)
    return times, done
