"""Reading schemas: Table Schema of both versions and our own form."""

import json
from datetime import date

import polars as pl
import pytest

from challenges.datasets import read_schema
from challenges.datasets.patterns import size_of
from scoring.quality.conformity import conform
from scoring.quality.schema import Field, Rule, Schema
from tests.challenges.datasets.handed import checked, ids, said, the

OURS = """
[schema]
keys    = ["flight"]
missing = ["", "NA"]
rules   = [{ name = "landing after take-off", expr = "landed > took_off" }]
[[schema.fields]]
name = "flight"
type = "integer"
required = true
minimum = 1
[[schema.fields]]
name = "took_off"
type = "datetime"
minimum = 2013-01-01
[[schema.fields]]
name = "landed"
type = "datetime"
[[schema.fields]]
name = "carrier"
pattern = "[A-Z]{2}"
min_length = 2
max_length = 2
enum = ["AA", "DL"]
[[schema.fields]]
name = "delay"
type = "number"
maximum = 1500
decimals = 1
unique = true
"""
EXPECTED = Schema(
    fields=(
        Field("flight", "integer", required=True, minimum=1.0),
        Field("took_off", "datetime", minimum="2013-01-01"),
        Field("landed", "datetime"),
        Field("carrier", min_length=2, max_length=2, pattern="[A-Z]{2}", enum=("AA", "DL")),
        Field("delay", "number", unique=True, maximum=1500.0, decimals=1),
    ),
    primary_key=("flight",),
    rules=(Rule("landing after take-off", "landed > took_off"),),
    missing=("", "NA"),
)
TABLE_SCHEMA = {
    "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
    "fields": [
        {"name": "flight", "type": "integer", "title": "Flight", "constraints": {"required": True, "minimum": 1}},
        {"name": "took_off", "type": "datetime", "constraints": {"minimum": "2013-01-01"}},
        {"name": "landed", "type": "datetime"},
        {
            "name": "carrier",
            "type": "string",
            "constraints": {"pattern": "[A-Z]{2}", "minLength": 2, "maxLength": 2, "enum": ["AA", "DL"]},
        },
        {"name": "delay", "type": "number", "constraints": {"maximum": 1500, "unique": True}},
    ],
    "primaryKey": "flight",
    "missingValues": ["", {"value": "NA", "label": "not known"}],
    "rules": [{"name": "landing after take-off", "expr": "landed > took_off"}],
}


def read(source, file="schema.json", **options):
    data = source if isinstance(source, bytes | dict) else source.encode()
    schema, findings = read_schema(data, file, **options)
    assert (schema is None) == any(finding.level == "error" for finding in findings)
    return schema, checked(findings)


def fields_of(*fields, **more):
    return {"fields": list(fields), **more}


def test_our_form():
    assert read(OURS, "dataset.toml") == (EXPECTED, ())


def test_table_schema_says_the_same():
    schema, findings = read(json.dumps(TABLE_SCHEMA))
    assert findings == ()
    assert schema == Schema(
        (*EXPECTED.fields[:-1], Field("delay", "number", unique=True, maximum=1500.0)),
        EXPECTED.primary_key,
        EXPECTED.rules,
        EXPECTED.missing,
    )


def test_values_instead_of_bytes():
    assert read(TABLE_SCHEMA)[0] == read(json.dumps(TABLE_SCHEMA))[0]
    ours, _ = read(
        {"fields": [{"name": "a", "minimum": date(2026, 1, 1), "type": "date"}], "keys": "a"}, "challenge.toml"
    )
    assert ours == Schema((Field("a", "date", minimum="2026-01-01"),), ("a",))


def test_a_package_adds_keys_and_rules_to_a_schema_of_its_own():
    base, _ = read(fields_of({"name": "a", "type": "integer"}, {"name": "b", "type": "integer"}))
    source = {
        "path": "schema.json",
        "keys": ["a"],
        "rules": [{"name": "r", "expr": "a < b"}],
        "strata": {"a": 3},
        "licences": ["CC0-1.0"],
    }
    schema, _ = read(source, "challenge.toml", base=base)
    assert schema == Schema(base.fields, ("a",), (Rule("r", "a < b"),))
    assert ids(read({**source, "rules": [{"name": "r", "expr": "a < c"}]}, "challenge.toml", base=base)[1]) == [
        "rules.no_column"
    ]


