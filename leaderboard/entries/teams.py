"""Teams: made, renamed, joined by invitation, left, handed over, dissolved.

A team has at most :data:`MOST_MEMBERS` members, the captain included; a season's own rule will take the place of the constant.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Person
from leaderboard.accounts.policy import Relation
from leaderboard.core import ledger
from leaderboard.core.errors import FieldError, Gone, Malformed, NotFound, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.entries import names
from leaderboard.entries.models import Entry, Invitation, Team, TeamMember
from leaderboard.entries.signals import TeamRenamed

MOST_MEMBERS: Final = 5
MOST_TEAMS: Final = 50
"""Teams of several that one person may lead; against floods, not against people."""
MOST_INVITATIONS: Final = 20
INVITATION_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class Invited:
    """A fresh invitation. ``token`` is known here and never again: only its hash is kept."""

    id: int
    token: str
    expires_at: datetime


def create(work: Work, actor: Actor, name: str) -> Team:
    """A team with the actor as its captain and first member. Raises Malformed (name), Refused."""
    actor.demand("entry.create")
    assert actor.person_id is not None
    query = select(Team.id).where(
        Team.captain_id == actor.person_id, col(Team.solo_of).is_(None), col(Team.dissolved_at).is_(None)
    )
    if len(work.session.exec(query).all()) >= MOST_TEAMS:
        raise Refused("entries.many_teams", N_("You lead {most} teams already; dissolve one first."), most=MOST_TEAMS)
    team = _named(work, actor.person_id, name, solo=False)
    ledger.record(work, actor.person_id, "team.create", f"team:{team.id}")
    return team


def _named(work: Work, person_id: int, name: str, *, solo: bool) -> Team:
    _check_name(name)
    team = Team(
        name=names.cleaned(name),
        name_key=names.name_key(name),
        captain_id=person_id,
        solo_of=person_id if solo else None,
        created_at=work.now,
    )
    try:
        with work.session.begin_nested():
            work.session.add(team)
    except IntegrityError:
        raise _taken(name) from None
    assert team.id is not None
    work.session.add(TeamMember(team_id=team.id, person_id=person_id, joined_at=work.now))
    work.session.flush()
    return team


def _check_name(name: str) -> None:
    fault = names.fault(name, "name")
    if fault is not None:
        raise Malformed("entries.name", fault.message, fields=[fault], **fault.params)


def _taken(name: str) -> Malformed:
    message = N_("There is already a team called “{name}”, or with a name that looks the same.")
    shown = names.cleaned(name)
    return Malformed("entries.name_taken", message, fields=[FieldError("name", message, {"name": shown})], name=shown)


def solo(work: Work, actor: Actor) -> Team:
    """The team of one that the actor enters alone with; made at first need, named after the person."""
    assert actor.person_id is not None
    known = work.session.exec(select(Team).where(Team.solo_of == actor.person_id)).one_or_none()
    if known is not None:
        return known
    base = _solo_name(work, actor.person_id)
    for number in range(1, 1000):
        name = base if number == 1 else f"{base[: names.LONGEST - 6]} ({number})"
        taken = work.session.exec(select(Team.id).where(Team.name_key == names.name_key(name))).first()
        if taken is None:
            return _named(work, actor.person_id, name, solo=True)
    raise Refused("entries.solo_name", N_("Many teams carry your name already. Create a team with a name of its own."))


def _solo_name(work: Work, person_id: int) -> str:
    """The person's name, where it can stand as a team's; else a neutral one."""
    person = work.session.get(Person, person_id)
    name = names.cleaned(person.name)[: names.LONGEST].strip() if person else ""
    return name if names.fault(name, "name") is None else f"Team {person_id}"


def forget_name(work: Work, person_id: int) -> None:
    """The team of one carries its person's name: when that is erased, the team's becomes a neutral one."""
    team = work.session.exec(select(Team).where(Team.solo_of == person_id)).one_or_none()
    if team is None:
        return
    team.name = f"Team {person_id}"
    team.name_key = f"team of one\x1f{person_id}"  # no typed name has this key, so it is never taken
    work.session.add(team)
    work.session.flush()
    assert team.id is not None
    work.emit(TeamRenamed(team.id))


def get(work: Work, team_id: int, *, lock: bool = False) -> Team:
    """Raises NotFound; Gone for a team that was dissolved, when it is to be changed (``lock``)."""
    query = select(Team).where(col(Team.id) == team_id)
    team = work.session.exec(query.with_for_update() if lock else query).one_or_none()
    if team is None:
        raise NotFound("entries.no_team", N_("There is no such team."))
    if lock and team.dissolved_at is not None:
        raise Gone("entries.dissolved", N_("The team “{team}” was dissolved."), team=team.name)
    return team


def relations_to_team(work: Work, actor: Actor, team_id: int) -> frozenset[Relation]:
    """Member and captain, as far as they hold."""
    if actor.person_id is None or work.session.get(TeamMember, (team_id, actor.person_id)) is None:
        return frozenset()
    team = work.session.get(Team, team_id)
    captain = team is not None and team.captain_id == actor.person_id
    return frozenset({"member", "captain"}) if captain else frozenset({"member"})


def led_by(work: Work, actor: Actor, team_id: int) -> Team:
    """The team, locked, for its captain. Raises Forbidden to everybody else."""
    team = get(work, team_id, lock=True)
    actor.demand("team.lead", also=relations_to_team(work, actor, team_id))
    return team


def member_ids(work: Work, team_id: int) -> list[int]:
    """The members in the order in which they joined."""
    query = select(TeamMember.person_id).where(TeamMember.team_id == team_id)
    return list(work.session.exec(query.order_by(col(TeamMember.joined_at), col(TeamMember.person_id))))


def rename(work: Work, actor: Actor, team_id: int, name: str) -> Team:
    """Gives the team another name, everywhere at once. Raises Malformed."""
    team = led_by(work, actor, team_id)
    _check_name(name)
    before = team.name
    try:
        with work.session.begin_nested():
            team.name, team.name_key = names.cleaned(name), names.name_key(name)
            work.session.add(team)
    except IntegrityError:
        raise _taken(name) from None
    ledger.record(work, actor.person_id, "team.rename", f"team:{team.id}", before=before, after=team.name)
    work.emit(TeamRenamed(team_id))
    return team


def invite(work: Work, actor: Actor, team_id: int) -> Invited:
    """Makes a link for one more member: shown once, good once and for seven days. Raises Refused when the team is full."""
    team = led_by(work, actor, team_id)
    if team.solo_of is not None:
        raise Refused("entries.solo_invite", N_("This is your team of one. Create a team to have others join."))
    demand_room(work, team_id)
    open_now = [i for i in invitations(work, team_id) if usable(i, work.now)]
    if len(open_now) >= MOST_INVITATIONS:
        raise Refused(
            "entries.many_invitations", N_("{most} invitations are open; revoke some first."), most=MOST_INVITATIONS
        )
    token = token_urlsafe(24)
    assert actor.person_id is not None
    made = Invitation(
        team_id=team_id,
        token_hash=_hash(token),
        created_by=actor.person_id,
        created_at=work.now,
        expires_at=work.now + timedelta(days=INVITATION_DAYS),
    )
    work.session.add(made)
    work.session.flush()
    assert made.id is not None
    ledger.record(work, actor.person_id, "team.invite", f"team:{team_id}", invitation=made.id)
    return Invited(made.id, token, made.expires_at)


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def demand_room(work: Work, team_id: int) -> None:
    """Raises Refused when the team is full."""
    if len(member_ids(work, team_id)) >= MOST_MEMBERS:
        raise Refused(
            "entries.full", N_("A team has at most {most} members, and this one has them."), most=MOST_MEMBERS
        )


def invitations(work: Work, team_id: int) -> list[Invitation]:
    """Newest first, also used and revoked ones."""
    return list(
        work.session.exec(select(Invitation).where(Invitation.team_id == team_id).order_by(col(Invitation.id).desc()))
    )


def usable(invitation: Invitation, now: datetime) -> bool:
    """Whether it can still be accepted."""
    return invitation.accepted_at is None and invitation.revoked_at is None and now < invitation.expires_at


def revoke(work: Work, actor: Actor, team_id: int, invitation_id: int) -> None:
    """Makes an open invitation worthless; one that is used or over stays as it is."""
    led_by(work, actor, team_id)
    query = select(Invitation).where(col(Invitation.id) == invitation_id, Invitation.team_id == team_id)
    found = work.session.exec(query.with_for_update()).one_or_none()
    if found is None:
        raise NotFound("entries.no_invitation", N_("There is no such invitation."))
    if usable(found, work.now):
        found.revoked_at = work.now
        work.session.add(found)


def invitation(work: Work, actor: Actor, token: str, *, lock: bool = False) -> tuple[Invitation, Team]:
    """What the link stands for. Raises NotFound for an unknown token, Gone for one that is used, revoked or over."""
    actor.demand("entry.create")
    query = select(Invitation).where(Invitation.token_hash == _hash(token))
    found = work.session.exec(query).one_or_none()
    if found is None:
        raise NotFound("entries.no_invitation", N_("There is no such invitation."))
    team = get(work, found.team_id, lock=lock)  # teams before invitations, everywhere: no deadlock
    if lock:
        found = work.session.exec(query.with_for_update().execution_options(populate_existing=True)).one()
    if found.accepted_at is not None:
        raise Gone("entries.invitation_used", N_("This invitation has been used. Ask the captain for another one."))
    if not usable(found, work.now):
        raise Gone("entries.invitation_over", N_("This invitation has ended. Ask the captain for another one."))
    return found, team


def entries_of(work: Work, team_id: int) -> list[Entry]:
    """The team's entries that stand, newest first."""
    query = select(Entry).where(Entry.team_id == team_id, col(Entry.state).in_(("requested", "approved")))
    return list(work.session.exec(query.order_by(col(Entry.id).desc())))
