"""The page of the closed loop: numbers, the flow between them, sectors and periods to choose from."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import col

from challenges.facets import SECTORS
from leaderboard.accounts.actor import Actor
from leaderboard.core.errors import Malformed
from leaderboard.core.i18n import N_, translate
from leaderboard.core.work import Work
from leaderboard.datasets.models import Dataset, DatasetVersion
from leaderboard.datasets.service import COUNTS
from leaderboard.exchange.deals.models import Deal
from leaderboard.exchange.demands.models import DemandRow, DemandVersion
from leaderboard.exchange.listings.models import ListingRow, ListingVersion
from leaderboard.exchange.loop.counting import MEASURES, SMALL, STAGES, Count, Loop, Thing, counted
from leaderboard.exchange.matches.models import MatchRun
from leaderboard.seasons.models import Challenge
from leaderboard.submissions.models import Submission
from leaderboard.ui.flow import Flow, Link, Stage, flow

NAMES: Final[Mapping[str, str]] = {
    "demands": N_("Demands opened"),
    "demands_matched": N_("Demands with a good match"),
    "demands_proposed": N_("Demands proposed as challenges"),
    "demands_at_events": N_("Demands taken to an event"),
    "demands_met": N_("Demands met"),
    "challenges": N_("Challenges posted"),
    "datasets": N_("Datasets published"),
    "datasets_measured": N_("Datasets with measured quality"),
    "listings": N_("Listings offered"),
    "deals_begun": N_("Deals begun"),
    "deals_agreed": N_("Deals agreed"),
    "deals_settled": N_("Deals settled"),
}
SHORT: Final[Mapping[str, str]] = {
    "demands": N_("Demands"),
    "challenges": N_("Challenges"),
    "datasets": N_("Datasets"),
    "listings": N_("Listings"),
    "deals_begun": N_("Deals"),
}
WAYS: Final[Mapping[tuple[str, str], str]] = {
    ("demands", "challenges"): N_("Challenges made of a demand"),
    ("challenges", "datasets"): N_("Datasets that came out of a challenge"),
    ("datasets", "listings"): N_("Listings of a published dataset"),
    ("listings", "deals_begun"): N_("Deals about a listing"),
    ("demands", "deals_begun"): N_("Deals that answer a demand"),
}


@dataclass(frozen=True)
class Figure:
    key: str
    name: str
    count: Count


@dataclass(frozen=True)
class SectorRow:
    key: str
    name: str
    counts: Mapping[str, Count]


@dataclass(frozen=True)
class LoopPage:
    """``sector`` and ``period``: what is chosen, "" for all. ``sectors`` and ``periods``: (key, English name), those that occur."""

    sector: str
    period: str
    sectors: tuple[tuple[str, str], ...]
    periods: tuple[str, ...]
    figures: tuple[Figure, ...]
    ways: tuple[Figure, ...]
    drawn: Flow | None
    rows: tuple[SectorRow, ...]

    @property
    def stages(self) -> tuple[Figure, ...]:
        """The figures between which the flow is drawn."""
        return tuple(one for one in self.figures if one.key in STAGES)

    def address(self, *, sector: str | None = None, period: str | None = None) -> str:
        """The query string of the page with another choice."""
        held = {
            "sector": self.sector if sector is None else sector,
            "period": self.period if period is None else period,
        }
        return "".join(f"{'&' if at else '?'}{key}={value}" for at, (key, value) in enumerate(_said(held)))


def _said(held: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(key, value) for key, value in held.items() if value]


def loop(work: Work, actor: Actor, *, sector: str, period: str, locale: str) -> LoopPage:
    """The loop as everybody may see it. Raises Malformed for a sector or period that is not there."""
    actor.demand("exchange.read")
    things = list(_things(work))
    zone = ZoneInfo(work.settings.zone)
    periods = _periods(things, zone)
    _known(sector, period, periods)
    found = counted(things, sector=sector, within=lambda at: not period or period in _of(at, zone))
    return LoopPage(
        sector=sector,
        period=period,
        sectors=tuple((key, name) for key, name in SECTORS.items() if any(key in thing.sectors for thing in things)),
        periods=periods,
        figures=tuple(Figure(one.key, NAMES[one.key], found.figures[one.key]) for one in MEASURES),
        ways=tuple(Figure("-".join(way), name, found.flows.get(way, Count(0))) for way, name in WAYS.items()),
        drawn=drawn(found, locale),
        rows=tuple(
            SectorRow(key, name, found.by_sector[key]) for key, name in SECTORS.items() if key in found.by_sector
        ),
    )


def table(page: LoopPage) -> tuple[Sequence[str], Sequence[Sequence[object]]]:
    """By sector, as a header and rows for CSV; a count that is not told is "<3"."""
    rows = [(row.key, *(_csv(row.counts[one.key]) for one in MEASURES)) for row in page.rows]
    return ("sector", *(one.key for one in MEASURES)), [*rows, ("all", *(_csv(one.count) for one in page.figures))]


def drawn(found: Loop, locale: str) -> Flow | None:
    """The flow; what is not told is drawn as the most that it can be, so that no height gives it away."""
    if not any(found.figures[key].number for key in STAGES):
        return None
    stages = [
        Stage(key, translate(locale, SHORT[key]), _high(found.figures[key]), str(_csv(found.figures[key])))
        for key in STAGES
    ]
    return flow(stages, [Link(*way, _high(count)) for way, count in found.flows.items() if way in WAYS])


def _high(count: Count) -> int:
    return SMALL - 1 if count.small else count.number


def _csv(count: Count) -> object:
    return f"<{SMALL}" if count.small else count.number


def _of(at: datetime, zone: ZoneInfo) -> tuple[str, str]:
    """The year and the quarter of an instant, where it is seen.

    >>> _of(datetime(2026, 12, 31, 20, tzinfo=ZoneInfo("UTC")), ZoneInfo("Asia/Shanghai"))
    ('2027', '2027-Q1')
    """
    local = at.astimezone(zone)
    return f"{local.year}", f"{local.year}-Q{(local.month + 2) // 3}"


def _periods(things: Iterable[Thing], zone: ZoneInfo) -> tuple[str, ...]:
    """Years and their quarters in which something happened, the latest first, each year before its quarters."""
    quarters = sorted({_of(thing.at, zone) for thing in things}, reverse=True)
    return tuple(dict.fromkeys(name for pair in quarters for name in pair))


def _known(sector: str, period: str, periods: Sequence[str]) -> None:
    for key, value, known in (("sector", sector, tuple(SECTORS)), ("period", period, periods)):
        if value and value not in known:
            message = N_("There is no {key} “{value}”; there are: {known}.")
            raise Malformed("exchange.loop", message, key=key, value=value[:60], known=", ".join(known) or "–")


# What there is


def _things(work: Work) -> Iterator[Thing]:
    yield from _demands(work)
    yield from _challenges(work)
    yield from _datasets(work)
    yield from _listings(work)
    yield from _deals(work)


def _demands(work: Work) -> Iterator[Thing]:
    current = select(
        col(DemandRow.id),
        col(DemandRow.state),
        col(DemandRow.opened_at),
        col(DemandRow.proposed_at),
        col(DemandRow.event_at),
        col(DemandVersion.document)["sectors"],
    ).join(
        DemandVersion,
        (col(DemandVersion.demand_id) == col(DemandRow.id)) & (col(DemandVersion.number) == col(DemandRow.version)),
    )
    matched = set(work.session.scalars(select(col(MatchRun.demand_id)).where(col(MatchRun.good) > 0).distinct()))
    for id, state, opened, proposed, taken, sectors in work.session.execute(
        current.where(col(DemandRow.opened_at).is_not(None))
    ):
        marks = {
            "matched": id in matched,
            "proposed": proposed is not None,
            "event": taken is not None,
            "met": state == "fulfilled",
        }
        yield Thing("demand", id, opened, tuple(sectors or ()), marks=_true(marks))


def _true(marks: Mapping[str, bool]) -> frozenset[str]:
    return frozenset(mark for mark, holds in marks.items() if holds)


def _challenges(work: Work) -> Iterator[Thing]:
    made = dict(
        work.session.execute(
            select(col(DemandRow.challenge_id), col(DemandRow.id)).where(col(DemandRow.challenge_id).is_not(None))
        ).all()
    )
    posted = select(col(Challenge.id), col(Challenge.posted_at), col(Challenge.sector))
    for id, at, sector in work.session.execute(posted.where(col(Challenge.posted_at).is_not(None))):
        yield Thing("challenge", id, at, (sector,), (("demand", made[id]),) if id in made else ())


def _datasets(work: Work) -> Iterator[Thing]:
    origin = (
        select(col(DatasetVersion.dataset_id), col(Submission.challenge_id), col(DatasetVersion.grade))
        .join(Dataset, col(Dataset.id) == col(DatasetVersion.dataset_id))
        .outerjoin(Submission, col(Submission.id) == col(DatasetVersion.submission_id))
        .where(COUNTS)
        .order_by(col(DatasetVersion.number))
    )
    from_challenge: dict[int, tuple[tuple[str, int], ...]] = {}
    grades: dict[int, str | None] = {}
    for id, challenge, grade in work.session.execute(origin):
        grades[id] = grade
        if challenge is not None:
            from_challenge[id] = (("challenge", challenge),)
    shown = select(col(Dataset.id), col(Dataset.published_at), col(Dataset.sector)).where(
        col(Dataset.state) == "published"
    )
    for id, at, sector in work.session.execute(shown):
        marks = _true({"measured": grades.get(id) is not None})
        yield Thing("dataset", id, at, (sector,) if sector else (), from_challenge.get(id, ()), marks)


def _listings(work: Work) -> Iterator[Thing]:
    current = select(
        col(ListingRow.id),
        col(ListingRow.listed_at),
        col(ListingRow.dataset_id),
        col(ListingVersion.document)["sector"],
    ).join(
        ListingVersion,
        (col(ListingVersion.listing_id) == col(ListingRow.id))
        & (col(ListingVersion.number) == col(ListingRow.version)),
    )
    for id, at, dataset, sector in work.session.execute(current.where(col(ListingRow.listed_at).is_not(None))):
        yield Thing("listing", id, at, (sector,) if sector else (), (("dataset", dataset),) if dataset else ())


def _deals(work: Work) -> Iterator[Thing]:
    begun = select(
        col(Deal.id), col(Deal.created_at), col(Deal.sector), col(Deal.listing_id), col(Deal.demand_id),
        col(Deal.agreed_at), col(Deal.settled_at),
    )  # fmt: skip
    for id, at, sector, listing, demand, agreed, settled in work.session.execute(begun):
        sources = (("listing", listing), *((("demand", demand),) if demand else ()))
        marks = _true({"agreed": agreed is not None, "settled": settled is not None})
        yield Thing("deal", id, at, (sector,) if sector else (), sources, marks)
