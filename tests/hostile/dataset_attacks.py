"""The attacks that the rubric of dataset challenges must withstand, as data: what an attacker makes out of honest work.

Each attack is a pure function of what any team has: the honest table it starts from, and the raw bundle of the challenge. The one
exception, `with_hidden_rows`, is told what leaked. `RECORDS` and `REVIEWS` are the attacks on a table and on texts, in the order
of the table of attacks; `Arena` hands a table in to a shipped challenge, with honest documentation, and scores it offline.
"""

import hashlib
import importlib.util
import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from math import isclose
from pathlib import Path
from types import ModuleType
from typing import Final, Literal, Self

import numpy as np
import numpy.typing as npt
import polars as pl

import challenges
from challenges import kept_utility
from challenges.dataset_plan import DatasetPlan
from challenges.dataset_preparation import asked_schema, typed, yardstick
from challenges.datasets import open_dataset
from challenges.datasets.items import ITEMS, Item
from challenges.plan import SPLITS
from challenges.quality import MeasureFound, QualityReport
from challenges.report import Report
from challenges.run import score
from scoring.labels import features_of, out_of_fold
from scoring.labels.features import Kind
from scoring.quality.checks import CHECKS
from scoring.quality.evidence import Evidence, Roles
from scoring.quality.measures import labels
from scoring.quality.reference import Reference
from scoring.quality.rubric import Points, judge
from scoring.utility import Utility, compare, measure, usefulness

SHIPPED: Final = Path(challenges.__file__).parent / "shipped"
HONEST: Final = "rule-cleaned"
"""The baseline that attacks start from: what a careful team reaches without touching a label."""
SEED: Final = 7
KNOWN_BEFORE: Final = ("departure_delay_min", "air_time_min", "distance_mi", "carrier", "origin", "destination")
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
    start     what it is compared with: the honest table, or the raw bundle as it came
    """

    key: str
    what: str
    make: Made
    falls: tuple[str, ...] = ()
    gate: str | None = None
    start: Literal["honest", "raw"] = "honest"


@dataclass(frozen=True, slots=True)
class Gain:
    """Points of the private composite that an attack wins over what it starts from: below 0 it loses.

    `low` and `high` are the 95 % interval of the paired difference in usefulness, carried through the rubric. All else is counted, or
    stands on the same gold, and has no error of its own.
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Judged:
    """A scored submission. `scores` by score and split, empty where it was refused; `utility` is that on the private split, `labels`
    the points of A6 by the private gold.
    """

    report: Report
    quality: QualityReport | None
    scores: Mapping[tuple[str, str], float]
    utility: Utility | None = None
    labels: float | None = None

    def measure(self, key: str) -> MeasureFound | None:
        """One measure; None where it did not apply."""
        return next((one for one in (self.quality.measures if self.quality else ()) if one.key == key), None)

    def points(self, key: str) -> float:
        """Points of one measure; 0 where it did not apply."""
        found = self.measure(key)
        return found.points.value if found else 0.0

    @property
    def gates_failed(self) -> tuple[str, ...]:
        return self.quality.gates_failed if self.quality else ()


