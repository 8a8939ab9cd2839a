"""The whole check: baselines scored like any submission, expectations compared, everything in one report."""

import json

import pytest

import challenges
from challenges import expected
from challenges.messages import MESSAGES


def ids(report, level="error"):
    return [finding.id for finding in report.findings if finding.level == level]


@pytest.fixture
def right(package, expect):
    """What the constant baseline gets, after writing it down as expected."""
    expect(package, {})
    (baseline,) = challenges.check(package).baselines
    (package / "expected.json").write_text(expected.written((baseline,)), "utf-8")
    return baseline.scores


def test_a_sound_package_passes(package, right):
    report = challenges.check(package)
    assert report.ok
    assert ids(report) == ids(report, "warning") == []
    assert set(ids(report, "note")) == {"package.date_understood"}
    assert report.definition.slug == "late-trains"


def test_baselines_get_the_scores_that_follow_from_the_data(package, right):
    """The constant says 0 minutes, 1/4 late: auc is chance, the mean absolute error that of the data, log loss by hand."""
    from math import log

    lines = [line.split(",") for line in (package / "answers/arrivals.csv").read_text().split()[1:]]
    late = [int(cells[1]) for cells in lines]
    delay = [abs(int(cells[2])) for cells in lines]
    assert right["auc"] == {"public": 0.5, "private": 0.5}
    assert set(right) == {"auc", "mae", "loss"}
    rows, share = len(lines), 0.4
    both = {key: share * right[key]["public"] + (1 - share) * right[key]["private"] for key in ("mae", "loss")}
    assert both["mae"] == pytest.approx(sum(delay) / rows, abs=0.05)
    assert both["loss"] == pytest.approx(-sum(log(0.25) if one else log(0.75) for one in late) / rows, abs=0.02)


def test_without_baselines_nothing_is_scored(package, right):
    report = challenges.check(package, baselines=False)
    assert report.ok
    assert report.baselines == ()


def test_a_score_that_differs_is_shown_beside_the_expected_one(package, right, expect):
    wrong = {key: dict(splits) for key, splits in right.items()}
    wrong["mae"]["private"] += 0.00002
    wrong["auc"]["public"] += 0.00009  # within its four digits
    expect(package, wrong)
    report = challenges.check(package)
    (finding,) = [finding for finding in report.findings if finding.level == "error"]
    assert (finding.id, finding.file, finding.key) == (
        "package.expected_differs",
        "expected.json",
        "baselines[0].scores.mae.private",
    )
    assert finding.params == {
        "expected": f"{wrong['mae']['private']:.5f}",
        "found": f"{right['mae']['private']:.5f}",
    }
    assert not report.ok


def test_scores_that_are_left_out_or_unknown_are_found(package, right, expect):
    scores = {key: dict(splits) for key, splits in right.items()}
    del scores["loss"]["public"]
    scores["f1"] = {"public": 0.5}
    expect(package, scores)
    found = {(f.id, f.key) for f in challenges.check(package).findings if f.level == "error"}
    assert found == {
        ("package.expected_missing", "baselines[0].scores.loss.public"),
        ("package.expected_unknown", "baselines[0].scores.f1.public"),
    }


@pytest.mark.parametrize(
    ("text", "message", "key"),
    [
        ("{", "package.json_damaged", None),
        ("[" * 100_000, "package.json_damaged", None),
        ("[]", "package.want_table", None),
        ('{"format": "x", "baselines": []}', "package.not_one_of", "format"),
        ('{"format": "jiebang-expected/1"}', "package.missing", "baselines"),
        ('{"format": "jiebang-expected/1", "baselines": [], "x": 1}', "package.unknown_key", "x"),
        ('{"format": "jiebang-expected/1", "baselines": [{"path": "../x"}]}', "package.not_a_path", "baselines[0].path"),
        ('{"format": "jiebang-expected/1", "baselines": [{"path": "public/test.csv"}]}', "package.not_below", "baselines[0].path"),
        ('{"format": "jiebang-expected/1", "baselines": [{"path": "baseline/x.csv"}]}', "package.file_missing", "baselines[0].path"),
        ('{"format": "jiebang-expected/1", "baselines": [{"path": "baseline/constant.csv", "scores": {"auc": {"all": 1}}}]}',
         "package.not_one_of", "baselines[0].scores.auc.all"),
        (" " * 2_000_000, "package.json_too_large", None),
    ],
)  # fmt: skip
def test_an_expectation_that_cannot_be_read_is_said_so(package, text, message, key):
    (package / "expected.json").write_text(text, "utf-8")
    found = {(f.id, f.file, f.key) for f in challenges.check(package).findings if f.level == "error"}
    assert (message, "expected.json", key) in found


