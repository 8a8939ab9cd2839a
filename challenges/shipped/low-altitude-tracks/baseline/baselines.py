"""Six submissions to "Low-altitude trajectories to clean", from careless to careful to overdone. Any team could make them from public/ alone.

    python baseline/baselines.py --data public --out my-submissions             # all of them
    python baseline/baselines.py --data public --out my-submissions --only rule-cleaned
    python baseline/baselines.py --list                                         # names and titles as JSON

Needs polars and jiebang, whose checks of labels and of tracks (scoring) are used as they are. All but the first are a zip with the
table, a README that answers what is asked of a documentation, and a datapackage.json.
"""

import argparse
import hashlib
import json
import zipfile
from pathlib import Path

import polars as pl

LICENCE, SOURCE = (
    "LicenseRef-OpenSky-Network",
    "the OpenSky Network, https://opensky-network.org, by way of the package traffic",
)
SEED = 10

TITLES = {
    "raw-as-is": {"en": "Baseline: raw as it is", "zh": "基线：原样提交"},
    "deduplicated": {"en": "Baseline: copies removed", "zh": "基线：去重"},
    "rule-cleaned": {"en": "Baseline: cleaned by rules", "zh": "基线：规则清洗"},
    "relabelled": {"en": "Baseline: cleaned, labels corrected", "zh": "基线：清洗并修正标签"},
    "over-zealous": {"en": "Baseline: every doubtful point dropped", "zh": "基线：凡可疑即删除"},
    "padded": {"en": "Baseline: cleaned, padded with copies", "zh": "基线：清洗后以副本充数"},
}
DONE = {
    "deduplicated": "Lines equal to an earlier one in everything but their number were removed.",
    "rule-cleaned": "Missions were written in small letters, moments as ISO 8601, altitudes in feet, speeds in knots, vertical rates in feet a "
    "minute; codes for missing values were emptied; places swapped were swapped back, and places that could not be reached were put "
    "between their neighbours; copies were removed.",
    "relabelled": "After cleaning by rules, outlooks were taken from the altitude of the same track half a minute later where it is known.",
    "over-zealous": "After cleaning by rules, points with a doubtful outlook, a steep climb or descent, or an empty cell were removed.",
    "padded": "After cleaning by rules, every point was written a second time with another number and another direction.",
}
PLACES = ["latitude", "longitude"]
NUMBERS = [*PLACES, "altitude_ft", "ground_speed_kn", "track_angle_deg", "vertical_rate_fpm", "climbed_ft"]


def raw(data):
    """The raw bundle as text, cell by cell."""
    return pl.read_csv(Path(data) / "raw/points.csv", infer_schema_length=0)


def deduplicated(table):
    return table.unique(pl.exclude("record"), keep="first", maintain_order=True)


def usual(column):
    """The median of a column over the track, which a few false points do not move."""
    return pl.col(column).median().over("track")


def with_places(table):
    """Places swapped put back; those far from the track's, or that could not be reached, put between their neighbours."""
    from scoring.quality.outliers import Limits, track_defects

    north, east = pl.col("latitude"), pl.col("longitude")
    as_it_is = (north - usual("latitude")).abs() + (east - usual("longitude")).abs()
    swapped = (east - usual("latitude")).abs() + (north - usual("longitude")).abs() < as_it_is
    table = table.with_columns(
        latitude=pl.when(swapped).then(east).otherwise(north), longitude=pl.when(swapped).then(north).otherwise(east)
    )
    for _ in range(3):
        found = track_defects(table.select("track", *PLACES, time="observed"), Limits(speed=250, blur=500)).by_reason
        table = table.with_row_index("row")
        false = pl.col("row").is_in([*found["track.teleport"], *found["track.leap"]])
        known = table.with_columns(pl.when(~false).then(pl.col(PLACES))).drop("row")
        between = pl.col(PLACES).interpolate_by("observed").over("track").round(5)
        table = known.with_columns(between).with_columns(pl.col(PLACES).forward_fill().backward_fill().over("track"))
    return table


def in_feet(table):
    """Altitudes that are nearer to the median of their track when read as metres."""
    feet = (pl.col("altitude_ft") / 0.3048).round(0)
    off = (pl.col("altitude_ft") - usual("altitude_ft")).abs()
    metres = ((feet - usual("altitude_ft")).abs() < off * 0.5) & (off > 500)
    climbed = (pl.col("climbed_ft") / 0.3048).round(0)
    return table.with_columns(
        altitude_ft=pl.when(metres).then(feet).otherwise("altitude_ft"),
        climbed_ft=pl.when(metres).then(climbed).otherwise("climbed_ft"),
    )


def in_knots(table):
    """Speeds that are nearer to the median of their track when read as km/h."""
    knots = (pl.col("ground_speed_kn") / 1.852).round(0)
    off = (pl.col("ground_speed_kn") - usual("ground_speed_kn")).abs()
    kmh = ((knots - usual("ground_speed_kn")).abs() < off * 0.5) & (off > 20)
    return table.with_columns(ground_speed_kn=pl.when(kmh).then(knots).otherwise("ground_speed_kn"))


def upwards(table):
    """Vertical rates turned round where the altitudes before and after say the opposite."""
    altitude, minutes = pl.col("altitude_ft"), pl.col("observed").dt.epoch("s") / 60
    trend = (altitude.shift(-1) - altitude.shift(1)) / (minutes.shift(-1) - minutes.shift(1))
    rate = pl.col("vertical_rate_fpm")
    opposite = ((trend + rate).abs() < (trend - rate).abs() * 0.5).over("track") & (rate.abs() > 100)
    return table.with_columns(vertical_rate_fpm=pl.when(opposite).then(-rate).otherwise(rate))


