"""What a search costs: the ten best of 10,000 and of 100,000 listings for one need, within a third of the sectors,
exactly scored.

Listings are put together from the sentences of the probe (tests/exchange/probe), seeded, half of them Chinese. Encoding
them all would take twenty CPU minutes: 2,000 are encoded, and the others get one of those vectors, moved by seeded
noise; where the encoder's package is missing, all get seeded vectors. Needs are encoded as they are, each anew, though
the exchange remembers them. Both is said in the output.

A second encoder (`semantic-fine`) is measured beside that, by seeded vectors of its length and, where its package is
there, by what its encoding of a need costs: more than all the rest of a search of 10,000 listings.

Ours: the keys of those sectors from the database, then words and vectors of those listings; half of a search of few
listings is the encoding of the need. Peer: the same database counts with LIKE, row by row, how many of the need's words
(pairs of signs in Chinese) a listing of those sectors has, and sorts. Limit: the product of one vector with the float32
vectors of all listings, and nothing else.

The page of the search besides: what every facet would show under the other choices, and the twenty freshest offers, with two
facets chosen. Peer: SQLite counts the same with one GROUP BY a facet over an indexed table of (facet, value, listing).

And the whole page over HTTP, of a server process over a database of so many listings, words alone unless the encoder is
installed: the first page after its start, then pages with and without words and facets. Peer: what the database would do for
the page with both, LIKE and GROUP BY, without a server and without a page. And which of 2,000 open demands a listing fits,
against a search for each.
"""

import random
import re
import resource
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import measure
import numpy as np
import numpy.typing as npt
import search_page

from leaderboard.exchange.matches import search, sifting
from leaderboard.exchange.matches.cards import Card
from leaderboard.exchange.matches.index import Entry
from leaderboard.exchange.relevance import Embedder, Index, Language, Scale, Text, installed_embedders
from leaderboard.exchange.relevance.semantic import MultilingualE5, UniversalSentenceEncoder
from leaderboard.seasons.signals import Words

if TYPE_CHECKING:
    from leaderboard.exchange.listings.service import Offer

sys.path.insert(0, str(Path(__file__).parent.parent))  # the probe is not part of the product
from tests.exchange.probe.reading import LANGUAGES, needs, texts

ENCODED = 2000
SUPPLIED, DEMANDS = 6000, 2000  # listings, twenty of each supplier, and open demands put together like them
LARGE = 100_000  # listings, from which on the vectors are most of the work
CLAUSES = re.compile(r"[，。；：、,.;:]\s*")
WORDS = re.compile(r"[A-Za-z]{3,}|[\u4e00-\u9fff]+")
IN_SECTORS = 12  # of the 36 names of 18 sectors in two languages
REALLY_ENCODED = 200  # listings, for what one costs


class StandIn:
    """Gives descriptions the vectors of others, moved by noise, and encodes needs with the model if there is one."""

    version, prompt = "1", True

    def __init__(
        self,
        of: type[UniversalSentenceEncoder] | type[MultilingualE5],
        model: Embedder | None = None,
        said: Sequence[str] = (),
    ) -> None:
        self.name, self.dimension = f"stand-in for {of.name}", of.dimension
        self._of, self._model = of("0"), model
        self._rng = np.random.default_rng(11)
        self._pool = model.encode(said) if model else self._noise(ENCODED)

    def scale(self, asked: Language, described: Language, /) -> Scale:
        return self._of.scale(asked, described)

    def encode(self, said: Sequence[str], /) -> npt.NDArray[np.float32]:
        drawn = self._pool[self._rng.integers(0, len(self._pool), len(said))] + 0.6 * self._noise(len(said))
        return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)

    def encode_need(self, said: str, /) -> npt.NDArray[np.float32]:
        return self._model.encode_need(said) if self._model else self._noise(1)[0]

    def _noise(self, count: int) -> npt.NDArray[np.float32]:
        drawn = self._rng.standard_normal((count, self.dimension), dtype=np.float32)
        return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def made(count: int) -> list[Text]:
    """Listings of the probe's titles, clauses and fields, mixed within a language; title and sector go together."""
    rng = random.Random(5)
    known = {language: [text for text in texts() if text.language == language] for language in LANGUAGES}
    clauses = {
        language: [part for text in told for part in CLAUSES.split(text.summary) if len(part) > 3]
        for language, told in known.items()
    }
    found = []
    for number in range(count):
        language = LANGUAGES[number % 2]
        one, other = rng.sample(known[language], 2)
        summary = "，".join(rng.sample(clauses[language], rng.randint(3, 6)))
        fields = tuple(rng.sample(one.fields + other.fields, 4))
        title = f"{one.title} {rng.choice(other.fields)} {number}"
        found.append(Text(f"d{number}", language, title, other.task, other.modality, one.sector, summary, fields))
    return found


