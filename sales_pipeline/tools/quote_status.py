"""What a quote, its order and its payment are called, worked out from plain facts."""

from collections.abc import Iterable
from dataclasses import dataclass

_INVOICED = {"invoiced", "upselling"}
_SETTLED = {"paid", "in_payment"}
_FAILED = {"error", "cancel"}


@dataclass(frozen=True)
class QuoteFacts:
    """Facts of one quote: Odoo's state, and what was seen to happen to it."""

    state: str
    was_sent: bool = False
    was_viewed: bool = False
    was_rejected: bool = False
    has_expired: bool = False


@dataclass(frozen=True)
class PaymentFacts:
    """Facts of the money of one order.

    :param state: Odoo's state of the order
    :param is_total_covered: whether the finished online payments reach the total
    :param is_free: whether there is nothing to pay
    :param invoice_status: Odoo's invoice status of the order
    :param invoice_payment_states: payment state of each posted customer invoice that was not taken back
    :param last_transaction_state: state of the latest online payment that left the draft, if any
    """

    state: str
    is_total_covered: bool = False
    is_free: bool = False
    invoice_status: str | None = None
    invoice_payment_states: tuple[str, ...] = ()
    last_transaction_state: str | None = None


def quote_status(facts: QuoteFacts) -> str:
    """Return the word for a quote; a cancelled one keeps the last word that is true of it.

    >>> quote_status(QuoteFacts("sent", was_viewed=True))
    'viewed'
    """
    if facts.state == "sale":
        return "accepted"
    if facts.state == "cancel" and facts.was_rejected:
        return "rejected"
    if facts.has_expired:
        return "expired"
    if facts.was_viewed:
        return "viewed"
    return "sent" if facts.state == "sent" or facts.was_sent else "draft"


def order_status(state: str, quantities: Iterable[tuple[float, float]]) -> str:
    """Return the word for an order.

    :param state: Odoo's state of the order
    :param quantities: ordered and delivered quantity of each line that can be delivered
    """
    if state == "cancel":
        return "cancelled"
    if state != "sale":
        return "pending"
    ordered = [(wanted, done) for wanted, done in quantities if wanted > 0]
    return "delivered" if ordered and all(done >= wanted for wanted, done in ordered) else "confirmed"


def payment_status(facts: PaymentFacts) -> str:
    """Return the word for the payment: money that is only authorised or partly there is pending."""
    states = facts.invoice_payment_states
    is_settled = facts.invoice_status in _INVOICED and states and all(state in _SETTLED for state in states)
    if is_settled or facts.is_total_covered or (facts.is_free and facts.state == "sale"):
        return "paid"
    return "failed" if facts.last_transaction_state in _FAILED else "pending"
