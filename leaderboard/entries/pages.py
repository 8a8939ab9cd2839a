"""What the pages of teams and entries show, as frozen objects."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Person
from leaderboard.accounts.policy import Relation, allows, demand
from leaderboard.core.work import Work
from leaderboard.entries import service, teams
from leaderboard.entries.models import Entry, Invitation, Team, TeamMember
from leaderboard.seasons import pages as seasons_pages
from leaderboard.seasons import service as seasons
from leaderboard.seasons.models import Challenge
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.seasons.states import Status
from leaderboard.ui.forms import Form

NO_ORGANIZATION: Final = 0
"""Nobody belongs to it, so nobody organizes a team that has entered nothing."""


@dataclass(frozen=True)
class TeamRow:
    """A team that the actor is in."""

    id: int
    name: str
    members: int
    leads: bool
    solo: bool
    entries: int


@dataclass(frozen=True)
class EntryRow:
    """An entry of a team. ``accepted``: the viewer has accepted the rules (None: does not sit for it)."""

    id: int
    slug: str
    title: Words
    status: Status
    team_id: int
    team: str
    entered_at: datetime
    accepted: bool | None
    can_withdraw: bool


@dataclass(frozen=True)
class MemberRow:
    person_id: int
    name: str
    captain: bool
    me: bool
    joined_at: datetime


@dataclass(frozen=True)
class InvitationRow:
    """``state``: open, used, revoked or over."""

    id: int
    state: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class EnterPage:
    """Entering a challenge. ``teams``: those the actor leads and may enter; ``entry``: the actor stands already."""

    header: seasons_pages.ChallengeHeader
    rules: tuple[Phrase, ...]
    open: bool
    signed_in: bool
    name: str
    teams: tuple[TeamRow, ...]
    entry: EntryRow | None
    form: Form


@dataclass(frozen=True)
class MyTeams:
    teams: tuple[TeamRow, ...]
    entries: tuple[EntryRow, ...]
    most: int
    form: Form


@dataclass(frozen=True)
class TeamPage:
    """A team. ``members`` None: not for this viewer. ``link``: a fresh invitation, shown this once."""

    id: int
    name: str
    solo: bool
    dissolved: bool
    created_at: datetime
    size: int
    most: int
    entries: tuple[EntryRow, ...]
    members: tuple[MemberRow, ...] | None
    invitations: tuple[InvitationRow, ...]
    leads: bool
    belongs: bool
    link: str | None
    link_until: datetime | None
    form: Form


@dataclass(frozen=True)
class InvitationPage:
    """What an invitation link leads to. ``entries``: challenges that joining makes the person stand in."""

    token: str
    team_id: int
    team: str
    size: int
    entries: tuple[EntryRow, ...]
    expires_at: datetime
    member: bool
    form: Form


def enter_page(work: Work, actor: Actor, slug: str, form: Form | None = None) -> EnterPage:
    """The page on which one enters: the rules, and what entering means. Raises NotFound."""
    challenge = seasons.challenge_by_slug(work, actor, slug)
    assert challenge.id is not None
    entry = service.entry_of(work, actor.person_id, challenge.id) if actor.person_id else None
    mine = tuple(row for row in team_rows(work, actor) if row.leads and not row.solo) if actor.person_id else ()
    return EnterPage(
        header=seasons_pages.header(work, actor, challenge, "enter"),
        rules=seasons_pages.rules_of(work, challenge),
        open=seasons.status_of(work, challenge, work.now) in service.ENTERABLE,
        signed_in=actor.person_id is not None,
        name=actor.name,
        teams=mine,
        entry=entry_row(work, actor, entry) if entry else None,
        form=form or Form(),
    )


def team_rows(work: Work, actor: Actor) -> tuple[TeamRow, ...]:
    """The actor's teams, by name."""
    query = select(Team).join(TeamMember, col(TeamMember.team_id) == Team.id)
    mine = query.where(TeamMember.person_id == actor.person_id, col(Team.dissolved_at).is_(None)).order_by(Team.name)
    return tuple(
        TeamRow(
            id=team.id or 0,
            name=team.name,
            members=len(teams.member_ids(work, team.id or 0)),
            leads=team.captain_id == actor.person_id,
            solo=team.solo_of is not None,
            entries=len(teams.entries_of(work, team.id or 0)),
        )
        for team in work.session.exec(mine)
    )


def entry_row(work: Work, actor: Actor, entry: Entry) -> EntryRow:
    challenge = work.session.get_one(Challenge, entry.challenge_id)
    team = work.session.get_one(Team, entry.team_id)
    assert entry.id is not None and challenge.id is not None  # noqa: PT018
    seat = service.seat_of(work, actor.person_id, challenge.id) if actor.person_id else None
    leads = actor.person_id is not None and team.captain_id == actor.person_id
    return EntryRow(
        id=entry.id,
        slug=challenge.slug,
        title=Words(challenge.title_en, challenge.title_zh),
        status=seasons.status_of(work, challenge, work.now),
        team_id=entry.team_id,
        team=team.name,
        entered_at=entry.created_at,
        accepted=seat.rules_accepted_at is not None if seat and seat.entry_id == entry.id else None,
        can_withdraw=leads and not service.objections_to_withdrawal(work, entry.id),
    )


