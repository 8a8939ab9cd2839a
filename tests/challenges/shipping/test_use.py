"""The shipped packages as a participant uses them: the code of the READMEs and the baseline scripts, run as programs."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import challenges
from challenges import run

pytestmark = pytest.mark.system

ALONE = {**os.environ, "OMP_NUM_THREADS": "1"}
"""One thread: on a busy machine two that wait for each other take ten times as long."""
CLOSE = 0.02
"""How far another version of scikit-learn may move the score of a baseline."""


def program(*arguments: str | Path, at: Path) -> str:
    """Runs Python as a participant would, any warning being an error, and returns what it printed."""
    command = [sys.executable, "-W", "error", *map(str, arguments)]
    done = subprocess.run(command, cwd=at, capture_output=True, text=True, timeout=300, env=ALONE, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def scored(folder: Path, submission: Path, scratch: Path) -> dict[str, float]:
    """The public scores that a submission gets, by key; intake must have nothing to say about it."""
    prepared, out = scratch / "prepared", scratch / "out"
    challenges.prepare(challenges.load(folder), prepared)
    out.mkdir()
    report = run.score(prepared, submission, out, filename=submission.name)
    assert report.outcome == "scored", report.findings
    assert [one for one in report.findings if one.level != "note"] == []
    return {one.key: one.value for one in report.scores if one.split == "public"}


def test_the_baseline_script_lists_its_names_and_titles(folder, script):
    listed = json.loads(program("baseline/baselines.py", "--list", at=folder))
    assert listed == script(folder.name, "baseline/baselines.py").TITLES


def test_the_constant_baseline_is_made_again_byte_by_byte(folder, tmp_path):
    said = program("baseline/baselines.py", "--data", "public", "--out", tmp_path, "--only", "constant", at=folder)
    assert said.startswith("constant: ")
    assert (tmp_path / "constant.csv").read_bytes() == (folder / "baseline/constant.csv").read_bytes()


@pytest.mark.slow
def test_a_trained_baseline_scores_about_as_the_committed_one(folder, tmp_path):
    last = json.loads((folder / "expected.json").read_text())["baselines"][-1]
    name = Path(last["path"]).stem
    program("baseline/baselines.py", "--out", tmp_path, "--only", name, at=folder)
    scores = scored(folder, tmp_path / f"{name}.csv", tmp_path)
    assert scores == pytest.approx({key: both["public"] for key, both in last["scores"].items()}, abs=CLOSE)


def test_the_sample_submission_is_accepted(folder, tmp_path):
    assert scored(folder, folder / "public/sample_submission.csv", tmp_path)


@pytest.mark.slow
def test_the_code_of_the_readme_makes_a_submission_that_beats_the_constant(folder, tmp_path):
    text = (folder / "README.en.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (tmp_path / "public").symlink_to(folder / "public")
    (tmp_path / "start.py").write_text(code)
    program("start.py", at=tmp_path)
    first = challenges.load(folder).definition.scores[0].key
    constant = json.loads((folder / "expected.json").read_text())["baselines"][0]["scores"][first]["public"]
    assert scored(folder, tmp_path / "submission.csv", tmp_path)[first] > constant + 0.1
