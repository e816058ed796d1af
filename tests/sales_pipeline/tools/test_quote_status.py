import pytest

from odoo.addons.sales_pipeline.tools.quote_status import (
    PaymentFacts,
    QuoteFacts,
    order_status,
    payment_status,
    quote_status,
)


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        (QuoteFacts("draft"), "draft"),
        (QuoteFacts("sent"), "sent"),
        (QuoteFacts("sent", was_sent=True, was_viewed=True), "viewed"),
        (QuoteFacts("sent", was_viewed=True, has_expired=True), "expired"),
        (QuoteFacts("sale", was_viewed=True, has_expired=True), "accepted"),
        (QuoteFacts("cancel", was_viewed=True, was_rejected=True, has_expired=True), "rejected"),
        (QuoteFacts("draft", was_rejected=True), "draft"),
        (QuoteFacts("cancel", was_sent=True), "sent"),
        (QuoteFacts("cancel"), "draft"),
    ],
)
def test_a_quote_bears_the_last_word_that_is_true(facts, status):
    assert quote_status(facts) == status


@pytest.mark.parametrize(
    ("state", "quantities", "status"),
    [
        ("draft", [(1, 1)], "pending"),
        ("sent", [], "pending"),
        ("sale", [], "confirmed"),
        ("sale", [(2, 2), (1, 0)], "confirmed"),
        ("sale", [(2, 2), (1, 3)], "delivered"),
        ("sale", [(0, 0)], "confirmed"),
        ("sale", [(0, 0), (1, 1)], "delivered"),
        ("cancel", [(1, 1)], "cancelled"),
    ],
)
def test_an_order_is_delivered_when_every_line_is(state, quantities, status):
    assert order_status(state, quantities) == status


@pytest.mark.parametrize(
    ("facts", "status"),
    [
        (PaymentFacts("sent"), "pending"),
        (PaymentFacts("sale", is_total_covered=True), "paid"),
        (PaymentFacts("sale", is_total_covered=True, last_transaction_state="error"), "paid"),
        (PaymentFacts("sale", last_transaction_state="authorized"), "pending"),
        (PaymentFacts("sent", last_transaction_state="error"), "failed"),
        (PaymentFacts("sent", last_transaction_state="cancel"), "failed"),
        (PaymentFacts("sale", is_free=True), "paid"),
        (PaymentFacts("sent", is_free=True), "pending"),
        (PaymentFacts("sale", invoice_status="invoiced"), "pending"),
        (PaymentFacts("sale", invoice_status="invoiced", invoice_payment_states=("paid", "in_payment")), "paid"),
        (PaymentFacts("sale", invoice_status="invoiced", invoice_payment_states=("paid", "partial")), "pending"),
        (PaymentFacts("sale", invoice_status="to invoice", invoice_payment_states=("paid",)), "pending"),
        (PaymentFacts("sale", invoice_status="upselling", invoice_payment_states=("paid",)), "paid"),
    ],
)
def test_a_payment_is_there_when_the_whole_is_there(facts, status):
    assert payment_status(facts) == status