FAULTS = [
    ({"fields": [{"name": "a", "tipe": "integer"}]}, "dataset.unknown_key_near", "fields[0].tipe", {"nearest": "type"}),
    (
        {"fields": [{"name": "a", "constraints": {"minimm": 1}}]},
        "dataset.unknown_key_near",
        "fields[0].constraints.minimm",
        {"nearest": "minimum"},
    ),
    ({"fields": [{"name": "a"}], "zzz": 1}, "dataset.unknown_key", "zzz", {}),
    (
        {"fields": [{"name": "a", "type": "integr"}]},
        "dataset.schema_type_near",
        "fields[0].type",
        {"nearest": "integer"},
    ),
    ({"fields": [{"name": "a", "type": 7}]}, "dataset.schema_type", "fields[0].type", {}),
    ({"fields": []}, "dataset.schema_no_fields", "fields", {}),
    ({}, "dataset.schema_no_fields", "fields", {}),
    ({"fields": ["a"]}, "package.want_table", "fields[0]", {}),
    ({"fields": [{}]}, "package.missing", "fields[0].name", {}),
    ({"fields": [{"name": " "}]}, "dataset.schema_name", "fields[0].name", {}),
    ({"fields": [{"name": "a"}, {"name": "a"}]}, "package.repeated", "fields[1].name", {}),
    ({"fields": [{"name": "a", "constraints": []}]}, "package.want_table", "fields[0].constraints", {}),
    (
        {"fields": [{"name": "a", "constraints": {"required": "yes"}}]},
        "package.want_boolean",
        "fields[0].constraints.required",
        {},
    ),
    (
        {"fields": [{"name": "a", "type": "string", "constraints": {"minLength": -1}}]},
        "package.want_integer",
        "fields[0].constraints.minLength",
        {},
    ),
    (
        {"fields": [{"name": "a", "type": "integer", "constraints": {"minLength": 1}}]},
        "dataset.schema_misplaced",
        "fields[0].constraints.minLength",
        {"types": "string"},
    ),
    (
        {"fields": [{"name": "a", "type": "integer", "constraints": {"pattern": "x"}}]},
        "dataset.schema_misplaced",
        "fields[0].constraints.pattern",
        {},
    ),
    (
        {"fields": [{"name": "a", "type": "string", "constraints": {"minimum": 1}}]},
        "dataset.schema_misplaced",
        "fields[0].constraints.minimum",
        {},
    ),
    (
        {"fields": [{"name": "a", "type": "integer", "constraints": {"minimum": 1.5}}]},
        "dataset.schema_bound",
        "fields[0].constraints.minimum",
        {},
    ),
    (
        {"fields": [{"name": "a", "type": "date", "constraints": {"maximum": "tomorrow"}}]},
        "dataset.schema_bound",
        "fields[0].constraints.maximum",
        {"type": "date"},
    ),
    (
        {"fields": [{"name": "a", "type": "number", "constraints": {"minimum": True}}]},
        "dataset.schema_bound",
        "fields[0].constraints.minimum",
        {},
    ),
    (
        {"fields": [{"name": "a", "type": "number", "constraints": {"minimum": 2, "maximum": 1}}]},
        "package.min_above_max",
        "fields[0].constraints.minimum",
        {},
    ),
    (
        {"fields": [{"name": "a", "type": "number", "constraints": {"exclusiveMinimum": "x"}}]},
        "dataset.schema_bound",
        "fields[0].constraints.exclusiveMinimum",
        {},
    ),
    (
        {"fields": [{"name": "a", "type": "string", "constraints": {"pattern": "(a"}}]},
        "dataset.schema_pattern",
        "fields[0].constraints.pattern",
        {},
    ),
    (
        {"fields": [{"name": "a", "type": "string", "constraints": {"pattern": "a)|(b"}}]},
        "dataset.schema_pattern",
        "fields[0].constraints.pattern",
        {},
    ),
    (
        {"fields": [{"name": "a", "type": "string", "constraints": {"pattern": "(?=a)b"}}]},
        "dataset.schema_pattern_look",
        "fields[0].constraints.pattern",
        {},
    ),
    (
        {"fields": [{"name": "a", "type": "string", "constraints": {"pattern": r"(a)\1"}}]},
        "dataset.schema_pattern_look",
        "fields[0].constraints.pattern",
        {},
    ),
    (
        {"fields": [{"name": "a", "type": "string", "constraints": {"pattern": "(a{1000}){1000}"}}]},
        "dataset.schema_pattern_large",
        "fields[0].constraints.pattern",
        {},
    ),
    (
        {"fields": [{"name": "a", "type": "string", "constraints": {"pattern": "a" * 1001}}]},
        "dataset.schema_pattern_form",
        "fields[0].constraints.pattern",
        {},
    ),
    ({"fields": [{"name": "a", "constraints": {"enum": []}}]}, "dataset.schema_enum", "fields[0].constraints.enum", {}),
    (
        {"fields": [{"name": "a", "type": "integer", "constraints": {"enum": [1, "x"]}}]},
        "dataset.schema_enum_value",
        "fields[0].constraints.enum[1]",
        {"type": "integer"},
    ),
    (
        {"fields": [{"name": "flight"}], "primaryKey": ["fligth"]},
        "dataset.schema_no_field_near",
        "primaryKey[0]",
        {"nearest": "flight"},
    ),
    ({"fields": [{"name": "ab"}], "primaryKey": ["ab", "ab"]}, "package.repeated", "primaryKey[1]", {}),
    ({"fields": [{"name": "ab"}], "primaryKey": 3}, "dataset.schema_names", "primaryKey", {}),
    ({"fields": [{"name": "ab"}], "missingValues": "NA"}, "dataset.schema_missing", "missingValues", {}),
    (
        {"fields": [{"name": "ab"}], "foreignKeys": [{"fields": "zz", "reference": {"fields": "y"}}]},
        "dataset.schema_no_field",
        "foreignKeys[0].fields",
        {},
    ),
    ({"fields": [{"name": "ab"}], "rules": {}}, "package.want_list", "rules", {}),
    ({"fields": [{"name": "ab"}], "rules": [{"name": "r"}]}, "package.missing", "rules[0].expr", {}),
    (
        {"fields": [{"name": "ab", "type": "integer"}], "rules": [{"name": "r", "expr": "ab == 1", "when": 1}]},
        "dataset.unknown_key",
        "rules[0].when",
        {},
    ),
    ({"fields": [{"name": "ab"}], "rules": [{"name": "r", "expr": "ab >"}]}, "rules.syntax", "rules[0].expr", {}),
    (
        {"fields": [{"name": "ab", "type": "integer"}], "rules": [{"name": "r", "expr": "1 < __import__('os')"}]},
        "rules.no_function",
        "rules[0].expr",
        {"place": 5},
    ),
    ({"fields": [{"name": "ab"}], "rules": [{"name": "r", "expr": "ab > 1"}]}, "rules.types", "rules[0].expr", {}),
    (
        {"fields": [{"name": "a", "type": "date"}], "rules": [{"name": "r", "expr": "a > 'x'"}]},
        "rules.no_date",
        "rules[0].expr",
        {"text": "x"},
    ),
    (
        {
            "fields": [{"name": "ab"}],
            "rules": [{"name": "r", "expr": "length(ab) > 1"}, {"name": "r", "expr": "length(ab) < 9"}],
        },
        "package.repeated",
        "rules[1].name",
        {},
    ),
]


