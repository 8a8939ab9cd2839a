"""Accounts through a real server: cookies, redirects, refusals, tokens."""

import re
from http.cookies import SimpleCookie
from urllib.parse import quote

import httpx
import pytest
from sqlmodel import select

from leaderboard.accounts import tokens
from leaderboard.accounts.actor import Actor
from leaderboard.accounts.keys import fingerprint
from leaderboard.accounts.models import SignIn
from leaderboard.core.web import SESSION_COOKIE
from leaderboard.core.work import Resources
from tests.accounts.factories import PASSWORD, Ledger, People, PostOffice
from tests.conftest import Server

pytestmark = pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)

FRESH = "seven bridges over a river"
ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    " //evil.example",
    "javascript:alert(1)",
    "evil.example",
    "http:evil.example",
    "/en/account\r\nSet-Cookie: a=b",
)


def sign_in(server: Server, email: str, password: str = PASSWORD, **more: str) -> httpx.Response:
    with server.client() as browser:
        return browser.post("/en/sign-in", data={"email": email, "password": password, **more})


def browser_of(server: Server, people: People, actor: Actor) -> httpx.Client:
    """A browser in which ``actor`` is signed in."""
    browser = server.client()
    browser.cookies.set(SESSION_COOKIE, people.sign_in(actor).key)
    return browser


def cookie(response: httpx.Response) -> SimpleCookie:
    jar = SimpleCookie()
    for header in response.headers.get_list("set-cookie"):
        jar.load(header)
    return jar


# Cookies


def test_the_session_cookie_cannot_be_read_by_scripts_or_sent_by_other_sites(server: Server, people: People) -> None:
    answer = sign_in(server, people.add().email)
    morsel = cookie(answer)[SESSION_COOKIE]
    assert (answer.status_code, answer.headers["location"]) == (303, "/en/")
    assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "lax", "/")
    assert morsel["secure"] == morsel["domain"] == morsel["max-age"] == morsel["expires"] == ""
    assert len(morsel.value) == 43


def test_a_kept_sign_in_lasts_as_long_as_the_session(server: Server, people: People) -> None:
    morsel = cookie(sign_in(server, people.add().email, keep="yes"))[SESSION_COOKIE]
    assert morsel["max-age"] == str(30 * 86_400)


def test_behind_https_the_cookie_is_secure(server: Server, people: People) -> None:
    server.resources.settings.base_url = "https://jiebang.example"
    morsel = cookie(sign_in(server, people.add().email))[SESSION_COOKIE]
    assert morsel["secure"] is True
    with server.client() as browser:
        gone = cookie(browser.post("/en/sign-out"))[SESSION_COOKIE]
    assert gone["secure"] is True


def test_a_planted_cookie_is_replaced_and_never_becomes_a_session(
    server: Server, people: People, resources: Resources
) -> None:
    lin = people.add()
    planted = "A" * 43
    with server.client(cookies={SESSION_COOKIE: planted}) as browser:
        answer = browser.post("/en/sign-in", data={"email": lin.email, "password": PASSWORD})
    assert cookie(answer)[SESSION_COOKIE].value != planted
    with resources.read() as work:
        assert fingerprint(planted) not in work.session.exec(select(SignIn.token_hash)).all()


def test_signing_out_ends_the_session_and_takes_the_cookie_away(server: Server, people: People) -> None:
    with browser_of(server, people, people.add()) as browser:
        key = browser.cookies[SESSION_COOKIE]
        assert browser.get("/en/account").status_code == 200
        answer = browser.post("/en/sign-out")
        assert (answer.status_code, answer.headers["location"]) == (303, "/en/")
        assert cookie(answer)[SESSION_COOKIE]["max-age"] == "0"
    with server.client(cookies={SESSION_COOKIE: key}) as browser:
        assert browser.get("/en/account").status_code == 303


