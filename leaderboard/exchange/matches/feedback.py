"""What demanders say to matches: useful or not, and why. It is kept for measuring; no run is changed by it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.core.errors import FieldError, Malformed, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.demands import service as demands
from leaderboard.exchange.demands.models import DemandRow
from leaderboard.exchange.listings.models import ListingRow
from leaderboard.exchange.matches.models import Match, MatchFeedback, MatchRun
from leaderboard.submissions.service import plain

VERDICTS: Final[Mapping[str, str]] = MappingProxyType({"useful": N_("Useful"), "not_useful": N_("Not useful")})
REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "": N_("not said"),
        "topic": N_("it is about something else"),
        "quality": N_("the quality does not do"),
        "size": N_("too little or too much of it"),
        "terms": N_("the terms of use do not fit"),
        "price": N_("the price does not fit"),
        "known": N_("we know this supplier already"),
        "other": N_("another reason"),
    }
)
LONGEST_NOTE: Final = 500


def say(
    work: Work, actor: Actor, demand_key: str, listing_key: str, *, verdict: str, reason: str = "", note: str = ""
) -> MatchFeedback:
    """Keeps what the demander says to a match, in the place of what it said before. Raises NotFound, Malformed, Refused."""
    demand, listing = _pair(work, actor, demand_key, listing_key)
    note = plain(note).strip()
    faults = []
    if verdict not in VERDICTS:
        faults.append(FieldError("verdict", N_("Say whether the match is useful")))
    if reason not in REASONS:
        faults.append(FieldError("reason", N_("Choose one of the reasons")))
    if len(note) > LONGEST_NOTE:
        faults.append(FieldError("note", N_("At most {most} characters"), {"most": LONGEST_NOTE}))
    if faults:
        raise Malformed("matches.feedback", N_("This cannot be kept as feedback."), fields=faults)
    found = _of(work, demand, listing) or MatchFeedback(
        demand_id=demand.id or 0, listing_id=listing.id or 0, run_id=0, verdict="useful", by=0, at=work.now
    )
    found.run_id, found.verdict, found.reason, found.note = _run_of(work, demand), verdict, reason, note  # type: ignore[assignment]
    found.by, found.at = actor.id, work.now
    work.session.add(found)
    work.session.flush()
    demands.record(work, actor, "match.feedback", demand, listing=listing.id, verdict=verdict, reason=reason)
    return found


def take_back(work: Work, actor: Actor, demand_key: str, listing_key: str) -> None:
    """Takes back what was said to a match; twice is once. The ledger keeps that it was said. Raises NotFound."""
    demand, listing = _pair(work, actor, demand_key, listing_key)
    found = _of(work, demand, listing)
    if found is None:
        return
    work.session.delete(found)
    work.session.flush()
    demands.record(work, actor, "match.feedback_taken_back", demand, listing=listing.id, verdict=found.verdict)


def of_demand(work: Work, demand_id: int) -> dict[int, MatchFeedback]:
    """What was said, by listing."""
    rows = work.session.exec(select(MatchFeedback).where(col(MatchFeedback.demand_id) == demand_id))
    return {row.listing_id: row for row in rows}


def _pair(work: Work, actor: Actor, demand_key: str, listing_key: str) -> tuple[DemandRow, ListingRow]:
    demand = demands.demand_for(work, actor, demand_key, "match.judge", lock=True)
    return demand, matched(work, demand, listing_key)


def matched(work: Work, demand: DemandRow, listing_key: str) -> ListingRow:
    """The listing, if it is or was a match of the demand or nearly one. Raises Refused."""
    found = work.session.exec(select(ListingRow).where(col(ListingRow.key) == listing_key)).one_or_none()
    if found is not None and (_placed(work, demand, found) or _of(work, demand, found) is not None):
        return found
    raise Refused(
        "matches.no_match", N_("This listing is not among the matches of this demand any more. Look at the newest run.")
    )


def _placed(work: Work, demand: DemandRow, listing: ListingRow) -> bool:
    here = select(Match.id).where(col(Match.demand_id) == demand.id, col(Match.listing_id) == listing.id)
    if work.session.exec(here).first() is not None:
        return True
    newest = select(MatchRun).where(col(MatchRun.demand_id) == demand.id).order_by(col(MatchRun.id).desc()).limit(1)
    run = work.session.exec(newest).first()
    return run is not None and listing.id in run.near


def _of(work: Work, demand: DemandRow, listing: ListingRow) -> MatchFeedback | None:
    query = select(MatchFeedback).where(
        col(MatchFeedback.demand_id) == demand.id, col(MatchFeedback.listing_id) == listing.id
    )
    return work.session.exec(query).one_or_none()


def _run_of(work: Work, demand: DemandRow) -> int:
    newest = select(MatchRun.id).where(col(MatchRun.demand_id) == demand.id).order_by(col(MatchRun.id).desc()).limit(1)
    return work.session.exec(newest).one() or 0
