"""From bytes to a definition, or to findings with line, key path, value and what was expected."""

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from challenges import reading
from challenges.definition import Definition
from challenges.findings import PackageRefused
from challenges.messages import MESSAGES
from challenges.package import load


def errors(text):
    read = reading.read(text if isinstance(text, bytes) else text.encode())
    return [finding for finding in read.findings if finding.level == "error"]


def spoiled(definition: str, old: str, new: str) -> tuple[str, int]:
    """The text with one place changed, and the line of that place."""
    assert definition.count(old) == 1, old
    return definition.replace(old, new), definition[: definition.index(old)].count("\n") + 1


def test_a_sound_definition_has_notes_about_its_dates_only(definition):
    read = reading.read(definition.encode())
    assert isinstance(read.definition, Definition)
    assert {(finding.id, finding.level) for finding in read.findings} == {("package.date_understood", "note")}
    assert [finding.params["utc"] for finding in read.findings][:2] == [
        "2026-12-01 01:00:00 UTC",
        "2027-01-31 10:00:00 UTC",
    ]


def test_a_mark_at_the_front_and_windows_line_ends_are_no_matter(definition):
    same = reading.read(b"\xef\xbb\xbf" + definition.replace("\n", "\r\n").encode())
    assert same.definition == reading.read(definition.encode()).definition
    assert [finding.line for finding in same.findings] == [f.line for f in reading.read(definition.encode()).findings]


def test_an_error_reads_like_this(definition):
    text, line = spoiled(definition, "public = 0.4", "public = 1.3")
    (finding,) = errors(text)
    assert f"{finding.place}: {MESSAGES[finding.id].format(**finding.params)}" == (
        f"challenge.toml:{line} answers.split.public = 1.3: a share is between 0 and 1"
    )


@pytest.mark.parametrize(
    ("old", "new", "message", "key", "value"),
    [
        ('"late-trains"', '"Late Trains"', "package.not_a_slug", "slug", '"Late Trains"'),
        ('"late-trains"', "3", "package.want_text", "slug", "3"),
        ('"1.0.0"', '"1.0"', "package.not_a_version", "version", '"1.0"'),
        ('"prediction"', '"predictions"', "package.not_one_of", "kind", '"predictions"'),
        ('"transport"', '"transports"', "package.not_listed_near", "sector", '"transports"'),
        ('"transport"', '"zzz"', "package.not_listed", "sector", '"zzz"'),
        ('["table"]', '"table"', "package.want_list", "modality", '"table"'),
        ('["table"]', "[]", "package.empty_list", "modality", "[]"),
        ('["table"]', '["table", "smell"]', "package.not_listed", "modality[1]", '"smell"'),
        ('"Which trains will be late?"', '" "', "package.blank", "title.en", '" "'),
        ('"CC0-1.0"', '"CC0"', "package.licence_unknown_near", "data.licence", '"CC0"'),
        ('"none"', '"maybe"', "package.not_one_of", "data.personal", '"maybe"'),
        ('"public/test.csv"', '"../test.csv"', "package.not_a_path", "data.files[1].path", '"../test.csv"'),
        ('"public/test.csv"', '"/etc/passwd"', "package.not_a_path", "data.files[1].path", '"/etc/passwd"'),
        ('"public/test.csv"', "'public\\test.csv'", "package.not_a_path", "data.files[1].path", '"public\\\\test.csv"'),
        ('role = "test"', 'role = "tset"', "package.not_listed_near", "data.files[1].role", '"tset"'),
        ("max_mb  = 5", "max_mb  = 2.5", "package.want_integer", "submission.max_mb", "2.5"),
        ("max_mb  = 5", "max_mb  = 0", "package.at_least", "submission.max_mb", "0"),
        ("max  = 600.5", "max  = inf", "package.want_number", "submission.columns[2].max", "inf"),
        ("max  = 600.5", "max  = true", "package.want_number", "submission.columns[2].max", "true"),
        ("max  = 600.5", "required = 1", "package.want_boolean", "submission.columns[2].required", "1"),
        ('type = "number"', 'type = "boxes"', "package.type_not_yet", "submission.columns[2].type", '"boxes"'),
        ('id      = "train"', 'id      = "train "', "package.not_a_name", "submission.id", '"train "'),
        ('["late", "delay"]', '["late", 3]', "package.want_text", "answers.truth[1]", "3"),
        ('["late", "delay"]', '""', "package.not_a_name", "answers.truth", '""'),
        ("seed = 7", "seed = -1", "package.at_least", "answers.split.seed", "-1"),
        ("digits     = 4", "digits     = 40", "package.at_most", "scores[0].digits", "40"),
        ("digits     = 4", 'options = { k = "x" }', "package.want_integer", "scores[0].options.k", '"x"'),
        ("digits     = 4", "options = 4", "package.want_table", "scores[0].options", "4"),
        ("final = {", "final = [1] #", "package.want_table", "board.final", "[1]"),
        ('"Asia/Shanghai"', '"Asia/Guangzhou"', "package.not_a_zone", "limits.zone", '"Asia/Guangzhou"'),
        ("2027-02-01T09:00:00+08:00", '"2027-02-01"', "package.date_quoted", "phases[1].opens", '"2027-02-01"'),
        ("2027-02-01T09:00:00+08:00", "2027-02-01", "package.date_no_offset", "phases[1].opens", "2027-02-01"),
        ("2027-02-01T09:00:00+08:00", "20270201", "package.not_a_date", "phases[1].opens", "20270201"),
        (
            "2027-02-01T09:00:00+08:00",
            "0001-01-01T00:00:00+08:00",
            "package.not_a_date",
            "phases[1].opens",
            "0001-01-01T00:00:00+08:00",
        ),
        (
            "2027-02-01T09:00:00+08:00",
            "9999-12-31T23:59:59",
            "package.not_a_date",
            "phases[1].opens",
            "9999-12-31T23:59:59",
        ),
    ],
)
def test_a_wrong_value_is_found_where_it_stands(definition, old, new, message, key, value):
    text, line = spoiled(definition, old, new)
    assert [(f.id, f.file, f.line, f.key, f.value) for f in errors(text)] == [
        (message, "challenge.toml", line, key, value)
    ]


