"""Status, tags and priority of chosen leads and deals, many at a time."""

from typing import Any

from odoo import Command, fields, models
from odoo.exceptions import UserError

from ... import const

_TAG_MODES = ("add", "remove", "replace")


class PipelineBulk(models.Model):
    _inherit = "pipeline.bulk"

    kind = fields.Selection(
        selection_add=[("status", "Set Status"), ("tags", "Tags"), ("priority", "Priority")],
        ondelete={"status": "cascade", "tags": "cascade", "priority": "cascade"},
    )

    # ---- what was chosen

    def _get_label(self) -> str:
        choice = self.choice or {}
        if self.kind == "status" and choice.get("is_of_deals"):
            return self.env._("Mark as lost")
        if self.kind == "status":
            labels = dict(self.env["crm.lead"]._fields["lead_status"]._description_selection(self.env))
            return self.env._("Status: %(status)s", status=labels.get(choice.get("status"), ""))
        if self.kind == "priority":
            labels = dict(self.env["crm.lead"]._fields["temperature"]._description_selection(self.env))
            return self.env._("Priority: %(name)s", name=labels.get(choice.get("temperature")) or self.env._("None"))
        if self.kind == "tags":
            names = ", ".join(self._get_tags().mapped("name"))
            labels = {
                "add": self.env._("Add tags: %(names)s", names=names),
                "remove": self.env._("Remove tags: %(names)s", names=names),
                "replace": self.env._("Replace tags with: %(names)s", names=names or self.env._("none")),
            }
            return labels.get(choice.get("mode"), "")
        return super()._get_label()

    def _prepare_choice(self) -> dict[str, Any]:
        choice = self.choice or {}
        if self.kind == "status":
            if choice.get("status") not in dict(const.LEAD_STATUSES[:-1]):
                raise UserError(self.env._("Choose a status."))
            reason = self.env["crm.lost.reason"].browse(choice.get("lost_reason_id") or []).exists()
            is_of_deals = bool(choice.get("is_of_deals"))
            return {"status": choice["status"], "lost_reason_id": reason.id, "is_of_deals": is_of_deals}
        if self.kind == "priority":
            temperature = choice.get("temperature")
            return {"temperature": temperature if temperature in dict(const.TEMPERATURES) else False}
        if self.kind == "tags":
            if choice.get("mode") not in _TAG_MODES or not (self._get_tags() or choice["mode"] == "replace"):
                raise UserError(self.env._("Choose at least one tag."))
            return {"mode": choice["mode"], "tag_ids": self._get_tags().ids}
        return super()._prepare_choice()

    def _get_tags(self) -> models.Model:
        return self.env["crm.tag"].browse((self.choice or {}).get("tag_ids") or []).exists()

    # ---- what it does

    def _get_touched_fields(self) -> tuple[str, ...]:
        touched = {
            "status": ("lead_status", "qualification", "lost_reason_id", "won_status"),
            "tags": ("tag_ids",), "priority": ("temperature", "priority"),
        }  # fmt: skip
        return touched.get(self.kind) or super()._get_touched_fields()

    def _get_refusals(self, leads) -> dict[int, str]:
        refusals = super()._get_refusals(leads)
        if self.kind == "status":
            is_lost = self.choice["status"] == "disqualified"
            deals = leads.filtered(lambda lead: lead.type != "lead" and not is_lost)
            refusals |= dict.fromkeys(deals.ids, "is_deal")
            won = leads.filtered(lambda lead: is_lost and lead.won_status == "won")
            refusals |= dict.fromkeys(won.ids, "is_won")
            if self.choice["status"] == "qualified":
                unmet = leads.filtered(lambda lead: lead.type == "lead" and lead.missing_criteria)
                refusals |= dict.fromkeys(unmet.ids, "unmet")
        return refusals

    def _prepare_groups(self, leads) -> list[tuple[models.Model, dict[str, Any]]]:
        if self.kind == "status":
            return [(leads._get_needing_status(self.choice["status"]), {})]
        if self.kind == "priority":
            temperature = self.choice["temperature"]
            stars = const.PRIORITY_BY_TEMPERATURE.get(temperature, "0")
            others = leads.filtered(lambda lead: (lead.temperature, lead.priority) != (temperature, stars))
            return [(others, {"temperature": temperature, "priority": stars})]
        if self.kind == "tags":
            tags = self._get_tags()
            commands = {
                "add": [Command.link(tag.id) for tag in tags], "remove": [Command.unlink(tag.id) for tag in tags],
                "replace": [Command.set(tags.ids)],
            }  # fmt: skip
            return [(leads, {"tag_ids": commands[self.choice["mode"]]})]
        return super()._prepare_groups(leads)

    def _apply_group(self, leads, values: dict[str, Any]) -> None:
        if self.kind == "status":
            leads._set_lead_statuses(self.choice["status"], self.choice.get("lost_reason_id"))
        else:
            super()._apply_group(leads, values)

    # ---- taking it back

    def _restore_group(self, leads, old: dict[str, Any]) -> None:
        if self.kind == "status":
            leads._restore_lead_statuses(old)
        else:
            super()._restore_group(leads, old)

    def _get_taken_back(self, old: dict[str, Any], new: dict[str, Any], now: dict[str, Any]) -> dict[str, Any] | None:
        if self.kind != "tags":
            return super()._get_taken_back(old, new, now)
        # Tags that somebody else added or took since are theirs: only what the act did is turned round.
        was, became, present = set(old["tag_ids"]), set(new["tag_ids"]), set(now["tag_ids"])
        added, taken = became - was, was - became
        if not added <= present or taken & present:
            return None
        commands = [Command.unlink(id_) for id_ in sorted(added)] + [Command.link(id_) for id_ in sorted(taken)]
        return {"tag_ids": commands}
