"""A definition that is written reads back as itself; what is written by hand and what is generated speak of the same keys."""

import re
import tomllib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from challenges import facets, reading, reference, rules
from challenges.definition import Definition
from challenges.licences import LICENCES
from challenges.schema import json_schema
from challenges.writing import write

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp", "Zs"]), min_size=1, max_size=12)
NAMES = TEXT
WORDS = st.fixed_dictionaries({"en": TEXT, "zh": TEXT})
SLUGS = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,4}){0,2}", fullmatch=True)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
ZONES = st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
SPAN = datetime(2000, 1, 1), datetime(2100, 1, 1)  # noqa: DTZ001 - the zones come on top
DATES = st.datetimes(*SPAN, timezones=ZONES | st.just(UTC))


def maybe(**options):
    """A table that may hold each of these keys."""
    return st.fixed_dictionaries({}, optional=options)


COLUMNS = st.one_of(
    st.fixed_dictionaries(
        {"name": NAMES, "type": st.just("probability")},
        optional={"of": TEXT, "sums_to_one_with": st.lists(NAMES, max_size=2), "required": st.booleans()},
    ),
    st.fixed_dictionaries(
        {"name": NAMES, "type": st.sampled_from(["number", "integer"])},
        optional={"min": FLOATS, "max": FLOATS, "of": TEXT},
    ),
    st.fixed_dictionaries(
        {"name": NAMES, "type": st.just("class"), "classes": st.lists(TEXT | st.integers(-9, 9), min_size=1)}
    ),
    st.fixed_dictionaries({"name": NAMES, "type": st.sampled_from(["text", "list"]), "max_length": st.integers(1, 99)}),
)
TABLE = {"id": NAMES, "columns": st.lists(COLUMNS, min_size=1, max_size=3)}
SPLITS = st.one_of(
    st.fixed_dictionaries({"column": NAMES}),
    st.fixed_dictionaries(
        {"public": st.floats(0, 1, exclude_min=True, exclude_max=True), "seed": st.integers(0, 2**63 - 1)},
        optional={"stratify": NAMES, "group": NAMES},
    ),
)
ANSWERS = st.fixed_dictionaries(
    {"path": st.just("answers/a.csv"), "truth": NAMES | st.lists(NAMES, min_size=1, max_size=2), "split": SPLITS},
    optional={"id": NAMES},
)
SCORES = st.lists(
    st.fixed_dictionaries(
        {"key": SLUGS, "metric": st.sampled_from(["mae", "roc_auc"])},
        optional={
            "title": WORDS,
            "truth": NAMES,
            "prediction": NAMES | st.lists(NAMES, max_size=2),
            "group": NAMES,
            "digits": st.integers(0, 12),
            "options": st.dictionaries(TEXT, st.integers(), max_size=2),
        },
    ),
    min_size=1,
    max_size=3,
)
COMMON = {
    "format": st.just("jiebang/1"),
    "slug": SLUGS,
    "version": st.from_regex(r"[1-9]?[0-9]\.[0-9]\.[0-9]", fullmatch=True),
    "kind": st.just("prediction"),
    "sector": st.sampled_from(list(facets.SECTORS)),
    "task": st.sampled_from(list(facets.TASKS)),
    "modality": st.lists(st.sampled_from(list(facets.MODALITIES)), min_size=1, max_size=2),
    "title": WORDS,
    "summary": WORDS,
    "data": st.fixed_dictionaries(
        {
            "licence": st.sampled_from(["custom", *LICENCES]),
            "source": TEXT,
            "personal": st.sampled_from(["none", "pseudonymous", "personal"]),
            "files": st.lists(
                st.fixed_dictionaries(
                    {"path": st.just("public/x"), "role": st.sampled_from(list(facets.ROLES))},
                    optional={"about": WORDS},
                ),
                min_size=1,
                max_size=2,
            ),
        },
        optional={"licence_file": st.just("public/licence.txt")},
    ),
}
OPTIONAL = {
    "board": maybe(
        ties=st.lists(TEXT, max_size=3),
        final=maybe(picked=st.integers(1, 9), otherwise=st.sampled_from(["best public", "latest"])),
        lines=st.lists(st.fixed_dictionaries({"key": SLUGS, "title": WORDS, "upto": st.integers(1, 9)}), max_size=2),
    ),
    "limits": maybe(
        per_day=st.integers(1, 9), total=st.integers(1, 99), zone=st.sampled_from(["UTC", "Asia/Shanghai"])
    ),
    "phases": st.lists(
        st.fixed_dictionaries(
            {"key": SLUGS, "opens": DATES, "closes": DATES}, optional={"title": WORDS, "total": st.integers(1, 9)}
        ),
        max_size=2,
    ),
}
SINGLE = st.fixed_dictionaries(
    {**COMMON, "submission": st.fixed_dictionaries(TABLE), "answers": ANSWERS, "scores": SCORES}, optional=OPTIONAL
)
SEVERAL = st.fixed_dictionaries(
    {
        **COMMON,
        "tasks": st.lists(
            st.fixed_dictionaries(
                {"key": SLUGS, "submission": st.fixed_dictionaries(TABLE), "answers": ANSWERS, "scores": SCORES},
                optional={"title": WORDS, "weight": st.floats(0.1, 9)},
            ),
            min_size=1,
            max_size=2,
        ),
    },
    optional=OPTIONAL,
)


