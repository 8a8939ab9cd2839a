"""Reading a schema: Table Schema in JSON (Frictionless v1 and v2), or our own `[schema]` table in TOML or JSON.

    [schema]
    keys    = ["flight"]
    missing = ["", "NA"]
    rules   = [{ name = "landing after take-off", expr = "landed > took_off" }]
    fields  = [
      { name = "flight", type = "integer", required = true },
      { name = "carrier", enum = ["AA", "DL"] },
      { name = "delay", type = "number", minimum = -60, maximum = 1500, decimals = 1 },
    ]

A key that is not known is named with the one that was probably meant. A feature of Table Schema that is not checked here is
named too, one by one; the field is then read as text, so that nothing is called wrong that is not. Patterns are compiled by the
engine that will use them, rules against the types of the fields.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, cast

import polars as pl

from challenges.datasets import patterns
from challenges.datasets import schema_features as features
from challenges.datasets.describing import Described, read_json, read_toml
from challenges.datasets.limits import LONGEST_NAME, Limits
from challenges.findings import Finding
from challenges.toml_lines import KeyPath
from scoring.quality import conformity
from scoring.quality.rules import RuleError, condition
from scoring.quality.schema import TYPES, Field, FieldType, Rule, Schema

Form = Literal["table-schema", "ours"]
OURS: Final = ("fields", "keys", "missing", "rules")
OF_THE_PACKAGE: Final = ("path", "strata", "quasi_identifiers", "licences")
"""Keys of `[schema]` in a `challenge.toml` that are read by those who read the package."""
OUR_FIELD: Final = (
    "name", "type", "title", "description", "required", "unique", "minimum", "maximum", "min_length", "max_length", "pattern", "enum",
    "decimals",
)  # fmt: skip
RULE: Final = ("name", "expr")
LONGEST_PATTERN: Final = 1_000
MOST_VALUES: Final = 10_000
"""Values of an enumeration."""
MOST_RULES: Final = 1_000
MOST_FAULTS: Final = 500
"""Things to be said about one schema; then reading stops."""

_BOUNDED: Final = ("integer", "number", "date", "datetime")


def read_schema(
    source: bytes | Mapping[str, Any], file: str, *, base: Schema | None = None, strict: bool = True
) -> tuple[Schema | None, tuple[Finding, ...]]:
    """The schema in `source`, and all that is to be said about it; no schema where there are errors.

    source   bytes of JSON (Table Schema) or, when `file` ends in .toml, of TOML with a `[schema]` table; or the values themselves:
             of a Table Schema when `file` ends in .json, else of our `[schema]` table
    file     named in findings
    base     a schema that `source` only adds keys and rules to, so that it need not list fields
    strict   an unknown key is an error; otherwise, as the standard allows keys of one's own, it is a warning
    """
    ours = file.lower().endswith(".toml") or (not isinstance(source, bytes) and not file.lower().endswith(".json"))
    if not isinstance(source, bytes):
        return read_described(
            Described(file, dict(source)), (), "ours" if ours else "table-schema", base=base, strict=strict
        )
    if len(source) > Limits().description_bytes:
        return None, (
            Finding(
                id="dataset.file_large", file=file, params={"bytes": len(source), "most": Limits().description_bytes}
            ),
        )
    described = read_toml(source, file) if ours else read_json(source, file)
    if isinstance(described, Finding):
        return None, (described,)
    return read_described(
        described, ("schema",) if ours else (), "ours" if ours else "table-schema", base=base, strict=strict
    )


def read_described(
    described: Described, path: KeyPath, form: Form, *, base: Schema | None = None, strict: bool = True
) -> tuple[Schema | None, tuple[Finding, ...]]:
    """The schema that stands at a key path of something already read."""
    reader = _Reader(described, form, strict=strict)
    try:
        schema = reader.schema(path, base)
    except _EnoughFaults:
        schema = None
        reader.found.append(described.finding("dataset.faults_many", path, most=MOST_FAULTS))
    found = tuple(reader.found)
    return (None if any(finding.level == "error" for finding in found) else schema), found


class _EnoughFaults(Exception):
    """There are more faults than anybody reads."""


class _Reader:
    """Reads one schema; everything to be said goes to `found`."""

    def __init__(self, described: Described, form: Form, *, strict: bool) -> None:
        self._described, self._ours = described, form == "ours"
        self._unknown: Literal["error", "warning"] = "error" if strict else "warning"
        self._open_bounds: list[Rule] = []
        self._size = 0
        self.found: list[Finding] = []

    def schema(self, path: KeyPath, base: Schema | None) -> Schema | None:
        value = self._described.at(path)
        if not isinstance(value, dict):
            self._say("package.want_table", path)
            return None
        known = (*OURS, *OF_THE_PACKAGE) if self._ours else (*features.SCHEMA, "rules")
        self._check_keys(path, value, known, (*OURS,) if self._ours else known)
        fields = () if base is None else base.fields
        if "fields" in value or base is None:
            fields = self._fields((*path, "fields"))
        keys = (*path, "keys" if self._ours else "primaryKey")
        primary = self._names(keys, fields) if keys[-1] in value else () if base is None else base.primary_key
        missing = self._missing(path, value, base)
        if not self._ours:
            fields = self._whole_features(path, value, fields, missing)
        rules = (*(() if base is None else base.rules), *self._open_bounds, *self._rules((*path, "rules"), fields))
        return Schema(fields, primary, rules, missing)

    # the parts of a schema

    def _fields(self, path: KeyPath) -> tuple[Field, ...]:
        listed = self._described.at(path)
        if not isinstance(listed, list) or not listed:
            self._say("dataset.schema_no_fields", path)
            return ()
        if len(listed) > Limits().columns:
            self._say("dataset.columns_many", path, found=len(listed), most=Limits().columns)
            return ()
        found, names = list[Field](), set[str]()
        for number, value in enumerate(listed):
            at = (*path, number)
            if not isinstance(value, dict):
                self._say("package.want_table", at)
                continue
            if (field := self._field(at, value)) is None:
                continue
            if field.name in names:
                self._say("package.repeated", (*at, "name"))
            names.add(field.name)
            found.append(field)
        return tuple(found)

    def _field(self, path: KeyPath, value: dict[str, Any]) -> Field | None:
        self._check_keys(path, value, OUR_FIELD if self._ours else features.FIELD)
        name = value.get("name")
        if not isinstance(name, str) or not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
            self._say(
                "dataset.schema_name" if "name" in value else "package.missing", (*path, "name"), most=LONGEST_NAME
            )
            return None
        if self._ours:
            return self._ours_field(path, name.strip(), value)
        plain, notes = features.plain(value)
        for key, message in notes:
            if message == features.TYPE_UNKNOWN and self._unknown == "error":
                self._no_type((*path, *key), value["type"], features.KNOWN_TYPES)
            else:
                self._say(message, (*path, *key), level="warning")
        constraints = value.get("constraints", {})
        if not isinstance(constraints, dict):
            self._say("package.want_table", (*path, "constraints"))
            return None
        self._check_keys((*path, "constraints"), constraints, features.CONSTRAINTS)
        where = {ours: (*path, *at) for ours, at in features.places(value).items()}
        for ours, theirs in (("exclusive_minimum", "exclusiveMinimum"), ("exclusive_maximum", "exclusiveMaximum")):
            place = (*path, "constraints", theirs)
            if ours in plain and (bound := self.bound(place, plain["type"], plain[ours])) is not None:
                self._open_bounds.append(features.exclusive(name.strip(), ours, bound))
        return self._built(path, name.strip(), plain, where)

    def _ours_field(self, path: KeyPath, name: str, value: dict[str, Any]) -> Field | None:
        kind = value.get("type", "string")
        if kind not in tuple(TYPES):
            self._no_type((*path, "type"), kind, tuple(TYPES))
            return Field(name)
        return self._built(path, name, value, {key: (*path, key) for key in OUR_FIELD})

    def _no_type(self, path: KeyPath, kind: Any, known: tuple[str, ...]) -> None:
        near = self._described.nearest(str(kind), known)
        self._say(
            "dataset.schema_type_near" if near else "dataset.schema_type", path, nearest=near, known=", ".join(known)
        )

    def _built(self, path: KeyPath, name: str, value: Mapping[str, Any], where: Mapping[str, KeyPath]) -> Field:
        """The field from plain values; whatever does not fit its type is said."""
        kind = cast(FieldType, value.get("type", "string"))
        taken: dict[str, Any] = {}
        for key, want in _WANTS.items():
            if key in value:
                taken[key] = want(self, where.get(key, path), kind, value[key])
        for low, high in (("minimum", "maximum"), ("min_length", "max_length")):
            least, most = taken.get(low), taken.get(high)
            if least is not None and most is not None and type(least) is type(most) and least > most:
                self._say("package.min_above_max", where.get(low, path), max=str(most))
        return Field(name=name, type=kind, **taken)

    def _missing(self, path: KeyPath, value: dict[str, Any], base: Schema | None) -> tuple[str, ...]:
        key = "missing" if self._ours else "missingValues"
        if key not in value:
            return ("",) if base is None else base.missing
        words = features.missing_words(value[key])
        if words is None:
            self._say("dataset.schema_missing", (*path, key))
            return ("",)
        return words

    def _names(self, path: KeyPath, fields: tuple[Field, ...]) -> tuple[str, ...]:
        """Names of fields: a single name stands for a list of one."""
        value = self._described.at(path)
        names = [value] if isinstance(value, str) else value
        if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
            self._say("dataset.schema_names", path)
            return ()
        known = tuple(field.name for field in fields)
        for number, name in enumerate(names):
            at = path if isinstance(value, str) else (*path, number)
            if name in names[:number]:
                self._say("package.repeated", at)
            elif name not in known and known:
                near = self._described.nearest(name, known)
                message = "dataset.schema_no_field_near" if near else "dataset.schema_no_field"
                self._say(message, at, nearest=near, known=", ".join(known[:10]))
        return tuple(names)

    def _whole_features(
        self, path: KeyPath, value: dict[str, Any], fields: tuple[Field, ...], missing: tuple[str, ...]
    ) -> tuple[Field, ...]:
        """What Table Schema says about the table as a whole: unique keys, foreign keys, how columns match."""
        fields, notes = features.whole(value, fields, missing)
        for key, message in notes:
            self._say(message, (*path, *key), level="warning")
        for number, key in enumerate(features.listed(value.get("foreignKeys"))):
            if isinstance(key, dict) and "fields" in key:
                self._names((*path, "foreignKeys", number, "fields"), fields)
        return fields

    def _rules(self, path: KeyPath, fields: tuple[Field, ...]) -> tuple[Rule, ...]:
        value = self._described.at(path)
        if value is None:
            return ()
        if not isinstance(value, list) or len(value) > MOST_RULES:
            self._say("dataset.rules_many" if isinstance(value, list) else "package.want_list", path, most=MOST_RULES)
            return ()
        found, names = list[Rule](), set[str]()
        columns = {field.name: conformity.DTYPES[field.type] for field in fields}
        sound = not any(finding.level == "error" for finding in self.found)
        for number, raw in enumerate(value):
            rule = self._rule((*path, number), raw)
            if rule is None:
                continue
            if rule.name in names:
                self._say("package.repeated", (*path, number, "name"))
            names.add(rule.name)
            try:
                condition(rule.condition, columns)
            except RuleError as error:
                if error.id == "rules.types" and not sound:
                    continue  # the fault may lie in a field's type alone
                params: dict[str, Any] = {**error.params, **({} if error.column is None else {"place": error.column})}
                self._say(error.id, (*path, number, "expr"), **params)
            found.append(rule)
        return tuple(found)

    def _rule(self, at: KeyPath, raw: Any) -> Rule | None:
        if not isinstance(raw, dict):
            self._say("package.want_table", at)
            return None
        self._check_keys(at, raw, RULE)
        texts = [text.strip() if isinstance(text := raw.get(key), str) else "" for key in RULE]
        for key, text in zip(RULE, texts, strict=True):
            if not text:
                self._say("package.want_text" if key in raw else "package.missing", (*at, key))
        name, expr = texts
        if len(name) > LONGEST_NAME:
            self._say("dataset.schema_name", (*at, "name"), most=LONGEST_NAME)
        return Rule(name, expr) if name and expr else None

    # what single values must be

    def flag(self, path: KeyPath, _kind: FieldType, value: Any) -> bool:
        if not isinstance(value, bool):
            self._say("package.want_boolean", path)
        return value is True

    def length(self, path: KeyPath, kind: FieldType, value: Any) -> int | None:
        if kind != "string":
            self._misplaced(path, kind, "string")
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31:
            self._say("package.want_integer", path)
            return None
        return value

    def decimals(self, path: KeyPath, kind: FieldType, value: Any) -> int | None:
        if kind != "number":
            self._misplaced(path, kind, "number")
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 15:
            self._say("package.want_integer", path)
            return None
        return value

    def bound(self, path: KeyPath, kind: FieldType, value: Any) -> float | str | None:
        if kind not in _BOUNDED:
            self._misplaced(path, kind, ", ".join(_BOUNDED))
            return None
        temporal = kind in {"date", "datetime"}
        if temporal and hasattr(value, "isoformat"):  # a date of TOML
            value = value.isoformat()
        text = (
            value
            if isinstance(value, str)
            else ""
            if isinstance(value, bool) or not isinstance(value, int | float)
            else str(value)
        )
        read = conformity.read(pl.Series([text]), kind).item() if len(text) <= LONGEST_NAME else None
        if read is None or (temporal and not isinstance(value, str)):
            self._say("dataset.schema_bound", path, type=kind)
            return None
        return text if temporal else float(read)

    def pattern(self, path: KeyPath, kind: FieldType, value: Any) -> str | None:
        if kind != "string":
            self._misplaced(path, kind, "string")
            return None
        if not isinstance(value, str) or len(value) > LONGEST_PATTERN:
            self._say("dataset.schema_pattern_form", path, most=LONGEST_PATTERN)
            return None
        self._size += patterns.size_of(value)
        large = "dataset.schema_pattern_large" if self._size > patterns.MOST_SIZE else None
        if (reason := large or patterns.fault_of(value)) is not None:
            self._say(reason, path)
        return value

    def enum(self, path: KeyPath, kind: FieldType, value: Any) -> tuple[str, ...]:
        if (
            not isinstance(value, list)
            or not value
            or len(value) > MOST_VALUES
            or any(isinstance(one, dict | list) for one in value)
        ):
            self._say("dataset.schema_enum", path, most=MOST_VALUES)
            return ()
        texts = pl.Series([_text(one) for one in value], dtype=pl.String)
        for number, fits in enumerate(conformity.read(texts, kind).is_not_null().to_list()):
            if not fits:
                self._say("dataset.schema_enum_value", (*path, number), type=kind)
        return tuple(texts.to_list())

    def _misplaced(self, path: KeyPath, kind: FieldType, types: str) -> None:
        self._say("dataset.schema_misplaced", path, type=kind, types=types)

    def _check_keys(
        self, path: KeyPath, value: dict[str, Any], known: tuple[str, ...], shown: tuple[str, ...] | None = None
    ) -> None:
        for key in value:
            if key not in known:
                self._add(self._described.unknown((*path, key), shown or known, level=self._unknown))

    def _say(
        self, message: str, path: KeyPath, *, level: Literal["error", "warning", "note"] = "error", **params: Any
    ) -> None:
        self._add(self._described.finding(message, path, level=level, **params))

    def _add(self, finding: Finding) -> None:
        self.found.append(finding)
        if len(self.found) >= MOST_FAULTS:
            raise _EnoughFaults


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    return None if value is None else str(value)


_WANTS: Final[Mapping[str, Callable[[_Reader, KeyPath, FieldType, Any], Any]]] = {
    "required": _Reader.flag,
    "unique": _Reader.flag,
    "minimum": _Reader.bound,
    "maximum": _Reader.bound,
    "min_length": _Reader.length,
    "max_length": _Reader.length,
    "pattern": _Reader.pattern,
    "enum": _Reader.enum,
    "decimals": _Reader.decimals,
}
