"""What every check of `scoring.quality.CHECKS` is filed under: a sound dataset, one with known defects, and what it must find."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from math import sin
from typing import Any

import numpy as np
import polars as pl

from scoring.quality.evidence import Evidence, Roles
from scoring.quality.origin import Origin
from scoring.quality.reference import Reference, UnsafeWords, Usefulness
from scoring.quality.schema import Field, Rule, Schema
from scoring.quality.text.safety import Word
from scoring.utility import CurvePoint, Points, Utility
from tests.laws.filed_media import picture, sound, with_files

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


def with_table(table: pl.DataFrame, **more: Any) -> Evidence:
    return Evidence(table, ROLES, SCHEMA, classes=SOUND.classes, **more)


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

COLUMNS = {"original_time": "opened", "generated": "made"}


def from_somewhere(origin: Origin, **changes: Mapping[int, object]) -> Evidence:
    """Cities with a column that says whether a machine made the record."""
    table = cities().with_columns(pl.lit("0").alias("made"))
    for column, values in changes.items():
        table = changed(table, column, values)
    return Evidence(table, ROLES, origin=origin)


ASKED = Reference(
    strata={"name": 60, "size": {"small": 17, "middle": 17, "large": 17}}, canaries=cities(60).select("id")
)


def useful(points: float, *curve: float) -> Reference:
    """Models that reach so many points, with a learning curve over an eighth, a quarter, a half and all of the rows."""
    shares = [
        CurvePoint(share, int(800 * share), value) for share, value in zip((0.125, 0.25, 0.5, 1), curve, strict=True)
    ]
    nothing = np.zeros((1, 1))
    utility = Utility(
        "roc_auc",
        "max",
        "",
        curve[-1],
        curve[-1],
        curve[-1],
        0.0,
        nothing,
        nothing,
        0.5,
        nothing[0],
        800,
        0,
        tuple(shares),
    )
    return Reference(usefulness=Usefulness(utility, Points(points, points, points, points)))


def votes(second: Mapping[int, str]) -> Evidence:
    """Twenty items, each labelled by two people; the second one says something else of some."""
    labels = ["yes" if item < 10 else "no" for item in range(20)]
    other = [second.get(item, label) for item, label in enumerate(labels)]
    table = {"id": [*range(20)] * 2, "who": ["Li"] * 20 + ["Wang"] * 20, "label": labels + other}
    return Evidence(pl.DataFrame(table), Roles(id="id", label="label", annotator="who"))


def drawn(first: int, rows: int) -> pl.DataFrame:
    """Rows whose label has nothing to do with the rest."""
    numbers = range(first, first + rows)
    return pl.DataFrame(
        {
            "id": [f"r{number}" for number in numbers],
            "width": [number * 7919 % 10_007 for number in numbers],
            "length": [number * 104_729 % 9_973 for number in numbers],
            "label": [("yes", "no")[number * 2_654_435_761 >> 16 & 1] for number in numbers],
        }
    )


def beside_test(table: pl.DataFrame) -> Evidence:
    """Raw data shares 20 of 1000 hidden rows."""
    reference = Reference(test=drawn(10_000, 1000), raw=pl.concat([drawn(0, 1180), drawn(10_000, 20)]))
    return Evidence(table, Roles(id="id", label="label"), reference=reference)


SEEN_TEST = pl.concat([drawn(0, 1050), drawn(10_000, 150)])


def generated(copies: int) -> Evidence:
    """Forty records made by a machine beside 300 raw ones; some are raw ones again."""
    raw = pl.DataFrame(
        {"x": [sin(row * 1.7) * row for row in range(300)], "y": [sin(row * 2.9) * row for row in range(300)]}
    )
    made = raw.slice(150, 40).with_columns(pl.col("x") + 3.1, pl.col("y") - 2.3)
    table = pl.concat(
        [raw.with_columns(flag=0), raw.head(copies).with_columns(flag=1), made.tail(40 - copies).with_columns(flag=1)]
    )
    return Evidence(table, origin=Origin(columns={"generated": "flag"}), reference=Reference(raw=raw))


def unflagged() -> Evidence:
    """Two records do not say whether a machine made them, and three that are raw ones say that one did."""
    seen = generated(3)
    return replace(seen, table=changed(seen.table, "flag", {0: None, 1: 7}))


UNSAFE = Reference(unsafe=UnsafeWords((Word("赌资", "gambling"), Word("卖假药", "fraud")), exceptions=("反对卖假药",)))


def asked_to_hold_no(reference: Reference, table: pl.DataFrame) -> Evidence:
    return Evidence(table, Roles(text="text"), reference=reference)


CROPS = ("小麦", "玉米", "水稻", "大豆", "棉花", "蔬菜")
AGRICULTURE = [f"第{row}块农田种植{CROPS[row % 6]}，近日查看土壤墒情。" for row in range(24)]
TRANSPORT = [f"{row}号货车在高速公路拥堵，驾驶时间延长。" for row in range(24)]


def of_sectors(sector: str, *written: str) -> Evidence:
    return Evidence(pl.DataFrame({"text": written}), Roles(text="text"), reference=Reference(sectors=(sector,)))


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
    "Q3": Filed(
        with_table(cities(), reference=Reference(code_lists={"size": SOUND.classes})),
        with_table(
            changed(cities(), "size", {7: "tiny", 8: None, 9: "N/A"}), reference=Reference(code_lists={"size": SOUND.classes})
        ),
        37 / 38,
        {"code_unknown": {7}},
    ),
    "Q4": Filed(
        asked_to_hold_no(UNSAFE, TEXTS),
        asked_to_hold_no(UNSAFE, changed(TEXTS, "text", {3: "加微信领 赌 资，稳赢。", 7: "这里卖假药。", 9: "反对卖假药的倡议书。"})),
        2 / 40,
        {"unsafe_word": {3, 7}},
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
    "Q9": Filed(
        from_somewhere(Origin("MIT", "MIT", "a survey", hashes_stated=2, hashes_held=2, columns=COLUMNS)),
        from_somewhere(
            Origin("ours", None, None, hashes_stated=2, hashes_held=1, columns=COLUMNS),
            opened={3: "1899-12-31", 4: "soon", 5: "2024"}, made={6: "perhaps"},
        ),
        (0 + 0 + 1 / 2 + 38 / 40 + 39 / 40) / 5,
        {"source_missing": {None}, "licence_unknown": {None}, "hash_differs": {None}, "time_implausible": {3, 4}, "flag_unknown": {6}},
    ),
    "Q10": Filed(SOUND, with_table(changed(cities(), "height", {8: 0.0})), 39 / 40, {"rule:seen": {8}}),
    "Q11": Filed(
        SOUND, with_table(CONTRADICTING), 6 / 44,
        {"label_contradicts": {0, 1, 3, 40, 41, 43}},  # record 2 was large before, and is no contradiction
    ),
    "Q12": Filed(
        of_sectors("agriculture", *AGRICULTURE),
        of_sectors("agriculture", *AGRICULTURE[:10], *TRANSPORT[:14], "今天和朋友聊了很久。"),
        10 / 24,
        {"sector_other": set(range(10, 24))},
    ),
    "Q13": Filed(SOUND, with_table(FIRST_AGAIN), 4 / 44, {"exact_copy": {40, 41, 42, 43}}),
    "Q14": Filed(
        Evidence(pl.DataFrame({"text": REVIEWS}), Roles(text="text")),
        Evidence(pl.DataFrame({"text": [*REVIEWS, REVIEWS[0][:-1] + "的。", REVIEWS[3][1:]]}), Roles(text="text")),
        2 / 7,
        {"near_copy": {5, 6}},
    ),
    "Q15": Filed(texts(), texts(**{"4": "锟斤拷锟斤拷烫烫烫", "6": "好"}), 38 / 40),
    "Q16": Filed(
        with_files("image", [picture(number) for number in range(20)]),
        with_files("image", [*(picture(number) for number in range(16)), picture(0, shade=130), b"no image", None, picture(19)]),
        17 / 19,
        {"image.blank": {16}, "image.unknown_format": {17}},
    ),
    "Q17": Filed(
        with_files("audio", [sound(number) for number in range(10)]),
        with_files("audio", [*(sound(number) for number in range(8)), sound(8, loudness=1.5), sound(9)[:-100]]),
        8 / 10,
        {"audio.clipped": {8}, "audio.truncated": {9}},
    ),
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
    "A3": Filed(
        with_table(cities(60), reference=ASKED), with_table(cities(50), reference=ASKED), 52 / 63 * 0.8,
        {"group_missing": {None}, "groups_few": {None}},
    ),
    "A4": Filed(
        Evidence(cities(), reference=useful(70, 0.6, 0.75, 0.79, 0.79)),
        Evidence(cities(), reference=useful(70, 0.6, 0.7, 0.75, 0.775)), 1 - 0.025 / (0.175 / 3),
    ),
    "A5": Filed(
        Evidence(cities(), Roles(time="opened"), reference=Reference(window=(datetime(2010, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)))),
        Evidence(
            changed(cities(), "opened", {5: "long ago"}), Roles(time="opened"),
            reference=Reference(window=(datetime(2012, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))),
        ),
        35 / 40,
        {"time_outside": {0, 1, 20, 21}, "time_unknown": {5}},
    ),
    "A6": Filed(trees(), trees(MISLABELLED), 0.05, {"label_doubtful": MISLABELLED}, within=0.005),
    "A7": Filed(votes({}), votes({3: "no"}), 1 - 39 / 399, {"annotators_disagree": {3, 23}}),  # 40 labels, 21 and 19; 1 pair differs
    "A8": Filed(
        Evidence(cities(), reference=useful(100, 0.6, 0.7, 0.8, 0.9)), Evidence(cities(), reference=useful(62.5, 0.6, 0.7, 0.8, 0.9)), 0.625
    ),
    "A9": Filed(
        beside_test(drawn(500, 1200)), beside_test(SEEN_TEST.with_columns(verdict="label")), 0.1, {"gives_label_away": {None}},
    ),
    "A10": Filed(
        with_table(cities(), reference=Reference(raw=cities().with_columns(pl.col("visits") + 1))),
        with_table(FIRST_AGAIN, reference=Reference(raw=cities(10))), 30 / 40,
    ),
    "A11": Filed(generated(0), generated(5), 5 / 40, {"generated_copy": set(range(300, 305))}),
    "G3": Filed(
        from_somewhere(Origin("MIT", "MIT", "a survey", columns=COLUMNS)),
        from_somewhere(Origin("ours", None, columns={**COLUMNS, "source": "name"}), name={4: None, 5: " "}), 0,
        {"licence_unknown": {None}, "source_missing": {4, 5}},
    ),
    "G7": Filed(generated(0), unflagged(), 1 - 5 / 340, {"flag_unknown": {0, 1}, "flag_false": {300, 301, 302}}),
    "G9": Filed(
        with_table(cities(30), reference=Reference(raw=cities())),
        with_table(
            changed(changed(changed(FIRST_AGAIN, "name", {7: "x"}), "visits", {7: 1}), "size", {7: "other", 8: "other"}),
            reference=Reference(raw=cities()),
        ),
        39 / 44, {"id_not_in_raw": {40, 41, 42, 43}, "another_in_raw": {7}},
    ),
    "G8": Filed(documented("D2", 5), documented("D2", 3), 18 / 20, {"item_open": {None}}),
}  # fmt: skip
