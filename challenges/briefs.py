"""The two READMEs of a package: there, readable, and every link in them leads somewhere that teams can see."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from challenges.findings import Finding
from challenges.values import guess

NAMES: Mapping[str, str] = {"en": "README.en.md", "zh": "README.zh.md"}
PROMPT = "✎"
"""Marks lines of a new README that ask the organizer for something."""
PUBLIC = "public/"
MOST_BYTES = 1 << 20
MOST_COMPARED = 1000
"""Files that a broken link is compared with; with more, nothing is suggested."""
_HTML_LINK = re.compile(r"""(?:href|src)\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)


def findings(folder: Path, name: str, files: frozenset[str]) -> Iterator[Finding]:
    """What is wrong with the README called `name`; `files` are the paths of the package."""
    if name not in files:
        yield Finding(id="package.readme_missing", file=name)
        return
    text = (folder / name).read_bytes()
    if len(text) > MOST_BYTES:
        yield Finding(id="package.readme_too_long", file=name, params={"most": MOST_BYTES // 1024})
        return
    try:
        source = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        yield Finding(id="package.not_utf8", file=name, line=text.count(b"\n", 0, error.start) + 1)
        return
    if not source.strip():
        yield Finding(id="package.readme_blank", file=name)
    for number, text_line in enumerate(source.split("\n"), start=1):
        if PROMPT in text_line:
            yield Finding(id="package.readme_prompt", level="warning", file=name, line=number)
    for line, link in _links(source):
        yield from _link(name, line, link, files)


def _link(name: str, line: int, link: str, files: frozenset[str]) -> Iterator[Finding]:
    try:
        parts = urlsplit(link)
    except ValueError:
        yield Finding(id="package.link_broken", file=name, line=line, value=link)
        return
    if parts.scheme or parts.netloc or not parts.path:
        return  # another site, or a place in the same text
    target = posixpath.normpath(unquote(parts.path))
    folder = f"{target}/"
    if target.startswith(PUBLIC) or target in NAMES.values():
        if target not in files and not any(path.startswith(folder) for path in files):
            shown = tuple(sorted(path.removeprefix(PUBLIC) for path in files if path.startswith(PUBLIC)))
            known = shown if len(shown) <= MOST_COMPARED else ()
            message, params = guess("package.link_broken", target.removeprefix(PUBLIC), known)
            params = {"nearest": f"{PUBLIC}{params['nearest']}"} if params["nearest"] else {}
            yield Finding(id=message, file=name, line=line, value=link, params=params)
    else:
        yield Finding(id="package.link_not_public", file=name, line=line, value=link)


def _links(source: str) -> Iterator[tuple[int, str]]:
    """The target of every link and picture with the line it stands on (from 1), in tables the line of the row."""
    line = 1
    for token in MarkdownIt("commonmark", {"html": True}).enable("table").parse(source):
        line = token.map[0] + 1 if token.map else line
        for inner in (token, *(token.children or ())):
            line += inner.type in {"softbreak", "hardbreak"}
            yield from ((line, link) for link in _targets(inner))


def _targets(token: Token) -> Iterator[str]:
    for attribute in ("href", "src"):
        link = token.attrGet(attribute)
        if isinstance(link, str):
            yield link
    if token.type in {"html_block", "html_inline"}:
        yield from _HTML_LINK.findall(token.content)
