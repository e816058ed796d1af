"""What the API says where Odoo cannot tell which database is meant; for servers that load us for all databases.

That is what ``server_wide_modules = base,web,sales_pipeline`` does. Without it Odoo answers in HTML.
"""

from odoo import http
from odoo.http import Controller, Response

from ...rest.api import Operation
from ...rest.problems import not_found

_CATCH_ALL = Operation("Say that no database is chosen", scope=None, tag="System", is_public=True)


class NoDatabaseController(Controller):
    @http.route(
        ["/api", "/api/<path:rest>"],
        type="rest",
        auth="none",
        csrf=False,
        save_session=False,
        readonly=True,
        operation=_CATCH_ALL,
        is_without_database=True,
    )
    def refuse_without_database(self, rest: str = "") -> Response:
        """Refuse; where a database is known this route is not there."""
        raise not_found()
