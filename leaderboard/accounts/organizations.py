"""Organizations and who belongs to them. Every member organizes for it; owners also say who the members are.

An organization always has an owner whose account is open, as far as its members can help it; the operator can help where
they cannot.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final, get_args

from sqlalchemy import String, cast, func, literal
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.fields import email_fault, malformed, name_fault, plain_email, plain_name, refuse
from leaderboard.accounts.locks import alone
from leaderboard.accounts.models import MemberRole, Membership, Organization, Person
from leaderboard.accounts.sign_in import open_person
from leaderboard.core import ledger
from leaderboard.core.errors import FieldError, NotFound, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.ledger import LedgerLine
from leaderboard.core.work import Work

MEMBER_ROLES: Final[tuple[MemberRole, ...]] = get_args(MemberRole)
RESERVED: Final = frozenset({"new"})
MOST_OWNED: Final = 5
"""So many may somebody own who is no founder."""
VERIFICATIONS: Final[Mapping[int, str]] = {
    0: N_("Not verified"),
    1: N_("Identity verified"),
    2: N_("Qualification verified"),
    3: N_("Verified on site"),
}
VOUCHED: Final = "organization.vouch"
_ROLE_FAULT: Final = FieldError("role", N_("Choose owner or member"))
_REGION: Final = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")
_SLUG: Final = re.compile(r"[a-z](?:[a-z0-9]|-(?=[a-z0-9])){1,39}")


def create_organization(work: Work, actor: Actor, *, name: str, slug: str) -> Organization:
    """Founds an organization; the actor owns it (the command line's have no owner yet).

    A founder's may post challenges at once, anybody else's offers and seeks data. Raises Malformed, Refused (too many).
    """
    actor.demand("organization.create")
    founder = "founder" in actor.relations()
    if not founder and len(actor.owned_ids) >= MOST_OWNED:
        raise Refused(
            "accounts.many_organizations",
            N_("You own {count} organizations already; give one up or ask the operator."),
            count=len(actor.owned_ids),
        )
    name, slug = plain_name(name), slug.strip().lower()
    refuse(name_fault(name), _slug_fault(work, slug))
    made = Organization(slug=slug, name=name, posts=founder, created_at=work.now)
    work.session.add(made)
    try:
        work.session.flush()
    except IntegrityError as error:  # somebody else took it since we looked (on PostgreSQL)
        raise malformed(_slug_taken()) from error
    assert made.id is not None
    if actor.person_id is not None:
        work.session.add(
            Membership(organization_id=made.id, person_id=actor.person_id, role="owner", joined_at=work.now)
        )
    ledger.record(work, actor.person_id, "organization.create", f"organization:{made.id}", slug=slug, name=name)
    work.session.flush()
    return made


def _slug_fault(work: Work, slug: str) -> FieldError | None:
    if not _SLUG.fullmatch(slug) or slug in RESERVED:
        return FieldError(
            "slug",
            N_("Choose 2 to 40 lower-case letters, digits and single hyphens, a letter first, such as state-grid"),
        )
    taken = work.session.exec(select(Organization.id).where(col(Organization.slug) == slug)).first()
    return _slug_taken() if taken is not None else None


def _slug_taken() -> FieldError:
    return FieldError("slug", N_("This address is taken; choose another one"))


def organization_by_slug(work: Work, actor: Actor, slug: str) -> Organization:
    """The organization at this address. Raises NotFound."""
    actor.demand("organization.read")
    found = work.session.exec(select(Organization).where(col(Organization.slug) == slug)).one_or_none()
    if found is None:
        raise NotFound("accounts.no_organization", N_("There is no such organization."))
    return found


def organizations_of(work: Work, actor: Actor) -> Sequence[Organization]:
    """The organizations that the actor organizes for, by name; all of them for an operator."""
    actor.demand("organization.read")
    query = select(Organization).order_by(col(Organization.name), col(Organization.id))
    if "operator" not in actor.relations():
        query = query.where(col(Organization.id).in_(actor.organization_ids))
    return work.session.exec(query).all()


def unjudged(work: Work, actor: Actor) -> frozenset[int]:
    """Organizations on which the operator has not given a word yet, whatever it would be; told to the operator alone."""
    if "operator" not in actor.relations():
        return frozenset()
    subject = literal("organization:") + cast(col(Organization.id), String)
    line = select(LedgerLine.id).where(col(LedgerLine.subject) == subject, col(LedgerLine.act) == VOUCHED)
    return frozenset(id for id in work.session.exec(select(Organization.id).where(~line.exists())) if id is not None)


def rename_organization(work: Work, actor: Actor, organization: Organization, *, name: str) -> None:
    """Changes how an organization is called; its address stays. Raises Malformed."""
    actor.demand("organization.edit", organization_id=organization.id)
    name = plain_name(name)
    refuse(name_fault(name))
    before, organization.name = organization.name, name
    work.session.add(organization)
    _record(work, actor, "organization.rename", organization, before=before, after=name)


def vouch(
    work: Work, actor: Actor, organization: Organization, *, posts: bool, audits: bool, verified: str, region: str
) -> None:
    """The operator's word on an organization: whether it may post, whether its audits are evidence, how far it was verified, where
    it is. Raises Malformed.
    """
    actor.demand("organization.vouch")
    level = next((known for known in VERIFICATIONS if str(known) == verified), None)
    region = region.strip().upper()
    refuse(
        FieldError("verified", N_("Choose one of the levels")) if level is None else None,
        None
        if not region or _REGION.fullmatch(region)
        else FieldError("region", N_("Write a code of ISO 3166 such as CN-44 or HK, or nothing")),
    )
    assert level is not None
    organization.posts, organization.audits = posts, audits
    organization.verified, organization.region = level, region
    work.session.add(organization)
    said = {"posts": posts, "audits": audits, "verified": level, "region": region}
    _record(work, actor, VOUCHED, organization, **said)


def add_member(work: Work, actor: Actor, organization: Organization, *, email: str, role: str = "member") -> None:
    """Takes somebody in who has an account. Raises Malformed."""
    actor.demand("organization.edit", organization_id=organization.id)
    email = plain_email(email)
    kind = _member_role(role)
    refuse(email_fault(email), _ROLE_FAULT if kind is None else None)
    person = open_person(work.session, email)
    if person is None or person.id is None or organization.id is None or kind is None:
        raise malformed(FieldError("email", N_("Nobody has an account with this address; ask them to register first")))
    _deciding(work, organization)
    if work.session.get(Membership, (organization.id, person.id)) is not None:
        raise malformed(FieldError("email", N_("{name} is a member already"), {"name": person.name}))
    work.session.add(Membership(organization_id=organization.id, person_id=person.id, role=kind, joined_at=work.now))
    work.session.flush()
    _record(work, actor, "organization.add_member", organization, person=person.id, role=role)


def set_member_role(work: Work, actor: Actor, organization: Organization, person_id: int, role: str) -> None:
    """Makes a member an owner, or an owner a member. Raises Malformed, NotFound, Refused (the last owner)."""
    actor.demand("organization.edit", organization_id=organization.id)
    kind = _member_role(role)
    if kind is None:
        raise malformed(_ROLE_FAULT)
    _deciding(work, organization)
    membership = _membership(work, organization, person_id)
    if kind == membership.role:
        return
    if kind == "member":
        _refuse_unowned(work, organization, person_id)
    membership.role = kind
    _record(work, actor, "organization.set_member_role", organization, person=person_id, role=role)


def remove_member(work: Work, actor: Actor, organization: Organization, person_id: int) -> None:
    """Ends a membership. Raises NotFound, Refused (the last owner)."""
    actor.demand("organization.edit", organization_id=organization.id)
    _remove(work, organization, person_id)
    _record(work, actor, "organization.remove_member", organization, person=person_id)


def leave_organization(work: Work, actor: Actor, organization: Organization) -> None:
    """Ends the actor's own membership. Raises NotFound, Refused (the last owner)."""
    actor.demand("organization.leave", organization_id=organization.id)
    _remove(work, organization, actor.id)
    _record(work, actor, "organization.leave", organization)


def _remove(work: Work, organization: Organization, person_id: int) -> None:
    _deciding(work, organization)
    membership = _membership(work, organization, person_id)
    if membership.role == "owner":
        _refuse_unowned(work, organization, person_id)
    work.session.delete(membership)
    work.session.flush()


def refuse_last_owner(work: Work, person_id: int) -> None:
    """Raises Refused, naming them, when organizations would be left without an owner by this person's going."""
    owned = (
        select(Organization)
        .join(Membership, col(Membership.organization_id) == col(Organization.id))
        .where(col(Membership.person_id) == person_id, col(Membership.role) == "owner")
        .order_by(col(Organization.id))
    )
    rows = work.session.exec(owned).all()
    alone(work.session, *(_lock(row) for row in rows))
    left = [row.name for row in rows if not _other_owners(work, row, person_id)]
    if left:
        raise Refused(
            "accounts.last_owner",
            N_("You are the last owner of: {names}. Make somebody else its owner first."),
            names=", ".join(left),
        )


def _refuse_unowned(work: Work, organization: Organization, person_id: int) -> None:
    if not _other_owners(work, organization, person_id):
        raise Refused(
            "accounts.last_owner_here",
            N_("An organization has at least one owner. Make somebody else its owner first."),
        )


def _other_owners(work: Work, organization: Organization, person_id: int) -> int:
    """How many people with an open account own it beside this one."""
    query = (
        select(func.count())
        .select_from(Membership)
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(
            col(Membership.organization_id) == organization.id,
            col(Membership.role) == "owner",
            col(Membership.person_id) != person_id,
            col(Person.closed_at).is_(None),
        )
    )
    return work.session.exec(query).one()


def _lock(organization: Organization) -> str:
    return f"organization:{organization.id}"


def _deciding(work: Work, organization: Organization) -> None:
    alone(work.session, _lock(organization))


def _membership(work: Work, organization: Organization, person_id: int) -> Membership:
    found = work.session.get(Membership, (organization.id, person_id), populate_existing=True)
    if found is None:
        raise NotFound("accounts.no_member", N_("This person is not a member of the organization."))
    return found


def _member_role(role: str) -> MemberRole | None:
    return next((known for known in MEMBER_ROLES if known == role), None)


def _record(work: Work, actor: Actor, deed: str, organization: Organization, **detail: object) -> None:
    ledger.record(work, actor.person_id, deed, f"organization:{organization.id}", **detail)
