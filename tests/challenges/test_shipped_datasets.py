"""The shipped challenges about data: sound by our own check, and honest work is ranked above careless work."""

import importlib.util
import json
import re
from collections import Counter
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

import challenges
from challenges.datasets import open_dataset
from challenges.run import score
from scoring.quality import personal

SHIPPED = Path(challenges.__file__).parent / "shipped"
DATASETS = ("flight-records", "shop-reviews", "fashion-labels", "low-flight-weather")
EVERY = (*DATASETS, "review-annotation")
MOST_BYTES = 3_000_000
NUMBER = re.compile(r"\d+[.,]\d[\d.,]*\d|\d{3,}")


def table(slug: str, path: str) -> pl.DataFrame:
    file = SHIPPED / slug / path
    return pl.read_csv(file, infer_schema_length=0) if file.suffix == ".csv" else pl.read_parquet(file)


def raw_path(slug: str) -> str:
    dataset = challenges.load(SHIPPED / slug).definition.dataset
    assert dataset is not None
    return dataset.raw


def maker(slug: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        f"make_{slug.replace('-', '_')}", SHIPPED / slug / "baseline/baselines.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", params=DATASETS)
def prepared(request, tmp_path_factory) -> tuple[str, Path]:
    folder = tmp_path_factory.mktemp(request.param)
    challenges.prepare(challenges.load(SHIPPED / request.param), folder)
    return request.param, folder


@pytest.mark.slow
@pytest.mark.parametrize("slug", EVERY)
def test_check_finds_nothing_and_the_baselines_score_as_expected(slug):
    report = challenges.check(SHIPPED / slug)
    assert [f"{one.id} {one.file} {one.params}" for one in report.findings if one.level != "note"] == []
    assert len(report.baselines) >= 2


@pytest.mark.slow
def test_careless_work_is_ranked_below_careful_work(prepared, tmp_path):
    """Raw as it is, copies removed, cleaned by rules, and the organizer's own version with the documentation of the cleaned one."""
    slug, folder = prepared
    made = maker(slug)
    columns = table(slug, raw_path(slug)).columns
    steps = {
        name: made.SUBMISSIONS[name](SHIPPED / slug / "public")
        for name in ("raw-as-is", "deduplicated", "rule-cleaned")
    }
    files = [made.write(name, rows, tmp_path) for name, rows in steps.items()]
    (tmp_path / "curated").mkdir()
    right = table(slug, "answers/curated.parquet").select(columns)
    moments = pl.selectors.datetime().dt.strftime("%Y-%m-%dT%H:%M:%S")
    files.append(made.write("rule-cleaned", right.with_columns(moments), tmp_path / "curated"))
    composites = [composite(folder, file, tmp_path / str(place)) for place, file in enumerate(files)]
    assert composites == sorted(composites)
    assert len(set(composites)) == len(composites)


def composite(folder: Path, file: Path, out: Path) -> float:
    """The public composite; -1 where a gate does not let the dataset through."""
    out.mkdir()
    report = score(folder, file, out, filename=file.name)
    return next((one.value for one in report.scores if one.key == "composite" and one.split == "public"), -1.0)


def test_raw_reviews_do_not_pass_the_gate_of_personal_information_and_masked_ones_do():
    made = maker("shop-reviews")
    raw, masked = (made.SUBMISSIONS[name](SHIPPED / "shop-reviews/public") for name in ("raw-as-is", "masked"))
    assert len(personal.find(raw["text"], title="text")) > 20
    assert len(personal.find(masked["text"], title="text")) == 0


@pytest.mark.parametrize("slug", DATASETS)
def test_hidden_records_are_those_of_the_raw_bundle_and_the_test_is_not_in_it(slug):
    dataset = challenges.load(SHIPPED / slug).definition.dataset
    assert dataset is not None
    name, label = dataset.roles.id, dataset.roles.label
    raw, curated, test = table(slug, dataset.raw), table(slug, dataset.hidden.curated), table(slug, dataset.hidden.test)
    gold, canaries = table(slug, dataset.hidden.gold), table(slug, dataset.hidden.canaries)
    assert raw[name].is_unique().all()
    assert curated[name].is_in(raw[name].implode()).all()
    assert (gold.height, canaries.height) == (300, 40)
    assert gold.join(curated.select(name, label), on=[name, label], how="semi").height == 300
    assert raw.join(curated.join(canaries, on=name).select(name, label), on=[name, label], how="semi").height == 40
    content = dataset.roles.text or name
    assert not test[content].is_in(raw[content].implode()).any()


