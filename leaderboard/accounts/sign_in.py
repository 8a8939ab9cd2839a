"""Signing in and out: who proves to be whom, and the sessions that browsers get for it.

The verbs that compare passwords take the process's ``Resources`` and make their own short units of work: the try must
stay counted when it is refused, and the 40 ms of comparing must not hold a transaction open.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from leaderboard.accounts import limits, passwords
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.fields import plain_email, refuse
from leaderboard.accounts.keys import fingerprint, new_key
from leaderboard.accounts.models import Person, SignIn
from leaderboard.core import ledger
from leaderboard.core.errors import FieldError, NotFound, Refused, SignInNeeded
from leaderboard.core.i18n import N_
from leaderboard.core.settings import Settings
from leaderboard.core.work import Resources, Work

ADDRESS_FACTOR = 5
"""A whole office or school may share one address: it gets so many times the tries of one account."""
KEEP_ENDED = timedelta(days=30)
MISMATCH: Final = N_("E-mail and password do not match. Tries left before a pause of {minutes} min: {left}")


class Mismatch(SignInNeeded):
    """Somebody could not show to be whom they named."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a request comes from: its internet address and what the browser calls itself."""

    address: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new browser session; ``key`` is what its cookie carries, known to nobody else from here on."""

    person_id: int
    locale: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Proof:
    """What is needed to judge one try: who it may be, what their password is, how the try was counted."""

    person_id: int | None
    password_hash: str | None = field(repr=False)
    taken: limits.Taken


def sign_in(resources: Resources, actor: Actor, visitor: Visitor, *, email: str, password: str) -> SignedIn:
    """Opens a browser session. The one that the browser had before, if any, ends.

    Raises Malformed (something is empty), Mismatch (they do not match; the same, and as slowly, for addresses that
    nobody has), TooMany.
    """
    actor.demand("account.sign_in")
    email = plain_email(email)
    refuse(
        None if email else FieldError("email", N_("Enter your e-mail address")),
        None if password else FieldError("password", N_("Enter your password")),
    )
    with authenticated(resources, visitor, email, password) as (work, person):
        return open_session(work, person, visitor, replaces=actor.sign_in)


@contextmanager
def authenticated(
    resources: Resources, visitor: Visitor, email: str, password: str, *, wrong: str = MISMATCH, field: str = "password"
) -> Iterator[tuple[Work, Person]]:
    """A unit of work for what the holder of this password came to do, with their row locked.

    ``wrong`` is the sentence of the refusal, about ``field``. Raises Mismatch, TooMany, Unavailable.
    """
    with resources.write() as work:
        proof = _count_try(work, visitor, email)
    known = passwords.matches(password, proof.password_hash)
    fresh = passwords.hashed(password) if known and passwords.outdated(proof.password_hash or "") else None
    if not known:
        raise _mismatch(wrong, field, proof.taken.left)
    try:
        with resources.write() as work:
            person = work.session.get(Person, proof.person_id, with_for_update=True)
            if person is None or person.closed_at is not None or person.password_hash != proof.password_hash:
                raise _mismatch(wrong, field, proof.taken.left)  # closed or changed in the last moment
            limits.give_back(work, proof.taken)
            if fresh is not None:
                person.password_hash = fresh
            yield work, person
    except Refused:  # what they came to do; the password was right all the same
        with resources.write() as work:
            limits.give_back(work, proof.taken)
        raise


def _count_try(work: Work, visitor: Visitor, email: str) -> _Proof:
    per_account = sign_in_limit(work.settings)
    per_address = limits.Limit("sign-in-address", per_account.most * ADDRESS_FACTOR, per_account.window)
    taken = limits.take(work, (per_account, email), (per_address, limits.network(visitor.address)))
    person = open_person(work.session, email)
    return _Proof(person.id, person.password_hash, taken) if person else _Proof(None, None, taken)


def sign_in_limit(settings: Settings) -> limits.Limit:
    """How often somebody may try to be the holder of one account."""
    return limits.Limit("sign-in", settings.sign_in_attempts, limits.QUARTER)


def _mismatch(sentence: str, field: str, left: int) -> Mismatch:
    params: dict[str, Any] = {"left": left, "minutes": int(limits.QUARTER.total_seconds() // 60)}
    return Mismatch("accounts.mismatch", sentence, fields=(FieldError(field, sentence, params),), **params)


def open_person(session: Session, email: str) -> Person | None:
    """The person with this (plain) address, unless the account is closed."""
    found = select(Person).where(col(Person.email) == email, col(Person.closed_at).is_(None))
    return session.execute(found).scalar_one_or_none()


def open_session(work: Work, person: Person, visitor: Visitor, *, replaces: str | None) -> SignedIn:
    """A session for ``person``, who has just proved to be this person; ``replaces``: the one that the browser had."""
    if replaces is not None:
        _end(work, [replaces])
    key = new_key()
    assert person.id is not None
    work.session.add(
        SignIn(
            token_hash=fingerprint(key),
            person_id=person.id,
            created_at=work.now,
            seen_at=work.now,
            agent=visitor.agent[:300],
            address=visitor.address[:64],
        )
    )
    work.session.flush()
    return SignedIn(person.id, person.locale, key)


def sign_out(work: Work, actor: Actor) -> None:
    """Ends the browser session that asks; nothing happens for nobody."""
    if actor.sign_in is not None:
        actor.demand("account.own")
        _end(work, [actor.sign_in])


def live_since(now: datetime, days: int) -> datetime:
    """Sessions that were not seen since then are over."""
    return now - timedelta(days=days)


def sign_ins(work: Work, actor: Actor) -> Sequence[SignIn]:
    """The actor's living sessions, latest seen first."""
    actor.demand("account.own")
    query = (
        select(SignIn)
        .where(
            col(SignIn.person_id) == actor.id,
            col(SignIn.ended_at).is_(None),
            col(SignIn.seen_at) > live_since(work.now, work.settings.session_days),
        )
        .order_by(col(SignIn.seen_at).desc(), col(SignIn.created_at).desc())
    )
    return work.session.execute(query).scalars().all()


