"""Addresses of the API: users."""

from odoo.http import Controller, Response, request

from ...rest import api
from ...rest.api import Operation, reply_page
from ...rest.call import current_call


class UsersController(Controller):
    @api.route("/api/users", methods=["GET"], operation=Operation(
        "List the people who can own leads and deals", scope="users:read", tag="Users", answer="List[User]",
        query="UserQuery",
    ))  # fmt: skip
    def list_users(self) -> Response:
        """Answer with the people of the company."""
        users = request.env["pipeline.api.user"]
        return reply_page(users, users._list(current_call().query))
