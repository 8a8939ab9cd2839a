import socket
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from argon2 import PasswordHasher
from pydantic import SecretStr

from leaderboard.accounts import passwords
from leaderboard.core.settings import Settings
from leaderboard.core.work import Resources
from tests.accounts.factories import PASSWORD, Ledger, Letterbox, People, PostOffice


@pytest.fixture(autouse=True)
def _cheap_hashes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same argon2id with little work: these tests need what it does, not what it costs. Its own tests pay in full."""
    if not request.path.name.startswith("test_passwords"):
        monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))


@pytest.fixture
def password_hash() -> str:
    return passwords.hashed(PASSWORD)


@pytest.fixture
def people(resources: Resources, password_hash: str) -> People:
    return People(resources, password_hash)


@pytest.fixture
def ledger(resources: Resources) -> Ledger:
    return Ledger(resources)


@pytest.fixture
def post_office(resources: Resources, settings: Settings) -> Iterator[PostOffice]:
    box = Letterbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    settings.smtp_url = SecretStr(f"smtp://127.0.0.1:{port}")
    yield PostOffice(resources, box)
    controller.stop()
