"""Challenges of kind dataset, offline: what a package may say, how it is compiled, and what submissions get."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from challenges import PackageRefused, check, load, prepare, run, write
from challenges.admission import Admission, definition_from_json
from challenges.plan import kind_of
from challenges.quality import QualityReport
from challenges.report import Report
from challenges.run_package import check_and_compile, scoring_digest
from tests import dataset_packages as made


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.package_folder(tmp_path_factory.mktemp("package") / "readings")


@pytest.fixture(scope="module")
def prepared(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    prepare(load(package), folder)
    return folder


@pytest.fixture
def other(package: Path, tmp_path: Path) -> Path:
    """A copy to be changed."""
    return shutil.copytree(package, tmp_path / "other")


def changed(folder: Path, old: str, new: str) -> Path:
    file = folder / "challenge.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    return folder


def ids(folder: Path) -> dict[str, str | None]:
    return {found.id: found.key for found in check(folder).findings if found.level == "error"}


def scored(prepared: Path, folder: Path, rows: list[made.Row], name: str = "data.csv", **how: bool) -> Report:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_bytes(made.written(rows))
    return (run.score if how.get("scoring", True) else run.check)(prepared, file, folder, filename=name)


def numbers(report: Report, split: str = "public") -> Mapping[str, float]:
    return {one.key: one.value for one in report.scores if one.split == split}


# The package


@pytest.mark.slow
def test_a_sound_package_is_sound(package: Path):
    report = check(package)
    assert report.ok
    assert {found.id for found in report.findings if found.level == "warning"} == {"package.no_expected"}


def test_the_definition_survives_json(package: Path):
    definition = load(package).definition
    assert definition_from_json(json.loads(definition.model_dump_json())) == definition
    assert definition.parts == ()


@pytest.mark.parametrize(
    ("old", "new", "finding", "key"),
    [
        ('kind = "dataset"', 'kind = "annotation"', "package.only_with_kind", "dataset"),
        ("[limits]", '[answers]\npath = "answers/x.csv"\ntruth = "y"\nsplit = { public = 0.5, seed = 1 }\n[limits]',
         "package.only_with_kind", "answers"),
        ("max_mb = 5", 'max_mb = 5\nformats = ["csv"]', "package.only_with_kind", "submission.formats"),
        ('raw = "public/raw.csv"', 'raw = "answers/test.csv"', "package.not_below", "dataset.raw"),
        ('gold = "answers/gold.csv"', 'gold = "public/schema.json"', "package.not_below", "dataset.hidden.gold"),
        ('id = "part"\n', "", "package.dataset_needs_id", "dataset.roles.id"),
        ('label = "faulty"', "", "package.dataset_needs_label", "dataset.roles.label"),
        ('curated = "answers/curated.csv"', "", "package.missing", "dataset.hidden.curated"),
        ('metric = "roc_auc"', 'metric = "roc_acu"', "package.metric_unknown_near", "dataset.utility.metric"),
        ("refits = 10", 'refits = 10\nmodels = ["boosted-tree"]', "package.not_listed_near", "dataset.utility.models[0]"),
        ("[limits]", "[dataset.rubric.weights]\nuniqueness = 25\n[limits]", "package.weight_out_of_reach",
         "dataset.rubric.weights.uniqueness"),
        ("[limits]", "[dataset.rubric.weights]\nuniqueness = 10\n[limits]", "package.weights_sum", "dataset.rubric.weights"),
        ("[limits]", "[dataset.rubric.weights]\nuniqness = 8\n[limits]", "package.not_listed_near",
         "dataset.rubric.weights.uniqness"),
        ("[limits]", "[dataset.window]\nfirst = 2026-02-01T00:00:00+08:00\nlast = 2026-01-01T00:00:00+08:00\n[limits]",
         "package.window_backwards", "dataset.window.last"),
        ('classes = ["0", "1"]', 'classess = ["0", "1"]', "package.unknown_key_near", "dataset.classess"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(other: Path, old: str, new: str, finding: str, key: str):
    found = ids(changed(other, old, new))
    assert found.get(finding) == key


def test_what_is_shown_before_posting_could_be_posted(package: Path, other: Path):
    shown = write(load(package).definition.effective(), comments=True)
    (other / "challenge.toml").write_text(shown, "utf-8")
    assert load(other).definition == load(package).definition.effective()


def test_weights_may_move_within_ten_points(other: Path):
    changed(other, "[limits]", "[dataset.rubric.weights]\nuniqueness = 14\ncleanliness = 2\n[limits]")
    assert load(other).definition.dataset is not None


@pytest.mark.parametrize(
    ("file", "content", "finding"),
    [
        ("answers/gold.csv", "part,label\np1,0\n", "answers.no_column"),
        ("answers/gold.csv", "part,faulty\np1,0\np1,1\n", "answers.ids_repeated"),
        ("answers/gold.csv", "part,faulty\n,0\np1,1\n", "answers.ids_empty"),
        ("answers/canaries.csv", "part\nnobody\n", "package.id_not_in_raw"),
        ("public/schema.json", "{", "dataset.schema_broken"),
        ("answers/test.csv", "part,site,heat,load,speed,wear,faulty\nt1,north,1,1,1,1,0\n", "answers.split_empty"),
    ],
)
def test_hidden_files_that_cannot_be_used_are_named(other: Path, file: str, content: str, finding: str):
    (other / file).write_text(content)
    with pytest.raises(PackageRefused) as refused:
        prepare(load(other), other.parent / "prepared")
    if finding != "dataset.schema_broken":
        assert finding in {found.id for found in refused.value.findings}


def test_a_curated_version_that_trains_nothing_better_is_refused(other: Path):
    shutil.copy(other / "public/raw.csv", other / "answers/curated.csv")
    assert "utility.no_scale" in ids(other)


def test_a_yardstick_that_does_not_tell_good_from_bad_is_refused(other: Path):
    """With labels that nothing follows from, a planted ladder cannot be recovered."""
    rows = [(*row[:6], str(number % 2)) for number, row in enumerate(made.curated(made.TEST_ROWS, 9, "t"))]
    (other / "answers/test.csv").write_bytes(made.written(rows))
    assert ids(other).keys() & {"package.ladder_missed", "utility.no_scale"}


@pytest.mark.slow
def test_hidden_rows_that_teams_can_see_are_told(other: Path):
    with (other / "public/raw.csv").open("ab") as raw:
        raw.write(made.written([("x1", *made.curated(made.TEST_ROWS, 9, "t")[0][1:])]).split(b"\n", 1)[1])
    assert "package.test_in_raw" in {found.id for found in check(other, baselines=False).findings}


@pytest.mark.slow
def test_hidden_values_that_the_schema_does_not_allow_are_told(other: Path):
    rows = made.curated(made.TEST_ROWS, 9, "t")
    (other / "answers/test.csv").write_bytes(made.written([(*rows[0][:2], "999", *rows[0][3:]), *rows[1:]]))
    assert "package.hidden_unfit" in {found.id for found in check(other, baselines=False).findings}


def test_scores_depend_on_what_the_digest_covers(package: Path, other: Path):
    before = scoring_digest(load(package))
    (other / "README.en.md").write_text("# Other words\n\nText.\n")
    assert scoring_digest(load(other)) == before
    with (other / "answers/gold.csv").open("a") as gold:
        gold.write("p0,1\n" if "p0," not in (other / "answers/gold.csv").read_text() else "p7,0\n")
    assert scoring_digest(load(other)) != before


@pytest.mark.slow
def test_the_child_admits_it(package: Path, tmp_path: Path):
    archive = shutil.make_archive(str(tmp_path / "package"), "zip", package)
    out = tmp_path / "out"
    out.mkdir()
    check_and_compile(Path(archive), out, max_bytes=10**8, max_files=1000)
    admission = Admission.parse((out / "report.json").read_bytes())
    assert admission.outcome == "ready"
    assert admission.content is not None
    assert admission.content.raw_points is not None
    assert admission.content.raw_points["A8"] == 0
    assert kind_of(out / "prepared") == "dataset"
    public = {file.path for file in admission.content.files}
    assert public == {"public/raw.csv", "public/schema.json"}


# Submissions


@pytest.mark.slow
def test_better_data_gets_more(prepared: Path, tmp_path: Path):
    raw = made.raw()
    distinct = [row for row in raw if not row[0].startswith("c")]
    sets = {"raw": raw, "distinct": distinct, "half": made.raw(0.12, 0, 0.0), "curated": made.curated()}
    found = {name: scored(prepared, tmp_path / name, rows) for name, rows in sets.items()}
    assert {report.outcome for report in found.values()} == {"scored"}
    for split in ("public", "private"):
        order = [numbers(report, split)["composite"] for report in found.values()]
        assert order == sorted(order)
        assert order[-1] > order[0] + 10
    report = QualityReport.parse((tmp_path / "curated/quality-report.json").read_bytes())
    assert report.measured_with == "hidden parts"


@pytest.mark.slow
def test_the_same_data_gets_the_same_report_in_any_order(prepared: Path, tmp_path: Path):
    rows = made.raw()
    one, two = scored(prepared, tmp_path / "a", rows), scored(prepared, tmp_path / "b", rows[::-1])
    assert numbers(one) == pytest.approx(numbers(two), abs=1e-9)
    again = scored(prepared, tmp_path / "c", rows)
    assert again.scores == one.scores


@pytest.mark.slow
def test_a_check_tells_nothing_hidden(prepared: Path, tmp_path: Path):
    report = scored(prepared, tmp_path, made.raw(), scoring=False)
    assert (report.outcome, report.scores) == ("accepted", ())
    quality = QualityReport.parse((tmp_path / "quality-report.json").read_bytes())
    assert quality.measured_with == "the dataset alone"
    assert "A8" not in {one.key for one in quality.measures}


@pytest.mark.slow
def test_what_cannot_be_opened_is_refused_with_reasons(prepared: Path, tmp_path: Path):
    file = tmp_path / "data.csv"
    file.write_bytes(b"\x00\x01\x02 nothing")
    report = run.score(prepared, file, tmp_path, filename="data.csv")
    assert report.outcome == "refused"
    assert report.findings
    assert not (tmp_path / "quality-report.json").exists()


@pytest.mark.slow
def test_a_gate_that_is_not_passed_refuses_with_the_report(prepared: Path, tmp_path: Path):
    rows = [(f"{row[0]}", *row[1:]) for row in made.curated()]
    rows = [(row[0], "联系13812345678" if place < 40 else row[1], *row[2:]) for place, row in enumerate(rows)]
    report = scored(prepared, tmp_path, rows)
    assert report.outcome == "refused"
    assert {found.key for found in report.findings if found.id == "quality.gate_failed"} >= {"Q5"}
    text = (tmp_path / "quality-report.json").read_text()
    assert "13812345678" not in text
    told = QualityReport.parse(text.encode())
    assert told.measured_with == "the dataset alone", (
        "a refusal costs nothing, so it must not tell what gold and models say"
    )
    assert "A8" not in {one.key for one in told.measures}


@pytest.mark.slow
@pytest.mark.parametrize("scoring", [True, False])
def test_what_no_model_can_be_trained_on_is_refused_by_check_and_score_alike(
    prepared: Path, tmp_path: Path, scoring: bool
):
    report = scored(prepared, tmp_path, [row for row in made.curated() if row[6] == "1"], scoring=scoring)
    assert report.outcome == "refused"
    assert {found.id for found in report.findings} >= {"utility.one_class"}
    quality = QualityReport.parse((tmp_path / "quality-report.json").read_bytes())
    assert quality.measured_with == "the dataset alone"


@pytest.mark.slow
@pytest.mark.parametrize("scoring", [True, False])
@pytest.mark.parametrize("lost", ["part", "faulty", "site", "heat"])
def test_a_column_that_is_not_there_is_refused_and_nothing_breaks(
    prepared: Path, tmp_path: Path, lost: str, scoring: bool
):
    """Also one that the challenge gives a part to; no column of another name takes its place."""
    place = made.HEAD.index(lost)
    head = ("label" if lost == "faulty" else "other", *(name for name in made.HEAD if name != lost))
    rows = [(row[place], *row[:place], *row[place + 1 :]) for row in made.curated()[:300]]
    file = tmp_path / "data.csv"
    file.write_bytes(made.written(rows, head))
    report = (run.score if scoring else run.check)(prepared, file, tmp_path, filename="data.csv")
    assert report.outcome == "refused"
    assert "Q2" in {found.key for found in report.findings if found.id == "quality.gate_failed"}
    told = QualityReport.parse((tmp_path / "quality-report.json").read_bytes())
    assert told.roles["label"] == (None if lost == "faulty" else "faulty")


@pytest.mark.slow
def test_missing_columns_fail_the_schema_gate(prepared: Path, tmp_path: Path):
    file = tmp_path / "data.csv"
    file.write_bytes(made.written([(row[0], row[1], row[6]) for row in made.curated()], ("part", "site", "faulty")))
    report = run.score(prepared, file, tmp_path, filename="data.csv")
    assert report.outcome == "refused"


@pytest.mark.slow
def test_nothing_hidden_reaches_the_report(prepared: Path, tmp_path: Path):
    scored(prepared, tmp_path, made.raw())
    text = (tmp_path / "quality-report.json").read_text()
    test_ids = [row[0] for row in made.curated(made.TEST_ROWS, 9, "t")]
    assert not any(f'"{id}"' in text for id in test_ids)
