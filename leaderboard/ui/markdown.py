"""The briefs that organizers write: Markdown to HTML that is safe to put into our pages.

CommonMark with tables and strikethrough. Raw HTML is shown as text, never passed on; what markdown-it-py makes goes
through nh3's allow-list as a second wall. Headings start below the page's own h1; images and relative links point into
the package's files; pictures from other sites become links (the pages load nothing from elsewhere); mathematics between
dollar signs is kept as written, so that its underscores and stars do not turn into emphasis.
"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from posixpath import normpath
from urllib.parse import quote, unquote, urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType
from markupsafe import Markup, escape

TOP_LEVEL = 2  # of the headings in a brief: the page has its own h1
_TAGS = {
    "a", "b", "blockquote", "br", "code", "del", "div", "em", "h2", "h3", "h4", "h5", "h6", "hr", "img", "li", "ol", "p",
    "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "title", "loading"},
    "code": {"class"},
    "pre": {"class", "tabindex"},
    "div": {"class", "tabindex", "role", "aria-label"},
    "ol": {"start"},
    "th": {"scope", "class"},
    "td": {"class"},
    "table": {"class"},
    **{f"h{level}": {"id"} for level in range(2, 7)},
}
_ID_PREFIX = "brief-"  # so that a heading cannot take the id of a part of our page
_CLASSES = {"math", "scroll", "tbl", "num"}
_MATH = re.compile(r"\$(\$?)(?![\s$])((?:\\.|[^$\\\n])+?)(?<!\s)\$\1(?!\d)")


def render(text: str, *, files: str, table_label: str, drop_title: bool = True) -> Markup:
    """Turn a brief into HTML.

    ``files`` is the address under which the package's files are served; relative targets are resolved below it and
    those that climb out of it lose their link. ``table_label`` names the region in which a wide table scrolls.
    With ``drop_title`` a first heading of level 1 is left out, since the page already has it.
    """
    parser = _parser()
    tokens = _prepared(text, files.rstrip("/"), drop_title=drop_title)
    html = parser.renderer.render(tokens, parser.options, {"table_label": table_label})
    return Markup(_clean(html))  # noqa: S704 - sanitized one line above


def headings(text: str, *, drop_title: bool = True) -> tuple[tuple[int, str, str], ...]:
    """List (level as rendered, id, text) of the headings of a brief, for a table of contents."""
    return tuple(
        (int(opening.tag[1:]), str(opening.attrs["id"]), _plain(inline.children or []))
        for opening, inline in pairwise(_prepared(text, "", drop_title=drop_title))
        if opening.type == "heading_open"
    )


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.inline.ruler.before("escape", "math", _math_inline)
    parser.block.ruler.before("fence", "math", _math_block, {"alt": ["paragraph", "blockquote", "list"]})
    parser.add_render_rule("math_inline", _math_inline_html)
    parser.add_render_rule("math_block", _math_block_html)
    parser.add_render_rule("table_open", _table_open_html)
    parser.add_render_rule("table_close", _table_close_html)
    return parser


def _clean(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
        attribute_filter=_filter,
        set_tag_attribute_values={"pre": {"tabindex": "0"}},  # what scrolls must be reachable by keyboard
    )


def _filter(tag: str, attribute: str, value: str) -> str | None:
    if attribute != "class":
        return value
    kept = [name for name in value.split() if name in _CLASSES or (tag == "code" and name.startswith("language-"))]
    return " ".join(kept) or None


# What the tokens get before they are written


def _prepared(text: str, files: str, *, drop_title: bool) -> list[Token]:
    tokens = _parser().parse(text)
    if drop_title and tokens and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        tokens = tokens[3:]
    shift = TOP_LEVEL - min((int(token.tag[1:]) for token in tokens if token.type == "heading_open"), default=TOP_LEVEL)
    used: set[str] = set()
    for token, following in zip(tokens, [*tokens, None][1:], strict=True):
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1:]) + shift, 6)}"
        if token.type == "heading_open" and following:
            token.attrs["id"] = _unique(_plain(following.children or []), used)
        if token.type in {"th_open", "td_open"}:
            numeric = token.attrs.pop("style", "") == "text-align:right"
            token.attrs.update({"class": "num"} if numeric else {})
            token.attrs.update({"scope": "col"} if token.tag == "th" else {})
        if token.type == "fence":
            token.info = re.sub(r"[^\w+-].*", "", token.info.strip())
        if token.children:
            token.children = _linked(token.children, files)
    return tokens


def _linked(children: Sequence[Token], files: str) -> list[Token]:
    """Point links and images to where they can be had; pictures from elsewhere become links, climbers plain words."""
    made: list[Token] = []
    dropped: list[bool] = []
    for child in children:
        if child.type == "link_open":
            target = _target(str(child.attrs.get("href", "")), files)
            child.attrs["href"] = target or ""
            dropped.append(target is None)
        elif child.type == "image":
            made += _picture(child, files, in_link=bool(dropped))
            continue
        if not (child.type in {"link_open", "link_close"} and dropped[-1]):
            made.append(child)
        if child.type == "link_close":
            dropped.pop()
    return made


def _picture(image: Token, files: str, *, in_link: bool) -> list[Token]:
    source = str(image.attrs.get("src", ""))
    target = _target(source, files)
    if target is None or (target == source and in_link):
        return [Token("text", "", 0, content=image.content)]
    if target == source:
        return _as_link(image, source)
    image.attrs.update({"src": target, "loading": "lazy"})
    return [image]


def _as_link(image: Token, source: str) -> list[Token]:
    opening = Token("link_open", "a", 1, attrs={"href": source})
    words = Token("text", "", 0, content=image.content or source)
    return [opening, words, Token("link_close", "a", -1)]


def _target(address: str, files: str) -> str | None:
    """Resolve a link of the brief; ``None`` for one that leaves the package's folder upwards."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc:
        return address
    fragment = f"#{_ID_PREFIX}{_slug(unquote(parts.fragment))}" if parts.fragment else ""
    if not parts.path:
        return fragment or None
    path = normpath(unquote(parts.path))
    if path.startswith(("/", "..")) or "\\" in path:
        return None
    return f"{files}/{quote(path)}{fragment}"


