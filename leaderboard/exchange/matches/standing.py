"""Open demands as a supplier's page needs them: who may see each is asked anew every time, what they say is read once.

A version of a demand never changes, so what follows from its SHA-256 (and from how far its organization is verified) stays in
memory: of thousands of demands a page reads a line each from the database, and not their documents.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from threading import Lock
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from leaderboard.accounts.models import Organization
from leaderboard.core.work import Work
from leaderboard.exchange.demands import service as demands
from leaderboard.exchange.demands import showing
from leaderboard.exchange.demands.models import DemandRow, DemandVersion
from leaderboard.exchange.demands.service import BlindCard, Need
from leaderboard.exchange.demands.states import ACTIVE
from leaderboard.exchange.matches.cards import texts_of_need
from leaderboard.exchange.relevance import Text
from leaderboard.seasons.signals import Words
from leaderboard.terms.demand import Demand


@dataclass(slots=True)
class Standing:
    """A demand that is open, with what decides who sees it; ``organization``: its name."""

    id: int
    key: str
    organization_id: int
    state: str
    visibility: str
    card: str
    opened_at: datetime | None
    sha256: str
    organization: str
    verified: int

    @property
    def stamp(self) -> tuple[str, int]:
        """What its `Read` follows from."""
        return self.sha256, self.verified


@dataclass(frozen=True, slots=True)
class Read:
    """A demand as others may read it: its title and texts with sums of money under ink, its conditions without what is its own
    affair, and its blind card. They never read its exact budget, so a price cannot find it out; nor its weights.
    """

    title: Words
    texts: tuple[Text, ...]
    shown: Demand
    card: BlindCard

    @classmethod
    def of(cls, version: DemandVersion, need: Need) -> "Read":
        document = need.document
        musts = tuple(must for must in document.musts if must != "budget")
        title = showing.blackened(version, "title")
        read = replace(need, key="", title=title, text=showing.blackened(version, "need"))
        shown = document.model_copy(update={"weights": {}, "budget": None, "musts": musts})
        return cls(title, tuple(texts_of_need(read)), shown, demands.card_of(document))

    def best(self, relevances: Mapping[Text, float]) -> float:
        """Of its texts the most relevant; 1 where it has none that could be compared."""
        return max((relevances.get(text, 0.0) for text in self.texts), default=1.0)


_KEPT: Final[dict[tuple[str, int], Read]] = {}
_LOCK: Final = Lock()


def others(work: Work, organization_id: int, of: Collection[int] | None = None) -> list[Standing]:
    """Every open demand of other organizations, or those with these ids, in order of id."""
    chosen = () if of is None else (col(DemandRow.id).in_(of),)
    query = (
        select(
            col(DemandRow.id),
            col(DemandRow.key),
            col(DemandRow.organization_id),
            col(DemandRow.state),
            col(DemandRow.visibility),
            col(DemandRow.card),
            col(DemandRow.opened_at),
            col(DemandVersion.sha256),
            col(Organization.name),
            col(Organization.verified),
        )
        .join(DemandVersion, col(DemandVersion.demand_id) == col(DemandRow.id))
        .join(Organization, col(Organization.id) == col(DemandRow.organization_id))
        .where(col(DemandVersion.number) == col(DemandRow.version), col(DemandRow.state).in_(ACTIVE))
        .where(col(DemandRow.organization_id) != organization_id, *chosen)
        .order_by(col(DemandRow.id))
    )
    return [Standing(*row) for row in work.session.execute(query)]


def read(work: Work, standing: Sequence[Standing]) -> dict[int, Read]:
    """By id, what each of them says; one that has gone meanwhile is left out."""
    with _LOCK:
        known = {one.id: _KEPT[one.stamp] for one in standing if one.stamp in _KEPT}
    missing = [one.id for one in standing if one.id not in known]
    if missing:
        fresh = {
            need.demand_id: ((need.document.version, need.document.verified), Read.of(version, need))
            for _, version, need in demands.rows_of(work, col(DemandRow.id).in_(missing))
        }
        known |= {id: found for id, (_, found) in fresh.items()}
        with _LOCK:
            _KEPT.update(fresh.values())
            for oldest in list(_KEPT)[: max(0, len(_KEPT) - demands.KEPT_READ)]:
                del _KEPT[oldest]
    return known