def test_signing_out_from_another_site_is_refused(server: Server, people: People) -> None:
    with browser_of(server, people, people.add()) as browser:
        for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}):
            assert browser.post("/en/sign-out", headers=headers).status_code == 403
        assert browser.get("/en/account").status_code == 200


# Where one goes


def test_signing_in_never_leads_to_another_site(server: Server, people: People) -> None:
    lin = people.add()
    with browser_of(server, people, lin) as browser:
        for elsewhere in ELSEWHERE:
            answer = sign_in(server, lin.email, next=elsewhere)
            assert answer.status_code == 303
            assert answer.headers["location"] in {"/", "/en/"}, elsewhere
            assert len(answer.headers.get_list("set-cookie")) == 1
            assert browser.get("/en/sign-in", params={"next": elsewhere}).headers["location"] in {"/", "/en/"}


def test_signing_in_leads_on_to_the_page_that_was_asked_for(server: Server, people: People) -> None:
    lin = people.add()
    with server.client() as browser:
        sent_off = browser.get("/zh/account?done=saved")
        assert sent_off.headers["location"] == f"/zh/sign-in?next={quote('/zh/account?done=saved', safe='')}"
        form = browser.get(sent_off.headers["location"]).text
        assert 'name="next" value="/zh/account?done=saved"' in form
        assert "/zh/register?next=/zh/account%3Fdone%3Dsaved" in form
    assert sign_in(server, lin.email, next="/zh/account?done=saved").headers["location"] == "/zh/account?done=saved"


def test_who_is_signed_in_is_not_asked_again(server: Server, people: People) -> None:
    with browser_of(server, people, people.add()) as browser:
        for path in ("/en/sign-in", "/en/register"):
            assert browser.get(path, params={"next": "/en/account"}).headers["location"] == "/en/account"


# Forms that are refused


def test_a_wrong_password_keeps_the_address_and_never_the_password(server: Server, people: People) -> None:
    answer = sign_in(server, people.add().email, "wrong but secret", next="/en/account", keep="yes")
    assert answer.status_code == 422
    page = answer.text
    assert "<title>Error: Sign in" in page
    assert 'href="#password"' in page
    assert "Tries left before a pause of 15 min: 9" in page
    assert 'value="lin@songshanlake.example"' in page
    assert 'name="next" value="/en/account"' in page
    assert re.search(r'name="keep"[^>]* checked', page)
    assert "wrong but secret" not in page
    assert "set-cookie" not in answer.headers


def test_unknown_addresses_get_the_same_page(server: Server, people: People) -> None:
    lin = people.add()
    known = sign_in(server, lin.email, "wrong but secret").text.replace(lin.email, "X")
    unknown = sign_in(server, "nobody@songshanlake.example", "wrong but secret").text
    assert known == unknown.replace("nobody@songshanlake.example", "X")


def test_too_many_tries_are_answered_with_429_and_when_to_come_back(server: Server, people: People) -> None:
    server.resources.settings.sign_in_attempts = 1
    lin = people.add()
    sign_in(server, lin.email, "wrong")
    answer = sign_in(server, lin.email)
    assert answer.status_code == 429
    assert answer.headers["retry-after"] == "900"
    assert "Wait 15 min" in answer.text
    assert 'value="lin@songshanlake.example"' in answer.text


def test_a_refused_registration_says_everything_and_keeps_what_was_typed(server: Server) -> None:
    with server.client() as browser:
        given = {"name": "李<b>四", "email": "li@", "password": "secret", "locale": "en"}
        answer = browser.post("/zh/register", data=given)
    assert answer.status_code == 422
    for part in ('href="#email"', 'href="#password"', "密码至少需要10个字符", 'value="李&lt;b&gt;四"', 'value="li@"'):
        assert part in answer.text
    assert "secret" not in answer.text
    assert re.search(r'value="en" selected', answer.text)


