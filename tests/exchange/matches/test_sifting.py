"""The table of offers: whatever came and went before, it counts, finds and orders as going through all cards would."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

import pytest

from leaderboard.exchange.matches import search, sifting
from leaderboard.exchange.matches.cards import Card
from leaderboard.exchange.matches.index import Entry
from leaderboard.exchange.matches.search import Asked
from leaderboard.seasons import faceting
from leaderboard.seasons.signals import Words
from leaderboard.terms.listing import Graded

NOON = datetime(2026, 12, 15, 4, tzinfo=UTC)
GRADES = (None, Graded(value="A", low="B", high="A"), Graded(value="AA", low="AA", high="AA"))


def entry(rng: random.Random, number: int) -> Entry:
    card = Card(
        listing_id=number,
        key=f"k{number}",
        title=Words(f"Title {number}", ""),
        summary=Words("", ""),
        organization=f"Unit {number % 3}",
        organization_id=number % 3,
        supplier=f"unit-{number % 3}",
        kind=rng.choice(("dataset", "annotation")),
        sector=rng.choice(("energy", "transport", "")),
        modalities=tuple(rng.sample(("table", "image", "text"), rng.randint(0, 3))),
        deliveries=("download",),
        price=rng.choice(("free", "")),
        low=None,
        high=None,
        currency="",
        regions=tuple(rng.sample(("CN", "CN-GD", "HK"), rng.randint(0, 2))),
        actions=(),
        licence="",
        security="",
        sizes=MappingProxyType({}),
        grade=rng.choice(GRADES),
        certified_until=None,
        updated=rng.choice((None, date(2026, 1, 1), date(2026, 5, 1))),
        listed_at=NOON - timedelta(days=rng.randint(0, 3)),
    )
    return Entry(None, card, "", "")  # type: ignore[arg-type]  # sifting looks at cards alone


def changes(seed: int) -> list[dict[str, Entry]]:
    """Offers at one moment after the other: some come, some go, some change."""
    rng, held, found = random.Random(seed), {}, []
    for _ in range(12):
        for number in rng.sample(range(40), rng.randint(0, 12)):
            if rng.random() < 0.4:
                held.pop(f"k{number}", None)
            else:
                held[f"k{number}"] = entry(rng, number)
        found.append(dict(held))
    return found


@pytest.mark.parametrize("seed", range(5))
def test_it_counts_and_finds_as_going_through_all_cards_would(seed: int):
    keeper, rng = sifting.Keeper(search.RULES), random.Random(seed)
    for entries in changes(seed):
        table = keeper.table(entries)
        cards = [one.card for one in entries.values()]
        asked = Asked(
            sector=rng.choice(("", "energy")), modality=rng.choice(("", "table")), supplier=rng.choice(("", "unit-1"))
        )
        among = rng.sample(sorted(entries), len(entries) // 2)
        within = table.of([*among, "nobody"])
        passed = within & table.chosen(asked)
        wanted = [one for one in cards if one.key in among and faceting.passes(search.RULES, one, asked)]
        assert passed.bit_count() == len(wanted)
        for facet in faceting.facets(search.RULES, [one for one in cards if one.key in among], asked):
            counted = {one.value: one.count for one in facet.choices if one.count}
            known = {value for key, _, names, _ in search.RULES if key == facet.key for value in names}
            counts = table.counts(within, asked, facet.key)
            assert {value: count for value, count in counts.items() if value in known} == counted
        for order, by in sifting.ORDERS.items():
            ranked = sorted(wanted, key=by)
            assert table.some(passed, order, 0, 1000) == ranked
            assert table.some(passed, order, 3, 7) == ranked[3:7]


def test_a_table_that_was_given_out_stays_as_it_is():
    keeper, (first, *_, last) = sifting.Keeper(search.RULES), changes(3)
    table = keeper.table(first)
    before = (table.all.bit_count(), table.some(table.all, "freshness", 0, 1000))
    keeper.table(last)
    assert (table.all.bit_count(), table.some(table.all, "freshness", 0, 1000)) == before
    assert keeper.table(last) is keeper.table(last)


def test_words_of_titles_that_are_written_nearly_alike():
    rng = random.Random(1)
    titles = ("Bearing temperatures", "Ship tracks", "轴承温度")
    entries = {
        f"k{at}": replace(one, card=replace(one.card, title=Words(title, "")))
        for at, title in enumerate(titles)
        for one in (entry(rng, at),)
    }
    table = sifting.Keeper(search.RULES).table(entries)
    assert table.alike("beerings") == ["bearing"]
    assert table.alike("轴承温底") == ["轴承温度"]
    assert table.alike("ship") == []
    assert table.alike("xq") == []
