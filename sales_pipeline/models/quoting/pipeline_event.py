from odoo import models
from odoo.tools import format_amount

_STATUS_FIELDS = ("quote_status", "order_status", "payment_status")


class PipelineEvent(models.Model):
    _inherit = "pipeline.event"

    def _get_summary(self) -> str:
        if self.kind in ("quote", "order", "invoice", "payment"):
            return self._get_deal_paper_summary(self.metadata or {})
        return super()._get_summary()

    def _get_deal_paper_summary(self, facts: dict) -> str:
        """Return which paper it is about, what became of it, and how much it is worth."""
        fields = self.env["sale.order"]._fields
        labels = {"generated": self.env._("Generated")}
        for name in _STATUS_FIELDS:
            labels.update(fields[name]._description_selection(self.env))
        currency = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "=", facts.get("currency"))], limit=1)
        )
        amount = facts.get("amount")
        parts = [
            labels.get(facts.get("status"), facts.get("status")),
            facts.get("order_number") or facts.get("number"),
            format_amount(self.env, amount, currency) if amount and currency else None,
        ]
        return " · ".join(part for part in parts if part)
