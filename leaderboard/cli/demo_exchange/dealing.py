"""The deals of the demo, each at another stage: every step is a move of one side, made as in the browser.

Each move has the same message id in every run, so that a demo that was interrupted goes on where it stopped.
"""

import csv
import math
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from sqlmodel import col, select

from leaderboard.accounts.access import Actor
from leaderboard.cli.demo_exchange.cast import Cast
from leaderboard.cli.demo_exchange.content import Content
from leaderboard.exchange.deals import agreements, deliveries, moves, offers, service, sign_off, talks
from leaderboard.exchange.deals.models import Deal
from leaderboard.exchange.deals.states import State
from leaderboard.exchange.demands.models import DemandRow
from leaderboard.exchange.listings.models import ListingRow
from leaderboard.submissions.reception import Arriving

AUDITOR: Final = "level-scale-law"
NOTE: Final = "演示用的生成数据，不是真实记录。Generated for the demo; these are no real records."
_HOURS: Final = 2_000

Side = Literal["supplier", "demander", "auditor"]


class Talk:
    """One deal, about a listing and for a demand by their keys in the content."""

    def __init__(
        self, cast: Cast, content: Content, keys: Mapping[str, str], listing: str, demand: str, *, auditor: str = "none"
    ) -> None:
        self.cast = cast
        self.listing, self.demand, self.auditor = keys[listing], keys[demand], auditor
        self.slugs: Mapping[str, str] = {
            "supplier": content.listings[listing].supplier,
            "demander": content.demands[demand].organization,
            "auditor": auditor,
        }
        self.document = content.listings[listing].sheet.listing
        self.wanted = content.demands[demand].written.document
        self.key = ""

    def _actor(self, side: Side) -> Actor:
        return self.cast.members[self.slugs[side]]

    def begin(self, by: Literal["supplier", "demander"]) -> "Talk":
        """One side shows interest; of what an earlier run began, the deal is taken up, even one that is over."""
        with self.cast.resources.write() as work:
            query = (
                select(Deal)
                .join(ListingRow, col(ListingRow.id) == col(Deal.listing_id))
                .join(DemandRow, col(DemandRow.id) == col(Deal.demand_id))
                .where(ListingRow.key == self.listing, DemandRow.key == self.demand)
            )
            made = work.session.exec(query).first() or service.begin(
                work, self._actor(by), self.listing, demand_key=self.demand, by=by
            )
            self.key = made.key
        return self

    def act(self, side: Side, move: str, at: str = "1", **body: Any) -> "Talk":
        """Makes a move; ``at`` tells the same move of a side apart where it is made again."""
        with self.cast.resources.write() as work:
            actor = self._actor(side)
            seen = moves.version(work, service.deal_for(work, actor, self.key, "deal.read"))
            service.act(work, actor, self.key, move, f"demo:{side}:{move}:{at}", body, seen=seen)
        return self

    def agree_on_terms(self, price: float) -> "Talk":
        """From interest on one side to an agreement that both sides made."""
        self.act("supplier", "answer").sign()
        self.act("demander", "request", terms=self.terms(price * 0.9))
        self.act("supplier", "offer", terms=self.terms(price)).act("demander", "accept")
        for side in ("supplier", "demander"):
            self.act(side, "name_auditor", organization=self.auditor)
        return self.act("supplier", "agree")

    def sign(self) -> "Talk":
        """Both sides sign the confidentiality agreement."""
        with self.cast.resources.read() as work:
            text = agreements.texts(work, self.deal()).sha256
        return self.act("supplier", "sign_nda", sha256=text).act("demander", "sign_nda", sha256=text)

    def into_force(self) -> "Talk":
        """The agreement is looked at, by the auditor where there is one, and put into force."""
        with self.cast.resources.read() as work:
            found = sign_off.latest(work, self.deal())
        assert found is not None, "a deal that was agreed has an agreement"
        if self.auditor == "none":
            self.act("demander", "verify", sha256=found.sha256)
        else:
            self.act("auditor", "sign_off", sha256=found.sha256)
        return self.act("supplier", "finalize")

    def deliver(self, path: Path) -> "Talk":
        """The supplier hands over a file; the worker measures it."""
        with self.cast.resources.read() as work:
            if deliveries.of_deal(work, self.deal()):
                return self
        arriving = Arriving(self.cast.resources, talks.MOST_ATTACHED)
        arriving.write(path.read_bytes())
        with self.cast.resources.write() as work:
            file = talks.receive(work, self._actor("supplier"), self.key, arriving.store(path.name))
        return self.act("supplier", "deliver", file=file.id, note=NOTE)

    def is_measured(self) -> bool:
        """Whether the figures of the last delivery are there."""
        with self.cast.resources.read() as work:
            return deliveries.of_deal(work, self.deal())[0].measuring != "waiting"

    def deal(self) -> Deal:
        with self.cast.resources.read() as work:
            return service.deal_for(work, self._actor("supplier"), self.key, "deal.read")

    def terms(self, price: float) -> dict[str, Any]:
        """What a side proposes: the listing's own policy with what the demand asks for permitted, and the demand's indicators."""
        with self.cast.resources.read() as work:
            today = offers.today(work)
        policy = self.document.policy.model_dump(mode="json", exclude={"licence"})
        known = {rule["action"] for kind in ("permissions", "prohibitions") for rule in policy[kind]}
        policy["permissions"] += [{"action": one} for one in self.wanted.usage.actions if one not in known]
        return {
            "price": price,
            "policy": policy,
            "delivery": self.document.deliveries[0],
            "indicators": [one.model_dump(mode="json") for one in self.wanted.indicators],
            "deliver_by": (today + timedelta(days=30)).isoformat(),
            "valid_until": (today + timedelta(days=20)).isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Dealt:
    """What is left to do once the worker has measured: the deal that waits for its verdict, and the one that goes on."""

    waiting: Talk
    going_on: Talk

    def is_measured(self) -> bool:
        return self.waiting.is_measured() and self.going_on.is_measured()


def begun(cast: Cast, content: Content, keys: Mapping[str, str], folder: Path, done: Callable[[], None]) -> Dealt:
    """All deals, up to the stage at which each stays or waits for the worker; ``done`` is called for each."""

    def talk(listing: str, demand: str, auditor: str = "none") -> Talk:
        done()
        return Talk(cast, content, keys, listing, demand, auditor=auditor)

    talk("chest-ct", "nodule-software").begin("supplier")  # blind: the supplier does not learn yet whose it is
    talk("building-energy", "office-retrofit").begin("demander")
    met = talk("hotline-orders", "hotline-routing").begin("demander").act("supplier", "answer")
    met.act("demander", "write", text="派单类别能否细到三级？How deep does the list of subjects go?")
    met.act("supplier", "write", text="共三级，末级212类。Three levels, 212 subjects on the last one.")
    signed = talk("contract-clauses", "contract-review").begin("supplier").act("demander", "answer").sign()
    signed.act("demander", "ask_sample", rows=50, purpose="看条款切分和风险等级。To see clauses and grades of risk.")
    haggling = talk("consumer-credit", "loan-scorecard").begin("demander").act("supplier", "answer").sign()
    haggling.act("demander", "request", terms=haggling.terms(220_000))
    haggling.act("supplier", "offer", terms=haggling.terms(280_000))
    haggling.act("demander", "request", "2", terms=haggling.terms(250_000))
    talk("chest-xray", "claims-films", AUDITOR).begin("demander").agree_on_terms(260_000)
    ended = talk("solder-xray", "joint-voids").begin("demander").act("supplier", "answer")
    ended.act("demander", "terminate", reason="price", note="超出本年度预算。Above this year's budget.")
    table = load_table(folder / "county-load-demo.csv")
    waiting = talk("county-load", "day-ahead-bids", AUDITOR).begin("demander")
    waiting.agree_on_terms(120_000).into_force().deliver(table)
    prices = price_table(folder / "vegetable-prices-demo.csv")
    going_on = talk("vegetable-prices", "greens-prices").begin("demander")
    return Dealt(waiting, going_on.agree_on_terms(0).into_force().deliver(prices))


def concluded(dealt: Dealt) -> None:
    """The measured delivery is accepted, the deal settled, and each side rates the other."""
    talk = dealt.going_on.act("demander", "accept_delivery", note="指标复测合格。Measured again, as agreed.")
    talk.act("supplier", "settle", note="免费提供，无需付款。Free of charge.")
    talk.act("demander", "rate", described=5, punctual=5, spoken=4, note="口径说明清楚。Units are explained well.")
    talk.act("supplier", "rate", described=5, punctual=4, spoken=5)
    assert talk.deal().state == State.REVIEWED


def keys_of(cast: Cast) -> Iterator[tuple[str, str]]:
    """(address of the demand and of the listing, that of the deal) for each deal."""
    with cast.resources.read() as work:
        query = (
            select(Deal.key, ListingRow.key, DemandRow.key)
            .join(ListingRow, col(ListingRow.id) == col(Deal.listing_id))
            .join(DemandRow, col(DemandRow.id) == col(Deal.demand_id))
        )
        for deal, listing, demand in work.session.exec(query.order_by(col(Deal.id))):
            yield f"{demand}:{listing}", deal


def load_table(path: Path) -> Path:
    """An invented load series of one county by the hour, the same each time."""
    chance = random.Random(2026)  # noqa: S311
    begins = datetime(2026, 1, 1)  # noqa: DTZ001
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("row", "county", "time", "load_mw", "temperature_c", "holiday"))
        for hour in range(_HOURS):
            at = begins + timedelta(hours=hour)
            warmth = 16 + 8 * math.sin(2 * math.pi * hour / 8760) + 4 * math.sin(2 * math.pi * (hour - 9) / 24)
            load = 310 + 70 * math.sin(2 * math.pi * (hour - 7) / 24) + 2 * warmth + chance.gauss(0, 9)
            said = (hour + 1, "演示县", at.isoformat(), f"{load:.2f}", f"{warmth + chance.gauss(0, 1):.1f}")
            out.writerow((*said, int(at.weekday() == 6)))
    return path


def price_table(path: Path) -> Path:
    """Invented prices of four vegetables by the day, the same each time."""
    chance = random.Random(44)  # noqa: S311
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("row", "market", "date", "product", "price_cny", "arrivals_t"))
        for day in range(_HOURS // 4):
            for number, (product, usual) in enumerate((("青菜", 4.2), ("土豆", 2.6), ("番茄", 5.1), ("萝卜", 1.9)), 1):
                price = usual * (1 + 0.2 * math.sin(2 * math.pi * day / 365)) + chance.gauss(0, 0.15)
                said = ("演示市场", (date(2025, 1, 1) + timedelta(days=day)).isoformat(), product)
                out.writerow((4 * day + number, *said, f"{price:.2f}", f"{chance.uniform(8, 40):.1f}"))
    return path
