"""The public door for leads that come in by themselves."""

import logging
import re
from html import escape

from odoo import SUPERUSER_ID
from odoo.http import Controller, Response, request, route
from werkzeug.exceptions import MethodNotAllowed

from ..exceptions import MalformedBody, NotVerified
from ..providers.capture.base import Acknowledgement, CaptureProvider, RawRequest
from ..rest.origins import answer_preflight, get_sharing, is_preflight
from ..rest.raw import json_response
from ..tools.redact import mask_token

_logger = logging.getLogger(__name__)

# The alphabet of ``secrets.token_urlsafe``; anything else need not reach the database.
_TOKEN = re.compile(r"[\w-]{8,64}", re.ASCII)
_REFUSALS = {
    "origin": (403, "Pages of this website may not send here."),
    # Meta wants to hear this of an address that is not its own.
    "verify_token": (403, "Not authorised."),
}
_THANK_YOU = """<!DOCTYPE html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title></head>
<body style="font-family:system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem;text-align:center">
<h1>{title}</h1><p>{text}</p></body></html>
"""


class CaptureController(Controller):
    """Verify, store, acknowledge. What a capture means is decided later, by a job."""

    @route(
        "/pipeline/capture/<string:token>",
        type="raw",
        auth="none",
        methods=["GET", "HEAD", "OPTIONS", "POST"],
        csrf=False,
        save_session=False,
        readonly=False,
    )
    def capture(self, token: str, raw: RawRequest) -> Response:
        """Take one request of a lead source; which methods it answers is its provider's decision."""
        sources = request.env(user=SUPERUSER_ID)["pipeline.source"]
        source, provider = sources._find_door(token) if _TOKEN.fullmatch(token) else (None, None)
        if provider is None:
            _logger.info("Capture for an unknown source %s", mask_token(token))
            return json_response({"message": "No such source."}, 404)
        try:
            answer = _serve(request.httprequest.method, source, provider, raw)
        except NotVerified as error:
            _logger.info("Unverified capture for source %s: %s", source.id, error)
            source._count_refusal(str(error))
            answer = _answer(provider.refuse(*_REFUSALS.get(str(error), (401, "Not authorised."))), source)
        except MalformedBody as error:
            _logger.info("Malformed capture for source %s", source.id)
            answer = _answer(provider.refuse(400, str(error)), source)
        answer.headers.extend(get_sharing(provider, raw))
        return answer

    @route(
        "/pipeline/capture/<string:token>/reach/<string:nonce>",
        type="raw",
        auth="none",
        methods=["GET"],
        csrf=False,
        save_session=False,
        readonly=True,
    )
    def reach(self, token: str, nonce: str, raw: RawRequest) -> Response:
        """Prove which database answers at a source's address."""
        sources = request.env(user=SUPERUSER_ID)["pipeline.source"]
        is_question = _TOKEN.fullmatch(token) and _TOKEN.fullmatch(nonce)
        source, _provider = sources._find_door(token) if is_question else (None, None)
        if not source:
            return json_response({"message": "No such source."}, 404)
        return json_response({"proof": source._get_reach_proof(nonce)})


def _serve(method: str, source, provider: CaptureProvider, raw: RawRequest) -> Response:
    if method == "POST":
        return _take(source, provider, raw)
    if method == "OPTIONS" and is_preflight(provider, raw):
        return answer_preflight(provider, raw)
    # A vendor tries an address with a GET before it sends anything there.
    greeting = provider.shake_hands(raw) if method in ("GET", "HEAD") else None
    if greeting is None:
        raise MethodNotAllowed(valid_methods=["POST"])
    return _answer(greeting, source)


def _take(source, provider: CaptureProvider, raw: RawRequest) -> Response:
    provider.verify(raw)
    items = provider.split(raw)
    inbox = source.env["pipeline.inbox"]
    stored = sum(inbox._store(target, part) for target, part in source._route(items).items())
    _logger.info("Source %s brought %s captures, %s of them new", source.id, len(items), stored)
    return _answer(provider.acknowledge(raw), source)


def _answer(acknowledgement: Acknowledgement, source) -> Response:
    if acknowledgement.text is not None:
        return Response(acknowledgement.text, acknowledgement.status, content_type="text/plain; charset=utf-8")
    if acknowledgement.body is not None:
        return json_response(acknowledgement.body, acknowledgement.status)
    if source.thank_you_url:
        return Response(status=303, headers={"Location": source.thank_you_url})
    env = source.with_context(lang=source.env["res.lang"]._get_code(request.best_lang)).env
    title, text = env._("Thank you"), env._("We received your message and will get back to you soon.")
    page = _THANK_YOU.format(lang=(env.lang or "en").split("_")[0], title=escape(title), text=escape(text))
    return Response(page, content_type="text/html; charset=utf-8")
