"""Whatever is wrong with a table, intake finds what a slow reading, cell by cell in plain Python, finds."""

import csv
import io
import json
import math
import re
from collections import Counter

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from challenges.intake import ledger

ANSWERS = list(range(1, 13))
CATS = ("cat", "dog", "鸟")
SIZES = ("1", "2", "3")
HEADING = ["id", "p", "q1", "q2", "x", "k", "c", "d", "l", "t"]


@pytest.fixture(scope="module", params=["integer ids", "dense ids", "sparse integer ids", "text ids"])
def zoo(request, challenge_in, tmp_path_factory):
    """A challenge with a column of every type, and how its ids are written."""
    write = {
        "integer ids": str,
        "dense ids": lambda i: str(3 * i),
        "sparse integer ids": lambda i: str(i**9),
        "text ids": "row-{}".format,
    }[request.param]
    truth = pl.DataFrame({"id": [write(i) for i in ANSWERS], "y": [0, 1] * 6, "usage": ["public", "private"] * 6})
    truth = truth.with_columns(y=pl.Series([0, 0, 1, 1] * 3))
    columns = [
        {"name": "p", "type": "probability"},
        {"name": "q1", "type": "probability", "sums_to_one_with": ["q2"]},
        {"name": "q2", "type": "probability"},
        {"name": "x", "type": "number", "min": -5.0, "max": 5.0},
        {"name": "k", "type": "integer", "min": 0.0},
        {"name": "c", "type": "class", "classes": list(CATS)},
        {"name": "d", "type": "class", "classes": list(SIZES)},
        {"name": "l", "type": "list", "max_length": 3},
        {"name": "t", "type": "text", "max_length": 5, "required": False},
    ]
    challenge = challenge_in(
        tmp_path_factory.mktemp("zoo") / "package",
        truth,
        submission={"id": "id", "columns": columns, "formats": ["csv", "jsonl", "parquet"]},
        answers={"path": "answers/truth.parquet", "truth": "y", "split": {"column": "usage"}},
        scores=[{"key": "auc", "metric": "roc_auc", "prediction": "p"}],
    )
    return challenge, write


NUMBERS = ["0", "0.25", "1", "-0.5", "1e-3", ".5", "1.", "+0.5", " 0.5 ", "7", "2.0", "-5", "5.0001", "1e999", "-1e999"]
ODD = [
    "",
    "nan",
    "NaN",
    "-inf",
    "Infinity",
    "null",
    "NA",
    "None",
    "0x10",
    "1_000",
    "１２",
    "abc",
    "0,5",
    "1,234.5",
    "e5",
]
ODD += ["=1+1", "@x", "-1+1", "--1", "1e", "9" * 400, "0.5.5", "½", "a\tb", 'say "hi"', "two\nlines"]
WORDS = ["cat", "dog", "鸟", "Cat", " dog ", "dgo", "1", "2", "3", "3.0", "03", "4", "", "cat,dog"]
LISTS = ["a b", "a|b|c", "a,b", "[]", "[1, 2]", '["a", "b c"]', "[1, 2", "{}", "a b c d", "[1,[2]]", "x", "", "['a']"]
TEXTS = ["", "short", "longer", "鸟鸟鸟鸟鸟", "鸟鸟鸟鸟鸟鸟"]


def cells_of(common, rare):
    return st.one_of(st.sampled_from(common), st.sampled_from(common), st.sampled_from(rare))


CELLS = {
    "p": cells_of(NUMBERS[:5], NUMBERS + ODD),
    "q1": cells_of(["0.5", "0.25"], NUMBERS + ODD),
    "q2": cells_of(["0.5", "0.75"], NUMBERS + ODD),
    "x": cells_of(NUMBERS, ODD),
    "k": cells_of(["0", "1", "2.0", "7"], NUMBERS + ODD),
    "c": cells_of(CATS, WORDS + ODD),
    "d": cells_of(SIZES, WORDS + ODD),
    "l": cells_of(LISTS[:6], LISTS),
    "t": cells_of(TEXTS[:2], TEXTS + ODD),
}


@st.composite
def tables(draw):
    """Rows of cells: ids as numbers (0 and above 12 are unknown, None is empty), some rows too short or too long."""
    ids = draw(
        st.lists(st.one_of(st.sampled_from(ANSWERS), st.sampled_from([0, 1, 13, None])), min_size=1, max_size=16)
    )
    rows = [[i, *(draw(CELLS[name]) for name in HEADING[1:])] for i in ids]
    lengths = draw(st.lists(st.sampled_from([10, 10, 10, 10, 9, 11, 1]), min_size=len(rows), max_size=len(rows)))
    return [[*row, "extra"][:length] for row, length in zip(rows, lengths, strict=True)]


# The oracle: one cell at a time


def number_flaw(text, low, high, *, whole=False):  # noqa: PLR0911 - an oracle is a list of cases
    text = text.strip()
    if text.lower() in {"", "null", "none", "na", "n/a", "#n/a", "<na>", "nil"}:
        return "intake.value_empty", None
    if re.fullmatch(r"[+-]?(nan|inf|infinity)", text, re.IGNORECASE):
        return "intake.not_finite", None
    if re.fullmatch(r"[+-]?[0-9]+,[0-9]+", text):
        return "intake.comma_number", None
    if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
        return "intake.not_a_number", None
    value = float(text)
    if math.isinf(value):
        return "intake.not_finite", None
    if whole and (value != math.floor(value) or abs(value) > 2**53):
        return "intake.not_an_integer", None
    if not low <= value <= high:
        return ("intake.below" if high == math.inf else "intake.out_of_range"), None
    return None, value


