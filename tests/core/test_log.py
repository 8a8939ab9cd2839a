"""No secret is written down, wherever in an event it stands."""

import json
import subprocess
import sys

import pytest

from leaderboard.core import log

TOKEN = "jb_abcdefghijklmnop"


@pytest.mark.parametrize(
    "said",
    [
        {"password": "hush"},
        {"smtp_password": "hush"},
        {"authorization": "Bearer hush"},
        {"cookie": "jiebang_session=hush"},
        {"detail": f"token {TOKEN} was used"},
        {"url": "postgresql://jiebang:hush@db/x"},
        {"reason": "connection failed: host=db password=hush user=x"},
        {"path": "/zh/invitations/hush"},
        {"path": "/en/password/new?token=hush"},
        {"path": "/api/v1/uploads/hush"},
        {"path": "/zh/challenges/x/check/hush/events"},
        {"headers": {"Cookie": "hush", "other": [f"x {TOKEN}"]}},
        {"private_score": "hush"},
    ],
)
def test_secrets_are_taken_out(said):
    text = json.dumps(log._without_secrets(None, "", {"event": "e", **said}))
    assert "hush" not in text
    assert TOKEN not in text


def test_the_rest_stays_readable():
    said = {"submission": 12, "path": "/zh/challenges/late/board", "words": "中文", "ids": [1, 2]}
    assert log._without_secrets(None, "", dict(said)) == said


PROGRAM = f"""
import logging, structlog
from leaderboard.core import log
from leaderboard.core.settings import Settings
log.configure(Settings(_env_file=None, log_format="json"))
logger = log.logger("test")
logger.debug("too quiet")
try:
    int("{TOKEN}")
except ValueError:
    logger.exception("broke", words="中文")
logging.getLogger("library").warning("token %s", "{TOKEN}")
"""


def test_lines_of_ours_and_of_libraries_are_json_without_secrets():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, encoding="utf-8", check=True)
    ours, library = (json.loads(line) for line in done.stderr.splitlines())
    assert (ours["event"], ours["level"], ours["room"], ours["words"]) == ("broke", "error", "test", "中文")
    assert "ValueError" in ours["exception"]
    assert library["event"].startswith("token")
    assert TOKEN not in done.stderr
