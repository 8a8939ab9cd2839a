"""What is wrong with the command itself, or with where it points: said in a sentence, with its own exit code."""

import signal

import pytest


def test_every_verb_has_help(jiebang):
    from leaderboard.cli import VERBS

    overview = jiebang("--help")
    assert overview.code == 0
    assert all(verb in overview.out for verb in VERBS)
    assert jiebang("--version").out.startswith("jiebang ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["nosuchverb"],
        ["submit"],
        ["board", "x", "--page", "zero"],
        ["submit", "x", "no.csv"],
        ["serve", "--port", "70000"],
        ["serve", "--workers", "-1"],
        ["worker", "--workers", "0"],
        ["restore", "no.tar"],
    ],
)
def test_a_wrong_command_is_two(jiebang, arguments):
    done = jiebang(*arguments)
    assert done.code == 2
    assert "Traceback" not in done.err


def test_a_host_that_is_none_is_said_in_the_language_of_the_terminal(jiebang):
    done = jiebang("serve", "--host", "nosuch.invalid", JIEBANG_LANG="zh")
    assert done.code == 1
    assert "nosuch.invalid 不是本机的地址" in done.err


def test_a_database_that_is_not_supported_is_named_by_its_setting(jiebang):
    done = jiebang("migrate", JIEBANG_DATABASE_URL="mysql://somewhere/db")
    assert done.code == 2
    assert "JIEBANG_DATABASE_URL" in done.err


def test_an_address_that_is_none_is_two(jiebang):
    done = jiebang("challenges", "--server", "localhost:8000")
    assert done.code == 2
    assert "https://jiebang.example" in done.err


def test_a_server_that_is_not_there_is_three(jiebang):
    done = jiebang("challenges", "--server", "http://127.0.0.1:1", JIEBANG_LANG="zh")
    assert done.code == 3
    assert "127.0.0.1:1" in done.err
    assert not done.err.isascii()


@pytest.mark.parametrize("kept", ["not json", "[1]"])
def test_credentials_that_cannot_be_read(jiebang, kept):
    path = jiebang.folder / "config" / "jiebang" / "credentials.json"
    path.parent.mkdir(parents=True)
    path.write_text(kept)
    done = jiebang("challenges")
    assert done.code == 1
    assert "log in again" in done.err


def test_settings_that_cannot_be_used_are_all_named(jiebang):
    done = jiebang("migrate", JIEBANG_PORT="many", JIEBANG_LOCALE="fr")
    assert done.code == 2
    assert "JIEBANG_PORT" in done.err
    assert "JIEBANG_LOCALE" in done.err


def test_control_c_ends_quietly(jiebang):
    """A server that never answers: interrupting leaves no trace on the screen."""
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        running = jiebang.start("challenges", "--server", f"http://127.0.0.1:{silent.getsockname()[1]}")
        connection, _ = silent.accept()
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=120)
        connection.close()
    assert running.returncode in {1, 130}
    assert "Traceback" not in err
