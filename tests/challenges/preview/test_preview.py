"""What others may see of a dataset: drawn evenly, nothing personal, nothing secret, and strictly read on the other side."""

import json
import random

import polars as pl
import pytest

from challenges.preview import LEAST_SHARED, LONGEST_CELL, MOST_ROWS, MOST_SHOWN, NOTHING, ColumnsSeen, Preview
from challenges.preview_making import columns_seen, looked_at, preview
from scoring.quality.evidence import Evidence, Roles

ROWS = 1_000


def made(**columns):
    seen = Evidence(pl.DataFrame(columns))
    return preview(seen, looked_at(seen))


def column(found, name):
    return next(one for one in found.columns if one.found.name == name)


def cells(found, name):
    place = [one.found.name for one in found.columns].index(name)
    return [row[place] for row in found.rows]


def test_records_are_drawn_evenly_from_the_whole_file():
    found = made(n=list(range(ROWS)))
    assert [int(cell) for cell in cells(found, "n")] == list(range(5, ROWS, 10))
    assert found.rows_in_all == ROWS
    assert cells(made(n=[7, 8, 9]), "n") == ["7", "8", "9"]
    assert made(n=pl.Series([], dtype=pl.Int64)).rows == ()


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("姓名", ["a", "b"]),
        ("customerName", ["Ann", "Bob"]),
        ("home_address", ["x", "y"]),
        ("who", ["王伟", "李娜", "张敏"]),
        ("where", ["广东省东莞市松山湖大道12号", "北京市海淀区中关村大街27号"]),
        ("where", ["12 Baker Street, London", "221 Old Kent Road"]),
        ("contact", ["13800138000", "13912345678"]),
        ("contact", [13800138000, 13912345678]),
        ("mail", ["lin@example.com", "chen@example.org"]),
        ("number", ["11010519491231002X", "440524188001010014"]),
    ],
)
def test_a_column_of_personal_data_is_hidden_whole(name, values):
    found = made(**{name: values * 50, "kind": ["a"] * 50 * len(values)})
    one = column(found, name)
    assert one.hidden == "personal"
    assert set(cells(found, name)) == {NOTHING}
    assert (one.found.names, one.found.bars, one.found.low, one.found.high) == ((), (), None, None)
    assert column(found, "kind").hidden == ""


def test_personal_data_in_some_of_many_texts_is_masked_where_it_stands():
    texts = [f"第{number}条评论，很好" for number in range(90)]
    texts[5:15] = ["请联系 13800138000 或 lin.xiaolan@example.com", "寄到广东省东莞市松山湖大道12号3栋201室，谢谢"] * 5
    found = made(review=texts)
    assert column(found, "review").hidden == ""
    shown = " ".join(cells(found, "review"))
    assert "第3条评论" in shown
    for secret in ("13800138000", "xiaolan", "松山湖大道12号"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("password", ["hunter2", "letmein"]),
        ("api_key", ["abc", "def"]),
        ("config", ["AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLF"]),
        ("blob", ["q0Zk3Vn8Rw1Xy7Tb5Lm2Pc9Sd4Fg6Hj0A", "Zx9Cv8Bn7Ma6Sd5Fg4Hj3Kl2Qw1Er0TyU"]),
    ],
)
def test_a_column_of_secrets_is_hidden_whole(name, values):
    found = made(**{name: values * 50})
    assert column(found, name).hidden == "secret"
    assert set(cells(found, name)) == {NOTHING}


@pytest.mark.parametrize(
    "secret",
    [
        "ghp_aB3dE5fG7hI9jK1lM3nO5pQ7rS9t",
        "password: hunter2",
        "密码是abc123",
        "https://lin:hunter2@db.example.org/x",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    ],
)
def test_secrets_in_some_texts_are_masked(secret):
    texts = [f"note {number}" for number in range(60)]
    texts[10] = f"see {secret} here"
    shown = " ".join(cells(made(log=texts), "log"))
    assert "note 11" in shown
    assert secret not in shown
    assert "hunter2" not in shown
    assert "abc123" not in shown


def test_digests_and_ordinary_numbers_stay():
    digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    found = made(sha256=[digest] * 30, reading=[1.5 + number for number in range(30)])
    assert set(cells(found, "sha256")) == {digest}
    assert cells(found, "reading")[0] == "1.5"


def test_only_values_that_several_records_share_are_named():
    values = ["common"] * 40 + ["rare"] * (LEAST_SHARED - 1) + ["shared"] * LEAST_SHARED
    found = column(made(kind=values), "kind").found
    assert dict(zip(found.names, found.bars, strict=True)) == {"common": 40, "shared": LEAST_SHARED}


def test_numbers_in_a_table_of_texts_are_shown_as_numbers():
    draw = random.Random(7)
    found = column(made(reading=[f"{draw.gauss(20, 4):.2f}" for _ in range(400)]), "reading").found
    assert found.kind == "number"
    assert len(found.bars) > 5
    assert sum(found.bars) == 400


@pytest.mark.slow
def test_lists_and_long_texts_and_many_columns_stay_small():
    table = {f"c{number}": ["x" * 1_000] * 200 for number in range(MOST_SHOWN + 5)}
    found = made(boxes=[[1, 2]] * 200, **table)
    assert column(found, "boxes").hidden == "nested"
    assert len(found.columns) == MOST_SHOWN
    assert found.columns_in_all == MOST_SHOWN + 6
    assert len(found.rows) == MOST_ROWS
    assert max(len(cell) for row in found.rows for cell in row) == LONGEST_CELL
    assert Preview.parse(found.model_dump_json().encode()) == found


def test_columns_are_told_with_types_and_parts():
    table = pl.DataFrame({"id": list(range(20)), "when": ["2026-01-02"] * 20, "boxes": [[1]] * 20})
    found = columns_seen(Evidence(table, Roles(id="id")))
    assert [(one.name, one.type, one.role) for one in found.columns] == [
        ("id", "integer", "id"), ("when", "date", ""), ("boxes", "nested", ""),
    ]  # fmt: skip
    assert ColumnsSeen.parse(found.model_dump_json().encode()) == found


def liar(**changes):
    return json.dumps(json.loads(made(n=["a"] * 9).model_dump_json()) | changes).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"{}",
        b"no JSON",
        b'{"columns": []}' + b" " * 5_000_000,
        liar(rows=[["a", "b"]]),
        liar(rows=[["a" * (LONGEST_CELL + 1)]]),
        liar(rows=[["a"]] * (MOST_ROWS + 1)),
        liar(rows=[[1]]),
        liar(more="x"),
        liar(
            columns=[{**json.loads(made(n=["a"] * 9).model_dump_json())["columns"][0], "hidden": "personal"}],
            rows=[["a"]],
        ),
    ],
)
def test_a_lying_child_is_not_believed(data):
    with pytest.raises(ValueError, match=r"Preview|bytes"):
        Preview.parse(data)
