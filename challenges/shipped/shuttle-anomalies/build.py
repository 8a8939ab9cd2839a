"""Makes public/ and answers/ from the Statlog (Shuttle) data, the same values every time.

The data are those of the UCI Machine Learning Repository (doi:10.24432/C5WS31, CC BY 4.0), read from the copy that the R package
mlbench 2.1-3 carries (Debian package r-cran-mlbench); all 58,000 rows of the repository's two files are in it.

    apt-get download r-cran-mlbench && dpkg-deb -x r-cran-mlbench_*.deb mlbench
    pip install rdata
    python build.py --source mlbench/usr/lib/R/site-library/mlbench/data/Shuttle.rda

Needs pandas, pyarrow and rdata. Every choice that looks random is the order of SHA-256 digests, so no library version can change
it; only the Parquet bytes around the values may differ with another pyarrow (the shipped ones are of pyarrow 26).
"""

import argparse
import hashlib
import warnings
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import rdata

HERE = Path(__file__).parent
SALT = "shuttle-anomalies/1"  # in a contest for a prize this would be a secret, kept beside the answers
STATES = {  # state in the source: (our name, kept for the test at most)
    "Rad.Flow": ("rad_flow", None),
    "High": ("high", None),
    "Bypass": ("bypass", 556),
    "Fpv.Open": ("fpv_open", None),
    "Fpv.Close": ("fpv_close", None),
    "Bpv.Open": ("bpv_open", None),
    "Bpv.Close": ("bpv_close", None),
}
ROUTINE = ["rad_flow", "high"]
TEST_ROWS = 32_000
PUBLIC_SHARE = 0.3


def digest(purpose: str, key: object) -> str:
    """A hexadecimal digest that only the salt, the purpose and the key decide."""
    return hashlib.sha256(f"{SALT}/{purpose}/{key}".encode()).hexdigest()


def readings(source: Path) -> pd.DataFrame:
    """All rows of the source in an order that says nothing: v1 to v9 as int32, and the state."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the file does not say that its few strings are ASCII
        raw = rdata.read_rda(source)["Shuttle"].reset_index(drop=True)
    rows = raw.drop(columns="Class").astype("int32").rename(columns=str.lower)
    rows["state"] = raw.Class.astype(str).map({name: ours for name, (ours, _) in STATES.items()})
    rows["rank"] = [digest("order", row) for row in rows.index]
    return rows.sort_values("rank")


def usage(test: pd.DataFrame) -> pd.Series:
    """`public` for PUBLIC_SHARE of the rows of each state (rounded), `private` for the others."""
    ranked = test.assign(rank=[digest("usage", name) for name in test.id]).sort_values("rank")
    groups = ranked.groupby("state")
    first = groups.cumcount() < (groups.id.transform("size") * PUBLIC_SHARE).round()
    return first.map({True: "public", False: "private"}).reindex(test.index)


def write(frame: pd.DataFrame, path: str) -> None:
    """Parquet without traces of the machine: no index, no pandas metadata."""
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    (HERE / path).parent.mkdir(exist_ok=True)
    pq.write_table(table, HERE / path, compression="zstd", compression_level=19)


def main() -> None:
    """Reads the source file and writes every data file of the package."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=Path, required=True, help="the file Shuttle.rda of the R package mlbench")
    rows = readings(parser.parse_args().source)
    routine = rows.state.isin(ROUTINE)
    caps = {ours: most for ours, most in STATES.values() if most}
    unusual = rows[~routine]
    unusual = unusual[unusual.groupby("state").cumcount() < unusual.state.map(caps).fillna(len(rows))]
    wanted = TEST_ROWS - len(unusual)
    test = pd.concat([rows[routine].iloc[:wanted], unusual])
    test.insert(0, "id", ["r" + digest("id", row)[:8] for row in test.index])
    if not test.id.is_unique:
        raise SystemExit("two ids collide: choose another salt or longer ids")
    test = test.sort_values("id").reset_index(drop=True)
    channels = [f"v{number}" for number in range(1, 10)]
    write(rows[routine].iloc[wanted:][channels], "public/train.parquet")
    write(test[["id", *channels]], "public/test.parquet")
    sample = pd.DataFrame({"id": test.id, "score": 0.5})
    sample.to_csv(HERE / "public/sample_submission.csv", index=False, lineterminator="\n")
    anomaly = (~test.state.isin(ROUTINE)).astype("int8")
    write(
        pd.DataFrame({"id": test.id, "anomaly": anomaly, "state": test.state, "usage": usage(test)}),
        "answers/answers.parquet",
    )


if __name__ == "__main__":
    main()
