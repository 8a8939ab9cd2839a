"""What templates can say, in both languages: words, addresses, numbers, moments."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.ui import templating
from leaderboard.ui.templating import Chrome, environment, render

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Page:
    value: object = None


@cache
def sources():
    """An environment in which a template's name is its source."""
    env = environment(debug=False)
    env.loader = jinja2.FunctionLoader(str)
    return env


def said(source, value=None, locale="en", **more):
    """What ``source`` renders to, as a whole template."""
    chrome = Chrome(**{"locale": locale, "path": "/x", "now": NOW, **more})
    return render(sources(), source, Page(value), chrome=chrome)


def test_words_are_translated_and_everything_foreign_is_escaped():
    assert (
        said("{{ _('posted by: {name}', name=page.value) }}", "<b>A&B</b>") == "posted by: &lt;b&gt;A&amp;B&lt;/b&gt;"
    )
    assert said("{{ _('posted by: {name}', name=page.value) }}", "{name}", "zh") == "发榜单位：{name}"
    assert said("{{ _('x < {n}', n=3) }}") == "x &lt; 3"
    assert said("{% set a %}<a>1</a>{% endset %}{{ _('see {link}', link=a) }}") == "see <a>1</a>"


def test_plurals_and_whole_numbers_follow_the_language():
    source = "{{ ngettext('{count} place', '{count} places', page.value) }}"
    assert [said(source, n) for n in (1, 2, 12840)] == ["1 place", "2 places", "12,840 places"]
    assert said(source, 2, "zh") == "2处"


def test_sentences_join_as_the_language_does():
    source = "{{ sentences('A.', '', 'B.'|strong) }}"
    assert said(source) == "A. <b>B.</b>"
    assert said(source, locale="zh") == "A.<b>B.</b>"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/challenges/x", "/zh/challenges/x"),
        ("/", "/zh/"),
        ("/api/docs", "/zh/api/docs"),
        ("/api/v1/x", "/api/v1/x"),
        ("/static/a.css", "/static/a.css"),
        ("/badge/x.svg", "/badge/x.svg"),
        ("?page=2", "?page=2"),
        ("#mine", "#mine"),
        ("https://example.org/", "https://example.org/"),
    ],
)
def test_addresses_carry_the_language_where_they_are_pages(path, expected):
    assert said("{{ href(page.value) }}", path, "zh") == expected


def test_the_address_is_the_state():
    source = "{{ with_query(sort='-score', after=none) }}"
    assert said(source, query="q=%E6%9D%BE&sort=team&after=xyz") == "?q=%E6%9D%BE&amp;sort=-score"
    assert said("{{ other_language() }}", path="/a", query="q=1") == "(&#39;zh&#39;, &#39;/zh/a?q=1&#39;)"


@pytest.mark.parametrize(
    ("source", "value", "expected"),
    [
        ("{{ page.value|number }}", 1284, "1,284"),
        ("{{ page.value|number(2) }}", 1284.5, "1,284.50"),
        ("{{ page.value|score(4) }}", 0.72645, "0.7264"),
        ("{{ page.value|score(4) }}", 0.72655, "0.7266"),
        ("{{ page.value|score(2) }}", -0.005, "−0.00"),
        ("{{ page.value|score(0) }}", 1e21, "1000000000000000000000"),
        ("{{ page.value|signed(3) }}", 0.0451, "+0.045"),
        ("{{ page.value|signed }}", -2, "−2"),
        ("{{ page.value|percent }}", 0.302, "30%"),
        ("{{ page.value|bytes }}", 512, "512\N{NO-BREAK SPACE}B"),
        ("{{ page.value|bytes }}", 9100, "9.1\N{NO-BREAK SPACE}kB"),
        ("{{ page.value|bytes }}", 999_600, "1.0\N{NO-BREAK SPACE}MB"),
        ("{{ page.value|bytes }}", 48_000_000, "48\N{NO-BREAK SPACE}MB"),
        ("{{ page.value|seconds }}", 0.038, "38 ms"),
        ("{{ page.value|seconds }}", 0.42, "0.4 s"),
        ("{{ page.value|seconds }}", 420, "7 min"),
    ],
)
def test_numbers(source, value, expected):
    assert said(source, value) == expected


