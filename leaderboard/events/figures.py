"""How good and how fair a timetable is, as plain numbers. Pure."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from leaderboard.events.timetable import Hall, Meeting, Party, Timetable, Wish


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one timetable. ``served``: share of parties with at least one meeting; ``gini`` of meetings over parties, 0 is even;
    ``worst_decile``: the mean of what its meetings are worth to a party, over the tenth that has least (at least one party);
    ``filled``: share of the places of the hall that are taken. Shares are None where there is nobody.
    """

    meetings: int
    parties: int
    value: float
    worth: float
    bound: float
    gap: float
    exact: bool
    served: float | None
    gini: float | None
    worst_decile: float | None
    blocking: int
    unserved: int
    dropped: int
    filled: float | None

    def stored(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def figures_of(
    timetable: Timetable, suppliers: Sequence[Party], demanders: Sequence[Party], wishes: Sequence[Wish], hall: Hall
) -> Figures:
    """The figures of a timetable of this input."""
    parties = [party.key for party in (*suppliers, *demanders)]
    met = Counter(key for meeting in timetable.meetings for key in meeting.pair)
    gained = worth_by_party(timetable.meetings, wishes)
    places = hall.tables * (hall.slots - len(hall.breaks))
    return Figures(
        meetings=len(timetable.meetings),
        parties=len(parties),
        value=timetable.value,
        worth=timetable.worth,
        bound=timetable.bound,
        gap=timetable.gap,
        exact=timetable.exact,
        served=sum(met[key] > 0 for key in parties) / len(parties) if parties else None,
        gini=gini([met[key] for key in parties]),
        worst_decile=worst_decile([gained.get(key, 0.0) for key in parties]),
        blocking=len(timetable.blocking_pairs),
        unserved=len(timetable.unserved),
        dropped=len(timetable.floors_dropped),
        filled=len(timetable.meetings) / places if places else None,
    )


def worth_by_party(meetings: Sequence[Meeting], wishes: Sequence[Wish]) -> dict[str, float]:
    """What its meetings are worth to each party alone."""
    known = {(wish.supplier, wish.demander): wish for wish in wishes}
    gained: dict[str, list[float]] = {}
    for meeting in meetings:
        wish = known[meeting.pair]
        for key, own in ((wish.supplier, wish.to_supplier), (wish.demander, wish.to_demander)):
            gained.setdefault(key, []).append(wish.value if own is None else own)
    return {key: math.fsum(values) for key, values in gained.items()}


def gini(counts: Sequence[float]) -> float | None:
    """Gini's coefficient of numbers that are not negative; None where there are none, or all are 0.

    >>> gini([1, 1, 1]), gini([0, 0, 3])
    (0.0, 0.6666666666666666)
    """
    total = math.fsum(counts)
    if not counts or total == 0:
        return None
    ranked = math.fsum((2 * place - len(counts) - 1) * count for place, count in enumerate(sorted(counts), 1))
    return ranked / (len(counts) * total)


def worst_decile(values: Sequence[float]) -> float | None:
    """Mean of the lowest tenth, rounded up to whole parties; None where there are none.

    >>> worst_decile([3.0, 1.0, 2.0])
    1.0
    """
    if not values:
        return None
    lowest = sorted(values)[: max(1, math.ceil(len(values) / 10))]
    return math.fsum(lowest) / len(lowest)
