"""Who stands in a challenge: entries, seats, and what a person is to them. Teams themselves are in `teams`."""

from typing import Final

from sqlalchemy import bindparam, func, or_
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Person
from leaderboard.accounts.policy import Relation
from leaderboard.core import ledger
from leaderboard.core.errors import Closed, Forbidden, NotFound, Refused, SignInNeeded
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.entries import teams
from leaderboard.entries.models import Entry, Seat, Team, TeamMember
from leaderboard.entries.signals import EntryMade, EntryWithdrawn, WithdrawalAsked
from leaderboard.seasons import service as seasons
from leaderboard.seasons.models import Challenge
from leaderboard.seasons.signals import Phrase
from leaderboard.seasons.states import Status

STANDING: Final = ("requested", "approved")
_STANDS: Final = (
    select(Entry, Seat)
    .join(Seat, col(Seat.entry_id) == Entry.id)
    .join(TeamMember, (col(TeamMember.team_id) == Entry.team_id) & (col(TeamMember.person_id) == Seat.person_id))
    .where(
        col(Seat.challenge_id) == bindparam("challenge"),
        col(Seat.person_id) == bindparam("person"),
        or_(*(col(Entry.state) == state for state in STANDING)),
    )
    .execution_options(populate_existing=True)
)
"""States in which an entry takes part, or waits to."""
ENTERABLE: Final = frozenset({Status.UPCOMING, Status.OPEN, Status.CLOSING, Status.BETWEEN})


def entry_of(work: Work, person_id: int, challenge_id: int) -> Entry | None:
    """The entry that the person stands for in the challenge, as a member of its team today; None when there is none."""
    found = _standing(work, person_id, challenge_id)
    return found and found[0]


def _standing(work: Work, person_id: int, challenge_id: int) -> tuple[Entry, Seat] | None:
    return work.session.exec(_STANDS, params={"challenge": challenge_id, "person": person_id}).one_or_none()


def seat_of(work: Work, person_id: int, challenge_id: int) -> Seat | None:
    """The person's seat in the challenge, also one kept after leaving the team."""
    return work.session.get(Seat, (challenge_id, person_id))


def standing_entry(work: Work, actor: Actor, challenge: Challenge) -> Entry:
    """The entry for which the actor may act. Raises SignInNeeded, or Forbidden with what to do about it."""
    if actor.person_id is None:
        raise SignInNeeded("accounts.sign_in_needed", N_("Sign in first."))
    assert challenge.id is not None
    found = _standing(work, actor.person_id, challenge.id)
    if found is None:
        raise _enter_first(
            challenge,
            "entries.not_entered",
            N_("You have not entered this challenge yet. Enter it first, alone or with a team."),
        )
    entry, seat = found
    if entry.state != "approved":
        raise Forbidden("entries.not_approved", N_("The organizer has not approved this entry yet."))
    if seat.rules_accepted_at is None:
        raise _enter_first(
            challenge,
            "entries.rules_first",
            N_("Your team has entered this challenge; accept its rules yourself first."),
        )
    return entry


def _enter_first(challenge: Challenge, id: str, message: str) -> Forbidden:
    error = Forbidden(id, message)
    error.way = (N_("Enter the challenge"), f"/challenges/{challenge.slug}/enter")
    return error


def relations_to_entry(work: Work, actor: Actor, entry: Entry) -> frozenset[Relation]:
    """What the actor is to an entry: member, captain, organizer of its challenge, operator …"""
    challenge = work.session.get(Challenge, entry.challenge_id)
    assert challenge is not None
    also = teams.relations_to_team(work, actor, entry.team_id)
    return actor.relations(organization_id=challenge.organization_id, also=also)


def enter(
    work: Work, actor: Actor, challenge_id: int, team_id: int | None, *, accept_rules: bool, baseline: bool = False
) -> Entry:
    """Enters with a team of the actor's (None: alone) and takes a seat for every member.

    The actor accepts the rules; the other members do so each for themselves before they submit. ``baseline`` marks the
    organizer's own reference entry. Raises Refused when the rules are not accepted or somebody stands already; Closed.
    """
    actor.demand("entry.create")
    challenge = work.session.get(Challenge, challenge_id)
    if challenge is None or actor.person_id is None:
        raise NotFound("seasons.no_challenge_here", N_("There is no such challenge."))
    if baseline:
        actor.demand("challenge.edit", organization_id=challenge.organization_id)
    _enterable(work, challenge)
    if not accept_rules:
        raise Refused("entries.rules", N_("To enter, accept the rules of the challenge."))
    mine = seat_of(work, actor.person_id, challenge_id)
    if mine is not None:
        raise _seated(work, mine, actor.person_id)
    team = teams.solo(work, actor) if team_id is None else teams.led_by(work, actor, team_id)
    entry = _entry(work, challenge_id, team, baseline=baseline)
    for person_id in teams.member_ids(work, entry.team_id):
        take_seat(work, entry, person_id)
    accepted = work.session.get(Seat, (challenge_id, actor.person_id))
    assert accepted is not None and entry.id is not None  # noqa: PT018
    accepted.rules_accepted_at = work.now
    ledger.record(work, actor.person_id, "entry.create", f"entry:{entry.id}", challenge=challenge_id)
    work.emit(EntryMade(entry.id, challenge_id))
    return entry


def _enterable(work: Work, challenge: Challenge) -> None:
    if seasons.status_of(work, challenge, work.now) not in ENTERABLE:
        raise Closed("entries.closed", N_("This challenge does not take entries: it is not posted, or it is over."))


