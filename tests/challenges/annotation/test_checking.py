"""Whether what teams get says which items are gold, or what they are."""

import numpy as np
import polars as pl
import pytest

from challenges.annotation_checking import findings
from challenges.annotation_messages import ANNOTATION_MESSAGES
from challenges.annotation_preparation import prepare
from challenges.intake_messages import template
from tests.challenges.annotation.jobs import CLASSES, ids, packed, table, truth_of

COUNT = 400
CHANCE = np.random.default_rng(5)
NAMES = ids(COUNT)
ORDER = CHANCE.permutation(COUNT)
CHOSEN = np.sort(CHANCE.permutation(COUNT)[:120])
IS_GOLD = np.isin(np.arange(COUNT), CHOSEN)
GOLD = table(item=[NAMES[i] for i in CHOSEN], label=[CLASSES[truth_of(COUNT)[i]] for i in CHOSEN])


def found(folder, items, gold=GOLD, **public):
    package = packed(folder, items, gold)
    for name, frame in public.items():
        frame.write_csv(folder / "public" / f"{name}.csv")
    prepare(package, folder / "prepared")
    told = list(findings(package, folder / "prepared"))
    for one in told:
        assert one.level == "warning"
        assert template(ANNOTATION_MESSAGES, one.id, {**one.model_dump(), **one.params})
    return [(one.id, one.file, one.column) for one in told]


def test_items_that_say_nothing_pass(tmp_path):
    noise = CHANCE.choice(["red", "blue"], COUNT)
    assert found(tmp_path, table(item=[NAMES[i] for i in ORDER], colour=noise)) == []


def test_gold_on_top_is_seen(tmp_path):
    top = np.concatenate([CHOSEN, np.setdiff1d(np.arange(COUNT), CHOSEN)])
    assert found(tmp_path, table(item=[NAMES[i] for i in top])) == [("annotation.leak_rows", "public/items.csv", None)]


def test_ids_given_to_gold_first_are_seen(tmp_path):
    numbers = ORDER.tolist()
    gold = table(item=range(100), label=[CLASSES[i % 4] for i in range(100)])
    assert found(tmp_path, table(item=numbers), gold) == [("annotation.leak_ids", "public/items.csv", None)]


@pytest.mark.parametrize("name", ["items", "sample"])
def test_a_column_that_tells_is_seen_in_every_public_table(tmp_path, name):
    batch = np.where(IS_GOLD, "audit", "work")
    guess = [CLASSES[i] for i in truth_of(COUNT)]
    guess[int(CHOSEN[3])] = CLASSES[(truth_of(COUNT)[CHOSEN[3]] + 1) % 4]
    columns = table(item=NAMES, batch=batch, guess=guess)[ORDER]
    plain = table(item=[NAMES[i] for i in ORDER])
    told = found(tmp_path, columns) if name == "items" else found(tmp_path, plain, sample=columns)
    assert told == [
        ("annotation.leak_gold", f"public/{name}.csv", "batch"),
        ("annotation.leak_labels", f"public/{name}.csv", "guess"),
    ]


def test_other_files_are_no_concern(tmp_path):
    package = packed(tmp_path, table(item=[NAMES[i] for i in ORDER]), GOLD)
    (tmp_path / "public" / "broken.parquet").write_bytes(b"no table")
    pl.DataFrame({"other": [1]}).write_csv(tmp_path / "public" / "other.csv")
    prepare(package, tmp_path / "prepared")
    assert list(findings(package, tmp_path / "prepared")) == []
