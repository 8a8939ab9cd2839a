"""The look in a real browser: sound under the strict policy, accessible, whole without scripts, alive with them."""

import asyncio
import hashlib
import json
from base64 import b64decode
from dataclasses import dataclass, field

import jinja2
import pytest
from axe_playwright_python.sync_playwright import Axe
from fastapi import Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse

from leaderboard.core.errors import FieldError
from leaderboard.ui.forms import Form
from leaderboard.ui.respond import chrome as chrome_of
from leaderboard.ui.templating import environment, render

pytestmark = pytest.mark.journey

PIECE = 8 * 1024 * 1024
PAGES = {
    "t/upload.html": """{%- extends "base.html" -%}{%- import "ui/submission.html" as submissions -%}
{% block title %}Upload{% endblock %}{% block main %}<h1>Upload</h1>{{ submissions.upload("/done", "flights", "main", page) }}{% endblock %}""",
    "t/live.html": """{%- extends "base.html" -%}{% block title %}Live{% endblock %}{% block main %}<h1>Live</h1>
<section id="live"{% if page < 3 %} data-live="/events"{% endif %} data-state="state {{ page }}">
<p><b id="count">{{ page }}</b> <a href="/en/one">one</a> <a href="/en/two">two</a></p><details><summary>more</summary>words</details></section>{% endblock %}""",
    "t/refused.html": """{%- extends "base.html" -%}{%- import "ui/form.html" as forms -%}{% block title %}Refused{% endblock %}
{% block main %}<h1>Refused</h1>{{ forms.error_summary(page) }}<form>{{ forms.field(page, "email", "Email") }}</form>{% endblock %}""",
}


@pytest.fixture(scope="session")
def env():
    env = environment(debug=False)
    env.loader = jinja2.ChoiceLoader([jinja2.DictLoader(PAGES), env.loader])
    return env


def until(page, holds):
    """Let the browser work until something is true on the server's side."""
    for _ in range(6000):
        if holds():
            return
        page.wait_for_timeout(20)
    pytest.fail("waited two minutes")


# Every part


@pytest.mark.parametrize(
    ("locale", "theme", "width"),
    [("zh", "light", 1280), ("en", "dark", 1280), ("zh", "dark", 390), ("en", "light", 390)],
)
def test_the_pattern_page_has_no_accessibility_violation(look, locale, theme, width):
    page = look(f"/{locale}/patterns", theme=theme, width=width)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("width", [320, 390, 768, 1024])
