"""Forms of Typeform.

Shapes: www.typeform.com/developers/webhooks/example-payload and .../responses/reference/retrieve-responses, read
November 2026.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from ...exceptions import MalformedBody, NotVerified
from ...tools.attribution import CLICK_IDS, UTM_FIELDS
from ...tools.field_names import get_target
from ...tools.json_body import read_object
from ...tools.signatures import verify_hmac_sha256_base64
from ...tools.text import one_line
from ..http import VendorHttp
from .base import CaptureProvider, Finding, RawRequest, StoredItem
from .lead import read_moment
from .questions import Question, readable
from .typeform_polling import Cursor, TypeformClient, check, read_page

SIGNATURE_HEADER = "typeform-signature"
_COMPLETE, _PARTIAL = "form_response", "form_response_partial"
# What stands in a hidden field that the form's address did not fill.
_UNFILLED = "xxxxx"
_TOKEN = re.compile(r"[\w-]{1,128}", re.ASCII)
_TARGET_BY_TYPE = {"email": "email", "phone_number": "phone"}
_TARGET_BY_PART = {
    "first_name": "first_name", "last_name": "last_name", "email": "email", "phone_number": "phone",
    "company": "company_name", "address": "street", "address_line_2": None, "city": "city", "state": "region",
    "zip_code": "zip", "country": "country",
}  # fmt: skip
# Titles are sentences and references are words of the form's author: only words about the person are guessed.
_GUESSED = {
    "name", "first_name", "last_name", "email", "phone", "whatsapp", "company_name", "job_title", "street", "city",
    "zip", "region", "country", "message",
}  # fmt: skip
_ORIGINS = {*UTM_FIELDS, *CLICK_IDS, "page_url", "referrer"}
_ASKING = re.compile(
    r"^(?:what(?:[’']s| is)|please enter|enter)?\s*(?:your\s+)?(?P<thing>.+?)\s*[?:*.]*$", re.IGNORECASE
)
_PIPED = re.compile(r"\{\{[^{}]*\}\}")
_ORIGIN_IDS = ("form_id", "token", "landed_at")


class TypeformProvider(CaptureProvider):
    """Read the signed webhook of one or more forms."""

    channel = "typeform"
    can_catch_up = True

    # ---- the route

    def verify(self, request: RawRequest) -> None:
        if not self.secrets:
            raise NotVerified("no_secret")
        if not verify_hmac_sha256_base64(self.secrets, request.body, request.headers.get(SIGNATURE_HEADER)):
            raise NotVerified("signature")

    def split(self, request: RawRequest) -> list[StoredItem]:
        body = read_object(request.body)
        kind = body.get("event_type")
        if kind not in (_COMPLETE, _PARTIAL):
            # Other events may come one day; an answer other than 2xx would end in a disabled webhook.
            return []
        # The token names the response; a second delivery has the same one under another event id.
        token = one_line(_get_response(body).get("token"))
        if not token or not _TOKEN.fullmatch(token):
            raise MalformedBody("token is missing.")
        return [StoredItem(token, body, waits_for="rest" if kind == _PARTIAL else None)]

    # ---- the job

    def read_questions(self, payload: Mapping[str, Any]) -> list[Question]:
        response = _get_response(payload)
        fields = dict(_get_fields(_as_map(response.get("definition")).get("fields")))
        answers = [_read_answer(entry, fields) for entry in _as_list(response.get("answers"))]
        return [*filter(None, answers), *_read_hidden(response), *_read_results(response)]

    def read_context(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        response = _get_response(payload)
        ids = {name: response[name] for name in _ORIGIN_IDS if response.get(name)}
        return {
            "submitted_at": read_moment(response.get("submitted_at")),
            "consent": self._read_consent(payload),
            "custom": ids,
        }

    def _read_consent(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the legal questions were answered with; where they differ, only their words are kept."""
        asked = [question for question in self.read_questions(payload) if question.name.startswith("legal:")]
        if not asked or any(question.name in self.mapping for question in asked):
            return {}
        given = {question.value for question in asked}
        text = "\n".join(f"{question.label}: {readable(question.value)}" for question in asked)
        return {"text": text, **({"any": given.pop()} if len(given) == 1 else {})}

    # ---- responses that never arrived

    def start_cursor(self, moment: datetime) -> str:
        return Cursor.from_moment(moment).to_text()

    def has_rest(self, cursor: str) -> bool:
        return bool(Cursor.from_text(cursor).before)

    def catch_up(self, cursor: str, http: VendorHttp) -> tuple[list[StoredItem], str]:
        place, form_id = Cursor.from_text(cursor), one_line(self.settings.get("account")) or ""
        responses = read_page(place, TypeformClient(http, self.settings), form_id)
        items = [StoredItem(response["token"], {"event_type": _COMPLETE, "form_response": response})
                 for response in responses if _TOKEN.fullmatch(one_line(response.get("token")) or "")]  # fmt: skip
        return items, place.to_text()

    def check(self, http: VendorHttp) -> list[Finding]:
        return check(TypeformClient(http, self.settings), one_line(self.settings.get("account")))


