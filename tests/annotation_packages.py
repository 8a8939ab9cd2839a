"""A small annotation challenge whose right labels are known, and files of labels by simulated annotators for it."""

from collections.abc import Sequence
from pathlib import Path

from challenges import annotation_run
from challenges.annotation_preparation import prepare
from challenges.annotation_report import NAME
from challenges.package import load
from scoring.agreement.simulate import Annotator, average, biased, careful, constant, copying, hasty
from tests.challenges.annotation.jobs import CLASSES, handed, ids, table, truth_of

DEFINITION = """
format = "jiebang/1"
slug = "{slug}"
version = "1.0.0"
kind = "annotation"
sector = "commerce"
task = "data-labelling"
modality = ["table"]
[title]
en = "What is in the wardrobe?"
zh = "衣橱里有什么?"
[summary]
en = "Say of each picture what it shows."
zh = "说出每张图片里是什么。"
[data]
licence = "CC0-1.0"
source = "Made for a test"
personal = "none"
[[data.files]]
path = "public/items.csv"
role = "test"
[submission]
max_mb = 5
[annotation]
items = "public/items.csv"
per_item = 3
cost = 0.5
[annotation.labels]
classes = ["shirt", "coat", "dress", "shoe"]
seconds = "seconds"
[annotation.gold]
path = "answers/gold.csv"
public = 0.5
seed = 3
[annotation.inspection]
sample = 150
accept = 0.9
[limits]
per_day = {per_day}
total = 200
zone = "{zone}"
[[phases]]
key = "open"
opens = 2026-01-01T09:00:00+08:00
closes = {closes}
"""
ITEMS, GOLD = 600, 400
K = len(CLASSES)
MIXED = (careful(K), careful(K), average(K), average(K), hasty(K), biased(K, 1), constant(K, 2), copying(K, 4, 0.95))
"""Two who are good, two as usual, and one each who is hasty, leans to coats, says always dress, and copies the hasty one."""
ALIKE = (average(K),) * 6
"""Six who are as usual and work apart."""
MANY = (average(K),) * 90
"""So many that none of them has labelled many gold items."""
STRANGE = "=<b>d"
"""A name that a page must escape, and a table too."""


def labels(annotators: Sequence[Annotator] = MIXED, *, per_item: int = 4, seed: int = 1) -> bytes:
    """The file that these annotators hand in, by the names a0, a1 …"""
    return handed(truth_of(ITEMS), annotators, per_item=per_item, seed=seed).write_csv().encode()


def unanimous() -> bytes:
    """The file of three who say all the same, rightly, of every item, and of `STRANGE`, who saw one item only."""
    names = ids(ITEMS)
    rows = [(name, who, CLASSES[i]) for name, i in zip(names, truth_of(ITEMS), strict=True) for who in ("a", "b", "c")]
    rows.append((names[0], STRANGE, CLASSES[truth_of(ITEMS)[0]]))
    return (
        table(
            item=[r[0] for r in rows],
            annotator=[r[1] for r in rows],
            label=[r[2] for r in rows],
            seconds=[""] * len(rows),
        )
        .write_csv()
        .encode()
    )


def package_folder(folder: Path, slug: str = "wardrobe", **words: object) -> Path:
    """Writes the package; `words` go into the definition."""
    values = {"per_day": 5, "zone": "Asia/Shanghai", "closes": "2027-02-28T18:00:00+08:00", **words}
    for place in ("public", "answers"):
        (folder / place).mkdir(parents=True)
    (folder / "challenge.toml").write_text(DEFINITION.format(slug=slug, **values), "utf-8")
    for locale in ("en", "zh"):
        (folder / f"README.{locale}.md").write_text("# Wardrobe\n\nLabel them.\n", "utf-8")
    names, truth = ids(ITEMS), truth_of(ITEMS)
    table(item=names, picture=[f"{name}.png" for name in names]).write_csv(folder / "public/items.csv")
    chosen = sorted(range(ITEMS), key=lambda i: i * 4099 % ITEMS)[:GOLD]
    gold = table(item=[names[i] for i in chosen], label=[CLASSES[truth[i]] for i in chosen])
    gold.write_csv(folder / "answers/gold.csv")
    return folder


def report_file(folder: Path, annotators: Sequence[Annotator] = MIXED) -> Path:
    """What the scoring child would find about the labels of these annotators: the file, somewhere below an empty `folder`."""
    prepared, out, file = folder / "prepared", folder / "out", folder / "labels.csv"
    prepare(load(package_folder(folder / "package")), prepared)
    out.mkdir()
    file.write_bytes(labels(annotators))
    annotation_run.run(prepared, file, out, file.name, scoring=True)
    return out / NAME
