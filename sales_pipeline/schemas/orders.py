"""Orders, as the API shows them: accepted quotes, under the same id."""

from typing import Any

from odoo import models
from odoo.fields import Domain

from .. import const
from .common import (
    Amount,
    Filter,
    Flag,
    Line,
    Moment,
    Schema,
    Uuid,
    amount_to_json,
    choices,
    make_list_query,
    moment_to_json,
)
from .quote_lines import LineItem, lines_to_json

_SORTS = {"created_at": "create_date", "updated_at": "write_date"}
_FILTERS = {
    "status": Filter("order_status", "choice", tuple(code for code, _label in const.ORDER_STATUSES)),
    "payment_status": Filter("payment_status", "choice", tuple(code for code, _label in const.PAYMENT_STATUSES)),
    "opportunity_id": Filter("opportunity_id.uuid", "uuid"),
    "invoice_generated": Filter("is_invoiced", "flag"),
    "created_at": Filter("create_date", "moment"),
    "updated_at": Filter("write_date", "moment"),
}


class Order(Schema):
    """What a customer ordered; the quote has the same id."""

    id: Uuid
    quote_id: Uuid
    opportunity_id: Uuid
    order_number: Line
    total_value: Amount
    currency: Line
    status: choices(const.ORDER_STATUSES)
    invoice_generated: Flag
    payment_status: choices(const.PAYMENT_STATUSES)
    line_items: list[LineItem]
    created_at: Moment
    updated_at: Moment


class PipelineApiOrder(models.AbstractModel):
    _name = "pipeline.api.order"
    _inherit = "pipeline.api.resource"
    _description = "Orders of the API"

    _api_model = "sale.order"
    _api_path = "/api/orders"
    _api_schemas = {"Order": Order, "OrderQuery": make_list_query("OrderList", _SORTS, _FILTERS)}
    _api_sorts = _SORTS
    _api_filters = _FILTERS

    def _get_domain(self) -> Domain:
        is_ordered = Domain("state", "=", "sale") | Domain("accepted_at", "!=", False)
        return Domain("opportunity_id", "!=", False) & is_ordered

    def _represent(self, records, expand: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
        return [
            {
                "id": order.uuid,
                "quote_id": order.uuid,
                "opportunity_id": order.opportunity_id.uuid,
                "order_number": order.order_number or order.name,
                "total_value": amount_to_json(order.amount_total, order.currency_id.decimal_places),
                "currency": order.currency_id.name,
                "status": order.order_status or "pending",
                "invoice_generated": order.is_invoiced,
                "payment_status": order.payment_status or "pending",
                "line_items": lines_to_json(order),
                "created_at": moment_to_json(order.create_date),
                "updated_at": moment_to_json(order.write_date),
            }
            for order in records.sudo()
        ]
