"""What the page of a deal shows, as a frozen object; a blind demander has no name in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any, Final

from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Person
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.deals import agreements as ndas
from leaderboard.exchange.deals import (
    deliveries,
    interest,
    lookup,
    ratings,
    said,
    samples,
    service,
    sign_off,
    talks,
    terms_view,
)
from leaderboard.exchange.deals import moves as moves_of
from leaderboard.exchange.deals.deliveries import Checked
from leaderboard.exchange.deals.models import (
    Deal,
    DealAgreement,
    DealFile,
    DealMessage,
    DealSample,
    DealStep,
)
from leaderboard.exchange.deals.states import BEFORE_AGREEMENT, PATH, REASONS, STATES, Side, State, open_to, turn_of
from leaderboard.exchange.demands import facts
from leaderboard.exchange.demands import service as demands
from leaderboard.exchange.listings.models import ListingRow
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.ui.forms import Form
from scoring.quality.checks import CHECKS

NO_BODY: Final = frozenset({"answer", "accept", "agree", "finalize"})
"""Moves that are made by their button alone."""
OF_A_SAMPLE: Final = frozenset({"approve_sample", "deny_sample", "revoke_sample"})


@dataclass(frozen=True)
class StepRow:
    """One line of the history."""

    at: datetime
    side: Phrase
    who: str | None
    what: Phrase
    notes: tuple[Phrase | str, ...]


@dataclass(frozen=True)
class MessageRow:
    at: datetime
    side: Phrase
    who: str
    text: str
    file: tuple[int, str, int] | None
    mine: bool


@dataclass(frozen=True)
class SampleRow:
    """``moves`` the viewer may make about it; ``fetched``: (who, when), for the supplier only."""

    id: int
    label: Phrase
    rows: int
    purpose: str
    reason: str
    asked_at: datetime
    expires_at: datetime | None
    ready: bool
    moves: tuple[str, ...]
    fetched: tuple[tuple[str, datetime], ...]


@dataclass(frozen=True)
class DeliveryRow:
    number: int
    at: datetime
    file: tuple[int, str, int] | None
    address: str
    sha256: str
    measuring: str
    failure: str
    verdict: str
    grade: str | None
    checked: tuple[tuple[Phrase, Any, Any, Phrase, str], ...]
    note: str


@dataclass(frozen=True)
class DealPage:
    """A deal as one side sees it. ``steps``: (label, state of the step) of the straight way."""

    key: str
    title: Words
    listing: str
    demand: tuple[str, Words | None] | None
    side: Side
    state: State
    label: Phrase
    turn: Phrase
    mine: bool
    names: tuple[tuple[Phrase, Phrase | str], ...]
    steps: tuple[tuple[Phrase, str], ...]
    reason: Phrase | None
    gone: tuple[Phrase, ...]
    buttons: tuple[tuple[str, Phrase], ...]
    links: tuple[tuple[str, Phrase], ...]
    message_id: str
    version: int
    signatures: tuple[tuple[Phrase, datetime], ...]
    has_nda: bool
    offers: tuple[terms_view.OfferView, ...]
    agreement: DealAgreement | None
    samples: tuple[SampleRow, ...]
    deliveries: tuple[DeliveryRow, ...]
    messages: tuple[MessageRow, ...]
    may_write: bool
    history: tuple[StepRow, ...]
    ratings: tuple[tuple[Phrase, int, int, int, str], ...]
    rated: bool
    form: Form


def deal(work: Work, actor: Actor, key: str, form: Form | None = None) -> DealPage:
    """A deal as the reader's side sees it. Raises NotFound."""
    found = service.deal_for(work, actor, key, "deal.read")
    side = lookup.own_side(actor, found)
    moves = [move for move in open_to(side, found.state, found.turn) if makes_sense(work, found, side, move)]
    return DealPage(
        key=key,
        title=lookup.title(work, found),
        listing=work.session.get_one(ListingRow, found.listing_id).key,
        demand=_demand(work, found, side),
        side=side,
        state=found.state,
        label=Phrase(STATES[found.state]),
        turn=said.turn(found.turn, side),
        mine=turn_of(side, found.turn),
        names=tuple(_names(work, found, side)),
        steps=_steps(found),
        reason=Phrase(REASONS[found.reason]) if found.reason else None,
        gone=tuple(_gone(work, found)),
        buttons=tuple((move, Phrase(said.MOVES[move])) for move in moves if move in NO_BODY),
        links=tuple(
            (move, Phrase(said.MOVES[move])) for move in moves if move not in NO_BODY | OF_A_SAMPLE | {"write"}
        ),
        message_id=token_hex(8),
        version=moves_of.version(work, found),
        signatures=tuple(
            (Phrase(said.SIDES[one]), signed.at) for one, signed in sorted(ndas.signatures(work, found).items())
        ),
        has_nda=found.met_at is not None,
        offers=terms_view.of_deal(work, found) if side != "auditor" else (),
        agreement=sign_off.latest(work, found),
        samples=tuple(sample(work, found, one, side) for one in samples.of_deal(work, found))
        if side != "auditor"
        else (),
        deliveries=tuple(_deliveries(work, found, side)),
        messages=tuple(_message(work, actor, found, side, one) for one in talks.shown(work, found, side)),
        may_write="write" in moves,
        history=tuple(_history(work, found, side)),
        ratings=tuple(
            (Phrase(said.SIDES[one]), rating.described, rating.punctual, rating.spoken, rating.note)
            for one, rating in sorted(ratings.shown(work, found).items())
        ),
        rated=side in ratings.of_deal(work, found),
        form=form or Form(),
    )