@pytest.mark.slow
@given(SINGLE | SEVERAL)
@settings(deadline=None, max_examples=50)
def test_what_is_written_reads_back(raw):
    definition = Definition.model_validate(raw)
    for text in (write(definition), write(definition, comments=True)):
        assert reading.read(text.encode()).definition == definition
    assert Definition.model_validate_json(definition.model_dump_json()) == definition


def test_writing_breaks_no_rule_that_was_kept(definition, tasks_definition):
    for text in (definition, tasks_definition):
        known = reading.read(text.encode()).definition
        for shown in (known, known.effective()):
            again = reading.read(write(shown, comments=True).encode())
            assert again.definition == shown
            assert rules.findings(again.source, again.definition) == ()


def test_what_is_shown_hides_no_default(definition):
    known = reading.read(definition.encode()).definition
    shown = tomllib.loads(write(known.effective()))
    assert shown["scores"][1]["digits"] == 5
    assert shown["submission"]["columns"][0] == {"name": "p_late", "type": "probability", "required": True, "of": "1"}
    assert shown["phases"][1]["per_day"] == 5
    assert shown["answers"]["id"] == "train"


def test_a_comment_is_written_once(definition):
    text = write(reading.read(definition.encode()).definition, comments=True)
    assert text.count("# The column's name, exactly as it stands in the file.") == 1


def test_the_reference_knows_every_key_and_says_what_it_means(definition, tasks_definition):
    entries = {entry.path: entry for entry in reference.entries()}
    for text in (definition, tasks_definition):
        for path in reading.read(text.encode()).source.lines:
            name = re.sub(r"\[\d+\]", "[]", reading.key_path(path))
            if isinstance(path[-1], str):
                assert name in entries or f"{name}[]" in entries, name
    assert all(entry.description.endswith(".") and len(entry.description) > 10 for entry in entries.values())
    assert entries["limits.per_day"] == reference.KeyEntry("limits.per_day", "integer", "5", "Submissions a day.")
    assert entries["answers.split.public"].default == ""
    assert entries["slug"].default is None
    assert entries["phases[].opens"].type == "date and time with offset"
    assert entries["tasks[].scores[]"].type == "list of tables"


@pytest.fixture(scope="module")
def schema():
    return json_schema()


KEYWORDS = {"$schema", "$id", "$defs", "title", "description", "default", "format", "type"}


def fits(schema, value, whole) -> bool:
    """A JSON Schema validator for the words that ours uses; fails on any other word."""
    if "$ref" in schema and not fits(whole["$defs"][schema["$ref"].removeprefix("#/$defs/")], value, whole):
        return False
    types = {
        "object": dict, "array": list, "string": str | datetime, "integer": int, "number": int | float, "boolean": bool,
    }  # fmt: skip
    plain = isinstance(value, bool) <= (schema.get("type") in {None, "boolean"})
    checks = {
        "$ref": lambda _: True,
        "const": lambda wanted: value == wanted,
        "enum": lambda wanted: value in wanted,
        "pattern": lambda wanted: re.search(wanted, value) is not None,
        "anyOf": lambda wanted: any(fits(one, value, whole) for one in wanted),
        "items": lambda wanted: all(fits(wanted, item, whole) for item in value),
        "minItems": lambda wanted: len(value) >= wanted,
        "minimum": lambda wanted: value >= wanted,
        "maximum": lambda wanted: value <= wanted,
        "exclusiveMinimum": lambda wanted: value > wanted,
        "required": lambda wanted: set(wanted) <= set(value),
        "properties": lambda wanted: all(
            fits(wanted[key], item, whole) for key, item in value.items() if key in wanted
        ),
        "additionalProperties": lambda wanted: (
            all(fits(wanted, item, whole) for item in value.values())
            if isinstance(wanted, dict)
            else wanted or set(value) <= set(schema["properties"])
        ),
    }
    if "type" in schema and not (isinstance(value, types[schema["type"]]) and plain):
        return False
    assert set(schema) <= KEYWORDS | set(checks), set(schema) - KEYWORDS - set(checks)
    return all(check(schema[word]) for word, check in checks.items() if word in schema)


def test_the_schema_says_the_same_as_the_model(schema, definition, tasks_definition):
    assert fits(schema, tomllib.loads(definition), schema)
    assert fits(schema, tomllib.loads(tasks_definition), schema)
    assert "null" not in str(schema)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"late-trains"', '"Late"'),
        ('"transport"', '"transports"'),
        ("max_mb ", "max_md "),
        ("max_mb  = 5", "max_mb = 0"),
        ('metric     = "mae"', 'metric = "nae"'),
        ('type = "number"', 'type = "figure"'),
        ('"CC0-1.0"', '"CC0"'),
        ("max  = 600.5", "required = 1"),
        ('kind     = "prediction"', ""),
    ],
)
def test_the_schema_refuses_what_the_model_refuses(schema, definition, old, new):
    text = definition.replace(old, new)
    assert reading.read(text.encode()).definition is None or 'metric = "nae"' in text  # metrics are a matter of rules
    assert not fits(schema, tomllib.loads(text), schema)


@given(SINGLE | SEVERAL)
@settings(deadline=None, max_examples=20)
def test_the_schema_accepts_what_is_written(schema, raw):
    assert fits(schema, tomllib.loads(write(Definition.model_validate(raw))), schema)
