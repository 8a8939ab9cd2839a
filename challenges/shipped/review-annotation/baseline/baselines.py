"""Four submissions to "Who reads the reviews best?", of different diligence. Any team could make them from public/ alone.

    python baseline/baselines.py --data public --out my-submissions             # all of them, one CSV file each
    python baseline/baselines.py --data public --out my-submissions --only chosen-by-agreement
    python baseline/baselines.py --list                                         # names and titles as JSON

Needs polars.
"""

import argparse
import json
from pathlib import Path

import polars as pl

TITLES = {
    "quickest-three": {"en": "Baseline: the three quickest annotators", "zh": "基线：最快的三名标注员"},
    "first-three": {"en": "Baseline: the first three annotators", "zh": "基线：前三名标注员"},
    "all-five": {"en": "Baseline: all five annotators", "zh": "基线：全部五名标注员"},
    "chosen-by-agreement": {
        "en": "Baseline: the three who agree most with the others",
        "zh": "基线：与他人最一致的三名标注员",
    },
}


def quickest_three(labels):
    times = labels.group_by("annotator").agg(pl.col("seconds").median()).sort("seconds", "annotator")
    return times["annotator"].head(3)


def first_three(labels):
    return labels["annotator"].unique().sort().head(3)


def all_five(labels):
    return labels["annotator"].unique()


def chosen_by_agreement(labels):
    """Whoever says what most of the four others say. A tie of the others counts half, for it says nothing."""
    sides = labels.with_columns((pl.col("label") == "pos").alias("side"))
    others = (pl.col("side").sum().over("item") - pl.col("side")) / (pl.len().over("item") - 1)
    agreeing = pl.when(others == 0.5).then(0.5).otherwise(((others > 0.5) == pl.col("side")).cast(pl.Float64))
    shares = sides.with_columns(agreeing.alias("agrees")).group_by("annotator").agg(pl.col("agrees").mean())
    return shares.sort("agrees", "annotator", descending=[True, False])["annotator"].head(3)


SUBMISSIONS = {
    "quickest-three": quickest_three,
    "first-three": first_three,
    "all-five": all_five,
    "chosen-by-agreement": chosen_by_agreement,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("public"), help="the folder public of the challenge")
    parser.add_argument("--out", type=Path, default=Path("submissions"), help="where the CSV files go")
    parser.add_argument("--only", choices=SUBMISSIONS, metavar="NAME", help="make this one only")
    parser.add_argument("--list", action="store_true", help="print names and titles as JSON and stop")
    options = parser.parse_args()
    if options.list:
        print(json.dumps(TITLES, ensure_ascii=False, indent=2))
        return
    options.out.mkdir(parents=True, exist_ok=True)
    labels = pl.read_csv(options.data / "annotators.csv")
    for name in [options.only] if options.only else SUBMISSIONS:
        chosen = SUBMISSIONS[name](labels)
        path = options.out / f"{name}.csv"
        labels.filter(pl.col("annotator").is_in(chosen.implode())).write_csv(path, line_terminator="\n")
        print(f"{name}: {path} ({', '.join(sorted(chosen))})", flush=True)


if __name__ == "__main__":
    main()
