"""The components of the description: schemas of this database, and what all operations share."""

from typing import Any

from odoo.api import Environment
from pydantic.json_schema import models_json_schema

from .compose import compose

PREFIX = "#/components/schemas/"
_TEXT = {"type": "string"}
PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457). Some problems say more, for instance the candidates of a duplicate.",
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What to do, in plain words."},
        "instance": _TEXT,
        "code": {"type": "string", "description": "Stable; programs decide by it."},
        "request_id": {"type": "string", "description": "Name it to an administrator, who finds it in the log."},
        "retry_after": {"type": "integer", "description": "Seconds to wait."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer to a value of the body."},
                    "parameter": {"type": "string", "description": "A parameter of the address."},
                    "header": {"type": "string", "description": "A header of the request."},
                    "code": _TEXT,
                    "detail": _TEXT,
                },
            },
        },
    },
}
OAUTH_ERROR = {
    "type": "object",
    "description": "What OAuth 2.0 (RFC 6749) says of a refusal.",
    "required": ["error"],
    "properties": {"error": _TEXT, "error_description": _TEXT},
}


def make_components(env: Environment, bodies: set[str], answers: set[str]) -> dict[str, Any]:
    """Return all schemas by name.

    :param bodies: names of schemas that are sent
    :param answers: names of schemas that are answered; of those with an id a reader may choose the fields
    """
    names = sorted(bodies | answers)
    by_name = {name: compose(env, name) for name in names}
    _refs, found = models_json_schema(
        [(schema, "validation") for schema in by_name.values()], ref_template=PREFIX + "{model}"
    )
    schemas = found.get("$defs", {})
    for name in answers:
        if "id" in schemas.get(name, {}).get("properties", {}):
            schemas[name]["required"] = ["id"]
    for schema in schemas.values():
        _forget_titles(schema)
    return {**schemas, "Problem": PROBLEM, "OAuthError": OAUTH_ERROR}


def make_page(name: str) -> dict[str, Any]:
    """Return the schema of a page of a list."""
    return {
        "type": "object",
        "required": ["data", "has_more", "next_cursor"],
        "properties": {
            "data": {"type": "array", "items": {"$ref": PREFIX + name}},
            "has_more": {"type": "boolean"},
            "next_cursor": {"type": ["string", "null"], "description": "Send it as cursor to get the next page."},
            "count": {"type": "integer", "description": "With include_count; at most 10,000."},
            "count_is_more": {"type": "boolean", "description": "There are more than were counted."},
        },
    }


def _forget_titles(schema: dict[str, Any]) -> None:
    schema.pop("title", None)
    for value in schema.get("properties", {}).values():
        value.pop("title", None)
