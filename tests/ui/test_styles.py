"""Lint of the style sheet and the scripts: sizes, tokens, contrast by formula."""

import re
from pathlib import Path

import pytest

from leaderboard.ui import assets, respond
from leaderboard.ui.patterns import TOKENS

STATIC = Path(assets.__file__).parent / "static"
CSS = (STATIC / "app.css").read_text()
TOKEN_LAYER = re.search(r"@layer tokens \{\n(.*?)\n\}\n\n@layer base", CSS, re.DOTALL)[1]


def tokens(theme):
    """Name → colour of a theme; dark is written twice (system and manual) and must be the same."""
    blocks = re.findall(r"color-scheme: (light|dark);([^}]*)\}", TOKEN_LAYER)
    found = [dict(re.findall(r"--([\w-]+): (#[0-9A-F]{6})", body)) for name, body in blocks if name == theme]
    assert all(block == found[0] for block in found)
    return found[0]


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_formula_knows_black_and_white():
    assert round(contrast("#000000", "#FFFFFF"), 2) == 21


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_readable_on_every_ground(theme):
    colour = tokens(theme)
    for ground in ("bg", "surface", "sunken", "row"):
        for ink in ("ink", "muted", "accent", "up", "down", "warn", "gold", "silver", "bronze"):
            assert contrast(colour[ink], colour[ground]) >= 4.5, (ink, ground)
    assert contrast(colour["accent-ink"], colour["accent"]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_marks_and_controls_can_be_seen(theme):
    colour = tokens(theme)
    for mark in ("line-strong", "s1", "s2", "s3", "s4", "s5"):
        for ground in ("bg", "surface", "sunken"):
            assert contrast(colour[mark], colour[ground]) >= 3, (mark, ground)
    assert contrast(colour["band-mine"], colour["row"]) >= 4.5, "the band of the own row"
    assert contrast(colour["line-strong"], colour["row"]) >= 3


def test_dark_is_written_the_same_for_the_system_and_by_hand():
    assert len(re.findall("color-scheme: dark;", TOKEN_LAYER)) == 2
    assert set(tokens("dark")) <= set(tokens("light"))
    assert set(TOKENS) <= set(tokens("light"))


def test_colours_live_in_the_tokens_only():
    rest = CSS.replace(TOKEN_LAYER, "")
    for text in (
        rest,
        *(path.read_text() for path in STATIC.iterdir() if path.suffix in {".css", ".js"} and path.name != "app.css"),
    ):
        assert not re.search(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", text)
    assert set(re.findall(r"#[0-9A-Fa-f]{6}", (STATIC / "icon.svg").read_text())) == {tokens("light")["accent"]}


def test_every_token_that_is_used_is_defined():
    defined = set(re.findall(r"--([\w-]+):", CSS))
    used = {name for path in STATIC.glob("*.css") for name in re.findall(r"var\(--([\w-]+)\)", path.read_text())}
    assert used <= defined


def test_the_sheet_and_the_scripts_stay_small():
    assert (STATIC / "app.css").stat().st_size <= 30_000
    assert sum(len(path.read_text().splitlines()) for path in STATIC.glob("*.js")) <= 430
    assert (STATIC / "sprite.svg").stat().st_size <= 6_000


def test_nothing_comes_from_elsewhere():
    for path in STATIC.iterdir():
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?://|//[a-z]+\.|@import|url\(", text.replace('a[href^="http"]', "")), path.name


def test_braces_balance_in_every_layer():
    assert CSS.count("{") == CSS.count("}")
    assert re.findall(r"^@layer (\w+) \{", CSS, re.MULTILINE) == ["reset", "tokens", "base", "layout", "parts", "print"]


def test_scripts_and_server_mean_the_same_cookie():
    assert f"document.cookie = `{respond.THEME_COOKIE}=" in (STATIC / "app.js").read_text()


def test_every_icon_that_is_asked_for_is_in_the_sprite():
    from leaderboard.ui.templating import templates_folder

    there = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "sprite.svg").read_text()))
    asked = {
        name for path in templates_folder().rglob("*.html") for name in re.findall(r'icon\("(\w+)"\)', path.read_text())
    }
    assert asked <= there