def end_sign_in(work: Work, actor: Actor, start: str) -> None:
    """Ends one of the actor's sessions, named by the first 16 characters of its hash. Raises NotFound."""
    ended = [row.token_hash for row in sign_ins(work, actor) if row.token_hash[:16] == start]
    if not ended:
        raise NotFound("accounts.no_sign_in", N_("This sign-in has already ended."))
    _end(work, ended)
    ledger.record(work, actor.id, "account.end_sign_in", f"person:{actor.id}")


def end_other_sign_ins(work: Work, actor: Actor) -> None:
    """Ends all of the actor's sessions but the one that asks."""
    actor.demand("account.own")
    end_all(work, actor.id, but=actor.sign_in)
    ledger.record(work, actor.id, "account.end_other_sign_ins", f"person:{actor.id}")


def end_all(work: Work, person_id: int, *, but: str | None = None) -> None:
    """Ends a person's sessions, ``but`` one (by its hash)."""
    query = update(SignIn).where(col(SignIn.person_id) == person_id, col(SignIn.ended_at).is_(None))
    if but is not None:
        query = query.where(col(SignIn.token_hash) != but)
    work.session.execute(query.values(ended_at=work.now))


def _end(work: Work, hashes: Sequence[str]) -> None:
    over = update(SignIn).where(col(SignIn.token_hash).in_(hashes), col(SignIn.ended_at).is_(None))
    work.session.execute(over.values(ended_at=work.now))


def prune(work: Work) -> None:
    """Forgets sessions that ended long ago, with the addresses they came from."""
    long_ago = work.now - KEEP_ENDED
    unseen = live_since(long_ago, work.settings.session_days)
    work.session.execute(delete(SignIn).where((col(SignIn.ended_at) < long_ago) | (col(SignIn.seen_at) < unseen)))