def test_nothing_scrolls_sideways(look, width):
    page = look("/en/patterns", width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scrolled", [0, 10_000])
def test_the_current_tab_is_seen_wherever_it_stands_in_a_folded_row(look, scrolled):
    page = look("/en/patterns", width=320)
    seen = page.locator(".tabs ul").evaluate(
        """(row, scrolled) => {
            const others = [...row.children].filter(li => !li.querySelector("[aria-current]"));
            for (const li of [...others, ...others, ...others]) row.prepend(li.cloneNode(true));
            if (scrolled) for (const li of [...others, ...others, ...others]) row.append(li.cloneNode(true));
            row.scrollLeft = scrolled;
            const tab = row.querySelector("[aria-current]").getBoundingClientRect(), all = row.getBoundingClientRect();
            const hit = document.elementFromPoint((tab.left + tab.right) / 2, (tab.top + tab.bottom) / 2);
            return [row.scrollWidth > row.clientWidth, tab.left >= all.left && tab.right <= all.right, hit.ariaCurrent];
        }""",
        scrolled,
    )
    assert seen == [True, True, "page"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_targets_are_large_enough_to_hit(look):
    page = look("/zh/patterns", width=390)
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, select, summary, nav a, .btns a, .input")]
        .filter(e => e.offsetParent && (e.getBoundingClientRect().height < 24)).map(e => e.outerHTML.slice(0, 80))"""
    )
    assert small == []


def test_the_page_is_whole_without_scripts(look):
    page = look("/en/patterns", java_script_enabled=False)
    assert page.locator(".board tbody tr").count() > 10
    assert page.locator("[data-copy], [data-reveal]").first.is_hidden(), "what only scripts can do is not offered"
    page.locator(".confirm > summary").click()
    assert page.locator(".confirm__in").first.is_visible()
    page.get_by_role("button", name="Dark").click()
    assert page.url.endswith("/en/patterns")
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_the_theme_changes_at_once_and_stays(look):
    page = look("/en/patterns", theme="dark")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="Light").click()
    assert page.locator("html").get_attribute("data-theme") == "light"
    assert page.evaluate("document.activeElement.textContent") == "Dark", "the focus goes to the button that is there"
    assert not [url for url in asked if "/theme" in url], "no request is needed"
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "light"


def test_the_own_row_stands_out_where_colours_are_forced(look):
    page = look("/en/patterns", forced_colors="active")
    assert page.locator("#mine td").first.evaluate("e => getComputedStyle(e).borderTopWidth") == "2px"


def test_paper_gets_the_content_only(look):
    page = look("/en/patterns")
    page.emulate_media(media="print")
    assert page.locator(".top").is_hidden()
    assert page.locator(".board .rail").first.is_visible()
    assert page.locator("thead").first.evaluate("e => getComputedStyle(e).display") == "table-header-group"


def test_the_first_tab_stop_leads_to_the_content(look):
    page = look("/en/patterns")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_refusal_takes_the_focus_and_leads_to_the_field(look, site, env):
    @site.get("/{locale}/refused")
    def refused(request: Request):
        form = Form({"email": "x"}, (FieldError("email", "No {what}.", {"what": "address"}),))
        return HTMLResponse(render(env, "t/refused.html", form, chrome=chrome_of(request)))

    page = look("/en/refused")
    assert page.evaluate("document.activeElement.className") == "errsum"
    page.get_by_role("link", name="No address.").click()
    assert page.evaluate("document.activeElement.id") == "email"


def test_small_helps(look):
    page = look("/en/patterns", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == "jiebang check flight-delays ./submission.csv"
    page.locator("#password").fill("correct horse")
    page.get_by_role("button", name="Show").click()
    assert page.locator("#password").get_attribute("type") == "text"


def test_a_countdown_runs_on(look):
    page = look("about:blank")
    page.clock.install(time="2026-11-22T08:30:00Z")
    page.goto("/en/patterns")
    time = page.locator("[data-countdown] time")
    assert time.text_content() == "18 d 1 h"
    page.clock.fast_forward("30:00:00")
    assert time.text_content() == "16 d 19 h"


# Regions that stay true


@pytest.fixture
def live(site, env):
    state = {"count": 1, "streams": 0}

    @site.get("/{locale}/live")
    def page(request: Request):
        return HTMLResponse(render(env, "t/live.html", state["count"], chrome=chrome_of(request)))

    @site.get("/events")
    async def events():
        async def stream():
            state["streams"] += 1
            seen = state["count"]
            yield ": hello\n\n"
            try:
                while True:
                    await asyncio.sleep(0.02)
                    if state["count"] != seen:
                        seen = state["count"]
                        yield "event: change\ndata: {}\n\n"
            finally:
                state["streams"] -= 1

        return StreamingResponse(stream(), media_type="text/event-stream")

    return state


def test_a_region_follows_its_events_and_keeps_focus_and_details(look, live):
    page = look("/en/live")
    page.locator("summary").click()
    page.get_by_role("link", name="two").focus()
    live["count"] = 2
    page.locator("#count", has_text="2").wait_for()
    assert page.evaluate("document.activeElement.textContent") == "two"
    assert page.locator("details").get_attribute("open") is not None
    assert page.locator("p[role=status]").text_content() == "state 2"


def test_the_stream_ends_with_the_last_state(look, live):
    page = look("/en/live")
    until(page, lambda: live["streams"] == 1)
    live["count"] = 3
    page.locator("#count", has_text="3").wait_for()
    until(page, lambda: live["streams"] == 0)


# Uploads


@dataclass
class TusServer:
    """tus 1.0 core, creation, checksum, termination, in memory; ``break_at`` lines are cut, ``refuse`` answers 4xx."""

    data: dict = field(default_factory=dict)
    length: dict = field(default_factory=dict)
    metadata: dict = field(default_factory=dict)
    break_at: set = field(default_factory=set)
    refuse: str = ""
    hold: bool = False
    patches: int = 0
    taken: int = 0

    def routes(self, site):
        site.add_api_route("/api/v1/uploads", self.create, methods=["POST"])
        site.add_api_route("/api/v1/uploads/{name}", self.head, methods=["HEAD"])
        site.add_api_route("/api/v1/uploads/{name}", self.patch, methods=["PATCH"])
        site.add_api_route("/api/v1/uploads/{name}", self.delete, methods=["DELETE"])
        site.add_api_route(
            "/{locale}/done",
            lambda: HTMLResponse("<link rel=icon href=data:,><title>done</title>done"),
            methods=["GET"],
        )

    async def create(self, request: Request):
        assert request.headers["tus-resumable"] == "1.0.0"
        if self.refuse:
            return Response(json.dumps({"detail": self.refuse}), 409, media_type="application/problem+json")
        name = f"u{len(self.length)}"
        pairs = (pair.split(" ") for pair in request.headers["upload-metadata"].split(","))
        self.metadata[name] = {key: b64decode(value).decode() for key, value in pairs}
        self.length[name], self.data[name] = int(request.headers["upload-length"]), bytearray()
        return Response(status_code=201, headers={"Location": f"/api/v1/uploads/{name}"})

    def _where(self, name):
        done = len(self.data[name]) == self.length[name]
        return {"Upload-Offset": str(len(self.data[name])), **({"Jiebang-Submission": "/done"} if done else {})}

    async def head(self, name: str):
        return Response(
            status_code=200 if name in self.data else 404, headers=self._where(name) if name in self.data else {}
        )

    async def patch(self, name: str, request: Request):
        self.patches += 1
        number, offset = self.patches, int(request.headers["upload-offset"])
        if offset != len(self.data[name]):
            return Response(status_code=409)
        body = await request.body()
        self.taken += len(body)
        algorithm, digest = request.headers["upload-checksum"].split(" ")
        assert (algorithm, b64decode(digest)) == ("sha256", hashlib.sha256(body).digest())
        if number in self.break_at:
            return Response(status_code=503)
        while self.hold and number > 1:
            if await request.is_disconnected():
                return Response(status_code=499)
            await asyncio.sleep(0.02)
        self.data[name] += body
        return Response(status_code=204, headers=self._where(name))

    async def delete(self, name: str):
        del self.data[name]
        return Response(status_code=204)


@pytest.fixture
def tus(site, env):
    server = TusServer()
    server.routes(site)

    @site.get("/{locale}/upload")
    def upload(request: Request):
        return HTMLResponse(render(env, "t/upload.html", 50_000_000, chrome=chrome_of(request)))

    return server


@pytest.fixture
def big(tmp_path):
    path = tmp_path / "预测 1.csv"
    path.write_bytes(bytes(range(256)) * (3 * PIECE // 256 - 9))
    return path


def begin(page, path):
    page.locator("input[type=file]").set_input_files(path)
    page.locator("form.upload").evaluate("form => form.requestSubmit()")  # a click would wait for the page after it


def test_a_file_goes_up_in_pieces_and_leads_to_its_submission(look, tus, big):
    page = look("/en/upload")
    begin(page, big)
    page.wait_for_url("**/en/done")
    assert tus.data["u0"] == big.read_bytes()
    assert tus.metadata["u0"] == {"filename": "预测 1.csv", "challenge": "flights", "phase": "main"}
    assert tus.patches == 3
    assert page.evaluate("localStorage.length") == 0


REMEMBER = """() => {
  const place = document.querySelector("[data-upload-say]");
  const keep = () => { sessionStorage.said = `${sessionStorage.said ?? ""}|${place.textContent}`; };
  new MutationObserver(keep).observe(place, { childList: true });
}"""


def test_a_broken_line_costs_only_the_piece_it_broke(look, tus, big):
    tus.break_at = {2}
    page = look("/en/upload")
    page.evaluate(REMEMBER)
    begin(page, big)
    page.wait_for_url("**/en/done")
    assert "Trying again in 1 s; 3" in page.evaluate("sessionStorage.said"), "33 % were safe"
    assert tus.data["u0"] == big.read_bytes()
    assert tus.taken <= big.stat().st_size + PIECE
    look.complaints[:] = [text for text in look.complaints if "503" not in text]


def test_a_lost_connection_is_waited_out(look, tus, big):
    tus.hold = True
    page = look("/en/upload")
    begin(page, big)
    until(page, lambda: tus.patches == 2)
    page.context.set_offline(True)
    page.get_by_text("The connection is gone").wait_for()
    tus.hold = False
    page.context.set_offline(False)
    page.wait_for_url("**/en/done")
    assert tus.data["u0"] == big.read_bytes()
    look.complaints[:] = [text for text in look.complaints if "ERR_" not in text]


def test_a_closed_page_goes_on_where_it_stopped(look, tus, big):
    tus.hold = True
    page = look("/en/upload")
    begin(page, big)
    until(page, lambda: tus.patches == 2)
    page.reload()
    page.get_by_text("“预测 1.csv” was not finished.").wait_for()
    tus.hold = False
    begin(page, big)
    page.wait_for_url("**/en/done")
    assert list(tus.data) == ["u0"], "no second upload was made"
    assert tus.data["u0"] == big.read_bytes()


def test_pausing_and_going_on(look, tus, big):
    tus.hold = True
    page = look("/en/upload")
    begin(page, big)
    until(page, lambda: tus.patches == 2)
    page.get_by_role("button", name="Pause").click()
    page.get_by_text("Paused at").wait_for()
    tus.hold = False
    page.wait_for_timeout(200)
    assert page.url.endswith("/upload")
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url("**/en/done")
    assert tus.data["u0"] == big.read_bytes()


def test_cancelling_forgets_everything(look, tus, big):
    tus.hold = True
    page = look("/en/upload")
    begin(page, big)
    until(page, lambda: tus.patches == 2)
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Nothing was submitted.").wait_for()
    assert tus.data == {}
    assert page.evaluate("localStorage.length") == 0
    assert page.get_by_role("button", name="Submit").is_enabled()


def test_a_refusal_is_told_in_the_servers_words(look, tus, big):
    tus.refuse = "Today's three are used up."
    page = look("/en/upload")
    begin(page, big)
    page.get_by_text("The server did not take the file: Today's three are used up.").wait_for()
    assert page.get_by_role("button", name="Submit").is_enabled()
    look.complaints[:] = [text for text in look.complaints if "409" not in text]


def test_a_file_that_is_too_big_never_leaves(look, tus, tmp_path):
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.truncate(50_000_001)
    page = look("/zh/upload")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="提交").click()
    page.get_by_text("不得超过").wait_for()
    assert tus.length == {}
