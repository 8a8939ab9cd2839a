"""The help: every topic in both languages, links that lead somewhere, and the way there from the pages that it is about."""

import re

import pytest

from leaderboard.exchange.listings.deeds import CHECKLIST
from leaderboard.front.guide import SCORING, TOPICS
from leaderboard.ui.respond import HELP, HELP_CONTENTS
from leaderboard.ui.templating import templates_folder
from tests.exchange.scene import scene

__all__ = ["scene"]

pytestmark = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)

PATHS = [HELP_CONTENTS, *(one.path for one in TOPICS.values())]


def links(html, locale):
    """Paths without locale of the links of the page itself, not of its frame; of those into a page, (path, fragment)."""
    main = html.partition("<main")[2].partition("</main>")[0]
    return {tuple(one.partition("#")[::2]) for one in re.findall(rf'href="/{locale}(/[^"]*)"', main)}


def helped(browser, path):
    """Where the page at ``path`` says that the help is."""
    (top,) = re.findall(
        r'<div class="top__tools">\s*<a href="/en(/help[^"]*)">Help</a>', browser.get(f"/en{path}").text
    )
    return top


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("locale", ["en", "zh"])
def test_a_page_has_one_heading_and_its_links_lead_somewhere(scene, browser_of, path, locale):
    browser = browser_of()
    answer = browser.get(f"/{locale}{path}")
    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1
    assert ('<nav class="tabs"' in answer.text) == (path != HELP_CONTENTS)
    found = links(answer.text, locale)
    assert {(one.path, "") for one in (*TOPICS.values(), SCORING)} <= found
    for target, fragment in found:
        there = browser.get(f"/{locale}{target}", follow_redirects=False)
        assert there.status_code in {200, 303}, target  # who has not signed in is led to do so
        assert there.status_code == 200 or "/sign-in" in there.headers["location"]
        assert not fragment or f'id="{fragment}"' in there.text


def test_whoever_reviews_is_led_to_the_desks(scene, browser_of):
    desks = {("/exchange/review", ""), ("/exchange/vetting", "")}
    for who, expected in ((browser_of(scene.operator), desks), (browser_of(), set())):
        found = links(who.get("/en/help/exchange/operators").text, "en")
        assert found & desks == expected
        assert all(who.get(f"/en{path}").status_code == 200 for path, _ in expected)


def test_the_contents_say_what_each_topic_is_about(scene, browser_of):
    page = browser_of().get("/zh/help").text
    assert "需要数据时" in page
    assert page.count("<h3") == len(TOPICS) + 1


def test_the_review_is_told_by_its_own_checklist(scene, browser_of):
    for topic in ("suppliers", "operators"):
        page = browser_of().get(f"/en/help/exchange/{topic}").text
        assert all(point in page for point, _ in CHECKLIST.values())


def test_a_topic_that_is_not_there_is_not_found(scene, browser_of):
    answer = browser_of().get("/zh/help/exchange/nothing")
    assert answer.status_code == 404
    assert "帮助中没有这一页" in answer.text


def test_the_help_beside_a_page_is_about_that_page(scene, browser_of):
    browser, operator = browser_of(), browser_of(scene.operator)
    assert helped(browser, "/") == HELP_CONTENTS
    assert helped(browser, "/exchange") == TOPICS["demanders"].path
    assert helped(browser, "/demands") == TOPICS["demanders"].path
    assert helped(browser, "/events") == TOPICS["events"].path
    assert helped(browser, "/challenges") == SCORING.path
    assert helped(operator, "/exchange/review") == TOPICS["operators"].path
    assert helped(operator, "/exchange/vetting") == TOPICS["operators"].path
    assert helped(operator, "/me/deals") == TOPICS["deals"].path
    assert helped(operator, "/me/listings") == TOPICS["suppliers"].path


def test_links_into_the_help_lead_to_a_passage_that_is_there(scene):
    folder = templates_folder()
    found = [
        link
        for path in sorted(folder.rglob("*.html"))
        for link in re.findall(r"/help/exchange/([a-z]+)(?:#([a-z-]+))?", path.read_text(encoding="utf-8"))
    ]
    assert len(found) >= 5
    for topic, passage in found:
        assert topic in TOPICS
        assert not passage or f'id="{passage}"' in (folder / "front" / f"help_{topic}.html").read_text(encoding="utf-8")


def test_every_page_that_the_frame_knows_help_for_has_some(scene):
    assert {to for _, to in HELP} == {SCORING.path, *(one.path for one in TOPICS.values())}
