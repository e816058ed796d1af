"""What somebody decided about a merge: who stays, in which order the others follow, whose value counts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class MergePlan:
    """A decided merge.

    ``order`` holds ids, first the one that stays, then the others, the best first: a blank is filled by the first of
    them that knows. ``choices`` names by field the id whose value counts.
    """

    order: tuple[int, ...]
    choices: Mapping[str, int] = field(default_factory=dict)

    def sort(self, ids: Iterable[int]) -> list[int]:
        """Return ids in the plan's order; those it does not name come last.

        >>> MergePlan((3, 1)).sort([1, 2, 3])
        [3, 1, 2]
        """
        places = {id_: place for place, id_ in enumerate(self.order)}
        return sorted(ids, key=lambda id_: places.get(id_, len(places)))