def stored(said: Sequence[Text]) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE listing (key TEXT PRIMARY KEY, sector TEXT, said TEXT)")
    database.execute("CREATE INDEX by_sector ON listing (sector, key)")
    database.executemany("INSERT INTO listing VALUES (?, ?, ?)", ((t.key, t.sector, t.whole()) for t in said))
    database.commit()
    return database


def terms(need: str) -> list[str]:
    runs = WORDS.findall(need)
    pairs = (run[at : at + 2] if run[0] >= "\u4e00" else run for run in runs for at in _starts(run))
    return list(dict.fromkeys(pairs))


def _starts(run: str) -> range:
    return range(len(run) - 1) if run[0] >= "\u4e00" else range(1)


def by_like(database: sqlite3.Connection, need: str, sectors: Sequence[str]) -> list[str]:
    words = terms(need)
    count = " + ".join(["(said LIKE ?)"] * len(words))
    rows = database.execute(
        f"SELECT key FROM listing WHERE sector IN ({_marks(sectors)}) ORDER BY {count} DESC, key LIMIT 10",
        [*sectors, *(f"%{word}%" for word in words)],
    )
    return [key for (key,) in rows]


def by_us(index: Index, database: sqlite3.Connection, need: str, sectors: Sequence[str]) -> list[str]:
    rows = database.execute(f"SELECT key FROM listing WHERE sector IN ({_marks(sectors)})", list(sectors))
    return [found.key for found in index.search(need, among=[key for (key,) in rows])]


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


