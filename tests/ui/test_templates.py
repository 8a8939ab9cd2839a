"""Lint: every template compiles and every sentence of the look exists in Chinese."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import nodes

from leaderboard.core.i18n import CATALOGUES, catalogue
from leaderboard.ui import templating
from leaderboard.ui.errors import OWN_PAGES, ErrorPage, error_template
from leaderboard.ui.patterns import patterns_page
from leaderboard.ui.templating import environment, render, templates_folder

FOLDER = templates_folder()
ENV = environment(debug=False)
ALL = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.html"))
OURS = [name for name in ALL if name == "base.html" or name.startswith(("ui/", "errors/"))]
PYTHON = sorted(Path(templating.__file__).parent.glob("*.py"))
FIELDS = re.compile(r"\{(\w+)\}")


def phrases_of(name):
    """(singular, plural or None) of every literal phrase in a template; a phrase that is no literal is an error."""
    tree = ENV.parse((FOLDER / name).read_text())
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in {"_", "ngettext"}:
            wanted = call.args[: 2 if call.node.name == "ngettext" else 1]
            if all(isinstance(arg, nodes.Const) for arg in wanted):
                yield (*(arg.value for arg in wanted), None)[:2]


def phrases_of_python(path):
    for call in ast.walk(ast.parse(path.read_text())):
        named = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in {"_phrase", "N_"}
        if named and isinstance(call.args[0], ast.Constant):
            yield call.args[0].value, None


def ours():
    for name in OURS:
        yield from phrases_of(name)
    for path in PYTHON:
        yield from phrases_of_python(path)


@pytest.mark.parametrize("name", ALL)
def test_every_template_compiles_and_says_what_it_is(name):
    ENV.get_template(name)
    source = (FOLDER / name).read_text()
    assert source.startswith("{#") or not name.startswith(("ui/", "base")), "parts are documented at their top"
    if '{%- extends "base.html"' in source:
        assert "{% block title %}" in source


@pytest.mark.parametrize("name", ALL)
def test_the_content_security_policy_would_let_it_pass(name):
    source = (FOLDER / name).read_text()
    assert not re.search(r"\sstyle\s*=|<style|\son[a-z]+\s*=|javascript:", source), "inline style or script"
    assert not re.search(r"<script(?![^>]*\ssrc=)", source), "inline script"
    assert not re.search(
        r"#[0-9a-fA-F]{6}\b|#[0-9a-fA-F]{3}\b(?![\w-])", re.sub(r'href="#[\w-]+"|"#[\w-]+"', "", source)
    ), "a colour"


def test_every_sentence_of_the_look_is_there_in_chinese():
    known = catalogue("zh")
    missing = sorted({one for one, _ in ours() if known.gettext(one) == one})
    assert missing == []


def test_translations_keep_the_parameters_and_none_is_left_over():
    with (CATALOGUES / "zh_Hans" / "ui.po").open("rb") as file:
        entries = [entry for entry in read_po(file, locale="zh_Hans") if entry.id]
    used = {one for one, _ in ours()}
    for entry in entries:
        one, said = (entry.id[0], entry.string[0]) if isinstance(entry.id, tuple) else (entry.id, entry.string)
        assert set(FIELDS.findall(said)) == set(FIELDS.findall(one)), one
        assert one in used, f"nobody says {one!r}"
        assert not re.search(r"[\u4e00-\u9fff] [\w\d]|[\w\d] [\u4e00-\u9fff]", said), f"a typed space in {said!r}"


def test_a_plural_has_both_forms_with_the_same_parameters():
    for one, many in ours():
        if many is not None:
            assert set(FIELDS.findall(one)) == set(FIELDS.findall(many)), one


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("status", sorted({*OWN_PAGES, 400, 409, 413, 422, 503}))
def test_error_pages_need_nothing_but_themselves(env, chrome, locale, status):
    page = ErrorPage(status, text="<b>why</b>", reference="abc", retry_after=30, contact="help@jiebang.example")
    for person in (None, "林晓岚"):
        html = render(env, error_template(status), page, chrome=chrome(locale, person_name=person))
        assert html.count("<h1>") == 1
        assert "&lt;b&gt;why&lt;/b&gt;" in html
        assert "abc" in html
        assert f'lang="{"zh-Hans" if locale == "zh" else "en"}"' in html


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_pattern_page_is_sound_html(env, chrome, locale):
    made = chrome(locale, person_name="林晓岚", sample_notice=True)
    html = render(env, "ui/patterns.html", patterns_page(locale, now=made.now, zone=made.zone_name), chrome=made)
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids)), "an id twice"
    assert html.count("<h1") == 1
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids), "a link to nowhere"
    assert set(re.findall(r'for="([^"]+)"', html)) <= set(ids)
    described = {
        name
        for names in re.findall(r'aria-(?:describedby|labelledby|controls)="([^"]+)"', html)
        for name in names.split()
    }
    assert described <= set(ids)
    assert "nan" not in html.lower().replace("nanyue", "").replace("finance", "")
    assert "None" not in html


def test_every_macro_is_shown_on_the_pattern_page():
    shown = (FOLDER / "ui/patterns.html").read_text() + "".join(
        (FOLDER / name).read_text() for name in OURS if name.startswith("ui/")
    )
    for name in OURS:
        if name.startswith("ui/"):
            for macro in re.findall(r"\{%-? macro (?!_)(\w+)\(", (FOLDER / name).read_text()):
                assert re.search(rf"(?<!macro )\b{macro}\(", shown), f"{name}: {macro} is shown nowhere"
