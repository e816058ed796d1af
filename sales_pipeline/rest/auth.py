"""Who asks: the bearer token of a request."""

from odoo.api import SUPERUSER_ID, Environment

from ..models.primary import primary_cursor
from . import limits
from .call import Caller
from .problems import ApiProblem, unauthenticated

# Our tokens; everything else is taken for a key that Odoo made.
_OURS = ("spt_", "spa_")
_MAX_TOKEN = 200
_FAILURES, _FAILURE_SECONDS = 30, 60


def authenticate(request) -> Caller:
    """Return the caller that the token of a request proves; a cookie proves nobody.

    :raise ApiProblem: 401, 403, 429
    """
    kind, _space, token = request.httprequest.headers.get("Authorization", "").partition(" ")
    token = token.strip()
    if kind.lower() != "bearer" or not token:
        raise unauthenticated()
    env = request.env(user=SUPERUSER_ID)
    caller = None
    if len(token) <= _MAX_TOKEN and token.isascii() and token.isprintable():
        find = _find_client if token.startswith(_OURS) else _find_key_holder
        caller = find(env, token, request.httprequest.remote_addr)
    if caller is None:
        count_failure(request)
        raise unauthenticated()
    return caller


def count_failure(request) -> None:
    """Count a secret that was wrong against the address it came from.

    :raise ApiProblem: 429
    """
    failures = Caller(f"fail:{request.httprequest.remote_addr}", quota=_FAILURES, window_seconds=_FAILURE_SECONDS)
    state = limits.count_request(request.db, failures)
    if state and state.is_refused:
        wait = max(state.reset_seconds, 1)
        raise ApiProblem(
            429, "rate-limited", f"Too many wrong tokens. Wait {wait} seconds, then send a valid one.",
            headers={"Retry-After": str(wait)}, retry_after=wait,
        )  # fmt: skip


def list_origins(env: Environment) -> tuple[str, ...]:
    """Return the websites whose pages may send to this database: those of all active clients."""
    return env["pipeline.api.client"]._get_all_origins()


def _find_client(env: Environment, token: str, address: str | None) -> Caller | None:
    clients = env["pipeline.api.client"]
    grant = clients._find_grant(token)
    if grant is None and env.cr.readonly:
        # A token that was made a moment ago may not have reached the replica.
        with primary_cursor(env.cr.dbname) as cr:
            grant = clients._find_grant(token, cr)
    if grant is None:
        return None
    if not grant.is_in_network(address):
        raise ApiProblem(
            403, "network-not-allowed", f"The client may not ask from {address}. An administrator can add the network."
        )
    return Caller(
        f"client:{grant.client_id}", grant.user_id, grant.company_id, grant.scopes, grant.client_id, grant.origins,
        grant.quota, grant.seconds, grant.token_id,
    )  # fmt: skip


def _find_key_holder(env: Environment, token: str, _address: str | None) -> Caller | None:
    user_id = env["res.users.apikeys"]._check_credentials(scope="rpc", key=token)
    user = env["res.users"].browse(user_id)
    if not user_id or not user.active or user.share:
        return None
    plan = env["pipeline.api.plan"]._get_default()
    return Caller(f"user:{user.id}", user.id, user.company_id.id, quota=plan.quota, window_seconds=plan.seconds or 10)
