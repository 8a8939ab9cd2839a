"""Organizations and the operator's list of people over HTTP."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from leaderboard.accounts import directory, organizations, people
from leaderboard.accounts import pages as made
from leaderboard.accounts.access import CurrentActor, act
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.directory import Asked
from leaderboard.accounts.forms import Done, Sent, Texts, again, attempt, trail
from leaderboard.accounts.organizations import organization_by_slug
from leaderboard.core.errors import JiebangError
from leaderboard.core.i18n import N_
from leaderboard.core.web import Held, Locale, ReadWork
from leaderboard.core.work import Resources, Work
from leaderboard.ui.forms import Form
from leaderboard.ui.respond import csv_file, page, see_other

pages = APIRouter()

UNITS: Final = (N_("Organizations"), "/organizations")
PEOPLE: Final = (N_("People"), None)
EDIT = act("organization.edit")


# Organizations


@pages.get("/{locale}/organizations", dependencies=[act("account.read")])
def show_organizations(request: Request, locale: Locale, work: ReadWork, actor: CurrentActor) -> Response:
    crumbs = trail(request, (N_("Organizations"), None))
    return page(request, "accounts/organizations.html", made.own_organizations(work, actor), breadcrumbs=crumbs)


@pages.get("/{locale}/organizations.csv", dependencies=[act("account.read")])
def organizations_csv(locale: Locale, work: ReadWork, actor: CurrentActor) -> Response:
    rows = [(row.slug, row.name, row.role) for row in made.own_organizations(work, actor).rows]
    return csv_file("organizations", ("slug", "name", "role"), rows)


def _founding(request: Request) -> list[tuple[str, str | None]]:
    return trail(request, UNITS, (N_("New organization"), None))


@pages.get("/{locale}/organizations/new", dependencies=[act("organization.create")])
def show_new(request: Request, locale: Locale, actor: CurrentActor) -> Response:
    content = made.new_organization(actor, Form())
    return page(request, "accounts/new_organization.html", content, breadcrumbs=_founding(request))


@pages.post("/{locale}/organizations/new", dependencies=[act("organization.create")])
def found(request: Request, locale: Locale, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    error = attempt(
        held, lambda work: organizations.create_organization(work, actor, name=sent["name"], slug=sent["slug"])
    )
    if error is not None:
        content = made.new_organization(actor, Form.refused(sent, error))
        return again(request, "accounts/new_organization.html", content, error, _founding(request))
    return see_other(request, f"/organizations/{sent['slug'].strip().lower()}?done=founded")


@pages.get("/{locale}/organizations/{slug}", dependencies=[act("organization.read")])
def show_organization(
    request: Request, locale: Locale, slug: str, work: ReadWork, actor: CurrentActor, done: Done = ""
) -> Response:
    content = made.organization(work, actor, slug, done=done)
    crumbs = trail(request, UNITS, (content.name, None)) if content.belongs else [(content.name, None)]
    return page(request, "accounts/organization.html", content, breadcrumbs=crumbs)


@pages.post("/{locale}/organizations/{slug}/name", dependencies=[EDIT])
def rename(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    def deed(work: Work) -> None:
        unit = organization_by_slug(work, actor, slug)
        organizations.rename_organization(work, actor, unit, name=sent["name"])

    error = attempt(held, deed)
    if error is not None:
        return _unit_again(request, held, actor, slug, error, rename=Form.refused(sent, error))
    return see_other(request, f"/organizations/{slug}?done=saved")


@pages.post("/{locale}/organizations/{slug}/standing", dependencies=[act("organization.vouch")])
def vouch(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    def deed(work: Work) -> None:
        unit, posts, audits = organization_by_slug(work, actor, slug), bool(sent["posts"]), bool(sent["audits"])
        standing = {"verified": sent["verified"], "region": sent["region"]}
        organizations.vouch(work, actor, unit, posts=posts, audits=audits, **standing)

    error = attempt(held, deed)
    if error is not None:
        return _unit_again(request, held, actor, slug, error, vouch=Form.refused(sent, error))
    return see_other(request, f"/organizations/{slug}?done=saved")


@pages.post("/{locale}/organizations/{slug}/members", dependencies=[EDIT])
def add(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor, sent: Sent) -> Response:
    def deed(work: Work) -> None:
        unit = organization_by_slug(work, actor, slug)
        organizations.add_member(work, actor, unit, email=sent["email"], role=sent["role"])

    error = attempt(held, deed)
    if error is not None:
        return _unit_again(request, held, actor, slug, error, add=Form.refused(sent, error))
    return see_other(request, f"/organizations/{slug}?done=added")


@pages.post("/{locale}/organizations/{slug}/members/{person_id}", dependencies=[EDIT])
def change_member(
    request: Request, locale: Locale, slug: str, person_id: int, held: Held, actor: CurrentActor, sent: Sent
) -> Response:
    error = attempt(held, lambda work: _change(work, actor, slug, person_id, sent))
    if error is not None:
        return _unit_again(request, held, actor, slug, error, add=Form.refused({}, error))
    return see_other(request, f"/organizations/{slug}?done=" + ("removed" if sent["role"] == "none" else "saved"))


def _change(work: Work, actor: Actor, slug: str, person_id: int, sent: Texts) -> None:
    """A new role for a member; the role ``none`` ends the membership."""
    unit = organization_by_slug(work, actor, slug)
    if sent["role"] == "none":
        organizations.remove_member(work, actor, unit, person_id)
    else:
        organizations.set_member_role(work, actor, unit, person_id, sent["role"])


@pages.post("/{locale}/organizations/{slug}/leave", dependencies=[act("organization.leave")])
def leave(request: Request, locale: Locale, slug: str, held: Held, actor: CurrentActor) -> Response:
    error = attempt(
        held, lambda work: organizations.leave_organization(work, actor, organization_by_slug(work, actor, slug))
    )
    if error is not None:
        return _unit_again(request, held, actor, slug, error, add=Form.refused({}, error))
    return see_other(request, "/account?done=left")


def _unit_again(
    request: Request,
    held: Resources,
    actor: Actor,
    slug: str,
    error: JiebangError,
    *,
    rename: Form | None = None,
    add: Form | None = None,
    vouch: Form | None = None,
) -> Response:
    with held.read() as work:
        content = made.organization(work, actor, slug, rename=rename, add=add, vouch=vouch)
    return again(request, "accounts/organization.html", content, error, trail(request, UNITS, (content.name, None)))


# The operator's list of people


async def asked(
    words: Annotated[str, Query(alias="q", max_length=100, description="words in name or e-mail")] = "",
    role: Annotated[str, Query(max_length=20, description="participant, organizer or operator")] = "",
    number: Annotated[int, Query(alias="page", ge=1, le=100_000)] = 1,
) -> Asked:
    """What the query string asks of the list."""
    return Asked(" ".join(words.split()), role, number)


Wanted = Annotated[Asked, Depends(asked)]


@pages.get("/{locale}/people", dependencies=[act("person.list")])
def show_people(
    request: Request, locale: Locale, work: ReadWork, actor: CurrentActor, wanted: Wanted, done: Done = ""
) -> Response:
    content = directory.listing(work, actor, wanted, done=done)
    return page(request, "accounts/people.html", content, breadcrumbs=trail(request, PEOPLE))


@pages.get("/{locale}/people.csv", dependencies=[act("person.list")])
def people_csv(locale: Locale, work: ReadWork, actor: CurrentActor, wanted: Wanted) -> Response:
    header = ("id", "name", "email", "role", "organizations", "registered", "closed")
    rows = [
        (row.id, row.name, row.email, row.role, row.organizations, row.created_at, row.closed_at)
        for row in directory.everyone(work, actor, wanted)
    ]
    return csv_file("people", header, rows)


@pages.post("/{locale}/people/{person_id}", dependencies=[act("person.edit")])
def edit_person(
    request: Request, locale: Locale, person_id: int, held: Held, actor: CurrentActor, wanted: Wanted, sent: Sent
) -> Response:
    error = attempt(held, lambda work: _edit(work, actor, person_id, sent["do"]))
    if error is None:
        return see_other(request, f"/people{directory.query(wanted, wanted.number, done='saved')}")
    with held.read() as work:
        content = directory.listing(work, actor, wanted, form=Form.refused({}, error))
    return again(request, "accounts/people.html", content, error, trail(request, PEOPLE))


def _edit(work: Work, actor: Actor, person_id: int, deed: str) -> None:
    """``close``, ``reopen``, or the role that the person gets."""
    if deed == "close":
        people.close_person(work, actor, person_id)
    elif deed == "reopen":
        people.reopen_person(work, actor, person_id)
    else:
        people.set_role(work, actor, person_id, deed)
