"""The status of many leads at a time, by the acts that stand behind it."""

from typing import Any

from odoo import models


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def _get_needing_status(self, status: str) -> "CrmLead":
        """Return the records that are not what they shall become; a lost deal counts as disqualified.

        :param status: a value of ``lead_status``
        """
        if status == "disqualified":
            return self.filtered(lambda lead: lead.won_status != "lost")
        return self.filtered(lambda lead: lead.lead_status != status)

    def _set_lead_statuses(self, status: str, lost_reason_id: int | bool = False) -> None:
        """Move leads to a status, as ``_set_lead_status`` does one by one, with one write for all.

        The caller has left out who does not fit: deals, and leads that do not meet what their team asks for.

        :param status: ``new``, ``contacted``, ``qualified`` or ``disqualified``
        :param lost_reason_id: why leads are disqualified
        """
        if status == "disqualified":
            self.action_set_lost(lost_reason_id=lost_reason_id)
            return
        if lost := self.filtered(lambda lead: lead.won_status == "lost"):
            lost.action_restore()
        self.write({"qualification": status})

    def _restore_lead_statuses(self, old: dict[str, Any]) -> None:
        """Give leads back what they had: no criteria are asked, since they were so before.

        :param old: ``qualification``, ``won_status`` and ``lost_reason_id``
        """
        was_lost = old["won_status"] == "lost"
        if lost := self.filtered(lambda lead: lead.won_status == "lost" and not was_lost):
            lost.action_restore()
        self.write({"qualification": old["qualification"]})
        if was_lost:
            self.action_set_lost(lost_reason_id=old["lost_reason_id"])
