"""The event log: append-only, partitioned by month, one row a business fact."""

import hashlib
import json
from datetime import datetime
from typing import Any

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import SQL, sql

from .. import hooks_sql

_MONTHS_AHEAD = 2
# Made once: json.dumps with these words makes another encoder for each event of a list.
_write_json = json.JSONEncoder(sort_keys=True, default=str).encode
_COLUMNS = (
    "recorded_at",
    "occurred_at",
    "kind",
    "story",
    "res_model",
    "res_id",
    "company_id",
    "actor_id",
    "channel",
    "direction",
    "origin_model",
    "origin_id",
    "metadata",
    "detail_key",
    "detail_hash",
    "digest",
    "uuid",
)
_TEXTS, _NUMBERS, _MOMENTS = SQL("text[]"), SQL("int[]"), SQL("timestamp[]")
_TYPES = {
    "recorded_at": _MOMENTS, "occurred_at": _MOMENTS, "res_id": _NUMBERS, "company_id": _NUMBERS,
    "actor_id": _NUMBERS, "origin_id": _NUMBERS, "metadata": SQL("jsonb[]"),
}  # fmt: skip


class PipelineEvent(models.Model):
    """One business fact that happened to a record.

    The table is partitioned by ``recorded_at`` and has no foreign keys: a reference to crm_lead or res_users would make
    every partition change lock those tables. References are therefore plain numbers and names, and the log survives the
    deletion of what it speaks about. Users have no access: a timeline checks its anchor record and reads with sudo.
    """

    _name = "pipeline.event"
    _description = "Pipeline Event"
    _auto = False
    _log_access = False
    # The ORM cannot manage a partitioned table; reading through a query keeps it quiet and keeps pruning.
    _table_query = "SELECT * FROM pipeline_event"
    _order = "occurred_at desc, id desc"
    _rec_name = "kind"

    recorded_at = fields.Datetime(required=True)
    occurred_at = fields.Datetime(required=True)
    kind = fields.Char(required=True)
    story = fields.Char(help="The uuid of the lead with which the story began. It never changes.")
    res_model = fields.Char()
    res_id = fields.Integer()
    company_id = fields.Integer()
    actor_id = fields.Integer(help="User who acted; empty for customers and jobs.")
    channel = fields.Char()
    direction = fields.Char()
    origin_model = fields.Char()
    origin_id = fields.Integer()
    metadata = fields.Json()
    detail_key = fields.Char()
    detail_hash = fields.Char()
    digest = fields.Char()
    uuid = fields.Char(help="Public id of what happened, where the API shows it as an activity.")

    # ---- table

    def init(self):
        hooks_sql.create_event_table(self.env.cr)
        self._ensure_partitions()

    @api.model
    def _ensure_partitions(self, first: datetime | None = None, months: int = _MONTHS_AHEAD) -> list[str]:
        """Make the monthly partitions from ``first`` (default: this month) on, and return the names of new ones."""
        start = (first or fields.Datetime.now()).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        made = []
        for offset in range(months + 1):
            low = start + relativedelta(months=offset)
            name = f"pipeline_event_y{low:%Y}m{low:%m}"
            if not sql.table_exists(self.env.cr, name):
                hooks_sql.attach_event_partition(self.env.cr, name, low, low + relativedelta(months=1))
                made.append(name)
        return made

    @api.model
    def _cron_keep_partitions(self) -> None:
        """Keep the coming months ready, so that the default partition stays empty."""
        self._ensure_partitions()

    # ---- use case

    @api.model
    def _append(self, events: list[dict[str, Any]]) -> None:
        """Write facts to the log, in the caller's transaction.

        :param events: dicts with ``kind`` and ``record`` (or ``res_model`` and ``res_id``), and optionally ``story``,
            ``occurred_at`` (UTC, naive), ``actor_id``, ``company_id``, ``channel``, ``direction`` (``in``/``out``),
            ``origin`` (a record), ``uuid``, ``metadata`` (small, not personal), ``detail`` (personal values, erasable)
        """
        if not events:
            return
        rows = [self._prepare_row(event) for event in events]
        columns = SQL(", ").join(SQL.identifier(name) for name in _COLUMNS)
        # An array a column: a statement with a placeholder a value takes longer to build than to run.
        values = SQL(", ").join(
            SQL("%s::%s", [row[name] for row in rows], _TYPES.get(name, _TEXTS)) for name in _COLUMNS
        )
        self.env.cr.execute(SQL(
            "INSERT INTO pipeline_event (%s) SELECT * FROM unnest(%s)", columns, values
        ))  # fmt: skip
        self._on_appended(events, rows)

    @api.model
    def _on_appended(self, events: list[dict[str, Any]], rows: list[dict[str, Any]]) -> None:
        """React to facts just written to the log (door); ``rows`` are their columns, in the same order."""

    @api.model
    def _prepare_row(self, event: dict[str, Any]) -> dict[str, Any]:
        record = event.get("record")
        origin = event.get("origin")
        now = self.env.cr.now().replace(tzinfo=None)
        key, digest_of_detail = self.env["pipeline.event.detail"]._store(event.get("detail"))
        row = {
            "recorded_at": now,
            "occurred_at": self._get_moment(event.get("occurred_at"), now),
            "kind": event["kind"],
            "story": event.get("story") or (record._get_event_story() if record is not None else None) or None,
            "res_model": record._name if record is not None else event.get("res_model"),
            "res_id": record.id if record is not None else event.get("res_id"),
            "company_id": event.get("company_id") or self._get_company_of(record),
            "actor_id": event["actor_id"] if "actor_id" in event else self._get_actor(),
            "channel": event.get("channel") or None,
            "direction": event.get("direction") or None,
            "origin_model": origin._name if origin else None,
            "origin_id": origin.id if origin else None,
            "metadata": _write_json(event.get("metadata") or {}),
            "detail_key": key,
            "detail_hash": digest_of_detail,
            "uuid": event.get("uuid") or None,
        }
        row["digest"] = self._get_digest(row)
        return row

    @api.model
    def _get_digest(self, row: dict[str, Any]) -> str:
        """Return the SHA-256 over the canonical row, hexadecimal; the detail counts only through its salted hash."""
        facts = {name: str(value) for name, value in row.items() if name != "digest" and value is not None}
        return hashlib.sha256(_write_json(facts).encode()).hexdigest()

    @staticmethod
    def _get_moment(moment: datetime | None, now: datetime) -> datetime:
        """Return when something happened; what fields cut to the second of ``now`` happened now."""
        # Else a call would stand before the mail that left a moment earlier.
        return now if moment is None or moment == now.replace(microsecond=0) else moment

    @api.model
    def _get_company_of(self, record) -> int:
        company = record.company_id if record is not None and "company_id" in record._fields else None
        return (company or self.env.company).id

    @api.model
    def _get_actor(self) -> int | None:
        user = self.env.user
        return user.id if user and not user.share and user.id != api.SUPERUSER_ID else None
