"""Calls to vendors' APIs: the only file that speaks HTTP to the outside.

A call always ends in time, never follows a redirect (the token would travel along), and ends in an ``Answer`` or in one
of two errors: ``VendorBusy`` (ask again later) or ``VendorRefused`` (asking again changes nothing). Neither error nor
log line holds an address with parameters, a header or a body: tokens and people's data stand there.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import requests

from ..exceptions import VendorBusy, VendorError, VendorRefused

_logger = logging.getLogger(__name__)

MAX_WAIT_SECONDS = 24 * 3600
_MAX_BYTES = 8 * 1024 * 1024
_BUSY_STATUSES = {408, 423, 425, 429}


@dataclass(frozen=True)
class Answer:
    """What a vendor answered.

    :param headers: names in lower case
    :param body: the JSON value, or None where the body is none
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    @property
    def is_ok(self) -> bool:
        return 200 <= self.status < 300


# Returns the error that an answer means to this vendor, or None for one that is fine.
Judge = Callable[[Answer], VendorError | None]


def judge_status(answer: Answer) -> VendorError | None:
    """Return the error that the status alone tells; vendors with codes of their own bring their own judge."""
    if answer.is_ok:
        return None
    wait = read_retry_after(answer.headers.get("retry-after"))
    if answer.status in _BUSY_STATUSES:
        return VendorBusy("throttled" if answer.status == 429 else "busy", answer.status, retry_after=wait)
    if answer.status >= 500:
        return VendorBusy("broken", answer.status, retry_after=wait)
    if 300 <= answer.status < 400:
        return VendorRefused("redirected", answer.status)
    return VendorRefused({401: "token", 403: "permission", 404: "gone"}.get(answer.status, "refused"), answer.status)


def read_retry_after(value: str | None, now: datetime | None = None) -> int | None:
    """Return the seconds that a ``Retry-After`` header asks for, bounded to a day.

    >>> read_retry_after("120"), read_retry_after("soon"), read_retry_after("999999999")
    (120, None, 86400)
    """
    text = (value or "").strip()
    if text.isdecimal() and text.isascii():
        return min(int(text[:12]), MAX_WAIT_SECONDS)
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    seconds = (moment - (now or datetime.now(timezone.utc))).total_seconds()
    return int(min(max(seconds, 0), MAX_WAIT_SECONDS))


class VendorHttp:
    """A client for calls made one after the other while no transaction is open; threads have one each.

    :param silent_seconds: how long a connection may take, and how long the vendor may be silent
    :param total_seconds: how long one call may take altogether
    """

    def __init__(self, silent_seconds: float = 12, total_seconds: float = 30):
        self._timeout = silent_seconds
        self._total_seconds = total_seconds
        self._session = requests.Session()

    def __enter__(self) -> "VendorHttp":
        return self

    def __exit__(self, *_error: object) -> None:
        self._session.close()

    def get(
        self, url: str, params: Mapping[str, Any] | None = None, *, token: str = "", judge: Judge = judge_status
    ) -> Answer:
        """Ask for something. For parameters and errors see ``call``."""
        return self.call("GET", url, params=params, token=token, judge=judge)

    def post(
        self, url: str, body: Any = None, *, form: Mapping[str, Any] | None = None, token: str = "",
        headers: Mapping[str, str] | None = None, judge: Judge = judge_status,
    ) -> Answer:  # fmt: skip
        """Send a JSON value or a form. For parameters and errors see ``call``."""
        return self.call("POST", url, json=body, data=form, token=token, headers=headers, judge=judge)

    def call(
        self, method: str, url: str, *, token: str = "", headers: Mapping[str, str] | None = None,
        judge: Judge = judge_status, **arguments: Any,
    ) -> Answer:  # fmt: skip
        """Make one call.

        :param url: address without secrets; https unless it is this machine
        :param token: sent as ``Authorization: Bearer``
        :param judge: tells what the answer means
        :param arguments: ``params``, ``json`` or ``data`` of ``requests``
        :raise VendorBusy: not reached, no answer in time, or an answer that asks to come again
        :raise VendorRefused: anything else that is not a success
        """
        host = _check_address(url)
        result = self._ask(method, url, {"User-Agent": "sales-pipeline", **(headers or {})}, token, arguments)
        error = result if isinstance(result, VendorError) else judge(result)
        # Raised here, outside of any handler, so that no trace carries the words of the error beneath.
        if error is not None:
            _logger.info("%s %s: %s (%s)", method, host, error.code, error.status)
            raise error
        return result

    def _ask(
        self, method: str, url: str, headers: dict[str, str], token: str, arguments: dict[str, Any]
    ) -> Answer | VendorError:
        try:
            response = self._session.request(
                method, url, headers=headers, auth=_Bearer(token), timeout=self._timeout, allow_redirects=False,
                stream=True, **arguments,
            )  # fmt: skip
            with response:
                raw = self._read(response)
        except requests.Timeout:
            return VendorBusy("timeout")
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidHeader, ValueError):
            # A header that cannot be written is a token with characters that no token has.
            return VendorRefused("request")
        except (requests.RequestException, OSError):
            return VendorBusy("unreachable")
        return raw if isinstance(raw, VendorError) else _to_answer(response, raw)

    def _read(self, response: requests.Response) -> bytes | VendorError:
        end = time.monotonic() + self._total_seconds
        found = bytearray()
        for chunk in response.iter_content(4096):
            found += chunk
            if len(found) > _MAX_BYTES:
                return VendorRefused("too_large", response.status_code)
            if time.monotonic() > end:
                return VendorBusy("timeout")
        return bytes(found)


class _Bearer(requests.auth.AuthBase):
    """Put the token into the header; without this class the machine's netrc file would choose another."""

    def __init__(self, token: str):
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _check_address(url: str) -> str:
    """Return the host of an address that a token may be sent to."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", None
    if not host or parts.username is not None or parts.scheme not in ("https", "http"):
        raise VendorRefused("address")
    if parts.scheme == "http" and not _is_this_machine(host):
        raise VendorRefused("insecure_address")
    return host


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _to_answer(response: requests.Response, raw: bytes) -> Answer:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        # Gateways in between answer in HTML; the status says enough.
        body = None
    return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)
