"""Every key path of any TOML text is found, on the line where it stands."""

import tomllib

from hypothesis import given
from hypothesis import strategies as st

from challenges.toml_lines import key_lines


def paths(value, at=()):
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, item in inner:
        yield (*at, step)
        yield from paths(item, (*at, step))


def at(raw, path):
    for step in path:
        raw = raw[step]
    return raw


TRAPS = '''# comment with [table] and key = 1
a = 1 # x = [
"quoted \\" key".'literal.key'.z = """
[not]
x = 1
""""
[b]
array = [ # ] comment
  2, {x = 3, "y y" = [4,
  5]},
  "]", \'\'\'
  ]\'\'\', # ,
  6
]
empty = []
none = {}
w = """ \\""" """
last = 7
[[t]]
n=8
[[t.u]]
k.v = { a.b = 9, c = "}" }
[t.w]
[[t]]
[t.w.x]
when = 2026-01-01T10:00:00+08:00
n = 10\r
m = 11
[ deep . "er" ]
n = 12
'''


def test_finds_every_path_and_no_other_in_a_text_full_of_traps():
    raw = tomllib.loads(TRAPS)
    assert set(key_lines(TRAPS)) == set(paths(raw))


def test_numbers_stand_on_the_line_they_are_said_to():
    raw, lines, text = tomllib.loads(TRAPS), key_lines(TRAPS), TRAPS.split("\n")
    numbers = [path for path in paths(raw) if isinstance(at(raw, path), int)]
    assert len(numbers) == 12
    for path in numbers:
        assert str(at(raw, path)) in text[lines[path] - 1], path


def test_tables_count_where_their_header_is():
    lines = key_lines("a.b = 1\n\n[c.d]\n[[e]]\n[[e]]\n[c]\n")
    assert lines["a",] == lines["a", "b"] == 1
    assert lines["c",] == lines["c", "d"] == 3
    assert (lines["e",], lines["e", 0], lines["e", 1]) == (4, 4, 5)


KEYS = st.one_of(
    st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=4),
)
STRINGS = st.text(st.sampled_from("ab]}[{,#='\"\\\n\t 中."), max_size=12)


@st.composite
def documents(draw):
    """(text, line of each key path): tables, arrays of tables, inline values over several lines, comments, every string form."""
    out: list[str] = []
    lines: dict[tuple, int] = {}

    def key(name):
        if draw(st.booleans()) and name and all(c.isascii() and (c.isalnum() or c in "-_") for c in name):
            return name
        return quote(name)

    def quote(text):
        inner = "".join(f"\\u{ord(c):04x}" if c in '"\\' or c < " " or c == "\x7f" else c for c in text)
        return f'"{inner}"'

    def line():
        return "".join(out).count("\n") + 1

    def value(path, depth):
        kind = draw(
            st.sampled_from(["int", "string", "multi", "literal", "array", "table"] if depth < 3 else ["int", "string"])
        )
        if kind == "array":
            out.append("[")
            for number in range(draw(st.integers(0, 3))):
                out.append(draw(st.sampled_from(["", " ", "\n", "\n  # a ] comment\n"])))
                lines[*path, number] = line()
                value((*path, number), depth + 1)
                out.append(",")
            out.append(draw(st.sampled_from(["]", "\n]"])))
        elif kind == "table":
            out.append("{")
            for number, name in enumerate(draw(st.lists(KEYS, max_size=3, unique=True))):
                out.append(", " if number else " ")
                pair((*path, name), depth + 1)
            out.append("}")
        else:
            text = draw(STRINGS)
            forms = {"int": str(draw(st.integers(-9, 99))), "string": quote(text)}
            forms["multi"] = '"""\n' + text.replace("\\", "\\\\").replace('"', '\\"') + '"""'
            forms["literal"] = "'''\n" + text.replace("'", "") + "'''"
            out.append(forms[kind])

    def pair(path, depth):
        lines[path] = line()
        out.append(f"{key(path[-1])} = ")
        value(path, depth)

    def body(path):
        for name in draw(st.lists(st.sampled_from("abcde"), max_size=3, unique=True)):
            pair((*path, name), 0)
            out.append(draw(st.sampled_from(["\n", " # [c]\n", "\n\n"])))

    body(())
    for name in draw(st.lists(st.sampled_from(["t", "u", "v"]), max_size=3, unique=True)):
        if draw(st.booleans()):
            lines[name,] = line()
            out.append(f"[ {key(name)} ]\n")
            body((name,))
        else:
            for number in range(draw(st.integers(1, 3))):
                lines.setdefault((name,), line())
                lines[name, number] = line()
                out.append(f"[[{key(name)}]]\n")
                body((name, number))
    return "".join(out), lines


@given(documents())
def test_lines_are_those_that_a_writer_knows(document):
    text, lines = document
    assert set(paths(tomllib.loads(text))) == set(lines)
    assert dict(key_lines(text)) == lines
