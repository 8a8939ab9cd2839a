"""Gates, unsafe words and sectors of a dataset challenge: what a package may say, and that a check, a score and a team at home agree."""

import json
import re
from pathlib import Path

import pytest

from challenges import PackageRefused, check, load, prepare, run
from challenges.admission import definition_from_json
from challenges.dataset_report import assess_dataset
from challenges.facets import SECTORS
from challenges.known_offline import known_offline
from challenges.quality import QualityReport
from challenges.report import Report
from challenges.run_package import scoring_digest
from scoring.quality.sectors import vocabulary
from tests import dataset_packages as made

WORDS = "word,category\n赌资,gambling\nwildcat,betting\n"
UNTRAINED = made.DEFINITION.partition("[dataset.utility]")[0].replace('curated = "answers/curated.csv"\n', "")
REST = "[limits]" + made.DEFINITION.partition("[limits]")[2]


def package(folder: Path, more: str = "", **files: str) -> Path:
    """A challenge that trains nothing, so it is quick; `more` keys of [dataset] come last, files are named like safety__words."""
    made.package_folder(folder)
    (folder / "answers/curated.csv").unlink()
    text = (UNTRAINED + more + "\n" + REST).format(
        slug="readings", per_day=5, zone="Asia/Shanghai", closes="2027-02-28T18:00:00+08:00"
    )
    (folder / "challenge.toml").write_text(text, "utf-8")
    for name, content in files.items():
        (folder / name.replace("__", "/").replace("_csv", ".csv").replace("_txt", ".txt")).write_text(content, "utf-8")
    return folder


def errors(folder: Path) -> dict[str | None, str]:
    return {found.key: found.id for found in check(folder, baselines=False).findings if found.level == "error"}


def judged(folder: Path, rows: list[made.Row], out: Path, *, scoring: bool = True) -> tuple[Report, QualityReport]:
    prepared = folder.parent / f"{folder.name}-prepared"
    if not prepared.exists():
        prepare(load(folder), prepared)
    out.mkdir(exist_ok=True)
    (out / "data.csv").write_bytes(made.written(rows))
    report = (run.score if scoring else run.check)(prepared, out / "data.csv", out, filename="data.csv")
    return report, QualityReport.parse((out / "quality-report.json").read_bytes())


def failed(report: Report) -> set[str | None]:
    return {found.key for found in report.findings if found.id == "quality.gate_failed"}


def saying(word: str, rows: int) -> list[made.Row]:
    return [(row[0], word if place < rows else row[1], *row[2:]) for place, row in enumerate(made.curated())]


# The package


