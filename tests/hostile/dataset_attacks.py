"""The attacks that the rubric of dataset challenges must withstand, as data: what an attacker makes out of honest work.

Each attack is a pure function of what any team has: the honest table it starts from, and the raw bundle of the challenge. The one
exception, `with_hidden_rows`, is told what leaked. `RECORDS` are the attacks on a table, in the order of the table of attacks; those
on texts and annotators are in `text_attacks`. `dataset_arena` hands a table in to a shipped challenge and scores it offline.
"""

import hashlib
import importlib.util
import io
import zipfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

import challenges
from challenges.datasets.items import ITEMS, Item
from scoring.labels import features_of, out_of_fold
from scoring.labels.features import Kind

SHIPPED: Final = Path(challenges.__file__).parent / "shipped"
HONEST: Final = "rule-cleaned"
"""The baseline that attacks start from: what a careful team reaches without touching a label."""
SEED: Final = 7
KNOWN_BEFORE: Final = ("departure_delay_min", "air_time_min", "distance_mi", "carrier", "origin", "destination")
MOMENT: Final = "%Y-%m-%dT%H:%M"
Made = Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame]
"""(honest table, raw bundle) → the attacking table."""


@dataclass(frozen=True, slots=True)
class Attack:
    """One way to score without better data.

    key       its name in tests and figures
    what      what is done, in a sentence
    make      builds the table
    falls     measures that are to give it fewer points than the honest table; one of them at least must
    gate      the gate that is to refuse it; None: its score alone is to be no higher
    adds      it holds records that are not of the raw bundle
    start     what it is compared with: the honest table, or the raw bundle as it came
    """

    key: str
    what: str
    make: Made
    falls: tuple[str, ...] = ()
    gate: str | None = None
    adds: bool = False
    start: Literal["honest", "raw"] = "honest"


