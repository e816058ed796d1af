"""Addresses of the API: opportunities."""

from uuid import UUID

from odoo.http import Controller, Response, request

from ...models.locks import key_lock
from ...rest import api
from ...rest.api import Operation, reply_page, reply_record
from ...rest.call import current_call

_EXAMPLE = {"deal": {
    "deal_name": "Roof for the warehouse", "deal_stage": "discovery", "value_estimate": "1250.00", "tags": ["roof"],
}}  # fmt: skip
_CLOSED = {
    "won": {"outcome": "won", "amount": "1190.00"},
    "lost": {"outcome": "lost", "lost_reason": "Too expensive", "lost_note": "They repair the old one."},
}

class OpportunitiesController(Controller):
    @api.route("/api/opportunities", methods=["GET"], operation=Operation(
        "List deals", scope="opportunities:read", tag="Opportunities", answer="List[Opportunity]",
        query="OpportunityQuery",
    ))  # fmt: skip
    def list_opportunities(self) -> Response:
        """Answer with the deals that the acting user may see."""
        deals = request.env["pipeline.api.opportunity"]
        return reply_page(deals, deals._list(current_call().query))

    @api.route("/api/opportunities", methods=["POST"], operation=Operation(
        "Create a deal", scope="opportunities:write", tag="Opportunities", body="OpportunityCreate", examples=_EXAMPLE,
        answer="Opportunity", status=201,
    ))  # fmt: skip
    def create_opportunity(self) -> Response:
        """Answer with the new deal."""
        deals = request.env["pipeline.api.opportunity"]
        deal = deals._create(current_call().body)
        return reply_record(deals, deal, 201, location=True)

    @api.route("/api/opportunities/<uuid:id>", methods=["GET"], operation=Operation(
        "Read a deal", scope="opportunities:read", tag="Opportunities", answer="Opportunity",
        query="OpportunityRead", is_conditional=True,
    ))  # fmt: skip
    def read_opportunity(self, id: UUID) -> Response:
        """Answer with one deal."""
        deals = request.env["pipeline.api.opportunity"]
        return reply_record(deals, deals._find(str(id)))

    @api.route("/api/opportunities/<uuid:id>", methods=["PUT"], operation=Operation(
        "Replace a deal", scope="opportunities:write", tag="Opportunities", body="OpportunityReplace",
        examples=_EXAMPLE,
        answer="Opportunity", is_conditional=True,
    ))  # fmt: skip
    def replace_opportunity(self, id: UUID) -> Response:
        """Answer with the deal as it is now."""
        return self._change(id, "replace")

    @api.route("/api/opportunities/<uuid:id>", methods=["PATCH"], operation=Operation(
        "Change a deal", scope="opportunities:write", tag="Opportunities", body="OpportunityPatch",
        examples={"stage": {"deal_stage": "negotiation"}},
        answer="Opportunity", is_conditional=True,
    ))  # fmt: skip
    def patch_opportunity(self, id: UUID) -> Response:
        """Answer with the deal as it is now."""
        return self._change(id, "patch")

    @api.route("/api/opportunities/<uuid:id>/close", methods=["POST"], operation=Operation(
        "Win or lose a deal", scope="opportunities:write", tag="Opportunities", body="OpportunityClose",
        examples=_CLOSED,
        answer="Opportunity", is_conditional=True,
    ))  # fmt: skip
    def close_opportunity(self, id: UUID) -> Response:
        """Answer with the deal, which has a customer when it was won."""
        deals = request.env["pipeline.api.opportunity"]
        # Quotes of the deal are accepted under this key; both end the deal.
        key_lock(request.env, f"deal:{id}")
        deal = deals._find(str(id), for_write=True)
        deals._check_match(deal)
        deals._close(deal, current_call().body)
        return reply_record(deals, deal)

    def _change(self, id: UUID, mode) -> Response:
        deals = request.env["pipeline.api.opportunity"]
        deal = deals._find(str(id), for_write=True)
        deals._check_match(deal)
        deals._change(deal, current_call().body, mode)
        return reply_record(deals, deal)
