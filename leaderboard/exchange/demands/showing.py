"""What somebody sees of a demand, and the log of who saw what.

Others than the demander never read sums of money in its texts: they are blackened.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization, Person
from leaderboard.core.i18n import N_
from leaderboard.core.work import Resources, Work
from leaderboard.exchange.demands import making, service, sums
from leaderboard.exchange.demands.facts import Fact, card_facts, facts
from leaderboard.exchange.demands.models import DemandAccess, DemandInvitation, DemandRow, DemandVersion, Tier
from leaderboard.exchange.demands.service import BlindCard, Need
from leaderboard.seasons.signals import Phrase, Words


@dataclass(frozen=True, slots=True)
class Seen:
    """A demand as one reader may see it. With ``tier`` "card" only the key, the card and its facts are there, and
    ``ours`` is false; ``ours``: of the reader's organization, or the reader runs the installation.
    """

    tier: Tier
    key: str
    facts: tuple[Fact, ...]
    card: BlindCard | None = None
    title: Words | None = None
    text: Words | None = None
    organization: str = ""
    organization_path: str = ""
    visibility: str = ""
    state: str = ""
    version: int = 0
    sectors: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    kind: str = ""
    deadline: str = ""
    opened_at: datetime | None = None
    ours: bool = False


def find(work: Work, actor: Actor, key: str) -> tuple[DemandRow, Tier]:
    """The demand at this address, and how much of it the actor sees. Raises NotFound, alike for hidden and for missing ones."""
    row = work.session.exec(select(DemandRow).where(col(DemandRow.key) == key)).one_or_none()
    tier = service.may_see(work, actor, row)
    if row is None or tier == "none":
        raise service.none_such()
    return row, tier


def seen(work: Work, actor: Actor, key: str) -> Seen:
    """What the actor sees at this address. Raises NotFound."""
    row, tier = find(work, actor, key)
    need = service.need_of(work, row)
    if tier == "card":
        return as_card(row.key, service.card_of(need.document))
    version = service.current_version(work, row)
    return in_full(need, row, version, ours=service.is_ours(actor, row))


def as_card(key: str, card: BlindCard) -> Seen:
    """A blind demand: nothing that its card does not say."""
    return Seen(
        tier="card", key=key, facts=card_facts(card), card=card, sectors=card.sectors, modalities=card.modalities
    )


def in_full(need: Need, row: DemandRow, version: DemandVersion, *, ours: bool) -> Seen:
    """A demand with its texts, blackened unless they are the reader's own."""
    document = need.document
    return Seen(
        tier="full",
        key=need.key,
        facts=facts(document, "exact" if ours else "band"),
        title=need.title if ours else blackened(version, "title"),
        text=need.text if ours else blackened(version, "need"),
        organization=need.organization,
        organization_path=f"/organizations/{document.organization}",
        visibility=need.visibility,
        state=need.state,
        version=row.version,
        sectors=document.sectors,
        modalities=document.modalities,
        kind=document.kind,
        deadline=document.deadline.isoformat() if document.deadline else "",
        opened_at=row.opened_at,
        ours=ours,
    )


def blackened(version: DemandVersion, name: str) -> Words:
    """The title or the need of a version as others may read it."""
    return Words(*(sums.blackened(str(getattr(version, f"{name}_{language}"))) for language in ("en", "zh")))


# Who saw what


def note(held: Resources, actor: Actor, shown: Collection[tuple[str, Tier]]) -> None:
    """Writes down that the actor saw these demands (key, tier) today, in a unit of work of its own.

    Public demands and one's own leave no line; of the same sight on the same day there is one.
    """
    if not shown or actor.is_system:
        return
    with held.read() as work:
        missing = _unnoted(work, actor, dict(shown))
    if missing:
        with held.write() as work:
            write_down(work, actor, dict(shown))


def write_down(work: Work, actor: Actor, shown: Mapping[str, Tier]) -> None:
    """As `note`, in the caller's unit of work."""
    work.session.add_all(_unnoted(work, actor, shown))


def _unnoted(work: Work, actor: Actor, shown: Mapping[str, Tier]) -> list[DemandAccess]:
    zone = ZoneInfo(work.settings.zone)
    midnight = datetime.combine(making.today(work), time(), zone)
    query = select(DemandRow).where(col(DemandRow.key).in_(shown), DemandRow.visibility != "public")
    rows = [row for row in work.session.exec(query) if row.organization_id not in actor.organization_ids]
    noted = select(DemandAccess.demand_id, DemandAccess.tier).where(
        col(DemandAccess.demand_id).in_(row.id for row in rows),
        DemandAccess.at >= midnight,
        col(DemandAccess.person_id).is_(None) if actor.person_id is None else DemandAccess.person_id == actor.person_id,
    )
    known = set(work.session.exec(noted).all())
    return [
        DemandAccess(
            demand_id=row.id or 0,
            organization_id=_standing_for(work, actor, row),
            person_id=actor.person_id,
            tier=shown[row.key],
            at=work.now,
        )
        for row in rows
        if (row.id, shown[row.key]) not in known
    ]


def _standing_for(work: Work, actor: Actor, row: DemandRow) -> int | None:
    """The organization through which the actor sees it: an invited one, else the most verified, else the first."""
    invitations = select(DemandInvitation.organization_id).where(DemandInvitation.demand_id == row.id)
    invited = set(work.session.exec(invitations))
    units = select(Organization).where(col(Organization.id).in_(actor.organization_ids))
    ranked = sorted(work.session.exec(units), key=lambda one: (one.id not in invited, -one.verified, one.id))
    return ranked[0].id if ranked else None


LOG_HEADER: Final = ("at", "tier", "who", "organization", "verified")
_WHO: Final = {
    "operator": N_("operator"),
    "member": N_("member of an organization"),
    "person": N_("person"),
    "": N_("not signed in"),
}


def access_log(work: Work, actor: Actor, key: str) -> list[tuple[datetime, str, str, str, int | None]]:
    """Who outside its organization saw a demand that is not public, the latest first: instant, tier, what they are, organization and
    its level. Persons are not named. Raises NotFound.
    """
    row = service.demand_for(work, actor, key, "demand.read_draft")
    query = (
        select(DemandAccess, Organization, Person)
        .outerjoin(Organization, col(Organization.id) == col(DemandAccess.organization_id))
        .outerjoin(Person, col(Person.id) == col(DemandAccess.person_id))
        .where(DemandAccess.demand_id == row.id)
        .order_by(col(DemandAccess.at).desc(), col(DemandAccess.id).desc())
    )
    return [
        (one.at, one.tier, _kind(unit, person), unit.name if unit else "", unit.verified if unit else None)
        for one, unit, person in work.session.exec(query).all()
    ]


def _kind(unit: Organization | None, person: Person | None) -> str:
    if person is None:
        return ""
    return "operator" if person.role == "operator" else "member" if unit else "person"


def who(kind: str) -> Phrase:
    """What somebody in the log is, in words."""
    return Phrase(_WHO[kind])
