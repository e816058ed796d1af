"""What went wrong, as problem documents (RFC 9457)."""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg2
import pydantic
from odoo.exceptions import AccessDenied, AccessError, ConcurrencyError, MissingError, UserError, ValidationError
from odoo.http import Response
from psycopg2.pool import PoolError
from werkzeug.exceptions import HTTPException

from ..exceptions import MalformedBody

if TYPE_CHECKING:
    from .call import ApiCall

CONTENT_TYPE = "application/problem+json"
TITLES = {
    "malformed-body": "The body cannot be read",
    "malformed-key": "The Idempotency-Key cannot be used",
    "bad-cursor": "The cursor does not fit this list",
    "bad-parameter": "A parameter cannot be used",
    "unauthenticated": "Nobody is named by the request",
    "insufficient-scope": "The client may not do this",
    "network-not-allowed": "The client may not ask from this network",
    "forbidden": "The acting user may not do this",
    "not-found": "There is nothing here",
    "method-not-allowed": "The address does not answer this method",
    "duplicate": "There is somebody like this already",
    "conflict-of-state": "The record is in another state",
    "already-exists": "It exists already",
    "key-in-flight": "The first request with this key is still running",
    "key-reused": "The key belongs to another request",
    "precondition-failed": "The record has changed",
    "too-large": "The body is too large",
    "unsupported-media-type": "The body is of another type",
    "validation-failed": "The body does not fit",
    "use-close": "Deals are closed at their own address",
    "use-convert": "Leads are converted at their own address",
    "rate-limited": "Too many requests",
    "internal": "Something went wrong here",
    "not-configured": "This is not set up",
    "busy": "Busy",
}
_BUSY = "Others work on the same records. Please send the request again."
_INTERNAL = "The request was not carried out. Send it again; if that fails, name the request id to an administrator."
_OF_STATUS = {
    400: "bad-parameter", 401: "unauthenticated", 403: "forbidden", 404: "not-found", 405: "method-not-allowed",
    413: "too-large", 415: "unsupported-media-type", 503: "busy",
}  # fmt: skip


@dataclass(frozen=True)
class FieldError:
    """One thing that is wrong: ``where`` is ("pointer", "/a/b"), ("parameter", "limit") or ("header", "If-Match")."""

    where: tuple[str, str]
    code: str
    detail: str

    def to_json(self) -> dict[str, str]:
        """Return the entry of the problem's ``errors``."""
        return {self.where[0]: self.where[1], "code": self.code, "detail": self.detail}


class ApiProblem(Exception):
    """An answer that is no success; raising it rolls the work back."""

    # Odoo logs what leaves a request; a refusal is no fault of ours.
    loglevel = logging.INFO

    def __init__(
        self, status: int, code: str, detail: str = "", *, errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None, **extra: Any,
    ):  # fmt: skip
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra = extra


def invalid(pointer: str, code: str, detail: str) -> ApiProblem:
    """Return the problem of one value of the body.

    :param pointer: JSON pointer to the value, for instance ``/contact_info/email``
    """
    return ApiProblem(422, "validation-failed", detail, errors=[FieldError(("pointer", pointer), code, detail)])


def not_found() -> ApiProblem:
    """Return the problem of what does not exist, or is not for the eyes of who asks; nobody learns which."""
    return ApiProblem(404, "not-found", "There is no such record, or it is not yours to see.")


def to_problem(error: Exception, call: "ApiCall | None") -> ApiProblem:
    """Return the problem an exception means."""
    if isinstance(error, ApiProblem):
        return error
    if isinstance(error, MalformedBody):
        return ApiProblem(400, "malformed-body", str(error))
    if isinstance(error, pydantic.ValidationError):
        return ApiProblem(422, "validation-failed", "Some values cannot be used.", errors=read_errors(error))
    if isinstance(error, psycopg2.OperationalError | ConcurrencyError | PoolError):
        return ApiProblem(503, "busy", _BUSY, headers={"Retry-After": "1"})
    if isinstance(error, UserError | AccessDenied):
        return _of_odoo(error, call)
    if isinstance(error, HTTPException) and error.code:
        code = _OF_STATUS.get(error.code, "internal" if error.code >= 500 else "bad-parameter")
        return ApiProblem(error.code, code, "")
    return ApiProblem(500, "internal", _INTERNAL)


def _of_odoo(error: Exception, call: "ApiCall | None") -> ApiProblem:
    if isinstance(error, AccessDenied):
        return unauthenticated()
    if isinstance(error, AccessError):
        # What may be read was found before somebody tried to change it.
        if call is None or call.method in ("GET", "HEAD"):
            return not_found()
        return ApiProblem(403, "forbidden", "You may see this record but not do this with it.")
    if isinstance(error, MissingError):
        return not_found()
    if isinstance(error.__cause__, psycopg2.IntegrityError):
        # Odoo's text names constraints of the database.
        return ApiProblem(409, "already-exists", "Another record has what must be there once only, or is needed here.")
    words = str(error.args[0] if error.args else error)
    if isinstance(error, ValidationError):
        return ApiProblem(422, "validation-failed", words)
    return ApiProblem(409, "conflict-of-state", words)


def unauthenticated(detail: str = "Send a valid token: Authorization: Bearer <token>.") -> ApiProblem:
    """Return the problem of a request that proves nobody."""
    return ApiProblem(401, "unauthenticated", detail, headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})


def read_errors(error: pydantic.ValidationError, where: str = "pointer") -> list[FieldError]:
    """Return what pydantic found, in plain words.

    :param where: ``pointer`` for values of a body, ``parameter`` for those of the address
    """
    found = []
    for each in error.errors(include_url=False, include_input=False):
        if where == "pointer":
            # "[key]" says that it is the name of the value that does not fit.
            parts = [str(part) for part in each["loc"] if part != "[key]"]
            place = "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)
        else:
            place = str(each["loc"][0]) if each["loc"] else ""
        name = str(each["loc"][-1]) if each["loc"] else "body"
        found.append(FieldError((where, place), *_describe(each, name)))
    return found


def _describe(each: Mapping[str, Any], name: str) -> tuple[str, str]:
    kind = each["type"]
    if kind == "missing":
        return "required", f"{name} is required."
    if kind == "extra_forbidden":
        return "unknown", f"There is no {name} here. Take it out, or correct its spelling."
    if kind == "literal_error":
        return "invalid-choice", f"{name} must be {each['ctx']['expected']}."
    if kind in ("string_too_long", "too_long"):
        return "too-long", f"{name} may have at most {each['ctx']['max_length']} entries or characters."
    return "invalid", each["msg"].removeprefix("Value error, ").rstrip(".") + "."


def problem_response(problem: ApiProblem, request_id: str) -> Response:
    """Return the answer that carries a problem."""
    body: dict[str, Any] = {
        "type": f"/api/docs#problem-{problem.code}",
        "title": TITLES.get(problem.code, problem.code),
        "status": problem.status,
        "detail": problem.detail or TITLES.get(problem.code, problem.code) + ".",
        "instance": f"urn:request:{request_id}",
        "code": problem.code,
        "request_id": request_id,
    }
    if problem.errors:
        body["errors"] = [each.to_json() for each in problem.errors]
    response = Response(json.dumps(body | problem.extra), status=problem.status, content_type=CONTENT_TYPE)
    for name, value in problem.headers.items():
        response.headers[name] = value
    return response
