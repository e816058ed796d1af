"""Addresses of the API: leads."""

from uuid import UUID

from odoo.http import Controller, Response, request

from ...rest import api
from ...rest.api import Operation, reply, reply_page, reply_record
from ...rest.call import current_call

_EXAMPLE = {
    "name": "Roof for the warehouse",
    "contact_name": "Dana Example",
    "contact_info": {"email": "dana@example.com", "phone": "+49 30 23125042"},
    "tags": ["roof"],
}


class LeadsController(Controller):
    @api.route("/api/leads", methods=["POST"], operation=Operation(
        "Create a lead", scope="leads:write", tag="Leads", body="LeadCreate", answer="Lead", query="LeadEntryQuery",
        status=201, others={200: "The contact was known; the lead got a touch.", 409: "The contact is known already."},
        examples={"lead": _EXAMPLE},
    ))  # fmt: skip
    def create_lead(self) -> Response:
        """Let a lead in as every other entry does: duplicates, assignment, notice, clock."""
        call, leads = current_call(), request.env["pipeline.api.lead"]
        lead, is_new = leads._enter(call.body, call.query.on_duplicate)
        request.env["pipeline.moments.mixin"]._flush_moments()
        return reply_record(leads, lead, 201 if is_new else 200, location=True)

    @api.route("/api/leads", methods=["GET"], operation=Operation(
        "List leads", scope="leads:read", tag="Leads", answer="List[Lead]", query="LeadQuery",
    ))  # fmt: skip
    def list_leads(self) -> Response:
        """Show a page of the leads that the acting user may see."""
        leads = request.env["pipeline.api.lead"]
        return reply_page(leads, leads._list(current_call().query))

    @api.route("/api/leads/<uuid:id>", methods=["GET"], operation=Operation(
        "Read a lead", scope="leads:read", tag="Leads", answer="Lead", query="LeadReadQuery", is_conditional=True,
    ))  # fmt: skip
    def get_lead(self, id: UUID) -> Response:
        """Show a lead, also when it is a deal by now."""
        leads = request.env["pipeline.api.lead"]
        return reply_record(leads, leads._find(str(id)))

    @api.route("/api/leads/<uuid:id>", methods=["PUT"], operation=Operation(
        "Replace a lead", scope="leads:write", tag="Leads", body="LeadReplace", answer="Lead", is_conditional=True,
        examples={"lead": _EXAMPLE},
    ))  # fmt: skip
    def replace_lead(self, id: UUID) -> Response:
        """Make a lead what the body says; what is left out is cleared."""
        return self._change(id, "replace")

    @api.route("/api/leads/<uuid:id>", methods=["PATCH"], operation=Operation(
        "Change a lead", scope="leads:write", tag="Leads", body="LeadPatch", answer="Lead", is_conditional=True,
        examples={"tag": {"tags": ["roof"], "contact_info": {"phone": "+49 30 23125042"}}},
    ))  # fmt: skip
    def change_lead(self, id: UUID) -> Response:
        """Change what the body names."""
        return self._change(id, "patch")

    @api.route("/api/leads/<uuid:id>", methods=["DELETE"], operation=Operation(
        "Delete a lead", scope="leads:write", tag="Leads", status=204, is_conditional=True,
    ))  # fmt: skip
    def delete_lead(self, id: UUID) -> Response:
        """Take a lead out of every list; managers can bring it back."""
        leads = request.env["pipeline.api.lead"]
        lead = leads._find(str(id), for_write=True)
        leads._check_match(lead)
        leads._delete(lead)
        return reply(None, 204)

    @api.route("/api/leads/<uuid:id>/convert", methods=["POST"], operation=Operation(
        "Turn a lead into a deal", scope=("leads:write", "opportunities:write"), tag="Leads", body="LeadConvert",
        examples={"as it is": {}},
        answer="Opportunity", status=201, others={200: "It was a deal already.", 409: "The lead is disqualified."},
    ))  # fmt: skip
    def convert_lead(self, id: UUID) -> Response:
        """Make a deal of a lead; a second time answers the same deal."""
        leads = request.env["pipeline.api.lead"]
        lead = leads._find(str(id), for_write=True)
        is_new = leads._turn_into_deal(lead, current_call().body)
        return reply_record(request.env["pipeline.api.opportunity"], lead, 201 if is_new else 200, location=is_new)

    def _change(self, id: UUID, mode: str) -> Response:
        call, leads = current_call(), request.env["pipeline.api.lead"]
        lead = leads._find(str(id), for_write=True)
        leads._check_match(lead)
        leads._change(lead, call.body, mode)
        return reply_record(leads, lead)
