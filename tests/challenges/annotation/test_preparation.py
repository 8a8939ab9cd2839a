"""What is wrong with an organizer's items and gold, told at once."""

import numpy as np
import polars as pl
import pytest

from challenges.annotation_messages import ANNOTATION_MESSAGES
from challenges.annotation_plan import AnnotationPlan
from challenges.annotation_preparation import prepare
from challenges.findings import PackageRefused
from challenges.intake_messages import MESSAGES, template
from challenges.plan import Plan
from tests.challenges.annotation.jobs import CLASSES, ids, packed, table, truth_of


def refused(folder, items, gold, /, **said):
    with pytest.raises(PackageRefused) as caught:
        prepare(packed(folder, items, gold, **said), folder / "prepared")
    assert not (folder / "prepared" / "plan.json").exists()
    for one in caught.value.findings:
        if one.id.startswith("annotation."):
            assert template(ANNOTATION_MESSAGES, one.id, {**one.model_dump(), **one.params})
        else:
            assert one.id in MESSAGES or one.id.startswith(("scoring.", "package."))
    return {(one.id, one.file, one.column): one for one in caught.value.findings}


def items(count=40):
    return table(item=ids(count), picture=["x"] * count)


def gold(count=40):
    return table(item=ids(count), label=[CLASSES[i] for i in truth_of(count)])


def test_the_prepared_folder_holds_items_and_gold_apart(tmp_path):
    package = packed(
        tmp_path, items(100), gold(50).reverse(), per_item=2, cost=0.25, gold={"path": "answers/gold.csv", "seed": 5}
    )
    prepare(package, tmp_path / "prepared")
    plan = AnnotationPlan.load(tmp_path / "prepared")
    assert (plan.package, plan.slug, plan.items, plan.per_item, plan.cost) == (package.digest, "wardrobe", 100, 2, 0.25)
    assert plan.labels.classes == CLASSES
    assert plan.inspection == package.definition.annotation.inspection
    assert sum(plan.gold.values()) == 50
    seen = []
    for split in ("public", "private"):
        codes = np.load(tmp_path / "prepared" / f"gold-{split}-items.npy")
        labels = np.load(tmp_path / "prepared" / f"gold-{split}-labels.npy")
        assert len(codes) == plan.gold[split]
        assert (np.diff(codes) > 0).all()
        assert labels.tolist() == truth_of(100)[codes].tolist()
        seen += codes.tolist()
    assert sorted(seen) == list(range(50))
    with pytest.raises(ValueError, match="plan"):
        Plan.load(tmp_path / "prepared")


def test_each_class_keeps_its_share_in_both_parts(tmp_path):
    prepare(packed(tmp_path, items(400), gold(400)), tmp_path / "prepared")
    public = np.bincount(np.load(tmp_path / "prepared/gold-public-labels.npy"))
    assert public.tolist() == [round(0.3 * count) for count in np.bincount(truth_of(400))]


def test_classes_too_rare_for_both_parts_are_drawn_together(tmp_path):
    many = [f"c{i}" for i in range(200)]
    rare = table(item=ids(200), label=many)
    prepare(packed(tmp_path, items(200), rare, labels={"classes": many}), tmp_path / "prepared")
    assert AnnotationPlan.load(tmp_path / "prepared").gold == {"public": 60, "private": 140}


def test_the_order_of_the_gold_does_not_matter(tmp_path):
    for number, order in enumerate([gold(60), gold(60).reverse()]):
        prepare(packed(tmp_path / str(number), items(60), order), tmp_path / f"prepared-{number}")
    for split in ("public", "private"):
        name = f"gold-{split}-items.npy"
        assert (tmp_path / "prepared-0" / name).read_bytes() == (tmp_path / "prepared-1" / name).read_bytes()


