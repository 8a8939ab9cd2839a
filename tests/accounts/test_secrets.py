"""What only one person may know is in no table, no ledger line, no log line, no answer to anyone else, no repr."""

import re

import httpx
import pytest
from sqlmodel import SQLModel, select

from leaderboard.accounts import tokens
from leaderboard.accounts.models import ApiToken, PasswordReset, Person, SignIn
from leaderboard.core.web import SESSION_COOKIE
from leaderboard.core.work import Resources
from tests.accounts.factories import PASSWORD, People, PostOffice
from tests.conftest import Server

NEXT = "seven bridges over a river"
LAST = "eight horses in the rain"
WRONG = "not the right password"


def everything_stored(resources: Resources) -> str:
    with resources.read() as work:
        connection = work.session.connection()
        return "\n".join(
            str(row) for table in SQLModel.metadata.sorted_tables for row in connection.execute(table.select())
        )


def live_a_day(server: Server, post_office: PostOffice) -> set[str]:
    """Registers, fails, signs in, makes tokens, changes and resets the password; gives every secret that came up."""
    secrets = {PASSWORD, NEXT, LAST, WRONG}
    with server.client() as browser:
        given = {"name": "Lin", "email": "lin@lake.example", "password": PASSWORD}
        browser.post("/en/register", data=given)
        secrets.add(browser.cookies[SESSION_COOKIE])
        made = browser.post("/en/account/tokens", data={"name": "laptop", "days": "7"}).text
        secrets.add(re.search(r"jb_[\w-]{43}", made)[0])
        browser.post("/en/account/password", data={"password": WRONG, "new_password": NEXT})
        browser.post("/en/account/password", data={"password": PASSWORD, "new_password": NEXT})
        browser.post("/en/sign-out")
        browser.post("/en/sign-in", data={"email": "lin@lake.example", "password": WRONG})
        browser.post("/en/password/forgotten", data={"email": "lin@lake.example"})
        key = re.search(r"token=(\S+)", post_office.mails()[-1].get_content())[1]
        secrets.add(key)
        browser.get("/en/password/new", params={"token": key})
        browser.post("/en/password/new", data={"token": key, "new_password": LAST})
        browser.post("/en/sign-in", data={"email": "lin@lake.example", "password": LAST})
        secrets.add(browser.cookies[SESSION_COOKIE])
    program = httpx.post(
        f"{server.url}/api/v1/tokens", json={"email": "lin@lake.example", "password": LAST}, timeout=120
    )
    secrets.add(program.json()["token"])
    return secrets


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_secrets_are_stored_and_logged_nowhere(
    server: Server, resources: Resources, post_office: PostOffice, capfd: pytest.CaptureFixture[str]
) -> None:
    secrets = live_a_day(server, post_office)
    assert len(secrets) == 9
    stored = everything_stored(resources)
    printed = "".join(capfd.readouterr())
    assert "lin@lake.example" in stored
    for secret in secrets:
        assert secret not in stored
        assert secret not in printed


def test_objects_that_get_printed_show_no_secret(people: People, resources: Resources) -> None:
    lin = people.add()
    signed = people.sign_in(lin)
    actor = people.recognised(signed)
    with resources.write() as work:
        made = tokens.make_token(work, lin, name="laptop", scopes=(), days=7)
        work.session.add(PasswordReset(token_hash="f" * 64, person_id=lin.id, created_at=work.now, expires_at=work.now))
    with resources.read() as work:
        rows = [work.session.exec(select(table)).first() for table in (Person, SignIn, ApiToken, PasswordReset)]
        shown = repr([signed, made, actor, *rows])
        assert rows[0].password_hash not in shown
        assert all(row.token_hash not in shown for row in rows[1:])
    assert signed.key not in shown
    assert made.key not in shown
    assert actor.sign_in not in shown