class Arena:
    """A shipped challenge, prepared once, that tables are handed in to."""

    def __init__(self, slug: str, folder: Path) -> None:
        self.slug, self.folder = slug, folder
        self.public = SHIPPED / slug / "public"
        self.baselines = _baselines(slug)
        self.prepared = folder / "prepared"
        challenges.prepare(challenges.load(SHIPPED / slug), self.prepared)
        self._plan = DatasetPlan.load(self.prepared)
        curated, test = (pl.read_parquet(self.prepared / f"{name}.parquet") for name in ("curated", "test-private"))
        self._schema = asked_schema(self._plan, self.prepared, curated)
        self._stick = yardstick(self._plan, curated, test)
        raw, best = (kept_utility.load(self.prepared / f"utility-private-{of}.npz") for of in ("raw", "curated"))
        self._ends = (raw, best)

    def honest(self) -> pl.DataFrame:
        """The table of the honest team."""
        table: pl.DataFrame = self.baselines.SUBMISSIONS[HONEST](self.public)
        return table

    def raw(self) -> pl.DataFrame:
        """The raw bundle as text."""
        table: pl.DataFrame = self.baselines.raw(self.public)
        return table

    def handed_in(self, table: pl.DataFrame) -> Judged:
        """The table with the honest team's documentation, its figures brought up to date, scored on both splits."""
        with tempfile.TemporaryDirectory(dir=self.folder) as place:
            return self.judged(self.baselines.write(HONEST, table, Path(place)))

    def judged(self, file: Path, *, suspects: bool = False) -> Judged:
        """A file as it is, scored on both splits; with `suspects`, records whose label models doubt are listed too."""
        with tempfile.TemporaryDirectory(dir=self.folder) as out, without_suspects(leave=not suspects):
            report = score(self.prepared, file, Path(out), filename=file.name)
            written = Path(out, "quality-report.json")
            quality = QualityReport.parse(written.read_bytes()) if written.exists() else None
        scores = {(one.key, str(one.split)): one.value for one in report.scores}
        if not scores:
            return Judged(report, quality, scores)
        table = open_dataset(file).table
        return Judged(report, quality, scores, self._utility(table), self._labels(table))

    def gain(self, attack: Judged, honest: Judged) -> Gain:
        """What the attack wins on the private split. A refused one has no score, which is as little as 0."""
        before = honest.scores["composite", "private"]
        value = attack.scores.get(("composite", "private"), 0.0)
        if attack.utility is None or honest.utility is None or not value:
            return Gain(value - before, value - before, value - before)
        found = compare(attack.utility, honest.utility)
        start, scale = usefulness(honest.utility, *self._ends).unclipped, compare(*reversed(self._ends)).value
        ends = [self._composite(attack, start + 100 * end / scale) for end in (found.value, found.low, found.high)]
        assert isclose(ends[0], value, abs_tol=1e-6), "the rubric gives what the report says"
        return Gain(value - before, ends[1] - before, ends[2] - before)

    def _composite(self, judged: Judged, useful: float) -> float:
        assert judged.quality is not None
        exact = {one.key: one.points.value for one in judged.quality.measures}
        exact["A8"] = min(max(useful, 0.0), 100.0)
        if judged.labels is not None:
            exact["A6"] = judged.labels
        return judge(
            {key: Points(value, value, value) for key, value in exact.items()}, self._plan.weights
        ).composite.value

    def _utility(self, table: pl.DataFrame) -> Utility:
        return measure(typed(table, self._schema), self._stick, curve=False)

    def _labels(self, table: pl.DataFrame) -> float | None:
        gold, raw = (pl.read_parquet(self.prepared / f"{name}.parquet") for name in ("gold-private", "raw"))
        roles = Roles(id=self._plan.roles["id"], label=self._plan.roles["label"])
        found = labels.by_gold(Evidence(table, roles, reference=Reference(gold=gold, raw=raw)))
        return None if found is None else CHECKS["A6"].points(found).value


@dataclass(frozen=True)
class Started:
    """A prepared challenge with its honest submission."""

    arena: Arena
    honest: pl.DataFrame
    raw: pl.DataFrame
    judged: Judged

    @classmethod
    def on(cls, slug: str, folder: Path) -> Self:
        """Prepares a shipped challenge in a folder, and hands in the honest table."""
        arena = Arena(slug, folder)
        honest = arena.honest()
        return cls(arena, honest, arena.raw(), arena.handed_in(honest))

    def start_of(self, attack: Attack) -> Judged:
        """What an attack is compared with, scored."""
        return self.judged if attack.start == "honest" else self.raw_judged

    @cached_property
    def raw_judged(self) -> Judged:
        """The raw bundle with the honest team's documentation."""
        return self.arena.handed_in(self.raw)

    def leaked(self) -> pl.DataFrame:
        """The hidden test, as somebody had it who should not."""
        return pl.concat([pl.read_parquet(self.arena.prepared / f"test-{split}.parquet") for split in SPLITS])


class Told:
    """What a team is told of its label errors (A6) for each submission, and nothing else; the real check with the real gold."""

    def __init__(self, there: Started) -> None:
        gold, raw = (pl.read_parquet(there.arena.prepared / f"{name}.parquet") for name in ("gold-public", "raw"))
        self._reference = Reference(gold=gold, raw=raw)
        self.submissions = 0

    def __call__(self, table: pl.DataFrame) -> float:
        self.submissions += 1
        only = table.select("record", "outcome")  # with nothing else to look at, models list nothing
        found = CHECKS["A6"].load()(Evidence(only, Roles(id="record", label="outcome"), reference=self._reference))
        assert found is not None
        return float(found.value)


