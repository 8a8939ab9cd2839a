"""A market: an operator, demanders, suppliers of two levels, and a way to bring a demand to any state."""

from dataclasses import dataclass, replace
from datetime import date
from uuid import uuid4

import pytest
from sqlmodel import select

from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Membership, Organization
from leaderboard.core.clock import FixedClock
from leaderboard.core.work import Resources, Work
from leaderboard.exchange.demands import making, service, vetting
from leaderboard.exchange.demands.content import Written
from leaderboard.exchange.demands.models import DemandRow
from leaderboard.terms.demand import Budget, Demand, SizeWanted
from tests.seasons import factories

TEXT = Written(
    title_zh="绝缘子破损图像",
    title_en="Pictures of cracked insulators",
    need_zh="电力巡检：需要至少2万张绝缘子图像，标注错误率低于2%，预算50万元以内。",
    need_en="Power line inspection: at least 20,000 images, budget of at most 500,000 yuan.",
)
DOCUMENT = Demand(
    sectors=("energy",),
    modalities=("image",),
    regions=("CN-GD",),
    sizes=(SizeWanted(unit="images", least=20_000),),
    budget=Budget(high=512_345),
    deadline=date(2027, 3, 31),
)


@dataclass
class Market:
    """`buyer` asks, `verified` is a supplier of level 1, `unverified` one of level 0."""

    resources: Resources
    clock: FixedClock
    operator: Actor
    buyer: Actor
    verified: Actor
    unverified: Actor

    def draft(
        self, actor: Actor | None = None, document: Demand = DOCUMENT, written: Written = TEXT, invited=()
    ) -> str:
        """A draft with this document; its key."""
        actor = actor or self.buyer
        said = replace(written, document=document, invited=tuple(invited))
        with self.resources.write() as work:
            row = making.create(
                work, actor, unit_of(actor), replace(written, title_en=f"{written.title_en} {uuid4().hex}")
            )
            return making.edit(work, actor, row.key, said, base=row.version).key

    def open(self, actor: Actor | None = None, document: Demand = DOCUMENT, written: Written = TEXT, invited=()) -> str:
        """An open demand; its key."""
        actor = actor or self.buyer
        key = self.draft(actor, document, written, invited)
        with self.resources.write() as work:
            row = making.submit(work, actor, key)
            vetting.approve(work, self.operator, key, version=row.version)
        self.clock.advance(minutes=1)
        return key

    def blind(self, organizations: int, **changes) -> list[str]:
        """Open blind demands that look alike, one an organization; their keys."""
        document = DOCUMENT.model_copy(update={"visibility": "blind", **changes})
        with self.resources.write() as work:
            actors = [unit(work, f"Hidden unit {at}") for at in range(organizations)]
        return [self.open(actor, document) for actor in actors]

    def row(self, key: str) -> DemandRow:
        with self.resources.read() as work:
            return work.session.exec(select(DemandRow).where(DemandRow.key == key)).one()

    def state(self, key: str) -> str:
        return self.row(key).state

    def slug(self, actor: Actor) -> str:
        with self.resources.read() as work:
            return work.session.get_one(Organization, unit_of(actor)).slug

    def tier(self, actor: Actor, key: str) -> str:
        with self.resources.read() as work:
            return service.may_see(work, actor, self.row(key))


def unit_of(actor: Actor) -> int:
    (found,) = actor.organization_ids
    return found


def unit(work: Work, name: str, *, verified: int = 0) -> Actor:
    """Somebody who belongs to a new organization."""
    member = factories.person(work, f"{name} member")
    made = Organization(slug=f"u-{uuid4().hex[:8]}", name=name, verified=verified, created_at=work.now)
    work.session.add(made)
    work.session.flush()
    work.session.add(Membership(organization_id=made.id, person_id=member.person_id, role="owner", joined_at=work.now))
    work.session.flush()
    return replace(member, organization_ids=frozenset({made.id}), owned_ids=frozenset({made.id}))


@pytest.fixture
def market(resources: Resources, clock: FixedClock) -> Market:
    with resources.write() as work:
        operator = factories.person(work, "Ou Yang", role="operator")
        buyer = unit(work, "Lingdong Grid", verified=2)
        verified, unverified = unit(work, "Bay Vision", verified=1), unit(work, "New Pixels")
    return Market(resources, clock, operator, buyer, verified, unverified)
