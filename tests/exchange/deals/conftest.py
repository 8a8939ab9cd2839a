"""The scene, and a table to deal at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from leaderboard.exchange.deals import agreements, moves, offers, service, sign_off
from leaderboard.exchange.deals.models import Deal
from leaderboard.exchange.demands import making, vetting
from leaderboard.exchange.demands.content import Written
from leaderboard.terms.demand import Demand
from tests.exchange import scene as scenes
from tests.exchange.scene import Party, Scene, scene

__all__ = ["scene"]


@dataclass
class Table:
    """`lake` offers a listing, `clinic` deals about it; `sides` says who acts for whom."""

    scene: Scene
    listing: str
    key: str = ""

    @property
    def sides(self) -> Mapping[str, Party]:
        return {"supplier": self.scene.lake, "demander": self.scene.clinic, "auditor": self.scene.audit}

    def begin(self, by: str = "demander", demand: str | None = None) -> str:
        with self.scene.resources.write() as work:
            self.key = service.begin(work, self.sides[by].actor, self.listing, demand_key=demand, by=by).key
        return self.key

    def act(self, side: str, move: str, *, message: str = "", seen: int | None = None, **body: Any) -> str:
        """Makes a move, by default an answer to the deal as it stands; gives the state after it."""
        with self.scene.resources.write() as work:
            if seen is None and move in moves.BINDING:
                seen = moves.version(work, self.deal())
            deal = service.act(work, self.sides[side].actor, self.key, move, message or uuid4().hex, body, seen=seen)
            return str(deal.state)

    def deal(self) -> Deal:
        with self.scene.resources.read() as work:
            return service.deal_for(work, self.scene.lake.actor, self.key, "deal.read")

    def version(self) -> int:
        with self.scene.resources.read() as work:
            return moves.version(work, self.deal())

    def terms(self, **changes: Any) -> dict[str, Any]:
        with self.scene.resources.read() as work:
            valid = offers.today(work) + timedelta(days=10)
        policy = {"permissions": [{"action": "use"}], "duties": [{"action": "attribute"}]}
        grade = {"floor": {"kind": "grade", "grade": "B"}}
        plain = {
            "price": 20_000, "currency": "CNY", "policy": policy, "delivery": "download", "indicators": [grade],
            "valid_until": valid.isoformat(),
        }  # fmt: skip
        return plain | changes

    def nda(self) -> str:
        with self.scene.resources.read() as work:
            return agreements.texts(work, self.deal()).sha256

    def agreement(self) -> str:
        with self.scene.resources.read() as work:
            found = sign_off.latest(work, self.deal())
        assert found is not None
        return found.sha256

    def until(self, state: str, *, auditor: str = "none", demand: str | None = None, **terms: Any) -> "Table":
        """Goes the straight way to a state."""
        way = (
            ("interest", lambda: self.begin(demand=demand)),
            ("mutual", lambda: self.act("supplier", "answer")),
            ("nda_signed", self._sign),
            ("requested", lambda: self.act("demander", "request", terms=self.terms(**terms))),
            ("offered", lambda: self.act("supplier", "offer", terms=self.terms(**terms))),
            ("accepted", lambda: self.act("demander", "accept")),
            ("agreed", lambda: self._agree(auditor)),
            ("verified", lambda: self._verify(auditor)),
            ("finalized", lambda: self.act("supplier", "finalize")),
            ("delivering", lambda: self.act("supplier", "deliver", address="https://x.example/f.csv", sha256="ab" * 32)),
            ("fulfilled", lambda: self.act("demander", "accept_delivery")),
            ("settled", lambda: self.act("supplier", "settle")),
        )  # fmt: skip
        for name, step in way:
            step()
            assert self.deal().state == name
            if name == state:
                return self
        raise KeyError(state)

    def _sign(self) -> None:
        for side in ("supplier", "demander"):
            self.act(side, "sign_nda", sha256=self.nda())

    def _agree(self, auditor: str) -> None:
        for side in ("supplier", "demander"):
            self.act(side, "name_auditor", organization=auditor)
        self.act("supplier", "agree")

    def _verify(self, auditor: str) -> None:
        if auditor == "none":
            self.act("demander", "verify", sha256=self.agreement())
        else:
            self.act("auditor", "sign_off", sha256=self.agreement())


@pytest.fixture
def table(scene: Scene) -> Table:
    with scene.resources.write() as work:
        return Table(scene, scenes.listed(work, scene, scene.lake))


def demanded(scene: Scene, by: Party, visibility: str = "public", **facts: Any) -> str:
    """The key of an open demand."""
    words = Written(
        title_en="Delays wanted", title_zh="求购航班晚点数据", need_en="Flight delays of 2025.", need_zh="2025年航班晚点。",
        document=Demand(**({"visibility": visibility, "sectors": ("transport",), "modalities": ("table",)} | facts)),
    )  # fmt: skip
    with scene.resources.write() as work:
        row = making.create(work, by.actor, by.id, words)
        row = making.edit(work, by.actor, row.key, words, base=row.version)
        key = row.key
    with scene.resources.write() as work:
        row = making.submit(work, by.actor, key)
        vetting.take_up(work, scene.operator, key)
        vetting.approve(work, scene.operator, key, version=row.version)
    return key