def makes_sense(work: Work, deal: Deal, side: Side, move: str) -> bool:
    """Whether a move that the table allows makes sense at this moment."""
    if move == "verify":
        return (deal.auditor_of_supplier, deal.auditor_of_demander) == (0, 0)
    if move == "name_auditor":
        return deal.state != State.AGREED or deal.turn == "either"
    if move == "rate":
        return side not in ratings.of_deal(work, deal)
    return True


def _names(work: Work, deal: Deal, side: Side) -> list[tuple[Phrase, Phrase | str]]:
    found: list[tuple[Phrase, Phrase | str]] = []
    for one in said.SIDES:
        name = lookup.name_of(work, deal, one, side)
        hidden = one == "demander" and lookup.hides_demander(deal, side)
        if name or hidden:
            found.append((Phrase(said.SIDES[one]), name or Phrase(said.BLIND)))
    return found


def _demand(work: Work, deal: Deal, side: Side) -> tuple[str, Words | None] | None:
    row = interest.demand_of(work, deal)
    if row is None or side == "auditor":
        return None
    return row.key, None if lookup.hides_demander(deal, side) else demands.need_of(work, row).title


def _gone(work: Work, deal: Deal) -> Iterator[Phrase]:
    """What the talks were about and is not there any more."""
    if deal.state not in BEFORE_AGREEMENT:
        return
    if not interest.is_offered(work, deal.listing_id):
        yield Phrase(interest.LISTING_GONE)
    if not interest.is_open(interest.demand_of(work, deal)):
        yield Phrase(interest.DEMAND_GONE)


def _steps(deal: Deal) -> tuple[tuple[Phrase, str], ...]:
    state = State.DELIVERING if deal.state == State.REJECTED else deal.state
    here = PATH.index(state) if state in PATH else -1
    kinds = ("done" if at < here else "now" if at == here else "todo" for at in range(len(PATH)))
    return tuple((Phrase(STATES[one]), kind) for one, kind in zip(PATH, kinds, strict=True))


def _who(work: Work, deal: Deal, side: Side, viewer: Side, person_id: int | None) -> str | None:
    if person_id is None or (side == "demander" and lookup.hides_demander(deal, viewer)):
        return None
    return work.session.get_one(Person, person_id).name


def _history(work: Work, deal: Deal, viewer: Side) -> list[StepRow]:
    query = select(DealStep).where(DealStep.deal_id == deal.id).order_by(col(DealStep.id).desc())
    return [
        StepRow(
            step.at,
            Phrase(said.SIDES[step.side]),
            _who(work, deal, step.side, viewer, step.person_id),
            said.history(step),
            said.notes(step),
        )
        for step in work.session.exec(query)
        if step.move != "write"
    ]


def _message(work: Work, actor: Actor, deal: Deal, viewer: Side, one: DealMessage) -> MessageRow:
    who = _who(work, deal, one.side, viewer, one.person_id) or ""
    return MessageRow(
        one.at, Phrase(said.SIDES[one.side]), who, one.text, _file(work, one.file_id), one.person_id == actor.person_id
    )


def _file(work: Work, id: int | None) -> tuple[int, str, int] | None:
    if id is None:
        return None
    found = work.session.get_one(DealFile, id)
    return id, found.name, found.size


def sample(work: Work, deal: Deal, one: DealSample, side: Side) -> SampleRow:
    over = samples.is_over(work, one) and one.state in {"approved", "fulfilled"}
    state = "expired" if over else one.state
    decides = side == "supplier" and "approve_sample" in open_to(side, deal.state, deal.turn)
    may: tuple[str, ...] = ("approve_sample", "deny_sample") if decides and state in {"requested", "failed"} else ()
    if side == "supplier" and state in {"approved", "fulfilled"}:
        may = ("revoke_sample",)
    fetched = samples.downloads(work, one) if side == "supplier" else ()
    return SampleRow(
        id=one.id or 0,
        label=Phrase(said.SAMPLES[state]),
        rows=one.made_rows or one.rows,
        purpose=one.purpose,
        reason=one.reason,
        asked_at=one.asked_at,
        expires_at=one.expires_at,
        ready=state == "fulfilled" and one.storage_key is not None,
        moves=may,
        fetched=tuple((work.session.get_one(Person, each.person_id).name, each.at) for each in fetched),
    )


def _deliveries(work: Work, deal: Deal, side: Side) -> list[DeliveryRow]:
    if side == "auditor":
        return []
    found = []
    for one in deliveries.of_deal(work, deal):
        report = deliveries.report_of(work, one)
        found.append(
            DeliveryRow(
                number=one.number,
                at=one.at,
                file=_file(work, one.file_id),
                address=one.address,
                sha256=one.sha256,
                measuring=one.measuring,
                failure=one.failure,
                verdict=one.verdict,
                grade=report.grade if report else None,
                checked=tuple(map(_checked, deliveries.checked(work, deal, one))),
                note=one.note,
            )
        )
    return found


def _checked(one: Checked) -> tuple[Phrase, Any, Any, Phrase, str]:
    """Indicator, measured value, its interval, verdict, and the kind of verdict."""
    share = not isinstance(one.value, str) and _is_share(one)
    value, low, high = (
        facts.Amount(part, share=share) if isinstance(part, float) else part for part in (one.value, one.low, one.high)
    )
    between = (
        None if one.low is None or one.low == one.high else Phrase(N_("{low} to {high}"), {"low": low, "high": high})
    )
    kind = {"met": "yes", "missed": "no", "uncertain": "unknown"}[one.verdict]
    return facts.floor(one.indicator.floor), value, between, Phrase(said.VERDICTS[one.verdict]), kind


def _is_share(one: Checked) -> bool:
    floor = one.indicator.floor
    return floor.kind == "rank" or (floor.kind == "measure" and CHECKS[floor.measure].unit == "share")
