"""A forgotten password: a link by mail that lets its holder choose a new one, once, within an hour.

Whether an address is known shows nowhere: the request only leaves a job, the same for every address, and the worker finds
out whether there is somebody to write to.
"""

import hmac
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Final
from uuid import uuid4

from sqlalchemy import delete, update
from sqlmodel import col

from leaderboard.accounts import letters, limits, passwords
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.fields import email_fault, plain_email, refuse
from leaderboard.accounts.keys import fingerprint
from leaderboard.accounts.models import PasswordReset, Person
from leaderboard.accounts.sign_in import Visitor, end_all, open_person, sign_in_limit
from leaderboard.accounts.tokens import revoke_all
from leaderboard.core import ledger
from leaderboard.core.errors import Gone
from leaderboard.core.i18n import N_
from leaderboard.core.jobs import Leased
from leaderboard.core.work import Resources, Work

JOB_KIND: Final = "accounts.reset"
VALID: Final = timedelta(hours=1)
KEEP: Final = timedelta(days=7)
PER_ACCOUNT: Final = limits.Limit("reset", 3, limits.HOUR)
PER_ADDRESS: Final = limits.Limit("reset-address", 20, limits.HOUR)


def request_reset(work: Work, actor: Actor, visitor: Visitor, *, email: str) -> None:
    """Leaves the wish for a mail with a link. Raises Malformed (no address), TooMany; never says whether we know it."""
    actor.demand("account.sign_in")
    email = plain_email(email)
    refuse(email_fault(email))
    limits.take(work, (PER_ACCOUNT, email), (PER_ADDRESS, limits.network(visitor.address)))
    work.enqueue(JOB_KIND, f"reset:{uuid4()}", payload={"email": email})


def send_link(resources: Resources, job: Leased) -> None:
    """The worker's part. Raises OSError when the mail could not be handed over: the job is tried again.

    The key comes from the job and our secret, so a job that runs twice makes one link, and the key lies in no table.
    """
    drawn = hmac.digest(resources.settings.secret, f"password-reset:{job.key}".encode(), "sha256")
    key = urlsafe_b64encode(drawn).rstrip(b"=").decode()
    with resources.write() as work:
        person = open_person(work.session, job.payload["email"])
        if person is None:
            return
        _keep(work, person, key)
    path = f"/{person.locale}/password/new?token={key}"
    letters.deliver(resources.settings, person, "password_reset", path=path, minutes=int(VALID.total_seconds() // 60))


def _keep(work: Work, person: Person, key: str) -> None:
    if work.session.get(PasswordReset, fingerprint(key)) is not None:
        return  # a try before this one
    assert person.id is not None
    work.session.add(
        PasswordReset(
            token_hash=fingerprint(key), person_id=person.id, created_at=work.now, expires_at=work.now + VALID
        )
    )
    ledger.record(work, None, "account.reset_link", f"person:{person.id}")


def holder(work: Work, actor: Actor, key: str) -> Person:
    """Whose password this link lets choose. Raises Gone when it was used, has expired or never was one."""
    actor.demand("account.sign_in")
    row = work.session.get(PasswordReset, fingerprint(key))
    person = work.session.get(Person, row.person_id) if row else None
    if row is None or person is None or person.closed_at or row.used_at or row.expires_at <= work.now:
        raise _over()
    return person


def reset_password(resources: Resources, actor: Actor, *, key: str, new_password: str) -> None:
    """Sets the password and uses the link up. Whoever was signed in is out, tokens included: the password was not safe.

    Raises Gone, Malformed (the password is not good enough; the link stays usable).
    """
    with resources.read() as work:
        person = holder(work, actor, key)
        refuse(passwords.fault(new_password, field="new_password", email=person.email, name=person.name))
    fresh = passwords.hashed(new_password)
    with resources.write() as work:
        person = _use_up(work, key)
        assert person.id is not None
        person.password_hash = fresh
        end_all(work, person.id)
        revoke_all(work, person.id)
        limits.forgive(work, sign_in_limit(work.settings), person.email)
        letters.post(work, person, "password_changed", tokens_revoked=True)
        ledger.record(work, person.id, "account.reset_password", f"person:{person.id}")


def _use_up(work: Work, key: str) -> Person:
    """Marks the link used, and with it every other one of the same person. Of two that try at once, one gets Gone."""
    used = (
        update(PasswordReset)
        .where(
            col(PasswordReset.token_hash) == fingerprint(key),
            col(PasswordReset.used_at).is_(None),
            col(PasswordReset.expires_at) > work.now,
        )
        .values(used_at=work.now)
        .returning(col(PasswordReset.person_id))
    )
    person_id = work.session.execute(used).scalar_one_or_none()
    person = None if person_id is None else work.session.get(Person, person_id, with_for_update=True)
    if person is None or person.closed_at is not None:
        raise _over()
    others = update(PasswordReset).where(
        col(PasswordReset.person_id) == person_id, col(PasswordReset.used_at).is_(None)
    )
    work.session.execute(others.values(used_at=work.now))
    return person


def _over() -> Gone:
    return Gone("accounts.reset_over", N_("This link has been used or has expired. Ask for a new one."))


def prune(work: Work) -> None:
    """Forgets links that nobody can use any more."""
    work.session.execute(delete(PasswordReset).where(col(PasswordReset.expires_at) < work.now - KEEP))
