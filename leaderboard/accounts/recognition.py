"""From what a request carries to the actor behind it: a session cookie, or a bearer token, which comes first."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

from sqlalchemy import Table, bindparam, or_, select, update
from sqlmodel import col

from leaderboard.accounts.actor import NOBODY, Actor
from leaderboard.accounts.keys import fingerprint
from leaderboard.accounts.models import ApiToken, Membership, Organization, Person, SignIn
from leaderboard.accounts.sign_in import live_since
from leaderboard.core.errors import SignInNeeded
from leaderboard.core.i18n import N_
from leaderboard.core.work import Resources, Work

SEEN_EVERY = timedelta(minutes=5)
"""That somebody was here is written down at most so often: reading pages shall not write."""


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
        since = live_since(work.now, resources.settings.session_days)
        rows = work.session.connection().execute(_of_session(), {"key": key, "since": since}).all()
    if not rows:
        return NOBODY
    _note_seen(resources, SignIn, col(SignIn.token_hash) == key, rows[0].seen_at, work.now)
    return _actor(rows, sign_in=key)


def _by_token(resources: Resources, token: str) -> Actor:
    with resources.read() as work:
        rows = work.session.connection().execute(_of_token(), {"key": fingerprint(token)}).all()
    if not rows:
        raise _not_held("accounts.token_unknown", N_("This token is not known or was revoked. Make a new one."))
    if rows[0].expires_at <= work.now:
        raise _not_held("accounts.token_expired", N_("This token has expired. Make a new one."))
    _note_seen(resources, ApiToken, col(ApiToken.id) == rows[0].token_id, rows[0].seen_at, work.now)
    return _actor(rows, scopes=frozenset(rows[0].scopes.split()), token_id=rows[0].token_id)


# Both statements are built once: every request runs one of them, and building costs more than running.


@cache
def _of_session() -> Any:
    """``key``, ``since`` → the person behind a living session."""
    held = _table(SignIn)
    return _of_open_person(held, held.c.seen_at).where(
        held.c.token_hash == bindparam("key"), held.c.ended_at.is_(None), held.c.seen_at > bindparam("since")
    )


@cache
def _of_token() -> Any:
    """``key`` → the person behind a token that was not revoked."""
    held = _table(ApiToken)
    return _of_open_person(held, held.c.id.label("token_id"), held.c.scopes, held.c.seen_at, held.c.expires_at).where(
        held.c.token_hash == bindparam("key"), held.c.revoked_at.is_(None)
    )


def _of_open_person(held: Table, *columns: Any) -> Any:
    """The person who holds a session or token, a row a membership (one without, where there is none)."""
    person, membership, unit = _table(Person), _table(Membership), _table(Organization)
    return (
        select(
            *(person.c[name] for name in ("id", "name", "email", "role", "locale")),
            membership.c.organization_id,
            membership.c.role.label("member_role"),
            unit.c.posts,
            unit.c.audits,
            *columns,
        )
        .select_from(held)
        .join(person, person.c.id == held.c.person_id)
        .outerjoin(membership, membership.c.person_id == person.c.id)
        .outerjoin(unit, unit.c.id == membership.c.organization_id)
        .where(person.c.closed_at.is_(None))
    )


def _table(model: Any) -> Table:
    return cast("Table", model.__table__)


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
        posting_ids=frozenset(row.organization_id for row in rows if row.posts),
        auditing_ids=frozenset(row.organization_id for row in rows if row.audits),
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
