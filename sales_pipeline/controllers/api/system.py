"""Who am I, and are you well."""

from odoo.http import Controller, Response, request

from ...rest import api, limits
from ...rest.api import Operation, reply
from ...rest.auth import authenticate
from ...rest.call import current_call


class SystemController(Controller):
    @api.route("/api/health", methods=["GET"], operation=Operation(
        "Tell whether the server answers", scope=None, tag="System", answer="Health", is_public=True,
        description="Without a token only that. With one that has changes:read, or an administrator's: database, "
        "replica, jobs and limits too; then the status is degraded when one of them is not well.",
        others={401: "A token was sent, and it is unknown or over.", 403: "The client may not ask from this network."},
    ))  # fmt: skip
    def get_health(self) -> Response:
        """Answer without a token: the request came through to the database."""
        system = request.env["pipeline.api.system"]
        # A monitor may send its token; a wrong one is told, as everywhere.
        caller = authenticate(request) if "Authorization" in request.httprequest.headers else None
        if caller is None or not system._may_look_inside(caller):
            return reply({"status": "ok"})
        return reply(system._represent_health(limits.is_degraded()))

    @api.route("/api/me", methods=["GET"], operation=Operation(
        "Tell who asks", scope=None, tag="System", answer="Me", is_conditional=True,
    ))  # fmt: skip
    def get_me(self) -> Response:
        """Answer with the acting user, the client and the company."""
        values = request.env["pipeline.api.system"]._represent_me(current_call().caller)
        return reply(values, etag=api.make_etag(values))
