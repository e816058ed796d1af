"""The spine of the quote and order: its identity, and what happens to it told as moments."""

from typing import Any
from uuid import uuid4

from odoo import api, fields, models

# Orders without an opportunity have empty statuses; the spine tells nothing about them.
_WATCHED = {
    "opportunity_id", "state", "validity_date", "quote_status", "order_status", "payment_status", "is_invoiced",
}  # fmt: skip


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "pipeline.moments.mixin"]

    uuid = fields.Char("Public Id", readonly=True, copy=False, default=lambda self: str(uuid4()))

    _uuid_unique = models.UniqueIndex("(uuid)")
    _api_page_idx = models.Index("(create_date DESC, id DESC) WHERE opportunity_id IS NOT NULL")

    # ---- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        orders._note_created()
        return orders

    def write(self, vals):
        self._note_changing(vals)
        return super().write(vals)

    # ---- moments

    def _get_watched_fields(self) -> set[str]:
        return super()._get_watched_fields() | _WATCHED

    def _get_event_story(self) -> str | None:
        """Return the uuid of the deal under which everything that happens to this order is told."""
        return self.sudo().opportunity_id.uuid or None

    def _on_created(self) -> None:
        super()._on_created()
        linked = self.filtered("opportunity_id")
        if linked:
            linked._on_drafted()
        if sent := linked.filtered(lambda order: order.state == "sent"):
            sent._on_sent()

    def _on_changed(self, old: dict[int, dict[str, Any]]) -> None:
        super()._on_changed(old)
        if linked := self.filtered(lambda order: "opportunity_id" in old[order.id]):
            linked._on_linked()
        orders = self.filtered("opportunity_id")
        if extended := orders.filtered(lambda order: "validity_date" in old[order.id]):
            extended._on_validity_changed()
        orders._tell_quote(old)
        orders._tell_order(old)

    def _tell_quote(self, old: dict[int, dict[str, Any]]) -> None:
        if drafted := self._get_moved(old, "state", "draft"):
            drafted._on_drafted()
        if sent := self._get_moved(old, "state", "sent"):
            sent._on_sent()
        if accepted := self._get_moved(old, "quote_status", "accepted"):
            accepted._on_accepted()
        if rejected := self._get_moved(old, "quote_status", "rejected"):
            rejected._on_rejected()
        if expired := self._get_moved(old, "quote_status", "expired"):
            expired._on_expired()

    def _tell_order(self, old: dict[int, dict[str, Any]]) -> None:
        if cancelled := self._get_moved(old, "state", "cancel"):
            cancelled._on_cancelled()
        if delivered := self._get_moved(old, "order_status", "delivered"):
            delivered._on_delivered()
        if invoiced := self._get_moved(old, "is_invoiced", True):
            invoiced._on_invoiced()
        if paid := self._get_moved(old, "payment_status", "paid"):
            paid._on_paid()

    def _get_moved(self, old: dict[int, dict[str, Any]], name: str, value: Any) -> models.Model:
        """Return the orders whose field ``name`` came to ``value`` in this transaction."""
        return self.filtered(lambda order: name in old[order.id] and order[name] == value)

    # ---- finer moments (doors); a domain adds what it does in its own file

    def _on_linked(self) -> None:
        """React to orders that came to belong to another deal, or to none."""

    def _on_validity_changed(self) -> None:
        """React to another last day of an offer."""

    def _on_drafted(self) -> None:
        """React to quotes begun, or taken back to a draft."""

    def _on_sent(self) -> None:
        """React to quotes sent to the customer."""

    def _on_viewed(self) -> None:
        """React to quotes opened by the customer, each time anew."""

    def _on_accepted(self) -> None:
        """React to quotes accepted, which are confirmed orders from now on."""

    def _on_rejected(self) -> None:
        """React to quotes declined by the customer."""

    def _on_expired(self) -> None:
        """React to quotes whose last day has passed."""

    def _on_cancelled(self) -> None:
        """React to cancelled quotes and orders."""

    def _on_delivered(self) -> None:
        """React to orders delivered completely."""

    def _on_invoiced(self) -> None:
        """React to the first invoice of an order."""

    def _on_paid(self) -> None:
        """React to orders paid completely."""
