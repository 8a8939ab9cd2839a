"""Everything that checks look at, worked out once: the table as handed in, what it says about itself, and what follows from it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from scoring.quality.conformity import Conformity, conform, read
from scoring.quality.duplicates import exact
from scoring.quality.duplicates.groups import Groups
from scoring.quality.duplicates.tables import READ
from scoring.quality.missing import missing_cells
from scoring.quality.origin import Media, Origin
from scoring.quality.profile.reading import profile_frame
from scoring.quality.profile.result import TableProfile
from scoring.quality.reference import Reference
from scoring.quality.schema import FieldType, Schema
from scoring.quality.usual import usual_schema
from scoring.sorting import BoolArray

SAMPLE: Final = 20_000
"""Rows that checks look at whose price grows faster than the rows, or is high for each."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Which column is what; None: there is none, or it is not known. Of a track, `group` names the craft or its leg."""

    id: str | None = None
    label: str | None = None
    text: str | None = None
    time: str | None = None
    group: str | None = None
    annotator: str | None = None
    latitude: str | None = None
    longitude: str | None = None
    altitude: str | None = None


@dataclass(frozen=True)
class Evidence:
    """A dataset as checks see it.

    table           (n, c) one row a record, cells as handed in
    roles           which column is what; each is a column of `table`
    schema          what the table is asked to look like; None: it is held against what its columns usually hold
    classes         the labels there are; empty: those that come
    documentation   for each of D1 to D4: item → whether it is answered; None: nobody looked for documentation
    unanswered      item that is not answered → why, as a code of `scoring.quality.wording`
    origin          what it says about where it comes from; None: nobody looked
    media           its images or sounds
    reference       what the challenge knows beyond it; None: it is looked at by itself
    seed            of every draw
    """

    table: pl.DataFrame
    roles: Roles = Roles()
    schema: Schema | None = None
    classes: tuple[str, ...] = ()
    documentation: Mapping[str, Mapping[str, bool]] | None = None
    unanswered: Mapping[str, str] = field(default_factory=dict)
    origin: Origin | None = None
    media: Media | None = None
    reference: Reference | None = None
    seed: int = 0

    @property
    def rows(self) -> int:
        return self.table.height

    def knowing(self, reference: Reference) -> "Evidence":
        """The same evidence of a challenge that now knows more: what was worked out already is kept, for no hidden part enters it.

        Only where there is a reference already: without one, other columns count (see `asked`).
        """
        assert self.reference is not None, "what was worked out without a challenge is not kept"
        named = {field.name for field in fields(self)}
        known = replace(self, reference=reference)
        vars(known).update({name: value for name, value in vars(self).items() if name not in named})
        return known

    @cached_property
    def conformity(self) -> Conformity:
        """The table held against its schema, or against what is usual in it."""
        return conform(self.table, self.schema or usual_schema(self.table))

    @property
    def typed(self) -> pl.DataFrame:
        """The table with every value read as its column's type; null where it is missing or no such value."""
        return self.conformity.table

    @cached_property
    def comparable(self) -> pl.DataFrame:
        """The table with one writing for each value that the schema gives a type: 06:15:00 is 06:15 as a moment. What is no such
        value stays as it is written, and a column that has any holds both: what was read, and what could not be.

        Constraints are none of its business: values outside of their range are read too, else such records were all alike.
        """
        kinds = (
            {field.name: field.type for field in self.schema.fields if field.type != "string"} if self.schema else {}
        )
        missing = list(self.schema.missing) if self.schema else []
        return pl.DataFrame(
            cells if cells.name not in kinds else _comparable(cells, kinds[cells.name], missing) for cells in self.table
        )

    @cached_property
    def profile(self) -> TableProfile:
        return profile_frame(self.table, seed=self.seed)

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """The columns that count. Where a challenge has a schema these are its columns: no column that a team adds makes a copy
        another record, or a table more complete.
        """
        columns = self.table.columns
        if self.reference is None or self.schema is None:
            return tuple(columns)
        known = {field.name for field in self.schema.fields} | set(asdict(self.roles).values())
        return tuple(name for name in columns if name in known) or tuple(columns)

    @cached_property
    def content(self) -> tuple[str, ...]:
        """The columns that tell records apart by what they hold: all that count but the id."""
        named = tuple(name for name in self.asked if name != self.roles.id)
        return named or tuple(self.table.columns)

    @cached_property
    def described(self) -> tuple[str, ...]:
        """The columns that a label is about: all content but the label. There may be none."""
        return tuple(name for name in self.content if name != self.roles.label)

    def missing(self, name: str) -> BoolArray:
        """(n,) which cells of a column hold no value, as completeness (Q7) counts them: no other check may count them again."""
        return missing_cells(self.table[name], self.profile.column(name))

    @cached_property
    def empty(self) -> BoolArray:
        """(n,) records without content: their text is missing, or, where there is none, all that they hold but label and annotator.

        They are missing (Q7), and so no copies of each other, no contradictions and no unclean texts.
        """
        found = np.ones(self.rows, np.bool_)
        names = [name for name in self.described if name != self.roles.annotator]
        for name in names if self.roles.text is None else [self.roles.text]:
            if not found.any():
                break
            found &= self.missing(name)
        return found if names else np.zeros(self.rows, np.bool_)

    @cached_property
    def copies(self) -> Groups:
        """Rows that are equal but for their id; a record without content is by itself."""
        return self._equal_in(self.content)

    @cached_property
    def alike(self) -> Groups:
        """Rows that are equal but for their id and label; a record without content is by itself. ValueError where nothing is left."""
        return self._equal_in(self.described)

    def _equal_in(self, columns: Sequence[str]) -> Groups:
        hashes = exact.row_hashes(self.comparable, columns, seed=self.seed)
        first, filled = np.arange(self.rows), np.flatnonzero(~self.empty)
        first[filled] = filled[exact.exact(hashes[filled]).first]
        return Groups(first)

    @property
    def distinct(self) -> BoolArray:
        """(n,) the records with content, the first of each group of equal ones."""
        return self.copies.kept & ~self.empty

    @cached_property
    def labels(self) -> pl.Series | None:
        """The labels as text, null where there is none."""
        if self.roles.label is None:
            return None
        texts = self.table[self.roles.label].cast(pl.String, strict=False).str.strip_chars()
        return texts.set(texts == "", None)

    @cached_property
    def sample(self) -> npt.NDArray[np.int64]:
        """Rows drawn by the hash of what they hold, ascending: the same records whatever the order; all of them if there are few."""
        if self.rows <= SAMPLE:
            return np.arange(self.rows)
        hashes = exact.row_hashes(self.table, self.content, seed=self.seed + 1)
        return np.sort(np.argsort(hashes, kind="stable")[:SAMPLE])


def _comparable(cells: pl.Series, kind: FieldType, missing: Sequence[str]) -> pl.Series:
    values = read(cells, kind)
    if cells.dtype != pl.String:
        return values if values.null_count() == cells.null_count() else cells
    written = cells.str.strip_chars()
    written = written.set(values.is_not_null() | written.is_in(["", *missing]).fill_null(value=False), None)
    if written.null_count() == len(written):
        return values
    return pl.DataFrame({READ: values, "written": written}).to_struct(cells.name)
