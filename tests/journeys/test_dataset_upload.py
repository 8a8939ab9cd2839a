"""A captain brings a file, in a real browser: refused, replaced, described, measured, shown in part; with scripts and without."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import dataset_packages
from tests.journeys.world import World

pytestmark = pytest.mark.journey

PICTURE = b"\x89PNG\r\n\x1a\n"
MEASURING = 120_000
"""Milliseconds that a child may take on a busy machine."""


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_from_a_wrong_file_to_a_card_with_records(
    world: World, visit: Callable[..., Page], upload_file: Callable[..., Path], scripts: bool
):
    rows = 80 + scripts  # both go through one world, and no file comes twice
    table, picture = dataset_packages.written(dataset_packages.raw()[:rows]), PICTURE + bytes([rows] * 99)
    page = visit("/en/datasets/upload", "captain", java_script_enabled=scripts)
    main = page.get_by_role("main")
    page.get_by_label("Title in English").fill("Readings by hand")
    page.get_by_label("File", exact=True).set_input_files(upload_file("picture.xlsx", picture))
    main.get_by_role("button", name="Upload").click()
    expect(page.locator(".errsum")).to_contain_text("A file of this kind is not taken")
    expect(page.get_by_label("Title in English")).to_have_value("Readings by hand")
    page.get_by_label("File", exact=True).set_input_files(upload_file("picture.csv", picture))
    main.get_by_role("button", name="Upload").click()
    page.wait_for_url("**/versions/1")
    _until(page, scripts, "The file cannot be read as a dataset.")
    main.get_by_role("link", name="Upload a file").click()
    page.get_by_label("Show up to 100 records").check()
    page.get_by_label("File", exact=True).set_input_files(upload_file("readings.csv", table))
    main.get_by_role("button", name="Upload").click()
    page.wait_for_url("**/versions/1")
    _until(page, scripts, f"{rows} records were found.")
    page.get_by_label("Unit: site").fill("site code")
    main.get_by_role("button", name="Measure it").click()
    _until(page, scripts, "The file has been measured.")
    main.get_by_role("link", name="Back to the card").click()
    expect(main.get_by_role("region", name="Some records")).to_contain_text("site")
    expect(main).to_contain_text("site code")


def _until(page: Page, scripts: bool, words: str) -> None:
    """The page follows by itself where scripts run; else its reader asks again."""
    if scripts:
        expect(page.get_by_role("main")).to_contain_text(words, timeout=MEASURING)
        return
    for _ in range(MEASURING // 500):
        if words in page.get_by_role("main").inner_text():
            return
        page.wait_for_timeout(500)
        page.reload()
    pytest.fail(f"“{words}” did not come")
