"""API tokens: named keys for programs, shown once, stored as a hash, scoped, expiring, revocable.

A token stands for its person within its scopes; acts whose rule has no scope need a browser.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, get_args

from sqlalchemy import delete, func, select, update
from sqlmodel import col

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.fields import name_fault, plain_email, plain_name, refuse
from leaderboard.accounts.keys import fingerprint, new_key
from leaderboard.accounts.locks import alone
from leaderboard.accounts.models import ApiToken
from leaderboard.accounts.policy import Scope
from leaderboard.accounts.sign_in import Visitor, authenticated
from leaderboard.core import ledger
from leaderboard.core.errors import FieldError, NotFound, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Resources, Work

PREFIX: Final = "jb_"
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
SHOWN: Final = len(PREFIX) + 6  # of 43 characters: enough to know it again, nothing to guess the rest from
MOST: Final = 50
LONGEST_DAYS: Final = 366
DAYS: Final = (7, 30, 90, 366)
"""What the page offers."""
KEEP: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token just made: ``key`` is shown now and never again."""

    id: int
    name: str
    scopes: tuple[str, ...]
    expires_at: datetime
    key: str = field(repr=False)


def make_token(work: Work, actor: Actor, *, name: str, scopes: Collection[str], days: int) -> NewToken:
    """Makes a token of the actor's. Reading is always among its scopes. Raises Malformed, Refused (too many)."""
    actor.demand("token.own")
    return _make(work, actor.id, _checked(name, scopes, days), days)


def make_token_by_password(
    resources: Resources,
    actor: Actor,
    visitor: Visitor,
    *,
    email: str,
    password: str,
    name: str,
    scopes: Collection[str],
    days: int,
) -> NewToken:
    """What ``jiebang login`` does: a token for whoever knows the password. Raises as signing in and making one do."""
    actor.demand("account.sign_in")
    wanted = _checked(name, scopes, days)
    with authenticated(resources, visitor, plain_email(email), password) as (work, person):
        assert person.id is not None
        return _make(work, person.id, wanted, days)


def _checked(name: str, scopes: Collection[str], days: int) -> tuple[str, tuple[str, ...]]:
    name = plain_name(name)
    unknown = sorted(set(scopes) - set(SCOPES))
    refuse(
        name_fault(name),
        FieldError("scopes", N_("There is no scope “{scope}”"), {"scope": unknown[0]}) if unknown else None,
        None
        if 1 <= days <= LONGEST_DAYS
        else FieldError("days", N_("A token holds between 1 and {most} days"), {"most": LONGEST_DAYS}),
    )
    return name, tuple(scope for scope in SCOPES if scope in {*scopes, "read"})


def _make(work: Work, person_id: int, wanted: tuple[str, tuple[str, ...]], days: int) -> NewToken:
    name, scopes = wanted
    alone(work.session, f"tokens:{person_id}")
    if work.session.execute(select(func.count()).where(*_live(person_id, work.now))).scalar_one() >= MOST:
        raise Refused(
            "accounts.too_many_tokens", N_("You have {count} tokens. Revoke one that is not used."), count=MOST
        )
    key = new_key(PREFIX)
    row = ApiToken(
        person_id=person_id,
        name=name,
        start=key[:SHOWN],
        token_hash=fingerprint(key),
        scopes=" ".join(scopes),
        created_at=work.now,
        expires_at=work.now + timedelta(days=days),
    )
    work.session.add(row)
    work.session.flush()
    assert row.id is not None
    ledger.record(work, person_id, "token.create", f"token:{row.id}", name=name, scopes=list(scopes), days=days)
    return NewToken(row.id, name, scopes, row.expires_at, key)


def _live(person_id: int, now: datetime) -> tuple[Any, ...]:
    return (
        col(ApiToken.person_id) == person_id,
        col(ApiToken.revoked_at).is_(None),
        col(ApiToken.expires_at) > now,
    )


def tokens(work: Work, actor: Actor) -> Sequence[ApiToken]:
    """The actor's living tokens, newest first."""
    actor.demand("token.own")
    query = select(ApiToken).where(*_live(actor.id, work.now)).order_by(col(ApiToken.id).desc())
    return work.session.execute(query).scalars().all()


def revoke_token(work: Work, actor: Actor, token_id: int) -> None:
    """Ends one of the actor's tokens. Raises NotFound."""
    actor.demand("token.own")
    _revoke(work, actor, token_id)


def drop_token(work: Work, actor: Actor) -> None:
    """Ends the token that asks: what ``jiebang logout`` does. Raises Refused when no token asks."""
    actor.demand("token.drop")
    if actor.token_id is None:
        raise Refused("accounts.no_token", N_("This request carries no token that could be ended."))
    _revoke(work, actor, actor.token_id)


def _revoke(work: Work, actor: Actor, token_id: int) -> None:
    over = update(ApiToken).where(
        col(ApiToken.id) == token_id, col(ApiToken.person_id) == actor.id, col(ApiToken.revoked_at).is_(None)
    )
    if not work.session.execute(over.values(revoked_at=work.now)).rowcount:  # type: ignore[attr-defined]
        raise NotFound("accounts.no_such_token", N_("There is no such token, or it was revoked."))
    ledger.record(work, actor.id, "token.revoke", f"token:{token_id}")


def revoke_all(work: Work, person_id: int) -> None:
    """Ends every token of a person."""
    over = update(ApiToken).where(col(ApiToken.person_id) == person_id, col(ApiToken.revoked_at).is_(None))
    work.session.execute(over.values(revoked_at=work.now))


def prune(work: Work) -> None:
    """Forgets tokens that ended long ago."""
    long_ago = work.now - KEEP
    work.session.execute(
        delete(ApiToken).where((col(ApiToken.expires_at) < long_ago) | (col(ApiToken.revoked_at) < long_ago))
    )
