"""Quotes, as the API shows and reads them."""

from typing import Annotated, Any, Literal

from odoo import models
from odoo.fields import Domain
from pydantic import BaseModel, Field

from .. import const
from ..models.locks import key_lock
from ..rest.call import find_call
from ..rest.problems import ApiProblem, invalid, not_found
from ..tools.email import normalise_email
from .base import Mode
from .common import (
    Amount,
    Day,
    Filter,
    Line,
    Moment,
    Name,
    Notes,
    ReadOnly,
    Schema,
    Uuid,
    amount_to_json,
    choices,
    day_to_json,
    make_list_query,
    moment_to_json,
)
from .parts import check_currency, notes_to_json, omittable, read_notes
from .quote_lines import LineItem, LineItemWrite, lines_to_json, prepare_lines

_SORTS = {"created_at": "create_date", "updated_at": "write_date"}
_FILTERS = {
    "status": Filter("quote_status", "choice", tuple(code for code, _label in const.QUOTE_STATUSES)),
    "opportunity_id": Filter("opportunity_id.uuid", "uuid"),
    "valid_until": Filter("validity_date", "day"),
    "total_amount": Filter("amount_total", "amount"),
    "text": Filter("name", "text"),
    "created_at": Filter("create_date", "moment"),
    "updated_at": Filter("write_date", "moment"),
}
_READ_ONLY = (
    "id", "opportunity_id", "quote_number", "total_amount", "amount_untaxed", "amount_tax", "currency", "status",
    "approval_workflow", "sent_at", "viewed_at", "accepted_at", "rejected_at", "reject_reason", "order_id", "customer",
    "portal_url", "created_at", "updated_at",
)  # fmt: skip


class QuoteCustomer(Schema):
    name: Line
    email: Line | None


class Quote(Schema):
    """An offer of a deal; ``portal_url`` lets whoever has it accept, and is for those who may change the quote."""

    id: Uuid
    opportunity_id: Uuid
    quote_number: Line
    line_items: list[LineItem]
    total_amount: Amount
    amount_untaxed: Amount
    amount_tax: Amount
    currency: Line
    terms_conditions: str | None
    valid_until: Day | None
    status: choices(const.QUOTE_STATUSES)
    approval_workflow: dict[str, Any] | None
    sent_at: Moment | None
    viewed_at: Moment | None
    accepted_at: Moment | None
    rejected_at: Moment | None
    reject_reason: str | None
    order_id: Uuid | None
    customer: QuoteCustomer
    portal_url: str | None
    created_at: Moment
    updated_at: Moment


LineItems = Annotated[list[LineItemWrite], Field(max_length=200)]


class QuoteCreate(Schema):
    """A new offer; without ``valid_until`` it is valid as long as the company's offers are."""

    opportunity_id: Uuid
    line_items: LineItems | None = None
    terms_conditions: Notes | None = None
    valid_until: Day | None = None
    currency: Line = omittable()


class QuoteReplace(Schema):
    """All that can be written of an open offer: what is left out is cleared."""

    line_items: LineItems | None = None
    terms_conditions: Notes | None = None
    valid_until: Day | None = None
    id: ReadOnly
    opportunity_id: ReadOnly
    quote_number: ReadOnly
    total_amount: ReadOnly
    amount_untaxed: ReadOnly
    amount_tax: ReadOnly
    currency: ReadOnly
    status: ReadOnly
    approval_workflow: ReadOnly
    sent_at: ReadOnly
    viewed_at: ReadOnly
    accepted_at: ReadOnly
    rejected_at: ReadOnly
    reject_reason: ReadOnly
    order_id: ReadOnly
    customer: ReadOnly
    portal_url: ReadOnly
    created_at: ReadOnly
    updated_at: ReadOnly


class QuoteSend(Schema):
    """How the offer goes to the customer; by mail to the deal's contact unless said otherwise."""

    channel: Literal["email", "whatsapp"] = "email"
    to: Line | None = None
    subject: Name | None = None
    message: Notes | None = None


class QuoteAccept(Schema):
    """Who said yes."""

    signed_by: Name | None = None
    note: Notes | None = None


class QuoteReject(Schema):
    """Why the customer said no."""

    reason: Annotated[Notes, Field(min_length=1)]


QuoteQuery = make_list_query("QuoteList", _SORTS, _FILTERS)
_SCHEMAS = (Quote, QuoteCreate, QuoteReplace, QuoteSend, QuoteAccept, QuoteReject)


