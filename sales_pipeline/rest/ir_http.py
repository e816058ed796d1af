"""How requests below /api find their way through Odoo."""

from odoo import models
from odoo.http import request
from werkzeug.exceptions import MethodNotAllowed, NotFound, abort
from werkzeug.routing import RequestRedirect

from .auth import authenticate
from .call import get_request_id
from .dispatcher import RestDispatcher
from .problems import ApiProblem, problem_response


def is_api_path(path: str) -> bool:
    """Tell whether an address belongs to the API."""
    return path == "/api" or path.startswith("/api/")


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _match(cls, path_info):
        if not is_api_path(path_info):
            return super()._match(path_info)
        # No language in the address, no page of a website, no cookie.
        request.is_frontend = request.is_frontend_multilang = False
        request.session.can_save = False
        try:
            rule, args = super()._match(path_info)
        except MethodNotAllowed as error:
            methods = [method for method in sorted(error.valid_methods or ()) if method != "OPTIONS"]
            problem = ApiProblem(
                405, "method-not-allowed", f"This address answers {', '.join(methods)}.",
                headers={"Allow": ", ".join(methods)},
            )  # fmt: skip
        except (NotFound, RequestRedirect):
            problem = ApiProblem(404, "not-found", "There is nothing at this address. See /api/docs.")
        else:
            return rule, args
        response = problem_response(problem, get_request_id())
        RestDispatcher(request).finish(response)
        # Raised as it is, a 404 would look for pages of a website.
        abort(response)

    def _generate_routing_rules(self, modules, converters):
        for url, endpoint in super()._generate_routing_rules(modules, converters):
            # Where a database is known, what it lacks is answered below, in its own words.
            if not endpoint.routing.get("is_without_database"):
                yield url, endpoint

    @classmethod
    def _authenticate(cls, endpoint):
        if endpoint.routing["type"] != "rest":
            return super()._authenticate(endpoint)
        # Odoo's way looks at the cookie and turns every error into a refusal.
        cls._auth_method_none()
        if endpoint.routing["auth"] == "none" or request.httprequest.method == "OPTIONS":
            return None
        return cls._auth_method_pipeline_api()

    @classmethod
    def _auth_method_pipeline_api(cls):
        caller = request.pipeline_caller = authenticate(request)
        # Odoo keeps these two as long as nobody changes them.
        settings = request.env["res.users"].with_user(caller.user_id).context_get()
        context = {"allowed_company_ids": [caller.company_id], "tz": settings.get("tz"), "lang": settings.get("lang")}
        request.update_env(user=caller.user_id, context=context)
