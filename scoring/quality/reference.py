"""What a challenge knows beyond the dataset that was handed in: asked for, given to everybody, or hidden."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import polars as pl

if TYPE_CHECKING:
    from scoring.quality.text.safety import Word
    from scoring.utility import Points, Utility

LEAST_GROUP: Final = 5
"""Records that must share each combination of quasi-identifiers (k of k-anonymity), unless a challenge says otherwise."""


@dataclass(frozen=True)
class Usefulness:
    """What reference models gain from the dataset, measured before the checks run (`scoring.utility`).

    utility   of the dataset itself, with its learning curve
    points    between raw data (0) and the organizer's curated set (100)
    """

    utility: "Utility"
    points: "Points"


@dataclass(frozen=True)
class UnsafeWords:
    """Words that must not be in a dataset, and harmless phrases that hold one; see `scoring.quality.text.safety`.

    hidden   teams do not know them: what is found in single records may be shown to nobody, and the rate only in steps
    """

    words: "tuple[Word, ...]"
    exceptions: tuple[str, ...] = ()
    hidden: bool = False


@dataclass(frozen=True)
class Reference:
    """Every part may be missing; the checks that need it then do not apply. Frames have the columns of the submission.

    Asked for
    strata              column → how many distinct values must be there, or value → the fewest records it must have
    quasi_identifiers   columns that together might tell who a record is about; `least_group` records must share each combination
    code_lists          column → the codes that an authority lists
    licences            SPDX identifiers that are accepted; empty: any that is known
    window              the first and the last moment that a record may be from, both aware
    sectors             what the records should be about: keys of `scoring.quality.sectors`
    gates               by check, the limit of its gate in the place of the usual one; None: no gate

    Given to everybody
    raw                 what teams start from
    unsafe              see `UnsafeWords`, which may be hidden

    Hidden: what is found in single rows may be shown to nobody, and values only in bands
    test                the rows that models are asked about
    gold                records whose right label is known: the id column and the label column
    canaries            the ids of records that a careful team keeps: a frame of the id column
    usefulness          see `Usefulness`
    """

    strata: Mapping[str, int | Mapping[str, int]] = field(default_factory=lambda: MappingProxyType({}))
    quasi_identifiers: tuple[str, ...] = ()
    least_group: int = LEAST_GROUP
    code_lists: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    licences: tuple[str, ...] = ()
    window: tuple[datetime, datetime] | None = None
    sectors: tuple[str, ...] = ()
    gates: Mapping[str, float | None] = field(default_factory=lambda: MappingProxyType({}))
    raw: pl.DataFrame | None = None
    unsafe: UnsafeWords | None = None
    test: pl.DataFrame | None = None
    gold: pl.DataFrame | None = None
    canaries: pl.DataFrame | None = None
    usefulness: Usefulness | None = None

    @property
    def hides(self) -> bool:
        """Whether anything hidden takes part."""
        words = self.unsafe is not None and self.unsafe.hidden
        return words or any(part is not None for part in (self.test, self.gold, self.canaries, self.usefulness))
