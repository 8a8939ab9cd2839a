"""A small dataset challenge whose right answers are known, and submissions of known quality for it."""

import csv
import io
import random
from collections.abc import Iterable, Sequence
from math import exp
from pathlib import Path

DEFINITION = """
format = "jiebang/1"
slug = "{slug}"
version = "1.0.0"
kind = "dataset"
sector = "manufacturing"
task = "data-cleaning"
modality = ["table"]
[title]
en = "Clean the readings"
zh = "清洗读数"
[summary]
en = "Mend what is wrong in the readings."
zh = "修正读数中的错误。"
[data]
licence = "CC0-1.0"
source = "Made for a test"
personal = "none"
[[data.files]]
path = "public/raw.csv"
role = "raw"
[[data.files]]
path = "public/schema.json"
role = "metadata"
[submission]
max_mb = 5
[dataset]
raw = "public/raw.csv"
table_schema = "public/schema.json"
classes = ["0", "1"]
strata = {{ site = 3 }}
[dataset.roles]
id = "part"
label = "faulty"
[dataset.hidden]
test = "answers/test.csv"
gold = "answers/gold.csv"
canaries = "answers/canaries.csv"
curated = "answers/curated.csv"
[dataset.utility]
target = "faulty"
metric = "roc_auc"
refits = 10
[limits]
per_day = {per_day}
total = 200
zone = "{zone}"
[[phases]]
key = "open"
opens = 2026-01-01T09:00:00+08:00
closes = {closes}
"""
SCHEMA = """{"fields": [
 {"name": "part", "type": "string", "constraints": {"required": true, "unique": true}},
 {"name": "site", "type": "string", "constraints": {"enum": ["north", "south", "west"]}},
 {"name": "heat", "type": "number", "constraints": {"minimum": -50, "maximum": 200}},
 {"name": "load", "type": "number"}, {"name": "speed", "type": "number"}, {"name": "wear", "type": "number"},
 {"name": "faulty", "type": "integer", "constraints": {"enum": [0, 1]}}],
 "primaryKey": ["part"]}"""
HEAD = ("part", "site", "heat", "load", "speed", "wear", "faulty")
ROWS, TEST_ROWS, COPIES = 1500, 1500, 90
Row = tuple[str, ...]


def curated(rows: int = ROWS, seed: int = 1, prefix: str = "p") -> list[Row]:
    """Readings whose label follows from them with some chance."""
    draw = random.Random(seed)
    found = []
    for number in range(rows):
        heat, load, speed, wear = (draw.gauss(0, 1) for _ in range(4))
        chance = 1 / (1 + exp(-(2.2 * load + 1.6 * wear - 1.2 * heat * (speed > 0))))
        label = int(draw.random() < chance)
        site = draw.choice(("north", "south", "west"))
        found.append(
            (
                f"{prefix}{number}",
                site,
                f"{60 + 12 * heat:.2f}",
                f"{load:.4f}",
                f"{speed:.4f}",
                f"{wear:.4f}",
                str(label),
            )
        )
    return found


def raw(noise: float = 0.25, copies: int = COPIES, empty: float = 0.03, seed: int = 2) -> list[Row]:
    """The curated readings with wrong labels, empty cells and copies."""
    draw = random.Random(seed)
    rows = []
    for part, site, heat, load, speed, wear, label in curated():
        wrong = str(1 - int(label)) if draw.random() < noise else label
        rows.append((part, site, heat, "" if draw.random() < empty else load, speed, wear, wrong))
    rows += [(f"c{number}", *draw.choice(rows)[1:]) for number in range(copies)]
    return rows


def written(rows: Iterable[Sequence[str]], head: Sequence[str] = HEAD) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    return text.getvalue().encode()


def package_folder(folder: Path, slug: str = "readings", **words: object) -> Path:
    """Writes the package; `words` go into the definition."""
    values = {"per_day": 5, "zone": "Asia/Shanghai", "closes": "2027-02-28T18:00:00+08:00", **words}
    for place in ("public", "answers"):
        (folder / place).mkdir(parents=True)
    (folder / "challenge.toml").write_text(DEFINITION.format(slug=slug, **values), "utf-8")
    for locale in ("en", "zh"):
        (folder / f"README.{locale}.md").write_text("# Readings\n\nMend them.\n", "utf-8")
    (folder / "public/raw.csv").write_bytes(written(raw()))
    (folder / "public/schema.json").write_text(SCHEMA, "utf-8")
    (folder / "answers/curated.csv").write_bytes(written(curated()))
    (folder / "answers/test.csv").write_bytes(written(curated(TEST_ROWS, 9, "t")))
    gold = random.Random(3).sample(curated(), 200)
    (folder / "answers/gold.csv").write_bytes(written([(row[0], row[6]) for row in gold], ("part", "faulty")))
    canaries = random.Random(4).sample(curated(), 40)
    (folder / "answers/canaries.csv").write_bytes(written([(row[0],) for row in canaries], ("part",)))
    return folder
