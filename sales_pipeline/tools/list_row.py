"""What became of one row of a list."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .capture_draft import CaptureResult


@dataclass(frozen=True, slots=True)
class ListResult:
    """What became of a row, and what it changed on a lead that was known.

    :param filled: value by name of the fields that were empty before
    :param touch_ids: the touches that the row added
    """

    result: CaptureResult
    filled: Mapping[str, Any] = field(default_factory=dict)
    touch_ids: tuple[int, ...] = ()
