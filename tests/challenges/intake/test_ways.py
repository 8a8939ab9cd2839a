"""The swift reading and the exact one give the same numbers, whatever the order of the rows."""

import csv
import io

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from challenges import intake
from challenges.intake.delimited import DelimitedSheet
from challenges.plan import Plan

ROWS = 40
CLASSES = ("a", "b", "c c")
WRITE = {"dense": lambda i: i + 3, "sparse": lambda i: 3 * i, "sorted": lambda i: i**7 - 5, "text": "id {}".format}


@pytest.fixture(scope="module", params=WRITE)
def wide(request, challenge_in, tmp_path_factory):
    ids = [WRITE[request.param](i) for i in np.random.default_rng(3).permutation(ROWS).tolist()]
    usage = ["public", "private", "ignored", "private"] * (ROWS // 4)
    challenge = challenge_in(
        tmp_path_factory.mktemp("wide") / "package",
        pl.DataFrame({"id": ids, "y": ["a", "b", "b", "a", "c c"] * (ROWS // 5), "usage": usage}),
        submission={
            "id": "id",
            "columns": [{"name": "n", "type": "number"}, {"name": "c", "type": "class", "classes": list(CLASSES)}],
        },
        answers={"path": "answers/truth.parquet", "truth": "y", "split": {"column": "usage"}},
        scores=[{"key": "f1", "metric": "f1_macro", "prediction": "c"}],
    )
    return challenge, ids


def read(challenge, data):
    file = challenge.scratch / "upload"
    file.write_bytes(data)
    with intake.Ledger() as ledger:
        table = intake.read(Plan.load(challenge.prepared), challenge.prepared, file, "a.csv", ledger)[""]
    assert ledger.errors == 0
    return table.columns


def written(rows, quoting):
    held = io.StringIO()
    csv.writer(held, quoting=quoting, lineterminator="\n").writerows([("id", "n", "c"), *rows])
    return held.getvalue().encode()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations(range(ROWS)),
    keep=st.booleans(),
    numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=ROWS, max_size=ROWS),
    classes=st.lists(st.sampled_from(CLASSES), min_size=ROWS, max_size=ROWS),
)
def test_both_ways_put_every_value_where_its_id_stands(wide, order, keep, numbers, classes):
    challenge, ids = wide
    rows = list(zip(ids, map(repr, numbers), classes, strict=True))
    shuffled = rows if keep else [rows[i] for i in order]
    swift, exact = (read(challenge, written(shuffled, how)) for how in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL))
    for table in (swift, exact):
        assert table["n"].tolist() == numbers
        assert [CLASSES[code] for code in table["c"]] == classes


def test_the_swift_way_is_taken(wide, monkeypatch):
    challenge, ids = wide

    def never(*_):
        raise AssertionError("a spotless file was read twice")

    monkeypatch.setattr(DelimitedSheet, "blocks", never)
    read(challenge, written([(i, 0.5, "a") for i in ids], csv.QUOTE_MINIMAL))