def baselines_of(slug: str) -> ModuleType:
    """The script that makes a package's baselines; its folder is no Python package."""
    file = SHIPPED / slug / "baseline/baselines.py"
    spec = importlib.util.spec_from_file_location(f"baselines_of_{slug.replace('-', '_')}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def renamed(table: pl.DataFrame, purpose: str) -> pl.DataFrame:
    """The rows under ids that nobody has yet, of the form that the challenge asks for (a letter, eight hexadecimal digits)."""
    name = table.columns[0]
    ids = [f"{one[0]}{hashlib.sha256(f'{purpose} {one}'.encode()).hexdigest()[:8]}" for one in table[name]]
    return table.with_columns(pl.Series(name, ids))


# Tables: flight records


def exact_copies(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """Every record twice, the second time under another id."""
    return pl.concat([honest, renamed(honest, "copy")])


def near_copies(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """Every record twice, the second time with a minute more in the air."""
    return pl.concat([honest, renamed(honest, "near copy").with_columns(pl.col("air_time_min") + 1)])


def disguised_copies(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """Every record twice, the second time written otherwise: seconds that are nought, other ids, another order."""
    seconds = pl.col("scheduled", "departed") + ":00"
    return pl.concat([renamed(honest, "disguised").with_columns(seconds).reverse(), honest])


def shifted_copies(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """Every record twice, the second time a minute later in all that tells the time, with another flight number."""
    later = [_written(name, pl.duration(minutes=1)) for name in ("scheduled", "departed")]
    other = pl.col("flight_number") % 9000 + 1
    return pl.concat([honest, renamed(honest, "shifted").with_columns(*later, other)])


def offset_copies(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """Every record twice, the second time hours later, minutes longer in the air and with another flight number, each at random."""
    return pl.concat([honest, renamed(_offset(honest), "offset")])


def offset_easy_rows(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """The punctual half of the flights again, hours later, minutes longer in the air and with another flight number."""
    return pl.concat([honest, renamed(_offset(_punctual(honest)), "offset easy")])


def offset_under_free_ids(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """Records that come twice in the raw bundle a second time, moved at random in four columns, under the id that the copy has there."""
    free = _removed(honest, raw)
    flight = ["tail_number", "origin", "destination", "departure_delay_min"]
    copies = free.select(pl.col("record").alias("free"), *flight).cast(
        {flight[-1]: honest.schema[flight[-1]]}, strict=False
    )
    added = honest.join(copies, on=flight, maintain_order="left").unique("free", keep="first", maintain_order=True)
    return pl.concat([honest, _offset(added.with_columns(record=pl.col("free")).select(honest.columns))])


def easy_under_free_ids(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """The punctual flights again, moved at random, under ids of any raw records that were removed."""
    free = _removed(honest, raw)["record"]
    return pl.concat([honest, _offset(_punctual(honest).head(len(free)).with_columns(record=free))])


def _removed(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    return raw.filter(~pl.col("record").is_in(honest["record"].implode()))


def _offset(table: pl.DataFrame) -> pl.DataFrame:
    draw = np.random.default_rng(SEED)
    drawn = {
        name: draw.integers(1, most, table.height) for name, most in (("later", 600), ("longer", 6), ("number", 9000))
    }
    changed = table.with_columns(pl.Series(name, values) for name, values in drawn.items())
    return (
        _moved(changed, pl.duration(minutes="later"))
        .with_columns(pl.col("air_time_min") + pl.col("longer"), pl.col("number").alias("flight_number"))
        .select(table.columns)
    )


def rewritten_copies(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """Every record twice, the second time with two cells, a sixth of all columns, from another record: other columns in each."""
    draw = np.random.default_rng(SEED)
    columns = [name for name in honest.columns if name not in {"record", "outcome"}]
    other = honest[draw.permutation(honest.height)]
    place = draw.random((honest.height, len(columns))).argsort(axis=1)
    written = [
        pl.when(pl.Series((place[:, :2] == at).any(axis=1))).then(other[name]).otherwise(honest[name]).alias(name)
        for at, name in enumerate(columns)
    ]
    return pl.concat([honest, renamed(honest.with_columns(written), "rewritten")])


def easy_rows(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """The punctual half of the flights again a week later, when they would surely have been punctual as well."""
    return pl.concat([honest, renamed(_moved(_punctual(honest), pl.duration(days=7)), "easy")])


def _punctual(honest: pl.DataFrame) -> pl.DataFrame:
    return honest.filter((pl.col("departure_delay_min") < 0) & (pl.col("outcome") == "on-time"))


def _moved(table: pl.DataFrame, by: pl.Expr) -> pl.DataFrame:
    """The flights so much later, unless that may be after the last day that is asked for; then as much earlier."""
    first = pl.col("scheduled").str.to_datetime(MOMENT)
    way = pl.when(first < pl.datetime(2013, 9, 20)).then(by).otherwise(-by)
    return table.with_columns(_written(name, way) for name in ("scheduled", "departed"))


def _written(name: str, later: pl.Expr) -> pl.Expr:
    """A column of moments, each so much later."""
    return (pl.col(name).str.to_datetime(MOMENT) + later).dt.strftime(MOMENT).alias(name)


def raw_again(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """The raw bundle as it came."""
    return raw


def hard_rows_dropped(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """Only what is usual: no long delay, no rare carrier or airport, no late start that was made good, nothing missing."""
    usual = pl.col("departure_delay_min").is_between(-15, 90)
    common = (pl.len().over("carrier") > 100) & (pl.len().over("destination") > 30)
    clear = (pl.col("departure_delay_min") > 15) == (pl.col("outcome") == "late")
    return honest.filter(usual & common & clear & pl.all_horizontal(pl.all().is_not_null()))


def imputed(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """Every empty cell filled: numbers with the mean, codes with the commonest."""
    filled = [
        pl.col(name).fill_null(pl.col(name).mean().round().cast(pl.Int64))
        if kind.is_numeric()
        else pl.col(name).fill_null(pl.col(name).drop_nulls().mode().sort().first())
        for name, kind in honest.schema.items()
    ]
    return honest.with_columns(filled)


def incomplete_columns_dropped(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """Columns that are not full left out, and with them every missing cell."""
    return honest.select(name for name in honest.columns if honest[name].null_count() == 0)


def label_in_a_feature(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """The outcome told by the airport of departure: late flights leave from Newark, all others from elsewhere."""
    elsewhere = pl.when(pl.col("origin") == "EWR").then(pl.lit("JFK")).otherwise("origin")
    told = pl.when(pl.col("outcome") == "late").then(pl.lit("EWR")).otherwise(elsewhere)
    return honest.with_columns(told.alias("origin"))


def relabelled(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """Every label replaced by what models say that have not seen it, so that no model doubts any."""
    return relabelled_by_models(honest, "outcome", KNOWN_BEFORE)


def relabelled_by_models(
    table: pl.DataFrame, label: str, columns: Sequence[str], kinds: Mapping[str, Kind] | None = None
) -> pl.DataFrame:
    classes, _, told = _said_by_models(table, label, columns, kinds)
    return table.with_columns(pl.Series(label, classes).gather(np.argmax(told, axis=1)))


def _said_by_models(
    table: pl.DataFrame, label: str, columns: Sequence[str], kinds: Mapping[str, Kind] | None = None
) -> tuple[list[str], npt.NDArray[np.int32], npt.NDArray[np.floating]]:
    """The classes, the code of each record's label, and what models say that have not seen the record: (n, classes)."""
    classes = sorted(table[label].unique())
    codes = table[label].replace_strict(classes, list(range(len(classes))), return_dtype=pl.Int32).to_numpy()
    return classes, codes, out_of_fold(features_of(table.select(columns), kinds), codes, seed=SEED)


def fabricated(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """As many made-up flights as there are real ones, each a mixture of two with the same outcome, that keep every rule."""
    draw = np.random.default_rng(SEED)
    parts = []
    for outcome in ("late", "on-time"):
        own = honest.filter(pl.col("outcome") == outcome)
        other = own[draw.permutation(own.height)]
        route = other.select("origin", "destination", "distance_mi", "air_time_min", "tail_number")
        parts.append(own.with_columns(route))
    return pl.concat([honest, renamed(pl.concat(parts), "made up").select(honest.columns)])


def numbered_copies(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """Every record twice, and two columns that nobody asked for, which number all of them."""
    return _numbered(pl.concat([honest, renamed(honest, "numbered")]))


def numbered_raw(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """The raw bundle with its copies, and two columns that nobody asked for, which number all records."""
    return _numbered(raw)


def _numbered(table: pl.DataFrame) -> pl.DataFrame:
    number = pl.int_range(pl.len())
    return table.with_columns((number * 7919 % 1_000_003).alias("serial"), (number * 104_729 % 999_983).alias("batch"))


def full_columns(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """Forty columns that nobody asked for and that are full, beside which the empty cells are few."""
    return honest.with_columns(pl.lit("yes").alias(f"checked_{place}") for place in range(40))


RECORDS: Final = (
    Attack("exact-copies", "padding with exact copies", exact_copies, ("Q13",), adds=True),
    Attack("near-copies", "padding with near copies", near_copies, ("Q14",), adds=True),
    Attack("easy-rows", "padding with easy records", easy_rows, ("Q14",), adds=True),
    Attack("raw-again", "the raw bundle handed in", raw_again, ("A8", "Q13", "Q10")),
    Attack("hard-rows-dropped", "hard and rare records dropped", hard_rows_dropped, ("A3",)),
    Attack("imputed", "every gap filled with the mean", imputed),
    Attack("columns-dropped", "incomplete columns deleted", incomplete_columns_dropped, gate="Q2"),
    Attack("label-in-a-feature", "the label told by a feature", label_in_a_feature, ("A8",)),
    Attack("relabelled", "every label replaced by a model's", relabelled),
    Attack("fabricated", "made-up records posing as real", fabricated, adds=True),
    Attack("disguised-copies", "copies written otherwise", disguised_copies, ("Q13",), adds=True),
    Attack("shifted-copies", "copies with moved times and numbers", shifted_copies, ("Q14",), adds=True),
    Attack("offset-copies", "copies with times, minutes and numbers moved at random", offset_copies, ("Q14",), adds=True),
    Attack("offset-easy-rows", "easy records with times, minutes and numbers moved at random", offset_easy_rows, ("Q14",), adds=True),
    Attack("offset-under-free-ids", "raw copies with four columns moved at random", offset_under_free_ids),
    Attack("easy-under-free-ids", "easy records moved at random, under ids of removed ones", easy_under_free_ids, adds=True),
    Attack("rewritten-copies", "copies with a sixth of their columns from others", rewritten_copies, ("Q14",), adds=True),
    Attack("numbered-copies", "copies told apart by columns of their own", numbered_copies, ("Q13",), adds=True),
    Attack("numbered-raw", "copies of the raw bundle told apart by columns of their own", numbered_raw, start="raw"),
    Attack("full-columns", "padding with full columns", full_columns),
)  # fmt: skip
"""Attacks on the challenge flight-records."""


# What takes more than the public files


def with_hidden_rows(honest: pl.DataFrame, leaked: pl.DataFrame, count: int, *, dated: bool) -> pl.DataFrame:
    """The flights of a hidden test that leaked, `count` of them; the days are empty there, and `dated` puts some in their place."""
    taken = leaked.sort("record").head(count).select(honest.columns)
    if dated:
        day = pl.datetime(2013, 9, 1) + pl.duration(hours=pl.int_range(pl.len()) % 600)
        late = pl.duration(minutes=pl.col("departure_delay_min"))
        taken = taken.with_columns(day.alias("scheduled"), (day + late).alias("departed"))
    moments = pl.col("scheduled", "departed").dt.strftime("%Y-%m-%dT%H:%M")
    return pl.concat([honest, taken.with_columns(moments).cast(honest.schema)])


def mined(honest: pl.DataFrame, told: Callable[[pl.DataFrame], float], submissions: int) -> pl.DataFrame:
    """Doubtful labels changed one by one, and kept where the share of wrong labels that is `told` of a submission falls.

    The share is told in steps, so right labels are spoiled first until it has just risen by one: from there on a single label
    of the gold that is mended shows.
    """
    doubtful = _most_doubtful_first(honest)
    share, sure = told(honest), doubtful[::-1]
    few, many, asked = 0, len(sure) // 4, 1
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if told(_flipped(honest, sure[:middle])) > share else (middle, many)
        asked += 1
    edge = _flipped(honest, sure[:many])
    share = told(edge)
    tried = doubtful[: submissions - asked - 2]  # one was for the edge, one is for what comes out of it
    return _flipped(honest, [one for one in tried if told(_flipped(edge, [one])) < share])


def _most_doubtful_first(table: pl.DataFrame) -> list[str]:
    """Ids by what models that have not seen the record say of its other label."""
    _, codes, told = _said_by_models(table, "outcome", KNOWN_BEFORE)
    doubt = told[np.arange(len(codes)), 1 - codes]
    return table["record"].gather(np.argsort(-doubt, kind="stable")).to_list()


def _flipped(table: pl.DataFrame, ids: Sequence[str]) -> pl.DataFrame:
    other = pl.when(pl.col("outcome") == "late").then(pl.lit("on-time")).otherwise(pl.lit("late"))
    return table.with_columns(pl.when(pl.col("record").is_in(ids)).then(other).otherwise("outcome").alias("outcome"))


# Documents


def stuffed(item: Item) -> str:
    """Only the words that an answer would hold: what is asked, again and again, and the names of all items."""
    return f"{item.asks}, {item.title} {item.asks}. " + " ".join(one.title for one in ITEMS)


def nonsense(item: Item) -> str:
    """Words that mean nothing, with a number, a format, a kind, a version, an address and a licence among them."""
    words = (hashlib.sha256(f"{item.key} {place}".encode()).hexdigest()[:7] for place in range(12))
    letters = "".join(words).translate(str.maketrans("0123456789", "ghijklmnop"))
    salad = " ".join(letters[start : start + 7] for start in range(0, len(letters), 7))
    return f"{salad} 100 csv table v1.0 https://example.org CC0-1.0."


def generic(item: Item) -> str:
    """A sentence that is true of any dataset, with the name of the item in it."""
    return f"The {item.title.lower()} of the data is described in detail and is of high quality."


def spoken(item: Item) -> str:
    """Invented words that can be spoken, with all that evidence is taken from: letters cannot tell them from a language."""
    drawn = hashlib.sha256(item.key.encode()).digest()
    words = (
        "".join("bdfklmnprst"[byte % 11] + "aeiou"[byte % 5] for byte in drawn[start : start + 3])
        for start in range(0, 30, 3)
    )
    return f"{' '.join(words)} 100 csv table v1.0 https://example.org CC0-1.0."


def documented(table: bytes, says: Callable[[Item], str], *, without: Collection[str] = ()) -> bytes:
    """A zip with a CSV file and a README that has every heading, and `says` something under each; `without` the items named."""
    text = "".join(f"## {item.title}\n{says(item)}\n" for item in ITEMS if item.key not in without)
    return with_readme(table, text.encode())


def with_readme(table: bytes, readme: bytes) -> bytes:
    """A zip with a CSV file and a README."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("records.csv", table)
        archive.writestr("README.md", readme)
    return held.getvalue()


def readme_of(slug: str, folder: Path) -> bytes:
    """The README of the honest team of a shipped challenge."""
    baselines = baselines_of(slug)
    made = baselines.write(HONEST, baselines.SUBMISSIONS[HONEST](SHIPPED / slug / "public"), folder)
    with zipfile.ZipFile(made) as archive:
        return archive.read("README.md")