@pytest.mark.parametrize(
    "name",
    [
        "number",
        "score(3)",
        "signed",
        "percent",
        "bytes",
        "moment",
        "short_moment",
        "day",
        "ago",
        "countdown",
        "seconds",
    ],
)
def test_nothing_is_a_dash_that_is_read_out(name):
    assert (
        said("{{ page.value|" + name + " }}", None)
        == '<span aria-hidden="true">–</span><span class="vh">no data</span>'
    )


@given(st.floats(-1e6, 1e6), st.integers(0, 6))
def test_a_score_is_shown_as_it_ties(value, digits):
    from scoring import rounded

    shown = templating._score(value, digits)
    assert float(shown.replace("−", "-")) == rounded(value, digits)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("short", "short"),
        ("exactly te", "exactly te"),
        ("one too lon", "one too l…"),
        ("松山湖数据", "松山湖数据"),
        ("松山湖数据工坊", "松山湖数…"),
        ("", ""),
    ],
)
def test_long_names_are_cut_by_their_width(text, expected):
    assert said("{{ page.value|fit(10) }}", text) == expected


def test_moments_show_their_zone():
    deadline = datetime(2026, 12, 10, 10, tzinfo=UTC)
    assert said("{{ page.value|moment }}", deadline) == (
        '<time datetime="2026-12-10T18:00:00+08:00">2026-12-10 18:00</time> UTC+8'
    )
    assert said("{{ page.value|moment }}", deadline, zone_name="UTC").endswith("10:00</time> UTC")
    assert ">12-10 18:00<" in said("{{ page.value|short_moment }}", deadline)
    assert ">2027-01-01 00:00<" in said("{{ page.value|short_moment }}", datetime(2026, 12, 31, 16, tzinfo=UTC))
    assert ">2026-12-10<" in said("{{ page.value|day }}", deadline)
    assert said("{{ zone() }}", zone_name="America/St_Johns") == "UTC−3:30"
    with pytest.raises(ValueError, match="without a zone"):
        said("{{ page.value|moment }}", datetime(2026, 12, 10))  # noqa: DTZ001 - that is the point


def test_times_from_now():
    assert ">3 minutes ago<" in said("{{ page.value|ago }}", NOW - timedelta(minutes=3))
    assert ">3分钟前<" in said("{{ page.value|ago }}", NOW - timedelta(minutes=3), "zh")
    assert ">just now<" in said("{{ page.value|ago }}", NOW)
    assert ">刚刚<" in said("{{ page.value|ago }}", NOW, "zh")
    source = "{{ page.value|countdown }}"
    assert ">18 d 1 h<" in said(source, NOW + timedelta(days=18, hours=1, minutes=59))
    assert ">2小时5分<" in said(source, NOW + timedelta(hours=2, minutes=5, seconds=9), "zh")
    assert ">over<" in said(source, NOW - timedelta(seconds=1))


def test_a_name_that_is_not_there_is_an_error():
    with pytest.raises(jinja2.UndefinedError):
        said("{{ page.valeu }}")


def test_constants_are_said_in_the_language_of_each_reader():
    source = "{{ 0.4|seconds }}, {{ none|number }}"
    assert "0.4 s" in said(source)
    assert "no data" in said(source)
    assert "0.4秒" in said(source, locale="zh")
    assert "无数据" in said(source, locale="zh")


def test_two_readers_at_once_keep_apart():
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        jobs = [pool.submit(said, "{{ _('Home') }}", None, ("zh", "en")[i % 2]) for i in range(24)]
    assert [job.result() for job in jobs] == ["首页", "Home"] * 12