def test_whoever_registers_is_in(server: Server, people: People) -> None:
    with server.client() as browser:
        given = {"name": "李四", "email": "li@songshanlake.example", "password": FRESH, "next": "/zh/account"}
        answer = browser.post("/zh/register", data=given)
        assert (answer.status_code, answer.headers["location"]) == (303, "/zh/account")
        page = browser.get("/zh/account").text
    assert "李四" in page
    assert people.row(1).locale == "zh"  # the language of the page, as the form said nothing else


def test_closed_registration_offers_no_form(server: Server) -> None:
    server.resources.settings.registration = "closed"
    with server.client() as browser:
        page = browser.get("/en/register")
        assert page.status_code == 200
        assert 'name="password"' not in page.text
        assert "/en/register" not in browser.get("/en/sign-in").text.replace("/en/register?", "")
        given = {"name": "Li", "email": "li@songshanlake.example", "password": FRESH}
        assert browser.post("/en/register", data=given).status_code == 422


def test_a_form_without_its_fields_is_explained_not_broken(server: Server, people: People) -> None:
    with browser_of(server, people, people.add(role="operator")) as browser:
        for path in (
            "/en/register",
            "/en/password/forgotten",
            "/en/account",
            "/en/account/password",
            "/en/account/close",
            "/en/account/tokens",
            "/en/organizations/new",
            "/en/people/1",
        ):
            assert browser.post(path).status_code == 422, path
            assert browser.post(path, content=b"\xff\x00 not a form").status_code == 422, path


# A forgotten password, from end to end


def test_a_forgotten_password_is_replaced_by_mail(
    server: Server, people: People, post_office: PostOffice, ledger: Ledger
) -> None:
    lin = people.add()
    with server.client() as browser:
        asked = browser.post("/en/password/forgotten", data={"email": lin.email})
        unknown = browser.post("/en/password/forgotten", data={"email": "nobody@songshanlake.example"})
        assert (asked.status_code, asked.headers["location"]) == (unknown.status_code, unknown.headers["location"])
        assert "If this address has an account" in browser.get(asked.headers["location"]).text
        [mail] = post_office.mails()
        link = re.search(r"http://127.0.0.1:8000(/en/password/new\?token=\S+)", mail.get_content())[1]
        form = browser.get(link)
        assert form.headers["cache-control"] == "no-store"
        assert form.headers["referrer-policy"] == "no-referrer"
        key = re.search(r'name="token" value="([^"]+)"', form.text)[1]
        short = browser.post("/en/password/new", data={"token": key, "new_password": "short"})
        assert short.status_code == 422
        assert f'name="token" value="{key}"' in short.text
        done = browser.post("/en/password/new", data={"token": key, "new_password": FRESH})
        assert done.headers["location"] == "/en/sign-in?done=password"
        assert "Your new password is set" in browser.get(done.headers["location"]).text
        assert browser.post("/en/password/new", data={"token": key, "new_password": FRESH}).status_code == 410
        assert browser.get(link).status_code == 410
    assert sign_in(server, lin.email, FRESH).status_code == 303


def test_notices_come_from_a_table_not_from_the_address(server: Server) -> None:
    with server.client() as browser:
        for key in ("<script>", "nothing", "__class__"):
            page = browser.get("/en/sign-in", params={"done": key}).text
            assert "banner--ok" not in page


# One's own account


def test_an_account_is_looked_after_in_the_browser(server: Server, people: People) -> None:
    lin = people.add()
    there = people.sign_in(lin)
    with browser_of(server, people, lin) as browser:
        page = browser.get("/en/account").text
        assert "Firefox 140, Linux" in page
        start = re.search(r'name="start" value="([0-9a-f]{16})"', page)[1]
        assert start == fingerprint(there.key)[:16]
        assert browser.post("/en/account/sign-ins", data={"start": start}).status_code == 303
        assert people.recognised(there).person_id is None
        assert browser.post("/en/account/sign-ins", data={"start": start}).status_code == 404
        saved = browser.post("/en/account", data={"name": "林小岚", "locale": "zh"})
        assert "林小岚" in browser.get(saved.headers["location"]).text
        refused = browser.post("/en/account", data={"name": " ", "locale": "zh"})
        assert refused.status_code == 422
        assert 'href="#name"' in refused.text
        changed = browser.post("/en/account/password", data={"password": PASSWORD, "new_password": FRESH})
        assert changed.headers["location"] == "/en/account?done=changed"
        wrong = browser.post("/en/account/close", data={"password": PASSWORD})
        assert wrong.status_code == 422
        assert "not your present password" in wrong.text
        closed = browser.post("/en/account/close", data={"password": FRESH})
        assert closed.headers["location"] == "/en/sign-in?done=closed"
        assert browser.get("/en/account").status_code == 303


