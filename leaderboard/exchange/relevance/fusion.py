"""One number from what words and vectors say.

A cosine is not read as it stands: texts in one language are nearer to each other than to the same meaning in another,
and words are shared within a language only. So each score is taken as a z-score among the descriptions of one language,
(score − mean) / spread, where the mean and spread are those of a fixed sample, drawn towards what is usual as long as
there are few. Of the z-scores of words and of meaning a weighted sum is made, words weighing little across languages
and more within one.

There may be several models of meaning. Their z-scores are added and divided by the spread that such a sum has, so that a
description which the slower model has not read yet is on the same scale, by what the other says (`agreed`).

A z-score always has a greatest one, however bad. Therefore relevance is the product of two: how far the sum stands out
(a logistic curve), and whether there is evidence at all (`reach`, from the plain cosines and from the words that are
shared).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from leaderboard.exchange.relevance.embedder import Scale
from leaderboard.exchange.relevance.lexical import Words
from leaderboard.exchange.relevance.texts import Language

Floats = npt.NDArray[np.float64]

SAMPLE = 1000
"""Descriptions of a language from which mean and spread are taken."""
USUAL = 60
"""As many descriptions the usual mean and spread count for."""
WITHIN, ACROSS = 0.20, 0.05
"""The weight of words beside vectors, in one language and between two."""
AGREEMENT = 0.6
"""How z-scores of two models go together (correlation, over descriptions that do not answer the need)."""
NAMED = 4.0
"""What a name that no other listing has adds to the sum."""
SPELLED = 2.5
"""And what it adds that nearly all words of the need are there: few words are searched for because they are meant."""
WORDS_ALONE = Scale(mean=0.03, spread=0.025, floor=0.75, clear=1.4)
"""Cosines of words; floor and clear are the need's words that are shared, for where there is no vector."""
FAINT, TRACE = 0.05, 0.2
"""At that floor words are as much evidence already, which falls to none at a fifth of a word: enough for a place among what
comes nearest, never for an answer.
"""
WORDS_SHARE = (0.5, 0.9)
"""Beside a vector or not, words are evidence of their own from this share of the need on, and full evidence from that."""
NAME_ALONE = (0.5, 0.7)
"""And a name by itself, from this rarity on."""
HEADING = np.float32(0.25)
"""The weight of a description's heading in its vector."""
HALF, STEEP = 3.3, 1.9
HALF_ALONE, STEEP_ALONE = 4.2, 1.25
"""Where the logistic curve passes one half and how steep it is there; the second pair without a vector."""


@dataclass(frozen=True, slots=True)
class Found:
    """A listing that fits. `relevance(lexical, dense, reach)` is its relevance again.

    `lexical` and `dense` (None without a vector) are the two parts of the sum; `reach` is how much evidence there is, 0
    to 1; `language` says which of its descriptions was the better one.
    """

    key: str
    relevance: float
    lexical: float
    dense: float | None
    reach: float
    language: Language


@dataclass(frozen=True, slots=True)
class Usual:
    """Mean and spread of scores in one language, each (…, 1)."""

    mean: Floats
    spread: Floats

    @classmethod
    def of(cls, sample: Floats, scale: Scale) -> "Usual":
        """Of a `sample` (…, s) of scores; the usual mean and spread count for `USUAL` more."""
        size = USUAL + sample.shape[-1]
        mean = (USUAL * scale.mean + sample.sum(axis=-1, keepdims=True)) / size
        squares = ((sample - mean) ** 2).sum(axis=-1, keepdims=True)
        return cls(mean, np.sqrt((USUAL * (scale.spread**2 + (scale.mean - mean) ** 2) + squares) / size))

    def standing_out(self, scores: Floats) -> Floats:
        """z-scores of `scores` (…, n)."""
        outstanding: Floats = (scores - self.mean) / self.spread
        return outstanding