def _as_map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _get_response(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    return _as_map(payload.get("form_response"))


def _get_fields(fields: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """List the form's fields by id, those inside groups too."""
    for field in filter(None, map(_as_map, _as_list(fields))):
        if field_id := one_line(field.get("id")):
            yield field_id, field
        yield from _get_fields(_as_map(field.get("properties")).get("fields"))


def _read_answer(entry: Any, fields: Mapping[str, Mapping[str, Any]]) -> Question | None:
    answer = _as_map(entry)
    asked = _as_map(answer.get("field"))
    field_id = one_line(asked.get("id")) or ""
    field = {**asked, **fields.get(field_id, {})}
    # Answers do not always say the reference; the definition does. Polled and posted answers have one name.
    name = one_line(field.get("ref")) or field_id
    if not name:
        return None
    label = _PIPED.sub("…", one_line(field.get("title"), 500) or "") or name
    if field.get("type") == "legal":
        return Question(f"legal:{name}", label, _get_value(answer))
    return Question(name, label, _get_value(answer), _guess(answer, field, name, label))


def _get_value(answer: Mapping[str, Any]) -> Any:
    value = answer.get(str(answer.get("type")))
    if not isinstance(value, Mapping):
        return value
    if answer["type"] == "choice":
        return value.get("label") or value.get("other")
    if answer["type"] == "choices":
        return [choice for choice in (*_as_list(value.get("labels")), value.get("other")) if choice]
    parts = [part for part in value.values() if isinstance(part, str | int | float)]
    return parts[0] if answer["type"] == "multi_format" and len(parts) == 1 else value


def _guess(answer: Mapping[str, Any], field: Mapping[str, Any], name: str, label: str) -> str | None:
    part = one_line(field.get("subfield_key"))
    if part in _TARGET_BY_PART:
        return _TARGET_BY_PART[part]
    if target := _TARGET_BY_TYPE.get(str(answer.get("type"))):
        return target
    if answer.get("type") not in ("text", "choice"):
        return None
    asked = _ASKING.match(label)
    words = filter(None, (get_target(name), get_target(label), get_target(asked["thing"]) if asked else None))
    return next((word for word in words if word in _GUESSED), None)


def _read_hidden(response: Mapping[str, Any]) -> Iterator[Question]:
    """List the hidden fields; where the visitor came from and who it is are known by their names."""
    for name, value in _as_map(response.get("hidden")).items():
        if value not in (None, "", _UNFILLED):
            target = get_target(name)
            yield Question(f"hidden:{name}", name, value, target if target in _GUESSED | _ORIGINS else None)
    # Only polled responses say it.
    referrer = one_line(_as_map(response.get("metadata")).get("referer"), 2048)
    if referrer:
        yield Question("metadata:referer", "referer", referrer, "page_url")


def _read_results(response: Mapping[str, Any]) -> Iterator[Question]:
    """List what the form worked out by itself; a score of nought is a form without scores."""
    variables = [variable for variable in map(_as_map, _as_list(response.get("variables"))) if variable.get("key")]
    for variable in variables:
        value = variable.get(str(variable.get("type")))
        if value not in (None, "") and (variable["key"], value) != ("score", 0):
            yield Question(f"variable:{variable['key']}", str(variable["key"]), value)
    score = _as_map(response.get("calculated")).get("score")
    if score and "score" not in {variable["key"] for variable in variables}:
        yield Question("variable:score", "score", score)
