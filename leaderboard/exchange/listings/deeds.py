"""What becomes of a listing: handing in, review, withdrawal, suspension, and the word of its owner that it still holds.

Every verb locks the listing first and writes the ledger; what is done already is not done twice.
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from pydantic import JsonValue

from leaderboard.accounts.actor import Actor
from leaderboard.core.errors import FieldError, Malformed, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.datasets.models import Dataset
from leaderboard.exchange.listings import card as cards
from leaderboard.exchange.listings import drafting, service
from leaderboard.exchange.listings.letters import tell
from leaderboard.exchange.listings.models import ListingRow, ListingVersion
from leaderboard.exchange.listings.sheet import Sheet, Wording
from leaderboard.exchange.listings.signals import ListingChanged
from leaderboard.exchange.listings.states import MOVES, WAITING, State, move
from leaderboard.seasons.signals import Phrase
from leaderboard.submissions.service import plain

CONFIRM_AFTER: Final = timedelta(days=180)
"""So long a listing stands without its owner's word that it still holds; then it is stale."""
REMIND_BEFORE: Final = timedelta(days=14)
AGE_JOB: Final = "listing-age"
LONGEST_NOTE: Final = 2_000

CHECKLIST: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "subject": (
            N_("The supplier exists and may offer this"),
            N_("Registration or business licence; its verification here; a mandate where it acts for somebody else."),
        ),
        "source": (
            N_("The data were come by lawfully"),
            N_(
                "Contracts of purchase or collection, consent of the persons concerned, or the open licence they came under."
            ),
        ),
        "security": (
            N_("The data are classed and protected as they must be"),
            N_("Classification record, security certificate or plan of protection; masking of personal data."),
        ),
        "tradability": (
            N_("It may be traded on these terms"),
            N_(
                "No data that law keeps from trade; terms of use within the supplier's own rights; a plausible scenario."
            ),
        ),
    }
)
"""What a reviewer looks at: the point, and evidence for it."""


# What owners do


def submit(work: Work, actor: Actor, key: str) -> ListingRow:
    """Hands a draft in for review. Raises NotFound, Refused (the card is not public), Malformed with all that is missing."""
    row = service.listing_for(work, actor, key, "listing.edit", lock=True)
    if row.state == State.SUBMITTED:
        return row
    _demand_move(row, State.SUBMITTED, N_("This listing cannot be handed in: it is past that, or was rejected."))
    version = service.newest_version(work, row)
    Sheet(Wording.of(row, version), service.document(version)).demand_complete()
    _demand_public_card(work, row)
    row.version, row.proposed, row.proposed_at = version.number, None, None
    row.submitted_at, row.review_at, row.ended_at = work.now, None, None
    _move(work, row, State.SUBMITTED)
    service.record(work, actor, "listing.submit", row, number=row.version)
    return row


def withdraw(work: Work, actor: Actor, key: str) -> ListingRow:
    """Takes a listing back, in any state but rejected. Its owner or the operator. Raises NotFound, Refused."""
    row = service.listing_for(work, actor, key, "listing.withdraw", lock=True)
    if row.state == State.DELISTED:
        return row
    _demand_move(row, State.DELISTED, N_("This listing was rejected; there is nothing to withdraw."))
    row.proposed, row.proposed_at, row.held_by, row.ended_at = None, None, "", work.now
    _move(work, row, State.DELISTED)
    service.record(work, actor, "listing.withdraw", row)
    return row


def confirm(work: Work, actor: Actor, key: str) -> ListingRow:
    """The owner's word that a listing still holds; a stale one is listed again. Raises NotFound, Refused."""
    row = service.listing_for(work, actor, key, "listing.edit", lock=True)
    if row.state not in service.SHOWN:
        raise Refused("listings.not_listed", N_("Only what is listed can be confirmed."))
    row.confirmed_at = work.now
    if row.state == State.STALE:
        _move(work, row, State.LISTED)
    work.session.add(row)
    _age_later(work, row)
    service.record(work, actor, "listing.confirm", row)
    return row


# What the operator does


def take_up(work: Work, actor: Actor, key: str) -> ListingRow:
    """Begins the review of a listing that was handed in; from now on its owner cannot edit it. Raises NotFound, Refused."""
    row = service.listing_for(work, actor, key, "exchange.review", lock=True)
    if row.state == State.IN_REVIEW:
        return row
    _demand_waiting(row)
    row.review_at = work.now
    _move(work, row, State.IN_REVIEW)
    service.record(work, actor, "listing.take_up", row)
    return row