@contextmanager
def without_suspects(*, leave: bool = True) -> Iterator[None]:
    """Leaves out the list of doubtful labels. It takes two thirds of the time, and no part in the score where gold decides: see
    `test_nothing_but_the_rows_decides`.
    """
    found = labels._by_models
    if leave:
        labels._by_models = lambda seen: None  # noqa: ARG005
    try:
        yield
    finally:
        labels._by_models = found


def _baselines(slug: str) -> ModuleType:
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
    later = [
        (pl.col(name).str.to_datetime("%Y-%m-%dT%H:%M") + pl.duration(minutes=1)).dt.strftime("%Y-%m-%dT%H:%M")
        for name in ("scheduled", "departed")
    ]
    other = pl.col("flight_number") % 9000 + 1
    return pl.concat([honest, renamed(honest, "shifted").with_columns(*later, other)])


def easy_rows(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """The punctual half of the flights again a week later, when they would surely have been punctual as well."""
    punctual = honest.filter((pl.col("departure_delay_min") < 0) & (pl.col("outcome") == "on-time"))
    return pl.concat([honest, renamed(_moved(punctual, days=7), "easy")])


def _moved(table: pl.DataFrame, days: int) -> pl.DataFrame:
    """The flights so many days later, unless that is after the last day that is asked for; then as many earlier."""
    first = pl.col("scheduled").str.to_datetime("%Y-%m-%dT%H:%M")
    by = pl.when(first < pl.datetime(2013, 9, 20)).then(days).otherwise(-days)
    moved = [
        (pl.col(name).str.to_datetime("%Y-%m-%dT%H:%M") + pl.duration(days=by))
        .dt.strftime("%Y-%m-%dT%H:%M")
        .alias(name)
        for name in ("scheduled", "departed")
    ]
    return table.with_columns(moved)


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
    return _relabelled(honest, "outcome", KNOWN_BEFORE)


def _relabelled(
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
    Attack("exact-copies", "padding with exact copies", exact_copies, ("Q13",)),
    Attack("near-copies", "padding with near copies", near_copies, ("Q14",)),
    Attack("easy-rows", "padding with easy records", easy_rows),
    Attack("raw-again", "the raw bundle handed in", raw_again, ("A8", "Q13", "Q10")),
    Attack("hard-rows-dropped", "hard and rare records dropped", hard_rows_dropped, ("A3",)),
    Attack("imputed", "every gap filled with the mean", imputed),
    Attack("columns-dropped", "incomplete columns deleted", incomplete_columns_dropped, gate="Q2"),
    Attack("label-in-a-feature", "the label told by a feature", label_in_a_feature, ("A8",)),
    Attack("relabelled", "every label replaced by a model's", relabelled),
    Attack("fabricated", "made-up records posing as real", fabricated),
    Attack("disguised-copies", "copies written otherwise", disguised_copies, ("Q13",)),
    Attack("shifted-copies", "copies with moved times and numbers", shifted_copies, ("Q14",)),
    Attack("numbered-copies", "copies told apart by columns of their own", numbered_copies, ("Q13",)),
    Attack("numbered-raw", "copies of the raw bundle told apart by columns of their own", numbered_raw, start="raw"),
    Attack("full-columns", "padding with full columns", full_columns),
)  # fmt: skip
"""Attacks on the challenge flight-records."""


# Texts: shop reviews


def marked_copies(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """Every review twice, the second time with a mark at its end."""
    return pl.concat([honest, renamed(honest, "marked").with_columns(pl.col("text") + "！")])


def spliced_copies(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """Every review twice, the second time as its first half with the second half of another one of the same label."""
    draw = np.random.default_rng(SEED)
    parts = []
    for label in sorted(honest["label"].unique()):
        own = honest.filter(pl.col("label") == label)
        half = pl.col("text").str.len_chars() // 2
        first = own.select(pl.col("text").str.head(half))["text"]
        second = own[draw.permutation(own.height)].select(pl.col("text").str.tail(half))["text"]
        parts.append(own.with_columns((first + second).alias("text")))
    return pl.concat([honest, renamed(pl.concat(parts), "spliced")])


def plain_reviews(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """A thousand reviews that nobody can mistake, each worded a little otherwise."""
    praise, blame = (
        ("很好", "非常满意", "值得推荐", "质量不错", "物流很快"),
        ("太差", "非常失望", "不会再买", "质量很糟", "客服恶劣"),
    )
    goods = (
        "这本书",
        "这家酒店",
        "这台电脑",
        "这个热水器",
        "这部手机",
        "这款牛奶",
        "这件衣服",
        "这种水果",
        "这副耳机",
        "这套餐具",
    )
    rows = []
    for label, words in (("pos", praise), ("neg", blame)):
        for place in range(500):
            one, two, three = (words[(place // 5**power + power) % 5] for power in range(3))
            rows.append((f"e{hashlib.sha256(f'{label} {place}'.encode()).hexdigest()[:8]}",
                         f"{goods[place % 10]}{one}，{two}，{three}，总之{one}。", label))  # fmt: skip
    return pl.concat([honest, pl.DataFrame(rows, schema=honest.columns, orient="row")])


def long_reviews_dropped(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """Only reviews of usual length."""
    return honest.filter(pl.col("text").str.len_chars().is_between(10, 120))


def label_in_the_text(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """The label written before every review."""
    return honest.with_columns(pl.format("{}：{}", "label", "text").alias("text"))


def relabelled_reviews(honest: pl.DataFrame, raw: pl.DataFrame) -> pl.DataFrame:
    """Every label replaced by what models say that have not seen the review."""
    return _relabelled(honest, "label", ["text"], {"text": "text"})


REVIEWS: Final = (
    Attack("marked-copies", "padding with copies of reviews", marked_copies, ("Q14",)),
    Attack("spliced-reviews", "made-up reviews posing as real", spliced_copies),
    Attack("plain-reviews", "padding with reviews nobody can mistake", plain_reviews),
    Attack("long-reviews-dropped", "long and short reviews dropped", long_reviews_dropped, ("A3",)),
    Attack("label-in-the-text", "the label written into the review", label_in_the_text, ("A8",)),
    Attack("relabelled-reviews", "every label replaced by a model's", relabelled_reviews),
    Attack("raw-reviews-again", "the raw bundle handed in", raw_again, gate="Q5"),
)
"""Attacks on the challenge shop-reviews."""


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


# Annotation


def one_voice(labels: pl.DataFrame) -> pl.DataFrame:
    """What the first annotator said, in everybody's name: they agree wholly."""
    first = labels.filter(pl.col("annotator") == labels["annotator"].min()).select("item", "label")
    return labels.drop("label").join(first, on="item").select(labels.columns)


def hidden_majority(labels: pl.DataFrame, names: int = 3) -> pl.DataFrame:
    """The hastiest of all annotators under several further names, who outvote the others."""
    hastiest = labels.group_by("annotator").agg(pl.col("seconds").median()).sort("seconds")["annotator"][0]
    copies = [
        labels.filter(pl.col("annotator") == hastiest).with_columns(pl.lit(f"{hastiest}-{place}").alias("annotator"))
        for place in range(names)
    ]
    return pl.concat([labels, *copies])


def voted(labels: pl.DataFrame) -> pl.DataFrame:
    """What most said of an item, in everybody's name: whoever differed copied the majority."""
    votes = (
        labels.group_by("item", "label")
        .agg(pl.len().alias("votes"))
        .sort("item", "votes", "label", descending=[False, True, False])
    )
    winners = votes.unique("item", keep="first", maintain_order=True).select("item", "label")
    return labels.drop("label").join(winners, on="item").select(labels.columns)


COLLUSIONS: Final = {"one voice": one_voice, "a hidden majority": hidden_majority, "copies of the majority": voted}
"""Attacks on the challenge review-annotation: labels of all annotators → labels of colluding ones."""


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


def documented(table: bytes, says: Callable[[Item], str]) -> bytes:
    """A zip with a CSV file and a README that has every heading, and `says` something under each."""
    text = "".join(f"## {item.title}\n{says(item)}\n" for item in ITEMS)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("records.csv", table)
        archive.writestr("README.md", text)
    return held.getvalue()
