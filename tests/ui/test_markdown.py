"""Briefs: what organizers may write, and what nobody may smuggle."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leaderboard.ui import markdown


def html(text, **more):
    return str(markdown.render(text, files="/files/x", table_label="A <table>", **more))


def test_the_title_is_left_to_the_page_and_headings_start_at_two():
    assert html("# Title\n\n## Data\n\n### Rows").split("\n")[:2] == [
        '<h2 id="brief-data">Data</h2>',
        '<h3 id="brief-rows">Rows</h3>',
    ]
    assert '<h2 id="brief-title">' in html("# Title\n\ntext", drop_title=False)
    assert "<h1" not in html("text\n\n# Late title")


def test_contents_name_the_same_ids():
    text = "# T\n\n## Data & more\n\n## 数据\n\n## Data & more\n"
    assert markdown.headings(text) == (
        (2, "brief-data-more", "Data & more"),
        (2, "brief-数据", "数据"),
        (2, "brief-data-more-2", "Data & more"),
    )
    for _, anchor, _ in markdown.headings(text):
        assert f'id="{anchor}"' in html(text)


def test_tables_scroll_by_keyboard_and_align_numbers():
    made = html("| a | b |\n|---|--:|\n| x | 1 |")
    assert '<div class="scroll" tabindex="0" role="region" aria-label="A &lt;table&gt;"><table class="tbl">' in made
    assert '<th scope="col">a</th>' in made
    assert '<td class="num">1</td>' in made
    assert "style" not in made


def test_relative_addresses_point_into_the_package():
    assert '<img src="/files/x/public/fig.png" alt="fig" loading="lazy">' in html("![fig](public/fig.png)")
    assert 'href="/files/x/public/a%20b.csv"' in html("[data](<public/a b.csv>)")
    assert 'href="#brief-data"' in html("[see](#data)")
    assert 'href="https://example.org/"' in html("[out](https://example.org/)")


@pytest.mark.parametrize("target", ["../answers/truth.csv", "/etc/passwd", "public/../../x", "..%2Fanswers", r"a\b"])
def test_links_out_of_the_package_lose_their_target(target):
    made = html(f"[words](<{target}>) ![pic](<{target}>)")
    assert "words" in made
    assert "pic" in made
    assert "<a" not in made
    assert "<img" not in made


def test_pictures_from_elsewhere_become_links():
    assert html("![chart](https://elsewhere.example/c.png)") == (
        '<p><a href="https://elsewhere.example/c.png" rel="nofollow noopener">chart</a></p>\n'
    )
    assert html("[![b](https://e.example/b.svg)](https://e.example)").count("<a ") == 1


def test_mathematics_stays_as_written():
    assert '<code class="math">x_i + y_i * 2</code>' in html("so $x_i + y_i * 2$ and _more_")
    assert '<pre class="math" tabindex="0">\\sum_i *x_i*</pre>' in html("text\n\n$$\n\\sum_i *x_i*\n$$\n")
    assert '<pre class="math" tabindex="0">a &lt; b</pre>' in html("$$a < b$$")
    assert "math" not in html("costs $5 and $6")
    assert "math" not in html("`$a_b$`")
    assert "math" not in html("$$ never closed\n\ntext")


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html,<script>alert(1)</script>)",
        '![x](data:image/svg+xml,<svg onload="alert(1)">)',
        '[x](https://a.example "x" onclick="alert(1)")',
        "<style>*{display:none}</style>",
        "<svg><use href='https://evil.example/#x'/></svg>",
        "<form action=https://evil.example><input name=password></form>",
        "```html\n</code><script>alert(1)</script>\n```",
        '```"><script>alert(1)</script>\nx\n```',
        "$</code><script>alert(1)</script>$",
        '# <a id="main" href="javascript:x">x</a>',
    ],
)
def test_nothing_runs(attack):
    made = html(attack).lower()
    tags = re.findall(r"<[^>]*>", made)
    assert not [
        tag for tag in tags if re.search(r"<(script|style|svg|form|input|iframe)|\son\w+=|javascript:|data:", tag)
    ]


@given(st.text(st.sampled_from("#*_[]()!<>$`|-\n ab1/\\.\"'&:=~"), max_size=80))
def test_any_text_gives_balanced_and_harmless_html(text):
    made = html(text)
    for tag in ("p", "a", "div", "table", "pre", "code", "h2", "li"):
        assert len(re.findall(rf"<{tag}[ >]", made)) == made.count(f"</{tag}>")
    assert "<h1" not in made
    markdown.headings(text)
