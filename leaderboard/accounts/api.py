"""Accounts for programs: a token for a password, who I am, my tokens, organizations."""

from datetime import datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from leaderboard.accounts import directory, organizations, tokens
from leaderboard.accounts import pages as made
from leaderboard.accounts.access import CurrentActor, CurrentVisitor, act
from leaderboard.accounts.forms import NO_STORE
from leaderboard.accounts.models import PersonRole
from leaderboard.accounts.policy import Scope
from leaderboard.accounts.routes_desk import Wanted
from leaderboard.core.web import Held, ReadWork, WriteWork

api = APIRouter(tags=["accounts"])

WhenUtc = Annotated[datetime, Field(examples=["2026-12-15T04:00:00Z"])]


class TokenAsked(BaseModel):
    """Who wants a token, and what it may do. Reading is always among its scopes."""

    model_config = ConfigDict(extra="forbid")

    email: Annotated[str, Field(max_length=300, examples=["lin@songshanlake.example"])]
    password: Annotated[SecretStr, Field(max_length=1000)]
    name: Annotated[str, Field(max_length=300, examples=["laptop"], description="so that you know it again")] = (
        "jiebang login"
    )
    scopes: Annotated[list[Scope], Field(examples=[["read", "submit"]])] = ["read", "submit"]
    days: Annotated[int, Field(ge=1, le=tokens.LONGEST_DAYS, description="until it expires")] = 90


class TokenMade(BaseModel):
    """A token just made. ``token`` is shown here and never again."""

    token: Annotated[str, Field(examples=["jb_…"])]
    id: int
    name: str
    scopes: list[str]
    expires_at: WhenUtc


class Token(BaseModel):
    id: int
    name: str
    start: Annotated[str, Field(description="its first characters", examples=["jb_4fQ2Zx"])]
    scopes: list[str]
    created_at: WhenUtc
    expires_at: WhenUtc
    seen_at: datetime | None


class Unit(BaseModel):
    """An organization, and what I am in it ("" for an operator who is not in it)."""

    slug: Annotated[str, Field(examples=["state-grid"])]
    name: Annotated[str, Field(examples=["State Grid"])]
    role: Literal["owner", "member", ""] = ""

    @classmethod
    def of(cls, row: made.OrganizationRow) -> Self:
        return cls.model_validate({"slug": row.slug, "name": row.name, "role": row.role})


class Me(BaseModel):
    """Who asks; ``scopes`` of the token, null in a browser."""

    id: int
    name: str
    email: str
    role: PersonRole
    locale: Literal["zh", "en"]
    scopes: list[str] | None
    organizations: list[Unit]


class OrganizationShown(BaseModel):
    slug: str
    name: str


class PersonShown(BaseModel):
    id: int
    name: str
    email: str
    role: PersonRole
    organizations: str
    created_at: WhenUtc
    closed_at: datetime | None


class PeopleShown(BaseModel):
    total: int
    people: list[PersonShown]


@api.post("/tokens", status_code=201, dependencies=[act("account.sign_in")])
def token_for_password(
    held: Held, actor: CurrentActor, visitor: CurrentVisitor, asked: TokenAsked, response: Response
) -> TokenMade:
    """A token for whoever knows the password. Tries are limited as on the sign-in page (429 says when to come back)."""
    given = asked.model_dump(exclude={"password"})
    made_now = tokens.make_token_by_password(held, actor, visitor, password=asked.password.get_secret_value(), **given)
    response.headers.update(NO_STORE)
    return TokenMade(
        token=made_now.key,
        id=made_now.id,
        name=made_now.name,
        scopes=list(made_now.scopes),
        expires_at=made_now.expires_at,
    )


@api.get("/tokens", dependencies=[act("token.own")])
def my_tokens(work: ReadWork, actor: CurrentActor) -> list[Token]:
    """My living tokens, newest first. For browsers: no token may list tokens."""
    return [
        Token(**{**row.model_dump(include=set(Token.model_fields) - {"scopes"}), "scopes": row.scopes.split()})
        for row in tokens.tokens(work, actor)
    ]


@api.delete("/tokens/current", status_code=204, dependencies=[act("token.drop")])
def drop_token(work: WriteWork, actor: CurrentActor) -> None:
    """Ends the token that this request carries: what ``jiebang logout`` does."""
    tokens.drop_token(work, actor)


@api.delete("/tokens/{token_id}", status_code=204, dependencies=[act("token.own")])
def revoke_token(work: WriteWork, actor: CurrentActor, token_id: Annotated[int, Path(ge=1)]) -> None:
    """Ends one of my tokens. For browsers."""
    tokens.revoke_token(work, actor, token_id)


@api.get("/me", dependencies=[act("account.read")])
def me(work: ReadWork, actor: CurrentActor) -> Me:
    """Who I am, and what this token may do."""
    units = [Unit.of(row) for row in made.own_organizations(work, actor).rows if row.role]
    return Me.model_validate(
        {
            "id": actor.id,
            "name": actor.name,
            "email": actor.email,
            "role": actor.role,
            "locale": actor.locale,
            "scopes": None if actor.scopes is None else sorted(actor.scopes),
            "organizations": units,
        }
    )


@api.get("/organizations", dependencies=[act("account.read")])
def my_organizations(work: ReadWork, actor: CurrentActor) -> list[Unit]:
    """The organizations that I organize for; all of them for an operator."""
    return [Unit.of(row) for row in made.own_organizations(work, actor).rows]


@api.get("/organizations/{slug}", dependencies=[act("organization.read")])
def organization(work: ReadWork, actor: CurrentActor, slug: str) -> OrganizationShown:
    """An organization by its address."""
    found = organizations.organization_by_slug(work, actor, slug)
    return OrganizationShown(slug=found.slug, name=found.name)


@api.get("/people", dependencies=[act("person.list")])
def people(work: ReadWork, actor: CurrentActor, wanted: Wanted) -> PeopleShown:
    """People, 50 a page, newest first. For operators with a browser."""
    found = directory.listing(work, actor, wanted)
    rows = [PersonShown.model_validate(row, from_attributes=True) for row in found.rows]
    return PeopleShown(total=found.total, people=rows)
