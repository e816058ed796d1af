"""Reading the log as a timeline."""

from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

_ICONS = {
    "captured": "fa-sign-in",
    "created": "fa-plus",
    "duplicate": "fa-repeat",
    "assigned": "fa-user",
    "late": "fa-clock-o",
    "status": "fa-flag",
    "stage": "fa-columns",
    "converted": "fa-star",
    "won": "fa-trophy",
    "lost": "fa-thumbs-down",
    "mail": "fa-envelope-o",
    "email": "fa-envelope-o",
    "call": "fa-phone",
    "meeting": "fa-calendar",
    "note": "fa-sticky-note-o",
    "correction": "fa-pencil",
    "quote": "fa-file-text-o",
    "order": "fa-shopping-cart",
    "invoice": "fa-file-o",
    "payment": "fa-credit-card",
    "customer": "fa-handshake-o",
    "onboarding": "fa-list-ol",
    "deleted": "fa-trash-o",
    "restored": "fa-undo",
    "merged": "fa-compress",
    "unmerged": "fa-expand",
}
# Kept for evidence, told elsewhere: the snapshot by the conversion beside it, each of many merged by their merge,
# values and to-dos in the chatter.
_SILENT_KINDS = ("snapshot", "merged_away", "changed", "activity")
_MAX_PAGE = 100


class PipelineEvent(models.Model):
    _inherit = "pipeline.event"

    @api.model
    @api.readonly
    def get_timeline(self, res_model: str, res_id: int, limit: int = 30, before: list | None = None) -> dict[str, Any]:
        """Return the story of a record, newest first; documented RPC of the timeline widget.

        :param res_model: model of the anchor record, which the user must be able to read
        :param res_id: id of the anchor record
        :param limit: at most 100
        :param before: ``[occurred_at, id]`` of the last event already shown
        :return: ``{"events": [...], "has_more": bool}``
        :raise AccessError: when the user may not read the anchor
        """
        record = self._get_anchor(res_model, res_id)
        limit = max(1, min(int(limit), _MAX_PAGE))
        stories = self.env["pipeline.story.alias"]._resolve(record._get_event_stories())
        domain = Domain("story", "in", stories) & Domain("kind", "not in", _SILENT_KINDS)
        if before:
            moment, last_id = fields.Datetime.to_datetime(before[0]), int(before[1])
            domain &= Domain("occurred_at", "<", moment) | (
                Domain("occurred_at", "=", moment) & Domain("id", "<", last_id)
            )
        events = self.sudo().search(domain, limit=limit + 1)
        return {"events": events[:limit]._describe(), "has_more": len(events) > limit}

    @api.model
    def _get_anchor(self, res_model: str, res_id: int):
        """Return the record a timeline hangs on, after checking that the user may read it."""
        model = self.env.get(res_model)
        if model is None or not hasattr(model, "_get_event_stories"):
            raise UserError(self.env._("There is no timeline for this kind of record."))
        record = model.browse(int(res_id))
        record.check_access("read")
        return record

    def _describe(self) -> list[dict[str, Any]]:
        """Return the events in a person's words."""
        users = self.env["res.users"].sudo().browse({event.actor_id for event in self if event.actor_id}).exists()
        names = {user.id: user.name for user in users}
        titles = self._get_titles()
        return [
            {
                "id": event.id,
                "kind": event.kind,
                "icon": _ICONS.get(event.kind, "fa-circle-o"),
                "occurred_at": fields.Datetime.to_string(event.occurred_at),
                "title": titles.get(event.kind, event.kind),
                "summary": event._get_summary(),
                "actor": names.get(event.actor_id, ""),
                "channel": event.channel or "",
                "direction": event.direction or "",
            }
            for event in self
        ]

    @api.model
    def _get_titles(self) -> dict[str, str]:
        """Return the title of each kind (door)."""
        _ = self.env._
        return {
            "created": _("Created"),
            "captured": _("Came in"),
            "duplicate": _("Came in again"),
            "assigned": _("Assigned"),
            "late": _("Waits too long"),
            "status": _("Status"),
            "stage": _("Stage"),
            "converted": _("Became a deal"),
            "won": _("Won"),
            "lost": _("Lost"),
            "mail": _("E-mail"),
            "email": _("E-mail"),
            "call": _("Call"),
            "meeting": _("Meeting"),
            "note": _("To-do done"),
            "correction": _("Activity corrected"),
            "quote": _("Quote"),
            "order": _("Order"),
            "invoice": _("Invoice"),
            "payment": _("Payment"),
            "customer": _("Customer"),
            "onboarding": _("Onboarding"),
            "deleted": _("Deleted"),
            "restored": _("Restored"),
            "merged": _("Merged"),
            "unmerged": _("Merge undone"),
            "whatsapp": _("WhatsApp"),
            "proposal": _("Proposal"),
            "quotation": _("Quotation"),
        }

    def _get_summary(self) -> str:
        """Return the line under the title (door)."""
        self.ensure_one()
        facts = self.metadata or {}
        if self.kind in ("captured", "duplicate"):
            labels = dict(self.env["crm.lead"]._fields["capture_channel"]._description_selection(self.env))
            return labels.get(self.channel, "")
        if self.kind == "assigned":
            return self._get_name("res.users", facts.get("to")) or self.env._("Nobody")
        if self.kind == "late":
            return self._get_name("res.users", facts.get("owner_id"))
        if self.kind == "stage":
            return self._get_name("crm.stage", facts.get("to"))
        if self.kind == "status":
            labels = dict(self.env["crm.lead"]._fields["lead_status"]._description_selection(self.env))
            return labels.get(facts.get("to"), "")
        if self.kind in ("merged", "unmerged"):
            return self.env._("with %(count)s others", count=facts.get("count", 1))
        if self.kind == "call":
            return self._get_call_summary(facts)
        return str(facts.get("summary") or facts.get("status") or facts.get("name") or "")

    def _get_name(self, model_name: str, res_id: int | None) -> str:
        record = self.env[model_name].sudo().browse(res_id or 0).exists()
        return record.display_name or "" if record else ""

    def _get_call_summary(self, facts: dict) -> str:
        minutes = facts.get("duration_minutes")
        outcomes = dict(self.env["pipeline.call.log"]._fields["outcome"]._description_selection(self.env))
        parts = [
            outcomes.get(facts.get("outcome"), facts.get("outcome")),
            self.env._("%(minutes)s min", minutes=minutes) if minutes else None,
        ]
        return ", ".join(part for part in parts if part)