def test_a_date_without_an_offset_shows_both_readings(definition):
    text, _ = spoiled(definition, "2027-02-01T09:00:00+08:00", "2027-02-01T09:00:00")
    (finding,) = errors(text)
    assert finding.params == {
        "as_utc": "2027-02-01 09:00:00 UTC",
        "as_shanghai": "2027-02-01 01:00:00 UTC",
        "written_utc": "2027-02-01T09:00:00+00:00",
        "written_shanghai": "2027-02-01T09:00:00+08:00",
    }


@pytest.mark.parametrize(
    ("old", "new", "message", "params"),
    [
        ("per_day = 5", "per_dya = 5", "package.unknown_key_near", {"nearest": "per_day"}),
        (
            "max_mb  = 5",
            'metric = "mae"',
            "package.unknown_key_here",
            {"places": "scores.metric, tasks.scores.metric, dataset.utility.metric"},
        ),
        ("upto  = 3", "upto  = 3\nsparkle = true", "package.unknown_key", {"known": "key, title, upto"}),
    ],
)
def test_an_unknown_key_is_never_ignored(definition, old, new, message, params):
    text, line = spoiled(definition, old, new)
    (finding,) = errors(text)
    assert (finding.id, finding.params) == (message, params)
    assert finding.line == line + new.count("\n")


def test_a_missing_key_is_found_at_the_table_it_belongs_to(definition):
    text, line = spoiled(definition, 'metric     = "mae"\n', "")
    (finding,) = errors(text)
    assert (finding.id, finding.key, finding.value) == ("package.missing", "scores[1].metric", None)
    assert text.split("\n")[finding.line - 1] == "[[scores]]"
    assert finding.line == line - 2


def test_dates_are_explained_whatever_else_is_wrong(definition):
    text, _ = spoiled(definition, '"late-trains"', "1")
    assert (
        next(f.params["utc"] for f in reading.read(text.encode()).findings if f.level == "note")
        == "2026-12-01 01:00:00 UTC"
    )


def test_everything_is_found_at_once(definition):
    text = definition
    for old, new in [('"late-trains"', "1"), ("max_mb ", "max_md "), ('"CC0-1.0"', '"??"'), ("upto  = 3", "upto = 0")]:
        text, _ = spoiled(text, old, new)
    found = errors(text)
    assert [f.id for f in found] == [
        "package.want_text",
        "package.licence_unknown",
        "package.unknown_key_near",
        "package.at_least",
    ]
    assert [f.line for f in found] == sorted(f.line for f in found)


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("a = 1\nb 2\n", "package.toml_no_equals", 2),
        ("a = 1\n=2\n", "package.toml_bad_key", 2),
        ("a = 1 b = 2\n", "package.toml_one_a_line", 1),
        ("a = 1\nb = [1, 2\n", "package.toml_unclosed", 3),
        ('a = 1\nb = "x\n', "package.toml_unclosed", 2),
        ("[a\n", "package.toml_unclosed", 1),
        ("a = 1\na = 2\n", "package.toml_twice", 2),
        ("a = {b = 1, b = 2}\n", "package.toml_twice", 1),
        ('a = "\\d"\n', "package.toml_backslash", 1),
        ("a = yes\n", "package.toml_bad_value", 1),
        ("a = 2026-02-30\n", "package.not_a_date", 1),
        ("a = 1\nb ＝ 2\n", "package.toml_full_width", 2),
        ("a = 1\ntitle = “中”\n", "package.toml_full_width", 2),
        (b"a = 1\nb = '\xff'\n", "package.not_utf8", 2),
        ("a = " + "[" * 5000 + "]" * 5000, "package.toml_too_deep", None),
        ("a = 1\n" + "a." * 100_000 + "b = 1", "package.toml_too_deep", 2),
        ("a = " + "9" * 5000, "package.toml_bad_value", None),
        ("#" * (reading.MOST_BYTES + 1), "package.toml_too_large", None),
    ],
)
def test_what_is_no_toml_is_said_in_plain_words(text, message, line):
    (finding,) = errors(text)
    assert (finding.id, finding.line, finding.file) == (message, line, "challenge.toml")
    assert MESSAGES[message].format(**finding.params)