# Tokens


def test_a_token_is_shown_in_one_answer_only(server: Server, people: People) -> None:
    with browser_of(server, people, people.add()) as browser:
        made = browser.post("/en/account/tokens", data={"name": "laptop", "scope-submit": "yes", "days": "30"})
        assert made.status_code == 200
        assert made.headers["cache-control"] == "no-store"
        key = re.search(r"jb_[\w-]{43}", made.text)[0]
        listed = browser.get("/en/account/tokens").text
        assert key not in listed
        assert key[:9] in listed
        assert "read submit" in listed
        token_id = re.search(r"/account/tokens/(\d+)/revoke", listed)[1]
        bearer = {"Authorization": f"Bearer {key}"}
        assert httpx.get(f"{server.url}/api/v1/me", headers=bearer, timeout=120).json()["scopes"] == ["read", "submit"]
        assert browser.post(f"/en/account/tokens/{token_id}/revoke").status_code == 303
        assert httpx.get(f"{server.url}/api/v1/me", headers=bearer, timeout=120).status_code == 401
        assert browser.post(f"/en/account/tokens/{token_id}/revoke").status_code == 404


def test_days_that_are_no_days_are_refused(server: Server, people: People) -> None:
    with browser_of(server, people, people.add()) as browser:
        for days in ("", "0", "9999", "x", "-1", "１", "1e3", "9" * 5000):
            answer = browser.post("/en/account/tokens", data={"name": "laptop", "days": days})
            assert answer.status_code == 422
            assert 'href="#days"' in answer.text
            assert 'value="laptop"' in answer.text


def test_a_bad_token_is_a_problem_for_programs_in_their_language(server: Server) -> None:
    headers = {"Authorization": "Bearer jb_wrong", "Accept-Language": "zh-CN"}
    answer = httpx.get(f"{server.url}/api/v1/me", headers=headers, timeout=120)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith('Bearer realm="jiebang"')
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["id"], body["type"]) == ("accounts.token_unknown", "urn:jiebang:accounts.token_unknown")
    assert "令牌" in body["detail"]
    assert "jb_wrong" not in answer.text


def test_a_bad_token_is_no_anonymous_reader_even_where_anyone_may_read(server: Server, people: People) -> None:
    with browser_of(server, people, people.add("Root", role="operator")) as browser:
        browser.post("/en/organizations/new", data={"name": "State Grid", "slug": "state-grid"})
    path = f"{server.url}/api/v1/organizations/state-grid"
    assert httpx.get(path, timeout=120).json() == {"slug": "state-grid", "name": "State Grid"}
    assert httpx.get(path, headers={"Authorization": "Bearer jb_wrong"}, timeout=120).status_code == 401


def test_the_command_line_gets_and_ends_its_token(server: Server, people: People) -> None:
    lin = people.add()
    with httpx.Client(base_url=f"{server.url}/api/v1", timeout=120) as program:
        given = {"email": lin.email, "password": PASSWORD, "name": "laptop", "scopes": ["submit"], "days": 7}
        made = program.post("/tokens", json=given)
        assert made.status_code == 201
        assert made.headers["cache-control"] == "no-store"
        body = made.json()
        assert body["scopes"] == ["read", "submit"]
        assert body["expires_at"].startswith("2026-12-22T04:00:00")
        program.headers["Authorization"] = f"Bearer {body['token']}"
        me = program.get("/me").json()
        assert (me["email"], me["role"], me["organizations"]) == (lin.email, "participant", [])
        assert program.get("/tokens").status_code == 403
        assert program.post("/tokens", json=given).status_code == 403
        assert program.get("/people").status_code == 404
        assert program.delete(f"/tokens/{body['id']}").status_code == 403
        assert program.delete("/tokens/current").status_code == 204
        assert program.get("/me").status_code == 401


