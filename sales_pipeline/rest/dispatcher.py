"""The order in which a request to the API is judged and carried out."""

import logging
import threading
import time

import psycopg2
import pydantic
from odoo.api import SUPERUSER_ID
from odoo.exceptions import AccessDenied, UserError
from odoo.http import Dispatcher, Response
from odoo.tools import SQL
from werkzeug.exceptions import HTTPException

from ..exceptions import MalformedBody
from ..tools.text import storable
from . import idempotency, limits
from .auth import list_origins
from .call import ApiCall, Caller, find_call, get_request_id
from .cors import answer_options, get_sharing
from .problems import ApiProblem, problem_response, to_problem
from .reading import MAX_BODY_BYTES, drain, read_body, read_key, read_query

_logger = logging.getLogger(__name__)

# What an endpoint may raise about the request; the rest is Odoo's to retry, or a fault of ours to log.
_ABOUT_THE_REQUEST = (ApiProblem, MalformedBody, UserError, AccessDenied, pydantic.ValidationError)


class RestDispatcher(Dispatcher):
    """Check scope, limit, body and parameters, and answer every error as a problem document."""

    routing_type = "rest"
    mimetypes = ("application/json",)

    @classmethod
    def is_compatible_with(cls, request) -> bool:
        # A refusal here would answer in HTML.
        return True

    def pre_dispatch(self, rule, args):
        result = super().pre_dispatch(rule, args)
        # Addons look here for what may become a cookie; parameters of the API never do.
        self.request.params = {}
        # One byte more than allowed: a chunked body is cut at the limit without a word.
        self.request.httprequest.max_content_length = MAX_BODY_BYTES + 1
        return result

    def dispatch(self, endpoint, args):
        http = self.request.httprequest
        if not self._is_installed():
            raise _without_us()
        if http.method == "OPTIONS":
            return answer_options(self._list_methods())
        call = self._get_call(endpoint, args)
        try:
            return self._serve(call, endpoint, args)
        except _ABOUT_THE_REQUEST as error:
            raise to_problem(error, call) from error

    # ---- the order

    def _serve(self, call: ApiCall, endpoint, args) -> Response:
        _check_scope(call)
        if call.limit is None:
            call.limit = limits.count_request(self.request.db, call.caller)
        if call.limit and call.limit.is_refused:
            wait = max(call.limit.reset_seconds, 1)
            raise ApiProblem(
                429, "rate-limited", f"Wait {wait} seconds, then go on.", headers={"Retry-After": str(wait)},
                retry_after=wait,
            )  # fmt: skip
        read_body(call)
        call.query = read_query(call)
        if stored := self._claim(call):
            return stored
        if call.method in ("GET", "HEAD"):
            self._forbid_writing()
        self.request.params = dict(args)
        response = self.request.registry["ir.http"]._dispatch(endpoint)
        self.request.env.flush_all()
        if call.claim and response.status_code < 300:
            idempotency.store_answer(self.request.env.cr, call.claim, response)
        return response

    def _get_call(self, endpoint, args) -> ApiCall:
        call = find_call()
        if call is None:
            http = self.request.httprequest
            caller = getattr(self.request, "pipeline_caller", None) or Caller(f"ip:{http.remote_addr}")
            call = self.request.pipeline_call = ApiCall(
                get_request_id(), endpoint.routing["operation"], caller, http.method, http.path,
                http.query_string.decode("latin-1"), {name: str(value) for name, value in args.items()},
            )  # fmt: skip
        return call

    def _claim(self, call: ApiCall) -> Response | None:
        call.key = read_key(call)
        if call.key is None:
            return None
        pid = self.request.env.cr._cnx.info.backend_pid
        found = idempotency.claim(self.request.db, call, pid)
        if isinstance(found, idempotency.Claim):
            call.claim = found
            return None
        response = Response(found.body, status=found.status, headers=list(found.headers))
        response.headers["Idempotency-Replayed"] = "true"
        return response

    def _forbid_writing(self) -> None:
        cr = self.request.env.cr
        if not cr.readonly:
            # There is no replica, so Odoo gave a cursor that could write: what reads shall work with either.
            cr.execute(SQL("SET TRANSACTION READ ONLY"))

    def _list_methods(self) -> list[str]:
        adapter = self.request.env["ir.http"].routing_map().bind_to_environ(self.request.httprequest.environ)
        return sorted(adapter.allowed_methods())

    # ---- the answer

    def post_dispatch(self, response) -> None:
        self.request._inject_future_response(response)
        self.finish(response)

    def handle_error(self, exc: Exception) -> Response:
        """Return the answer to an error: a problem document, never what happened inside."""
        call = find_call()
        if isinstance(exc, HTTPException) and exc.response:
            return exc.response
        problem = to_problem(exc, call) if self._is_installed() else _without_us()
        if problem.status == 413:
            drain(self.request)
        if call and call.claim:
            idempotency.release(self.request.db, call.claim)
            call.claim = None
        response = problem_response(problem, get_request_id())
        self.finish(response)
        return response

    def _is_installed(self) -> bool:
        # A server that loads us for all databases has our addresses in each of them.
        return bool(self.request.db) and "pipeline.api.resource" in self.request.registry

    def finish(self, response) -> None:
        """Put on an answer what all have, and log the request."""
        call = find_call()
        headers = response.headers
        headers["X-Request-Id"] = get_request_id()
        headers.setdefault("Cache-Control", "private, no-cache" if "ETag" in headers else "no-store")
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers["Vary"] = "Authorization, Origin"
        caller = getattr(self.request, "pipeline_caller", None)
        headers.update(get_sharing(caller.origins if caller else self._list_origins()))
        if call and call.limit:
            limit = call.limit
            headers["RateLimit-Policy"] = f'"default";q={limit.quota};w={limit.window_seconds}'
            headers["RateLimit"] = f'"default";r={limit.left};t={limit.reset_seconds}'
        self._log(response.status_code, caller)

    def _list_origins(self) -> tuple[str, ...]:
        """Return the websites whose pages may read a refusal that was made before anybody was known."""
        is_asked = self.request.httprequest.headers.get("Origin") and self.request.env
        if not is_asked or not self._is_installed():
            return ()
        try:
            return list_origins(self.request.env(user=SUPERUSER_ID))
        except psycopg2.Error:
            # The request failed in the database already; what is remembered of it is all there is.
            return ()

    def _log(self, status: int, caller: Caller | None) -> None:
        http = self.request.httprequest
        start = getattr(threading.current_thread(), "perf_t0", None)
        took = f"{(time.time() - start) * 1000:.0f} ms" if start else "-"
        path = storable(http.path).replace("\n", " ").replace("\r", " ")
        _logger.info(
            "%s %s %s %s %s %s", get_request_id(), caller.key if caller else "-", http.method, path, status, took
        )


def _without_us() -> ApiProblem:
    detail = "Use the host name of a database with Sales Pipeline, or name the database in X-Odoo-Database."
    return ApiProblem(404, "not-found", detail)


def _check_scope(call: ApiCall) -> None:
    wanted, held = call.operation.scopes, call.caller.scopes
    if call.operation.is_public or held is None:
        return
    if missing := [scope for scope in wanted if scope not in held]:
        raise ApiProblem(
            403, "insufficient-scope", f"The client lacks the scope {', '.join(missing)}.",
            headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{" ".join(wanted)}"'},
        )  # fmt: skip
