"""When a lead reaches somebody, that somebody hears of it."""

from typing import Any

from odoo import fields, models
from odoo.tools import SQL

from ..pipeline_bulk_run import is_part_of_bulk


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def _on_captured(self, captured):
        super()._on_captured(captured)
        new = [lead.id for lead, item in zip(self, captured, strict=True) if item.channel != "bulk_upload"]
        self.env["pipeline.notice"]._tell(self.browse(new), "assigned")

    def _on_captured_again(self, captured):
        super()._on_captured_again(captured)
        back = [lead.id for lead, item in zip(self, captured, strict=True) if item.channel != "bulk_upload"]
        self.env["pipeline.notice"]._tell(self.browse(set(back)), "again")

    def _on_entered(self):
        super()._on_entered()
        # Odoo's own mail goes to whoever was chosen in the form.
        self.env["pipeline.notice"]._tell(self, "assigned", by_mail=False)

    def _on_assigned(self, old_user_ids):
        super()._on_assigned(old_user_ids)
        notices = self.env["pipeline.notice"]
        handed_on = {lead_id: user_id for lead_id, user_id in old_user_ids.items() if user_id}
        if handed_on:
            pairs = SQL(", ").join(SQL("(%s, %s)", lead_id, user_id) for lead_id, user_id in handed_on.items())
            notices._mark_read(SQL("(lead_id, user_id) IN (%s) AND kind <> 'escalated'", pairs))
        if not is_part_of_bulk(self.env):
            notices._tell(self.filtered("user_id"), "assigned", by_mail=False)

    def _on_deleted(self):
        super()._on_deleted()
        self.env["pipeline.notice"]._mark_read(SQL("lead_id IN %s", tuple(self.ids)))

    def _is_from_list(self) -> bool:
        """Return whether the lead came in with many others; the import tells each owner once."""
        return self.capture_channel == "bulk_upload"

    def _describe_origin(self) -> str:
        """Return where the lead came from, in one word or two."""
        labels = dict(self._fields["capture_channel"]._description_selection(self.env))
        return labels.get(self.capture_channel, "")

    def _describe_for_notice(self) -> dict[str, Any]:
        """Return what a notice shows of its lead."""
        self.ensure_one()
        return {
            "lead_id": self.id,
            "name": self.name,
            "source": self.pipeline_source_id.name or self._describe_origin(),
            "due_at": fields.Datetime.to_string(self.response_due_at) if self.response_due_at else False,
            "state": self.response_state or False,
        }
