"""The accounts of a demo: who there is, kept in its folder with their passwords, and made where they are not there yet."""

import contextlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from leaderboard.accounts import people, service
from leaderboard.accounts.access import NOBODY, SYSTEM
from leaderboard.accounts.sign_in import Visitor
from leaderboard.core.errors import NotFound
from leaderboard.core.work import Resources

MARK: Final = "demo.json"
PEOPLE: Final[Mapping[str, tuple[str, str]]] = {
    # key: (e-mail address, name)
    "operator": ("operator@demo.example", "演示运维 Demo operator"),
    "organizer": ("organizer@demo.example", "演示组织者 Demo organizer"),
    "participant": ("participant@demo.example", "松山湖数据工坊"),
    "host": ("host@demo.example", "演示对接会主办 Demo event host"),
}


@dataclass(frozen=True)
class Account:
    email: str
    name: str
    password: str

    @classmethod
    def new(cls, email: str, name: str) -> "Account":
        """With a password of its own."""
        return cls(email, name, secrets.token_urlsafe(9))


def kept(folder: Path, wanted: Mapping[str, Account]) -> dict[str, Account]:
    """``wanted`` with the passwords that an earlier demo in the folder gave; all of them are kept there, readable by its owner alone."""
    mark = folder / MARK
    known = json.loads(mark.read_text(encoding="utf-8")) if mark.exists() else {}
    accounts = {**wanted, **{key: Account(**one) for key, one in known.items()}}
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    with os.fdopen(os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump({key: vars(one) for key, one in accounts.items()}, file, ensure_ascii=False, indent=1)
    return accounts


def ensure_person(resources: Resources, key: str, account: Account) -> None:
    """Registers whoever has no account yet; the operator and the organizer get their roles."""
    with contextlib.suppress(NotFound), resources.read() as work:
        people.person_by_email(work, SYSTEM, account.email)
        return
    if key == "operator":
        service.create_operator(resources, SYSTEM, email=account.email, name=account.name, password=account.password)
        return
    service.register(
        resources,
        NOBODY,
        Visitor("127.0.0.1", "demo"),
        email=account.email,
        name=account.name,
        password=account.password,
        locale="zh",
    )
    if key == "organizer":
        with resources.write() as work:
            person = people.person_by_email(work, SYSTEM, account.email)
            people.set_role(work, SYSTEM, person.id or 0, "organizer")
