"""Entries, teams and invitations under ``/api/v1``: the same verbs as the pages."""

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from leaderboard.accounts.access import CurrentActor, act
from leaderboard.core.errors import Malformed, NotFound
from leaderboard.core.i18n import N_
from leaderboard.core.web import ReadWork, WriteWork
from leaderboard.core.work import Work
from leaderboard.entries import membership, pages, service, teams
from leaderboard.entries.models import Team
from leaderboard.seasons import service as seasons

api = APIRouter(tags=["teams"])

ENTER, LEAD, LEAVE = act("entry.create"), act("team.lead"), act("team.leave")


class EntryIn(BaseModel):
    """Enter alone (neither is given), with a team that you lead, or with one made in the same step."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"team_name": "Data Team", "accept_rules": True}}
    )

    team_id: int | None = None
    team_name: str | None = Field(default=None, max_length=200)
    accept_rules: bool = Field(description="you have read the rules of the challenge and accept them")


class EntryOut(BaseModel):
    """``accepted``: whether you have accepted the rules (null: you do not sit for this entry)."""

    id: int
    challenge: str
    status: str = Field(description="of the challenge: upcoming, open, closing, between or closed")
    team_id: int
    team: str
    entered_at: datetime
    accepted: bool | None

    @classmethod
    def of(cls, row: pages.EntryRow) -> "EntryOut":
        return cls(
            id=row.id,
            challenge=row.slug,
            status=row.status,
            team_id=row.team_id,
            team=row.team,
            entered_at=row.entered_at,
            accepted=row.accepted,
        )


class MemberOut(BaseModel):
    person_id: int
    name: str
    captain: bool


class TeamOut(BaseModel):
    """``members`` is null for those who may not know them."""

    id: int
    name: str
    solo: bool
    dissolved: bool
    size: int
    members: list[MemberOut] | None
    entries: list[EntryOut]

    @classmethod
    def of(cls, page: pages.TeamPage) -> "TeamOut":
        members = (
            None
            if page.members is None
            else [MemberOut(person_id=one.person_id, name=one.name, captain=one.captain) for one in page.members]
        )
        return cls(
            id=page.id,
            name=page.name,
            solo=page.solo,
            dissolved=page.dissolved,
            size=page.size,
            members=members,
            entries=[EntryOut.of(row) for row in page.entries],
        )


class TeamItem(BaseModel):
    id: int
    name: str
    members: int
    captain: bool
    solo: bool


class NameIn(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"name": "Data Team"}})

    name: str = Field(max_length=200)


class PersonIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    person_id: int


class TokenIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token: str = Field(max_length=200)


class InvitationOut(BaseModel):
    """``token`` is shown when the invitation is made, and never again."""

    id: int
    state: str = Field(description="open, used, revoked or over")
    expires_at: datetime
    token: str | None = None


class SeatOut(BaseModel):
    challenge: str
    rules_accepted_at: datetime


@api.post("/challenges/{slug}/entry", dependencies=[ENTER], status_code=201)
def enter(slug: str, body: EntryIn, work: WriteWork, actor: CurrentActor) -> EntryOut:
    """Enters a challenge and takes a seat for every member of the team."""
    actor.demand("entry.create")
    if body.team_id is not None and body.team_name is not None:
        raise Malformed("entries.team_twice", N_("Give team_id or team_name, not both."))
    challenge = seasons.challenge_by_slug(work, actor, slug)
    team = body.team_id if body.team_name is None else teams.create(work, actor, body.team_name).id
    entry = service.enter(work, actor, challenge.id or 0, team, accept_rules=body.accept_rules)
    return EntryOut.of(pages.entry_row(work, actor, entry))


@api.get("/challenges/{slug}/entry", dependencies=[ENTER])
def my_entry(slug: str, work: ReadWork, actor: CurrentActor) -> EntryOut:
    """Your entry in this challenge."""
    return EntryOut.of(_own(work, actor, slug))


def _own(work: Work, actor: CurrentActor, slug: str) -> pages.EntryRow:
    actor.demand("entry.create")
    challenge = seasons.challenge_by_slug(work, actor, slug)
    entry = service.entry_of(work, actor.id, challenge.id or 0)
    if entry is None:
        raise NotFound("entries.none_here", N_("You have no entry in this challenge."))
    return pages.entry_row(work, actor, entry)


@api.delete("/challenges/{slug}/entry", dependencies=[LEAD], status_code=204)
def withdraw(slug: str, work: WriteWork, actor: CurrentActor) -> Response:
    """Withdraws your team's entry while nothing has been handed in."""
    service.withdraw(work, actor, _own(work, actor, slug).id)
    return Response(status_code=204)


