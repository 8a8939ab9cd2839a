"""What every check of `scoring.quality.CHECKS` is filed under: a sound dataset, one with known defects, and what it must find."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from math import sin

import polars as pl

from scoring.quality.evidence import Evidence, Roles
from scoring.quality.schema import Field, Rule, Schema

ITEMS = ("one", "two", "three", "four", "five")


@dataclass(frozen=True)
class Filed:
    """`sound` must reach all points; `faulty` the value `found`, with these codes at these records (counted from 0).

    within   how far an estimate may be from the truth; a count is exact
    """

    sound: Evidence
    faulty: Evidence
    found: float
    issues: Mapping[str, set[int | None]] = field(default_factory=dict)
    within: float = 1e-6


def cities(rows: int = 40) -> pl.DataFrame:
    """A small table without a defect: every record differs from every other in most columns."""
    return pl.DataFrame(
        {
            "id": [f"c{row}" for row in range(rows)],
            "name": [f"城市 {row * 7919 % 1000:03} 号" for row in range(rows)],
            "visits": [row * row * 3 + 17 * row for row in range(rows)],
            "height": [round(3.25 + row * 1.37 % 9, 2) for row in range(rows)],
            "opened": [f"20{row % 20 + 10}-0{row % 9 + 1}-1{row % 10}" for row in range(rows)],
            "size": [("small", "middle", "large")[row % 3] for row in range(rows)],
        }
    )


def changed(table: pl.DataFrame, column: str, values: Mapping[int, object]) -> pl.DataFrame:
    """The table with other values in some records of one column."""
    return table.with_columns(
        pl.Series(column, [values.get(row, value) for row, value in enumerate(table[column])], strict=False)
    )


ROLES = Roles(id="id", label="size")
SCHEMA = Schema(
    fields=(
        Field("id", required=True),
        Field("name", max_length=10),
        Field("visits", "integer", minimum=0),
        Field("height", "number", minimum=0, maximum=20, decimals=2),
        Field("opened", "date"),
        Field("size", enum=("small", "middle", "large")),
    ),
    primary_key=("id",),
    rules=(Rule("seen", "visits >= 0 and height > 0"),),
)
SOUND = Evidence(cities(), ROLES, SCHEMA, classes=("small", "middle", "large"))
REVIEWS = [
    "房间很干净，服务员也很热情，下次还会再来。",
    "物流太慢了，等了整整一个星期才收到货。",
    "书的内容很好，可惜印刷质量不太令人满意。",
    "电池不耐用，充一次电只能用半天时间。",
    "味道不错，分量也足，值得推荐给朋友们。",
]
TEXTS = pl.DataFrame({"text": [f"{REVIEWS[row % 5][:-1]}，第{row}次购买。" for row in range(40)]})


def texts(**other: str) -> Evidence:
    return Evidence(changed(TEXTS, "text", {int(row): text for row, text in other.items()}), Roles(text="text"))


def documented(group: str, answered: int) -> Evidence:
    items = {key: dict.fromkeys(ITEMS, True) for key in ("D1", "D2", "D3", "D4")}
    items[group] = {item: place < answered for place, item in enumerate(ITEMS)}
    return Evidence(cities(), documentation=items)


def with_table(table: pl.DataFrame) -> Evidence:
    return Evidence(table, ROLES, SCHEMA, classes=SOUND.classes)


def readings() -> pl.DataFrame:
    """Three hundred even readings of an instrument."""
    return pl.DataFrame({"level": [20 + 5 * sin(1.7 * row) + 0.001 * row for row in range(300)]})


def trees(mislabelled: AbstractSet[int] = frozenset()) -> Evidence:
    """Three kinds that two measurements tell apart; some labels are those of the next kind."""
    kinds = ("oak", "elm", "fir")
    return Evidence(
        pl.DataFrame(
            {
                "height": [10 * (row % 3) + sin(1.3 * row) for row in range(600)],
                "girth": [5 * (row % 3 == 1) + sin(2.1 * row) for row in range(600)],
                "kind": [kinds[(row + (row in mislabelled)) % 3] for row in range(600)],
            }
        ),
        Roles(label="kind"),
    )


MISLABELLED = set(range(7, 600, 20))
WITHOUT_VISITS = cities().drop("visits")
FIRST_AGAIN = pl.concat([cities(), cities().head(4).with_columns(pl.format("again-{}", "id").alias("id"))])
CONTRADICTING = FIRST_AGAIN.with_columns(
    pl.when(pl.col("id").str.starts_with("again")).then(pl.lit("large")).otherwise("size").alias("size")
)

FILED: Mapping[str, Filed] = {
    **{key: Filed(documented(key, 5), documented(key, 3), 0.6) for key in ("D1", "D2", "D3", "D4")},
    "Q1": Filed(
        SOUND,
        with_table(changed(changed(cities(), "opened", {3: "2010-13-01"}), "height", {5: 21.0, 6: -1.0})),
        1 - 3 / 240,
        {"type": {3}, "maximum": {5}, "minimum": {6}},
    ),
    "Q2": Filed(
        SOUND,
        with_table(changed(WITHOUT_VISITS, "id", {4: "c3"}).with_columns(pl.lit(1).alias("more"))),
        5 / 6 * 39 / 40,
        {"key": {4}, "column_missing": {None}},
    ),
    "Q5": Filed(
        SOUND,
        with_table(changed(cities(), "name", {2: "电话13800138000", 9: "mail a.b@example.org"})),
        2 / 40,
        {"personal:mobile": {2}, "personal:email": {9}},
    ),
    "Q6": Filed(SOUND, with_table(changed(cities(), "size", {7: "tiny"})), 39 / 40, {"class_unknown": {7}}),
    "Q7": Filed(
        SOUND, with_table(changed(cities(), "name", {1: None, 2: "N/A", 3: "未知"})), 1 - 3 / 240,
        {"disguised_missing": {2, 3}},
    ),
    "Q8": Filed(SOUND, with_table(changed(cities(), "size", {0: None, 1: " "})), 38 / 40, {"label_missing": {0, 1}}),
    "Q10": Filed(SOUND, with_table(changed(cities(), "height", {8: 0.0})), 39 / 40, {"rule:seen": {8}}),
    "Q11": Filed(
        SOUND, with_table(CONTRADICTING), 6 / 44,
        {"label_contradicts": {0, 1, 3, 40, 41, 43}},  # record 2 was large before, and is no contradiction
    ),
    "Q13": Filed(SOUND, with_table(FIRST_AGAIN), 4 / 44, {"exact_copy": {40, 41, 42, 43}}),
    "Q14": Filed(
        Evidence(pl.DataFrame({"text": REVIEWS}), Roles(text="text")),
        Evidence(pl.DataFrame({"text": [*REVIEWS, REVIEWS[0][:-1] + "的。", REVIEWS[3][1:]]}), Roles(text="text")),
        2 / 7,
        {"near_copy": {5, 6}},
    ),
    "Q15": Filed(texts(), texts(**{"4": "锟斤拷锟斤拷烫烫烫", "6": "好"}), 38 / 40),
    "Q18": Filed(Evidence(readings()), Evidence(changed(readings(), "level", {5: 1e6})), 1 / 300, {"outlier.tail": {5}}),
    "Q19": Filed(
        Evidence(cities().with_columns(pl.lit("1.25").alias("height")), ROLES, SCHEMA),
        Evidence(cities().with_columns(pl.Series("height", ["1.2"] * 10 + ["1.25"] * 30)), ROLES, SCHEMA),
        30 / 40,
    ),
    "A1": Filed(
        Evidence(cities(39), ROLES, classes=SOUND.classes),
        Evidence(cities(39).with_columns(pl.lit("small").alias("size")), ROLES, classes=SOUND.classes),
        1 / 3,
    ),
    "A2": Filed(
        Evidence(cities(39), ROLES, classes=SOUND.classes),
        Evidence(cities(39).filter(pl.col("size") != "large"), ROLES, classes=SOUND.classes),
        0.809125,  # 1 - JS((½,½,0), (⅓,⅓,⅓)) in bits
    ),
    "A6": Filed(trees(), trees(MISLABELLED), 0.05, {"label_doubtful": MISLABELLED}, within=0.005),
}  # fmt: skip
