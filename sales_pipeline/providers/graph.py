"""Meta's Graph API: its address, its error codes, its waits.

Codes: developers.facebook.com/docs/graph-api/guides/error-handling and .../overview/rate-limiting, read November 2026.
The codes decide; the HTTP status and the sentence beside them change.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..exceptions import VendorBusy, VendorError, VendorRefused
from ..tools.signatures import hmac_sha256_hex
from ..tools.text import one_line
from .http import MAX_WAIT_SECONDS, Answer, VendorHttp, judge_status, read_retry_after

BASE_URL = "https://graph.facebook.com"
# A new version appears two or three times a year and lives for about two.
API_VERSION = "v24.0"
_THROTTLED = {4, 17, 32, 613, *range(80000, 80015)}
_TRANSIENT = {1, 2}
_TOKEN = {102, 190}
_PERMISSION = {3, 10, *range(200, 300)}
_GONE = {33, 100}
_PLACE = re.compile(r"\w+(/\w+)?", re.ASCII)


class GraphClient:
    """Ask the Graph API on behalf of one page.

    :param http: the client of ``providers.http``
    :param settings: ``token``, and optionally ``base_url`` and ``api_version``
    :param secrets: the app's secrets, for apps that want each call proved
    """

    def __init__(self, http: VendorHttp, settings: Mapping[str, Any], secrets: Sequence[str] = ()):
        self._http = http
        self._token = settings.get("token") or ""
        base = (settings.get("base_url") or BASE_URL).rstrip("/")
        self._root = f"{base}/{settings.get('api_version') or API_VERSION}"
        self._secrets = secrets
        self._is_proved = False

    def get(self, place: str, **params: Any) -> dict[str, Any]:
        """Return the object at a place.

        :param place: an id, or an id and an edge (``123/leads``)
        :raise VendorBusy: later it may work
        :raise VendorRefused: ``token``, ``permission``, ``gone`` or ``refused``
        """
        if not self._token:
            raise VendorRefused("token_missing")
        if not _PLACE.fullmatch(place):
            raise VendorRefused("gone")
        try:
            return self._ask(place, params)
        except VendorRefused as error:
            if error.code != "proof_missing" or self._is_proved or not self._secrets:
                raise
        # Apps may insist on a proof of the secret; an app that does not would refuse the proof of another one's.
        self._is_proved = True
        return self._ask(place, params)

    def _ask(self, place: str, params: Mapping[str, Any]) -> dict[str, Any]:
        proof = {"appsecret_proof": hmac_sha256_hex(self._secrets[0], self._token.encode())} if self._is_proved else {}
        answer = self._http.get(f"{self._root}/{place}", {**params, **proof}, token=self._token, judge=judge_graph)
        if not isinstance(answer.body, dict):
            raise VendorBusy("unreadable", answer.status)
        return answer.body

    def iterate(self, place: str, pages: int, **params: Any) -> Iterator[dict[str, Any]]:
        """Return the objects of an edge, from a bounded number of pages."""
        after = None
        for _page in range(pages):
            body = self.get(place, **params, **({"after": after} if after else {}))
            yield from (item for item in body.get("data") or [] if isinstance(item, dict))
            after = get_next(body)
            if not after:
                return


def get_next(body: Mapping[str, Any]) -> str | None:
    """Return the cursor of the page after this one; the address of it holds the token and is not used."""
    paging = body.get("paging")
    if not isinstance(paging, Mapping) or not paging.get("next"):
        return None
    cursors = paging.get("cursors")
    return one_line(cursors.get("after"), 1000) if isinstance(cursors, Mapping) else None


def judge_graph(answer: Answer) -> VendorError | None:
    """Return the error that an answer of the Graph API means."""
    error = answer.body.get("error") if isinstance(answer.body, dict) else None
    if not isinstance(error, Mapping):
        return judge_status(answer)
    code = error.get("code")
    if code in _THROTTLED:
        return VendorBusy("throttled", answer.status, vendor_code=code, retry_after=read_wait(answer.headers))
    if code in _TRANSIENT or error.get("is_transient") is True or answer.status >= 500:
        return VendorBusy("broken", answer.status, vendor_code=code, retry_after=read_wait(answer.headers))
    if code == 100 and "appsecret_proof" in str(error.get("message")):
        return VendorRefused("proof_missing", answer.status, vendor_code=code)
    kinds = (("token", _TOKEN), ("permission", _PERMISSION), ("gone", _GONE))
    kind = next((kind for kind, codes in kinds if code in codes), "refused")
    return VendorRefused(kind, answer.status, vendor_code=code if isinstance(code, int) else None)


def read_wait(headers: Mapping[str, str]) -> int | None:
    """Return the seconds after which the limits let us in again, as far as the headers say.

    >>> read_wait({"x-business-use-case-usage": '{"1": [{"estimated_time_to_regain_access": 12}]}'})
    720
    """
    try:
        usages = json.loads(headers.get("x-business-use-case-usage") or "{}")
        minutes = max(
            (int(usage.get("estimated_time_to_regain_access") or 0) for found in usages.values() for usage in found),
            default=0,
        )
    except (ValueError, TypeError, AttributeError, OverflowError):
        minutes = 0
    return min(minutes * 60, MAX_WAIT_SECONDS) if minutes > 0 else read_retry_after(headers.get("retry-after"))
