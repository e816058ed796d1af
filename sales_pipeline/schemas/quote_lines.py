"""The lines of quotes and orders."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from odoo.fields import Command
from pydantic import AfterValidator

from ..rest.problems import invalid
from .common import Amount, Flag, Line, Notes, ReadOnly, Schema, Uuid

LineType = Literal["line", "section", "note"]
_DISPLAY_TYPES = {"section": "line_section", "note": "line_note"}
_TYPES = {"line_section": "section", "line_subsection": "section", "line_note": "note"}
_PRODUCT = "sales_pipeline.pipeline_api_product"
# What differs by less is the same number, written with another number of digits.
_TOLERANCE = 1e-7


def _check_positive(value: Decimal) -> Decimal:
    if value < 0:
        raise ValueError("Write a number that is not negative.")
    return value


def _check_share(value: Decimal) -> Decimal:
    if not 0 <= value <= 100:
        raise ValueError("Write a share of 0 to 100.")
    return value


Quantity = Annotated[Amount, AfterValidator(_check_positive)]
Discount = Annotated[Amount, AfterValidator(_check_share)]


class LineItem(Schema):
    """One line; ``product`` is the internal reference of the product, null for what was offered in words."""

    id: Uuid
    type: LineType
    product: Line | None
    name: str
    quantity: Amount
    unit_price: Amount
    discount: Amount
    tax_included: Flag
    subtotal: Amount


class LineItemWrite(Schema):
    """A line as it is sent: with an ``id`` that is known it stays the same line, else it is a new one."""

    id: Uuid | None = None
    type: LineType = "line"
    product: Line | None = None
    name: Notes | None = None
    quantity: Quantity | None = None
    unit_price: Quantity | None = None
    discount: Discount | None = None
    tax_included: ReadOnly
    subtotal: ReadOnly


def lines_to_json(order) -> list[dict[str, Any]]:
    """Return the lines of an order (sudo) in their order."""
    return [_line_to_json(order, line) for line in _sort(order)]


def _sort(order):
    return order.order_line.sorted(lambda line: (line.sequence, line.id))


def _line_to_json(order, line) -> dict[str, Any]:
    digits = order.currency_id.decimal_places
    return {
        "id": _line_uuid(order, line),
        "type": _TYPES.get(line.display_type, "line"),
        "product": line.product_id.default_code or None,
        "name": line.name or "",
        "quantity": number_to_json(line.product_uom_qty, 0),
        "unit_price": number_to_json(line.price_unit, digits),
        "discount": number_to_json(line.discount, 0),
        "tax_included": any(line.tax_ids.mapped("price_include")),
        "subtotal": number_to_json(line.price_subtotal, digits),
    }


def _line_uuid(order, line) -> str:
    return str(uuid5(UUID(order.uuid), str(line.id)))


def number_to_json(value: float, digits: int) -> str:
    """Return a decimal text with at least these digits after the point and at most six.

    >>> number_to_json(12.5, 2), number_to_json(3.0, 0), number_to_json(0.12345, 2)
    ('12.50', '3', '0.12345')
    """
    whole, _point, rest = f"{value or 0:.6f}".partition(".")
    rest = rest.rstrip("0").ljust(digits, "0")
    return f"{whole}.{rest}" if rest else whole


def prepare_lines(env, items: Sequence[LineItemWrite], order=None) -> list:
    """Return the commands that bring the lines of an order to what was sent; empty when they are so already.

    :param order: the order (sudo), None for a new one
    :raise ApiProblem: 422 for products and lines that nobody knows
    """
    present = {_line_uuid(order, line): line for line in _sort(order)} if order else {}
    products = _find_products(env, items, present)
    sent = [item.id if item.id in present else None for item in items]
    if len({id_ for id_ in sent if id_}) < len([id_ for id_ in sent if id_]):
        raise invalid("/line_items", "twice", "A line is there twice: name each id once.")
    is_same_order = sent == list(present)
    commands = [Command.delete(line.id) for id_, line in present.items() if id_ not in sent]
    for place, item in enumerate(items):
        line = present.get(item.id)
        values = _prepare_line(place, item, line, products)
        if not is_same_order:
            values["sequence"] = 10 * (place + 1)
        if line and values:
            commands.append(Command.update(line.id, values))
        elif not line:
            commands.append(Command.create(values))
    return commands


def _find_products(env, items: Sequence[LineItemWrite], present) -> dict[str | None, Any]:
    codes = {item.product for item in items if item.product}
    found = env["product.product"].search([
        ("default_code", "in", sorted(codes)), ("company_id", "in", [False, env.company.id]),
    ], order="id desc") if codes else ()  # fmt: skip
    products: dict[str | None, Any] = {product.default_code: product.id for product in found}
    for place, item in enumerate(items):
        if item.id and item.id not in present:
            raise invalid(f"/line_items/{place}/id", "unknown", "This quote has no such line: leave the id out.")
        if item.product and item.product not in products:
            raise invalid(f"/line_items/{place}/product", "unknown", f"There is no product {item.product}.")
    return products | {None: env.ref(_PRODUCT).id}


def _prepare_line(place: int, item: LineItemWrite, line, products) -> dict[str, Any]:
    if line and _TYPES.get(line.display_type, "line") != item.type:
        raise invalid(f"/line_items/{place}/type", "read-only", "Lines keep their type: send another line instead.")
    if item.type != "line":
        if not item.name:
            raise invalid(f"/line_items/{place}/name", "required", "Sections and notes need a name.")
        wanted = {"name": item.name} | ({} if line else {"display_type": _DISPLAY_TYPES[item.type]})
        return {name: value for name, value in wanted.items() if not line or line[name] != value}
    return _prepare_item(place, item, line, products)


def _prepare_item(place: int, item: LineItemWrite, line, products) -> dict[str, Any]:
    values: dict[str, Any] = {}
    is_in_words = not item.product and not (line and not line.product_id.default_code)
    if is_in_words or (not line and not item.product):
        for name in ("name", "unit_price"):
            if getattr(item, name) in (None, ""):
                raise invalid(f"/line_items/{place}/{name}", "required", f"A line without a product needs a {name}.")
    if not line or (line.product_id.default_code or None) != item.product:
        values["product_id"] = products[item.product]
    if item.name and (not line or line.name != item.name):
        values["name"] = item.name
    numbers = {
        "product_uom_qty": 1 if item.quantity is None else item.quantity,
        "price_unit": item.unit_price,
        "discount": 0 if item.discount is None and line else item.discount,
    }
    for name, number in numbers.items():
        if number is not None and (not line or abs(line[name] - float(number)) > _TOLERANCE):
            values[name] = float(number)
    if "product_id" in values or "product_uom_qty" in values:
        # Odoo asks the price list again for another product or quantity, unless it is told the price.
        values |= {name: float(number) for name, number in numbers.items() if number is not None}
    return values
