"""Makes public/ and answers/ from samples of the package traffic (PyPI, version 2.13), the same values every time.

    pip download --no-deps traffic==2.13
    jiebang challenge build low-altitude-tracks --out tracks --source traffic-2.13-py3-none-any.whl

which checks the samples against source.sha256, copies this folder to tracks/ and there runs, in the unpacked wheel,

    python build.py --source traffic/data/samples

Needs polars. Every choice that looks random is a SHA-256 digest, so no library version can change it; only the Parquet bytes around
the values may differ with another polars.
"""

import argparse
import gzip
import hashlib
import json
import math
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

HERE = Path(__file__).parent
SALT = "low-altitude-tracks/1"  # in a contest for a prize this would be a secret, kept beside the answers
HIGHEST_FT, FASTEST_KN = 10_000, 400
STEP_S, AHEAD_S, NEARLY_S = 10, 30, 6  # between two points at least; from a point to what is asked; how exact that is
LEG, SHORTEST_LEG, LONGEST_GAP_S = 24, 12, 45  # points of a leg at most and at least; within a leg
LEGS, TEST_LEGS = 9, 30  # of one flight at most
STEEPEST_FT = 3_000  # nothing here climbs or dives more in AHEAD_S seconds
LEVEL_FT = 50  # a craft that is no further up or down half a minute later flies level
TEST_FLIGHTS = 0.35  # of each mission; whole flights, never single legs
COPIES, NEAR_COPIES, GOLD, CANARIES = 350, 250, 300, 40
BLOCK = 6  # points in a row that a defect of the receiver spoils together

MISSIONS = {  # folder of the samples: our name
    "ambulances": "ambulance",
    "calibration": "calibration",
    "firefighting": "firefighting",
    "gliders": "glider",
    "surveillance": "surveillance",
    "surveys": "survey",
}
COLUMNS = {  # source column: (our name with its unit, decimals)
    "latitude": ("latitude", 5),
    "longitude": ("longitude", 5),
    "altitude": ("altitude_ft", 0),
    "groundspeed": ("ground_speed_kn", 0),
    "track": ("track_angle_deg", 0),
    "vertical_rate": ("vertical_rate_fpm", 0),
}
ORDER = [
    "record",
    "track",
    "mission",
    "observed",
    *(name for name, _ in COLUMNS.values()),
    "climbed_ft",
    "outlook",
]
ASKED = ["record", "mission", "altitude_ft", "ground_speed_kn", "vertical_rate_fpm", "climbed_ft", "outlook"]
"""What the hidden test holds: where, when and where to a craft flies would only tell its flight."""
METRES_IN_A_FOOT, KMH_IN_A_KNOT, FPM_IN_MS = 0.3048, 1.852, 196.8504
OTHER = {"climb": ("level", "descend"), "level": ("climb", "descend"), "descend": ("level", "climb")}

POINTS = {  # name: share of the points that have it; a point may have several
    "label": 0.16,  # another outlook
    "teleport": 0.03,  # somewhere else on earth
    "rate_missing": 0.05,  # -9999
    "speed_missing": 0.04,  # NA
    "swapped": 0.02,  # latitude and longitude in each other's place
    "time_format": 0.05,  # seconds since 1970
    "mission_words": 0.05,  # in capital letters
    "moved": 0.03,  # the line stands somewhere else
}
BLOCKS = {  # name: share of the blocks of a leg that have it
    "spoofed": 0.03,  # all places moved by the same way
    "metres": 0.14,  # altitude in metres
    "kmh": 0.10,  # ground speed in km/h
    "metres_per_second": 0.30,  # vertical rate in m/s
    "downwards": 0.25,  # vertical rate counted downwards
    "stuck": 0.06,  # the altitude of the first point of the block, and no vertical rate
    "local_time": 0.05,  # an hour or two late
}


def digest(purpose: str, key: object) -> str:
    """A hexadecimal digest that only the salt, the purpose and the key decide."""
    return hashlib.sha256(f"{SALT}/{purpose}/{key}".encode()).hexdigest()


def chance(purpose: str, key: object) -> float:
    """A number from 0 to 1 that looks drawn evenly."""
    return int(digest(purpose, key)[:13], 16) / 16**13


def samples(source: Path) -> list[Path]:
    """The files that source.sha256 names, in its order."""
    return [source / line.split(maxsplit=1)[1] for line in (HERE / "source.sha256").read_text().splitlines()]


