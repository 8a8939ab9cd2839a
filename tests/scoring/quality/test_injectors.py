"""Injectors plant what they say, where they say, and nothing else; otherwise the scorecard of the checks would be
worth nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import isnan

import numpy as np
import polars as pl
import pytest
from stdnum import iban, luhn
from stdnum.iso7064 import mod_11_2

from scoring.quality.checks import CHECKS
from scoring.quality.evidence import Evidence, Roles
from scoring.quality.injectors import INJECTORS, Planted
from scoring.quality.injectors.labels import MOST_OF_A_CLASS
from scoring.quality.injectors.people import MAKERS
from scoring.quality.personal import KINDS, find
from scoring.quality.reference import Reference
from scoring.quality.rubric import PARTS
from scoring.quality.schema import Field, Schema

ROWS = 400
DRAWS = np.random.default_rng(4)
SIZES = ("large", "middle", "small")
PARKS = Evidence(
    pl.DataFrame(
        {
            "id": range(1, ROWS + 1),
            "name": [f"公园 {row * 7919 % 1000:03}" for row in range(ROWS)],
            "visits": DRAWS.integers(100, 9000, ROWS),
            "height": DRAWS.normal(50, 8, ROWS).round(3),
            "kind": [("lake", "wood", "hill")[row % 3] for row in DRAWS.integers(0, 3, ROWS)],
            "opened": [date(2020, 1, 1) + timedelta(days=row) for row in range(ROWS)],
            "size": [SIZES[row % 5 % 3] for row in range(ROWS)],
        }
    ),
    Roles(id="id", label="size", time="opened"),
    Schema(
        (
            Field("visits", "integer", minimum=0.0, maximum=9000.0),
            Field("height", "number", minimum=0.0, maximum=100.0),
            Field("kind", enum=("lake", "wood", "hill")),
        )
    ),
    classes=SIZES,
    reference=Reference(window=(datetime(2020, 1, 1, tzinfo=UTC), datetime(2022, 1, 1, tzinfo=UTC))),
)
WORDS = [
    "房间很干净",
    "服务员也热情",
    "下次还会再来",
    "物流太慢了",
    "等了整整一个星期",
    "书的内容很好",
    "印刷质量不太令人满意",
    "电池不耐用",
]
REMARKS = Evidence(
    pl.DataFrame(
        {
            "text": ["，".join(WORDS[at] for at in DRAWS.permutation(8)[:5]) + f"，第{row}次。" for row in range(ROWS)],
            "mood": [("bad", "good")[row % 2] for row in range(ROWS)],
        }
    ),
    Roles(text="text", label="mood"),
)
ADDING = {"copies.exact", "copies.near_texts", "copies.near_rows", "labels.contradicting"}
EVERY = list(INJECTORS)


def ground(key: str) -> Evidence:
    """What the injector is tried on."""
    return REMARKS if "text" in INJECTORS[key].needs else PARKS


def planted(key: str, severity: float, seed: int = 1) -> Planted:
    found = INJECTORS[key].plant(ground(key), severity, seed=seed)
    assert found is not None
    return found


def content(table: pl.DataFrame) -> list[tuple[object, ...]]:
    return table.select(pl.all().cast(pl.String)).rows()


@pytest.mark.parametrize("key", EVERY)
def test_the_record_is_sound(key):
    injector = INJECTORS[key]
    known = {measure for part in PARTS.values() for measure in part.measures} | set(CHECKS)
    assert injector.moves
    assert set(injector.moves) <= known
    assert all(one < other for one, other in pairwise((0.0, *injector.severities)))


@pytest.mark.parametrize("key", EVERY)
def test_the_same_seed_plants_the_same_and_the_given_table_stays(key):
    seen, severity = ground(key), INJECTORS[key].severities[-1]
    before = seen.table.clone()
    one, other = planted(key, severity), planted(key, severity)
    assert seen.table.equals(before)
    assert one.table.equals(other.table)
    assert one.rows.tolist() == other.rows.tolist()
    assert one.table.columns == before.columns
    assert any(not planted(key, severity, seed).table.equals(one.table) for seed in (2, 3, 4))


@pytest.mark.parametrize("key", EVERY)
def test_a_larger_severity_spoils_more_and_the_smaller_part_in_the_same_way(key):
    steps = [planted(key, severity) for severity in INJECTORS[key].severities]
    if key == "classes.thinned":
        assert all(less.table.height < more.table.height for more, less in pairwise(steps))
        assert all(set(content(less.table)) <= set(content(more.table)) for more, less in pairwise(steps))
        return
    for less, more in pairwise(steps):
        assert set(less.rows.tolist()) <= set(more.rows.tolist())
        assert less.rate <= more.rate
        if not key.startswith("cells."):  # a record may lose a further cell
            assert [content(less.table)[row] for row in less.rows] == [content(more.table)[row] for row in less.rows]
    assert steps[0].rate < steps[-1].rate


@pytest.mark.parametrize("key", sorted(set(EVERY) - {"classes.thinned"}))
def test_the_rows_are_those_that_changed(key):
    found, before = planted(key, INJECTORS[key].severities[-2]), content(ground(key).table)
    after = content(found.table)
    changed = [row for row, cells in enumerate(after) if row >= len(before) or cells != before[row]]
    rows = found.rows.tolist()
    if key == "numbers.stuck":  # the record at which it sticks keeps its value
        assert len(rows) - 1 <= len(changed) <= len(rows)
        assert set(changed) <= set(rows)
    elif key == "labels.contradicting":  # those that are contradicted are concerned too
        assert changed == [row for row in rows if row >= len(before)]
        assert len(rows) == 2 * len(changed)
    else:
        assert rows == changed
    assert (found.table.height > len(before)) == (key in ADDING)


@pytest.mark.parametrize("key", [key for key in EVERY if INJECTORS[key].moves[0] not in {"A6", "A2", "Q1", "Q7"}])
def test_the_rate_of_records_is_the_severity(key):
    severity = INJECTORS[key].severities[-1]
    assert planted(key, severity).rate == pytest.approx(severity, abs=1.5 / ROWS)


def test_the_rate_of_cells_is_of_all_cells():
    # neither ids nor labels lose theirs, nor columns that a challenge with a schema did not ask for
    assert planted("cells.missing", 0.2).rate == pytest.approx(0.2 * 4 / 7, abs=1e-3)
    lost = planted("cells.missing", 0.2)
    assert sum(lost.table.null_count().row(0)) == round(lost.rate * ROWS * 7)
    assert planted("cells.out_of_schema", 0.1).rate == pytest.approx(0.1, abs=1e-3)
    assert planted("cells.swapped", 0.1).rate == pytest.approx(0.1 * 2 / 7, abs=1e-3)


@pytest.mark.parametrize("key", EVERY)
def test_nothing_is_planted_where_nothing_fits(key):
    bare = Evidence(pl.DataFrame({"code": pl.Series([], dtype=pl.Int64)}))
    assert INJECTORS[key].plant(bare, INJECTORS[key].severities[0], seed=0) is None
    for need in INJECTORS[key].needs - {"strings", "numbers"}:
        seen = ground(key)
        less = {
            "schema": replace(seen, schema=None),
            "classes": replace(seen, classes=()),
            "window": replace(seen, reference=None),
        }
        without = less.get(need) or replace(seen, roles=replace(seen.roles, **{need: None}))
        assert INJECTORS[key].plant(without, INJECTORS[key].severities[0], seed=0) is None


@pytest.mark.parametrize("severity", [0.0, -0.1, float("nan")])
def test_a_severity_is_positive(severity):
    with pytest.raises(ValueError, match="positive"):
        INJECTORS["cells.missing"].plant(PARKS, severity, seed=0)


def test_exact_copies_have_ids_of_their_own_and_all_else_from_one_record():
    found = planted("copies.exact", 0.2).table
    assert found["id"].n_unique() == found.height
    assert found.drop("id").unique().height == ROWS


def test_near_copies_differ_a_little():
    pairs = [
        {text[at : at + 2] for at in range(len(text) - 1)} for text in planted("copies.near_texts", 0.2).table["text"]
    ]
    shared = [max(len(copy & own) / len(copy | own) for own in pairs[:ROWS]) for copy in pairs[ROWS:]]
    assert len(shared) == ROWS // 4
    assert min(shared) > 0.6
    assert np.mean([one < 1 for one in shared]) > 0.9
    again = planted("copies.near_rows", 0.2).table.drop("id")
    assert again.unique().height == again.height
    rows = content(planted("copies.near_rows", 0.2).table.drop("id", "height"))
    assert all(
        max(sum(a == b for a, b in zip(copy, row, strict=True)) for row in rows[:ROWS]) >= 4 for copy in rows[ROWS:]
    )


def test_contradictions_are_of_records_that_are_otherwise_equal():
    found = planted("labels.contradicting", 0.2).table.drop("id")
    groups = found.group_by(pl.exclude("size")).agg(
        pl.col("size").n_unique().alias("labels"), pl.len().alias("records")
    )
    assert set(groups.filter(pl.col("records") > 1)["labels"]) == {2}
    again = INJECTORS["labels.contradicting"].plant(replace(PARKS, table=pl.concat([PARKS.table] * 2)), 0.1, seed=0)
    assert again is None  # every record has a copy already, which would be contradicted too


def test_wrong_labels_are_other_classes():
    labels = planted("labels.uniform", 0.4).table["size"]
    assert set(labels) == set(SIZES)
    one_way = planted("labels.one_way", 0.4)
    pairs = set(zip(PARKS.table["size"], one_way.table["size"], strict=True))
    following = dict(zip(SIZES, (*SIZES[1:], SIZES[0]), strict=True))
    assert pairs <= {*((name, name) for name in SIZES), *following.items()}
    for name in SIZES:
        rows = (PARKS.table["size"] == name).to_numpy()
        assert (one_way.table["size"].to_numpy()[rows] != name).mean() <= MOST_OF_A_CLASS + 0.1  # drawn, not counted


def test_classes_are_thinned_to_the_ratio():
    found = INJECTORS["classes.thinned"].plant(PARKS, 10, seed=0)
    assert found is not None
    assert isnan(found.rate)
    assert dict(found.table["size"].value_counts().rows()) == {"large": 160, "middle": 16, "small": 16}


def test_units_are_a_factor_off():
    for key, factor in {"numbers.times_10": 10, "numbers.times_1000": 1000}.items():
        found = planted(key, 0.05)
        changed = [name for name in ("visits", "height") if not found.table[name].equals(PARKS.table[name])]
        assert len(changed) == 1
        ratio = (found.table[changed[0]] / PARKS.table[changed[0]]).gather(found.rows)
        assert ratio.to_numpy() == pytest.approx(factor)


def test_times_are_beyond_the_window():
    found = planted("times.late", 0.1)
    assert set(np.flatnonzero((found.table["opened"] > date(2022, 1, 1)).to_numpy())) == set(found.rows)


def test_text_that_no_encoding_can_hurt_is_left_out():
    plain = Evidence(pl.DataFrame({"text": ["plain words", "more of them"]}), Roles(text="text"))
    assert INJECTORS["texts.mojibake"].plant(plain, 0.5, seed=0) is None


def test_every_kind_that_names_a_person_has_a_maker():
    assert set(MAKERS) == {key for key, kind in KINDS.items() if kind.direct}


@pytest.mark.parametrize("kind", MAKERS)
def test_made_up_personal_data_is_found_as_what_it_is(kind):
    made = [MAKERS[kind](np.random.default_rng(seed)) for seed in range(100)]
    hits = find(pl.Series(made))
    assert hits["kind"].to_list() == [kind] * 100
    assert hits["row"].to_list() == list(range(100))


def test_check_digits_are_those_of_the_standards():
    for seed in range(50):
        rng = np.random.default_rng(seed)
        assert mod_11_2.is_valid(MAKERS["identity"](rng))
        assert iban.is_valid(MAKERS["iban"](rng))
        assert luhn.is_valid(MAKERS["bank_card"](rng))
        assert luhn.is_valid(MAKERS["payment_card"](rng))