@pytest.mark.parametrize(
    ("source", "message", "key", "params"), FAULTS, ids=[f"{fault[1]} {fault[2]}" for fault in FAULTS]
)
def test_faults_name_their_place_and_what_was_meant(source, message, key, params):
    schema, findings = read(source)
    assert schema is None
    assert [(finding.id, finding.key) for finding in findings] == [(message, key)]
    assert params.items() <= findings[0].params.items()


def test_all_faults_are_told_at_once():
    source = fields_of(
        {"name": "a", "type": "numbr"},
        {"name": "b", "constraints": {"pattern": "("}, "type": "string"},
        {"nam": "c"},
        primaryKey="d",
        extra=1,
    )
    _, findings = read(source)
    assert len([finding for finding in findings if finding.level == "error"]) == 6


def test_rules_are_not_blamed_for_a_type_that_is_wrong_itself():
    _, findings = read(fields_of({"name": "a", "type": "numbr"}, rules=[{"name": "r", "expr": "a > 1"}]))
    assert ids(findings) == ["dataset.schema_type_near"]


def test_lines_of_our_form():
    _, findings = read(OURS.replace('took_off" }', 'took_of" }').replace("maximum", "maximun"), "dataset.toml")
    assert [(finding.id, finding.line) for finding in findings] == [
        ("dataset.unknown_key_near", 27),
        ("rules.no_column_near", 5),
    ]


