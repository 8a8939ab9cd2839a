"""What the pages of this room show: frozen objects, made from reads; templates see nothing else."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import col, select

from leaderboard.accounts import organizations, passwords, reset, sign_in, tokens
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Membership, Organization, Person
from leaderboard.core.i18n import LOCALES, N_, NAMES
from leaderboard.core.work import Work
from leaderboard.ui.forms import Form

NOTICES: Final[Mapping[str, str]] = {
    "password": N_("Your new password is set. Sign in with it."),
    "sent": N_("If this address has an account, a mail with a link is on its way. The link works for one hour."),
    "changed": N_("Your password is changed, and you are signed out everywhere else. API tokens go on working."),
    "saved": N_("Saved."),
    "ended": N_("Ended."),
    "closed": N_("Your account is closed and your name and address are erased."),
    "revoked": N_("The token is revoked; whatever used it is locked out."),
    "added": N_("Added."),
    "founded": N_("The organization is founded. The operator will verify it; you can go on meanwhile."),
    "removed": N_("Removed."),
    "left": N_("You have left the organization."),
}
"""What a page says once after a deed: the address carries the key, never the words."""

ROLE_NAMES: Final[Mapping[str, str]] = {
    "participant": N_("participant"),
    "organizer": N_("organizer"),
    "operator": N_("operator"),
}
MEMBER_ROLE_NAMES: Final[Mapping[str, str]] = {"owner": N_("owner"), "member": N_("member")}
SCOPE_NAMES: Final[Mapping[str, str]] = {
    "read": N_("read: boards, own submissions and reports"),
    "submit": N_("submit: enter challenges and hand in submissions"),
    "organize": N_("organize: post challenges and read private scores"),
}
LANGUAGES: Final = tuple((code, NAMES[code]) for code in LOCALES)


@dataclass(frozen=True)
class SignInPage:
    """``next``: where to go afterwards; ``days``: how long a kept sign-in lasts; ``notice``: an English message or ""."""

    form: Form
    next: str
    days: int
    open: bool
    notice: str


@dataclass(frozen=True)
class RegisterPage:
    form: Form
    next: str
    open: bool
    shortest: int
    languages: Sequence[tuple[str, str]] = LANGUAGES


@dataclass(frozen=True)
class ForgottenPage:
    form: Form
    notice: str


@dataclass(frozen=True)
class NewPasswordPage:
    """``key`` is the link's own; it goes back with the form and nowhere else."""

    form: Form
    key: str
    email: str
    shortest: int = passwords.SHORTEST


@dataclass(frozen=True)
class SignInRow:
    """One browser; ``start`` names it in addresses; ``here``: it is the one that looks."""

    start: str
    browser: str
    address: str
    created_at: datetime
    seen_at: datetime
    here: bool


@dataclass(frozen=True)
class OrganizationRow:
    slug: str
    name: str
    role: str
    """owner, member, or "" for an operator who looks at all of them."""
    verified: int = 0
    unjudged: bool = False
    """Waits for the operator's word; said to the operator alone."""

    @property
    def level(self) -> str:
        return organizations.VERIFICATIONS[self.verified]

    @property
    def role_name(self) -> str:
        return MEMBER_ROLE_NAMES.get(self.role, "")


@dataclass(frozen=True)
class AccountPage:
    form: Form
    name: str
    email: str
    role_name: str
    locale: str
    sign_ins: tuple[SignInRow, ...]
    organizations: tuple[OrganizationRow, ...]
    runs: bool
    notice: str
    languages: Sequence[tuple[str, str]] = LANGUAGES


@dataclass(frozen=True)
class PasswordPage:
    """Changing the password, and closing the account: forms that ask for the present one."""

    form: Form
    email: str
    shortest: int = passwords.SHORTEST


@dataclass(frozen=True)
class TokenRow:
    id: int
    name: str
    start: str
    scopes: str
    created_at: datetime
    expires_at: datetime
    seen_at: datetime | None


@dataclass(frozen=True)
class TokensPage:
    """``made`` is the key just made, shown this once; "" otherwise."""

    form: Form
    rows: tuple[TokenRow, ...]
    made: str
    notice: str
    scopes: Sequence[tuple[str, str]] = tuple(SCOPE_NAMES.items())
    days: Sequence[int] = tokens.DAYS


@dataclass(frozen=True)
class OrganizationsPage:
    """``all``: those of everybody, which the operator sees."""

    rows: tuple[OrganizationRow, ...]
    all: bool


@dataclass(frozen=True)
class NewOrganizationPage:
    """``posts``: what its founder founds may post challenges at once."""

    form: Form
    posts: bool


@dataclass(frozen=True)
class MemberRow:
    person_id: int
    name: str
    email: str
    role: str
    joined_at: datetime
    closed: bool
    me: bool

    @property
    def role_name(self) -> str:
        return MEMBER_ROLE_NAMES[self.role]


@dataclass(frozen=True)
class OrganizationPage:
    """``members`` is None for readers who do not belong to it; ``rename`` and ``add`` are the forms of its owners.

    ``vouch`` is the operator's form, None to others.
    """

    slug: str
    name: str
    posts: bool
    audits: bool
    verified: int
    region: str
    members: tuple[MemberRow, ...] | None
    owns: bool
    belongs: bool
    rename: Form
    add: Form
    vouch: Form | None
    notice: str
    levels: Sequence[tuple[int, str]] = tuple(organizations.VERIFICATIONS.items())
    roles: Sequence[tuple[str, str]] = tuple(MEMBER_ROLE_NAMES.items())