def test_tokens_for_passwords_are_limited_like_sign_ins(server: Server, people: People) -> None:
    server.resources.settings.sign_in_attempts = 1
    lin = people.add()
    with httpx.Client(base_url=f"{server.url}/api/v1", timeout=120) as program:
        wrong = program.post("/tokens", json={"email": lin.email, "password": "wrong but secret"})
        assert (wrong.status_code, wrong.json()["id"]) == (401, "accounts.mismatch")
        assert "wrong but secret" not in wrong.text
        late = program.post("/tokens", json={"email": lin.email, "password": PASSWORD})
        assert (late.status_code, late.headers["retry-after"]) == (429, "900")
        assert late.json()["params"]["retry_after"] == 900


def test_bodies_that_cannot_be_read_are_422_and_repeat_no_secret(server: Server) -> None:
    for body in ({}, {"email": 1, "password": []}, {"email": "a@b.cn", "password": "secret words", "admin": True}):
        answer = httpx.post(f"{server.url}/api/v1/tokens", json=body, timeout=120)
        assert answer.status_code == 422
        assert answer.json()["fields"]
        assert "secret words" not in answer.text


def test_a_browser_lists_and_ends_its_tokens_by_the_api_too(server: Server, people: People) -> None:
    lin = people.add()
    with server.resources.write() as work:
        made = tokens.make_token(work, lin, name="laptop", scopes=(), days=7)
    with browser_of(server, people, lin) as browser:
        [listed] = browser.get("/api/v1/tokens").json()
        assert (listed["id"], listed["start"], listed["scopes"]) == (made.id, made.key[:9], ["read"])
        assert made.key not in str(listed)
        assert browser.delete("/api/v1/tokens/current").status_code == 409
        assert browser.delete(f"/api/v1/tokens/{made.id}").status_code == 204
        assert browser.get("/api/v1/tokens").json() == []


# Organizations and people


def test_an_organization_is_founded_and_its_members_are_looked_after(server: Server, people: People) -> None:
    lin, wang = people.add(role="organizer"), people.add("Wang Wu")
    with browser_of(server, people, lin) as browser:
        refused = browser.post("/zh/organizations/new", data={"name": "", "slug": "9"})
        assert refused.status_code == 422
        made = browser.post("/zh/organizations/new", data={"name": "国家电网", "slug": "State-Grid"})
        assert made.headers["location"] == "/zh/organizations/state-grid?done=founded"
        assert "国家电网" in browser.get(made.headers["location"]).text
        path = "/en/organizations/state-grid"
        unknown = browser.post(f"{path}/members", data={"email": "x@y.example", "role": "member"})
        assert unknown.status_code == 422
        assert 'value="x@y.example"' in unknown.text
        assert browser.post(f"{path}/members", data={"email": wang.email, "role": "member"}).status_code == 303
        assert "Wang Wu" in browser.get(path).text
        assert browser.post(f"{path}/members/{lin.id}", data={"role": "member"}).status_code == 422
        assert browser.post(f"{path}/leave").status_code == 422
        assert browser.post(f"{path}/name", data={"name": ""}).status_code == 422
        assert browser.post(f"{path}/name", data={"name": "Southern Grid"}).status_code == 303
        assert browser.post(f"{path}/members/{wang.id}", data={"role": "owner"}).status_code == 303
        assert "Southern Grid" in browser.get("/en/organizations").text
        assert browser.get("/en/organizations.csv").content.decode("utf-8-sig").splitlines() == [
            "slug,name,role",
            "state-grid,Southern Grid,owner",
        ]
        [unit] = browser.get("/api/v1/me").json()["organizations"]
        assert unit == {"slug": "state-grid", "name": "Southern Grid", "role": "owner"}
        assert browser.post(f"{path}/leave").headers["location"] == "/en/account?done=left"
    with browser_of(server, people, wang) as browser:
        assert browser.post(f"{path}/members/{wang.id}", data={"role": "none"}).status_code == 422
        assert browser.post(f"{path}/members/{lin.id}", data={"role": "none"}).status_code == 404


