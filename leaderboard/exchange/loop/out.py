"""What the API of the closed loop gives, typed."""

from pydantic import BaseModel, Field

from leaderboard.exchange.loop.counting import Count
from leaderboard.exchange.loop.pages import LoopPage


class Told(BaseModel):
    """A count. Of demands and deals, which are their owners' business, ``number`` is rounded down to threes, and null where there are
    some, but fewer than three.
    """

    number: int | None
    fewer_than: int | None = Field(description="3 where the number is not told")

    @classmethod
    def of(cls, count: Count) -> "Told":
        return cls(number=count.told, fewer_than=3 if count.small else None)


class LoopOut(BaseModel):
    """``figures`` by name; ``ways``: how many things of one stage came from another; ``by_sector``: the figures of each."""

    sector: str
    period: str
    sectors: list[str]
    periods: list[str]
    figures: dict[str, Told]
    ways: dict[str, Told]
    by_sector: dict[str, dict[str, Told]]

    @classmethod
    def of(cls, page: LoopPage) -> "LoopOut":
        return cls(
            sector=page.sector,
            period=page.period,
            sectors=[key for key, _ in page.sectors],
            periods=list(page.periods),
            figures={one.key: Told.of(one.count) for one in page.figures},
            ways={one.key: Told.of(one.count) for one in page.ways},
            by_sector={
                row.key: {measure: Told.of(count) for measure, count in row.counts.items()} for row in page.rows
            },
        )
