"""``jiebang quality …``: a dataset is measured, explained, mended, and measured again."""

import csv
import json
import re

import polars as pl
import pytest

from challenges.quality import QualityReport

PHONE = "13800138000"


@pytest.fixture
def dataset(jiebang):
    """Two hundred records, of which ten are copies, three have a missing value in disguise, and one holds a telephone number."""
    path = jiebang.folder / "visits.csv"
    rows = [[f"v{n}", f"城市 {n * 7919 % 1000:03}", n * n % 977, "yes" if n % 3 else "no"] for n in range(190)]
    rows += [[f"again{n}", *rows[n][1:]] for n in range(10)]
    for n in (20, 40, 60):
        rows[n][1] = "N/A"
    rows[80][1] = f"请致电{PHONE}"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["id", "city", "visits", "late"], *rows])
    return path


def test_a_report_in_every_form(jiebang, dataset):
    said = jiebang(
        "quality", dataset, "--label", "late", "--id", "id",
        "--html", "r.html", "--json", "r.json", "--issues", "i.parquet", "--patch", "p.csv",
    )  # fmt: skip
    assert said.code == 1, "a telephone number does not pass the gate"
    assert "Grade" in said.out
    report = QualityReport.parse((jiebang.folder / "r.json").read_bytes())
    found = {one.key: one for one in report.measures}
    assert report.gates_failed == ("Q5",)
    assert found["Q13"].bad == 10
    assert found["Q7"].bad == 3
    assert found["Q5"].bad == 1
    assert {one.key for one in report.measures} >= {"D1", "D2", "D3", "D4", "Q1", "A1"}
    issues = pl.read_parquet(jiebang.folder / "i.parquet")
    assert issues.filter(pl.col("code") == "exact_copy")["record"].to_list() == list(range(191, 201))
    for name in ("r.html", "r.json", "i.parquet", "p.csv"):
        assert PHONE.encode() not in (jiebang.folder / name).read_bytes(), name
    page = (jiebang.folder / "r.html").read_text("utf-8")
    assert '<html lang="en">' in page
    assert not re.search(r'(?:src|href)="(?!#)', page), "it stands alone"


def test_what_is_accepted_is_applied_and_measured_again(jiebang, dataset):
    jiebang("quality", dataset, "--label", "late", "--id", "id", "--patch", "p.csv")
    applied = jiebang("quality", "apply", dataset, "p.csv", "--out", "mended.csv")
    assert (applied.code, applied.err) == (0, "")
    mended = pl.read_csv(jiebang.folder / "mended.csv")
    assert mended.height == 190
    assert mended["city"].null_count() == 3
    jiebang("quality", "mended.csv", "--label", "late", "--id", "id", "--json", "again.json")
    again = {one["key"]: one for one in json.loads((jiebang.folder / "again.json").read_text())["measures"]}
    assert again["Q13"]["bad"] == 0


def test_a_patch_of_another_version_changes_nothing(jiebang, dataset):
    jiebang("quality", dataset, "--label", "late", "--id", "id", "--patch", "p.csv")
    dataset.write_text(dataset.read_text("utf-8").replace("N/A", "Foshan"), "utf-8")
    refused = jiebang("quality", "apply", dataset, "p.csv", "--out", "mended.csv")
    assert refused.code == 1
    assert "another value stands in city now" in refused.out
    assert "Nothing was written" in refused.err
    assert not (jiebang.folder / "mended.csv").exists()


def test_a_schema_is_what_the_table_is_held_against(jiebang, dataset):
    schema = jiebang.folder / "schema.json"
    schema.write_text(
        json.dumps({"fields": [{"name": "id"}, {"name": "visits", "type": "integer", "constraints": {"maximum": 900}}]})
    )
    jiebang("quality", dataset, "--schema", schema, "--json", "r.json")
    measures = {one["key"]: one for one in json.loads((jiebang.folder / "r.json").read_text())["measures"]}
    assert measures["Q1"]["bad"] == sum(n * n % 977 > 900 for n in [*range(190), *range(10)])
    assert measures["Q2"]["value"] == 1
    schema.write_text('{"fields": [{"name": "id", "typo": 1}]}')
    refused = jiebang("quality", dataset, "--schema", schema)
    assert refused.code == 1
    assert "schema.json" in refused.out


def test_in_chinese(jiebang, dataset):
    said = jiebang("quality", dataset, "--label", "late", "--html", "r.html", JIEBANG_LANG="zh")
    assert "完全重复" in said.out
    page = (jiebang.folder / "r.html").read_text("utf-8")
    assert '<html lang="zh-Hans">' in page
    assert "先改什么" in page


def test_misuse(jiebang, dataset):
    assert jiebang("quality", "nothing.csv").code == 2
    unknown = jiebang("quality", dataset, "--preset", "beauty")
    assert (unknown.code, "competition, tc609" in unknown.err) == (2, True)
    column = jiebang("quality", dataset, "--label", "lates")
    assert column.code == 1
    assert "id, city, visits, late" in column.out
    broken = jiebang.folder / "broken.parquet"
    broken.write_bytes(b"PAR1 and nothing more")
    refused = jiebang("quality", broken)
    assert refused.code == 1
    assert "The dataset cannot be read." in refused.err
    assert jiebang("quality").code == 2
    assert "apply" in jiebang("quality", "--help").out


def test_what_a_challenge_gives_to_everybody_is_measured_at_home(jiebang, dataset):
    words, fine = jiebang.folder / "words.csv", jiebang.folder / "fine.txt"
    words.write_text("word,category\n城市 00,places\n", "utf-8")
    fine.write_text("城市 000\n", "utf-8")
    said = jiebang(
        "quality", dataset, "--label", "late", "--id", "id", "--raw", dataset, "--unsafe-words", words, "--exceptions", fine,
        "--licence", "MIT", "--sector", "transport", "--gate", "Q5=off", "--gate", "G3=1", "--gate", "Q4=0", "--json", "r.json",
    )  # fmt: skip
    report = QualityReport.parse((jiebang.folder / "r.json").read_bytes())
    found = {one.key: one for one in report.measures}
    assert (said.code, set(report.gates_failed)) == (1, {"Q4", "G3"})
    assert found["A10"].value == 0
    assert found["Q4"].bad == sum(
        0 < n * 7919 % 1000 < 10 and n not in (20, 40, 60, 80) for n in [*range(190), *range(10)]
    )
    assert found["Q5"].gate is None
    assert "Q4: this gate does not let the dataset through" in said.out
    assert "(places)" in said.out, "the first places are named"


def test_all_that_is_wrong_with_what_is_given_is_said_and_nothing_measured(jiebang, dataset):
    words = jiebang.folder / "words.csv"
    words.write_text("wort,category\nx,y\n", "utf-8")
    said = jiebang(
        "quality", dataset, "--unsafe-words", words, "--gate", "Q13=0.1", "--gate", "Q5=7", "--sector", "shops", "--licence", "X"
    )  # fmt: skip
    assert said.code == 1
    assert "Nothing was measured." in said.err
    for sentence in (
        "it has: wort, category",
        "--gate = Q13",
        "write a gate as Q5=0.001",
        "--sector = shops",
        "--licence = X",
    ):
        assert sentence in said.out
    assert jiebang("quality", dataset, "--raw", "nowhere.csv").code == 2