@dataclass(frozen=True, slots=True)
class Meant:
    """What one model says: cosines (…, n) of descriptions in one language, NaN where there is no vector, and how those of
    that language usually are.
    """

    scale: Scale
    cosines: Floats
    usual: Usual


@dataclass(frozen=True, slots=True)
class Parts:
    """The two parts of the sum, `dense` NaN without a vector, and the evidence, each (…, n)."""

    lexical: Floats
    dense: Floats
    reach: Floats


def parts(words: Words, usual: Usual, meant: Sequence[Meant], *, within: bool) -> Parts:
    """What descriptions (…, n) in one language are worth for needs `within` it or in the other; `usual` is of the cosines of
    words.
    """
    weight = WITHIN if within else ACROSS
    outstanding = usual.standing_out(words.cosine)
    named = np.maximum(NAMED * words.named, SPELLED * ramp(words.share, *WORDS_SHARE))
    every = [one.usual.standing_out(one.cosines) for one in meant]
    meaning = agreed(np.array(every)) if every else np.full_like(outstanding, np.nan)
    lexical = np.where(np.isnan(meaning), outstanding, weight * outstanding) + named
    return Parts(lexical, (1 - weight) * meaning, reach(words, [(one.scale, one.cosines) for one in meant]))


def reach(words: Words, meant: Sequence[tuple[Scale, Floats]]) -> Floats:
    """How much evidence (…, n) there is, which is also the most that relevance can be; models with their cosines (…, n)."""
    every = [ramp(cosines, scale.floor, scale.clear) for scale, cosines in meant]
    evidence = mean_known(np.array(every)) if every else np.full_like(words.cosine, np.nan)
    found = np.where(np.isnan(evidence), shared_alone(words.shared), evidence)
    found = np.maximum(found, ramp(words.share, *WORDS_SHARE))
    return np.maximum(found, ramp(words.named, *NAME_ALONE))


def agreed(outstanding: Floats) -> Floats:
    """Of the z-scores of several models (m, …): one (…). NaN stands where a model has no vector; where none has, the
    result is NaN.
    """
    count = _count(outstanding)
    total = np.where(np.isnan(outstanding), 0, outstanding).sum(axis=0)
    return np.asarray(total / np.sqrt(count * (1 + (count - 1) * AGREEMENT)))


def mean_known(evidence: Floats) -> Floats:
    """The mean (…) of what several models (m, …) know; NaN where none knows anything."""
    return np.asarray(np.where(np.isnan(evidence), 0, evidence).sum(axis=0) / _count(evidence))


def _count(known: Floats) -> Floats:
    count = (~np.isnan(known)).sum(axis=0)
    return np.where(count > 0, count, np.nan)


def ramp(values: Floats, floor: float, clear: float) -> Floats:
    """0 up to `floor`, 1 from `clear` on, straight in between."""
    return np.clip((values - floor) / (clear - floor), 0, 1)


def shared_alone(words: Floats) -> Floats:
    """How much evidence so many shared words are where there is no vector."""
    floor = WORDS_ALONE.floor
    return np.maximum(ramp(words, floor, WORDS_ALONE.clear), FAINT * ramp(words, TRACE, floor))


def relevance(lexical: float, dense: float | None, reach: float) -> float:
    """In [0, 1], from the parts of a `Found`: reach × logistic(steep × (lexical + dense − half))."""
    parts = np.array([lexical]), np.array([np.nan if dense is None else dense]), np.array([reach])
    return float(relevances(*parts)[0])


def relevances(lexical: Floats, dense: Floats, reach: Floats) -> Floats:
    """As `relevance`, of arrays; where `dense` is NaN there is no vector."""
    alone = np.isnan(dense)
    total = np.where(alone, lexical, lexical + np.nan_to_num(dense))
    above = np.where(alone, STEEP_ALONE * (total - HALF_ALONE), STEEP * (total - HALF))
    worth: Floats = reach / (1 + np.exp(-above))
    return worth
