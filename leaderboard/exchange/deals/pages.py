"""What the page of a deal shows, as a frozen object; a blind demander has no name in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any, Final

from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization, Person
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.deals import agreements as ndas
from leaderboard.exchange.deals import (
    deliveries,
    interest,
    lookup,
    offers,
    ratings,
    said,
    samples,
    service,
    sign_off,
    talks,
    terms_view,
)
from leaderboard.exchange.deals import moves as moves_of
from leaderboard.exchange.deals.models import Deal, DealAgreement, DealFile, DealMessage, DealSample, DealStep
from leaderboard.exchange.deals.next_step import next_step
from leaderboard.exchange.deals.states import (
    BEFORE_AGREEMENT,
    MOVES,
    REASONS,
    STAGES,
    STATES,
    Side,
    State,
    open_to,
    turn_of,
)
from leaderboard.exchange.demands import service as demands
from leaderboard.exchange.listings.models import ListingRow
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.ui.forms import Form

NO_BODY: Final = frozenset({"answer", "withdraw_request", "withdraw_offer", "accept", "agree", "finalize"})
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
    reason: Phrase | str
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
    """A deal as one side sees it.

    ``steps``: (label, state) of each stage; ``next``: what its side does or waits for; ``links``: moves with a form of their
    own, and whether it is the one that is awaited; ``auditors``: whom each party named; ``to_decide``: the supplier has to
    answer a request for a sample.
    """

    key: str
    title: Words
    listing: str
    demand: tuple[str, Words | None] | None
    side: Side
    state: State
    turn: Phrase
    mine: bool
    next: Phrase
    names: tuple[tuple[Phrase, Phrase | str], ...]
    auditors: tuple[tuple[Phrase, Phrase | str], ...]
    steps: tuple[tuple[Phrase, str], ...]
    reason: Phrase | None
    gone: tuple[Phrase, ...]
    buttons: tuple[tuple[str, Phrase], ...]
    links: tuple[tuple[str, Phrase, bool], ...]
    message_id: str
    version: int
    signatures: tuple[tuple[Phrase, datetime], ...]
    has_nda: bool
    offers: tuple[terms_view.OfferView, ...]
    agreement: DealAgreement | None
    samples: tuple[SampleRow, ...]
    to_decide: bool
    deliveries: tuple[DeliveryRow, ...]
    messages: tuple[MessageRow, ...]
    may_write: bool
    history: tuple[StepRow, ...]
    ratings: tuple[tuple[Phrase, int, int, int, str], ...]
    rated: bool
    form: Form

    @property
    def label(self) -> Phrase:
        return Phrase(STATES[self.state])

    @property
    def in_force(self) -> bool:
        """The agreement was not returned, and the deal not ended."""
        return self.agreement is not None and not self.agreement.findings and self.state != State.TERMINATED


def deal(work: Work, actor: Actor, key: str, form: Form | None = None) -> DealPage:
    """A deal as the reader's side sees it. Raises NotFound."""
    found = service.deal_for(work, actor, key, "deal.read")
    side = lookup.own_side(actor, found)
    turn = ratings.turn(work, found)
    moves = sensible(work, found, side)
    agreed = sign_off.latest(work, found)
    return DealPage(
        key=key,
        title=lookup.title(work, found),
        listing=work.session.get_one(ListingRow, found.listing_id).key,
        demand=_demand(work, found, side),
        side=side,
        state=found.state,
        turn=said.turn(turn, side),
        mine=turn_of(side, turn),
        next=next_step(found.state, turn, side, run_out=_run_out(work, found), measuring=_measuring(work, found)),
        names=tuple(_names(work, found, side)),
        auditors=tuple(_auditors(work, found)) if side != "auditor" else (),
        steps=_steps(work, found),
        reason=Phrase(REASONS[found.reason]) if found.reason and side != "auditor" else None,
        gone=tuple(_gone(work, found)),
        buttons=tuple((move, said.label(move, found, side)) for move in moves if move in NO_BODY),
        links=tuple(_links(moves, found, side)),
        message_id=token_hex(8),
        version=moves_of.version(work, found),
        signatures=tuple(_signatures(work, found)),
        has_nda=found.met_at is not None,
        offers=terms_view.of_deal(work, found) if side != "auditor" else (),
        agreement=agreed,
        samples=_samples(work, found, side),
        to_decide=side == "supplier" and bool(samples.undecided(work, [found.id or 0])),
        deliveries=tuple(_deliveries(work, found, side)),
        messages=tuple(_message(work, actor, found, side, one) for one in talks.shown(work, found, side)),
        may_write="write" in moves,
        history=tuple(_history(work, found, side)),
        ratings=tuple(_ratings(work, found)) if side != "auditor" else (),
        rated=side in ratings.of_deal(work, found),
        form=form or Form(),
    )


