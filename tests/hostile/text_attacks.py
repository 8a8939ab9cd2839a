"""The attacks on a dataset of texts, the challenge shop-reviews: see `dataset_attacks`."""

import hashlib
from typing import Final

import numpy as np
import polars as pl

from tests.hostile.dataset_attacks import SEED, Attack, raw_again, relabelled_by_models, renamed


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
    return relabelled_by_models(honest, "label", ["text"], {"text": "text"})


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
