"""The types of what happens, as webhooks and the feed of changes call it."""

from collections.abc import Iterable, Mapping
from typing import Any

DONE_KINDS = frozenset({"call", "email", "mail", "whatsapp", "meeting", "proposal", "quotation", "note", "todo"})
TEST = "webhook.test"
# Kinds of the event log that are nobody's business outside: evidence, and parts of a larger fact told beside them.
UNTOLD = frozenset({"snapshot", "merged_away", "late", "onboarding"})

_OF_LEADS = {
    "captured": "lead.created", "created": "lead.created", "duplicate": "lead.captured_again",
    "assigned": "lead.assigned", "status": "lead.status_changed", "lost": "lead.status_changed",
    "converted": "lead.converted", "deleted": "lead.deleted", "restored": "lead.restored", "merged": "lead.merged",
    "unmerged": "lead.updated", "changed": "lead.updated",
}  # fmt: skip
_OF_DEALS = {
    "created": "opportunity.created", "captured": "opportunity.created", "duplicate": "lead.captured_again",
    "assigned": "opportunity.assigned", "stage": "opportunity.stage_changed", "won": "opportunity.won",
    "lost": "opportunity.lost", "converted": "lead.converted", "status": "lead.status_changed",
    "deleted": "opportunity.deleted", "restored": "opportunity.restored", "merged": "opportunity.merged",
    "unmerged": "opportunity.updated", "changed": "opportunity.updated",
}  # fmt: skip
_OF_ORDERS = {
    ("quote", "draft"): "quote.drafted", ("quote", "sent"): "quote.sent", ("quote", "viewed"): "quote.viewed",
    ("quote", "accepted"): "quote.accepted", ("quote", "rejected"): "quote.rejected",
    ("quote", "expired"): "quote.expired", ("quote", "cancelled"): "quote.cancelled",
    ("order", "confirmed"): "order.confirmed", ("order", "delivered"): "order.delivered",
    ("order", "cancelled"): "order.cancelled", ("invoice", "generated"): "invoice.generated",
    ("payment", "paid"): "order.paid", ("payment", "pending"): "payment.pending",
    ("payment", "authorized"): "payment.authorized", ("payment", "received"): "payment.received",
    ("payment", "failed"): "payment.failed", ("payment", "refunded"): "payment.refunded",
}  # fmt: skip
_OF_CUSTOMERS = ("customer.created", "customer.lifecycle_changed", "customer.updated", "customer.merged")
_OF_ACTIVITIES = ("activity.created", "activity.updated", "activity.completed", "activity.corrected")

TYPES = tuple(sorted({
    *_OF_LEADS.values(), *_OF_DEALS.values(), *_OF_ORDERS.values(), *_OF_CUSTOMERS, *_OF_ACTIVITIES,
    "quote.updated", "payment.updated",
}))  # fmt: skip


def get_type(model: str | None, kind: str, facts: Mapping[str, Any], is_deal: bool = False) -> str | None:
    """Return the type of a fact of the event log, or None for what is told to nobody.

    :param model: what the fact is about: ``crm.lead``, ``sale.order`` or ``pipeline.customer``
    :param facts: the event's metadata
    :param is_deal: whether the lead was a deal at that time

    >>> get_type("crm.lead", "assigned", {}), get_type("crm.lead", "assigned", {}, is_deal=True)
    ('lead.assigned', 'opportunity.assigned')
    """
    if facts.get("history") and kind not in DONE_KINDS:
        return None
    if kind in DONE_KINDS and model in ("crm.lead", "pipeline.customer"):
        return "activity.completed"
    if kind == "correction":
        return "activity.corrected"
    if kind == "activity":
        return f"activity.{facts.get('act', 'updated')}"
    if model == "crm.lead":
        return (_OF_DEALS if is_deal else _OF_LEADS).get(kind)
    if model == "sale.order":
        return _get_type_of_order(kind, facts)
    if model == "pipeline.customer":
        return _get_type_of_customer(kind, facts)
    return None


def get_told_facts(kind: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return those facts that are ours: of what was done they are the client's, who may have written anything there.

    >>> get_told_facts("call", {"from": "+41 44 111 22 33"}), get_told_facts("stage", {"fields": ["tags"]})
    ({}, {'fields': ['tags']})
    """
    return {} if kind in DONE_KINDS else facts


def _get_type_of_order(kind: str, facts: Mapping[str, Any]) -> str | None:
    if kind == "changed":
        return "quote.updated"
    if kind == "payment" and facts.get("is_part"):
        return "payment.received"
    other = {"payment": "payment.updated", "quote": "quote.updated"}.get(kind)
    return _OF_ORDERS.get((kind, facts.get("status")), other)


def _get_type_of_customer(kind: str, facts: Mapping[str, Any]) -> str | None:
    if kind == "customer":
        told = {"created": "created", "lifecycle": "lifecycle_changed", "merged": "merged"}
        return f"customer.{next((name for fact, name in told.items() if fact in facts), 'updated')}"
    return "customer.updated" if kind == "changed" else None


def is_wanted(type_: str, patterns: Iterable[str]) -> bool:
    """Return whether one of the patterns means this type: ``*``, ``lead.*`` or a type's own name.

    >>> is_wanted("lead.created", ["lead.*"]), is_wanted("leadership.created", ["lead.*"])
    (True, False)
    """
    family = type_.split(".")[0]
    return any(pattern in ("*", type_, f"{family}.*") for pattern in patterns)


def find_unknown(patterns: Iterable[str]) -> list[str]:
    """Return the patterns that mean no type at all."""
    return [one for one in patterns if not any(is_wanted(type_, [one]) for type_ in (*TYPES, TEST))]
