"""Runs of matching: made from what is offered at one moment, kept with all that they were given, and made again from that.

`Given` is a run's whole input: the demand, the day, the settings, and for each listing the document that was considered (kept
once in `MatchDocument`) with its relevance. A relevance of None means that no text was compared.
"""

import gzip
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from secrets import token_hex
from tempfile import mkstemp
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select, update
from sqlmodel import col

from challenges.strict import Strict
from leaderboard.core.database import dialect_of, upsert
from leaderboard.core.work import Work
from leaderboard.exchange.demands import service as demands
from leaderboard.exchange.demands.service import Need
from leaderboard.exchange.listings.models import ListingVersion
from leaderboard.exchange.matches.cards import texts_of_need
from leaderboard.exchange.matches.index import Entry, Shelf
from leaderboard.exchange.matches.models import Match, MatchDocument, MatchFeedback, MatchRun
from leaderboard.exchange.matches.signals import MatchesChanged
from leaderboard.exchange.matching import run as matching
from leaderboard.exchange.matching.config import Config
from leaderboard.exchange.matching.run import Run
from leaderboard.terms import listing as listing_terms
from leaderboard.terms.demand import Demand
from leaderboard.terms.listing import Listing

CONFIG: Final = Config(shown=50)
"""More than a page shows: events take what is explained as wishes."""
KEPT: Final = 20
"""Runs of a demand; older ones go, but for those that feedback names."""
UNDER_WAY: Final = 500
"""More runs than are kept while one is being made."""
_TOGETHER: Final = 500
"""Rows of one statement."""


