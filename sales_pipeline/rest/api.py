"""Declare routes of the API, and answer them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from odoo import http
from odoo.http import Response, request
from pydantic import BaseModel

from .call import current_call
from .problems import ApiProblem, FieldError

if TYPE_CHECKING:
    from .paging import Page

JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Operation:
    """What OpenAPI and the dispatcher know of a route.

    :param scope: what a client needs, all of several; None: any client
    :param answer: name of a composed schema, or ``List[Lead]`` for a page of them
    :param body: name of the composed schema of the body; a body may be empty where the schema requires nothing
    :param query: schema of the parameters, or the name of a composed one; None: ``fields`` and ``expand`` of reads
    :param others: further statuses, successes and refusals, with their descriptions
    :param is_public: needs no token
    :param is_form: the handler reads ``call.raw`` itself, and OAuth says what errors look like
    :param is_conditional: honours If-Match, or If-None-Match
    """

    summary: str
    scope: str | tuple[str, ...] | None
    tag: str
    answer: str | None = None
    body: str | None = None
    query: type[BaseModel] | str | None = None
    status: int = 200
    others: Mapping[int, str] = field(default_factory=dict)
    is_public: bool = False
    is_form: bool = False
    is_conditional: bool = False
    examples: Mapping[str, Any] = field(default_factory=dict)
    description: str = ""

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes as a tuple."""
        return (self.scope,) if isinstance(self.scope, str) else tuple(self.scope or ())


def route(path: str, *, methods: list[str], operation: Operation):
    """Declare a REST route: its caller is known by a token, its body and parameters are checked, reads never write."""
    return http.route(
        path,
        type="rest",
        auth="none" if operation.is_public else "pipeline_api",
        methods=methods,
        csrf=False,
        save_session=False,
        readonly=methods == ["GET"],
        operation=operation,
    )


def make_etag(values: Any) -> str:
    """Return the strong tag of a representation."""
    return f'"{_digest(_to_text(values))[:24]}"'


def reply(
    data: Any, status: int = 200, *, etag: str | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a JSON answer; None has no body; a reader who has this version already gets 304."""
    sent = dict(headers or {}) | ({"ETag": etag} if etag else {})
    if etag and _has_version(etag):
        return Response(status=304, headers=sent)
    if data is None:
        return Response(status=status, headers=sent)
    return Response(_to_text(data), status=status, headers=sent, content_type=JSON)


def reply_record(resource, record, status: int = 200, location: bool = False) -> Response:
    """Return the answer that shows one record, with its tag.

    :param resource: a ``pipeline.api.*`` model
    :param location: name the record's address, as answers to a creation do
    """
    call = current_call()
    values = resource._represent(record)[0]
    etag = make_etag(values)
    shown = resource._represent(record, call.expand)[0] if call.expand else values
    shown = _pick([shown], call.fields)[0]
    if call.expand or call.fields:
        etag = f'{etag[:-1]}-{_digest(_to_text(shown))[:8]}"'
    own_path = f"{resource._api_path}/{values['id']}"
    headers = {"Location": own_path} if location else {}
    if call.method in ("GET", "HEAD") and call.path_ids.get("id", values["id"]) != values["id"]:
        # It was merged into this one.
        headers["Content-Location"] = own_path
    return reply(shown, status, etag=etag, headers=headers)


def reply_page(resource, page: "Page") -> Response:
    """Return the answer that shows a page of a list."""
    call = current_call()
    body: dict[str, Any] = {
        "data": _pick(resource._represent(page.records, call.expand), call.fields),
        "has_more": page.next_cursor is not None,
        "next_cursor": page.next_cursor,
    }
    if page.count is not None:
        body |= {"count": page.count, "count_is_more": page.count_is_more}
    headers = {}
    if page.next_cursor:
        parameters = request.httprequest.args.to_dict() | {"cursor": page.next_cursor}
        headers["Link"] = f'<{request.httprequest.path}?{urlencode(parameters)}>; rel="next"'
    return reply(body, headers=headers)


def _pick(rows: list[dict[str, Any]], names: frozenset[str]) -> list[dict[str, Any]]:
    if not names:
        return rows
    if rows and (unknown := names - rows[0].keys()):
        detail = f"There is no field {sorted(unknown)[0]}."
        raise ApiProblem(
            400, "bad-parameter", detail, errors=[FieldError(("parameter", "fields"), "unknown", detail)]
        )
    return [{name: value for name, value in row.items() if name in names or name == "id"} for row in rows]


def _has_version(etag: str) -> bool:
    http_request = request.httprequest
    asked = http_request.headers.get("If-None-Match") if http_request.method in ("GET", "HEAD") else None
    tags = (part.strip().removeprefix("W/") for part in (asked or "").split(","))
    return asked is not None and any(tag in ("*", etag) for tag in tags)


def _to_text(values: Any) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