def test_a_team_may_have_keys_of_its_own():
    source = fields_of({"name": "a", "uncertainty": 3, "type": "decimal"})
    schema, findings = read(source, strict=False)
    assert schema == Schema((Field("a"),))
    assert {finding.level for finding in findings} == {"warning"}
    assert ids(findings) == ["dataset.unknown_key", "dataset.schema_type_read_as_text"]
    assert read(source)[0] is None


UNCHECKED = [
    ({"name": "a", "type": "geopoint"}, "type"),
    ({"name": "a", "type": "array", "constraints": {"maxLength": 3}}, "type"),
    ({"name": "a", "type": "date", "format": "%d/%m/%Y"}, "format"),
    ({"name": "a", "type": "datetime", "format": "any"}, "format"),
    ({"name": "a", "type": "number", "decimalChar": ","}, "decimalChar"),
    ({"name": "a", "type": "integer", "groupChar": ","}, "groupChar"),
    ({"name": "a", "type": "integer", "bareNumber": False}, "bareNumber"),
    ({"name": "a", "type": "string", "missingValues": ["-"]}, "missingValues"),
    ({"name": "a", "type": "string", "constraints": {"jsonSchema": {}}}, "constraints.jsonSchema"),
    ({"name": "a", "type": "boolean", "trueValues": "yes"}, "trueValues"),
    ({"name": "a", "type": "string", "format": "email", "constraints": {"pattern": "x"}}, "format"),
]


@pytest.mark.parametrize(("field", "key"), UNCHECKED, ids=[key for _, key in UNCHECKED])
def test_what_is_not_checked_is_named_and_calls_nothing_wrong(field, key):
    schema, findings = read(fields_of(field))
    assert f"fields[0].{key}" in [finding.key for finding in findings]
    assert {finding.id for finding in findings} == {"dataset.schema_unchecked"}
    cells = pl.DataFrame({"a": ["x", "x"]})
    assert not conform(cells, schema).bad_rows.any() or field["type"] == "boolean"


CHECKED = [
    ({"type": "time"}, ["18:30:00", "23:59:60"], ["24:00:00", "6 pm"]),
    ({"type": "year"}, ["2026"], ["26a"]),
    ({"type": "yearmonth"}, ["2026-12"], ["2026-13"]),
    ({"type": "duration"}, ["P1Y2M", "PT0.5S"], ["1 year"]),
    ({"type": "string", "format": "email"}, ["a@b.cn"], ["a@b"]),
    ({"type": "string", "format": "uri"}, ["https://x.org"], ["x.org"]),
    ({"type": "string", "format": "uuid"}, ["8e00bc48-63f1-4ef0-a2aa-95b714d48801"], ["8e00bc48"]),
    ({"type": "string", "format": "binary"}, ["QUJD", "QQ=="], ["QQ="]),
    ({"type": "boolean", "trueValues": ["Y"], "falseValues": ["N"]}, ["Y", "N"], ["true"]),
    ({"type": "boolean", "trueValues": ["yes"]}, ["yes", "false"], ["perhaps"]),
    ({"type": "integer", "constraints": {"exclusiveMinimum": 0}}, ["1"], ["0"]),
    ({"type": "integer", "categories": [{"value": 0, "label": "no"}, {"value": 1}]}, ["0", "1"], ["2"]),
    ({"type": "string", "categories": ["a", "b"]}, ["a"], ["c"]),
    ({"type": "any"}, ["1", "x"], []),
    ({}, ["1", "x"], []),
]