def _entry(work: Work, challenge_id: int, team: Team, *, baseline: bool) -> Entry:
    """The team's entry: a new one, or its withdrawn one taken up again."""
    query = select(Entry).where(Entry.challenge_id == challenge_id, Entry.team_id == team.id)
    known = work.session.exec(query).one_or_none()
    if known is not None and known.state != "withdrawn":
        raise Refused(
            "entries.team_entered", N_("The team “{team}” has entered this challenge already."), team=team.name
        )
    assert team.id is not None
    entry = known or Entry(challenge_id=challenge_id, team_id=team.id, created_at=work.now)
    entry.state, entry.baseline = "approved", baseline
    try:
        with work.session.begin_nested():
            work.session.add(entry)
    except IntegrityError:
        raise Refused(
            "entries.team_entered", N_("The team “{team}” has entered this challenge already."), team=team.name
        ) from None
    return entry


def take_seat(work: Work, entry: Entry, person_id: int) -> Seat:
    """Seats a person for an entry; the primary key lets one person have one seat in a challenge, whoever comes first.

    A seat kept for this same entry is taken again. Raises Refused.
    """
    known = work.session.get(Seat, (entry.challenge_id, person_id), populate_existing=True)
    assert entry.id is not None
    if known is None:
        seat = Seat(challenge_id=entry.challenge_id, person_id=person_id, entry_id=entry.id)
        try:
            with work.session.begin_nested():
                work.session.add(seat)
        except IntegrityError:
            known = work.session.get(Seat, (entry.challenge_id, person_id), populate_existing=True)
        else:
            return seat
    if known is None or known.entry_id != entry.id:
        raise _seated(work, known, person_id)
    return known


def _seated(work: Work, seat: Seat | None, person_id: int) -> Refused:
    """One person stands for one team in a challenge: says for which."""
    entry = work.session.get(Entry, seat.entry_id) if seat else None
    team = work.session.get(Team, entry.team_id) if entry else None
    person = work.session.get(Person, person_id)
    challenge = work.session.get(Challenge, entry.challenge_id) if entry else None
    return Refused(
        "entries.one_team",
        N_(
            "{person} already stands for the team “{team}” in the challenge {challenge}. A person stands for one team in a challenge."
        ),
        person=person.name if person else "–",
        team=team.name if team else "–",
        challenge=challenge.slug if challenge else "–",
    )


def accept_rules(work: Work, actor: Actor, challenge: Challenge) -> Seat:
    """The actor, whose team has entered, accepts the rules; once is enough."""
    actor.demand("entry.create")
    assert actor.person_id is not None and challenge.id is not None  # noqa: PT018
    entry = entry_of(work, actor.person_id, challenge.id)
    seat = seat_of(work, actor.person_id, challenge.id)
    if entry is None or seat is None:
        raise Forbidden(
            "entries.not_entered", N_("You have not entered this challenge yet. Enter it first, alone or with a team.")
        )
    if seat.rules_accepted_at is None:
        seat.rules_accepted_at = work.now
        work.session.add(seat)
        ledger.record(work, actor.person_id, "entry.accept_rules", f"entry:{entry.id}")
    return seat


def withdraw(work: Work, actor: Actor, entry_id: int) -> None:
    """Takes an entry back while nothing has been handed in: its members are free again. Raises Refused."""
    entry = work.session.exec(select(Entry).where(col(Entry.id) == entry_id).with_for_update()).one_or_none()
    if entry is None:
        raise NotFound("entries.no_entry", N_("There is no such entry."))
    actor.demand("team.lead", also=teams.relations_to_team(work, actor, entry.team_id))
    if entry.state == "withdrawn":
        raise Refused("entries.withdrawn_already", N_("This entry has been withdrawn already."))
    objections = objections_to_withdrawal(work, entry_id)
    if objections:
        raise Refused("entries.cannot_withdraw", objections[0].message, **objections[0].params)
    entry.state = "withdrawn"
    for seat in work.session.exec(select(Seat).where(Seat.entry_id == entry_id)):
        work.session.delete(seat)
    work.session.flush()
    ledger.record(work, actor.person_id, "entry.withdraw", f"entry:{entry_id}")
    work.emit(EntryWithdrawn(entry_id, entry.challenge_id))


def objections_to_withdrawal(work: Work, entry_id: int) -> list[Phrase]:
    """Why the entry cannot go as if it had never been; empty: it can."""
    objections: list[Phrase] = []
    work.emit(WithdrawalAsked(entry_id, objections))
    return objections


def free_seats(work: Work, team_id: int, person_id: int) -> None:
    """After somebody left a team: seats in entries that have handed nothing in are free, the others are kept.

    A kept seat stops the person from standing for another team in that challenge; coming back to this one takes it again.
    """
    query = select(Seat).join(Entry, col(Entry.id) == Seat.entry_id)
    for seat in work.session.exec(query.where(Entry.team_id == team_id, Seat.person_id == person_id)):
        if not objections_to_withdrawal(work, seat.entry_id):
            work.session.delete(seat)
    work.session.flush()


def count_entries(work: Work, challenge_id: int) -> int:
    """Teams that take part, baselines not counted."""
    query = select(func.count()).where(
        Entry.challenge_id == challenge_id, col(Entry.state).in_(STANDING), col(Entry.baseline).is_(False)
    )
    return work.session.exec(query).one()
