"""Read what a request carries: body, parameters and keys, each with its limits."""

import logging
import re

import pydantic
from odoo.http import request
from pydantic import BaseModel
from werkzeug.exceptions import RequestEntityTooLarge

from ..schemas.common import NoQuery, ReadQuery
from ..tools.json_body import read_object
from ..tools.text import storable
from .call import ApiCall
from .compose import compose
from .problems import ApiProblem, FieldError, read_errors

_logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 1024 * 1024
_MAX_DEPTH = 16
# A thousand leads with all their fields.
_MAX_KEYS = 60_000
# A sender that is still writing when the connection closes sees a broken pipe instead of the answer.
_MAX_DRAINED_BYTES = 4 * 1024 * 1024
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_FORM = "application/x-www-form-urlencoded"


def read_body(call: ApiCall) -> None:
    """Read the body into the call: the bytes, the object in them, and what the schema makes of it.

    :raise ApiProblem: 400, 413, 415, 422
    """
    if call.method not in ("POST", "PUT", "PATCH"):
        return
    call.raw = _read_bytes()
    if call.raw:
        _check_type(call)
    if call.operation.is_form:
        return
    call.data = read_object(call.raw, _MAX_DEPTH, _MAX_KEYS) if call.raw.strip() else {}
    if call.operation.body:
        call.body = compose(request.env, call.operation.body).model_validate(call.data)
    elif call.data:
        raise ApiProblem(400, "malformed-body", "This address takes no body.")


def _read_bytes() -> bytes:
    http = request.httprequest
    too_large = ApiProblem(413, "too-large", f"A body may have {MAX_BODY_BYTES} bytes.")
    try:
        # Cached, because a transaction that meets a concurrent change is run again.
        raw = http.get_data(cache=True, parse_form_data=False)
    except RequestEntityTooLarge as error:
        raise too_large from error
    if len(raw) > MAX_BODY_BYTES:
        raise too_large
    return raw


def _check_type(call: ApiCall) -> None:
    wanted = _FORM if call.operation.is_form else "application/json"
    if request.httprequest.mimetype != wanted:
        raise ApiProblem(
            415, "unsupported-media-type", f"Send the body as {wanted}.",
            headers={"Accept-Patch" if call.method == "PATCH" else "Accept": wanted},
        )  # fmt: skip


def read_query(call: ApiCall) -> BaseModel:
    """Return the parameters of the address.

    :raise ApiProblem: 400
    """
    schema = call.operation.query
    if isinstance(schema, str):
        schema = compose(request.env, schema)
    if schema is None:
        schema = ReadQuery if call.method in ("GET", "HEAD") and call.operation.answer else NoQuery
    given = {}
    for name, values in request.httprequest.args.lists():
        if len(values) > 1:
            raise _bad_parameter(name, "twice", f"Send {storable(name)} once.")
        if storable(values[0]) != values[0] or storable(name) != name:
            raise _bad_parameter(storable(name), "invalid", "A parameter holds characters that cannot be stored.")
        given[name] = values[0]
    try:
        return schema.model_validate(given)
    except pydantic.ValidationError as error:
        errors = read_errors(error, "parameter")
        raise ApiProblem(400, "bad-parameter", errors[0].detail, errors=errors) from error


def _bad_parameter(name: str, code: str, detail: str) -> ApiProblem:
    return ApiProblem(400, "bad-parameter", detail, errors=[FieldError(("parameter", name), code, detail)])


def read_key(call: ApiCall) -> str | None:
    """Return the Idempotency-Key of a POST; quotes around it are not part of it.

    :raise ApiProblem: 400
    """
    key = request.httprequest.headers.get("Idempotency-Key")
    if key is None or call.method != "POST" or call.operation.is_public:
        return None
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not _KEY.fullmatch(key):
        detail = "An Idempotency-Key has 1 to 255 printable characters without spaces."
        raise ApiProblem(
            400, "malformed-key", detail, errors=[FieldError(("header", "Idempotency-Key"), "invalid", detail)]
        )
    return key


def drain(served) -> None:
    """Read what a sender still writes of a body that is too large, up to a limit."""
    stream = served.httprequest._HTTPRequest__environ["wsgi.input"]
    left = min(served.httprequest.content_length or _MAX_DRAINED_BYTES, _MAX_DRAINED_BYTES)
    try:
        while left > 0 and (chunk := stream.read(min(left, 64 * 1024))):
            left -= len(chunk)
    except OSError:
        _logger.info("The sender of a body that is too large went away")
