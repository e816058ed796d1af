"""How bulk actions are carried out: batch by batch, each committed, each as the person who asked."""

import logging
import time
from collections.abc import Iterator
from typing import Any

import psycopg2
from odoo import api, fields, models
from odoo.exceptions import UserError

from .locks import key_lock
from .pipeline_lane_mixin import CONCURRENT_CHANGES

_logger = logging.getLogger(__name__)

_BATCH, _SMALLEST_BATCH = 500, 20
# A slice of a job lasts about ten seconds, and a cancelled job stops after a batch.
_BATCH_SECONDS = 3.0
_TOLD_EVERY_SECONDS = 1.0
_MESSAGE_LENGTH = 300
_RUNNING = "sales_pipeline.bulk"
_REFUSALS = (UserError, ValueError, psycopg2.IntegrityError)


def is_part_of_bulk(env: api.Environment) -> bool:
    """Return whether what happens now is part of a bulk action, whose end tells people of all of it at once."""
    return _RUNNING in env.cr.cache


class PipelineBulk(models.Model):
    _inherit = "pipeline.bulk"

    # ---- doors

    def _get_needed_access(self) -> str:
        """Return the right that the asker needs on each record."""
        return "unlink" if self.kind == "delete" else "write"

    def _get_lock_keys(self) -> list[str]:
        """Return the keys that nobody else may hold during a batch."""
        return []

    def _get_refusals(self, leads) -> dict[int, str]:
        """Return codes of ``pipeline.bulk.item`` for records that the act does not fit, by id."""
        return {}

    def _prepare_groups(self, leads) -> list[tuple[models.Model, dict[str, Any] | str]]:
        """Return which records get which values, or why they get none (a code of ``pipeline.bulk.item``).

        What is left out stays as it is.
        """
        return [(leads, {})] if self.kind == "delete" else []

    def _apply_group(self, leads, values: dict[str, Any]) -> None:
        """Carry out the act on records that get the same values (door)."""
        if self.kind == "delete":
            leads.unlink()
        else:
            leads.write(values)

    def _restore_group(self, leads, old: dict[str, Any]) -> None:
        """Take the act back on records that get the same values again (door)."""
        if self.kind == "delete":
            leads.action_restore_deleted()
        else:
            leads.write(old)

    def _get_taken_back(self, old: dict[str, Any], new: dict[str, Any], now: dict[str, Any]) -> dict[str, Any] | None:
        """Return what a record shall have again; nothing where somebody changed it since the act."""
        return old if now == new else None

    def _on_finished(self) -> None:
        """React once to a job that ended."""

    # ---- the loop

    @api.model
    def _cron_run(self) -> None:
        """Carry out what is open: a batch of each job in turn, so that nobody waits for a long one."""
        told: dict[int, float] = {}
        is_awaited = False
        while jobs := self.search([("state", "in", ("waiting", "running"))], order="id"):
            for job in jobs:
                done = job._work()
                is_over = job.state not in ("waiting", "running")
                if is_over or time.monotonic() - told.get(job.id, 0) >= _TOLD_EVERY_SECONDS:
                    job._send_progress(job.user_id)
                    told[job.id] = time.monotonic()
                if not is_awaited:
                    # Once a slice: the rest must not wait for the next minute, but each notice makes every process of
                    # jobs look for work, which takes from the one that works.
                    self.env["pipeline.lane.mixin"]._wake_job("sales_pipeline.ir_cron_run_bulk_actions")
                    is_awaited = True
                if not self._checkpoint(done):
                    return

    @api.model
    def _checkpoint(self, processed: int) -> bool:
        """Commit, and tell whether there is time to go on."""
        return self.env["ir.cron"]._commit_progress(processed, remaining=1) > 0

    def _work(self) -> int:
        """Work off one batch and commit nothing; the caller does.

        :return: how many rows
        """
        try:
            key_lock(self.env, f"bulk:{self.id}", *self._get_lock_keys())
            done = self._process_batch()
            # Whoever cancels in this moment makes it fail here, not at the commit.
            self.env.flush_all()
            return done
        except CONCURRENT_CHANGES as error:
            self.env.cr.rollback()
            _logger.info("Bulk action %s: a batch is tried again: %s", self.id, type(error).__name__)
            _sizes[self.id] = max(self._get_batch_size() // 2, 1)
        except Exception:
            self.env.cr.rollback()
            _logger.exception("Bulk action %s failed", self.id)
            self._finish("failed", self.env._("It stopped because of an error; what was done stays done."))
        return 0

    def _process_batch(self) -> int:
        if not self._begin():
            return 0
        rows = self.env["pipeline.bulk.item"]._take(self, self._get_batch_size())
        if not rows:
            self._finish("done")
            return 0
        start = time.monotonic()
        self.env.cr.cache[_RUNNING] = True
        try:
            self.env["pipeline.bulk.item"]._book(list(self._as_asker()._process_rows(rows)))
            self.env["pipeline.moments.mixin"]._flush_moments()
        finally:
            self.env.cr.cache.pop(_RUNNING, None)
        seconds = max(time.monotonic() - start, 0.001)
        _sizes[self.id] = min(max(int(len(rows) * _BATCH_SECONDS / seconds), _SMALLEST_BATCH), _BATCH)
        return len(rows)

    def _begin(self) -> bool:
        """Return whether a batch is to be done now."""
        if self.state not in ("waiting", "running"):
            return False
        if self.is_cancel_asked:
            self._finish("cancelled")
            return False
        if not self.user_id.active:
            self._finish("failed", self.env._("The person who asked for it does not work here any more."))
            return False
        if self.state == "waiting":
            self.write({"state": "running", "started_at": fields.Datetime.now()})
            # Committed before the first batch: whoever cancels amid that writes this row too, and would wait for it.
            return False
        return True

    def _finish(self, state: str, message: str | bool = False) -> None:
        counts = self._get_counts()
        self.write({
            "state": state, "finished_at": fields.Datetime.now(), "error_message": message,
            "started_at": self.started_at or fields.Datetime.now(),
            **{f"{name}_count": count for name, count in counts.items()},
        })  # fmt: skip
        _sizes.pop(self.id, None)
        if state != "failed":
            # What failed may have failed here, and would fail again.
            self._as_asker()._on_finished()

    def _get_batch_size(self) -> int:
        return _sizes.get(self.id, _BATCH)

    def _as_asker(self) -> "PipelineBulk":
        """Return the job in the environment of who asked: their rights, companies, language and time zone."""
        return self.with_env(self.env(user=self.user_id.id, context=self.asker_context, su=False))

    # ---- a batch

    def _process_rows(self, rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Carry out the act on rows and tell what became of each; runs as the asker."""
        # Who gets many leads hears of it once, at the end.
        model = self.env["crm.lead"].with_context(active_test=False, mail_auto_subscribe_no_notify=True)
        act = self.original_id if self.kind == "undo" else self
        seeing = model.with_context(with_deleted=self.kind == "undo" and act.kind == "delete")
        visible = seeing.search([("id", "in", [row["lead_id"] for row in rows])])
        leads = visible._filtered_access(act._get_needed_access()).with_env(model.env)
        told = {id_: {"state": "refused", "code": "no_right"} for id_ in (visible - leads).ids}
        if self.kind == "undo":
            told |= act._take_back(leads, {row["lead_id"]: row for row in rows})
        else:
            told |= act._carry_out(leads)
        for row in rows:
            yield {"id": row["id"], **told.get(row["lead_id"], {"state": "refused", "code": "gone"})}

    def _carry_out(self, leads) -> dict[int, dict[str, Any]]:
        """Carry out the act and return the outcome of each record by id (door)."""
        codes = self._get_refusals(leads)
        fitting = leads.filtered(lambda lead: lead.id not in codes)
        old = self._take_snapshot(fitting)
        acts = []
        for group, values in self._prepare_groups(fitting):
            if isinstance(values, str):
                codes |= dict.fromkeys(group.ids, values)
                continue
            acts.append((group, lambda some, values=values: self._apply_group(some, dict(values))))
        failed = self._try_groups(acts)
        new = self._take_snapshot(fitting)
        told = {}
        for id_ in leads.ids:
            if id_ in codes:
                told[id_] = {"state": "refused", "code": codes[id_]}
            elif id_ in failed:
                told[id_] = {"state": "refused", "code": "error", "message": failed[id_]}
            elif old[id_] == new[id_]:
                told[id_] = {"state": "same"}
            else:
                told[id_] = {"state": "done", "old": old[id_], "new": new[id_]}
        return told

    def _take_back(self, leads, rows: dict[int, dict[str, Any]]) -> dict[int, dict[str, Any]]:
        """Take the act back where a record still is as the act left it; return the outcome of each by id (door)."""
        now = self._take_snapshot(leads)
        told: dict[int, dict[str, Any]] = {}
        groups: dict[str, tuple[dict[str, Any], list[int]]] = {}
        for id_ in leads.ids:
            old, new = rows[id_]["old"], rows[id_]["new"]
            values = self._get_taken_back(old, new, now[id_])
            if now[id_] == old:
                told[id_] = {"state": "same"}
            elif values is None:
                told[id_] = {"state": "refused", "code": "changed_since"}
            else:
                told[id_] = {"state": "done", "old": now[id_], "new": old}
                groups.setdefault(repr(values), (values, []))[1].append(id_)
        acts = [
            (leads.browse(ids), lambda some, values=values: self._restore_group(some, dict(values)))
            for values, ids in groups.values()
        ]
        failed = self._try_groups(acts)
        told |= {id_: {"state": "refused", "code": "error", "message": why} for id_, why in failed.items()}
        return told

    def _take_snapshot(self, leads) -> dict[int, dict[str, Any]]:
        """Return the values that the act changes, as JSON knows them, by id."""
        names = self._get_touched_fields()
        return {lead.id: {name: _as_json(lead._fields[name].type, lead[name]) for name in names} for lead in leads}

    def _try_groups(self, acts: list[tuple]) -> dict[int, str]:
        """Act on pairs of records and what to do with them; where all together are refused, group by group.

        Each savepoint makes Odoo note and tell all that changed until then, so one for all is cheaper.
        """
        together = [id_ for leads, _act in acts for id_ in leads.ids]
        acts = [(leads.with_prefetch(together), act) for leads, act in acts if leads]
        if len(acts) > 1:
            try:
                with self.env.cr.savepoint():
                    for leads, act in acts:
                        act(leads)
                    self.env.flush_all()
                return {}
            except CONCURRENT_CHANGES:
                raise
            except _REFUSALS as error:
                _logger.info("A batch is acted on group by group, all together was refused: %s", type(error).__name__)
        return {id_: why for leads, act in acts for id_, why in self._try(leads, act).items()}

    def _try(self, leads, act) -> dict[int, str]:
        """Act on records together; where that is refused, one by one.

        :return: what Odoo said, by the id of each record that was refused
        """
        try:
            with self.env.cr.savepoint():
                act(leads)
                self.env.flush_all()
        except CONCURRENT_CHANGES:
            raise
        except _REFUSALS as error:
            if len(leads) == 1:
                # What Odoo says is meant for people, what the database says is not.
                return {leads.id: str(error.args[0])[:_MESSAGE_LENGTH] if isinstance(error, UserError) else ""}
            half = len(leads) // 2
            return self._try(leads[:half], act) | self._try(leads[half:], act)
        return {}


# How many rows of a job fit a batch; a new process learns it anew.
_sizes: dict[int, int] = {}


def _as_json(field_type: str, value: Any) -> Any:
    if field_type in ("many2many", "one2many"):
        return sorted(value.ids)
    if field_type == "many2one":
        return value.id
    if field_type in ("date", "datetime"):
        return value and str(value)
    return value
