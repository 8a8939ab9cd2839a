"""A participant's way, in a real browser: from registering to a chosen submission, with scripts and without."""

import gzip
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from sqlmodel import select

from leaderboard.submissions.models import Submission, Upload
from tests.journeys.world import OPEN, PASSWORD, World
from tests.submissions import factories

pytestmark = pytest.mark.journey

GOOD = factories.predictions(skill=1)
SCORING = 120_000
"""Milliseconds that a score may take on a busy machine."""
PIECE = 8 << 20


def bad_file() -> bytes:
    """Two probabilities out of range, one id twice, one unknown, two missing."""
    lines = GOOD.decode().splitlines()
    lines[10], lines[20] = "f9,1.5", "f19,abc"
    return "\n".join([*lines[:150], "f3,0.5", "nobody,0.5", *lines[152:]]).encode()


def register(page: Page, name: str, email: str) -> None:
    page.get_by_label("Your name").fill(name)
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Register").click()


def hand_in(page: Page, path: Path) -> None:
    page.locator("form.upload input[type=file]").set_input_files(path)
    page.locator("form.upload").get_by_role("button", name="Submit").click()


def left_today(page: Page) -> str:
    page.goto(f"/en/challenges/{OPEN}/submit")
    found = re.search(r"(\d+) of 20", page.locator("aside").inner_text())
    assert found
    return found.group(1)


def test_from_registering_to_a_choice(world: World, visit: Callable[..., Page], upload_file: Callable[..., Path]):
    page = visit(f"/en/challenges/{OPEN}")
    page.get_by_role("banner").get_by_role("link", name="Sign in").click()
    page.get_by_role("main").get_by_role("link", name="Register").click()
    register(page, "Tang Yue", "tang@songshanlake.example")
    expect(page.get_by_role("link", name="Tang Yue")).to_be_visible()

    # enters alone; the unticked rules are asked for, and nothing typed is lost
    page.goto(f"/en/challenges/{OPEN}")
    page.locator(".next a.btn--main").click()
    page.get_by_role("radio", name="Alone").check()
    page.get_by_role("button", name="Enter").click()
    expect(page.locator(".errsum")).to_be_focused()
    page.locator("input[name=accept_rules]").check()
    page.get_by_role("button", name="Enter").click()
    page.wait_for_url(f"**/en/challenges/{OPEN}")

    # a good file goes up and comes alive without a reload
    page.locator(".next a.btn--main").click()
    hand_in(page, upload_file("predictions.csv", GOOD))
    page.wait_for_url("**/en/submissions/*", timeout=SCORING)
    page.evaluate("window.stillTheSamePage = true")
    expect(page.get_by_role("heading", name="Public scores")).to_be_visible(timeout=SCORING)
    assert page.evaluate("window.stillTheSamePage"), "the page followed by itself"
    shown = page.locator("main table").first.inner_text()
    first = page.url

    # the own row is marked on the board, with the same number
    page.get_by_role("link", name="Where this stands on the board").click()
    mine = page.locator("tr#mine")
    expect(mine).to_contain_text("Tang Yue")
    expect(mine).to_contain_text("my team")
    score = re.search(r"\d\.\d{4,}", mine.inner_text())
    assert score
    assert score.group() in shown

    # a worse one beside the best; it is withdrawn, and the first one chosen
    page.goto(f"/en/challenges/{OPEN}/submit")
    hand_in(page, upload_file("worse.csv", factories.predictions(skill=0.2, seed=9)))
    page.wait_for_url("**/en/submissions/*", timeout=SCORING)
    expect(page.get_by_role("heading", name="Public scores")).to_be_visible(timeout=SCORING)
    expect(page.locator("main table").first).to_contain_text(score.group())
    page.locator("summary", has_text="Withdraw this submission").click()
    page.get_by_role("button", name="Withdraw it").click()
    expect(page.locator("main")).to_contain_text("It stands on the board no longer")
    page.goto(first)
    page.get_by_role("button", name="Choose for the final standing").click()
    expect(page.locator("aside")).to_contain_text("chosen for the final standing")
    page.goto(f"/en/challenges/{OPEN}/submissions")
    expect(page.locator("main")).to_contain_text("1 is chosen")


