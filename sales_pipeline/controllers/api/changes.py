"""Addresses of the API: changes."""

from odoo.http import Controller, Response, request

from ...rest import api
from ...rest.api import Operation, reply
from ...rest.call import current_call


class ChangesController(Controller):
    @api.route("/api/changes", methods=["GET"], operation=Operation(
        "Follow what changes", scope="changes:read", tag="Changes", answer="Changes", query="ChangesQuery",
        description="Without `after` the answer is the present end. Nothing is added before a `next`: a transaction "
        "that is still running holds the end back.",
    ))  # fmt: skip
    def list_changes(self) -> Response:
        """Answer with what happened after a place in the log."""
        return reply(request.env["pipeline.api.change"]._read_feed(current_call().query))
