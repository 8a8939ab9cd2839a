"""Counts add up in any order, and columns are judged by them."""

import random
from functools import reduce

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.quality.personal import KINDS, Counts, count, direct_rows_of, find, judge

TABLE = pl.DataFrame(
    {
        "note": ["电话13800138000", "a@b.com 和 c@d.com", None, "没有", "13800138000 与 13900139000", ""] * 20,
        "tel": [13800138000 + row for row in range(118)] + [None, 5],
        "code": ["91110000600037341L", "x"] * 60,
        "when": [None] * 120,
    },
    schema_overrides={"tel": pl.Int64},
)


def test_what_is_counted():
    counts = count(TABLE)
    assert counts.rows == 120
    assert counts.direct_rows == 120 - 1  # but for the row with the tel 5, whose note is empty
    assert counts.filled == {"code": 120, "note": 100, "tel": 119, "when": 0}
    tally = counts.tallies["note", "mobile"]
    assert (tally.cells, tally.formed, tally.passed) == (40, 60, 60)
    assert counts.tallies["note", "email"].cells == 20
    assert counts.tallies["note", "email"].passed == 40
    assert counts.tallies["tel", "mobile"].passed == 118
    assert counts.tallies["code", "credit_code"].cells == 60


def test_some_columns_only():
    counts = count(TABLE, ["code"])
    assert list(counts.filled) == ["code"]
    assert counts.direct_rows == 0  # a company is no person


@pytest.mark.parametrize("shards", [1, 2, 7, 64])
def test_shards_in_any_order(shards):
    draw = random.Random(shards)
    parts = [TABLE[row::shards] for row in range(shards)]
    draw.shuffle(parts)
    assert reduce(Counts.merge, map(count, parts), Counts()) == count(TABLE)


texts = st.lists(
    st.sampled_from(["13800138000", "12345678901", "QQ 10001", "a@b.io", "", None, "x 110105"]), max_size=6
)


@settings(max_examples=40)
@given(texts, texts, texts)
def test_merging_is_associative_and_commutative(first, second, third):
    a, b, c = (count(pl.DataFrame({"t": values}, schema={"t": pl.String})) for values in (first, second, third))
    assert a.merge(b) == b.merge(a)
    assert a.merge(b).merge(c) == a.merge(b.merge(c))
    assert a.merge(Counts()) == a
    assert a.merge(b) == count(pl.DataFrame({"t": first + second}, schema={"t": pl.String}))


def test_columns_that_only_some_shards_have():
    counts = count(TABLE.select("note")).merge(count(TABLE.select("tel")))
    assert counts.filled == {"note": 100, "tel": 119}


def test_counts_agree_with_what_is_found():
    hits = find(TABLE["note"], title="note")
    counts = count(TABLE.select("note"))
    for kind in KINDS:
        rows = hits.filter(pl.col("kind") == kind)
        tally = counts.tallies.get(("note", kind))
        assert (tally.passed if tally else 0) == len(rows)
        assert (tally.cells if tally else 0) == rows["row"].n_unique()


def verdicts(values: list) -> dict[str, str]:
    return {finding.kind: finding.verdict for finding in judge(count(pl.DataFrame({"c": values})))}


def test_a_telephone_column_is_certain():
    (finding,) = judge(count(TABLE.select("tel")))
    assert (finding.column, finding.kind, finding.direct, finding.verdict) == ("tel", "mobile", True, "certain")
    assert finding.share == 118 / 119
    assert finding.passed == finding.formed == 118
    assert finding.expected == pytest.approx(118 * KINDS["mobile"].chance)
    assert finding.p_value < 1e-100


def test_one_number_in_a_text_is_possible():
    assert verdicts(["联系13901019711", "没有", "质量不错"]) == {"mobile": "possible"}


def test_one_identity_number_is_nearly_certain_alone_and_among_texts():
    assert verdicts(["身份证 11010519491231002X"]) == {"identity": "certain"}


def test_some_telephones_among_order_numbers_are_seen():
    draw = random.Random(1)
    orders = [draw.randint(2 * 10**10, 10**11 - 1) for _ in range(500)]
    assert verdicts(orders) == {}
    assert verdicts(orders + [13800138000 + row for row in range(100)]) == {"mobile": "certain"}


def test_findings_are_ordered_and_name_only_what_is_there():
    findings = judge(count(TABLE))
    assert [(finding.column, finding.kind) for finding in findings] == [
        ("code", "credit_code"),
        ("note", "email"),
        ("note", "mobile"),
        ("tel", "mobile"),
    ]
    assert judge(Counts()) == ()


def test_rows_of_findings_that_are_chance_are_not_direct():
    draw = random.Random(2)
    table = pl.DataFrame(
        {
            "order": [draw.randint(10**10, 10**11 - 1) for _ in range(2000)],
            "note": ["电话13800138000" if row % 100 == 0 else "好" for row in range(2000)],
        }
    )
    counts = count(table)
    assert counts.direct_rows > 80  # one order number in twenty looks like a telephone
    rows = direct_rows_of(table, judge(counts))
    assert rows.dtype == pl.Boolean
    assert rows.arg_true().to_list() == list(range(0, 2000, 100))


def test_all_null_and_empty_tables():
    assert judge(count(pl.DataFrame({"a": [None, None]}))) == ()
    assert count(pl.DataFrame({"a": []}, schema={"a": pl.String})) == Counts(filled={"a": 0})
    assert count(pl.DataFrame()) == Counts()
    assert direct_rows_of(pl.DataFrame({"a": ["x"]}), ()).to_list() == [False]
