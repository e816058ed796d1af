"""The description of the API (OpenAPI 3.1), made from the routes and schemas that are installed."""

import re
from collections.abc import Iterator
from typing import Any

from odoo.api import Environment
from odoo.release import version

from ..schemas.common import NoQuery, ReadQuery
from .api import Operation
from .compose import compose
from .openapi_examples import make_example, make_problem_examples, name_problems
from .openapi_links import make_links
from .openapi_schemas import PREFIX, make_components, make_page

_PLACE = re.compile(r"<(?:(\w+)(?:\(([^)]*)\))?:)?(\w+)>")
_KEY = "Idempotency-Key"
_JSON, _PROBLEM, _FORM = "application/json", "application/problem+json", "application/x-www-form-urlencoded"
_COMMON = {
    400: "The request cannot be read: a parameter, a header or the body.",
    401: "The token is missing, unknown or over.",
    403: "The client lacks a scope, its network is another, or the acting user may not do this.",
    404: "There is no such record, or it is not for the acting user to see.",
    429: "Too many requests. Wait as long as Retry-After says.",
    500: "Something went wrong. Nothing was changed.",
    503: "Others work on the same records. Nothing was changed; send the request again.",
}
_OF_BODIES = {413: "The body is too large.", 415: "The body is of another type.", 422: "Some values cannot be used."}
_OF_POSTS = {409: "The record is in another state, or the Idempotency-Key is in use."}
_CHANGED = {412: "The record changed since it was read."}
# What differs by operation are the examples of 400, 409 and 422.
_SHARED = {status: text for status, text in (_COMMON | _OF_BODIES | _CHANGED).items() if status not in (400, 422)}
_SAME = {304: "The reader has this version already."}
_ABOUT = """Amounts are decimal texts, moments are UTC, ids are UUIDs. Errors are problem documents (RFC 9457).
Lists are read page by page: send `next_cursor` as `cursor`. Send an `Idempotency-Key` with a POST, and it can be
repeated safely for 24 hours. PUT replaces a record, PATCH changes what it names. A method that an address does not have
is answered with 405 and `Allow`."""
_HEADERS = {
    "RequestId": ("X-Request-Id", "string", "Names the request in the log; yours, if you sent one."),
    "RateLimit": ("RateLimit", "string", 'What is left: `"default";r=requests;t=seconds`.'),
    "RateLimitPolicy": ("RateLimit-Policy", "string", 'What the plan allows: `"default";q=requests;w=seconds`.'),
    "RetryAfter": ("Retry-After", "integer", "Seconds to wait."),
    "ETag": ("ETag", "string", "The version, for If-Match and If-None-Match."),
    "Location": ("Location", "string", "The address of the record."),
    "Link": ("Link", "string", 'The address of the next page, `rel="next"`.'),
    "Challenge": ("WWW-Authenticate", "string", "What is wrong with the token, or which scope is missing."),
}


def iterate_routes(env: Environment) -> Iterator[tuple[Any, str, Operation]]:
    """List the rules of the API with their methods and operations, in the order of their addresses."""
    rules = [rule for rule in env["ir.http"].routing_map().iter_rules() if rule.endpoint.routing["type"] == "rest"]
    for rule in sorted(rules, key=lambda rule: rule.rule):
        for method in rule.endpoint.routing["methods"]:
            yield rule, method, rule.endpoint.routing["operation"]


def make_document(env: Environment) -> dict[str, Any]:
    """Return the description of all that is installed."""
    routes = list(iterate_routes(env))
    answers = {_bare(operation.answer) for *_route, operation in routes if operation.answer}
    bodies = {operation.body for *_route, operation in routes if operation.body}
    schemas = dict(sorted(make_components(env, bodies, answers).items()))
    links = make_links(routes)
    paths: dict[str, Any] = {}
    for rule, method, operation in routes:
        path = _PLACE.sub(r"{\3}", rule.rule)
        described = make_operation(env, rule, method, operation)
        described["responses"] = _make_responses(method, operation, schemas, links.get((rule.rule, method)))
        paths.setdefault(path, {})[method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {"title": "Sales Pipeline", "version": version, "description": _ABOUT},
        "servers": [{"url": "/"}],
        "tags": [{"name": name} for name in sorted({operation.tag for *_route, operation in routes})],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "examples": make_problem_examples(),
            "responses": _make_shared(),
            "headers": {
                name: {"description": text, "schema": {"type": kind}} for name, (_name, kind, text) in _HEADERS.items()
            },
            "securitySchemes": _make_security(routes),
        },
    }


def make_operation(env: Environment, rule, method: str, operation: Operation) -> dict[str, Any]:
    """Return the description of one operation, but for what it answers."""
    found: dict[str, Any] = {
        "operationId": rule.endpoint.func.__name__,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": [
            *_make_places(rule.rule), *_make_parameters(env, method, operation), *_make_headers(method, operation)
        ],
        "security": [] if operation.is_public else [{"token": []}, {"oauth": list(operation.scopes)}],
    }  # fmt: skip
    if operation.description:
        found["description"] = operation.description
    if operation.scopes:
        found["x-scopes"] = list(operation.scopes)
    if operation.body:
        content: dict[str, Any] = {"schema": {"$ref": PREFIX + operation.body}}
        if operation.examples:
            content["examples"] = {name: {"value": value} for name, value in operation.examples.items()}
        is_needed = any(field.is_required() for field in compose(env, operation.body).model_fields.values())
        found["requestBody"] = {"required": is_needed, "content": {_FORM if operation.is_form else _JSON: content}}
    return found


