"""What a clean image must be like: a table of bounds. The clauses of TC609-5-2025-04 are named by number; the reasons are ours.

Duplicate images (T02080202) are found by `scoring.quality.duplicates`. The bounds ask for what any image of a training set should
have; a task that needs 1,000 pixels or darker images sets its own with `dataclasses.replace`. The bound of blur finds photographs
blurred by 2 pixels and no sharp crop of one; in images of 28 × 28 even sharp edges are as wide as the image, so that a bound
of 0.3 is apt there (all of 10,000 Fashion-MNIST images pass it).
"""

from typing import Final

import polars as pl

from scoring.quality.cleanliness import Cleanliness, Rule, judge

RULES: Final = (
    Rule("image.narrow", "T02080201", "width", "min", 16, "Fewer than 16 pixels wide", "ours; below it no pooling network works"),
    Rule("image.low", "T02080201", "height", "min", 16, "Fewer than 16 pixels high", "ours; below it no pooling network works"),
    Rule("image.blank", "T02080203", "blank", "max", 0, "Nothing but one shade", "ours"),
    Rule(
        "image.noisy", "T02080203", "snr", "min", 6.0, "More noise than picture",
        "ours; noise of Immerkær 1996, doi:10.1006/cviu.1996.0060. 6 dB: contrast twice the noise",
        only_if=("noise", 12.0),
    ),
    Rule(
        "image.blurred", "T02080204", "detail", "min", 0.012, "Blurred",
        "Pech-Pacheco et al. 2000, doi:10.1109/ICPR.2000.903548, over the contrast; the bound is ours",
        only_if=("contrast", 10.0),
    ),
    Rule("image.flat", "T02080204", "contrast", "min", 8.0, "Hardly any contrast", "ours"),
    Rule("image.dark", "T02080204", "brightness", "min", 10.0, "Almost black", "ours"),
    Rule("image.bright", "T02080204", "brightness", "max", 245.0, "Almost white", "ours"),
    Rule("image.poor", "T02080204", "entropy", "min", 1.0, "Less than one bit in a pixel", "ours; entropy of Shannon 1948"),
)  # fmt: skip


def clean_images(
    signals: pl.DataFrame, rules: tuple[Rule, ...] = RULES, *, population: int | None = None
) -> Cleanliness:
    """Which images are clean. signals: of `image_signals`; population: images that these were drawn from, None: they are all."""
    return judge(signals, rules, population=population)
