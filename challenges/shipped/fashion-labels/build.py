"""Makes public/ and answers/ from Fashion-MNIST (Zalando SE, MIT licence), the same values every time.

    apt-get download dataset-fashion-mnist && dpkg-deb -x dataset-fashion-mnist_*.deb fashion
    python build.py --source fashion/usr/share/datasets/fashion-mnist

Needs numpy and polars, and the folder fashion-items beside this one, whose images are left out. Every choice that looks random is a
SHA-256 digest, so no library version can change it; only the Parquet bytes around the values may differ with another polars (the
shipped ones are of polars 2.1).
"""

import argparse
import gzip
import hashlib
import json
from pathlib import Path

import numpy as np
import polars as pl

HERE = Path(__file__).parent
SALT = "fashion-labels/1"  # in a contest for a prize this would be a secret, kept beside the answers
CLASSES = ["t-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle-boot"]
SIDE = 28
RAW_PER_CLASS, TEST_PER_CLASS = 190, 130
GOLD, CANARIES, COPIES = 300, 40, 120
ANY_OTHER, LIKE_ONE = 0.10, 0.10  # shares of labels replaced by any other class; of shirts and t-shirts by each other
OTHER_SPELLING = 0.06  # "Ankle Boot" for "ankle-boot"
LIKE = {"shirt": "t-shirt", "t-shirt": "shirt"}


def digest(purpose: str, key: object) -> str:
    """A hexadecimal digest that only the salt, the purpose and the key decide."""
    return hashlib.sha256(f"{SALT}/{purpose}/{key}".encode()).hexdigest()


def chance(purpose: str, key: object) -> float:
    """A number from 0 to 1 that looks drawn evenly."""
    return int(digest(purpose, key)[:13], 16) / 16**13


def idx(path: Path, header: int) -> np.ndarray:
    """The bytes of a gzipped IDX file after its header (16 bytes for images, 8 for labels)."""
    return np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8, offset=header)


def elsewhere() -> set[bytes]:
    """The images of the challenge fashion-items: none of them is used here."""
    files = [HERE.parent / f"fashion-items/public/{part}.parquet" for part in ("train", "test")]
    return {image.tobytes() for file in files for image in pl.read_parquet(file)["image"].to_numpy()}


def drawn(source: Path, part: str, per_class: int, taken: set[bytes]) -> pl.DataFrame:
    """per_class images of every class, none equal to one in `taken` (which grows): id, image, label, by id."""
    pixels = idx(source / f"{part}-images-idx3-ubyte.gz", 16).reshape(-1, SIDE * SIDE)
    codes = idx(source / f"{part}-labels-idx1-ubyte.gz", 8)
    chosen, counts = list[int](), [0] * len(CLASSES)
    for row in sorted(range(len(codes)), key=lambda row: digest(part, row)):
        image = pixels[row].tobytes()
        if counts[codes[row]] < per_class and image not in taken:
            taken.add(image)
            counts[codes[row]] += 1
            chosen.append(row)
    return pl.DataFrame(
        {
            "id": ["i" + digest("id", f"{part}/{row}")[:8] for row in chosen],
            "image": pl.Series(pixels[chosen], dtype=pl.Array(pl.UInt8, SIDE * SIDE)),
            "label": [CLASSES[code] for code in codes[chosen]],
        }
    ).sort("id")


def with_fingerprints(images: pl.DataFrame) -> pl.DataFrame:
    """The images with the column `picture`: what tells from an image alone that it is the same."""
    prints = [hashlib.sha256(image.tobytes()).hexdigest()[:10] for image in images["image"].to_numpy()]
    return images.with_columns(pl.Series("picture", prints))


def given(name: str, label: str) -> str:
    """The label as the raw table has it: right, like the right one, or any other."""
    if chance("any other", name) < ANY_OTHER:
        others = [one for one in CLASSES if one != label]
        return others[int(chance("which", name) * len(others))]
    if label in LIKE and chance("like one", name) < LIKE_ONE:
        return LIKE[label]
    return label


