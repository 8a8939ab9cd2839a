"""Mails of this room: one text file a language in ``templates/mail``, its first line the subject."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import jinja2

from leaderboard.accounts.models import Person
from leaderboard.core import mail
from leaderboard.core.settings import Settings
from leaderboard.core.work import Work
from leaderboard.ui.templating import templates_folder


@cache
def _letters() -> jinja2.Environment:
    return jinja2.Environment(  # plain text: nothing is escaped, and nothing may be missing
        loader=jinja2.FileSystemLoader(templates_folder() / "mail"),
        autoescape=False,  # noqa: S701
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
    )


def post(work: Work, person: Person, letter: str, *, unsubscribe: str = "", **words: Any) -> None:
    """Queues ``letter`` to ``person``, to be sent once this transaction is committed. ``unsubscribe``: a path, see `mail.post`."""
    address = work.settings.base_url.rstrip("/") + unsubscribe if unsubscribe else ""
    mail.post(work, **_written(work.settings, person, letter, words), unsubscribe=address)


def deliver(settings: Settings, person: Person, letter: str, **words: Any) -> None:
    """Sends ``letter`` at once: for letters that carry a key, which shall not lie in the queue. Raises OSError."""
    mail.mailer(settings).send(mail.compose(_written(settings, person, letter, words), settings))


def _written(settings: Settings, person: Person, letter: str, words: Mapping[str, Any]) -> dict[str, str]:
    """``letter`` in the person's language. It sees ``name``, ``site`` (our address, never the request's) and ``words``."""
    template = _letters().get_template(f"{letter}.{person.locale}.txt")
    text = template.render(name=person.name, site=settings.base_url.rstrip("/"), **words)
    subject, _, text = text.partition("\n")
    return {"to": person.email, "name": person.name, "subject": subject, "text": text.lstrip("\n")}
