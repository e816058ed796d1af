"""Addresses of the API: quotes."""

from uuid import UUID

from odoo.http import Controller, Response, request

from ...rest import api
from ...rest.api import Operation, reply_page, reply_record
from ...rest.call import current_call

_OFFER = {
    "line_items": [{"name": "Roof tiles, laid", "quantity": "2", "unit_price": "625.00"}],
    "terms_conditions": "Payable within 30 days.",
}

class QuotesController(Controller):
    @api.route("/api/quotes", methods=["GET"], operation=Operation(
        "List quotes", scope="quotes:read", tag="Quotes", answer="List[Quote]", query="QuoteQuery",
    ))  # fmt: skip
    def list_quotes(self) -> Response:
        """Answer with the quotes that the acting user may see."""
        quotes = request.env["pipeline.api.quote"]
        return reply_page(quotes, quotes._list(current_call().query))

    @api.route("/api/quotes", methods=["POST"], operation=Operation(
        "Draft a quote for a deal", scope="quotes:write", tag="Quotes", body="QuoteCreate",
        examples={"quote": {"opportunity_id": "3f0c9a52-6d0e-4d4c-9d3f-0f6f2f1f7a10", **_OFFER}}, answer="Quote",
        status=201,
    ))  # fmt: skip
    def create_quote(self) -> Response:
        """Answer with the new quote."""
        quotes = request.env["pipeline.api.quote"]
        return reply_record(quotes, quotes._create(current_call().body), 201, location=True)

    @api.route("/api/quotes/<uuid:id>", methods=["GET"], operation=Operation(
        "Read a quote", scope="quotes:read", tag="Quotes", answer="Quote", is_conditional=True,
    ))  # fmt: skip
    def read_quote(self, id: UUID) -> Response:
        """Answer with one quote."""
        quotes = request.env["pipeline.api.quote"]
        return reply_record(quotes, quotes._find(str(id)))

    @api.route("/api/quotes/<uuid:id>", methods=["PUT"], operation=Operation(
        "Replace an open quote", scope="quotes:write", tag="Quotes", body="QuoteReplace",
        examples={"quote": _OFFER}, answer="Quote",
        is_conditional=True,
    ))  # fmt: skip
    def replace_quote(self, id: UUID) -> Response:
        """Answer with the quote as it is now."""
        quotes = request.env["pipeline.api.quote"]
        quote = quotes._find(str(id), for_write=True)
        quotes._check_match(quote)
        quotes._change(quote, current_call().body)
        return reply_record(quotes, quote)

    @api.route("/api/quotes/<uuid:id>/send", methods=["POST"], operation=Operation(
        "Send a quote to the customer", scope="quotes:write", tag="Quotes", body="QuoteSend",
        examples={"mail": {"to": "dana@example.com"}}, answer="Quote",
        is_conditional=True, others={501: "the channel is not set up"},
    ))  # fmt: skip
    def send_quote(self, id: UUID) -> Response:
        """Answer with the quote, which is sent from now on; the mail follows."""
        quotes = request.env["pipeline.api.quote"]
        quote = quotes._find_for_deal(str(id))
        quotes._check_match(quote)
        quotes._send(quote, current_call().body)
        return reply_record(quotes, quote)

    @api.route("/api/quotes/<uuid:id>/accept", methods=["POST"], operation=Operation(
        "Accept a quote for the customer", scope="quotes:write", tag="Quotes", body="QuoteAccept",
        examples={"yes": {"signed_by": "Dana Example"}}, answer="Quote",
        is_conditional=True,
    ))  # fmt: skip
    def accept_quote(self, id: UUID) -> Response:
        """Answer with the quote, which is an order from now on."""
        quotes, body = request.env["pipeline.api.quote"], current_call().body
        quote = quotes._find_for_deal(str(id))
        quotes._check_match(quote)
        quote._accept_by_api(body.signed_by, body.note)
        return reply_record(quotes, quote)

    @api.route("/api/quotes/<uuid:id>/reject", methods=["POST"], operation=Operation(
        "Decline a quote for the customer", scope="quotes:write", tag="Quotes", body="QuoteReject",
        examples={"no": {"reason": "Too expensive"}}, answer="Quote",
        is_conditional=True,
    ))  # fmt: skip
    def reject_quote(self, id: UUID) -> Response:
        """Answer with the quote and the reason."""
        quotes = request.env["pipeline.api.quote"]
        quote = quotes._find_for_deal(str(id))
        quotes._check_match(quote)
        quote._reject_by_api(current_call().body.reason)
        return reply_record(quotes, quote)
