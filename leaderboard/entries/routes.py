"""Entering, teams and invitations over HTTP. A refusal shows the page again, with what was typed and why not."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from leaderboard.accounts.access import Actor, CurrentActor, act
from leaderboard.core.errors import FieldError, JiebangError, Malformed, Refused
from leaderboard.core.i18n import N_, translate
from leaderboard.core.web import Held, Locale, ReadWork
from leaderboard.core.work import Resources, Work
from leaderboard.entries import membership, service, teams
from leaderboard.entries import pages as made
from leaderboard.entries.routes_api import api
from leaderboard.seasons import service as seasons
from leaderboard.ui.forms import Form
from leaderboard.ui.respond import csv_file, locale_of, page, see_other

__all__ = ["api", "pages"]

pages = APIRouter()

ENTER, LEAD, LEAVE = act("entry.create"), act("team.lead"), act("team.leave")
Crumbs = list[tuple[str, str | None]]


async def sent(request: Request) -> Mapping[str, str]:
    """The texts of an ordinary form; the edge limits its size."""
    form = await request.form()
    return {key: value for key, value in form.multi_items() if isinstance(value, str)}


Sent = Annotated[Mapping[str, str], Depends(sent)]


def _done(held: Resources, deed: Callable[[Work], Any]) -> JiebangError | None:
    """Does the deed in a unit of work of its own; gives the refusal, after which nothing of it is kept."""
    try:
        with held.write() as work:
            deed(work)
    except (Malformed, Refused) as error:
        return error
    return None


def _said(request: Request, message: str) -> str:
    return translate(locale_of(request), message)


@pages.get("/{locale}/challenges/{slug}/enter", dependencies=[act("challenge.read")])
def enter_page(request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor) -> Response:
    return _enter_page(request, made.enter_page(work, actor, slug))


def _enter_page(request: Request, content: made.EnterPage, status: int = 200) -> Response:
    title = content.header.title.said(locale_of(request))
    trail: Crumbs = [
        (_said(request, N_("Challenges")), "/challenges"),
        (title, f"/challenges/{content.header.slug}"),
        (_said(request, N_("Enter")), None),
    ]
    return page(request, "entries/enter.html", content, nav="challenges", breadcrumbs=trail, status=status)


@pages.post("/{locale}/challenges/{slug}/enter", dependencies=[ENTER])
def enter(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor, values: Sent) -> Response:
    def deed(work: Work) -> None:
        challenge = seasons.challenge_by_slug(work, actor, slug)
        team = _chosen_team(work, actor, values)
        service.enter(work, actor, challenge.id or 0, team, accept_rules=values.get("accept_rules") == "yes")

    error = _done(held, deed)
    if error is None:
        return see_other(request, f"/challenges/{slug}")
    error = _at_its_box(error)
    with held.read() as work:
        return _enter_page(request, made.enter_page(work, actor, slug, Form.refused(values, error)), error.status)


def _chosen_team(work: Work, actor: Actor, values: Mapping[str, str]) -> int | None:
    """None: alone. A team that is there, or one made in the same step."""
    choice = values.get("team", "alone")
    if choice == "new":
        return teams.create(work, actor, values.get("name", "")).id
    if choice == "alone":
        return None
    if not choice.isdecimal():
        raise Malformed("entries.choice", N_("Choose whether you enter alone or with which team."))
    return int(choice)


def _at_its_box(error: JiebangError) -> JiebangError:
    """Puts the refusal of an unticked box at the box."""
    if error.id != "entries.rules":
        return error
    return Malformed(error.id, error.message, fields=[FieldError("accept_rules", error.message)])


@pages.post("/{locale}/challenges/{slug}/accept-rules", dependencies=[ENTER])
def accept_rules(
    request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor, values: Sent
) -> Response:
    if values.get("accept_rules") != "yes":
        return enter(request, locale, slug, held, actor, {})
    with held.write() as work:
        service.accept_rules(work, actor, seasons.challenge_by_slug(work, actor, slug))
    return see_other(request, f"/challenges/{slug}")


@pages.post("/{locale}/entries/{entry_id}/withdraw", dependencies=[LEAD])
def withdraw(request: Request, locale: Locale, entry_id: int, held: Held, actor: CurrentActor) -> Response:
    error = _done(held, lambda work: service.withdraw(work, actor, entry_id))
    return _my_teams_again(request, held, actor, {}, error) if error else see_other(request, "/me/teams")


@pages.get("/{locale}/me/teams", dependencies=[ENTER])
def my_teams(request: Request, locale: Locale, work: ReadWork, actor: CurrentActor) -> Response:
    return _my_teams(request, made.my_teams(work, actor))


def _my_teams(request: Request, content: made.MyTeams, status: int = 200) -> Response:
    trail: Crumbs = [(_said(request, N_("My teams")), None)]
    return page(request, "entries/my_teams.html", content, nav="teams", breadcrumbs=trail, status=status)


def _my_teams_again(
    request: Request, held: Resources, actor: Actor, values: Mapping[str, str], error: JiebangError
) -> Response:
    with held.read() as work:
        return _my_teams(request, made.my_teams(work, actor, Form.refused(values, error)), error.status)


@pages.get("/{locale}/me/teams.csv", dependencies=[ENTER])
def my_entries_csv(locale: Locale, work: ReadWork, actor: CurrentActor) -> Response:
    rows = [(e.slug, e.title.said(locale), e.team, e.status, e.entered_at) for e in made.my_teams(work, actor).entries]
    return csv_file("my-entries", ("challenge", "title", "team", "state", "entered_at"), rows)


@pages.post("/{locale}/me/teams", dependencies=[ENTER])
def create(request: Request, locale: Locale, held: Held, actor: CurrentActor, values: Sent) -> Response:
    ids: list[int | None] = []
    error = _done(held, lambda work: ids.append(teams.create(work, actor, values.get("name", "")).id))
    return _my_teams_again(request, held, actor, values, error) if error else see_other(request, f"/teams/{ids[0]}")


@pages.get("/{locale}/teams/{team_id}", dependencies=[act("team.read")])
def team(request: Request, locale: Locale, team_id: int, work: ReadWork, actor: CurrentActor) -> Response:
    return _team(request, made.team_page(work, actor, team_id))


def _team(request: Request, content: made.TeamPage, status: int = 200) -> Response:
    trail: Crumbs = [(content.name, None)]
    if content.belongs:
        trail.insert(0, (_said(request, N_("My teams")), "/me/teams"))
    nav = "teams" if content.belongs else None
    return page(request, "entries/team.html", content, nav=nav, breadcrumbs=trail, status=status)


def _changed(
    request: Request,
    held: Resources,
    actor: Actor,
    team_id: int,
    values: Mapping[str, str],
    deed: Callable[[Work], Any],
) -> Response:
    """Does something to a team and shows it again; a refusal stands above."""
    error = _done(held, deed)
    if error is None:
        return see_other(request, f"/teams/{team_id}")
    with held.read() as work:
        return _team(request, made.team_page(work, actor, team_id, Form.refused(values, error)), error.status)


def _person(values: Mapping[str, str]) -> int:
    """The person that a form is about. Raises Malformed."""
    text = values.get("person", "")
    if not text.isdecimal():
        raise Malformed("entries.person", N_("Choose a member."))
    return int(text)


@pages.post("/{locale}/teams/{team_id}/rename", dependencies=[LEAD])
def rename(request: Request, locale: Locale, team_id: int, held: Held, actor: CurrentActor, values: Sent) -> Response:
    name = values.get("name", "")
    return _changed(request, held, actor, team_id, values, lambda work: teams.rename(work, actor, team_id, name))


@pages.post("/{locale}/teams/{team_id}/invite", dependencies=[LEAD])
def invite(request: Request, locale: Locale, team_id: int, held: Held, actor: CurrentActor) -> Response:
    found: list[teams.Invited] = []
    error = _done(held, lambda work: found.append(teams.invite(work, actor, team_id)))
    with held.read() as work:
        if error is not None:
            return _team(request, made.team_page(work, actor, team_id, Form.refused({}, error)), error.status)
        link = f"{held.settings.base_url.rstrip('/')}/{locale}/invitations/{found[0].token}"
        return _team(request, made.team_page(work, actor, team_id, link=link, until=found[0].expires_at), 201)


@pages.post("/{locale}/teams/{team_id}/invitations/{invitation_id}/revoke", dependencies=[LEAD])
def revoke(
    request: Request, locale: Locale, team_id: int, invitation_id: int, held: Held, actor: CurrentActor
) -> Response:
    deed = lambda work: teams.revoke(work, actor, team_id, invitation_id)  # noqa: E731 - one deed, named for the line
    return _changed(request, held, actor, team_id, {}, deed)


@pages.post("/{locale}/teams/{team_id}/leave", dependencies=[LEAVE])
def leave(request: Request, locale: Locale, team_id: int, held: Held, actor: CurrentActor) -> Response:
    return _changed(request, held, actor, team_id, {}, lambda work: membership.leave(work, actor, team_id))


@pages.post("/{locale}/teams/{team_id}/remove", dependencies=[LEAD])
def remove(request: Request, locale: Locale, team_id: int, held: Held, actor: CurrentActor, values: Sent) -> Response:
    def deed(work: Work) -> None:
        membership.leave(work, actor, team_id, _person(values))

    return _changed(request, held, actor, team_id, values, deed)


@pages.post("/{locale}/teams/{team_id}/hand-over", dependencies=[LEAD])
def hand_over(
    request: Request, locale: Locale, team_id: int, held: Held, actor: CurrentActor, values: Sent
) -> Response:
    def deed(work: Work) -> None:
        membership.hand_over(work, actor, team_id, _person(values))

    return _changed(request, held, actor, team_id, values, deed)


@pages.post("/{locale}/teams/{team_id}/dissolve", dependencies=[LEAD])
def dissolve(request: Request, locale: Locale, team_id: int, held: Held, actor: CurrentActor) -> Response:
    return _changed(request, held, actor, team_id, {}, lambda work: membership.dissolve(work, actor, team_id))


@pages.get("/{locale}/invitations/{token}", dependencies=[ENTER])
def invitation(request: Request, locale: Locale, token: str, work: ReadWork, actor: CurrentActor) -> Response:
    return _invitation(request, made.invitation_page(work, actor, token))


def _invitation(request: Request, content: made.InvitationPage, status: int = 200) -> Response:
    trail: Crumbs = [(_said(request, N_("Invitation")), None)]
    return page(request, "entries/invitation.html", content, nav="teams", breadcrumbs=trail, status=status)


@pages.post("/{locale}/invitations/{token}", dependencies=[ENTER])
def accept(request: Request, locale: Locale, token: str, held: Held, actor: CurrentActor) -> Response:
    ids: list[int | None] = []
    error = _done(held, lambda work: ids.append(membership.accept(work, actor, token).id))
    if error is None:
        return see_other(request, f"/teams/{ids[0]}")
    with held.read() as work:
        content = made.invitation_page(work, actor, token, Form.refused({}, error))
        return _invitation(request, content, error.status)