def rule_cleaned(data):
    table = deduplicated(raw(data))
    seconds = pl.from_epoch(pl.col("observed").cast(pl.Int64, strict=False), time_unit="s")
    moment = pl.col("observed").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", strict=False).dt.cast_time_unit("us")
    rate = pl.col("vertical_rate_fpm")
    in_metres = rate.str.contains(".", literal=True)  # feet a minute come in whole numbers
    rate = rate.cast(pl.Float64, strict=False)
    table = table.with_columns(
        pl.col("mission").str.to_lowercase(),
        pl.col([name for name in NUMBERS if name != "vertical_rate_fpm"]).cast(pl.Float64, strict=False),
        observed=moment.fill_null(seconds.dt.cast_time_unit("us")),
        vertical_rate_fpm=pl.when(in_metres).then((rate * 196.8504).round(0)).when(rate > -9999).then(rate),
    )
    table = upwards(with_places(in_knots(in_feet(table.sort("track", "observed", maintain_order=True)))))
    table = table.unique(["track", "observed"], keep="first", maintain_order=True)
    return table.with_columns(pl.col("observed").dt.strftime("%Y-%m-%dT%H:%M:%SZ"))


def relabelled(data):
    """The outlook that the track itself gives, where it has a point half a minute later."""
    table = rule_cleaned(data)
    moment = table["observed"].str.to_datetime("%Y-%m-%dT%H:%M:%SZ")
    own = table.select("track", at=moment, now="altitude_ft").with_row_index("place").sort("at")
    later = own.select("track", pl.col("at") - pl.duration(seconds=30), later="now")
    own = own.join_asof(later, on="at", by="track", strategy="nearest", tolerance="6s", check_sortedness=False)
    rise = pl.col("later") - pl.col("now")
    told = pl.when(rise > 50).then(pl.lit("climb")).when(rise < -50).then(pl.lit("descend")).otherwise(pl.lit("level"))
    told = own.select("place", told=pl.when(rise.abs() < 1_500).then(told)).sort("place")["told"]
    return table.with_columns(outlook=told.fill_null(table["outlook"]))


def doubtful(table):
    """Points whose outlook models that have not seen them hold for wrong: (n,) truth values."""
    from scoring.labels import features_of, find_issues, noise_rate, out_of_fold

    classes = sorted(table["outlook"].unique())
    codes = table["outlook"].replace_strict(classes, list(range(len(classes)))).to_numpy()
    features = features_of(table.select("mission", *NUMBERS))
    rate = noise_rate(features, codes, seed=SEED)
    return pl.Series(
        find_issues(codes, out_of_fold(features, codes, seed=SEED), confusion=rate.known_confusion).flagged
    )


def over_zealous(data):
    table = rule_cleaned(data)
    gentle = (pl.col("vertical_rate_fpm").abs() <= 600) & (pl.col("ground_speed_kn") >= 60)
    return table.filter(~doubtful(table)).filter(gentle & pl.all_horizontal(pl.all().is_not_null()))


def padded(data):
    table = rule_cleaned(data)
    ids = ["p" + hashlib.sha256(f"copy of {name}".encode()).hexdigest()[:10] for name in table["record"]]
    copies = table.with_columns(pl.Series("record", ids), (pl.col("track_angle_deg") + 1) % 360)
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
    counts = table["outlook"].value_counts(sort=True)
    return f"""# Points of low flights

## Scale
{table.height} records, {table.width} columns, {size} bytes.
## Format
One CSV file in UTF-8 with a header line.
## File structure
`points.csv` holds one line per point; `datapackage.json` describes its columns; this README explains how it came about.
## Access
Handed in as a submission to the challenge low-altitude-tracks; the raw points are in its folder public/raw.
## Contact
Questions go to the team through the discussion page of the challenge.
## Modality
A table of places, numbers and moments: trajectories, one point about every ten seconds.
## Distribution
{table["track"].n_unique()} tracks; {table["mission"].value_counts(sort=True).row(0)[1]} records are of the mission that has most.
## Label statistics
{"; ".join(f"{label}: {count}" for label, count in counts.iter_rows())}.
## Sample
`{table.head(1).write_csv(include_header=False).strip()}`
## Known limitations
Craft that were heard by volunteers' receivers; most of them calibrate beacons of airports. Some outlooks are still wrong.
## Source
{SOURCE}.
## Collection
Receivers on the ground note what transponders send (ADS-B); the organizer drew legs and added defects on purpose.
## Processing
{DONE[name]}
## Labelling
An outlook is climb or descend when the craft is more than 50 feet higher or lower half a minute later, and level otherwise.
## Version
1.0, made in November 2026 from version 1.0.0 of the challenge; it is the first one.
## Licence
{LICENCE}: the terms of the OpenSky Network, research and non-commercial use.
## Use cases
Training models that see a climb or a descent of low craft coming. It is not fit for keeping real craft apart.
## Evaluation
Brier score of the three probabilities, on other flights that take no part in training.
## Baseline result
Always answering level is right in {dict(counts.iter_rows()).get("level", 0) / table.height:.2f} of the records.
## Cases
The untouched samples serve in the documentation of the Python package traffic.
"""


def described(content, table):
    """The datapackage.json: licence, source, version, and the file with its hash."""
    resource = {
        "name": "points",
        "path": "points.csv",
        "format": "csv",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": {"fields": [{"name": name, "type": "any"} for name in table.columns]},
    }
    about = {
        "name": "low-altitude-tracks",
        "version": "1.0.0",
        "licenses": [{"name": LICENCE}],
        "sources": [{"title": SOURCE, "path": "https://opensky-network.org"}],
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
    files = {"points.csv": content, "README.md": readme(name, table, len(content)).encode()}
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