def notice(key: str) -> str:
    """The English message that goes with a key in the address; unknown keys say nothing."""
    return NOTICES.get(key, "")


def account(work: Work, actor: Actor, form: Form, done: str = "") -> AccountPage:
    """One's own account."""
    actor.demand("account.own")
    person = work.session.get_one(Person, actor.id)
    rows = tuple(
        SignInRow(
            row.token_hash[:16],
            browser(row.agent),
            row.address,
            row.created_at,
            row.seen_at,
            row.token_hash == actor.sign_in,
        )
        for row in sign_in.sign_ins(work, actor)
    )
    relations = actor.relations()
    return AccountPage(
        form=form,
        name=person.name,
        email=person.email,
        role_name=ROLE_NAMES[person.role],
        locale=person.locale,
        sign_ins=rows,
        organizations=tuple(row for row in _organizations(work, actor) if row.role),
        runs="operator" in relations,
        notice=notice(done),
    )


def _organizations(work: Work, actor: Actor) -> tuple[OrganizationRow, ...]:
    roles: dict[int, str] = {}
    if actor.person_id is not None:
        mine = work.session.exec(select(Membership).where(col(Membership.person_id) == actor.id)).all()
        roles = {row.organization_id: row.role for row in mine}
    waiting = organizations.unjudged(work, actor)
    return tuple(
        OrganizationRow(row.slug, row.name, roles.get(row.id or 0, ""), row.verified, row.id in waiting)
        for row in organizations.organizations_of(work, actor)
    )


def own_organizations(work: Work, actor: Actor) -> OrganizationsPage:
    """The organizations that the actor organizes for; for an operator all of them, first those that wait for a word."""
    actor.demand("account.read")
    rows = sorted(_organizations(work, actor), key=lambda row: not row.unjudged)
    return OrganizationsPage(tuple(rows), "operator" in actor.relations())


def token_list(work: Work, actor: Actor, form: Form, made: str = "", done: str = "") -> TokensPage:
    """One's own API tokens."""
    rows = tuple(
        TokenRow(row.id or 0, row.name, row.start, row.scopes, row.created_at, row.expires_at, row.seen_at)
        for row in tokens.tokens(work, actor)
    )
    return TokensPage(form, rows, made, notice(done))


def new_password(work: Work, actor: Actor, form: Form, key: str) -> NewPasswordPage:
    """The form behind a mailed link. Raises Gone."""
    return NewPasswordPage(form, key, reset.holder(work, actor, key).email)


def new_organization(actor: Actor, form: Form) -> NewOrganizationPage:
    actor.demand("organization.create")
    return NewOrganizationPage(form, "founder" in actor.relations())


def organization(
    work: Work,
    actor: Actor,
    slug: str,
    *,
    rename: Form | None = None,
    add: Form | None = None,
    vouch: Form | None = None,
    done: str = "",
) -> OrganizationPage:
    """An organization: its name and standing for everyone, who belongs to it for those who do. Raises NotFound."""
    found = organizations.organization_by_slug(work, actor, slug)
    relations = actor.relations(organization_id=found.id)
    inside = not relations.isdisjoint({"organizer", "operator"})
    members = _members(work, found, actor) if inside else None
    return OrganizationPage(
        slug=found.slug,
        name=found.name,
        posts=found.posts,
        audits=found.audits,
        verified=found.verified,
        region=found.region,
        members=members,
        owns=not relations.isdisjoint({"owner", "operator"}),
        belongs="organizer" in relations,
        rename=rename or Form(),
        add=add or Form(),
        vouch=(vouch or Form()) if "operator" in relations else None,
        notice=notice(done),
    )


def _members(work: Work, unit: Organization, actor: Actor) -> tuple[MemberRow, ...]:
    actor.demand("organization.read_members", organization_id=unit.id)
    rows = work.session.exec(
        select(Membership, Person)
        .join(Person, col(Person.id) == col(Membership.person_id))
        .where(col(Membership.organization_id) == unit.id)
        .order_by(col(Membership.role).desc(), col(Membership.joined_at), col(Membership.person_id))
    ).all()
    return tuple(
        MemberRow(
            membership.person_id,
            person.name,
            person.email,
            membership.role,
            membership.joined_at,
            person.closed_at is not None,
            membership.person_id == actor.person_id,
        )
        for membership, person in rows
    )


_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("MicroMessenger", "WeChat"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS: Final = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)


def browser(agent: str) -> str:
    """What a browser calls itself, short enough to be recognised: ``Firefox 140, Linux``; first words of unknown ones.

    >>> browser("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
    'Firefox 140, Linux'
    >>> browser("curl/8.5.0")
    'curl/8.5.0'
    """
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    for mark, name in _BROWSERS:
        version = re.search(rf"{mark}\w*/(\d+)", agent)
        if version:
            return f"{name} {version[1]}" + (f", {system}" if system else "")
    return agent[:40]
