"""The spine of to-dos: those of leads, deals and customers are told as they are made and changed."""

from typing import Any

from odoo import api, models

# Which field of the API a column is; a change of one is told.
_TOLD = {
    "summary": "summary", "note": "description", "date_deadline": "scheduled_at", "scheduled_at": "scheduled_at",
    "user_id": "assigned_to", "activity_type_id": "activity_type", "metadata": "metadata",
}  # fmt: skip
_ANCHORS = ("crm.lead", "pipeline.customer")


class MailActivity(models.Model):
    _name = "mail.activity"
    _inherit = ["mail.activity", "pipeline.moments.mixin"]

    # ---- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        activities = super().create(vals_list)
        activities.filtered(lambda activity: activity.res_model in _ANCHORS)._note_created()
        return activities

    def write(self, vals):
        if _TOLD.keys() & vals.keys():
            self.filtered(lambda activity: activity.res_model in _ANCHORS)._note_changing(vals)
        return super().write(vals)

    # ---- moments

    def _get_told_fields(self) -> set[str]:
        return super()._get_told_fields() | _TOLD.keys()

    def _on_created(self) -> None:
        super()._on_created()
        self._tell_planned("created", {})

    def _on_changed(self, old: dict[int, dict[str, Any]]) -> None:
        super()._on_changed(old)
        changed = {id_: sorted({_TOLD[name] for name in values if name in _TOLD}) for id_, values in old.items()}
        self.filtered(lambda activity: changed[activity.id])._tell_planned("updated", changed)

    def _tell_planned(self, act: str, changed: dict[int, list[str]]) -> None:
        events = []
        for activity in self.filtered(lambda activity: activity.res_model in _ANCHORS):
            anchor = self.env[activity.res_model].browse(activity.res_id).exists()
            if anchor:
                facts = {"act": act, "activity": activity.uuid, "fields": changed.get(activity.id, [])}
                events.append({"kind": "activity", "record": anchor, "metadata": facts})
        self.env["pipeline.event"]._append(events)
