"""The page of a quality report: every part, in both languages, and nothing that is not in the report."""

from datetime import UTC, datetime

import polars as pl
import pytest

from challenges.quality import QualityReport, Scale, assessed
from leaderboard.ui.alone import standing_alone
from leaderboard.ui.quality import quality_page
from scoring.quality.assessment import assess
from scoring.quality.evidence import Evidence, Roles
from scoring.quality.reference import Reference
from tests.laws.filed_checks import CONTRADICTING, SCHEMA, SOUND

NOW = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)


def report_of(table: pl.DataFrame, **more) -> QualityReport:
    seen = Evidence(table, Roles(id="id", label="size"), SCHEMA, classes=SOUND.classes, **more)
    return assessed(seen, assess(seen), name="<cities>", layout="table", preset="competition", seconds={})


@pytest.fixture(scope="module")
def report() -> QualityReport:
    documentation = {group: {"scale": True, "format": group == "D1"} for group in ("D1", "D2", "D3", "D4")}
    return report_of(CONTRADICTING, documentation=documentation)


def test_a_report_survives_its_journey_as_json(report):
    assert QualityReport.parse(report.model_dump_json().encode()) == report


def test_a_lying_report_is_refused(report):
    text = report.model_dump_json()
    for lie in (text[:-5], text.replace('"grade":"', '"grade":"Z'), text.replace('"rows":', '"row":'), "[]"):
        with pytest.raises(ValueError, match="not a quality report"):
            QualityReport.parse(lie.encode())
    with pytest.raises(ValueError, match="at most"):
        QualityReport.parse(b" " * (9 << 20))


def test_what_to_fix_is_in_the_order_of_the_points_to_be_won(report):
    page = quality_page(report)
    won = [row.recoverable for row in page.fixes]
    assert won == sorted(won, reverse=True)
    assert page.fixes[0].bar == 100
    assert {row.check.key for row in page.fixes} <= {one.key for one in report.measures}


def test_the_ladder_shows_the_grade_and_what_the_next_one_asks_for(report):
    page = quality_page(report)
    (reached,) = [rung for rung in page.rungs if rung.reached]
    assert reached.grade == report.grade
    names = ["C", "B", "A", "AA", "AAA"]
    assert page.next_grade == (None if report.grade == "AAA" else names[names.index(report.grade) + 1])
    assert page.ladder.low <= page.ladder.dot <= page.ladder.high


def test_a_block_that_holds_the_next_grade_back_is_named_and_never_rounded_up_to_it(report):
    blocks = {
        block: Scale(value=value, low=value, high=value)
        for block, value in (("documentation", 69.997), ("quality", 99.0))
    }
    held = report.model_copy(
        update={"grade": "B", "composite": Scale(value=92.0, low=92.0, high=92.0), "blocks": blocks}
    )
    assert quality_page(held).held_back == (("Documentation", 69.99),)
    assert "Short of that: Documentation 69.99." in standing_alone(held, "en", NOW)
    assert "未达到的维度：说明文档69.99。" in standing_alone(held, "zh", NOW).replace("\u2009", "").replace(" ", "")


def test_a_perfect_dataset_has_nothing_to_fix_and_no_next_grade():
    complete = {group: {"scale": True} for group in ("D1", "D2", "D3", "D4")}
    page = quality_page(report_of(SOUND.table.head(39), documentation=complete))
    assert page.report.grade == "AAA"
    assert (page.fixes, page.sections, page.next_grade) == ((), (), None)
    assert "The highest grade." in standing_alone(page.report, "en", NOW)


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_the_page_stands_alone_and_escapes(report, locale):
    page = standing_alone(report, locale, NOW)
    assert "&lt;cities&gt;" in page
    assert "<cities>" not in page
    assert page.count("<h1") == 1
    assert "http" not in page.split("</style>")[1].replace("http://www.w3.org/2000/svg", "")
    for section in quality_page(report).sections:
        assert f'id="{section.anchor}"' in page
        assert f'href="#{section.anchor}"' in page or section.check.gate is not None


def test_gates_show_the_limit_that_held_and_what_carries_no_points_is_told_why():
    documentation = {
        group: dict.fromkeys(("a", "b", "c", "d", "e"), group != "D4") for group in ("D1", "D2", "D3", "D4")
    }
    known = Reference(raw=SOUND.table.head(30), gates={"G8": 0.9, "Q2": None, "Q5": 0.25})
    report = report_of(SOUND.table, documentation=documentation, reference=known)
    page = quality_page(report)
    assert {row.check.key: row.found.gate for row in page.gates} == {"G8": 0.9, "Q5": 0.25}
    assert report.gates_failed == ("G8",)
    assert [row.check.key for row in page.told] == ["A10"]
    shown = standing_alone(report, "en", NOW)
    assert "who cleans raw data well leaves most of its records alone" in shown
    assert "90.00%" in shown
    assert "G8" not in {one.key for one in report_of(SOUND.table, documentation=documentation).measures}


@pytest.mark.parametrize(
    ("locale", "said"), [("en", "only words of a template"), ("zh", "此处只有模板或问题本身的文字")]
)
def test_an_item_that_is_not_answered_is_told_why(locale, said):
    items = {group: {"scale": True, "format": group != "D1"} for group in ("D1", "D2", "D3", "D4")}
    found = report_of(SOUND.table.head(39), documentation=items, unanswered={"format": "document.prompt"})
    (basic, *_) = quality_page(found).documentation
    assert [(title, answered, bool(why)) for title, answered, why in basic[1]] == [
        ("Scale", True, False),
        ("Format", False, True),
    ]
    assert said in standing_alone(found, locale, NOW)
