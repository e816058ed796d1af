"""Activities: planned and done, on leads, deals and customers."""

from uuid import UUID

from odoo.http import Controller, Response, request

from ...rest import api
from ...rest.api import Operation, reply_page, reply_record
from ...rest.call import current_call
from ...schemas.activity_bodies import ActivityQuery, AnchoredQuery

_EXAMPLE = {
    "entity_type": "lead",
    "entity_id": "3f0c9a52-6d0e-4d4c-9d3f-0f6f2f1f7a10",
    "activity_type": "call",
    "summary": "Ask about the budget",
    "scheduled_at": "2026-03-02T09:30:00Z",
}


class ActivitiesController(Controller):
    @api.route("/api/activities", methods=["POST"], operation=Operation(
        "Plan an activity, or log one that is done", scope="activities:write", tag="Activities", body="ActivityCreate",
        answer="Activity", status=201, examples={"body": _EXAMPLE},
    ))  # fmt: skip
    def post_activity(self) -> Response:
        """Answer with the activity; it keeps its id when it is done."""
        activities = request.env["pipeline.api.activity"]
        return reply_record(activities, activities._create(current_call().body), 201, location=True)

    @api.route("/api/activities", methods=["GET"], operation=Operation(
        "List activities, planned and done, by when they happen", scope="activities:read", tag="Activities",
        answer="List[Activity]", query=ActivityQuery,
    ))  # fmt: skip
    def list_activities(self) -> Response:
        """Answer with a page of what is planned and what was done."""
        activities = request.env["pipeline.api.activity"]
        return reply_page(activities, activities._list(current_call().query))

    @api.route("/api/activities/<uuid:id>", methods=["GET"], operation=Operation(
        "Show an activity", scope="activities:read", tag="Activities", answer="Activity", is_conditional=True,
    ))  # fmt: skip
    def get_activity(self, id: UUID) -> Response:
        """Answer with one activity."""
        activities = request.env["pipeline.api.activity"]
        return reply_record(activities, activities._find(str(id)))

    @api.route("/api/activities/<uuid:id>", methods=["PUT"], operation=Operation(
        "Replace what an activity says; what is done is corrected, and the log keeps both",
        scope="activities:write", tag="Activities", body="ActivityReplace", answer="Activity", is_conditional=True,
        examples={"said anew": {"activity_type": "call", "summary": "Asked about the budget", "completed": True}},
        others={409: "It is done, and cannot be undone"},
    ))  # fmt: skip
    def put_activity(self, id: UUID) -> Response:
        """Answer with the activity as it is now."""
        return self._change(str(id), "replace")

    @api.route("/api/activities/<uuid:id>", methods=["PATCH"], operation=Operation(
        "Change parts of an activity; what is done is corrected, and the log keeps both",
        scope="activities:write", tag="Activities", body="ActivityPatch", answer="Activity", is_conditional=True,
        examples={"done": {"completed": True, "description": "The budget is 20,000."}},
        others={409: "It is done, and cannot be undone"},
    ))  # fmt: skip
    def patch_activity(self, id: UUID) -> Response:
        """Answer with the activity as it is now."""
        return self._change(str(id), "patch")

    @api.route(
        "/api/<any(lead,leads,opportunity,opportunities,customer,customers):entity_type>/<uuid:id>/activities",
        methods=["GET"], operation=Operation(
            "List the activities of a lead, deal or customer", scope="activities:read", tag="Activities",
            answer="List[Activity]", query=AnchoredQuery,
        ),
    )  # fmt: skip
    def list_of_entity(self, entity_type: str, id: UUID) -> Response:
        """Answer with a page of all its stories tell, those of merged records and of a customer's deals too."""
        activities = request.env["pipeline.api.activity"]
        anchor = activities._find_anchor(entity_type, str(id), is_followed=True)
        return reply_page(activities, activities._list(current_call().query, anchor))

    def _change(self, id_: str, mode: str) -> Response:
        activities = request.env["pipeline.api.activity"]
        place = activities._find(id_, for_write=True)
        activities._check_match(place)
        activities._change(place, current_call().body, mode)
        return reply_record(activities, activities._find(id_))