@pytest.mark.parametrize(("slug", "low", "high"), [("flight-records", 0.08, 0.12), ("shop-reviews", 0.08, 0.12),
                                                   ("fashion-labels", 0.09, 0.15), ("low-flight-weather", 0.06, 0.1)])  # fmt: skip
def test_as_many_labels_are_wrong_as_the_readme_says(slug, low, high):
    dataset = challenges.load(SHIPPED / slug).definition.dataset
    assert dataset is not None
    name, label = dataset.roles.id, dataset.roles.label
    pairs = table(slug, dataset.raw).join(table(slug, dataset.hidden.curated).select(name, right=label), on=name)
    given = pairs[label].str.to_lowercase().str.replace_all(" ", "-")
    assert low < (given != pairs["right"]).mean() < high


def test_flights_of_other_challenges_stay_hidden():
    """No record tells an outcome that flight-delays asks for: raw records are of the months whose outcomes it gives away."""
    moments = pl.concat([table("flight-records", "answers/curated.parquet")["scheduled"]])
    assert moments.max().isoformat() < "2013-10-01"
    assert table("flight-records", "answers/test.parquet")["scheduled"].null_count() == 8_000


def test_pictures_of_other_challenges_are_not_used():
    mine = {image.tobytes() for image in table("fashion-labels", "answers/pixels.parquet")["image"].to_numpy()}
    others = [table("fashion-items", f"public/{part}.parquet")["image"].to_numpy() for part in ("train", "test")]
    assert not mine & {image.tobytes() for part in others for image in part}
    shown = {image.tobytes() for image in table("fashion-labels", "public/pixels.parquet")["image"].to_numpy()}
    assert len(mine - shown) == table("fashion-labels", "answers/test.parquet").height


def test_texts_to_be_labelled_are_in_no_other_challenge_and_name_nobody():
    items = table("review-annotation", "public/items.csv")
    for path in ("public/raw/reviews.csv", "answers/test.parquet"):
        assert not items["text"].is_in(table("shop-reviews", path)["text"].implode()).any()
    assert len(personal.find(items["text"], title="text")) == 0


def test_annotators_have_the_habits_that_the_readme_states():
    labels = table("review-annotation", "public/annotators.csv")
    gold = table("review-annotation", "answers/gold.parquet").rename({"label": "right"})
    stated = re.findall(
        r"\| `(a\d)` \| (\d+) % \| (\d+) % \|", (SHIPPED / "review-annotation/README.en.md").read_text()
    )
    assert len(stated) == 5
    for name, *shares in stated:
        own = labels.filter(pl.col("annotator") == name).join(gold, on="item")
        for right, share in zip(("pos", "neg"), shares, strict=True):
            told = own.filter(pl.col("right") == right)
            rate = int(share) / 100
            spread = (rate * (1 - rate) / told.height) ** 0.5
            assert abs((told["label"] == right).mean() - rate) < 3.5 * spread, (name, right)


@pytest.mark.parametrize("slug", DATASETS)
def test_the_shipped_baselines_document_all_twenty_items(slug):
    expected = json.loads((SHIPPED / slug / "expected.json").read_text())
    for baseline in expected["baselines"]:
        assert open_dataset(SHIPPED / slug / baseline["path"]).documentation.complete


@pytest.mark.parametrize("slug", [*EVERY, *challenges.BUILT])
def test_a_package_is_small_and_its_readmes_say_the_same_in_both_languages(slug):
    assert sum(path.stat().st_size for path in (SHIPPED / slug).rglob("*") if path.suffix != ".pyc") <= MOST_BYTES
    english, chinese = ((SHIPPED / slug / f"README.{language}.md").read_text() for language in ("en", "zh"))
    assert set(NUMBER.findall(english)) == set(NUMBER.findall(chinese))
    kinds = [Counter(line[:2] for line in text.splitlines() if line[:1] in "#|->") for text in (english, chinese)]
    assert kinds[0] == kinds[1]
    assert "{" not in english + chinese, "a place that was to be filled in"
