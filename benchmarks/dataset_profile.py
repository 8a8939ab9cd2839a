"""What the profile of a Parquet file costs, against decoding it and against pandas computing the same statistics.

The table has 12 columns: numbers, whole numbers, categories, texts, dates, truth values, some of it missing. Limits:
decoding the file batch by batch and looking at nothing, once with polars (the reader that we use, and the cheapest
known here) and once with pyarrow, whose batches of half a million rows are the usual way. Peer: pandas, reading the
same file and computing the same statistics; digits, characters and what texts look like on as many sampled rows as we
look at.

Every side is a process of its own; time is counted from the file on, without imports; memory is the peak of the whole
process. One core is one CPU for the process and one thread in every library, and so is each of two, of which the
busier one counts. With --quick the table is so short that what does not depend on the rows weighs heavily, and cores
and flat memory are left out.
"""

import json
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import measure
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

    from scoring.quality.profile.reading import Piece
    from scoring.quality.profile.settings import Settings
    from scoring.quality.profile.state import Profile

AT_ONCE = 500_000
SIDES = ("ours", "decode", "arrow", "pandas")


def make(path: Path, rows: int) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(4)
    kinds = np.array([f"kind-{i:02d}" for i in range(20)])
    words = np.array([f"w{i:05d}" for i in range(5000)])
    signs = np.array(list("质量很好送货快价格便宜客服态度满意推荐购买物流包装完整不错喜欢"))
    remarks = np.array(
        ["".join(signs[rng.integers(0, len(signs), rng.integers(4, 30))]) + f" no.{i}" for i in range(100_000)]
    )
    writer = None
    for start in range(0, rows, AT_ONCE):
        size = min(AT_ONCE, rows - start)
        gone = partial(absent, rng, size)
        table = pa.table(
            {
                "price": np.round(rng.lognormal(3, 1, size), 2),
                "sensor": pa.array(rng.normal(size=size), mask=gone(0.02)),
                "reading": pa.array(np.round(rng.normal(size=size) * 1000, 4), mask=gone(0.02)),
                "count": rng.integers(0, 10_000, size),
                "amount": pa.array(rng.integers(0, 10**9, size), mask=gone(0.01)),
                "kind": pa.array(kinds[rng.integers(0, 20, size)], mask=gone(0.03)),
                "word": words[np.minimum(rng.zipf(1.2, size), 5000) - 1],
                "id": np.char.add("u", np.char.mod("%08x", rng.integers(0, 2**31, size))),
                "remark": pa.array(remarks[rng.integers(0, len(remarks), size)], mask=gone(0.05)),
                "day": (np.datetime64("2015-01-01") + rng.integers(0, 3650, size)).astype("datetime64[D]"),
                "seen": (np.datetime64("2020-01-01") + rng.integers(0, 10**8, size).astype("timedelta64[s]")).astype(
                    "datetime64[us]"
                ),
                "flag": pa.array(rng.random(size) < 0.5, mask=gone(0.01)),
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    assert writer is not None
    writer.close()


def absent(rng: np.random.Generator, size: int, share: float) -> npt.NDArray[np.bool_]:
    return rng.random(size) < share


def made_apart(path: Path, rows: int) -> None:
    """In another process: the peak memory of this one would count for those that it starts."""
    measure.process([sys.executable, __file__, "--make", str(path), str(rows)])


# The sides, each in a process of its own


def ours(path: Path) -> Callable[[], object]:
    from scoring.quality.profile import profile_parquet

    return lambda: profile_parquet(path).to_json()


def ours_on_two(path: Path) -> dict[str, float]:
    """Half of the file in each of two processes that are warm already: CPU seconds of the busier one with the merge
    after it, and wall seconds."""
    import polars as pl
    import pyarrow.parquet as pq

    from scoring.quality.profile.reading import pieces, settings_for

    parts = pieces(pq.read_metadata(path))
    settings = settings_for(dict(pl.read_parquet_schema(path)), pq.read_metadata(path).num_rows)
    with ProcessPoolExecutor(2, mp_context=get_context("forkserver")) as executor:
        list(executor.map(warm_up, range(4)))
        start = time.perf_counter()
        halves = (parts[: len(parts) // 2], parts[len(parts) // 2 :])
        (one, first), (other, second) = executor.map(counted, [path] * 2, [settings] * 2, halves)
        cpu = time.process_time()
        one.merge(other)
        one.finish().to_json()
        cpu = time.process_time() - cpu
        return {"cpu": max(first, second) + cpu, "wall": time.perf_counter() - start}


def counted(path: Path, settings: "Settings", parts: "Sequence[Piece]") -> "tuple[Profile, float]":
    from scoring.quality.profile.reading import profile_pieces

    start = time.process_time()
    return profile_pieces(path, settings, parts), time.process_time() - start


def warm_up(_: int) -> None:
    """Import what the work needs, and wait long enough that the other process gets a turn."""
    import scoring.quality.profile

    assert scoring.quality.profile
    time.sleep(0.5)


def decode(path: Path) -> Callable[[], object]:
    import pyarrow.parquet as pq

    from scoring.quality.profile.reading import pieces, scan

    def work() -> None:
        for piece in pieces(pq.read_metadata(path)):
            scan(path).slice(piece.first_row, piece.rows).collect()

    return work


def arrow(path: Path) -> Callable[[], object]:
    import pyarrow.parquet as pq

    def work() -> None:
        with pq.ParquetFile(path) as file:
            for _ in file.iter_batches(AT_ONCE):
                pass

    return work


def pandas(path: Path) -> Callable[[], object]:
    import pandas as pd

    from scoring.quality.profile.reading import EXAMINED_ROWS

    def work() -> None:
        frame = pd.read_parquet(path)
        share = 1
        while len(frame) > EXAMINED_ROWS * share:
            share *= 2
        sample = frame.sample(len(frame) // share, random_state=0)
        found: list[object] = [frame.describe(include="all")]
        for name, column in frame.items():
            equal = column.eq(column.shift())
            found += [
                column.isna().sum(),
                column.min(),
                column.max(),
                equal.sum(),
                (~equal).cumsum().value_counts().max(),
            ]
            counts = column.value_counts()
            found += [len(counts), counts.head(64), (counts == 1).sum()]
            if column.dtype.kind in "if":
                found += numbers_in_pandas(column, sample[name])
            elif name in {"day", "seen"}:
                found.append(pd.to_datetime(column).dt.to_period("M").value_counts())
            elif name != "flag":
                found += texts_in_pandas(column, sample[name])
        gone = frame.isna().to_numpy(np.float32)
        rows = pd.util.hash_pandas_object(frame, index=False).drop_duplicates()
        found += [gone.T @ gone, rows.nsmallest(20_000)]

    return work


def numbers_in_pandas(column: "pd.Series[Any]", some: "pd.Series[Any]") -> list[object]:
    from scoring.quality.profile.sentinels import NUMBERS

    found: list[object] = [column.mean(), column.var(), (column == 0).sum(), (column < 0).sum(), np.isinf(column).sum()]
    found += [column.quantile([0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]), np.histogram(column.dropna(), bins=32)]
    found += [column[column.isin(list(NUMBERS))].value_counts()]
    sizes = left = some.dropna().abs().to_numpy(float)
    for places in range(16):
        whole = np.rint(left * 10.0**places)
        left = left[whole / 10.0**places != left]
        if places < 10:
            found.append(np.bincount((np.rint(sizes * 10.0**places) % 10).astype(int), minlength=10))
    sizes = sizes[sizes > 0]
    return [*found, np.bincount((sizes / 10 ** np.floor(np.log10(sizes))).astype(int), minlength=10)]


def texts_in_pandas(column: "pd.Series[Any]", some: "pd.Series[Any]") -> list[object]:
    from scoring.quality.profile.looks import BOOLEAN, NUMERIC
    from scoring.quality.profile.sentinels import TEXTS

    lengths = column.str.len()
    found: list[object] = [lengths.describe(), lengths.value_counts(), column[column.isin(list(TEXTS))].value_counts()]
    bare = some.dropna().str.strip()
    found += [bare.str.match(pattern).sum() for pattern in NUMERIC.values()]
    found += [bare.str.lower().isin(BOOLEAN).sum(), (bare != some.dropna()).sum()]
    found += [some.str.count(pattern).sum() for pattern in ("[\u4000-\u9fff]", "[A-Za-z]", "[0-9]", r"\s")]
    return [*found, some.str.fullmatch(r"(.)\1\1+").sum()]


def one_side(name: str, path: Path, cores: int) -> None:
    """Do the work once and print what it cost."""
    if cores == 1:
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    if cores == 2:
        spent = ours_on_two(path)
    else:
        work = {"ours": ours, "decode": decode, "arrow": arrow, "pandas": pandas}[name](path)
        cpu, wall = time.process_time(), time.perf_counter()
        work()
        spent = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**spent, "memory": memory}))


def sides_in_turn(path: Path, sides: dict[str, tuple[str, int]], runs: int) -> dict[str, dict[str, float]]:
    """Medians of each side: (name, cores), 0 cores for as many as there are."""
    found: dict[str, list[dict[str, float]]] = {label: [] for label in sides}
    for _ in range(runs):
        for label, (name, cores) in sides.items():
            command = [sys.executable, __file__, "--side", name, str(path), str(cores)]
            threads = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"} if cores else {}
            spent = measure.process(command, environment={"OPENBLAS_NUM_THREADS": "1", **threads})
            found[label].append(json.loads(spent.output.splitlines()[-1]))
    return {
        label: {what: statistics.median(one[what] for one in all_) for what in ("cpu", "wall", "memory")}
        for label, all_ in found.items()
    }


def main() -> None:
    if sys.argv[1:2] == ["--side"]:
        one_side(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
        return
    if sys.argv[1:2] == ["--make"]:
        make(Path(sys.argv[2]), int(sys.argv[3]))
        return
    asked = measure.options(__doc__)
    rows = 200_000 if asked.quick else 5_000_000
    with tempfile.TemporaryDirectory() as scratch:
        table = Path(scratch) / "table.parquet"
        made_apart(table, rows)
        print(f"{rows} rows x 12 columns, {table.stat().st_size / 1e6:.0f} MB of Parquet")
        spent = sides_in_turn(table, {name: (name, 0) for name in SIDES}, asked.runs)
        for name, one in spent.items():
            print(f"  {name}: {one['cpu']:.2f} CPU-s, {one['wall']:.2f} s, {one['memory']:.0f} MB")
        us, polars, arrow_, pandas_ = (spent[name] for name in SIDES)
        measure.ratio("dataset_profile.decode.cpu", ours=us["cpu"], peer=polars["cpu"], goal="<= 2")
        measure.ratio("dataset_profile.decode.wall", ours=us["wall"], peer=polars["wall"], goal="<= 2", unit="s")
        measure.ratio("dataset_profile.arrow_decode.cpu", ours=us["cpu"], peer=arrow_["cpu"], goal="<= 2")
        measure.ratio("dataset_profile.arrow_decode.wall", ours=us["wall"], peer=arrow_["wall"], goal="<= 2", unit="s")
        measure.ratio("dataset_profile.pandas.cpu", ours=us["cpu"], peer=pandas_["cpu"], goal=">= 5")
        measure.ratio(
            "dataset_profile.pandas.memory", ours=us["memory"], peer=pandas_["memory"], goal=">= 2", unit="MB"
        )
        if asked.quick:
            return
        cores = sides_in_turn(table, {"one": ("ours", 1), "two": ("ours", 2)}, asked.runs)
        one, two = cores["one"], cores["two"]
        print(f"one core {one['wall']:.2f} s, two cores {two['wall']:.2f} s: means little where others compute too")
        measure.ratio("dataset_profile.two_cores", ours=two["cpu"], peer=one["cpu"], goal=">= 1.6")
        table.unlink()
        held = {}
        for size in (1_000_000, 20_000_000):
            made_apart(table, size)
            held[size] = sides_in_turn(table, {"ours": ("ours", 0)}, 3)["ours"]["memory"]
            table.unlink()
        few, many = held.values()
        print(f"peak memory: 1M rows {few:.0f} MB, 20M rows {many:.0f} MB")
        measure.ratio("dataset_profile.flat_memory", ours=many, peer=few, goal="<= 1.2", unit="MB")


if __name__ == "__main__":
    main()
