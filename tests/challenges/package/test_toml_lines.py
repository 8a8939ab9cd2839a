"""Every key path of any TOML text is found, on the line where it stands."""

import tomllib

from hypothesis import given, settings
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


def quoted(text):
    inner = "".join(f"\\u{ord(c):04x}" if c in '"\\' or c < " " or c == "\x7f" else c for c in text)
    return f'"{inner}"'


class Writer:
    """Writes a random TOML text and keeps the line of every key path: all string forms, values over several lines, comments."""

    def __init__(self, draw):
        self.draw, self.out, self.lines = draw, [], {}

    def any_of(self, *choices):
        return self.draw(st.sampled_from(choices))

    def note(self, path):
        self.lines.setdefault(path, "".join(self.out).count("\n") + 1)

    def key(self, name):
        plain = name and all(c.isascii() and (c.isalnum() or c in "-_") for c in name)
        return name if plain and self.draw(st.booleans()) else quoted(name)

    def value(self, path, depth):
        nested = ("array", "table") if depth < 3 else ()
        kind = self.any_of("int", "string", "multi", "literal", *nested)
        if kind in nested:
            getattr(self, kind)(path, depth)
            return
        text = self.draw(STRINGS)
        forms = {"int": str(self.draw(st.integers(-9, 99))), "string": quoted(text)}
        forms["multi"] = '"""\n' + text.replace("\\", "\\\\").replace('"', '\\"') + '"""'
        forms["literal"] = "'''\n" + text.replace("'", "") + "'''"
        self.out.append(forms[kind])

    def array(self, path, depth):
        self.out.append("[")
        gaps = ("", " ", "\n", "\n  # a ] comment\n")
        for number in range(self.draw(st.integers(0, 3))):
            self.out.append(self.any_of(*gaps))
            self.note((*path, number))
            self.value((*path, number), depth + 1)
            self.out.append(",")
        self.out.append(self.any_of("]", "\n]"))

    def table(self, path, depth):
        self.out.append("{")
        for number, name in enumerate(self.draw(st.lists(KEYS, max_size=3, unique=True))):
            self.out.append(", " if number else " ")
            self.pair((*path, name), depth + 1)
        self.out.append("}")

    def pair(self, path, depth):
        self.note(path)
        self.out.append(f"{self.key(path[-1])} = ")
        self.value(path, depth)

    def body(self, path):
        for name in self.draw(st.lists(st.sampled_from("abcde"), max_size=3, unique=True)):
            self.pair((*path, name), 0)
            self.out.append(self.any_of("\n", " # [c]\n", "\n\n"))

    def document(self):
        self.body(())
        for name in self.draw(st.lists(st.sampled_from(["t", "u", "v"]), max_size=3, unique=True)):
            self.note((name,))
            if self.draw(st.booleans()):
                self.out.append(f"[ {self.key(name)} ]\n")
                self.body((name,))
                continue
            for number in range(self.draw(st.integers(1, 3))):
                self.note((name, number))
                self.out.append(f"[[{self.key(name)}]]\n")
                self.body((name, number))
        return "".join(self.out), self.lines


@st.composite
def documents(draw):
    return Writer(draw).document()


@given(documents())
@settings(deadline=None, max_examples=60)
def test_lines_are_those_that_a_writer_knows(document):
    text, lines = document
    assert set(paths(tomllib.loads(text))) == set(lines)
    assert dict(key_lines(text)) == lines