def _links(moves: Sequence[str], deal: Deal, side: Side) -> Iterator[tuple[str, Phrase, bool]]:
    """Moves with a form of their own, to end it last; and whether each is a step that is awaited."""
    for move in sorted(moves, key=lambda move: move == "terminate"):
        if move not in NO_BODY | OF_A_SAMPLE | {"write"}:
            yield move, said.label(move, deal, side), MOVES[move].in_turn or move == "rate"


def _signatures(work: Work, deal: Deal) -> Iterator[tuple[Phrase, datetime]]:
    for side, signed in sorted(ndas.signatures(work, deal).items()):
        yield Phrase(said.SIDES[side]), signed.at


def _samples(work: Work, deal: Deal, side: Side) -> tuple[SampleRow, ...]:
    return tuple(sample(work, deal, one, side) for one in samples.of_deal(work, deal)) if side != "auditor" else ()


def _ratings(work: Work, deal: Deal) -> Iterator[tuple[Phrase, int, int, int, str]]:
    for side, one in sorted(ratings.shown(work, deal).items()):
        yield Phrase(said.SIDES[side]), one.described, one.punctual, one.spoken, one.note


def sensible(work: Work, deal: Deal, side: Side) -> list[str]:
    """The moves that the table gives a side now, without those that are bound to be refused at this moment."""
    known = open_to(side, deal.state, deal.turn)
    refused: set[str] = set()
    if any(_gone(work, deal)):
        refused |= {"answer", "request", "offer", "accept", "agree"}
    if _run_out(work, deal):
        refused |= {"accept"} if deal.state == State.OFFERED else {"agree"}
    if (deal.auditor_of_supplier, deal.auditor_of_demander) != (0, 0):
        refused.add("verify")
    if deal.state == State.AGREED and deal.turn != "either":
        refused.add("name_auditor")
    if _measuring(work, deal):
        refused |= {"accept_delivery", "reject_delivery"}
    if side in ratings.of_deal(work, deal) or ratings.is_closed(work, deal):
        refused.add("rate")
    if talks.is_over(deal, side):
        refused.add("write")
    return [move for move in known if move not in refused]


def _run_out(work: Work, deal: Deal) -> bool:
    """Whether the terms that wait for an answer were not answered in time."""
    if deal.state not in {State.REQUESTED, State.OFFERED}:
        return False
    return offers.has_run_out(work, offers.of_deal(work, deal)[0])


def _measuring(work: Work, deal: Deal) -> bool:
    """Whether the delivery that is to be decided on is being measured."""
    return deal.state == State.DELIVERING and deliveries.of_deal(work, deal)[0].measuring == "waiting"


def _auditors(work: Work, deal: Deal) -> Iterator[tuple[Phrase, Phrase | str]]:
    """Whom each party named as auditor, once one of them did."""
    named: dict[Side, int | None] = {"supplier": deal.auditor_of_supplier, "demander": deal.auditor_of_demander}
    if set(named.values()) == {None}:
        return
    for side, id in named.items():
        none = Phrase(N_("nobody named yet") if id is None else N_("no auditor needed"))
        yield Phrase(said.SIDES[side]), work.session.get_one(Organization, id).name if id else none


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


def _steps(work: Work, deal: Deal) -> tuple[tuple[Phrase, str], ...]:
    """The stages, each done, under way, still to come, or the one at which the deal ended."""
    ended, state = deal.state == State.TERMINATED, deal.state
    if ended:
        last = select(DealStep.before).where(DealStep.deal_id == deal.id, DealStep.move == "terminate")
        state = State(work.session.exec(last).one())
    here = next((at for at, states in enumerate(STAGES.values()) if state in states), len(STAGES))
    kinds = ("done" if at < here else "todo" if at > here else "ended" if ended else "now" for at in range(len(STAGES)))
    return tuple((Phrase(label), kind) for label, kind in zip(STAGES, kinds, strict=True))


def _who(work: Work, deal: Deal, side: Side, viewer: Side, person_id: int | None) -> str | None:
    if person_id is None or (side == "demander" and lookup.hides_demander(deal, viewer)):
        return None
    return work.session.get_one(Person, person_id).name


def _history(work: Work, deal: Deal, viewer: Side) -> list[StepRow]:
    """What was done, the latest first; of an auditor, nothing after it has signed."""
    query = select(DealStep).where(DealStep.deal_id == deal.id).order_by(col(DealStep.id).desc())
    until = sign_off.signed_at(work, deal) if viewer == "auditor" else None
    if until is not None:
        query = query.where(DealStep.at <= until)
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
        reason=Phrase(one.reason) if state == "failed" else one.reason,
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
                checked=tuple(map(said.checked, deliveries.checked(work, deal, one))),
                note=one.note,
            )
        )
    return found