class PipelineApiQuote(models.AbstractModel):
    _name = "pipeline.api.quote"
    _inherit = "pipeline.api.resource"
    _description = "Quotes of the API"

    _api_model = "sale.order"
    _api_path = "/api/quotes"
    _api_schemas = {schema.__name__: schema for schema in _SCHEMAS} | {"QuoteQuery": QuoteQuery}
    _api_sorts = _SORTS
    _api_filters = _FILTERS
    _api_read_only = frozenset(_READ_ONLY)

    def _get_domain(self) -> Domain:
        return Domain("opportunity_id", "!=", False) & Domain("quote_status", "!=", False)

    # ---- out

    def _represent(self, records, expand: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
        shown = self._get_linked_ids(records)
        return [self._represent_quote(quote, quote.id in shown) for quote in records.sudo()]

    def _get_linked_ids(self, records) -> set[int]:
        """Return the quotes whose link the client may have: it is as good as the customer's signature."""
        call = find_call()
        scopes = call.caller.scopes if call else frozenset()
        return set(records._filtered_access("write").ids) if scopes is None or "quotes:write" in scopes else set()

    def _represent_quote(self, quote, has_link: bool) -> dict[str, Any]:
        digits = quote.currency_id.decimal_places
        is_ordered = quote.state == "sale" or quote.accepted_at
        link = f"{quote.get_base_url()}{quote.get_portal_url()}" if has_link and quote.access_token else None
        return {
            "id": quote.uuid,
            "opportunity_id": quote.opportunity_id.uuid,
            "quote_number": quote.name,
            "line_items": lines_to_json(quote),
            "total_amount": amount_to_json(quote.amount_total, digits),
            "amount_untaxed": amount_to_json(quote.amount_untaxed, digits),
            "amount_tax": amount_to_json(quote.amount_tax, digits),
            "currency": quote.currency_id.name,
            "terms_conditions": notes_to_json(quote.note),
            "valid_until": day_to_json(quote.validity_date or None),
            "status": quote.quote_status,
            "approval_workflow": None,
            "sent_at": moment_to_json(quote.sent_at or None),
            "viewed_at": moment_to_json(quote.first_viewed_at or None),
            "accepted_at": moment_to_json(quote.accepted_at or None),
            "rejected_at": moment_to_json(quote.rejected_at or None),
            "reject_reason": quote.reject_reason or None,
            "order_id": quote.uuid if is_ordered else None,
            "customer": {"name": quote.partner_id.display_name, "email": quote.partner_id.email or None},
            "portal_url": link,
            "created_at": moment_to_json(quote.create_date),
            "updated_at": moment_to_json(quote.write_date),
        }

    # ---- in

    def _prepare_values(self, body: BaseModel, record=None, mode: Mode = "create") -> dict[str, Any]:
        quote = record.sudo() if record else None
        sent = body.model_fields_set if mode == "create" else {"terms_conditions", "valid_until"}
        values: dict[str, Any] = {}
        if lines := prepare_lines(self.env, body.line_items or (), quote):
            values["order_line"] = lines
        if "valid_until" in sent and (not quote or (quote.validity_date or None) != body.valid_until):
            values["validity_date"] = body.valid_until or False
        if "terms_conditions" in sent:
            notes = read_notes(body.terms_conditions, quote.note if quote else None)
            values |= {"note": notes} if notes is not None else {}
        return values

    # ---- use cases

    def _create(self, body: BaseModel):
        """Return a new offer of a deal.

        :raise ApiProblem: 422 for a deal that nobody can be named for
        """
        self.env["sale.order"].browse().check_access("create")
        deal = self._find_deal(body.opportunity_id)
        values = self._prepare_values(body)
        deal._name_partner()
        if not deal.partner_id:
            raise invalid("/opportunity_id", "no-customer", "The deal names nobody: add a contact to it first.")
        company = deal.company_id or self.env.company
        context = deal.sudo()._prepare_opportunity_quotation_context()
        values |= {name.removeprefix("default_"): value for name, value in context.items() if value}
        values |= {"company_id": company.id, "user_id": deal.user_id.id or self.env.uid}
        quote = self.env["sale.order"].with_company(company).create(values)
        check_currency(body.currency, quote.currency_id)
        return quote

    def _find_deal(self, uuid: str):
        try:
            return self.env["pipeline.api.opportunity"]._find(uuid)
        except ApiProblem as error:
            raise invalid("/opportunity_id", "unknown", "There is no such deal, or it is not yours to see.") from error

    def _change(self, quote, body: BaseModel) -> None:
        """Bring an open offer to what was sent.

        :raise ApiProblem: 409 for one that is not open
        """
        self._check_read_only(quote)
        values = self._prepare_values(body, quote, "replace")
        if not values:
            return
        if quote.state not in ("draft", "sent"):
            raise ApiProblem(409, "conflict-of-state", f"The quote is {quote.quote_status}: only open ones change.")
        quote.check_access("write")
        quote.write(values)

    def _find_for_deal(self, uuid: str):
        """Return the quote, alone with its deal: two answers of customers cannot both count.

        :raise ApiProblem: 404
        """
        deal = self._find(uuid).sudo().opportunity_id.uuid
        if not deal:
            raise not_found()
        key_lock(self.env, f"deal:{deal}", f"record:{uuid}")
        return self._find(uuid)

    def _send(self, quote, body: BaseModel) -> None:
        """Send an offer to the customer.

        :raise ApiProblem: 501 for channels that are not set up, 422 without an address
        """
        if body.channel == "whatsapp":
            raise ApiProblem(
                501, "not-configured", "Quotes go by email. For WhatsApp install and set up sales_pipeline_whatsapp."
            )
        address = body.to or quote.partner_id.email
        if not normalise_email(address):
            raise invalid("/to", "no-address", "The customer has no e-mail address: send one in to.")
        mail = {"to": normalise_email(body.to) if body.to else None, "subject": body.subject, "message": body.message}
        quote._send_by_api({name: value for name, value in mail.items() if value})
