"""Examples of the description: of every answer, made from its schema, and of every problem."""

from typing import Any

from .openapi_schemas import PREFIX
from .problems import TITLES

_ID = "3f0c9a52-6d0e-4d4c-9d3f-0f6f2f1f7a10"
_BY_FORMAT = {"uuid": _ID, "date-time": "2026-03-02T09:30:00Z", "date": "2026-03-31", "uri": "https://example.com/hook"}
_BY_NAME = {
    "email": "dana@example.com", "phone": "+49 30 23125042", "whatsapp": "+49 30 23125042", "currency": "EUR",
    "name": "Roof for the warehouse", "deal_name": "Roof for the warehouse", "contact_name": "Dana Example",
    "customer_name": "Example Roofs", "company_name": "Example Roofs", "country": "DE", "city": "Berlin",
    "street": "Example Street 1", "zip": "10115", "quote_number": "S00042", "order_number": "S00042",
    "summary": "Ask about the budget", "url": "https://example.com/hook", "quantity": "2", "unit_price": "625.00",
    "discount": "0", "timezone": "Europe/Berlin", "secret": "whsec_...", "access_token": "spa_...",
    "token_type": "Bearer", "scope": "leads:read", "events": ["lead.*"], "tags": ["roof"],
}  # fmt: skip
_DETAILS = {
    "malformed-body": "The body is not JSON: a comma or a bracket is missing.",
    "malformed-key": "Write 1 to 255 printable characters.",
    "bad-cursor": "Take the cursor of the page before, with the same filters and the same order.",
    "bad-parameter": "There is no parameter colour.",
    "unauthenticated": "Send Authorization: Bearer with a token that is valid.",
    "insufficient-scope": "The client needs leads:write.",
    "network-not-allowed": "Ask from a network that is listed at the client, or have this one added.",
    "forbidden": "The acting user may read this, but not change it.",
    "not-found": "There is no such record, or it is not for the acting user to see.",
    "duplicate": "This person is known already. Send on_duplicate=attach or on_duplicate=create if that is all right.",
    "conflict-of-state": "This does not fit the state that the record is in.",
    "already-exists": "There is such a record already.",
    "key-in-flight": "Send the request again in a second.",
    "key-reused": "Use a new key for another request.",
    "precondition-failed": "Read the record again, and repeat the change on what it is now.",
    "too-large": "Send no more than 1 MiB.",
    "unsupported-media-type": "Send application/json.",
    "validation-failed": "Some values cannot be used.",
    "use-close": "Send POST /api/opportunities/{id}/close.",
    "use-convert": "Send POST /api/leads/{id}/convert.",
    "rate-limited": "Wait 4 seconds.",
    "internal": "The request was not carried out. Send it again.",
    "not-configured": "An administrator has to set this up first.",
    "busy": "Others work on the same records. Please send the request again.",
}
_ERRORS = {
    "bad-parameter": {"parameter": "colour", "code": "unknown", "detail": "There is no parameter colour."},
    "validation-failed": {
        "pointer": "/contact_info/email", "code": "invalid",
        "detail": "dana cannot be reached: write an e-mail address.",
    },
    "precondition-failed": {"header": "If-Match", "code": "changed", "detail": "The record has changed."},
}  # fmt: skip
_STATUS = {
    "malformed-body": 400, "malformed-key": 400, "bad-cursor": 400, "bad-parameter": 400, "unauthenticated": 401,
    "insufficient-scope": 403, "network-not-allowed": 403, "forbidden": 403, "not-found": 404, "duplicate": 409,
    "conflict-of-state": 409, "already-exists": 409, "key-in-flight": 409, "precondition-failed": 412,
    "too-large": 413, "unsupported-media-type": 415, "validation-failed": 422, "use-close": 422, "use-convert": 422,
    "key-reused": 422, "rate-limited": 429, "internal": 500, "not-configured": 501, "busy": 503,
}  # fmt: skip
_OF_BODIES, _OF_KEYS = {"malformed-body"}, {"malformed-key", "key-in-flight", "key-reused"}
# Told by some operations only, which name them in their own words.
_SPECIAL = {"duplicate", "already-exists", "use-close", "use-convert"}
_DEEPEST = 6


def make_problem_examples() -> dict[str, Any]:
    """Return an example of every problem that an operation can answer, by its code."""
    found = {}
    for code, status in _STATUS.items():
        value: dict[str, Any] = {
            "type": f"/api/docs#problem-{code}", "title": TITLES[code], "status": status, "detail": _DETAILS[code],
            "instance": f"urn:uuid:{_ID}", "code": code, "request_id": _ID,
        }  # fmt: skip
        if code in _ERRORS:
            value["errors"] = [_ERRORS[code]]
        if status in (429, 503):
            value["retry_after"] = 4 if status == 429 else 1
        found[code] = {"summary": TITLES[code], "value": value}
    return found


def name_problems(status: int, *, has_body: bool, has_key: bool, is_list: bool) -> dict[str, Any]:
    """Return the examples of one status of an operation, as references."""
    codes = [code for code, own in _STATUS.items() if own == status and code not in _SPECIAL]
    fits = dict.fromkeys(codes, True)
    fits |= dict.fromkeys(_OF_BODIES, has_body) | dict.fromkeys(_OF_KEYS, has_key) | {"bad-cursor": is_list}
    return {code: {"$ref": f"#/components/examples/{code}"} for code in codes if fits[code]}


def make_example(schema: dict[str, Any], schemas: dict[str, Any], name: str = "", depth: int = 0) -> Any:
    """Return a value that fits a schema.

    :param schemas: what the schema may refer to, by name
    :param name: of the property, which says more than its type
    """
    if "$ref" in schema:
        return make_example(schemas[schema["$ref"].removeprefix(PREFIX)], schemas, name, depth)
    if kinds := schema.get("anyOf"):
        told = next((kind for kind in kinds if kind.get("type") != "null"), kinds[0])
        return make_example(told, schemas, name, depth)
    for key in ("const", "default"):
        if schema.get(key) is not None:
            return schema[key]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = next(each for each in kind if each != "null")
    if kind == "object":
        return {
            key: make_example(each, schemas, key, depth + 1) for key, each in schema.get("properties", {}).items()
            if depth < _DEEPEST
        }  # fmt: skip
    if kind == "array":
        return _BY_NAME.get(name) or [make_example(schema.get("items", {}), schemas, "", depth + 1)]
    if kind in ("integer", "number"):
        return max(1, schema.get("minimum", 1))
    return {"boolean": False, "string": _make_text(schema, name)}.get(kind)


def _make_text(schema: dict[str, Any], name: str) -> str:
    if schema.get("format") in _BY_FORMAT:
        return _BY_FORMAT[schema["format"]]
    if isinstance(known := _BY_NAME.get(name), str):
        return known
    return "1250.00" if "\\d" in schema.get("pattern", "") else "text"
