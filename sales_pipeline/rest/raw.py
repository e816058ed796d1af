"""Requests whose bytes nobody touches before the endpoint has proved their sender.

Odoo's ``http`` routes parse forms before the endpoint runs, which leaves nothing to verify.
"""

import json
import logging
from typing import Any

import psycopg2
from odoo.http import Dispatcher, Response
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound, RequestEntityTooLarge

from ..providers.capture.base import RawRequest

_logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 256 * 1024
# A sender that is still writing when the connection closes sees a broken pipe instead of the answer.
_MAX_DRAINED_BYTES = 2 * 1024 * 1024


class RawDispatcher(Dispatcher):
    """Hand the endpoint the body as ``raw`` (a ``RawRequest``) and answer every error in plain JSON."""

    routing_type = "raw"

    @classmethod
    def is_compatible_with(cls, request) -> bool:
        # The content type is the endpoint's business: a refusal here would answer in HTML.
        return True

    def pre_dispatch(self, rule, args):
        result = super().pre_dispatch(rule, args)
        # One byte more than allowed: a chunked body is cut at the limit without a word.
        self.request.httprequest.max_content_length = MAX_BODY_BYTES + 1
        return result

    def dispatch(self, endpoint, args):
        methods = endpoint.routing["methods"]
        if self.request.httprequest.method not in methods:
            # Odoo adds OPTIONS to every route.
            raise MethodNotAllowed(valid_methods=methods)
        if "pipeline.source" not in self.request.registry:
            # A server that loads us for all databases has our addresses in each of them.
            raise NotFound
        self.request.params = {**args, "raw": self._read()}
        return self.request.registry["ir.http"]._dispatch(endpoint)

    def _read(self) -> RawRequest:
        http = self.request.httprequest
        # Cached, because a transaction that meets a concurrent change is run again.
        body = http.get_data(cache=True, parse_form_data=False)
        if len(body) > MAX_BODY_BYTES:
            raise RequestEntityTooLarge
        headers = {name.lower(): value for name, value in http.headers.items()}
        return RawRequest(body, headers, http.headers.get("Content-Type", ""), http.args.to_dict())

    def post_dispatch(self, response) -> None:
        self.request._inject_future_response(response)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("X-Content-Type-Options", "nosniff")

    def handle_error(self, exc: Exception) -> Response:
        """Return the answer to an error: its code and a plain sentence, never what happened inside."""
        if isinstance(exc, RequestEntityTooLarge):
            self._drain()
            return json_response({"message": "The body is too large."}, 413)
        if isinstance(exc, HTTPException):
            if exc.response:
                return exc.response
            headers = [pair for pair in exc.get_headers() if pair[0] not in ("Content-Type", "Content-Length")]
            return json_response({"message": exc.name}, exc.code or 500, headers)
        if isinstance(exc, psycopg2.OperationalError):
            return json_response({"message": "Busy. Please send again."}, 503, [("Retry-After", "10")])
        return json_response({"message": "Something went wrong here. Please send again."}, 500)

    def _drain(self) -> None:
        stream = self.request.httprequest._HTTPRequest__environ["wsgi.input"]
        left = min(self.request.httprequest.content_length or _MAX_DRAINED_BYTES, _MAX_DRAINED_BYTES)
        try:
            while left > 0 and (chunk := stream.read(min(left, 64 * 1024))):
                left -= len(chunk)
        except OSError:
            _logger.info("The sender of a body that is too large went away")


def json_response(body: dict[str, Any], status: int = 200, headers: list[tuple[str, str]] | None = None) -> Response:
    """Return a JSON answer that no cache keeps."""
    response = Response(json.dumps(body), status=status, content_type="application/json; charset=utf-8")
    response.headers.extend([("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), *(headers or [])])
    return response