def points(sample: Path) -> pl.DataFrame:
    """The points of a sample, the first of each STEP_S seconds, with flight, mission, and what the craft does half a minute later."""
    frame = pl.DataFrame(json.loads(gzip.decompress(sample.read_bytes())), infer_schema_length=None)
    name = pl.lit(sample.name.partition(".")[0])
    values = [
        pl.col(old).cast(pl.Float64).round(digits).cast(pl.Float64 if digits else pl.Int64).alias(new)
        for old, (new, digits) in COLUMNS.items()
    ]
    frame = frame.select(
        (pl.col("flight_id") if "flight_id" in frame.columns else name).alias("flight"),
        pl.lit(MISSIONS[sample.parent.name]).alias("mission"),
        (pl.col("timestamp") // 1000).alias("second"),
        *values,
    ).drop_nulls()
    frame = frame.with_columns(pl.col("track_angle_deg") % 360)
    frame = frame.unique(["flight", "second"], keep="first", maintain_order=True).sort("second")
    heard = ["flight", "latitude", "longitude"]  # where a place comes again, the craft is heard no more
    frame = frame.unique(heard, keep="first", maintain_order=True)
    for name, seconds in (("earlier", -AHEAD_S), ("later", AHEAD_S)):
        other = frame.select("flight", pl.col("second") - seconds, pl.col("altitude_ft").alias(name))
        frame = frame.join_asof(
            other, on="second", by="flight", strategy="nearest", tolerance=NEARLY_S, check_sortedness=False
        )
    frame = frame.drop_nulls().with_columns(climbed_ft=pl.col("altitude_ft") - pl.col("earlier"))
    rise = pl.col("later") - pl.col("altitude_ft")
    way = pl.when(rise > LEVEL_FT).then(pl.lit("climb")).when(rise < -LEVEL_FT).then(pl.lit("descend"))
    possible = (pl.max_horizontal(rise.abs(), pl.col("climbed_ft").abs()) <= STEEPEST_FT) & (
        (pl.col("vertical_rate_fpm").abs() <= 2 * STEEPEST_FT) & (pl.col("ground_speed_kn") <= FASTEST_KN)
    )
    frame = frame.filter((pl.col("altitude_ft") <= HIGHEST_FT) & possible)
    frame = frame.with_columns(slot=pl.col("second") // STEP_S, outlook=way.otherwise(pl.lit("level")))
    frame = frame.unique(["flight", "slot"], keep="first", maintain_order=True)
    return frame.drop("earlier", "later", "slot").sort("flight", "second")


def legs(points: pl.DataFrame) -> pl.DataFrame:
    """All legs of all flights: stretches without a long gap. A leg has a name, and its points have places and names."""
    gap = (pl.col("second").diff().over("flight") > LONGEST_GAP_S).fill_null(value=True)
    points = points.with_columns(stretch=gap.cast(pl.Int32).cum_sum())
    points = points.with_columns(part=pl.int_range(pl.len()).over("stretch") // LEG)
    keys = points.select("flight", "stretch", "part").rows()
    points = points.with_columns(track=pl.Series(["t" + digest("leg", key)[:8] for key in keys]))
    long = points.filter(pl.len().over("track") >= SHORTEST_LEG)
    long = long.with_columns(place=pl.int_range(pl.len()).over("track"))
    ids = ["p" + digest("id", key)[:10] for key in long.select("track", "place").iter_rows()]
    named = long.with_columns(record=pl.Series(ids), observed=pl.from_epoch("second"))
    if not named["record"].is_unique().all():
        raise SystemExit("two ids collide: choose another salt or longer ids")
    return named.select("flight", "place", *ORDER).sort("track", "place")


def drawn(legs: pl.DataFrame, most: int) -> pl.DataFrame:
    """`most` legs of each flight at most, the first by digest."""
    ranked = legs.with_columns(rank=pl.Series([digest("drawn", name) for name in legs["track"]]))
    return ranked.filter(pl.col("rank").rank("dense").over("flight") <= most).drop("rank")


def of_test(legs: pl.DataFrame) -> pl.Series:
    """Which points are of a hidden flight: (n,) truth values. TEST_FLIGHTS of the flights of each mission, the first by digest."""
    flights = legs.select("mission", "flight").unique().sort("mission", "flight")
    ranked = flights.with_columns(rank=pl.Series([digest("flight", name) for name in flights["flight"]]))
    share = pl.col("rank").rank("ordinal").over("mission") / pl.len().over("mission")
    hidden = ranked.filter(share <= TEST_FLIGHTS)
    return legs["flight"].is_in(hidden["flight"].implode())


def rare(right: pl.DataFrame) -> list[str]:
    """CANARIES right records that look odd: craft that turn round between climb and descent, that dive, that hover high up."""
    turns = ((pl.col("outlook") == "climb") & (pl.col("vertical_rate_fpm") < -300)) | (
        (pl.col("outlook") == "descend") & (pl.col("vertical_rate_fpm") > 300)
    )
    steep = pl.col("vertical_rate_fpm").abs() > 2_500
    hovering = (pl.col("ground_speed_kn") < 20) & (pl.col("altitude_ft") > 1_500)
    return sorted(right.filter(turns | steep | hovering)["record"], key=lambda name: digest("canary", name))[:CANARIES]


def as_text(right: pl.DataFrame) -> list[dict[str, str]]:
    """The records as they stand in a CSV file."""
    return right.with_columns(pl.col("observed").dt.strftime("%Y-%m-%dT%H:%M:%SZ")).cast(pl.String).to_dicts()


def shifted(moment: str, hours: int) -> str:
    """The moment some hours later, written as if it were UTC."""
    return (datetime.fromisoformat(moment) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def elsewhere(row: dict[str, str], key: str) -> dict[str, str]:
    """The record moved by a third of a degree to three degrees, the way that the key draws."""
    way, angle = 0.33 + 2.67 * chance("far", key), 2 * math.pi * chance("angle", key)
    north, east = float(row["latitude"]) + way * math.sin(angle), float(row["longitude"]) + way * math.cos(angle)
    return {**row, "latitude": f"{north:.5f}", "longitude": f"{east:.5f}"}


def spoiled(row: dict[str, str], first: dict[str, str], block: str) -> dict[str, str]:
    """A record with the defects that its name and its block draw; the order of the lines matters where two change the same cell.

    first  the right record that its block begins with
    """
    has = {name for name, share in POINTS.items() if chance(name, row["record"]) < share}
    has |= {name for name, share in BLOCKS.items() if chance(name, block) < share}
    if "stuck" in has:
        row = {**row, "altitude_ft": first["altitude_ft"], "vertical_rate_fpm": "0", "climbed_ft": "0"}
    if "spoofed" in has:
        row = elsewhere(row, block)
    if "teleport" in has:
        row = elsewhere(row, row["record"])
    hours, other = 1 + int(2 * chance("hours", block)), int(2 * chance("other", row["record"]))
    changes: list[tuple[str, str, Callable[[str], str]]] = [
        ("label", "outlook", lambda text: OTHER[text][other]),
        ("metres", "altitude_ft", lambda text: f"{float(text) * METRES_IN_A_FOOT:.0f}"),
        ("metres", "climbed_ft", lambda text: f"{float(text) * METRES_IN_A_FOOT:.0f}"),
        ("kmh", "ground_speed_kn", lambda text: f"{float(text) * KMH_IN_A_KNOT:.0f}"),
        ("metres_per_second", "vertical_rate_fpm", lambda text: f"{float(text) / FPM_IN_MS:.1f}"),
        ("downwards", "vertical_rate_fpm", lambda text: f"{-float(text):g}"),
        ("rate_missing", "vertical_rate_fpm", lambda _: "-9999"),
        ("speed_missing", "ground_speed_kn", lambda _: "NA"),
        ("local_time", "observed", lambda text: shifted(text, hours)),
        ("time_format", "observed", lambda text: f"{datetime.fromisoformat(text).timestamp():.0f}"),
        ("mission_words", "mission", str.upper),
    ]
    row = dict(row)
    for name, column, change in changes:
        if name in has:
            row[column] = change(row[column])
    if "swapped" in has:
        row["latitude"], row["longitude"] = row["longitude"], row["latitude"]
    return row


def raw_bundle(right: pl.DataFrame, canaries: list[str]) -> pl.DataFrame:
    """The records with their defects and copies, canaries without; a copy stands behind the record that it is of."""
    lines = list[tuple[float, dict[str, str]]]()
    rows, places = as_text(right.select(ORDER)), right["place"].to_list()
    for number, (row, place) in enumerate(zip(rows, places, strict=True)):
        block = f"{row['track']}/{place // BLOCK}"
        line = row if row["record"] in canaries else spoiled(row, rows[number - place % BLOCK], block)
        moved = line is not row and chance("moved", row["record"]) < POINTS["moved"]
        lines.append((len(rows) * chance("place", row["record"]) if moved else number, line))
    free = [one for one in lines if one[1]["record"] not in canaries]
    free.sort(key=lambda one: digest("copy", one[1]["record"]))
    for number, (at, row) in enumerate(free[: COPIES + NEAR_COPIES]):
        copy = {**row, "record": "p" + digest("copy id", row["record"])[:10]}
        if number >= COPIES:  # as another receiver heard it
            copy["track_angle_deg"] = f"{(float(row['track_angle_deg']) + 1) % 360:.0f}"
        lines.append((at + 0.5 + 3 * int(3 * chance("copy place", row["record"])), copy))
    return pl.DataFrame([row for _, row in sorted(lines, key=lambda one: (one[0], one[1]["record"]))])


def field(name: str, type: str, description: str, **constraints: object) -> dict[str, object]:
    """One field of the Table Schema; every one is required unless it says otherwise."""
    return {"name": name, "type": type, "description": description, "constraints": {"required": True, **constraints}}


def schema() -> dict[str, object]:
    """The Table Schema that submissions are held against."""
    return {
        "fields": [
            field("record", "string", "Names the point.", pattern="p[0-9a-f]{10}", unique=True),
            field("track", "string", "Names the leg that the point is of.", pattern="t[0-9a-f]{8}"),
            field("mission", "string", "What the craft flies for.", enum=sorted(MISSIONS.values())),
            field("observed", "datetime", "When the point was heard, UTC.", minimum="2017-01-01T00:00:00", maximum="2020-12-31T23:59:59"),
            field("latitude", "number", "Degrees north.", minimum=-90, maximum=90),
            field("longitude", "number", "Degrees east.", minimum=-180, maximum=180),
            field("altitude_ft", "number", "Barometric altitude, feet.", minimum=-1000, maximum=HIGHEST_FT),
            field("ground_speed_kn", "number", "Speed over ground, knots; empty where it is not known.", minimum=0, maximum=FASTEST_KN, required=False),
            field("track_angle_deg", "number", "Where the craft goes, degrees from north.", minimum=0, maximum=360),
            field("vertical_rate_fpm", "number", "Feet a minute up, or down if negative; empty where it is not known.", minimum=-2 * STEEPEST_FT, maximum=2 * STEEPEST_FT, required=False),
            field("climbed_ft", "number", "Altitude less that of half a minute before, feet.", minimum=-STEEPEST_FT, maximum=STEEPEST_FT),
            field("outlook", "string", "Whether the craft is more than 50 feet up or down half a minute later.", enum=["climb", "descend", "level"]),
        ],
        "primaryKey": ["record"],
        "missingValues": [""],
    }  # fmt: skip


def write(frame: pl.DataFrame, path: str) -> None:
    """CSV or Parquet, by the name."""
    target = HERE / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.suffix == ".csv":
        frame.write_csv(target, line_terminator="\n")
    else:
        frame.write_parquet(target, compression="zstd", compression_level=19, statistics=False)


def main() -> None:
    """Reads the source folder and writes every data file of the package."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--source", type=Path, required=True, help="the folder traffic/data/samples of the source package"
    )
    source = parser.parse_args().source
    every = legs(pl.concat([points(sample) for sample in samples(source)]))
    hidden = of_test(every)
    right, test = drawn(every.filter(~hidden), LEGS), drawn(every.filter(hidden), TEST_LEGS).select(ORDER)
    canaries = rare(right)
    gold = sorted(set(right["record"]) - set(canaries), key=lambda name: digest("gold", name))[:GOLD]
    write(raw_bundle(right, canaries), "public/raw/points.csv")
    right = right.select(ORDER).sort("record")
    (HERE / "public/schema.json").write_text(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n", "utf-8")
    test = test.select(ASKED).join(right, on=ASKED[1:], how="anti")  # level flights may read alike: those are not asked
    write(test.sort("record"), "answers/test.parquet")
    write(right, "answers/curated.parquet")
    write(right.filter(pl.col("record").is_in(gold)).select("record", "outlook"), "answers/gold.parquet")
    write(pl.DataFrame({"record": sorted(canaries)}), "answers/canaries.parquet")


if __name__ == "__main__":
    main()
