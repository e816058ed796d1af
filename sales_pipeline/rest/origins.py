"""Cross-origin requests (CORS): what pages of other websites may send and read. Which pages these are, is data."""

from odoo.http import Response

from ..exceptions import NotVerified
from ..providers.capture.base import CaptureProvider, RawRequest
from ..tools.origins import is_allowed

# All methods of the path, since browsers keep the answer for the path; each is judged when it comes.
_METHODS = "GET, HEAD, OPTIONS, POST"
_HEADERS = "Content-Type, Idempotency-Key, X-Pipeline-Secret, X-Pipeline-Signature"
_KEPT_SECONDS = "600"


def is_preflight(provider: CaptureProvider, raw: RawRequest) -> bool:
    """Tell whether a browser asks on behalf of a page whether the page may send."""
    return provider.is_for_browsers and "origin" in raw.headers and "access-control-request-method" in raw.headers


def answer_preflight(provider: CaptureProvider, raw: RawRequest) -> Response:
    """Return the answer to a browser that asks whether a page may send.

    :raise NotVerified: the page is of a website that may not
    """
    if not _is_page_allowed(provider, raw):
        raise NotVerified("origin")
    headers = {
        "Access-Control-Allow-Methods": _METHODS,
        "Access-Control-Allow-Headers": _HEADERS,
        "Access-Control-Max-Age": _KEPT_SECONDS,
    }
    return Response(status=204, headers=headers)


def get_sharing(provider: CaptureProvider, raw: RawRequest) -> dict[str, str]:
    """Return the headers that let a page read our answer; a page never gets cookies or credentials along."""
    if not provider.is_for_browsers:
        return {}
    if not provider.settings.get("origins"):
        return {"Access-Control-Allow-Origin": "*"}
    # Also where there is no origin: a cache must not hand one website's answer to another.
    vary = {"Vary": "Origin"}
    if "origin" in raw.headers and _is_page_allowed(provider, raw):
        return {"Access-Control-Allow-Origin": raw.headers["origin"], **vary}
    return vary


def _is_page_allowed(provider: CaptureProvider, raw: RawRequest) -> bool:
    origins = provider.settings.get("origins")
    return not origins or is_allowed(raw.headers.get("origin"), origins)
