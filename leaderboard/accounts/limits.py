"""Limits on tries, counted in the database, so that they hold over all processes.

A try is counted **before** it is made and given back when it turns out to be honest: a hundred guesses sent at once are
counted as a hundred. Windows slide: the oldest try falls out first, which is when the answer says to come back.
"""

import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, delete, func, insert, select
from sqlmodel import col

from leaderboard.accounts.keys import fingerprint
from leaderboard.accounts.locks import alone
from leaderboard.accounts.models import Attempt
from leaderboard.core.errors import TooMany
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work

QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``most`` tries of ``what`` within ``window``."""

    what: str
    most: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class Taken:
    """Tries that were counted: ``ids`` to give them back, ``left`` that the tightest limit still allows."""

    ids: tuple[int, ...]
    left: int


def take(work: Work, *counted: tuple[Limit, str]) -> Taken:
    """Counts one try of each (limit, of whom). Raises TooMany, and then counts none.

    Whom a try is about is stored as a hash: what people type into a sign-in form is nobody's business.
    """
    keyed = [(_key(limit, whom), limit) for limit, whom in counted]
    alone(work.session, *(key for key, _ in keyed))
    left = min(_left(work, key, limit) for key, limit in keyed)
    rows = [{"what": key, "at": work.now} for key, _ in keyed]
    table = cast("Table", Attempt.__table__)  # type: ignore[attr-defined]
    ids = [work.session.execute(insert(table).values(row).returning(table.c.id)).scalar_one() for row in rows]
    return Taken(tuple(ids), left - 1)


def _key(limit: Limit, whom: str) -> str:
    return f"{limit.what}:{fingerprint(whom)[:32]}"


def _left(work: Work, key: str, limit: Limit) -> int:
    """How many tries ``limit`` still allows, this one included. Raises TooMany when it is none."""
    counted: Any = select(func.count(), func.min(Attempt.at)).where(
        col(Attempt.what) == key, col(Attempt.at) > work.now - limit.window
    )
    count, oldest = work.session.execute(counted).one()
    if count >= limit.most:
        raise too_many(_seconds_until(oldest + limit.window, work.now))
    return limit.most - int(count)


def _seconds_until(moment: datetime, now: datetime) -> int:
    return max(1, math.ceil((moment - now).total_seconds()))


def too_many(retry_after: int) -> TooMany:
    """The refusal that says when to come back, in whole seconds."""
    return TooMany(
        "accounts.too_many_tries",
        N_("Too many tries. Wait {minutes} min, then try again."),
        retry_after=retry_after,
        minutes=math.ceil(retry_after / 60),
    )


def give_back(work: Work, taken: Taken) -> None:
    """Uncounts tries that were honest."""
    work.session.execute(delete(Attempt).where(col(Attempt.id).in_(taken.ids)))


def forgive(work: Work, limit: Limit, whom: str) -> None:
    """Uncounts every try about ``whom``, who has shown in another way to be who they are."""
    work.session.execute(delete(Attempt).where(col(Attempt.what) == _key(limit, whom)))


def prune(work: Work) -> None:
    """Forgets tries that no window holds any more."""
    work.session.execute(delete(Attempt).where(col(Attempt.at) < work.now - HOUR))


def network(address: str) -> str:
    """The part of an internet address that stands for one customer: IPv4 whole, IPv6 its /64."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address