def my_teams(work: Work, actor: Actor, form: Form | None = None) -> MyTeams:
    """The actor's teams, and every challenge that they stand in."""
    actor.demand("entry.create")
    mine = team_rows(work, actor)
    entries = tuple(entry_row(work, actor, entry) for team in mine for entry in teams.entries_of(work, team.id))
    return MyTeams(mine, entries, teams.MOST_MEMBERS, form or Form())


def relations_to_team(work: Work, actor: Actor, team_id: int) -> frozenset[Relation]:
    """What the actor is to a team: of it, or organizer of a challenge that it has entered."""
    query = select(Challenge.organization_id).join(Entry, col(Entry.challenge_id) == Challenge.id)
    units = set(work.session.exec(query.where(Entry.team_id == team_id))) or {NO_ORGANIZATION}
    own = teams.relations_to_team(work, actor, team_id)
    return frozenset().union(*(actor.relations(organization_id=unit, also=own) for unit in units))


def team_page(
    work: Work,
    actor: Actor,
    team_id: int,
    form: Form | None = None,
    *,
    link: str | None = None,
    until: datetime | None = None,
) -> TeamPage:
    """A team's page: its name and entries for everyone, its people for those who may know them. Raises NotFound."""
    actor.demand("team.read")
    team = teams.get(work, team_id)
    relations = relations_to_team(work, actor, team_id)
    members = _members(work, actor, team)
    leads = "captain" in relations
    return TeamPage(
        id=team_id,
        name=team.name,
        solo=team.solo_of is not None,
        dissolved=team.dissolved_at is not None,
        created_at=team.created_at,
        size=len(members),
        most=teams.MOST_MEMBERS,
        entries=tuple(
            entry_row(work, actor, entry) for entry in teams.entries_of(work, team_id) if _shown(work, actor, entry)
        ),
        members=members if allows("team.read_members", relations, actor.scopes) else None,
        invitations=tuple(_invitation_row(one, work.now) for one in teams.invitations(work, team_id)) if leads else (),
        leads=leads,
        belongs="member" in relations,
        link=link,
        link_until=until,
        form=form or Form(),
    )


def members_of(work: Work, actor: Actor, team_id: int) -> tuple[MemberRow, ...]:
    """The people of a team. Raises SignInNeeded, Forbidden, NotFound."""
    team = teams.get(work, team_id)
    demand("team.read_members", relations_to_team(work, actor, team_id), actor.scopes)
    return _members(work, actor, team)


def _shown(work: Work, actor: Actor, entry: Entry) -> bool:
    """Entries in drafts are their organizers' own affair (a baseline, say)."""
    challenge = work.session.get_one(Challenge, entry.challenge_id)
    return challenge.state != "draft" or allows(
        "challenge.read_draft", actor.relations(organization_id=challenge.organization_id), actor.scopes
    )


def _members(work: Work, actor: Actor, team: Team) -> tuple[MemberRow, ...]:
    query = select(TeamMember, Person.name).join(Person, col(Person.id) == TeamMember.person_id)
    rows = work.session.exec(query.where(TeamMember.team_id == team.id).order_by(col(TeamMember.joined_at)))
    return tuple(
        MemberRow(
            person_id=member.person_id,
            name=name,
            captain=member.person_id == team.captain_id,
            me=member.person_id == actor.person_id,
            joined_at=member.joined_at,
        )
        for member, name in rows
    )


def _invitation_row(invitation: Invitation, now: datetime) -> InvitationRow:
    if invitation.accepted_at is not None:
        state = "used"
    elif invitation.revoked_at is not None:
        state = "revoked"
    else:
        state = "open" if now < invitation.expires_at else "over"
    return InvitationRow(invitation.id or 0, state, invitation.created_at, invitation.expires_at)


def invitation_page(work: Work, actor: Actor, token: str, form: Form | None = None) -> InvitationPage:
    """What joining means. Raises NotFound, Gone, SignInNeeded."""
    found, team = teams.invitation(work, actor, token)
    assert team.id is not None
    members = teams.member_ids(work, team.id)
    return InvitationPage(
        token=token,
        team_id=team.id,
        team=team.name,
        size=len(members),
        entries=tuple(entry_row(work, actor, entry) for entry in teams.entries_of(work, team.id)),
        expires_at=found.expires_at,
        member=actor.person_id in members,
        form=form or Form(),
    )
