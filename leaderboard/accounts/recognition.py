"""From what a request carries to the actor behind it: a session cookie, or a bearer token, which comes first."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import or_, select, update
from sqlmodel import col

from leaderboard.accounts.actor import NOBODY, Actor
from leaderboard.accounts.keys import fingerprint
from leaderboard.accounts.models import ApiToken, Membership, Person, SignIn
from leaderboard.accounts.sign_in import live_since
from leaderboard.core.errors import SignInNeeded
from leaderboard.core.i18n import N_
from leaderboard.core.work import Resources, Work

SEEN_EVERY = timedelta(minutes=5)
"""That somebody was here is written down at most so often: reading pages shall not write."""

_PERSON: Final[tuple[Any, ...]] = (
    col(Person.id),
    col(Person.name),
    col(Person.email),
    col(Person.role),
    col(Person.locale),
    col(Membership.organization_id),
    col(Membership.role).label("member_role"),
)


def recognise(resources: Resources, *, cookie: str | None, authorization: str | None) -> Actor:
    """Who asks. An ended session is nobody; a token that does not hold is an error, so that no program goes on as nobody.

    ``cookie`` is the value of the session cookie, ``authorization`` the header; schemes other than Bearer are not ours.
    Raises SignInNeeded.
    """
    scheme, _, token = (authorization or "").strip().partition(" ")
    if scheme.lower() == "bearer":
        return _by_token(resources, token.strip())
    return _by_cookie(resources, cookie) if cookie else NOBODY


def _by_cookie(resources: Resources, cookie: str) -> Actor:
    key = fingerprint(cookie)
    with resources.read() as work:
        rows = work.session.execute(
            _of_open_person(SignIn, col(SignIn.seen_at)).where(
                col(SignIn.token_hash) == key,
                col(SignIn.ended_at).is_(None),
                col(SignIn.seen_at) > live_since(work.now, resources.settings.session_days),
            )
        ).all()
    if not rows:
        return NOBODY
    _note_seen(resources, SignIn, col(SignIn.token_hash) == key, rows[0].seen_at, work.now)
    return _actor(rows, sign_in=key)


def _by_token(resources: Resources, token: str) -> Actor:
    with resources.read() as work:
        rows = work.session.execute(
            _of_open_person(
                ApiToken,
                col(ApiToken.id).label("token_id"),
                col(ApiToken.scopes),
                ApiToken.seen_at,
                ApiToken.expires_at,
            ).where(col(ApiToken.token_hash) == fingerprint(token), col(ApiToken.revoked_at).is_(None))
        ).all()
    if not rows:
        raise _not_held("accounts.token_unknown", N_("This token is not known or was revoked. Make a new one."))
    if rows[0].expires_at <= work.now:
        raise _not_held("accounts.token_expired", N_("This token has expired. Make a new one."))
    _note_seen(resources, ApiToken, col(ApiToken.id) == rows[0].token_id, rows[0].seen_at, work.now)
    return _actor(rows, scopes=frozenset(rows[0].scopes.split()), token_id=rows[0].token_id)


def _of_open_person(held: type[SignIn] | type[ApiToken], *columns: Any) -> Any:
    """The person who holds a session or token, a row a membership (one without, where there is none)."""
    return (
        select(*_PERSON, *columns)
        .select_from(held)
        .join(Person, col(Person.id) == col(held.person_id))
        .outerjoin(Membership, col(Membership.person_id) == col(Person.id))
        .where(col(Person.closed_at).is_(None))
    )


def _actor(rows: Sequence[Any], **how: Any) -> Actor:
    first = rows[0]
    return Actor(
        person_id=first.id,
        name=first.name,
        email=first.email,
        role=first.role,
        locale=first.locale,
        organization_ids=frozenset(row.organization_id for row in rows if row.organization_id is not None),
        owned_ids=frozenset(row.organization_id for row in rows if row.member_role == "owner"),
        **how,
    )


def _note_seen(resources: Resources, table: Any, which: Any, seen_at: datetime | None, now: datetime) -> None:
    stale = now - SEEN_EVERY
    if seen_at is not None and seen_at > stale:
        return
    with resources.write() as work:
        _write_seen(work, table, which, stale)


def _write_seen(work: Work, table: Any, which: Any, stale: datetime) -> None:
    seen = col(table.seen_at)
    work.session.execute(update(table).where(which, or_(seen.is_(None), seen <= stale)).values(seen_at=work.now))


def _not_held(message_id: str, message: str) -> SignInNeeded:
    error = SignInNeeded(message_id, message)
    error.headers["WWW-Authenticate"] = 'Bearer realm="jiebang", error="invalid_token"'
    return error
