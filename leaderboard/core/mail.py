"""Mails leave through the queue: written with what caused them, sent by the worker, tried again when the server is down."""

import smtplib
import ssl
import sys
from collections.abc import Mapping
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy
from email.utils import formatdate
from typing import Any, Final, Protocol, TextIO
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from leaderboard.core.settings import Settings
from leaderboard.core.work import Work

JOB_KIND = "mail"
SMTP_SECONDS = 20


class _Verbatim:
    """A header that stands on one line as it is: mail programs read an address that was folded and encoded as no address."""

    max_count = 1
    name: str

    @staticmethod
    def parse(value: str, kwds: dict[str, Any]) -> None:
        kwds["decoded"], kwds["parse_tree"] = value, None

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


HEADERS: Final = HeaderRegistry()
HEADERS.map_to_type("list-unsubscribe", _Verbatim)  # type: ignore[arg-type]  # a mixin, as all types of headers are


class Mailer(Protocol):
    def send(self, message: EmailMessage) -> None:
        """Hands the message over. Raises OSError (of which SMTPException is one) when it could not be taken."""
        ...


class ConsoleMailer:
    """Prints mails: the way out until an SMTP server is set."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out

    def send(self, message: EmailMessage) -> None:
        body = message.get_content()
        print(f"--- mail to {message['To']}: {message['Subject']}\n{body}---", file=self.out or sys.stderr, flush=True)


class SmtpMailer:
    """Sends by ``smtp://user:password@host:port`` (STARTTLS where offered) or ``smtps://…``."""

    def __init__(self, url: str) -> None:
        self.url = urlsplit(url)
        if self.url.scheme not in {"smtp", "smtps"} or not self.url.hostname:
            raise ValueError("JIEBANG_SMTP_URL must look like smtp://user:password@host:port or smtps://…")

    def send(self, message: EmailMessage) -> None:
        host = self.url.hostname or ""
        context = ssl.create_default_context()
        server = (
            smtplib.SMTP_SSL(host, self.url.port or 465, timeout=SMTP_SECONDS, context=context)
            if self.url.scheme == "smtps"
            else smtplib.SMTP(host, self.url.port or 587, timeout=SMTP_SECONDS)
        )
        with server:
            if self.url.scheme == "smtp":
                server.ehlo()
                if server.has_extn("starttls"):
                    server.starttls(context=context)
            if self.url.username:
                server.login(unquote(self.url.username), unquote(self.url.password or ""))
            server.send_message(message)


def mailer(settings: Settings) -> Mailer:
    """The mailer that the settings ask for."""
    return SmtpMailer(settings.smtp_url.get_secret_value()) if settings.smtp_url else ConsoleMailer()


def post(work: Work, *, to: str, name: str, subject: str, text: str, unsubscribe: str = "") -> None:
    """Queues a plain-text mail in the caller's transaction.

    ``unsubscribe``: an address of ours that ends such mails at a POST of ``List-Unsubscribe=One-Click`` (RFC 8058).
    """
    deed = uuid4().hex
    payload = {
        "id": deed,  # the same at every try: a receiver that gets it twice can tell
        "to": to,
        "name": name,
        "subject": subject,
        "text": text,
        "unsubscribe": unsubscribe,
    }
    work.enqueue(JOB_KIND, f"mail:{deed}", payload=payload)


def compose(payload: Mapping[str, Any], settings: Settings) -> EmailMessage:
    """The message of a queued mail."""
    message = EmailMessage(policy=EmailPolicy(header_factory=HEADERS))
    message["From"] = Address("揭榜 Jiebang", addr_spec=settings.mail_from)
    message["To"] = Address(payload["name"], addr_spec=payload["to"])
    message["Subject"] = " ".join(payload["subject"].split())
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{payload.get('id') or uuid4().hex}@{settings.mail_from.rpartition('@')[2]}>"
    if payload.get("unsubscribe"):
        message["List-Unsubscribe"] = f"<{payload['unsubscribe']}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(payload["text"])
    return message