def spelt(name: str, label: str) -> str:
    """The label as somebody else would have written it, in a few cases."""
    return label.replace("-", " ").title() if chance("spelling", name) < OTHER_SPELLING else label


def raw_bundle(named: pl.DataFrame, canaries: list[str], gold: list[str]) -> pl.DataFrame:
    """The labels with their faults, canaries without; and a second line with a label of its own for COPIES pictures."""
    lines = [
        (name, picture, label if name in canaries else spelt(name, given(name, label)))
        for name, picture, label in named.iter_rows()
    ]
    free = [row for row in named.iter_rows() if row[0] not in canaries and row[0] not in gold]
    for name, picture, label in sorted(free, key=lambda row: digest("copy", row[0]))[:COPIES]:
        copy = "i" + digest("copy id", name)[:8]
        lines.append((copy, picture, spelt(copy, given(copy, label))))
    return pl.DataFrame(lines, schema=["id", "picture", "label"], orient="row").sort(pl.col("id").str.slice(1))


def rare(right: pl.DataFrame) -> list[str]:
    """CANARIES images that lie far from the mean of their class: unusual, and right."""
    pixels = right["image"].to_numpy().astype(np.float64)
    labels = right["label"].to_numpy()
    far = np.zeros(len(right))
    for name in CLASSES:
        own = labels == name
        far[own] = np.square(pixels[own] - pixels[own].mean(axis=0)).sum(axis=1)
        far[own] /= far[own].mean()
    return [right["id"][int(row)] for row in np.argsort(-far, kind="stable")[:CANARIES]]


def schema() -> dict[str, object]:
    """The Table Schema that submissions are held against."""
    return {
        "fields": [
            {"name": "id", "type": "string", "description": "Names the line.", "constraints": {"required": True, "pattern": "[a-z][0-9a-f]{8}", "unique": True}},
            {"name": "picture", "type": "string", "description": "Names the pixels.", "constraints": {"required": True, "pattern": "[0-9a-f]{10}"}},
            {"name": "label", "type": "string", "description": "The kind of article.", "constraints": {"required": True, "enum": CLASSES}},
        ],
        "primaryKey": ["id"],
        "missingValues": [""],
    }  # fmt: skip


def write(frame: pl.DataFrame, path: str) -> None:
    """CSV or Parquet, by the name."""
    target = HERE / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.suffix == ".csv":
        frame.write_csv(target, line_terminator="\n")
    else:
        frame.write_parquet(target, compression="zstd", compression_level=22, statistics=False)


def main() -> None:
    """Reads the four source files and writes every data file of the package."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=Path, required=True, help="the folder with the four idx-ubyte.gz files")
    source = parser.parse_args().source
    taken = elsewhere()
    right, test = drawn(source, "train", RAW_PER_CLASS, taken), drawn(source, "t10k", TEST_PER_CLASS, taken)
    if not pl.concat([right["id"], test["id"]]).is_unique().all():
        raise SystemExit("two ids collide: choose another salt or longer ids")
    right, test = with_fingerprints(right), with_fingerprints(test)
    named = right.select("id", "picture", "label")
    canaries = rare(right)
    gold = sorted(set(named["id"]) - set(canaries), key=lambda name: digest("gold", name))[:GOLD]
    raw = raw_bundle(named, canaries, gold)
    shown = raw.join(right.select("picture", "image"), on="picture", how="left", maintain_order="left").select(
        "id", "image"
    )
    write(raw, "public/raw/labels.csv")
    write(shown, "public/pixels.parquet")
    write(pl.concat([shown, test.select("id", "image")]), "answers/pixels.parquet")
    (HERE / "public/schema.json").write_text(json.dumps(schema(), indent=2) + "\n", "utf-8")
    write(test.select("id", "picture", "label"), "answers/test.parquet")
    write(named, "answers/curated.parquet")
    write(named.filter(pl.col("id").is_in(gold)).select("id", "label"), "answers/gold.parquet")
    write(pl.DataFrame({"id": sorted(canaries)}), "answers/canaries.parquet")


if __name__ == "__main__":
    main()