@pytest.mark.parametrize(("field", "good", "bad"), CHECKED, ids=[json.dumps(field) for field, _, _ in CHECKED])
def test_what_can_be_said_in_another_way_is_checked(field, good, bad):
    schema, findings = read(fields_of({"name": "a", **field}))
    assert findings == ()
    assert not conform(pl.DataFrame({"a": good}), schema).bad_rows.any()
    assert conform(pl.DataFrame({"a": bad}, schema={"a": pl.String}), schema).bad_rows.all()


@pytest.mark.parametrize(
    ("name", "kind", "bounds", "cells"),
    [
        ("x", "number", {"exclusiveMinimum": 0, "exclusiveMaximum": 1.5}, ["0", "0.1", "1.5", ""]),
        ('出发 "日期"', "date", {"exclusiveMinimum": "2026-01-01"}, ["2026-01-01", "2026-01-02", "", ""]),
        ("class", "number", {"exclusiveMinimum": 0, "exclusiveMaximum": 1.5}, ["0", "0.1", "1.5", ""]),
    ],
)
def test_open_bounds_become_rules(name, kind, bounds, cells):
    schema, _ = read(fields_of({"name": name, "type": kind, "constraints": bounds}))
    conformity = conform(pl.DataFrame({name: cells}), schema)
    assert conformity.broken_rows.tolist() == [True, False, len(bounds) > 1, False]


def test_keys_of_the_table_as_a_whole():
    source = fields_of({"name": "a"}, {"name": "b"}, uniqueKeys=[["a"], ["a", "b"]], fieldsMatch="partial")
    schema, findings = read(source)
    assert schema.field("a").unique
    assert not schema.field("b").unique
    assert [finding.key for finding in findings] == ["uniqueKeys[1]", "fieldsMatch"]


def test_hostile_schemas():
    assert ids(read(b"[" * 10_000)[1]) == ["dataset.json_deep"]
    assert ids(read(b"[]")[1]) == ["package.want_table"]
    assert ids(read(b"x" * (5 * 2**20))[1]) == ["dataset.file_large"]
    assert ids(read(b"x = 1", "a.toml")[1]) == ["package.want_table"]
    assert ids(read(fields_of(*({"name": f"f{i}"} for i in range(2001))))[1]) == ["dataset.columns_many"]
    deep = {"name": "r", "expr": "not " * 60 + "a > 1"}
    assert the(read(fields_of({"name": "a", "type": "integer"}, rules=[deep]))[1], "rules.deep").params["most"] == 40
    assert said(read(fields_of({"name": "a\x07" * 300}))[1][0])


@pytest.mark.parametrize(
    ("pattern", "size"),
    [
        ("", 0),
        ("abc", 3),
        ("a{5}", 5),
        ("a{2,5}", 5),
        ("(ab{9}){10}", 100),
        ("((a{10}){10}){10}", 1000),
        (r"\d{4}-\d{2}", 61),
        (r"[^a]{3}|[a\]b]", 130),
        (r"[]a][^]a]", 50),
        (r"\p{Han}{2}.", 120),
        ("a{" + "9" * 9 + "}", 10**9 - 1),
        (")}{][(", None),
        ("(" * 1000, 0),
    ],
)
def test_how_large_a_pattern_is(pattern, size):
    found = size_of(pattern)
    assert found == size if size is not None else found >= 0


@pytest.mark.hostile
def test_patterns_cannot_cost_more_than_all_of_them_may():
    fields = [{"name": f"f{i}", "type": "string", "constraints": {"pattern": rf"\w{{100}}{i}"}} for i in range(40)]
    _, findings = read(fields_of(*fields))
    assert {finding.id for finding in findings} == {"dataset.schema_pattern_large"}
    assert findings[0].key == "fields[12].constraints.pattern"


@pytest.mark.hostile
def test_more_faults_than_anybody_reads():
    _, findings = read({"fields": [{"name": "a"}], **{f"k{i}": 1 for i in range(5000)}}, strict=False)
    assert len(findings) == 501
    assert findings[-1].id == "dataset.faults_many"
    assert sum(finding.id == "dataset.unknown_key_near" for finding in findings) <= 200
    assert ids(
        read(
            fields_of({"name": "a", "type": "integer"}, rules=[{"name": f"r{i}", "expr": "a > 1"} for i in range(1001)])
        )[1]
    ) == ["dataset.rules_many"]
