"""Google and Meta as far as conversions go: they check what they are sent, count it once, and may lose answers."""

import json
import re
import time
from collections import deque
from typing import Any
from urllib.parse import parse_qs

from tests.fakes import Asked, FakeVendor, Reply

ACCOUNT, REFRESH, DEVELOPER, DATA_SET, META_TOKEN = "1234567890", "refresh-1", "developer-1", "445566", "meta-token-1"
_HASH = re.compile(r"[0-9a-f]{64}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d")
_PERSON_FIELDS = {"hashedEmail", "hashedPhoneNumber", "emailAddress", "phoneNumber"}


class AdPlatform(FakeVendor):
    """A platform with a memory.

    :ivar counted: what was counted, by conversion action or event name and by order or event id
    :ivar offered: every conversion that was sent, counted or not
    :ivar refusing: click id -> the platform's word for refusing it
    :ivar lost_answers: how many honest answers get lost on the way, after the request did its work
    :ivar api_troubles: replies to give before the honest ones, once the caller has signed in
    """

    def __init__(self):
        super().__init__()
        self.counted: dict[tuple[str, str], dict[str, Any]] = {}
        self.offered: list[dict[str, Any]] = []
        self.refusing: dict[str, str] = {}
        self.lost_answers = 0
        self.api_troubles: deque[Reply] = deque()

    def count(self, action: str, key: str, row: dict[str, Any]) -> bool:
        """Count a conversion, unless it is there already."""
        return self.counted.setdefault((action, key), row) is row

    def fail_api(self, times: int = 1, **reply: Any) -> None:
        """Let the next requests of somebody who has signed in fail."""
        self.api_troubles.extend(Reply(**reply) for _time in range(times))

    def keep(self, reply: Reply) -> Reply:
        """Return the reply, or lose it."""
        if self.lost_answers:
            self.lost_answers -= 1
            reply.is_reset = True
        return reply


