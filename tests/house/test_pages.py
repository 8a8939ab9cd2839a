"""Every page in a real browser, in both languages: whole, accessible, quiet, and the same without scripts.

The addresses are those of the walk over all routes, and the states that a route can show beside its usual one. Each page is
read in Chinese at 1280 px in the light and in English at 390 px in the dark, and once more without JavaScript.
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from babel.messages import pofile
from fastapi.routing import APIRoute
from playwright.sync_api import Browser, BrowserContext, Page

from leaderboard import wiring
from leaderboard.core.i18n import CATALOGUES
from leaderboard.core.web import SESSION_COOKIE
from tests.accounts.factories import Letterbox, PostOffice
from tests.house.test_routes import walk
from tests.journeys import world as worlds
from tests.journeys.addresses import calls
from tests.journeys.world import CLOSED, OPEN, UPCOMING, World

pytestmark = pytest.mark.journey

WIDE = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"}
NARROW = {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"}
READERS = ("anyone", "captain", "organizer", "operator")
"""Who looks at a page: the first of them who may."""
FEATURED = {
    # pages shown to somebody else than the first who may, because then there is more on them
    "/{locale}/challenges/{slug}": "captain",
    "/{locale}/challenges/{slug}/board": "captain",
    "/{locale}/challenges/{slug}/enter": "stranger",
    "/{locale}/teams/{team_id}": "captain",
    "/{locale}/organizations": "organizer",
    "/{locale}/organizations/{slug}": "organizer",
    "/{locale}/organize": "organizer",
    "/{locale}/organize/new": "organizer",
    "/{locale}/invitations/{token}": "stranger",
    "/{locale}/api/docs": "anyone",
}
ENGLISH_BY_DESIGN = ("/api/docs",)
"""Reference for programs: names and descriptions as the API has them."""


def _patterns() -> list[str]:
    """Every HTML page route, as ``/{locale}/…``."""
    found = [(path, route) for router in wiring.PAGES for path, route in walk(router)]
    return [path for path, route in found if "GET" in route.methods and _is_page(path, route)]


def _is_page(path: str, route: APIRoute) -> bool:
    return not re.search(
        r"\.(csv|ics|md|svg|zip|json|html|parquet|\{form\})$|(?<!\{locale\})/events$|/file$|\{path:path\}$"
        r"|^/api/|/(files|samples)/\{\w+\}$",
        path,
    )


def _extra() -> dict[str, tuple[str, str]]:
    """Further states of pages: name → (reader, address)."""
    return {
        "board, anonymous": ("anyone", f"/challenges/{OPEN}/board"),
        "board, searched in vain": ("anyone", f"/challenges/{OPEN}/board?q=nobody"),
        "board, empty": ("anyone", f"/challenges/{UPCOMING}/board"),
        "board, closed": ("anyone", f"/challenges/{CLOSED}/board"),
        "history, empty": ("anyone", f"/challenges/{UPCOMING}/history"),
        "results, final": ("captain", f"/challenges/{CLOSED}/results"),
        "challenge, upcoming": ("anyone", f"/challenges/{UPCOMING}"),
        "challenge, closed": ("anyone", f"/challenges/{CLOSED}"),
        "submission, refused": ("captain", "/submissions/{refused}"),
        "submission, failed": ("captain", "/submissions/{failed}"),
        "submission, withdrawn": ("captain", "/submissions/{withdrawn}"),
        "submission, for the organizer": ("organizer", "/submissions/{scored}"),
        "challenges, none found": ("anyone", "/challenges?q=nothing-like-it"),
        "challenges, sifted": ("anyone", "/challenges?sector=transport&state=open"),
        "package with errors": ("organizer", "/organize/packages/{broken}"),
        "desk of a draft": ("organizer", "/organize/challenges/lanes"),
        "desk of a closed one": ("organizer", f"/organize/challenges/{CLOSED}"),
        "no such page": ("anyone", "/nothing/here"),
        "not for you": ("stranger", f"/challenges/{OPEN}/submit"),
        "teams of nobody yet": ("stranger", "/me/teams"),
        "team, for the public": ("anyone", "/teams/{team}"),
        "password by an old link": ("anyone", "/password/new?token=old"),
    }


ASKED = {
    # pages about what their address asks for
    "/{locale}/deals/new": ("rival", "?listing={listing}"),
    "/{locale}/demands/{key}/matches/compare": ("organizer", "?listing={one}&listing={other}"),
}
NOT_200 = {"no such page": 404, "not for you": 403, "password by an old link": 410}
NAMES = [*_patterns(), *_extra()]


@dataclass
class Shop:
    """A world without a worker, and the contexts in which its pages are looked at."""

    world: World
    browser: Browser
    pages: dict[tuple[str, str, bool], tuple[BrowserContext, Page, list[str]]] = field(default_factory=dict)
    key: str = ""
    addresses: dict[str, tuple[str, str]] = field(default_factory=dict)

    def address(self, name: str) -> tuple[str, str]:
        """(reader, address without the locale)."""
        if name not in self.addresses:
            self.addresses[name] = self._address(name)
        return self.addresses[name]

    def _address(self, name: str) -> tuple[str, str]:
        cast = self.world.cast
        extra = _extra()
        if name in extra:
            reader, path = extra[name]
            return reader, path.format(**cast.submissions, **cast.packages, team=cast.team)
        if name == "/{locale}/password/new":
            return "anyone", f"/password/new?token={self.reset_key()}"
        if name in ASKED:
            reader, query = ASKED[name]
            path = name.removeprefix("/{locale}").format(**calls(cast)[f"GET {name}"].params)
            return reader, path + query.format(listing=cast.listing, one=cast.compared[0], other=cast.compared[1])
        call = calls(cast)[f"GET {name}"]
        path = name.removeprefix("/{locale}").format(**call.params)
        if name in FEATURED:
            return FEATURED[name], path
        for reader in READERS:
            with self.world.client(reader) as client:
                if client.get(f"/en{path}").status_code == 200:
                    return reader, path
        raise AssertionError(f"nobody may see {name}")

    def reset_key(self) -> str:
        """From a mail about a forgotten password, as it arrives."""
        if not self.key:
            with self.world.client() as client:
                client.post("/en/password/forgotten", data={"email": self.world.cast.people["rival"].email})
            PostOffice(self.world.resources, Letterbox()).round()
            worlds.until(lambda: bool(self._keys()))
            self.key = self._keys()[-1]
        return self.key

    def _keys(self) -> list[str]:
        """Those that were mailed; other letters came too."""
        return [key for letter in self.world.post for key in re.findall(r"token=(\S+)", letter.get_content())]

    def page(self, reader: str, view: str, *, scripts: bool = True) -> tuple[Page, list[str]]:
        """A page of this reader's context, and what its console has said since the last call."""
        key = (reader, view, scripts)
        if key not in self.pages:
            options = WIDE if view == "wide" else NARROW
            context = self.browser.new_context(base_url=self.world.url, java_script_enabled=scripts, **options)
            if reader != "anyone":
                context.add_cookies(
                    [{"name": SESSION_COOKIE, "value": self.world.cast.cookies[reader], "url": self.world.url}]
                )
            page, said = context.new_page(), []
            page.set_default_timeout(120_000)
            page.on("console", lambda message: said.append(message.text) if message.type in LOUD else None)
            page.on("pageerror", lambda error: said.append(str(error)))
            self.pages[key] = (context, page, said)
        _, page, said = self.pages[key]
        said.clear()
        return page, said


