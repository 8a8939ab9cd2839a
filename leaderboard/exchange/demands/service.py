"""What the rooms above ask of demands: which there are, what they say, who may see how much, and where they stand.

Who may see what is decided in `may_see` and nowhere else. A demand that somebody may not see is for them like one that is not
there: the same answer after the same questions to the database, so that neither words nor time tell them apart.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final, Protocol

from sqlalchemy import distinct, func
from sqlalchemy.orm import defer
from sqlmodel import col, select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Organization
from leaderboard.core import ledger
from leaderboard.core.errors import NotFound, Refused
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.demands.models import DemandInvitation, DemandRow, DemandVersion, Tier, Visibility
from leaderboard.exchange.demands.signals import DemandChanged
from leaderboard.exchange.demands.states import ACTIVE, OVER, STATES, DemandState, may_move
from leaderboard.seasons.signals import Phrase, Words
from leaderboard.terms.demand import Demand, GradeFloor, MeasureFloor, RankFloor
from leaderboard.terms.words import GRADES

CROWD: Final = 3
"""A blind card is shown only while open blind demands of so many organizations look exactly like it."""
LEAST_VERIFIED: Final = 1
"""The level from which on suppliers see what is for verified suppliers."""
KEPT_READ: Final = 8192
"""Documents that stay in memory as they were read."""
NO_ORGANIZATION: Final = 0
"""Nobody belongs to it; it stands for the owner of what is not there."""


@dataclass(frozen=True, slots=True)
class Need:
    """One version of a demand as it is matched: texts and budget are the demander's own words, not for others' eyes
    (`showing.seen` gives what they may read). `document` has key, version (sha256), organization (slug) and verified filled in.
    """

    demand_id: int
    version_id: int
    key: str
    organization_id: int
    organization: str
    title: Words
    text: Words
    document: Demand
    visibility: Visibility
    state: DemandState
    opened_at: datetime | None


@dataclass(frozen=True, slots=True)
class BlindCard:
    """All that is said of a blind demand: word-list keys, countries, and how much and how good it is to be in broad bands.

    `size` is a unit with the power of ten below the amount ("rows:4": from 10,000 to below 100,000), or empty; `floor` the
    worst grade that will do, "measured" where other measures are asked for, or empty.
    """

    sectors: tuple[str, ...]
    modalities: tuple[str, ...]
    size: str
    floor: str
    regions: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """The same for cards that look the same, 64 hexadecimal digits."""
        parts = (self.sectors, self.modalities, self.size, self.floor, self.regions)
        return sha256(repr(parts).encode()).hexdigest()


# Which there are


def needs(work: Work) -> list[Need]:
    """Every demand that is open to suppliers, in its version in force, in order of id. Nobody is asked who wants to know."""
    query = _NEEDS.where(DemandVersion.number == DemandRow.version, col(DemandRow.state).in_(ACTIVE))
    return [_need(*row) for row in work.session.execute(query.order_by(col(DemandRow.id)))]


def need(work: Work, version_id: int) -> Need:
    """One version of a demand, whatever became of it since. Raises NotFound."""
    found = work.session.execute(_NEEDS.where(DemandVersion.id == version_id)).one_or_none()
    if found is None:
        raise none_such()
    return _need(*found)


def rows_of(work: Work, *conditions: Any) -> list[tuple[DemandRow, DemandVersion, Need]]:
    """The demands that meet the conditions, each with its version in force, in order of id. What was understood of the texts is
    read only where somebody asks for it.
    """
    query = _NEEDS.where(DemandVersion.number == DemandRow.version, *conditions).order_by(col(DemandRow.id))
    return [(row, version, _need(row, version, unit)) for row, version, unit in work.session.execute(query)]


def need_of(work: Work, row: DemandRow) -> Need:
    """The version of a demand that is in force."""
    query = _NEEDS.where(DemandVersion.demand_id == row.id, DemandVersion.number == row.version)
    return _need(*work.session.execute(query).one())


_UNDERSTOOD: Final[Any] = DemandVersion.understood
_NEEDS: Final[Any] = (
    select(DemandRow, DemandVersion, Organization)
    .join(DemandVersion, col(DemandVersion.demand_id) == col(DemandRow.id))
    .join(Organization, col(Organization.id) == col(DemandRow.organization_id))
    .options(defer(_UNDERSTOOD))
)


def _need(row: DemandRow, version: DemandVersion, organization: Organization) -> Need:
    assert row.id is not None
    assert version.id is not None
    filled = {
        "key": row.key,
        "version": version.sha256,
        "organization": organization.slug,
        "verified": organization.verified,
    }
    return Need(
        demand_id=row.id,
        version_id=version.id,
        key=row.key,
        organization_id=row.organization_id,
        organization=organization.name,
        title=Words(version.title_en, version.title_zh),
        text=Words(version.need_en, version.need_zh),
        document=document(version).model_copy(update=filled),
        visibility=row.visibility,
        state=row.state,
        opened_at=row.opened_at,
    )


def document(version: DemandVersion) -> Demand:
    """What a version says, as a demand."""
    return _read(_Stored(version.sha256, version.document))


@dataclass(frozen=True, slots=True)
class _Stored:
    """A document with the SHA-256 of what its version says, by which alone it is known: a version never changes."""

    sha256: str
    document: Mapping[str, Any] = field(compare=False, repr=False)


@lru_cache(maxsize=KEPT_READ)
def _read(stored: _Stored) -> Demand:
    return Demand.model_validate(stored.document, strict=False)


def demand_for(work: Work, actor: Actor, key: str, act: str, *, lock: bool = False) -> DemandRow:
    """The demand, for those who may do ``act`` with it: its organization, and where the act says so the operator.

    Raises NotFound, the same whether it is not there or not theirs.
    """
    query = select(DemandRow).where(col(DemandRow.key) == key)
    locked = query.with_for_update().execution_options(populate_existing=True)
    found = work.session.exec(locked if lock else query).one_or_none()
    actor.demand(act, organization_id=NO_ORGANIZATION if found is None else found.organization_id)
    if found is None:
        raise none_such()
    return found


def current_version(work: Work, row: DemandRow) -> DemandVersion:
    """What a demand says now."""
    query = select(DemandVersion).where(DemandVersion.demand_id == row.id, DemandVersion.number == row.version)
    return work.session.exec(query).one()


def versions(work: Work, row: DemandRow) -> Sequence[DemandVersion]:
    """Everything that a demand has said, the latest first."""
    query = select(DemandVersion).where(DemandVersion.demand_id == row.id)
    return work.session.exec(query.order_by(col(DemandVersion.number).desc())).all()


def none_such() -> NotFound:
    """The one answer to everybody who may not know, or asks for what is not there."""
    return NotFound("demands.none", N_("There is no such demand."))


# Who may see how much


class Standing(Protocol):
    """What of a demand decides who sees it; a `DemandRow` has it."""

    id: Any
    organization_id: Any
    state: Any
    visibility: Any
    card: Any
    opened_at: Any


def may_see(work: Work, actor: Actor, row: DemandRow | None) -> Tier:
    """How much of a demand the actor sees. None, a demand that is not there, is asked after just as long, and seen by nobody.

    Its own organization and the operator see all of it, and whoever was invited or has met with interest on both sides while
    it is open; everybody else sees what its visibility says, from the day on which the operator has let it pass.
    """
    invited = _invited(work, actor, (row.id or 0) if row else 0)
    verified = _is_verified(work, actor)
    crowded = _is_crowded(work, row.card if row else "")
    if row is None:
        return "none"
    return "full" if is_ours(actor, row) else _tier(row, invited=invited, verified=verified, crowded=crowded)


def is_ours(actor: Actor, row: Standing) -> bool:
    """Whether the actor belongs to the demander or runs the installation: both read its words as they stand."""
    relations = actor.relations(organization_id=row.organization_id)
    return actor.is_system or not {"organizer", "operator"}.isdisjoint(relations)


def tiers(work: Work, actor: Actor, rows: Sequence[Standing]) -> list[Tier]:
    """What `may_see` says of each, asked in three questions for all of them."""
    invitations = select(DemandInvitation.demand_id).where(
        col(DemandInvitation.organization_id).in_(actor.organization_ids)
    )
    invited, verified = set(work.session.exec(invitations)), _is_verified(work, actor)
    crowds = select(DemandRow.card).where(DemandRow.visibility == "blind", col(DemandRow.state).in_(ACTIVE))
    crowds = crowds.group_by(col(DemandRow.card)).having(_ORGANIZATIONS >= CROWD)
    crowded = set(work.session.exec(crowds))
    return [
        "full"
        if is_ours(actor, row)
        else _tier(row, invited=row.id in invited, verified=verified, crowded=row.card in crowded)
        for row in rows
    ]


def readers(work: Work, row: DemandRow, organization_ids: Collection[int]) -> set[int]:
    """Those of these organizations, none of them its own, whose members see all of a demand."""
    invitations = select(DemandInvitation.organization_id).where(DemandInvitation.demand_id == row.id)
    verified = select(Organization.id).where(
        col(Organization.id).in_(organization_ids), Organization.verified >= LEAST_VERIFIED
    )
    guests, known = set(work.session.exec(invitations)), set(work.session.exec(verified))
    return {
        id for id in organization_ids if _tier(row, invited=id in guests, verified=id in known, crowded=False) == "full"
    }


def _tier(row: Standing, *, invited: bool, verified: bool, crowded: bool) -> Tier:
    """The ladder, for somebody who is neither of the demander nor the operator."""
    if row.opened_at is None or row.state == "withdrawn":
        return "none"
    if row.visibility == "public":
        return "full"
    if row.state not in ACTIVE and not (invited and row.state == "contracted"):
        return "none"
    if invited or (row.visibility == "verified" and verified):
        return "full"
    return "card" if row.visibility == "blind" and crowded else "none"


def _invited(work: Work, actor: Actor, demand_id: int) -> bool:
    query = select(DemandInvitation.demand_id).where(
        DemandInvitation.demand_id == demand_id, col(DemandInvitation.organization_id).in_(actor.organization_ids)
    )
    return work.session.exec(query).first() is not None


def _is_verified(work: Work, actor: Actor) -> bool:
    query = select(Organization.id).where(
        col(Organization.id).in_(actor.organization_ids), Organization.verified >= LEAST_VERIFIED
    )
    return work.session.exec(query).first() is not None


_ORGANIZATIONS: Final = func.count(distinct(col(DemandRow.organization_id)))


def _is_crowded(work: Work, card: str) -> bool:
    query = select(_ORGANIZATIONS).where(
        DemandRow.card == card, DemandRow.visibility == "blind", col(DemandRow.state).in_(ACTIVE)
    )
    return work.session.exec(query).one() >= CROWD


def blind_card(work: Work, need: Need) -> BlindCard | None:
    """What is said of a blind demand, or None while open blind demands of fewer than `CROWD` organizations look like it.

    Demands that are not blind are no crowd: everybody knows whose they are.
    """
    card = card_of(need.document)
    return card if _is_crowded(work, card.fingerprint) else None


def card_of(demand: Demand) -> BlindCard:
    """The card that a demand has or would have if it were blind."""
    return BlindCard(
        sectors=tuple(sorted(demand.sectors)),
        modalities=tuple(sorted(demand.modalities)),
        size=_size_band(demand),
        floor=_floor_band(demand),
        regions=tuple(sorted({region[:2] for region in demand.regions})),
    )


def _size_band(demand: Demand) -> str:
    for size in demand.sizes:
        amount = next((one for one in (size.least, size.ideal, size.most) if one), None)
        if amount is not None:
            return f"{size.unit}:{max(0, len(str(int(amount))) - 1)}"
    return ""


def _floor_band(demand: Demand) -> str:
    grades = [floor.grade for floor in demand.floors if isinstance(floor, GradeFloor)]
    if grades:
        return max(grades, key=GRADES.index)
    return "measured" if any(isinstance(floor, MeasureFloor | RankFloor) for floor in demand.floors) else ""


def reveal(work: Work, demand_id: int, organization_id: int) -> None:
    """Lets an organization see a demand in full, for good: both sides have shown their interest. Twice is once."""
    known = work.session.get(DemandInvitation, (demand_id, organization_id), with_for_update=True)
    if known is None:
        known = DemandInvitation(demand_id=demand_id, organization_id=organization_id)
    known.by_interest = True
    work.session.add(known)
    work.session.flush()


# Where it stands


def move(work: Work, actor: Actor, row: DemandRow, to: DemandState) -> None:
    """Brings a demand (read with ``lock``) to a state; where it is there already nothing happens.

    The caller has asked whether the actor may: a supplier's signature moves a demand that is not theirs. Raises Refused.
    """
    if row.state == to:
        return
    if not may_move(row.state, to):
        raise Refused(
            "demands.state",
            N_("This demand is “{state}”; it cannot become “{to}” from there."),
            state=Phrase(STATES[row.state]),
            to=Phrase(STATES[to]),
        )
    before, row.state = row.state, to
    if to == "submitted":
        row.submitted_at = work.now
    elif to == "open":
        row.opened_at = row.opened_at or work.now
    elif to == "in_event":
        row.event_at = row.event_at or work.now
    elif to in OVER:
        row.closed_at = work.now
    work.session.add(row)
    work.session.flush()
    record(work, actor, f"demand.{to}", row, before=before)
    work.emit(DemandChanged(row.id or 0))


def note_missing(work: Work, demand_id: int, ids: Sequence[str]) -> None:
    """Keeps what the last run found no listing to have: ids of constraints, the commonest first; none: something fits."""
    row = work.session.get_one(DemandRow, demand_id)
    row.missing = list(ids)
    work.session.add(row)
    work.session.flush()


def record(work: Work, actor: Actor, deed: str, row: DemandRow, **detail: object) -> None:
    """Writes a deed into the ledger."""
    ledger.record(work, actor.person_id, deed, f"demand:{row.id}", **detail)
