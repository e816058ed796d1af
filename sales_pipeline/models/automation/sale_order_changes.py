from typing import Any

from odoo import models

# Which field of the API a column is; a change of one is told. What has an event of its own is told by that.
_TOLD = {
    "note": "terms_conditions", "validity_date": "valid_until", "order_line": "line_items",
    "amount_total": "total_amount", "partner_id": "customer",
}  # fmt: skip


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _get_told_fields(self) -> set[str]:
        return super()._get_told_fields() | _TOLD.keys()

    def _on_changed(self, old: dict[int, dict[str, Any]]) -> None:
        super()._on_changed(old)
        born, events = self._get_born_ids(), []
        for record in self.filtered("opportunity_id"):
            names = sorted({_TOLD[name] for name in old[record.id] if name in _TOLD})
            if names and record.id not in born:
                events.append({"kind": "changed", "record": record, "metadata": {"fields": names}})
        self.env["pipeline.event"]._append(events)
