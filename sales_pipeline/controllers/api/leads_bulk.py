"""Addresses of the API: many leads at once."""

from odoo.http import Controller, Response, request

from ...rest import api
from ...rest.api import Operation, reply
from ...rest.call import current_call

_EXAMPLE = {"leads": [{"name": "Dana Example", "contact_info": {"email": "dana@example.com"}}]}


class LeadsBulkController(Controller):
    @api.route("/api/leads/bulk", methods=["POST"], operation=Operation(
        "Create up to 1,000 leads", scope="leads:write", tag="Leads", body="LeadBulk", answer="LeadBulkResult",
        query="LeadEntryQuery", examples={"leads": _EXAMPLE},
        description="Each row is judged for itself: the answer says of each what became of it.",
    ))  # fmt: skip
    def create_leads(self) -> Response:
        """Let many leads in at once."""
        call = current_call()
        return reply(request.env["pipeline.api.lead"]._enter_many(call.body.leads, call.query.on_duplicate))
