"""The scoring child: ``python -I -m leaderboard.submissions.child CONFIG`` in its slot's folder.

It imports everything first, locks itself, says which guards hold, and then answers requests on its standard input until it
ends: each a JSON object behind four bytes of length, and so each reply. Files come in under ``in/`` and go out under the
folder that the request names. Nothing of this module is imported by the host.
"""

import importlib
import json
import os
import pkgutil
import struct
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

from leaderboard.submissions.lockdown import lock, lock_libraries

HEADER: Final = struct.Struct(">I")
LARGEST_REQUEST: Final = 1 << 20

Operation = Callable[[Path, Path, Mapping[str, Any]], None]
"""(folder with the files, folder for what is made, argument) → nothing: ``report.json`` lies in the second folder."""


def _score(files: Path, out: Path, argument: Mapping[str, Any]) -> None:
    from challenges import run  # after the lock on libraries, as all that is heavy

    run.score(files / "prepared", files / "submission", out, filename=argument["file_name"])


def _check(files: Path, out: Path, argument: Mapping[str, Any]) -> None:
    from challenges import run  # see above

    run.check(files / "prepared", files / "submission", out, filename=argument["file_name"])


def _package(files: Path, out: Path, argument: Mapping[str, Any]) -> None:
    from challenges import run_package  # see above

    run_package.check_and_compile(
        files / "package.zip", out, max_bytes=argument["max_bytes"], max_files=argument["max_files"]
    )


OPERATIONS: Final[Mapping[str, Operation]] = {"score": _score, "check": _check, "package": _package}


def main(config: Mapping[str, Any], operations: Mapping[str, Operation] = OPERATIONS) -> None:
    """Locks this process as ``config`` says and serves until the other end hangs up."""
    requests, replies = _channel()
    source = Path(__file__).parent.parent.parent
    lock_libraries(
        [Path(sys.prefix), Path(sys.base_prefix), *(source / room for room in ("leaderboard", "challenges", "scoring"))]
    )
    warm_up()
    guards = lock(
        uid=config["uid"],
        memory_bytes=config["memory_bytes"],
        file_bytes=config["file_bytes"],
        parent=config["parent"],
    )
    _send(replies, {"guards": [list(guard) for guard in guards]})
    while (request := _receive(requests)) is not None:
        _send(replies, _serve(request, operations))


def _channel() -> tuple[BinaryIO, BinaryIO]:
    """Takes standard input and output away from everything that might read or print."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, replies


def _serve(request: Mapping[str, Any], operations: Mapping[str, Operation]) -> dict[str, Any]:
    try:
        operations[request["operation"]](Path("in"), Path(request["out"]), request["argument"])
    except MemoryError:
        return {"failed": "memory", "detail": ""}
    except Exception as error:  # noqa: BLE001 - the host decides; it gets places, never values: those may be answers
        return {"failed": "broken", "detail": _place(error)}
    return {"failed": None}


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return f"{type(error).__name__} at " + " < ".join(
        f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames)
    )


def _receive(stream: BinaryIO) -> dict[str, Any] | None:
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        return None
    (length,) = HEADER.unpack(header)
    if length > LARGEST_REQUEST:
        return None
    body: dict[str, Any] = json.loads(stream.read(length))
    return body


def _send(stream: BinaryIO, message: Mapping[str, Any]) -> None:
    body = json.dumps(message).encode()
    stream.write(HEADER.pack(len(body)) + body)
    stream.flush()


# What is loaded when first used cannot be loaded behind the lock, so it is used before.

_TABLE = "id,value,label\n" + "".join(f"{row},{row / 10},{'ab'[row % 2]}\n" for row in range(10))
_CODECS = ("utf-8-sig", "gb18030", "utf-16", "latin-1", "cp1252", "idna", "ascii", "unicode_escape")


def warm_up() -> None:
    """Loads every module of ours, and makes the parsers load what they load lazily."""
    for codec in _CODECS:
        "".encode(codec)
    for room in ("scoring", "challenges"):
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            if ".shipped" not in module.name:
                importlib.import_module(module.name)
    _exercise_parsers()


def _exercise_parsers() -> None:
    import polars  # heavy: never at the top of a module of this room
    import pyarrow
    import pyarrow.csv
    import pyarrow.json
    import pyarrow.parquet

    pyarrow.set_cpu_count(1)
    pyarrow.set_io_thread_count(1)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "t.csv").write_text(_TABLE)
        frame = polars.read_csv(place / "t.csv")
        frame.write_parquet(place / "t.parquet")
        frame.write_ndjson(place / "t.jsonl")
        for read in (
            lambda: polars.scan_parquet(place / "t.parquet").collect(),
            lambda: polars.read_ndjson(place / "t.jsonl"),
            lambda: pyarrow.csv.read_csv(place / "t.csv"),
            lambda: pyarrow.json.read_json(place / "t.jsonl"),
            lambda: list(pyarrow.parquet.ParquetFile(place / "t.parquet").iter_batches(4)),
        ):
            read()
        frame.sort("value").group_by("label").agg(polars.len(), polars.col("value").sum())
        frame.join(frame, on="id").filter(polars.col("label").str.contains("^a$"))
        frame.with_columns(polars.col("label").str.strptime(polars.Date, strict=False)).to_arrow()


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
