"""A fair: the scene of the exchange with demands, and the jobs of matching done by hand."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import uuid4

import pytest

from leaderboard import wiring
from leaderboard.core import jobs
from leaderboard.core.work import Resources
from leaderboard.exchange.demands import making, vetting
from leaderboard.exchange.demands import service as demands
from leaderboard.exchange.demands.content import Written
from leaderboard.exchange.listings.sheet import Sheet
from leaderboard.exchange.matches import digests, runs
from leaderboard.exchange.matches import jobs as matching
from leaderboard.terms.demand import Budget, DeliveryWanted, Demand, SizeWanted
from tests.exchange import scene as scenes
from tests.exchange.scene import Party, Scene, scene

__all__ = ["scene"]

KINDS = (matching.DEMAND_JOB, matching.LISTING_JOB, digests.JOB)
DELAYS = Demand(
    sectors=("transport",),
    modalities=("table",),
    regions=("CN-44",),
    sizes=(SizeWanted(unit="rows", least=50_000, ideal=100_000),),
    budget=Budget(high=100_000),
    delivery=DeliveryWanted(any_of=("download",)),
)
NEED = Written(
    title_en="Flight delays",
    title_zh="航班延误",
    need_en="Departures and arrivals of flights with weather, to predict late arrivals.",
    need_zh="航班起降与天气数据，用于预测到达晚点。",
)


@dataclass
class Fair:
    """What tests of matches do again and again."""

    scene: Scene

    @property
    def resources(self) -> Resources:
        return self.scene.resources

    def offer(self, by: Party | None = None, content: Sheet | None = None) -> str:
        """A listed listing; its key."""
        with self.resources.write() as work:
            key = scenes.listed(work, self.scene, by or self.scene.lake, content)
        self.scene.clock.advance(minutes=1)
        return key

    def demand(self, by: Party | None = None, document: Demand = DELAYS, written: Written = NEED) -> str:
        """An open demand; its key."""
        actor = (by or self.scene.grid).actor
        (unit,) = actor.organization_ids
        with self.resources.write() as work:
            title = f"{written.title_en} {uuid4().hex}"
            row = making.create(work, actor, unit, replace(written, title_en=title))
            row = making.edit(work, actor, row.key, replace(written, document=document), base=row.version)
            making.submit(work, actor, row.key)
            vetting.approve(work, self.scene.operator, row.key, version=row.version)
        self.scene.clock.advance(minutes=1)
        return row.key

    def work_off(self, *kinds: str) -> list[str]:
        """Does every job that waits, those that it leaves too, whenever they are due within half a minute; their keys."""
        done: list[str] = []
        while (key := self.work_off_one(*kinds)) is not None:
            done.append(key)
            assert len(done) < 500
        return done

    def work_off_one(self, *kinds: str) -> str | None:
        """Does the next job; its key."""
        self.scene.clock.advance(seconds=30)
        with self.resources.write() as work:
            lease = timedelta(minutes=5)
            claimed = jobs.claim(work.session, "test", work.now, lease, kinds=kinds or KINDS[:2], most=1)
        if not claimed:
            return None
        wiring.PLAIN_JOBS[claimed[0].kind](self.resources, claimed[0])
        with self.resources.write() as work:
            assert jobs.finish(work.session, claimed[0], work.now)
        return claimed[0].key

    def id(self, key: str) -> int:
        with self.resources.read() as work:
            return demands.demand_for(work, self.scene.grid.actor, key, "exchange.read").id or 0

    def run(self, key: str) -> runs.StoredRun:
        with self.resources.read() as work:
            found = runs.latest(work, self.id(key))
        assert found is not None
        return found


@pytest.fixture
def fair(scene: Scene) -> Fair:
    return Fair(scene)