def test_everything_that_is_wrong_is_named_at_once(tmp_path):
    gates = '[dataset.gates]\nQ13 = 0.1\nA11 = 1.5\nQ5 = "none"\nQ2 = true\nG8 = -1'
    assert errors(package(tmp_path / "values", gates)) == {
        "dataset.gates.A11": "package.not_a_gate", "dataset.gates.Q5": "package.not_a_gate",
        "dataset.gates.Q2": "package.not_a_gate", "dataset.gates.G8": "package.not_a_gate",
    }  # fmt: skip
    rules = '[dataset.gates]\nQ13 = 0.1\nA111 = 0.5\nQ4 = 0.01\n[dataset.safety]\nwords = "raw/words.csv"\nexceptions = "answers/no.txt"\n'
    found = check(package(tmp_path / "rules", rules), baselines=False).findings
    assert {(one.key, one.id) for one in found if one.level == "error"} == {
        ("dataset.gates.Q13", "package.not_listed"), ("dataset.gates.A111", "package.not_listed_near"),
        ("dataset.safety.words", "package.not_below"), ("dataset.safety.words", "package.file_missing"),
        ("dataset.safety.exceptions", "package.not_below"), ("dataset.safety.exceptions", "package.file_missing"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("more", "key", "finding"),
    [
        ("[dataset.gates]\nQ4 = 0.01", "dataset.gates.Q4", "package.gate_unmeasured"),
        ('[dataset.safety]\nexceptions = "public/raw.csv"', "dataset.safety.words", "package.missing"),
        ('[dataset.safety]\nwords = "public/"', "dataset.safety.words", "package.not_below"),
        ('[dataset.safety]\nwords = "public/none.csv"', "dataset.safety.words", "package.file_missing"),
        ('[dataset.safety]\nwords = "public/raw.csv"\nexceptions = "answers/gold.csv"', "dataset.safety.exceptions",
         "package.not_below"),
        ('[dataset.safety]\nwords = "public/raw.csv"\nword = 1', "dataset.safety.word", "package.unknown_key_near"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(tmp_path, more, key, finding):
    assert errors(package(tmp_path / "package", more))[key] == finding


@pytest.mark.slow
def test_records_are_not_held_against_the_raw_bundle_without_ids(tmp_path):
    folder = package(tmp_path / "package", "[dataset.gates]\nG9 = 0.99")
    file = folder / "challenge.toml"
    text = file.read_text("utf-8")
    assert errors(folder) == {}
    file.write_text(re.sub(r"(?m)^id += .*\n", "", text), "utf-8")
    assert errors(folder)["dataset.gates.G9"] == "package.gate_unmeasured"


def test_a_sector_that_does_not_exist_is_named(tmp_path):
    folder = package(tmp_path / "package")
    file = folder / "challenge.toml"
    file.write_text(file.read_text("utf-8").replace("[dataset]", '[dataset]\nsectors = ["commerce", "shops"]'), "utf-8")
    assert errors(folder)["dataset.sectors[1]"] == "package.not_listed"
    assert vocabulary().keys() == SECTORS.keys()


def test_a_list_of_words_that_cannot_be_used_is_refused_with_every_reason(tmp_path):
    words = "word,kind\nx,a\n" + "y" * 101 + ",b\n,c\n。。,d\n"
    folder = package(tmp_path / "package", '[dataset.safety]\nwords = "answers/words.csv"', answers__words_csv=words)
    with pytest.raises(PackageRefused) as refused:
        prepare(load(folder), tmp_path / "prepared")
    assert {(found.id, found.column) for found in refused.value.findings} == {
        ("quality.words_no_column", "category"), ("quality.words_too_long", "word"), ("quality.words_empty", "word"),
    }  # fmt: skip
    assert {found.file for found in refused.value.findings} == {"answers/words.csv"}
    (folder / "answers/words.csv").write_text("word,category\n")
    with pytest.raises(PackageRefused) as none:
        prepare(load(folder), tmp_path / "none")
    assert [found.id for found in none.value.findings] == ["quality.words_count"]


def test_gates_and_words_are_frozen_with_the_package(tmp_path):
    plain = scoring_digest(load(package(tmp_path / "plain")))
    moved = load(package(tmp_path / "moved", "[dataset.gates]\nQ5 = false\nG8 = 1"))
    assert moved.definition.dataset.limits == {"Q5": None, "G8": 1.0}
    assert definition_from_json(json.loads(moved.definition.model_dump_json())) == moved.definition
    listed = package(tmp_path / "listed", '[dataset.safety]\nwords = "answers/words.csv"', answers__words_csv=WORDS)
    digests = {plain, scoring_digest(moved), scoring_digest(load(listed))}
    (listed / "answers/words.csv").write_text(WORDS + "more,betting\n", "utf-8")
    digests.add(scoring_digest(load(listed)))
    sector = tmp_path / "plain/challenge.toml"
    sector.write_text(sector.read_text("utf-8").replace('sector = "manufacturing"', 'sector = "energy"'), "utf-8")
    digests.add(scoring_digest(load(tmp_path / "plain")))
    assert len(digests) == 5


# Submissions


@pytest.mark.slow
def test_gates_that_a_challenge_asks_for_refuse_and_name_the_first_places(tmp_path):
    rows = made.curated()
    plain, _ = judged(package(tmp_path / "plain"), rows, tmp_path / "a")
    assert plain.outcome == "scored", "documentation and licence are no gate unless a challenge asks for them"
    asking = package(tmp_path / "asking", "[dataset.gates]\nG3 = 1\nG8 = 1")
    for scoring in (True, False):
        report, quality = judged(asking, rows, tmp_path / "b", scoring=scoring)
        assert (report.outcome, failed(report)) == ("refused", {"G3", "G8"})
        assert set(quality.gates_failed) == {"G3", "G8"}
        assert {one.key: one.gate for one in quality.measures}["G8"] == 1
        (whole,) = (found for found in report.findings if found.key == "G8")
        assert [place.column for place in whole.examples] == ["scale", "format", "structure", "access", "support"]
        assert whole.count == 20
        assert whole.params == {"found": 0, "asked": 1}


@pytest.mark.slow
def test_missing_columns_are_named_where_the_gate_of_the_schema_fails(tmp_path):
    folder = package(tmp_path / "package")
    prepare(load(folder), tmp_path / "prepared")
    (tmp_path / "data.csv").write_bytes(
        made.written([(row[0], row[1], row[6]) for row in made.curated()], ("part", "site", "faulty"))
    )
    report = run.score(tmp_path / "prepared", tmp_path / "data.csv", tmp_path, filename="data.csv")
    (gate,) = (found for found in report.findings if found.key == "Q2")
    assert {place.column for place in gate.examples} == {"heat", "load", "speed", "wear"}


@pytest.mark.slow
def test_a_gate_may_be_moved_or_switched_off(tmp_path):
    rows = saying("联系13812345678", 40)  # of 1500: 0.0267
    assert failed(judged(package(tmp_path / "usual"), rows, tmp_path / "a")[0]) == {"Q5"}
    for name, limit, passes in (("off", "false", True), ("wide", "0.03", True), ("narrow", "0.02", False)):
        report, quality = judged(
            package(tmp_path / name, f"[dataset.gates]\nQ5 = {limit}"), rows, tmp_path / f"{name}-out"
        )
        assert ("Q5" not in failed(report)) == passes == (report.outcome == "scored")
        assert "Q5" in {one.key for one in quality.measures}, "it is measured all the same"


@pytest.mark.slow
def test_words_that_everybody_may_know_are_a_gate_with_places(tmp_path):
    folder = package(
        tmp_path / "package", '[dataset.safety]\nwords = "public/words.csv"\nexceptions = "public/fine.txt"',
        public__words_csv=WORDS, public__fine_txt="没有赌资\n\n",
    )  # fmt: skip
    report, quality = judged(folder, saying("有赌资", 40), tmp_path / "a")
    assert (report.outcome, failed(report)) == ("refused", {"Q4"})
    (gate,) = (found for found in report.findings if found.key == "Q4")
    assert (gate.count, gate.examples[0].row, gate.examples[0].column) == (40, 1, "site")
    assert gate.examples[0].value == "赌资 (gambling)"
    assert {one.key: one.weight for one in quality.measures}["Q4"] == 0
    assert failed(judged(folder, saying("有赌资", 30), tmp_path / "b")[0]) == set(), "2 % pass"
    assert failed(judged(folder, saying("没有赌资", 400), tmp_path / "c")[0]) == set()
    checked, _ = judged(folder, saying("有赌资", 40), tmp_path / "d", scoring=False)
    assert failed(checked) == {"Q4"}


@pytest.mark.slow
def test_words_that_nobody_may_know_take_the_rank_and_are_told_nowhere(tmp_path):
    folder = package(tmp_path / "package", '[dataset.safety]\nwords = "answers/words.csv"', answers__words_csv=WORDS)
    checked, quality = judged(folder, saying("wildcat", 600), tmp_path / "a", scoring=False)
    assert checked.outcome == "accepted", "a check costs nothing, so nothing hidden takes part"
    assert "Q4" not in {one.key for one in quality.measures}
    report, quality = judged(folder, saying("wildcat", 600), tmp_path / "b")
    assert report.outcome == "scored"
    assert {found.key for found in report.findings if found.id == "quality.gate_hidden"} == {"Q4"}
    assert {one.value for one in report.scores} == {0}
    (found,) = (one for one in quality.measures if one.key == "Q4")
    assert (found.value, found.bad, found.details) == (0.5, None, {})
    assert not any(kind.check == "Q4" for kind in quality.issues)
    fine, quality = judged(folder, saying("wildcat", 1), tmp_path / "c")
    none, other = judged(folder, saying("tomcat", 1), tmp_path / "d")
    assert [one.value for one in fine.scores] == [one.value for one in none.scores] != [0] * len(none.scores)
    assert [one for one in quality.measures if one.key == "Q4"] == [one for one in other.measures if one.key == "Q4"]


@pytest.mark.slow
def test_a_team_at_home_gets_the_answer_of_the_check(tmp_path):
    more = '[dataset.gates]\nQ5 = 0.03\nG3 = 1\nA10 = 0.5\n[dataset.safety]\nwords = "public/words.csv"'
    folder = package(tmp_path / "package", more, public__words_csv=WORDS)
    for name, rows in {
        "raw": made.raw(),
        "unsafe": saying("有赌资", 40),
        "personal": saying("联系13812345678", 40),
    }.items():
        checked, quality = judged(folder, rows, tmp_path / name, scoring=False)
        known = known_offline(
            raw=folder / "public/raw.csv", unsafe_words=folder / "public/words.csv", sectors=["manufacturing"],
            gates=["Q5=0.03", "G3=1", "A10 = 0.5"],
        )  # fmt: skip
        roles = {"id": "part", "label": "faulty"}
        home = assess_dataset(
            tmp_path / name / "data.csv", roles=roles, schema=folder / "public/schema.json", reference=known
        )
        assert home.report.gates_failed == quality.gates_failed
        assert {one.key for one in home.gates} == failed(checked)
        assert {one.key: one.value for one in home.report.measures if one.gate is not None} == {
            one.key: one.value for one in quality.measures if one.gate is not None
        }


def test_all_that_is_wrong_at_home_is_said_at_once(tmp_path):
    (tmp_path / "words.csv").write_text("a,b\n1,2\n")
    with pytest.raises(PackageRefused) as refused:
        known_offline(
            unsafe_words=tmp_path / "words.csv", licences=["MITT"], sectors=["shops"],
            gates=["Q13=0.1", "Q5", "Q5=2", "Q2=no"],
        )  # fmt: skip
    found = [(one.id, one.key, one.value) for one in refused.value.findings]
    assert ("package.not_listed_near", "--licence", "MITT") in found
    assert any(key == "--sector" and value == "shops" for _, key, value in found)
    assert any(key == "--gate" and value == "Q13" for _, key, value in found)
    assert {value for message, _, value in found if message == "quality.gate_limit"} == {"Q5", "Q5=2", "Q2=no"}
    assert sum(message == "quality.words_no_column" for message, _, _ in found) == 2
    assert known_offline() is None
    with pytest.raises(PackageRefused, match="exceptions_alone"):
        known_offline(exceptions=tmp_path / "words.csv")