def each(work: Callable[[], object]) -> tuple[float, float]:
    """CPU and wall seconds of one call."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def percentiles(name: str, spent: Sequence[tuple[float, float]]) -> float:
    """Print how long searches took; the median CPU seconds."""
    cpu, wall = np.array(spent).T * 1000
    print(
        f"{name}: p50 {np.percentile(wall, 50):.1f} ms, p95 {np.percentile(wall, 95):.1f} ms of wall time;"
        f" p50 {np.percentile(cpu, 50):.1f} ms of CPU, {len(spent)} searches"
    )
    return float(np.percentile(cpu, 50)) / 1000


def forgetful(index: Index) -> Index:
    """So that every search encodes its need, as if it were a new one."""
    for meaning in index._meanings:
        meaning.asked = meaning._asked
    return index


def searches(index: Index, database: sqlite3.Connection, sectors: Sequence[str], size: int, rounds: int) -> None:
    rng = random.Random(3)
    asked = [(said, rng.sample(sectors, IN_SECTORS)) for need in needs()[:20] for said in need.said.values()]
    index.search(asked[0][0])
    ours, everywhere, peer = [], [], []
    for number in range(rounds):
        for said, chosen in asked:
            ours.append(each(partial(by_us, index, database, said, chosen)))
            everywhere.append(each(partial(index.search, said)))
            if number == 0:
                peer.append(each(partial(by_like, database, said, chosen)))
    median = percentiles(f"{size} listings, a third of them, ours", ours)
    unfiltered = percentiles(f"{size} listings, all, ours", everywhere)
    against = percentiles(f"{size} listings, a third of them, LIKE", peer)
    measure.ratio(f"search_speed.like_{size}", ours=median, peer=against, goal=">= 1")
    if size < LARGE:
        return
    plain = np.random.default_rng(1).standard_normal((size, UniversalSentenceEncoder.dimension), dtype=np.float32)
    limit = measure.in_turn({"limit": lambda: np.einsum("ij,j->i", plain, plain[0])})["limit"]
    measure.ratio(f"search_speed.product_{size}", ours=unfiltered, peer=limit, goal="<= 5")


def with_both(said: Sequence[Text], fine: Embedder | None) -> None:
    """What a second model adds to a search: comparing, encoding, and the same need once more."""
    index = Index([StandIn(UniversalSentenceEncoder), StandIn(MultilingualE5)])
    index.upsert(said)
    index.search("load")
    asked = [text for need in needs()[:20] for text in need.said.values()]
    percentiles(
        f"{len(said)} listings, all, two models, seeded vectors", [each(partial(index.search, one)) for one in asked]
    )
    percentiles("the same needs again", [each(partial(index.search, one)) for one in asked])
    if fine:
        fine.encode_need("load")
        percentiles("a need encoded by the second model", [each(partial(fine.encode_need, one)) for one in asked])


def cards(said: Sequence[Text]) -> list[Card]:
    """Offers with facets drawn at random, as many values each as listings have."""
    rng, noon = random.Random(7), datetime(2026, 12, 15, 4, tzinfo=UTC)
    names = {key: list(known) for key, _, known, _ in search.FACETS}
    return [
        Card(
            listing_id=at,
            key=text.key,
            title=Words(text.title, ""),
            summary=Words(text.summary, ""),
            organization=f"Unit {at % 300}",
            organization_id=at % 300,
            supplier=f"unit-{at % 300}",
            kind=rng.choice(names["kind"]),
            sector=rng.choice(names["sector"]),
            modalities=tuple(rng.sample(names["modality"], 2)),
            deliveries=tuple(rng.sample(names["delivery"], 2)),
            price=rng.choice(names["price"]),
            low=None,
            high=None,
            currency="",
            regions=tuple(rng.sample(names["region"], 2)),
            actions=tuple(rng.sample(names["use"], 3)),
            licence=rng.choice(names["licence"]),
            security=rng.choice(names["security"]),
            sizes={},
            grade=None,
            certified_until=None,
            updated=None,
            listed_at=noon - timedelta(minutes=rng.randrange(500_000)),
        )
        for at, text in enumerate(said)
    ]


def in_sql(offered: Sequence[Card]) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE offer (id INTEGER PRIMARY KEY, day INTEGER, at REAL)")
    database.execute("CREATE INDEX by_day ON offer (day, at)")
    database.execute(
        "CREATE TABLE fact (facet TEXT, value TEXT, offer INTEGER, PRIMARY KEY (facet, value, offer)) WITHOUT ROWID"
    )
    database.executemany("INSERT INTO offer VALUES (?, ?, ?)", ((one.listing_id, *one.by_freshness) for one in offered))
    facts = (
        (key, value, one.listing_id)
        for one in offered
        for key, *_, values in search.RULES
        for value in set(values(one))
    )
    database.executemany("INSERT INTO fact VALUES (?, ?, ?)", facts)
    database.execute("ANALYZE")
    database.commit()
    return database


HAVING = "offer IN (SELECT offer FROM fact WHERE facet = ? AND value = ?)"


def page_by_sql(database: sqlite3.Connection, asked: search.Asked) -> tuple[list[dict[str, int]], list[int]]:
    chosen = [(key, value) for key, *_ in search.RULES if (value := getattr(asked, key))]
    counts = []
    for key, *_ in search.RULES:
        others = [one for one in chosen if one[0] != key]
        where = " AND ".join(["facet = ?", *[HAVING] * len(others)])
        query = f"SELECT value, COUNT(*) FROM fact WHERE {where} GROUP BY value"
        counts.append(dict(database.execute(query, [key, *(part for one in others for part in one)])))
    where = " AND ".join([HAVING.replace("offer IN", "id IN")] * len(chosen))
    query = f"SELECT id FROM offer WHERE {where} ORDER BY day, at, id LIMIT {search.PAGE_SIZE}"
    return counts, [id for (id,) in database.execute(query, [part for one in chosen for part in one])]


def page_by_us(table: sifting.Table, asked: search.Asked) -> tuple[list[dict[str, int]], list[int]]:
    counts = [table.counts(table.all, asked, key) for key, *_ in search.RULES]
    shown = table.some(table.chosen(asked), "freshness", 0, search.PAGE_SIZE)
    return counts, [card.listing_id for card in shown]


def pages(said: Sequence[Text], runs: int) -> None:
    offered = cards(said)
    keeper, database = sifting.Keeper(search.RULES), in_sql(offered)
    entries = {card.key: Entry(cast("Offer", None), card, "", "") for card in offered}
    cpu, _ = each(lambda: keeper.table(entries))
    print(f"{len(said)} offers: the table of facets and orders made in {cpu:.2f} CPU-s", end=", ")
    changed = {**entries, "d7": Entry(cast("Offer", None), replace(offered[7], sector="energy"), "", "")}
    cpu, _ = each(lambda: keeper.table(changed))
    print(f"brought up to date after one change in {cpu * 1000:.1f} CPU-ms")
    table, asked = keeper.table(entries), search.Asked(sector="energy", modality="table")
    if page_by_us(table, asked) != page_by_sql(database, asked):
        raise RuntimeError("the two pages differ")
    spent = measure.in_turn(
        {"ours": lambda: page_by_us(table, asked), "peer": lambda: page_by_sql(database, asked)}, runs=runs
    )
    measure.ratio(f"search_speed.facets_{len(said)}", ours=spent["ours"], peer=spent["peer"], goal=">= 5")


def ingest(index: Index, said: Sequence[Text], model: Embedder | None) -> None:
    """What a listing costs: many at once with and without encoding, and one more in an index of this size."""
    words = Index()
    cpu, _ = each(lambda: words.upsert(said[:5000]))
    print(f"words of a listing, many at once: {cpu / min(5000, len(said)) * 1000:.2f} ms of CPU")
    if model:
        real = Index([model])
        cpu, _ = each(lambda: real.upsert(said[:REALLY_ENCODED]))
        print(f"words and vector of a listing, many at once: {cpu / REALLY_ENCODED * 1000:.1f} ms of CPU")
    spent, after = [], []
    for number in range(20):
        changed = Text(
            **{name: getattr(said[number], name) for name in Text.__slots__} | {"summary": f"changed {number}"}
        )
        spent.append(each(partial(index.upsert, [changed])))
        after.append(each(partial(index.search, "load forecast 负荷预测")))
    percentiles(f"one listing changed, {'' if model else 'not '}encoded", spent)
    percentiles("the search after it", after)


def main() -> None:
    options = measure.options(__doc__)
    model, fine = (*installed_embedders(), None, None)[:2]
    for size in (2000,) if options.quick else (10_000, 100_000):
        said = made(size)
        pool = [text.embedded() for text in said[:ENCODED]]
        stand_in = StandIn(UniversalSentenceEncoder, model, pool)
        source = f"of {len(pool)} encoded ones, moved by noise" if model else "seeded, for the package is missing"
        print(
            f"{size} listings: vectors are stand-ins, {source}; needs are {'encoded' if model else 'given such too'}."
        )
        before = resident()
        index = forgetful(Index([stand_in]))
        cpu, _ = each(partial(index.upsert, said))
        index.search("load")
        print(
            f"{size} listings: built in {cpu:.1f} CPU-s without encoding; memory {resident() - before:.0f} MB more,"
            f" of which vectors {index.stats().models[0].vector_bytes / 2**20:.0f} MB"
        )
        searches(index, stored(said), sorted({text.sector for text in said}), size, 1 if options.quick else 3)
        ingest(index, said, model)
        del index
        with_both(said, fine)
        pages(said, options.runs)
        if size >= LARGE or options.quick:
            by_whole_page(said)
    every = made(SUPPLIED + DEMANDS)
    search_page.supplied(every[:SUPPLIED], every[SUPPLIED:])


def by_whole_page(said: Sequence[Text]) -> None:
    """Peer: the database counts words by LIKE, and facets with one GROUP BY each; no page is made of it."""
    offered, likes = in_sql(cards(said)), stored(said)
    sectors = sorted({text.sector for text in said})[:2]
    searched = [text for need in needs()[:20] for text in need.said.values()]
    search_page.measured(
        said, searched, lambda need, asked: (by_like(likes, need, sectors), page_by_sql(offered, asked))
    )


def resident() -> float:
    """MB that the process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


if __name__ == "__main__":
    main()
