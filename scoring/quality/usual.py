"""What the columns of a table usually hold, for a table that comes without a schema."""

from typing import Final

import polars as pl

from scoring.quality.conformity import read
from scoring.quality.profile.sentinels import TEXTS
from scoring.quality.schema import Field, FieldType, Schema

USUAL: Final = 0.9
"""The share of a column's values that must read as a type for it to be the column's usual type."""
FEWEST: Final = 10
_TRIED: Final[tuple[FieldType, ...]] = ("integer", "number", "date", "datetime", "boolean")


def usual_schema(table: pl.DataFrame) -> Schema:
    """A field for each column: of text, the first type that at least `USUAL` of its values (`FEWEST` or more) read as, else text;
    of columns that have a type, that type. No constraint is made up, so only what falls out of its own column is found.

    >>> usual_schema(pl.DataFrame({"age": ["31", "45", "about 50"] + ["28"] * 20})).fields[0].type
    'integer'
    """
    fields = tuple(Field(name, _usual(table[name])) for name in table.columns)
    return Schema(fields, missing=tuple(TEXTS))


def _usual(cells: pl.Series) -> FieldType:
    if cells.dtype != pl.String:
        return _declared(cells.dtype)
    values = cells.drop_nulls()
    values = values.filter(~values.str.strip_chars().is_in(list(TEXTS)))
    if len(values) < FEWEST:
        return "string"
    needed = USUAL * len(values)
    return next((kind for kind in _TRIED if read(values, kind).is_not_null().sum() >= needed), "string")


def _declared(dtype: pl.DataType) -> FieldType:
    if dtype.is_integer():
        return "integer"
    if dtype.is_float() or dtype.is_decimal():
        return "number"
    if isinstance(dtype, pl.Datetime):
        return "datetime"
    return "date" if dtype == pl.Date else "boolean" if dtype == pl.Boolean else "string"
