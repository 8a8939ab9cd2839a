"""What checks say when a challenge knows more than the dataset: nobody gains by dropping, padding or guessing hidden records."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from scoring.quality.check import Measured
from scoring.quality.checks import CHECKS
from scoring.quality.duplicates.overlap import FEWEST_ROWS
from scoring.quality.evidence import Evidence, Roles
from scoring.quality.measures.coverage import FEWEST_CANARIES
from scoring.quality.measures.media import MOST_FILES
from scoring.quality.origin import Origin
from scoring.quality.reference import Reference
from tests.laws.filed_checks import MISLABELLED, beside_test, cities, drawn, generated, trees, useful
from tests.laws.filed_media import Files, picture, with_files


def measured(key: str, seen: Evidence) -> Measured:
    found = CHECKS[key].load()(seen)
    assert found is not None
    return found


# label errors by gold

RAW = trees(MISLABELLED).table.with_row_index("id")
RIGHT = trees().table.with_row_index("id").select("id", "kind")
GOLD = RIGHT.filter(pl.col("id") % 7 < 3)  # 258 records of all kinds
TREES = Roles(id="id", label="kind")


def by_gold(table: pl.DataFrame, *, raw: pl.DataFrame | None = RAW) -> Measured:
    """Without what models could learn from, so that they take no time."""
    return measured("A6", Evidence(table.select("id", "kind"), TREES, reference=Reference(gold=GOLD, raw=raw)))


def test_gold_decides_the_rate_of_wrong_labels_with_an_interval_around_it():
    truth = RAW.join(GOLD, on="id", suffix="_right").select((pl.col("kind") != pl.col("kind_right")).mean()).item()
    assert 0.02 < truth < 0.08
    found = by_gold(RAW)
    assert abs(found.value - truth) <= found.details["step"] / 2 + 1e-12
    assert found.low <= truth <= found.high
    assert by_gold(RAW.with_columns(RIGHT["kind"])).value == 0


def test_labels_that_please_models_but_not_gold_gain_nothing():
    """One kind for all: no model would doubt it."""
    assert by_gold(RAW.with_columns(kind=pl.lit("oak"))).value == pytest.approx(2 / 3, abs=0.02)


def test_dropping_gold_or_its_label_wins_nothing_over_leaving_it_as_it_was():
    hard = pl.col("id").is_in(sorted(MISLABELLED))
    before = by_gold(RAW).value
    for table in (
        RAW.filter(~hard),
        RAW.with_columns(kind=pl.when(hard).then(None).otherwise("kind")),
        RAW.head(0),
        RAW.with_columns(pl.col("id") + 10_000),
    ):
        assert by_gold(table).value == before
    assert by_gold(RAW.filter(~hard), raw=None).value == before  # wrong either way
    assert by_gold(RAW.filter(hard), raw=None).value > 0.9  # nobody knows what was dropped: it is wrong


def test_giving_a_record_every_label_is_wrong():
    every = pl.concat([RAW.with_columns(kind=pl.lit(kind)) for kind in ("oak", "elm", "fir")])
    assert by_gold(every).value == 1


def test_one_more_wrong_label_seldom_shows_in_the_rate():
    """Steps hold five gold records, so of single changes one in five moves the value."""
    right = RAW.with_columns(RIGHT["kind"])
    values = []
    for count in range(41):
        bad = GOLD["id"].head(count).implode()
        values.append(
            by_gold(right.with_columns(kind=pl.when(pl.col("id").is_in(bad)).then(pl.lit("?")).otherwise("kind"))).value
        )
    moves = np.diff(values) > 0
    assert values == sorted(values)
    assert moves.sum() == 8


@pytest.mark.slow
def test_what_models_doubt_is_listed_whether_or_not_it_is_gold():
    reference = Reference(gold=GOLD, raw=RAW)
    with_gold, without = (measured("A6", Evidence(RAW, TREES, reference=known)) for known in (reference, None))
    assert with_gold.issues is not None
    assert without.issues is not None
    assert with_gold.issues.equals(without.issues)
    assert with_gold.issues.height == len(MISLABELLED)


# canaries


def surviving(kept: int, of: int) -> float:
    table = cities(400).head(kept)
    reference = Reference(canaries=cities(400).select("id").head(of))
    return measured("A3", Evidence(table, Roles(id="id"), reference=reference)).value


def test_canaries_count_in_coarse_steps():
    assert [surviving(kept, 200) for kept in (200, 190, 189, 160, 159, 100, 99, 0)] == [1, 1, 0.8, 0.8, 0.5, 0.5, 0, 0]


def test_few_canaries_give_no_single_one_away():
    assert surviving(0, 1) == surviving(0, 2) == 1
    assert surviving(0, FEWEST_CANARIES) == 0


def test_missing_canaries_are_never_named():
    found = measured("A3", Evidence(cities(9), Roles(id="id"), reference=Reference(canaries=cities(400).select("id"))))
    assert found.issues is not None
    assert found.issues.height == 0
    assert "c17" not in str(found)


def test_copies_fill_no_group():
    asked = Reference(strata={"size": {"small": 5}})
    padded = pl.concat(
        [cities(6).with_columns(pl.format("{}-{}", "id", pl.lit(time)).alias("id")) for time in range(5)]
    )
    assert measured("A3", Evidence(padded, Roles(id="id"), reference=asked)).value == 0
    assert measured("A3", Evidence(cities(15), Roles(id="id"), reference=asked)).value == 1


def test_a_column_that_is_not_there_has_no_group():
    found = measured("A3", Evidence(cities(), reference=Reference(strata={"country": 3, "size": 3})))
    assert found.value == 1 / 2


# contamination


def test_a_single_row_tells_nothing_about_the_hidden_test():
    for table in (drawn(10_500, 1), drawn(20_000, 1), pl.concat([drawn(10_500, 1)] * 2000)):
        assert measured("A9", beside_test(table)).value == 0


def test_all_that_is_found_in_the_test_counts_however_much_else_there_is():
    few = drawn(10_000, 500)
    padded = pl.concat([drawn(20_000, 60_000), few])
    assert measured("A9", beside_test(few)).value == 0.1
    assert measured("A9", beside_test(padded)).value == 0.1
    assert not CHECKS["A9"].passes(measured("A9", beside_test(padded)), limit=0.0)


def test_what_raw_data_shares_with_the_test_is_no_fault():
    seen = beside_test(drawn(0, 1))
    assert seen.reference is not None
    assert seen.reference.raw is not None
    found = measured("A9", replace(seen, table=seen.reference.raw))
    assert found.value == 0
    assert CHECKS["A9"].passes(found, limit=0.0)


def test_ids_labels_and_the_type_of_columns_hide_nothing():
    changed = drawn(10_000, 500).with_columns(id=pl.lit("x"), label=pl.lit("no"), width=pl.col("width").cast(pl.String))
    assert measured("A9", beside_test(changed)).value == 0.1


def test_nearly_the_same_texts_are_found():
    rng = np.random.default_rng(5)
    signs = np.array(list("质量很好送货快价格便宜客服态度满意推荐购买物流包装完整不错喜欢房间干净热情下次还来"))
    texts = ["".join(signs[rng.integers(0, len(signs), 30)]) for _ in range(1600)]
    test = pl.DataFrame({"text": texts[:600]})
    reference = Reference(test=test)
    taken = pl.DataFrame({"text": [text[:-1] + "。" for text in texts[:300]] + texts[600:]})
    own = pl.DataFrame({"text": texts[600:]})
    assert measured("A9", Evidence(taken, Roles(text="text"), reference=reference)).value == 0.1
    assert measured("A9", Evidence(own, Roles(text="text"), reference=reference)).value == 0


def test_nearly_the_same_rows_are_found():
    def wide(first: int, rows: int) -> pl.DataFrame:
        return drawn(first, rows).with_columns(
            height=pl.col("width") * 31 % 1009, depth=pl.col("length") * 17 % 2003, weight=pl.col("width") * 7 % 3001
        )

    reference = Reference(test=wide(10_000, FEWEST_ROWS))
    taken = wide(10_000, 300).with_columns(pl.lit(1).alias("weight"))
    roles = Roles(id="id", label="label")
    assert measured("A9", Evidence(taken, roles, reference=reference)).value == 0.1
    assert measured("A9", Evidence(wide(0, 300), roles, reference=reference)).value == 0


# usefulness and scale


def test_a_steady_curve_asks_for_more_and_a_flat_one_does_not():
    steady, saturated = useful(50, 0.6, 0.7, 0.8, 0.9), useful(50, 0.9, 0.9, 0.9, 0.9)
    assert measured("A4", Evidence(cities(), reference=steady)).value == pytest.approx(0)
    assert measured("A4", Evidence(cities(), reference=saturated)).value == 1


def test_a_flat_curve_of_what_teaches_nothing_is_no_proof_of_scale():
    assert CHECKS["A4"].load()(Evidence(cities(), reference=useful(0, 0.5, 0.5, 0.5, 0.5))) is None


def test_a_loss_is_read_the_other_way_round():
    reference = useful(50, 0.4, 0.3, 0.21, 0.2)
    assert reference.usefulness is not None
    falling = replace(reference.usefulness, utility=replace(reference.usefulness.utility, direction="min"))
    found = measured("A4", Evidence(cities(), reference=replace(reference, usefulness=falling)))
    assert found.value == pytest.approx(1 - 0.01 / (0.2 / 3))


def test_the_error_of_the_utility_widens_the_interval_of_scale():
    reference = useful(50, 0.6, 0.7, 0.75, 0.775)
    assert reference.usefulness is not None
    unsure = replace(reference.usefulness, utility=replace(reference.usefulness.utility, error=0.005))
    found = measured("A4", Evidence(cities(), reference=replace(reference, usefulness=unsure)))
    assert found.low < found.value < found.high


# people


def test_who_shares_quasi_identifiers_with_too_few_counts_as_identifiable():
    table = pl.DataFrame({"id": range(12), "age": [30] * 6 + [40] * 5 + [99], "city": ["A"] * 12})
    asked = Reference(quasi_identifiers=("age", "city"), least_group=5)
    found = measured("Q5", Evidence(table, Roles(id="id"), reference=asked))
    assert found.value == 1 / 12
    assert found.details["smallest_group"] == 1
    assert found.issues is not None
    assert found.issues.select("row", "code", "column").rows() == [(11, "few_alike", "age, city")]
    assert measured("Q5", Evidence(table, Roles(id="id"))).value == 0
    both = table.with_columns(pl.Series("note", [""] * 11 + ["13800138000"]))
    assert measured("Q5", Evidence(both, Roles(id="id"), reference=asked)).value == 1 / 12  # a record counts once


# origin


def test_a_challenge_may_accept_only_some_licences():
    origin = Origin("MIT", "MIT", "a survey")
    for accepted, value in (((), 1.0), (("MIT",), 1.0), (("CC-BY-4.0",), 0.5)):
        found = measured("Q9", Evidence(cities(), origin=origin, reference=Reference(licences=accepted)))
        assert found.value == value
        assert found.details["licence_accepted"] is (value == 1)


def test_licences_of_records_are_looked_at_one_by_one():
    table = cities(4).with_columns(pl.Series("licence", ["MIT", None, "CC-BY-4.0", "ours"]))
    origin = Origin("MIT", "MIT", "a survey", columns={"licence": "licence"})
    asked = Reference(licences=("MIT", "CC-BY-4.0"))
    found = measured("Q9", Evidence(table, origin=origin, reference=asked))
    assert found.details["parts"]["licence"] == 3 / 4
    assert found.issues is not None
    assert found.issues["row"].to_list() == [3]


def test_a_record_cannot_be_from_after_its_last_change():
    table = pl.DataFrame(
        {
            "made": ["2024-05-01", "2024", "2024-05-02", "2024-05-01T10:00:00Z", None],
            "changed": ["2024-05-01T08:00:00", "2024-03-01", "2024-05-01", "2024-05-01", "2024-05-01"],
        }
    )
    origin = Origin("MIT", "MIT", "x", columns={"original_time": "made", "last_modified_time": "changed"})
    found = measured("Q9", Evidence(table, origin=origin))
    assert found.issues is not None
    assert found.issues["row"].to_list() == [2]
    assert found.details["parts"]["times"] == 3 / 4


def test_generated_copies_do_not_pass_and_new_ones_do():
    assert CHECKS["A11"].passes(measured("A11", generated(0)), limit=0.1)
    assert not CHECKS["A11"].passes(measured("A11", generated(5)), limit=0.1)


# times, annotators, files


def test_days_and_moments_with_a_zone_are_held_against_the_window():
    window = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 2, 1, tzinfo=UTC))
    times = ["2024-01-01T07:30:00+08:00", "2024-01-01T08:00:00+08:00", "2024-02-01", "2024-02-01 00:00:01"]
    found = measured(
        "A5", Evidence(pl.DataFrame({"time": times}), Roles(time="time"), reference=Reference(window=window))
    )
    assert found.issues is not None
    assert found.issues["row"].to_list() == [0, 3]


def labelled(rows: list[tuple[object, object, object]]) -> Evidence:
    table = pl.DataFrame(rows, schema=["id", "who", "label"], orient="row")
    return Evidence(table, Roles(id="id", label="label", annotator="who"))


def test_copies_of_a_vote_are_no_agreement():
    rows = [(item, who, "ab"[(item + (who == "Li") * (item > 5)) % 2]) for item in range(20) for who in ("Li", "Wang")]
    once, thrice = (measured("A7", labelled(rows * times)) for times in (1, 3))
    assert once.value == thrice.value


def test_an_annotator_who_contradicts_himself_disagrees():
    rows = [(item, who, "ab"[item % 2]) for item in range(20) for who in ("Li", "Wang")]
    assert measured("A7", labelled([*rows, (3, "Li", "a")])).value < measured("A7", labelled(rows)).value


def test_labels_of_several_annotators_are_no_near_copies_of_an_item():
    items = cities(60).drop("size")
    votes = pl.concat([items.with_columns(who=pl.lit(who), size=pl.lit(who[0])) for who in ("Li", "Wang", "Zhao")])
    near = votes.filter(pl.col("id") == "c3").with_columns(id=pl.lit("c3 again"), height=pl.lit(1.5))
    seen = Evidence(pl.concat([votes, near]), Roles(id="id", label="size", annotator="who"))
    assert measured("Q14", replace(seen, table=votes)).value == 0
    assert measured("Q14", seen).value == 1 / 61


def test_a_file_that_an_archive_cannot_give_is_an_issue():
    class Damaged(Files):
        def source(self, row: int) -> bytes | None:
            if row == 2:
                raise RuntimeError("bad checksum")
            return super().source(row)

    files = Damaged.of("image", [picture(number) for number in range(4)])
    found = measured("Q16", Evidence(pl.DataFrame({"file": files.names}), media=files))
    assert found.value == 3 / 4
    assert found.issues is not None
    assert found.issues.select("row", "code").rows() == [(2, "image.unopened")]


def test_kinds_of_annotators_are_not_people():
    rows = [(item, who, "ab"[item % 2]) for item in range(20) for who in ("普通标注员", "专业标注员")]
    assert CHECKS["A7"].load()(labelled(rows)) is None
    assert CHECKS["A7"].load()(labelled([(item, "Li", "a") for item in range(20)])) is None


@pytest.mark.slow
def test_of_many_files_the_same_are_looked_at_in_any_order():
    contents = [picture(0, shade=130) if number % 4 == 0 else picture(number % 7) for number in range(MOST_FILES + 200)]
    seen = with_files("image", list(contents))
    found = measured("Q16", seen)
    assert found.checked == MOST_FILES
    assert found.low < 0.75 < found.high
    order = np.random.default_rng(2).permutation(seen.rows)
    assert isinstance(seen.media, Files)
    shuffled = measured("Q16", replace(seen, table=seen.table[order], media=seen.media.taken(order)))
    assert shuffled.value == found.value
