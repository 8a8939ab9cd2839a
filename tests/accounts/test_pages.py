"""Every page of this room in both languages, as different people see it."""

import re

import pytest

from leaderboard.accounts.organizations import MEMBER_ROLES, add_member, create_organization
from leaderboard.accounts.pages import MEMBER_ROLE_NAMES, NOTICES, ROLE_NAMES, SCOPE_NAMES, browser
from leaderboard.accounts.people import ROLES
from leaderboard.accounts.tokens import SCOPES, make_token
from leaderboard.core.i18n import catalogue, locale_tag
from leaderboard.core.web import SESSION_COOKIE
from tests.accounts.factories import People
from tests.conftest import Server

FOR_ANYONE = ("/sign-in", "/register", "/password/forgotten", "/organizations/state-grid")
FOR_PEOPLE = ("/account", "/account/password", "/account/close", "/account/tokens", "/organizations")
FOR_OPERATORS = ("/people", "/people?q=nobody+at+all", "/organizations/new")


@pytest.fixture
def pages(server: Server, people: People) -> dict[str, str]:
    """Address → HTML, as seen by an operator who owns an organization with a member, and has a token."""
    root, wang = people.add("Root <b>Bold</b>", role="operator"), people.add("Wang Wu")
    key = people.sign_in(root).key
    with server.resources.write() as work:
        unit = create_organization(work, root, name="State <i>Grid</i>", slug="state-grid")
        add_member(work, root, unit, email=wang.email)
        make_token(work, root, name="laptop <u>", scopes=("submit",), days=7)
    found: dict[str, str] = {}
    for locale in ("en", "zh"):
        with server.client() as anyone:
            found |= {f"/{locale}{path}": anyone.get(f"/{locale}{path}").text for path in FOR_ANYONE}
        with server.client(cookies={SESSION_COOKIE: key}) as browser_of_root:
            for path in (*FOR_PEOPLE, *FOR_OPERATORS, "/organizations/state-grid"):
                answer = browser_of_root.get(f"/{locale}{path}")
                assert answer.status_code == 200, path
                found[f"/{locale}{path}" + ("#inside" if path in FOR_ANYONE else "")] = answer.text
    return found


def every_page_is_whole_in_both_languages(pages: dict[str, str]) -> None:
    assert len(pages) == 26
    for address, html in pages.items():
        locale = address.split("/")[1]
        assert f'<html lang="{locale_tag(locale)}"' in html, address
        assert len(re.findall(r"<h1[ >]", html)) == 1, address
        assert re.search(r"<title>[^<]+·[^<]+</title>", html), address
        ids = re.findall(r'\sid="([^"]+)"', html)
        assert len(ids) == len(set(ids)), address
        for name in re.findall(r'<label for="([^"]+)"', html):
            assert name in ids, (address, name)
        for described in re.findall(r'aria-describedby="([^"]+)"', html):
            assert set(described.split()) <= set(ids), address
        assert not re.search(r'style="|<script(?![^>]*src=)|\son\w+="', html), address


def what_people_write_is_text(pages: dict[str, str]) -> None:
    for address, html in pages.items():
        for markup in ("<b>Bold", "<i>Grid", "<u>"):
            assert markup not in html, address


def every_form_posts_and_no_address_of_ours_is_without_a_language(pages: dict[str, str]) -> None:
    for address, html in pages.items():
        locale = address.split("/")[1]
        for form in re.findall(r"<form[^>]*>", html):
            assert 'method="post"' in form or 'role="search"' in form, address
        for link in re.findall(r'(?:href|action)="(/[^"]*)"', html):
            known = (f"/{locale}/", "/static/", "/api/v1/", "/theme", "/zh/", "/en/")
            assert link.startswith(known), (address, link)


def password_fields_can_be_filled_by_managers_and_pasted_into(pages: dict[str, str]) -> None:
    for address, html in pages.items():
        for field in re.findall(r'<input[^>]*type="password"[^>]*>', html):
            assert re.search(r'autocomplete="(current|new)-password"', field), address
            assert "maxlength" not in field
            assert "value=" not in field


def chinese_pages_speak_chinese(pages: dict[str, str]) -> None:
    for address, html in pages.items():
        if not address.startswith("/zh"):
            continue
        main = re.search(r"<main.*</main>", html, re.DOTALL)[0]
        text = re.sub(r"<[^>]+>", "\n", main)
        foreign = {
            word
            for word in re.findall(r"[A-Za-z]{3,}(?: [a-z]{2,})+", text)  # two English words in a row
            if "Grid" not in word and "Firefox" not in word
        }
        assert foreign <= {"jiebang login", "read submit"}, (address, foreign)


LAWS = (
    every_page_is_whole_in_both_languages,
    what_people_write_is_text,
    every_form_posts_and_no_address_of_ours_is_without_a_language,
    password_fields_can_be_filled_by_managers_and_pasted_into,
    chinese_pages_speak_chinese,
)


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_the_pages_keep_the_laws_of_pages(pages: dict[str, str]) -> None:
    for law in LAWS:
        law(pages)


def test_every_role_scope_and_notice_has_a_name_in_chinese() -> None:
    assert set(ROLE_NAMES) == set(ROLES)
    assert set(MEMBER_ROLE_NAMES) == set(MEMBER_ROLES)
    assert set(SCOPE_NAMES) == set(SCOPES)
    chinese = catalogue("zh")
    for message in (*ROLE_NAMES.values(), *MEMBER_ROLE_NAMES.values(), *SCOPE_NAMES.values(), *NOTICES.values()):
        assert chinese.gettext(message) != message


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        ("", ""),
        ("curl/8.5.0", "curl/8.5.0"),
        ("x" * 300, "x" * 40),
        (
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
                " Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0"
            ),
            "Edge 141, Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.61",
            "WeChat 8, iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 Chrome/141.0.0.0 Mobile Safari/537.36",
            "Chrome 141, Android",
        ),
    ],
)
def test_browsers_are_named_so_that_people_know_them_again(agent: str, shown: str) -> None:
    assert browser(agent) == shown
