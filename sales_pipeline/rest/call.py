"""One request to the API, as handlers and the other files of this folder see it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from odoo.api import Environment
from odoo.http import request
from pydantic import BaseModel

from .problems import ApiProblem, FieldError

if TYPE_CHECKING:
    from .api import Operation
    from .idempotency import Claim
    from .limits import LimitState

_REQUEST_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)


@dataclass(frozen=True)
class Caller:
    """Who asks: ``key`` is client:ID, user:ID or ip:ADDRESS.

    :param scopes: what the client may do; None: everything (Odoo's own keys)
    :param origins: websites whose pages may read the answers
    :param quota: requests a window; 0: no limit
    """

    key: str
    user_id: int | None = None
    company_id: int | None = None
    scopes: frozenset[str] | None = None
    client_id: int | None = None
    origins: tuple[str, ...] = ()
    quota: int = 0
    window_seconds: int = 10
    token_id: int | None = None


@dataclass
class ApiCall:
    """One request; ``current_call()`` returns that of the thread.

    :param raw: the body as it came; ``data`` is the JSON object in it, before the schema
    :param key: the Idempotency-Key, if one was sent
    :param claim: kept when Odoo runs the request again after a concurrent change, as is ``limit``
    """

    request_id: str
    operation: "Operation"
    caller: Caller
    method: str = "GET"
    path: str = ""
    query_string: str = ""
    path_ids: dict[str, str] = field(default_factory=dict)
    query: BaseModel | None = None
    body: BaseModel | None = None
    data: dict[str, Any] = field(default_factory=dict)
    raw: bytes = b""
    key: str | None = None
    claim: "Claim | None" = None
    limit: "LimitState | None" = None

    @property
    def env(self) -> Environment:
        """The acting user's environment."""
        return request.env

    @property
    def fields(self) -> frozenset[str]:
        """The fields asked for; empty: all."""
        return frozenset(getattr(self.query, "fields", None) or ())

    @property
    def expand(self) -> frozenset[str]:
        """What is asked for beside the usual fields."""
        return frozenset(getattr(self.query, "expand", None) or ())

    def check_match(self, etag: str | Callable[[], str]) -> None:
        """Refuse to change what the caller has not seen; call it after the lock and before the write.

        :param etag: the record's tag, or what makes it (called only when the request asks)
        :raise ApiProblem: 412
        """
        asked = request.httprequest.headers.get("If-Match")
        if asked is None or asked.strip() == "*":
            return
        present = (etag if isinstance(etag, str) else etag()).strip('"').split("-")[0]
        tags = (part.strip() for part in asked.split(","))
        if not any(tag.startswith('"') and tag.strip('"').split("-")[0] == present for tag in tags):
            detail = "The record changed since it was read. Read it again, then decide."
            raise ApiProblem(
                412, "precondition-failed", detail, errors=[FieldError(("header", "If-Match"), "changed", detail)]
            )


def current_call() -> ApiCall:
    """Return the call that this thread serves."""
    return request.pipeline_call


def find_call() -> ApiCall | None:
    """Return the call that this thread serves, if there is a request and it came that far; jobs have none."""
    return getattr(request, "pipeline_call", None) if request else None


def get_request_id() -> str:
    """Return the id under which the request is logged: the caller's, or one of ours."""
    found = getattr(request, "pipeline_request_id", None)
    if not found:
        asked = request.httprequest.headers.get("X-Request-Id", "")
        found = request.pipeline_request_id = asked if _REQUEST_ID.fullmatch(asked) else str(uuid4())
    return found
