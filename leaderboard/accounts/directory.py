"""The operator's list of people: searched, filtered, paged by address."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from sqlmodel import col, func, or_, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Membership, Organization, Person
from leaderboard.accounts.pages import ROLE_NAMES, notice
from leaderboard.accounts.people import ROLES, is_erased
from leaderboard.core.work import Work
from leaderboard.ui.forms import Form
from leaderboard.ui.paging import Pager

ROWS: Final = 50
MOST: Final = 100_000
"""Rows of a CSV file: more than any installation of one operator has."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: words in name or e-mail, a role ("" any), the page (from 1)."""

    words: str = ""
    role: str = ""
    number: int = 1


@dataclass(frozen=True)
class PersonRow:
    id: int
    name: str
    email: str
    role: str
    organizations: str
    created_at: datetime
    closed_at: datetime | None
    erased: bool
    me: bool

    @property
    def role_name(self) -> str:
        return ROLE_NAMES[self.role]


@dataclass(frozen=True)
class PeoplePage:
    asked: Asked
    rows: tuple[PersonRow, ...]
    total: int
    pager: Pager
    form: Form
    notice: str
    roles: Sequence[tuple[str, str]] = tuple(ROLE_NAMES.items())


def listing(work: Work, actor: Actor, asked: Asked, *, form: Form | None = None, done: str = "") -> PeoplePage:
    """People, newest first. Raises NotFound to everyone but operators."""
    actor.demand("person.list")
    where = _where(asked)
    total = work.session.exec(select(func.count()).select_from(Person).where(*where)).one()
    before = (asked.number - 1) * ROWS
    rows = _rows(work, actor, where, most=ROWS, skip=before)
    pager = Pager(
        previous=query(asked, asked.number - 1) if asked.number > 1 else None,
        next=query(asked, asked.number + 1) if before + len(rows) < total else None,
        first=before + 1 if rows else None,
        last=before + len(rows),
        total=total,
    )
    return PeoplePage(asked, rows, total, pager, form or Form(), notice(done))


def everyone(work: Work, actor: Actor, asked: Asked) -> tuple[PersonRow, ...]:
    """All rows of the listing, for its CSV twin."""
    actor.demand("person.list")
    return _rows(work, actor, _where(asked), most=MOST)


def _where(asked: Asked) -> list[Any]:
    where: list[Any] = []
    if asked.role in ROLES:
        where.append(col(Person.role) == asked.role)
    for word in asked.words.split():
        like = f"%{_literal(word)}%"
        where.append(or_(col(Person.name).ilike(like, escape="\\"), col(Person.email).ilike(like, escape="\\")))
    return where


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def query(asked: Asked, number: int, done: str = "") -> str:
    """The query string of another page of the same search."""
    pairs = {"q": asked.words, "role": asked.role, "page": number if number > 1 else "", "done": done}
    return "?" + urlencode({key: value for key, value in pairs.items() if value})


def _rows(work: Work, actor: Actor, where: Sequence[Any], *, most: int, skip: int = 0) -> tuple[PersonRow, ...]:
    chosen = select(Person).where(*where).order_by(col(Person.id).desc()).offset(skip).limit(most)
    people = work.session.exec(chosen).all()
    units = _units(work, [person.id or 0 for person in people])
    return tuple(
        PersonRow(
            id=person.id or 0,
            name=person.name,
            email="" if is_erased(person) else person.email,
            role=person.role,
            organizations=", ".join(units.get(person.id or 0, ())),
            created_at=person.created_at,
            closed_at=person.closed_at,
            erased=is_erased(person),
            me=person.id == actor.person_id,
        )
        for person in people
    )


def _units(work: Work, person_ids: Sequence[int]) -> dict[int, list[str]]:
    """Person → names of their organizations."""
    if not person_ids:
        return {}
    query = (
        select(Membership.person_id, Organization.name)
        .join(Organization, col(Organization.id) == col(Membership.organization_id))
        .where(col(Membership.person_id).between(min(person_ids), max(person_ids)))
        .order_by(col(Organization.name))
    )
    found: dict[int, list[str]] = {}
    for person_id, name in work.session.exec(query):
        found.setdefault(person_id, []).append(name)
    return found
