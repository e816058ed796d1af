"""The loop of a scheduled job: part by part, each committed, and asked for again while work remains."""

from collections.abc import Callable, Sized
from typing import Any

from odoo import api

from .pipeline_lane_mixin import CONCURRENT_CHANGES


def run_slices(env: api.Environment, cron: str, take: Callable[[], Sized], work: Callable[[Any], None], size: int):
    """Work off what is due until nothing is left or the job's slice is over.

    :param cron: xml id of the job
    :param take: returns what is due, at most ``size`` of it
    :param work: does a part of that; what it leaves due is taken again
    """
    while part := take():
        more = len(part) == size
        try:
            work(part)
            env["pipeline.moments.mixin"]._flush_moments()
            env.flush_all()
        except CONCURRENT_CHANGES:
            # Somebody changed one of them in the same moment, and wins; the others are still due.
            env.cr.rollback()
            more = True
        if more:
            # Without a trigger the rest would wait for the job's next time.
            env["pipeline.lane.mixin"]._wake_job(cron)
        if not env["ir.cron"]._commit_progress(len(part), remaining=int(more)) or not more:
            return
