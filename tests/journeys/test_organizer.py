"""An organizer's way, in a real browser: from a broken package to published results; and what the operator does."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from leaderboard.submissions.models import Submission
from leaderboard.submissions.states import State
from tests.journeys import world as worlds
from tests.journeys.world import OPEN, World
from tests.submissions import factories

pytestmark = pytest.mark.journey

CHECKING = 180_000
SLUG = "winds"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "packages"


def send(page: Page, package: Path) -> None:
    page.get_by_label("Challenge package").set_input_files(package)
    page.get_by_role("button", name="Send and check").click()
    page.wait_for_url("**/organize/packages/*")


def confirm(page: Page, summary: str, button: str, **fields: str) -> None:
    """The second step without scripts: open it, fill it in, say yes."""
    page.locator("summary", has_text=summary).click()
    for label, value in fields.items():
        page.get_by_label(label.replace("_", " ")).fill(value)
    page.get_by_role("button", name=button).click()


def test_from_a_package_to_results(world: World, visit: Callable[..., Page], folder: Path):
    page, stranger = visit("/en/organize", "organizer"), visit("/en/challenges", "stranger")
    _send_packages(page, folder)
    _set_dates(page)
    _post(page, stranger)
    _announce_and_correct(page, stranger)
    _close_and_publish(world, page, stranger)


def _send_packages(page: Page, folder: Path) -> None:
    # a broken package: every fault at once, found by the real child, shown without a reload
    page.get_by_role("link", name="Send a package").click()
    send(page, worlds.zipped(worlds.broken(folder)))
    expect(page.get_by_text("stand against posting it")).to_be_visible(timeout=CHECKING)
    expect(page.locator(".finding", has_text="roc_acu").first).to_contain_text("challenge.toml")
    expect(page.locator("main")).to_contain_text("README.zh.md")

    # a sound one becomes a draft
    page.goto("/en/organize/new")
    send(page, worlds.zipped(worlds.package(folder, SLUG)))
    expect(page.get_by_text("The package is sound.")).to_be_visible(timeout=CHECKING)
    page.get_by_role("button", name="Make a draft").click()
    page.wait_for_url(f"**/organize/challenges/{SLUG}/phases")


def _set_dates(page: Page) -> None:
    # dates and quotas: a slip is kept and pointed at
    closes, opens = page.locator("#phases-0-closes"), page.locator("#phases-0-opens")
    right = closes.input_value()
    closes.fill("2020-01-01 09:00")
    page.locator("#phases-0-per_day").fill("3")
    page.get_by_role("button", name="Save dates and quotas").click()
    expect(page.locator(".errsum")).to_be_focused()
    page.locator(".errsum").get_by_role("link", name="A phase ends after it begins.").click()
    expect(closes).to_be_focused()
    assert closes.input_value() == "2020-01-01 09:00"
    assert page.locator("#phases-0-per_day").input_value() == "3"
    assert opens.input_value()
    closes.fill(right)
    page.get_by_role("button", name="Save dates and quotas").click()
    page.wait_for_url(f"**/organize/challenges/{SLUG}")


def _post(page: Page, stranger: Page) -> None:
    # looked at in both languages, then posted
    page.get_by_role("link", name="Preview in both languages").click()
    expect(page.locator("[lang=en] h2", has_text="Which flights will be late?").first).to_be_visible()
    expect(page.locator("[lang=zh-Hans] h2", has_text="哪些航班会晚点").first).to_be_visible()
    answer = stranger.goto(f"/en/challenges/{SLUG}")
    assert answer is not None
    assert answer.status == 404, "a draft is not there for others"
    page.goto(f"/en/organize/challenges/{SLUG}")
    confirm(page, "Post it now", "Yes, post it")
    page.wait_for_url(f"**/en/challenges/{SLUG}")


def _announce_and_correct(page: Page, stranger: Page) -> None:
    # announced, and a date corrected with a reason that everybody sees
    page.goto(f"/en/organize/challenges/{SLUG}/announce")
    for label, text in (
        ("Title in Chinese", "欢迎"),
        ("Text in Chinese", "祝**顺利**。"),
        ("Title in English", "Welcome"),
    ):
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Publish the notice").click()
    page.locator(".errsum").get_by_role("link").first.click()
    page.get_by_label("Text in English").fill("Good **luck**.")
    page.get_by_role("button", name="Publish the notice").click()
    page.wait_for_url(f"**/challenges/{SLUG}/announcements")
    page.goto(f"/en/organize/challenges/{SLUG}/phases")
    page.locator("#phases-0-closes").fill("2031-01-31 18:00")
    page.get_by_role("button", name="Save dates and quotas").click()
    page.locator(".errsum a[href='#reason']").click()
    page.locator("#reason").fill("The holidays come early this year.")
    page.get_by_role("button", name="Save dates and quotas").click()
    page.wait_for_url(f"**/organize/challenges/{SLUG}")
    stranger.goto(f"/en/challenges/{SLUG}/announcements")
    expect(stranger.locator("main strong", has_text="luck")).to_be_visible()
    expect(stranger.locator("main")).to_contain_text("The holidays come early this year.")
    expect(stranger.locator("main")).to_contain_text("2031-01-31 18:00")


def _close_and_publish(world: World, page: Page, stranger: Page) -> None:
    # two teams hand in; closed, looked at in private, finalised, public
    _take_part(world, "stranger", 1.0)
    _take_part(world, "alone", 0.2)
    page.goto(f"/en/organize/challenges/{SLUG}")
    confirm(page, "Close this challenge", "Yes, close it for good", Why_it_is_closed="All is in.")
    page.goto(f"/en/organize/challenges/{SLUG}/private")
    expect(page.locator("main table").first).to_contain_text("Gu Yu")
    stranger.goto(f"/en/challenges/{SLUG}/results")
    expect(stranger.locator("main table")).to_have_count(0)
    confirm(page, "Finalise…", "Yes, publish the final standing")
    page.wait_for_url(f"**/challenges/{SLUG}/results")
    stranger.goto(f"/en/challenges/{SLUG}/results")
    first = stranger.locator("main table tbody tr").first
    expect(first).to_contain_text("Gu Yu")


def _take_part(world: World, who: str, skill: float) -> None:
    """Enters and submits as a program would, and waits for the score."""
    with world.client(who) as client:
        entered = client.post(f"/api/v1/challenges/{SLUG}/entry", json={"accept_rules": True})
        assert entered.status_code == 201, entered.text
        sent = client.post(
            f"/api/v1/challenges/{SLUG}/submissions?file_name=p.csv", content=factories.predictions(skill=skill)
        )
        assert sent.status_code == 201, sent.text
        worlds.until(lambda: _state(world, sent.json()["id"]) == State.SCORED)


def _state(world: World, submission_id: int) -> object:
    return world.read(lambda work: work.session.get_one(Submission, submission_id).state)


def test_the_operator_sees_to_people_and_to_the_service(world: World, visit: Callable[..., Page]):
    page = visit("/en/people", "operator")
    page.get_by_label("Name or e-mail").fill("Gu Yu")
    page.get_by_role("button", name="Search").click()
    row = page.locator("tbody tr", has_text="Gu Yu")
    expect(row).to_contain_text("participant")
    row.locator("summary", has_text="Change").click()
    row.get_by_role("button", name="Make Gu Yu an organizer").click()
    expect(page.locator("tbody tr", has_text="Gu Yu")).to_contain_text("organizer")
    page.goto("/en/status")
    expect(page.locator("main")).to_contain_text("at work")
    made = visit("/en/organize", "stranger")
    expect(made.locator("main")).to_contain_text("You belong to no organization yet")


def test_paper_shows_the_board_and_no_navigation(world: World, visit: Callable[..., Page]):
    page = visit(f"/en/challenges/{OPEN}/board")
    page.emulate_media(media="print")
    expect(page.locator("header nav").first).to_be_hidden()
    expect(page.locator(".board tbody tr").first).to_be_visible()


def test_language_and_theme_stay_with_the_reader(world: World, visit: Callable[..., Page]):
    page = visit(f"/en/challenges/{OPEN}/board?sort=-auc")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("banner").get_by_role("link", name="中文").click()
    page.wait_for_url(f"**/zh/challenges/{OPEN}/board?sort=-auc")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("banner").get_by_role("link", name="English").click()
    page.wait_for_url(f"**/en/challenges/{OPEN}/board?sort=-auc")
