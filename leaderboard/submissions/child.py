"""The scoring child: ``python -I -m leaderboard.submissions.child CONFIG`` in its slot's folder.

It imports everything first, locks itself, says which guards hold, and then answers requests on its standard input until it
ends: each a JSON object behind four bytes of length, and so each reply; steps of long work are told before it. Files come in under ``in/`` and go out under the
folder that the request names. Nothing of this module is imported by the host.
"""

import importlib
import json
import os
import struct
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final

from leaderboard.submissions.lockdown import lock, lock_libraries
from leaderboard.submissions.warmth import warm_up

HEADER: Final = struct.Struct(">I")
LARGEST_REQUEST: Final = 1 << 20

Tell = Callable[[str], None]
"""Says which step of the work begins."""
Operation = Callable[[Path, Path, Mapping[str, Any], Tell], None]
"""(folder with the files, folder for what is made, argument, who hears of steps) → nothing: ``report.json`` lies in the second
folder."""


def _score(files: Path, out: Path, argument: Mapping[str, Any], tell: Tell) -> None:
    name = argument["file_name"]
    _late("challenges.run").score(files / "prepared", files / "submission", out, filename=name, progress=tell)


def _check(files: Path, out: Path, argument: Mapping[str, Any], tell: Tell) -> None:
    name = argument["file_name"]
    _late("challenges.run").check(files / "prepared", files / "submission", out, filename=name, progress=tell)


def _package(files: Path, out: Path, argument: Mapping[str, Any], tell: Tell) -> None:  # noqa: ARG001
    _late("challenges.run_package").check_and_compile(
        files / "package.zip", out, max_bytes=argument["max_bytes"], max_files=argument["max_files"]
    )


def _measure(files: Path, out: Path, argument: Mapping[str, Any], tell: Tell) -> None:
    _late("challenges.measuring").measure(
        files / "data", out, filename=argument["file_name"], roles=argument["roles"],
        with_report=argument["report"], with_preview=argument["preview"], progress=tell,
    )  # fmt: skip


def _sample(files: Path, out: Path, argument: Mapping[str, Any], tell: Tell) -> None:  # noqa: ARG001
    _late("challenges.sampling").draw(files / "data", out, filename=argument["file_name"], **argument["drawn"])


def _late(module: str) -> Any:
    """What is heavy is loaded after the first lock, so that its threads are born behind it."""
    return importlib.import_module(module)


OPERATIONS: Final[Mapping[str, Operation]] = {
    "score": _score,
    "check": _check,
    "package": _package,
    "measure": _measure,
    "sample": _sample,
}


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
        _send(replies, _serve(request, operations, lambda step: _send(replies, {"step": step})))


def _channel() -> tuple[BinaryIO, BinaryIO]:
    """Takes standard input and output away from everything that might read or print."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, replies


def _serve(request: Mapping[str, Any], operations: Mapping[str, Operation], tell: Tell) -> dict[str, Any]:
    try:
        operations[request["operation"]](Path("in"), Path(request["out"]), request["argument"], tell)
    except MemoryError:
        return {"failed": "memory", "detail": ""}
    except Exception as error:  # noqa: BLE001 - the host decides; it gets places, never values: those may be answers
        return {"failed": "broken", "detail": _place(error)}
    return {"failed": None}


def _place(error: BaseException) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "importlib" not in frame.filename]
    return f"{type(error).__name__} at " + " < ".join(
        f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-8:])
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


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
