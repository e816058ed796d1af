"""Addresses of the API: orders."""

from uuid import UUID

from odoo.http import Controller, Response, request

from ...rest import api
from ...rest.api import Operation, reply_page, reply_record
from ...rest.call import current_call


class OrdersController(Controller):
    @api.route("/api/orders", methods=["GET"], operation=Operation(
        "List orders", scope="orders:read", tag="Orders", answer="List[Order]", query="OrderQuery",
    ))  # fmt: skip
    def list_orders(self) -> Response:
        """Answer with the orders that the acting user may see."""
        orders = request.env["pipeline.api.order"]
        return reply_page(orders, orders._list(current_call().query))

    @api.route("/api/orders/<uuid:id>", methods=["GET"], operation=Operation(
        "Read an order", scope="orders:read", tag="Orders", answer="Order", is_conditional=True,
    ))  # fmt: skip
    def read_order(self, id: UUID) -> Response:
        """Answer with one order."""
        orders = request.env["pipeline.api.order"]
        return reply_record(orders, orders._find(str(id)))
