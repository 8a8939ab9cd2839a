"""Coming and going: what changes who a team is changes who sits for its entries."""

from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.core import ledger
from leaderboard.core.errors import Forbidden, NotFound, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.entries import service, teams
from leaderboard.entries.models import Team, TeamMember
from leaderboard.seasons import service as seasons
from leaderboard.seasons.models import Challenge
from leaderboard.seasons.states import Status


def accept(work: Work, actor: Actor, token: str) -> Team:
    """Joins the team that the invitation is for, and takes a seat in its running entries.

    Raises NotFound, Gone (used, revoked, over), Refused (full, or the person stands for another team in a challenge that
    this team has entered).
    """
    found, team = teams.invitation(work, actor, token, lock=True)
    assert actor.person_id is not None and team.id is not None  # noqa: PT018
    if actor.person_id in teams.member_ids(work, team.id):
        raise Refused("entries.member_already", N_("You are in the team “{team}” already."), team=team.name)
    teams.demand_room(work, team.id)
    work.session.add(TeamMember(team_id=team.id, person_id=actor.person_id, joined_at=work.now))
    found.accepted_by, found.accepted_at = actor.person_id, work.now
    work.session.add(found)
    work.session.flush()
    for entry in teams.entries_of(work, team.id):
        challenge = work.session.get(Challenge, entry.challenge_id)
        if challenge is not None and seasons.status_of(work, challenge, work.now) is not Status.CLOSED:
            service.take_seat(work, entry, actor.person_id)
    ledger.record(work, actor.person_id, "team.join", f"team:{team.id}", invitation=found.id)
    return team


def leave(work: Work, actor: Actor, team_id: int, person_id: int | None = None) -> None:
    """The actor leaves; or, with ``person_id``, the captain has a member leave. A captain hands over before leaving."""
    team = teams.get(work, team_id, lock=True)
    relations = teams.relations_to_team(work, actor, team_id)
    actor.demand("team.leave", also=relations)
    person_id = actor.person_id if person_id is None else person_id
    assert person_id is not None
    if person_id != actor.person_id and "captain" not in relations:
        raise Forbidden("entries.captain_only", N_("Only the captain may have somebody leave the team."))
    if team.solo_of is not None:
        raise Refused("entries.solo_leave", N_("This is your team of one; it stays with you."))
    if person_id == team.captain_id:
        raise Refused("entries.captain_leave", N_("A captain hands the team over first, or dissolves it."))
    member = work.session.get(TeamMember, (team_id, person_id))
    if member is None:
        raise NotFound("entries.no_member", N_("There is no such member in this team."))
    work.session.delete(member)
    work.session.flush()
    service.free_seats(work, team_id, person_id)
    ledger.record(work, actor.person_id, "team.leave", f"team:{team_id}", person=person_id)


def hand_over(work: Work, actor: Actor, team_id: int, person_id: int) -> Team:
    """Makes another member the captain."""
    team = teams.led_by(work, actor, team_id)
    if work.session.get(TeamMember, (team_id, person_id)) is None:
        raise NotFound("entries.no_member", N_("There is no such member in this team."))
    team.captain_id = person_id
    work.session.add(team)
    work.session.flush()
    ledger.record(work, actor.person_id, "team.hand_over", f"team:{team_id}", to=person_id)
    return team


def dissolve(work: Work, actor: Actor, team_id: int) -> None:
    """Ends a team that has handed nothing in: its entries are withdrawn, its members are free, its name is kept.

    Raises Refused when one of its entries has submissions: results stay with a name behind them.
    """
    team = teams.led_by(work, actor, team_id)
    if team.solo_of is not None:
        raise Refused("entries.solo_leave", N_("This is your team of one; it stays with you."))
    for entry in teams.entries_of(work, team_id):
        assert entry.id is not None
        service.withdraw(work, actor, entry.id)
    for invitation in teams.invitations(work, team_id):
        if teams.usable(invitation, work.now):
            invitation.revoked_at = work.now
            work.session.add(invitation)
    team.dissolved_at = work.now
    for member in work.session.exec(select(TeamMember).where(col(TeamMember.team_id) == team_id)):
        work.session.delete(member)
    work.session.add(team)
    work.session.flush()
    ledger.record(work, actor.person_id, "team.dissolve", f"team:{team_id}")


def part_from(work: Work, person_id: int) -> None:
    """After somebody's account was closed: teams that they led go to the member who joined next, and they leave every team.

    Their seats are freed or kept as when anyone leaves. A team that is left empty stays, with its results.
    """
    mine = select(Team).join(TeamMember, col(TeamMember.team_id) == Team.id).where(TeamMember.person_id == person_id)
    for team in work.session.exec(mine.with_for_update()).all():
        assert team.id is not None
        others = [member for member in teams.member_ids(work, team.id) if member != person_id]
        if team.solo_of is not None or (not others and team.captain_id == person_id):
            continue
        if team.captain_id == person_id:
            team.captain_id = others[0]
            work.session.add(team)
        work.session.delete(work.session.get_one(TeamMember, (team.id, person_id)))
        work.session.flush()
        service.free_seats(work, team.id, person_id)
        ledger.record(work, person_id, "team.part", f"team:{team.id}", captain=team.captain_id)
