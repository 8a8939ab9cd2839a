"""What the fields of a Croissant record set mean: roles, types, the values allowed, and the number of records that is stated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import polars as pl

from challenges.datasets.bundle import Part
from challenges.datasets.claims import Claim
from challenges.datasets.croissant import Node
from challenges.datasets.desk import Desk, Draft
from challenges.datasets.media import located
from challenges.datasets.roles import Roles
from challenges.intake.jsonl import _text as cell_text
from scoring.quality.schema import Field, FieldType, Schema

Fields = Mapping[str, tuple[Node, Node]]
"""Every field of the description by its id, with the record set that it stands in."""
_TYPES: Final[Mapping[str, FieldType]] = {
    "Integer": "integer", "Int8": "integer", "Int16": "integer", "Int32": "integer", "Int64": "integer", "UInt8": "integer",
    "UInt16": "integer", "UInt32": "integer", "UInt64": "integer", "Float": "number", "Number": "number", "Float16": "number",
    "Float32": "number", "Float64": "number", "Boolean": "boolean", "Date": "date", "DateTime": "datetime",
}  # fmt: skip
_CARDINALITY: Final = "Q4049983"
"""Wikidata's word for the number of members, which Croissant 1.1 uses for the number of records."""
_KINDS: Final[tuple[Literal["image", "audio"], ...]] = ("image", "audio")


@dataclass(frozen=True, slots=True)
class Named:
    """A column of the table, and the field that describes it."""

    name: str
    node: Node


def meaning(
    main: Node, table: pl.DataFrame, parts: tuple[Part, ...], columns: Sequence[Named], fields: Fields, desk: Desk
) -> Draft:
    """The rows of a record set together with what its description says about their columns."""
    keys = {*main.ids("key")}
    primary = tuple(column.name for column in columns if column.node.id in keys or column.name in keys)
    roles: dict[str, Any] = {"id": primary[0]} if len(primary) == 1 else {}
    schema, classes = list[Field](), dict[str, None]()
    for column in columns:
        allowed = _allowed(column.node, fields)
        for role in _roles_of(column.node, fields):
            roles.setdefault(role, column.name)
        if "Label" in column.node.types():
            classes |= dict.fromkeys(allowed)
        schema.append(_field(column, allowed, primary))
    draft = Draft(table, parts, Roles(**roles), Schema(tuple(schema), primary), tuple(classes), claims=_stated(main))
    for kind in _KINDS:
        name = roles.get(kind)
        there = desk.images if kind == "image" else desk.sounds
        if name is not None and there and table[name].dtype == pl.String:
            draft.media = (kind, located(table[name], main.described.file, kind, desk))
    return draft


def _roles_of(node: Node, fields: Fields) -> list[str]:
    """The roles that the types of a field give it."""
    types = {*node.types()}
    roles = [role for kind, role in (("Label", "label"), ("AudioObject", "audio")) if kind in types]
    if "ImageObject" in types and "SegmentationMask" not in types:
        roles.append("image")
    if "Split" in types or any("Split" in fields[one][0].types() for one in node.ids("references") if one in fields):
        roles.append("split")
    if "wasAttributedTo" in node.text("equivalentProperty"):
        roles.append("annotator")
    return roles


def _allowed(node: Node, fields: Fields) -> tuple[str, ...]:
    """The values that a field may take: those of the list in the description that it refers to."""
    for target in node.ids("references"):
        rows = fields[target][0].get("data") if target in fields else None
        if isinstance(rows, list):
            short = target.removeprefix(f"{fields[target][0].id}/")
            values = [cell_text(row.get(target, row.get(short))) for row in rows if isinstance(row, dict)]
            return tuple(dict.fromkeys(value for value in values if value))
    return ()


def _field(column: Named, allowed: tuple[str, ...], keys: tuple[str, ...]) -> Field:
    node = column.node
    many = node.get("isArray") is True or node.get("repeated") is True
    source = node.node("source")
    formatted = source is not None and source.get("format") is not None
    known = [_TYPES[one] for one in node.types() if one in _TYPES]
    kind: FieldType = known[0] if known and not many and not formatted else "string"
    alone = keys == (column.name,)
    return Field(column.name, kind, required=column.name in keys, unique=alone, enum=() if many else allowed)


def _stated(main: Node) -> list[Claim]:
    """The number of records, where an annotation of the record set states it."""
    found = []
    for node in main.nodes("annotation"):
        value = node.get("value")
        if (
            _CARDINALITY in node.types()
            and isinstance(value, int)
            and not isinstance(value, bool)
            and 0 <= value < 2**53
        ):
            where = f"{main.described.file} {main.id}.annotation"
            found.append(Claim("rows", float(value), None, 0, certain=True, where=where))
    return found