def test_every_error_that_the_model_can_give_has_words():
    kinds = {"missing", "extra_forbidden", *reading._MODEL}

    def schemas(node):
        if isinstance(node, dict):
            yield node
        for item in node.values() if isinstance(node, dict) else node if isinstance(node, list | tuple) else ():
            yield from schemas(item)

    needs = {
        "str": {"string_type"},
        "int": {"int_type"},
        "float": {"float_type", "finite_number"},
        "bool": {"bool_type"},
        "tuple": {"tuple_type"},
        "dict": {"dict_type"},
        "model": {"model_type"},
        "literal": {"literal_error"},
    }
    bounds = {"gt", "ge", "lt", "le", "multiple_of", "min_length", "max_length", "pattern"}
    known = {"int": {"ge", "le"}, "float": {"gt", "ge", "le"}, "tuple": {"min_length"}}
    met = set()
    for node in schemas(Definition.__pydantic_core_schema__):
        kind = node.get("type")
        if isinstance(kind, str) and kind in needs:
            met.add(kind)
            assert needs[kind] <= kinds
            assert bounds & set(node) <= known.get(kind, set())
    assert met == set(needs)
    assert {"too_short", "greater_than", "greater_than_equal", "less_than_equal"} <= kinds


VALUE = re.compile(r"^(?P<key>[\w.]+\s*=\s*)(?P<value>.+)$")
OTHERS = ["3", '"x"', "true", "[1, { a = 2 }]", "{}", "2026-01-01", "-7.5", "nan"]


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_findings_name_the_line_that_was_spoiled(definition_text, data):
    lines = definition_text.split("\n")
    candidates = [number for number, line in enumerate(lines) if VALUE.match(line) and not line.endswith("[")]
    number = data.draw(st.sampled_from(candidates))
    matched = VALUE.match(lines[number])
    other = data.draw(st.sampled_from(OTHERS))
    lines[number] = f"{matched['key']}{other}"
    text = "\n".join(lines)
    read = reading.read(text.encode())
    assume(read.definition is None)  # another value may be right as well
    assert {finding.line for finding in read.findings if finding.level == "error"} == {number + 1}


@pytest.fixture(scope="session")
def refused(tmp_path_factory):
    """Loads a folder with nothing but this definition, and checks that every refusal can be put into words."""
    folder = tmp_path_factory.mktemp("mutated")

    def load_text(text):
        (folder / "challenge.toml").write_text(text, "utf-8", newline="")
        with pytest.raises(PackageRefused) as refused:  # its files are missing, if nothing else is
            load(folder)
        for finding in refused.value.findings:
            fields = {name: value for name, value in finding if name != "params"}
            assert MESSAGES[finding.id].format(**{**fields, **finding.params})

    return load_text


@given(st.data())
@settings(deadline=None, max_examples=80)
def test_no_missing_table_or_line_makes_it_stumble(definition_text, tasks_text, refused, data):
    text = data.draw(st.sampled_from([definition_text, tasks_text]))
    pieces = re.split(r"(?=\n\[)", text) if data.draw(st.booleans()) else text.splitlines(keepends=True)
    kept = data.draw(st.lists(st.booleans(), min_size=len(pieces), max_size=len(pieces)))
    refused("".join(piece for piece, keep in zip(pieces, kept, strict=True) if keep))


@pytest.mark.parametrize("table", ["scores", "phases", "board", "limits", "submission", "answers", "data", "title"])
def test_every_table_may_be_missing(definition, refused, table):
    pieces = re.split(r"(?=\n\[)", definition)
    refused("".join(piece for piece in pieces if not piece.lstrip("\n[").startswith(table)))


@given(st.data())
@settings(deadline=None, max_examples=80)
def test_no_text_makes_it_stumble(definition_text, refused, data):
    text = definition_text
    pieces = st.text(st.characters(codec="utf-8"), max_size=6) | st.sampled_from(
        ['"', "[[", "]", "{", "= 1\n", "\n[x]\n", "1e999", "."]
    )
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 40)))
        text = text[:start] + data.draw(pieces) + text[end:]
    refused(text)
