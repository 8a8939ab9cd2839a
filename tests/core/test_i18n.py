"""Which language is spoken, and how sentences get their parameters."""

from datetime import UTC, datetime

import pytest

from leaderboard.core import i18n
from leaderboard.core.i18n import format_datetime, format_number, ngettext, preferred, translate, zone_label


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "zh"),
        ("en", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB, zh;q=0.5", "en"),
        ("en;q=0.3, zh;q=0.7", "zh"),
        ("fr, de;q=0.9, en;q=0.1", "en"),
        ("fr, de", "zh"),
        ("en;q=0, zh;q=0.1", "zh"),
        ("en; q=0.2, zh ; q=0.1", "en"),
        ("EN-us", "en"),
        ("zh-Hant-TW", "zh"),
        ("en;q=high, zh;q=0.1", "zh"),
        ("en;q=nan", "zh"),
        (";;;,,q=1", "zh"),
        ("en;level=1;q=0.4", "en"),
    ],
)
def test_the_browser_says_which_language(header, expected):
    assert preferred(header, "zh") == expected


def test_an_unknown_sentence_comes_out_in_english():
    assert translate("zh", "No such sentence has {count} words", count=1234) == "No such sentence has 1,234 words"


def test_a_known_sentence_is_chinese():
    assert translate("zh", "Sign in") != translate("en", "Sign in") == "Sign in"


def test_parameters_are_formatted_by_the_locale():
    assert translate("en", "{a} {b} {c} {year}", a=12345, b=True, c="x", year=2026) == "12,345 True x 2026"
    assert format_number("en", 1234.5, 2) == "1,234.50"
    assert format_number("zh", 1234567) == "1,234,567"


def test_plural_forms():
    said = {n: ngettext("en", "{count} team", "{count} teams", n) for n in (0, 1, 2)}
    assert said == {0: "0 teams", 1: "1 team", 2: "2 teams"}
    catalogue = i18n._Catalogue({"{count} team": ("{count} 支队伍",)})
    assert {catalogue.ngettext("{count} team", "{count} teams", n) for n in (1, 2)} == {"{count} 支队伍"}


def test_values_are_never_templates():
    assert translate("en", "{name}", name="{count} {0.__class__}") == "{count} {0.__class__}"


def test_instants_in_their_zone():
    late = datetime(2026, 12, 31, 16, 30, 5, tzinfo=UTC)
    assert format_datetime("zh", late, "Asia/Shanghai") == "2027-01-01 00:30"
    assert format_datetime("en", late, "UTC", to="second") == "2026-12-31 16:30:05"
    labels = [zone_label(zone, late) for zone in ("Asia/Shanghai", "UTC", "Asia/Kolkata", "America/St_Johns")]
    assert labels == ["UTC+8", "UTC", "UTC+5:30", "UTC−3:30"]


def test_other_locales_do_not_exist():
    with pytest.raises(KeyError):
        translate("fr", "Sign in")
