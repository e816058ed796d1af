"""Forms of any website: posted by a browser, or as JSON by the site's own server."""

import hashlib
import io
import json
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.exceptions import HTTPException
from werkzeug.formparser import FormDataParser
from werkzeug.http import parse_options_header

from ...exceptions import MalformedBody, NotVerified
from ...tools.json_body import read_object
from ...tools.lead_words import read_yes_no
from ...tools.origins import is_allowed
from ...tools.redact import is_secret_name
from ...tools.signatures import get_form_key, matches_any, verify_hmac_sha256
from ...tools.text import one_line, storable
from .base import Acknowledgement, CaptureProvider, RawRequest, StoredItem
from .lead import CapturedLead
from .questions import Question, guess_targets
from .visits import JOURNEY_FIELD, VISIT_FIELDS, add_visits

KEY_FIELD = "pipeline_key"
SECRET_HEADER = "x-pipeline-secret"
SIGNATURE_HEADER = "x-pipeline-signature"
_FORM, _MULTIPART, _JSON = "application/x-www-form-urlencoded", "multipart/form-data", "application/json"
_MAX_FIELDS = 200
# What tools of browsers and of Odoo add to a form: nobody's answer.
_NOT_ANSWERS = {"csrf_token", "g-recaptcha-response", "recaptcha_token_response", "submit", "submission_id", "is_test"}
_NOT_ANSWERS |= VISIT_FIELDS


class WebsiteProvider(CaptureProvider):
    """Read form posts whose sender shows a secret, signs the body, or carries the form's key."""

    channel = "website"
    is_for_browsers = True

    def verify(self, request: RawRequest) -> None:
        if not self.secrets:
            raise NotVerified("no_secret")
        is_public = not {SIGNATURE_HEADER, SECRET_HEADER} & request.headers.keys()
        if SIGNATURE_HEADER in request.headers:
            proved = verify_hmac_sha256(self.secrets, request.body, request.headers[SIGNATURE_HEADER])
        elif SECRET_HEADER in request.headers:
            proved = matches_any(request.headers[SECRET_HEADER], self.secrets)
        else:
            keys = [*self.secrets, *map(get_form_key, self.secrets)]
            proved = matches_any(one_line(_decode(request).get(KEY_FIELD)), keys)
        if not proved:
            raise NotVerified("signature" if SIGNATURE_HEADER in request.headers else "secret")
        self._check_origin(request, is_public)

    def _check_origin(self, request: RawRequest, is_public: bool) -> None:
        """Refuse pages of other websites, where the source names the ones that may send.

        Browsers cannot lie about the page, and say it with every POST; a server with a secret of its own says nothing.
        """
        origins = self.settings.get("origins")
        origin = request.headers.get("origin")
        if origins and (origin is not None or is_public) and not is_allowed(origin, origins):
            raise NotVerified("origin")

    def split(self, request: RawRequest) -> list[StoredItem]:
        payload = {name: value for name, value in _decode(request).items() if not is_secret_name(name)}
        if not payload:
            raise MalformedBody("The form is empty.")
        given = one_line(request.headers.get("idempotency-key", "").strip('"')) or one_line(
            payload.get("submission_id")
        )
        return [StoredItem(given or _digest(payload), payload, is_test=_is_test(payload))]

    def read_questions(self, payload: Mapping[str, Any]) -> list[Question]:
        return guess_targets(
            Question(name, name, value) for name, value in payload.items() if name not in _NOT_ANSWERS
        )

    def read_context(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        return {"is_test": _is_test(payload)}

    def parse(self, payload: Mapping[str, Any], external_id: str = "") -> CapturedLead:
        return add_visits(super().parse(payload, external_id), payload)

    def acknowledge(self, request: RawRequest) -> Acknowledgement:
        return Acknowledgement(200, {"status": "received"} if is_json(request) else None)


def _is_test(payload: Mapping[str, Any]) -> bool:
    return read_yes_no(payload.get("is_test")) is True


def is_json(request: RawRequest) -> bool:
    """Tell whether the sender speaks JSON rather than the language of HTML forms."""
    return request.mimetype not in (_FORM, _MULTIPART)


def _decode(request: RawRequest) -> dict[str, Any]:
    if request.mimetype == _FORM:
        return _collect(_read_form(request.body))
    if request.mimetype == _MULTIPART:
        return _collect(_read_multipart(request))
    return read_object(request.body)


def _read_form(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict")
    except ValueError as error:
        raise MalformedBody("The form cannot be read.") from error


def _read_multipart(request: RawRequest) -> list[tuple[str, str]]:
    parser = FormDataParser(silent=False, max_form_parts=_MAX_FIELDS, max_form_memory_size=len(request.body) + 1)
    options = parse_options_header(request.content_type)[1]
    try:
        _stream, form, _files = parser.parse(io.BytesIO(request.body), _MULTIPART, len(request.body), options)
    except (ValueError, HTTPException) as error:
        raise MalformedBody("The form cannot be read.") from error
    return list(form.items(multi=True))


def _collect(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    # Boxes that may be ticked together share one name.
    found: dict[str, Any] = {}
    for name, value in ((storable(name), storable(value)) for name, value in pairs):
        found[name] = f"{found[name]}, {value}" if found.get(name) and value else value or found.get(name, "")
    return found


def _digest(payload: Mapping[str, Any]) -> str:
    """Return an id for a form without one: the same content on the same day is a second click."""
    # Of a second click only the time is another one.
    said = {name: value for name, value in payload.items() if name != JOURNEY_FIELD}
    content = json.dumps(said, sort_keys=True, ensure_ascii=False).encode()
    return f"{datetime.now(timezone.utc):%Y-%m-%d}-{hashlib.sha256(content).hexdigest()}"