class FakeGoogle(AdPlatform):
    """Sign-in, the Google Ads API and the Data Manager API behind one address."""

    def __init__(self):
        super().__init__()
        self.refresh_token = REFRESH
        self.signed_in = 0
        self.is_closed = False  # the road of old developer tokens

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/token":
            return self._sign_in(asked)
        if asked.headers.get("authorization") != f"Bearer access-{self.signed_in}":
            return _google_error(401, "UNAUTHENTICATED")
        if self.api_troubles:
            return self.api_troubles.popleft()
        body = json.loads(asked.body)
        if asked.path == f"/v26/customers/{ACCOUNT}:uploadClickConversions":
            return self._upload(asked, body)
        if asked.path == "/v1/events:ingest":
            return self._ingest(body)
        return _google_error(404, "NOT_FOUND")

    def _sign_in(self, asked: Asked) -> Reply:
        form = {name: values[0] for name, values in parse_qs(asked.body.decode()).items()}
        if form.get("refresh_token") != self.refresh_token or form.get("grant_type") != "refresh_token":
            return Reply(400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."})
        self.signed_in += 1
        return Reply(body={"access_token": f"access-{self.signed_in}", "expires_in": 3599, "token_type": "Bearer"})

    # ---- Google Ads API

    def _upload(self, asked: Asked, body: dict[str, Any]) -> Reply:
        if self.is_closed:
            return _google_error(403, "PERMISSION_DENIED", errors=[
                {"errorCode": {"authorizationError": "CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE"}}
            ])  # fmt: skip
        if asked.headers.get("developer-token") != DEVELOPER or body.get("partialFailure") is not True:
            return _google_error(400, "INVALID_ARGUMENT")
        errors, results = [], []
        for place, row in enumerate(body["conversions"]):
            self.offered.append(row)
            word = self._judge_upload(row)
            if not word and not self.count(row["conversionAction"].rpartition("/")[2], row["orderId"], row):
                word = "ORDER_ID_ALREADY_IN_USE"
            results.append({} if word else {"conversionAction": row["conversionAction"]})
            if word:
                errors.append({
                    "errorCode": {"conversionUploadError": word}, "message": "Refused.",
                    "location": {"fieldPathElements": [{"fieldName": "conversions", "index": place}]},
                })  # fmt: skip
        answer: dict[str, Any] = {"results": results, "jobId": "77"}
        if errors:
            kind = "type.googleapis.com/google.ads.googleads.v26.errors.GoogleAdsFailure"
            answer["partialFailureError"] = {
                "code": 3, "message": "Multiple errors", "details": [{"@type": kind, "errors": errors}],
            }  # fmt: skip
        return self.keep(Reply(body=answer))

    def _judge_upload(self, row: dict[str, Any]) -> str | None:
        clicks = [row[name] for name in ("gclid", "gbraid", "wbraid") if name in row]
        people = row.get("userIdentifiers", [])
        if len(clicks) != 1 or not _MOMENT.fullmatch(row["conversionDateTime"]):
            return "UNPARSEABLE_GCLID"
        if not _are_hashed(people):
            return "INVALID_USER_IDENTIFIER"
        return self.refusing.get(clicks[0])

    # ---- Data Manager API

    def _ingest(self, body: dict[str, Any]) -> Reply:
        self.offered += body["events"]
        actions = {found["reference"]: found["productDestinationId"] for found in body["destinations"]}
        for place, event in enumerate(body["events"]):
            (click,) = event["adIdentifiers"].values()
            people = event.get("userData", {}).get("userIdentifiers", [])
            word = self.refusing.get(click) or (None if _are_hashed(people) else "INVALID_SHA256_FORMAT")
            if word:
                violation = {"field": f"events.events[{place}]", "description": "Refused.", "reason": word}
                return _google_error(400, "INVALID_ARGUMENT", fieldViolations=[violation])
        for event in body["events"]:
            self.count(actions[event["destinationReferences"][0]], event["transactionId"], event)
        return self.keep(Reply(body={"requestId": f"request-{len(self.asked)}"}))


def _are_hashed(people: list[dict[str, str]]) -> bool:
    return all(
        len(person) == 1 and set(person) <= _PERSON_FIELDS and _HASH.fullmatch(next(iter(person.values())))
        for person in people
    )


def _google_error(status: int, word: str, **details: Any) -> Reply:
    return Reply(status, {"error": {"code": status, "message": "Refused.", "status": word, "details": [details]}})


class FakeMeta(AdPlatform):
    """The events edge of one data set: all events of a request are taken, or none."""

    def answer(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"Bearer {META_TOKEN}":
            return _graph_error(401, 190)
        if self.api_troubles:
            return self.api_troubles.popleft()
        if asked.path != f"/v24.0/{DATA_SET}/events":
            return _graph_error(400, 100, error_subcode=33)
        events = json.loads(asked.body)["data"]
        self.offered += events
        if not all(self._is_fine(event) for event in events):
            return _graph_error(400, 100, error_subcode=2804019)
        for event in events:
            self.count(event["event_name"], event["event_id"], event)
        return self.keep(Reply(body={"events_received": len(events), "messages": [], "fbtrace_id": "Trace1"}))

    def _is_fine(self, event: dict[str, Any]) -> bool:
        person, age = event["user_data"], time.time() - event["event_time"]
        hashed = [*person.get("em", []), *person.get("ph", [])]
        click = re.fullmatch(r"fb\.1\.(\d{13})\.(.+)", person.get("fbc", "fb.1.1700000000000.X"))
        return (
            event["action_source"] == "system_generated" and event["custom_data"]["event_source"] == "crm"
            and -60 < age < 7 * 24 * 3600 and all(map(_HASH.fullmatch, hashed)) and bool(click)
            and click[2] not in self.refusing and isinstance(person.get("lead_id", 1), int)
        )  # fmt: skip


def _graph_error(status: int, code: int, **more: Any) -> Reply:
    error = {"message": "Invalid parameter", "type": "OAuthException", "code": code, "fbtrace_id": "Trace2", **more}
    return Reply(status, {"error": error})
