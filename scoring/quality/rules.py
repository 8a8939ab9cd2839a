"""Conditions between columns, written as people write them, and made into polars expressions.

    landed > took_off
    total == sum_a + sum_b or total is None
    status in ["ok", "late"] and delay >= 0
    col("出发 时间") < col("到达 时间")

Columns by name, or by `col("…")` where the name is no identifier; numbers, texts, True, False, None; + - * / %; comparisons,
also chained; in and not in a list; is None, is not None; and, or, not; abs(x), round(x, digits),
length(text), year(x), month(x), day(x), weekday(x) from 1 for Monday, hours(x) of a difference of moments. Text is compared with
a date or moment column as ISO 8601.

A condition about a missing value says nothing about the row (SQL's three-valued logic), so completeness is not judged twice.
The text is parsed, never executed: nothing but the forms above gets through.
"""

import ast
from collections.abc import Callable, Mapping
from datetime import datetime, time
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final

import polars as pl

LONGEST: Final = 1000
DEEPEST: Final = 40

Columns = Mapping[str, pl.DataType]


class RuleError(ValueError):
    """A condition that cannot be used. `id` and `params` name the sentence; `column` (from 1) is where in the text."""

    def __init__(self, message_id: str, column: int | None = None, /, **params: str | int) -> None:
        super().__init__(f"{message_id} at {column}: {params}")
        self.id, self.column, self.params = message_id, column, params


_FUNCTIONS: Final[Mapping[str, Callable[..., pl.Expr]]] = MappingProxyType(
    {
        "abs": lambda x: x.abs(),
        "length": lambda x: x.str.len_chars(),
        "year": lambda x: x.dt.year(),
        "month": lambda x: x.dt.month(),
        "day": lambda x: x.dt.day(),
        "weekday": lambda x: x.dt.weekday(),
        "hours": lambda x: x.dt.total_milliseconds() / 3_600_000,
    }
)
_COMPARISONS: Final[Mapping[type[ast.cmpop], Callable[[pl.Expr, pl.Expr], pl.Expr]]] = MappingProxyType(
    {
        ast.Eq: lambda x, y: x == y,
        ast.NotEq: lambda x, y: x != y,
        ast.Lt: lambda x, y: x < y,
        ast.LtE: lambda x, y: x <= y,
        ast.Gt: lambda x, y: x > y,
        ast.GtE: lambda x, y: x >= y,
    }
)
_ARITHMETIC: Final[Mapping[type[ast.operator], Callable[[pl.Expr, pl.Expr], pl.Expr]]] = MappingProxyType(
    {
        ast.Add: lambda x, y: x + y,
        ast.Sub: lambda x, y: x - y,
        ast.Mult: lambda x, y: x * y,
        ast.Div: lambda x, y: x / y,
        ast.Mod: lambda x, y: x % y,
    }
)


def condition(text: str, columns: Columns) -> pl.Expr:
    """The condition as a boolean expression over a frame with these columns; null where it says nothing about a row.

    Raises RuleError for anything that is not of the language, an unknown column (with the nearest known one), or types that do
    not go together.

    >>> frame = pl.DataFrame({"took_off": [1, 5, None], "landed": [2, 4, 3]})
    >>> frame.select(condition("landed > took_off", frame.schema)).to_series().to_list()
    [True, False, None]
    """
    if len(text) > LONGEST:
        raise RuleError("rules.long", most=LONGEST)
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise RuleError("rules.syntax", getattr(error, "offset", None)) from None
    expression = _Reader(columns).read(tree, 0)
    try:
        kind = pl.DataFrame(schema=dict(columns)).select(expression.alias("condition")).schema["condition"]
    except pl.exceptions.PolarsError:
        raise RuleError("rules.types") from None
    if kind != pl.Boolean or not expression.meta.root_names():
        raise RuleError("rules.no_condition")
    return expression


