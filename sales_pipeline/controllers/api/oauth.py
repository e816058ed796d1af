"""OAuth 2.0 client credentials (RFC 6749, section 4.4): its own form and its own errors."""

import base64
from urllib.parse import parse_qsl, unquote_plus

from odoo.api import SUPERUSER_ID
from odoo.http import Controller, Response, request

from ...rest import api
from ...rest.api import Operation, reply
from ...rest.auth import count_failure
from ...rest.call import current_call

_HOUR = 3600
_MOST_PARAMETERS = 20


class OAuthController(Controller):
    @api.route("/api/oauth/token", methods=["POST"], operation=Operation(
        "Trade client id and secret for an access token of an hour", scope=None, tag="System", answer="OAuthToken",
        body="OAuthTokenRequest", is_public=True, is_form=True,
        others={400: "The request is not one of RFC 6749", 401: "The secret is wrong"},
        description="Send a form with grant_type=client_credentials and, if wanted, scope; the client id and its "
        "secret as Basic credentials or as client_id and client_secret. Errors are those of RFC 6749.",
    ))  # fmt: skip
    def make_token(self) -> Response:
        """Answer with an access token, or with an error as RFC 6749 spells it."""
        try:
            form = _read_form(current_call().raw)
            client_key, secret = _read_credentials(form)
            return reply(_make_token(form, client_key, secret))
        except _OAuthError as error:
            # Nothing was written, so nothing needs to be rolled back.
            body = {"error": error.code, "error_description": error.detail}
            return reply(body, 401 if error.code == "invalid_client" else 400, headers=error.headers)


class _OAuthError(Exception):
    def __init__(self, code: str, detail: str, headers: dict[str, str] | None = None):
        super().__init__(code)
        self.code, self.detail, self.headers = code, detail, headers


def _make_token(form: dict[str, str], client_key: str, secret: str) -> dict:
    clients = request.env(user=SUPERUSER_ID)["pipeline.api.client"]
    grant = clients._find_oauth_grant(client_key, secret)
    if grant is None or not grant.is_in_network(request.httprequest.remote_addr):
        count_failure(request)
        raise _bad_client("There is no such client and secret, they are over, or the network is not allowed.")
    if form.get("grant_type") != "client_credentials":
        raise _OAuthError(
            "unsupported_grant_type" if form.get("grant_type") else "invalid_request",
            "Send grant_type=client_credentials.",
        )
    asked = set(form.get("scope", "").split()) or grant.scopes
    if missing := sorted(asked - grant.scopes):
        raise _OAuthError("invalid_scope", f"The client does not hold {_printable(missing[0])}.")
    scope = " ".join(sorted(asked))
    _token, text = clients.browse(grant.client_id)._issue_token("access", scopes=scope)
    return {"access_token": text, "token_type": "Bearer", "expires_in": _HOUR, "scope": scope}


def _read_form(raw: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_PARAMETERS, errors="strict")
    except ValueError as error:
        raise _OAuthError("invalid_request", "The form cannot be read.") from error
    form = dict(pairs)
    if len(form) < len(pairs) or any("\0" in value for value in form.values()):
        raise _OAuthError("invalid_request", "Send each parameter once, as text.")
    return form


def _read_credentials(form: dict[str, str]) -> tuple[str, str]:
    kind, _space, coded = request.httprequest.headers.get("Authorization", "").partition(" ")
    if not kind:
        return form.get("client_id", ""), form.get("client_secret", "")
    if "client_secret" in form:
        raise _OAuthError("invalid_request", "Send the credentials in one place: the header or the form.")
    try:
        text = base64.b64decode(coded.strip(), validate=True).decode() if kind.lower() == "basic" else ""
    except ValueError:
        text = ""
    client_key, colon, secret = text.partition(":")
    if not colon or "\0" in text:
        raise _bad_client("Send Basic credentials: the client id, a colon, the secret.")
    return unquote_plus(client_key).replace("\0", ""), unquote_plus(secret)


def _bad_client(detail: str) -> _OAuthError:
    return _OAuthError("invalid_client", detail, {"WWW-Authenticate": 'Basic realm="oauth"'})


def _printable(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable() and sign not in '"\\')[:80]
