"""What the threads do that send webhooks: plain data in, plain data out, no database."""

import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from queue import SimpleQueue

from ...providers import pinned
from ...tools.webhook_signature import sign

_logger = logging.getLogger(__name__)

# Endpoints that show these are left alone for a while.
HUNG = {"timeout", "reset", "refused", "unreachable", "tls", "unknown_host"}


@dataclass(frozen=True)
class Parcel:
    """One message, ready to go."""

    id: int
    message_id: str
    number: int
    body: bytes


@dataclass(frozen=True)
class Batch:
    """Messages for one endpoint, and all that a thread needs to send them."""

    webhook_id: int
    key: str
    url: str
    secrets: tuple[str, ...]
    networks: tuple[str, ...] | None
    parcels: tuple[Parcel, ...]
    end: float


@dataclass(frozen=True)
class Outcome:
    """What came of a message; without an answer it was not sent and none is counted."""

    batch: Batch
    parcel: Parcel
    answer: pinned.PinnedAnswer | None = None
    at: datetime | None = None
    milliseconds: int = 0
    headers: dict[str, str] = field(default_factory=dict)


def send_batch(batch: Batch, outcomes: SimpleQueue) -> None:
    """Send messages one after the other; the first that hangs ends it, and the others wait for a better time."""
    is_over = False
    try:
        for parcel in batch.parcels:
            if is_over or time.monotonic() >= batch.end:
                outcomes.put(Outcome(batch, parcel))
                continue
            outcome = _send_one(batch, parcel)
            outcomes.put(outcome)
            is_over = outcome.answer.error in HUNG or outcome.answer.status == 410
    except Exception:
        _logger.exception("Webhook %s could not be sent", batch.webhook_id)
    finally:
        outcomes.put(batch.webhook_id)


def _send_one(batch: Batch, parcel: Parcel) -> Outcome:
    at, start = datetime.utcnow(), time.monotonic()
    timestamp = int(at.replace(tzinfo=UTC).timestamp())
    headers = {
        "Content-Type": "application/json", "User-Agent": "sales-pipeline-webhooks/1", "webhook-id": parcel.message_id,
        "webhook-timestamp": str(timestamp),
    }  # fmt: skip
    signature = sign(batch.secrets, parcel.message_id, timestamp, parcel.body)
    answer = pinned.deliver(batch.url, parcel.body, {**headers, "webhook-signature": signature}, batch.networks)
    return Outcome(batch, parcel, answer, at, int((time.monotonic() - start) * 1000), headers)
