"""All offers of this installation in memory, with the index over their words: one a process, kept up to date from the database.

Every change of a listing is a row of `ListingChange` with a higher number than those before it. Before it is used, a shelf
reads the rows that it has not seen and nothing else. Rows become visible in the order of commits, not of numbers, so the last
`WINDOW` numbers are always read again.

The worker describes what is new and saves the index in the data folder (`refresh`); other processes read it from there, and
describe a few new listings by themselves. What is neither is missing from searches for a moment: `Shelf.behind` says how many.

A model that is slow at describing (`relevance.Embedder.prompt`) is the worker's alone: a few listings at once, many slice by
slice (`complete`). Until then those listings are found by what the other model and words say; other processes take the vectors
from the saved index.
"""

import fcntl
import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from sqlalchemy import delete, select
from sqlmodel import col

from leaderboard.core.database import Database
from leaderboard.core.log import logger
from leaderboard.core.work import Work
from leaderboard.exchange import relevance
from leaderboard.exchange.listings import service as listings
from leaderboard.exchange.listings.models import ListingRow, ListingVersion
from leaderboard.exchange.listings.service import Offer
from leaderboard.exchange.listings.states import State
from leaderboard.exchange.matches.cards import Card, texts_of
from leaderboard.exchange.matches.models import ListingChange
from leaderboard.terms import listing as listing_terms

if TYPE_CHECKING:
    from leaderboard.exchange.relevance import Embedder, Index, Stats

WINDOW: Final = 500
"""More changes than are ever made while one transaction is open."""
AT_ONCE: Final = 200
"""Listings that a request describes at most; with an encoder that takes two or three seconds."""
SLICE: Final = 16
"""Listings that a slow model reads in one go, in some two to ten seconds."""
PARTS: Final = 20
"""While a slow model reads many listings, the index is saved whenever it has read one part of so many."""
ONE_BY_ONE: Final = 100
"""From so many changed listings on, all are read in one query."""
FOLDER: Final = "exchange-index"
HEAD: Final = "index.json"
MARK: Final = "changes"
"""File with the number of the last change that the saved index knows; written after the index, read before it."""

log = logger("exchange")


