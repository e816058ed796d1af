"""What a search for duplicates answers."""

from dataclasses import dataclass

from .similarity_parts import Reason


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record that may be the same contact.

    ``kind`` is ``same`` or ``ask``, ``score`` from 0 to 1; ``customer_id`` is the customer that a partner is, if any.
    """

    res_model: str
    res_id: int
    score: float
    kind: str
    reasons: tuple[Reason, ...]
    customer_id: int | None = None


@dataclass(frozen=True, slots=True)
class VisibleCandidates:
    """The candidates that a user may see, and of how many more the user learns nothing but that they are there."""

    candidates: tuple[Candidate, ...]
    hidden_same: int = 0
    hidden_ask: int = 0