def get_statuses(method: str, operation: Operation) -> dict[int, str]:
    """Return every status that an operation can answer, with its description."""
    found = {operation.status: "Done."} | _COMMON
    if operation.is_public:
        found = {status: text for status, text in found.items() if status not in (401, 403)}
    if method in ("POST", "PUT", "PATCH"):
        found |= _OF_BODIES
    if method in ("POST", "PUT", "PATCH", "DELETE"):
        found |= _OF_POSTS
    if operation.is_conditional:
        found |= _SAME if method == "GET" else _CHANGED
    return dict(sorted((found | dict(operation.others)).items()))


def _make_responses(
    method: str, operation: Operation, schemas: dict[str, Any], links: dict[str, Any] | None
) -> dict[str, Any]:
    found = {}
    for status, text in get_statuses(method, operation).items():
        if _is_shared(operation, status, text):
            found[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
            continue
        response: dict[str, Any] = {"description": text, "headers": _name_headers(operation, status)}
        if status >= 400:
            response["content"] = _make_problem(method, operation, status)
        elif operation.answer and status not in (204, 304):
            response["content"] = {_JSON: _make_answer(operation, schemas)}
            if links:
                response["links"] = links
        found[str(status)] = response
    return found


def _make_shared() -> dict[str, Any]:
    """Return the refusals that are the same everywhere."""
    some = Operation("", None, "")
    return {
        f"Problem{status}": {
            "description": text, "headers": _name_headers(some, status), "content": _make_problem("GET", some, status),
        }
        for status, text in _SHARED.items()
    }  # fmt: skip


def _is_shared(operation: Operation, status: int, text: str) -> bool:
    return _SHARED.get(status) == text and not operation.is_form


def _make_problem(method: str, operation: Operation, status: int) -> dict[str, Any]:
    examples = name_problems(
        status, has_body=bool(operation.body), has_key=method == "POST" and not operation.is_public,
        is_list=operation.answer not in (None, _bare(operation.answer or "")),
    )  # fmt: skip
    found = {_PROBLEM: {"schema": {"$ref": PREFIX + "Problem"}} | ({"examples": examples} if examples else {})}
    if operation.is_form:
        found[_JSON] = {"schema": {"$ref": PREFIX + "OAuthError"}, "example": {"error": "invalid_request"}}
    return found


def _name_headers(operation: Operation, status: int) -> dict[str, Any]:
    names = ["RequestId", "RateLimit", "RateLimitPolicy"]
    names += ["Location"] if status == 201 else []
    names += ["RetryAfter"] if status in (429, 503) else []
    names += ["Challenge"] if status in (401, 403) else []
    names += ["ETag"] if operation.is_conditional and status in (200, 201, 304) else []
    names += ["Link"] if status == 200 and (operation.answer or "").startswith("List[") else []
    return {_HEADERS[name][0]: {"$ref": f"#/components/headers/{name}"} for name in names}


def _make_answer(operation: Operation, schemas: dict[str, Any]) -> dict[str, Any]:
    name = _bare(operation.answer)
    is_page = operation.answer != name
    schema = make_page(name) if is_page else {"$ref": PREFIX + name}
    return {"schema": schema, "example": make_example(schema, schemas)}


def _bare(answer: str) -> str:
    return answer.removeprefix("List[").removesuffix("]")


def _make_places(path: str) -> list[dict[str, Any]]:
    found = []
    for kind, choices, name in _PLACE.findall(path):
        schema: dict[str, Any] = {"type": "string"}
        if kind == "uuid":
            schema["format"] = "uuid"
        if kind == "any":
            schema["enum"] = [choice.strip().strip("\"'") for choice in choices.split(",")]
        found.append({"name": name, "in": "path", "required": True, "schema": schema})
    return found


def _make_parameters(env: Environment, method: str, operation: Operation) -> list[dict[str, Any]]:
    query = operation.query
    if query is None:
        query = ReadQuery if method == "GET" and operation.answer else NoQuery
    schema = (compose(env, query) if isinstance(query, str) else query).model_json_schema()
    found = []
    for name, each in schema.get("properties", {}).items():
        text = each.pop("description", None)
        each.pop("title", None)
        # A parameter is there or it is not: nobody can send null.
        kinds = [kind for kind in each.get("anyOf", ()) if kind.get("type") != "null"]
        each = kinds[0] if len(kinds) == 1 else each
        found.append({
            "name": name, "in": "query", "required": name in schema.get("required", ()), "schema": each,
            **({"description": text} if text else {}),
        })  # fmt: skip
    return found


def _make_headers(method: str, operation: Operation) -> list[dict[str, Any]]:
    names = []
    if method == "POST" and not operation.is_public:
        names.append((_KEY, "Any text of yours; the same request with the same key is carried out once."))
    if operation.is_conditional and method == "GET":
        names.append(("If-None-Match", "The ETag of the version that the reader has."))
    elif operation.is_conditional:
        names.append(("If-Match", "The ETag of the version that is to be changed."))
    key = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}
    return [
        {"name": name, "in": "header", "schema": key if name == _KEY else {"type": "string"}, "description": text}
        for name, text in names
    ]


def _make_security(routes: list) -> dict[str, Any]:
    scopes = sorted({scope for *_route, operation in routes for scope in operation.scopes})
    flow = {"tokenUrl": "/api/oauth/token", "scopes": {scope: scope.replace(":", ": ") for scope in scopes}}
    return {
        "token": {"type": "http", "scheme": "bearer", "description": "A token of a client, or a key of Odoo."},
        "oauth": {"type": "oauth2", "flows": {"clientCredentials": flow}},
    }