@dataclass(frozen=True, slots=True)
class Entry:
    """One offer, its card, and its document as text with that text's SHA-256: what a run keeps of it."""

    offer: Offer
    card: Card
    document: str
    sha256: str

    @classmethod
    def of(cls, offer: Offer) -> "Entry":
        document = listing_terms.write(offer.document)
        return cls(offer, Card.of(offer), document, hashlib.sha256(document.encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is offered at one moment, by key, and the index. ``model``: what compares meanings, None where words work alone, and
    of a model that has not read everything, how much it has; ``behind``: listings that the index does not know yet.
    """

    entries: Mapping[str, Entry]
    index: "Index"
    model: str | None
    behind: int

    @property
    def is_complete(self) -> bool:
        """Whether every model has read every description."""
        return not self.index.incomplete(1)

    def relevances(
        self, texts: Iterable["relevance.Text"], *, among: Collection[str] | None = None
    ) -> dict[str, float]:
        """By key, how relevant the better of the texts finds each listing; only those with any evidence at all."""
        best: dict[str, float] = {}
        for text in texts:
            for one in self.index.search(text, among=among, top=len(self.entries)):
                best[one.key] = max(best.get(one.key, 0.0), one.relevance)
        return best


def note(work: Work, listing_id: int) -> None:
    """Says, in the caller's transaction, that what `listings.offers` gives for this listing has changed."""
    change = ListingChange(listing_id=listing_id)
    work.session.add(change)
    work.session.flush()  # the new number first: SQLite would give a number out again
    older = delete(ListingChange).where(col(ListingChange.listing_id) == listing_id, col(ListingChange.id) < change.id)
    work.session.execute(older)


def current(work: Work) -> Shelf:
    """What is offered now, with the index as far as it can be brought up to date at once."""
    return _keeper(work).current(work, most=AT_ONCE)


def refresh(work: Work) -> Shelf:
    """What is offered now, everything described; the worker's, since it may take minutes. Saves the index if it has grown."""
    keeper = _keeper(work)
    shelf = keeper.current(work, most=None)
    if 0 < len(shelf.index.incomplete(SLICE + 1)) <= SLICE:
        keeper.complete()
        shelf = keeper.current(work, most=None)
    keeper.save()
    return shelf


def complete(work: Work) -> tuple[Shelf, int]:
    """Has the slow models read one slice of what they have not; what is offered then, and how many listings they read. The
    worker's. `Shelf.is_complete`: nothing is left.
    """
    keeper = _keeper(work)
    keeper.current(work, most=None)
    read = keeper.complete()
    shelf = keeper.current(work, most=None)
    keeper.save()
    return shelf, read


def is_kept(work: Work) -> bool:
    """Whether there is a saved index. Loads nothing."""
    return (work.settings.data_dir / FOLDER / HEAD).exists()


def has_unread(work: Work) -> bool:
    """Whether a model that is installed has not read all that is saved: it came later, or was not let finish."""
    return bool(relevance.Index.unread(work.settings.data_dir / FOLDER, _embedders()))


@cache
def _embedders() -> "Sequence[Embedder]":
    return relevance.installed_embedders()


def _told(stats: "Stats") -> str | None:
    """The models that have read anything: `one@1 + other@2 (80 of 100)`."""
    all = sum(stats.descriptions.values())
    told = [
        one.id if not one.without_vector else f"{one.id} ({all - one.without_vector} of {all})"
        for one in stats.models
        if one.without_vector < all or not all
    ]
    return " + ".join(told) or None


_KEEPERS: Final["WeakKeyDictionary[Database, _Keeper]"] = WeakKeyDictionary()
_MAKING: Final = Lock()


def _keeper(work: Work) -> "_Keeper":
    with _MAKING:
        database = work.resources.database
        found = _KEEPERS.get(database)
        if found is None:
            found = _KEEPERS[database] = _Keeper(work.settings.data_dir / FOLDER)
        return found


@dataclass
class _Keeper:
    """The state behind `current`. One lock: threads of a process bring it up to date one after the other."""

    folder: Path
    lock: Lock = field(default_factory=Lock)
    index: "Index | None" = None
    entries: dict[str, Entry] = field(default_factory=dict)
    keys: dict[int, str] = field(default_factory=dict)
    seen: dict[int, int] = field(default_factory=dict)  # number of a change → listing, of the last WINDOW numbers
    waiting: set[int] = field(default_factory=set)  # listings that the index does not know as they are
    newest: int = 0
    saved: int = -1  # the newest change in the saved index
    taken: int = 0  # the number of the saved index that all we have is in, or was taken from
    read: int = 0  # listings that slow models have read since it was saved

    def current(self, work: Work, *, most: int | None) -> Shelf:
        with self.lock:
            index = self._read_changes(work)
            if most is not None and len(self.waiting) > most:
                index = self._reload(work)
            self._describe(work, index, most)
            self._adopt(index)
            return Shelf(self.entries, index, _told(index.stats()), len(self.waiting))

    def complete(self) -> int:
        """Has the slow models read a slice of the listings that they have not; how many. Searches go on meanwhile."""
        with self.lock:
            index, entries = self.index, self.entries
        if index is None:
            return 0
        keys = [key for key in index.incomplete(SLICE) if key in entries]
        read = index.complete(text for key in keys for text in texts_of(entries[key].offer))
        with self.lock:
            self.read += read
        return read

    def save(self) -> None:
        """Writes the index for other processes, unless they have it. One process at a time."""
        with self.lock:
            if self.index is None or not (self._has_changed() or self._has_read(self.index)):
                return
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with (self.folder / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._adopt(self.index)  # what another worker has read must not be lost
                self.taken, self.read = self.index.save(self.folder), 0
                part = self.folder / f"{MARK}.new"
                part.write_text(str(self.newest), encoding="ascii")
                part.replace(self.folder / MARK)
            self.saved = self.newest

    def _has_changed(self) -> bool:
        return self.newest > _mark(self.folder) or not (self.folder / HEAD).exists()

    def _has_read(self, index: "Index") -> bool:
        """Whether models have read enough for it to be worth saving: all, or one part of it."""
        if not index.incomplete(1):
            return bool(self.read or relevance.Index.unread(self.folder, _embedders()))
        return bool(self.read) and self.read * PARTS >= len(self.entries)

    def _adopt(self, index: "Index") -> None:
        """Takes from a newer saved index the vectors that are missing here."""
        if index.incomplete(1) and (number := index.saved(self.folder)) > self.taken:
            try:
                index.adopt(self.folder)
                self.taken = number
            except relevance.Unreadable as fault:  # another process replaces it at this moment, or has spoilt it
                log.info("the saved index could not be read", reason=str(fault)[:200])

    def _read_changes(self, work: Work) -> "Index":
        numbers = select(col(ListingChange.id), col(ListingChange.listing_id)).where(
            col(ListingChange.id) > self.newest - WINDOW
        )
        rows = dict(work.session.execute(numbers).all())
        fresh = {listing for number, listing in rows.items() if number not in self.seen}
        self.newest = max(self.newest, *rows, 0) if rows else self.newest
        if self.index is None:
            self._take(listings.offers(work))
            self.index, self.waiting = self._load(work)
        elif fresh:
            self._take(_offers_of(work, fresh), of=fresh)
            self.waiting |= fresh
        self.seen = {number: listing for number, listing in rows.items() if number > self.newest - WINDOW}
        return self.index

    def _take(self, offers: Iterable[Offer], *, of: Collection[int] = ()) -> None:
        """Puts offers in the place of what was held of these listings. New mappings: shelves that were given out stay as they are."""
        entries, keys = dict(self.entries), dict(self.keys)
        for listing_id in of:
            entries.pop(keys.pop(listing_id, ""), None)
        for offer in offers:
            entries[offer.key], keys[offer.listing_id] = Entry.of(offer), offer.key
        gone = [key for key in self.entries if key not in entries]
        if gone and self.index is not None:
            self.index.delete(gone)
        self.entries, self.keys = entries, keys

    def _load(self, work: Work) -> tuple["Index", set[int]]:
        """The saved index and the listings that it may not know; where there is none, or it is not sound, an empty one and all."""
        mark, number = _mark(self.folder), relevance.Index.saved(self.folder)
        try:
            index = relevance.Index.load(self.folder, _embedders())
        except relevance.Unreadable as fault:
            log.info("the index is built anew", reason=str(fault)[:200])
            return relevance.Index(_embedders()), set(self.keys)
        self.saved, self.taken = mark, number
        if any(one.prompt and one.without_vector for one in index.stats().models):
            return index, set(self.keys)  # it was saved by a process that had no encoder, or another one
        later = select(col(ListingChange.listing_id)).where(col(ListingChange.id) > mark - WINDOW)
        return index, set(work.session.execute(later).scalars())

    def _reload(self, work: Work) -> "Index":
        """The index that the worker has saved meanwhile, if there is a newer one."""
        if _mark(self.folder) > self.saved:
            self.index, self.waiting = self._load(work)
        assert self.index is not None
        return self.index

    def _describe(self, work: Work, index: "Index", most: int | None) -> None:
        chosen = sorted(self.waiting)[:most]
        here = [self.keys[id] for id in chosen if id in self.keys]
        gone = [id for id in chosen if id not in self.keys]
        if gone:  # a saved index may know them
            index.delete(
                work.session.execute(select(col(ListingRow.key)).where(col(ListingRow.id).in_(gone))).scalars()
            )
        index.upsert(text for key in here for text in texts_of(self.entries[key].offer))
        self.waiting -= set(chosen)


def _mark(folder: Path) -> int:
    try:
        return int((folder / MARK).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return -1


def _offers_of(work: Work, listing_ids: Collection[int]) -> list[Offer]:
    """What is offered now of these listings."""
    if len(listing_ids) > ONE_BY_ONE:
        return [one for one in listings.offers(work) if one.listing_id in listing_ids]
    holding = (
        select(col(ListingVersion.id))
        .join(ListingRow, col(ListingRow.id) == col(ListingVersion.listing_id))
        .where(
            col(ListingRow.id).in_(listing_ids),
            col(ListingRow.state) == State.LISTED,
            col(ListingVersion.number) == col(ListingRow.version),
        )
        .order_by(col(ListingVersion.id))
    )
    return [listings.offer(work, version_id) for version_id in work.session.execute(holding).scalars()]
