"""A POST that is sent twice with the same key is carried out once.

The right to work is a row that is written before the work, by a transaction of its own; the answer is a row of the
work's own transaction. So a process that dies leaves either both the work and its answer, or a right whose database
connection has ended: the next request with the key takes it over.
"""

import hashlib
from dataclasses import dataclass
from uuid import uuid4

import psycopg2.extras
from odoo.exceptions import ConcurrencyError
from odoo.http import Response
from odoo.tools import SQL, config

from ..models.primary import primary_cursor
from .call import ApiCall
from .problems import ApiProblem, FieldError

_KEPT_HEADERS = ("Content-Type", "ETag", "Link", "Location")
_LEAST_LEASE_SECONDS, _LEASE_SPARE_SECONDS = 180, 60
_TRIES = 5


@dataclass(frozen=True)
class Claim:
    """The right to carry out the request of a key; id 0: nothing is kept."""

    id: int
    attempt: str


@dataclass(frozen=True)
class StoredAnswer:
    """What the first request was answered."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def claim(dbname: str, call: ApiCall, backend_pid: int) -> Claim | StoredAnswer:
    """Claim the key of a call, or return what was answered before.

    ``call.claim`` is set when Odoo runs the same request once more.

    :param backend_pid: of the connection that will do the work; while it lives, the work may still be done
    :raise ApiProblem: 409 while another request holds the key, 422 when the key belongs to another request
    """
    with primary_cursor(dbname) as cr:
        if call.claim:
            return _read_answer(cr, call.claim.id) or call.claim
        for _try in range(_TRIES):
            if found := _insert(cr, call, backend_pid) or _find(cr, call, backend_pid):
                return found
    raise _in_flight()


def store_answer(cr, claim: Claim, response: Response) -> None:
    """Keep a successful answer, in the transaction of the work.

    :raise ConcurrencyError: another attempt was faster; Odoo runs the request again, which finds that answer
    """
    headers = [[name, value] for name, value in response.headers.items() if name in _KEPT_HEADERS]
    cr.execute(SQL(
        """
        INSERT INTO pipeline_api_answer (claim_id, attempt, status, headers, body, created_at)
        VALUES (%s, %s, %s, %s, %s, now() AT TIME ZONE 'utc') ON CONFLICT (claim_id) DO NOTHING
        """,
        claim.id, claim.attempt, response.status_code, psycopg2.extras.Json(headers),
        psycopg2.Binary(response.get_data()),
    ))  # fmt: skip
    if not cr.rowcount:
        raise ConcurrencyError("Another request with the same key was answered first")


def release(dbname: str, claim: Claim) -> None:
    """Give the key back after a failure, in a transaction of its own.

    Not when there is an answer after all: a connection that breaks while it commits does not tell what became of it.
    """
    with primary_cursor(dbname) as cr:
        cr.execute(SQL(
            """
            DELETE FROM pipeline_api_claim WHERE id = %s AND attempt = %s
               AND NOT EXISTS (SELECT FROM pipeline_api_answer WHERE claim_id = pipeline_api_claim.id)
            """,
            claim.id, claim.attempt,
        ))  # fmt: skip


def _insert(cr, call: ApiCall, backend_pid: int) -> Claim | None:
    attempt = str(uuid4())
    cr.execute(SQL(
        """
        INSERT INTO pipeline_api_claim
               (caller, key, fingerprint, attempt, backend_pid, backend_start, lease_until, created_at)
        SELECT %s, %s, %s, %s, %s, %s, now() AT TIME ZONE 'utc' + %s * interval '1 second', now() AT TIME ZONE 'utc'
        ON CONFLICT (caller, key) DO NOTHING RETURNING id
        """,
        call.caller.key, call.key, _make_fingerprint(call), attempt, backend_pid, _get_start(backend_pid),
        _get_lease_seconds(),
    ))  # fmt: skip
    found = cr.fetchone()
    return Claim(found[0], attempt) if found else None


def _find(cr, call: ApiCall, backend_pid: int) -> Claim | StoredAnswer | None:
    """Return what the row of a key means for this call; None: the row is gone, or has just changed."""
    cr.execute(SQL(
        """
        SELECT id, fingerprint, attempt,
               lease_until > now() AT TIME ZONE 'utc' AND EXISTS (
                   SELECT FROM pg_stat_activity WHERE pid = backend_pid
                      AND backend_start AT TIME ZONE 'utc' = pipeline_api_claim.backend_start),
               created_at < now() AT TIME ZONE 'utc' - interval '24 hours'
          FROM pipeline_api_claim WHERE caller = %s AND key = %s
        """,
        call.caller.key, call.key,
    ))  # fmt: skip
    found = cr.fetchone()
    if not found:
        return None
    claim_id, fingerprint, attempt, is_alive, is_old = found
    # Read after the work was seen to be over: what it committed shows now.
    answer = _read_answer(cr, claim_id)
    if is_old and (answer or not is_alive):
        _forget(cr, claim_id)
        return None
    if fingerprint != _make_fingerprint(call):
        detail = "This key was sent with another request. Use a new key for a new request."
        raise ApiProblem(
            422, "key-reused", detail, errors=[FieldError(("header", "Idempotency-Key"), "reused", detail)]
        )
    if answer:
        return answer
    if is_alive:
        raise _in_flight()
    return _take_over(cr, Claim(claim_id, attempt), backend_pid)


def _take_over(cr, former: Claim, backend_pid: int) -> Claim | None:
    attempt = str(uuid4())
    cr.execute(SQL(
        """
        UPDATE pipeline_api_claim SET attempt = %s, backend_pid = %s, backend_start = %s,
               lease_until = now() AT TIME ZONE 'utc' + %s * interval '1 second'
         WHERE id = %s AND attempt = %s
        """,
        attempt, backend_pid, _get_start(backend_pid), _get_lease_seconds(), former.id, former.attempt,
    ))  # fmt: skip
    return Claim(former.id, attempt) if cr.rowcount else None


def _read_answer(cr, claim_id: int) -> StoredAnswer | None:
    cr.execute(SQL("SELECT status, headers, body FROM pipeline_api_answer WHERE claim_id = %s", claim_id))
    found = cr.fetchone()
    if not found:
        return None
    status, headers, body = found
    return StoredAnswer(status, tuple((name, value) for name, value in headers), bytes(body or b""))


def _forget(cr, claim_id: int) -> None:
    cr.execute(SQL("DELETE FROM pipeline_api_answer WHERE claim_id = %s", claim_id))
    cr.execute(SQL("DELETE FROM pipeline_api_claim WHERE id = %s", claim_id))


def _get_start(backend_pid: int) -> SQL:
    """Return the expression for when a database connection began: numbers of processes are used again."""
    return SQL("(SELECT backend_start AT TIME ZONE 'utc' FROM pg_stat_activity WHERE pid = %s)", backend_pid)


def _get_lease_seconds() -> int:
    """Return how long work may take; after that it is given up even if its connection lives, as behind a pooler."""
    return max(int(config["limit_time_real"] or 0) + _LEASE_SPARE_SECONDS, _LEAST_LEASE_SECONDS)


def _make_fingerprint(call: ApiCall) -> str:
    digest = hashlib.sha256()
    for part in (call.method, call.path, call.query_string):
        digest.update(part.encode("utf-8", "surrogatepass") + b"\0")
    digest.update(call.raw)
    return digest.hexdigest()


def _in_flight() -> ApiProblem:
    return ApiProblem(
        409, "key-in-flight", "The first request with this key is still running. Send it again in a second.",
        headers={"Retry-After": "1"}, retry_after=1,
    )  # fmt: skip
