"""Public ids of events that are older than their column: the number of the event, written as a UUID (version 8)."""

from uuid import UUID

# Told apart from other UUIDs of this version by the 58 bits after the number.
_MARK = 0x15EA9E0FE7E2A71 & ((1 << 58) - 1)
_MAX = (1 << 63) - 1


def to_uuid(event_id: int) -> str:
    """Return the public id of an event.

    :param event_id: positive, at most 63 bits
    """
    if not 0 < event_id <= _MAX:
        raise ValueError(f"{event_id} is no number of an event")
    high, middle, low = event_id >> 16, event_id >> 4 & 0xFFF, event_id & 0xF
    return str(UUID(int=high << 80 | 0x8 << 76 | middle << 64 | 0b10 << 62 | low << 58 | _MARK))


def to_event_id(uuid: str) -> int | None:
    """Return the number of the event that a public id was made of, or None for an id that was made otherwise."""
    value = UUID(uuid).int
    high, middle, low = value >> 80, value >> 64 & 0xFFF, value >> 58 & 0xF
    event_id = high << 16 | middle << 4 | low
    return event_id if 0 < event_id <= _MAX and to_uuid(event_id) == str(UUID(uuid)) else None
