"""Tell webhooks what the event log is told, in the same transaction; and read the log as the feed of changes."""

from typing import Any

from odoo import api, models
from odoo.tools import SQL

from ...tools.webhook_types import get_told_facts, get_type, is_wanted

_ENTITIES = {"crm.lead": ("lead", "leads"), "sale.order": ("quote", "quotes"), "pipeline.customer": ("customer",) * 2}
# Facts that hold only codes, numbers and names of ours; whoever wants more asks for the record.
_SHARED = {
    "status", "number", "order_number", "amount", "currency", "provider", "superseded_by", "from", "to", "fields",
    "lifecycle", "type",
}  # fmt: skip


class PipelineEvent(models.Model):
    _inherit = "pipeline.event"

    # ---- webhooks

    @api.model
    def _on_appended(self, events: list[dict[str, Any]], rows: list[dict[str, Any]]) -> None:
        super()._on_appended(events, rows)
        listeners = self.env["pipeline.webhook"]._get_listeners()
        if not listeners:
            return
        messages = []
        for event, row in zip(events, rows, strict=True):
            record = self._get_told_record(event, row)
            messages += self._prepare_messages(event, row, record, listeners) if record else []
        if messages:
            self.env["pipeline.webhook.delivery"].sudo()._add(messages)

    @api.model
    def _get_told_record(self, event: dict[str, Any], row: dict[str, Any]):
        """Return the record of an event that may concern others, or nothing."""
        if row["res_model"] not in _ENTITIES or not row["res_id"]:
            return None
        record = event.get("record")
        return (self.env[row["res_model"]].browse(row["res_id"]) if record is None else record).sudo()

    @api.model
    def _prepare_messages(self, event, row, record, listeners) -> list[dict[str, Any]]:
        metadata = get_told_facts(event["kind"], event.get("metadata") or {})
        is_deal = record._name == "crm.lead" and record.type == "opportunity"
        type_ = get_type(record._name, event["kind"], metadata, is_deal)
        wanted = [
            one for one in listeners if type_ and one[1] == row["company_id"] and is_wanted(type_, one[3])
        ]  # fmt: skip
        if not wanted:
            return []
        values = self._prepare_message_facts(type_, row, record, metadata)
        uuid = values.pop("id")
        facts = values["facts"]
        return [
            {"webhook_id": id_, "type": type_, "res_model": record._name, "res_id": record.id, "uuid": uuid,
             "facts": values, "occurred_at": row["occurred_at"], "company_id": company_id,
             "state": "held" if is_paused else "waiting"}
            for id_, company_id, is_paused, _patterns, filters in wanted
            if all(facts.get(name) in choice for name, choice in filters)
        ]  # fmt: skip

    @api.model
    def _prepare_message_facts(self, type_: str, row: dict[str, Any], record, metadata: dict) -> dict[str, Any]:
        """Return what a message says beside its type: no personal values, no numbers of our tables."""
        entity, path = self._get_entity(type_, record._name)
        uuid = record.uuid
        if entity == "activity":
            uuid = row.get("uuid") or metadata.get("activity") or None
            path = "activities"
        shared = {name: _to_plain(value) for name, value in metadata.items() if name in _SHARED and _is_plain(value)}
        changed = shared.pop("fields", None) or []
        facts = {**shared, **self._get_filter_facts(record), **self._get_anchor_facts(entity, record)}
        return {
            "id": uuid, "entity_type": entity, "url": f"{record.get_base_url()}/api/{path}/{uuid}" if uuid else None,
            "changed_fields": changed, "facts": facts,
        }  # fmt: skip

    @api.model
    def _get_entity(self, type_: str, model: str) -> tuple[str, str]:
        """Return the name of the entity that a type is about, and its place below /api."""
        family = type_.split(".")[0]
        plural = {"opportunity": "opportunities", "activity": "activities"}
        if family in ("invoice", "payment"):
            family = "order"
        return (family, plural.get(family, f"{family}s")) if family != "webhook" else _ENTITIES[model]

    @api.model
    def _get_anchor_facts(self, entity: str, record) -> dict[str, Any]:
        return {"of_type": _ENTITIES[record._name][0], "of_id": record.uuid} if entity == "activity" else {}

    @api.model
    def _get_filter_facts(self, record) -> dict[str, Any]:
        """Return the values that filters of webhooks compare (door)."""
        if record._name == "crm.lead":
            values = {
                "owner_id": record.user_id.uuid, "source": record.capture_channel, "status": record.lead_status,
                "deal_stage": record.stage_id.deal_stage if record.type == "opportunity" else None,
                "team": record.team_id.name,
            }  # fmt: skip
        elif record._name == "sale.order":
            values = {"owner_id": record.user_id.uuid, "team": record.team_id.name}
        else:
            values = {"owner_id": record.csm_id.uuid, "lifecycle_stage": record.lifecycle_stage}
        return {name: value for name, value in values.items() if value}

    # ---- the feed of changes

    @api.model
    def _get_feed_end(self) -> SQL:
        """Return the transaction from which on the log is not settled yet (door).

        That is the oldest one which runs in this database. PostgreSQL's own horizon is that of all databases of a
        cluster, so that a long import elsewhere would hold this feed. What runs in the snapshot and is not seen to
        belong elsewhere counts as ours, also what ended since; a transaction shows its lock as long as it runs.
        """
        return SQL(
            """
            SELECT least(pg_current_xact_id_if_assigned(), pg_snapshot_xmax(pg_current_snapshot()), (
                       SELECT running.xact
                         FROM pg_snapshot_xip(pg_current_snapshot()) AS running(xact)
                        WHERE NOT EXISTS (
                                  SELECT FROM pg_locks held JOIN pg_stat_activity session ON session.pid = held.pid
                                   WHERE held.locktype = 'transactionid' AND held.mode = 'ExclusiveLock'
                                     AND held.granted AND held.transactionid = running.xact::xid
                                     AND session.datname <> current_database()
                              )
                        ORDER BY running.xact LIMIT 1
                   ))
            """
        )

    @api.model
    def _get_feed_last(self) -> tuple[str, int]:
        """Return the place behind everything that is settled."""
        rows = self.env.execute_query(SQL("SELECT (%s)::text", self._get_feed_end()))
        return rows[0][0], 0

    @api.model
    def _get_feed(self, after: tuple[str, int], limit: int) -> tuple[list[dict[str, Any]], tuple[str, int], bool]:
        """Return what the log was told after a place, in the order of its transactions; nothing comes in between later.

        :param after: transaction and id of the last event seen
        :return: events of the acting company, the place to go on from, and whether there is more
        """
        rows = self.env.execute_query_dict(SQL(
            """
            SELECT id, xact::text AS xact, kind, res_model, res_id, company_id, actor_id, occurred_at, metadata, uuid
              FROM pipeline_event
             WHERE (xact, id) > (%s::xid8, %s) AND xact < (%s)
             ORDER BY xact, id LIMIT %s
            """,
            str(after[0]), after[1], self._get_feed_end(), limit + 1,
        ))  # fmt: skip
        page = rows[:limit]
        place = (page[-1]["xact"], page[-1]["id"]) if page else after
        return [row for row in page if row["company_id"] == self.env.company.id], place, len(rows) > limit


def _is_plain(value: Any) -> bool:
    """Return whether a fact may go out: texts and money, lists of texts; numbers of records stay here."""
    if isinstance(value, list):
        return all(isinstance(one, str) for one in value)
    return isinstance(value, str | float) and not isinstance(value, bool)


def _to_plain(value: Any) -> Any:
    """Return amounts as the API shows them."""
    return f"{value:.2f}" if isinstance(value, float) else value
