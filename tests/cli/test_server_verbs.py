"""Verbs that talk to a server: what they print, in both languages, and how they end."""

import json
import stat

import pytest

from leaderboard.accounts.models import Person
from leaderboard.accounts.passwords import hashed
from tests.submissions import factories

pytestmark = [
    pytest.mark.parametrize("database_address", ["sqlite"], indirect=True),
    pytest.mark.usefixtures("real_time"),
]


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "p.csv"
    path.write_bytes(factories.predictions())
    return path


@pytest.fixture
def signed_in(jiebang, site, token):
    """The command with a token in its environment."""
    jiebang.environment.update(JIEBANG_SERVER=site, JIEBANG_TOKEN=token)
    return jiebang


def test_login_keeps_a_token_never_the_password_and_logout_forgets_it(jiebang, stage, site):
    password = "correct horse battery"
    with stage.resources.write() as work:
        work.session.get_one(Person, stage.actor.person_id).password_hash = hashed(password)
    wrong = jiebang("login", site, "--email", stage.actor.email, JIEBANG_PASSWORD="wrong horse battery")
    assert wrong.code == 4
    assert wrong.err.count("do not match") == 1  # said once
    assert "Log in first" not in wrong.err
    done = jiebang("login", site, "--email", stage.actor.email, JIEBANG_PASSWORD=password)
    assert (done.code, done.out) == (0, f"Logged in to {site} as Lin Xiaolan.\n")
    kept = jiebang.folder / "config" / "jiebang" / "credentials.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert list(json.loads(kept.read_text())) == [site]
    assert password not in kept.read_text()
    assert jiebang("submissions", "late").out == "Nothing submitted yet.\n"  # the last server logged in to
    assert jiebang("logout").code == 0
    assert json.loads(kept.read_text()) == {}
    assert jiebang("logout").code == 1


def test_looking_around(signed_in):
    listed = signed_in("challenges", "--json")
    assert [one["slug"] for one in listed.json] == ["late"]
    assert "Which flights will be late?" in signed_in("challenges").out
    assert "哪些航班会晚点" in signed_in("challenges", JIEBANG_LANG="zh").out
    assert signed_in("challenges", "nothing-like-it").out == "No challenge matches.\n"
    shown = signed_in("show", "late", "--json").json
    assert shown["slug"] == "late"
    assert "Predict them." in signed_in("show", "late").out
    assert signed_in("board", "late").out == "No scores yet.\n"
    assert signed_in("board", "late", "--json").json["rows"] == []


def test_download(signed_in):
    done = signed_in("download", "late", "--json")
    (path,) = done.json
    assert (signed_in.folder / path).read_text().startswith("carrier,late")


def test_submit_wait_and_look(signed_in, start_worker, file):
    start_worker()
    assert signed_in("check", "late", file).out == "This file would be accepted: 200 rows.\n"
    done = signed_in("submit", "late", file, "--wait", "--json")
    assert done.code == 0
    assert done.json["state"] == "scored"
    assert "p.csv" in signed_in("submissions", "late").out
    file.write_text("flight,delayed\nf0,maybe\n")
    refused = signed_in("submit", "late", file, "--wait", JIEBANG_LANG="zh")
    assert refused.code == 1
    assert "第" in refused.out or "行" in refused.out
    assert signed_in("check", "late", file).code == 1


def test_waiting_too_long_is_five(signed_in, file):
    late = signed_in("submit", "late", file, "--wait", "--seconds", "0.1", "--json")
    assert late.code == 5
    assert late.json["state"] == "received"


def test_not_allowed_is_four_and_says_what_to_do(jiebang, site, file):
    refused = jiebang("submit", "late", file, "--server", site)
    assert refused.code == 4
    assert "jiebang login" in refused.err
    assert refused.out == ""


def test_an_address_where_something_else_answers(signed_in, site):
    done = signed_in("show", "late", "--server", f"{site}/en")
    assert done.code == 1
    assert f"{site}/en is no Jiebang server" in done.err


def test_a_refusal_is_one(signed_in):
    missing = signed_in("show", "nosuch", JIEBANG_LANG="zh")
    assert missing.code == 1
    assert missing.err.strip()
    assert not missing.err.isascii()


def test_entering_needs_the_rules(signed_in):
    assert signed_in("enter", "late").code == 2
    again = signed_in("enter", "late", "--accept-rules")
    assert again.code in {0, 1}  # entered already: said in words, not in a trace
    assert again.out or again.err
