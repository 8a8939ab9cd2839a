"""What the scoring child loads and tries out before it is locked: behind the lock nothing can be loaded any more.

Libraries load parts of themselves when they are first used, and which part is first used depends on the file. So everything
that our parsers can reach is imported, and a small challenge of every column type is prepared and scored on files of every
format, good and bad. All data here is ours.
"""

import gzip
import importlib
import io
import pkgutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

CODECS: Final = (
    "utf-8-sig", "gb18030", "utf-16", "latin-1", "cp1252", "idna", "ascii", "unicode_escape", "punycode",
    "utf-32-le", "utf-32", "gbk", "big5",
)  # fmt: skip
NUMPY: Final = ("linalg", "fft", "dtypes", "random", "polynomial", "ma", "ctypeslib", "exceptions", "lib.format", "rec")
UNUSED: Final = (".testing", ".cloud", ".delta", ".iceberg", ".ml", ".spreadsheet", ".gpu", ".shipped", ".starter")
OTHERS: Final = (
    "concurrent.futures.thread", "csv", "ctypes.util", "dataclasses", "difflib", "html", "json", "logging.handlers",
    "multiprocessing", "pickle", "pyarrow.compute", "pyarrow.csv", "pyarrow.dataset", "pyarrow.feather", "pyarrow.json",
    "pyarrow.parquet", "queue", "shutil", "sklearn.gaussian_process", "sklearn.multiclass", "subprocess", "unicodedata", "uuid", "zoneinfo",
)  # fmt: skip

_DEFINITION: Final = """
format = "jiebang/1"
slug = "warm-up"
version = "1.0.0"
kind = "prediction"
sector = "commerce"
task = "binary-classification"
modality = ["table"]
title = { en = "Warm-up", zh = "预热" }
summary = { en = "Nobody sees this.", zh = "不会展示。" }
[data]
licence = "CC0-1.0"
source = "made here"
personal = "none"
[[data.files]]
path = "public/train.csv"
role = "train"
[submission]
formats = ["csv", "tsv", "jsonl", "parquet"]
id = "id"
[[submission.columns]]
name = "p"
type = "probability"
[[submission.columns]]
name = "n"
type = "number"
[[submission.columns]]
name = "c"
type = "class"
classes = ["x", "y", "z"]
[answers]
path = "answers/truth.csv"
truth = ["late", "amount", "kind"]
split = { public = 0.5, seed = 1 }
[[scores]]
key = "auc"
metric = "roc_auc"
truth = "late"
prediction = "p"
[[scores]]
key = "mae"
metric = "mae"
truth = "amount"
prediction = "n"
[[scores]]
key = "f1"
metric = "f1_macro"
truth = "kind"
prediction = "c"
"""


def warm_up() -> None:
    """Imports and exercises; takes a few seconds of one core."""
    for codec in CODECS:
        "".encode(codec)
    for module in (*OTHERS, *(f"numpy.{part}" for part in NUMPY)):
        importlib.import_module(module)
    for package in ("polars", "scoring", "challenges"):
        _import_all(package)
    arrow = importlib.import_module("pyarrow")
    arrow.set_cpu_count(1)
    arrow.set_io_thread_count(1)
    _exercise_measures()
    with tempfile.TemporaryDirectory() as folder:
        _exercise(Path(folder))


def _import_all(name: str) -> None:
    package = importlib.import_module(name)
    for module in pkgutil.walk_packages(package.__path__, f"{name}.", onerror=lambda _name: None):
        if not any(part in f"{module.name}." for part in (f"{unused}." for unused in UNUSED)):
            importlib.import_module(module.name)


def _exercise(folder: Path) -> None:
    challenges, run = importlib.import_module("challenges"), importlib.import_module("challenges.run")
    package = folder / "package"
    (package / "answers").mkdir(parents=True)
    (package / "public").mkdir()
    (package / "challenge.toml").write_text(_DEFINITION, "utf-8")
    for locale in ("en", "zh"):
        (package / f"README.{locale}.md").write_text("# Warm-up\n", "utf-8")
    rows = [f"{row},{row % 2},{row / 3:.3f},{'xyz'[row % 3]}\n" for row in range(60)]
    (package / "public/train.csv").write_text("id\n1\n")
    (package / "answers/truth.csv").write_text("id,late,amount,kind\n" + "".join(rows))
    prepared = folder / "prepared"
    challenges.prepare(challenges.load(package), prepared)
    for number, (name, data) in enumerate(_files()):
        out = folder / f"out-{number}"
        out.mkdir()
        submission = folder / f"submission-{number}"
        submission.write_bytes(data)
        run.score(prepared, submission, out, filename=name)


def _exercise_measures() -> None:
    """What measures of datasets load when they first run, which is little: a whole assessment would take many seconds."""
    pl, personal = importlib.import_module("polars"), importlib.import_module("scoring.quality.personal")
    texts = pl.Series(["身份证11010519491231002X，电话13800138000", "a@example.com 粤B12345", "4111111111111111 好的"])
    personal.mask(texts, personal.find(texts))
    importlib.import_module("PIL.Image").init()
    importlib.import_module("scoring.quality.sectors").listed()


def _files() -> Iterator[tuple[str, bytes]]:
    """Files of every format and encoding that is taken, and with every kind of fault."""
    head = "id,p,n,c\n"
    good = head + "".join(f"{row},{row % 7 / 7:.3f},{row / 3:.2f},{'xyz'[row % 3]}\n" for row in range(60))
    bad = 'id,p,m,c\n0,2,a,x\n0,-1,b,w\n1,NaN,inf,\n,0.5,1,y\n999,0.5,1,z\n2,0.5\n3,0.5,1,x,9\n"4,0.5'
    for text in (good, good.replace("0.143", "1e400"), bad, head, "", "\n", "一,二\n甲,乙\n"):
        yield "f.csv", text.encode()
    yield "f.csv", b"\xef\xbb\xbf" + good.encode()
    yield "f.csv", good.replace("x\n", "西\n").encode("gb18030")
    yield "f.csv", good.encode("utf-16")
    yield "f.csv", b"\x00\xff\xfe,\x80\n" * 9
    yield "f.tsv", good.replace(",", "\t").encode()
    yield "f.csv", good.replace(",", ";").replace("\n", "\r\n").encode()
    yield "f.csv.gz", gzip.compress(good.encode())
    yield "f.csv.gz", gzip.compress(good.encode())[:40]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("f.csv", good)
    yield "f.zip", packed.getvalue()
    yield "f.zip", packed.getvalue()[:50]
    yield from _tables(good)


def _tables(good: str) -> Iterator[tuple[str, bytes]]:
    pl = importlib.import_module("polars")
    frame = pl.read_csv(io.BytesIO(good.encode()))
    lists = frame.with_columns(pl.lit([1, 2]).alias("n"), pl.col("id").cast(pl.Float64))
    writers: tuple[tuple[str, Callable[[Any, io.BytesIO], Any]], ...] = (
        ("f.parquet", lambda table, file: table.write_parquet(file)),
        ("f.jsonl", lambda table, file: table.write_ndjson(file)),
    )
    for name, write in writers:
        for table in (frame, frame.drop("n"), lists, frame.head(0)):
            file = io.BytesIO()
            write(table, file)
            yield name, file.getvalue()
        yield name, file.getvalue()[:-7] or b"{"
    yield "f.jsonl", b'{"id": 1}\n{"id": [}\nnull\n'
