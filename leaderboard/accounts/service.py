"""An account from its registration to its end: what people do with their own."""

from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, delete, select

from leaderboard.accounts import letters, limits, organizations, passwords, people, reset, sign_in, tokens
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.fields import (
    email_fault,
    locale_fault,
    malformed,
    name_fault,
    plain_email,
    plain_name,
    refuse,
)
from leaderboard.accounts.models import Membership, Person, PersonRole
from leaderboard.accounts.sign_in import SignedIn, Visitor, authenticated, open_session
from leaderboard.accounts.signals import AccountClosed
from leaderboard.core import ledger
from leaderboard.core.errors import Closed, FieldError, Malformed
from leaderboard.core.i18n import N_
from leaderboard.core.work import Resources, Work

PER_ADDRESS: Final = limits.Limit("register", 100, limits.HOUR)
"""A school registers a class from one address; a program that collects who has an account does not get far."""
WRONG_PRESENT: Final = N_("This is not your present password. Tries left before a pause of {minutes} min: {left}")


def register(
    resources: Resources, actor: Actor, visitor: Visitor, *, email: str, name: str, password: str, locale: str
) -> SignedIn:
    """Makes an account and signs its person in. Raises Malformed (all faults at once), Closed, TooMany."""
    actor.demand("account.register")
    if resources.settings.registration == "closed":
        raise Closed(
            "accounts.registration_closed", N_("Registration is closed here. Ask the operator for an account.")
        )
    email, name = _checked(email, name, password, locale)
    with resources.write() as work:
        limits.take(work, (PER_ADDRESS, limits.network(visitor.address)))
    password_hash = passwords.hashed(password)
    with resources.write() as work:
        person = _added(work, email, name, password_hash, locale, "participant")
        ledger.record(work, person.id, "account.register", f"person:{person.id}")
        return open_session(work, person, visitor, replaces=actor.sign_in)


def create_operator(
    resources: Resources, actor: Actor, *, email: str, name: str, password: str, locale: str = "zh"
) -> int:
    """Makes an account that runs the installation (``jiebang admin create``) and returns its id. Raises Malformed."""
    actor.demand("person.edit")
    email, name = _checked(email, name, password, locale)
    password_hash = passwords.hashed(password)
    with resources.write() as work:
        person = _added(work, email, name, password_hash, locale, "operator")
        assert person.id is not None
        ledger.record(work, actor.person_id, "person.create", f"person:{person.id}", role="operator")
        return person.id


def _checked(email: str, name: str, password: str, locale: str) -> tuple[str, str]:
    """Address and name in one spelling. Raises Malformed with everything that is wrong."""
    email, name = plain_email(email), plain_name(name)
    fault = passwords.fault(password, email=email, name=name)
    refuse(name_fault(name), email_fault(email), fault, locale_fault(locale))
    return email, name


def _added(work: Work, email: str, name: str, password_hash: str, locale: str, role: PersonRole) -> Person:
    person = Person(email=email, name=name, password_hash=password_hash, role=role, locale=locale, created_at=work.now)
    if work.session.exec(select(Person.id).where(col(Person.email) == email)).first() is not None:
        raise _taken()
    work.session.add(person)
    try:
        work.session.flush()
    except IntegrityError as error:  # somebody else took it since we looked (on PostgreSQL)
        raise _taken() from error
    return person


def _taken() -> Malformed:
    return malformed(
        FieldError("email", N_("There is an account with this address already: sign in, or reset its password"))
    )


def edit_profile(work: Work, actor: Actor, *, name: str, locale: str) -> None:
    """Changes the actor's own name and language. Raises Malformed."""
    actor.demand("account.own")
    name = plain_name(name)
    refuse(name_fault(name), locale_fault(locale))
    person = work.session.get_one(Person, actor.id, with_for_update=True)
    person.name, person.locale = name, locale
    ledger.record(work, actor.id, "account.edit", f"person:{actor.id}")


def change_password(resources: Resources, actor: Actor, visitor: Visitor, *, password: str, new_password: str) -> None:
    """Sets a new password for whoever knows the present one; every other sign-in of theirs ends, API tokens go on.

    Raises Malformed, Mismatch (the present one is wrong), TooMany.
    """
    actor.demand("account.own")
    same = FieldError("new_password", N_("The new password is the present one; choose another one"))
    refuse(
        None if password else FieldError("password", N_("Enter your present password")),
        passwords.fault(new_password, field="new_password", email=actor.email, name=actor.name),
        same if password and password == new_password else None,
    )
    fresh = passwords.hashed(new_password)
    with authenticated(resources, visitor, actor.email, password, wrong=WRONG_PRESENT) as (work, person):
        person.password_hash = fresh
        sign_in.end_all(work, actor.id, but=actor.sign_in)
        letters.post(work, person, "password_changed", tokens_revoked=False)
        ledger.record(work, actor.id, "account.change_password", f"person:{actor.id}")


def close_account(resources: Resources, actor: Actor, visitor: Visitor, *, password: str) -> None:
    """Ends the actor's account for good: name and address are erased, what was submitted stays with its team.

    Raises Malformed, Mismatch (wrong password), TooMany, Refused (the last operator; the last owner of something).
    """
    actor.demand("account.own")
    refuse(None if password else FieldError("password", N_("Enter your present password")))
    with authenticated(resources, visitor, actor.email, password, wrong=WRONG_PRESENT) as (work, person):
        people.refuse_last_operator(work, person)
        organizations.refuse_last_owner(work, actor.id)
        work.session.exec(delete(Membership).where(col(Membership.person_id) == actor.id))
        people.end_access(work, actor.id)
        person.closed_at = work.now
        person.email, person.name = f"closed-{actor.id}", f"#{actor.id}"  # without "@": nobody can register as it
        person.password_hash, person.role = "", "participant"
        ledger.record(work, actor.id, "account.close", f"person:{actor.id}")
        work.emit(AccountClosed(actor.id, erased=True))


PRUNES: Final[tuple[Callable[[Work], None], ...]] = (limits.prune, reset.prune, sign_in.prune, tokens.prune)


def prune(work: Work) -> None:
    """Housekeeping of this room, for the worker's rounds: forgets tries, links, sessions and tokens that are long over."""
    for forget in PRUNES:
        forget(work)