def approve(work: Work, actor: Actor, key: str, *, number: int, checked: Collection[str]) -> ListingRow:
    """Registers version ``number``; it is listed at once when its quality is known, as far as it can be, or it is a service.

    ``checked``: keys of `CHECKLIST`. Raises NotFound, Malformed (a point is open), Refused (withdrawn or changed meanwhile).
    """
    row, version = _on_desk(work, actor, key, number)
    open_points = [
        FieldError(f"point-{point}", N_("Look at this point first: {point}"), {"point": Phrase(title)})
        for point, (title, _) in CHECKLIST.items()
        if point not in checked
    ]
    if open_points:
        raise Malformed(
            "listings.unchecked", N_("Nothing is approved before every point is checked."), fields=open_points
        )
    _demand_public_card(work, row)
    row.decided_at, row.review_note = work.now, ""
    if row.proposed is not None:
        row.proposed, row.proposed_at = None, None
        drafting.let_hold(work, row, version)
        tell(work, row, "change_accepted")
    else:
        row.registered_at = work.now
        _move(work, row, State.REGISTERED)
        if not _list_if_measured(work, row):
            tell(work, row, "registered")
    service.record(work, actor, "listing.approve", row, number=number, checked=list[JsonValue](sorted(checked)))
    return row


def send_back(work: Work, actor: Actor, key: str, *, number: int, note: str) -> ListingRow:
    """Returns it to its owner with a note, to be mended and handed in again. Raises NotFound, Malformed, Refused."""
    return _decide(work, actor, key, number, note, State.RETURNED)


def reject(work: Work, actor: Actor, key: str, *, number: int, note: str) -> ListingRow:
    """Ends it, with the reason; of a change, only the change. Raises NotFound, Malformed, Refused."""
    return _decide(work, actor, key, number, note, State.REJECTED)


def suspend(work: Work, actor: Actor, key: str, *, note: str) -> ListingRow:
    """Takes it out of sight until `resume`, with the reason. Raises NotFound, Malformed, Refused."""
    row = service.listing_for(work, actor, key, "exchange.review", lock=True)
    row.review_note = _note(note)
    if row.state != State.SUSPENDED:
        _demand_move(row, State.SUSPENDED, N_("Only what is registered or listed can be suspended."))
        _move(work, row, State.SUSPENDED)
    elif row.held_by == "operator":
        return row
    row.held_by = "operator"
    work.session.add(row)
    tell(work, row, "suspended")
    service.record(work, actor, "listing.suspend", row, note=row.review_note)
    return row


def resume(work: Work, actor: Actor, key: str) -> ListingRow:
    """Lets it be seen again as it was before `suspend`. Raises NotFound, Refused (its card is withdrawn)."""
    row = service.listing_for(work, actor, key, "exchange.review", lock=True)
    if row.state != State.SUSPENDED:
        raise Refused("listings.not_suspended", N_("This listing is not suspended."))
    _demand_public_card(work, row)
    _bring_back(work, row)
    service.record(work, actor, "listing.resume", row)
    return row


# What follows by itself


def follow_card(work: Work, actor: Actor, row: ListingRow) -> None:
    """After something happened to the card of a listing: evidence, facts and visibility follow it. ``row`` must be locked."""
    assert row.dataset_id is not None
    if row.state in {State.REJECTED, State.DELISTED}:
        return
    if work.session.get_one(Dataset, row.dataset_id).state != "published":
        if State.SUSPENDED in MOVES[row.state]:
            row.held_by = "card"
            _move(work, row, State.SUSPENDED)
            tell(work, row, "card_withdrawn")
            service.record(work, actor, "listing.suspend", row, card=row.dataset_id)
        return
    if row.state == State.SUSPENDED and row.held_by == "card":
        _bring_back(work, row)
        service.record(work, actor, "listing.resume", row, card=row.dataset_id)
    file = cards.newest(work, row.dataset_id)
    told = file is not None and drafting.follow_card(work, actor, row, file)
    if row.state == State.REGISTERED:
        _list_if_measured(work, row)
    elif row.state == State.LISTED and not told:
        work.emit(ListingChanged(row.id or 0))  # what was measured may be new


def age(work: Work, actor: Actor, row: ListingRow) -> None:
    """Reminds the owner of a listing whose word is getting old, and takes it off the list when it is. ``row`` must be locked."""
    if row.state != State.LISTED or row.confirmed_at is None:
        return
    if work.now < row.confirmed_at + CONFIRM_AFTER - REMIND_BEFORE:
        return
    if work.now < row.confirmed_at + CONFIRM_AFTER:
        tell(work, row, "confirm_soon")
        _look_again(work, row, row.confirmed_at + CONFIRM_AFTER)
        return
    _move(work, row, State.STALE)
    tell(work, row, "stale")
    service.record(work, actor, "listing.age", row)


