"""The job that brings lists in: chunk by chunk, each committed with its place in the list."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice

from odoo import api, fields, models
from odoo.tools import SQL

from ...exceptions import MalformedBody
from ...providers.capture.base import StoredItem
from ...tools.ahead import Stopwatch
from ...tools.capture_draft import CaptureDraft
from ...tools.collecting import uncollected
from ...tools.csv_mapping import OWN_FIELD, ColumnPlan, TableMapping, get_external_id, map_row
from ...tools.csv_table import CsvTable, TableRow
from ...tools.list_chunk import Chunk
from ..locks import key_lock
from ..pipeline_lane_mixin import CONCURRENT_CHANGES

_logger = logging.getLogger(__name__)
_CHUNK = 1500
# Each row locks its e-mail, its numbers and its identifiers: PostgreSQL has room for some thousand locks.
_MOST_LOCKS = 3000
_LOCKED = ("email", "phone", "whatsapp")
_SHOWN_PROBLEMS = 100
_TRIES = 6


class PipelineImport(models.Model):
    _inherit = "pipeline.import"

    # ---- the job

    @api.model
    def _cron_run(self) -> None:
        """Go on with the imports that were started, those to be taken back, and those to be looked at."""
        # A terminal's import is left to it: two at once would stumble over each other's counts.
        for state, work in (("queued", "_run"), ("undoing", "_take_back")):
            for record in self.search([("state", "=", state)], order="id"):
                getattr(record, work)()
                if record.state == state:
                    # The slice is over; without a trigger the rest would wait for the next hour.
                    self._wake()
                    self._checkpoint()
                    return
        if not self._check_waiting():
            self._wake()
            self._checkpoint()

    def _run(self, tell: Callable[[str], None] = lambda text: None) -> None:
        """Bring in every row of the file; commits chunk by chunk.

        Stopped at any moment, it goes on at the first chunk that was not committed. A row is known by its id, so what
        an earlier run or an earlier import brought is not brought twice.

        :param tell: called with a line of progress
        """
        self.ensure_one()
        try:
            table, plans, mapping = self._open()
            state = self._begin(table, plans)
        except MalformedBody as error:
            self.write({"state": "failed", "error_message": str(error)})
            self._checkpoint()
            return
        bring = self._bring_rows if self.is_set_based else self._store_rows
        finished = bring(table, plans, mapping, tell) and self._capture_rows(tell)
        if finished and self.state == state:
            self._finish()
        self._checkpoint()
        # What stands in the inbox was written past the ORM.
        self.env.invalidate_all()

    def _finish(self) -> None:
        self._note_troubles()
        self.write({"state": "done", "finished_at": fields.Datetime.now()})
        self._tell_owners()

    def _begin(self, table: CsvTable, plans: list[ColumnPlan]) -> str:
        state = "queued" if self.state == "queued" else "running"
        samples = {one["column"]: one.get("samples") for one in self.columns or ()}
        columns = [
            {"column": plan.column, "target": plan.target, "reason": plan.reason, "samples": samples.get(plan.column)}
            for plan in plans
        ]
        source = self._get_source()
        obstacles = self._get_obstacles(plans, source)
        self.write({
            "state": state, "error_message": False, "columns": columns, "source_id": source.id,
            "total_count": self.total_count or table.count(), "is_set_based": not obstacles,
            "obstacles": "\n".join(obstacles),
        })  # fmt: skip
        self._checkpoint()
        return state

    def _get_obstacles(self, plans: list[ColumnPlan], source) -> list[str]:
        """Return why the leads of this list must be made one by one."""
        leads = self.env["crm.lead"].sudo().with_company(source.company_id)
        sample = CaptureDraft(source._get_provider().parse({"values": {}, "answers": []}, ""), 0, None)
        values = leads._prepare_captured_values(sample, source, source._get_team(), False, lambda *names: False)
        own = [plan.target.removeprefix(OWN_FIELD) for plan in plans if plan.target.startswith(OWN_FIELD)]
        return leads._get_insert_obstacles([*values, *own])

    # ---- in sets

    def _bring_rows(self, table: CsvTable, plans: list[ColumnPlan], mapping: TableMapping, tell) -> bool:
        """Bring in the rows that were not read yet, in sets.

        :return: whether the end of the file was reached
        """
        watch = Stopwatch()
        with closing(self._read_ahead(table, plans, mapping, _get_chunk_size(plans))) as chunks:
            for chunk in chunks:
                if not self._bring_safely(chunk, watch):
                    return False
                tell(self.env._("%(count)s rows brought in", count=self.read_count))
                if not self._checkpoint(len(chunk.rows)):
                    return False
        return True

    def _bring_safely(self, chunk: Chunk, watch: Stopwatch) -> bool:
        """Bring in a chunk; where that fails for a reason of its own, leave its rows to the way that finds the bad one.

        :return: whether to go on; not when somebody paused or cancelled meanwhile
        """
        for attempt in range(_TRIES):
            try:
                with uncollected():
                    return self._bring_chunk(chunk, watch)
            except CONCURRENT_CHANGES as error:
                _logger.info("Import %s: a chunk is tried again: %s", self.id, type(error).__name__)
                self.env.cr.rollback()
                time.sleep(0.05 * 2**attempt)
            except Exception:
                _logger.warning("Import %s: a chunk is brought in row by row", self.id, exc_info=True)
                self.env.cr.rollback()
                break
        return self._store_chunk(chunk.rows, [StoredItem(*item) for item in chunk.items], watch)

    def _bring_chunk(self, chunk: Chunk, watch: Stopwatch) -> bool:
        leads = self.env["crm.lead"].with_company(self.company_id)
        team = self.source_id.sudo()._get_team()
        company = self.source_id.company_id
        keys = [*leads._get_contact_locks(chunk.drafts, company), *leads._get_assignment_keys(company)]
        key_lock(self.env, *keys, team._get_turn_key())
        self.invalidate_recordset(["state"])
        if self.state not in ("queued", "running"):
            return False
        items = [StoredItem(external_id, payload) for external_id, payload in chunk.items]
        repeated, known = self._sort_known(items)
        passed = {*repeated, *known}
        kept = [place for place in range(len(items)) if place not in passed]
        drafts = [chunk.drafts[place] for place in kept]
        results = leads._capture_list(drafts, self.source_id)
        self._end_history(drafts, results)
        self._book_results(chunk, kept, results)
        self._book_chunk(chunk.rows, len(repeated), len(known), watch)
        self.env["pipeline.moments.mixin"]._flush_moments()
        return True

    def _end_history(self, drafts: list[CaptureDraft], results: list) -> None:
        for outcome in ("won", "lost"):
            ended = [one.result.lead_id for draft, one in zip(drafts, results, strict=True)
                     if one.result.outcome == "created" and draft.captured.outcome == outcome]  # fmt: skip
            if ended:
                self.env["crm.lead"].sudo().browse(ended)._set_history_outcome(outcome)

    # ---- one by one

    def _store_rows(self, table: CsvTable, plans: list[ColumnPlan], mapping: TableMapping, tell) -> bool:
        """Store the rows that are not stored yet.

        :return: whether the end of the file was reached
        """
        rows, watch = table.rows(skipped=self.read_count), Stopwatch()
        while chunk := list(islice(rows, _CHUNK)):
            self.invalidate_recordset(["state"])
            if self.state not in ("queued", "running"):
                return False
            payloads = [map_row(row, plans, mapping) for row in chunk if not row.problem]
            items = [StoredItem(get_external_id(payload, table.header), payload) for payload in payloads]
            self._store_chunk(chunk, items, watch)
            tell(self.env._("%(count)s rows stored", count=self.read_count))
            if not self._checkpoint(len(chunk)):
                return False
        return True

    def _store_chunk(self, chunk: list[TableRow], items: list[StoredItem], watch: Stopwatch) -> bool:
        repeated, known = self._sort_known(items)
        self.env["pipeline.inbox"]._store(self.source_id, items, import_id=self.id)
        self._book_chunk(chunk, len(repeated), len(known), watch)
        return True

    def _sort_known(self, items: list[StoredItem]) -> tuple[list[int], list[int]]:
        """Return the places of items that stand earlier in this file, and of those that an earlier import brought."""
        ids = [item.external_id for item in items]
        self.env.cr.execute(SQL(
            "SELECT external_id, import_id FROM pipeline_inbox WHERE source_id = %s AND external_id = ANY(%s)",
            self.source_id.id, ids,
        ))  # fmt: skip
        mine = {external_id: import_id == self.id for external_id, import_id in self.env.cr.fetchall()}
        repeated, known = [], []
        for place, external_id in enumerate(ids):
            if external_id in mine:
                (repeated if mine[external_id] else known).append(place)
            mine.setdefault(external_id, True)
        return repeated, known

    def _capture_rows(self, tell) -> bool:
        """Have the waiting rows captured, as the job does, without waiting for it.

        :return: whether none is left
        """
        inbox, watch = self.env["pipeline.inbox"].sudo(), Stopwatch()
        for rows in self._get_waiting(inbox):
            self.invalidate_recordset(["state"])
            if self.state not in ("queued", "running"):
                return False
            rows._work()
            self.run_seconds += watch.lap()
            tell(self.env._("%(count)s rows waiting", count=inbox.search_count(self._get_waiting_domain())))
            if not self._checkpoint(len(rows)):
                return False
        return True

    def _get_waiting_domain(self) -> list:
        # An import that was stopped may have left rows which this file has, too.
        return [("source_id", "=", self.source_id.id), ("state", "=", "received"), ("attempts", "=", 0)]

    def _get_waiting(self, inbox) -> Iterator[models.Model]:
        while rows := inbox.search(self._get_waiting_domain(), order="id", limit=inbox._lane_batch):
            yield rows

    # ---- bookkeeping

    def _book_chunk(self, chunk: list[TableRow], repeated: int, known: int, watch: Stopwatch) -> None:
        problems = [{"line": row.line, "problem": row.problem} for row in chunk if row.problem]
        self.write({
            "read_count": self.read_count + len(chunk),
            "problem_count": self.problem_count + len(problems),
            "problems": [*(self.problems or []), *problems][:_SHOWN_PROBLEMS],
            "repeated_count": self.repeated_count + repeated,
            "known_count": self.known_count + known,
            "run_seconds": self.run_seconds + watch.lap(),
        })  # fmt: skip
        self._note_problems(problems)

    def _checkpoint(self, processed: int = 0) -> bool:
        """Commit, and tell whether there is time to go on."""
        return self.env["ir.cron"]._commit_progress(processed, remaining=1) > 0


def _get_chunk_size(plans: list[ColumnPlan]) -> int:
    locked = sum(plan.target in _LOCKED for plan in plans)
    return min(_CHUNK, _MOST_LOCKS // max(locked, 1))
