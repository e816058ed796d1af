"""Requests of pages of other websites to the API (CORS)."""

from odoo.api import SUPERUSER_ID
from odoo.http import Response, request

from ..tools.origins import is_allowed
from .auth import list_origins

_ASKED = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id"
_SHOWN = (
    "ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, "
    "X-Request-Id"
)
_KEPT_SECONDS = "600"


def answer_options(methods: list[str]) -> Response:
    """Return the answer to a browser that asks for a page whether it may send; it cannot carry a token yet.

    :param methods: what the address answers
    """
    headers = {"Allow": ", ".join(methods)}
    origin = request.httprequest.headers.get("Origin")
    if origin and is_allowed(origin, list_origins(request.env(user=SUPERUSER_ID))):
        headers |= {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": ", ".join(methods),
            "Access-Control-Allow-Headers": _ASKED,
            "Access-Control-Max-Age": _KEPT_SECONDS,
        }
    return Response(status=204, headers=headers)


def get_sharing(origins: tuple[str, ...]) -> dict[str, str]:
    """Return the headers that let a page read our answer.

    :param origins: the websites of the client that asked
    """
    origin = request.httprequest.headers.get("Origin")
    if origin and is_allowed(origin, origins):
        return {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": _SHOWN}
    return {}