def test_a_baseline_that_no_team_could_hand_in_is_refused_with_its_reasons(package, expect):
    (package / "baseline/constant.csv").write_text("train,p_late,p_soon,minutes\n1,2,-1,0\n")
    expect(package, {"auc": {"public": 0.5}})
    report = challenges.check(package)
    found = [finding for finding in report.findings if finding.level == "error"]
    assert found[0].id == "package.baseline_refused"
    assert {"intake.ids_missing", "intake.out_of_range"} <= {finding.id for finding in found}
    assert {finding.file for finding in found} == {"baseline/constant.csv"}
    assert report.baselines[0].scores == {}


def test_a_sample_that_would_be_refused_is_an_error(package, right):
    text = (package / "challenge.toml").read_text("utf-8")
    entry = '[[data.files]]\npath = "public/sample.csv"\nrole = "sample-submission"\n'
    (package / "challenge.toml").write_text(text.replace("\n[submission]", f"\n{entry}\n[submission]"), "utf-8")
    (package / "public/sample.csv").write_bytes((package / "baseline/constant.csv").read_bytes())
    assert challenges.check(package).ok
    rows = (package / "baseline/constant.csv").read_text().replace("p_late", "p_later")
    (package / "public/sample.csv").write_text(rows)
    report = challenges.check(package)
    assert ids(report)[0] == "package.sample_refused"
    assert "intake.column_misnamed" in ids(report)
    assert {finding.file for finding in report.findings if finding.level == "error"} == {"public/sample.csv"}


def test_answers_and_test_data_are_about_the_same_rows(package, right):
    lines = (package / "public/test.csv").read_text().split()
    (package / "public/test.csv").write_text("\n".join([*lines[:-3], "5000,1", "5001,1"]))
    found = {f.id: (f.level, f.count, f.value) for f in challenges.check(package).findings if "ids_not" in f.id}
    assert found == {
        "package.ids_not_shown": ("warning", 3, "198"),
        "package.ids_not_answered": ("warning", 2, "5000"),
    }
    (package / "public/test.csv").write_text("speed\n1\n")
    assert not [f.id for f in challenges.check(package).findings if "ids_not" in f.id]


def test_answers_that_cannot_be_used_are_refused(package):
    lines = (package / "answers/arrivals.csv").read_text().split()
    (package / "answers/arrivals.csv").write_text("\n".join([*lines, lines[5], "999,maybe,0"]))
    report = challenges.check(package)
    assert not report.ok
    assert {finding.file for finding in report.findings if finding.level == "error"} == {"answers/arrivals.csv"}


def test_errors_come_first_and_one_does_not_hide_another(package):
    (package / "README.en.md").unlink()
    text = (package / "challenge.toml").read_text("utf-8").replace('"public/test.csv"', '"public/tests.csv"')
    (package / "challenge.toml").write_text(text.replace("per_day = 5", "per_day = 999"), "utf-8")
    report = challenges.check(package)
    assert set(ids(report)) == {"package.readme_missing", "package.file_missing", "package.day_above_total"}
    levels = [finding.level for finding in report.findings]
    assert levels == sorted(levels, key=("error", "warning", "note").index)


@pytest.fixture
def several(package, tasks_definition):
    """A sound package with two tasks and a baseline in a folder."""
    (package / "challenge.toml").write_text(tasks_definition, "utf-8")
    (package / "answers/arrivals.csv").unlink()
    (package / "baseline/zero").mkdir()
    (package / "baseline/constant.csv").unlink()
    for task in ("north", "south"):
        lines = [f"{number},{number * 37 % 53},{('public', 'private')[number % 2]}" for number in range(80)]
        (package / f"answers/{task}.csv").write_text("\n".join(["train,delay,usage", *lines]))
        zeros = [f"{number},0" for number in range(80)]
        (package / f"baseline/zero/{task}.csv").write_text("\n".join(["train,minutes", *zeros]))
    baselines = [{"path": "baseline/zero", "scores": {}}]
    (package / "expected.json").write_text(json.dumps({"format": "jiebang-expected/1", "baselines": baselines}))
    return package


def test_a_baseline_of_several_tasks_is_a_folder(several):
    report = challenges.check(several)
    assert set(ids(report)) == {"package.expected_missing"}
    (baseline,) = report.baselines
    assert {"north/mae", "south/rmse", "south/mae"} <= set(baseline.scores)
    (several / "expected.json").write_text(expected.written(report.baselines), "utf-8")
    assert challenges.check(several).ok


def test_every_sentence_of_a_check_can_be_written(package):
    for finding in challenges.check(package).findings:
        fields = {name: value for name, value in finding if name != "params"}
        assert MESSAGES[finding.id].format(**{**fields, **finding.params})
