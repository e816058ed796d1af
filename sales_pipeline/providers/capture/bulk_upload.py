"""Rows of an imported list, already brought under our own words."""

from collections.abc import Mapping
from typing import Any

from ...exceptions import MalformedBody, NotVerified
from .base import CaptureProvider, RawRequest, StoredItem
from .questions import Question


class BulkUploadProvider(CaptureProvider):
    """Read rows that a user uploaded; there is no public way to send them."""

    channel = "bulk_upload"

    def verify(self, request: RawRequest) -> None:
        raise NotVerified("no_route")

    def split(self, request: RawRequest) -> list[StoredItem]:
        raise MalformedBody("Lists are uploaded, not posted.")

    def read_questions(self, payload: Mapping[str, Any]) -> list[Question]:
        values = [Question(name, name, value, name) for name, value in (payload.get("values") or {}).items()]
        return values + [Question(str(name), str(name), str(text)) for name, text in payload.get("answers") or []]
