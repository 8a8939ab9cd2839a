"""Whose copy a leaked file is: the supplier of a listing gives a file that turned up, and learns of which sample it is a copy.

Nothing is kept of the file but its hash. What is told is of which sample it is, who asked for that and who fetched it: not who
let it out, for the supplier's own people can fetch it too.
"""

import csv
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlmodel import col, select

from challenges.watermark import SURE, Mark, Trace, needed, traced
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.models import Person
from leaderboard.core import ledger
from leaderboard.core.errors import FieldError, Malformed
from leaderboard.core.i18n import N_
from leaderboard.core.work import Work
from leaderboard.exchange.deals import lookup, samples
from leaderboard.exchange.deals.models import Deal, DealSample
from leaderboard.exchange.listings import service as listings
from leaderboard.exchange.listings.models import ListingRow

LARGEST: Final = 20_000_000
"""Bytes of a file that is looked at."""
MOST_RECORDS: Final = 10_000
"""Records of it, from the first on: ten times those of the largest sample."""
MOST_SAMPLES: Final = 500
"""Samples that are tried, the newest first."""
_DELIMITERS: Final = ",;\t|"

Verdict = Literal["found", "named", "few", "none"]
"""A copy of one or more; only named in the file, by whomever; too few records to tell; a copy of none as far as can be told."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A sample of which the file is a copy, or that it names. ``to``: the demander; ``needed``: see `watermark.needed`."""

    deal: str
    sample: int
    to: str
    asked_at: datetime
    of: int
    records: int
    inside: int
    chance: float
    named: bool
    fetched: tuple[tuple[str, datetime], ...]

    @property
    def sure(self) -> bool:
        return self.chance < SURE


@dataclass(frozen=True, slots=True)
class Found:
    """What a file tells. ``records`` were looked at; ``tried`` samples; ``copies`` the surest first."""

    verdict: Verdict
    records: int
    tried: int
    copies: tuple[Copy, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A sample of the listing: to whom, how large, and from how many of its records on a copy is told (None: by order only)."""

    deal: str
    sample: int
    to: str
    asked_at: datetime
    rows: int
    of_rows: int
    needed: int | None


def listing_for(work: Work, actor: Actor, key: str) -> ListingRow:
    """The listing, for its supplier's people and nobody else. Raises NotFound."""
    return listings.listing_for(work, actor, key, "listing.edit")


def drawn(work: Work, row: ListingRow) -> tuple[Drawn, ...]:
    """The samples that are tried, the newest first."""
    found = _samples(work, row)
    return tuple(
        Drawn(
            deal=deal.key,
            sample=one.id or 0,
            to=lookup.name_of(work, deal, "demander", "supplier") or "",
            asked_at=one.asked_at,
            rows=one.made_rows or 0,
            of_rows=one.of_rows or 0,
            needed=needed(_mark(deal, one), len(found)),
        )
        for deal, one in found
    )


def _samples(work: Work, row: ListingRow) -> Sequence[tuple[Deal, DealSample]]:
    query = (
        select(Deal, DealSample)
        .join(DealSample, col(DealSample.deal_id) == col(Deal.id))
        .where(Deal.listing_id == row.id, col(DealSample.threshold).is_not(None))
    )
    return work.session.exec(query.order_by(col(DealSample.id).desc()).limit(MOST_SAMPLES)).all()


def _mark(deal: Deal, one: DealSample) -> Mark:
    return Mark(samples.request_of(deal, one), one.secret, one.threshold or "", one.made_rows or 0, one.of_rows or 0)


def whose(work: Work, actor: Actor, key: str, data: bytes) -> Found:
    """Of which samples of a listing a leaked table is a copy. The supplier's to ask. Raises NotFound, Malformed (no table)."""
    found = _samples(work, listing_for(work, actor, key))
    text = _text(data)
    marks = {samples.request_of(deal, one): _mark(deal, one) for deal, one in found}
    try:
        traces = traced(text, list(marks.values()), delimiter=_delimiter(text), most=MOST_RECORDS)
    except csv.Error:
        raise _unreadable() from None
    known = {samples.request_of(deal, one): (deal, one) for deal, one in found}
    told = [trace for trace in traces if trace.sure or trace.named]
    records = traces[0].records if traces else 0
    least = [count for mark in marks.values() if (count := needed(mark, len(marks))) is not None]
    verdict: Verdict = "none"
    if told:
        verdict = "found" if told[0].sure else "named"
    elif least and records < max(least):
        verdict = "few"
    return Found(verdict, records, len(found), tuple(_copy(work, *known[trace.request], trace) for trace in told))


def _copy(work: Work, deal: Deal, one: DealSample, trace: Trace) -> Copy:
    fetched = samples.downloads(work, one)
    return Copy(
        deal=deal.key,
        sample=one.id or 0,
        to=lookup.name_of(work, deal, "demander", "supplier") or "",
        asked_at=one.asked_at,
        of=one.made_rows or 0,
        records=trace.records,
        inside=trace.inside,
        chance=trace.chance,
        named=trace.named,
        fetched=tuple((work.session.get_one(Person, each.person_id).name, each.at) for each in fetched),
    )


def note(work: Work, actor: Actor, key: str, sha256: str) -> None:
    """Writes down that somebody asked whose copy a file is. Raises NotFound."""
    row = listing_for(work, actor, key)
    ledger.record(work, actor.person_id, "deal.trace", f"listing:{row.id}", sha256=sha256)


def _text(data: bytes) -> str:
    """UTF-8, or what spreadsheets here write: GB 18030, or UTF-16 that says so."""
    encodings = ["utf-16"] if data.startswith((BOM_UTF16_BE, BOM_UTF16_LE)) else ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _unreadable()


def _delimiter(text: str) -> str:
    """The sign that stands oftenest in the header; what was saved anew may have another one."""
    header = text.partition("\n")[0]
    return max(_DELIMITERS, key=header.count)


def _unreadable() -> Malformed:
    message = N_("This is no table in CSV. Save it as CSV first; a workbook or an archive is not looked into.")
    return Malformed("deals.leaked", message, fields=[FieldError("file", message)])