class _Reader:
    """Walks the tree of one condition."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def read(self, node: ast.expr, depth: int) -> pl.Expr:  # noqa: C901, PLR0911 - a case for each form of the language
        if depth > DEEPEST:
            raise RuleError("rules.deep", node.col_offset + 1, most=DEEPEST)
        below = depth + 1
        match node:
            case ast.Name(id=name):
                return self._column(name, node)
            case ast.Constant(value=bool() | int() | float() | str() | None as value) if _plain(value):
                return pl.lit(value)
            case ast.BoolOp(op=ast.And(), values=values):
                return pl.all_horizontal([self.read(value, below) for value in values])
            case ast.BoolOp(op=ast.Or(), values=values):
                return pl.any_horizontal([self.read(value, below) for value in values])
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self.read(operand, below).not_()
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -self.read(operand, below)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
                return _ARITHMETIC[type(op)](self.read(left, below), self.read(right, below))
            case ast.Compare():
                return self._comparison(node, below)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, arguments, node, below)
        raise RuleError("rules.not_offered", node.col_offset + 1, text=ast.unparse(node)[:60])

    def _column(self, name: str, node: ast.expr) -> pl.Expr:
        if name in self._columns:
            return pl.col(name)
        near = get_close_matches(name, self._columns, n=1)
        known = {"nearest": near[0]} if near else {"known": ", ".join(list(self._columns)[:10])}
        raise RuleError("rules.no_column_near" if near else "rules.no_column", node.col_offset + 1, name=name, **known)

    def _call(self, name: str, arguments: list[ast.expr], node: ast.expr, depth: int) -> pl.Expr:
        match name, arguments:
            case "col", [ast.Constant(value=str() as column)]:
                return self._column(column, node)
            case "round", [value, ast.Constant(value=int() as digits)] if 0 <= digits <= 12:
                return self.read(value, depth).round(digits)
            case known, [value] if known in _FUNCTIONS:
                return _FUNCTIONS[known](self.read(value, depth))
        raise RuleError(
            "rules.no_function", node.col_offset + 1, name=name, known=", ".join(["col", "round", *_FUNCTIONS])
        )

    def _comparison(self, node: ast.Compare, depth: int) -> pl.Expr:
        sides = [node.left, *node.comparators]
        steps = [
            self._step(left, op, right, depth) for left, op, right in zip(sides, node.ops, sides[1:], strict=False)
        ]
        return steps[0] if len(steps) == 1 else pl.all_horizontal(steps)

    def _step(self, left: ast.expr, op: ast.cmpop, right: ast.expr, depth: int) -> pl.Expr:
        match op, right:
            case (ast.Is() | ast.IsNot(), ast.Constant(value=None)):
                side = self.read(left, depth)
                return side.is_null() if isinstance(op, ast.Is) else side.is_not_null()
            case (ast.In() | ast.NotIn(), ast.List(elts=items) | ast.Tuple(elts=items)):
                return self._member(left, items, depth, wanted=isinstance(op, ast.In))
        if type(op) not in _COMPARISONS:
            raise RuleError("rules.not_offered", right.col_offset + 1, text=ast.unparse(right)[:60])
        return _COMPARISONS[type(op)](self._side(left, right, depth), self._side(right, left, depth))

    def _member(self, left: ast.expr, items: list[ast.expr], depth: int, *, wanted: bool) -> pl.Expr:
        values = [item.value for item in items if isinstance(item, ast.Constant) and item.value is not None]
        if (
            len(values) < len(items)
            or not values
            or len({float if type(value) is int else type(value) for value in values}) > 1
        ):
            raise RuleError("rules.list", left.col_offset + 1)
        found = self.read(left, depth).is_in(values)
        return found if wanted else found.not_()

    def _side(self, node: ast.expr, other: ast.expr, depth: int) -> pl.Expr:
        """One side of a comparison; a text beside a temporal column is a date or moment."""
        kind = self._columns.get(_column_of(other) or "")
        if (
            kind is None
            or not kind.is_temporal()
            or not (isinstance(node, ast.Constant) and isinstance(node.value, str))
        ):
            return self.read(node, depth)
        try:
            moment = datetime.fromisoformat(node.value)
        except ValueError:
            raise RuleError("rules.no_date", node.col_offset + 1, text=node.value[:60]) from None
        return pl.lit(moment.date() if kind == pl.Date and moment.time() == time() else moment)


def _column_of(node: ast.expr) -> str | None:
    """The column that an expression simply names."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Call(func=ast.Name(id="col"), args=[ast.Constant(value=str() as name)]):
            return name
    return None


def _plain(value: object) -> bool:
    """Whether a constant is one that a column may hold: endless numbers are not."""
    return not isinstance(value, int | float) or abs(value) < 2**63