@api.post("/challenges/{slug}/rules", dependencies=[ENTER])
def accept_rules(slug: str, work: WriteWork, actor: CurrentActor) -> SeatOut:
    """Accepts the rules for yourself, after your team has entered."""
    seat = service.accept_rules(work, actor, seasons.challenge_by_slug(work, actor, slug))
    assert seat.rules_accepted_at is not None
    return SeatOut(challenge=slug, rules_accepted_at=seat.rules_accepted_at)


@api.get("/me/entries", dependencies=[ENTER])
def my_entries(work: ReadWork, actor: CurrentActor) -> list[EntryOut]:
    """Every challenge that your teams stand in."""
    return [EntryOut.of(row) for row in pages.my_teams(work, actor).entries]


@api.get("/me/teams", dependencies=[ENTER])
def my_teams(work: ReadWork, actor: CurrentActor) -> list[TeamItem]:
    """The teams that you are in, your team of one included."""
    return [
        TeamItem(id=row.id, name=row.name, members=row.members, captain=row.leads, solo=row.solo)
        for row in pages.my_teams(work, actor).teams
    ]


@api.post("/teams", dependencies=[ENTER], status_code=201)
def create(body: NameIn, work: WriteWork, actor: CurrentActor) -> TeamOut:
    """Makes a team with you as its captain."""
    return _team(work, actor, teams.create(work, actor, body.name))


def _team(work: Work, actor: CurrentActor, team: Team) -> TeamOut:
    return TeamOut.of(pages.team_page(work, actor, team.id or 0))


@api.get("/teams/{team_id}", dependencies=[act("team.read")])
def team(team_id: int, work: ReadWork, actor: CurrentActor) -> TeamOut:
    """A team with its entries, and its members for those who may know them."""
    return TeamOut.of(pages.team_page(work, actor, team_id))


@api.get("/teams/{team_id}/members", dependencies=[act("team.read_members")])
def members(team_id: int, work: ReadWork, actor: CurrentActor) -> list[MemberOut]:
    """The people of a team, for its members and for organizers of challenges that it has entered."""
    return [
        MemberOut(person_id=one.person_id, name=one.name, captain=one.captain)
        for one in pages.members_of(work, actor, team_id)
    ]


@api.patch("/teams/{team_id}", dependencies=[LEAD])
def rename(team_id: int, body: NameIn, work: WriteWork, actor: CurrentActor) -> TeamOut:
    """Gives the team another name."""
    return _team(work, actor, teams.rename(work, actor, team_id, body.name))


@api.delete("/teams/{team_id}", dependencies=[LEAD], status_code=204)
def dissolve(team_id: int, work: WriteWork, actor: CurrentActor) -> Response:
    """Dissolves a team that has handed nothing in."""
    membership.dissolve(work, actor, team_id)
    return Response(status_code=204)


@api.post("/teams/{team_id}/captain", dependencies=[LEAD])
def hand_over(team_id: int, body: PersonIn, work: WriteWork, actor: CurrentActor) -> TeamOut:
    """Makes another member the captain."""
    return _team(work, actor, membership.hand_over(work, actor, team_id, body.person_id))


@api.delete("/teams/{team_id}/members/{person_id}", dependencies=[LEAVE], status_code=204)
def leave(team_id: int, person_id: int, work: WriteWork, actor: CurrentActor) -> Response:
    """Leaves the team; a captain may name any other member."""
    membership.leave(work, actor, team_id, person_id)
    return Response(status_code=204)


@api.get("/teams/{team_id}/invitations", dependencies=[LEAD])
def invitations(team_id: int, work: ReadWork, actor: CurrentActor) -> list[InvitationOut]:
    """The team's invitations, newest first; for its captain."""
    actor.demand("team.lead", also=teams.relations_to_team(work, actor, team_id))
    rows = pages.team_page(work, actor, team_id).invitations
    return [InvitationOut(id=row.id, state=row.state, expires_at=row.expires_at) for row in rows]


@api.post("/teams/{team_id}/invitations", dependencies=[LEAD], status_code=201)
def invite(team_id: int, work: WriteWork, actor: CurrentActor) -> InvitationOut:
    """Makes an invitation for one more member: good once and for seven days."""
    made = teams.invite(work, actor, team_id)
    return InvitationOut(id=made.id, state="open", expires_at=made.expires_at, token=made.token)


@api.delete("/teams/{team_id}/invitations/{invitation_id}", dependencies=[LEAD], status_code=204)
def revoke(team_id: int, invitation_id: int, work: WriteWork, actor: CurrentActor) -> Response:
    """Makes an open invitation worthless."""
    teams.revoke(work, actor, team_id, invitation_id)
    return Response(status_code=204)


@api.post("/invitations", dependencies=[ENTER])
def accept(body: TokenIn, work: WriteWork, actor: CurrentActor) -> TeamOut:
    """Joins the team that the invitation is for."""
    return _team(work, actor, membership.accept(work, actor, body.token))
