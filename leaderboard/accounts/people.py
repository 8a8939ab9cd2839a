"""What the operator does with accounts: who may organize, who runs the installation, whose account is closed.

Somebody always runs it: the last operator can neither step down nor be closed.
"""

from typing import Final, get_args

from sqlmodel import col, select

from leaderboard.accounts import sign_in, tokens
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.fields import malformed, plain_email
from leaderboard.accounts.locks import alone
from leaderboard.accounts.models import Person, PersonRole
from leaderboard.accounts.signals import AccountClosed
from leaderboard.core import ledger
from leaderboard.core.errors import FieldError, NotFound, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work

ROLES: Final[tuple[PersonRole, ...]] = get_args(PersonRole)


def person_by_email(work: Work, actor: Actor, email: str) -> Person:
    """The person with this address, closed or not. Raises NotFound."""
    actor.demand("person.list")
    found = work.session.exec(select(Person).where(col(Person.email) == plain_email(email))).one_or_none()
    if found is None:
        raise NotFound("accounts.no_person", N_("Nobody is registered with {email}."), email=email)
    return found


def set_role(work: Work, actor: Actor, person_id: int, role: str) -> None:
    """Makes somebody a participant, organizer or operator. Raises Malformed, NotFound, Refused (the last operator)."""
    actor.demand("person.edit")
    chosen = next((known for known in ROLES if known == role), None)
    if chosen is None:
        raise malformed(
            FieldError("role", N_("A role is one of: {roles}"), {"roles": ", ".join(ROLES)}),
        )
    person = _editable(work, person_id)
    if chosen == person.role:
        return
    if person.closed_at is not None:
        raise Refused("accounts.is_closed", N_("This account is closed."))
    refuse_last_operator(work, person)
    ledger.record(work, actor.person_id, "person.set_role", f"person:{person_id}", before=person.role, after=chosen)
    person.role = chosen


def close_person(work: Work, actor: Actor, person_id: int) -> None:
    """Shuts somebody out: sign-ins and tokens end at once; name, address and memberships stay. Raises NotFound, Refused."""
    actor.demand("person.edit")
    person = _editable(work, person_id)
    if person.closed_at is not None:
        return
    refuse_last_operator(work, person)
    end_access(work, person_id)
    person.closed_at = work.now
    ledger.record(work, actor.person_id, "person.close", f"person:{person_id}")
    work.emit(AccountClosed(person_id, erased=False))


def reopen_person(work: Work, actor: Actor, person_id: int) -> None:
    """Lets somebody in again whom an operator had shut out. Raises NotFound, Refused (closed by their own wish: erased)."""
    actor.demand("person.edit")
    person = _editable(work, person_id)
    if person.closed_at is None:
        return
    if is_erased(person):
        raise Refused(
            "accounts.is_erased", N_("This account was closed by its person and erased; it cannot come back.")
        )
    person.closed_at = None
    ledger.record(work, actor.person_id, "person.reopen", f"person:{person_id}")


def is_erased(person: Person) -> bool:
    """Whether the person closed the account themselves, so that name and address are gone."""
    return person.closed_at is not None and "@" not in person.email


def end_access(work: Work, person_id: int) -> None:
    """Ends everything that acts in a person's name."""
    sign_in.end_all(work, person_id)
    tokens.revoke_all(work, person_id)


def refuse_last_operator(work: Work, person: Person) -> None:
    """Raises Refused when nobody else runs the installation; until this transaction ends, nobody else can step down."""
    if person.role != "operator":
        return
    alone(work.session, "operators")
    others = select(Person.id).where(
        col(Person.role) == "operator", col(Person.closed_at).is_(None), col(Person.id) != person.id
    )
    if work.session.exec(others.limit(1)).first() is None:
        raise Refused("accounts.last_operator", N_("This is the last operator. Make somebody else operator first."))


def _editable(work: Work, person_id: int) -> Person:
    person = work.session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise NotFound("accounts.no_such_person", N_("There is no such person."))
    return person