def test_every_fault_of_both_tables_is_told(tmp_path):
    names = ids(40)
    some = table(item=[*names[:37], "", names[3], names[3]], picture=["x"] * 40)
    labels = [CLASSES[i] for i in truth_of(10)]
    labels[2], labels[5] = "hat", ""
    chosen = [*names[:7], "nowhere", "", names[1]]
    found = refused(tmp_path, some, table(item=chosen, label=labels))
    public, answers = "public/items.csv", "answers/gold.csv"
    assert {key: [(e.row, e.value) for e in one.examples] for key, one in found.items()} == {
        ("annotation.items_empty", public, "item"): [(38, "")],
        ("annotation.items_repeated", public, "item"): [(39, names[3]), (40, names[3])],
        ("answers.ids_empty", answers, "item"): [(9, "")],
        ("answers.ids_repeated", answers, "item"): [(10, names[1])],
        ("annotation.gold_unknown", answers, "item"): [(8, "nowhere")],
        ("intake.class_unknown", answers, "label"): [(3, "hat")],
        ("intake.value_empty", answers, "label"): [(6, "")],
    }


def test_missing_columns_and_empty_tables(tmp_path):
    found = refused(tmp_path / "a", items(3).rename({"item": "id"}), gold(3).rename({"label": "class"}))
    assert found.keys() == {
        ("annotation.items_no_column", "public/items.csv", "item"),
        ("answers.no_column", "answers/gold.csv", "label"),
    }
    found = refused(tmp_path / "b", items(3).clear(), gold(3).clear())
    assert found.keys() == {
        ("annotation.items_none", "public/items.csv", None),
        ("answers.no_rows", "answers/gold.csv", None),
    }


def test_tables_that_cannot_be_read_are_told_both(tmp_path):
    package = packed(tmp_path, items(), gold())
    for name in ("public/items.csv", "answers/gold.csv"):
        (tmp_path / name).unlink()
    with pytest.raises(PackageRefused) as caught:
        prepare(package, tmp_path / "prepared")
    assert [one.id for one in caught.value.findings] == ["package.table_unreadable"] * 2


@pytest.mark.parametrize(("count", "message"), [(1, "answers.split_empty"), (3, "scoring.too_few")])
def test_both_parts_of_the_gold_can_be_scored(tmp_path, count, message):
    share = {"path": "answers/gold.csv", "public": 0.34}
    one_class = table(item=ids(count), label=["shirt"] * count)
    found = refused(tmp_path, items(), one_class, gold=share)
    assert message in {key[0] for key in found}


def test_a_column_that_gives_the_gold_away_is_refused(tmp_path):
    told = items().with_columns(hint=pl.Series([CLASSES[i] for i in truth_of(40)]))
    assert refused(tmp_path / "a", told, gold(20)).keys() == {
        ("annotation.items_tell_gold", "public/items.csv", "hint")
    }
    nearly = told.with_columns(hint=pl.when(pl.col("item") == ids(1)[0]).then(pl.lit("shoe")).otherwise("hint"))
    prepare(packed(tmp_path / "b", nearly, gold(20)), tmp_path / "b" / "prepared")


def test_more_than_can_be_scored_is_refused_beforehand(tmp_path):
    many = [f"c{i}" for i in range(1200)]
    found = refused(tmp_path, items(), table(item=ids(40), label=["c1", "c2"] * 20), labels={"classes": many})
    assert found.keys() == {("annotation.too_many_classes", "public/items.csv", None)}


@pytest.mark.parametrize("suffix", ["parquet", "jsonl", "tsv"])
def test_tables_come_in_every_format(tmp_path, suffix):
    package = packed(tmp_path, items(), gold(), items=f"public/items.{suffix}")
    writers = {
        "parquet": pl.DataFrame.write_parquet,
        "jsonl": pl.DataFrame.write_ndjson,
        "tsv": lambda frame, path: frame.write_csv(path, separator="\t"),
    }
    writers[suffix](items(), tmp_path / "public" / f"items.{suffix}")
    prepare(package, tmp_path / "prepared")
    assert AnnotationPlan.load(tmp_path / "prepared").items == 40


def test_columns_of_lists_are_no_ids_and_dates_no_classes(tmp_path):
    package = packed(tmp_path, items(), gold(), items="public/items.parquet", gold={"path": "answers/gold.parquet"})
    items().with_columns(item=pl.Series([["a"]] * 40)).write_parquet(tmp_path / "public/items.parquet")
    dated = gold().with_columns(label=pl.date(2026, 1, 1))
    dated.write_parquet(tmp_path / "answers/gold.parquet")
    with pytest.raises(PackageRefused) as caught:
        prepare(package, tmp_path / "prepared")
    assert [(one.id, one.column) for one in caught.value.findings] == [
        ("intake.column_type", "item"),
        ("intake.column_type", "label"),
    ]
