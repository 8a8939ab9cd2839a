"""What the API of deals gives and takes, typed."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from leaderboard.exchange.deals.list_pages import DealRow, ListPage
from leaderboard.exchange.deals.models import DealFile
from leaderboard.exchange.deals.pages import DealPage
from leaderboard.exchange.deals.states import DSP, Side, State
from leaderboard.exchange.deals.tracing import Found
from leaderboard.exchange.demands import facts
from leaderboard.seasons.out import Text


class DealItem(BaseModel):
    """A deal in a list. ``other``: null while a demander is blind."""

    key: str
    listing: Text
    side: Side
    other: str | None
    state: State
    negotiation: str | None = Field(
        description="the state's name in the Dataspace Protocol; null before terms are named"
    )
    my_turn: bool
    unread: int
    moved_at: datetime

    @classmethod
    def of(cls, row: DealRow) -> "DealItem":
        return cls(
            key=row.key,
            listing=Text.of(row.title),
            side=row.side,
            other=row.across if isinstance(row.across, str) else None,
            state=row.state,
            negotiation=DSP.get(row.state),
            my_turn=row.mine,
            unread=row.unread,
            moved_at=row.moved_at,
        )


class DealList(BaseModel):
    """A page of the deals of the token's person: what waits for them first."""

    deals: list[DealItem]
    total: int
    pages: int

    @classmethod
    def of(cls, page: ListPage) -> "DealList":
        return cls(deals=[DealItem.of(row) for row in page.deals], total=page.found, pages=page.pages)


class StepItem(BaseModel):
    at: datetime
    side: str
    what: str


class DealOut(BaseModel):
    """A deal as one side sees it. ``moves``: those that this side may make now, by their names for `POST …/moves`."""

    key: str
    listing: str
    title: Text
    demand: str | None
    side: Side
    state: State
    negotiation: str | None = Field(
        description="the state's name in the Dataspace Protocol; null before terms are named"
    )
    my_turn: bool
    next: str = Field(description="what one's own side does or waits for, in one sentence")
    version: int = Field(description="goes up with every change of the state")
    moves: list[str]
    parties: dict[str, str | None]
    agreement_sha256: str | None
    history: list[StepItem]

    @classmethod
    def of(cls, page: DealPage, locale: str) -> "DealOut":
        samples = {move for sample in page.samples for move in sample.moves}
        moves = [move for move, *_ in (*page.buttons, *page.links)] + sorted(samples) + ["write"] * page.may_write
        return cls(
            key=page.key,
            listing=page.listing,
            title=Text.of(page.title),
            demand=page.demand[0] if page.demand else None,
            side=page.side,
            state=page.state,
            negotiation=DSP.get(page.state),
            my_turn=page.mine,
            next=page.next.said(locale),
            version=page.version,
            moves=moves,
            parties={label.message.lower(): name if isinstance(name, str) else None for label, name in page.names},
            agreement_sha256=page.agreement.sha256 if page.agreement else None,
            history=[
                StepItem(at=step.at, side=step.side.said(locale), what=facts.said(step.what, locale))
                for step in page.history
            ],
        )


class Beginning(BaseModel):
    """Interest that is shown. ``organization``: for which of one's own a demander asks without a demand."""

    listing: str = Field(max_length=80)
    demand: str | None = Field(default=None, max_length=80)
    by: Literal["supplier", "demander"]
    organization: int | None = None


class MoveIn(BaseModel):
    """One move. The same ``message_id`` once more is the same move; with another body it is refused."""

    move: str = Field(max_length=40)
    message_id: str = Field(max_length=80)
    body: dict[str, Any] = Field(default_factory=dict)
    version: int | None = Field(
        default=None,
        description="of the deal that this answers: refused when it has changed; needed to accept and to agree",
    )


class FileOut(BaseModel):
    """A file that was put into a deal; a move names it by ``id`` in ``file``."""

    id: int
    name: str
    size: int
    sha256: str

    @classmethod
    def of(cls, file: DealFile) -> "FileOut":
        return cls(id=file.id or 0, name=file.name, size=file.size, sha256=file.sha256)


class CopyOut(BaseModel):
    """A sample of which a file is a copy, or that it names."""

    deal: str
    sample: int
    demander: str
    sure: bool = Field(description="false: the file names the sample, its records do not tell")
    records: int = Field(description="of the file that were looked at")
    inside: int = Field(description="of them, those that may be records of the sample")
    chance: float = Field(description="how often a file that has nothing to do with the sample fits as well")
    named: bool


class TraceOut(BaseModel):
    """Whose copy a leaked file is: a copy of these samples, only named in it, too few records to tell, or of none that can be told."""

    verdict: Literal["found", "named", "few", "none"]
    records: int
    samples_tried: int
    copies: list[CopyOut]

    @classmethod
    def of(cls, found: Found) -> "TraceOut":
        copies = [
            CopyOut(
                deal=one.deal,
                sample=one.sample,
                demander=one.to,
                sure=one.sure,
                records=one.records,
                inside=one.inside,
                chance=one.chance,
                named=one.named,
            )
            for one in found.copies
        ]
        return cls(verdict=found.verdict, records=found.records, samples_tried=found.tried, copies=copies)