def test_strangers_see_the_name_of_an_organization_and_nobody_in_it(server: Server, people: People) -> None:
    lin = people.add(role="organizer")
    with browser_of(server, people, lin) as browser:
        browser.post("/en/organizations/new", data={"name": "State Grid", "slug": "state-grid"})
    with server.client() as stranger:
        page = stranger.get("/en/organizations/state-grid")
        assert page.status_code == 200
        assert "State Grid" in page.text
        assert lin.name not in page.text
        assert lin.email not in page.text
        assert stranger.get("/en/organizations").headers["location"].startswith("/en/sign-in")
        assert stranger.get("/en/organizations/nowhere").status_code == 404
        assert stranger.post("/en/organizations/state-grid/name", data={"name": "X"}).status_code == 401


def test_the_operator_finds_people_and_gives_roles(server: Server, people: People) -> None:
    root, lin = people.add("Root", role="operator"), people.add()
    people.add("=cmd|calc Percent%")
    with browser_of(server, people, root) as browser:
        assert "3 people" in browser.get("/en/people").text
        assert "Lin Xiaolan" in browser.get("/en/people?q=XIAO").text
        assert "Nobody fits" in browser.get("/en/people?q=100%25").text
        assert "Lin Xiaolan" not in browser.get("/en/people?q=t%25").text
        answer = browser.post(f"/en/people/{lin.id}?q=lin", data={"do": "organizer"})
        assert answer.headers["location"] == "/en/people?q=lin&done=saved"
        assert "Lin Xiaolan" in browser.get("/en/people?role=organizer").text
        last = browser.post(f"/en/people/{root.id}", data={"do": "close"})
        assert last.status_code == 422
        assert "last operator" in last.text
        assert browser.post(f"/en/people/{lin.id}", data={"do": "close"}).status_code == 303
        assert "closed" in browser.get("/en/people?q=lin").text
        assert browser.post(f"/en/people/{lin.id}", data={"do": "reopen"}).status_code == 303
        assert browser.post("/en/people/404", data={"do": "close"}).status_code == 404
        assert browser.post(f"/en/people/{lin.id}", data={"do": "king"}).status_code == 422
        table = browser.get("/en/people.csv").content.decode("utf-8-sig")
        assert "'=cmd|calc Percent%" in table
        shown = browser.get("/api/v1/people?q=lin").json()
        assert (shown["total"], shown["people"][0]["role"]) == (1, "organizer")
        assert "password" not in str(shown)


def test_long_lists_of_people_are_paged(server: Server, people: People) -> None:
    root = people.add("Root", role="operator")
    for n in range(120):
        people.add(f"P{n} Person")
    with browser_of(server, people, root) as browser:
        first, last = browser.get("/en/people?q=person").text, browser.get("/en/people?q=person&page=3").text
        assert "P119 Person" in first
        assert "?q=person&amp;page=2" in first
        assert "P0 Person" in last
        assert "101–120 of 120" in last
        assert browser.get("/en/people?page=0").status_code == 422


def test_people_do_not_exist_for_others(server: Server, people: People) -> None:
    for actor in (people.add(), people.add("Wang Wu", role="organizer"), None):
        with browser_of(server, people, actor) if actor else server.client() as browser:
            for path in ("/en/people", "/en/people.csv", "/api/v1/people"):
                assert browser.get(path).status_code == 404