LOUD = {"error", "warning"}


@pytest.fixture(scope="module")
def shop(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with worlds.opened(tmp_path_factory.mktemp("pages")) as world:
        opened = Shop(world, browser)
        yield opened
        for context, _, _ in opened.pages.values():
            context.close()


@pytest.fixture(scope="module")
def english() -> re.Pattern[str]:
    """Sentences of the English catalogue, as they would stand on a page that nobody translated."""
    found: set[str] = set()
    for path in sorted((CATALOGUES / "zh_Hans").glob("*.po")):
        with path.open("rb") as file:
            for message in pofile.read_po(file):
                texts = message.id if isinstance(message.id, tuple) else (message.id,)
                pieces = [piece.strip() for text in texts for piece in re.split(r"\{[^}]*\}", text)]
                found |= {piece for piece in pieces if piece.count(" ") >= 2 and len(piece) > 14}
    assert len(found) > 300
    return re.compile("|".join(re.escape(piece) for piece in sorted(found, key=len, reverse=True)))


def _look(shop: Shop, name: str, locale: str, view: str, *, scripts: bool = True) -> tuple[Page, str]:
    reader, path = shop.address(name)
    page, said = shop.page(reader, view, scripts=scripts)
    answer = page.goto(f"/{locale}{path}", wait_until="load")
    assert answer is not None
    assert answer.status == NOT_200.get(name, 200)
    expected = f"status of {answer.status}"
    assert [text for text in said if answer.status == 200 or expected not in text] == []
    return page, path


@pytest.mark.parametrize(("locale", "view"), [("zh", "wide"), ("en", "narrow")])
@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_sound(shop: Shop, english: re.Pattern[str], name: str, locale: str, view: str):
    page, _ = _look(shop, name, locale, view)
    assert page.title().strip(" ·").count("·") >= 1, "the title names the page and the site"
    assert page.locator("h1").count() == 1
    assert page.locator("h1").inner_text().strip()
    assert page.locator("html").get_attribute("lang") == {"zh": "zh-Hans", "en": "en"}[locale]
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, _wide_things(page, width)
    if locale == "zh" and not any(part in name for part in ENGLISH_BY_DESIGN):
        assert english.findall(_words(page)) == []
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    _keyboard(page)


def _wide_things(page: Page, width: int) -> list[str]:
    return page.evaluate(
        """width => [...document.querySelectorAll("main *")].filter(e => e.getBoundingClientRect().right > width + 1)
        .map(e => e.outerHTML.slice(0, 120)).slice(0, 5)""",
        width,
    )


def _words(page: Page) -> str:
    """What a reader of Chinese sees, without code, commands, and what is marked as English."""
    return page.evaluate(
        """() => { const copy = document.body.cloneNode(true);
        copy.querySelectorAll("code, pre, script, [lang=en], [hreflang=en]").forEach(e => e.remove());
        return copy.textContent; }"""
    )


def _keyboard(page: Page) -> None:
    """The first stop leads past the navigation, and where the focus is can be seen."""
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    page.locator("a.skip").focus()
    box = page.locator("a.skip").bounding_box()
    assert box is not None
    assert box["y"] >= 0, "the way past the navigation shows when it has the focus"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    seen = page.evaluate(
        """() => { const e = document.activeElement; if (e === document.body) return true;
        const style = getComputedStyle(e); return style.outlineStyle !== "none" || style.boxShadow !== "none"; }"""
    )
    assert seen, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_whole_without_scripts(shop: Shop, name: str):
    page, path = _look(shop, name, "en", "narrow", scripts=False)
    assert page.locator("h1").is_visible()
    assert page.locator("main").inner_text().strip()
    assert page.locator("main table tbody").count() == page.locator("main table tbody:has(tr)").count()
    other = page.locator("header a[hreflang]").get_attribute("href")
    assert other.rstrip("/") == f"/zh{path}".rstrip("/"), "the other language is the same page"


@pytest.mark.parametrize("name", [name for name in NAMES if name != "/{locale}/patterns"])  # its links are samples
def test_tables_have_their_twins(shop: Shop, name: str):
    """What a page links as CSV or JSON is there, for the same reader, and is what it says."""
    reader, path = shop.address(name)
    with shop.world.client(reader) as client:
        html = client.get(f"/en{path}").text
        links = {link.replace("&amp;", "&") for link in re.findall(r'href="(/[^"]*(?:\.csv|/api/v1/)[^"]*)"', html)}
        for link in sorted(links):
            answer = client.get(link)
            assert answer.status_code == 200, link
            kind = answer.headers["content-type"].split(";")[0]
            if link.split("?")[0].endswith(".csv") and kind == "text/csv":
                rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff"))))
                assert len(rows[0]) > 1, link
                assert {len(row) for row in rows} == {len(rows[0])}, link
            else:
                assert kind in {"application/json", "application/gzip", "application/zip"}, (link, kind)


LISTS = ["/{locale}/challenges", "/{locale}/challenges/{slug}/board", "/{locale}/challenges/{slug}/submissions",
         "/{locale}/people", "/{locale}/organizations", "/{locale}/me/teams", "/{locale}/challenges/{slug}/history",
         "results, final", "/{locale}/challenges/{slug}/data"]  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_listings_offer_csv(shop: Shop, name: str):
    reader, path = shop.address(name)
    with shop.world.client(reader) as client:
        assert re.search(r'href="[^"]*\.csv', client.get(f"/en{path}").text)
