"""Rows of an imported list, already brought under our own words."""

from collections.abc import Mapping
from typing import Any

from ...exceptions import MalformedBody, NotVerified
from .base import CapturedLead, CaptureProvider, RawRequest, StoredItem
from .fields import read_fields


class BulkUploadProvider(CaptureProvider):
    """Read rows that a user uploaded; there is no public way to send them."""

    channel = "bulk_upload"

    def verify(self, request: RawRequest) -> None:
        raise NotVerified("no public route")

    def split(self, request: RawRequest) -> list[StoredItem]:
        raise MalformedBody("Lists are uploaded, not posted.")

    def parse(self, payload: Mapping[str, Any], external_id: str = "") -> CapturedLead:
        answers = [(str(question), str(answer)) for question, answer in payload.get("answers") or []]
        return read_fields(payload.get("values") or {}, answers, external_id, self.channel, self.country_code)