def _age_later(work: Work, row: ListingRow) -> None:
    assert row.confirmed_at is not None
    _look_again(work, row, row.confirmed_at + CONFIRM_AFTER - REMIND_BEFORE)


def _look_again(work: Work, row: ListingRow, due: datetime) -> None:
    key = f"{AGE_JOB}:{row.id}:{due.isoformat()}"
    work.enqueue(AGE_JOB, key, payload={"listing": row.id}, delay=max(due - work.now, timedelta(0)))


def _list_if_measured(work: Work, row: ListingRow) -> bool:
    """Lists what is registered, unless it is a file that we can measure and have not."""
    if row.dataset_id is not None and not cards.is_measured(cards.newest(work, row.dataset_id)):
        return False
    _list(work, row)
    tell(work, row, "listed")
    return True


def _list(work: Work, row: ListingRow) -> None:
    row.listed_at = row.listed_at or work.now
    row.confirmed_at = row.confirmed_at or work.now
    version = service.current_version(work, row)
    if version.holds_from is None:
        version.holds_from = work.now
        work.session.add(version)
    _move(work, row, State.LISTED)
    _age_later(work, row)


def _bring_back(work: Work, row: ListingRow) -> None:
    row.held_by, row.review_note = "", ""
    if row.listed_at is not None:
        _list(work, row)
        tell(work, row, "resumed")
        return
    _move(work, row, State.REGISTERED)
    if not _list_if_measured(work, row):
        tell(work, row, "resumed")


def _decide(work: Work, actor: Actor, key: str, number: int, note: str, to: State) -> ListingRow:
    row, _ = _on_desk(work, actor, key, number)
    row.review_note, row.decided_at = _note(note), work.now
    if row.proposed is not None:
        row.proposed, row.proposed_at = None, None
        work.session.add(row)
        work.session.flush()
        tell(work, row, "change_returned")
    else:
        if to == State.REJECTED:
            row.ended_at = work.now
        _move(work, row, to)
        tell(work, row, "rejected" if to == State.REJECTED else "returned")
    deed = "listing.reject" if to == State.REJECTED else "listing.send_back"
    service.record(work, actor, deed, row, number=number, note=row.review_note)
    return row


def _on_desk(work: Work, actor: Actor, key: str, number: int) -> tuple[ListingRow, ListingVersion]:
    """The listing, locked, with the version to be decided on, which must be the one that the operator has read."""
    row = service.listing_for(work, actor, key, "exchange.review", lock=True)
    if row.proposed is None:
        _demand_waiting(row)
        if row.state != State.IN_REVIEW:
            raise Refused(
                "listings.not_taken_up", N_("Take the listing up first, so that its owner does not edit it meanwhile.")
            )
    waiting = row.proposed or row.version
    if waiting != number:
        raise Refused(
            "listings.changed_meanwhile",
            N_("This listing was changed meanwhile and is at version {number} now; look at it again."),
            number=waiting,
        )
    return row, service.version_of(work, row, number)


def _demand_waiting(row: ListingRow) -> None:
    if row.state == State.DELISTED:
        raise Refused("listings.withdrawn_meanwhile", N_("Its supplier has withdrawn this listing meanwhile."))
    if row.state not in WAITING:
        raise Refused("listings.not_waiting", N_("This listing does not wait for a review."))


def _demand_public_card(work: Work, row: ListingRow) -> None:
    """Whoever reads a listing must be able to read the card that its facts come from."""
    if row.dataset_id is not None and work.session.get_one(Dataset, row.dataset_id).state != "published":
        raise Refused("listings.card_hidden", N_("Its dataset card is not public: publish the card first."))


def _demand_move(row: ListingRow, to: State, otherwise: str) -> None:
    if to not in MOVES[row.state]:
        raise Refused("listings.state", otherwise)


def _note(text: str) -> str:
    note = plain(text.replace("\r\n", "\n")).strip()
    wrong = (
        N_("Say why, so that the supplier knows what to do")
        if not note
        else N_("At most {most} characters")
        if len(note) > LONGEST_NOTE
        else None
    )
    if wrong is not None:
        fault = FieldError("note", wrong, {"most": LONGEST_NOTE})
        raise Malformed("listings.note", N_("Some of what was entered cannot be used."), fields=[fault])
    return note


def _move(work: Work, row: ListingRow, to: State) -> None:
    """The only place where a state changes; told to whoever searches and matches when it comes on the list or goes."""
    before, row.state = row.state, move(row.state, to)
    work.session.add(row)
    work.session.flush()
    if State.LISTED in {before, to}:
        work.emit(ListingChanged(row.id or 0))