def class_flaw(text, classes):
    text = text.strip()
    if text == "":
        return "intake.value_empty"
    if text in classes:
        return None
    flaw, value = number_flaw(text, -math.inf, math.inf)
    if flaw is None and value == math.floor(value) and str(int(value)) in classes:
        return None
    return "intake.class_unknown"


def list_flaw(text):
    text = text.strip()
    if text == "":
        return "intake.value_empty"
    if text.startswith("["):
        try:
            items = json.loads(text)
        except ValueError:
            return "intake.list_form"
        if any(isinstance(item, list | dict) for item in items):
            return "intake.list_form"
    else:
        mark = next((mark for mark in "|," if mark in text), None)
        items = [item for item in text.split(mark) if item.strip()]
    return "intake.list_long" if len(items) > 3 else None


def oracle(rows, write):
    """(finding, row, column, value) of everything that is wrong, as often as it is."""
    found, seen = [], {}
    for number, row in enumerate(rows, 1):
        key = row[0]
        if key is None:
            if len(row) == 10:
                found.append(("intake.ids_empty", number, "id", ""))
        elif key not in ANSWERS:
            found.append(("intake.ids_unknown", number, "id", write(key)))
        elif key in seen:
            found.append(("intake.ids_repeated", number, "id", write(key)))
        else:
            seen[key] = number
        if len(row) != 10:
            found.append(("intake.row_ragged", number, "", str(len(row))))
            continue
        found += row_flaws(number, dict(zip(HEADING[1:], row[1:], strict=True)))
    found += [("intake.ids_missing", "", "id", write(key)) for key in ANSWERS if key not in seen]
    if len(rows) != len(ANSWERS):
        found.append(("intake.row_count", "", "", ""))
    return Counter((message, str(row), column, guarded(value)) for message, row, column, value in found)


def row_flaws(number, cells):
    parts = {}
    ranges = {"p": (0, 1), "q1": (0, 1), "q2": (0, 1), "x": (-5, 5), "k": (0, math.inf)}
    for name, (low, high) in ranges.items():
        flaw, parts[name] = number_flaw(cells[name], low, high, whole=name == "k")
        if flaw:
            yield flaw, number, name, cells[name]
    if parts["q1"] is not None and parts["q2"] is not None and abs(parts["q1"] + parts["q2"] - 1) > 1e-3:
        yield "intake.sum_not_one", number, "", f"{parts['q1'] + parts['q2']:.6g}"
    for name, classes in (("c", CATS), ("d", SIZES)):
        if flaw := class_flaw(cells[name], classes):
            yield flaw, number, name, cells[name]
    if flaw := list_flaw(cells["l"]):
        yield flaw, number, "l", cells["l"]
    if len(cells["t"]) > 5:
        yield "intake.text_long", number, "t", cells["t"]


def guarded(value):
    value = value[: ledger.LONGEST_LISTED]
    is_number = re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", value)
    return "'" + value if value[:1] in {"=", "+", "-", "@", "\t", "\r"} and not is_number else value


# The same table in every form


def as_csv(rows, write, options):
    held = io.StringIO(newline="")
    writer = csv.writer(held, delimiter=options["delimiter"], lineterminator=options["end"], quoting=options["quoting"])
    for row in [HEADING, *written(rows, write)]:
        writer.writerow(row)
        held.write(options["end"] * options["blank"])
    return held.getvalue().encode(options["encoding"])


def as_jsonl(rows, write):
    return "".join(json.dumps(dict(zip(HEADING, row, strict=True))) + "\n" for row in written(rows, write)).encode()


def as_parquet(rows, write):
    held = io.BytesIO()
    pl.DataFrame(written(rows, write), schema=dict.fromkeys(HEADING, pl.String), orient="row").write_parquet(held)
    return held.getvalue()


def written(rows, write):
    return [["" if row[0] is None else write(row[0]), *row[1:]] for row in rows]


def listed(challenge):
    return Counter((one["finding"], one["row"], one["column"], one["value"]) for one in challenge.listed())


OPTIONS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(",\t;|"),
        "end": st.sampled_from(["\n", "\r\n"]),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        "blank": st.sampled_from([0, 0, 1]),
        "encoding": st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    }
)
SLOWLY = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def without_notes(found):
    return Counter(
        {key: count for key, count in found.items() if not key[0].startswith(("intake.delim", "intake.enc"))}
    )


@pytest.mark.slow
@SLOWLY
@given(rows=tables(), options=OPTIONS)
def test_a_csv_has_the_findings_of_the_oracle(zoo, rows, options):
    challenge, write = zoo
    report = challenge.hand_in(as_csv(rows, write, options))
    expected = oracle(rows, write)
    assert without_notes(listed(challenge)) == expected
    assert report.outcome == ("refused" if expected else "scored")
    counts = Counter()
    for (message, _, column, _), many in expected.items():
        counts[message, column or None] += many
    assert {(f.id, f.column): f.count for f in report.findings if f.level == "error"} == dict(counts)
    assert report.rows == len(rows)


@pytest.mark.slow
@SLOWLY
@given(rows=tables(), form=st.sampled_from(["jsonl", "parquet"]))
def test_other_formats_have_the_findings_of_the_oracle(zoo, rows, form):
    challenge, write = zoo
    rows = [row for row in rows if len(row) == 10] or [[1, "0", "0", "0", "0", "0", "cat", "1", "a", ""]]
    data = as_jsonl(rows, write) if form == "jsonl" else as_parquet(rows, write)
    challenge.hand_in(data, f"a.{form}")
    assert listed(challenge) == oracle(rows, write)