class Given(Strict):
    """What a run was given. ``considered``: the id of a `MatchDocument` and the relevance of its text, in the order of keys."""

    demand: Demand
    today: date
    config: Config
    considered: tuple[tuple[int, float | None], ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A run before it is kept: the entries are those that it considered, in the order of keys."""

    need: Need
    entries: tuple[Entry, ...]
    relevance: Mapping[str, float | None]
    model: str | None
    run: Run


@dataclass(frozen=True, slots=True)
class StoredRun:
    """A kept run with its result."""

    id: int
    demand_id: int
    demand_version_id: int
    made_at: datetime
    embedder: str | None
    run: Run


def day_of(work: Work) -> date:
    """Today where this installation is."""
    return work.now.astimezone(ZoneInfo(work.settings.zone)).date()


def make(need: Need, shelf: Shelf, today: date, config: Config = CONFIG) -> Made:
    """Matches a demand with all that is offered to it; its own organization's listings are no offers."""
    entries = tuple(
        one for _, one in sorted(shelf.entries.items()) if one.offer.organization_id != need.organization_id
    )
    relevance = relevance_of(need, shelf, entries)
    run = matching.run(need.document, (one.offer.document for one in entries), relevance, today=today, config=config)
    return Made(need, entries, relevance, shelf.model, run)


def relevance_of(need: Need, shelf: Shelf, entries: Sequence[Entry]) -> dict[str, float | None]:
    """By key of listing; nowhere a number where the demand has no words that could be compared."""
    texts = texts_of_need(need)
    if not texts:
        return {one.offer.key: None for one in entries}
    found = shelf.relevances(texts)
    return {one.offer.key: found.get(one.offer.key, 0.0) for one in entries}


def keep(work: Work, made: Made) -> MatchRun:
    """Stores a run as the one that holds for its demand, and says so."""
    documents = _documents(work, made.entries)
    ids = [documents[one.offer.version_id, one.sha256] for one in made.entries]
    considered = tuple((id, made.relevance[one.offer.key]) for id, one in zip(ids, made.entries, strict=True))
    given = Given(demand=made.need.document, today=made.run.today, config=made.run.config, considered=considered)
    by_key = {one.offer.key: one for one in made.entries}
    kept = MatchRun(
        demand_id=made.need.demand_id,
        demand_version_id=made.need.version_id,
        made_at=work.now,
        today=made.run.today,
        config_hash=made.run.config_hash,
        embedder=made.model,
        listings=made.run.listings,
        good=len(made.run.order),
        near=[by_key[one.listing].offer.listing_id for one in made.run.near],
        given_key=_stored(work, given.model_dump_json(), made.need.demand_id, "given"),
        result_key=_stored(work, made.run.model_dump_json(), made.need.demand_id, "result"),
    )
    work.session.add(kept)
    work.session.flush()
    work.session.execute(update(MatchDocument).where(col(MatchDocument.first_run).is_(None)).values(first_run=kept.id))
    _place(work, kept, made, by_key)
    _prune(work, kept.demand_id)
    removed = sorted(made.run.removed, key=lambda key: (-made.run.removed[key], key))
    demands.note_missing(work, made.need.demand_id, removed if made.run.nothing is not None else [])
    work.emit(MatchesChanged(made.need.demand_id, kept.id or 0))
    return kept


def _place(work: Work, kept: MatchRun, made: Made, by_key: Mapping[str, Entry]) -> None:
    """Puts the matches of this run in the place of those before; one that stays keeps the moment since which it is there."""
    since = select(col(Match.listing_id), col(Match.since)).where(col(Match.demand_id) == kept.demand_id)
    known = dict(work.session.execute(since).all())
    work.session.execute(delete(Match).where(col(Match.demand_id) == kept.demand_id))
    for one in made.run.matches:
        offer = by_key[one.listing].offer
        work.session.add(
            Match(
                run_id=kept.id or 0,
                demand_id=kept.demand_id,
                listing_id=offer.listing_id,
                version_id=offer.version_id,
                rank=one.rank or 0,
                placing=one.scores.placing,
                since=known.get(offer.listing_id, work.now),
            )
        )
    work.session.flush()


def _prune(work: Work, demand_id: int) -> None:
    """Removes the demand's older runs with their files; what was said to a run can always be looked at beside it."""
    ids, of_demand = col(MatchRun.id), col(MatchRun.demand_id) == demand_id
    newest = select(ids).where(of_demand).order_by(ids.desc()).limit(KEPT)
    named = select(col(MatchFeedback.run_id)).where(col(MatchFeedback.demand_id) == demand_id)
    older = select(MatchRun).where(of_demand, ids.not_in(newest), ids.not_in(named))
    gone = work.session.execute(older).scalars().all()
    for run in gone:
        for key in (run.given_key, run.result_key):
            work.after_commit.append(partial(work.storage.delete, key))
        work.session.delete(run)
    work.session.flush()
    if gone:
        _prune_documents(work)


def _prune_documents(work: Work) -> None:
    """Removes the documents that no run looks at any more. A listing's document is looked at from its first run until the listing's
    next one has its first, and perhaps by a few runs after that, which were under way then.
    """
    following = func.lead(col(MatchDocument.first_run)).over(
        partition_by=col(ListingVersion.listing_id), order_by=(col(MatchDocument.first_run), col(MatchDocument.id))
    )
    known = (
        select(col(MatchDocument.id), col(MatchDocument.first_run).label("first"), following.label("next"))
        .join(ListingVersion, col(ListingVersion.id) == col(MatchDocument.version_id))
        .subquery()
    )
    looking = select(col(MatchRun.id)).where(
        col(MatchRun.id) >= known.c.first, col(MatchRun.id) <= known.c.next + UNDER_WAY
    )
    gone = select(known.c.id).where(known.c.next > 0, ~looking.exists())  # 0: of old ones nobody knows it
    work.session.execute(delete(MatchDocument).where(col(MatchDocument.id).in_(gone)))


def _documents(work: Work, entries: Sequence[Entry]) -> dict[tuple[int, str], int]:
    """The id of the kept document of each entry, by version and SHA-256; what is not kept yet is."""
    found = _known(work, entries)
    new = [one for one in entries if (one.offer.version_id, one.sha256) not in found]
    for some in _lots(new):
        values = [{"version_id": one.offer.version_id, "sha256": one.sha256, "document": one.document} for one in some]
        adding = upsert(dialect_of(work.session), MatchDocument).values(values)
        work.session.execute(adding.on_conflict_do_nothing(index_elements=["version_id", "sha256"]))
    return found | _known(work, new)


def _known(work: Work, entries: Sequence[Entry]) -> dict[tuple[int, str], int]:
    found: dict[tuple[int, str], int] = {}
    for some in _lots(entries):
        versions = [one.offer.version_id for one in some]
        rows = select(col(MatchDocument.version_id), col(MatchDocument.sha256), col(MatchDocument.id)).where(
            col(MatchDocument.version_id).in_(versions)
        )
        found |= {(version_id, sha256): id for version_id, sha256, id in work.session.execute(rows)}
    return found


def _lots(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    return (entries[start : start + _TOGETHER] for start in range(0, len(entries), _TOGETHER))


def _stored(work: Work, text: str, demand_id: int, what: str) -> str:
    key = f"matches/{demand_id}/{what}-{token_hex(8)}.json.gz"
    descriptor, copy = mkstemp(dir=work.settings.data_dir)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(gzip.compress(text.encode(), mtime=0))
        work.storage.put(key, Path(copy))
    finally:
        Path(copy).unlink(missing_ok=True)
    return key


# Reading them again


def latest(work: Work, demand_id: int) -> StoredRun | None:
    """The run that holds for a demand; None: it has not been matched yet."""
    newest = select(MatchRun).where(col(MatchRun.demand_id) == demand_id).order_by(col(MatchRun.id).desc()).limit(1)
    row = work.session.execute(newest).scalar_one_or_none()
    return None if row is None else stored(work, row)


def stored(work: Work, row: MatchRun) -> StoredRun:
    """A run with its result. Raises FileNotFoundError where the storage has lost it."""
    return StoredRun(
        id=row.id or 0,
        demand_id=row.demand_id,
        demand_version_id=row.demand_version_id,
        made_at=row.made_at,
        embedder=row.embedder,
        run=matching.parse(_text(work, row.result_key)),
    )


def given_to(work: Work, row: MatchRun) -> tuple[Given, list[Listing], dict[str, float | None]]:
    """What a run was given, with the listings as they were and their relevance by key."""
    given = Given.model_validate_json(_text(work, row.given_key))
    ids = [id for id, _ in given.considered]
    documents: dict[int, str] = {}
    for start in range(0, len(ids), _TOGETHER):
        some = select(col(MatchDocument.id), col(MatchDocument.document)).where(
            col(MatchDocument.id).in_(ids[start : start + _TOGETHER])
        )
        documents |= dict(work.session.execute(some).all())
    found = [listing_terms.read(documents[id]) for id in ids]
    return given, found, {one.key: worth for one, (_, worth) in zip(found, given.considered, strict=True)}


def replay(work: Work, run_id: int) -> bool:
    """Whether a run comes out the same once more, to the last bit, from nothing but what was kept of it."""
    row = work.session.get_one(MatchRun, run_id)
    given, found, relevance = given_to(work, row)
    again = matching.run(given.demand, found, relevance, today=given.today, config=given.config)
    return again.model_dump_json() == _text(work, row.result_key).decode()


def _text(work: Work, key: str) -> bytes:
    return gzip.decompress(work.storage.path(key).read_bytes())
