"""Who acts in the demo's exchange: organizations with a member each, the operator who reviews, the host of events."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sqlmodel import col, select

from leaderboard.accounts import organizations, people
from leaderboard.accounts.access import SYSTEM, Actor
from leaderboard.accounts.models import Membership, Organization
from leaderboard.cli.demo_exchange.content import Party
from leaderboard.cli.demo_people import Account, ensure_person
from leaderboard.core.errors import NotFound
from leaderboard.core.work import Resources, Work

SHOWN: Final[Mapping[str, str]] = {
    "supplier": "bay-grid-data",
    "demander": "early-bid-power",
    "auditor": "level-scale-law",
}
"""Accounts that are printed → whose they are."""
_KEYS: Final = {slug: key for key, slug in SHOWN.items()}


def accounts(parties: Mapping[str, Party]) -> Iterator[tuple[str, Account]]:
    """An account for the person of each organization, by key."""
    for party in parties.values():
        yield key_of(party.slug), Account.new(f"{party.slug}@demo.example", party.person)


def key_of(slug: str) -> str:
    """The key of the account of an organization's person."""
    return _KEYS.get(slug, f"party:{slug}")


@dataclass(frozen=True)
class Cast:
    """``units``: ids of organizations by slug; ``bureau``: the one that holds events, for which ``host`` acts."""

    resources: Resources
    operator: Actor
    host: Actor
    bureau: int
    members: Mapping[str, Actor]
    units: Mapping[str, int]


def gathered(
    resources: Resources,
    known: Mapping[str, Account],
    parties: Mapping[str, Party],
    bureau: str,
    done: Callable[[], None],
) -> Cast:
    """Everybody, made where they are not there yet. ``done`` is called for each organization."""
    ensure_person(resources, "host", known["host"])
    with resources.write() as work:
        host_unit = organizations.organization_by_slug(work, SYSTEM, bureau)
        join(work, host_unit, known["host"].email)
        operator = actor(work, known["operator"].email)
    members, units = {}, {}
    for slug, party in parties.items():
        account = known[key_of(slug)]
        ensure_person(resources, key_of(slug), account)
        with resources.write() as work:
            units[slug] = _organization(work, operator, actor(work, account.email), party)
        with resources.read() as work:
            members[slug] = actor(work, account.email)
        done()
    with resources.read() as work:
        host = actor(work, known["host"].email)
    return Cast(resources, operator, host, host_unit.id or 0, members, units)


def actor(work: Work, email: str) -> Actor:
    """Whoever has this address, as if they had signed in just now."""
    person = people.person_by_email(work, SYSTEM, email)
    rows = work.session.exec(
        select(Membership, Organization)
        .join(Organization, col(Organization.id) == col(Membership.organization_id))
        .where(Membership.person_id == person.id)
    ).all()
    return Actor(
        person_id=person.id,
        name=person.name,
        email=person.email,
        role=person.role,
        locale=person.locale,
        organization_ids=frozenset(unit.id for _, unit in rows if unit.id is not None),
        owned_ids=frozenset(unit.id for member, unit in rows if unit.id is not None and member.role == "owner"),
        posting_ids=frozenset(unit.id for _, unit in rows if unit.id is not None and unit.posts),
        auditing_ids=frozenset(unit.id for _, unit in rows if unit.id is not None and unit.audits),
    )


def join(work: Work, unit: Organization, email: str) -> None:
    """Takes somebody into an organization who does not belong to it yet."""
    person = people.person_by_email(work, SYSTEM, email)
    if work.session.get(Membership, (unit.id, person.id)) is None:
        organizations.add_member(work, SYSTEM, unit, email=email)


def _organization(work: Work, operator: Actor, owner: Actor, party: Party) -> int:
    with contextlib.suppress(NotFound):
        return organizations.organization_by_slug(work, SYSTEM, party.slug).id or 0
    made = organizations.create_organization(work, owner, name=party.name, slug=party.slug)
    organizations.vouch(
        work, operator, made, posts=False, audits=False, verified=str(party.verified), region=party.region
    )
    return made.id or 0