def test_a_refused_file_says_what_to_do(world: World, visit: Callable[..., Page], upload_file: Callable[..., Path]):
    page = visit(f"/en/challenges/{OPEN}/submit", "alone")
    before = left_today(page)
    hand_in(page, upload_file("bad.csv", bad_file()))
    page.wait_for_url("**/en/submissions/*", timeout=SCORING)
    summary = page.locator(".errsum")
    expect(summary).to_be_visible(timeout=SCORING)
    assert summary.locator("li").count() >= 4, "all findings at once"
    expect(summary).to_contain_text("It costs no quota.")
    summary.get_by_role("link").first.click()
    assert page.locator(":target").evaluate("e => e.className") == "finding"
    expect(page.locator("section.finding", has_text="1.5")).to_contain_text("delayed")
    with page.expect_download() as caught:
        page.get_by_role("link", name="All findings (CSV, gzip)").click()
    rows = gzip.decompress(Path(caught.value.path()).read_bytes()).decode().splitlines()
    assert rows[0] == "finding,file,row,line,column,value"
    assert any("nobody" in row for row in rows)
    assert left_today(page) == before


def test_the_same_without_scripts(world: World, visit: Callable[..., Page], upload_file: Callable[..., Path]):
    page = visit(f"/zh/challenges/{OPEN}/submit", "captain", java_script_enabled=False)
    hand = page.locator("form.upload")
    hand.locator("input[type=file]").set_input_files(upload_file("plain.csv", GOOD))
    hand.locator("button[type=submit]").click()
    page.wait_for_url("**/zh/submissions/*")
    for _ in range(120):  # without scripts one reloads
        page.reload()
        if page.get_by_role("heading", name="公开得分").count():
            break
        page.wait_for_timeout(1000)
    assert page.locator("main table td.num").first.inner_text().strip()
    page.goto(f"/zh/challenges/{OPEN}/submit")
    page.locator("form.upload input[type=file]").set_input_files(upload_file("bad.csv", bad_file()))
    page.locator("form.upload button[type=submit]").click()
    page.wait_for_url("**/zh/submissions/*")
    for _ in range(120):
        page.reload()
        if page.locator(".errsum li").count():
            break
        page.wait_for_timeout(1000)
    assert page.locator(".errsum li").count() >= 4


# Lines that break


@pytest.fixture
def large(upload_file: Callable[..., Path]) -> Path:
    """Two pieces and a bit, which no one can score: it is about the way up."""
    return upload_file("large.csv", random.Random(1).randbytes(2 * PIECE + 12_345))


def _uploaded(world: World, name: str) -> list[Upload]:
    return world.read(lambda work: list(work.session.exec(select(Upload).where(Upload.file_name == name)).all()))


def _submitted(world: World, name: str) -> list[Submission]:
    return world.read(
        lambda work: list(work.session.exec(select(Submission).where(Submission.file_name == name)).all())
    )


def test_an_upload_outlives_a_lost_connection_and_a_reload(world: World, visit: Callable[..., Page], large: Path):
    page = visit(f"/en/challenges/{OPEN}/submit", "member")
    pieces: list[str] = []

    def first_piece_only(route: Route) -> None:
        pieces.append(route.request.headers.get("upload-offset", ""))
        if len(pieces) == 1:
            route.continue_()
        else:
            route.abort("connectionreset")

    page.route(
        "**/api/v1/uploads/*",
        lambda route: first_piece_only(route) if route.request.method == "PATCH" else route.continue_(),
    )
    hand_in(page, large)
    page.get_by_text("The connection is gone").wait_for()
    assert pieces[:2] == ["0", str(PIECE)]
    page.context.set_offline(True)
    page.wait_for_timeout(300)
    page.context.set_offline(False)

    page.unroute_all(behavior="ignoreErrors")
    page.reload()
    page.get_by_text("“large.csv” was not finished.").wait_for()
    sent: list[str] = []
    page.on(
        "request",
        lambda request: sent.append(request.headers.get("upload-offset", "")) if request.method == "PATCH" else None,
    )
    hand_in(page, large)
    page.wait_for_url("**/en/submissions/*", timeout=SCORING)
    assert "0" not in sent, "what had arrived was not sent again"
    assert len(_uploaded(world, "large.csv")) == 1
    (kept,) = _submitted(world, "large.csv")
    assert kept.size == large.stat().st_size
    with world.client("member") as client:
        assert client.get(f"/en/submissions/{kept.id}/file").content == large.read_bytes()
    visit.complaints[:] = [text for text in visit.complaints if "ERR_" not in text]
