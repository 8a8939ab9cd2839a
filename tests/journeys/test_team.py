"""Teams, and a forgotten password: two browsers, one link, one mail."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from leaderboard.core.web import SESSION_COOKIE
from tests.journeys import world as worlds
from tests.journeys.world import OPEN, PASSWORD, World
from tests.submissions import factories

pytestmark = pytest.mark.journey


def submit(world: World, who: str) -> None:
    with world.client(who) as client:
        sent = client.post(
            f"/api/v1/challenges/{OPEN}/submissions?file_name={who}.csv", content=factories.predictions()
        )
        assert sent.status_code == 201, sent.text
        assert sent.json()["team"] == "Night Shift 夜班"


def test_a_team_is_made_joined_handed_over_and_left(world: World, visit: Callable[..., Page]):
    first = visit("/en/me/teams", "stranger")
    first.get_by_label("Name of the team").fill("Night Shift 夜班")
    first.get_by_role("button", name="Create the team").click()
    first.wait_for_url("**/en/teams/*")
    team = first.url
    first.get_by_role("button", name="Make an invitation link").click()
    link = first.locator("main pre, main code", has_text="/invitations/").first.inner_text().strip()

    # the second one follows the link, signed out at first
    second = visit(link)
    second.get_by_label("E-mail").fill(world.cast.people["rival"].email)
    second.get_by_label("Password", exact=True).fill(PASSWORD)
    second.get_by_role("main").get_by_role("button", name="Sign in").click()
    second.wait_for_url("**/invitations/*")
    second.get_by_role("button", name="Join the team").click()
    second.wait_for_url(team)
    expect(second.locator("main")).to_contain_text("Gu Yu")
    world.cast.cookies["rival"] = next(
        cookie["value"] for cookie in second.context.cookies() if cookie["name"] == SESSION_COOKIE
    )

    # the captain enters; each accepts the rules; both submit
    first.goto(f"/en/challenges/{OPEN}/enter")
    first.get_by_role("radio", name="Night Shift 夜班").check()
    first.locator("input[name=accept_rules]").check()
    first.get_by_role("button", name="Enter").click()
    first.wait_for_url(f"**/challenges/{OPEN}")
    second.goto(f"/en/challenges/{OPEN}/enter")
    second.locator("input[name=accept_rules]").check()
    second.get_by_role("button", name="Accept the rules").click()
    second.wait_for_url(f"**/challenges/{OPEN}")
    submit(world, "stranger")
    submit(world, "rival")
    second.goto(f"/en/challenges/{OPEN}/submissions")
    expect(second.locator("main tbody tr")).to_have_count(2)

    # the link is used up; the captain hands over and leaves
    again = visit("/en/", "alone")
    answer = again.goto(link)
    assert answer is not None
    assert answer.status == 410
    first.goto(team)
    first.locator("tr", has_text="Bai Ling").locator("summary", has_text="Make captain").click()
    first.get_by_role("button", name="Yes, hand over").click()
    expect(first.locator("tr", has_text="Bai Ling")).to_contain_text("captain")
    first.locator("summary", has_text="Leave").click()
    first.get_by_role("button", name="Yes, leave").click()
    second.goto(team)
    expect(second.locator("main")).not_to_contain_text("Gu Yu")


def test_a_forgotten_password_and_the_list_of_sign_ins(world: World, visit: Callable[..., Page]):
    page = visit("/en/sign-in")
    page.get_by_label("E-mail").fill(world.cast.people["alone"].email)
    page.get_by_label("Password", exact=True).fill("not the right one")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    expect(page.locator(".errsum")).to_be_focused()
    page.get_by_role("link", name="Forgotten password").click()
    page.get_by_label("E-mail").fill(world.cast.people["alone"].email)
    page.get_by_role("button", name="Send the link").click()
    page.wait_for_url("**/password/forgotten?done=sent")
    theirs = world.cast.people["alone"].email  # others' mails may still be on their way
    worlds.until(lambda: any(theirs in one["To"] for one in world.post))
    mail = next(one for one in reversed(world.post) if theirs in one["To"])
    link = re.search(r"http://\S+", mail.get_content()).group()
    assert link.startswith(world.url)

    page.goto(link)
    page.get_by_label("New password").fill("eleven herons on a sandbank")
    page.get_by_role("button", name="Set the password").click()
    page.wait_for_url("**/sign-in?done=password")
    old = visit("/en/account", "alone")
    assert "/sign-in" in old.url, "a new password ends every sign-in"

    page.get_by_label("E-mail").fill(world.cast.people["alone"].email)
    page.get_by_label("Password", exact=True).fill("eleven herons on a sandbank")
    page.get_by_role("main").get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/en/")
    other = visit("/en/sign-in", user_agent="Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0")
    other.get_by_label("E-mail").fill(world.cast.people["alone"].email)
    other.get_by_label("Password", exact=True).fill("eleven herons on a sandbank")
    other.get_by_role("main").get_by_role("button", name="Sign in").click()
    other.wait_for_url("**/en/")
    page.goto("/en/account")
    expect(page.locator("main table tbody tr")).to_have_count(2)
    page.get_by_role("button", name="End", exact=False).first.click()
    page.wait_for_url("**/account?done=ended")
    other.goto("/en/account")
    assert "/sign-in" in other.url

    used = page.goto(link)
    assert used is not None
    assert used.status in {404, 410, 422}, "the link works once"