def _plain(children: Sequence[Token]) -> str:
    return "".join(child.content for child in children if child.type in {"text", "code_inline", "math_inline"})


def _unique(text: str, used: set[str]) -> str:
    slug = _ID_PREFIX + _slug(text)
    found, count = slug, 2
    while found in used:
        found, count = f"{slug}-{count}", count + 1
    used.add(found)
    return found


def _slug(text: str) -> str:
    return re.sub(r"\W+", "-", text.lower()).strip("-") or "part"


# Rules. The first parameter of those that write HTML is the renderer, to which markdown-it-py binds them.


def _math_inline_html(_: object, tokens: Sequence[Token], at: int, *__: object) -> str:
    return f'<code class="math">{escape(tokens[at].content)}</code>'


def _math_block_html(_: object, tokens: Sequence[Token], at: int, *__: object) -> str:
    return f'<pre class="math">{escape(tokens[at].content)}</pre>\n'


def _table_open_html(_: object, __: Sequence[Token], ___: int, ____: object, env: EnvType) -> str:
    env["tables"] = number = env.get("tables", 0) + 1  # regions of one page are told apart by their labels
    label = escape(f"{env['table_label']} {number}" if number > 1 else str(env["table_label"]))
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{label}"><table class="tbl">\n'


def _table_close_html(*_: object) -> str:
    return "</table></div>\n"


def _math_inline(state: StateInline, silent: bool) -> bool:
    match = _MATH.match(state.src, state.pos) if state.src[state.pos] == "$" else None
    if match is None:
        return False
    if not silent:
        state.push("math_inline", "code", 0).content = match[2]
    state.pos = match.end()
    return True


def _math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    whole = ""
    for line in range(start, end):
        whole += state.getLines(line, line + 1, state.blkIndent, True)
        if not whole.lstrip().startswith("$$"):
            return False
        if len(whole.strip()) > 4 and whole.rstrip().endswith("$$"):
            break
    else:
        return False
    if silent:
        return True
    token = state.push("math_block", "pre", 0)
    token.content = whole.strip()[2:-2].strip()
    token.map = [start, line + 1]
    state.line = line + 1
    return True
