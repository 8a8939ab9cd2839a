"""What the look serves itself: the theme switch, the pattern page, the reference of the API, the error pages."""

import asyncio

import httpx
import pytest

from leaderboard.ui.apidocs import api_page
from leaderboard.ui.routes import local_address


@pytest.fixture
def ask(site):
    def request(method, path, cookies=None, **more):
        async def go():
            transport = httpx.ASGITransport(site)
            async with httpx.AsyncClient(transport=transport, base_url="http://test", cookies=cookies) as client:
                return await client.request(method, path, **more)

        return asyncio.run(go())

    return request


def test_the_theme_is_kept_in_a_cookie_and_the_reader_stays_where_they_were(ask):
    answer = ask("POST", "/theme", data={"theme": "dark", "next": "/zh/challenges?q=1"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/zh/challenges?q=1")
    assert answer.cookies["jiebang_theme"] == "dark"
    assert 'data-theme="dark"' in ask("GET", "/zh/patterns", cookies={"jiebang_theme": "dark"}).text
    assert "data-theme" not in ask("GET", "/zh/patterns", cookies={"jiebang_theme": '"><script>'}).text
    gone = ask("POST", "/theme", data={"theme": "system"})
    assert "Max-Age=0" in gone.headers["set-cookie"]
    assert ask("POST", "/theme", data={"theme": "pink"}).status_code == 422


@pytest.mark.parametrize(
    "bad", ["https://evil.example", "//evil.example", "/\\evil.example", "/a\r\nSet-Cookie: x=1", "javascript:x", ""]
)
def test_nobody_is_sent_away_by_the_switch(ask, bad):
    assert local_address(bad) == "/"
    answer = ask("POST", "/theme", data={"theme": "dark", "next": bad})
    assert answer.headers["location"] == "/"


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_the_pattern_page_is_served(ask, locale):
    answer = ask("GET", f"/{locale}/patterns?sort=-missing")
    assert answer.status_code == 200
    assert 'aria-sort="descending"' in answer.text
    other = "en" if locale == "zh" else "zh"
    assert f'href="/{other}/patterns?sort=-missing"' in answer.text, "the language switch stays on the page"


@pytest.mark.parametrize(
    ("status", "words"),
    [(403, "“&lt;Team&gt;”"), (404, "no such page"), (410, "closed"), (429, "42 seconds"), (500, "our fault")],
)
def test_errors_become_pages(ask, status, words):
    answer = ask("GET", f"/en/error/{status}")
    assert answer.status_code == status
    assert words in answer.text
    assert "help@jiebang.example" in answer.text
    assert answer.text.count("<h1>") == 1


def test_the_api_is_described_by_a_page_of_ours(ask, site):
    @site.get("/api/v1/things/{thing_id}", summary="Read a thing", description="All of it.")
    def thing(thing_id: int, kind: str = "any") -> dict[str, str]:
        return {}

    html = ask("GET", "/en/api/docs").text
    assert "GET /api/v1/things/{thing_id}" in html
    assert "Read a thing" in html
    assert html.count("<h1") == 1


def test_types_of_the_api_are_said_in_words():
    document = {
        "info": {"version": "1"},
        "components": {
            "schemas": {
                "State": {"enum": ["open", "closed"]},
                "Thing": {
                    "required": ["name"],
                    "properties": {
                        "name": {"type": "string", "description": "What it is called."},
                        "state": {"$ref": "#/components/schemas/State"},
                        "size": {"type": "integer", "minimum": 1, "maximum": 20},
                        "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
                        "since": {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}]},
                    },
                    "examples": [{"name": "名"}],
                },
            }
        },
        "paths": {
            "/api/v1/things": {
                "post": {
                    "summary": "Make a thing",
                    "requestBody": {
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
                    },
                    "responses": {
                        "201": {
                            "description": "Made",
                            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}},
                        }
                    },
                }
            }
        },
    }
    ((group,), (operation,)) = (api_page(document).groups, api_page(document).groups[0].operations)
    assert (group.name, operation.method, operation.anchor) == ("things", "POST", "post-api-v1-things")
    assert [(field.name, field.type, field.required) for field in operation.fields] == [
        ("name", "string", True),
        ("state", '"open" or "closed"', False),
        ("size", "integer 1–20", False),
        ("parts", "list of Thing", False),
        ("since", "date-time or null", False),
    ]
    assert operation.answers[0].type == "Thing"
    assert '"名"' in operation.example
