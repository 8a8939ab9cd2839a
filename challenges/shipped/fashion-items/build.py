"""Makes public/, answers/ and examples.png from Fashion-MNIST (Zalando SE, MIT licence), the same values every time.

    apt-get download dataset-fashion-mnist && dpkg-deb -x dataset-fashion-mnist_*.deb fashion
    python build.py --source fashion/usr/share/datasets/fashion-mnist

Needs numpy, pandas and pyarrow. Every choice that looks random is the order of SHA-256 digests, so no library version can change
it; only the Parquet bytes around the values may differ with another pyarrow (the shipped ones are of pyarrow 26).
"""

import argparse
import gzip
import hashlib
import struct
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent
SALT = "fashion-items/1"  # in a contest for a prize this would be a secret, kept beside the answers
CLASSES = ["t-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle-boot"]
SIDE = 28
TRAIN_PER_CLASS = 600
TEST_PER_CLASS = 400
PUBLIC_SHARE = 0.3


def digest(purpose: str, key: object) -> str:
    """A hexadecimal digest that only the salt, the purpose and the key decide."""
    return hashlib.sha256(f"{SALT}/{purpose}/{key}".encode()).hexdigest()


def idx(path: Path, header: int) -> np.ndarray:
    """The bytes of a gzipped IDX file after its header (16 bytes for images, 8 for labels)."""
    return np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8, offset=header)


def drawn(source: Path, part: str, per_class: int, taken: set[bytes]) -> tuple[np.ndarray, pd.DataFrame]:
    """per_class images of every class, none equal to one in `taken` (which grows): pixels (n, 784) and labels with digests."""
    pixels = idx(source / f"{part}-images-idx3-ubyte.gz", 16).reshape(-1, SIDE * SIDE)
    rows = pd.DataFrame({"code": idx(source / f"{part}-labels-idx1-ubyte.gz", 8)})
    rows["rank"] = [digest(part, row) for row in rows.index]
    chosen, counts = [], dict.fromkeys(range(len(CLASSES)), 0)
    for row, code in rows.sort_values("rank").code.items():
        image = pixels[row].tobytes()
        if counts[code] < per_class and image not in taken:
            taken.add(image)
            counts[code] += 1
            chosen.append(row)
    return pixels[chosen], pd.DataFrame(
        {
            "id": ["i" + digest("id", f"{part}/{row}")[:8] for row in chosen],
            "label": [CLASSES[code] for code in rows.code[chosen]],
        }
    )


def usage(labels: pd.DataFrame) -> pd.Series:
    """`public` for PUBLIC_SHARE of the images of each class, `private` for the others."""
    ranked = labels.assign(rank=[digest("usage", name) for name in labels.id]).sort_values("rank")
    first = ranked.groupby("label").cumcount() < TEST_PER_CLASS * PUBLIC_SHARE
    return first.map({True: "public", False: "private"}).reindex(labels.index)


def write(columns: dict[str, object], path: str) -> None:
    """Parquet of plain columns; `image` is a fixed-size list of 784 bytes, row by row from the top left."""
    if "image" in columns:
        columns = {
            **columns,
            "image": pa.FixedSizeListArray.from_arrays(pa.array(columns["image"].ravel()), SIDE * SIDE),
        }
    (HERE / path).parent.mkdir(exist_ok=True)
    pq.write_table(pa.table(columns), HERE / path, compression="zstd", compression_level=19, use_dictionary=False)


def contact_sheet(pixels: np.ndarray, labels: pd.DataFrame, across: int = 16) -> bytes:
    """A grey PNG: one row of training images per class, dark on light."""
    rows = [
        np.hstack(list(pixels[labels.index[labels.label == name][:across]].reshape(-1, SIDE, SIDE))) for name in CLASSES
    ]
    sheet = 255 - np.vstack(rows)
    height, width = sheet.shape
    lines = np.hstack([np.zeros((height, 1), np.uint8), sheet]).tobytes()
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(lines, 9)),
        (b"IEND", b""),
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def main() -> None:
    """Reads the four source files and writes every data file of the package."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=Path, required=True, help="the folder with the four idx-ubyte.gz files")
    source = parser.parse_args().source
    taken: set[bytes] = set()
    pixels, labels = drawn(source, "train", TRAIN_PER_CLASS, taken)
    write({"image": pixels, "label": labels.label}, "public/train.parquet")
    (HERE / "public/examples.png").write_bytes(contact_sheet(pixels, labels))
    pixels, labels = drawn(source, "t10k", TEST_PER_CLASS, taken)
    if not labels.id.is_unique:
        raise SystemExit("two ids collide: choose another salt or longer ids")
    order = labels.sort_values("id").index
    labels = labels.loc[order].reset_index(drop=True)
    write({"id": labels.id, "image": pixels[order]}, "public/test.parquet")
    sample = pd.DataFrame({"id": labels.id, "label": [CLASSES[row % len(CLASSES)] for row in labels.index]})
    sample.to_csv(HERE / "public/sample_submission.csv", index=False, lineterminator="\n")
    write({"id": labels.id, "label": labels.label, "usage": usage(labels)}, "answers/answers.parquet")


if __name__ == "__main__":
    main()
